/* SPDX-License-Identifier: MIT */
#include "fuzz/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>
#include <coracle/str.h>

#include "fuzz/figures.h"

#define RATE_LIMIT_S   3600 /* lets each limit begin again */
#define LEAK_LOOKS_MAX 4    /* of each status: a look takes a new start of the service */
#define GROWS          3    /* times that memory grows in a row: it may leak */

/* Of AddressSanitizer, if the program has it. */
// NOLINTBEGIN(bugprone-reserved-identifier)
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
// NOLINTEND(bugprone-reserved-identifier)

int cor_fuzz_session_init(struct cor_fuzz_session *session, const struct cor_service *service,
	const char *operation, int log)
{
	memset(session, 0, sizeof *session);
	session->service = service;
	session->log = log;
	session->looks_for_leaks = __lsan_do_recoverable_leak_check &&
				   __sanitizer_get_current_allocated_bytes;
	cor_arena_init(&session->arena, NULL, 0, 0);
	return cor_fuzz_promise_init(&session->promise, service, operation);
}

/* The answer is emptied, too: what it holds is the session's. */
static bool stop(struct cor_fuzz_session *session)
{
	return !session->stage.world || cor_fuzz_stage_close(&session->stage);
}

void cor_fuzz_session_finish(struct cor_fuzz_session *session)
{
	(void)stop(session);
	cor_before_pass_finish(&session->pass);
	cor_before_finish(&session->before);
	cor_fuzz_answer_finish(&session->answer);
	cor_buffer_finish(&session->bytes);
	cor_arena_finish(&session->arena);
	cor_fuzz_promise_finish(&session->promise);
}

/* The fields of an answer, as long as the pass. */
static const struct cor_before_field *fields_of(
	struct cor_arena *arena, const struct cor_fuzz_answer *answer)
{
	const struct cor_head *head = &answer->parser.lines.head;
	struct cor_before_field *fields = cor_arena_zalloc(
		arena, (head->fields_len + 1) * sizeof *fields);

	for (size_t i = 0; fields && i < head->fields_len; i++) {
		const struct cor_head_field *field = &answer->parser.lines.fields[i];
		struct cor_str name = cor_span_text(answer->received.data, field->name);
		struct cor_str value = cor_span_text(answer->received.data, field->value);
		fields[i].name = cor_arena_copy(arena, name.data, name.len);
		fields[i].value = cor_arena_copy(arena, value.data, value.len);
		if (!fields[i].name || !fields[i].value)
			return NULL;
	}
	return fields;
}

static int send_before(struct cor_fuzz_session *session, size_t i)
{
	const struct cor_before_request *request = &session->before.requests[i];
	const struct cor_fuzz_answer *answer = &session->answer;
	struct cor_before_sent sent;
	int rc = cor_before_make(&session->pass, i, &sent);

	if (rc < 0)
		return rc;
	cor_buffer_clear(&session->bytes, 1 << 18);
	cor_before_write(&sent, "localhost", "", &session->bytes);
	cor_fuzz_stage_ask(&session->stage,
		(struct cor_str){ session->bytes.data, session->bytes.len },
		strcmp(sent.method, "HEAD") == 0, &session->answer);
	if (answer->fault)
		return cor_before_fail(&session->before, request->line, "%s %s: %s", sent.method,
			sent.target, answer->fault);
	const struct cor_before_came came = { .status = answer->parser.status,
		.fields = fields_of(&session->pass.arena, answer),
		.body = { answer->body.data, answer->body.len } };
	return came.fields ? cor_before_took(&session->pass, i, &came) : -ENOMEM;
}

/* What requests of the operation show. */
static int dress(struct cor_fuzz_session *session)
{
	const struct cor_fuzz_promise *promise = &session->promise;
	const struct cor_node *own = cor_node_get(promise->node, "security");

	session->guise.cookies = cor_before_cookies(&session->pass);
	return cor_before_show(&session->pass, promise->document,
		own ? own : cor_node_get(promise->document, "security"), &session->guise.shown);
}

static int prepare(struct cor_fuzz_session *session)
{
	int rc = 0;

	cor_before_pass_finish(&session->pass);
	cor_before_begin(&session->pass, &session->before);
	for (size_t i = 0; rc == 0 && i < session->before.len; i++)
		rc = send_before(session, i);
	if (rc == 0)
		rc = cor_before_end(&session->pass);
	return rc == 0 ? dress(session) : rc;
}

const char *cor_fuzz_session_begin(struct cor_fuzz_session *session, int *ret_status)
{
	int rc = stop(session) ? 0 : -COR_EPROBLEM;

	*ret_status = EXIT_FAILURE;
	if (rc < 0)
		return "the service does not stop";
	rc = cor_fuzz_stage_open(&session->stage, session->service, session->log);
	if (rc == -COR_EPROBLEM)
		return "the service does not start: it has said why";
	if (rc < 0)
		return cor_arena_printf(
			&session->arena, "the service does not start: %s", cor_strerror(rc));
	*ret_status = COR_FUZZ_BEFORE_WRONG;
	rc = prepare(session);
	return rc == 0 ? NULL : rc == -COR_EINVALID ? session->before.fault : cor_strerror(rc);
}

void cor_fuzz_session_start(struct cor_fuzz_session *session)
{
	int status;
	const char *why = cor_fuzz_session_begin(session, &status);

	if (!why)
		return;
	fprintf(stderr, "%s\n", why);
	_exit(status);
}

static void ask(struct cor_fuzz_session *session)
{
	struct cor_str bytes = { session->bytes.data, session->bytes.len };
	bool is_head = strcmp(session->promise.method, "HEAD") == 0;

	cor_fuzz_stage_ask(&session->stage, bytes, is_head, &session->answer);
	if (!session->answer.fault && session->answer.parser.status == 429) {
		cor_fuzz_stage_pass_s(&session->stage, RATE_LIMIT_S);
		cor_fuzz_stage_ask(&session->stage, bytes, is_head, &session->answer);
	}
}

/* --- leaks --- */

/*
 * What a service keeps grows, too, and only LeakSanitizer knows that it is kept: it looks once the
 * service has stopped.
 */
static bool leaks(struct cor_fuzz_session *session, const struct cor_fuzz_request *request)
{
	unsigned *looks = &session->leak_looks[session->answer.parser.status];

	if (*looks == LEAK_LOOKS_MAX || session->stage.has_ended)
		return false;
	for (int i = 0; i < GROWS; i++) {
		size_t before = __sanitizer_get_current_allocated_bytes();
		ask(session);
		if (session->answer.fault || __sanitizer_get_current_allocated_bytes() <= before)
			return false;
	}
	(*looks)++;
	if (session->confirm)
		return session->confirm(request);
	if (!stop(session))
		return false;
	bool does = __lsan_do_recoverable_leak_check() != 0;
	cor_fuzz_session_start(session);
	return does;
}

const char *cor_fuzz_session_ask(
	struct cor_fuzz_session *session, const struct cor_fuzz_request *request)
{
	cor_arena_reset(&session->arena);
	cor_buffer_clear(&session->bytes, 1 << 18);
	cor_fuzz_request_send(request, &session->guise, &session->bytes);
	size_t before = session->looks_for_leaks ? __sanitizer_get_current_allocated_bytes() : 0;
	ask(session);
	const char *wrong = cor_fuzz_judge(&session->arena, &session->promise, &session->answer);
	if (wrong || !session->looks_for_leaks ||
		__sanitizer_get_current_allocated_bytes() <= before || !leaks(session, request))
		return wrong;
	return "memory is leaked: what LeakSanitizer says is above";
}
