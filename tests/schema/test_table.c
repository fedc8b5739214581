/* SPDX-License-Identifier: MIT */
/*
 * Every contradiction in a table is found at start, and the text names schema and row and says what
 * to do.
 */
#include "trial.h"

enum flower { ROSE, TULIP };
static const struct cor_enum_name same_names[] = { { "rose", ROSE }, { "rose", TULIP } };
static const struct cor_enum_name same_values[] = { { "rose", ROSE }, { "tulip", ROSE } };
static const struct cor_enum_name empty_name[] = { { "", ROSE } };

struct leaf {
	int64_t n;
};
static const struct cor_field path_leaf_fields[] = { COR_FIELD(
	struct leaf, n, .from = COR_FROM_PATH) };
COR_DECLARE_SCHEMA(path_leaf_schema, struct leaf);
COR_SCHEMA(path_leaf_schema, path_leaf_fields);
static const struct cor_field header_leaf_fields[] = { COR_FIELD(
	struct leaf, n, .to = COR_TO_HEADER) };
COR_DECLARE_SCHEMA(header_leaf_schema, struct leaf);
COR_SCHEMA(header_leaf_schema, header_leaf_fields);
static const struct cor_field bad_leaf_fields[] = { COR_FIELD(struct leaf, n, .min_length = 1) };
COR_DECLARE_SCHEMA(bad_leaf_schema, struct leaf);
COR_SCHEMA(bad_leaf_schema, bad_leaf_fields);

struct thing {
	int32_t i32;
	uint32_t u32;
	double real;
	const char *text;
	struct cor_str str;
	char chars[4];
	struct cor_json raw;
	struct cor_time clock;
	enum flower flower;
	struct leaf leaf;
	struct cor_str plain;
	struct thing *next;
	cor_array(int32_t) list;
	cor_opt(int32_t) opt;
};
struct larger {
	int32_t i32;
	char more[1000];
};
static const struct cor_field tree_fields[];
COR_DECLARE_SCHEMA(tree_schema, struct thing);
static const struct cor_field tree_fields[] = {
	COR_OBJECT(struct thing, next, tree_schema, .fallback = "{}"),
};
COR_SCHEMA(tree_schema, tree_fields);

#define TWO_ROWS(a, b) { a, b }, 2
#define ROW(...)       { __VA_ARGS__ }, 1

static const struct table_case {
	struct cor_field fields[2];
	size_t len;
	const char *report; /* is in the detail, after the name of the schema */
} cases[] = {
	{ ROW(COR_FIELD(struct thing, i32, .presence = 4)), "row i32: .presence is 4" },
	{ ROW(COR_FIELD(struct thing, i32, .access = 9)), "row i32: .access is 9" },
	{ ROW(COR_FIELD(struct thing, i32, .from = 9)), "row i32: .from is 9" },
	{ ROW(COR_FIELD(struct thing, i32, .to = 9)), "row i32: .to is 9" },
	{ ROW(COR_FIELD(struct larger, i32)), "row i32: the row is of another struct" },
	{ ROW(COR_FIELD(struct thing, i32, .key = "")), "row i32: .key is empty" },
	{ ROW(COR_FIELD(struct thing, i32, .key = "\xff")), "row i32: .key is not UTF-8" },
	{ ROW(COR_FIELD(struct thing, i32, .presence = COR_NULLABLE)),
		"row i32: COR_NULLABLE needs a member" },
	{ ROW(COR_FIELD(struct thing, str, .presence = COR_NULLABLE)),
		"row str: COR_NULLABLE needs a member" },
	{ ROW(COR_FIELD(struct thing, raw, .presence = COR_NULLABLE)),
		"row raw: raw JSON takes null" },
	{ ROW(COR_FIELD(struct thing, text, .range = COR_MIN(1))),
		"row text: .range is for numbers" },
	{ ROW(COR_FIELD(struct thing, i32, .range = COR_BETWEEN(5, 4))),
		"row i32: no value is inside" },
	{ ROW(COR_FIELD(struct thing, i32, .range = COR_BETWEEN(4.2, 4.8))),
		"row i32: no value is inside" },
	{ ROW(COR_FIELD(struct thing, i32, .range = COR_ABOVE(INT32_MAX))),
		"row i32: no value is inside" },
	{ ROW(COR_FIELD(struct thing, i32, .range = COR_MAX(5000000000))),
		"row i32: .range reaches beyond" },
	{ ROW(COR_FIELD(struct thing, u32, .range = COR_MIN(-1))),
		"row u32: .range reaches beyond" },
	{ ROW(COR_FIELD(struct thing, real, .range = COR_BETWEEN(1, 0.5))),
		"row real: no value is inside" },
	{ ROW(COR_FIELD(struct thing, real, .range = COR_MIN(__builtin_nan("")))),
		"row real: a bound of .range" },
	{ ROW(COR_FIELD(struct thing, i32, .max_length = 1)),
		"row i32: .min_length and .max_length are for strings" },
	{ ROW(COR_ARRAY(struct thing, list, .max_length = 1)), "did you mean .min_items" },
	{ ROW(COR_FIELD(struct thing, text, .min_length = 2, .max_length = 1)),
		"row text: .min_length 2 is above" },
	{ ROW(COR_FIELD(struct thing, chars, .max_length = 4)),
		"row chars: char[4] holds at most 3" },
	{ ROW(COR_FIELD(struct thing, text, .max_items = 1)),
		"row text: .min_items and .max_items are for arrays" },
	{ ROW(COR_ARRAY(struct thing, list, .min_items = 2, .max_items = 1)),
		"row list: .min_items 2 is above" },
	{ ROW(COR_FIELD(struct thing, i32, .pattern = "a")), "row i32: .pattern is for strings" },
	{ ROW(COR_FIELD(struct thing, text, .pattern = "(")),
		"row text: .pattern \"(\" is not a regular expression of ECMA-262" },
	{ ROW(COR_ENUM(struct thing, flower, same_names)),
		"row flower: the name \"rose\" occurs twice" },
	{ ROW(COR_ENUM(struct thing, flower, same_values)),
		"\"rose\" and \"tulip\" are names of one value" },
	{ ROW(COR_ENUM(struct thing, flower, empty_name)),
		"row flower: name 0 of the enum is empty" },
	{ ROW({ "flower", { COR_KIND_ENUM, 4 }, .owner_size = sizeof(struct thing) }),
		"row flower: the enum has no names" },
	{ ROW({ "leaf", { COR_KIND_OBJECT, 8 }, .owner_size = sizeof(struct thing) }),
		"row leaf: has no schema" },
	{ ROW(COR_OBJECT(struct thing, plain, cor_text_schema)),
		"cor_text_schema cannot be nested in" },
	{ ROW(COR_OBJECT(struct thing, leaf, path_leaf_schema)),
		"row n: is nested in another schema" },
	{ ROW(COR_OBJECT(struct thing, leaf, header_leaf_schema)),
		"row n: is nested in another schema" },
	{ ROW(COR_OBJECT(struct thing, leaf, bad_leaf_schema)),
		"bad_leaf_schema, row n: .min_length" },
	{ ROW(COR_OBJECT(struct thing, leaf, bad_leaf_schema, .from = COR_FROM_QUERY)),
		"row leaf: only scalars" },
	{ ROW(COR_FIELD(struct thing, text, .from = COR_FROM_QUERY, .presence = COR_NULLABLE)),
		"cannot be null" },
	{ ROW(COR_ARRAY(struct thing, list, .from = COR_FROM_PATH)),
		"row list: a path parameter must be a scalar" },
	{ ROW(COR_FIELD(struct thing, raw, .from = COR_FROM_PATH)), "row raw: only scalars" },
	{ ROW(COR_FIELD(struct thing, i32, .from = COR_FROM_PATH, .presence = COR_OPTIONAL)),
		"is always there" },
	{ ROW(COR_FIELD(struct thing, i32, .from = COR_FROM_PATH, .fallback = "1")),
		"is always there" },
	{ ROW(COR_FIELD(struct thing, i32, .from = COR_FROM_HEADER, .key = "a b")),
		"cannot be a header's name" },
	{ ROW(COR_ARRAY(struct thing, list, .to = COR_TO_HEADER)),
		"row list: only a scalar goes to a header" },
	{ ROW(COR_FIELD(struct thing, i32, .from = COR_FROM_PATH, .access = COR_READ_ONLY)),
		"leave .from out" },
	{ ROW(COR_FIELD(struct thing, i32, .to = COR_TO_HEADER, .access = COR_WRITE_ONLY)),
		"leave .to out" },
	{ ROW(COR_OPT_FIELD(struct thing, opt, .fallback = "1")),
		"row opt: a cor_opt records absence itself" },
	{ ROW(COR_FIELD(struct thing, i32, .fallback = "\"x\"")),
		"row i32: .fallback \"x\" does not fit: must be an integer" },
	{ ROW(COR_FIELD(struct thing, text, .fallback = "new")),
		"row text: .fallback new is not JSON" },
	{ ROW(COR_FIELD(struct thing, i32, .fallback = "1 2")),
		"row i32: .fallback 1 2 is not JSON" },
	{ ROW(COR_FIELD(struct thing, i32, .example = "1.5")),
		"row i32: .example 1.5 does not fit" },
	{ ROW(COR_ARRAY(struct thing, list, .example = "[1,\"a\"]")),
		"does not fit: /1 must be an integer" },
	{ ROW({ 0 }), "was not written by a row macro" },
	{ ROW(COR_FIELD(struct thing, i32, .range = COR_MIN(1), .presence = COR_OPTIONAL)),
		"row i32: is 0 when it is absent, and .range excludes 0: use a cor_opt (COR_OPT_FIELD), or give it a .fallback" },
	{ ROW(COR_FIELD(struct thing, u32, .range = COR_ABOVE(0), .presence = COR_OPTIONAL)),
		"row u32: is 0 when it is absent" },
	{ ROW(COR_FIELD(struct thing, real, .range = COR_BELOW(-0.5), .presence = COR_OPTIONAL)),
		"row real: is 0 when it is absent" },
	{ ROW(COR_FIELD(
		  struct thing, clock, .range = COR_ABOVE("00:00"), .presence = COR_OPTIONAL)),
		"row clock: is 0 when it is absent" },
	{ TWO_ROWS(COR_FIELD(struct thing, i32), COR_FIELD(struct thing, u32, .key = "i32")),
		"row u32: the key \"i32\" is row i32's already" },
	{ TWO_ROWS(COR_FIELD(struct thing, i32, .from = COR_FROM_HEADER, .key = "A"),
		  COR_FIELD(struct thing, u32, .from = COR_FROM_HEADER, .key = "a")),
		"row u32: the key \"a\" is row i32's already" },
	{ TWO_ROWS(COR_FIELD(struct thing, i32),
		  COR_FIELD(struct thing, u32, .to = COR_TO_COOKIE, .key = "i32")),
		"row u32: the key \"i32\" is row i32's already: give the other one a .key, or the cookie no row: cor_cookie_get() and cor_cookie_set() need none" },
	{ TWO_ROWS(COR_FIELD(struct thing, i32, .from = COR_FROM_HEADER, .key = "u32"),
		  COR_FIELD(struct thing, u32)),
		"row u32: the key \"u32\" is row i32's already: give the other one a .key, or the header no row: cor_request_header() and cor_reply_header() need none" },
	{ TWO_ROWS(COR_FIELD(struct thing, i32), COR_FIELD(struct thing, i32, .key = "b")),
		"row i32: the member is row \"i32\"'s already: name another, or make one of them COR_READ_ONLY and the other COR_WRITE_ONLY" },
	{ TWO_ROWS(COR_FIELD(struct thing, i32), COR_FIELD(struct thing, i32)),
		"row i32: the member is row \"i32\"'s already" },
	{ TWO_ROWS(COR_FIELD(struct thing, i32, .access = COR_READ_ONLY),
		  COR_FIELD(struct thing, i32, .key = "b", .access = COR_READ_ONLY)),
		"row i32: the member is row \"i32\"'s already" },
	{ TWO_ROWS(COR_FIELD(struct thing, i32, .from = COR_FROM_PATH, .key = "a"),
		  COR_FIELD(struct thing, i32, .from = COR_FROM_QUERY)),
		"row i32: the member is row \"a\"'s already" },
	{ TWO_ROWS(COR_OPT_FIELD(struct thing, opt), COR_OPT_FIELD(struct thing, opt, .key = "b")),
		"row opt: the member is row \"opt\"'s already" },
};

/* Two rows of one member which are not a mistake. */
static const struct cor_field shared[][2] = {
	{ COR_FIELD(struct thing, i32, .access = COR_WRITE_ONLY, .from = COR_FROM_PATH, .key = "a"),
		COR_FIELD(struct thing, i32, .access = COR_READ_ONLY) },
	{ COR_FIELD(struct thing, i32),
		COR_FIELD(struct thing, i32, .to = COR_TO_HEADER, .key = "X-Total") },
};

static void a_member_of_two_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
		const struct cor_schema schema = {
			.fields = shared[i],
			.len = 2,
			.size = sizeof(struct thing),
			.symbol = "thing_schema",
		};
		struct trial trial;
		assert_int_equal(trial_begin(&trial, &schema), 0);
		trial_end(&trial);
	}
}

static void every_contradiction(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct cor_schema schema = {
			.fields = cases[i].fields,
			.len = cases[i].len,
			.size = sizeof(struct thing),
			.symbol = "thing_schema",
		};
		struct trial trial;
		int rc = trial_begin(&trial, &schema);
		const char *report = trial_report(&trial, &trial.why);
		if (rc != -COR_ETABLE || !strstr(report, cases[i].report) ||
			!strstr(report, "_schema"))
			fail_msg("case %zu: wanted \"%s\", got %d: %s", i, cases[i].report, rc,
				report);
		trial_end(&trial);
	}
}

/*
 * To the compiler, a table is an array of rows, and the sizes are the same: only the names of the
 * types differ.
 */
struct text_first {
	const char *text;
	int64_t number;
};
struct number_first {
	int64_t number;
	const char *text;
};
typedef struct text_first text_first;
static const struct cor_field number_first_fields[] = {
	COR_FIELD(struct number_first, text),
	COR_FIELD(struct number_first, number),
};
static const struct cor_field by_typedef_fields[] = {
	COR_FIELD(text_first, text),
	COR_OPT_FIELD(struct thing, opt),
};
COR_LOCAL_SCHEMA(local_schema, struct text_first, number_first_fields);
COR_DECLARE_SCHEMA(declared_schema, struct text_first);
COR_SCHEMA(declared_schema, number_first_fields);
COR_LOCAL_SCHEMA(by_typedef_schema, struct text_first, by_typedef_fields);
#define EXPANDED struct number_first
static const struct cor_field expanded_fields[] = { COR_FIELD(EXPANDED, text) };
COR_LOCAL_SCHEMA(expanded_schema, struct number_first, expanded_fields);
COR_LOCAL_SCHEMA(expanded_too_schema, EXPANDED, number_first_fields);

static void rows_of_another_struct(void **state)
{
	static const struct {
		const struct cor_schema *schema;
		const char *report;
	} wrong[] = {
		{ &local_schema.schema,
			"local_schema, row text: the row is of struct number_first, the schema of struct text_first: name" },
		{ &declared_schema.schema,
			"declared_schema, row number: the row is of struct number_first, the schema of struct text_first: name" },
		{ &by_typedef_schema.schema,
			"by_typedef_schema, row text: the row is of text_first, the schema of struct text_first: name" },
		{ &by_typedef_schema.schema,
			"by_typedef_schema, row opt: the row is of struct thing, the" },
	};
	const struct cor_schema *right[] = { &expanded_schema.schema, &expanded_too_schema.schema };
	struct trial trial;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(trial_begin(&trial, wrong[i].schema), -COR_ETABLE);
		assert_non_null(strstr(trial_report(&trial, &trial.why), wrong[i].report));
		trial_end(&trial);
	}
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(trial_begin(&trial, right[i]), 0);
		trial_end(&trial);
	}
}

/* Fallbacks and examples are for requests, unless only answers have the row. */
struct item {
	int64_t id;
	const char *name;
};
struct shelf {
	struct item item;
	struct item shown;
};
static const struct cor_field item_fields[] = {
	COR_FIELD(struct item, id, .access = COR_READ_ONLY),
	COR_FIELD(struct item, name),
};
COR_LOCAL_SCHEMA(item_schema, struct item, item_fields);

static void texts_of_rows_with_directions(void **state)
{
	static const struct {
		struct cor_field field;
		const char *report;
	} texts[] = {
		{ COR_OBJECT(struct shelf, item, item_schema, .fallback = "{\"name\":\"n\"}"),
			NULL },
		{ COR_OBJECT(struct shelf, item, item_schema, .example = "{\"name\":\"n\"}"),
			NULL },
		{ COR_OBJECT(
			  struct shelf, item, item_schema, .example = "{\"id\":1,\"name\":\"n\"}"),
			"/id is read-only" },
		{ COR_OBJECT(struct shelf, shown, item_schema, .access = COR_READ_ONLY,
			  .example = "{\"id\":1,\"name\":\"n\"}"),
			NULL },
		{ COR_OBJECT(struct shelf, shown, item_schema, .access = COR_READ_ONLY,
			  .example = "{\"name\":\"n\"}"),
			"/id is required" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const struct cor_schema schema = { &texts[i].field, 1, sizeof(struct shelf),
			"shelf_schema" };
		struct shelf shelf;
		struct trial trial;
		int rc = trial_begin(&trial, &schema);
		const char *report = trial_report(&trial, &trial.why);
		if (texts[i].report ? !strstr(report, texts[i].report) : rc != 0)
			fail_msg("case %zu: %d: %s", i, rc, report);
		if (texts[i].field.fallback) {
			assert_int_equal(trial_decode(&trial, &schema, &shelf, "{}"), 0);
			assert_string_equal(shelf.item.name, "n");
		}
		trial_end(&trial);
	}
}

static void fallback_without_end(void **state)
{
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &tree_schema.schema), -COR_ETABLE);
	assert_non_null(strstr(trial_report(&trial, &trial.why), "fills in fallbacks without end"));
	trial_end(&trial);
}

/* No finite JSON can represent it; a struct that only contains one is not to blame. */
struct link {
	struct link *next;
	cor_array(struct link) more;
};
struct chain {
	struct link first;
	struct link *last;
};
static const struct cor_field link_fields[];
COR_DECLARE_SCHEMA(link_schema, struct link);
static const struct cor_field link_fields[] = { COR_OBJECT(struct link, next, link_schema) };
COR_SCHEMA(link_schema, link_fields);
static const struct cor_field chain_fields[] = {
	COR_OBJECT(struct chain, first, link_schema),
	COR_OBJECT(struct chain, last, link_schema),
};
COR_LOCAL_SCHEMA(chain_schema, struct chain, chain_fields);

static const struct cor_field written_link_fields[];
COR_DECLARE_SCHEMA(written_link_schema, struct link);
static const struct cor_field written_link_fields[] = {
	COR_OBJECT(struct link, next, written_link_schema, .access = COR_READ_ONLY),
};
COR_SCHEMA(written_link_schema, written_link_fields);

static const struct cor_field full_link_fields[];
COR_DECLARE_SCHEMA(full_link_schema, struct link);
static const struct cor_field full_link_fields[] = {
	COR_OBJECT_ARRAY(struct link, more, full_link_schema, .min_items = 1),
};
COR_SCHEMA(full_link_schema, full_link_fields);

static const struct cor_field good_link_fields[];
COR_DECLARE_SCHEMA(good_link_schema, struct link);
static const struct cor_field good_link_fields[] = {
	COR_OBJECT(struct link, next, good_link_schema, .presence = COR_NULLABLE),
	COR_OBJECT_ARRAY(struct link, more, good_link_schema),
};
COR_SCHEMA(good_link_schema, good_link_fields);

static void a_struct_without_end(void **state)
{
	static const struct {
		const struct cor_schema *schema;
		const char *report;
	} circles[] = {
		{ &chain_schema.schema,
			"link_schema, row next: needs a struct that needs another link_schema, without end" },
		{ &written_link_schema.schema, "written_link_schema, row next: needs a struct" },
		{ &full_link_schema.schema, "full_link_schema, row more: needs a struct" },
	};
	struct trial trial;

	(void)state;
	for (size_t i = 0; i < sizeof circles / sizeof circles[0]; i++) {
		assert_int_equal(trial_begin(&trial, circles[i].schema), -COR_ETABLE);
		assert_int_equal(trial.why.count, 1);
		assert_non_null(strstr(trial_report(&trial, &trial.why), circles[i].report));
		trial_end(&trial);
	}
	assert_int_equal(trial_begin(&trial, &good_link_schema.schema), 0);
	trial_end(&trial);
}

static void too_many_rows(void **state)
{
	static struct cor_field rows[COR_FIELDS_MAX + 1];
	static char names[COR_FIELDS_MAX + 1][8];
	struct wide {
		int32_t first, more[COR_FIELDS_MAX];
	} wide;
	struct cor_schema schema = {
		.fields = rows,
		.len = COR_FIELDS_MAX,
		.size = sizeof(struct wide),
		.symbol = "wide_schema",
	};
	const struct cor_field row = COR_FIELD(struct wide, first, .presence = COR_OPTIONAL);
	struct trial trial;

	(void)state;
	for (size_t i = 0; i <= COR_FIELDS_MAX; i++) {
		rows[i] = row;
		snprintf(names[i], sizeof names[i], "k%zu", i);
		rows[i].key = names[i];
		rows[i].offset = (uint32_t)(i * sizeof wide.first);
	}
	assert_int_equal(trial_begin(&trial, &schema), 0);
	assert_int_equal(
		trial_decode(&trial, &schema, &wide, "{\"k255\":7,\"k64\":7,\"k0\":7}"), 0);
	assert_int_equal(
		trial_decode(&trial, &schema, &wide, "{\"k255\":7,\"k255\":7}"), -COR_EINVALID);
	trial_end(&trial);
	schema.len++;
	assert_int_equal(trial_begin(&trial, &schema), -COR_ETABLE);
	assert_non_null(strstr(trial.why.first->detail, "has 257 rows, at most 256"));
	trial_end(&trial);
}

/* No fault hides another, and none is reported twice: in the table, in what it embeds or nests. */
struct inner {
	struct cor_str code;
};
struct outer {
	struct inner inner;
	struct leaf leaf;
	struct cor_str title;
	int64_t count, total;
};
static const struct cor_field inner_fields[] = { COR_FIELD(struct inner, code, .pattern = "(") };
COR_LOCAL_SCHEMA(inner_schema, struct inner, inner_fields);
static const struct cor_field outer_fields[] = {
	COR_EMBED(struct outer, inner, inner_schema),
	COR_OBJECT(struct outer, leaf, bad_leaf_schema, .fallback = "7"),
	COR_FIELD(struct outer, title, .pattern = "[", .fallback = "\"x\""),
	COR_FIELD(struct outer, count, .fallback = "true"),
	COR_FIELD(struct outer, total, .min_length = 1, .fallback = "new"),
};
COR_LOCAL_SCHEMA(outer_schema, struct outer, outer_fields);

static void no_fault_hides_another(void **state)
{
	static const char *const report[] = {
		"inner_schema, row code: .pattern \"(\" is not a regular expression",
		"bad_leaf_schema, row n: .min_length and .max_length are for strings",
		"outer_schema, row title: .pattern \"[\" is not a regular expression",
		"outer_schema, row count: .fallback true does not fit",
		"outer_schema, row total: .min_length and .max_length are for strings",
		"outer_schema, row total: .fallback new is not JSON",
	};
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &outer_schema.schema), -COR_ETABLE);
	const char *text = trial_report(&trial, &trial.why);
	for (size_t i = 0; i < sizeof report / sizeof report[0]; i++)
		if (!strstr(text, report[i]))
			fail_msg("%s is not in: %s", report[i], text);
	assert_int_equal(trial.why.count, sizeof report / sizeof report[0]);
	trial_end(&trial);
}

static void several_faults_at_once(void **state)
{
	static const struct cor_field rows[] = {
		COR_FIELD(struct thing, i32, .pattern = "a", .max_items = 3),
		COR_OBJECT(struct thing, leaf, path_leaf_schema),
	};
	const struct cor_schema schema = { rows, 2, sizeof(struct thing), "thing_schema" };
	struct trial trial;
	struct cor_codec *codec = NULL;
	const struct cor_schema *list[] = { &schema };

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema), -COR_ETABLE);
	assert_int_equal(trial.why.count, 3); /* the one of the nested table among them */
	trial_end(&trial);
	assert_int_equal(cor_codec_create(list, 1, &codec, NULL, NULL), -COR_ETABLE);
	assert_null(codec);
}

static void another_codecs_schema(void **state)
{
	static const struct cor_field rows[] = { COR_FIELD(struct leaf, n) };
	const struct cor_schema schema = { rows, 1, sizeof(struct leaf), "leaf_schema" };
	struct trial trial;
	struct leaf leaf = { 0 };

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema), 0);
	assert_int_equal(
		trial_decode(&trial, &tree_schema.schema, &(struct thing){ 0 }, "{}"), -COR_ETABLE);
	assert_int_equal(
		trial_bind(&trial, &path_leaf_schema.schema, &leaf, "n", "1"), -COR_ETABLE);
	assert_null(trial_encode(&trial, &path_leaf_schema.schema, &leaf));
	cor_codec_destroy(NULL);
	trial_end(&trial);
}

/* Names that no tool resolves as the key of a component (OpenAPI 3.1, Components Object). */
static void names_that_no_component_can_have(void **state)
{
	static const char long_name[] =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	static const char *const names[] = { "", "a b", "a/b", "a~b",
		"Stra\xc3\x9f"
		"e",
		"%41", long_name };
	static const struct cor_field rows[] = { COR_FIELD(struct leaf, n) };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct cor_schema schema = {
			.fields = rows,
			.len = 1,
			.size = sizeof(struct leaf),
			.symbol = "leaf_schema",
			.name = names[i],
		};
		struct trial trial;
		assert_int_equal(trial_begin(&trial, &schema), -COR_ETABLE);
		assert_string_equal(trial.why.first->where, "leaf_schema");
		assert_non_null(strstr(
			trial.why.first->detail, "cannot be a name in the OpenAPI document"));
		trial_end(&trial);
	}
}

static int check_text_first(struct cor_ctx *ctx, const struct text_first *value)
{
	return ctx && value ? 0 : -1;
}
COR_CHECK(text_first_check, check_text_first, struct text_first);
static int load_text_first(struct cor_ctx *ctx, struct text_first *value)
{
	return ctx && value ? 0 : -1;
}
COR_HOOK(text_first_load, load_text_first, struct text_first);

static void hooks_of_another_struct(void **state)
{
	const struct cor_schema schema = {
		.fields = expanded_fields,
		.len = 1,
		.size = sizeof(struct number_first),
		.symbol = "hooked_schema",
		.c_type = "struct number_first",
		.check = &text_first_check,
		.after_load = &text_first_load,
	};
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema), -COR_ETABLE);
	const char *report = trial_report(&trial, &trial.why);
	assert_non_null(strstr(report,
		"hooked_schema: .check is of struct text_first, the schema of struct number_first: name"));
	assert_non_null(strstr(report, "hooked_schema: .after_load is of struct text_first"));
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_contradiction),
		cmocka_unit_test(a_member_of_two_rows),
		cmocka_unit_test(rows_of_another_struct),
		cmocka_unit_test(hooks_of_another_struct),
		cmocka_unit_test(texts_of_rows_with_directions),
		cmocka_unit_test(fallback_without_end),
		cmocka_unit_test(a_struct_without_end),
		cmocka_unit_test(too_many_rows),
		cmocka_unit_test(no_fault_hides_another),
		cmocka_unit_test(several_faults_at_once),
		cmocka_unit_test(names_that_no_component_can_have),
		cmocka_unit_test(another_codecs_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
