/* SPDX-License-Identifier: MIT */
/** The requests in flight, for /status. */
#ifndef CORACLE_CONTROL_REQUESTS_H
#define CORACLE_CONTROL_REQUESTS_H

#include <coracle/schema.h>

#include "control/control.h"
#include "report/requests.h"

struct cor_control_request {
	int32_t pid;
	uint32_t thread;
	const char *method; /* NULL: unknown, like the next ones */
	const char *route;
	const char *handler;
	enum cor_request_state state;
	const char *waits_in; /* NULL: it does not wait */
	double age_s;
	const char *peer;
	const char *id;
};

struct cor_control_requests {
	cor_array(struct cor_control_request) items; /* the oldest first */
	uint64_t more;                               /* that found no place */
	cor_array(int32_t) silent;                   /* pids of workers that do not answer */
};

COR_DECLARE_SCHEMA(cor_control_requests_schema, struct cor_control_requests);

/**
 * Ask all workers. Yields for 100 ms at most: those that have not answered by then are silent.
 * Returns 0 or -ENOMEM.
 */
int cor_control_list_requests(struct cor_ctx *ctx, struct cor_control_requests *ret) COR_CHECKED;

/** The same, for what all that answer have together. */
int cor_control_sum_workers(struct cor_ctx *ctx, struct cor_worker_sums *ret) COR_CHECKED;

#endif
