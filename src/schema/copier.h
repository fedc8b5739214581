/* SPDX-License-Identifier: MIT */
/** The state of one copy, and the kinds' parts of it. Private to the schema folder. */
#ifndef CORACLE_SCHEMA_COPIER_H
#define CORACLE_SCHEMA_COPIER_H

#include "schema/copy.h"
#include "schema/kind.h"

struct cor_copier {
	struct cor_arena *arena;
	const struct cor_foreign *foreign; /* NULL: what is copied can be trusted */
	unsigned depth;
};

/** A struct with what it holds, inside of the one that is being copied. */
int cor_copier_copy(struct cor_copier *copier, const struct cor_schema *schema, const void *value,
	void *ret) COR_CHECKED;

/* copy.c: what each kind has behind its member, for the table of kinds. */
cor_copy_value cor_copy_bool, cor_copy_text, cor_copy_str, cor_copy_object, cor_copy_pointer,
	cor_copy_embed;

#endif
