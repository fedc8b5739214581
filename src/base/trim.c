/* SPDX-License-Identifier: MIT */
#include "base/trim.h"

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

struct cor_str cor_trim(struct cor_str text)
{
	while (text.len != 0 && is_blank(text.data[0])) {
		text.data++;
		text.len--;
	}
	while (text.len != 0 && is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}
