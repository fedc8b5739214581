/* SPDX-License-Identifier: MIT */
/**
 * A thread that sleeps until another process rings, in memory that both share. A sleeper costs
 * nothing, and nobody needs a descriptor or permission to signal.
 */
#ifndef CORACLE_SEGMENT_DOORBELL_H
#define CORACLE_SEGMENT_DOORBELL_H

#include <stdatomic.h>
#include <stdint.h>

/** Zeroed, nobody has rung. It wraps around. */
struct cor_doorbell {
	_Atomic uint32_t rings;
};

/** Wake everybody who waits there. Returns the number of this ring. Any thread. */
uint32_t cor_doorbell_ring(struct cor_doorbell *bell);

/**
 * Block the thread until the number of rings is not `seen`, and return it. Not for a thread that
 * runs a scheduler.
 */
uint32_t cor_doorbell_wait(struct cor_doorbell *bell, uint32_t seen);

#endif
