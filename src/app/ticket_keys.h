/* SPDX-License-Identifier: MIT */
/**
 * The keys of TLS session tickets, which all workers share and which outlive a reload. A key seals
 * for an hour and unseals for one more, then it is overwritten: who steals the keys can read what
 * was resumed with them in that time, and nothing else. Private to the app folder.
 */
#ifndef CORACLE_APP_TICKET_KEYS_H
#define CORACLE_APP_TICKET_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/clock.h"
#include "segment/lock.h"
#include "tls/tls.h"

#define COR_TICKET_KEY_HOURS 2 /* this one and the last */

/** In memory that processes share, or of one process. */
struct cor_ticket_ring {
	struct cor_lock lock;
	struct {
		uint64_t hour; /* monotonic, plus one; 0: there is no key */
		struct cor_tls_ticket_key key;
	} items[COR_TICKET_KEY_HOURS];
};

/** Make an empty ring: the .init of a region. Returns 0 or the code of cor_lock_init(). */
int cor_ticket_ring_init(void *region, size_t bytes);

/** The functions that TLS asks; `ring` is borrowed. */
struct cor_tls_ticket_keys cor_ticket_keys_of(struct cor_ticket_ring *ring);

/** The newest key at that time, made if there is none; false: without luck. */
bool cor_ticket_ring_newest(
	struct cor_ticket_ring *ring, int64_t now_ns, struct cor_tls_ticket_key *ret);

/** The key of that name, unless it is too old. */
bool cor_ticket_ring_find(struct cor_ticket_ring *ring, int64_t now_ns, const uint8_t *name,
	struct cor_tls_ticket_key *ret, bool *ret_newest);

#endif
