/* SPDX-License-Identifier: MIT */
#include "outbound/receive.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "outbound/fault.h"

enum patience {
	NO_WAIT,
	MAY_WAIT,
};

/* --- the buffer --- */

static size_t buffered(const struct cor_outbound_wire *wire)
{
	return wire->end - wire->begin;
}

/* A head that is longer than the room: refused when it is longer than any may be. */
static int grow(struct cor_outbound_wire *wire)
{
	char *more = malloc(COR_ANSWER_HEAD_BYTES);

	if (!more || wire->bytes != wire->room) {
		free(more);
		return cor_outbound_fail(&wire->wire, COR_FAILED_MEMORY, -ENOMEM, "no memory");
	}
	memcpy(more, wire->bytes, wire->end);
	wire->bytes = more;
	wire->size = COR_ANSWER_HEAD_BYTES;
	return 0;
}

static int make_room(struct cor_outbound_wire *wire)
{
	if (wire->begin == wire->end)
		wire->begin = wire->end = 0;
	if (wire->end < wire->size)
		return 0;
	if (wire->begin == 0)
		return grow(wire);
	memmove(wire->bytes, wire->bytes + wire->begin, buffered(wire));
	wire->end -= wire->begin;
	wire->begin = 0;
	return 0;
}

static bool is_of_scope(ssize_t code)
{
	return code == -ETIMEDOUT || code == -ECANCELED;
}

/* Scopes leave no fault. The connection's own time-out, the system's, is a loss. */
static int fail_to_receive(struct cor_outbound_wire *wire, ssize_t code, const char *when)
{
	wire->is_cut = true;
	if (is_of_scope(code) && cor_scope_error() < 0)
		return (int)code;
	return cor_outbound_fail_lost(&wire->wire, code, when);
}

/* --- the head --- */

/* Returns 1 when more has come, 0 if nothing has and it may not wait. */
static int receive_more(struct cor_outbound_wire *wire, enum patience patience)
{
	struct cor_outbound_connection *connection = wire->connection;
	int rc = make_room(wire);

	if (rc < 0)
		return rc;
	char *at = wire->bytes + wire->end;
	size_t size = wire->size - wire->end;
	ssize_t got = -EAGAIN;
	if (patience == MAY_WAIT)
		got = cor_outbound_receive(connection, at, size);
	else if (connection->state & COR_OUTBOUND_READABLE)
		got = cor_outbound_try_receive(connection, at, size);
	if (got == -EAGAIN)
		return 0;
	if (got <= 0)
		return fail_to_receive(wire, got,
			wire->wire.has_answer ? "in the middle of the head of its answer"
					      : "before it answered");
	wire->wire.has_answer = true;
	wire->end += (size_t)got;
	return 1;
}

/* One head, if it is whole. Returns 1 (the final one), 0 (none yet, or an interim one). */
static int parse_head(struct cor_outbound_wire *wire)
{
	ssize_t n = cor_answer_parse(&wire->parser, wire->bytes + wire->begin, buffered(wire));

	if (n < 0) {
		wire->is_cut = true;
		return cor_outbound_fail_protocol(&wire->wire, &wire->parser.lines.error);
	}
	if (n == 0)
		return 0;
	if (wire->parser.status >= 200) {
		wire->has_head = true;
		wire->head_len = (size_t)n;
		return 1;
	}
	wire->begin += (size_t)n;
	cor_answer_parser_reset(&wire->parser);
	if (++wire->interim > COR_OUTBOUND_INTERIM_MAX) {
		wire->is_cut = true;
		return cor_outbound_fail(&wire->wire, COR_FAILED_PROTOCOL, -EBADMSG,
			"more than %d interim answers (1xx) came before the final one",
			COR_OUTBOUND_INTERIM_MAX);
	}
	return wire->begin == wire->end ? 0 : parse_head(wire);
}

/* Returns 1, or 0 if it is not whole and may not wait. */
static int take_head(struct cor_outbound_wire *wire, enum patience patience)
{
	int rc = 0;

	while (!wire->has_head) {
		rc = receive_more(wire, patience);
		if (rc > 0)
			rc = parse_head(wire);
		else if (rc == 0)
			return 0;
		if (rc < 0)
			return rc;
	}
	return 1;
}

int cor_outbound_look_for_head(struct cor_outbound_wire *wire)
{
	int rc = take_head(wire, NO_WAIT);

	if (rc < 0)
		wire->early_error = rc;
	return rc;
}

/* Names and values end in a NUL where a colon and the end of the line stood. */
static int copy_fields(struct cor_outbound_wire *wire, struct cor_carrier_answer *ret)
{
	struct cor_arena *arena = wire->wire.request->arena;
	const struct cor_head_parser *lines = &wire->parser.lines;
	size_t len = lines->head.fields_len;
	char *head = cor_arena_copy(arena, wire->bytes + wire->begin, wire->head_len);
	struct cor_http_field *fields = cor_arena_alloc(arena, (len + 1) * sizeof *fields);

	if (!head || !fields)
		return cor_outbound_fail(&wire->wire, COR_FAILED_MEMORY, -ENOMEM, "no memory");
	for (size_t i = 0; i < len; i++) {
		const struct cor_head_field *field = &lines->fields[i];
		fields[i] = (struct cor_http_field){ head + field->name.at,
			head + field->value.at };
		head[field->name.at + field->name.len] = '\0';
		head[field->value.at + field->value.len] = '\0';
	}
	fields[len] = (struct cor_http_field){ NULL, NULL };
	ret->fields = fields;
	ret->fields_len = len;
	return 0;
}

int cor_outbound_receive_head(struct cor_wire *base, struct cor_carrier_answer *ret)
{
	struct cor_outbound_wire *wire = cor_container_of(base, struct cor_outbound_wire, wire);
	int rc = wire->early_error;

	if (rc == 0)
		rc = take_head(wire, MAY_WAIT);
	if (rc > 0)
		rc = copy_fields(wire, ret);
	if (rc < 0)
		return rc;
	ret->status = wire->parser.status;
	ret->body_bytes = wire->parser.body_bytes;
	wire->begin += wire->head_len;
	wire->body_left = wire->parser.body_bytes;
	wire->is_whole = wire->parser.body == COR_ANSWER_EMPTY;
	if (wire->parser.body == COR_ANSWER_CHUNKED)
		cor_chunked_init(&wire->chunked, -1);
	return 0;
}

/* --- the body --- */

/* At most `size` bytes: of those that are there, or straight from the connection. */
static ssize_t take(struct cor_outbound_wire *wire, char *buffer, size_t size)
{
	size_t here = buffered(wire);

	if (here == 0)
		return cor_outbound_receive(wire->connection, buffer, size);
	if (here > size)
		here = size;
	memcpy(buffer, wire->bytes + wire->begin, here);
	wire->begin += here;
	return (ssize_t)here;
}

static ssize_t receive_until_close(struct cor_outbound_wire *wire, char *buffer, size_t size)
{
	ssize_t got = take(wire, buffer, size);

	if (got < 0)
		return fail_to_receive(wire, got, "in the middle of the body of its answer");
	wire->is_whole = got == 0;
	return got;
}

static ssize_t receive_length(struct cor_outbound_wire *wire, char *buffer, size_t size)
{
	if (size > (uint64_t)wire->body_left)
		size = (size_t)wire->body_left;
	ssize_t got = take(wire, buffer, size);
	if (got <= 0) {
		char when[80];
		snprintf(when, sizeof when, "%" PRId64 " byte%s before the end of its answer",
			wire->body_left, wire->body_left == 1 ? "" : "s");
		return fail_to_receive(wire, got, when);
	}
	wire->body_left -= got;
	wire->is_whole = wire->body_left == 0;
	return got;
}

/*
 * The data of `len` bytes of chunks, which may be the start of `buffer` itself: data is never
 * longer than what carries it. What is behind the end is surplus.
 */
static ssize_t decode(struct cor_outbound_wire *wire, const char *bytes, size_t len, char *buffer)
{
	size_t got = 0;

	while (len > 0 && !wire->is_whole) {
		size_t used;
		struct cor_str data;
		enum cor_chunked_event event = cor_chunked_read(
			&wire->chunked, bytes, len, &used, &data);

		if (event == COR_CHUNKED_ERROR) {
			wire->is_cut = true;
			return cor_outbound_fail_protocol(&wire->wire, &wire->chunked.error);
		}
		if (event == COR_CHUNKED_DATA) {
			memmove(buffer + got, data.data, data.len);
			got += data.len;
		}
		wire->is_whole = event == COR_CHUNKED_END;
		bytes += used;
		len -= used;
	}
	wire->has_surplus = len > 0;
	return (ssize_t)got;
}

static ssize_t receive_chunked(struct cor_outbound_wire *wire, char *buffer, size_t size)
{
	ssize_t got = 0;

	while (got == 0 && !wire->is_whole) {
		const char *bytes = buffer;
		size_t here = buffered(wire) < size ? buffered(wire) : size;

		if (here != 0) {
			bytes = wire->bytes + wire->begin;
			got = (ssize_t)here;
			wire->begin += here;
		} else {
			got = cor_outbound_receive(wire->connection, buffer, size);
			if (got <= 0)
				return fail_to_receive(
					wire, got, "in the middle of a chunked answer");
		}
		got = decode(wire, bytes, (size_t)got, buffer);
	}
	return got;
}

ssize_t cor_outbound_receive_body(struct cor_wire *base, void *buffer, size_t size)
{
	struct cor_outbound_wire *wire = cor_container_of(base, struct cor_outbound_wire, wire);

	if (wire->is_whole || size == 0)
		return 0;
	if (wire->parser.body == COR_ANSWER_LENGTH)
		return receive_length(wire, buffer, size);
	if (wire->parser.body == COR_ANSWER_CHUNKED)
		return receive_chunked(wire, buffer, size);
	return receive_until_close(wire, buffer, size);
}
