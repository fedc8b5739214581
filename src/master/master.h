/* SPDX-License-Identifier: MIT */
/**
 * The master process: it owns the sockets, and keeps workers alive behind them.
 *
 * It runs no code of the service, speaks no HTTP, has no thread but its own, and sleeps when there
 * is nothing to do. Its signals: TERM and INT end gracefully, a second one cuts, a third one kills;
 * QUIT cuts; HUP reloads program and configuration; USR1 opens the log file again, for the workers,
 * too, which may not be allowed to; USR2 starts a new master, which takes its place; TTIN and TTOU
 * add and remove a worker, within the range if there is one.
 *
 * A master that takes another's place does not rule until all of its workers are ready: it may die
 * as it likes, and leaves the sockets as they are.
 */
#ifndef CORACLE_MASTER_MASTER_H
#define CORACLE_MASTER_MASTER_H

#include <coracle/api.h>

#include "master/generation.h"
#include "runtime/notify.h"

struct cor_legacy;
struct cor_load;
struct cor_logger;
struct cor_roster;

/* Statuses it may end with, other than 0 and those of workers before any of them was ready. */
struct cor_master_statuses {
	int cut;     /* requests in progress were cut */
	int crashed; /* the workers crashed before any of them was ready */
	int system;  /* the system refused */
};

struct cor_master_options {
	struct cor_generation *generation; /* the first; it listens, and becomes the master's */
	const char *program;               /* path of the program that a reload starts */
	char *const *argv;                 /* of every child */
	const char *variables;             /* what the names of the service's own begin with */
	int segment;                       /* inherited by workers */
	const struct cor_load *loads;      /* of all slots, in the segment */
	struct cor_roster *roster;         /* where it says who works */
	struct cor_listening_set *control; /* the control process's socket, or none */
	struct cor_legacy *legacy;         /* of the old master; zeroed: there was none */
	int old_master;                    /* the channel to it, which is ours; -1: none */
	const char *pid_file;              /* to hand over; NULL: none */
	int pid_file_fd;
	struct cor_logger *logger;
	struct cor_notify notify; /* systemd, which is told how it goes; zeroed: nobody is */
	struct cor_master_statuses statuses;
	void (*on_up)(void *arg); /* it rules, and the first worker is ready */
	void *arg;                /* of on_up */
};

/** Run until the end. Blocks. Returns the exit status. */
int cor_master_run(const struct cor_master_options *options);

#endif
