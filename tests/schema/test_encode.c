/* SPDX-License-Identifier: MIT */
/* A value without JSON is an error that names the row; what is left out and what is null. */
#include <math.h>

#include "order.h"
#include "trial.h"

#include "schema/describe.h"

enum flower { NO_FLOWER, ROSE };
static const struct cor_enum_name flower_names[] = { { "rose", ROSE } };

struct all {
	double real;
	const char *text;
	struct cor_str str;
	char chars[4];
	struct timespec time;
	struct cor_json raw;
	enum flower flower;
	struct node *pointer;
	cor_array(double) list;
	cor_opt(int32_t) opt;
	const char *secret;
	const char *location;
};

static const struct cor_field strict_fields[] = {
	COR_FIELD(struct all, real),
	COR_FIELD(struct all, text),
	COR_FIELD(struct all, str),
	COR_FIELD(struct all, chars),
	COR_FIELD(struct all, time),
	COR_FIELD(struct all, raw),
	COR_ENUM(struct all, flower, flower_names),
	COR_OBJECT(struct all, pointer, node_schema),
	COR_ARRAY(struct all, list),
	COR_OPT_FIELD(struct all, opt),
};
COR_DECLARE_SCHEMA(strict_schema, struct all);
COR_SCHEMA(strict_schema, strict_fields);

static const struct cor_field loose_fields[] = {
	COR_FIELD(struct all, real, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, text, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, str, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, chars, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, raw, .presence = COR_OPTIONAL),
	COR_ENUM(struct all, flower, flower_names, .presence = COR_OPTIONAL),
	COR_OBJECT(struct all, pointer, node_schema, .presence = COR_OPTIONAL),
	COR_ARRAY(struct all, list, .presence = COR_OPTIONAL),
	COR_OPT_FIELD(struct all, opt),
	COR_FIELD(struct all, secret, .access = COR_WRITE_ONLY, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, location, .to = COR_TO_HEADER, .presence = COR_NULLABLE),
};
COR_DECLARE_SCHEMA(loose_schema, struct all);
COR_SCHEMA(loose_schema, loose_fields);

static struct node leaf = { .name = "leaf" };

static struct all good(void)
{
	static double numbers[] = { 1, 0.5 };
	struct all all = {
		.text = "t",
		.str = COR_STR("s"),
		.chars = "abc",
		.raw = { COR_STR("[1]") },
		.flower = ROSE,
		.pointer = &leaf,
		.list = { numbers, 2 },
	};

	return all;
}

static void break_real(struct all *all)
{
	all->real = NAN;
}
static void break_real_infinite(struct all *all)
{
	all->real = -INFINITY;
}
static void break_text(struct all *all)
{
	all->text = NULL;
}
static void break_utf8(struct all *all)
{
	all->text = "a\xff";
}
static void break_str(struct all *all)
{
	all->str = COR_STR("\xed\xa0\x80");
}
static void break_chars(struct all *all)
{
	memcpy(all->chars, "abcd", 4);
}
static void break_time(struct all *all)
{
	all->time.tv_nsec = 1000000000;
}
static void break_year(struct all *all)
{
	all->time.tv_sec = INT64_MAX;
}
static void break_raw(struct all *all)
{
	all->raw.text = COR_STR("[1");
}
static void break_raw_empty(struct all *all)
{
	all->raw.text = (struct cor_str){ 0 };
}
static void break_enum(struct all *all)
{
	all->flower = 7;
}
static void break_pointer(struct all *all)
{
	all->pointer = NULL;
}
static void break_list(struct all *all)
{
	all->list.items[1] = NAN;
}
static void break_items(struct all *all)
{
	all->list.items = NULL;
}
static void break_opt(struct all *all)
{
	all->opt.state = COR_NULL;
}
static void break_depth(struct all *all)
{
	static struct node circle = { .name = "circle", .left = &circle };
	all->pointer = &circle;
}

static const struct fault_case {
	void (*break_it)(struct all *all);
	int rc;
	const char *fault;
} fault_cases[] = {
	{ break_real, -COR_EINVALID, "strict_schema: /real is NaN" },
	{ break_real_infinite, -COR_EINVALID, "strict_schema: /real is NaN or infinite" },
	{ break_text, -COR_EINVALID, "strict_schema: /text is required, but NULL" },
	{ break_utf8, -COR_EINVALID, "strict_schema: /text is not UTF-8" },
	{ break_str, -COR_EINVALID, "strict_schema: /str is not UTF-8" },
	{ break_chars, -COR_EINVALID, "strict_schema: /chars has no NUL" },
	{ break_time, -COR_EINVALID, "strict_schema: /time is not a time" },
	{ break_year, -COR_EINVALID, "strict_schema: /time is not a time" },
	{ break_raw, -COR_EINVALID, "strict_schema: /raw is not well-formed" },
	{ break_raw_empty, -COR_EINVALID, "strict_schema: /raw is not well-formed" },
	{ break_enum, -COR_EINVALID, "strict_schema: /flower has a value without a name" },
	{ break_pointer, -COR_EINVALID, "strict_schema: /pointer is required, but NULL" },
	{ break_list, -COR_EINVALID, "strict_schema: /list/1 is NaN" },
	{ break_items, -COR_EINVALID, "strict_schema: /list has a length, but no items" },
	{ break_opt, -COR_EINVALID, "strict_schema: /opt is null" },
	{ break_depth, -COR_ETOOLARGE, "strict_schema: /pointer/left/left/" },
};

static void every_fault_names_its_row(void **state)
{
	struct cor_buffer buffer = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &strict_schema.schema), 0);
	cor_buffer_literal(&buffer, "before");
	for (size_t i = 0; i < sizeof fault_cases / sizeof fault_cases[0]; i++) {
		struct all all = good();
		double numbers[] = { 1, 0.5 };
		struct cor_encode_fault fault = { "" };
		all.list.items = numbers;
		fault_cases[i].break_it(&all);
		int rc = cor_encode_append(
			trial.codec, &strict_schema.schema, COR_USE_ANSWER, &all, &buffer, &fault);
		if (rc != fault_cases[i].rc || !strstr(fault.text, fault_cases[i].fault))
			fail_msg("case %zu: %d: %s", i, rc, fault.text);
		assert_int_equal(buffer.len, strlen("before"));
		assert_int_equal(cor_buffer_error(&buffer), 0);
	}
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

static void what_is_written(void **state)
{
	struct all all = good();
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &strict_schema.schema), 0);
	assert_string_equal(trial_encode(&trial, &strict_schema.schema, &all),
		"{\"real\":0.0,\"text\":\"t\",\"str\":\"s\",\"chars\":\"abc\",\"time\":\"1970-01-01T00:00:00Z\","
		"\"raw\":[1],\"flower\":\"rose\",\"pointer\":{\"na/me~\":\"leaf\"},\"list\":[1.0,0.5]}");
	all.list.items = NULL;
	all.list.len = 0;
	all.opt.state = COR_SET;
	all.raw.text = COR_STR(" null ");
	assert_non_null(strstr(
		trial_encode(&trial, &strict_schema.schema, &all), "\"list\":[],\"opt\":0}"));
	trial_end(&trial);
}

static void what_is_left_out(void **state)
{
	struct cor_buffer buffer = { 0 };
	struct all all = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &loose_schema.schema), 0);
	assert_string_equal(trial_encode(&trial, &loose_schema.schema, &all),
		"{\"real\":0.0,\"location\":null}");
	assert_int_equal(cor_encode_append(trial.codec, &loose_schema.schema, COR_USE_ANSWER, &all,
				 &buffer, NULL),
		0);
	all = good();
	all.secret = "s";
	all.location = "/x";
	cor_buffer_byte(&buffer, ' ');
	assert_int_equal(cor_encode_append(trial.codec, &loose_schema.schema, COR_USE_ANSWER, &all,
				 &buffer, NULL),
		0);
	cor_buffer_byte(&buffer, '\0');
	assert_string_equal(buffer.data,
		"{\"real\":0.0} {\"real\":0.0,\"text\":\"t\",\"str\":\"s\",\"chars\":\"abc\",\"raw\":[1],"
		"\"flower\":\"rose\",\"pointer\":{\"na/me~\":\"leaf\"},\"list\":[1.0,0.5]}");
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

static void buffer_and_arena_limits(void **state)
{
	struct all all = good();
	struct cor_str text;
	struct trial trial;
	int rc = -1;

	(void)state;
	assert_int_equal(trial_begin(&trial, &strict_schema.schema), 0);
	for (size_t limit = 1; rc != 0 && limit < 1000; limit++) {
		struct cor_buffer buffer = { .limit = limit };
		rc = cor_encode_append(
			trial.codec, &strict_schema.schema, COR_USE_WHOLE, &all, &buffer, NULL);
		assert_true(rc == 0 || rc == -COR_ETOOLARGE);
		assert_true(rc == 0 || buffer.len == 0);
		cor_buffer_finish(&buffer);
	}
	assert_int_equal(rc, 0);
	struct cor_arena none;
	cor_arena_init(&none, NULL, 0, 1);
	assert_int_equal(cor_encode(trial.codec, &none, strict_schema, &all, &text), -ENOMEM);
	cor_arena_finish(&none);
	trial_end(&trial);
}

static const struct text_row {
	const char *member, *text;
} text_rows[] = {
	{ "real", "0.0" },
	{ "text", "t" },
	{ "str", "s" },
	{ "chars", "abc" },
	{ "time", "1970-01-01T00:00:00Z" },
	{ "raw", NULL },
	{ "flower", "rose" },
	{ "pointer", NULL },
	{ "list", NULL },
	{ "opt", "" },
};

static void rows_as_text(void **state)
{
	struct all all = good();

	(void)state;
	for (size_t i = 0; i < sizeof text_rows / sizeof text_rows[0]; i++) {
		struct cor_buffer buffer = { 0 };
		assert_string_equal(strict_fields[i].member, text_rows[i].member);
		int rc = cor_row_text(&strict_fields[i], &all, &buffer);
		if (!text_rows[i].text) {
			assert_int_equal(rc, -COR_EINVALID);
		} else {
			assert_int_equal(rc, *text_rows[i].text != '\0');
			cor_buffer_byte(&buffer, '\0');
			assert_string_equal(buffer.data, text_rows[i].text);
		}
		cor_buffer_finish(&buffer);
	}
	struct cor_buffer buffer = { 0 };
	all.real = NAN;
	assert_int_equal(cor_row_text(&strict_fields[0], &all, &buffer), -COR_EINVALID);
	all.text = NULL;
	assert_int_equal(cor_row_text(&strict_fields[1], &all, &buffer), 0);
	assert_int_equal(buffer.len, 0);
	cor_buffer_finish(&buffer);
}

/*
 * A given value is part of the answer, although the row has a fallback: left out, it would mean the
 * fallback to the reader.
 */
static const struct cor_field kept_fields[] = {
	COR_FIELD(struct all, text, .presence = COR_NULLABLE, .fallback = "\"x\""),
	COR_FIELD(struct all, str, .fallback = "\"x\""),
	COR_FIELD(struct all, chars, .fallback = "\"x\""),
	COR_FIELD(struct all, raw, .fallback = "1"),
	COR_ENUM(struct all, flower, flower_names, .fallback = "\"rose\""),
	COR_OBJECT(struct all, pointer, node_schema, .presence = COR_NULLABLE,
		.fallback = "{\"na/me~\":\"x\"}"),
	COR_ARRAY(struct all, list, .fallback = "[7.5]"),
	COR_FIELD(struct all, secret, .fallback = "\"x\""),
};
COR_LOCAL_SCHEMA(kept_schema, struct all, kept_fields);

static void a_row_with_a_fallback_is_never_left_out(void **state)
{
	static const char *const texts[] = {
		"{\"text\":null,\"str\":\"\",\"chars\":\"\",\"raw\":null,\"flower\":\"rose\",\"pointer\":null,\"list\":[],\"secret\":\"\"}",
		"{\"text\":\"\",\"str\":\"s\",\"chars\":\"abc\",\"raw\":{},\"flower\":\"rose\",\"pointer\":{\"na/me~\":\"\"},\"list\":[1.0],\"secret\":\"s\"}",
	};
	struct all all = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &kept_schema.schema), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(trial_decode(&trial, &kept_schema.schema, &all, texts[i]), 0);
		assert_string_equal(trial_encode(&trial, &kept_schema.schema, &all), texts[i]);
	}
	/*
	 * What a handler did not fill in: its own empty value, or the fallback where a zero has no
	 * JSON.
	 */
	memset(&all, 0, sizeof all);
	assert_string_equal(trial_encode(&trial, &kept_schema.schema, &all),
		"{\"text\":null,\"str\":\"\",\"chars\":\"\",\"raw\":1,\"flower\":\"rose\",\"pointer\":null,\"list\":[],\"secret\":\"x\"}");
	trial_end(&trial);
}

/* This is not "absent" but a handler's mistake, which an optional row must not hide. */
static void a_length_without_content_is_reported(void **state)
{
	static const struct all broken[] = {
		{ .list = { NULL, 2 } },
		{ .str = { NULL, 3 } },
		{ .raw = { { NULL, 3 } } },
	};
	struct cor_buffer buffer = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &loose_schema.schema), 0);
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
		assert_null(trial_encode(&trial, &loose_schema.schema, &broken[i]));
	assert_int_equal(cor_row_text(&loose_fields[2], &broken[1], &buffer), -COR_EINVALID);
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

/*
 * An absent object by value is zeroed; if a zeroed one has no JSON, the answer leaves it out, too.
 */
struct person {
	const char *name;
	int32_t age;
};
struct letter {
	struct person to;
	struct {
		struct person person;
	} via;
};
static const struct cor_field person_fields[] = { COR_FIELD(struct person, name),
	COR_FIELD(struct person, age, .presence = COR_OPTIONAL) };
COR_LOCAL_SCHEMA(person_schema, struct person, person_fields);
static const struct cor_field letter_fields[] = {
	COR_OBJECT(struct letter, to, person_schema, .presence = COR_OPTIONAL),
	COR_OBJECT(struct letter, via.person, person_schema, .key = "via",
		.fallback = "{\"name\":\"post\"}"),
};
COR_LOCAL_SCHEMA(letter_schema, struct letter, letter_fields);

static void an_absent_object_without_json(void **state)
{
	struct letter letter;
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &letter_schema.schema), 0);
	assert_int_equal(trial_decode(&trial, &letter_schema.schema, &letter, "{}"), 0);
	assert_string_equal(trial_encode(&trial, &letter_schema.schema, &letter),
		"{\"via\":{\"name\":\"post\",\"age\":0}}");
	letter.to.age = 3; /* not absent, and without JSON */
	assert_null(trial_encode(&trial, &letter_schema.schema, &letter));
	trial_end(&trial);
}

/* A fallback as answers have it: without what only requests have, with what answers must have. */
struct access {
	int64_t id;
	const char *user;
	const char *password;
	const char *made;
};
static const struct cor_field access_fields[] = {
	COR_FIELD(struct access, id, .access = COR_READ_ONLY),
	COR_FIELD(struct access, user),
	COR_FIELD(struct access, password, .access = COR_WRITE_ONLY),
};
COR_LOCAL_SCHEMA(access_schema, struct access, access_fields);
static const struct cor_field stamped_fields[] = {
	COR_FIELD(struct access, user),
	COR_FIELD(struct access, made, .access = COR_READ_ONLY),
};
COR_LOCAL_SCHEMA(stamped_schema, struct access, stamped_fields);

struct door {
	struct access *first;
	struct access second;
	struct access *third;
};
#define ACCESS_FALLBACK .fallback = "{\"user\":\"u\",\"password\":\"hunter2\"}"
static const struct cor_field door_fields[] = {
	COR_OBJECT(struct door, first, access_schema, ACCESS_FALLBACK),
	COR_OBJECT(struct door, second, access_schema, ACCESS_FALLBACK,
		.example = "{\"user\":\"u\",\"password\":\"hunter2\"}"),
};
COR_LOCAL_SCHEMA(door_schema, struct door, door_fields);
static const struct cor_field gate_fields[] = {
	COR_OBJECT(struct door, third, stamped_schema, .fallback = "{\"user\":\"u\"}"),
};
COR_LOCAL_SCHEMA(gate_schema, struct door, gate_fields);

static int answer(const struct cor_schema *schema, const void *value, struct cor_buffer *buffer,
	struct cor_encode_fault *fault)
{
	struct trial trial;

	assert_int_equal(trial_begin(&trial, schema), 0);
	int rc = cor_encode_append(trial.codec, schema, COR_USE_ANSWER, value, buffer, fault);
	cor_buffer_byte(buffer, '\0');
	trial_end(&trial);
	return rc;
}

static void fallbacks_of_objects_in_answers(void **state)
{
	const struct cor_schema_form form = { &door_schema.schema, COR_USE_ANSWER, NULL };
	const struct door door = { 0 };
	struct cor_schema_names names = { 0 };
	struct cor_buffer buffer = { 0 };
	struct cor_encode_fault fault;
	struct cor_arena arena;

	(void)state;
	assert_int_equal(answer(&door_schema.schema, &door, &buffer, &fault), 0);
	assert_string_equal(buffer.data, "{\"first\":{\"id\":0,\"user\":\"u\"},"
					 "\"second\":{\"id\":0,\"user\":\"u\"}}");
	cor_buffer_clear(&buffer, SIZE_MAX);
	assert_int_equal(answer(&gate_schema.schema, &door, &buffer, &fault), -COR_EINVALID);
	assert_string_equal(fault.text,
		"gate_schema: /third is empty, and its .fallback lacks what an answer must have");
	cor_buffer_clear(&buffer, SIZE_MAX);
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_schema_names_collect(&form, 1, &arena, &names), 0);
	cor_describe_object(&door_schema.schema, COR_USE_ANSWER, &names, &buffer);
	cor_buffer_byte(&buffer, '\0');
	assert_null(strstr(buffer.data, "hunter2"));
	cor_arena_finish(&arena);
	cor_buffer_finish(&buffer);
}

/*
 * Objects with fallbacks in objects with fallbacks: what a request cannot give comes from the inner
 * ones, whichever table is compiled first.
 */
struct core {
	int64_t v;
};
struct shell {
	struct core *core;
	int64_t x;
};
struct box {
	struct shell *shell;
};
struct crate {
	struct box *box;
};
static const struct cor_field core_fields[] = { COR_FIELD(struct core, v) };
COR_LOCAL_SCHEMA(core_schema, struct core, core_fields);
static const struct cor_field shell_fields[] = {
	COR_OBJECT(
		struct shell, core, core_schema, .access = COR_READ_ONLY, .fallback = "{\"v\":1}"),
	COR_FIELD(struct shell, x, .fallback = "3"),
};
COR_LOCAL_SCHEMA(shell_schema, struct shell, shell_fields);
static const struct cor_field box_fields[] = {
	COR_OBJECT(struct box, shell, shell_schema, .access = COR_READ_ONLY,
		.fallback = "{\"x\":4,\"core\":{\"v\":2}}"),
};
COR_LOCAL_SCHEMA(box_schema, struct box, box_fields);
static const struct cor_field crate_fields[] = {
	COR_OBJECT(struct crate, box, box_schema, .fallback = "{}"),
};
COR_LOCAL_SCHEMA(crate_schema, struct crate, crate_fields);
static const struct cor_field plain_box_fields[] = {
	COR_OBJECT(struct box, shell, shell_schema, .fallback = "{}"),
};
COR_LOCAL_SCHEMA(plain_box_schema, struct box, plain_box_fields);

static void assert_answers_empty(struct cor_codec *codec, const struct cor_schema *schema,
	const void *value, const char *text)
{
	struct cor_encode_fault fault = { 0 };
	struct cor_buffer buffer = { 0 };

	if (cor_encode_append(codec, schema, COR_USE_ANSWER, value, &buffer, &fault) != 0)
		fail_msg("%s", fault.text);
	cor_buffer_byte(&buffer, '\0');
	assert_string_equal(buffer.data, text);
	cor_buffer_finish(&buffer);
}

static void fallbacks_are_answered_in_any_order(void **state)
{
	static const struct cor_schema *const schemas[] = { &core_schema.schema,
		&shell_schema.schema, &plain_box_schema.schema, &box_schema.schema,
		&crate_schema.schema };
	static const unsigned char orders[][5] = { { 0, 1, 2, 3, 4 }, { 4, 3, 2, 1, 0 },
		{ 2, 4, 0, 1, 3 }, { 4, 1, 3, 0, 2 }, { 3, 2, 4, 1, 0 } };
	const struct crate crate = { 0 };
	const struct box box = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		const struct cor_schema *list[5];
		struct cor_codec *codec;
		for (size_t j = 0; j < 5; j++)
			list[j] = schemas[orders[i][j]];
		assert_int_equal(cor_codec_create(list, 5, &codec, NULL, NULL), 0);
		assert_answers_empty(codec, &plain_box_schema.schema, &box,
			"{\"shell\":{\"core\":{\"v\":1},\"x\":3}}");
		assert_answers_empty(codec, &crate_schema.schema, &crate,
			"{\"box\":{\"shell\":{\"core\":{\"v\":2},\"x\":4}}}");
		cor_codec_destroy(codec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_names_its_row),
		cmocka_unit_test(what_is_written),
		cmocka_unit_test(what_is_left_out),
		cmocka_unit_test(a_row_with_a_fallback_is_never_left_out),
		cmocka_unit_test(fallbacks_of_objects_in_answers),
		cmocka_unit_test(fallbacks_are_answered_in_any_order),
		cmocka_unit_test(a_length_without_content_is_reported),
		cmocka_unit_test(an_absent_object_without_json),
		cmocka_unit_test(buffer_and_arena_limits),
		cmocka_unit_test(rows_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
