/* SPDX-License-Identifier: MIT */
#include "fuzz/session.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>
#include <coracle/str.h>

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
	for (size_t i = 0; i < session->before_len; i++)
		cor_fuzz_request_finish(&session->before[i]);
	free(session->before);
	cor_fuzz_answer_finish(&session->answer);
	cor_buffer_finish(&session->bytes);
	cor_arena_finish(&session->arena);
	cor_fuzz_promise_finish(&session->promise);
}

static int load_all(
	struct cor_fuzz_session *session, const char *folder, struct dirent **entries, size_t len)
{
	char path[PATH_MAX];
	int rc = 0;

	session->before = calloc(len, sizeof *session->before);
	if (!session->before)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && i < len; i++) {
		if (entries[i]->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		rc = cor_fuzz_request_load(path, &session->before[session->before_len]);
		session->before_len += rc == 0;
	}
	return rc;
}

int cor_fuzz_session_before(struct cor_fuzz_session *session, const char *folder)
{
	struct dirent **entries = NULL;
	int len = scandir(folder, &entries, NULL, alphasort);

	if (len < 0)
		return errno == ENOENT ? 0 : -errno;
	int rc = len ? load_all(session, folder, entries, (size_t)len) : 0;
	for (int i = 0; i < len; i++)
		free(entries[i]);
	free(entries);
	return rc;
}

/* What comes of it is not judged: it may be of another operation. */
static void prepare(struct cor_fuzz_session *session)
{
	for (size_t i = 0; i < session->before_len; i++) {
		const struct cor_fuzz_request *request = &session->before[i];
		cor_buffer_clear(&session->bytes, 1 << 18);
		cor_fuzz_request_send(request, &session->bytes);
		cor_fuzz_stage_ask(&session->stage,
			(struct cor_str){ session->bytes.data, session->bytes.len },
			cor_str_equal(cor_fuzz_request_method(request), COR_STR("HEAD")),
			&session->answer);
	}
}

void cor_fuzz_session_start(struct cor_fuzz_session *session)
{
	int rc = stop(session) ? 0 : -COR_EPROBLEM;

	if (rc == 0)
		rc = cor_fuzz_stage_open(&session->stage, session->service, session->log);
	if (rc == 0) {
		prepare(session);
		return;
	}
	fprintf(stderr, "the service %s: %s\n",
		session->stage.inside ? "does not stop" : "does not start", cor_strerror(rc));
	_exit(EXIT_FAILURE);
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
	cor_fuzz_request_send(request, &session->bytes);
	size_t before = session->looks_for_leaks ? __sanitizer_get_current_allocated_bytes() : 0;
	ask(session);
	const char *wrong = cor_fuzz_judge(&session->arena, &session->promise, &session->answer);
	if (wrong || !session->looks_for_leaks ||
		__sanitizer_get_current_allocated_bytes() <= before || !leaks(session, request))
		return wrong;
	return "memory is leaked: what LeakSanitizer says is above";
}
