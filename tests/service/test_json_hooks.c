/* SPDX-License-Identifier: MIT */
/* Hooks on JSON, before it is read and after it was written: at every depth, and in their order. */
#include "fake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/check.h>
#include <coracle/error.h>
#include <coracle/json_hook.h>
#include <coracle/schema_union.h>
#include <coracle/view.h>

static char calls[512]; /* what ran, in its order */

static void note(const char *what)
{
	size_t len = strlen(calls);

	snprintf(calls + len, sizeof calls - len, "%s ", what);
}

static void expect_calls(const char *wanted)
{
	assert_string_equal(calls, wanted);
	calls[0] = '\0';
}

static int rename_member(
	struct cor_arena *arena, struct cor_node *object, const char *from, const char *to)
{
	struct cor_node *value = cor_node_get(object, from);

	if (!value)
		return 0;
	cor_node_remove(value);
	return cor_node_set(arena, object, to, value);
}

/* --- what several embed --- */

struct base {
	int32_t version;
};
static int load_base(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
{
	(void)ctx;
	note("base");
	return cor_node_get(*json, "version")
		       ? 0
		       : cor_node_set(arena, *json, "version", cor_node_int64(arena, 1));
}
COR_JSON_HOOK(base_load, load_base);
static int dump_base(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
{
	(void)ctx;
	note("base-dump");
	return rename_member(arena, *json, "version", "v");
}
COR_JSON_HOOK(base_dump, dump_base);
static const struct cor_field base_fields[] = { COR_FIELD(struct base, version) };
COR_LOCAL_SCHEMA(
	base_schema, struct base, base_fields, .before_load = &base_load, .after_dump = &base_dump);

/* --- an item, which may come as a text --- */

struct item {
	struct base base;
	const char *name;
	int32_t count;
};
static int load_item(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
{
	struct cor_str text;

	note("item");
	if (cor_node_to_text(*json, &text) == 0) { /* "nut" is {"name": "nut", "count": 1} */
		struct cor_node *whole = cor_node_object(arena);
		int rc = cor_node_set(arena, whole, "name", *json);
		if (rc == 0)
			rc = cor_node_set(arena, whole, "version", cor_node_int64(arena, 2));
		if (rc == 0)
			rc = cor_node_set(arena, whole, "count", cor_node_int64(arena, 1));
		*json = whole;
		return rc;
	}
	if (cor_node_get(*json, "item")) /* {"item": {...}} */
		*json = cor_node_get(*json, "item");
	if (cor_node_to_text(cor_node_get(*json, "name"), &text) < 0)
		return 0;
	if (cor_str_equal(text, COR_STR("bad")))
		return cor_invalid(ctx, "body", "/name", "is a bad name");
	if (cor_str_equal(text, COR_STR("late")))
		return -ETIMEDOUT;
	if (cor_str_equal(text, COR_STR("five")))
		return 5;
	if (cor_str_equal(text, COR_STR("nothing")))
		*json = NULL;
	return 0;
}
COR_JSON_HOOK(item_load, load_item);
static int dump_item(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
{
	struct cor_str name;

	note("item-dump");
	if (cor_node_to_text(cor_node_get(*json, "name"), &name) < 0)
		return 0;
	if (cor_str_equal(name, COR_STR("gone")))
		return cor_problem(ctx, 410, 0, "it is gone");
	if (cor_str_equal(name, COR_STR("odd")))
		return 5;
	if (cor_str_equal(name, COR_STR("naught")))
		*json = NULL;
	else if (cor_str_equal(name, COR_STR("plain")))
		*json = cor_node_get(*json, "name");
	else
		return rename_member(arena, *json, "count", "n");
	return 0;
}
COR_JSON_HOOK(item_dump, dump_item);
static int check_item(struct cor_ctx *ctx, const struct item *item)
{
	(void)ctx;
	(void)item;
	note("check");
	return 0;
}
COR_CHECK(item_check, check_item, struct item);
static const struct cor_field item_fields[] = {
	COR_EMBED(struct item, base, base_schema),
	COR_FIELD(struct item, name, .max_length = 8),
	COR_FIELD(struct item, count, .range = COR_MIN(1)),
};
COR_LOCAL_SCHEMA(item_schema, struct item, item_fields, .before_load = &item_load,
	.after_dump = &item_dump, .check = &item_check);

/* --- a list of them, which may come alone --- */

struct items {
	cor_array(struct item) list;
};
COR_DECLARE_SCHEMA(items_schema, struct items);
static int load_items(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
{
	struct cor_node *one = *json;

	(void)ctx;
	note("items");
	if (cor_node_type(*json) == COR_JSON_ARRAY)
		return 0;
	*json = cor_node_array(arena);
	return cor_node_append(arena, *json, one);
}
COR_JSON_HOOK(items_load, load_items);
static int dump_items(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
{
	struct cor_node *envelope = cor_node_object(arena);
	int64_t len = (int64_t)cor_node_len(*json);

	(void)ctx;
	note("items-dump");
	int rc = cor_node_set(arena, envelope, "data", *json);
	if (rc == 0)
		rc = cor_node_set(arena, envelope, "len", cor_node_int64(arena, len));
	*json = envelope;
	return rc;
}
COR_JSON_HOOK(items_dump, dump_items);
static int before_items(struct cor_ctx *ctx, struct items *items)
{
	(void)ctx;
	if (items->list.len > 3)
		items->list.len = 3;
	return 0;
}
COR_HOOK(items_cut, before_items, struct items);
static int after_items(struct cor_ctx *ctx, struct items *items)
{
	note("loaded");
	return items->list.len > 4 ? cor_invalid(ctx, "body", "", "is too much") : 0;
}
COR_HOOK(items_loaded, after_items, struct items);
static const struct cor_field items_fields[] = {
	COR_OBJECT_ARRAY(struct items, list, item_schema, .bare = true),
};
COR_SCHEMA(items_schema, items_fields, .before_load = &items_load, .after_dump = &items_dump,
	.before_dump = &items_cut, .after_load = &items_loaded);

/* --- wherever they may stand --- */

struct shape {
	enum shape_kind { SHAPE_ITEM } kind;
	struct item item;
};
static const struct cor_branch shape_branches[] = {
	COR_BRANCH(struct shape, item, item_schema, SHAPE_ITEM, "item"),
};
static int load_shape(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
{
	(void)ctx;
	note("shape");
	return rename_member(arena, *json, "type", "kind");
}
COR_JSON_HOOK(shape_load, load_shape);
COR_LOCAL_UNION_SCHEMA(
	shape_schema, struct shape, kind, shape_branches, .before_load = &shape_load);

struct box {
	int32_t page;
	struct items items;
	cor_dict(struct item) map;
	struct shape shape;
	cor_opt(struct item) maybe;
	const struct item *other;
	cor_dict(struct item) rest;
};
static int load_box(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
{
	(void)ctx;
	note("box");
	return rename_member(arena, *json, "things", "items");
}
COR_JSON_HOOK(box_load, load_box);
static const struct cor_field box_fields[] = {
	COR_FIELD(struct box, page, .from = COR_FROM_QUERY, .fallback = "0", .range = COR_MAX(9),
		.access = COR_WRITE_ONLY),
	COR_OBJECT(struct box, items, items_schema),
	COR_OBJECT_DICT(struct box, map, item_schema, .presence = COR_OPTIONAL),
	COR_OBJECT(struct box, shape, shape_schema),
	COR_OPT_OBJECT(struct box, maybe, item_schema, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OBJECT(struct box, other, item_schema, .presence = COR_OPTIONAL),
	COR_OBJECT_DICT(struct box, rest, item_schema, .rest = true),
};
COR_LOCAL_SCHEMA(box_schema, struct box, box_fields, .before_load = &box_load);

static int echo_box(struct cor_ctx *ctx, const struct box *in, struct box *out)
{
	(void)ctx;
	note("handler");
	*out = *in;
	return 0;
}
COR_OPERATION(box_operation, echo_box, box_schema, box_schema, .selected_by = COR_BY_QUERY);

static int echo_items(struct cor_ctx *ctx, const struct items *in, struct items *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(items_operation, echo_items, items_schema, items_schema);

static int echo_item(struct cor_ctx *ctx, const struct item *in, struct item *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(item_operation, echo_item, item_schema, item_schema, .problems = { 410 });
static const struct cor_view enveloped = { .envelope = "item" };
COR_OPERATION(viewed_operation, echo_item, item_schema, item_schema, .in_view = &enveloped,
	.out_view = &enveloped);
static int patch_item(struct cor_ctx *ctx, const struct item *in, struct cor_none *none)
{
	(void)ctx;
	(void)none;
	assert_string_equal(in->name, "nut");
	return 0;
}
static const struct cor_view partial = { .partial = true };
COR_OPERATION(patch_operation, patch_item, item_schema, COR_NONE, .in_view = &partial);

static const struct cor_resource box = { .path = "/box", .post = &box_operation };
static const struct cor_resource items = { .path = "/items", .post = &items_operation };
static const struct cor_resource item = { .path = "/item",
	.post = &item_operation,
	.put = &viewed_operation,
	.patch = &patch_operation };
static const struct cor_resource *const resources[] = { &box, &items, &item, NULL };
static const struct cor_service service = { .name = "hooked", .resources = resources };

static struct cor_dispatcher *dispatcher;

static int set_up(void **state)
{
	(void)state;
	dispatcher = fake_dispatcher(&service);
	/* what hooks make of answers here is not what the tables say */
	cor_dispatcher_environment(dispatcher)->answer_checks = COR_ANSWERS_UNCHECKED;
	calls[0] = '\0';
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cor_dispatcher_destroy(dispatcher);
	return 0;
}

static void send(
	const char *method, const char *target, const char *body, int status, const char *answer)
{
	fake_expect(dispatcher,
		&(struct fake_request){
			.method = method, .target = target, .headers = "", .body = cor_str(body) },
		status, answer);
}

static void expect_part(const char *target, const char *body, int status, const char *part)
{
	struct fake_reply reply = { 0 };

	fake_serve(dispatcher,
		&(struct fake_request){
			.method = "POST", .target = target, .headers = "", .body = cor_str(body) },
		&reply);
	assert_int_equal(reply.status, status);
	if (!strstr(fake_body(&reply), part))
		fail_msg("%s: %s", part, fake_body(&reply));
	fake_finish(&reply);
}

#define NUT  "{\"version\":2,\"name\":\"nut\",\"count\":1}"
#define NUT_ "{\"name\":\"nut\",\"n\":1,\"v\":2}"

/* Outer ones first on the way in, inner ones first on the way out; embedded ones before. */
static void their_order(void **state)
{
	(void)state;
	send("POST", "/item", "{\"item\":{\"name\":\"a\",\"count\":1,\"version\":3},\"version\":1}",
		200, "{\"name\":\"a\",\"v\":3,\"n\":1}");
	expect_calls("item base check base-dump item-dump ");
	send("POST", "/items", "[\"nut\"," NUT "]", 200,
		"{\"data\":["
		"{\"name\":\"nut\",\"v\":2,\"n\":1},{\"name\":\"nut\",\"v\":2,\"n\":1}"
		"],\"len\":2}");
	expect_calls("items item base item base check check loaded "
		     "base-dump item-dump base-dump item-dump items-dump ");
}

static void wherever_they_stand(void **state)
{
	(void)state;
	send("POST", "/box?page=1",
		"{\"things\":" NUT
		",\"map\":{\"m\":\"mm\"},\"shape\":{\"type\":\"item\",\"name\":\"s\","
		"\"count\":1},\"maybe\":\"yes\",\"other\":\"oo\",\"more\":\"rr\"}",
		200, NULL);
	expect_calls("box items item base item base shape item base item base item base item base "
		     "check loaded check check check check check "
		     "handler "
		     "base-dump item-dump items-dump base-dump item-dump base-dump item-dump "
		     "base-dump item-dump base-dump item-dump base-dump item-dump ");
}

/* Nothing is read of what hooks refuse; what else is wrong is said, too. */
static void refusals(void **state)
{
	(void)state;
	expect_part("/box?page=10",
		"{\"items\":[\"nut\",{\"name\":\"bad\"}],\"map\":{\"m/\":{\"name\":\"bad\"}}}", 422,
		"\"errors\":[{\"in\":\"query\",\"parameter\":\"page\",\"detail\":\"must be at most 9\"},"
		"{\"in\":\"body\",\"pointer\":\"/items/1/name\",\"detail\":\"is a bad name\"},"
		"{\"in\":\"body\",\"pointer\":\"/map/m~1/name\",\"detail\":\"is a bad name\"}]");
	assert_null(strstr(calls, "check"));
	send("POST", "/item", "{\"name\":\"late\"}", 504, NULL);
	send("POST", "/item", "{\"name\":\"five\"}", 500, NULL);
	send("POST", "/item", "{\"name\":\"nothing\"}", 500, NULL);
	assert_null(strstr(calls, "check"));
}

/* Rules are those of the table, whatever a hook has made. */
static void tables_judge_afterwards(void **state)
{
	(void)state;
	expect_part("/items", "[\"123456789\"]", 422, "\"pointer\":\"/0/name\"");
	expect_part("/items", "\"nut\"", 200, "\"len\":1");
	expect_part("/items", "[7]", 422, "\"pointer\":\"/0\"");
	expect_part("/items", "[null]", 422, "\"pointer\":\"/0\"");
	expect_part("/box", "{\"items\":{},\"map\":[\"a\"],\"shape\":{\"kind\":\"none\"}}", 422,
		"\"pointer\":\"/shape/kind\"");
	calls[0] = '\0';
	send("POST", "/item", "null", 422, NULL);
	expect_part("/item", "{\"name\":\"a\"", 400, "\"pointer\":\"\"");
	expect_part("/item", "{\"name\":\"a\",\"name\":\"b\"}", 422, "is given more than once");
	expect_calls("");
}

/* A list has hooks as any value has: whole, before and after. */
static void lists(void **state)
{
	(void)state;
	expect_part("/items", "[\"a\",\"b\",\"c\",\"d\"]", 200, "\"len\":3}");
	expect_part("/items", "[\"a\",\"b\",\"c\",\"d\",\"e\"]", 422, "is too much");
	expect_part("/box",
		"{\"items\":[\"a\",\"b\",\"c\",\"d\"],\"shape\":{\"kind\":\"item\",\"name\":\"s\","
		"\"count\":1}}",
		200, "\"len\":3}");
}

static void answers_fail(void **state)
{
	(void)state;
	send("POST", "/item", "{\"name\":\"gone\",\"count\":1}", 410, NULL);
	send("POST", "/item", "{\"name\":\"odd\",\"count\":1}", 500, NULL);
	send("POST", "/item", "{\"name\":\"naught\",\"count\":1}", 500, NULL);
	send("POST", "/item", "{\"name\":\"plain\",\"count\":1}", 200, "\"plain\"");
}

static void a_part_of_an_answer(void **state)
{
	(void)state;
	send("POST", "/box?fields=other%7Bname,count%7D",
		"{\"items\":[],\"shape\":{\"kind\":\"item\",\"name\":\"s\",\"count\":1},"
		"\"other\":\"nut\"}",
		200, "{\"other\":{\"name\":\"nut\",\"n\":1}}");
}

static void views(void **state)
{
	(void)state;
	send("PUT", "/item", "{\"item\":\"nut\"}", 200,
		"{\"item\":{\"name\":\"nut\",\"v\":2,\"n\":1}}");
	expect_calls("item base check base-dump item-dump ");
	send("PATCH", "/item", "{\"item\":{\"name\":\"nut\"}}", 204, NULL);
	expect_calls("item ");
}

/* Forms and values at rest have none. */
static void where_there_is_no_request(void **state)
{
	struct cor_codec *codec = cor_dispatcher_environment(dispatcher)->codec;
	struct cor_violations violations = { 0 };
	struct cor_arena arena;
	struct cor_str text;
	struct item value;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(
		cor_decode(codec, &arena, item_schema, &value, COR_STR(NUT), &violations), 0);
	assert_int_equal(cor_encode(codec, &arena, item_schema, &value, &text), 0);
	assert_string_equal(cor_arena_copy(&arena, text.data, text.len), NUT);
	cor_arena_finish(&arena);
	expect_calls("");
}

/* What a hook has left is held to the table of the answer. */
static void answers_are_checked_afterwards(void **state)
{
	(void)state;
	cor_dispatcher_environment(dispatcher)->answer_checks = COR_ANSWERS_REFUSED;
	send("POST", "/item", NUT, 500, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(their_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(wherever_they_stand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refusals, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tables_judge_afterwards, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lists, set_up, tear_down),
		cmocka_unit_test_setup_teardown(answers_fail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_part_of_an_answer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(views, set_up, tear_down),
		cmocka_unit_test_setup_teardown(where_there_is_no_request, set_up, tear_down),
		cmocka_unit_test_setup_teardown(answers_are_checked_afterwards, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
