/* SPDX-License-Identifier: MIT */
/**
 * Processes of tests and fixtures: started, watched and ended.
 *
 * What they print goes to a file in memory of at most COR_OUTPUT_FILE_BYTES; what is behind that is
 * refused to them.
 */
#ifndef CORACLE_TESTING_TASK_H
#define CORACLE_TESTING_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/api.h>

#include "testing/outcome.h"

#define COR_OUTPUT_FILE_BYTES (1024 * 1024)

struct cor_task {
	pid_t pid; /* 0: there is none */
	struct cor_outcome *outcome;
	size_t index;   /* the caller's */
	int output_fd;  /* -1: it is not kept */
	bool has_group; /* of processes, of its own */
};

struct cor_task_options {
	void (*body)(void *arg, int output_fd); /* the process ends when it returns */
	void *arg;
	struct cor_outcome *outcome;
	bool keeps_output;
	bool has_group;
	int64_t timeout_ms; /* 0: none */
};

/** Who waits: the signals it listens to, once for each process that has tasks. */
struct cor_watcher {
	int signal_fd;
	bool is_interrupted;
};

/** Returns 0 or a negative errno. Blocks SIGCHLD, SIGINT and SIGTERM: tasks have them as before. */
int cor_watcher_init(struct cor_watcher *watcher) COR_CHECKED;
void cor_watcher_finish(struct cor_watcher *watcher);

/** Start one. Returns 0 or a negative errno. */
int cor_task_start(struct cor_task *task, const struct cor_task_options *options) COR_CHECKED;

/**
 * Wait until one of the tasks ends or is late (it is told so, and ended), a signal to stop comes
 * (is_interrupted is set then, and the tasks are told), or `also_fd` can be read (-1: none).
 * Returns the one that has ended, with all that is known of it in its outcome; NULL: none has.
 */
struct cor_task *cor_tasks_wait(
	struct cor_watcher *watcher, struct cor_task *tasks, size_t len, int also_fd);

/** The task, from its body: from now on it has `timeout_ms` (0: as long as it likes). */
void cor_task_extend(struct cor_outcome *outcome, int64_t timeout_ms);

#endif
