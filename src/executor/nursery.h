/* SPDX-License-Identifier: MIT */
/**
 * A small process that makes the processes of pools.
 *
 * A process that has threads cannot be forked safely: the child has the locks of threads that it
 * does not have. So the nursery is forked before there are threads, stays without any, and forks on
 * demand; what it makes has the same code at the same addresses, and a job travels as the address
 * of its function and the bytes of its call. Each process has a mailbox for life, in memory that
 * was mapped before.
 *
 * It tells of each death by the mailbox, and ends with its owner, however that ends, and all that
 * its processes have left with it. Its owner notices if it dies.
 */
#ifndef CORACLE_EXECUTOR_NURSERY_H
#define CORACLE_EXECUTOR_NURSERY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "executor/mailbox.h"
#include "executor/relay.h"

struct cor_nursery_options {
	const char *name; /* of the program, for those who list processes; NULL: the executor's */
	const struct cor_executor *const *executors; /* NULL at the end; pools of threads, too */
	const uint32_t *units; /* of the services that list them; NULL: there is one */
	/* Make what the jobs of a process share, in that process; NULL: nothing. 0 or a code. */
	int (*begin)(void *arg, struct cor_environment *ret, void **ret_own);
	void (*end)(void *own);
	void *arg;
	/* What they write to standard error goes there; NULL: to standard error, as it is now. */
	struct cor_logger *logger;
};

struct cor_nursery {
	struct cor_nursery_options options;
	int channel;   /* in the owner, to the nursery, and the other way round */
	pid_t owner;   /* in the nursery */
	pid_t pid;     /* in the owner */
	char *mail;    /* all mailboxes */
	size_t stride; /* bytes from one to the next: whole pages */
	uint32_t len;  /* of the mailboxes, and of what follows */
	pid_t *pids;   /* in the nursery, of each process; 0: there is none */
	struct cor_relay relay;
	const struct cor_executor *executors[]; /* of each mailbox */
};

/** What the owner says to it. */
struct cor_nursery_order {
	uint32_t slot;
	enum { COR_NURSERY_MAKE, COR_NURSERY_KILL, COR_NURSERY_ASK } what;
};

/** How many processes an executor has at most; 0: it has threads. Blocks: cor_cpus_usable(). */
uint32_t cor_nursery_size(const struct cor_executor *executor);

/** How many mailboxes it has: one that is replaced by plan keeps its own while another starts. */
uint32_t cor_nursery_mailboxes(const struct cor_executor *executor);

/** How many bytes a call of an executor of processes has at most. */
size_t cor_nursery_call_bytes(const struct cor_executor *executor);

/**
 * Fork it. `options` is copied, what it points to outlives the nursery. Returns 0, -COR_ETHREADS
 * (the process has threads, or runs a scheduler here), -ENOMEM, -EAGAIN, -EMFILE or -ENFILE. The
 * caller owns *ret; NULL if no executor has processes.
 */
int cor_nursery_open(
	const struct cor_nursery_options *options, struct cor_nursery **ret) COR_CHECKED;

/** End it, and all processes with it. Blocks until they have gone. NULL is allowed. */
void cor_nursery_close(struct cor_nursery *nursery);

/** The first of the executor's mailboxes; they follow one another. */
uint32_t cor_nursery_slot(const struct cor_nursery *nursery, const struct cor_executor *executor);

static inline struct cor_mailbox *cor_nursery_mailbox(
	const struct cor_nursery *nursery, uint32_t slot)
{
	return (struct cor_mailbox *)(void *)(nursery->mail + slot * nursery->stride);
}

/** Where the calls of that mailbox lie. */
struct cor_foreign cor_nursery_room(const struct cor_nursery *nursery, uint32_t slot);

/** Nothing is left in that mailbox, which has no process: the next one finds nothing of others. */
void cor_nursery_clear(const struct cor_nursery *nursery, uint32_t slot);

/**
 * Make the process of that mailbox, which has none, kill the one that it has, or ask it to say
 * where it is and end, by SIGXCPU. What comes of it shows in the mailbox. Returns 0 or
 * -COR_EBROKEN: the nursery has died.
 */
int cor_nursery_tell(struct cor_nursery *nursery, struct cor_nursery_order order) COR_CHECKED;

/** Whether it is alive. */
bool cor_nursery_lives(const struct cor_nursery *nursery) COR_CHECKED;

#endif
