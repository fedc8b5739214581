/* SPDX-License-Identifier: MIT */
/**
 * Where a value stands, while it is read or written. Private to the schema folder.
 *
 * Each level of the descent keeps one step on its stack, linked to the step outside it; a JSON
 * Pointer (RFC 6901) is made of them only when something is wrong.
 */
#ifndef CORACLE_SCHEMA_PATH_H
#define CORACLE_SCHEMA_PATH_H

#include <coracle/schema.h>

struct cor_step {
	const struct cor_step *outer; /* NULL: this is a step of the root */
	struct cor_str key;           /* of a member; data NULL: an item */
	size_t index;                 /* of an item */
};

/** Where violations go, and how they name their place. */
struct cor_report {
	struct cor_violations *violations;
	struct cor_arena *arena;
	const char *in;
	bool plain;       /* `where` is the parameter's name, not a pointer */
	bool was_written; /* what is read is an answer of our own: see read_back.h */
	bool is_part;
	bool is_foreign; /* see struct cor_decode_options */
};

/**
 * The pointer of a step into `text`, NUL-terminated; cut when longer. NULL is the root. Returns its
 * length.
 */
size_t cor_step_print(const struct cor_step *step, bool plain, char *text, size_t bytes);

/** Whether as many were reported as are kept: reading on would be work for nobody. */
static inline bool cor_report_is_full(const struct cor_report *report)
{
	return report->violations->count >= COR_VIOLATIONS_MAX;
}

/** Report a violation at a step: a text of base/violation_texts.h, or one that has no code. */
void cor_report(const struct cor_report *report, const struct cor_step *step, const char *format,
	...) COR_PRINTF(3, 4);

#endif
