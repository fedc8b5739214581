/* SPDX-License-Identifier: MIT */
/**
 * The bytes of an input as choices. Text is taken from the front, up to a line's end; everything
 * else from the back, byte by byte. Where nothing is left every choice is 0, every text empty.
 */
#ifndef CORACLE_FUZZ_CHOICES_H
#define CORACLE_FUZZ_CHOICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/str.h>

struct cor_fuzz_choices {
	const uint8_t *front, *back; /* back is behind the last */
};

/** 0 to 255. */
unsigned cor_fuzz_pick(struct cor_fuzz_choices *choices);

/** Eight bytes as a number. */
uint64_t cor_fuzz_bits(struct cor_fuzz_choices *choices);

/** The next text: it points into the input. */
struct cor_str cor_fuzz_text(struct cor_fuzz_choices *choices);

/** All that is left, as it is. */
struct cor_str cor_fuzz_rest(struct cor_fuzz_choices *choices);

#endif
