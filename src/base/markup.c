/* SPDX-License-Identifier: MIT */
#include "base/markup.h"

void cor_markup(struct cor_buffer *buffer, struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		if (byte == '&')
			cor_buffer_literal(buffer, "&amp;");
		else if (byte == '<')
			cor_buffer_literal(buffer, "&lt;");
		else if (byte == '>')
			cor_buffer_literal(buffer, "&gt;");
		else if (byte == '"')
			cor_buffer_literal(buffer, "&quot;");
		else if (byte >= ' ' || byte == '\t' || byte == '\n')
			cor_buffer_byte(buffer, (char)byte);
	}
}
