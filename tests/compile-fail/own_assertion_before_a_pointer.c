/* SPDX-License-Identifier: MIT */
/* Two mistakes of the user's own, which sound as those of a handler that is of another type. */
/* expect: must be 8: get_size.x. says so */
/* told: ^18: must be 8: get_size\(x\) says so$ */
#include <coracle/coracle.h>

static long get_size(long x)
{
	return x + 8;
}

#ifdef MISTAKE
#define SIZE 9
#else
#define SIZE 8
#endif

_Static_assert(SIZE == 8, "must be 8: get_size(x) says so");

#ifdef MISTAKE
extern int (*const size)(struct cor_ctx *ctx);
int (*const size)(struct cor_ctx *ctx) = get_size;
#else
extern long (*const size)(long x);
long (*const size)(long x) = get_size;
#endif
