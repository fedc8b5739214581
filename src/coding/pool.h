/* SPDX-License-Identifier: MIT */
/** Encoders of a thread, which answers take and give back: to make one takes long. */
#ifndef CORACLE_CODING_POOL_H
#define CORACLE_CODING_POOL_H

#include <coracle/sync.h>

#include "compress/coding.h"

#define COR_ENCODERS_KEPT 4

/** Those that nobody uses: COR_ENCODERS_KEPT at most, of 2.5 MB each at most. Zeroed: none. */
struct cor_encoder_pool {
	struct cor_encoder *first; /* the one that was given back last */
	size_t len;
	struct cor_mutex line; /* of long bodies, which are encoded one after the other */
};

/** One that begins anew, for as many bytes as the options say; NULL without memory. */
struct cor_encoder *cor_encoder_take(struct cor_encoder_pool *pool, const struct cor_coding *coding,
	const struct cor_encoder_options *options);

/** It is used no more, and is not broken. NULL is allowed. */
void cor_encoder_give_back(struct cor_encoder_pool *pool, struct cor_encoder *encoder);

/** Close all that are kept. */
void cor_encoder_pool_finish(struct cor_encoder_pool *pool);

#endif
