/* SPDX-License-Identifier: MIT */
#include "nginx/text.h"

#include <inttypes.h>
#include <string.h>

static bool is_bare(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("/._-:[]", byte));
}

/* A backslash is undone before these alone; elsewhere nginx keeps it. */
static void append_quoted(struct cor_buffer *buffer, const char *text)
{
	cor_buffer_byte(buffer, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			cor_buffer_byte(buffer, '\\');
		if (*text == '\n')
			cor_buffer_literal(buffer, "\\n");
		else
			cor_buffer_byte(buffer, *text);
	}
	cor_buffer_byte(buffer, '"');
}

void cor_nginx_word(struct cor_buffer *buffer, const char *text)
{
	const char *at = text;

	while (is_bare(*at))
		at++;
	if (at != text && *at == '\0')
		cor_buffer_append(buffer, text, (size_t)(at - text));
	else
		append_quoted(buffer, text);
}

bool cor_nginx_is_variable(const char *text)
{
	return text && strchr(text, '$');
}

void cor_nginx_remark(struct cor_buffer *buffer, const char *text)
{
	for (; *text; text++) {
		bool is_control = (unsigned char)*text < ' ' || *text == 0x7f;
		cor_buffer_byte(buffer, is_control ? '?' : *text);
	}
}

void cor_nginx_literal(struct cor_buffer *buffer, struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		bool is_plain = byte >= 0x80 || (is_bare((char)byte) && !strchr(".[]", byte)) ||
				byte == '~' || byte == '@' || byte == '!' || byte == ',' ||
				byte == '=' || byte == '&' || byte == '%';
		if (is_plain)
			cor_buffer_byte(buffer, (char)byte);
		else if (byte == '.')
			cor_buffer_literal(buffer, "\\.");
		else
			cor_buffer_printf(buffer, "\\x%02x", byte);
	}
}

void cor_nginx_time(struct cor_buffer *buffer, uint64_t ms)
{
	if (ms % 1000 == 0)
		cor_buffer_printf(buffer, "%" PRIu64 "s", ms / 1000);
	else
		cor_buffer_printf(buffer, "%" PRIu64 "ms", ms);
}

const char *cor_nginx_absolute(const struct cor_nginx_site *site, const char *path)
{
	if (path[0] == '/')
		return path;
	return cor_arena_printf(site->arena, "%s/%s", site->options->folder, path);
}

void cor_nginx_set(const struct cor_nginx_site *site, const char *directive, const char *value)
{
	cor_buffer_printf(site->buffer, "        %s_%s %s;\n", site->module, directive, value);
}
