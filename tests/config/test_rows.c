/* SPDX-License-Identifier: MIT */
/*
 * Every kind of row through every source: accepted, beaten by each stronger source, and refused
 * when it is wrong.
 */
#include "trial.h"

#include <stdio.h>
#include <string.h>

#include "schema/walk.h"

enum flower { ROSE, TULIP };
static const struct cor_enum_name flower_names[] = { { "rose", ROSE }, { "tulip", TULIP } };

struct spot {
	int32_t x;
};
static const struct cor_field spot_fields[] = { COR_FIELD(struct spot, x) };
COR_DECLARE_SCHEMA(spot_schema, struct spot);
COR_SCHEMA(spot_schema, spot_fields);

struct door {
	cor_opt(int64_t) opt;
	const char *password;
};
static const struct cor_field door_fields[] = {
	COR_OPT_FIELD(struct door, opt),
	COR_FIELD(struct door, password, .presence = COR_OPTIONAL, .access = COR_WRITE_ONLY,
		.min_length = 3),
};
COR_LOCAL_SCHEMA(door_schema, struct door, door_fields);

struct settings {
	bool lit;
	int32_t i32;
	int64_t i64;
	uint32_t u32;
	uint64_t u64;
	double real;
	const char *text;
	struct cor_str str;
	char chars[8];
	struct timespec time;
	struct cor_uuid uuid;
	struct cor_json raw;
	enum flower flower;
	struct spot spot;
	struct spot *spot_at;
	cor_array(const char *) texts;
	cor_array(int32_t) numbers;
	cor_array(bool) switches;
	cor_array(enum flower) flowers;
	cor_array(struct spot) spots;
	struct door door;
	const char *renamed;
};

#define SETTING(...)            SETTING_OF(__VA_ARGS__, .presence = COR_OPTIONAL)
#define SETTING_OF(member, ...) COR_FIELD(struct settings, member, __VA_ARGS__)

static const struct cor_field settings_fields[] = {
	SETTING(lit),
	SETTING(i32, .range = COR_BETWEEN(-5, 99)),
	SETTING(i64),
	SETTING(u32, .fallback = "3", .range = COR_MIN(1)),
	SETTING(u64),
	SETTING(real),
	SETTING(text, .min_length = 1),
	SETTING(str, .pattern = "^[a-z ]*$"),
	SETTING(chars),
	SETTING(time),
	SETTING(uuid),
	SETTING(raw, .fallback = "{}"),
	COR_ENUM(struct settings, flower, flower_names, .presence = COR_OPTIONAL),
	COR_OBJECT(struct settings, spot, spot_schema, .fallback = "{\"x\":0}"),
	COR_OBJECT(struct settings, spot_at, spot_schema, .presence = COR_OPTIONAL),
	COR_ARRAY(struct settings, texts, .presence = COR_OPTIONAL, .max_items = 2),
	COR_ARRAY(struct settings, numbers, .presence = COR_OPTIONAL),
	COR_ARRAY(struct settings, switches, .presence = COR_OPTIONAL),
	COR_ENUM_ARRAY(struct settings, flowers, flower_names, .presence = COR_OPTIONAL),
	COR_OBJECT_ARRAY(struct settings, spots, spot_schema, .presence = COR_OPTIONAL),
	COR_EMBED(struct settings, door, door_schema),
	SETTING(renamed, .key = "other-name"),
};
COR_DECLARE_SCHEMA(settings_schema, struct settings);
COR_SCHEMA(settings_schema, settings_fields);

/*
 * Two values of each row, as text and as JSON, and a wrong one, with the complaint about it in
 * either form.
 */
static const struct row_case {
	const char *key, *flag, *variable;
	const char *text[2];
	const char *json[2];
	const char *bad_text, *text_report;
	const char *bad_json, *json_report;
} rows[] = {
	{ "lit", "lit", "LIT", { "on", "off" }, { "true", "false" }, "maybe", "must be on or off",
		"1", "must be a boolean..." },
	{ "i32", "i32", "I32", { "-5", "99" }, { "-5", "99" }, "100", "must be at most 99", "\"5\"",
		"must be an integer..." },
	{ "i64", "i64", "I64", { "9007199254740993", "-1" }, { "9007199254740993", "-1" }, "4x",
		"must be an integer", "1.5", "must be an integer, without a fraction" },
	{ "u32", "u32", "U32", { "1", "2" }, { "1", "2" }, "0", "must be at least 1", "-1",
		"must be at least 1" },
	{ "u64", "u64", "U64", { "18446744073709551615", "0" }, { "18446744073709551615", "0" },
		"08", "must be an integer", "[]", "must be an integer..." },
	{ "real", "real", "REAL", { "1.5", "1e300" }, { "1.5", "1e300" }, "nan", "must be a number",
		"true", "must be a number..." },
	{ "text", "text", "TEXT", { "a, b", "\"q\"\xc3\xa9" },
		{ "\"a, b\"", "\"\\\"q\\\"\xc3\xa9\"" }, "", "must ...", "null", "must ..." },
	{ "str", "str", "STR", { "plain", "off" }, { "\"plain\"", "\"off\"" }, "BIG", "must ...",
		"{}", "must be a string..." },
	{ "chars", "chars", "CHARS", { "seven77", "1" }, { "\"seven77\"", "\"1\"" }, "eight888",
		"must ...", "\"eight888\"", "must ..." },
	{ "time", "time", "TIME", { "2026-01-31T12:00:00Z", "1999-12-31T23:00:00Z" },
		{ "\"2026-01-31T12:00:00Z\"", "\"1999-12-31T23:00:00Z\"" }, "yesterday", "must ...",
		"1", "must ..." },
	{ "uuid", "uuid", "UUID",
		{ "123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000001" },
		{ "\"123e4567-e89b-12d3-a456-426614174000\"",
			"\"00000000-0000-0000-0000-000000000001\"" },
		"123e4567", "must ...", "1", "must ..." },
	{ "raw", "raw", "RAW", { "{\"a\":[1]}", "null" }, { "{\"a\":[1]}", "null" }, "{",
		"must be JSON...", NULL, NULL },
	{ "flower", "flower", "FLOWER", { "tulip", "rose" }, { "\"tulip\"", "\"rose\"" }, "daisy",
		"must be one of: rose, tulip", "\"x\"", "must be one of: rose, tulip..." },
	{ "spot", "spot", "SPOT", { "{\"x\":1}", "{\"x\":2}" }, { "{\"x\":1}", "{\"x\":2}" }, "x=1",
		"must be JSON...", "[]", "must be an object..." },
	{ "spot_at", "spot-at", "SPOT_AT", { "{\"x\":1}", "{\"x\":2}" },
		{ "{\"x\":1}", "{\"x\":2}" }, "{\"x\":\"1\"}",
		"/x: must be an integer, not a string", "{}", "/x: is required" },
	{ "texts", "texts", "TEXTS", { "[::1]:80", "b" }, { "[\"[::1]:80\"]", "[\"b\"]" }, "\xff",
		"must be UTF-8", "[1]", "item 1: must be a string..." },
	{ "numbers", "numbers", "NUMBERS", { "1", "-2" }, { "[1]", "[-2]" }, "x",
		"must be an integer", "1", "must be an array..." },
	{ "switches", "switches", "SWITCHES", { "on", "no" }, { "[true]", "[false]" }, "x",
		"must be on or off", "[0]", "item 1: must be a boolean..." },
	{ "flowers", "flowers", "FLOWERS", { "tulip", "rose" }, { "[\"tulip\"]", "[\"rose\"]" },
		"lily", "item 1: must be one of: rose, tulip", "[\"rose\",\"lily\"]",
		"item 2: must be one of: rose, tulip..." },
	{ "spots", "spots", "SPOTS", { "{\"x\":1}", "{\"x\":2}" }, { "[{\"x\":1}]", "[{\"x\":2}]" },
		"x", "must be JSON...", "[{\"x\":1},{}]", "/1/x: is required" },
	{ "opt", "opt", "OPT", { "7", "0" }, { "7", "0" }, "seven", "must be an integer", "null",
		"must ..." },
	{ "password", "password", "PASSWORD", { "secret1", "secret2" }, { "\"***\"", "\"***\"" },
		NULL, NULL, NULL, NULL },
	{ "other-name", "other-name", "OTHER_NAME", { "a", "b" }, { "\"a\"", "\"b\"" }, "\xff",
		"must be UTF-8", "1", "must be a string..." },
};
#define ROWS (sizeof rows / sizeof rows[0])

static struct settings settings;
static const struct cor_config_group group = { &settings_schema.schema, &settings, "Service" };

static struct trial new_trial(void)
{
	struct trial trial = { .options = { .groups = &group, .groups_len = 1 } };

	return trial;
}

/* Memory for what a trial points to. */
struct given {
	char defaults[256], file[256], variable[256], flag[256];
};

static const char *json_of(const struct row_case *row, int which)
{
	static const char *const passwords[] = { "\"secret1\"", "\"secret2\"" };

	return strcmp(row->key, "password") == 0 ? passwords[which] : row->json[which];
}

static void give(struct trial *trial, struct given *given, const struct row_case *row,
	enum cor_config_source source, const char *text, const char *json)
{
	switch (source) {
	case COR_SOURCE_SERVICE:
		snprintf(given->defaults, sizeof given->defaults, "{\"%s\": %s}", row->key, json);
		trial->options.defaults = given->defaults;
		break;
	case COR_SOURCE_FILE:
		snprintf(given->file, sizeof given->file, "{\n\"%s\": %s}", row->key, json);
		trial->file = given->file;
		break;
	case COR_SOURCE_ENVIRONMENT:
		snprintf(
			given->variable, sizeof given->variable, "SHOP_%s=%s", row->variable, text);
		trial->environment[0] = given->variable;
		break;
	default:
		snprintf(given->flag, sizeof given->flag, "--%s=%s", row->flag, text);
		trial->arguments[0] = given->flag;
	}
}

static void name_source(const struct trial *trial, const struct row_case *row,
	enum cor_config_source source, char *name, size_t bytes)
{
	if (source == COR_SOURCE_SERVICE)
		snprintf(name, bytes, "service");
	else if (source == COR_SOURCE_FILE)
		snprintf(name, bytes, "%s", trial->path);
	else if (source == COR_SOURCE_ENVIRONMENT)
		snprintf(name, bytes, "SHOP_%s", row->variable);
	else
		snprintf(name, bytes, "--%s", row->flag);
}

static void test_each_source(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		for (int source = COR_SOURCE_SERVICE; source < COR_SOURCES; source++)
			for (int which = 0; which < 2; which++) {
				struct trial trial = new_trial();
				struct given given;
				char from[80];
				give(&trial, &given, &rows[i], source, rows[i].text[which],
					json_of(&rows[i], which));
				trial_read(&trial);
				name_source(&trial, &rows[i], source, from, sizeof from);
				assert_setting(&trial, rows[i].key, rows[i].json[which], from);
				trial_finish(&trial);
			}
}

static void test_the_stronger_source_wins(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		for (int strong = COR_SOURCE_FILE; strong < COR_SOURCES; strong++)
			for (int weak = COR_SOURCE_SERVICE; weak < strong; weak++) {
				struct trial trial = new_trial();
				struct given given;
				char from[80];
				give(&trial, &given, &rows[i], weak, rows[i].text[0],
					json_of(&rows[i], 0));
				give(&trial, &given, &rows[i], strong, rows[i].text[1],
					json_of(&rows[i], 1));
				trial_read(&trial);
				name_source(&trial, &rows[i], strong, from, sizeof from);
				assert_setting(&trial, rows[i].key, rows[i].json[1], from);
				trial_finish(&trial);
			}
}

/* The expected message, which names the wrong value's source. */
static void expect_place(
	const struct row_case *row, enum cor_config_source source, char *text, size_t bytes)
{
	bool by_text = source >= COR_SOURCE_ENVIRONMENT;
	const char *report = by_text ? row->text_report : row->json_report;

	if (source == COR_SOURCE_SERVICE)
		snprintf(text, bytes, "the service's .defaults: %s: %s", row->key, report);
	else if (source == COR_SOURCE_FILE)
		snprintf(text, bytes, "PATH:2: %s: %s", row->key, report);
	else if (source == COR_SOURCE_ENVIRONMENT)
		snprintf(text, bytes, "SHOP_%s=%s: %s", row->variable, row->bad_text, report);
	else
		snprintf(text, bytes, "--%s %s: %s", row->flag, row->bad_text, report);
}

static void check_refusal(const struct row_case *row, enum cor_config_source source, bool beaten)
{
	struct trial trial = new_trial();
	struct given given;
	char expected[256];

	if (!(source >= COR_SOURCE_ENVIRONMENT ? row->bad_text : row->bad_json))
		return;
	give(&trial, &given, row, source, row->bad_text, row->bad_json);
	if (beaten)
		give(&trial, &given, row, COR_SOURCE_FLAG, row->text[0], NULL);
	trial_read(&trial);
	expect_place(row, source, expected, sizeof expected);
	assert_reported(&trial, expected);
	assert_int_equal(trial.rc, -COR_EINVALID);
	assert_int_equal(trial.messages.errors, 1);
	assert_int_equal(trial.messages.flags_errors, source == COR_SOURCE_FLAG);
	trial_finish(&trial);
}

static void test_each_wrong_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		for (int source = COR_SOURCE_SERVICE; source < COR_SOURCES; source++)
			check_refusal(&rows[i], source, false);
}

static void test_a_wrong_value_that_is_beaten(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		for (int source = COR_SOURCE_SERVICE; source < COR_SOURCE_FLAG; source++)
			check_refusal(&rows[i], source, true);
}

static void test_every_row_is_here(void **state)
{
	struct cor_rows walk;
	const struct cor_field *field = cor_rows_first(&walk, &settings_schema.schema);

	(void)state;
	for (size_t i = 0; i < ROWS; i++, field = cor_rows_next(&walk)) {
		assert_non_null(field);
		assert_string_equal(rows[i].key, cor_row_key(field));
	}
	assert_null(field);
}

static void test_defaults(void **state)
{
	struct trial trial = new_trial();

	(void)state;
	trial_read(&trial);
	assert_setting(&trial, "u32", "3", "default");
	assert_setting(&trial, "spot", "{\"x\":0}", "default");
	assert_setting(&trial, "text", "null", "default");
	assert_setting(&trial, "password", "null", "default");
	assert_setting(&trial, "lit", "false", "default");
	assert_int_equal(settings.u32, 3);
	trial_finish(&trial);
}

static void test_structs_are_filled(void **state)
{
	struct trial trial = new_trial();

	(void)state;
	trial.arguments[0] = "--text=hello";
	trial.arguments[1] = "--texts=a";
	trial.arguments[2] = "--texts=b";
	trial.arguments[3] = "--flower=tulip";
	trial.arguments[4] = "--opt=9";
	trial.arguments[5] = "--spot-at={\"x\": 4}";
	trial.arguments[6] = "--password=hunter2";
	trial_read(&trial);
	assert_int_equal(trial.rc, 0);
	assert_string_equal(settings.text, "hello");
	assert_int_equal(settings.texts.len, 2);
	assert_string_equal(settings.texts.items[1], "b");
	assert_int_equal(settings.flower, TULIP);
	assert_int_equal(settings.door.opt.state, COR_SET);
	assert_int_equal(settings.door.opt.value, 9);
	assert_int_equal(settings.spot_at->x, 4);
	assert_string_equal(settings.door.password, "hunter2");
	trial_finish(&trial);
}

/* Reading with an ever smaller arena: all or nothing. */
static void test_no_memory(void **state)
{
	size_t bytes = 4096;
	int refused = 0;

	(void)state;
	for (;; bytes += 4096) {
		struct trial trial = new_trial();
		trial.memory_bytes = bytes;
		trial.arguments[0] = "--text=hello";
		trial.environment[0] = "SHOP_TEXTS=a,b,c";
		trial.environment[1] = "SHOP_TXET=x";
		trial.file = "{\"i32\": 100}";
		trial_read(&trial);
		int rc = trial.rc;
		trial_finish(&trial);
		if (rc == -COR_EINVALID)
			break;
		assert_int_equal(rc, -ENOMEM);
		refused++;
	}
	assert_true(refused > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_is_here),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_structs_are_filled),
		cmocka_unit_test(test_each_source),
		cmocka_unit_test(test_the_stronger_source_wins),
		cmocka_unit_test(test_each_wrong_value),
		cmocka_unit_test(test_a_wrong_value_that_is_beaten),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
