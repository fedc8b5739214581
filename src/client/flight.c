/* SPDX-License-Identifier: MIT */
#include "client/flight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "base/buffer.h"
#include "client/aim.h"
#include "client/attempt.h"
#include "client/call_figures.h"
#include "client/failure.h"
#include "client/upstreams.h"
#include "runtime/wait.h"

#define PIECE_BYTES 4096

struct follower {
	struct follower *next;
	struct cor_wait wait;
};

struct cor_flight {
	struct cor_flight *next; /* on its way to the same upstream */
	struct cor_str key;
	uint32_t users;                 /* who lead, follow or read it */
	struct follower *followers;     /* that wait for it */
	struct cor_carrier_fault fault; /* kind 0: there is an answer */
	bool is_shed;                   /* the fault is that of the adaptive limit */
	bool is_own;                    /* the fault says nothing of other calls */
	struct cor_carrier_answer head;
	struct cor_buffer body; /* as it came */
	struct cor_arena arena;
};

static void let_go(struct cor_flight *flight)
{
	if (--flight->users != 0)
		return;
	cor_buffer_finish(&flight->body);
	cor_arena_finish(&flight->arena);
	free(flight);
}

/* --- which are equal --- */

/* What differs in each request, and does not change the answer. */
static bool is_of_one_alone(const char *name)
{
	static const char *const names[] = { "X-Request-Id", "traceparent", "tracestate",
		"baggage" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcasecmp(names[i], name) == 0)
			return true;
	return false;
}

static void write_key(const struct cor_answer *answer, struct cor_buffer *key)
{
	const struct cor_carrier_request *request = &answer->request;
	const char *left = answer->message.left;

	if (answer->redirects) { /* else it is any of the targets */
		cor_buffer_append_str(key, request->authority);
		cor_buffer_byte(key, request->destination->is_tls ? 's' : ' ');
	}
	cor_buffer_append_str(key, request->path);
	for (size_t i = 0; i < request->fields_len; i++) {
		const struct cor_http_field *field = &request->fields[i];
		if (is_of_one_alone(field->name) || field->value == left)
			continue;
		cor_buffer_byte(key, '\n');
		cor_buffer_append_str(key, cor_str(field->name));
		cor_buffer_byte(key, ':');
		cor_buffer_append_str(key, cor_str(field->value));
	}
}

static struct cor_flight *find(const struct cor_upstream_here *here, struct cor_str key)
{
	struct cor_flight *flight = here->flights;

	while (flight && !cor_str_equal(flight->key, key))
		flight = flight->next;
	return flight;
}

/* NULL: without memory it flies alone. */
static struct cor_flight *add(struct cor_upstream_here *here, struct cor_str key)
{
	struct cor_flight *flight = calloc(1, sizeof *flight);

	if (!flight)
		return NULL;
	cor_arena_init(&flight->arena, NULL, 0, 0);
	flight->key = (struct cor_str){ cor_arena_copy(&flight->arena, key.data, key.len),
		key.len };
	flight->users = 1;
	if (!flight->key.data) {
		let_go(flight);
		return NULL;
	}
	flight->next = here->flights;
	here->flights = flight;
	return flight;
}

static void take_off_list(struct cor_upstream_here *here, struct cor_flight *flight)
{
	struct cor_flight **at = &here->flights;

	while (*at != flight)
		at = &(*at)->next;
	*at = flight->next;
}

/* --- an answer that is here --- */

struct replay {
	struct cor_wire wire;
	struct cor_flight *flight;
	size_t at;
};

static ssize_t receive(struct cor_wire *wire, void *buffer, size_t size)
{
	struct replay *replay = cor_container_of(wire, struct replay, wire);
	size_t left = replay->flight->body.len - replay->at;
	size_t n = size < left ? size : left;

	if (n)
		memcpy(buffer, replay->flight->body.data + replay->at, n);
	replay->at += n;
	return (ssize_t)n;
}

static void end(struct cor_wire *wire)
{
	let_go(cor_container_of(wire, struct replay, wire)->flight);
}

/* Only of these is there any use when the head is there. */
static const struct cor_carrier replaying = { .name = "replay", .receive = receive, .end = end };

/* It takes over the use of the flight. */
static int play(struct cor_answer *answer, struct cor_flight *flight)
{
	struct replay *replay = cor_arena_zalloc(&answer->ctx->arena, sizeof *replay);

	if (!replay) {
		let_go(flight);
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	}
	replay->wire = (struct cor_wire){
		.carrier = &replaying, .request = &answer->request, .has_answer = true
	};
	replay->flight = flight;
	answer->wire = &replay->wire;
	return 0;
}

/* --- who follows --- */

static int copy_head(struct cor_arena *arena, const struct cor_carrier_answer *head,
	struct cor_carrier_answer *ret)
{
	struct cor_http_field *fields = cor_arena_zalloc(
		arena, (head->fields_len + 1) * sizeof *fields);

	*ret = *head;
	ret->fields = fields;
	for (size_t i = 0; fields && i < head->fields_len; i++) {
		fields[i].name = cor_arena_strdup(arena, head->fields[i].name);
		fields[i].value = cor_arena_strdup(arena, head->fields[i].value);
		if (!fields[i].name || !fields[i].value)
			return -ENOMEM;
	}
	return fields ? 0 : -ENOMEM;
}

/* Returns whether it waited still. */
static bool leave(struct cor_flight *flight, struct follower *self)
{
	struct follower **at = &flight->followers;

	while (*at && *at != self)
		at = &(*at)->next;
	if (!*at)
		return false;
	*at = self->next;
	return true;
}

static int wait_for(struct cor_answer *answer, struct cor_flight *flight)
{
	struct follower self = { .next = flight->followers };
	struct cor_answer_wait wait;

	cor_wait_begin(&self.wait, "a call that follows another");
	/* cppcheck-suppress autoVariables; it is taken back before the return */
	flight->followers = &self;
	cor_answer_begin_wait(answer, &wait, UINT32_MAX, COR_FAILED_TOTAL_TIMEOUT);
	int rc = cor_wait(&self.wait, COR_FOREVER);
	if (rc < 0 && !leave(flight, &self)) {
		cor_wait_settle(&self.wait); /* both at the same time: it is here */
		rc = 0;
	}
	return cor_answer_end_wait(answer, &wait, rc);
}

/* Neither target nor breaker learns anything from it. */
static int follow(struct cor_answer *answer, struct cor_flight *flight)
{
	flight->users++;
	cor_answer_settle(answer);
	cor_call_joined(answer);
	int rc = wait_for(answer, flight);
	if (rc == 0 && flight->is_own)
		rc = COR_FLIGHT_AGAIN;
	else if (rc == 0 && flight->fault.kind) {
		answer->is_shed = flight->is_shed;
		rc = cor_answer_fail(answer, flight->fault.kind, "%s", flight->fault.text);
	} else if (rc == 0 && copy_head(&answer->ctx->arena, &flight->head, &answer->head) < 0)
		rc = cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	if (rc != 0) {
		let_go(flight);
		return rc;
	}
	answer->has_joined = true;
	rc = play(answer, flight);
	return rc < 0 ? rc : COR_FLIGHT_HERE;
}

int cor_flight_board(struct cor_answer *answer)
{
	struct cor_upstream_here *here = answer->here;
	struct cor_buffer key = { 0 };
	int rc = COR_FLIGHT_SEND;

	if (!answer->may_join || !cor_fiber_current())
		return COR_FLIGHT_SEND;
	write_key(answer, &key);
	struct cor_str text = { key.data, key.len };
	bool has_key = key.data && cor_buffer_error(&key) == 0;
	struct cor_flight *flight = has_key ? find(here, text) : NULL;
	if (flight)
		rc = follow(answer, flight);
	else if (has_key)
		answer->flight = add(here, text);
	cor_buffer_finish(&key);
	return rc;
}

/* --- who leads --- */

static int read_body(struct cor_answer *answer, struct cor_flight *flight)
{
	uint32_t limit = answer->here->upstream->answer_limit_bytes;
	char piece[PIECE_BYTES];
	ssize_t n;

	flight->body.limit = limit ? limit : COR_ANSWER_LIMIT_BYTES;
	if (answer->head.body_bytes == 0)
		return 0;
	while ((n = cor_answer_receive(answer, piece, sizeof piece)) > 0)
		cor_buffer_append(&flight->body, piece, (size_t)n);
	if (n < 0)
		return (int)n;
	if (cor_buffer_error(&flight->body) == -COR_ETOOLARGE)
		return cor_answer_fail(answer, COR_FAILED_TOO_LARGE,
			"its answer is longer than %zu bytes", flight->body.limit);
	return cor_buffer_error(&flight->body) < 0
		       ? cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory")
		       : 0;
}

static void tell(struct cor_flight *flight)
{
	while (flight->followers) {
		struct follower *first = flight->followers;
		flight->followers = first->next;
		cor_wait_signal(&first->wait);
	}
}

/* That its caller had no more time, or left, or that its connection was stale, is its own. */
static bool is_own(const struct cor_answer *answer)
{
	enum cor_failure kind = answer->fault.kind;

	if (answer->is_shed) /* whoever follows would wait as long, one after the other */
		return false;
	return kind == COR_FAILED_TOTAL_TIMEOUT || cor_failure_is(kind, COR_FAILED_HERE) ||
	       cor_failure_is(kind, COR_FAILED_UNTRIED) || cor_answer_met_stale(answer);
}

int cor_flight_land(struct cor_answer *answer, int rc)
{
	struct cor_flight *flight = answer->flight;

	answer->flight = NULL;
	if (rc == 0)
		rc = read_body(answer, flight);
	if (rc == 0 && copy_head(&flight->arena, &answer->head, &flight->head) < 0)
		rc = cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	if (rc < 0) {
		flight->fault = answer->fault;
		flight->is_own = is_own(answer);
		flight->is_shed = answer->is_shed;
	}
	take_off_list(answer->here, flight);
	tell(flight);
	if (rc < 0) {
		let_go(flight);
		return rc;
	}
	answer->wire->carrier->end(answer->wire);
	answer->wire = NULL;
	return play(answer, flight);
}
