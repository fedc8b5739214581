/* SPDX-License-Identifier: MIT */
#include "before/shown.h"

#include <errno.h>
#include <string.h>

#include <coracle/base64.h>
#include <coracle/str.h>
#include <coracle/uri.h>

const struct cor_node *cor_scheme_named(const struct cor_node *document, const char *name)
{
	return cor_node_get(
		cor_node_get(cor_node_get(document, "components"), "securitySchemes"), name);
}

static struct cor_str text_of(const struct cor_node *object, const char *name)
{
	struct cor_str text;

	return cor_node_to_text(cor_node_get(object, name), &text) < 0 ? (struct cor_str){ "", 0 }
								       : text;
}

static bool is(const struct cor_node *object, const char *name, const char *value)
{
	return cor_str_equal(text_of(object, name), cor_str(value));
}

bool cor_scheme_is_cookie(const struct cor_node *scheme, const char *name)
{
	return is(scheme, "type", "apiKey") && is(scheme, "in", "cookie") &&
	       is(scheme, "name", name);
}

static const char *basic(struct cor_arena *arena, const char *secret)
{
	const char *login = strchr(secret, ':') ? secret
						: cor_arena_printf(arena, "%s:%s", secret, secret);
	char *text = login ? cor_arena_zalloc(arena, cor_base64_text_bytes(strlen(login)) + 1)
			   : NULL;

	if (!text)
		return NULL;
	cor_base64_print(cor_str(login), text);
	return cor_arena_printf(arena, "Basic %s", text);
}

static const char *pair(struct cor_arena *arena, const char *name, const char *value)
{
	return name && value ? cor_arena_printf(arena, "%s=%s", name, value) : NULL;
}

static int show_key(struct cor_arena *arena, const struct cor_node *scheme, const char *secret,
	struct cor_shown *ret)
{
	struct cor_str text = text_of(scheme, "name");
	const char *name = cor_arena_copy(arena, text.data, text.len);

	if (!name)
		return -ENOMEM;
	if (is(scheme, "in", "header")) {
		ret->header = name;
		ret->value = secret;
		return 0;
	}
	bool is_cookie = is(scheme, "in", "cookie");
	const char *all = is_cookie ? pair(arena, name, secret)
				    : pair(arena, cor_percent_encode(arena, name),
					      cor_percent_encode(arena, secret));
	*(is_cookie ? &ret->cookie : &ret->query) = all;
	return all ? 0 : -ENOMEM;
}

int cor_shown_of(struct cor_arena *arena, const struct cor_node *scheme, const char *secret,
	struct cor_shown *ret)
{
	struct cor_str way = text_of(scheme, "scheme");

	*ret = (struct cor_shown){ .header = NULL };
	if (text_of(scheme, "type").len == 0 || is(scheme, "type", "mutualTLS"))
		return 0;
	if (is(scheme, "type", "apiKey"))
		return show_key(arena, scheme, secret, ret);
	ret->header = "Authorization";
	if (cor_str_equal(way, COR_STR("basic")))
		ret->value = basic(arena, secret);
	else if (way.len && !cor_str_equal(way, COR_STR("bearer")))
		ret->value = cor_arena_printf(arena, "%.*s %s", (int)way.len, way.data, secret);
	else
		ret->value = cor_arena_printf(arena, "Bearer %s", secret);
	return ret->value ? 0 : -ENOMEM;
}

/* The option with which a program of the command line shows it. */
static const char *option_of(struct cor_arena *arena, const struct cor_node *scheme)
{
	struct cor_shown shown;

	if (is(scheme, "scheme", "basic"))
		return "--header 'Authorization: Basic BASE64'";
	const char *secret = is(scheme, "type", "apiKey") ? "KEY" : "TOKEN";
	if (cor_shown_of(arena, scheme, secret, &shown) < 0)
		return NULL;
	if (shown.header)
		return cor_arena_printf(arena, "--header '%s: %s'", shown.header, shown.value);
	if (shown.cookie)
		return cor_arena_printf(arena, "--header 'Cookie: %s'", shown.cookie);
	return shown.query ? cor_arena_printf(arena, "--param %s", shown.query) : NULL;
}

const char *cor_shown_hint(struct cor_arena *arena, const struct cor_node *document,
	const struct cor_node *security, bool is_file_sent)
{
	for (size_t i = 0; i < cor_node_len(security); i++) {
		struct cor_str key = cor_node_key(cor_node_item(security, i), 0);
		const char *name = key.data ? cor_arena_copy(arena, key.data, key.len) : NULL;
		const struct cor_node *scheme = name ? cor_scheme_named(document, name) : NULL;
		const char *option = scheme ? option_of(arena, scheme) : NULL;
		if (option && !is_file_sent)
			return cor_arena_printf(arena, "give %s", option);
		if (option && is(scheme, "in", "cookie"))
			return cor_arena_printf(arena,
				"log in in test/before.http (its cookie is kept), or give %s",
				option);
		if (option)
			return cor_arena_printf(arena,
				"give \"# @credential %s %s\" in test/before.http, or %s", name,
				is(scheme, "scheme", "basic")  ? "NAME:PASSWORD"
				: is(scheme, "type", "apiKey") ? "KEY"
							       : "TOKEN",
				option);
	}
	return NULL;
}
