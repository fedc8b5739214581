/* SPDX-License-Identifier: MIT */
/*
 * Every kind with every option, valid at the bound and invalid beyond, in JSON and as a query
 * parameter: the cases are made from two small tables, so that a kind or an option cannot be
 * forgotten. Where an option makes no sense for a kind, the table must be refused.
 */
#include "kind_rows.h"
#include "schema/kind.h"
#include "trial.h"

/* The options that hold for a family of kinds, with what is just inside and just outside. */
enum family { NUMBERS, STRINGS, ARRAYS };
static const struct option_case {
	const char *name;
	enum family family;
	struct cor_field option;
	const char *inside[2], *outside[2];
	const char *detail, *of_map;
} option_cases[] = {
	{ "min", NUMBERS, { .range = COR_MIN(5) }, { "5" }, { "4" }, "must be at least 5" },
	{ "max", NUMBERS, { .range = COR_MAX(5u) }, { "5" }, { "6" }, "must be at most 5" },
	{ "above", NUMBERS, { .range = COR_ABOVE(5.0) }, { "6" }, { "5" },
		"must be greater than 5" },
	{ "below", NUMBERS, { .range = COR_BELOW(5L) }, { "4" }, { "5" }, "must be less than 5" },
	{ "min_length", STRINGS, { .min_length = 2 }, { "\"ab\"", "\"\u00e9\u00e9\"" },
		{ "\"a\"", "\"\u00e9\"" }, "must have at least 2 characters" },
	{ "max_length", STRINGS, { .max_length = 2 }, { "\"ab\"", "\"\u00e9\u00e9\"" },
		{ "\"abc\"", "\"\u00e9\u00e9\u00e9\"" }, "must have at most 2 characters" },
	{ "pattern", STRINGS, { .pattern = "^a+$" }, { "\"a\"", "\"aaa\"" },
		{ "\"ab\"", "\"a\\n\"" }, "must match the pattern ^a+$" },
	{ "min_items", ARRAYS, { .min_items = 2 }, { "2" }, { "1" }, "must have at least 2 items",
		"must have at least 2 members" },
	{ "max_items", ARRAYS, { .max_items = 2 }, { "2" }, { "3" }, "must have at most 2 items",
		"must have at most 2 members" },
};

static bool in_family(const struct cor_field *row, enum family family)
{
	enum cor_kind kind = row->type.kind;

	if (family == NUMBERS)
		return cor_kind_is_number(kind);
	if (family == STRINGS)
		return cor_kind_is_text(kind);
	return row->shape != COR_SHAPE_ONE;
}

/* A schema of one row, with options. */
struct lone {
	struct cor_field field;
	struct cor_schema schema;
};

static void lone_init(
	struct lone *lone, const struct cor_field *row, const struct cor_field *option)
{
	lone->field = *row;
	lone->field.range = option->range;
	lone->field.min_length = option->min_length;
	lone->field.max_length = option->max_length;
	lone->field.min_items = option->min_items;
	lone->field.max_items = option->max_items;
	lone->field.pattern = option->pattern;
	lone->field.presence = option->presence;
	lone->field.fallback = option->fallback;
	lone->field.from = option->from;
	lone->schema = (struct cor_schema){
		.fields = &lone->field,
		.len = 1,
		.size = sizeof(struct holder),
		.symbol = "lone_schema",
	};
}

/* By shape: what stands around the values, and in front of one. */
static const struct {
	const char *open, *key, *close, *step, *noun;
} shapes[] = {
	[COR_SHAPE_ONE] = { "", "", "", "" },
	[COR_SHAPE_ARRAY] = { "[", "", "]", "/0", "an array" },
	[COR_SHAPE_DICT] = { "{", "\"k0\":", "}", "/k0", "an object" },
};

static const char *list_json(struct trial *trial, const struct cor_field *row, const char *list)
{
	return cor_arena_printf(&trial->arena, "{\"%s\":%s%s%s}", row->member,
		shapes[row->shape].open, list, shapes[row->shape].close);
}

/* The member's JSON: the value, or an array or a map with the value in it. */
static const char *member_json(struct trial *trial, const struct cor_field *row, const char *json)
{
	return list_json(
		trial, row, cor_arena_printf(&trial->arena, "%s%s", shapes[row->shape].key, json));
}

/* A JSON scalar as a parameter's text. */
static const char *as_text(struct trial *trial, const char *json)
{
	if (strcmp(json, "\"a\\n\"") == 0)
		return "a\n";
	if (json[0] != '"')
		return json;
	return cor_arena_copy(&trial->arena, json + 1, strlen(json) - 2);
}

static void expect(struct trial *trial, int rc, const char *detail)
{
	const char *found = trial->violations.first ? trial->violations.first->detail : NULL;

	if (detail) {
		assert_int_equal(rc, -COR_EINVALID);
		assert_int_equal(trial->violations.count, 1);
		assert_string_equal(found, detail);
	} else if (rc != 0) {
		fail_msg("%d: %s", rc, found ? found : "?");
	}
}

static void check_value(const struct lone *lone, const char *json, const char *detail)
{
	const struct cor_field *row = &lone->field;
	struct trial trial;
	struct holder holder;
	char where[80];

	assert_int_equal(trial_begin(&trial, &lone->schema), 0);
	expect(&trial, trial_decode(&trial, &lone->schema, &holder, member_json(&trial, row, json)),
		detail);
	if (detail) {
		snprintf(where, sizeof where, "/%s%s", row->member, shapes[row->shape].step);
		assert_string_equal(trial.violations.first->where, where);
		assert_string_equal(trial.violations.first->in, "body");
	}
	if (cor_row_is_textual(row)) {
		expect(&trial,
			trial_bind(
				&trial, &lone->schema, &holder, row->member, as_text(&trial, json)),
			detail);
		if (detail) {
			assert_string_equal(trial.violations.first->where, row->member);
			assert_string_equal(trial.violations.first->in, "query");
		}
	}
	trial_end(&trial);
}

/* `count` samples, as one JSON array and as that many pairs. */
static void check_items(const struct lone *lone, int count, const char *detail)
{
	const char *sample = samples[lone->field.type.kind].json, *list = "";
	struct cor_bind_pair pairs[3];
	struct trial trial;
	struct holder holder = { 0 };

	assert_int_equal(trial_begin(&trial, &lone->schema), 0);
	for (int i = 0; i < count; i++) {
		list = cor_arena_printf(&trial.arena, "%s%s", list, i ? "," : "");
		if (lone->field.shape == COR_SHAPE_DICT)
			list = cor_arena_printf(&trial.arena, "%s\"k%d\":", list, i);
		list = cor_arena_printf(&trial.arena, "%s%s", list, sample);
		pairs[i] = (struct cor_bind_pair){ cor_str(lone->field.member),
			cor_str(as_text(&trial, sample)) };
	}
	expect(&trial,
		trial_decode(&trial, &lone->schema, &holder, list_json(&trial, &lone->field, list)),
		detail);
	if (cor_row_is_textual(&lone->field)) {
		trial.violations = (struct cor_violations){ 0 };
		expect(&trial,
			cor_bind(trial.codec, &trial.arena, &lone->schema, COR_FROM_QUERY,
				COR_FROM_QUERY, pairs, (size_t)count, &holder, &trial.violations),
			detail);
	}
	trial_end(&trial);
}

static void check_refused_table(const struct lone *lone, const char *name)
{
	struct trial trial;

	if (trial_begin(&trial, &lone->schema) != -COR_ETABLE)
		fail_msg("%s takes %s", lone->field.member, name);
	assert_non_null(strstr(trial.why.first->where, lone->field.member));
	trial_end(&trial);
}

static void check_option(const struct cor_field *row, const struct option_case *option)
{
	struct lone lone;

	lone_init(&lone, row, &option->option);
	if (row->type.kind == COR_KIND_BASE64 && strstr(option->name, "length"))
		return; /* in bytes: test_words.c */
	if (!in_family(row, option->family)) {
		check_refused_table(&lone, option->name);
		return;
	}
	for (int i = 0; i < 2 && option->inside[i]; i++) {
		if (option->family == ARRAYS) {
			check_items(&lone, (int)strtol(option->inside[i], NULL, 10), NULL);
			check_items(&lone, (int)strtol(option->outside[i], NULL, 10),
				row->shape == COR_SHAPE_DICT ? option->of_map : option->detail);
		} else {
			check_value(&lone, option->inside[i], NULL);
			check_value(&lone, option->outside[i], option->detail);
		}
	}
}

static void every_kind_with_every_option(void **state)
{
	(void)state;
	for (size_t i = 0; i < holder_rows; i++)
		for (size_t j = 0; j < sizeof option_cases / sizeof option_cases[0]; j++)
			check_option(&holder_fields[i], &option_cases[j]);
}

static void check_presence(const struct cor_field *row, uint32_t presence)
{
	bool nullable = presence & COR_NULLABLE, optional = presence & COR_OPTIONAL;
	bool can = row->is_opt ||
		   (row->shape == COR_SHAPE_ONE && cor_kind_facts(row->type.kind)->has_null);
	struct cor_field option = { .presence = presence };
	struct lone lone;
	struct trial trial;
	struct holder holder;
	char json[80];

	lone_init(&lone, row, &option);
	if (nullable && !can) {
		check_refused_table(&lone, "COR_NULLABLE");
		return;
	}
	assert_int_equal(trial_begin(&trial, &lone.schema), 0);
	expect(&trial, trial_decode(&trial, &lone.schema, &holder, "{}"),
		optional || row->is_opt ? NULL : "is required");
	expect(&trial, trial_bind(&trial, &lone.schema, &holder, row->member, NULL),
		optional || row->is_opt ? NULL : "is required");
	snprintf(json, sizeof json, "{\"%s\":null}", row->member);
	char refused[80];
	snprintf(refused, sizeof refused, "must be %s, not null",
		shapes[row->shape].noun ? shapes[row->shape].noun : samples[row->type.kind].noun);
	bool is_raw = row->type.kind == COR_KIND_RAW && row->shape == COR_SHAPE_ONE;
	bool takes = nullable || is_raw;
	expect(&trial, trial_decode(&trial, &lone.schema, &holder, json), takes ? NULL : refused);
	if (takes && !(optional && !row->is_opt && !is_raw))
		assert_string_equal(trial_encode(&trial, &lone.schema, &holder), json);
	trial_end(&trial);
}

static void every_kind_with_every_presence(void **state)
{
	(void)state;
	for (size_t i = 0; i < holder_rows; i++)
		for (uint32_t presence = 0; presence <= (COR_OPTIONAL | COR_NULLABLE); presence++)
			check_presence(&holder_fields[i], presence);
}

/* A fallback gives what decoding it would have given; a cor_opt takes none. */
static void check_fallback(const struct cor_field *row)
{
	struct trial trial;
	struct holder holder;
	struct lone lone;
	char fallback[120];

	const char *json = samples[row->type.kind].json;
	snprintf(fallback, sizeof fallback, "%s%s%s%s%s%s%s", shapes[row->shape].open,
		shapes[row->shape].key, json, row->shape == COR_SHAPE_ONE ? "" : ",",
		row->shape == COR_SHAPE_DICT ? "\"b\":" : "",
		row->shape == COR_SHAPE_ONE ? "" : json, shapes[row->shape].close);
	struct cor_field option = { .fallback = fallback };
	lone_init(&lone, row, &option);
	if (row->is_opt) {
		check_refused_table(&lone, ".fallback");
		return;
	}
	assert_int_equal(trial_begin(&trial, &lone.schema), 0);
	const char *whole = cor_arena_printf(&trial.arena, "{\"%s\":%s}", row->member, fallback);
	expect(&trial, trial_decode(&trial, &lone.schema, &holder, "{}"), NULL);
	assert_string_equal(trial_encode(&trial, &lone.schema, &holder), whole);
	expect(&trial, trial_bind(&trial, &lone.schema, &holder, row->member, NULL), NULL);
	assert_string_equal(trial_encode(&trial, &lone.schema, &holder), whole);
	trial_end(&trial);
	lone.field.fallback = "[[]]";
	if (row->type.kind != COR_KIND_RAW || row->shape == COR_SHAPE_DICT)
		check_refused_table(&lone, "a fallback that does not fit");
}

static void every_kind_with_a_fallback(void **state)
{
	(void)state;
	for (size_t i = 0; i < holder_rows; i++)
		check_fallback(&holder_fields[i]);
}

/*
 * Each kind gets each type of JSON: its own comes out as it went in, all others are refused by
 * name.
 */
static const struct json_type {
	const char *json, *noun;
} json_types[] = {
	{ "{\"n\":1}", "an object" },
	{ "[]", "an array" },
	{ "\"aa\"", "a string" },
	{ "5", "a number" },
	{ "true", "a boolean" },
};

static bool takes_type(enum cor_kind kind, const char *noun)
{
	if (kind == COR_KIND_RAW)
		return true;
	if (strcmp(noun, "a number") == 0)
		return cor_kind_is_number(kind);
	if (kind == COR_KIND_FLAGS)
		return strcmp(noun, "an array") == 0;
	const char *own = samples[kind].noun;
	return strcmp(own, noun) == 0 || (strstr(own, "string") && strcmp(noun, "a string") == 0);
}

static void check_type(const struct lone *lone, const struct json_type *type)
{
	enum cor_kind kind = lone->field.type.kind;
	struct trial trial;
	struct holder holder;
	char detail[80];

	if (takes_type(kind, type->noun))
		return;
	snprintf(detail, sizeof detail, "must be %s, not %s", samples[kind].noun, type->noun);
	assert_int_equal(trial_begin(&trial, &lone->schema), 0);
	expect(&trial,
		trial_decode(&trial, &lone->schema, &holder,
			member_json(&trial, &lone->field, type->json)),
		detail);
	trial_end(&trial);
}

static void check_round_trip(const struct lone *lone)
{
	struct trial trial;
	struct holder holder;

	assert_int_equal(trial_begin(&trial, &lone->schema), 0);
	const char *json = member_json(&trial, &lone->field, samples[lone->field.type.kind].json);
	expect(&trial, trial_decode(&trial, &lone->schema, &holder, json), NULL);
	assert_string_equal(trial_encode(&trial, &lone->schema, &holder), json);
	trial_end(&trial);
}

static void every_kind_with_every_type_of_json(void **state)
{
	static const struct cor_field none;
	struct lone lone;

	(void)state;
	for (size_t i = 0; i < holder_rows; i++) {
		lone_init(&lone, &holder_fields[i], &none);
		check_round_trip(&lone);
		for (size_t j = 0; j < sizeof json_types / sizeof json_types[0]; j++)
			check_type(&lone, &json_types[j]);
	}
}

/* The limits of the C types are rules like any other. */
static const struct limit_case {
	const char *member, *json, *detail;
} limit_cases[] = {
	{ "i32", "2147483647", NULL },
	{ "i32", "2147483648", "must be at most 2147483647" },
	{ "i32", "-2147483648", NULL },
	{ "i32", "-2147483649", "must be at least -2147483648" },
	{ "i32", "18446744073709551616", "must be at most 2147483647" },
	{ "i64", "9223372036854775807", NULL },
	{ "i64", "9223372036854775808", "must be at most 9223372036854775807" },
	{ "i64", "-9223372036854775808", NULL },
	{ "i64", "-9223372036854775809", "must be at least -9223372036854775808" },
	{ "u32", "4294967295", NULL },
	{ "u32", "4294967296", "must be at most 4294967295" },
	{ "u32", "-1", "must be at least 0" },
	{ "u64", "18446744073709551615", NULL },
	{ "u64", "18446744073709551616", "must be at most 18446744073709551615" },
	{ "u64", "-1", "must be at least 0" },
	{ "u64", "-9223372036854775809", "must be at least 0" },
	{ "i64", "1.0", NULL },
	{ "i64", "12e2", NULL },
	{ "i64", "120e-1", NULL },
	{ "i64", "-0", NULL },
	{ "u64", "-0.0", NULL },
	{ "i64", "1.5", "must be an integer, without a fraction" },
	{ "i64", "1e-1", "must be an integer, without a fraction" },
	{ "i64", "1e19", "must be at most 9223372036854775807" },
	{ "i64", "-1e99999999999999999999", "must be at least -9223372036854775808" },
	{ "i64", "9007199254740993.0", NULL },
	{ "i64", "4503599627370496.5", "must be an integer, without a fraction" },
	{ "u64", "1.8446744073709551615e19", NULL },
	{ "real", "1e308", NULL },
	{ "real", "1e309", "must be at most 1.7976931348623157e308" },
	{ "real", "-1e309", "must be at least -1.7976931348623157e308" },
	{ "chars", "\"1234567\"", NULL },
	{ "chars", "\"12345678\"", "must have at most 7 bytes (in UTF-8)" },
	{ "chars", "\"\u00e9\u00e9\u00e9\u00e9\"", "must have at most 7 bytes (in UTF-8)" },
	{ "flower", "\"daisy\"", "must be one of: rose, tulip" },
	{ "uuid", "\"6ba7b810\"", "must be a UUID of 36 characters" },
	{ "time", "\"2026-02-30T00:00:00Z\"", "there is no such day as 2026-02-30" },
	{ "time", "\"2026-13-01T00:00:00Z\"", "there is no such day as 2026-13-01" },
	{ "time", "\"2025-02-29T25:00:00Z\"", "there is no such day as 2025-02-29" },
	{ "time", "\"2024-02-29T00:00:00Z\"", NULL },
	{ "time", "\"2026-01-31T24:00:00Z\"",
		"there is no such time of day or offset, or it is not within the years 0000 to 9999" },
	{ "time", "\"0000-01-01T00:00:00+01:00\"",
		"there is no such time of day or offset, or it is not within the years 0000 to 9999" },
	{ "time", "\"2026-01-31\"", "must be a date-time such as 2026-01-31T09:30:00Z (RFC 3339)" },
	{ "date", "\"2026-02-30\"", "there is no such day as 2026-02-30" },
	{ "date", "\"2026-1-31\"", "must be a date such as 2026-01-31 (RFC 3339)" },
	{ "date", "\"2026-01-31T00:00:00Z\"", "must be a date such as 2026-01-31 (RFC 3339)" },
	{ "date", "\"0000-02-29\"", NULL },
	{ "clock", "\"23:59:59.999999999\"", NULL },
	{ "clock", "\"09:30\"", NULL },
	{ "clock", "\"24:00:00\"", "there is no such time of day" },
	{ "clock", "\"09:30:00Z\"",
		"must be a time of day such as 09:30:00, without an offset (RFC 3339)" },
	{ "duration", "\"P2W\"", NULL },
	{ "duration", "\"P106751DT23H47M16.854775807S\"", NULL },
	{ "duration", "\"P106751DT23H47M16.854775808S\"", "must not be longer than 292 years" },
	{ "duration", "\"P1Y\"",
		"must be a duration such as P1DT2H30M or PT0.5S (ISO 8601, without years and months)" },
	{ "ip", "\"010.0.0.1\"", "must be an IP address such as 192.0.2.1 or 2001:db8::1" },
	{ "network", "\"10.0.0.1\"", NULL },
	{ "network", "\"10.0.0.1/8\"",
		"has bits behind its prefix: must be the first address of its network" },
	{ "network", "\"10.0.0.0/33\"",
		"must be an IP network such as 192.0.2.0/24 or 2001:db8::/32" },
	{ "base64", "\"\"", NULL },
	{ "base64", "\"AB==\"",
		"must be base64 with its padding and without line ends (RFC 4648 section 4)" },
	{ "base64", "\"AAA\"",
		"must be base64 with its padding and without line ends (RFC 4648 section 4)" },
	{ "decimal", "\"-999999999999999999\"", NULL },
	{ "decimal", "\"1e17\"", NULL },
	{ "decimal", "\"0.000000000000000001\"", NULL },
	{ "decimal", "\"1e18\"", "must have at most 18 digits, and 18 behind the point" },
	{ "decimal", "\"0e-19\"", "must have at most 18 digits, and 18 behind the point" },
	{ "decimal", "\"1000000000000000000\"",
		"must have at most 18 digits, and 18 behind the point" },
	{ "decimal", "\"+1\"", "must be a decimal such as 19.90" },
	{ "decimal", "\".5\"", "must be a decimal such as 19.90" },
	{ "decimal", "\"NaN\"", "must be a decimal such as 19.90" },
};

static void limits_of_the_types(void **state)
{
	static const struct cor_field none;
	struct lone lone;

	(void)state;
	for (size_t i = 0; i < sizeof limit_cases / sizeof limit_cases[0]; i++)
		for (size_t j = 0; j < holder_rows; j++)
			if (strcmp(holder_fields[j].member, limit_cases[i].member) == 0) {
				lone_init(&lone, &holder_fields[j], &none);
				check_value(&lone, limit_cases[i].json, limit_cases[i].detail);
			}
}

static void nul_in_text(void **state)
{
	static const struct cor_field none;
	static const char *const json = "\"a\\u0000b\"";
	struct lone lone;
	struct trial trial;
	struct holder holder;

	(void)state;
	for (size_t i = 0; i < holder_rows; i++) {
		const struct cor_field *row = &holder_fields[i];
		if (!in_family(row, STRINGS))
			continue;
		lone_init(&lone, row, &none);
		assert_int_equal(trial_begin(&trial, &lone.schema), 0);
		expect(&trial,
			trial_decode(&trial, &lone.schema, &holder, member_json(&trial, row, json)),
			row->type.kind == COR_KIND_STR ? NULL : "must not contain U+0000");
		trial_end(&trial);
	}
}

static void every_kind_has_a_row(void **state)
{
	(void)state;
	for (int kind = COR_KIND_BOOL; kind < COR_KIND_END_; kind++) {
		assert_true(cor_kind_is_known((enum cor_kind)kind));
		const struct cor_kind_facts *facts = cor_kind_facts((enum cor_kind)kind);
		bool is_value = facts->family != COR_FAMILY_EMBED;
		bool is_string = facts->family == COR_FAMILY_TEXT ||
				 facts->family == COR_FAMILY_WORD;
		assert_non_null(facts->word);
		assert_int_equal(!facts->type, facts->family == COR_FAMILY_RAW ||
						       facts->family == COR_FAMILY_FILE ||
						       kind == COR_KIND_MAPPED);
		assert_int_equal(
			facts->number != COR_NUMBER_NONE, facts->family == COR_FAMILY_NUMBER);
		assert_int_equal(facts->decode != NULL, is_value);
		assert_int_equal(facts->encode != NULL, is_value);
		assert_int_equal(facts->store != NULL, is_string);
		assert_int_equal(
			facts->print != NULL, is_string || cor_kind_is_quoted((enum cor_kind)kind));
	}
	assert_false(cor_kind_is_known((enum cor_kind)0));
	assert_false(cor_kind_is_known(COR_KIND_END_));
	assert_false(cor_kind_is_known((enum cor_kind) - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_a_row),
		cmocka_unit_test(every_kind_with_every_option),
		cmocka_unit_test(every_kind_with_every_presence),
		cmocka_unit_test(every_kind_with_a_fallback),
		cmocka_unit_test(every_kind_with_every_type_of_json),
		cmocka_unit_test(limits_of_the_types),
		cmocka_unit_test(nul_in_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
