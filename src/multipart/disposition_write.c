/* SPDX-License-Identifier: MIT */
#include "multipart/disposition_write.h"

#include <stdbool.h>

#include <coracle/error.h>

#include "base/utf8.h"

static bool may_be_sent(struct cor_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char byte = (unsigned char)name.data[i];
		if (byte == 0x7f || (byte < ' ' && byte != '\r' && byte != '\n' && byte != '\t'))
			return false;
	}
	return cor_utf8_valid(name);
}

static void append_quoted(struct cor_buffer *buffer, struct cor_str name)
{
	cor_buffer_byte(buffer, '"');
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] == '"')
			cor_buffer_literal(buffer, "%22");
		else if (name.data[i] == '\r')
			cor_buffer_literal(buffer, "%0D");
		else if (name.data[i] == '\n')
			cor_buffer_literal(buffer, "%0A");
		else
			cor_buffer_byte(buffer, name.data[i]);
	}
	cor_buffer_byte(buffer, '"');
}

int cor_disposition_append(struct cor_buffer *buffer, struct cor_str name, const char *file_name)
{
	/* in front of a quote, some readers take a backslash for an escape of it */
	bool hides_quote = name.len > 0 && name.data[name.len - 1] == '\\';

	if (hides_quote || !may_be_sent(name) || (file_name && !may_be_sent(cor_str(file_name))))
		return -COR_EINVALID;
	cor_buffer_literal(buffer, "Content-Disposition: form-data; name=");
	append_quoted(buffer, name);
	if (file_name) {
		cor_buffer_literal(buffer, "; filename=");
		append_quoted(buffer, cor_str(file_name));
	}
	return 0;
}
