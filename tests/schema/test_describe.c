/* SPDX-License-Identifier: MIT */
/* Each row and option as JSON Schema. */
#include "schema/describe.h"

#include <stdio.h>

#include "order.h"
#include "trial.h"

enum flower { ROSE, TULIP };
static const struct cor_enum_name flower_names[] = { { "rose", ROSE }, { "tulip", TULIP } };

struct leaf {
	int64_t n;
};
static const struct cor_field leaf_fields[] = {
	COR_FIELD(struct leaf, n, .doc = "a \"number\"", .example = "5"),
};
COR_DECLARE_SCHEMA(leaf_schema, struct leaf);
COR_SCHEMA(leaf_schema, leaf_fields, .doc = "A leaf", .unknown = COR_IGNORE);

struct all {
	bool boolean;
	int32_t i32;
	int64_t i64;
	uint32_t u32;
	uint64_t u64;
	double real;
	const char *text;
	char chars[8];
	char one[1];
	struct timespec time;
	struct cor_uuid uuid;
	struct cor_json raw;
	enum flower flower;
	struct leaf leaf, *pointer;
	cor_array(const char *) list;
	cor_array(enum flower) flowers;
	cor_array(struct leaf) leaves;
	cor_opt(enum flower) opt_flower;
};

#define REF "{\"$ref\":\"#/components/schemas/leaf\"}"

static const struct cor_rule is_one_letter = { .max_length = 1, .doc = "a letter" };

static const struct row_case {
	struct cor_field row;
	const char *property, *parameter; /* NULL: the same */
} rows[] = {
	{ COR_FIELD(struct all, boolean), "{\"type\":\"boolean\"}", NULL },
	{ COR_FIELD(struct all, i32, .range = COR_BETWEEN(-1, 5)),
		"{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":-1,\"maximum\":5}", NULL },
	{ COR_FIELD(struct all, i64, .range = COR_ABOVE(0), .fallback = "3"),
		"{\"type\":\"integer\",\"format\":\"int64\",\"exclusiveMinimum\":0,\"maximum\":9223372036854775807,\"default\":3}",
		NULL },
	{ COR_FIELD(struct all, u32),
		"{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":0,\"maximum\":4294967295,\"examples\":[0]}",
		NULL },
	{ COR_FIELD(struct all, i32),
		"{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":-2147483648,\"maximum\":2147483647,\"examples\":[0]}",
		NULL },
	{ COR_FIELD(struct all, i64),
		"{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807,\"examples\":[0]}",
		NULL },
	{ COR_FIELD(struct all, u64),
		"{\"type\":\"integer\",\"format\":\"uint64\",\"minimum\":0,\"maximum\":18446744073709551615,\"examples\":[0]}",
		NULL },
	{ COR_FIELD(struct all, i32, .range = COR_BELOW(0)),
		"{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":-2147483648,\"exclusiveMaximum\":0}",
		NULL },
	{ COR_FIELD(struct all, i32, .range = COR_MAX(0)),
		"{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":-2147483648,\"maximum\":0,\"examples\":[0]}",
		NULL },
	{ COR_FIELD(struct all, one), "{\"type\":\"string\",\"maxLength\":0}", NULL },
	{ COR_FIELD(struct all, u64, .range = COR_MAX(UINT64_MAX)),
		"{\"type\":\"integer\",\"format\":\"uint64\",\"minimum\":0,\"maximum\":18446744073709551615,\"examples\":[0]}",
		NULL },
	{ COR_FIELD(struct all, real,
		  .range = { .min = COR_BOUND_(0.5, false), .max = COR_BOUND_(1e300, true) }),
		"{\"type\":\"number\",\"format\":\"double\",\"minimum\":0.5,\"exclusiveMaximum\":1e300}",
		NULL },
	{ COR_FIELD(struct all, text, .min_length = 1, .max_length = 9, .pattern = "^\\d+$",
		  .presence = COR_NULLABLE, .doc = "Text", .access = COR_READ_ONLY,
		  .example = "\"12\""),
		"{\"type\":[\"string\",\"null\"],\"minLength\":1,\"maxLength\":9,\"pattern\":\"^\\\\d+$\","
		"\"description\":\"Text\",\"readOnly\":true,\"examples\":[\"12\"]}",
		"{\"type\":\"string\",\"minLength\":1,\"maxLength\":9,\"pattern\":\"^\\\\d+$\"}" },
	{ COR_FIELD(struct all, chars, .access = COR_WRITE_ONLY),
		"{\"type\":\"string\",\"maxLength\":7,\"writeOnly\":true}",
		"{\"type\":\"string\",\"maxLength\":7}" },
	{ COR_FIELD(struct all, time), "{\"type\":\"string\",\"format\":\"date-time\"}", NULL },
	{ COR_FIELD(struct all, uuid), "{\"type\":\"string\",\"format\":\"uuid\"}", NULL },
	{ COR_FIELD(struct all, raw), "{}", NULL },
	{ COR_ENUM(struct all, flower, flower_names),
		"{\"type\":\"string\",\"enum\":[\"rose\",\"tulip\"]}", NULL },
	{ COR_OPT_ENUM(struct all, opt_flower, flower_names, .presence = COR_NULLABLE),
		"{\"type\":[\"string\",\"null\"],\"enum\":[\"rose\",\"tulip\",null]}",
		"{\"type\":\"string\",\"enum\":[\"rose\",\"tulip\"]}" },
	{ COR_OBJECT(struct all, leaf, leaf_schema), REF, NULL },
	{ COR_OBJECT(struct all, pointer, leaf_schema, .presence = COR_NULLABLE),
		"{\"anyOf\":[" REF ",{\"type\":\"null\"}]}", REF },
	{ COR_ARRAY(struct all, list, .min_items = 1, .max_items = 3, .max_length = 5),
		"{\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":5},\"minItems\":1,\"maxItems\":3}",
		NULL },
	{ COR_ARRAY(struct all, list, .contains = &is_one_letter, .min_contains = 2,
		  .max_contains = 3),
		"{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
		"\"contains\":{\"type\":\"string\",\"maxLength\":1,\"description\":\"a letter\"},"
		"\"minContains\":2,\"maxContains\":3}",
		NULL },
	{ COR_ENUM_ARRAY(struct all, flowers, flower_names),
		"{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"rose\",\"tulip\"]}}",
		NULL },
	{ COR_OBJECT_ARRAY(struct all, leaves, leaf_schema),
		"{\"type\":\"array\",\"items\":" REF "}", NULL },
};

static void collect(struct cor_schema_names *names, struct cor_arena *arena)
{
	const struct cor_schema_form roots[] = { { .schema = &leaf_schema.schema } };

	assert_int_equal(cor_schema_names_collect(roots, 1, arena, names), 0);
}

static void check_text(struct cor_buffer *buffer, const char *wanted)
{
	assert_int_equal(cor_buffer_error(buffer), 0);
	assert_int_equal(cor_json_check((struct cor_str){ buffer->data, buffer->len }, 0, NULL), 0);
	cor_buffer_byte(buffer, '\0');
	assert_string_equal(buffer->data, wanted);
	cor_buffer_finish(buffer);
}

static void every_row(void **state)
{
	struct cor_schema_names names;
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	collect(&names, &arena);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cor_buffer buffer = { 0 };
		cor_describe_row(
			&rows[i].row, COR_USE_WHOLE, COR_DESCRIBE_PROPERTY, &names, &buffer);
		check_text(&buffer, rows[i].property);
		cor_describe_row(
			&rows[i].row, COR_USE_WHOLE, COR_DESCRIBE_PARAMETER, &names, &buffer);
		check_text(&buffer, rows[i].parameter ? rows[i].parameter : rows[i].property);
	}
	cor_arena_finish(&arena);
}

/* Of objects it is a rule of requests: an answer may lack what tells them apart. */
static void unique_items_of_answers(void **state)
{
	static const struct cor_field list = COR_ARRAY(struct all, list, .unique_items = true);
	static const struct cor_field leaves = COR_OBJECT_ARRAY(
		struct all, leaves, leaf_schema, .unique_items = true);
	struct cor_buffer buffer = { 0 };
	struct cor_schema_names names;
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	collect(&names, &arena);
	cor_describe_row(&list, COR_USE_ANSWER, COR_DESCRIBE_PROPERTY, &names, &buffer);
	check_text(&buffer,
		"{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"uniqueItems\":true}");
	buffer.len = 0;
	cor_describe_row(&leaves, COR_USE_ANSWER, COR_DESCRIBE_PROPERTY, &names, &buffer);
	check_text(&buffer, "{\"type\":\"array\",\"items\":" REF "}");
	buffer.len = 0;
	cor_describe_row(&leaves, COR_USE_REQUEST, COR_DESCRIBE_PROPERTY, &names, &buffer);
	check_text(&buffer, "{\"type\":\"array\",\"items\":" REF ",\"uniqueItems\":true}");
	cor_buffer_finish(&buffer);
	cor_arena_finish(&arena);
}

static void objects(void **state)
{
	struct cor_schema_names names;
	struct cor_buffer buffer = { 0 };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	collect(&names, &arena);
	cor_describe_object(&leaf_schema.schema, COR_USE_WHOLE, &names, &buffer);
	check_text(&buffer,
		"{\"type\":\"object\",\"description\":\"A leaf\",\"properties\":{\"n\":{\"type\":\"integer\","
		"\"format\":\"int64\",\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807,\"description\":\"a \\\"number\\\"\",\"examples\":[5]}},"
		"\"required\":[\"n\"]}");
	cor_arena_finish(&arena);
}

struct thing {
	int64_t id, team, made;
	const char *mood, *note;
	const char *tag;
};
static const struct cor_field thing_fields[] = {
	COR_FIELD(struct thing, id, .from = COR_FROM_PATH),
	COR_FIELD(struct thing, team, .presence = COR_OPTIONAL),
	COR_FIELD(struct thing, made, .access = COR_READ_ONLY),
	COR_FIELD(struct thing, mood, .fallback = "\"good\""),
	COR_FIELD(struct thing, note, .presence = COR_OPTIONAL),
	COR_FIELD(struct thing, tag, .to = COR_TO_HEADER, .access = COR_READ_ONLY),
};
COR_DECLARE_SCHEMA(thing_schema, struct thing);
COR_SCHEMA(thing_schema, thing_fields, .name = "Thing");

static void rows_that_take_part(void **state)
{
	const struct cor_schema *schema = &thing_schema.schema;
	struct cor_buffer buffer = { 0 };

	(void)state;
	cor_describe_object(schema, COR_USE_REQUEST, NULL, &buffer);
	check_text(&buffer,
		"{\"type\":\"object\",\"properties\":{\"team\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807,\"examples\":[0]},"
		"\"mood\":{\"type\":\"string\",\"default\":\"good\"},\"note\":{\"type\":\"string\"}},"
		"\"additionalProperties\":false}");
	cor_describe_object(schema, COR_USE_ANSWER, NULL, &buffer);
	check_text(&buffer,
		"{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807,\"examples\":[0]},"
		"\"team\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807,\"examples\":[0]},"
		"\"made\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807,\"examples\":[0],\"readOnly\":true},"
		"\"mood\":{\"type\":\"string\",\"default\":\"good\"},\"note\":{\"type\":\"string\"}},"
		"\"required\":[\"id\",\"team\",\"made\",\"mood\"]}");
}

static void names_are_unique(void **state)
{
	struct cor_schema twin = leaf_schema.schema;
	const struct cor_schema_form roots[] = { { &order_schema.schema, COR_USE_REQUEST, NULL },
		{ &leaf_schema.schema, COR_USE_REQUEST, NULL },
		{ &order_schema.schema, COR_USE_ANSWER, NULL }, { &twin, COR_USE_ANSWER, NULL },
		{ &cor_none_schema.schema, COR_USE_ANSWER, NULL },
		{ &node_schema.schema, COR_USE_ANSWER, NULL } };
	static const char *const wanted[] = { "order_input", "leaf", "order", "leaf_2", "node",
		"address_input", "item_input", "address", "item" };
	struct cor_schema_names names;
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_schema_names_collect(roots, 6, &arena, &names), 0);
	assert_int_equal(names.len, sizeof wanted / sizeof wanted[0]);
	for (size_t i = 0; i < names.len; i++)
		assert_string_equal(names.forms[i].name, wanted[i]);
	assert_string_equal(cor_schema_names_find(&names, &twin, COR_USE_REQUEST), "leaf_2");
	assert_null(cor_schema_names_find(&names, &cor_none_schema.schema, COR_USE_ANSWER));
	cor_arena_finish(&arena);
}

/* A tree whose nodes get an id: it differs by what it nests, which includes itself. */
struct twig {
	int64_t id;
	const char *secret;
	cor_array(struct twig) twigs;
	struct leaf leaf;
};
COR_DECLARE_SCHEMA(twig_schema, struct twig);
static const struct cor_field twig_fields[] = {
	COR_FIELD(struct twig, id, .access = COR_READ_ONLY),
	COR_FIELD(struct twig, secret, .access = COR_WRITE_ONLY),
	COR_OBJECT_ARRAY(struct twig, twigs, twig_schema, .presence = COR_OPTIONAL),
	COR_OBJECT(struct twig, leaf, leaf_schema),
};
COR_SCHEMA(twig_schema, twig_fields);

struct trunk {
	struct twig twig;
	struct leaf made;
};
static const struct cor_field trunk_fields[] = {
	COR_OBJECT(struct trunk, twig, twig_schema),
	COR_OBJECT(struct trunk, made, leaf_schema, .access = COR_READ_ONLY),
};
COR_LOCAL_SCHEMA(trunk_schema, struct trunk, trunk_fields);

struct twig_input {
	int64_t n;
};
static const struct cor_field twig_input_fields[] = { COR_FIELD(struct twig_input, n) };
COR_LOCAL_SCHEMA(twig_input_schema, struct twig_input, twig_input_fields);

static void collect_forms(struct cor_schema_names *names, struct cor_arena *arena,
	const struct cor_schema_form *roots, size_t len, const char *wanted)
{
	char found[256] = "";
	size_t used = 0;

	assert_int_equal(cor_schema_names_collect(roots, len, arena, names), 0);
	for (size_t i = 0; i < names->len; i++)
		used += (size_t)snprintf(found + used, sizeof found - used, "%s%s", i ? " " : "",
			names->forms[i].name);
	assert_string_equal(found, wanted);
}

static void each_direction_has_its_form(void **state)
{
	const struct cor_schema *trunk = &trunk_schema.schema, *twig = &twig_schema.schema;
	const struct cor_schema_form roots[] = { { trunk, COR_USE_REQUEST, NULL },
		{ trunk, COR_USE_ANSWER, NULL },
		{ &twig_input_schema.schema, COR_USE_ANSWER, NULL } };
	struct cor_schema_names names;
	struct cor_buffer buffer = { 0 };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	collect_forms(
		&names, &arena, roots, 3, "trunk_input trunk twig_input twig_input_2 twig leaf");
	cor_describe_object(trunk, COR_USE_REQUEST, &names, &buffer);
	check_text(&buffer,
		"{\"type\":\"object\",\"properties\":{\"twig\":{\"$ref\":\"#/components/schemas/twig_input_2\"}},"
		"\"required\":[\"twig\"],\"additionalProperties\":false}");
	cor_describe_object(twig, COR_USE_REQUEST, &names, &buffer);
	check_text(&buffer,
		"{\"type\":\"object\",\"properties\":{\"secret\":{\"type\":\"string\",\"writeOnly\":true},"
		"\"twigs\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/twig_input_2\"}},"
		"\"leaf\":" REF
		"},\"required\":[\"secret\",\"leaf\"],\"additionalProperties\":false}");
	cor_describe_object(twig, COR_USE_ANSWER, &names, &buffer);
	check_text(&buffer,
		"{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807,\"examples\":[0],\"readOnly\":true},"
		"\"twigs\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/twig\"}},"
		"\"leaf\":" REF "},\"required\":[\"id\",\"leaf\"]}");
	cor_arena_finish(&arena);
}

/*
 * A schema used in one direction only keeps its name; what only the other direction has is not
 * collected.
 */
static void one_direction_keeps_the_name(void **state)
{
	const struct cor_schema_form roots[] = { { &trunk_schema.schema, COR_USE_REQUEST, NULL } };
	struct cor_schema_names names;
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	collect_forms(&names, &arena, roots, 1, "trunk twig leaf");
	assert_null(cor_schema_names_find(&names, &trunk_schema.schema, COR_USE_ANSWER));
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row),
		cmocka_unit_test(unique_items_of_answers),
		cmocka_unit_test(objects),
		cmocka_unit_test(rows_that_take_part),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(each_direction_has_its_form),
		cmocka_unit_test(one_direction_keeps_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
