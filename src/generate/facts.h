/* SPDX-License-Identifier: MIT */
/** Keywords of a schema, over all its parts. Private to the generate folder. */
#ifndef CORACLE_GENERATE_FACTS_H
#define CORACLE_GENERATE_FACTS_H

#include "generate/document.h"

/** JSON types, as bits. */
enum cor_gen_types {
	COR_GEN_NULL = 1,
	COR_GEN_BOOL = 2,
	COR_GEN_INTEGER = 4,
	COR_GEN_NUMBER = 8, /* also without COR_GEN_INTEGER: any number */
	COR_GEN_STRING = 16,
	COR_GEN_ARRAY = 32,
	COR_GEN_OBJECT = 64,
};

/** The first value of a keyword; NULL if no part has it. */
const struct cor_node *cor_gen_get(const struct cor_gen_schema *schema, const char *keyword);
/** The same, as text. */
const char *cor_gen_get_text(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const char *keyword);
/** Whether any part has the keyword as true. */
bool cor_gen_any_set(const struct cor_gen_schema *schema, const char *keyword);

/**
 * The types that a value may have; 0: any. Where no part names one, keywords that are for one type
 * alone say it, which is told.
 */
unsigned cor_gen_types_of(struct cor_gen *gen, const struct cor_gen_schema *schema);

/** The largest (or smallest) value of a size keyword, at most 2^32 - 1; 0 if no part has it. */
uint32_t cor_gen_largest(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const char *keyword);
uint32_t cor_gen_smallest(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const char *keyword);

/** The bounds of numbers, as they are written. */
struct cor_gen_bound {
	const struct cor_node *node; /* NULL: none */
	bool exclusive;
};
struct cor_gen_bound cor_gen_bound_of(const struct cor_gen_schema *schema, bool is_max);

/** The schemas of a property in all parts; at == NULL: no part has it. */
struct cor_gen_schema cor_gen_property(
	struct cor_gen *gen, const struct cor_gen_schema *schema, struct cor_str key);
/** Whether a part requires it. */
bool cor_gen_requires(const struct cor_gen_schema *schema, struct cor_str key);
/** Whether members that no part lists are refused. */
bool cor_gen_refuses_more(struct cor_gen *gen, const struct cor_gen_schema *schema);
/** Whether a part has properties. */
bool cor_gen_has_properties(const struct cor_gen_schema *schema);

/** Tell of each keyword of the parts that no table has. */
void cor_gen_tell_left_out(struct cor_gen *gen, const struct cor_gen_schema *schema);

/** A description, or else a title with more than one word; NULL if there is none. */
const char *cor_gen_doc(struct cor_gen *gen, const struct cor_node *schema);

#endif
