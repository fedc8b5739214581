/* SPDX-License-Identifier: MIT */
#include "coverage/markup.h"

void cor_markup(struct cor_buffer *buffer, struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		if (byte == '&')
			cor_buffer_append_str(buffer, COR_STR("&amp;"));
		else if (byte == '<')
			cor_buffer_append_str(buffer, COR_STR("&lt;"));
		else if (byte == '>')
			cor_buffer_append_str(buffer, COR_STR("&gt;"));
		else if (byte == '"')
			cor_buffer_append_str(buffer, COR_STR("&quot;"));
		else if (byte >= ' ' || byte == '\t')
			cor_buffer_byte(buffer, (char)byte);
	}
}
