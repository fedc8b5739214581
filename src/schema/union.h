/* SPDX-License-Identifier: MIT */
/**
 * Unions (coracle/schema_union.h). Private to the schema folder.
 *
 * The schema of a union is a bare row of this kind. Each branch gets a plan of its own: the rows of
 * its table behind one for the discriminator, so that an object of a branch is read and written as
 * any other object, and the discriminator is a member like others: once, in any place, known to
 * whoever is told of a misspelt one.
 */
#ifndef CORACLE_SCHEMA_UNION_PRIVATE_H
#define CORACLE_SCHEMA_UNION_PRIVATE_H

#include "schema/codec.h"
#include "schema/kind.h"
#include "schema/plan.h"

/** The JSON member that says which branch it is. The schema's bare row is a union. */
const char *cor_union_discriminator(const struct cor_schema *schema);

/**
 * Make ready the union of a schema's bare row, but for the plans of its branches, which the caller
 * fills in. Returns 0 or -ENOMEM.
 */
int cor_union_compile(struct cor_codec *codec, const struct cor_schema *schema,
	const struct cor_union *table, struct cor_union_plan **ret) COR_CHECKED;

/** Whether a zeroed struct has no JSON; its plans must be there. */
bool cor_union_zero_has_no_json(const struct cor_union_plan *one_of);

/**
 * The branch that the tag of the value at `at` names: its plan, and its struct in *ret_base. NULL:
 * no branch has that tag, or it is behind a pointer that is NULL.
 */
const struct cor_plan *cor_union_branch(
	const struct cor_union_plan *one_of, void *at, void **ret_base);

/** Once every table is compiled: give the branches of all unions their plans. 0 or -ENOMEM. */
int cor_codec_make_branches(struct cor_codec *codec) COR_CHECKED;

/* For the table of kinds. */
cor_decode_value cor_decode_union;
cor_encode_value cor_encode_union;
cor_value_is_empty cor_value_is_no_union;
cor_copy_value cor_copy_union;

#endif
