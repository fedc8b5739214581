/* SPDX-License-Identifier: MIT */
#include "fuzz/choices.h"

#include <string.h>

static size_t left(const struct cor_fuzz_choices *choices)
{
	return (size_t)(choices->back - choices->front);
}

unsigned cor_fuzz_pick(struct cor_fuzz_choices *choices)
{
	return left(choices) ? *--choices->back : 0;
}

/* As libFuzzer writes what a comparison was with: in the order of this machine. */
uint64_t cor_fuzz_bits(struct cor_fuzz_choices *choices)
{
	size_t len = left(choices) < sizeof(uint64_t) ? left(choices) : sizeof(uint64_t);
	uint64_t bits = 0;

	choices->back -= len;
	if (len)
		memcpy(&bits, choices->back, len);
	return bits;
}

struct cor_str cor_fuzz_text(struct cor_fuzz_choices *choices)
{
	const char *begin = (const char *)choices->front;
	const char *end = left(choices) ? memchr(begin, '\n', left(choices)) : NULL;
	size_t len = end ? (size_t)(end - begin) : left(choices);

	choices->front += len + (end != NULL);
	return (struct cor_str){ begin, len };
}

struct cor_str cor_fuzz_rest(struct cor_fuzz_choices *choices)
{
	struct cor_str rest = { (const char *)choices->front, left(choices) };

	choices->front = choices->back;
	return rest;
}
