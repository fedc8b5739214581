/* SPDX-License-Identifier: MIT */
#include "cache/key.h"

#include <errno.h>

#include <coracle/error.h>

#include "base/number.h"
#include "cache/caches.h"

int cor_cache_key_append(struct cor_cache_key *key, struct cor_str text)
{
	if (text.len > sizeof key->bytes - key->len)
		return -COR_ETOOLARGE;
	if (text.len != 0)
		memcpy(key->bytes + key->len, text.data, text.len);
	key->len += text.len;
	return 0;
}

static int append_text(struct cor_cache_key *key, struct cor_str text)
{
	char number[COR_NUMBER_BYTES];
	size_t len = cor_number_print_uint64(text.len, number);
	int rc = text.data ? 0 : -EINVAL;

	if (rc == 0)
		rc = cor_cache_key_append(key, (struct cor_str){ number, len });
	if (rc == 0)
		rc = cor_cache_key_append(key, COR_STR(":"));
	return rc < 0 ? rc : cor_cache_key_append(key, text);
}

static bool goes_on_as_a_number(char next)
{
	return next == '{' || (next >= '0' && next <= '9');
}

static int append_number(struct cor_cache_key *key, const struct cor_argument *argument, char next)
{
	char number[COR_NUMBER_BYTES];
	size_t len = argument->kind == COR_ARGUMENT_SIGNED
			     ? cor_number_print_int64(argument->value.number, number)
			     : cor_number_print_uint64(argument->value.unsigned_number, number);
	int rc = cor_cache_key_append(key, (struct cor_str){ number, len });

	return rc == 0 && goes_on_as_a_number(next) ? cor_cache_key_append(key, COR_STR(";")) : rc;
}

static int append_argument(
	struct cor_cache_key *key, const struct cor_argument *argument, char next)
{
	char uuid[COR_UUID_TEXT_BYTES];

	switch (argument->kind) {
	case COR_ARGUMENT_TEXT:
		return append_text(key, argument->value.text);
	case COR_ARGUMENT_SIGNED:
	case COR_ARGUMENT_UNSIGNED:
		return append_number(key, argument, next);
	case COR_ARGUMENT_UUID:
		cor_uuid_print(&argument->value.uuid, uuid);
		return cor_cache_key_append(key, cor_str(uuid));
	case COR_ARGUMENT_NONE:
		break;
	}
	return -EINVAL; /* there are more {} than arguments */
}

int cor_cache_key_make(struct cor_cache_key *ret, struct cor_template template)
{
	static const struct cor_argument none = { 0 };
	const struct cor_argument *argument = template.arguments ? template.arguments : &none;
	const char *at = template.text;
	int rc = at && at[0] ? 0 : -EINVAL;

	ret->len = 0;
	while (rc == 0 && *at) {
		if (at[0] == '{' && at[1] == '}') {
			at += 2;
			rc = append_argument(ret, argument, *at);
			argument += argument->kind != COR_ARGUMENT_NONE;
			continue;
		}
		size_t len = 1 + strcspn(at + 1, "{");
		rc = cor_cache_key_append(ret, (struct cor_str){ at, len });
		at += len;
	}
	return rc == 0 && argument->kind != COR_ARGUMENT_NONE ? -EINVAL : rc;
}

static const char *fault_of(struct cor_template template)
{
	size_t places = 0, arguments = 0;

	if (!template.text || !template.text[0])
		return "is empty";
	for (const char *at = strstr(template.text, "{}"); at; at = strstr(at + 2, "{}"))
		places++;
	while (template.arguments && template.arguments[arguments].kind != COR_ARGUMENT_NONE)
		arguments++;
	return places == arguments  ? "has an argument that is NULL"
	       : places > arguments ? "has more {} than arguments"
				    : "has more arguments than {}";
}

int cor_cache_key_of(struct cor_ctx *ctx, struct cor_template template, struct cor_cache_key *ret)
{
	int rc = cor_cache_key_make(ret, template);

	return rc != -EINVAL ? rc
			     : cor_cache_misused(ctx, rc, "the key \"%s\" of a cache %s",
				       template.text ? template.text : "", fault_of(template));
}
