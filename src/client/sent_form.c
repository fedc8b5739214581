/* SPDX-License-Identifier: MIT */
#include "client/sent_form.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>
#include <coracle/http_part.h>
#include <coracle/random.h>
#include <coracle/upload.h>

#include "base/buffer.h"
#include "base/name.h"
#include "context/context.h"
#include "http/media_type.h"
#include "http/response.h"
#include "multipart/disposition_write.h"
#include "schema/bind.h"

#define BOUNDARY_BYTES  (16 * 2 + 1)
#define PIECES_AT_FIRST 16

/* What comes from one place: heads and texts of the form's own, or a part's content. */
struct cor_sent_piece {
	const char *name; /* of the part; NULL: it is the form's own */
	struct cor_str bytes;
	const struct cor_upload *upload;      /* or this */
	const struct cor_http_source *source; /* or this */
	int64_t length;                       /* -1: not known */
};

struct maker {
	struct cor_ctx *ctx;
	struct cor_encode_fault *why;
	struct cor_sent_piece *pieces;
	size_t len;
	size_t capacity;
	size_t parts;
	struct cor_buffer text; /* since the last content that is not the form's own */
	char boundary[BOUNDARY_BYTES];
};

COR_PRINTF(3, 4)
static int refuse(struct maker *maker, const char *name, const char *format, ...)
{
	char what[128];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	snprintf(maker->why->text, sizeof maker->why->text, "its part \"%.60s\" %s",
		cor_name_is_plain(cor_str(name)) ? name : "?", what);
	return -EINVAL;
}

/* --- pieces --- */

/* What was outgrown stays in the arena. */
static int add_piece(struct maker *maker, struct cor_sent_piece piece)
{
	if (maker->len == maker->capacity) {
		size_t capacity = maker->capacity ? 2 * maker->capacity : PIECES_AT_FIRST;
		struct cor_sent_piece *pieces = cor_arena_alloc(
			&maker->ctx->arena, capacity * sizeof *pieces);
		if (!pieces)
			return -ENOMEM;
		if (maker->len)
			memcpy(pieces, maker->pieces, maker->len * sizeof *pieces);
		maker->pieces = pieces;
		maker->capacity = capacity;
	}
	maker->pieces[maker->len++] = piece;
	return 0;
}

static int add_text(struct maker *maker)
{
	struct cor_buffer *text = &maker->text;

	if (cor_buffer_error(text) < 0)
		return -ENOMEM;
	const char *copy = cor_arena_copy(&maker->ctx->arena, text->data, text->len);
	int rc = copy ? add_piece(maker, (struct cor_sent_piece){ .bytes = { copy, text->len },
						 .length = (int64_t)text->len })
		      : -ENOMEM;
	text->len = 0;
	return rc;
}

static int add_content(struct maker *maker, struct cor_sent_piece piece)
{
	int rc = add_text(maker);

	return rc == 0 ? add_piece(maker, piece) : rc;
}

/* --- heads --- */

static int put_type(struct maker *maker, const char *name, const char *type)
{
	struct cor_media_type media;

	if (!cor_field_value_valid(cor_str(type)) ||
		cor_media_type_parse(cor_str(type), &media) < 0)
		return refuse(maker, name, "has a .type that is none");
	cor_buffer_literal(&maker->text, "\r\nContent-Type: ");
	cor_buffer_append_str(&maker->text, cor_str(type));
	return 0;
}

static int put_header(struct maker *maker, const char *name, const struct cor_http_field *field)
{
	bool is_own = strcasecmp(field->name, "Content-Disposition") == 0 ||
		      strcasecmp(field->name, "Content-Type") == 0;

	if (is_own)
		return refuse(
			maker, name, "says %s by .name, .file_name and .type alone", field->name);
	if (!cor_field_name_valid(cor_str(field->name)))
		return refuse(maker, name, "has a header whose name cannot be one");
	if (!field->value || !cor_field_value_valid(cor_str(field->value)))
		return refuse(
			maker, name, "has a header %.40s whose value cannot be one", field->name);
	cor_buffer_literal(&maker->text, "\r\n");
	cor_buffer_append_str(&maker->text, cor_str(field->name));
	cor_buffer_literal(&maker->text, ": ");
	cor_buffer_append_str(&maker->text, cor_str(field->value));
	return 0;
}

static int put_lines(struct maker *maker, const struct cor_http_part *part)
{
	const struct cor_http_field *field = part->headers;
	int rc = cor_disposition_append(&maker->text, cor_str(part->name), part->file_name);

	if (rc < 0)
		return refuse(maker, part->name,
			"has a name that is not UTF-8, has controls, or ends with a backslash");
	if (part->type)
		rc = put_type(maker, part->name, part->type);
	for (; rc == 0 && field && field->name; field++)
		rc = put_header(maker, part->name, field);
	cor_buffer_literal(&maker->text, "\r\n\r\n");
	return rc;
}

static int put_head(struct maker *maker, const struct cor_http_part *part)
{
	size_t before = maker->text.len;

	if (maker->parts++ == COR_HTTP_PARTS_MAX)
		return refuse(maker, part->name, "is one more than the %d that a form may have",
			COR_HTTP_PARTS_MAX);
	cor_buffer_printf(&maker->text, "--%s\r\n", maker->boundary);
	int rc = put_lines(maker, part);
	if (rc == 0 && maker->text.len - before > COR_HTTP_PART_HEAD_BYTES)
		rc = refuse(maker, part->name, "has more than %d bytes of header lines",
			COR_HTTP_PART_HEAD_BYTES);
	return rc;
}

/* --- parts --- */

/* What is a file, and what none says of it. */
static struct cor_http_part with_defaults(const struct cor_http_part *part)
{
	struct cor_http_part whole = *part;
	const struct cor_upload *upload = part->upload;

	if (!whole.file_name && upload)
		whole.file_name = upload->name;
	if (!whole.type && upload && upload->type && upload->type[0])
		whole.type = upload->type;
	if (!whole.type && whole.file_name)
		whole.type = "application/octet-stream";
	return whole;
}

static int put_content(struct maker *maker, const struct cor_http_part *part)
{
	struct cor_sent_piece piece = { .name = part->name,
		.bytes = part->bytes,
		.upload = part->upload,
		.source = part->source };

	if (!!part->bytes.data + !!part->upload + !!part->source != 1)
		return refuse(maker, part->name, "needs one of .bytes, .upload and .source");
	if (part->source && part->source->bytes < -1)
		return refuse(maker, part->name,
			"has a .source without a length: -1 is one that is not known");
	if (part->upload && part->upload->size > INT64_MAX)
		return refuse(maker, part->name, "is too large");
	piece.length = part->source   ? part->source->bytes
		       : part->upload ? (int64_t)part->upload->size
				      : (int64_t)part->bytes.len;
	return add_content(maker, piece);
}

static int put_part(struct maker *maker, const struct cor_http_part *part)
{
	const struct cor_http_part whole = with_defaults(part);
	int rc = put_head(maker, &whole);

	if (rc == 0)
		rc = put_content(maker, &whole);
	cor_buffer_literal(&maker->text, "\r\n");
	return rc;
}

/* The text is gone with the next row. */
static int put_row(void *arg, const struct cor_field *field, const struct cor_bind_pair *pair)
{
	struct maker *maker = arg;
	const char *name = cor_row_key(field);

	if (pair->file)
		return put_part(
			maker, &(const struct cor_http_part){ .name = name, .upload = pair->file });
	int rc = put_head(maker, &(const struct cor_http_part){ .name = name });
	cor_buffer_append_str(&maker->text, pair->value);
	cor_buffer_literal(&maker->text, "\r\n");
	return rc;
}

/* --- all of it --- */

static void make_boundary(struct maker *maker)
{
	unsigned char random[BOUNDARY_BYTES / 2];

	cor_random_fill(random, sizeof random);
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(maker->boundary + 2 * i, 3, "%02x", random[i]);
}

static int put_all(struct maker *maker, const struct cor_http_call *call, bool has_rows)
{
	const struct cor_http_part *part = call->parts;
	int rc = has_rows ? cor_rows_to_pairs(call->in.schema, COR_FROM_BODY, COR_FROM_BODY,
				    call->in.value, put_row, maker, maker->why)
			  : 0;

	for (; rc == 0 && part && part->name; part++)
		rc = put_part(maker, part);
	cor_buffer_printf(&maker->text, "--%s--\r\n", maker->boundary);
	return rc == 0 ? add_text(maker) : rc;
}

/* -1: that of a part is not known. -2: it is no number. */
static int64_t length_of(const struct maker *maker)
{
	int64_t length = 0;

	for (size_t i = 0; i < maker->len; i++) {
		if (maker->pieces[i].length < 0)
			return -1;
		if (__builtin_add_overflow(length, maker->pieces[i].length, &length))
			return -2;
	}
	return length;
}

static ssize_t read_form(void *arg, void *buffer, size_t size);
static int rewind_form(void *arg);

static int finish(struct maker *maker, struct cor_sent_form **ret)
{
	struct cor_arena *arena = &maker->ctx->arena;
	struct cor_sent_form *form = cor_arena_zalloc(arena, sizeof *form);
	const char *type = cor_arena_printf(
		arena, "multipart/form-data; boundary=%s", maker->boundary);

	if (!form || !type)
		return -ENOMEM;
	form->source = (struct cor_http_source){ read_form, rewind_form, form, length_of(maker) };
	form->content_type = type;
	form->pieces = maker->pieces;
	form->len = maker->len;
	*ret = form;
	return 0;
}

int cor_sent_form_make(struct cor_ctx *ctx, const struct cor_http_call *call, bool has_rows,
	struct cor_sent_form **ret, struct cor_encode_fault *why)
{
	struct maker maker = { .ctx = ctx, .why = why };

	make_boundary(&maker);
	int rc = put_all(&maker, call, has_rows);
	if (rc == 0)
		rc = finish(&maker, ret);
	cor_buffer_finish(&maker.text);
	return rc;
}

/* --- reading --- */

static int fail(
	struct cor_sent_form *form, const struct cor_sent_piece *piece, int rc, const char *what)
{
	snprintf(form->fault, sizeof form->fault, "its part \"%.60s\" ends with: %s",
		cor_name_is_plain(cor_str(piece->name)) ? piece->name : "?", what);
	return rc;
}

static ssize_t take_bytes(
	const struct cor_sent_form *form, struct cor_str bytes, char *buffer, size_t size)
{
	size_t left = bytes.len - (size_t)form->done;
	size_t n = left < size ? left : size;

	memcpy(buffer, bytes.data + form->done, n);
	return (ssize_t)n;
}

/* Bytes of the piece, 0 at its end, or a negative code. */
static ssize_t take(
	struct cor_sent_form *form, const struct cor_sent_piece *piece, char *buffer, size_t size)
{
	ssize_t n;

	if (piece->source)
		n = piece->source->read(piece->source->arg, buffer, size);
	else if (piece->upload)
		n = cor_upload_read(piece->upload, form->done, buffer, size);
	else
		return take_bytes(form, piece->bytes, buffer, size);
	if (n < 0)
		return fail(form, piece, (int)n, cor_strerror((int)n));
	uint64_t length = (uint64_t)piece->length, done = form->done + (uint64_t)n;
	if (piece->length >= 0 && (n == 0 ? done != length : done > length))
		return fail(form, piece, -EIO, "other bytes than its length says");
	return n;
}

/* A source may wait: what stands in front of it does not wait with it. */
static ssize_t read_form(void *arg, void *buffer, size_t size)
{
	struct cor_sent_form *form = arg;
	size_t filled = 0;

	while (form->at < form->len && filled < size) {
		const struct cor_sent_piece *piece = &form->pieces[form->at];
		if (piece->source && filled > 0)
			break;
		ssize_t n = take(form, piece, (char *)buffer + filled, size - filled);
		if (n < 0)
			return n;
		form->done += (uint64_t)n;
		filled += (size_t)n;
		if (n > 0)
			continue;
		form->at++;
		form->done = 0;
	}
	return (ssize_t)filled;
}

static bool was_read(const struct cor_sent_form *form, size_t i)
{
	return i < form->at || (i == form->at && form->done > 0);
}

static int rewind_form(void *arg)
{
	struct cor_sent_form *form = arg;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < form->len && was_read(form, i); i++) {
		const struct cor_http_source *source = form->pieces[i].source;
		if (source)
			rc = source->rewind ? source->rewind(source->arg) : -EOPNOTSUPP;
	}
	if (rc < 0)
		return rc;
	form->at = 0;
	form->done = 0;
	return 0;
}
