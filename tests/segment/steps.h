/* SPDX-License-Identifier: MIT */
/** A process that is stopped, and killed, after so many instructions of its work. */
#ifndef CORACLE_TESTS_SEGMENT_STEPS_H
#define CORACLE_TESTS_SEGMENT_STEPS_H

#include <stdbool.h>
#include <sys/types.h>

/** Skip the test where a process may not step another, or a sanitizer would make it last ages. */
void skip_unless_steps(void);

/** A child that stands before its first instruction of work(). */
pid_t start_stepped(void (*work)(void));

/** Let it do `count` instructions more. False: its work ended before. */
bool step(pid_t child, long count);

/** SIGKILL, and wait until it is gone. */
void kill_child(pid_t child);

/** Wait for a child that must come to its end. */
void reap(pid_t child);

/** Do work() in a process of its own, which must come to its end. */
void work_elsewhere(void (*work)(void));

struct scene {
	void (*reset)(void); /* what is shared, as it is before the work */
	void (*work)(void);
	void (*check)(void); /* that it is valid, whatever the work did; takes the lock */
};

/**
 * For each instruction of the work: reset, do the work up to there in a child, kill the child,
 * check within a second, do the work in another process, check. Returns how many there were.
 */
long kill_at_each_step(const struct scene *scene);

#endif
