/* SPDX-License-Identifier: MIT */
#include "service/views.h"

#include <errno.h>
#include <string.h>

#include <coracle/log.h>
#include <coracle/view.h>

#include "schema/view.h"
#include "service/plan.h"
#include "service/verb.h"

/* An operation or a resource, and what stands for it. */
struct swap {
	const void *old;
	const void *made;
};

struct taking {
	const struct cor_service *service;
	struct cor_arena *arena;
	const struct cor_check *check;
	struct swap *operations;
	size_t operations_len;
	const struct cor_schema **schemas; /* what the views are of: code may use it as well */
	size_t schemas_len;
};

static bool has_view(const struct cor_operation *operation)
{
	return operation && (operation->in_view || operation->out_view);
}

static size_t count_views(const struct cor_service *service)
{
	size_t count = 0;

	for (const struct cor_resource *const *r = service->resources; r && *r; r++)
		for (size_t i = 0; i < cor_verbs_len; i++)
			count += has_view(cor_verb_operation(&cor_verbs[i], *r));
	return count;
}

static size_t count(const void *const *list)
{
	size_t len = 0;

	while (list && list[len])
		len++;
	return len;
}

static void report(const struct taking *taking, const char *where, const char *option,
	const struct cor_violations *found)
{
	for (const struct cor_violation *v = found->first; v && taking->check; v = v->next)
		cor_contradict(taking->check, where, "%s: %s", option, v->detail);
}

/* What was made of the schema in *schema, which is told to those who need the whole. */
static int take_view(struct taking *taking, const struct cor_viewed *viewed, const char *where,
	const struct cor_schema **schema)
{
	struct cor_violations found = { 0 };
	int rc;

	if (!viewed->view || !viewed->schema)
		return 0;
	rc = cor_view_schema(viewed, taking->arena, &found, schema);
	report(taking, where, viewed->use == COR_USE_REQUEST ? ".in_view" : ".out_view", &found);
	if (*schema != viewed->schema)
		taking->schemas[taking->schemas_len++] = viewed->schema;
	return rc;
}

static const struct cor_operation *find(
	const struct taking *taking, const struct cor_operation *operation)
{
	for (size_t i = 0; i < taking->operations_len; i++)
		if (taking->operations[i].old == operation)
			return taking->operations[i].made;
	return NULL;
}

static int take_operation(struct taking *taking, const char *where,
	const struct cor_operation *operation, const struct cor_operation **ret)
{
	struct cor_operation *made = cor_arena_alloc(taking->arena, sizeof *made);
	int rc;

	if (!made)
		return -ENOMEM;
	*made = *operation;
	made->in_view = made->out_view = NULL;
	made->written = operation;
	const struct cor_viewed in = { operation->in, operation->in_view, COR_USE_REQUEST };
	const struct cor_viewed out = { operation->stream ? operation->answers : operation->out,
		operation->out_view, COR_USE_ANSWER };
	rc = take_view(taking, &in, where, &made->in);
	if (rc == 0)
		rc = take_view(
			taking, &out, where, operation->stream ? &made->answers : &made->out);
	if (operation->out_view && !out.schema && taking->check)
		cor_contradict(taking->check, where,
			".out_view is of an output, which a stream without .answers has not");
	taking->operations[taking->operations_len++] = (struct swap){ operation, made };
	*ret = made;
	return rc;
}

static int take_verb(struct taking *taking, const struct cor_verb *verb,
	const struct cor_resource *old, struct cor_resource *made)
{
	const struct cor_operation *operation = cor_verb_operation(verb, old), *swapped;
	const char *where = cor_arena_printf(taking->arena, "%s %s", verb->name, old->path);
	int rc = 0;

	if (!has_view(operation))
		return 0;
	swapped = find(taking, operation);
	if (!swapped)
		rc = where ? take_operation(taking, where, operation, &swapped) : -ENOMEM;
	if (rc == 0)
		memcpy((char *)made + verb->member, &swapped, sizeof swapped);
	return rc;
}

static int take_resource(struct taking *taking, const struct cor_resource **resource)
{
	struct cor_resource *made = cor_arena_alloc(taking->arena, sizeof *made);
	int rc = made ? 0 : -ENOMEM;

	if (!made)
		return rc;
	*made = **resource;
	for (size_t i = 0; rc == 0 && i < cor_verbs_len; i++)
		rc = take_verb(taking, &cor_verbs[i], *resource, made);
	*resource = made;
	return rc;
}

/* One that is listed twice stays so. */
static int take_resources(struct taking *taking, const struct cor_resource **list, size_t len)
{
	const struct cor_resource *const *old = taking->service->resources;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < len; i++) {
		size_t first = 0;
		while (old[first] != old[i])
			first++;
		list[i] = first < i ? list[first] : old[i];
		if (first == i)
			rc = take_resource(taking, &list[i]);
	}
	return rc;
}

int cor_service_take_views(const struct cor_service *service, struct cor_arena *arena,
	const struct cor_check *check, const struct cor_service **ret)
{
	struct taking taking = { .service = service, .arena = arena, .check = check };
	size_t views = count_views(service);
	size_t len = count((const void *const *)service->resources);
	size_t schemas = count((const void *const *)service->schemas);

	*ret = service;
	if (views == 0)
		return 0;
	struct cor_service *made = cor_arena_alloc(arena, sizeof *made);
	const struct cor_resource **list = cor_arena_zalloc(arena, (len + 1) * sizeof *list);
	taking.operations = cor_arena_alloc(arena, views * sizeof *taking.operations);
	taking.schemas = cor_arena_zalloc(
		arena, (schemas + 2 * views + 1) * sizeof *taking.schemas);
	if (!made || !list || !taking.operations || !taking.schemas)
		return -ENOMEM;
	*made = *service;
	for (; taking.schemas_len < schemas; taking.schemas_len++)
		taking.schemas[taking.schemas_len] = service->schemas[taking.schemas_len];
	int rc = take_resources(&taking, list, len);
	made->resources = list;
	made->schemas = taking.schemas;
	*ret = made;
	return rc;
}

const struct cor_given *cor_ctx_given(struct cor_ctx *ctx, const void *in)
{
	static const struct cor_given nothing = { 0 };
	const struct cor_exchange *x = ctx->request;
	const struct cor_action *action = x ? cor_action_of(x) : NULL;
	const struct cor_operation *operation = action ? action->operation : NULL;

	cor_ctx_look(ctx, __func__);
	if (operation)
		operation = cor_operation_written(operation);
	if (operation && operation->in_view && operation->in_view->partial)
		return cor_view_given(operation->in, in);
	cor_log_error(ctx, "cor_ctx_given() is for operations with a partial .in_view");
	return &nothing;
}
