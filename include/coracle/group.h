/* SPDX-License-Identifier: MIT */
/**
 * Fan-out: several things at the same time in one handler, all of them over before it goes on.
 *
 *     struct price_call price = { .id = ref->id };
 *     struct stock_call stock = { .id = ref->id };
 *     struct cor_group group;
 *
 *     cor_group_begin(&group, ctx, COR_ALL);
 *     cor_group_start(&group, load_price, &price); // int load_price(struct cor_ctx *,
 *     cor_group_start(&group, load_stock, &stock); //         struct price_call *)
 *     int rc = cor_group_wait(&group);
 *     if (rc < 0)
 *             return rc; // of the first that failed, with its problem
 *     ... price.cents, stock.pieces ...
 *
 * A child is a function on a fiber of its own, on the same thread: it runs while the others wait,
 * so that no lock is needed, and nothing is gained for what computes. It has a ctx of its own, of
 * the same request, with the request's id, state, settings and memory limit. Its memory is that of
 * the parent's ctx and lives as long: what a child leaves in its argument stays valid. Its waits
 * end with the parent's innermost deadline. A child may have a group, too. Only the parent reads
 * the body of the request and writes the reply.
 *
 * States: begun -> decided (by the rule, or because the parent is cancelled or out of time: the
 * children that are left are cancelled, and those not yet running never run) -> waited for. Between
 * cor_group_begin() and cor_group_wait() there must be no return: the arguments of the children are
 * the handler's, and a handler that returns without having waited ends the process, with a line
 * that names it.
 *
 * A group belongs to the fiber that began it; nobody else calls these functions on it. Outside a
 * fiber (in a start hook, a test or a tool) each child runs to its end in cor_group_start(),
 * in the calling thread: the same results, one after another.
 */
#ifndef CORACLE_GROUP_H
#define CORACLE_GROUP_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/call.h>
#include <coracle/context.h>

COR_BEGIN_DECLS

/** What decides a group, and what its result is. A child that returns 0 has succeeded. */
enum cor_group_rule {
	/** All must succeed: the first failure decides and is the result. Else 0. */
	COR_ALL,
	/** The first child to end decides: what it returned is the result. */
	COR_FIRST,
	/**
	 * The first success decides, and the result is 0. If all fail, it is the first failure. A
	 * group without children has nothing that fails: 0.
	 */
	COR_ANY_SUCCESS,
	/** Nothing decides. The result is 0, whatever the children return: ask each for its own. */
	COR_BEST_EFFORT,
};

/** It lives on the stack of who begins it. Its member is private. */
struct cor_group {
	struct cor_fanout *fanout;
};

/**
 * Begin a group. What it notes, about 200 bytes and 16 for each child, is memory of ctx: a loop
 * without end needs a ctx for each of its rounds. Never yields, never fails: without memory the
 * group is decided, and cor_group_wait() returns -ENOMEM.
 */
COR_API void cor_group_begin(
	struct cor_group *group, struct cor_ctx *ctx, enum cor_group_rule rule);

/**
 * From now on at most `at_once` children at the same time (0: no limit, as at first). Never yields.
 */
COR_API void cor_group_limit(struct cor_group *group, uint32_t at_once);

/* clang-format off */

/**
 * Start a child that runs
 *
 *     int call(struct cor_ctx *ctx, struct price_call *argument);
 *
 * with a ctx of its own. The compiler checks that the argument is of the type that the function
 * takes (a const one, if it takes that; NULL for a `void *`). The argument must stay where it is
 * until cor_group_wait() has returned: one that a loop declares in its body does not. The stack is
 * as large as the parent's. Reports name the child by the name of the function.
 *
 * It returns 0 or a negative code, cor_problem()'s among them; a positive number is a defect, and
 * the problem of that is what the child failed with.
 *
 * Yields only while as many children are running as cor_group_limit() allows; the child itself
 * begins when the parent waits. Never fails: a child that cannot be had has failed, with
 * -COR_ENOSTACK (the cap of fibers is reached) or -ENOMEM. Once the group is decided, a child that
 * is started never runs: its result is -ECANCELED.
 */
#define cor_group_start(group, call, ...) \
	((void)COR_CHECK_READING_CALL_("the child", call, __VA_ARGS__), \
		cor_group_start_call((group), COR_CALL_(call), (__VA_ARGS__), #call))

/* clang-format on */

/**
 * Wait until every child has ended. Yields, unless all have ended. When the parent is cancelled the
 * children are, too; when its innermost deadline passes, their waits end as its own does. When they
 * have ended, it returns -ECANCELED or -ETIMEDOUT, whatever the rule; in the latter case the
 * problem is that of the first child that time ended, if it has recorded one. A child that
 * computes, or waits in a shielded scope, ends when it is done with that.
 *
 * If the child whose result it is has recorded a problem, that is now the one of the parent's ctx,
 * so that `return rc;` answers with it. Called again it returns the same.
 *
 * Returns the result as the rule says, -ECANCELED, -ETIMEDOUT, or -ENOMEM (see cor_group_begin()).
 */
COR_API int cor_group_wait(struct cor_group *group) COR_CHECKED;

/**
 * Wait until another child has ended, and store which: *ret_index counts from 0 in the order of
 * start. Children come in the order in which they end, each once.
 *
 *     size_t i;
 *     while (cor_group_next(&group, &i) > 0)
 *             printf("%s: %d\n", calls[i].url, cor_group_result(&group, i));
 *     rc = cor_group_wait(&group);
 *
 * Yields, unless one has ended already. Children may be started meanwhile. Those that never ran are
 * among them, too.
 *
 * Returns 1; 0 when all have been told of; -ECANCELED or -ETIMEDOUT when the parent is cancelled or
 * out of time: the group is decided then, and cor_group_wait() returns the same.
 */
COR_API int cor_group_next(struct cor_group *group, size_t *ret_index) COR_CHECKED;

/**
 * What the child of that index returned: 0 or its negative code; -ECANCELED if it never ran;
 * -EINPROGRESS if it has not ended; -EINVAL if no child has that index. If it has recorded a
 * problem, that is now the one of the parent's ctx, so that the handler may return the code. Never
 * yields.
 */
COR_API int cor_group_result(struct cor_group *group, size_t index) COR_CHECKED;

/** How to go through an array. All zero: all items at the same time, and all must succeed. */
struct cor_map_options {
	enum cor_group_rule rule;
	/** At most so many at the same time; 0: no limit. */
	uint32_t at_once;
	/**
	 * Room for the code of each item, in the order of the array. The problem of an item is not
	 * the ctx's, unless the map returns it: start a group where each is wanted. NULL: codes are
	 * not wanted.
	 */
	int *codes;
};

/* clang-format off */

/**
 * Call `int call(struct cor_ctx *ctx, struct price_call *item)` for each of the `len` items of an
 * array, each in a child of its own; what it finds it leaves in the item, so that the results are
 * in the order of the array. The compiler checks the type.
 *
 *     rc = cor_map(ctx, load_price, calls, len, &(struct cor_map_options){ .at_once = 8 });
 *
 * Options NULL: as all zero. Yields. Returns as cor_group_wait().
 */
#define cor_map(ctx, call, items, len, ...) \
	((void)COR_CHECK_READING_CALL_("the child", call, items), \
		cor_map_call((ctx), COR_CALL_(call), (items), (len), sizeof *(items), \
			__VA_ARGS__, #call))

/* clang-format on */

/** The functions behind the macros. `name` is static. */
COR_API void cor_group_start_call(
	struct cor_group *group, cor_call *call, const void *argument, const char *name);
COR_API int cor_map_call(struct cor_ctx *ctx, cor_call *call, const void *items, size_t len,
	size_t size, const struct cor_map_options *options, const char *name) COR_CHECKED;

COR_END_DECLS

#endif
