/* SPDX-License-Identifier: MIT */
#include "exchange/problem_json.h"

#include "base/compiler.h"
#include "base/utf8.h"
#include "http/status.h"
#include "http/uri_encode.h"
#include "json/scan.h"
#include "json/writer.h"

/*
 * Text that is not UTF-8. The JSON writer refuses it, but a client must get its answer whatever it
 * sent.
 */
static COR_OUT_OF_LINE void write_repaired(struct cor_buffer *buffer, struct cor_str text)
{
	static const char hex[] = "0123456789abcdef";
	const char *at = text.data, *end = text.data + text.len;

	cor_buffer_byte(buffer, '"');
	for (;;) {
		const char *stop = cor_json_scan_text(at, end);
		cor_buffer_append(buffer, at, (size_t)(stop - at));
		if (stop == end)
			break;
		unsigned char byte = (unsigned char)*stop;
		char escape[6] = { '\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15] };
		if (byte < 0x80)
			cor_buffer_append(buffer, escape, sizeof escape);
		else
			cor_buffer_literal(buffer, "\xef\xbf\xbd");
		at = stop + 1;
	}
	cor_buffer_byte(buffer, '"');
}

void cor_problem_write_text(struct cor_buffer *buffer, struct cor_str text)
{
	if (cor_utf8_valid(text))
		cor_json_write_string(buffer, text);
	else
		write_repaired(buffer, text);
}

/* `name` is ,"name": as JSON. */
static void write_member(struct cor_buffer *buffer, struct cor_str name, struct cor_str value)
{
	if (value.len == 0)
		return;
	cor_buffer_append_str(buffer, name);
	cor_problem_write_text(buffer, value);
}

static void write_instance(struct cor_buffer *buffer, struct cor_str path)
{
	if (path.len == 0 || path.data[0] != '/')
		return;
	cor_buffer_literal(buffer, ",\"instance\":\"");
	cor_uri_reference(buffer, path);
	cor_buffer_byte(buffer, '"');
}

static void write_violation(struct cor_buffer *buffer, const struct cor_violation *violation)
{
	cor_buffer_literal(buffer, "{\"in\":");
	cor_problem_write_text(buffer, cor_str(violation->in));
	if (strcmp(violation->in, "body") == 0)
		cor_buffer_literal(buffer, ",\"pointer\":");
	else
		cor_buffer_literal(buffer, ",\"parameter\":");
	cor_problem_write_text(buffer, cor_str(violation->where));
	cor_buffer_literal(buffer, ",\"detail\":");
	cor_problem_write_text(buffer, cor_str(violation->detail));
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
	if (violations->count > listed) {
		cor_buffer_literal(buffer, ",\"errors_count\":");
		cor_json_write_uint64(buffer, violations->count);
	}
}

/* "{}" has none. */
static void write_members(struct cor_buffer *buffer, struct cor_str object)
{
	if (object.len <= 2)
		return;
	cor_buffer_byte(buffer, ',');
	cor_buffer_append(buffer, object.data + 1, object.len - 2);
}

void cor_problem_write_json(struct cor_buffer *buffer, const struct cor_problem_text *problem)
{
	if (COR_LIKELY(!problem->type)) {
		cor_buffer_literal(buffer, "{\"type\":\"about:blank\",\"title\":");
	} else {
		cor_buffer_literal(buffer, "{\"type\":");
		cor_json_write_string(buffer, cor_str(problem->type));
		cor_buffer_literal(buffer, ",\"title\":");
	}
	cor_json_write_string(buffer,
		cor_str(problem->title ? problem->title : cor_status_reason(problem->status)));
	cor_buffer_literal(buffer, ",\"status\":");
	cor_json_write_uint64(buffer, problem->status);
	write_member(buffer, COR_STR(",\"detail\":"), cor_str(problem->detail));
	write_instance(buffer, problem->instance);
	write_member(buffer, COR_STR(",\"request_id\":"), cor_str(problem->request_id));
	if (problem->violations && problem->violations->count > 0)
		write_violations(buffer, problem->violations);
	write_members(buffer, problem->members);
	cor_buffer_byte(buffer, '}');
}
