/* SPDX-License-Identifier: MIT */
#include "exchange/problem.h"

#include <stdio.h>

#include "http/status.h"

/* The length of the well-formed UTF-8 sequence at text (RFC 3629), 0 if there is none. */
static size_t sequence(const unsigned char *text, size_t left)
{
	unsigned char first = text[0];
	size_t len = first < 0x80   ? 1
		     : first < 0xc2 ? 0
		     : first < 0xe0 ? 2
		     : first < 0xf0 ? 3
		     : first < 0xf5 ? 4
				    : 0;

	if (len == 0 || len > left)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f) ||
		(first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f))
		return 0;
	return len;
}

/* Unlike the JSON writer this one cannot fail: what a client sent must not keep it from its answer. */
static void write_string(struct cor_buffer *buffer, struct cor_str text)
{
	const unsigned char *bytes = (const unsigned char *)text.data;
	size_t len;

	cor_buffer_byte(buffer, '"');
	for (size_t i = 0; i < text.len; i += len) {
		len = sequence(bytes + i, text.len - i);
		if (len == 0) {
			cor_buffer_literal(buffer, "\xef\xbf\xbd");
			len = 1;
		} else if (bytes[i] == '"' || bytes[i] == '\\') {
			cor_buffer_byte(buffer, '\\');
			cor_buffer_byte(buffer, (char)bytes[i]);
		} else if (bytes[i] < 0x20 || bytes[i] == 0x7f) {
			cor_buffer_printf(buffer, "\\u%04x", bytes[i]);
		} else {
			cor_buffer_append(buffer, bytes + i, len);
		}
	}
	cor_buffer_byte(buffer, '"');
}

static void write_member(struct cor_buffer *buffer, const char *name, struct cor_str value)
{
	if (value.len == 0)
		return;
	cor_buffer_printf(buffer, ",\"%s\":", name);
	write_string(buffer, value);
}

static void write_violation(struct cor_buffer *buffer, const struct cor_violation *violation)
{
	bool is_body = strcmp(violation->in, "body") == 0;

	cor_buffer_literal(buffer, "{\"in\":");
	write_string(buffer, cor_str(violation->in));
	cor_buffer_printf(buffer, ",\"%s\":", is_body ? "pointer" : "parameter");
	write_string(buffer, cor_str(violation->where));
	cor_buffer_literal(buffer, ",\"detail\":");
	write_string(buffer, cor_str(violation->detail));
	cor_buffer_byte(buffer, '}');
}

static void write_violations(struct cor_buffer *buffer, const struct cor_violations *violations)
{
	size_t listed = 0;

	cor_buffer_literal(buffer, ",\"errors\":[");
	for (const struct cor_violation *v = violations->first; v; v = v->next) {
		if (listed++ > 0)
			cor_buffer_byte(buffer, ',');
		write_violation(buffer, v);
	}
	cor_buffer_byte(buffer, ']');
	if (violations->count > listed)
		cor_buffer_printf(buffer, ",\"errors_count\":%zu", violations->count);
}

void cor_problem_write(struct cor_buffer *buffer, const struct cor_problem_text *problem)
{
	cor_buffer_literal(buffer, "{\"type\":\"about:blank\",\"title\":");
	write_string(buffer, cor_str(cor_status_reason(problem->status)));
	cor_buffer_printf(buffer, ",\"status\":%u", problem->status);
	write_member(buffer, "detail", cor_str(problem->detail));
	write_member(buffer, "instance", problem->instance);
	write_member(buffer, "request_id", cor_str(problem->request_id));
	if (problem->violations && problem->violations->count > 0)
		write_violations(buffer, problem->violations);
	cor_buffer_byte(buffer, '}');
}
