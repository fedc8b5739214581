/* SPDX-License-Identifier: MIT */
/** A process that is stopped and killed after a number of instructions of its work. */
#ifndef CORACLE_TESTS_SEGMENT_STEPS_H
#define CORACLE_TESTS_SEGMENT_STEPS_H

#include <stdbool.h>
#include <sys/types.h>

#include "segment/segment.h"

/**
 * How many of `len` tests to run: not the last `stepping` if a process may not step another, or a
 * sanitizer would make them take ages. Says so. (cmocka's own skip() is "not ok" in TAP, which
 * meson takes for a failure.)
 */
size_t tests_to_run(size_t len, size_t stepping);

/** A child stopped before its first instruction of work(). */
pid_t start_stepped(void (*work)(void));

/** Let it run `count` more instructions. False: its work ended earlier. */
bool step(pid_t child, long count);

/** Start a process that does work(). */
pid_t start_working(void (*work)(void));

/** Send SIGKILL, and wait until it is gone. */
void kill_child(pid_t child);

/** Wait for a child, which must succeed. */
void reap(pid_t child);

/** Do work() in its own process, which must succeed. */
void work_elsewhere(void (*work)(void));

struct scene {
	void (*reset)(void); /* put shared memory in the state before the work */
	void (*work)(void);
	void (*check)(void); /* check that it is valid, whatever the work did; takes the lock */
	const struct cor_segment *segment;
	long stride;        /* of instructions that leave the segment as it is; 0: 1 */
	long change_stride; /* of those that change it, for long loops that change alike; 0: 1 */
};

/**
 * For each instruction of the work: reset, do the work up to there in a child, kill the child,
 * check within a second, do the work in another process, check. Of the instructions that change
 * nothing in the segment, only each stride-th: the same is left behind. The work is also done
 * here, before. Returns how many instructions there are.
 */
long kill_at_each_step(const struct scene *scene);

#endif
