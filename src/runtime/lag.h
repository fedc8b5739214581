/* SPDX-License-Identifier: MIT */
/**
 * How far a thread is behind: how long what it has to do waits for its turn.
 *
 * Two queues hold it. What the sockets have brought waits from one look at them to the next, so the
 * rest of the batch has waited at least since the last look. Fibers that may go on wait in the run
 * queue: now and then its last fiber is marked, and the time until its turn is the length of the
 * queue.
 *
 * A queue is no trouble while it empties. As in CoDel, what counts is one that does not (RFC 8289):
 * it *stands* once each look of COR_LAG_PATIENCE times the target has found it longer than the
 * target, or one look has found it as long as that. From one look to the next a target counts at
 * most, so that a pause of the whole process is no queue. Once it is shorter, all begins again.
 *
 * None of this runs while a thread keeps up. It is called by the clock, which is read again about
 * once a millisecond while a turn of the loop lasts. The scheduler's thread.
 */
#ifndef CORACLE_RUNTIME_LAG_H
#define CORACLE_RUNTIME_LAG_H

#include <stdbool.h>
#include <stdint.h>

struct cor_fiber;
struct cor_scheduler;

#define COR_LAG_PATIENCE 5
#define COR_LAG_FEW      4 /* this many in a queue are always served */

struct cor_lag {
	/*
	 * What has come in the current turn has waited for a while. Called about once a millisecond
	 * from then on; NULL: nobody watches.
	 */
	void (*notice)(void *arg);
	void *arg;
	int64_t target_ns;
	/* private */
	int64_t turn_ns;        /* when the turn that was seen last began */
	int64_t seen_ns;        /* and when it was seen last */
	int64_t beyond_ns;      /* of the turn: time that does not count */
	int64_t turns_since_ns; /* turns are longer than the target; COR_FOREVER: they are not */
	int64_t ready_since_ns; /* the same of the run queue */
	struct cor_fiber *mark; /* it was last in the run queue; NULL: none is marked */
	int64_t mark_ns;        /* then */
	uint32_t mark_len;      /* and with it so many were in the queue */
	int64_t each_ns;        /* how long each of them took */
	int64_t passed_ns;      /* when a mark was reached last */
	int64_t refused_ns;     /* when the run queue was too long last */
	int64_t late_ns;        /* a look has come so late */
	int64_t late_look_ns;   /* that one: what it has found may have waited for so long */
};

/** Watch it. The caller has set notice and arg. */
void cor_lag_watch(struct cor_scheduler *scheduler, int64_t target_ns);

/** How long the rest of what was found at the last look has waited. */
int64_t cor_lag_waited_ns(const struct cor_scheduler *scheduler);

/**
 * How long what comes now has waited for its turn, at most: what the sockets have brought while the
 * last turn was long is found by the look behind it.
 */
int64_t cor_lag_behind_ns(const struct cor_scheduler *scheduler);

/** Whether a queue stands, is longer than the target, and holds more than a few. */
bool cor_lag_stands(struct cor_scheduler *scheduler);

/** Whether nothing has waited for long: there is nothing to watch. */
bool cor_lag_is_over(const struct cor_scheduler *scheduler);

#define COR_LAG_NOTICE_NS INT64_C(10000000) /* shorter waits are none */

/** Private to the scheduler: so long a turn is over, and the sockets have been looked at. */
void cor_lag_look_was_late(struct cor_scheduler *scheduler, int64_t turn_ns);

/** Private to the scheduler: time has passed within a turn. */
void cor_lag_see(struct cor_scheduler *scheduler);

/** Private to the scheduler: the marked fiber has its turn. */
void cor_lag_mark_passes(struct cor_scheduler *scheduler);

#endif
