/* SPDX-License-Identifier: MIT */
#include "http/parameter.h"

#include <coracle/error.h>

#include "http/chars.h"

static struct cor_str take(struct cor_str *rest, size_t len)
{
	struct cor_str taken = { rest->data, len };

	rest->data += len;
	rest->len -= len;
	return taken;
}

void cor_take_blanks(struct cor_str *rest)
{
	while (rest->len > 0 && cor_char_is_blank(rest->data[0]))
		take(rest, 1);
}

bool cor_take_token(struct cor_str *rest, struct cor_str *ret)
{
	size_t len = 0;

	while (len < rest->len && cor_char_is(rest->data[len], COR_CHAR_TOKEN))
		len++;
	if (len == 0)
		return false;
	*ret = take(rest, len);
	return true;
}

bool cor_take_byte(struct cor_str *rest, char byte)
{
	if (rest->len == 0 || rest->data[0] != byte)
		return false;
	take(rest, 1);
	return true;
}

/*
 * quoted-string: any text without controls; '"' and '\' have a '\' before them
 */
static bool take_quoted(struct cor_str *rest, struct cor_str *ret)
{
	size_t i = 1;

	while (i < rest->len && rest->data[i] != '"') {
		if (rest->data[i] == '\\')
			i++;
		if (i == rest->len ||
			((unsigned char)rest->data[i] < 0x20 && rest->data[i] != '\t') ||
			rest->data[i] == 0x7f)
			return false;
		i++;
	}
	if (i >= rest->len)
		return false;
	struct cor_str whole = take(rest, i + 1);
	*ret = (struct cor_str){ whole.data + 1, whole.len - 2 };
	return true;
}

bool cor_take_value(struct cor_str *rest, struct cor_str *ret)
{
	return rest->len > 0 && rest->data[0] == '"' ? take_quoted(rest, ret)
						     : cor_take_token(rest, ret);
}

int cor_take_parameter(struct cor_str *rest, struct cor_str *ret_name, struct cor_str *ret_value)
{
	bool semicolon = false;

	for (cor_take_blanks(rest); cor_take_byte(rest, ';'); cor_take_blanks(rest))
		semicolon = true;
	if (!semicolon || rest->len == 0 || rest->data[0] == ',')
		return 0;
	if (!cor_take_token(rest, ret_name) || !cor_take_byte(rest, '='))
		return -COR_ESYNTAX;
	return cor_take_value(rest, ret_value) ? 1 : -COR_ESYNTAX;
}
