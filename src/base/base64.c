/* SPDX-License-Identifier: MIT */
#include <coracle/base64.h>

#include <stdbool.h>
#include <stdint.h>

#include <coracle/error.h>

#define COMMON "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
static const char alphabet[] = COMMON "+/";
static const char url_alphabet[] = COMMON "-_";

/* The first `taken` bytes, 1 to 3, as `taken` + 1 characters. */
static void print_group(
	const unsigned char *at, size_t taken, const char letters[static 64], char *out)
{
	uint32_t group = (uint32_t)at[0] << 16;

	group |= taken > 1 ? (uint32_t)at[1] << 8 : 0;
	group |= taken > 2 ? (uint32_t)at[2] : 0;
	for (size_t i = 0; i <= taken; i++)
		out[i] = letters[group >> (18 - 6 * i) & 63];
}

void cor_base64_print(struct cor_str bytes, char *out)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	size_t left = bytes.len;

	for (; left >= 3; at += 3, left -= 3, out += 4)
		print_group(at, 3, alphabet, out);
	if (left == 0)
		return;
	print_group(at, left, alphabet, out);
	out[2] = left == 2 ? out[2] : '=';
	out[3] = '=';
}

void cor_base64url_print(struct cor_str bytes, char *out)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	size_t left = bytes.len;

	for (; left >= 3; at += 3, left -= 3, out += 4)
		print_group(at, 3, url_alphabet, out);
	if (left != 0)
		print_group(at, left, url_alphabet, out);
}

/* 64: none. */
static uint32_t value_of(char c, const char letters[static 64])
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a' + 26);
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0' + 52);
	return c == letters[62] ? 62 : c == letters[63] ? 63 : 64;
}

/* Four characters of which the last `missing` are not there. */
static bool read_group(const char *at, unsigned missing, const char letters[static 64], char *out)
{
	uint32_t group = 0;

	for (unsigned i = 0; i < 4; i++) {
		uint32_t value = i < 4 - missing ? value_of(at[i], letters) : 0;
		if (value == 64)
			return false;
		group = group << 6 | value;
	}
	for (unsigned i = 0; i < 3 - missing; i++)
		out[i] = (char)(group >> (16 - 8 * i));
	return (group & ((1U << 8 * missing) - 1)) == 0;
}

int cor_base64_parse(struct cor_str text, char *out, size_t *ret_len)
{
	unsigned padding = 0;

	if (text.len % 4 != 0)
		return -COR_ESYNTAX;
	if (text.len != 0 && text.data[text.len - 1] == '=')
		padding = text.data[text.len - 2] == '=' ? 2 : 1;
	for (size_t i = 0; i < text.len; i += 4, out += 3)
		if (!read_group(text.data + i, i + 4 == text.len ? padding : 0, alphabet, out))
			return -COR_ESYNTAX;
	*ret_len = text.len / 4 * 3 - padding;
	return 0;
}

int cor_base64url_parse(struct cor_str text, char *out, size_t *ret_len)
{
	if (text.len % 4 == 1)
		return -COR_ESYNTAX;
	for (size_t i = 0; i < text.len; i += 4, out += 3) {
		unsigned missing = text.len - i < 4 ? (unsigned)(4 - (text.len - i)) : 0;
		if (!read_group(text.data + i, missing, url_alphabet, out))
			return -COR_ESYNTAX;
	}
	*ret_len = cor_base64url_bytes(text);
	return 0;
}
