/* SPDX-License-Identifier: MIT */
#include "json/string.h"

#include <string.h>

#include <coracle/error.h>

/* What stands for the character behind a backslash; 0 for none. 'u' is apart. */
static char simple_escape(char letter)
{
	switch (letter) {
	case '"':
	case '\\':
	case '/':
		return letter;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return 0;
	}
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	char lower = (char)(digit | 0x20);
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The code unit in the "uXXXX" at `at`; -1 if there is none. */
static int32_t code_unit(const char *at, const char *end)
{
	int32_t unit = 0;

	if (end - at < 5 || *at != 'u')
		return -1;
	for (int i = 1; i <= 4; i++) {
		int value = hex_value(at[i]);
		if (value < 0)
			return -1;
		unit = unit << 4 | value;
	}
	return unit;
}

static bool is_high(int32_t unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(int32_t unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* The length of the well-formed escape behind the backslash before `at`; 0 if there is none. */
static unsigned escape_length(const char *at, const char *end)
{
	if (at < end && simple_escape(*at) != 0)
		return 1;
	int32_t unit = code_unit(at, end);
	if (unit < 0 || is_low(unit))
		return 0;
	if (!is_high(unit))
		return 5;
	if (end - at < 6 || at[5] != '\\' || !is_low(code_unit(at + 6, end)))
		return 0;
	return 11;
}

int cor_json_check_string(const char *at, const char *end, const char **ret_at, bool *ret_escaped)
{
	*ret_escaped = false;
	for (;;) {
		at = cor_json_scan_text(at, end);
		*ret_at = at;
		if (at == end || (*at != '"' && *at != '\\'))
			return -COR_ESYNTAX;
		if (*at == '"')
			return 0;
		*ret_escaped = true;
		unsigned len = escape_length(at + 1, end);
		if (len == 0)
			return -COR_ESYNTAX;
		at += 1 + len;
	}
}

/* The code point of the checked escape "uXXXX" or pair of them at *at, which moves behind it. */
static uint32_t escaped_code_point(const char **at, const char *end)
{
	int32_t unit = code_unit(*at, end);

	*at += 5;
	if (!is_high(unit))
		return (uint32_t)unit;
	int32_t low = code_unit(*at + 1, end);
	*at += 6;
	return 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
}

size_t cor_json_unescape(const char *at, const char *end, char *out)
{
	const char *start = out;

	for (;;) {
		const char *backslash = memchr(at, '\\', (size_t)(end - at));
		const char *stop = backslash ? backslash : end;
		memcpy(out, at, (size_t)(stop - at));
		out += stop - at;
		if (!backslash)
			return (size_t)(out - start);
		at = backslash + 1;
		if (*at == 'u')
			out += cor_utf8_encode(escaped_code_point(&at, end), out);
		else
			*out++ = simple_escape(*at++);
	}
}
