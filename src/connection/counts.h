/* SPDX-License-Identifier: MIT */
/**
 * What a loop counts. Each loop has a slot of its own, so that counting needs no lock; whoever
 * reads adds the slots up. A slot may stand in memory that processes share.
 */
#ifndef CORACLE_CONNECTION_COUNTS_H
#define CORACLE_CONNECTION_COUNTS_H

#include <stdatomic.h>
#include <stdint.h>

#include "segment/counter.h"

struct cor_counts {
	_Alignas(64) _Atomic uint64_t connections; /* accepted */
	_Atomic uint64_t refused; /* requests, by the protocol: a malformed head, a limit */
	_Atomic uint64_t cut;     /* connections that a drain cut with a message in progress */
	_Atomic uint64_t bytes_received;
	_Atomic uint64_t bytes_sent;
};

/** Add `part` to `sum`, which is the caller's alone. */
void cor_counts_add(struct cor_counts *sum, const struct cor_counts *part);

#endif
