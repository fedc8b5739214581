/* SPDX-License-Identifier: MIT */
#include "client/target.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "base/number.h"
#include "http/uri.h"
#include "http/uri_encode.h"
#include "schema/bind.h"

#define PATH_ROWS_MAX 16

/* A row that stands in the path: /books/{id}. */
struct path_row {
	struct cor_str name;
	struct cor_str text;
};

struct writer {
	struct cor_arena *arena;
	const struct cor_argument *argument; /* the next */
	struct path_row rows[PATH_ROWS_MAX];
	size_t rows_len;
	bool is_query; /* a '?' was written */
	struct cor_buffer buffer;
	struct cor_encode_fault *why;
};

COR_PRINTF(2, 3)
static int refuse(struct writer *writer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(writer->why->text, sizeof writer->why->text, format, args);
	va_end(args);
	return -EINVAL;
}

/* --- what stands for {} --- */

static int take_path_row(void *arg, const struct cor_field *field, const struct cor_bind_pair *pair)
{
	struct writer *writer = arg;
	struct path_row *row = &writer->rows[writer->rows_len];

	(void)field;
	if (writer->rows_len == PATH_ROWS_MAX)
		return refuse(writer, "it has more than %d rows from the path", PATH_ROWS_MAX);
	const char *copy = cor_arena_copy(writer->arena, pair->value.data, pair->value.len);
	if (!copy)
		return -ENOMEM;
	*row = (struct path_row){ pair->name, { copy, pair->value.len } };
	writer->rows_len++;
	return 0;
}

static struct cor_str text_of(const struct cor_argument *argument, char room[COR_NUMBER_BYTES])
{
	switch (argument->kind) {
	case COR_ARGUMENT_SIGNED:
		return (struct cor_str){ room,
			cor_number_print_int64(argument->value.number, room) };
	case COR_ARGUMENT_UNSIGNED:
		return (struct cor_str){ room,
			cor_number_print_uint64(argument->value.unsigned_number, room) };
	case COR_ARGUMENT_UUID:
		cor_uuid_print(&argument->value.uuid, room);
		break;
	default:
		return argument->value.text;
	}
	return cor_str(room);
}

/* As a part of a path it must not be one that clients and servers take away. */
static int put_text(
	struct writer *writer, struct cor_str text, const char *what, struct cor_str name)
{
	if (!text.data)
		return refuse(writer, "%s%.*s is NULL", what, (int)name.len, name.data);
	if (text.len == 0 && !writer->is_query)
		return refuse(writer, "%s%.*s is empty: that is another path", what, (int)name.len,
			name.data);
	cor_percent_append(&writer->buffer, text);
	return 0;
}

static int put_argument(struct writer *writer)
{
	const struct cor_argument *argument = writer->argument;
	char room[COR_NUMBER_BYTES];

	if (!argument || argument->kind == COR_ARGUMENT_NONE)
		return refuse(writer, "its path has more {} than arguments");
	writer->argument++;
	return put_text(writer, text_of(argument, room), "an argument", COR_STR(""));
}

static int put_row(struct writer *writer, struct cor_str name)
{
	for (size_t i = 0; i < writer->rows_len; i++)
		if (cor_str_equal(writer->rows[i].name, name))
			return put_text(writer, writer->rows[i].text, "row ", name);
	return refuse(writer, "its path has {%.*s}, but .in has no row of that name from the path",
		(int)name.len, name.data);
}

/* --- the template --- */

static bool may_stand(char c)
{
	return c > ' ' && c < 0x7f && !strchr("\"<>\\^`{|}#", c);
}

static int put_template(struct writer *writer, const char *at)
{
	int rc = 0;

	if (!at || at[0] != '/')
		return refuse(writer, "its path does not begin with '/'");
	while (*at && rc == 0) {
		size_t len = *at == '{' ? strcspn(at, "}") : 0;
		if (len > 1) {
			rc = put_row(writer, (struct cor_str){ at + 1, len - 1 });
			at += len + (at[len] == '}');
		} else if (len == 1 && at[1] == '}') {
			rc = put_argument(writer);
			at += 2;
		} else if (!may_stand(*at)) {
			rc = refuse(
				writer, "its path has a character that must be an argument: {}");
		} else {
			writer->is_query |= *at == '?';
			cor_buffer_byte(&writer->buffer, *at++);
		}
	}
	if (rc == 0 && writer->argument && writer->argument->kind != COR_ARGUMENT_NONE)
		rc = refuse(writer, "its path has fewer {} than arguments");
	return rc;
}

static int put_pair(void *arg, const struct cor_field *field, const struct cor_bind_pair *pair)
{
	struct writer *writer = arg;

	(void)field;
	if (pair->file)
		return refuse(writer, "row %.*s is a file, which only a body has: POST, PUT, PATCH",
			(int)pair->name.len, pair->name.data);
	cor_buffer_byte(&writer->buffer, writer->is_query ? '&' : '?');
	writer->is_query = true;
	cor_percent_append(&writer->buffer, pair->name);
	cor_buffer_byte(&writer->buffer, '=');
	cor_percent_append(&writer->buffer, pair->value);
	return 0;
}

/* A segment of dots alone would lead elsewhere (RFC 3986 section 5.2.4). */
static int check_segments(struct writer *writer, struct cor_str path)
{
	if (cor_uri_check_path(path) < 0)
		return refuse(
			writer, "its path has a segment of dots, or a '%%' that encodes nothing");
	return 0;
}

static int finish(struct writer *writer, struct cor_str *ret_path, struct cor_str *ret_query)
{
	struct cor_buffer *buffer = &writer->buffer;

	if (cor_buffer_error(buffer) < 0)
		return -ENOMEM;
	const char *copy = cor_arena_copy(writer->arena, buffer->data, buffer->len);
	if (!copy)
		return -ENOMEM;
	const char *mark = memchr(copy, '?', buffer->len);
	size_t path_len = mark ? (size_t)(mark - copy) : buffer->len;
	*ret_path = (struct cor_str){ copy, path_len };
	*ret_query = mark ? (struct cor_str){ mark + 1, buffer->len - path_len - 1 }
			  : (struct cor_str){ "", 0 };
	return check_segments(writer, *ret_path);
}

static int write_rows(struct writer *writer, const struct cor_http_call *call, enum cor_from source,
	enum cor_from default_from, cor_pair_taker *take)
{
	if (!call->in.schema)
		return 0;
	return cor_rows_to_pairs(
		call->in.schema, source, default_from, call->in.value, take, writer, writer->why);
}

int cor_target_write(struct cor_arena *arena, const struct cor_http_call *call,
	enum cor_from default_from, struct cor_str *ret_path, struct cor_str *ret_query,
	struct cor_encode_fault *why)
{
	struct writer writer = { .arena = arena, .argument = call->path.arguments, .why = why };
	int rc = write_rows(&writer, call, COR_FROM_PATH, default_from, take_path_row);

	if (rc == 0)
		rc = put_template(&writer, call->path.text);
	if (rc == 0)
		rc = write_rows(&writer, call, COR_FROM_QUERY, default_from, put_pair);
	if (rc == 0)
		rc = finish(&writer, ret_path, ret_query);
	cor_buffer_finish(&writer.buffer);
	return rc == -COR_EINVALID ? -EINVAL : rc;
}
