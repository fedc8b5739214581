/* SPDX-License-Identifier: MIT */
/**
 * An exchange whose answer is encoded, and whose request's body is decoded: ops that stand before
 * those of its protocol, for as long as it is served.
 */
#ifndef CORACLE_CODING_ANSWER_H
#define CORACLE_CODING_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "coding/plan.h"
#include "exchange/exchange.h"

struct cor_body_decoding; /* body.c */

/** On the stack of who serves; nothing of it is anybody else's. */
struct cor_coded_exchange {
	struct cor_exchange_ops ops;          /* first: of the exchange meanwhile */
	const struct cor_exchange_ops *inner; /* of its protocol */
	struct cor_exchange *x;
	const struct cor_coding_plan *plan;

	/* a reply in pieces */
	struct cor_encoder *encoder; /* NULL: it is not encoded */
	bool lasts;                  /* it goes on for as long as its client stays */
	bool has_more;               /* something was written that no flush has sent */
	int error;                   /* what was lost; 0: nothing */
	int64_t turn_ns;             /* when this fiber had its turn; 0: it has not computed yet */

	struct cor_body_decoding *decoding; /* NULL: the body is not encoded */
};

/** Put the ops before those of the exchange. */
void cor_coded_begin(struct cor_coded_exchange *coded, struct cor_exchange *x,
	const struct cor_coding_plan *plan);

/**
 * The answer is given, well or badly: what the encoder has goes out, and the protocol's ops are
 * back. Yields.
 */
void cor_coded_end(struct cor_coded_exchange *coded);

/**
 * Let others have their turn if this fiber has computed for long. Yields. Returns as cor_yield().
 */
int cor_coded_turn(struct cor_coded_exchange *coded) COR_CHECKED;

#endif
