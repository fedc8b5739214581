/* SPDX-License-Identifier: MIT */
/**
 * Private to the runtime: a child of fork() that goes on in a scheduler of its parent.
 *
 * The child has a copy of the thread that forked, and with it of the scheduler that runs there,
 * whose sockets and epoll instance it shares with its parent: it would answer clients twice, take
 * events that are not its own, and shut its parent's connections. So the first thing that it does
 * with one of them ends it, with a line that says what to do instead. A child that calls exec or
 * _exit, as those of posix_spawn() and system() do, notices nothing.
 */
#ifndef CORACLE_RUNTIME_FORKED_H
#define CORACLE_RUNTIME_FORKED_H

#include <stdbool.h>

#include <coracle/api.h>

#include "base/compiler.h"

/**
 * Whether a child of fork() would be whole: this thread is the only one, and runs no scheduler. A
 * thread that has just been joined may be there for a moment still: blocks up to 100 ms for it.
 */
bool cor_fork_is_safe(void) COR_CHECKED;

/** Watch for it from now on, in the whole process. Any thread, any number of times. */
void cor_forked_watch(void);

/** Private: how often a child has begun on the way here, and until cor_forked_settle(). */
extern unsigned cor_forked_count, cor_forked_home;

/**
 * Jobs run in this process from now on. A child of it that comes back from one would answer in its
 * parent's place: see cor_forked_check(). Any thread, any number of times.
 */
void cor_forked_settle(void);

/** Whether this process is a child of one that does jobs. In a handler of signals, too. */
static inline bool cor_forked_is_child(void)
{
	return COR_UNLIKELY(cor_forked_count != cor_forked_home);
}

/** Private: end the child. */
_Noreturn void cor_forked_end(void);

/** After the code of a user has returned, and before anything is done with what it has left. */
static inline void cor_forked_check(void)
{
	if (cor_forked_is_child())
		cor_forked_end();
}

#endif
