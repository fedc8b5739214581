/* SPDX-License-Identifier: MIT */
#include "http/cookie.h"

#include <string.h>
#include <strings.h>

#include "http/chars.h"

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

/* --- values --- */

/* RFC 6265 section 4.1.1: cookie-octet. */
static bool is_octet(char byte)
{
	return byte > ' ' && byte < 0x7f && !strchr("\",;\\", byte);
}

static struct cor_str without_quotes(struct cor_str value)
{
	if (value.len < 2 || value.data[0] != '"' || value.data[value.len - 1] != '"')
		return value;
	return (struct cor_str){ value.data + 1, value.len - 2 };
}

static bool is_encoded(struct cor_str text, size_t at)
{
	return text.data[at] == '%' && text.len - at > 2 &&
	       cor_char_is(text.data[at + 1], COR_CHAR_HEX) &&
	       cor_char_is(text.data[at + 2], COR_CHAR_HEX);
}

struct cor_str cor_cookie_decode(struct cor_arena *arena, struct cor_str value)
{
	struct cor_str text = without_quotes(value);
	size_t len = 0;

	if (text.len == 0 || !memchr(text.data, '%', text.len))
		return text;
	char *decoded = cor_arena_alloc(arena, text.len + 1);
	for (size_t i = 0; decoded && i < text.len; i++) {
		if (!is_encoded(text, i)) {
			decoded[len++] = text.data[i];
			continue;
		}
		decoded[len++] = (char)(cor_hex_value(text.data[i + 1]) << 4 |
					cor_hex_value(text.data[i + 2]));
		i += 2;
	}
	return (struct cor_str){ decoded, len };
}

void cor_cookie_encode(struct cor_buffer *buffer, struct cor_str value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (is_octet(value.data[i]) && value.data[i] != '%')
			cor_buffer_byte(buffer, value.data[i]);
		else
			cor_buffer_printf(buffer, "%%%02X", (unsigned char)value.data[i]);
	}
}

/* --- Set-Cookie --- */

static bool is_attribute(struct cor_str text, struct cor_str name)
{
	return text.len == name.len &&
	       (name.len == 0 || strncasecmp(text.data, name.data, name.len) == 0);
}

/* RFC 6265 section 5.2: of several, the last one counts. */
static struct cor_str attribute(struct cor_str field, struct cor_str name)
{
	struct cor_str found = { 0 };

	(void)take_until(&field, ';');
	while (field.len != 0) {
		struct cor_str value = take_until(&field, ';');
		if (is_attribute(trim(take_until(&value, '=')), name))
			found = trim(value);
	}
	return found;
}

bool cor_set_cookie_is_same(struct cor_str a, struct cor_str b)
{
	struct cor_str rest_a = a, rest_b = b;

	return cor_str_equal(trim(take_until(&rest_a, '=')), trim(take_until(&rest_b, '='))) &&
	       cor_str_equal(attribute(a, COR_STR("path")), attribute(b, COR_STR("path"))) &&
	       is_attribute(attribute(a, COR_STR("domain")), attribute(b, COR_STR("domain")));
}
