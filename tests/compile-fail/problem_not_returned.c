/* SPDX-License-Identifier: MIT */
/* expect gcc: ignoring return value of .cor_problem. */
/* expect gcc: ignoring return value of .cor_invalid. */
/* expect clang: :16:.*ignoring return value of */
/* expect clang: :18:.*ignoring return value of */
#include <coracle/coracle.h>

#pragma GCC diagnostic error "-Wunused-result"

/* A problem that is recorded but not returned is dropped, and the client gets a 200. */
int find(struct cor_ctx *ctx, int64_t id);
int find(struct cor_ctx *ctx, int64_t id)
{
#ifdef MISTAKE
	if (id > 9)
		cor_problem(ctx, 404, 0, "no book %" PRId64, id);
	if (id < 1)
		cor_invalid(ctx, "path", "id", "must be at least 1");
	return 0;
#else
	if (id < 1)
		return cor_invalid(ctx, "path", "id", "must be at least 1");
	return id > 9 ? cor_problem(ctx, 404, 0, "no book %" PRId64, id) : 0;
#endif
}
