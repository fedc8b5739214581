/* SPDX-License-Identifier: MIT */
#include "schema/keywords.h"

#include "json/writer.h"

struct cor_keywords cor_keywords_begin(
	struct cor_buffer *buffer, const struct cor_schema_names *names, enum cor_use use)
{
	cor_buffer_byte(buffer, '{');
	return (struct cor_keywords){ buffer, names, use, true };
}

struct cor_keywords cor_keywords_begin_inner(const struct cor_keywords *outer)
{
	return cor_keywords_begin(outer->buffer, outer->names, outer->use);
}

void cor_keyword(struct cor_keywords *writer, const char *name)
{
	if (!writer->first)
		cor_buffer_byte(writer->buffer, ',');
	writer->first = false;
	cor_json_write_string(writer->buffer, cor_str(name));
	cor_buffer_byte(writer->buffer, ':');
}

void cor_keywords_end(struct cor_keywords *writer)
{
	cor_buffer_byte(writer->buffer, '}');
}

void cor_keyword_text(struct cor_keywords *writer, const char *name, const char *text)
{
	cor_keyword(writer, name);
	cor_json_write_string(writer->buffer, cor_str(text));
}

void cor_keyword_number(struct cor_keywords *writer, const char *name, uint64_t value)
{
	cor_keyword(writer, name);
	cor_json_write_uint64(writer->buffer, value);
}

void cor_keyword_json(struct cor_keywords *writer, const char *name, const char *json)
{
	cor_keyword(writer, name);
	cor_buffer_append_str(writer->buffer, cor_str(json));
}
