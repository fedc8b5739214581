/* SPDX-License-Identifier: MIT */
#include <coracle/uuid.h>

#include <coracle/error.h>

static const char digits[] = "0123456789abcdef";

static bool hyphen_at(int i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void cor_uuid_print(const struct cor_uuid *uuid, char text[COR_UUID_TEXT_BYTES])
{
	char *out = text;

	for (int i = 0; i < 16; i++) {
		if (hyphen_at((int)(out - text)))
			*out++ = '-';
		*out++ = digits[uuid->bytes[i] >> 4];
		*out++ = digits[uuid->bytes[i] & 15];
	}
	*out = '\0';
}

int cor_uuid_parse(struct cor_str text, struct cor_uuid *ret)
{
	struct cor_uuid uuid;
	int byte = 0;

	if (text.len != COR_UUID_TEXT_BYTES - 1)
		return -COR_ESYNTAX;
	for (int i = 0; i < COR_UUID_TEXT_BYTES - 1;) {
		if (hyphen_at(i)) {
			if (text.data[i++] != '-')
				return -COR_ESYNTAX;
			continue;
		}
		int high = hex_value(text.data[i]);
		int low = hex_value(text.data[i + 1]);
		if (high < 0 || low < 0)
			return -COR_ESYNTAX;
		uuid.bytes[byte++] = (uint8_t)(high << 4 | low);
		i += 2;
	}
	*ret = uuid;
	return 0;
}
