/* SPDX-License-Identifier: MIT */
#include "http/challenge.h"

#include <string.h>
#include <strings.h>

#include "http/parameter.h"

static void take_separators(struct cor_str *rest)
{
	do
		cor_take_blanks(rest);
	while (cor_take_byte(rest, ','));
}

/* name = value, with blanks around the '=' (section 11.2). */
static bool take_pair(struct cor_str *rest, struct cor_str *ret_name, struct cor_str *ret_value)
{
	struct cor_str at = *rest;

	if (!cor_take_token(&at, ret_name))
		return false;
	cor_take_blanks(&at);
	if (!cor_take_byte(&at, '='))
		return false;
	cor_take_blanks(&at);
	if (!cor_take_value(&at, ret_value))
		return false;
	cor_take_blanks(&at);
	if (at.len != 0 && *at.data != ',')
		return false;
	*rest = at;
	return true;
}

/* token68: what "Basic" and "Negotiate" have. It has no parameters. */
static void pass_token68(struct cor_str *rest)
{
	struct cor_str at = *rest;

	while (at.len != 0 && *at.data != ',' && *at.data != ' ' && *at.data != '\t')
		at = (struct cor_str){ at.data + 1, at.len - 1 };
	cor_take_blanks(&at);
	if (at.len == 0 || *at.data == ',')
		*rest = at;
}

bool cor_challenge_next(
	struct cor_str *rest, struct cor_str *ret_scheme, struct cor_str *ret_parameters)
{
	struct cor_str name, value;

	take_separators(rest);
	if (!cor_take_token(rest, ret_scheme) ||
		(rest->len != 0 && *rest->data != ' ' && *rest->data != ',' && *rest->data != '\t'))
		return false;
	cor_take_blanks(rest);
	const char *begin = rest->data, *end = begin;
	while (take_pair(rest, &name, &value)) {
		end = rest->data;
		take_separators(rest);
	}
	if (end == begin && rest->len != 0 && *rest->data != ',')
		pass_token68(rest);
	*ret_parameters = (struct cor_str){ begin, (size_t)(end - begin) };
	return true;
}

struct cor_str cor_challenge_parameter(struct cor_str parameters, const char *name)
{
	struct cor_str found, value;

	take_separators(&parameters);
	while (take_pair(&parameters, &found, &value)) {
		if (found.len == strlen(name) && strncasecmp(found.data, name, found.len) == 0)
			return value;
		take_separators(&parameters);
	}
	return (struct cor_str){ NULL, 0 };
}
