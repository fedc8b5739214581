/* SPDX-License-Identifier: MIT */
/** A service that is asked requests, and each of them judged. */
#ifndef CORACLE_FUZZ_SESSION_H
#define CORACLE_FUZZ_SESSION_H

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
	struct cor_fuzz_request *before; /* what each new service is sent first */
	size_t before_len;
};

/** The folder of such requests, beside those of operations. */
#define COR_FUZZ_BEFORE "before"

/**
 * Find the operation, without starting the service. Returns 0 or a code, as cor_fuzz_promise_init()
 * does. The caller finishes it in any case.
 */
int cor_fuzz_session_init(struct cor_fuzz_session *session, const struct cor_service *service,
	const char *operation, int log) COR_CHECKED;
void cor_fuzz_session_finish(struct cor_fuzz_session *session);

/**
 * Read the requests of a folder, in the order of their names, that each new service is sent first.
 * Where there is no such folder there are none. Returns as cor_fuzz_request_load().
 */
int cor_fuzz_session_before(struct cor_fuzz_session *session, const char *folder) COR_CHECKED;

/** Start the service, or start it anew. Ends the process if it does not start. */
void cor_fuzz_session_start(struct cor_fuzz_session *session);

/** Send a request. Returns what is wrong; NULL: nothing. The text lasts until the next one. */
const char *cor_fuzz_session_ask(
	struct cor_fuzz_session *session, const struct cor_fuzz_request *request);

#endif
