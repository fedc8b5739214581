/* SPDX-License-Identifier: MIT */
/**
 * What a thread without fibers works on, for reports: whose thread it is, and for whom.
 */
#ifndef CORACLE_RUNTIME_DUTY_H
#define CORACLE_RUNTIME_DUTY_H

/** All of it is borrowed, and outlives the work. */
struct cor_duty {
	const char *executor;   /* NULL: it is no executor's */
	const char *operation;  /* the fiber that waits for the work; NULL: none does */
	const char *request_id; /* NULL or empty: there is none */
};

/** The name of the calling fiber; outside one, the operation of its duty. May be NULL. */
const char *cor_duty_operation(void);

#endif
