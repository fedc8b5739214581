/* SPDX-License-Identifier: MIT */
/** From schemas to the kind and the shape of rows. Private to the generate folder. */
#ifndef CORACLE_GENERATE_TYPES_H
#define CORACLE_GENERATE_TYPES_H

#include "generate/document.h"
#include "generate/facts.h"
#include "generate/model.h"

/**
 * What values of a schema are: kind, shape, rules and type of a row. `hint` names a type that has
 * no name of its own. The texts for readers, presence and access come with cor_gen_finish_row().
 */
void cor_gen_resolve(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint);

/** Any JSON. */
void cor_gen_resolve_raw(struct cor_gen_row *row);

/** The struct of one bare row, for what is no object; NULL without memory. */
struct cor_gen_type *cor_gen_bare(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const char *hint);

/** A schema as its place says it: what it is another name of, and whether it may be null. */
struct cor_gen_schema cor_gen_itself(
	struct cor_gen *gen, const struct cor_gen_schema *schema, bool *ret_null);

/** The type that was made of a schema in some way before, or NULL; and keeping it. */
struct cor_gen_type *cor_gen_find_type(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const char *way);
void cor_gen_keep_type(struct cor_gen *gen, const struct cor_gen_schema *schema, const char *way,
	const struct cor_gen_type *type);
/** A type of a schema: its name is that of the component, else the hint. */
struct cor_gen_type *cor_gen_new_type(struct cor_gen *gen, enum cor_gen_form form,
	const struct cor_gen_schema *schema, const char *hint);
/** Whether a schema is one that the document names. */
bool cor_gen_is_component(struct cor_gen *gen, const struct cor_node *node);
/** Keep names for the components, before anything else takes them. */
void cor_gen_reserve(struct cor_gen *gen, const struct cor_node *component, const char *name);

#endif
