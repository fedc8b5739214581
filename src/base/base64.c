/* SPDX-License-Identifier: MIT */
#include <coracle/base64.h>

#include <stdbool.h>
#include <stdint.h>

#include <coracle/error.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void cor_base64_print(struct cor_str bytes, char *out)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	size_t left = bytes.len;

	for (; left != 0; out += 4) {
		uint32_t group = (uint32_t)at[0] << 16;
		size_t taken = left < 3 ? left : 3;
		group |= taken > 1 ? (uint32_t)at[1] << 8 : 0;
		group |= taken > 2 ? (uint32_t)at[2] : 0;
		out[0] = alphabet[group >> 18];
		out[1] = alphabet[group >> 12 & 63];
		out[2] = taken > 1 ? alphabet[group >> 6 & 63] : '=';
		out[3] = taken > 2 ? alphabet[group & 63] : '=';
		at += taken;
		left -= taken;
	}
}

/* 64: none. */
static uint32_t value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a' + 26);
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0' + 52);
	return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* Four characters of which the last `padding` are "=". */
static bool read_group(const char *at, unsigned padding, char *out)
{
	uint32_t group = 0;

	for (unsigned i = 0; i < 4; i++) {
		uint32_t value = i < 4 - padding ? value_of(at[i]) : 0;
		if (value == 64)
			return false;
		group = group << 6 | value;
	}
	for (unsigned i = 0; i < 3 - padding; i++)
		out[i] = (char)(group >> (16 - 8 * i));
	return (group & ((1U << 8 * padding) - 1)) == 0;
}

int cor_base64_parse(struct cor_str text, char *out, size_t *ret_len)
{
	unsigned padding = 0;

	if (text.len % 4 != 0)
		return -COR_ESYNTAX;
	if (text.len != 0 && text.data[text.len - 1] == '=')
		padding = text.data[text.len - 2] == '=' ? 2 : 1;
	for (size_t i = 0; i < text.len; i += 4, out += 3)
		if (!read_group(text.data + i, i + 4 == text.len ? padding : 0, out))
			return -COR_ESYNTAX;
	*ret_len = text.len / 4 * 3 - padding;
	return 0;
}
