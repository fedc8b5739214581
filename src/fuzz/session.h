/* SPDX-License-Identifier: MIT */
/** A service that is asked requests, and each of them judged. */
#ifndef CORACLE_FUZZ_SESSION_H
#define CORACLE_FUZZ_SESSION_H

#include "before/pass.h"
#include "fuzz/judge.h"
#include "fuzz/promise.h"
#include "fuzz/request.h"
#include "fuzz/stage.h"

struct cor_fuzz_session {
	const struct cor_service *service;
	struct cor_fuzz_promise promise;
	struct cor_fuzz_stage stage;
	struct cor_fuzz_answer answer;
	struct cor_arena arena; /* of one request */
	struct cor_buffer bytes;
	bool looks_for_leaks;
	/**
	 * Whether a request after which memory grows each time leaks it, found out elsewhere. NULL:
	 * here, for which the process needs ASan's option fast_unwind_on_malloc=0. Without it
	 * memory that was allocated on the stack of a fiber is never one that leaks.
	 */
	bool (*confirm)(const struct cor_fuzz_request *request);
	unsigned leak_looks[600]; /* by status */
	int log;
	struct cor_before before;    /* what each new service is sent first: the caller reads it */
	struct cor_before_pass pass; /* what came of it */
	struct cor_fuzz_guise guise; /* what each request shows for that */
};

/**
 * Find the operation, without starting the service. Returns 0 or a code, as cor_fuzz_promise_init()
 * does. The caller finishes it in any case.
 */
int cor_fuzz_session_init(struct cor_fuzz_session *session, const struct cor_service *service,
	const char *operation, int log) COR_CHECKED;
void cor_fuzz_session_finish(struct cor_fuzz_session *session);

/**
 * Start the service, or start it anew, and send it what goes before. Returns NULL, or why it does
 * not start, or refuses a request of these: then *ret_status is what a process would end with.
 */
const char *cor_fuzz_session_begin(struct cor_fuzz_session *session, int *ret_status);

/** The same; says why, and ends the process. */
void cor_fuzz_session_start(struct cor_fuzz_session *session);

/** Send a request. Returns what is wrong; NULL: nothing. The text lasts until the next one. */
const char *cor_fuzz_session_ask(
	struct cor_fuzz_session *session, const struct cor_fuzz_request *request);

#endif
