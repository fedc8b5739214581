/* SPDX-License-Identifier: MIT */
#include "http/cookie.h"

#include <string.h>

static struct cor_str trim(struct cor_str text)
{
	while (text.len != 0 && (*text.data == ' ' || *text.data == '\t'))
		text = (struct cor_str){ text.data + 1, text.len - 1 };
	while (text.len != 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* What stands before the byte, or all of it; *rest is what stands behind. */
static struct cor_str take_until(struct cor_str *rest, char byte)
{
	const char *end = rest->len ? memchr(rest->data, byte, rest->len) : NULL;
	size_t len = end ? (size_t)(end - rest->data) : rest->len;
	struct cor_str taken = { rest->data, len };

	len += end != NULL;
	*rest = (struct cor_str){ rest->data + len, rest->len - len };
	return taken;
}

bool cor_cookie_next(struct cor_str *rest, struct cor_str *ret_name, struct cor_str *ret_value)
{
	while (rest->len != 0) {
		struct cor_str value = take_until(rest, ';');
		bool has_name = value.len && memchr(value.data, '=', value.len);
		struct cor_str name = trim(take_until(&value, '='));
		if (!has_name || name.len == 0)
			continue;
		*ret_name = name;
		*ret_value = trim(value);
		return true;
	}
	return false;
}

struct cor_str cor_cookie_find(struct cor_str header, struct cor_str name)
{
	struct cor_str found, value;

	while (cor_cookie_next(&header, &found, &value))
		if (cor_str_equal(found, name))
			return value;
	return (struct cor_str){ 0 };
}
