/* SPDX-License-Identifier: MIT */
/** Why a job of a process has failed with it: in words, as a code, and for figures. */
#ifndef CORACLE_EXECUTOR_POST_MORTEM_H
#define CORACLE_EXECUTOR_POST_MORTEM_H

#include <coracle/executor.h>

#include "executor/mailbox.h"
#include "executor/pool.h"

/** How a job has ended. */
enum cor_job_fate {
	COR_FATE_WELL,
	COR_FATE_DIED,         /* the process, by itself */
	COR_FATE_LATE,         /* by .job_timeout_ms */
	COR_FATE_TOO_MUCH,     /* CPU time, although it did not listen to SIGXCPU */
	COR_FATE_LEFT_WAITING, /* nobody waits for it any longer */
	COR_FATE_UNREADABLE,   /* what it has written */
};

struct cor_post_mortem {
	enum cor_death death;
	int rc;             /* of the job */
	const char *detail; /* a sentence; ctx's memory or a constant */
	char where[COR_BACKTRACE_BYTES +
		   64]; /* to be added for the log: ", at f program+0x1 < g" */
};

#define COR_GRACE_MS 1000 /* a job has after its request's deadline, to come to its end */

/** The process is dead, and the fate is not COR_FATE_WELL. Reads files. */
void cor_post_mortem(const struct cor_executor *executor, const struct cor_mailbox *mailbox,
	enum cor_job_fate fate, struct cor_ctx *ctx, struct cor_post_mortem *ret);

#endif
