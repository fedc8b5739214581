/* SPDX-License-Identifier: MIT */
/**
 * What is made of a document: types with rows, before they are text. Private to the generate
 * folder.
 *
 * A row holds the struct cor_field that its macro would make, but for the places in memory. So the
 * same options are printed and tried (trial.h).
 *
 * Memory is the arena's. A lack of it is kept in struct cor_gen, and makes functions return NULL,
 * or do nothing.
 */
#ifndef CORACLE_GENERATE_MODEL_H
#define CORACLE_GENERATE_MODEL_H

#include <coracle/error.h>
#include <coracle/json_node.h>
#include <coracle/schema.h>
#include <coracle/schema_union.h>

#include "generate/generate.h"

struct cor_gen_type;

/** Rules of a scalar that has a name in the document: a struct cor_rule. */
struct cor_gen_rule {
	struct cor_gen_rule *next;
	const struct cor_node *at;
	const char *name;
	struct cor_rule rule;
	size_t uses;
};

struct cor_gen_row {
	struct cor_field field;
	struct cor_gen_type *type; /* of an object, an enum or a set of names; else NULL */
	struct cor_gen_rule *rule; /* or NULL */
	const struct cor_node *at; /* for notes */
	bool required, nullable;
	bool is_embedded;
};

/** A name of an enum. */
struct cor_gen_name {
	const char *constant; /* STATUS_NEW */
	const char *text;     /* new */
};

/** A struct of a union. */
struct cor_gen_branch {
	struct cor_gen_type *type;
	const char *member;
	const char *constant;
	const char *text;
	bool is_pointer;
};

enum cor_gen_form {
	COR_GEN_STRUCT = 1, /* also of one bare row */
	COR_GEN_ENUM,
	COR_GEN_SET, /* the names of bits */
	COR_GEN_UNION,
};

struct cor_gen_type {
	enum cor_gen_form form;
	const char *name;      /* its tag: "order_line" */
	const char *component; /* its name in the document, if that differs; else NULL */
	const char *doc;
	const struct cor_node *at;
	bool is_bare;
	bool ignores_unknown;
	bool begins_at_one; /* an enum: 0 is for "absent" */
	bool is_refused;    /* by the library: nothing refers to it */
	bool is_input;      /* of operations alone: printed with the service */
	bool is_shared;     /* names of an enum that the other file, or only the user, needs */
	bool is_printed;
	unsigned embeds; /* structs embedded inside one another */

	struct cor_gen_row *rows;
	size_t rows_len, rows_capacity;
	struct cor_node *members; /* names that are taken */
	struct cor_gen_name *names;
	size_t names_len;
	struct cor_gen_branch *branches;
	size_t branches_len;
	const char *discriminator;
	const char *tag; /* of a union: its enum */

	enum { COR_GEN_NEW = 0, COR_GEN_OPEN, COR_GEN_DONE } state; /* of the ordering */
	struct cor_gen_trial *trial;
};

/** A list or map whose items are being looked at: one that holds itself is met again. */
struct cor_gen_open {
	const struct cor_gen_open *outer;
	const struct cor_node *at;
};

struct cor_gen {
	struct cor_arena *arena;
	const struct cor_generate_options *options;
	struct cor_node *root;
	bool is_openapi;

	struct cor_gen_type **types; /* in the order in which they were found, then in C's */
	size_t types_len, types_capacity;
	struct cor_gen_rule *rules, **rules_end;
	struct cor_node *index;     /* of what a type was made of -> its number */
	struct cor_node *uses;      /* pointer -> how often it is referred to */
	struct cor_node *own_uses;  /* ... but as a branch of a union */
	struct cor_node *tags;      /* names that are taken: of types */
	struct cor_node *constants; /* ... of enums */
	struct cor_node *handlers;  /* ... of functions */
	struct cor_node *told;      /* notes that were made */
	struct cor_node *anchors;   /* $id and $anchor -> pointer; NULL: not read yet */
	const struct cor_gen_open *open;
	struct cor_gen_service *service; /* NULL: not asked for */
	struct cor_generate_note *notes, *last_note;
	size_t notes_len;
	int error; /* 0, -ENOMEM or -COR_ETOOLARGE */
};

/** Memory, zeroed; NULL if there is none, which gen->error keeps. */
void *cor_gen_alloc(struct cor_gen *gen, size_t bytes);
/** Formatted text; never NULL ("" without memory). */
const char *cor_gen_printf(struct cor_gen *gen, const char *format, ...) COR_PRINTF(2, 3);
/** A text of the document with a NUL; never NULL. One with U+0000 ends there. */
const char *cor_gen_text(struct cor_gen *gen, struct cor_str text);
/** The JSON of a node; NULL without memory. */
const char *cor_gen_json(struct cor_gen *gen, const struct cor_node *node);

/** Tell that something at a node was left out or made weaker, once. */
void cor_gen_note(struct cor_gen *gen, const struct cor_node *at, const char *format, ...)
	COR_PRINTF(3, 4);

/**
 * A new type, the last of the list, with a name of cor_gen_tag(). NULL without memory, or if there
 * are too many.
 */
struct cor_gen_type *cor_gen_add_type(
	struct cor_gen *gen, enum cor_gen_form form, const struct cor_node *at, const char *tag);
/** A new row, the last; it belongs to the type, and moves when there is one more. */
struct cor_gen_row *cor_gen_add_row(struct cor_gen *gen, struct cor_gen_type *type);

/** Whether the type's schema is reached by COR_OBJECT and its kin. */
static inline bool cor_gen_has_schema(const struct cor_gen_type *type)
{
	return type && (type->form == COR_GEN_STRUCT || type->form == COR_GEN_UNION);
}

#endif
