/* SPDX-License-Identifier: MIT */
/**
 * What workers are started from: a program, a configuration, and sockets.
 *
 * All three are held open, so that a worker that dies is replaced by its like, whatever has become
 * of the files since. A reload makes a new generation; the old one goes with its last worker.
 */
#ifndef CORACLE_MASTER_GENERATION_H
#define CORACLE_MASTER_GENERATION_H

#include <coracle/arena.h>

#include "master/plan.h"
#include "runtime/listening.h"

struct cor_logger;

struct cor_generation {
	unsigned number;
	unsigned users;    /* workers, and others that hold it */
	int program;       /* the file, opened with O_PATH; -1: not yet */
	int config;        /* a file in memory with the configuration; -1: not yet */
	int public_config; /* for the control process: without the service's own settings */
	struct cor_arena arena;
	struct cor_plan plan;
	struct cor_listening_set listening;
	struct cor_activation *activation; /* borrowed; NULL: nothing was passed to us */
};

/**
 * Begin one: open the program and two empty files for its configuration. The caller is its first
 * user. Returns 0, -ENOMEM, or the errno of open: the program is not there.
 */
int cor_generation_create(
	unsigned number, const char *program, struct cor_generation **ret) COR_CHECKED;

/**
 * Listen as its plan says: addresses that `before` has are shared with it, others are bound. All or
 * nothing; returns as cor_listening_open().
 */
int cor_generation_listen(struct cor_generation *generation, const struct cor_listening_set *before,
	const char **ret_failed) COR_CHECKED;

/**
 * It has taken over: files of unix sockets that were there before get the mode and the group of its
 * plan. Where that fails the log says so, and they stay as they are.
 */
void cor_generation_admit(const struct cor_generation *generation, struct cor_logger *logger);

void cor_generation_hold(struct cor_generation *generation);

/** Close and free it with its last user. NULL is allowed. */
void cor_generation_drop(struct cor_generation *generation);

#endif
