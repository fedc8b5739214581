/* SPDX-License-Identifier: MIT */
/**
 * A value of a schema as JSON, made of choices: the first one is its example, or what is made up
 * for it; others are in its range, at its bounds, beyond them, of another type.
 */
#ifndef CORACLE_FUZZ_VALUE_H
#define CORACLE_FUZZ_VALUE_H

#include "base/buffer.h"
#include "fuzz/choices.h"
#include "fuzz/promise.h"

struct cor_fuzz_making {
	const struct cor_fuzz_promise *promise;
	struct cor_fuzz_choices *choices;
	struct cor_buffer *out;
	unsigned depth;
};

void cor_fuzz_value(struct cor_fuzz_making *making, const struct cor_node *schema);

/** Whether a choice of 256 was less than a part of them: "most" of 0. */
static inline bool cor_fuzz_mostly(struct cor_fuzz_making *making, unsigned of_256)
{
	return cor_fuzz_pick(making->choices) < of_256;
}

#endif
