/* SPDX-License-Identifier: MIT */
/** One record, asked for by its code: the {code} of a path. */
#ifndef COUNTRIES_CODE_H
#define COUNTRIES_CODE_H

#include <coracle/coracle.h>

/** Which codes there are is for each table to say. */
struct code_ref {
	const char *code;
};

/** No `what` ("country") has it: answer 404. */
static inline int code_unknown(struct cor_ctx *ctx, const char *what, const char *code)
{
	return cor_problem(ctx, 404, 0, "no %s has the code %s", what, code);
}

#endif
