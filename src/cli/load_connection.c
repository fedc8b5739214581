/* SPDX-License-Identifier: MIT */
#include "cli/load_connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include <coracle/error.h>

#include "cli/load_run.h"

static const struct cor_transport *const transport = &cor_system_transport;

void cor_load_close(struct cor_load_connection *connection)
{
	if (connection->state == COR_LOAD_CLOSED)
		return;
	cor_reactor_remove(connection->run->scheduler, &connection->watch);
	transport->close(transport, connection->watch.fd);
	connection->state = COR_LOAD_CLOSED;
}

static void fail(struct cor_load_connection *connection, int code)
{
	cor_load_close(connection);
	cor_load_failed(connection, code);
}

/* Only for what the kernel has no room for: nearly never. */
static void watch_writing(struct cor_load_connection *connection, bool is_writing)
{
	if (connection->is_writing == is_writing)
		return;
	connection->is_writing = is_writing;
	int rc = cor_reactor_change(connection->run->scheduler, &connection->watch,
		is_writing ? EPOLLIN | EPOLLOUT : EPOLLIN);
	if (rc < 0)
		fail(connection, rc);
}

/* --- sending --- */

static void send_on(struct cor_load_connection *connection)
{
	const struct cor_str *request = &connection->run->load->request;

	ssize_t n = transport->send(transport, connection->watch.fd,
		request->data + connection->sent, request->len - connection->sent);
	if (n < 0 && n != -EAGAIN) {
		fail(connection, (int)n);
		return;
	}
	connection->sent += n > 0 ? (size_t)n : 0;
	bool is_sent = connection->sent == request->len;
	if (is_sent)
		connection->state = COR_LOAD_HEAD;
	watch_writing(connection, !is_sent);
}

void cor_load_send(struct cor_load_connection *connection, int64_t due_ns)
{
	connection->due_ns = due_ns;
	connection->sent = 0;
	connection->len = 0;
	connection->state = COR_LOAD_SENDING;
	cor_answer_parser_reset(&connection->parser);
	send_on(connection);
}

/* --- receiving --- */

static void end_answer(struct cor_load_connection *connection)
{
	/* Before all was sent, the next request would be taken for the rest (RFC 9112 9.3). */
	bool is_sent = connection->sent == connection->run->load->request.len;
	bool keeps = is_sent && connection->parser.keep_alive &&
		     connection->parser.body != COR_ANSWER_UNTIL_CLOSE;

	if (keeps)
		connection->state = COR_LOAD_FREE;
	else
		cor_load_close(connection);
	cor_load_answered(connection, keeps);
}

/* Of a body of known length. Returns how many of the bytes are none of it. */
static size_t read_length(struct cor_load_connection *connection, const char *data, size_t len)
{
	size_t mine = (uint64_t)connection->body_left < len ? (size_t)connection->body_left : len;

	cor_load_body(connection, data, mine);
	connection->body_left -= (int64_t)mine;
	return len - mine;
}

/* Returns 1: it is whole, 0, or -EPROTO. */
static int read_chunks(struct cor_load_connection *connection, const char *data, size_t len)
{
	enum cor_chunked_event event = COR_CHUNKED_MORE;
	struct cor_str piece;
	size_t used;

	while (len > 0 && event != COR_CHUNKED_END) {
		event = cor_chunked_read(&connection->chunked, data, len, &used, &piece);
		if (event == COR_CHUNKED_ERROR)
			return -EPROTO;
		if (event == COR_CHUNKED_DATA)
			cor_load_body(connection, piece.data, piece.len);
		data += used;
		len -= used;
	}
	return event != COR_CHUNKED_END ? 0 : len ? -EPROTO : 1;
}

static void read_body(struct cor_load_connection *connection, const char *data, size_t len)
{
	int rc = 0;

	switch (connection->parser.body) {
	case COR_ANSWER_CHUNKED:
		rc = read_chunks(connection, data, len);
		break;
	case COR_ANSWER_UNTIL_CLOSE:
		cor_load_body(connection, data, len);
		break;
	default: /* nothing was asked for that more bytes could answer */
		rc = read_length(connection, data, len) ? -EPROTO : connection->body_left == 0;
		break;
	}
	if (rc < 0)
		fail(connection, rc);
	else if (rc > 0)
		end_answer(connection);
}

/* Bytes of the head, with all that has come before. */
static void read_head(struct cor_load_connection *connection)
{
	struct cor_answer_parser *parser = &connection->parser;
	ssize_t head = cor_answer_parse(parser, connection->bytes, connection->len);

	while (head > 0 && parser->status < 200) { /* interim */
		connection->len -= (size_t)head;
		memmove(connection->bytes, connection->bytes + head, connection->len);
		cor_answer_parser_reset(parser);
		head = cor_answer_parse(parser, connection->bytes, connection->len);
	}
	if (head < 0 || (head == 0 && connection->len == sizeof connection->bytes)) {
		fail(connection, -EPROTO);
	} else if (head > 0) {
		connection->state = COR_LOAD_BODY;
		connection->body_left = parser->body == COR_ANSWER_LENGTH ? parser->body_bytes : 0;
		if (parser->body == COR_ANSWER_CHUNKED)
			cor_chunked_init(&connection->chunked, -1);
		size_t rest = connection->len - (size_t)head;
		connection->len = 0;
		read_body(connection, connection->bytes + head, rest);
	}
}

static void ended(struct cor_load_connection *connection)
{
	if (connection->state == COR_LOAD_BODY && connection->parser.body == COR_ANSWER_UNTIL_CLOSE)
		end_answer(connection);
	else
		fail(connection, -ECONNRESET);
}

static void receive(struct cor_load_connection *connection)
{
	size_t at = connection->state == COR_LOAD_BODY ? 0 : connection->len;
	bool more;
	ssize_t n = transport->receive(transport, connection->watch.fd, connection->bytes + at,
		sizeof connection->bytes - at, &more);

	if (n == -EAGAIN)
		return;
	if (n == 0) {
		ended(connection);
	} else if (n < 0) {
		fail(connection, (int)n);
	} else if (connection->state == COR_LOAD_FREE) {
		fail(connection, -EPROTO); /* nobody has asked */
	} else {
		cor_load_received(connection, (size_t)n);
		if (connection->state == COR_LOAD_BODY) {
			read_body(connection, connection->bytes, (size_t)n);
		} else {
			connection->len += (size_t)n;
			connection->state = COR_LOAD_HEAD; /* also before all was sent */
			read_head(connection);
		}
	}
}

/* --- connecting --- */

static void connected(struct cor_load_connection *connection)
{
	int code = transport->take_error(transport, connection->watch.fd);

	if (code < 0) {
		fail(connection, code);
		return;
	}
	connection->state = COR_LOAD_FREE;
	watch_writing(connection, false);
	if (connection->state == COR_LOAD_FREE)
		cor_load_is_free(connection);
}

static void ready(struct cor_watch *watch, uint32_t events)
{
	struct cor_load_connection *connection = cor_container_of(
		watch, struct cor_load_connection, watch);

	if (connection->state == COR_LOAD_CONNECTING)
		connected(connection);
	else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		receive(connection);
	else if (events & EPOLLOUT && connection->state == COR_LOAD_SENDING)
		send_on(connection);
}

int cor_load_connect(struct cor_load_connection *connection)
{
	const struct cor_address *address = &connection->run->address;
	int fd = transport->open(transport, address->any.sa_family);

	if (fd < 0)
		return fd;
	if (address->any.sa_family != AF_UNIX)
		cor_ignore(transport->set_option(transport, fd, IPPROTO_TCP, TCP_NODELAY, 1));
	int rc = transport->connect(transport, fd, address);
	connection->watch = (struct cor_watch){ .fd = fd, .ready = ready };
	connection->is_writing = true;
	if (rc == 0 || rc == -EINPROGRESS)
		rc = cor_reactor_add(
			connection->run->scheduler, &connection->watch, EPOLLIN | EPOLLOUT);
	if (rc < 0)
		transport->close(transport, fd);
	else
		connection->state = COR_LOAD_CONNECTING;
	return rc;
}
