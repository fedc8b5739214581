/* SPDX-License-Identifier: MIT */
/**
 * Everything that is wrong with an input.
 *
 * A violation says where (a JSON Pointer, RFC 6901, or the name of a parameter) and what. A list of
 * them belongs to the arena it was made with. At most COR_VIOLATIONS_MAX are kept, the rest are
 * counted; the reading of a JSON body ends there.
 */
#ifndef CORACLE_VIOLATION_H
#define CORACLE_VIOLATION_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

#define COR_VIOLATIONS_MAX 100

struct cor_violation {
	const char *in; /* "body", "path", "query", "header" or "form" */
	/* in a body the JSON Pointer ("" is the whole), else the parameter's name */
	const char *where;
	const char *detail; /* the rule that was broken, worded for the client's author */
	const char *code;   /* which rule of the library (docs/errors.md); NULL: a service's own */
	struct cor_violation *next;
	const char *said; /* the library's own: the detail, with the places of what stands in it */
};

struct cor_violations {
	struct cor_violation *first; /* in the order found */
	struct cor_violation *last;
	size_t count; /* all that were found, kept or not */
	/* the library's own: */
	unsigned pattern_work; /* what matching patterns has taken */
	const char *under;     /* where the struct is that a check looks at; NULL: the whole */
	bool of_answer;        /* which another server has given */
};

/**
 * Add one. `in` must be a literal; `where` is copied; the detail is formatted. Out of memory, it is
 * counted only. Never yields.
 */
COR_API void cor_violate(struct cor_violations *violations, struct cor_arena *arena, const char *in,
	const char *where, const char *format, ...) COR_PRINTF(5, 6);

/** The same with its arguments in a list, which is used up. Never yields. */
COR_API void cor_violate_va(struct cor_violations *violations, struct cor_arena *arena,
	const char *in, const char *where, const char *format, va_list args) COR_PRINTF(5, 0);

/**
 * A parameter of what is wrong, by the name that docs/errors.md gives it for its code: "limit". It
 * lives as long as the violation. data NULL: it has none of that name. Never yields.
 */
COR_API struct cor_str cor_violation_param(const struct cor_violation *violation, const char *name);

COR_END_DECLS
#endif
