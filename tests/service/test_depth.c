/* SPDX-License-Identifier: MIT */
/*
 * What one client sent at the depth limit can be given to the next one inside a list; anything
 * deeper is a 500.
 */
#include "fake.h"

#include <stdio.h>
#include <string.h>

#include <coracle/computed.h>
#include <coracle/error.h>
#include <coracle/json.h>

struct tree {
	struct tree *child;
};
COR_DECLARE_SCHEMA(tree_schema, struct tree);
static const struct cor_field tree_fields[] = {
	COR_OBJECT(struct tree, child, tree_schema, .presence = COR_OPTIONAL),
};
COR_SCHEMA(tree_schema, tree_fields);

struct forest {
	cor_array(struct tree) trees;
};
static const struct cor_field forest_fields[] = {
	COR_OBJECT_ARRAY(struct forest, trees, tree_schema),
};
COR_LOCAL_SCHEMA(forest_schema, struct forest, forest_fields);

static int plant(struct cor_ctx *ctx, const struct tree *tree, struct forest *forest)
{
	forest->trees.items = cor_alloc(ctx, sizeof *tree);
	if (!forest->trees.items)
		return -ENOMEM;
	forest->trees.items[forest->trees.len++] = *tree;
	return 0;
}
COR_OPERATION(plant_operation, plant, tree_schema, forest_schema);

static int grow_in_a_circle(struct cor_ctx *ctx, const struct cor_none *none, struct tree *tree)
{
	(void)ctx, (void)none;
	tree->child = tree;
	return 0;
}
COR_OPERATION(grow_operation, grow_in_a_circle, COR_NONE, tree_schema);

/* A function makes the next level. */
struct mirror {
	int32_t side;
};
COR_DECLARE_SCHEMA(mirror_schema, struct mirror);
static const struct mirror *opposite(struct cor_ctx *ctx, const struct mirror *mirror)
{
	(void)ctx;
	return mirror;
}
COR_COMPUTED(mirror_opposite, opposite, struct mirror, const struct mirror *);
static int turn(struct cor_ctx *ctx, struct mirror *mirror)
{
	(void)ctx;
	mirror->side++;
	return 0;
}
COR_HOOK(mirror_dump, turn, struct mirror);
static const struct cor_field mirror_fields[] = {
	COR_FIELD(struct mirror, side),
	COR_COMPUTED_OBJECT(
		struct mirror, opposite, mirror_opposite, mirror_schema, .presence = COR_OPTIONAL),
};
COR_SCHEMA(mirror_schema, mirror_fields, .before_dump = &mirror_dump);

static int mirrors(struct cor_ctx *ctx, const struct cor_none *none, struct mirror *out)
{
	(void)ctx, (void)none, (void)out;
	return 0;
}
COR_OPERATION(mirror_operation, mirrors, COR_NONE, mirror_schema);

static const struct cor_resource hall = { .path = "/mirrors", .get = &mirror_operation };
static const struct cor_resource trees = {
	.path = "/trees",
	.post = &plant_operation,
	.get = &grow_operation,
};
static const struct cor_service service = { .name = "wood",
	.resources = COR_RESOURCES(&trees, &hall) };

/* That many objects inside one another, the innermost empty. */
static const char *levels(char *text, unsigned count)
{
	char *at = text;

	for (unsigned i = 1; i < count; i++)
		at = stpcpy(at, "{\"child\":");
	at = stpcpy(at, "{");
	for (unsigned i = 0; i < count; i++)
		at = stpcpy(at, "}");
	return text;
}

static void inside_a_list(void **state)
{
	char text[16 * COR_JSON_DEPTH_MAX], wanted[sizeof text + 32];
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_request request = { .method = "POST", .target = "/trees" };

	(void)state;
	request.body = cor_str(levels(text, COR_JSON_DEPTH_MAX));
	snprintf(wanted, sizeof wanted, "{\"trees\":[%s]}", text);
	fake_expect(dispatcher, &request, 200, wanted);
	request.body = cor_str(levels(text, COR_JSON_DEPTH_MAX + 1));
	fake_expect(dispatcher, &request, 400, NULL);
	cor_dispatcher_destroy(dispatcher);
}

static void expect_too_deep(const char *target)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	fake_serve(dispatcher, &(struct fake_request){ .target = target }, &reply);
	assert_int_equal(reply.status, 500);
	assert_int_equal(reply.problem.cause, -COR_ETOOLARGE);
	assert_null(strstr(fake_body(&reply), "nested")); /* that is for the log */
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static void too_deep(void **state)
{
	(void)state;
	expect_too_deep("/trees");
	expect_too_deep("/mirrors");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inside_a_list),
		cmocka_unit_test(too_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
