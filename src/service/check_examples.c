/* SPDX-License-Identifier: MIT */
/* Examples by name: each must be a value that its schema takes. */
#include <errno.h>

#include <coracle/error.h>
#include <coracle/response.h>

#include "schema/decode.h"
#include "service/check.h"
#include "service/plan.h"

/* Where examples stand, and what they must be. */
struct exhibit {
	const struct cor_check *check;
	struct cor_codec *codec;
	const char *where;
	const struct cor_schema *schema;
	struct cor_decode_options options;
};

static void tell(const struct exhibit *e, const struct cor_example *example,
	const struct cor_violations *found)
{
	for (const struct cor_violation *v = found->first; v; v = v->next)
		cor_contradict(e->check, e->where, "example %s%s%s: %s", example->name,
			v->where[0] ? " at " : "", v->where, v->detail);
}

static int check_one(const struct exhibit *e, const struct cor_example *example)
{
	struct cor_violations found = { 0 };
	struct cor_arena *arena = e->check->arena;
	void *value = cor_arena_zalloc(arena, e->schema->size ? e->schema->size : 1);

	if (!value)
		return -ENOMEM;
	int rc = cor_decode_text(
		e->codec, arena, e->schema, &e->options, value, cor_str(example->value), &found);
	tell(e, example, &found);
	return rc == -ENOMEM ? rc : 0;
}

static int check_all(const struct exhibit *e, const struct cor_example *list)
{
	int rc = 0;

	for (; list && list->name && rc == 0; list++)
		rc = check_one(e, list);
	return rc;
}

static int check_responses(struct exhibit *e, const struct cor_operation *operation)
{
	const struct cor_response *at = operation->responses;
	int rc = 0;

	e->options = (struct cor_decode_options){ .use = COR_USE_ANSWER };
	for (; at && at->status && rc == 0; at++) {
		bool is_own = cor_operation_may_answer(operation, at->status);
		e->schema = is_own ? cor_operation_answer(operation) : at->schema;
		rc = check_all(e, at->examples);
	}
	return rc;
}

int cor_check_examples(const struct cor_check *check, struct cor_codec *codec,
	const struct cor_operation *operation, enum cor_method method, const char *where)
{
	struct exhibit e = {
		.check = check,
		.codec = codec,
		.where = where,
		.schema = operation->in,
		.options = {
			.use = COR_USE_REQUEST,
			.default_from = cor_operation_default_from(operation, method),
		},
	};
	int rc = check_all(&e, operation->examples);

	return rc < 0 ? rc : check_responses(&e, operation);
}
