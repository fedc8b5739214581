/* SPDX-License-Identifier: MIT */
#include "document.h"

#include <math.h>

#include "json/writer.h"

static int rewrite_value(struct cor_json_reader *reader, struct cor_buffer *out);

static int rewrite_object(struct cor_json_reader *reader, struct cor_buffer *out)
{
	struct cor_str key;
	bool first = true;
	int rc = cor_json_enter_object(reader);

	if (rc < 0)
		return rc;
	cor_buffer_byte(out, '{');
	while ((rc = cor_json_next_member(reader, &key)) > 0) {
		if (!first)
			cor_buffer_byte(out, ',');
		first = false;
		cor_json_write_string(out, key);
		cor_buffer_byte(out, ':');
		rc = rewrite_value(reader, out);
		if (rc < 0)
			return rc;
	}
	cor_buffer_byte(out, '}');
	return rc;
}

static int rewrite_array(struct cor_json_reader *reader, struct cor_buffer *out)
{
	bool first = true;
	int rc = cor_json_enter_array(reader);

	if (rc < 0)
		return rc;
	cor_buffer_byte(out, '[');
	while ((rc = cor_json_next_item(reader)) > 0) {
		if (!first)
			cor_buffer_byte(out, ',');
		first = false;
		rc = rewrite_value(reader, out);
		if (rc < 0)
			return rc;
	}
	cor_buffer_byte(out, ']');
	return rc;
}

static int rewrite_string(struct cor_json_reader *reader, struct cor_buffer *out)
{
	struct cor_str text;
	int rc = cor_json_read_string(reader, &text);

	if (rc == 0)
		cor_json_write_string(out, text);
	return rc;
}

static int rewrite_number(struct cor_json_reader *reader, struct cor_buffer *out)
{
	struct cor_json_number number;
	int rc = cor_json_read_number(reader, &number);

	if (rc < 0)
		return rc;
	if (number.type == COR_JSON_INT64)
		cor_json_write_int64(out, number.integer);
	else if (number.type == COR_JSON_UINT64)
		cor_json_write_uint64(out, (uint64_t)number.integer);
	else if (isinf(number.real))
		cor_buffer_append_str(out, number.text);
	else
		cor_json_write_double(out, number.real);
	return 0;
}

static int rewrite_bool(struct cor_json_reader *reader, struct cor_buffer *out)
{
	bool value = false;
	int rc = cor_json_read_bool(reader, &value);

	if (rc == 0)
		cor_json_write_bool(out, value);
	return rc;
}

static int rewrite_value(struct cor_json_reader *reader, struct cor_buffer *out)
{
	switch (cor_json_peek(reader)) {
	case COR_JSON_OBJECT:
		return rewrite_object(reader, out);
	case COR_JSON_ARRAY:
		return rewrite_array(reader, out);
	case COR_JSON_STRING:
		return rewrite_string(reader, out);
	case COR_JSON_NUMBER:
		return rewrite_number(reader, out);
	case COR_JSON_BOOL:
		return rewrite_bool(reader, out);
	case COR_JSON_NULL:
		cor_json_write_null(out);
		return cor_json_read_null(reader);
	default:
		return -COR_ESYNTAX;
	}
}

int document_rewrite(struct cor_str text, struct cor_buffer *out)
{
	struct cor_json_reader reader;
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	cor_json_reader_init(&reader, text, &arena, 0);
	int rc = rewrite_value(&reader, out);
	if (rc == 0)
		rc = cor_json_finish(&reader);
	cor_arena_finish(&arena);
	return rc < 0 ? rc : cor_buffer_error(out);
}
