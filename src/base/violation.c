/* SPDX-License-Identifier: MIT */
#include <coracle/violation.h>

static void keep(struct cor_violations *violations, struct cor_violation *violation)
{
	if (violations->last)
		violations->last->next = violation;
	else
		violations->first = violation;
	violations->last = violation;
}

void cor_violate_va(struct cor_violations *violations, struct cor_arena *arena, const char *in,
	const char *where, const char *format, va_list args)
{
	if (violations->count++ >= COR_VIOLATIONS_MAX)
		return;
	struct cor_violation *violation = cor_arena_zalloc(arena, sizeof *violation);
	if (!violation)
		return;
	violation->in = in;
	violation->where = cor_arena_strdup(arena, where);
	violation->detail = cor_arena_vprintf(arena, format, args);
	if (violation->where && violation->detail)
		keep(violations, violation);
}

void cor_violate(struct cor_violations *violations, struct cor_arena *arena, const char *in,
	const char *where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cor_violate_va(violations, arena, in, where, format, args);
	va_end(args);
}
