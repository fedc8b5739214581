/* SPDX-License-Identifier: MIT */
/**
 * Whether a value is one of a schema: JSON Schema, as far as tables are written in it. Formats and
 * patterns are not judged: for these there is `coracle test --contract`.
 */
#ifndef CORACLE_FUZZ_FITS_H
#define CORACLE_FUZZ_FITS_H

#include "fuzz/promise.h"

/** *ret_where (a text of the arena) says where it is not, and why; NULL: it is. */
bool cor_fuzz_fits(struct cor_arena *arena, const struct cor_fuzz_promise *promise,
	const struct cor_node *schema, const struct cor_node *value, const char **ret_where);

#endif
