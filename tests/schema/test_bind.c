/* SPDX-License-Identifier: MIT */
/* Names and texts from path, query, headers and forms. */
#include "trial.h"

enum order_by { BY_NAME, BY_DATE };
static const struct cor_enum_name order_by_names[] = { { "name", BY_NAME }, { "date", BY_DATE } };

struct leaf {
	int64_t n;
};
static const struct cor_field leaf_fields[] = { COR_FIELD(struct leaf, n) };
COR_DECLARE_SCHEMA(leaf_schema, struct leaf);
COR_SCHEMA(leaf_schema, leaf_fields);

struct search {
	int64_t shop;
	const char *text;
	int32_t limit;
	bool full;
	enum order_by order;
	cor_array(int32_t) ids;
	cor_array(const char *) accept;
	cor_opt(double) price;
	const char *token;
	struct leaf leaf;
	int64_t made;
};
static const struct cor_field search_fields[] = {
	COR_FIELD(struct search, shop, .from = COR_FROM_PATH, .range = COR_MIN(1)),
	COR_FIELD(struct search, text, .key = "q", .max_length = 10),
	COR_FIELD(struct search, limit, .fallback = "20", .range = COR_BETWEEN(1, 100)),
	COR_FIELD(struct search, full, .presence = COR_OPTIONAL),
	COR_ENUM(struct search, order, order_by_names, .presence = COR_OPTIONAL),
	COR_ARRAY(struct search, ids, .presence = COR_OPTIONAL, .max_items = 3),
	COR_ARRAY(struct search, accept, .from = COR_FROM_HEADER, .key = "X-Accept",
		.presence = COR_OPTIONAL),
	COR_OPT_FIELD(struct search, price),
	COR_FIELD(struct search, token, .from = COR_FROM_HEADER, .key = "X-Token"),
	COR_OBJECT(
		struct search, leaf, leaf_schema, .presence = COR_OPTIONAL, .from = COR_FROM_BODY),
	COR_FIELD(struct search, made, .access = COR_READ_ONLY),
};
COR_DECLARE_SCHEMA(search_schema, struct search);
COR_SCHEMA(search_schema, search_fields);

#define PAIRS_MAX 6

static const struct bind_case {
	enum cor_from source;
	const char *pairs[2 * PAIRS_MAX];
	const char *report;
} cases[] = {
	{ COR_FROM_PATH, { "shop", "7" }, "" },
	{ COR_FROM_PATH, { "shop", "0" }, "path shop: must be at least 1\n" },
	{ COR_FROM_PATH, { "shop", "x" }, "path shop: must be an integer\n" },
	{ COR_FROM_PATH, { NULL }, "path shop: is required\n" },
	{ COR_FROM_QUERY, { "q", "tea" }, "" },
	{ COR_FROM_QUERY,
		{ "q", "", "limit", "1", "full", "true", "order", "date", "ids", "1", "ids", "2" },
		"" },
	{ COR_FROM_QUERY,
		{ "q", "tea", "limit", "101", "full", "yes", "order", "size", "ids", "x", "price",
			"1e999" },
		"query limit: must be at most 100\nquery full: must be true or false\n"
		"query order: must be one of: name, date\nquery ids: must be an integer\n"
		"query price: must be at most 1.7976931348623157e308\n" },
	{ COR_FROM_QUERY,
		{ "q", "a", "q", "b", "made", "1", "leaf", "{}", "limt", "3", "shop", "1" },
		"query q: is given more than once\nquery made: is read-only: leave it out\n"
		"query leaf: belongs in the body\nquery limt: is not a known parameter; did you mean limit?\n"
		"query shop: belongs in the path\n" },
	/* no hint may lead to a row that is refused, too */
	{ COR_FROM_QUERY, { "q", "a", "maed", "1" }, "query maed: is not a known parameter\n" },
	{ COR_FROM_QUERY, { "q", "a", "{\"pw\":\"x\"}", "1" },
		"query ***: is not a known parameter\n" },
	{ COR_FROM_QUERY, { "ids", "1", "ids", "2", "ids", "3", "ids", "4" },
		"query ids: must have at most 3 items\nquery q: is required\n" },
	{ COR_FROM_QUERY, { "q", "\xff", "limit", "", "price", " 1" },
		"query q: must be UTF-8\nquery limit: must be an integer\nquery price: must be a number\n" },
	{ COR_FROM_QUERY, { "q", "a", "limit", "+1" }, "query limit: must be an integer\n" },
	{ COR_FROM_QUERY, { "q", "a", "limit", "01" }, "query limit: must be an integer\n" },
	{ COR_FROM_QUERY, { "q", "a", "limit", "1 " }, "query limit: must be an integer\n" },
	{ COR_FROM_QUERY, { "q", "a", "limit", "1.0", "full", "0" }, "" },
	{ COR_FROM_QUERY, { "q", "elevenchars", "limit", "1.5" },
		"query q: must have at most 10 characters\nquery limit: must be an integer, without a fraction\n" },
	{ COR_FROM_HEADER, { "x-token", "t", "Host", "h", "X-ACCEPT", "a, b ,,c", "x-accept", "d" },
		"" },
	{ COR_FROM_HEADER, { "Host", "h" }, "header X-Token: is required\n" },
	{ COR_FROM_HEADER, { "x-token", "t", "X-TOKEN", "u" },
		"" }, /* text is a list, as RFC 9110 section 5.3 has it */
	{ COR_FROM_BODY, { "leaf", "{}" }, "form leaf: cannot be given as text\n" },
	/* a query is not a form */
	{ COR_FROM_QUERY, { "q", "a", "full", "on" }, "query full: must be true or false\n" },
	{ COR_FROM_BODY, { "zzz", "1" }, "form zzz: is not a known parameter\n" },
};

static int bind_from(struct trial *trial, const struct bind_case *c, enum cor_from default_from,
	struct search *search)
{
	struct cor_bind_pair pairs[PAIRS_MAX];
	size_t len = 0;

	for (; len < PAIRS_MAX && c->pairs[2 * len]; len++)
		pairs[len] = (struct cor_bind_pair){ cor_str(c->pairs[2 * len]),
			cor_str(c->pairs[2 * len + 1]) };
	memset(search, 0, sizeof *search);
	trial->violations = (struct cor_violations){ 0 };
	return cor_bind(trial->codec, &trial->arena, &search_schema.schema, c->source, default_from,
		pairs, len, search, &trial->violations);
}

static int bind_case(struct trial *trial, const struct bind_case *c, struct search *search)
{
	return bind_from(trial, c, COR_FROM_QUERY, search);
}

static int bind_form(struct trial *trial, const struct bind_case *c, struct search *search)
{
	return bind_from(trial, c, COR_FROM_BODY, search);
}

static void every_source(void **state)
{
	struct trial trial;
	struct search search;

	(void)state;
	assert_int_equal(trial_begin(&trial, &search_schema.schema), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int rc = bind_case(&trial, &cases[i], &search);
		const char *report = trial_report(&trial, &trial.violations);
		if (strcmp(report, cases[i].report) != 0 || rc != (*report ? -COR_EINVALID : 0))
			fail_msg("case %zu: %d\n%s", i, rc, report);
	}
	trial_end(&trial);
}

/* What a browser sends for blank controls and for a ticked box. */
static void forms(void **state)
{
	static const char *const sent[] = { "limit", "", "full", "on", "order", "", "price", "",
		"q", "" };
	struct cor_bind_pair pairs[5];
	struct trial trial;
	struct search search = { 0 };

	(void)state;
	for (size_t i = 0; i < 5; i++)
		pairs[i] = (struct cor_bind_pair){ cor_str(sent[2 * i]), cor_str(sent[2 * i + 1]) };
	assert_int_equal(trial_begin(&trial, &search_schema.schema), 0);
	assert_int_equal(cor_bind(trial.codec, &trial.arena, &search_schema.schema, COR_FROM_BODY,
				 COR_FROM_BODY, pairs, 5, &search, &trial.violations),
		0);
	assert_true(search.full);
	assert_int_equal(search.limit, 20);
	assert_int_equal(search.price.state, COR_ABSENT);
	assert_string_equal(search.text, "");
	trial_end(&trial);
}

/* A browser sends every field of a list; those left empty are not items, wherever they are. */
static void blank_controls_are_not_items(void **state)
{
	static const struct bind_case lists[] = {
		{ COR_FROM_BODY, { "ids", "", "ids", "3", "ids", "5", "q", "a" }, "" },
		{ COR_FROM_BODY, { "ids", "3", "ids", "", "ids", "5", "q", "a" }, "" },
		{ COR_FROM_BODY, { "ids", "3", "ids", "5", "q", "a", "ids", "", "ids", "" }, "" },
	};
	static const struct bind_case none = { COR_FROM_BODY, { "ids", "", "ids", "", "q", "a" },
		"" };
	static const struct bind_case query = { COR_FROM_QUERY, { "ids", "3", "ids", "" },
		"query ids: must be an integer\nquery q: is required\n" };
	struct trial trial;
	struct search search;

	(void)state;
	assert_int_equal(trial_begin(&trial, &search_schema.schema), 0);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		assert_int_equal(bind_form(&trial, &lists[i], &search), 0);
		assert_int_equal(search.ids.len, 2);
		assert_int_equal(search.ids.items[0], 3);
		assert_int_equal(search.ids.items[1], 5);
	}
	assert_int_equal(bind_form(&trial, &none, &search), 0);
	assert_int_equal(search.ids.len, 0);
	assert_int_equal(bind_case(&trial, &query, &search), -COR_EINVALID);
	assert_string_equal(trial_report(&trial, &trial.violations), query.report);
	trial_end(&trial);
}

/* A list that must be given may have empty fields, too, but not only those. */
struct picked {
	cor_array(int32_t) ids;
	cor_array(const char *) notes;
};
static const struct cor_field picked_fields[] = {
	COR_ARRAY(struct picked, ids),
	COR_ARRAY(struct picked, notes),
};
COR_LOCAL_SCHEMA(picked_schema, struct picked, picked_fields);

static void blank_controls_of_required_lists(void **state)
{
	const struct cor_bind_pair pairs[] = {
		{ COR_STR("ids"), COR_STR("") },
		{ COR_STR("notes"), COR_STR("") },
		{ COR_STR("notes"), COR_STR("x") },
		{ COR_STR("ids"), COR_STR("7") },
	};
	struct trial trial;
	struct picked picked = { 0 };

	(void)state;
	assert_int_equal(trial_begin(&trial, &picked_schema.schema), 0);
	assert_int_equal(cor_bind(trial.codec, &trial.arena, &picked_schema.schema, COR_FROM_BODY,
				 COR_FROM_BODY, pairs, 4, &picked, &trial.violations),
		0);
	assert_int_equal(picked.ids.len, 1);
	assert_int_equal(picked.ids.items[0], 7);
	assert_int_equal(picked.notes.len, 2); /* empty text is a value */
	assert_int_equal(cor_bind(trial.codec, &trial.arena, &picked_schema.schema, COR_FROM_BODY,
				 COR_FROM_BODY, pairs, 2, &picked, &trial.violations),
		-COR_EINVALID);
	assert_string_equal(trial_report(&trial, &trial.violations), "form ids: is required\n");
	trial_end(&trial);
}

static void values_arrive(void **state)
{
	static const struct bind_case query = { COR_FROM_QUERY,
		{ "ids", "5", "q", "caf\u00e9", "full", "1", "order", "date", "ids", "-6", "price",
			"0.5" },
		"" };
	static const struct bind_case header = { COR_FROM_HEADER,
		{ "x-accept", "a, \"b,\\\",\" ,,c", "x-token", "t", "X-Accept", "d", "X-Token",
			"u, v" },
		"" };
	struct trial trial;
	struct search search;

	(void)state;
	assert_int_equal(trial_begin(&trial, &search_schema.schema), 0);
	assert_int_equal(bind_case(&trial, &query, &search), 0);
	assert_string_equal(search.text, "caf\u00e9");
	assert_int_equal(search.limit, 20);
	assert_true(search.full);
	assert_int_equal(search.order, BY_DATE);
	assert_int_equal(search.ids.len, 2);
	assert_int_equal(search.ids.items[1], -6);
	assert_int_equal(search.price.state, COR_SET);
	assert_true(search.price.value == 0.5);
	assert_int_equal(bind_case(&trial, &header, &search), 0);
	assert_int_equal(search.accept.len, 4);
	assert_string_equal(search.accept.items[1], "\"b,\\\",\"");
	assert_string_equal(search.token, "t, u, v");
	assert_string_equal(search.accept.items[3], "d");
	trial_end(&trial);
}

/* Sources fill one struct in turn and leave each other's rows alone. */
static void sources_in_turn(void **state)
{
	static const struct cor_decode_options options = { .use = COR_USE_REQUEST,
		.default_from = COR_FROM_QUERY };
	const struct cor_bind_pair path = { COR_STR("shop"), COR_STR("7") },
				   query = { COR_STR("q"), COR_STR("x") };
	struct cor_violations violations = { 0 };
	struct search search = { 0 };
	struct trial trial;
	struct cor_codec *codec;

	(void)state;
	assert_int_equal(trial_begin(&trial, &search_schema.schema), 0);
	codec = trial.codec;
	assert_int_equal(cor_bind(codec, &trial.arena, &search_schema.schema, COR_FROM_PATH,
				 COR_FROM_QUERY, &path, 1, &search, &violations),
		0);
	assert_int_equal(cor_bind(codec, &trial.arena, &search_schema.schema, COR_FROM_QUERY,
				 COR_FROM_QUERY, &query, 1, &search, &violations),
		0);
	assert_int_equal(cor_decode_text(codec, &trial.arena, &search_schema.schema, &options,
				 &search, COR_STR("{\"leaf\":{\"n\":3}}"), &violations),
		0);
	assert_int_equal(search.shop, 7);
	assert_string_equal(search.text, "x");
	assert_int_equal(search.leaf.n, 3);
	trial_end(&trial);
}

static void rows_of_a_source(void **state)
{
	const struct cor_schema *schema = &search_schema.schema;

	(void)state;
	assert_int_equal(cor_rows_from(schema, COR_FROM_PATH, COR_FROM_QUERY), 1);
	assert_int_equal(cor_rows_from(schema, COR_FROM_QUERY, COR_FROM_QUERY), 6);
	assert_int_equal(cor_rows_from(schema, COR_FROM_QUERY, COR_FROM_BODY), 0);
	assert_int_equal(cor_rows_from(schema, COR_FROM_BODY, COR_FROM_BODY), 7);
	assert_int_equal(cor_rows_from(schema, COR_FROM_HEADER, COR_FROM_BODY), 2);
}

/*
 * An unencoded + arrives as a blank from a query or a form; elsewhere a blank is just wrong.
 */
struct since {
	struct timespec since;
};
static const struct cor_field since_fields[] = { COR_FIELD(struct since, since) };
COR_LOCAL_SCHEMA(since_schema, struct since, since_fields);

static void a_plus_became_a_blank(void **state)
{
	static const char blank[] =
		"has a blank where the + of its offset was: + is sent as %2B here";
	static const char other[] = "must be a date-time such as 2026-01-31T09:30:00Z (RFC 3339)";
	static const struct {
		enum cor_from source;
		const char *text, *report;
	} times[] = {
		{ COR_FROM_QUERY, "2026-01-31T09:30:00+02:00", NULL },
		{ COR_FROM_QUERY, "2026-01-31T09:30:00 02:00", blank },
		{ COR_FROM_QUERY, "2026-01-31T09:30:00.123456789 02:00", blank },
		{ COR_FROM_BODY, "2026-01-31T09:30:00 02:00", blank },
		{ COR_FROM_PATH, "2026-01-31T09:30:00 02:00", other },
		{ COR_FROM_HEADER, "2026-01-31T09:30:00 02:00", other },
		{ COR_FROM_QUERY, "2026-01-31 09:30:00Z", other },
		{ COR_FROM_QUERY, "2026-01-31T09:30:00 0200", other },
		{ COR_FROM_QUERY, "9:30:00 02:00", other },
		{ COR_FROM_QUERY, " 02:00", other },
		{ COR_FROM_QUERY, "", other },
	};
	struct since since = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &since_schema.schema), 0);
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		const struct cor_bind_pair pair = { COR_STR("since"), cor_str(times[i].text) };
		trial.violations = (struct cor_violations){ 0 };
		int rc = cor_bind(trial.codec, &trial.arena, &since_schema.schema, times[i].source,
			times[i].source, &pair, 1, &since, &trial.violations);
		assert_int_equal(rc, times[i].report ? -COR_EINVALID : 0);
		if (times[i].report)
			assert_string_equal(trial.violations.first->detail, times[i].report);
	}
	assert_int_equal(trial_decode(&trial, &since_schema.schema, &since,
				 "{\"since\":\"2026-01-31T09:30:00 02:00\"}"),
		-COR_EINVALID);
	assert_string_equal(trial.violations.first->detail, other);
	trial_end(&trial);
}

static void nothing_goes_in(void **state)
{
	const struct cor_bind_pair pair = { COR_STR("a"), COR_STR("1") };
	struct cor_none none = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &cor_none_schema.schema), 0);
	assert_int_equal(cor_bind(trial.codec, &trial.arena, &cor_none_schema.schema,
				 COR_FROM_QUERY, COR_FROM_QUERY, NULL, 0, &none, &trial.violations),
		0);
	assert_int_equal(
		cor_bind(trial.codec, &trial.arena, &cor_none_schema.schema, COR_FROM_QUERY,
			COR_FROM_QUERY, &pair, 1, &none, &trial.violations),
		-COR_EINVALID);
	trial_end(&trial);
}

static void memory_runs_out(void **state)
{
	const struct cor_bind_pair pairs[] = {
		{ COR_STR("q"), COR_STR("tea") },
		{ COR_STR("ids"), COR_STR("1") },
		{ COR_STR("x"), COR_STR("1") },
	};
	char first[4096];
	struct trial trial;
	struct search search;
	int rc = -ENOMEM;

	(void)state;
	assert_int_equal(trial_begin(&trial, &search_schema.schema), 0);
	for (size_t bytes = 0; rc == -ENOMEM && bytes < sizeof first; bytes += 16) {
		struct cor_violations violations = { 0 };
		struct cor_arena arena;
		cor_arena_init(&arena, first, bytes, 1);
		memset(&search, 0, sizeof search);
		rc = cor_bind(trial.codec, &arena, &search_schema.schema, COR_FROM_QUERY,
			COR_FROM_QUERY, pairs, 3, &search, &violations);
		cor_arena_finish(&arena);
	}
	assert_int_equal(rc, -COR_EINVALID); /* the unknown x: found even if it could not be kept */
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_source),
		cmocka_unit_test(forms),
		cmocka_unit_test(blank_controls_are_not_items),
		cmocka_unit_test(blank_controls_of_required_lists),
		cmocka_unit_test(values_arrive),
		cmocka_unit_test(sources_in_turn),
		cmocka_unit_test(rows_of_a_source),
		cmocka_unit_test(a_plus_became_a_blank),
		cmocka_unit_test(nothing_goes_in),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
