/* SPDX-License-Identifier: MIT */
/**
 * A new generation takes over while the old one serves.
 *
 *     checker: the program at the path now, and its configuration, are judged by a child
 *     first:   one worker of the new generation starts; if it fails, all stays as it was
 *     rolling: post after post gets a new worker, and its old one drains
 *     waiting: until no old one accepts clients any more
 *
 * The new plan says how many workers there are. Signals that add and remove some count from there
 * if they came after the reload was asked for.
 *
 * One at a time: orders that come meanwhile get one more after it, however many they are.
 * Everything here belongs to the master's one thread and runs on its loop.
 */
#ifndef CORACLE_MASTER_RELOAD_H
#define CORACLE_MASTER_RELOAD_H

#include <stdbool.h>
#include <sys/types.h>

#include <coracle/api.h>

#include "master/crew.h"
#include "master/roster.h"

struct cor_reload {
	struct cor_crew *crew;
	const char *program;              /* its path */
	struct cor_generation *candidate; /* NULL: no reload goes on */
	pid_t checker;                    /* 0: none */
	struct cor_watch watch;           /* the checker's channel */
	struct cor_timer timer;           /* the checker's time, or that until the next attempt */
	char mistakes[COR_ROSTER_REFUSAL_BYTES]; /* that the checker has found */
	char why[COR_WORKER_WHY]; /* the last worker that failed has said so; empty: none has */
	bool has_plan;
	bool has_taken_over;       /* the candidate is the crew's generation */
	const char *word;          /* for the workers of the old one */
	uint32_t at;               /* the post that is next */
	unsigned failures;         /* of workers after the first, in a row */
	struct cor_worker *worker; /* on its way to that post; NULL: none */
	bool is_wanted_again;
	int32_t moved;                              /* the crew, when this reload was asked for */
	int32_t moved_again;                        /* ... and the one behind it */
	void (*on_done)(struct cor_reload *reload); /* however it went; on the loop */
};

/** Begin, or remember to begin again. */
void cor_reload_begin(struct cor_reload *reload);

/** A worker is ready. Returns false if the reload has nothing to do with it. */
bool cor_reload_ready(struct cor_reload *reload, struct cor_worker *worker);

/** A worker accepts no more. */
void cor_reload_emptied(struct cor_reload *reload);

/** A worker has gone. */
void cor_reload_gone(struct cor_reload *reload, struct cor_worker *worker);

/** A child has died. Returns false if it was not the checker. */
bool cor_reload_bury(struct cor_reload *reload, pid_t pid, int status);

/** The crew ends: give up without a line. */
void cor_reload_cancel(struct cor_reload *reload);

#endif
