/* SPDX-License-Identifier: MIT */
/**
 * Rules that no table knows: what members must be together, and what only the service can tell.
 *
 *     static int check_stay(struct cor_ctx *ctx, const struct stay *stay)
 *     {
 *             if (stay->until <= stay->from)
 *                     return cor_invalid_at(ctx, stay_schema, until, "must be after from");
 *             return 0;
 *     }
 *     COR_CHECK(stay_check, check_stay, struct stay);
 *
 * schema.h says when .check and .after_load of a schema run.
 */
#ifndef CORACLE_CHECK_H
#define CORACLE_CHECK_H

#include <stddef.h>

#include <coracle/api.h>
#include <coracle/schema.h>

COR_BEGIN_DECLS

struct cor_ctx;

/**
 * As cor_invalid(), of a member by its row: where it stands and what it is called comes from the
 * table. Return what it returns.
 *
 *     return cor_invalid_at(ctx, stay_schema, until, "must be after %s", from);
 *
 * In a check the schema is that of the struct that it looks at, wherever that is nested; in a
 * handler, that of its input. A member of a struct that is embedded is named by its own schema or
 * by the outer one (place.city). A misspelt member does not compile; one that no row names is a
 * defect of the service: a 500, and the log says so. Never yields.
 */
#define cor_invalid_at(ctx, schema_, member, ...)                                                  \
	cor_invalid_row((ctx), &(schema_).schema, offsetof(__typeof__(*(schema_).type), member),   \
		__VA_ARGS__)

/**
 * Run the checks of *value and of all that it holds, as they run for an input: after a PATCH, say.
 *
 *     cor_apply(&patch->given, stay_schema, &patch->stay, &stay);
 *     rc = cor_check(ctx, stay_schema, &stay);
 *
 * .after_load is not run. May yield, if a check does. Returns 0, -COR_EPROBLEM (the 422 is
 * recorded; its pointers begin at *value), what else a check returned, -ENOMEM, or -COR_ETABLE (the
 * schema is not one of the service's: list it in .schemas). On the thread of ctx.
 */
#define cor_check(ctx, schema_, value)                                                             \
	cor_check_struct((ctx), &(schema_).schema, COR_TYPED_(value, schema_))

/** The functions behind these macros, for code that has only the schema. */
COR_API int cor_invalid_row(struct cor_ctx *ctx, const struct cor_schema *schema, size_t offset,
	const char *format, ...) COR_PRINTF(4, 5) COR_CHECKED;
COR_API int cor_check_struct(
	struct cor_ctx *ctx, const struct cor_schema *schema, const void *value) COR_CHECKED;

COR_END_DECLS
#endif
