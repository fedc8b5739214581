/* SPDX-License-Identifier: MIT */
/**
 * What processes of pools write to standard error goes to their owner, which writes it to its log:
 * so it follows when that is opened again, and a process needs no descriptor but this one.
 *
 * A thread of the owner passes whole lines on. It has begun when the first process is made, as
 * there may be no threads before.
 */
#ifndef CORACLE_EXECUTOR_RELAY_H
#define CORACLE_EXECUTOR_RELAY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <coracle/api.h>

#define COR_RELAY_BYTES ((size_t)16 * 1024) /* that are read at a time, and of the longest line */

struct cor_logger;

struct cor_relay {
	struct cor_logger *logger; /* of the owner, for any thread; NULL: nothing is passed on */
	int ends[2];               /* the owner's, the processes' */
	pthread_mutex_t lock;      /* for the start */
	pthread_t thread;
	bool runs;
	_Atomic bool is_over;
	size_t len; /* of a line that has begun */
	char room[COR_RELAY_BYTES];
};

/** Be able to. Returns 0, -EMFILE, -ENFILE or -ENOMEM. logger NULL: does nothing. */
int cor_relay_open(struct cor_relay *relay, struct cor_logger *logger) COR_CHECKED;

/** In the process that the others come from: what goes to standard error goes to the owner. */
void cor_relay_enter(const struct cor_relay *relay);

/** In the owner: pass on what comes, from now on. Any thread, any number of times. 0 or -EAGAIN. */
int cor_relay_start(struct cor_relay *relay) COR_CHECKED;

/** When the processes have ended: pass on what is left. */
void cor_relay_close(struct cor_relay *relay);

#endif
