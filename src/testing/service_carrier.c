/* SPDX-License-Identifier: MIT */
#include "testing/service_call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "testing/service_websocket.h"

struct wire {
	struct cor_wire wire;
	struct cor_test_caller *caller;
	bool has_sent_head;
};

static struct wire *of(struct cor_wire *wire)
{
	return cor_container_of(wire, struct wire, wire);
}

static int open_carrier(
	const struct cor_carrier *carrier, const struct cor_carrier_calls *calls, void **ret_state)
{
	(void)calls;
	*ret_state = cor_container_of(carrier, struct cor_test_caller, carrier);
	return 0;
}

static void close_carrier(void *state)
{
	(void)state;
}

static int begin(void *state, const struct cor_carrier_request *request, struct cor_wire **ret)
{
	struct cor_test_caller *caller = state;
	struct wire *wire = calloc(1, sizeof *wire);

	if (!wire)
		return -ENOMEM;
	wire->wire = (struct cor_wire){ .carrier = &caller->carrier, .request = request };
	wire->caller = caller;
	caller->flight->name = cor_arena_printf(&caller->service->arena, "%.*s %.*s",
		(int)request->method.len, request->method.data, (int)request->path.len,
		request->path.data);
	*ret = &wire->wire;
	return 0; /* NOLINT(analyzer-malloc-leak): *ret is a part of it */
}

static int fail(struct wire *wire, int rc)
{
	const char *text = wire->caller->flight->fault;

	wire->wire.fault.kind = COR_FAILED_LOST;
	snprintf(wire->wire.fault.text, sizeof wire->wire.fault.text, "%s", text ? text : "");
	return rc;
}

static bool is_sent(const struct wire *wire)
{
	return wire->caller->half == COR_TEST_SECOND_HALF;
}

static int connect_wire(struct cor_wire *base)
{
	struct wire *wire = of(base);
	int rc = is_sent(wire)
			 ? 0
			 : cor_test_flight_connect(wire->caller->flight, base->request->method);

	return rc < 0 ? fail(wire, rc) : 0;
}

static void put_head(struct cor_buffer *head, const struct cor_carrier_request *request,
	const struct cor_test_flight *flight)
{
	cor_buffer_printf(head, "%.*s %.*s HTTP/1.1\r\nHost: %.*s\r\n", (int)request->method.len,
		request->method.data, (int)request->path.len, request->path.data,
		(int)request->authority.len, request->authority.data);
	for (size_t i = 0; i < request->fields_len; i++)
		cor_buffer_printf(
			head, "%s: %s\r\n", request->fields[i].name, request->fields[i].value);
	if (flight->talk)
		cor_buffer_literal(head, COR_TEST_WEBSOCKET_HEAD);
	if (request->body_bytes == COR_BODY_CHUNKED)
		cor_buffer_literal(head, "Transfer-Encoding: chunked\r\n");
	else if (request->body_bytes != COR_BODY_ABSENT)
		cor_buffer_printf(head, "Content-Length: %lld\r\n", (long long)request->body_bytes);
	cor_buffer_literal(head, "\r\n");
}

static int send_all(struct wire *wire, struct cor_buffer *bytes)
{
	struct cor_test_flight *flight = wire->caller->flight;
	int rc = cor_buffer_error(bytes);

	if (rc == 0 && bytes->len)
		rc = cor_test_flight_send(flight, bytes->data, bytes->len);
	cor_buffer_finish(bytes);
	return rc < 0 && flight->fault ? fail(wire, rc) : rc;
}

static int send_bytes(struct cor_wire *base, const void *data, size_t len)
{
	struct wire *wire = of(base);
	struct cor_buffer bytes = { 0 };

	if (is_sent(wire))
		return 0;
	if (!wire->has_sent_head)
		put_head(&bytes, base->request, wire->caller->flight);
	wire->has_sent_head = true;
	if (base->request->body_bytes == COR_BODY_CHUNKED)
		cor_chunk_append(&bytes, (struct cor_str){ data, len });
	else if (len)
		cor_buffer_append(&bytes, data, len);
	return send_all(wire, &bytes);
}

static int finish(struct cor_wire *base)
{
	struct cor_buffer end = { 0 };
	int rc = of(base)->has_sent_head ? 0 : send_bytes(base, "", 0);

	if (rc < 0 || is_sent(of(base)) || base->request->body_bytes != COR_BODY_CHUNKED)
		return rc;
	cor_buffer_literal(&end, COR_CHUNK_END);
	return send_all(of(base), &end);
}

static int receive_head(struct cor_wire *base, struct cor_carrier_answer *ret)
{
	struct wire *wire = of(base);
	struct cor_test_flight *flight = wire->caller->flight;
	size_t len = 0;

	if (wire->caller->half == COR_TEST_FIRST_HALF)
		return fail(wire, -ECONNRESET);
	int rc = cor_test_flight_await(flight, COR_TEST_HAS_HEAD);
	if (rc < 0)
		return fail(wire, rc);
	while (flight->headers[len].name)
		len++;
	base->has_answer = true;
	*ret = (struct cor_carrier_answer){
		.status = flight->parser.status,
		.fields = flight->headers,
		.fields_len = len,
		.body_bytes = flight->parser.body == COR_ANSWER_EMPTY    ? 0
			      : flight->parser.body == COR_ANSWER_LENGTH ? flight->parser.body_bytes
									 : -1,
	};
	return 0;
}

static ssize_t receive(struct cor_wire *base, void *buffer, size_t size)
{
	struct wire *wire = of(base);
	struct cor_test_flight *flight = wire->caller->flight;
	int rc = cor_test_flight_await(flight, COR_TEST_HAS_MORE);

	if (rc < 0)
		return fail(wire, rc);
	size_t left = flight->body.len - flight->taken;
	size = left < size ? left : size;
	if (size)
		memcpy(buffer, flight->body.data + flight->taken, size);
	flight->taken += size;
	return (ssize_t)size;
}

static void end(struct cor_wire *base)
{
	free(of(base));
}

const struct cor_carrier cor_test_carrier = {
	.name = "test",
	.skills = COR_CARRIES_TLS,
	.open = open_carrier,
	.close = close_carrier,
	.begin = begin,
	.connect = connect_wire,
	.send = send_bytes,
	.finish = finish,
	.receive_head = receive_head,
	.receive = receive,
	.end = end,
};
