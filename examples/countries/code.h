/* SPDX-License-Identifier: MIT */
/** One record, requested by its code: the {code} of a path. */
#ifndef COUNTRIES_CODE_H
#define COUNTRIES_CODE_H

#include <coracle/coracle.h>

/** Each table says which codes there are. */
struct code_ref {
	const char *code;
};

/** Answer 404: no `what` ("country") has the code. */
static inline int code_unknown(struct cor_ctx *ctx, const char *what, const char *code)
{
	return cor_problem(ctx, 404, 0, "no %s has the code %s", what, code);
}

#endif
