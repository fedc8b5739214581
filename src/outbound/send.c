/* SPDX-License-Identifier: MIT */
#include "outbound/send.h"

#include <errno.h>
#include <string.h>

#include "base/compiler.h"
#include "base/number.h"
#include "outbound/fault.h"
#include "outbound/receive.h"
#include "runtime/scope.h"
#include "runtime/wait.h"

#define LENGTH_LINE_BYTES (sizeof "Content-Length: \r\n" + COR_NUMBER_BYTES)

/* What goes out in one piece: head, chunk size, data, end of the chunk. */
struct piece {
	struct iovec parts[4];
	int len;
};

static void add_part(struct piece *piece, const void *data, size_t len)
{
	piece->parts[piece->len++] = (struct iovec){ .iov_base = (void *)(uintptr_t)data,
		.iov_len = len };
}

/* --- the head --- */

static char *put(char *at, const char *text, size_t len)
{
	memcpy(at, text, len);
	return at + len;
}

#define PUT(at, literal) put((at), "" literal, sizeof(literal) - 1)

static size_t head_bytes(const struct cor_carrier_request *request)
{
	size_t bytes = request->method.len + request->path.len + request->authority.len +
		       sizeof "  HTTP/1.1\r\nHost: \r\n\r\n" +
		       sizeof "Transfer-Encoding: chunked\r\n" + LENGTH_LINE_BYTES;

	for (size_t i = 0; i < request->fields_len; i++)
		bytes += strlen(request->fields[i].name) + strlen(request->fields[i].value) + 4;
	return bytes;
}

static char *put_framing(char *at, int64_t body_bytes)
{
	if (body_bytes == COR_BODY_CHUNKED)
		return PUT(at, "Transfer-Encoding: chunked\r\n");
	if (body_bytes == COR_BODY_ABSENT)
		return at;
	at = PUT(at, "Content-Length: ");
	at += cor_number_print_int64(body_bytes, at);
	return PUT(at, "\r\n");
}

/* RFC 9112 section 3; Host comes first (RFC 9110 section 7.2). */
static int add_head(struct cor_outbound_wire *wire, struct piece *piece)
{
	const struct cor_carrier_request *request = wire->wire.request;
	char *head = cor_arena_alloc(request->arena, head_bytes(request));

	if (!head)
		return cor_outbound_fail(&wire->wire, COR_FAILED_MEMORY, -ENOMEM, "no memory");
	char *at = put(head, request->method.data, request->method.len);
	at = PUT(at, " ");
	at = put(at, request->path.data, request->path.len);
	at = PUT(at, " HTTP/1.1\r\nHost: ");
	at = put(at, request->authority.data, request->authority.len);
	at = PUT(at, "\r\n");
	for (size_t i = 0; i < request->fields_len; i++) {
		const struct cor_http_field *field = &request->fields[i];
		at = put(at, field->name, strlen(field->name));
		at = PUT(at, ": ");
		at = put(at, field->value, strlen(field->value));
		at = PUT(at, "\r\n");
	}
	at = put_framing(at, request->body_bytes);
	at = PUT(at, "\r\n");
	add_part(piece, head, (size_t)(at - head));
	wire->has_sent_head = true;
	return 0;
}

/* --- sending --- */

static void advance(struct piece *piece, size_t sent)
{
	int done = 0;

	while (done < piece->len && sent >= piece->parts[done].iov_len)
		sent -= piece->parts[done++].iov_len;
	piece->len -= done;
	memmove(piece->parts, piece->parts + done, (size_t)piece->len * sizeof piece->parts[0]);
	if (piece->len != 0) {
		piece->parts[0].iov_base = (char *)piece->parts[0].iov_base + sent;
		piece->parts[0].iov_len -= sent;
	}
}

/* The server takes no more. What it has to say comes with receive_head(). */
static int stop(struct cor_outbound_wire *wire)
{
	wire->is_cut = true;
	return -EPIPE;
}

/* An answer, or the end, has come before the body was sent. */
static int look_early(struct cor_outbound_wire *wire)
{
	int rc = cor_outbound_look_for_head(wire);

	if (rc < 0 || (rc > 0 && wire->parser.status >= 300))
		return stop(wire);
	return 0;
}

static bool may_look(const struct cor_outbound_wire *wire)
{
	return !wire->has_head && (wire->connection->state & COR_OUTBOUND_READABLE);
}

static int wait_to_send(struct cor_outbound_wire *wire)
{
	uint8_t wanted = COR_OUTBOUND_WRITABLE;

	if (!wire->has_head)
		wanted |= COR_OUTBOUND_READABLE;
	return cor_outbound_wait(wire->connection, wanted);
}

static int send_piece(struct cor_outbound_wire *wire, struct piece *piece)
{
	int rc = cor_outbound_take_turns(wire->connection);

	while (rc == 0 && piece->len > 0) {
		if (may_look(wire)) {
			rc = look_early(wire);
			if (rc < 0)
				break;
		}
		ssize_t sent = cor_outbound_try_send(wire->connection, piece->parts, piece->len);
		if (sent == -EAGAIN)
			rc = wait_to_send(wire);
		else if (sent < 0)
			rc = stop(wire);
		else
			advance(piece, (size_t)sent);
	}
	return rc;
}

/* What need not wait ends with the scope all the same. */
static int check(const struct cor_outbound_wire *wire)
{
	int rc = cor_scope_state();

	if (rc < 0)
		return cor_wait_fail("cor_http_call", rc);
	return wire->is_cut ? -EPIPE : 0;
}

static int fail_by_length(struct cor_outbound_wire *wire, const char *what)
{
	wire->is_cut = true;
	return cor_outbound_fail(&wire->wire, COR_FAILED_CALL, -EINVAL,
		"the body of the request is %s than its length says", what);
}

int cor_outbound_send(struct cor_wire *base, const void *data, size_t len)
{
	struct cor_outbound_wire *wire = cor_container_of(base, struct cor_outbound_wire, wire);
	bool is_chunked = base->request->body_bytes == COR_BODY_CHUNKED;
	char size[COR_CHUNK_HEAD_MAX];
	struct piece piece = { .len = 0 };
	int rc = check(wire);

	if (rc < 0 || len == 0)
		return rc;
	if (!is_chunked && len > (uint64_t)wire->left_bytes)
		return fail_by_length(wire, "longer");
	if (!wire->has_sent_head && (rc = add_head(wire, &piece)) < 0)
		return rc;
	if (is_chunked)
		add_part(&piece, size, cor_chunk_head(size, len));
	else
		wire->left_bytes -= (int64_t)len;
	add_part(&piece, data, len);
	if (is_chunked)
		add_part(&piece, COR_CHUNK_TAIL, sizeof COR_CHUNK_TAIL - 1);
	return send_piece(wire, &piece);
}

int cor_outbound_finish(struct cor_wire *base)
{
	struct cor_outbound_wire *wire = cor_container_of(base, struct cor_outbound_wire, wire);
	struct piece piece = { .len = 0 };
	int rc = check(wire);

	if (rc < 0)
		return rc;
	if (wire->left_bytes != 0)
		return fail_by_length(wire, "shorter");
	if (!wire->has_sent_head && (rc = add_head(wire, &piece)) < 0)
		return rc;
	if (base->request->body_bytes == COR_BODY_CHUNKED)
		add_part(&piece, COR_CHUNK_END, sizeof COR_CHUNK_END - 1);
	rc = send_piece(wire, &piece);
	wire->has_sent_all = rc == 0;
	return rc;
}
