/* SPDX-License-Identifier: MIT */
/* Values without an object around them, and rules that are said once. */
#include "schema/describe.h"
#include "schema/walk.h"
#include "trial.h"

/* A scalar that has a name. */
struct currency {
	char code[4];
};
static const struct cor_field currency_fields[] = {
	COR_FIELD(struct currency, code, .bare = true, .pattern = "^[A-Z]{3}$", .doc = "ISO 4217",
		.example = "\"EUR\""),
};
COR_LOCAL_SCHEMA(currency_schema, struct currency, currency_fields);

struct price {
	double amount;
	struct currency currency;
	cor_opt(struct currency) shown_in;
	cor_array(struct currency) accepted;
	struct currency *billed_in;
};
static const struct cor_field price_fields[] = {
	COR_FIELD(struct price, amount),
	COR_OBJECT(struct price, currency, currency_schema),
	COR_OPT_OBJECT(struct price, shown_in, currency_schema, .presence = COR_NULLABLE),
	COR_OBJECT_ARRAY(struct price, accepted, currency_schema, .presence = COR_OPTIONAL),
	COR_OBJECT(struct price, billed_in, currency_schema, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(price_schema, struct price, price_fields);

/* An array of arrays, each level with rules of its own. */
struct line {
	cor_array(double) points;
};
static const struct cor_field line_fields[] = {
	COR_ARRAY(struct line, points, .bare = true, .min_items = 2, .max_items = 3),
};
COR_LOCAL_SCHEMA(line_schema, struct line, line_fields);

struct shape {
	cor_array(struct line) lines;
};
static const struct cor_field shape_fields[] = {
	COR_OBJECT_ARRAY(struct shape, lines, line_schema, .bare = true, .max_items = 2),
};
COR_LOCAL_SCHEMA(shape_schema, struct shape, shape_fields);

/* Items that may be null. */
struct measure {
	cor_opt(int32_t) value;
};
static const struct cor_field measure_fields[] = {
	COR_OPT_FIELD(
		struct measure, value, .bare = true, .presence = COR_NULLABLE, .range = COR_MIN(0)),
};
COR_LOCAL_SCHEMA(measure_schema, struct measure, measure_fields);

struct series {
	cor_array(struct measure) measures;
	struct line line;
	struct line *other;
};
static const struct cor_field series_fields[] = {
	COR_OBJECT_ARRAY(struct series, measures, measure_schema),
	COR_OBJECT(struct series, line, line_schema, .presence = COR_OPTIONAL),
	COR_OBJECT(struct series, other, line_schema, .presence = COR_OPTIONAL | COR_NULLABLE),
};
COR_LOCAL_SCHEMA(series_schema, struct series, series_fields);

/* Arrays of themselves, without end. */
struct nest {
	cor_array(struct nest) nests;
};
COR_DECLARE_SCHEMA(nest_schema, struct nest);
static const struct cor_field nest_fields[] = {
	COR_OBJECT_ARRAY(struct nest, nests, nest_schema, .bare = true),
};
COR_SCHEMA(nest_schema, nest_fields);

/* A body beside parameters. */
struct replacement {
	int64_t id;
	struct line line;
};
static const struct cor_field replacement_fields[] = {
	COR_FIELD(struct replacement, id, .from = COR_FROM_PATH),
	COR_OBJECT(struct replacement, line, line_schema, .bare = true),
};
COR_LOCAL_SCHEMA(replacement_schema, struct replacement, replacement_fields);

union any {
	struct currency currency;
	struct price price;
	struct line line;
	struct shape shape;
	struct measure measure;
	struct series series;
	struct nest nest;
	struct replacement replacement;
};

/* What goes in comes out, or is refused: where, and why. */
static const struct {
	const struct cor_schema *schema;
	const char *json, *report;
} cases[] = {
	{ &currency_schema.schema, "\"EUR\"", NULL },
	{ &currency_schema.schema, "\"eur\"", "body : must match the pattern ^[A-Z]{3}$\n" },
	{ &currency_schema.schema, "\"EURO\"", "body : must match the pattern ^[A-Z]{3}$\n" },
	{ &currency_schema.schema, "{\"code\":\"EUR\"}",
		"body : must be a string, not an object\n" },
	{ &currency_schema.schema, "null", "body : must be a string, not null\n" },
	{ &price_schema.schema, "{\"amount\":1.5,\"currency\":\"EUR\"}", NULL },
	{ &price_schema.schema,
		"{\"amount\":1.5,\"currency\":\"EUR\",\"shown_in\":null,\"accepted\":[\"EUR\","
		"\"CHF\"],\"billed_in\":\"USD\"}",
		NULL },
	{ &price_schema.schema,
		"{\"amount\":1,\"currency\":\"E\",\"shown_in\":\"F\",\"accepted\":[\"EUR\",1],"
		"\"billed_in\":{}}",
		"body /currency: must match the pattern ^[A-Z]{3}$\n"
		"body /shown_in: must match the pattern ^[A-Z]{3}$\n"
		"body /accepted/1: must be a string, not a number\n"
		"body /billed_in: must be a string, not an object\n" },
	{ &price_schema.schema, "{\"amount\":1}", "body /currency: is required\n" },
	{ &line_schema.schema, "[1.0,2.5]", NULL },
	{ &line_schema.schema, "[1.0]", "body : must have at least 2 items\n" },
	{ &line_schema.schema, "[1.0,2,3,4]", "body : must have at most 3 items\n" },
	{ &line_schema.schema, "[1.0,true]", "body /1: must be a number, not a boolean\n" },
	{ &line_schema.schema, "{}", "body : must be an array, not an object\n" },
	{ &shape_schema.schema, "[[1.0,2.0],[3.0,4.0,5.0]]", NULL },
	{ &shape_schema.schema, "[]", NULL },
	{ &shape_schema.schema, "[[1,2],[3,\"x\"],[5,6]]",
		"body /1/1: must be a number, not a string\nbody : must have at most 2 items\n" },
	{ &shape_schema.schema, "[[1,2],[3]]", "body /1: must have at least 2 items\n" },
	{ &shape_schema.schema, "[1]", "body /0: must be an array, not a number\n" },
	{ &measure_schema.schema, "5", NULL },
	{ &measure_schema.schema, "null", NULL },
	{ &measure_schema.schema, "-5", "body : must be at least 0\n" },
	{ &series_schema.schema, "{\"measures\":[1,null,3]}", NULL },
	{ &series_schema.schema, "{\"measures\":[],\"line\":[1.0,2.0],\"other\":[3.0,4.0]}", NULL },
	{ &series_schema.schema, "{\"measures\":[-1,null,\"x\"],\"line\":[1],\"other\":[\"y\",2]}",
		"body /measures/0: must be at least 0\n"
		"body /measures/2: must be an integer or null, not a string\n"
		"body /line: must have at least 2 items\n"
		"body /other/0: must be a number, not a string\n" },
	{ &nest_schema.schema, "[[],[[[]]]]", NULL },
	{ &nest_schema.schema, "[[],[[5]]]", "body /1/0/0: must be an array, not a number\n" },
	/* at rest nothing is lost */
	{ &replacement_schema.schema, "{\"id\":7,\"line\":[1.0,2.0]}", NULL },
};

static void there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trial trial;
		union any any, copy;
		assert_int_equal(trial_begin(&trial, cases[i].schema), 0);
		int rc = trial_decode(&trial, cases[i].schema, &any, cases[i].json);
		const char *report = trial_report(&trial, &trial.violations);
		if (rc != (cases[i].report ? -COR_EINVALID : 0) ||
			strcmp(report, cases[i].report ? cases[i].report : "") != 0)
			fail_msg("%s: %d %s", cases[i].json, rc, report);
		if (rc == 0) {
			assert_string_equal(
				trial_encode(&trial, cases[i].schema, &any), cases[i].json);
			assert_int_equal(
				cor_copy_struct(&trial.arena, cases[i].schema, &any, &copy), 0);
			assert_string_equal(
				trial_encode(&trial, cases[i].schema, &copy), cases[i].json);
		}
		trial_end(&trial);
	}
}

static void syntax_is_checked_to_the_end(void **state)
{
	struct trial trial;
	struct line line;

	(void)state;
	assert_int_equal(trial_begin(&trial, &line_schema.schema), 0);
	assert_int_equal(trial_decode(&trial, &line_schema.schema, &line, "[1,2] x"), -COR_ESYNTAX);
	assert_int_equal(trial_decode(&trial, &line_schema.schema, &line, ""), -COR_ESYNTAX);
	assert_int_equal(trial_decode(&trial, &line_schema.schema, &line, "[1,2"), -COR_ESYNTAX);
	trial_end(&trial);
}

/* A request has the row of the path from elsewhere. */
static void body_beside_parameters(void **state)
{
	const struct cor_decode_options options = { .use = COR_USE_REQUEST,
		.default_from = COR_FROM_BODY };
	const struct cor_schema *schema = &replacement_schema.schema;
	struct replacement value = { .id = 7 };
	struct cor_buffer buffer = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, schema), 0);
	assert_int_equal(cor_decode_text(trial.codec, &trial.arena, schema, &options, &value,
				 COR_STR("[1, 2]"), &trial.violations),
		0);
	assert_int_equal(value.id, 7);
	assert_int_equal(value.line.points.len, 2);
	assert_int_equal(
		cor_encode_append(trial.codec, schema, COR_USE_ANSWER, &value, &buffer, NULL), 0);
	assert_string_equal(cor_arena_copy(&trial.arena, buffer.data, buffer.len), "[1.0,2.0]");
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

/* A scalar with a name comes from a query and goes to a header like any other. */
static void as_text(void **state)
{
	static const struct cor_field fields[] = {
		COR_OBJECT(struct price, currency, currency_schema),
	};
	const struct cor_schema schema = { fields, 1, sizeof(struct price), "text_schema" };
	struct cor_buffer buffer = { 0 };
	struct cor_rows rows;
	struct trial trial;
	struct price price;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema), 0);
	assert_int_equal(trial_bind(&trial, &schema, &price, "currency", "CHF"), 0);
	assert_string_equal(price.currency.code, "CHF");
	assert_int_equal(cor_row_text(cor_rows_first(&rows, &schema), &price, &buffer), 1);
	assert_string_equal(cor_arena_copy(&trial.arena, buffer.data, buffer.len), "CHF");
	assert_int_equal(trial_bind(&trial, &schema, &price, "currency", "chf"), -COR_EINVALID);
	assert_string_equal(trial_report(&trial, &trial.violations),
		"query currency: must match the pattern ^[A-Z]{3}$\n");
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

/* NULL items of a required array are a fault of the service, and one of no state is, too. */
static void values_without_json(void **state)
{
	struct cor_encode_fault fault;
	struct cor_buffer buffer = { 0 };
	struct trial trial;
	struct measure absent = { 0 };

	(void)state;
	assert_int_equal(trial_begin(&trial, &measure_schema.schema), 0);
	assert_int_equal(cor_encode_append(trial.codec, &measure_schema.schema, COR_USE_ANSWER,
				 &absent, &buffer, &fault),
		-COR_EINVALID);
	assert_string_equal(fault.text, "measure_schema: is absent, but cannot be left out");
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

/* --- the document --- */

static const char *described(struct trial *trial, const struct cor_schema *schema)
{
	const struct cor_schema_form root = { .schema = schema, .use = COR_USE_ANSWER };
	struct cor_schema_names names;
	struct cor_buffer buffer = { 0 };

	assert_int_equal(cor_schema_names_collect(&root, 1, &trial->arena, &names), 0);
	cor_describe_object(schema, COR_USE_ANSWER, &names, &buffer);
	const char *text = cor_arena_copy(&trial->arena, buffer.data, buffer.len);
	cor_buffer_finish(&buffer);
	return text;
}

static void in_the_document(void **state)
{
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &series_schema.schema), 0);
	assert_string_equal(described(&trial, &currency_schema.schema),
		"{\"type\":\"string\",\"maxLength\":3,\"pattern\":\"^[A-Z]{3}$\","
		"\"description\":\"ISO 4217\",\"examples\":[\"EUR\"]}");
	assert_string_equal(described(&trial, &line_schema.schema),
		"{\"type\":\"array\",\"items\":{\"type\":\"number\",\"format\":\"double\"},"
		"\"minItems\":2,\"maxItems\":3}");
	assert_string_equal(described(&trial, &shape_schema.schema),
		"{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/line\"},"
		"\"maxItems\":2}");
	assert_string_equal(described(&trial, &measure_schema.schema),
		"{\"type\":[\"integer\",\"null\"],\"format\":\"int32\",\"minimum\":0,"
		"\"maximum\":2147483647}");
	assert_non_null(strstr(described(&trial, &price_schema.schema),
		"\"currency\":{\"$ref\":\"#/components/schemas/currency\"},\"shown_in\":{\"anyOf\":"
		"[{\"$ref\":\"#/components/schemas/currency\"},{\"type\":\"null\"}]},\"accepted\":"
		"{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/currency\"}}"));
	trial_end(&trial);
}

/* A row that says more than its type is not that type. */
static void said_more_strictly(void **state)
{
	static const struct cor_field fields[] = {
		COR_OBJECT(struct price, currency, currency_schema, .pattern = "^E"),
	};
	const struct cor_schema schema = { fields, 1, sizeof(struct price), "strict_schema" };
	struct trial trial;
	struct price price;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema), 0);
	assert_int_equal(
		trial_decode(&trial, &schema, &price, "{\"currency\":\"CHF\"}"), -COR_EINVALID);
	assert_non_null(strstr(described(&trial, &schema),
		"\"currency\":{\"type\":\"string\",\"maxLength\":3,\"pattern\":\"^E\""));
	trial_end(&trial);
}

/* --- rules said once --- */

static const struct cor_rule percent = {
	.range = COR_BETWEEN(0, 100), .doc = "Of the whole", .example = "5"
};
static const struct cor_rule slug = { .min_length = 2, .max_length = 4, .pattern = "^[a-z]+$" };
static const struct cor_rule some = { .min_items = 1, .max_items = 2, .pattern = "^a" };

struct ruled {
	int32_t share;
	int32_t more;
	const char *name;
	cor_array(const char *) tags;
};
static const struct cor_field ruled_fields[] = {
	COR_FIELD(struct ruled, share, .rule = &percent),
	COR_FIELD(struct ruled, more, .rule = &percent, .range = COR_MAX(1000), .doc = "Any"),
	COR_FIELD(struct ruled, name, .rule = &slug),
	COR_ARRAY(struct ruled, tags, .rule = &some),
};
COR_LOCAL_SCHEMA(ruled_schema, struct ruled, ruled_fields);

static void rules_said_once(void **state)
{
	const struct cor_schema *schema = &ruled_schema.schema;
	struct trial trial;
	struct ruled ruled;

	(void)state;
	assert_int_equal(trial_begin(&trial, schema), 0);
	assert_int_equal(trial_decode(&trial, schema, &ruled,
				 "{\"share\":100,\"more\":1000,\"name\":\"ab\",\"tags\":[\"a\"]}"),
		0);
	assert_int_equal(
		trial_decode(&trial, schema, &ruled,
			"{\"share\":101,\"more\":-1,\"name\":\"a\",\"tags\":[\"b\",\"a\",\"a\"]}"),
		-COR_EINVALID);
	assert_string_equal(trial_report(&trial, &trial.violations),
		"body /share: must be at most 100\n"
		"body /more: must be at least 0\n"
		"body /name: must have at least 2 characters\n"
		"body /tags/0: must match the pattern ^a\n"
		"body /tags: must have at most 2 items\n");
	assert_non_null(strstr(described(&trial, schema),
		"\"share\":{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":0,"
		"\"maximum\":100,\"description\":\"Of the whole\",\"examples\":[5]},"
		"\"more\":{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":0,"
		"\"maximum\":1000,\"description\":\"Any\",\"examples\":[5]}"));
	trial_end(&trial);
}

/* --- contradictions --- */

struct pair {
	int32_t a, b;
	struct pair *self;
	cor_opt(int32_t) opt;
	struct line line;
};
COR_DECLARE_SCHEMA(self_schema, struct pair);
static const struct cor_field self_fields[] = {
	COR_OBJECT(struct pair, self, self_schema, .bare = true, .presence = COR_NULLABLE),
};
COR_SCHEMA(self_schema, self_fields);
static const struct cor_rule of_text = { .pattern = "a" };

#define PAIR(...)                                                                                  \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
static const struct {
	struct cor_field rows[2];
	size_t len;
	const char *report;
} contradictions[] = {
	{ PAIR(COR_FIELD(struct pair, a, .bare = true), COR_FIELD(struct pair, b)), 2,
		"row a: .bare rows stand alone, but row b is in the body, too" },
	{ PAIR(COR_FIELD(struct pair, a, .bare = true, .key = "x")), 1,
		"row a: .bare rows have no key" },
	{ PAIR(COR_FIELD(struct pair, a, .bare = true, .presence = COR_OPTIONAL)), 1,
		"row a: .bare rows are always there: leave COR_OPTIONAL" },
	{ PAIR(COR_FIELD(struct pair, a, .bare = true, .fallback = "1")), 1,
		"row a: .bare rows are always there: leave COR_OPTIONAL and .fallback" },
	{ PAIR(COR_FIELD(struct pair, a, .bare = true, .from = COR_FROM_QUERY)), 1,
		"row a: .bare rows are a whole body: leave .access, .from and .to out" },
	{ PAIR(COR_FIELD(struct pair, a, .bare = true, .access = COR_READ_ONLY)), 1,
		"row a: .bare rows are a whole body: leave .access" },
	{ PAIR(COR_OPT_FIELD(struct pair, opt, .bare = true)), 1,
		"row opt: .bare rows are always there: use the value without its cor_opt" },
	{ PAIR(COR_OBJECT(struct pair, self, self_schema)), 1,
		"row self: .bare rows cannot be of a type that comes back to itself" },
	{ PAIR(COR_EMBED(struct pair, line, line_schema)), 1,
		"row line: line_schema has a .bare row, which has no key to stand by" },
	{ PAIR(COR_FIELD(struct pair, a, .rule = &of_text)), 1, "row a: .pattern is for strings" },
};

static void every_contradiction(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof contradictions / sizeof contradictions[0]; i++) {
		const struct cor_schema schema = { contradictions[i].rows, contradictions[i].len,
			sizeof(struct pair), "pair_schema" };
		struct trial trial;
		int rc = trial_begin(&trial, &schema);
		const char *report = trial_report(&trial, &trial.why);
		if (rc != -COR_ETABLE || trial.why.count != 1 ||
			!strstr(report, contradictions[i].report))
			fail_msg("%s: got %d: %s", contradictions[i].report, rc, report);
		trial_end(&trial);
	}
}

static void as_deep_as_allowed(void **state)
{
	char text[2 * COR_JSON_DEPTH_MAX + 3];
	struct trial trial;
	struct nest nest;

	(void)state;
	assert_int_equal(trial_begin(&trial, &nest_schema.schema), 0);
	memset(text, '[', COR_JSON_DEPTH_MAX);
	memset(text + COR_JSON_DEPTH_MAX, ']', COR_JSON_DEPTH_MAX);
	text[2 * COR_JSON_DEPTH_MAX] = '\0';
	assert_int_equal(trial_decode(&trial, &nest_schema.schema, &nest, text), 0);
	memset(text, '[', COR_JSON_DEPTH_MAX + 1);
	memset(text + COR_JSON_DEPTH_MAX + 1, ']', COR_JSON_DEPTH_MAX + 1);
	text[2 * COR_JSON_DEPTH_MAX + 2] = '\0';
	assert_int_equal(trial_decode(&trial, &nest_schema.schema, &nest, text), -COR_ETOOLARGE);
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(syntax_is_checked_to_the_end),
		cmocka_unit_test(body_beside_parameters),
		cmocka_unit_test(as_text),
		cmocka_unit_test(values_without_json),
		cmocka_unit_test(in_the_document),
		cmocka_unit_test(said_more_strictly),
		cmocka_unit_test(rules_said_once),
		cmocka_unit_test(every_contradiction),
		cmocka_unit_test(as_deep_as_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
