/* SPDX-License-Identifier: MIT */
#include "events/encode.h"

#include <string.h>

#include "base/utf8.h"

static bool is_one_line(const char *text)
{
	return !text || text[strcspn(text, "\r\n")] == '\0';
}

const char *cor_event_fault(const struct cor_event *event)
{
	if (!is_one_line(event->name))
		return "the name of an event has a line end";
	if (!is_one_line(event->id))
		return "the id of an event has a line end";
	if (event->name && !cor_utf8_valid(cor_str(event->name)))
		return "the name of an event is not UTF-8";
	if (event->id && !cor_utf8_valid(cor_str(event->id)))
		return "the id of an event is not UTF-8";
	if (event->data.len != 0 && !cor_utf8_valid(event->data))
		return "the data of an event is not UTF-8";
	return NULL;
}

static void append_line(struct cor_buffer *buffer, struct cor_str text)
{
	cor_buffer_literal(buffer, "data: ");
	cor_buffer_append_str(buffer, text);
	cor_buffer_literal(buffer, "\n");
}

static size_t line_len(struct cor_str text)
{
	size_t len = 0;

	while (len < text.len && text.data[len] != '\r' && text.data[len] != '\n')
		len++;
	return len;
}

/* A line ends in CRLF, CR or LF: each begins a data line, which clients join with LF. */
static void append_data(struct cor_buffer *buffer, struct cor_str rest)
{
	for (;;) {
		size_t len = line_len(rest);
		append_line(buffer, (struct cor_str){ rest.data, len });
		if (len == rest.len)
			return;
		size_t end = len + 1;
		if (rest.data[len] == '\r' && end < rest.len && rest.data[end] == '\n')
			end++;
		rest.data += end;
		rest.len -= end;
	}
}

/* "event: " and the like. */
static void append_field(struct cor_buffer *buffer, const char *field, const char *value)
{
	if (!value)
		return;
	cor_buffer_append_str(buffer, cor_str(field));
	cor_buffer_append_str(buffer, cor_str(value));
	cor_buffer_literal(buffer, "\n");
}

void cor_event_append(struct cor_buffer *buffer, const struct cor_event *event)
{
	append_field(buffer, "event: ", event->name && event->name[0] ? event->name : NULL);
	append_field(buffer, "id: ", event->id);
	if (event->data.data)
		append_data(buffer, event->data);
	cor_buffer_literal(buffer, "\n");
}

void cor_event_append_retry(struct cor_buffer *buffer, uint32_t ms)
{
	cor_buffer_printf(buffer, "retry: %u\n\n", (unsigned)ms);
}
