/* SPDX-License-Identifier: MIT */
/**
 * Work on JSON itself, before it is read by a table and after it was written by one.
 *
 *     // clients of before send "name": "Ann Lee"
 *     static int split_name(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
 *     {
 *             struct cor_str name, first, last;
 *
 *             if (cor_node_to_text(cor_node_get(*json, "name"), &name) < 0)
 *                     return 0; // it is as we want it, or the table will say what is wrong
 *             split(name, &first, &last);
 *             cor_node_remove(cor_node_get(*json, "name"));
 *             int rc = cor_node_set(arena, *json, "first", cor_node_text(arena, first));
 *             return rc < 0 ? rc
 *                           : cor_node_set(arena, *json, "last", cor_node_text(arena, last));
 *     }
 *     COR_JSON_HOOK(old_names, split_name);
 *     COR_SCHEMA(person_schema, person_fields, .before_load = &old_names);
 *
 * The document describes the table, and knows nothing of hooks: they are for what a table cannot
 * say, such as clients of another age. Where a row can say it (.key, .fallback, .when, a view, a
 * type of your own), it says it to the client, too, and costs nothing. What has a hook is parsed
 * into a tree besides, with all that is around it.
 */
#ifndef CORACLE_JSON_HOOK_H
#define CORACLE_JSON_HOOK_H

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/json_node.h>

COR_BEGIN_DECLS

struct cor_ctx;

/** A hook on JSON, for .before_load and .after_dump of a schema: see COR_JSON_HOOK(). */
struct cor_json_hook {
	int (*run)(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json);
	const char *name;
};

/* clang-format off */

/**
 * Define one from its function, which is given the JSON of one value of the schema:
 *
 *     int f(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
 *
 * The value may be anything but null, and has no parent. It may be changed, or *json be set to
 * another node, also to one in it: that is then the value. New nodes come from the arena, which
 * lasts until the value is read or written.
 *
 * .before_load runs for each value of the schema in a JSON body, a received message or the answer
 * of another server (client.h), before any rule is looked at: those of outer values before those of
 * inner ones. It may yield. It returns 0; what cor_invalid() returns, whose pointer counts from the
 * value: the client then hears what the hooks have found, and nothing is read; or another negative
 * code, which ends the request, or is what the call of the other server returns. -EINVAL, which
 * cor_node_set() returns for what is no object, is passed over where the value is of another type
 * than the schema's: the table tells the client. Pointers of later violations go into the JSON as
 * the hooks have left it. Forms, parameters, fallbacks and cor_decode() have none.
 *
 * .after_dump runs for each value of the schema in an answer or a message that is sent, with the
 * members that the client asked for: those of inner values before those of outer ones. It may not
 * yield. It returns 0, or a negative code, which becomes the answer (cor_problem()). Without a
 * request (a topic, cor_encode()) it does not run. --check-answers sees what it has left.
 *
 * A hook of a list belongs to a schema of the list: a struct whose only row is .bare. Embedded
 * schemas are inside the one that embeds them, and work on the same value.
 */
#define COR_JSON_HOOK(symbol_, function_) \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&function_), \
			int (*)(struct cor_ctx *, struct cor_arena *, struct cor_node **)), \
		"a hook on JSON must be int " #function_ \
		"(struct cor_ctx *, struct cor_arena *, struct cor_node **)"); \
	static const struct cor_json_hook symbol_ = { function_, #function_ }

/* clang-format on */

COR_END_DECLS
#endif
