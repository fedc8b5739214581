/* SPDX-License-Identifier: MIT */
/**
 * What a client wants of an answer: id,author{name},* as Flask-RESTX writes it. Private to the
 * library.
 */
#ifndef CORACLE_SCHEMA_MASK_H
#define CORACLE_SCHEMA_MASK_H

#include <coracle/schema.h>

#include "schema/decode.h"

#define COR_MASK_DEPTH_MAX 16

struct cor_mask;

/**
 * Read a mask of the schema's answers: names of members, a comma between them; {...} behind one
 * has those of what it nests; * is all others; braces around the whole may be left out. Names are
 * those in the envelope of a view, which stays around them. Memory is the arena's. Returns 0,
 * -COR_EINVALID (*ret_why says what is wrong, for the client), -ENOMEM or -COR_ETABLE (the schema
 * is not the codec's).
 */
int cor_mask_read(struct cor_codec *codec, const struct cor_schema *schema, struct cor_str text,
	struct cor_arena *arena, const struct cor_mask **ret, const char **ret_why) COR_CHECKED;

#endif
