/* SPDX-License-Identifier: MIT */
/**
 * The other processes that serve the same listening sockets. Each client goes to the least loaded
 * of them, as it goes to the least loaded loop within a process: the kernel wakes the first one
 * that waits, which would get them all while there is little to do.
 *
 * A table in shared memory says how many connections each has; a client that is better served
 * elsewhere is handed over by its socket (runtime/inbox.h), within its generation: another one may
 * listen elsewhere, or speak something else there. A process that dies leaves its row stale until
 * its successor takes it over: clients are then refused by its inbox, and stay.
 */
#ifndef CORACLE_CONNECTION_SIBLINGS_H
#define CORACLE_CONNECTION_SIBLINGS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#include "runtime/address.h"

#define COR_SIBLINGS_MAX 512

/** A process, in shared memory. */
struct cor_sibling {
	_Alignas(64) _Atomic uint32_t connections; /* its own; nobody else writes it */
	_Atomic uint32_t coming;     /* on their way to it, as good as others can know */
	_Atomic uint32_t generation; /* those of one have the same listeners; 0: it takes none */
};

/** Shared by all; zeroed, it is empty, but for the token. */
struct cor_sibling_table {
	uint64_t token;       /* random: the names of the inboxes are nobody else's */
	_Atomic uint32_t len; /* rows from here on were never used */
	struct cor_sibling items[COR_SIBLINGS_MAX];
};

/** The table as one process sees it. */
struct cor_siblings {
	struct cor_sibling_table *table;
	uint32_t self;       /* its own row */
	uint32_t generation; /* from 1 */
	int inbox;
	_Atomic int spare;     /* a descriptor in reserve; -1: it has been used */
	_Atomic bool has_left; /* for good */
};

/** A client on its way to another process. */
struct cor_parcel {
	uint32_t listener; /* its index, which is the same in all of a generation */
	struct cor_address peer;
};

/**
 * Take over the row `self`, and open its inbox. Nobody is handed over yet. The caller sets the
 * rest. Returns 0, or as cor_inbox_open().
 */
int cor_siblings_open(struct cor_siblings *siblings) COR_CHECKED;

/** Clients may come from now on, unless it has left. Any thread. */
void cor_siblings_join(struct cor_siblings *siblings);

/** Ask for no clients for now; those that are here can still be received. Any thread. */
void cor_siblings_rest(struct cor_siblings *siblings);

/**
 * Whether there is a descriptor in reserve for a client that comes when the process may open no
 * more; opens it if it can. Any thread.
 */
bool cor_siblings_has_spare(struct cor_siblings *siblings);

/** Give the reserve up, so that one can be opened. Returns whether there was one. Any thread. */
bool cor_siblings_use_spare(struct cor_siblings *siblings);

/** None will be sent from now on; those that are here can still be received. Any thread. */
void cor_siblings_leave(struct cor_siblings *siblings);

/**
 * Hand a client over if another has notably fewer than `connections`, which this process has
 * without it. The caller then closes its own descriptor. Returns whether it is gone. Any thread.
 */
bool cor_siblings_hand_over(const struct cor_siblings *siblings, uint32_t connections,
	const struct cor_parcel *parcel, int fd);

/**
 * The next client that was handed to this process. Returns its descriptor, -EAGAIN (none is here),
 * -EMFILE (it stays there until the process may open more), or -EPIPE (none is, and none will
 * come).
 */
int cor_siblings_receive(struct cor_siblings *siblings, struct cor_parcel *ret) COR_CHECKED;

void cor_siblings_close(struct cor_siblings *siblings);

#endif
