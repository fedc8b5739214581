/* SPDX-License-Identifier: MIT */
/* The header lines that handlers, middleware and rows add to a reply. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "exchange/caller.h"
#include "exchange/exchange.h"
#include "http/cookie.h"
#include "http/response.h"

static bool is_among(const char *const *names, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

bool cor_exchange_writes_field(const char *name)
{
	static const char *const names[] = {
		"content-length",
		"content-type",
		"transfer-encoding",
		"connection",
		"keep-alive",
		"date",
		"upgrade",
		"trailer",
	};

	return is_among(names, sizeof names / sizeof names[0], name);
}

/*
 * Not lists (RFC 9110 section 5.5): two lines are an error, and clients disagree which one counts.
 */
static bool stands_once(const char *name)
{
	static const char *const names[] = {
		"access-control-allow-credentials",
		"access-control-allow-origin",
		"access-control-max-age",
		"age",
		"content-disposition",
		"content-location",
		"content-range",
		"deprecation",
		"etag",
		"expires",
		"last-modified",
		"location",
		"retry-after",
		"server",
		"strict-transport-security",
		"sunset",
		"x-content-type-options",
		"x-frame-options",
		"x-request-id",
	};

	return is_among(names, sizeof names / sizeof names[0], name);
}

static struct cor_reply_field *find_once(const struct cor_exchange *x, const char *name)
{
	struct cor_reply_field *field = stands_once(name) ? x->fields_out : NULL;

	while (field && strcasecmp(field->name.data, name) != 0)
		field = field->next;
	return field;
}

/* RFC 6265 section 4.1.1: one line for a cookie. */
static struct cor_reply_field *find_cookie(const struct cor_exchange *x, struct cor_str value)
{
	struct cor_reply_field *field = x->fields_out;

	while (field && (strcasecmp(field->name.data, "set-cookie") != 0 ||
				!cor_set_cookie_is_same(field->value, value)))
		field = field->next;
	return field;
}

/* What is a list: said twice, also by a handler on an executor, it is the same. */
static struct cor_reply_field *find_vary(const struct cor_exchange *x, struct cor_str value)
{
	struct cor_reply_field *field = x->fields_out;

	while (field &&
		(strcasecmp(field->name.data, "vary") != 0 || !cor_str_equal(field->value, value)))
		field = field->next;
	return field;
}

static struct cor_reply_field *find_before(
	const struct cor_exchange *x, const char *name, struct cor_str value)
{
	if (strcasecmp(name, "vary") == 0)
		return find_vary(x, value);
	return strcasecmp(name, "set-cookie") == 0 ? find_cookie(x, value) : find_once(x, name);
}

bool cor_exchange_has_said(const struct cor_exchange *x, const char *name)
{
	return find_once(x, name) != NULL;
}

bool cor_exchange_replace_field(struct cor_exchange *x, const char *name, struct cor_str value)
{
	struct cor_reply_field *before = find_before(x, name, value);

	if (before)
		before->value = value;
	return before != NULL;
}

void cor_exchange_link_field(struct cor_exchange *x, struct cor_reply_field *field)
{
	if (x->fields_out_last)
		x->fields_out_last->next = field;
	else
		x->fields_out = field;
	x->fields_out_last = field;
}

int cor_exchange_add_field(struct cor_exchange *x, const char *name, struct cor_str value)
{
	struct cor_reply_field *field = cor_arena_alloc(&x->ctx.arena, sizeof *field);

	if (!field)
		return -ENOMEM;
	*field = (struct cor_reply_field){ .name = cor_str(name), .value = value };
	cor_exchange_link_field(x, field);
	return 0;
}

/*
 * A path of this service is a path of its proxy with the prefix before it. Once: what a handler
 * adds in an executor comes here again.
 */
static bool gets_prefix(const struct cor_exchange *x, const char *name, const char *value)
{
	return value[0] == '/' && value[1] != '/' && x->ops->respond && x->ops->caller &&
	       (strcasecmp(name, "location") == 0 || strcasecmp(name, "content-location") == 0);
}

/* Its value in ctx memory. NULL without it. */
static const char *copy_value(struct cor_exchange *x, const char *name, const char *value)
{
	struct cor_str prefix = { 0 };

	if (gets_prefix(x, name, value)) {
		cor_ctx_look(&x->ctx, "cor_reply_header");
		prefix = cor_exchange_caller(x).prefix;
	}
	if (prefix.len == 0)
		return cor_strdup(&x->ctx, value);
	return cor_printf(&x->ctx, "%.*s%s", (int)prefix.len, prefix.data, value);
}

int cor_reply_header(struct cor_ctx *ctx, const char *name, const char *value)
{
	struct cor_exchange *x = cor_exchange_of(ctx);
	struct cor_str text = cor_str(value);

	if (!cor_field_name_valid(cor_str(name)) || !cor_field_value_valid(text) ||
		cor_exchange_writes_field(name))
		return -EINVAL;
	if (!x)
		return 0;
	if (x->reply_state != COR_REPLY_NONE)
		return -COR_ECLOSED;
	text.data = copy_value(x, name, value);
	if (!text.data)
		return -ENOMEM;
	text.len = strlen(text.data);
	struct cor_reply_field *before = find_before(x, name, text);
	if (!before) {
		name = cor_strdup(ctx, name);
		return name ? cor_exchange_add_field(x, name, text) : -ENOMEM;
	}
	before->value = text;
	return 0;
}
