/* SPDX-License-Identifier: MIT */
/**
 * Views: one struct and one table, and less of it here and there.
 *
 *     static const struct cor_view brief = { .only = COR_KEYS("id", "title", "author.name") };
 *     static const struct cor_view patch = { .partial = true, .exclude = COR_KEYS("id") };
 *
 *     COR_OPERATION(list_op, list_books, COR_NONE, shelf_schema, .out_view = &brief);
 *     COR_OPERATION(patch_op, patch_book, book_schema, book_schema, .in_view = &patch);
 *
 * Keys are outside names. A dot goes into what a row nests: objects, arrays and dicts of objects,
 * pointers; not unions. Arrays as a whole body pass the keys on to their items. A key that no row
 * has stops the start, which says what may have been meant. Each view has its own component in the
 * OpenAPI document, and costs nothing when a request is served: its table is made at start.
 */
#ifndef CORACLE_VIEW_H
#define CORACLE_VIEW_H

#include <stdbool.h>

#include <coracle/api.h>
#include <coracle/schema.h>

COR_BEGIN_DECLS

struct cor_view {
	/**
	 * In OpenAPI; of a whole body that is an array, that of its items. Default: that of the
	 * schema with "_patch" (.partial) or "_part".
	 */
	const char *name;
	/**
	 * COR_KEYS(...): these and no others. NULL: all. Rows that are not in the body (of a path,
	 * a query or a header) are there without being named.
	 */
	const char *const *only;
	/**
	 * COR_KEYS(...): all but these. A member that is left out of a request is zero, also for
	 * .check and .after_load, whatever the table requires: a text is NULL there.
	 */
	const char *const *exclude;
	/**
	 * Requests: COR_KEYS(...) that may be left out, and then have no fallback either: zero, and
	 * NULL, as above.
	 */
	const char *const *optional;
	/**
	 * Requests: any row may be left out, but for those of the path. As under COR_PARTIAL no
	 * fallback fills in, null takes away what need not be there, what a row nests is replaced
	 * as a whole, and .check and .after_load do not run: cor_ctx_given() (service.h) says
	 * what was there.
	 */
	bool partial;
	/** The body is an object with this one member, which has what else would be the body. */
	const char *envelope;
	/**
	 * Requests: what becomes of members that the table does not know. It is of the outermost
	 * object, or of the items of a list that is the body; nested schemas keep their own.
	 */
	enum {
		COR_UNKNOWN_AS_SCHEMA = 0, /* as .unknown of the schema says */
		COR_UNKNOWN_REFUSED,
		COR_UNKNOWN_IGNORED,
	} unknown;
};

/* clang-format off */

#define COR_VIEWS_KEPT 64 /* by a codec, of those that calls name */

#define COR_KEYS(...) \
	(const char *const[]) { __VA_ARGS__, NULL }

/* clang-format on */

/**
 * As cor_decode(), by a view; `given` (a struct cor_given *, may be NULL) learns which rows were
 * there if the view is partial. Every row takes part: .access, .from and .to mean nothing here.
 *
 *     rc = cor_decode_view(codec, arena, book_schema, &patch, &book, &given, text, &violations);
 *
 * The view may be written in the call: &(struct cor_view){ .only = COR_KEYS("id", "author.name") }.
 * The first call makes a table of what it says, which takes some microseconds; the codec keeps
 * those of the COR_VIEWS_KEPT views that were used last. Never yields. Returns what cor_decode()
 * does; -COR_ETABLE also where the view is wrong: *violations says how.
 */
#define cor_decode_view(codec, arena, schema_, view, ret, given, text, violations)                 \
	cor_decode_by_view((codec), (arena), &(schema_).schema, (view),                            \
		COR_TYPED_RET_(ret, schema_), (given), (text), (violations))

/** As cor_encode(), by a view that is not partial; the rest as cor_decode_view(). */
#define cor_encode_view(codec, arena, schema_, view, value, ret_text)                              \
	cor_encode_by_view((codec), (arena), &(schema_).schema, (view),                            \
		COR_TYPED_(value, schema_), (ret_text))

/** The functions behind these macros, for code that has only the schema. */
COR_API int cor_decode_by_view(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const struct cor_view *view, void *ret,
	struct cor_given *ret_given, struct cor_str text,
	struct cor_violations *violations) COR_CHECKED;
COR_API int cor_encode_by_view(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const struct cor_view *view, const void *value,
	struct cor_str *ret_text) COR_CHECKED;

COR_END_DECLS
#endif
