/* SPDX-License-Identifier: MIT */
/**
 * What a loop counts. Each loop has a slot of its own, so that counting needs no lock; a reader
 * adds the slots up. A slot may stand in memory that processes share.
 */
#ifndef CORACLE_CONNECTION_COUNTS_H
#define CORACLE_CONNECTION_COUNTS_H

#include <stdatomic.h>
#include <stdint.h>

#include "segment/counter.h"

/** Why somebody was refused, before any operation was called. */
enum cor_refusal {
	/* a request */
	COR_REFUSED_MALFORMED, /* or of a form that is not served: 400, 417, 501, 505 */
	COR_REFUSED_LARGE,     /* above a limit: 413, 414, 431 */
	COR_REFUSED_LATE,      /* its head did not arrive in time: 408 */
	COR_REFUSED_FIBERS,    /* too many requests are in progress: 503, as all below */
	COR_REFUSED_MEMORY,    /* there is none, or hardly any */
	COR_REFUSED_QUEUE,     /* it has waited too long for its turn, as those before it have */
	COR_REFUSED_DEADLINE,  /* its time was up before its turn came */
	/* a connection */
	COR_REFUSED_PEER, /* its client has as many as it may have */
	/* a handshake */
	COR_REFUSED_HANDSHAKE_LIMIT,  /* there are as many in progress as there may be */
	COR_REFUSED_HANDSHAKE_LATE,   /* its time was up */
	COR_REFUSED_HANDSHAKE_PLAIN,  /* the client speaks HTTP, without TLS */
	COR_REFUSED_HANDSHAKE_FAILED, /* or does not agree, or has gone */
	/* a connection that carries many requests at once, with all that it carries */
	COR_REFUSED_RULES,  /* it breaks those of its protocol */
	COR_REFUSED_FLOOD,  /* it keeps us busy for nothing */
	COR_REFUSED_SILENT, /* its next head did not become whole */
	COR_REFUSALS,
};

struct cor_counts {
	_Alignas(64) _Atomic uint64_t connections; /* accepted */
	_Atomic uint64_t handshakes;               /* that filters have made */
	_Atomic uint64_t cut; /* connections that a drain cut with a message in progress */
	_Atomic uint64_t bytes_received;
	_Atomic uint64_t bytes_sent;
	_Atomic uint64_t refused[COR_REFUSALS];
};

/** What a figure calls it: "queue". */
const char *cor_refusal_name(enum cor_refusal refusal);

/** Add `part` to `sum`, which is the caller's alone. */
void cor_counts_add(struct cor_counts *sum, const struct cor_counts *part);

#endif
