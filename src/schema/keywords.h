/* SPDX-License-Identifier: MIT */
/**
 * Write an object of JSON Schema: one keyword, or one property, after the other. Nothing here
 * yields; any thread.
 */
#ifndef CORACLE_SCHEMA_KEYWORDS_H
#define CORACLE_SCHEMA_KEYWORDS_H

#include "base/buffer.h"
#include "schema/decode.h"

struct cor_schema_names;

/** An object that is being written. */
struct cor_keywords {
	struct cor_buffer *buffer;
	const struct cor_schema_names *names;
	enum cor_use use; /* of what is nested */
	bool first;       /* no comma is due yet */
};

/** Begin an object. */
struct cor_keywords cor_keywords_begin(
	struct cor_buffer *buffer, const struct cor_schema_names *names, enum cor_use use);

/** Begin an object inside of the one that is being written. */
struct cor_keywords cor_keywords_begin_inner(const struct cor_keywords *outer);

/** End the object. */
void cor_keywords_end(struct cor_keywords *writer);

/** Write "name": with the comma where one is due; the value is the caller's to write. */
void cor_keyword(struct cor_keywords *writer, const char *name);

/** Write a keyword whose value is a string. */
void cor_keyword_text(struct cor_keywords *writer, const char *name, const char *text);

/** Write a keyword whose value is a number. */
void cor_keyword_number(struct cor_keywords *writer, const char *name, uint64_t value);

/** Write a keyword whose value is JSON already, as a table has it. */
void cor_keyword_json(struct cor_keywords *writer, const char *name, const char *json);

#endif
