/* SPDX-License-Identifier: MIT */
/**
 * What schemas say beyond their rows: .check and .after_load, at every level of a struct that was
 * read. Private to the library.
 *
 * The levels inside come first; at each, the hooks of embedded structs stand before those of the
 * struct around them. A level of which a row is wrong, or what it holds, is passed over: its check
 * may rely on its rows. So is one that was not read, because what it stands in is missing or wrong.
 * A hook may yield. One thread, the codec's.
 */
#ifndef CORACLE_SCHEMA_HOOKS_H
#define CORACLE_SCHEMA_HOOKS_H

#include <coracle/schema.h>

#include "schema/decode.h"
#include "schema/plan.h"

/** How hooks are called: the schema folder knows no ctx. */
struct cor_hook_caller {
	/*
	 * Call it for the value at the JSON Pointer `where`, and add what it finds to the
	 * violations. Returns 0, or a negative code that ends it all.
	 */
	int (*check)(struct cor_hook_caller *caller, const struct cor_schema_check *check,
		const void *value, const char *where);
	/* the same; NULL: .after_load is passed over */
	int (*load)(struct cor_hook_caller *caller, const struct cor_schema_hook *hook, void *value,
		const char *where);
	struct cor_violations *violations; /* of the rows, and those that checks find */
	enum cor_use use;                  /* what it was read as, which lacks some rows */
	struct cor_arena *arena;
};

/** Whether a struct that the row holds has one. */
bool cor_row_holds_hooks(const struct cor_row *row);

/** Whether any schema of the codec has one. */
bool cor_codec_has_hooks(const struct cor_codec *codec);

/**
 * Run those of *value, whose rows were read: without an error that ended it. Returns 0 (what was
 * found is among the violations), what a call returned, or -COR_ETABLE.
 */
int cor_hooks_run(struct cor_codec *codec, const struct cor_schema *schema, void *value,
	struct cor_hook_caller *caller) COR_CHECKED;

#endif
