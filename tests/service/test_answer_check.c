/* SPDX-License-Identifier: MIT */
/* Answers are held to their own tables. */
#include "fake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/computed.h>
#include <coracle/error.h>
#include <coracle/events.h>
#include <coracle/response.h>
#include <coracle/schema_custom.h>
#include <coracle/schema_union.h>
#include <coracle/topic.h>

#include "schema/read_back.h"

static const struct cor_enum_name sizes[] = { { "s", 1 }, { "l", 2 } };

static int code_read(struct cor_conversion *conversion, struct cor_str text, struct cor_uuid *ret)
{
	ret->bytes[0] = (uint8_t)text.data[0];
	return ret->bytes[0] == '#' ? cor_refuse(conversion, "is no code") : 0;
}
static int code_write(
	struct cor_conversion *conversion, const struct cor_uuid *code, struct cor_str *ret)
{
	*ret = cor_str(cor_arena_printf(conversion->arena, "%c", code->bytes[0]));
	return ret->data ? 0 : -ENOMEM;
}
COR_LOCAL_TEXT_KIND(code_kind, struct cor_uuid, code_read, code_write, .is_flat = true);

struct line {
	int32_t count;
	const char *note;
};
static const struct cor_field line_fields[] = {
	COR_FIELD(struct line, count, .range = COR_BETWEEN(1, 9)),
	COR_FIELD(struct line, note, .presence = COR_OPTIONAL, .max_length = 3),
};
COR_LOCAL_SCHEMA(line_schema, struct line, line_fields);

struct circle {
	double radius;
};
static const struct cor_field circle_fields[] = {
	COR_FIELD(struct circle, radius, .range = COR_ABOVE(0)),
};
COR_LOCAL_SCHEMA(circle_schema, struct circle, circle_fields);
enum shape_kind { SHAPE_CIRCLE };
struct shape {
	enum shape_kind kind;
	struct circle circle;
};
static const struct cor_branch shape_branches[] = {
	COR_BRANCH(struct shape, circle, circle_schema, SHAPE_CIRCLE, "circle"),
};
COR_LOCAL_UNION_SCHEMA(shape_schema, struct shape, kind, shape_branches);

struct order;
static int32_t total_of(struct cor_ctx *ctx, const struct order *order);
static bool never(struct cor_ctx *ctx, const void *owner)
{
	(void)ctx;
	(void)owner;
	return false;
}

struct order {
	int64_t id;
	const char *name;
	int32_t size; /* of sizes */
	const char *secret;
	cor_array(struct line) lines;
	cor_array(int32_t) days;
	cor_dict(int32_t) stock;
	struct cor_json extra;
	struct shape shape;
	struct cor_uuid code;
	cor_opt(int32_t) left;
	const char *hidden;
	const char *kept;
	cor_array(struct line) pairs;
};
COR_COMPUTED(order_total, total_of, struct order, int32_t);
static const struct cor_field order_fields[] = {
	COR_FIELD(struct order, id, .range = COR_MIN(1)),
	COR_FIELD(struct order, name, .pattern = "^[a-z]+$", .max_length = 5),
	COR_ENUM(struct order, size, sizes),
	COR_FIELD(struct order, secret, .access = COR_WRITE_ONLY, .min_length = 8),
	COR_OBJECT_ARRAY(struct order, lines, line_schema, .max_items = 2),
	COR_ARRAY(struct order, days, .unique_items = true),
	COR_DICT(struct order, stock, .key_pattern = "^[a-z]$", .range = COR_MIN(0)),
	COR_FIELD(struct order, extra),
	COR_OBJECT(struct order, shape, shape_schema),
	COR_OBJECT(struct order, code, code_kind),
	COR_OPT_FIELD(struct order, left, .presence = COR_OPTIONAL, .range = COR_MAX(9)),
	COR_FIELD(struct order, hidden, .when = never),
	COR_FIELD(struct order, kept, .fallback = "\"k\"", .max_length = 3),
	COR_OBJECT_ARRAY(struct order, pairs, line_schema, .unique_items = true),
	COR_COMPUTED_FIELD(struct order, total, order_total, .range = COR_MAX(10)),
};
COR_LOCAL_SCHEMA(order_schema, struct order, order_fields);

static int32_t total_of(struct cor_ctx *ctx, const struct order *order)
{
	int32_t total = 0;

	(void)ctx;
	for (size_t i = 0; i < order->lines.len; i++)
		total += order->lines.items[i].count;
	return total;
}

/* --- the service answers with what the test has left here --- */

static struct line lines[3], twins[2];
static int32_t days[2];
static struct order sent;

static int get_order(struct cor_ctx *ctx, const struct cor_none *in, struct order *out)
{
	(void)ctx;
	(void)in;
	*out = sent;
	return 0;
}
COR_OPERATION(get_operation, get_order, COR_NONE, order_schema, .selected_by = COR_BY_QUERY);

static int refuse(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	const struct line line = { .count = 10 };

	(void)in;
	(void)out;
	return cor_respond(ctx, 409, line_schema, &line);
}
COR_OPERATION(refuse_operation, refuse, COR_NONE, COR_NONE,
	.responses = COR_RESPONSES({ .status = 409, .schema = &line_schema.schema }));

static int follow(struct cor_ctx *ctx, const struct cor_none *in, struct cor_events *events)
{
	const struct cor_event event = { 0 };
	const struct line good = { .count = 9 }, bad = { .count = 10 };

	(void)ctx;
	(void)in;
	int rc = cor_events_send_json(events, &event, line_schema, &bad);
	assert_int_equal(rc, -COR_EINVALID);
	return cor_events_send_json(events, &event, line_schema, &good);
}
COR_EVENTS_OPERATION(follow_operation, follow, COR_NONE);

static const struct cor_topic lines_topic = { .name = "lines",
	.messages = COR_MESSAGES(line_schema) };

static const struct cor_resource order = { .path = "/order", .get = &get_operation };
static const struct cor_resource refusal = { .path = "/refusal", .post = &refuse_operation };
static const struct cor_resource stream = { .path = "/stream", .get = &follow_operation };
static const struct cor_resource *const resources[] = { &order, &refusal, &stream, NULL };
static const struct cor_service service = {
	.name = "held", .resources = resources, .topics = COR_TOPICS(&lines_topic)
};

static void make_good(void)
{
	lines[0] = (struct line){ 4, "abc" };
	lines[1] = (struct line){ 6, NULL };
	lines[2] = (struct line){ 0, NULL };
	twins[0] = twins[1] = (struct line){ 1, NULL };
	days[0] = 1;
	days[1] = 2;
	sent = (struct order){
		.id = 1,
		.name = "order",
		.size = 2,
		.lines = { lines, 2 },
		.days = { days, 2 },
		.extra = { COR_STR("{\"a\":[1,null]}") },
		.shape = { SHAPE_CIRCLE, { 1.5 } },
		.code = { "x" },
		.hidden = "h",
		.pairs = { twins, 2 },
	};
}

/* What is not said as the table says is a 500; who operates the service learns where. */
static void expect_fault(struct cor_dispatcher *dispatcher, const char *where)
{
	struct cor_codec *codec = cor_dispatcher_environment(dispatcher)->codec;
	struct cor_encode_fault fault;
	struct cor_buffer text = { 0 };
	struct cor_ctx ctx = { 0 };
	char whole[300];

	snprintf(whole, sizeof whole, "what is sent breaks its table: order_schema: %s", where);
	assert_int_equal(
		cor_encode_answer(codec, &order_schema.schema, &ctx, &sent, &text, &fault), 0);
	assert_int_equal(cor_read_back(codec, &order_schema.schema, false,
				 (struct cor_str){ text.data, text.len }, &fault),
		-COR_EINVALID);
	assert_string_equal(fault.text, whole);
	cor_buffer_finish(&text);
	fake_expect(dispatcher, &(struct fake_request){ .target = "/order" }, 500, NULL);
	make_good();
}

static void each_rule(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);

	(void)state;
	make_good();
	fake_expect(dispatcher, &(struct fake_request){ .target = "/order" }, 200, NULL);
	sent.id = 0;
	expect_fault(dispatcher, "/id must be at least 1");
	sent.name = "Order";
	expect_fault(dispatcher, "/name must match the pattern ^[a-z]+$");
	sent.name = "orders";
	expect_fault(dispatcher, "/name must have at most 5 characters");
	lines[1].count = 10;
	expect_fault(dispatcher, "/lines/1/count must be at most 9 (and 1 more)");
	lines[0].note = "abcd";
	expect_fault(dispatcher, "/lines/0/note must have at most 3 characters");
	lines[2].count = 1;
	lines[0].count = 2;
	sent.lines.len = 3;
	expect_fault(dispatcher, "/lines must have at most 2 items");
	days[1] = 1;
	expect_fault(dispatcher, "/days must not repeat an item: 0 and 1 are equal");
	sent.shape.circle.radius = 0;
	expect_fault(dispatcher, "/shape/radius must be greater than 0");
	sent.code.bytes[0] = '#';
	expect_fault(dispatcher, "/code is no code");
	sent.left.state = COR_SET;
	sent.left.value = 10;
	expect_fault(dispatcher, "/left must be at most 9");
	sent.kept = "long";
	expect_fault(dispatcher, "/kept must have at most 3 characters");
	lines[0].count = 9;
	expect_fault(dispatcher, "/total must be at most 10");
	cor_dispatcher_destroy(dispatcher);
}

static void maps(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	__typeof__(*sent.stock.items) items[] = { { "a", 0 }, { "b", 1 } };

	(void)state;
	make_good();
	sent.stock.items = items;
	sent.stock.len = 2;
	fake_expect(dispatcher, &(struct fake_request){ .target = "/order" }, 200, NULL);
	items[1].value = -1;
	sent.stock.items = items;
	sent.stock.len = 2;
	expect_fault(dispatcher, "/stock/b must be at least 0");
	items[1] = (__typeof__(*items)){ "a", 1 };
	sent.stock.items = items;
	sent.stock.len = 2;
	expect_fault(dispatcher, "/stock/a is given more than once");
	cor_dispatcher_destroy(dispatcher);
}

/* Nothing is missed of a part; what is there is held to its rules. */
static void a_part(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);

	(void)state;
	make_good();
	fake_expect(dispatcher,
		&(struct fake_request){ .target = "/order?fields=name,lines%7Bnote%7D" }, 200,
		"{\"name\":\"order\",\"lines\":[{\"note\":\"abc\"},{}]}");
	sent.id = 0;
	fake_expect(dispatcher, &(struct fake_request){ .target = "/order?fields=name" }, 200,
		"{\"name\":\"order\"}");
	fake_expect(dispatcher, &(struct fake_request){ .target = "/order?fields=id" }, 500, NULL);
	cor_dispatcher_destroy(dispatcher);
}

static void an_answer_of_another_status(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);

	(void)state;
	fake_expect(dispatcher, &(struct fake_request){ .method = "POST", .target = "/refusal" },
		500, NULL);
	cor_dispatcher_environment(dispatcher)->answer_checks = COR_ANSWERS_UNCHECKED;
	fake_expect(dispatcher, &(struct fake_request){ .method = "POST", .target = "/refusal" },
		409, "{\"count\":10}");
	cor_dispatcher_destroy(dispatcher);
}

static void only_refused_if_asked_for(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct cor_environment *environment = cor_dispatcher_environment(dispatcher);

	(void)state;
	make_good();
	sent.id = 0;
	for (int checks = COR_ANSWERS_UNCHECKED; checks <= COR_ANSWERS_LOGGED; checks++) {
		environment->answer_checks = (enum cor_answer_checks)checks;
		fake_expect(dispatcher, &(struct fake_request){ .target = "/order?fields=id" }, 200,
			"{\"id\":0}");
	}
	cor_dispatcher_destroy(dispatcher);
}

static void messages(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	const struct line good = { .count = 9 }, bad = { .count = 10 };
	struct fake_reply reply = { 0 };
	struct cor_ctx *ctx;

	(void)state;
	fake_serve(dispatcher, &(struct fake_request){ .target = "/stream" }, &reply);
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(fake_body(&reply), "data: {\"count\":9}\n\n"));
	assert_null(strstr(fake_body(&reply), "{\"count\":10}"));
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx), 0);
	assert_int_equal(
		cor_topic_publish_json(ctx, &lines_topic, NULL, line_schema, &bad), -COR_EINVALID);
	assert_int_equal(cor_topic_publish_json(ctx, &lines_topic, NULL, line_schema, &good), 0);
	cor_ctx_destroy(ctx);
}

static void one_in_many_is_read_back(void **state)
{
	const struct cor_schema *schema = &line_schema.schema;
	struct cor_codec *codec;
	unsigned due = 0;

	(void)state;
	assert_int_equal(cor_codec_create(&schema, 1, &codec, NULL, NULL), 0);
	assert_true(cor_read_back_is_due(codec));
	for (unsigned i = 1; i < 10 * COR_READ_BACK_EACH; i++)
		due += cor_read_back_is_due(codec);
	assert_int_equal(due, 9);
	cor_codec_destroy(codec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule),
		cmocka_unit_test(maps),
		cmocka_unit_test(a_part),
		cmocka_unit_test(an_answer_of_another_status),
		cmocka_unit_test(only_refused_if_asked_for),
		cmocka_unit_test(messages),
		cmocka_unit_test(one_in_many_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
