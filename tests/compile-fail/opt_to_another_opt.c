/* SPDX-License-Identifier: MIT */
/* expect: incompatible type */
#include <coracle/schema.h>

typedef cor_opt(int32_t) opt_rating;
struct draft {
	opt_rating named;
	cor_opt(int32_t) nameless;
};

void copy(struct draft *draft, const opt_rating *rating);
void copy(struct draft *draft, const opt_rating *rating)
{
#ifdef MISTAKE
	draft->nameless = *rating;
#else
	draft->named = *rating;
	draft->nameless.state = rating->state;
	draft->nameless.value = rating->value;
#endif
}
