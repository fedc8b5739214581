/* SPDX-License-Identifier: MIT */
/**
 * A process that `coracle dev` has started: make, a service, a test. It leads a process group of
 * its own, so that Ctrl-C reaches the command alone, and ends when the command does, however that
 * ends. What it writes comes through a pipe: it is passed on, and its last part is kept.
 */
#ifndef CORACLE_CLI_DEV_CHILD_H
#define CORACLE_CLI_DEV_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/cli.h"
#include "cli/dev_kept.h"

#define COR_DEV_SAID_BYTES  65536 /* of what it has written that are kept: the last */
#define COR_DEV_SOCKETS_MAX (1 + COR_DEV_KEPT_MAX)

struct cor_dev_child {
	pid_t pid;        /* 0: there is none */
	pid_t last_pid;   /* the same, once it has ended, too */
	int out;          /* of standard output and error; -1: it has closed them */
	bool is_quiet;    /* what it writes is kept only */
	bool is_asked;    /* to end */
	bool is_told;     /* that it takes long */
	int64_t asked_ms; /* when */
	int64_t began_ms;
	size_t said_len;
	size_t looked; /* so far: see dev_held.h */
	char said[COR_DEV_SAID_BYTES + 1];
};

struct cor_dev_launch {
	const char *const *argv;
	int last_signal;    /* what it gets when the command dies: SIGKILL, or what make needs */
	const int *sockets; /* to be passed as systemd does: one as "web", the others as "kept" */
	size_t sockets_len;
	bool is_quiet;
	int (*become)(void *arg);  /* instead of a program: returns its status */
	int (*prepare)(void *arg); /* in the child, before; 0, or its status. NULL: nothing */
	void *arg;
};

/**
 * Start it; the environment is that of the command. Returns COR_CLI_OK or COR_CLI_TOOL, told. That
 * a program is not there is its status, COR_CLI_TOOL.
 */
int cor_dev_child_start(struct cor_dev_child *child, const struct cor_cli *cli,
	const struct cor_dev_launch *launch);

/** Read what it has written. Once it has ended: all that is left. */
void cor_dev_child_read(struct cor_dev_child *child);

/** Signal it, with all that it has started. */
void cor_dev_child_signal(struct cor_dev_child *child, int number);

/** It has ended, and has been waited for. */
void cor_dev_child_forget(struct cor_dev_child *child);

/** Milliseconds of the monotonic clock. */
int64_t cor_dev_now_ms(void);

#endif
