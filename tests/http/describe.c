/* SPDX-License-Identifier: MIT */
#include "describe.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/head_parser.h"

struct text {
	char *at;
	size_t left;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int len = vsnprintf(text->at, text->left, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= text->left)
		abort(); /* the caller's buffer is too small for the test */
	text->at += len;
	text->left -= (size_t)len;
}

static void add_span(struct text *text, const char *label, const char *bytes, struct cor_span span)
{
	add(text, "%s=%.*s ", label, span.len, bytes + span.at);
}

void describe_head(char *out, size_t size, const struct cor_head_parser *parser, const char *bytes,
	ssize_t result)
{
	const struct cor_head *head = &parser->head;
	struct text text = { out, size };

	if (result <= 0) {
		add(&text, result == 0 ? "more" : "%d", parser->error.status);
		return;
	}
	add(&text, "used=%zd %.*s ", result, head->method_text.len, bytes + head->method_text.at);
	add(&text, "form=%d ", head->target_form);
	add_span(&text, "path", bytes, head->path);
	if (head->has_query)
		add_span(&text, "query", bytes, head->query);
	add_span(&text, "host", bytes, head->host);
	add_span(&text, "authority", bytes, head->authority);
	add(&text, "1.%d length=", parser->http1.minor_version);
	if (!head->known[COR_KNOWN_CONTENT_LENGTH])
		add(&text, "- ");
	else
		add(&text, "%" PRId64 " ", head->content_length);
	for (size_t i = 0; i < head->fields_len; i++)
		add(&text, "%.*s:%.*s;", parser->fields[i].name.len,
			bytes + parser->fields[i].name.at, parser->fields[i].value.len,
			bytes + parser->fields[i].value.at);
	add(&text, " %s%s%s%s", head->body == COR_BODY_UNKNOWN ? "+chunked" : "",
		parser->http1.keep_alive ? "+keep" : "",
		parser->http1.expect_continue ? "+continue" : "",
		parser->http1.upgrade ? "+upgrade" : "");
}
