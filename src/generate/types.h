/* SPDX-License-Identifier: MIT */
/** Types and rows from schemas. Private to the generate folder. */
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

/** ... and these, from the place where the schema is used. */
void cor_gen_finish_row(
	struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema);

/**
 * How the row's presence is said: by .presence, a cor_opt, a pointer or a fallback. To be called
 * again when one of them changes.
 */
void cor_gen_settle(struct cor_gen *gen, struct cor_gen_row *row);

/** Numbers (number.c), texts (text.c), enums (enums.c) and choices (unions.c). */
void cor_gen_resolve_number(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, bool is_whole);
void cor_gen_resolve_text(
	struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema);
/** A pattern that the library takes; NULL for any other, which is told. */
const char *cor_gen_pattern(
	struct cor_gen *gen, const struct cor_node *at, const struct cor_node *pattern);
void cor_gen_resolve_values(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint);
/** The names of a set, where an array holds each once; false: it is no such array. */
bool cor_gen_resolve_set(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *array, const struct cor_gen_schema *item, const char *hint);
/** False: the choice is one that no table has, which is told. */
bool cor_gen_resolve_choice(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint);

/** Any JSON. */
void cor_gen_resolve_raw(struct cor_gen_row *row);

/**
 * The struct of an object. Of a branch of a union without the property `discriminator` (NULL: with
 * all). NULL without memory.
 */
struct cor_gen_type *cor_gen_struct(struct cor_gen *gen, const struct cor_gen_schema *schema,
	const char *hint, const char *discriminator);
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
