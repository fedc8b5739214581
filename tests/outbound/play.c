/* SPDX-License-Identifier: MIT */
#include "play.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "outbound/plain.h"
#include "runtime/clock.h"

static void *or_abort(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static void require(bool claim, const char *what)
{
	if (claim)
		return;
	fprintf(stderr, "play: %s\n", what);
	abort();
}

/* --- names --- */

static int find(const struct cor_lookup *lookup, const char *host, struct cor_addresses *ret)
{
	const struct names *names = cor_container_of(lookup, const struct names, lookup);
	char list[200], *rest = list, *text;

	(void)host;
	if (!names->addresses)
		return -ENOENT;
	snprintf(list, sizeof list, "%s", names->addresses);
	ret->len = 0;
	while ((text = strsep(&rest, " "))) {
		char whole[100];
		snprintf(whole, sizeof whole, strchr(text, ':') ? "[%s]:0" : "%s:0", text);
		if (cor_address_parse(whole, &ret->list[ret->len++]) < 0)
			abort();
	}
	return 0;
}

/* --- a world --- */

struct play *play_begin(void)
{
	struct play *play = or_abort(calloc(1, sizeof *play));

	play->world = cor_world_create();
	play->seams = cor_world_seams(play->world);
	play->names = (struct names){ .lookup = { find, COR_LOOKUP_YIELDS } };
	require(cor_scheduler_create_with(NULL, &play->seams, &play->scheduler) == 0, "scheduler");
	require(cor_resolver_create(&play->names.lookup, &play->resolver) == 0, "resolver");
	require(cor_plain_open(play->resolver, &play->state) == 0, "state");
	play->listener = cor_world_listen(play->world, SERVER);
	require(play->listener >= 0, "listener");
	return play;
}

void play_end(struct play *play)
{
	cor_scheduler_stop(play->scheduler);
	play_settle(play);
	cor_plain_close(play->state);
	cor_world_close(play->world, play->listener);
	require(cor_world_sockets(play->world) == 0, "a socket is left");
	cor_resolver_destroy(play->resolver);
	cor_scheduler_destroy(play->scheduler);
	cor_world_destroy(play->world);
	free(play);
}

void play_settle(struct play *play)
{
	(void)cor_world_settle(play->world, play->scheduler);
}

void play_pass_ms(struct play *play, int64_t ms)
{
	struct cor_world_cast cast = { { play->scheduler }, 1 };

	(void)cor_world_run_until(
		play->world, &cast, cor_world_now_ns(play->world) + ms * COR_NS_PER_MS);
}

int play_accept(struct play *play)
{
	int peer = cor_world_accept(play->world, play->listener);

	require(peer >= 0, "nobody has connected");
	return peer;
}

void play_send_bytes(struct play *play, int peer, const void *data, size_t len)
{
	const char *at = data;

	for (;;) {
		ssize_t sent = len ? cor_world_send_bytes(play->world, peer, at, len) : 0;
		if (sent > 0) {
			at += sent;
			len -= (size_t)sent;
		}
		play_settle(play);
		if (len == 0 || sent < 0)
			return;
	}
}

void play_send(struct play *play, int peer, const char *text)
{
	play_send_bytes(play, peer, text, strlen(text));
}

const char *play_receive(struct play *play, int peer)
{
	size_t len = 0;
	ssize_t n;

	while (len < RECEIVED_BYTES - 1 &&
		(n = cor_world_receive(
			 play->world, peer, play->received + len, RECEIVED_BYTES - 1 - len)) > 0) {
		len += (size_t)n;
		play_settle(play);
	}
	play->received[len] = '\0';
	return play->received;
}

/* --- a call --- */

static const char *kind_name(enum cor_failure kind)
{
	switch (kind) {
	case COR_FAILED_LOST:
		return "lost";
	case COR_FAILED_REFUSED:
		return "refused";
	case COR_FAILED_UNREACHABLE:
		return "unreachable";
	case COR_FAILED_RESOLVE:
		return "resolve";
	case COR_FAILED_PROTOCOL:
		return "protocol";
	case COR_FAILED_TOO_LARGE:
		return "too large";
	case COR_FAILED_CALL:
		return "call";
	default:
		return "other";
	}
}

static void describe(struct call *call, const struct cor_wire *wire)
{
	char *text = call->outcome + strlen(call->outcome);

	if (call->code == 0)
		return;
	text += snprintf(text, 50, "%s", text != call->outcome ? " then " : "");
	if (wire->fault.kind)
		snprintf(text, 300, "%s: %s", kind_name(wire->fault.kind), wire->fault.text);
	else
		snprintf(text, 300, "%s",
			call->code == -ETIMEDOUT   ? "timeout"
			: call->code == -ECANCELED ? "canceled"
						   : "no fault");
}

static int send_body(struct call *call, struct cor_wire *wire)
{
	size_t len = call->body_len ? call->body_len : call->body ? strlen(call->body) : 0;
	size_t piece = call->piece_bytes ? call->piece_bytes : len;
	int rc = 0;

	for (size_t at = 0; at < len && rc == 0; at += piece)
		rc = wire->carrier->send(
			wire, call->body + at, len - at < piece ? len - at : piece);
	if (rc == 0)
		rc = wire->carrier->finish(wire);
	call->was_cut = rc == -EPIPE;
	return call->was_cut ? 0 : rc;
}

static int receive_head(struct call *call, struct cor_wire *wire)
{
	struct cor_carrier_answer answer;
	int rc = wire->carrier->receive_head(wire, &answer);

	if (rc < 0)
		return rc;
	require(!answer.fields[answer.fields_len].name, "the fields have no end");
	call->body_announced = answer.body_bytes;
	snprintf(call->outcome, 10, "%u ", answer.status);
	for (size_t i = 0; i < answer.fields_len; i++) {
		char *text = call->fields_text + strlen(call->fields_text);
		snprintf(text, sizeof call->fields_text - (size_t)(text - call->fields_text),
			"%s: %s|", answer.fields[i].name, answer.fields[i].value);
	}
	return 0;
}

static int receive_body(struct call *call, struct cor_wire *wire)
{
	size_t size = call->buffer_bytes ? call->buffer_bytes : 4096;
	char *buffer = or_abort(malloc(size)); /* of exactly that size */
	size_t len = strlen(call->outcome);
	ssize_t got;

	while ((got = wire->carrier->receive(wire, buffer, size)) > 0) {
		call->body_received += (size_t)got;
		if (call->is_counted)
			continue;
		require(len + (size_t)got < OUTCOME_BYTES - 400, "the body is too long");
		memcpy(call->outcome + len, buffer, (size_t)got);
		len += (size_t)got;
	}
	call->outcome[len] = '\0';
	if (call->is_counted)
		snprintf(call->outcome + len, 30, "%zu", call->body_received);
	free(buffer);
	return (int)got;
}

static int exchange(struct call *call, struct cor_wire *wire)
{
	int rc = wire->carrier->connect(wire);

	if (rc == 0)
		rc = send_body(call, wire);
	if (rc == 0)
		rc = receive_head(call, wire);
	if (rc == 0 && !call->keeps_open)
		rc = receive_body(call, wire);
	return rc;
}

void call_do(struct call *call)
{
	struct cor_arena arena;
	char memory[4096];
	const struct cor_destination destination = {
		.host = cor_str(call->host ? call->host : "10.0.0.1"),
		.port = call->unix_path ? 0
			: call->port    ? call->port
					: 80,
		.unix_path = call->unix_path,
	};
	const struct cor_carrier_request request = {
		.destination = &destination,
		.arena = &arena,
		.method = cor_str(call->method ? call->method : "GET"),
		.authority = cor_str(call->host ? call->host : "server"),
		.path = COR_STR("/"),
		.fields = call->fields,
		.fields_len = call->fields_len,
		.body_bytes = call->body_bytes ? call->body_bytes
			      : call->body_len ? (int64_t)call->body_len
			      : call->body     ? (int64_t)strlen(call->body)
					       : COR_BODY_ABSENT,
		.kept = call->kept,
		.kept_ms = call->kept_ms,
	};
	struct cor_scope scope;
	struct cor_wire *wire;

	memset(memory, 0xa5, sizeof memory); /* as memory is that was used before */
	cor_arena_init(&arena, memory, sizeof memory, 0);
	call->outcome[0] = call->fields_text[0] = '\0';
	cor_scope_enter(&scope, call->timeout_ms ? call->timeout_ms : COR_FOREVER);
	call->code = cor_plain_carrier.begin(call->play->state, &request, &wire);
	if (call->code == 0) {
		call->code = exchange(call, wire);
		call->failure = wire->fault.kind;
		call->is_reused = wire->is_reused;
		call->has_answer = wire->has_answer;
		describe(call, wire);
		wire->carrier->end(wire);
	}
	cor_scope_leave(&scope);
	cor_arena_finish(&arena);
	call->ended_ns = cor_world_now_ns(call->play->world);
	call->is_over = true;
}

static int run_fiber(void *arg)
{
	call_do(arg);
	return 0;
}

void call_start(struct call *call)
{
	call->is_over = false;
	require(cor_fiber_start(call->play->scheduler, run_fiber, call, NULL, NULL) == 0, "fiber");
	play_settle(call->play);
}
