/* SPDX-License-Identifier: MIT */
/*
 * An event: what a client makes of its text (WHATWG HTML, section 9.2.6) is one event, with the
 * name, the id and the data that it was made of; line ends in the data are all LF then.
 */
#include <stdlib.h>
#include <string.h>

#include "events/encode.h"
#include "target.h"

struct heard {
	struct cor_str name, id;
	struct cor_buffer data;
	int events;
};

static struct cor_str take_line(struct cor_str *rest)
{
	const char *end = memchr(rest->data, '\n', rest->len);

	if (!end || memchr(rest->data, '\r', (size_t)(end - rest->data)))
		abort(); /* each line ends in LF */
	struct cor_str line = { rest->data, (size_t)(end - rest->data) };
	rest->data = end + 1;
	rest->len -= line.len + 1;
	return line;
}

static void hear_line(struct heard *heard, struct cor_str line)
{
	const char *colon = memchr(line.data, ':', line.len);

	if (!colon)
		abort();
	struct cor_str field = { line.data, (size_t)(colon - line.data) };
	struct cor_str value = { colon + 1, line.len - field.len - 1 };
	if (value.len != 0 && value.data[0] == ' ') {
		value.data++;
		value.len--;
	}
	if (cor_str_equal(field, COR_STR("event"))) {
		heard->name = value;
	} else if (cor_str_equal(field, COR_STR("id"))) {
		heard->id = value;
	} else if (cor_str_equal(field, COR_STR("data"))) {
		if (value.len != 0)
			cor_buffer_append_str(&heard->data, value);
		cor_buffer_literal(&heard->data, "\n");
	} else {
		abort();
	}
}

static void hear(struct heard *heard, struct cor_str text)
{
	while (text.len != 0) {
		struct cor_str line = take_line(&text);
		if (line.len == 0)
			heard->events++;
		else
			hear_line(heard, line);
	}
}

/* The data with LF for each line end. */
static void normalize(struct cor_buffer *out, struct cor_str data)
{
	for (size_t i = 0; i < data.len; i++) {
		if (data.data[i] == '\r' && i + 1 < data.len && data.data[i + 1] == '\n')
			continue;
		cor_buffer_byte(out, data.data[i] == '\r' ? '\n' : data.data[i]);
	}
	cor_buffer_literal(out, "\n");
}

static void check(const struct cor_event *event)
{
	struct cor_buffer text = { 0 }, data = { 0 };
	struct heard heard = { 0 };

	cor_event_append(&text, event);
	hear(&heard, (struct cor_str){ text.data, text.len });
	normalize(&data, event->data);
	if (heard.events != 1 || !cor_str_equal(heard.name, cor_str(event->name)) ||
		!cor_str_equal(heard.id, cor_str(event->id)) || heard.data.len != data.len ||
		memcmp(heard.data.data, data.data, data.len) != 0)
		abort();
	cor_buffer_finish(&text);
	cor_buffer_finish(&data);
	cor_buffer_finish(&heard.data);
}

/* The next text up to a NUL. */
static const char *take_text(char **at, const char *end)
{
	const char *text = *at;
	size_t len = strnlen(text, (size_t)(end - text));

	*at += len < (size_t)(end - text) ? len + 1 : len;
	return text;
}

/* Name, NUL, id, NUL, data. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	copy[size] = '\0';
	char *at = copy;
	struct cor_event event = { .name = take_text(&at, copy + size) };
	event.id = take_text(&at, copy + size);
	event.data = (struct cor_str){ at, (size_t)(copy + size - at) };
	if (!cor_event_fault(&event))
		check(&event);
	free(copy);
	return 0;
}
