/* SPDX-License-Identifier: MIT */
/**
 * Schemas in a document: what a $ref leads to, and what holds together with what. Private to the
 * generate folder.
 */
#ifndef CORACLE_GENERATE_DOCUMENT_H
#define CORACLE_GENERATE_DOCUMENT_H

#include "generate/model.h"

#define COR_GEN_PARTS_MAX 64

/**
 * Schemas that must all hold: a schema itself, what it refers to, its allOf. So keywords are read
 * part by part, and the strictest counts.
 */
struct cor_gen_schema {
	const struct cor_node *at; /* where it is said */
	const struct cor_node *parts[COR_GEN_PARTS_MAX];
	size_t len;
	size_t roots;  /* schemas that it was made of, besides what they refer to */
	bool is_never; /* the schema `false` */
};

/** What a "$ref" leads to; NULL if there is none, or it leads nowhere, which is told. */
const struct cor_node *cor_gen_follow(struct cor_gen *gen, const struct cor_node *schema);

/** Add a schema with all that it refers to. */
void cor_gen_expand(struct cor_gen *gen, const struct cor_node *schema, struct cor_gen_schema *ret);

/** The schema of one node, as cor_gen_expand(). */
struct cor_gen_schema cor_gen_schema_of(struct cor_gen *gen, const struct cor_node *schema);

/**
 * What a schema is another name of: a lone $ref, or an allOf of one, with nothing beside it but
 * texts for readers. It, itself, if it is none.
 */
const struct cor_node *cor_gen_named(struct cor_gen *gen, const struct cor_node *schema);

/** Whether a schema says anything besides texts for readers and `keyword` (may be NULL). */
bool cor_gen_says_more(const struct cor_node *schema, const char *keyword);

/** The schema without its null: of oneOf or anyOf with one other. *ret_null: there was one. */
const struct cor_node *cor_gen_without_null(
	struct cor_gen *gen, const struct cor_node *schema, bool *ret_null);

/** How often a schema is referred to, and how often not as a branch of a union. */
size_t cor_gen_uses(struct cor_gen *gen, const struct cor_node *schema);
size_t cor_gen_own_uses(struct cor_gen *gen, const struct cor_node *schema);
/** Count all that refer, once. */
void cor_gen_count_uses(struct cor_gen *gen);

/** The last part of a pointer to a node: the name of a component. {NULL, 0} for a root. */
struct cor_str cor_gen_own_key(const struct cor_node *node);

/** A text member; NULL if there is none. */
const char *cor_gen_member_text(
	struct cor_gen *gen, const struct cor_node *object, const char *key);
/** Whether a member is true. */
bool cor_gen_is_set(const struct cor_node *object, const char *key);

#endif
