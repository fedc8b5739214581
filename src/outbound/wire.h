/* SPDX-License-Identifier: MIT */
/**
 * A call on its way: what it has sent, what has come, and the connection that it has meanwhile.
 *
 * Its memory, with the buffer that answers are received into, exists only while the call does; a
 * thread keeps a few for the next ones.
 *
 * A request is sent in pieces, each with what frames it: the head goes with the first. An answer
 * that comes before the body has been sent ends the sending, unless its status is 2xx: a server may
 * begin to answer while it reads on.
 */
#ifndef CORACLE_OUTBOUND_WIRE_H
#define CORACLE_OUTBOUND_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#include "client/carrier.h"
#include "http/answer_parser.h"
#include "http/chunked.h"
#include "outbound/pool.h"

#define COR_OUTBOUND_ROOM_BYTES (16 * 1024)
/** Wires that a thread keeps for the next calls. */
#define COR_OUTBOUND_SPARES 8
/** More heads with a status of 1xx before the final one are refused. */
#define COR_OUTBOUND_INTERIM_MAX 16

struct cor_outbound_wire {
	struct cor_wire wire; /* first: this is one */
	struct cor_outbound_pool *pool;
	struct cor_outbound_wire *next_spare;
	struct cor_outbound_connection *connection; /* NULL: none yet */

	/* --- what is sent --- */
	bool has_sent_head;
	bool has_sent_all;
	bool is_cut;        /* the server takes no more: the connection is of no further use */
	int64_t left_bytes; /* of a body with a length */

	/* --- what has come --- */
	bool has_head; /* the final one stands at `begin`, head_len bytes */
	bool is_whole; /* so is the body */
	bool has_surplus;
	uint8_t interim;
	int early_error; /* of an answer that came while the body was sent */
	size_t head_len;
	int64_t body_left; /* of COR_ANSWER_LENGTH */
	/* the room, or more on the heap; received and not used yet: from begin to end */
	char *bytes;
	size_t begin, end, size;

	/* --- not zeroed when a call begins --- */
	struct cor_chunked chunked;
	struct cor_answer_parser parser;
	char room[COR_OUTBOUND_ROOM_BYTES];
};

/* As struct cor_carrier has them. */
int cor_outbound_begin(
	void *pool, const struct cor_carrier_request *request, struct cor_wire **ret) COR_CHECKED;
int cor_outbound_connect(struct cor_wire *base) COR_CHECKED;
void cor_outbound_end(struct cor_wire *base);

/** Free the wires that a pool keeps. */
void cor_outbound_free_spares(struct cor_outbound_pool *pool);

#endif
