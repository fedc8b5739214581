/* SPDX-License-Identifier: MIT */
/** A request of an operation, made of choices. */
#ifndef CORACLE_FUZZ_COMPOSE_H
#define CORACLE_FUZZ_COMPOSE_H

#include "before/pass.h"
#include "fuzz/choices.h"
#include "fuzz/promise.h"
#include "fuzz/request.h"

/**
 * Make it, with the headers (lines of "NAME: VALUE\n") in addition. The request is finished first,
 * and made anew.
 */
void cor_fuzz_compose(const struct cor_fuzz_promise *promise, struct cor_fuzz_choices *choices,
	const struct cor_before_pass *before, struct cor_str headers,
	struct cor_fuzz_request *request);

/** The words of the operation's table, as libFuzzer reads them: names, enums, examples. */
void cor_fuzz_dictionary(const struct cor_fuzz_promise *promise, struct cor_buffer *out);

#endif
