/* SPDX-License-Identifier: MIT */
/** A process of a pool as its owner sees it: made, met, asked to leave, killed, buried. */
#ifndef CORACLE_EXECUTOR_KEPT_PROCESS_H
#define CORACLE_EXECUTOR_KEPT_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "executor/mailbox.h"

struct cor_pool;

enum cor_kept_stage {
	COR_KEPT_NONE = 0, /* there is none */
	COR_KEPT_STARTING,
	COR_KEPT_THERE,
	COR_KEPT_LEAVING, /* with its stop */
};

/** Belongs to one thread. */
struct cor_kept_process {
	struct cor_pool *pool;
	uint32_t slot; /* of its mailbox */
	enum cor_kept_stage stage;
	struct cor_lookout lookout; /* for the end of a job */
	uint32_t jobs;              /* that it has done */
	int64_t born_ns;            /* it was ready then */
	int64_t leaves_ns;          /* when one that leaves is killed; COR_FOREVER: it was */
};

struct cor_mailbox *cor_kept_mailbox(const struct cor_kept_process *process);

/** Let one be made where there is none. Returns 0, -EAGAIN or -COR_EBROKEN; has logged why. */
int cor_kept_call(struct cor_kept_process *process) COR_CHECKED;

/**
 * Block until one that starts is there. Returns 0, -ETIMEDOUT: it still starts; or what
 * cor_kept_call() does, and there is none.
 */
int cor_kept_meet(struct cor_kept_process *process, int64_t until_ns) COR_CHECKED;

/** Block until the state of its mailbox is not `seen`. Returns the state. */
uint32_t cor_kept_await(struct cor_kept_process *process, uint32_t seen, int64_t until_ns);

/** One that is idle leaves, with its stop. Does not wait for it. */
void cor_kept_dismiss(struct cor_kept_process *process);

/** Whether one that leaves has left: there is none any more. Does not wait. */
bool cor_kept_has_left(struct cor_kept_process *process) COR_CHECKED;

/** Block until it has ended, whatever it is doing; one that does not is killed after a while. */
void cor_kept_await_death(struct cor_kept_process *process);

/** It is known to be dead, or no longer works. */
void cor_kept_forget(struct cor_kept_process *process);

/** It has died by itself, and had no job: for figures. */
void cor_kept_count_death(const struct cor_kept_process *process);

/** Kill it. Blocks until it has ended. */
void cor_kept_kill(struct cor_kept_process *process);

/** The same, but with its last words, if it still listens. */
void cor_kept_cut_short(struct cor_kept_process *process);

/** Log what has befallen it, in two pieces; request_id NULL: no request's job. */
void cor_kept_log(const struct cor_kept_process *process, const char *request_id, const char *what,
	const char *where);

#endif
