/* SPDX-License-Identifier: MIT */
/**
 * The reverse of describing: C structs and field tables from a JSON Schema (draft 2020-12, and
 * draft-07 and older as far as they are the same) or an OpenAPI document (3.0, 3.1).
 *
 * A document goes in, text comes out. In between: document.h finds schemas, facts.h reads their
 * keywords, model.h is what is made of them, order.h puts it in order, trial.h has the library try
 * the tables before anybody sees them, and the print files write them.
 *
 * What a table cannot say is told in a note: nothing is left out without a word. Never yields; any
 * thread.
 */
#ifndef CORACLE_GENERATE_GENERATE_H
#define CORACLE_GENERATE_GENERATE_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/arena.h>
#include <coracle/str.h>

struct cor_schema;

/** Of both together; a document that needs more is refused. */
#define COR_GENERATE_TYPES_MAX 10000
#define COR_GENERATE_BYTES_MAX (64u << 20)

struct cor_generate_options {
	/** Of the files, and of the schema itself unless it has a title: "book". Must be given. */
	const char *name;
	/** In front of each name of C: "shop_". NULL: nothing. */
	const char *prefix;
	/** Members that a schema does not list are refused unless it allows them in so many words.
	 */
	bool strict;
	/** The operations of an OpenAPI document, too: rows and handlers to fill in. */
	bool service;
	/** Functions that call them, too. Not both. */
	bool client;
};

/** What was left out or made weaker. */
struct cor_generate_note {
	const struct cor_generate_note *next;
	const char *where; /* a JSON pointer: "/properties/size" */
	const char *text;  /* what, and what to do */
};

struct cor_generated {
	struct cor_str header;                /* NAME.h */
	struct cor_str source;                /* NAME.c */
	struct cor_str service;               /* NAME_service.c; empty unless asked for */
	struct cor_str client_header, client; /* NAME_client.h and .c; empty unless asked for */
	const struct cor_generate_note *notes;
	size_t notes_len;
	const char *problem; /* of a failure: a sentence */
	/**
	 * The table of the document itself, where it is a schema, as the library has tried it: for
	 * cor_codec_create(). NULL: there is none, or it was refused.
	 */
	const struct cor_schema *tried;
};

/**
 * Generate. The document is borrowed for the call; all of *ret is the arena's. Returns 0, or with
 * ret->problem -COR_ESYNTAX (not JSON), -COR_EINVALID (no schema in it, or no name of C in
 * options), -COR_ETOOLARGE (a limit of above, or nested too deeply); or -ENOMEM.
 */
int cor_generate(struct cor_arena *arena, struct cor_str document,
	const struct cor_generate_options *options, struct cor_generated *ret) COR_CHECKED;

#endif
