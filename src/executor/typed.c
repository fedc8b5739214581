/* SPDX-License-Identifier: MIT */
#include "executor/typed.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "executor/pool.h"
#include "runtime/forked.h"
#include "schema/copy.h"

/* What the pool takes for the call. */
struct typed {
	const struct cor_schema *schema;
	cor_call *fn;
	struct cor_arena arena; /* what the value holds */
	_Alignas(16) char value[];
};

static int run_typed(struct cor_ctx *ctx, void *call)
{
	struct typed *typed = call;

	return typed->fn(ctx, typed->value);
}

static struct typed *typed_of(struct cor_future *future)
{
	return future->fn == run_typed ? (struct typed *)(void *)future->call : NULL;
}

int cor_typed_create(struct cor_pool *pool, cor_call *fn, const struct cor_schema *schema,
	const void *call, const char *request_id, struct cor_future **ret)
{
	struct cor_future *future = cor_future_make(
		pool, run_typed, sizeof(struct typed) + schema->size, request_id);

	if (!future)
		return -ENOMEM;
	struct typed *typed = typed_of(future);
	/* NOLINTNEXTLINE(analyzer-null-dereference): it was made with run_typed */
	typed->schema = schema;
	typed->fn = fn;
	cor_arena_init(&typed->arena, NULL, 0, 0);
	int rc = cor_copy_struct(&typed->arena, schema, call, typed->value);
	if (rc == 0) {
		*ret = future;
		return 0;
	}
	cor_future_drop(future);
	cor_future_drop(future);
	return rc;
}

void *cor_typed_call(struct cor_future *future, size_t *ret_bytes)
{
	struct typed *typed = typed_of(future);

	*ret_bytes = typed ? typed->schema->size : future->bytes;
	return typed ? typed->value : future->call;
}

void cor_typed_adopt(struct cor_future *future, struct cor_arena *arena)
{
	struct typed *typed = typed_of(future);

	if (typed)
		cor_arena_adopt(arena, &typed->arena);
}

void cor_typed_finish(struct cor_future *future)
{
	struct typed *typed = typed_of(future);

	if (typed)
		cor_arena_finish(&typed->arena);
}

/* --- to a process and back --- */

/* What stands first in the room. */
struct packed {
	const struct cor_schema *schema;
	cor_call *fn;
	void *value;
	const void *left; /* the call as the function has left it */
};

static int pack(const void *call, struct cor_arena *room)
{
	const struct typed *typed = call;
	struct packed *packed = cor_arena_zalloc(room, sizeof *packed);

	if (!packed)
		return -ENOMEM;
	packed->schema = typed->schema;
	packed->fn = typed->fn;
	packed->value = cor_arena_alloc(room, typed->schema->size);
	if (!packed->value)
		return -ENOMEM;
	return cor_copy_struct(room, typed->schema, typed->value, packed->value);
}

static int leave(
	struct cor_ctx *ctx, struct packed *packed, const void *value, struct cor_arena *room)
{
	void *left = cor_arena_alloc(room, packed->schema->size);
	int rc = left ? cor_copy_struct(room, packed->schema, value, left) : -ENOMEM;

	if (rc == -ENOMEM)
		return cor_ctx_fail(ctx, 500, -COR_ETOOLARGE,
			"what the job has left in its call needs more than the .call_bytes of the "
			"executor that are left: raise them");
	if (rc < 0)
		return cor_ctx_fail(ctx, 500, rc,
			"the job has left a text or an array without memory in its call, or one "
			"that is nested too deep");
	packed->left = left;
	return 0;
}

static int run(struct cor_ctx *ctx, void *arg, struct cor_arena *room)
{
	struct packed *packed = arg;
	void *value = cor_arena_alloc(&ctx->arena, packed->schema->size);

	if (!value)
		return -ENOMEM;
	memcpy(value, packed->value, packed->schema->size);
	int result = packed->fn(ctx, value);
	cor_forked_check();
	int rc = leave(ctx, packed, value, room);
	return rc < 0 ? rc : result;
}

static int unpack(
	void *call, const void *arg, const struct cor_foreign *room, struct cor_arena *arena)
{
	struct typed *typed = call;
	struct packed own;

	memcpy(&own, arg, sizeof own);
	if (!own.left)
		return 0;
	void *copy = cor_arena_alloc(arena, typed->schema->size);
	int rc = copy ? cor_copy_foreign(arena, room, typed->schema, own.left, copy) : -ENOMEM;
	if (rc == 0)
		memcpy(typed->value, copy, typed->schema->size);
	return rc;
}

const struct cor_marshaller cor_typed_marshaller = {
	.fn = run_typed,
	.pack = pack,
	.run = run,
	.unpack = unpack,
};
