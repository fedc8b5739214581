/* SPDX-License-Identifier: MIT */
#include "testing/service_flight.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "testing/service_time.h"

#define PIECE_BYTES 16384

struct cor_test_flight *cor_test_flight_make(struct cor_test_service *service, const char *file,
	int line, const struct cor_test_request *request)
{
	struct cor_test_flight *flight = cor_arena_zalloc(&service->arena, sizeof *flight);

	if (!flight) {
		cor_test_fail_at(service->t, file, line, "no memory for a request");
		cor_test_end(service->t);
	}
	flight->service = service;
	flight->request = *request;
	flight->file = file;
	flight->line = line;
	flight->socket = -1;
	flight->began_ns = cor_world_now_ns(service->world);
	flight->next = service->flights;
	service->flights = flight;
	return flight;
}

const char *cor_test_flight_name(const struct cor_test_flight *flight)
{
	return flight->name ? flight->name : "a request";
}

static int broken(struct cor_test_flight *flight, const char *fault)
{
	flight->state = COR_TEST_BROKEN;
	flight->fault = fault;
	return -EPIPE;
}

int cor_test_flight_connect(struct cor_test_flight *flight, struct cor_str method)
{
	bool is_head = cor_str_equal(method, COR_STR("HEAD"));

	cor_answer_parser_init(&flight->parser, is_head ? COR_ANSWER_TO_HEAD : COR_ANSWER_TO_ANY);
	flight->socket = cor_world_connect(flight->service->world, COR_TEST_ADDRESS);
	return flight->socket < 0 ? broken(flight, "the service accepts no connection") : 0;
}

/* --- what has come --- */

static void drop(struct cor_buffer *buffer, size_t len)
{
	memmove(buffer->data, buffer->data + len, buffer->len - len);
	buffer->len -= len;
}

static void keep_headers(struct cor_test_flight *flight)
{
	const struct cor_head *head = &flight->parser.lines.head;
	const struct cor_head_field *fields = flight->parser.lines.fields;
	struct cor_arena *arena = &flight->service->arena;

	flight->headers = cor_arena_zalloc(
		arena, (head->fields_len + 1u) * sizeof *flight->headers);
	for (size_t i = 0; flight->headers && i < head->fields_len; i++) {
		struct cor_str name = cor_span_text(flight->received.data, fields[i].name);
		struct cor_str value = cor_span_text(flight->received.data, fields[i].value);
		flight->headers[i].name = cor_arena_copy(arena, name.data, name.len);
		flight->headers[i].value = cor_arena_copy(arena, value.data, value.len);
		if (!flight->headers[i].name || !flight->headers[i].value)
			flight->headers = NULL;
	}
}

static void whole(struct cor_test_flight *flight)
{
	flight->state = COR_TEST_WHOLE;
	flight->ended_ns = cor_world_now_ns(flight->service->world);
	cor_buffer_byte(&flight->body, '\0');
	if (cor_buffer_error(&flight->body) < 0)
		broken(flight, "no memory for the answer");
	else
		flight->body.len--;
}

static void begin_body(struct cor_test_flight *flight)
{
	const struct cor_answer_parser *parser = &flight->parser;

	flight->state = COR_TEST_BODY;
	flight->left = parser->body == COR_ANSWER_LENGTH ? parser->body_bytes : -1;
	if (parser->body == COR_ANSWER_EMPTY)
		whole(flight);
	if (parser->body == COR_ANSWER_CHUNKED)
		cor_chunked_init(&flight->chunked, -1);
}

/*
 * The parser takes no 101, since no client of ours asks for one. What follows it are frames, until
 * the connection ends: as a 200 without a length.
 */
static void see_switch(struct cor_test_flight *flight)
{
	static const char status[] = "HTTP/1.1 101";
	char *at = flight->received.data;

	if (!flight->talk || flight->has_switched || flight->received.len < sizeof status - 1 ||
		memcmp(at, status, sizeof status - 1) != 0)
		return;
	memcpy(at, "HTTP/1.1 200", sizeof status - 1);
	flight->has_switched = true;
}

/* Interim ones are passed over. */
static void look_for_head(struct cor_test_flight *flight)
{
	struct cor_answer_parser *parser = &flight->parser;
	ssize_t n;

	see_switch(flight);
	while ((n = cor_answer_parse(parser, flight->received.data, flight->received.len)) > 0 &&
		parser->status < 200) {
		drop(&flight->received, (size_t)n);
		cor_answer_parser_reset(parser);
	}
	if (n < 0)
		broken(flight, parser->lines.error.reason);
	if (n <= 0)
		return;
	keep_headers(flight);
	drop(&flight->received, (size_t)n);
	if (flight->headers)
		begin_body(flight);
	else
		broken(flight, "no memory for the answer");
}

static void look_for_chunks(struct cor_test_flight *flight)
{
	enum cor_chunked_event event = COR_CHUNKED_MORE;

	while (flight->received.len && event != COR_CHUNKED_END && event != COR_CHUNKED_ERROR) {
		size_t used;
		struct cor_str data;
		event = cor_chunked_read(&flight->chunked, flight->received.data,
			flight->received.len, &used, &data);
		if (event == COR_CHUNKED_DATA)
			cor_buffer_append_str(&flight->body, data);
		drop(&flight->received, used);
	}
	if (event == COR_CHUNKED_END)
		whole(flight);
	if (event == COR_CHUNKED_ERROR)
		broken(flight, "its answer has broken chunks");
}

static void look_for_body(struct cor_test_flight *flight)
{
	size_t len = flight->received.len;

	if (flight->parser.body == COR_ANSWER_CHUNKED) {
		look_for_chunks(flight);
		return;
	}
	if (flight->left >= 0 && (int64_t)len > flight->left)
		len = (size_t)flight->left;
	if (len)
		cor_buffer_append(&flight->body, flight->received.data, len);
	drop(&flight->received, len);
	if (flight->left >= 0)
		flight->left -= (int64_t)len;
	if (flight->left == 0)
		whole(flight);
}

static void look(struct cor_test_flight *flight)
{
	if (flight->state == COR_TEST_HEAD && flight->received.len)
		look_for_head(flight);
	if (flight->state == COR_TEST_BODY)
		look_for_body(flight);
}

static void see_end(struct cor_test_flight *flight)
{
	if (flight->state == COR_TEST_BODY && flight->parser.body == COR_ANSWER_UNTIL_CLOSE)
		whole(flight);
	else if (flight->state == COR_TEST_HEAD)
		broken(flight, "the service has closed the connection without an answer");
	else if (flight->state == COR_TEST_BODY)
		broken(flight, "the service has cut its answer short");
}

static void receive(struct cor_test_flight *flight)
{
	struct cor_world *world = flight->service->world;
	ssize_t n = 1;

	while (n > 0 && flight->state < COR_TEST_WHOLE && flight->socket >= 0) {
		char *at = cor_buffer_reserve(&flight->received, PIECE_BYTES);
		if (!at) {
			broken(flight, "no memory for the answer");
			return;
		}
		n = cor_world_receive(world, flight->socket, at, PIECE_BYTES);
		flight->received.len += n > 0 ? (size_t)n : 0;
		flight->moved += n > 0 ? (uint64_t)n : 0;
		look(flight);
	}
	if (n == 0 || (n < 0 && n != -EAGAIN))
		see_end(flight);
}

bool cor_test_flight_has(struct cor_test_flight *flight, enum cor_test_progress progress)
{
	receive(flight);
	if (flight->state >= COR_TEST_WHOLE)
		return true;
	if (flight->state == COR_TEST_HEAD || progress == COR_TEST_HAS_ALL)
		return false;
	return progress == COR_TEST_HAS_HEAD || flight->body.len > flight->taken;
}

/* --- what takes time --- */

static const char *fault_of(struct cor_test_flight *flight, int rc)
{
	struct cor_arena *arena = &flight->service->arena;
	const char *text = NULL;

	if (rc == -EDEADLK)
		text = "it waits for what will never happen: nothing else goes on, no timer is set";
	else if (rc == -ETIMEDOUT)
		text = cor_arena_printf(arena, "no answer after %lld ms of the test's time",
			(long long)cor_test_patience_ms(flight->service));
	else if (rc == -ESHUTDOWN)
		text = "the service has ended";
	return text ? text : cor_strerror(rc);
}

struct wanted {
	struct cor_test_flight *flight;
	enum cor_test_progress progress;
};

static bool is_there(void *arg)
{
	const struct wanted *wanted = arg;

	return cor_test_flight_has(wanted->flight, wanted->progress);
}

int cor_test_flight_await(struct cor_test_flight *flight, enum cor_test_progress progress)
{
	struct wanted wanted = { flight, progress };
	const struct cor_test_goal goal = { is_there, &wanted, &flight->moved };
	int rc = 0;

	if (!cor_test_flight_has(flight, progress))
		rc = cor_test_await(flight->service, &goal, cor_test_patience_ms(flight->service));
	if (rc < 0)
		return broken(flight, fault_of(flight, rc));
	return flight->state == COR_TEST_BROKEN ? -EPIPE : 0;
}

/* --- sending --- */

struct sending {
	struct cor_test_flight *flight;
	const char *data;
	size_t len;
};

/* There is room for more, or it has answered without. */
static bool goes_on(void *arg)
{
	struct sending *sending = arg;
	struct cor_test_flight *flight = sending->flight;
	ssize_t n = cor_world_send_bytes(
		flight->service->world, flight->socket, sending->data, sending->len);

	if (n > 0) {
		sending->data += n;
		sending->len -= (size_t)n;
		flight->moved += (uint64_t)n;
	}
	return sending->len == 0 || (n < 0 && n != -EAGAIN) ||
	       cor_test_flight_has(flight, COR_TEST_HAS_HEAD);
}

int cor_test_flight_send(struct cor_test_flight *flight, const void *data, size_t len)
{
	struct sending sending = { flight, data, len };
	const struct cor_test_goal goal = { goes_on, &sending, &flight->moved };

	if (goes_on(&sending))
		return sending.len ? -EPIPE : 0;
	int rc = cor_test_await(flight->service, &goal, cor_test_patience_ms(flight->service));
	if (rc < 0)
		return broken(flight, fault_of(flight, rc));
	return sending.len ? -EPIPE : 0;
}

/* --- the end --- */

void cor_test_flight_close(struct cor_test_flight *flight)
{
	if (flight->socket < 0)
		return;
	cor_world_close(flight->service->world, flight->socket);
	flight->socket = -1;
	cor_ignore(cor_test_let_happen(flight->service, NULL));
}

void cor_test_flights_end(struct cor_test_service *service)
{
	for (struct cor_test_flight *flight = service->flights; flight; flight = flight->next) {
		if (!flight->is_over && !cor_test_has_failed(service->t))
			cor_test_fail_at(service->t, flight->file, flight->line,
				"%s was never finished: cor_test_finish() or cor_test_leave()",
				cor_test_flight_name(flight));
		cor_test_flight_close(flight);
		cor_buffer_finish(&flight->received);
		cor_buffer_finish(&flight->body);
	}
}
