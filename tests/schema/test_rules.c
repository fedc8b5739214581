/* SPDX-License-Identifier: MIT */
/* .multiple_of, .unique_items, .format and .constant: what they take, and where they cannot be. */
#include "schema/describe.h"
#include "schema/format.h"
#include "schema/multiple.h"
#include "trial.h"

enum size { SMALL, LARGE };
static const struct cor_enum_name size_names[] = { { "small", SMALL }, { "large", LARGE } };

struct leaf {
	int32_t n;
	const char *name;
};
static const struct cor_field leaf_fields[] = {
	COR_FIELD(struct leaf, n),
	COR_FIELD(struct leaf, name, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(leaf_schema, struct leaf, leaf_fields);

struct measure {
	double x;
	struct cor_decimal_number price;
	const char *name;
};
static const struct cor_field measure_fields[] = {
	COR_FIELD(struct measure, x),
	COR_FIELD(struct measure, price, .as = COR_AS_NUMBER),
	COR_FIELD(struct measure, name),
};
COR_LOCAL_SCHEMA(measure_schema, struct measure, measure_fields);

struct holder {
	int32_t i32;
	int64_t i64;
	uint64_t u64;
	double real;
	bool yes;
	const char *text;
	char chars[8];
	enum size size;
	struct cor_json raw;
	struct timespec time;
	cor_opt(int64_t) opt;
	cor_array(int64_t) numbers;
	cor_array(double) reals;
	cor_array(const char *) texts;
	cor_array(bool) flags;
	cor_array(enum size) sizes;
	cor_array(struct leaf) leaves;
	cor_array(struct measure) measures;
	cor_array(struct cor_json) raws;
};

static void schema_of(struct cor_schema *schema, const struct cor_field *row)
{
	*schema = (struct cor_schema){
		.fields = row, .len = 1, .size = sizeof(struct holder), .symbol = "lone_schema"
	};
}

static const struct cor_rule is_even = { .multiple_of = 2, .doc = "an even number" };
static const struct cor_rule is_admin = { .constant = "\"admin\"", .doc = "admin" };
static const struct cor_rule is_large = { .range = COR_MIN(0.5), .doc = "at least a half" };
static const struct cor_rule is_short = { .pattern = "^.$", .min_length = 1, .doc = "a letter" };
static const struct cor_rule is_host = { .format = "hostname", .doc = "a host" };
static const struct cor_rule is_bare = { .multiple_of = 2 };
static const struct cor_rule is_list = { .max_items = 2, .doc = "few" };

/* A document is taken (NULL), or refused with this detail. */
static const struct value_case {
	struct cor_field row;
	const char *json, *detail;
} value_cases[] = {
	{ COR_FIELD(struct holder, i32, .multiple_of = 5), "-10", NULL },
	{ COR_FIELD(struct holder, i32, .multiple_of = 5), "0", NULL },
	{ COR_FIELD(struct holder, i32, .multiple_of = 5), "-11", "must be a multiple of 5" },
	{ COR_FIELD(struct holder, i64, .multiple_of = 3), "9223372036854775806", NULL },
	{ COR_FIELD(struct holder, i64, .multiple_of = 3), "9223372036854775807",
		"must be a multiple of 3" },
	{ COR_FIELD(struct holder, i64, .multiple_of = 2), "-9223372036854775808", NULL },
	{ COR_FIELD(struct holder, u64, .multiple_of = 5), "18446744073709551615", NULL },
	{ COR_FIELD(struct holder, u64, .multiple_of = 2), "18446744073709551615",
		"must be a multiple of 2" },
	{ COR_FIELD(struct holder, real, .multiple_of = 0.1), "0.3", NULL },
	{ COR_FIELD(struct holder, real, .multiple_of = 0.01), "-19.99", NULL },
	{ COR_FIELD(struct holder, real, .multiple_of = 0.1), "0.30000000000000004",
		"must be a multiple of 0.1" },
	{ COR_FIELD(struct holder, real, .multiple_of = 0.01), "19.999",
		"must be a multiple of 0.01" },
	{ COR_FIELD(struct holder, real, .multiple_of = 0.5, .range = COR_MIN(1)), "0.5",
		"must be at least 1" },
	{ COR_ARRAY(struct holder, numbers, .multiple_of = 2), "[2,4]", NULL },
	{ COR_ARRAY(struct holder, numbers, .multiple_of = 2), "[2,3]", "must be a multiple of 2" },
	{ COR_OPT_FIELD(struct holder, opt, .multiple_of = 2), "3", "must be a multiple of 2" },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_even), "[1,2]", NULL },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_even), "[1,3]",
		"must have at least 1 item of this kind: an even number" },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_even), "[]",
		"must have at least 1 item of this kind: an even number" },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_even, .min_contains = 2), "[2,3,5]",
		"must have at least 2 items of this kind: an even number" },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_even, .max_contains = 2), "[2,3,4]",
		NULL },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_even, .max_contains = 2), "[2,4,6]",
		"must have at most 2 items of this kind: an even number" },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_even, .unique_items = true), "[2,2]",
		"must not repeat an item: 0 and 1 are equal" },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_even), "[2,\"a\"]",
		"must be an integer, not a string" },
	{ COR_ARRAY(struct holder, reals, .contains = &is_large), "[0.25,0.5]", NULL },
	{ COR_ARRAY(struct holder, reals, .contains = &is_large), "[0.25]",
		"must have at least 1 item of this kind: at least a half" },
	{ COR_ARRAY(struct holder, texts, .contains = &is_short), "[\"ab\",\"\u00e9\"]", NULL },
	{ COR_ARRAY(struct holder, texts, .contains = &is_short), "[\"ab\",\"\"]",
		"must have at least 1 item of this kind: a letter" },
	{ COR_ARRAY(struct holder, texts, .contains = &is_admin), "[\"x\",\"admin\"]", NULL },
	{ COR_ARRAY(struct holder, texts, .contains = &is_admin), "[\"x\"]",
		"must have at least 1 item of this kind: admin" },
	{ COR_ARRAY(struct holder, numbers, .unique_items = true), "[]", NULL },
	{ COR_ARRAY(struct holder, numbers, .unique_items = true), "[1,2,3]", NULL },
	{ COR_ARRAY(struct holder, numbers, .unique_items = true), "[3,2,1,2,3]",
		"must not repeat an item: 1 and 3 are equal" },
	{ COR_ARRAY(struct holder, numbers, .unique_items = true), "[7,7,7]",
		"must not repeat an item: 0 and 1 are equal" },
	{ COR_ARRAY(struct holder, numbers, .unique_items = true), "[1,1.0]",
		"must not repeat an item: 0 and 1 are equal" },
	{ COR_ARRAY(struct holder, reals, .unique_items = true), "[0.0,-0.0]",
		"must not repeat an item: 0 and 1 are equal" },
	{ COR_ARRAY(struct holder, texts, .unique_items = true), "[\"a\",\"ab\",\"\"]", NULL },
	{ COR_ARRAY(struct holder, texts, .unique_items = true), "[\"a\",\"\\u0061\"]",
		"must not repeat an item: 0 and 1 are equal" },
	{ COR_ARRAY(struct holder, flags, .unique_items = true), "[true,false]", NULL },
	{ COR_ENUM_ARRAY(struct holder, sizes, size_names, .unique_items = true),
		"[\"small\",\"large\",\"small\"]", "must not repeat an item: 0 and 2 are equal" },
	{ COR_OBJECT_ARRAY(struct holder, measures, measure_schema, .unique_items = true),
		"[{\"x\":0.0,\"price\":1.50,\"name\":\"\\\"-0\"},"
		"{\"x\":-0.0,\"price\":1.5,\"name\":\"\\\"-0\"}]",
		"must not repeat an item: 0 and 1 are equal" },
	{ COR_OBJECT_ARRAY(struct holder, measures, measure_schema, .unique_items = true),
		"[{\"x\":0.0,\"price\":1.00,\"name\":\"-0\"},"
		"{\"x\":0.0,\"price\":1,\"name\":\"0\"}]",
		NULL },
	{ COR_OBJECT_ARRAY(struct holder, measures, measure_schema, .unique_items = true),
		"[{\"x\":1e20,\"price\":-0.00,\"name\":\"\"},"
		"{\"x\":1e20,\"price\":0,\"name\":\"\"}]",
		"must not repeat an item: 0 and 1 are equal" },
	{ COR_OBJECT_ARRAY(struct holder, leaves, leaf_schema, .unique_items = true),
		"[{\"n\":1},{\"n\":1,\"name\":\"a\"}]", NULL },
	{ COR_OBJECT_ARRAY(struct holder, leaves, leaf_schema, .unique_items = true),
		"[{\"n\":1,\"name\":\"a\"},{\"name\":\"a\",\"n\":1}]",
		"must not repeat an item: 0 and 1 are equal" },
	{ COR_FIELD(struct holder, text, .constant = "\"v1\""), "\"v1\"", NULL },
	{ COR_FIELD(struct holder, text, .constant = "\"v1\""), "\"v2\"", "must be \"v1\"" },
	{ COR_FIELD(struct holder, chars, .constant = "\"v1\""), "\"v2\"", "must be \"v1\"" },
	{ COR_FIELD(struct holder, i32, .constant = "2"), "2.0", NULL },
	{ COR_FIELD(struct holder, i32, .constant = "2"), "3", "must be 2" },
	{ COR_FIELD(struct holder, real, .constant = "1"), "1", NULL },
	{ COR_FIELD(struct holder, real, .constant = "-0.0"), "0", NULL },
	{ COR_FIELD(struct holder, real, .constant = "0"), "-0.0", NULL },
	{ COR_FIELD(struct holder, real, .constant = "0"), "1", "must be 0.0" },
	{ COR_FIELD(struct holder, yes, .constant = "true"), "false", "must be true" },
	{ COR_ENUM(struct holder, size, size_names, .constant = "\"large\""), "\"small\"",
		"must be \"large\"" },
	{ COR_FIELD(struct holder, time, .constant = "\"2026-01-31T09:30:00Z\""),
		"\"2026-01-31T10:30:00+01:00\"", NULL },
};

/* The same as a parameter of a query, where one value can be one. */
static void bind_too(struct trial *trial, const struct cor_schema *schema,
	const struct value_case *value, struct holder *holder)
{
	const struct cor_field *row = schema->fields;
	const char *text = value->json;

	if (row->shape != COR_SHAPE_ONE)
		return;
	if (text[0] == '"')
		text = cor_arena_copy(&trial->arena, text + 1, strlen(text) - 2);
	int rc = trial_bind(trial, schema, holder, row->member, text);
	assert_int_equal(rc, value->detail ? -COR_EINVALID : 0);
	if (value->detail)
		assert_string_equal(trial->violations.first->detail, value->detail);
}

static void values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof value_cases / sizeof value_cases[0]; i++) {
		const struct value_case *value = &value_cases[i];
		struct cor_schema schema;
		struct trial trial;
		struct holder holder;
		schema_of(&schema, &value->row);
		if (trial_begin(&trial, &schema) != 0)
			fail_msg("case %zu: %s", i, trial.why.first->detail);
		const char *json = cor_arena_printf(
			&trial.arena, "{\"%s\":%s}", value->row.member, value->json);
		int rc = trial_decode(&trial, &schema, &holder, json);
		const char *found = rc == 0 ? "" : trial.violations.first->detail;
		if (strcmp(found, value->detail ? value->detail : "") != 0)
			fail_msg("%s: %s", json, found);
		bind_too(&trial, &schema, value, &holder);
		trial_end(&trial);
	}
}

/* A table that contradicts itself, and what the start says. */
static const struct fault_case {
	struct cor_field row;
	const char *detail;
} fault_cases[] = {
	{ COR_FIELD(struct holder, text, .multiple_of = 2),
		".multiple_of is for numbers: leave it out" },
	{ COR_FIELD(struct holder, i32, .multiple_of = -2), ".multiple_of must be greater than 0" },
	{ COR_FIELD(struct holder, real, .multiple_of = __builtin_inf()),
		".multiple_of must be greater than 0" },
	{ COR_FIELD(struct holder, i32, .multiple_of = 0.5),
		".multiple_of of an integer must be one, of at most 2^53" },
	{ COR_FIELD(struct holder, i32, .multiple_of = 10, .range = COR_BETWEEN(1, 9)),
		"no value is inside .range: it has no multiple of .multiple_of" },
	{ COR_FIELD(struct holder, i64, .multiple_of = 10, .range = COR_BETWEEN(-9, -1)),
		"no value is inside .range: it has no multiple of .multiple_of" },
	{ COR_FIELD(struct holder, u64, .multiple_of = 10, .range = COR_BETWEEN(11, 19)),
		"no value is inside .range: it has no multiple of .multiple_of" },
	{ COR_FIELD(struct holder, i32, .contains = &is_even),
		".contains is for arrays of scalars: leave it out" },
	{ COR_OBJECT_ARRAY(struct holder, leaves, leaf_schema, .contains = &is_even),
		".contains is for arrays of scalars: leave it out" },
	{ COR_ARRAY(struct holder, numbers, .max_contains = 2),
		".min_contains and .max_contains need a .contains" },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_bare),
		".contains needs a .doc, which clients are told: \"an even number\"" },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_list),
		"the rule of .contains is for one item: leave what is of arrays out" },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_short),
		".min_length and .max_length are for strings: leave them out" },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_admin),
		".constant \"admin\" does not fit: must be an integer, not a string" },
	{ COR_ARRAY(struct holder, texts, .contains = &is_host, .max_contains = 2),
		".max_contains needs a .contains that JSON Schema can say: leave .format, and .range and .multiple_of of strings, out" },
	{ COR_ARRAY(struct holder, numbers, .as = COR_AS_TEXT, .contains = &is_even,
		  .max_contains = 2),
		".max_contains needs a .contains that JSON Schema can say: leave .format, and .range and .multiple_of of strings, out" },
	{ COR_ARRAY(struct holder, numbers, .contains = &is_even, .min_contains = 3,
		  .max_contains = 2),
		".min_contains 3 is above .max_contains 2" },
	{ COR_FIELD(struct holder, i32, .unique_items = true),
		".unique_items is for arrays: leave it out" },
	{ COR_ARRAY(struct holder, raws, .unique_items = true),
		".unique_items cannot compare raw JSON: give the items a type, or leave it out" },
	{ COR_ARRAY(struct holder, flags, .unique_items = true, .min_items = 3),
		".min_items 3 is above the 2 that booleans can be without repeating" },
	{ COR_ENUM_ARRAY(struct holder, sizes, size_names, .unique_items = true, .min_items = 3),
		".min_items 3 is above the 2 that the enum has names for" },
	{ COR_FIELD(struct holder, i32, .format = "email"),
		".format is for strings: leave it out" },
	{ COR_FIELD(struct holder, text, .format = ""),
		".format is empty or not UTF-8: name one, such as \"email\"" },
	{ COR_ARRAY(struct holder, numbers, .constant = "[1]"),
		".constant is for a scalar that is no array and no cor_opt" },
	{ COR_FIELD(struct holder, raw, .constant = "{}"),
		".constant is for a scalar that is no array and no cor_opt" },
	{ COR_FIELD(struct holder, text, .constant = "\"a\"", .presence = COR_NULLABLE),
		".constant has one value: leave .presence out; with a .fallback of the same it may be absent" },
	{ COR_FIELD(struct holder, text, .constant = "a"),
		".constant a is not JSON (text needs quotes: \"\\\"new\\\"\")" },
	{ COR_FIELD(struct holder, text, .constant = "1"),
		".constant 1 does not fit: must be a string, not a number" },
	{ COR_FIELD(struct holder, text, .constant = "\"abc\"", .max_length = 2),
		".constant \"abc\" does not fit: must have at most 2 characters" },
	{ COR_FIELD(struct holder, time, .constant = "\"2026-01-31T10:30:00+01:00\""),
		".constant \"2026-01-31T10:30:00+01:00\" is written as \"2026-01-31T09:30:00Z\": give it so" },
	{ COR_FIELD(struct holder, i32, .constant = "3", .multiple_of = 2),
		".constant 3 does not fit: must be a multiple of 2" },
	{ COR_FIELD(struct holder, i32, .constant = "3", .fallback = "4"),
		".fallback 4 does not fit: must be 3" },
	{ COR_FIELD(struct holder, text, .format = "uri", .example = "\"ftp://a\""),
		".example \"ftp://a\" does not fit: must be an http or https URL such as https://example.org/a" },
};

static void faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fault_cases / sizeof fault_cases[0]; i++) {
		struct cor_schema schema;
		struct trial trial;
		schema_of(&schema, &fault_cases[i].row);
		if (trial_begin(&trial, &schema) != -COR_ETABLE)
			fail_msg("taken: %s", fault_cases[i].detail);
		const char *found = trial.why.first->detail;
		if (strcmp(found, fault_cases[i].detail) != 0)
			fail_msg("%s", found);
		trial_end(&trial);
	}
}

/* A constant is written whatever the member holds; with a fallback it may be absent. */
static void constants_are_written(void **state)
{
	static const struct cor_field rows[] = {
		COR_FIELD(struct holder, text, .constant = "\"v1\"", .fallback = "\"v1\""),
		COR_FIELD(struct holder, i32, .constant = "2e1"),
	};
	static const struct cor_schema schema = {
		.fields = rows, .len = 2, .size = sizeof(struct holder), .symbol = "two_schema"
	};
	struct holder holder = { .text = "v2", .i32 = 7 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema), 0);
	assert_string_equal(trial_encode(&trial, &schema, &holder), "{\"text\":\"v1\",\"i32\":20}");
	assert_int_equal(trial_decode(&trial, &schema, &holder, "{\"i32\":20}"), 0);
	assert_string_equal(holder.text, "v1");
	assert_int_equal(holder.i32, 20);
	assert_int_equal(trial_decode(&trial, &schema, &holder, "{}"), -COR_EINVALID);
	assert_string_equal(trial.violations.first->detail, "is required");
	trial_end(&trial);
}

/* Said once, for a row and for the items of an array; the document has them. */
static void rules_are_described(void **state)
{
	static const struct cor_rule step = { .multiple_of = 0.25, .unique_items = true };
	static const struct cor_field rows[] = {
		COR_ARRAY(struct holder, reals, .rule = &step),
		COR_FIELD(struct holder, text, .format = "uri"),
		COR_FIELD(struct holder, chars, .format = "isbn", .constant = "\"x\""),
	};
	static const struct cor_schema schema = {
		.fields = rows, .len = 3, .size = sizeof(struct holder), .symbol = "three_schema"
	};
	struct cor_buffer buffer = { 0 };
	struct trial trial;
	struct holder holder;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema), 0);
	cor_describe_object(&schema, COR_USE_WHOLE, &(struct cor_schema_names){ 0 }, &buffer);
	cor_buffer_byte(&buffer, '\0');
	assert_string_equal(buffer.data,
		"{\"type\":\"object\",\"properties\":{"
		"\"reals\":{\"type\":\"array\",\"items\":{\"type\":\"number\",\"format\":\"double\","
		"\"multipleOf\":0.25},\"uniqueItems\":true},"
		"\"text\":{\"type\":\"string\",\"format\":\"uri\","
		"\"pattern\":\"^[Hh][Tt][Tt][Pp][Ss]?://\"},"
		"\"chars\":{\"type\":\"string\",\"maxLength\":7,\"format\":\"isbn\",\"const\":\"x\"}},"
		"\"required\":[\"reals\",\"text\",\"chars\"]}");
	cor_buffer_finish(&buffer);
	assert_int_equal(trial_decode(&trial, &schema, &holder,
				 "{\"reals\":[0.3],\"text\":\"http://a\",\"chars\":\"x\"}"),
		-COR_EINVALID);
	assert_string_equal(trial.violations.first->where, "/reals/0");
	assert_int_equal(trial_decode(&trial, &schema, &holder,
				 "{\"reals\":[0.5,0.5],\"text\":\"http://a\",\"chars\":\"x\"}"),
		-COR_EINVALID);
	assert_string_equal(trial.violations.first->where, "/reals");
	trial_end(&trial);
}

static const struct format_case {
	const char *format, *good[8], *bad[16];
} format_cases[] = {
	{ "date", { "2024-02-29" }, { "2023-02-29", "2024-2-9", "", "2024-02-29T00:00:00Z" } },
	{ "email",
		{ "a@b", "anna.b+tag@example.org", "o'neil@x-y.example",
			"!#$%&'*+-/=?^_`{|}~@example.org" },
		{ "", "a", "@b", "a@", "a@b@c", ".a@b", "a.@b", "a..b@c", "a b@c", "a@b c", "a@b.",
			"a@-b", "a@b\n", "\"a\"@b", "a@[1.2.3.4]", "\u00e9@b" } },
	{ "hostname", { "localhost", "a-b.example.org", "1.2.3.4", "xn--nxasmq6b.example", "A" },
		{ "", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "a b", "\u00e9", "a/b",
			"a23456789012345678901234567890123456789012345678901234567890abcd" } },
	{ "ipv4", { "0.0.0.0", "255.255.255.255", "192.0.2.1" },
		{ "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "1.2.3.", "::1",
			"1.2.3.0x4", "+1.2.3.4" } },
	{ "ipv6", { "::", "::1", "2001:DB8::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1::" },
		{ "", ":", ":::", "1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
			"12345::", "::1%eth0", "1:2:3:4:5:6:7::8:9", "::1.2.3", ":1",
			"1:", "1.2.3.4", "::g", "1:2:3:4:5:6:7:1.2.3.4" } },
	{ "uri",
		{ "http://a", "HTTPS://example.org:8080/a/b;c?d=e%20f#g", "https://u:p@h/",
			"http://[::1]:80/", "http://a:/", "http://h?q", "http://1.2.3.4#f" },
		{ "", "http:", "http://", "http:///a", "ftp://a", "javascript:alert(1)", "//a",
			"http://a b", "http://a/ b", "http://a/%2", "http://a/%gg",
			"http://a:99999", "http://[1.2.3.4]/", "http://a/#b#c", "http://a/<b>",
			"http://a\\b" } },
};

static void check_format(const char *format, const char *text, bool good)
{
	bool holds = cor_format_find(format)->holds(cor_str(text));

	if (holds != good)
		fail_msg("%s %s: %s", format, holds ? "takes" : "refuses", text);
}

static void formats(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof format_cases / sizeof format_cases[0]; i++) {
		const struct format_case *format = &format_cases[i];
		for (size_t j = 0; j < 8 && format->good[j]; j++)
			check_format(format->format, format->good[j], true);
		for (size_t j = 0; j < 16 && format->bad[j]; j++)
			check_format(format->format, format->bad[j], false);
	}
	assert_null(cor_format_find("isbn"));
}

static void decimals(void **state)
{
	(void)state;
	assert_true(cor_multiple_holds(1e300, 1e-300));
	assert_true(cor_multiple_holds(4.35, 0.01));
	assert_true(cor_multiple_holds(1.1, 0.1));
	assert_true(cor_multiple_holds(-0.0, 7));
	assert_true(cor_multiple_holds(9007199254740993.0, 4)); /* it is ...992 */
	assert_true(cor_multiple_holds(1e23, 1e22));
	assert_false(cor_multiple_holds(1e-300, 1e300));
	assert_false(cor_multiple_holds(1e300, 7));
	assert_false(cor_multiple_holds(0.35, 0.1));
	assert_false(cor_multiple_holds(5e-324, 1e-323));
}

/* Sorting decides, whatever the items are: 100,000 of them take no time worth the name. */
static void many_items(void **state)
{
	static const struct cor_field row = COR_ARRAY(struct holder, numbers, .unique_items = true);
	struct cor_buffer json = { 0 };
	struct cor_schema schema;
	struct trial trial;
	struct holder holder;

	(void)state;
	schema_of(&schema, &row);
	assert_int_equal(trial_begin(&trial, &schema), 0);
	cor_buffer_literal(&json, "{\"numbers\":[");
	for (int i = 0; i < 100000; i++)
		cor_buffer_printf(&json, "%d,", i * 1021 % 1000003);
	cor_buffer_literal(&json, "0]}");
	cor_buffer_byte(&json, '\0');
	assert_int_equal(trial_decode(&trial, &schema, &holder, json.data), -COR_EINVALID);
	assert_string_equal(
		trial.violations.first->detail, "must not repeat an item: 0 and 100000 are equal");
	cor_buffer_finish(&json);
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(faults),
		cmocka_unit_test(constants_are_written),
		cmocka_unit_test(rules_are_described),
		cmocka_unit_test(formats),
		cmocka_unit_test(decimals),
		cmocka_unit_test(many_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
