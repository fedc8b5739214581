/* SPDX-License-Identifier: MIT */
/* Maps: objects whose members are not known before. */
#include "schema/describe.h"
#include "schema/walk.h"
#include "trial.h"

enum mood { GOOD, BAD };
static const struct cor_enum_name mood_names[] = { { "good", GOOD }, { "bad", BAD } };

struct price {
	double amount;
	const char *currency;
};
static const struct cor_field price_fields[] = {
	COR_FIELD(struct price, amount, .range = COR_MIN(0)),
	COR_FIELD(struct price, currency),
};
COR_LOCAL_SCHEMA(price_schema, struct price, price_fields);

/* An array of its own, and a map that is a whole value. */
struct sizes {
	cor_array(int32_t) list;
};
static const struct cor_field sizes_fields[] = {
	COR_ARRAY(struct sizes, list, .bare = true, .max_items = 2),
};
COR_LOCAL_SCHEMA(sizes_schema, struct sizes, sizes_fields);

struct labels {
	cor_dict(char[4]) by_name;
};
static const struct cor_field labels_fields[] = {
	COR_DICT(struct labels, by_name, .bare = true, .doc = "Labels"),
};
COR_LOCAL_SCHEMA(labels_schema, struct labels, labels_fields);

struct shelf {
	cor_dict(int64_t) stock;
	cor_dict(const char *) names;
	cor_dict(enum mood) moods;
	cor_dict(struct price) prices;
	cor_dict(struct sizes) sizes;
	cor_array(struct labels) labels;
};
static const struct cor_rule short_keys = { .key_max_length = 3 };
static const struct cor_field shelf_fields[] = {
	COR_DICT(struct shelf, stock, .key_pattern = "^[a-z-]{1,8}$", .min_items = 1,
		.max_items = 3, .range = COR_MIN(0)),
	COR_DICT(struct shelf, names, .rule = &short_keys, .presence = COR_OPTIONAL),
	COR_ENUM_DICT(struct shelf, moods, mood_names, .fallback = "{\"a\":\"bad\"}"),
	COR_OBJECT_DICT(struct shelf, prices, price_schema, .presence = COR_OPTIONAL),
	COR_OBJECT_DICT(struct shelf, sizes, sizes_schema, .presence = COR_OPTIONAL),
	COR_OBJECT_ARRAY(struct shelf, labels, labels_schema, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(shelf_schema, struct shelf, shelf_fields);

static const struct {
	const char *json, *after, *report;
} cases[] = {
	{ "{\"stock\":{\"pens\":5}}", "{\"stock\":{\"pens\":5},\"moods\":{\"a\":\"bad\"}}", NULL },
	{ "{\"stock\":{\"pens\":5,\"ink\":0},\"names\":{\"\":\"x\",\"\\u00e9\\\"\":\"y\"},"
	  "\"moods\":{},\"prices\":{\"a\":{\"amount\":1.5,\"currency\":\"EUR\"}},"
	  "\"sizes\":{\"b\":[1,2],\"c\":[]},\"labels\":[{\"k\":\"v\"},{}]}",
		"{\"stock\":{\"pens\":5,\"ink\":0},\"names\":{\"\":\"x\",\"\u00e9\\\"\":\"y\"},"
		"\"moods\":{},\"prices\":{\"a\":{\"amount\":1.5,\"currency\":\"EUR\"}},"
		"\"sizes\":{\"b\":[1,2],\"c\":[]},\"labels\":[{\"k\":\"v\"},{}]}",
		NULL },
	{ "{\"stock\":{}}", NULL, "body /stock: must have at least 1 member\n" },
	{ "{\"stock\":{\"a\":1,\"b\":2,\"c\":3,\"d\":4}}", NULL,
		"body /stock: must have at most 3 members\n" },
	{ "{\"stock\":{\"A\":1,\"b\":-2,\"c\":\"x\"}}", NULL,
		"body /stock/A: must have a name that matches the pattern ^[a-z-]{1,8}$\n"
		"body /stock/b: must be at least 0\n"
		"body /stock/c: must be an integer, not a string\n" },
	{ "{\"stock\":{\"a\":1,\"b\":2,\"a\":3}}", NULL,
		"body /stock/a: is given more than once\n" },
	{ "{\"stock\":{\"a\":1},\"names\":{\"x\":\"1\",\"x\":\"2\",\"x\":\"3\",\"y\":\"4\"}}", NULL,
		"body /names/x: is given more than once\n" },
	{ "{\"stock\":{\"a\":1},\"names\":{\"\u00e9\u00e9\u00e9\":\"ok\",\"abcd\":\"no\"}}", NULL,
		"body /names/abcd: must have a name of at most 3 characters\n" },
	{ "{\"stock\":{\"a\":1},\"names\":{\"a\\u0000b\":\"no\"}}", NULL,
		"body /names/a\ufffdb: must not contain U+0000 in its name\n" },
	{ "{\"stock\":{\"a\":1},\"moods\":{\"x/y\":\"cross\"}}", NULL,
		"body /moods/x~1y: must be one of: good, bad\n" },
	{ "{\"stock\":{\"a\":1},\"prices\":{\"a\":{\"amount\":-1},\"b\":7}}", NULL,
		"body /prices/a/amount: must be at least 0\n"
		"body /prices/a/currency: is required\n"
		"body /prices/b: must be an object, not a number\n" },
	{ "{\"stock\":{\"a\":1},\"sizes\":{\"b\":[1,2,3]}}", NULL,
		"body /sizes/b: must have at most 2 items\n" },
	{ "{\"stock\":{\"a\":1},\"labels\":[{\"k\":\"long\"}]}", NULL,
		"body /labels/0/k: must have at most 3 bytes (in UTF-8)\n" },
	{ "{\"stock\":[]}", NULL, "body /stock: must be an object, not an array\n" },
	{ "{\"stock\":null}", NULL, "body /stock: must be an object, not null\n" },
	{ "{}", NULL, "body /stock: is required\n" },
};

static void there_and_back(void **state)
{
	const struct cor_schema *schema = &shelf_schema.schema;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trial trial;
		struct shelf shelf, copy;
		assert_int_equal(trial_begin(&trial, schema), 0);
		int rc = trial_decode(&trial, schema, &shelf, cases[i].json);
		const char *report = trial_report(&trial, &trial.violations);
		if (rc != (cases[i].report ? -COR_EINVALID : 0) ||
			strcmp(report, cases[i].report ? cases[i].report : "") != 0)
			fail_msg("%s: %d %s", cases[i].json, rc, report);
		if (rc == 0) {
			assert_int_equal(cor_copy_struct(&trial.arena, schema, &shelf, &copy), 0);
			if (shelf.prices.len)
				assert_ptr_not_equal(
					copy.prices.items[0].key, shelf.prices.items[0].key);
			memset(&shelf, 0, sizeof shelf);
			assert_string_equal(trial_encode(&trial, schema, &copy), cases[i].after);
		}
		trial_end(&trial);
	}
}

static void found_by_key(void **state)
{
	const struct cor_schema *schema = &shelf_schema.schema;
	struct trial trial;
	struct shelf shelf;

	(void)state;
	assert_int_equal(trial_begin(&trial, schema), 0);
	assert_int_equal(trial_decode(&trial, schema, &shelf,
				 "{\"stock\":{\"pens\":5,\"ink\":7},\"labels\":[{\"k\":\"v\"}]}"),
		0);
	int64_t *ink = cor_dict_find(&shelf.stock, "ink");
	assert_int_equal(*ink, 7);
	assert_null(cor_dict_find(&shelf.stock, "paper"));
	assert_null(cor_dict_find(&shelf.prices, "ink"));
	assert_string_equal(*cor_dict_find(&shelf.labels.items[0].by_name, "k"), "v");
	trial_end(&trial);
}

static void keys_without_json(void **state)
{
	static const char *const keys[] = { NULL, "\xff" };
	static const char *const faults[] = { "labels_schema: has a key that is NULL",
		"labels_schema: has a key that is not UTF-8" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct labels labels = { .by_name = { .len = 1 } };
		struct cor_encode_fault fault;
		struct cor_buffer buffer = { 0 };
		struct trial trial;
		assert_int_equal(trial_begin(&trial, &labels_schema.schema), 0);
		labels.by_name.items = cor_arena_zalloc(&trial.arena, sizeof *labels.by_name.items);
		labels.by_name.items[0].key = keys[i];
		assert_int_equal(cor_encode_append(trial.codec, &labels_schema.schema,
					 COR_USE_ANSWER, &labels, &buffer, &fault),
			-COR_EINVALID);
		assert_string_equal(fault.text, faults[i]);
		cor_buffer_finish(&buffer);
		struct labels copy;
		assert_int_equal(
			cor_copy_struct(&trial.arena, &labels_schema.schema, &labels, &copy),
			keys[i] ? 0 : -COR_EINVALID);
		trial_end(&trial);
	}
}

/* Many keys, the same one at both ends among them. */
static void many_keys(void **state)
{
	struct cor_buffer text = { 0 };
	struct trial trial;
	struct labels labels;

	(void)state;
	cor_buffer_byte(&text, '{');
	for (int i = 0; i < 100000; i++)
		cor_buffer_printf(&text, "\"k%d\":\"v\",", i);
	cor_buffer_printf(&text, "\"k0\":\"v\"}");
	assert_int_equal(trial_begin(&trial, &labels_schema.schema), 0);
	const char *json = cor_arena_copy(&trial.arena, text.data, text.len);
	assert_int_equal(trial_decode(&trial, &labels_schema.schema, &labels, json), -COR_EINVALID);
	assert_string_equal(
		trial_report(&trial, &trial.violations), "body /k0: is given more than once\n");
	cor_buffer_finish(&text);
	trial_end(&trial);
}

static void in_the_document(void **state)
{
	const struct cor_schema_form root = { .schema = &shelf_schema.schema,
		.use = COR_USE_REQUEST };
	struct cor_schema_names names;
	struct cor_buffer buffer = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shelf_schema.schema), 0);
	assert_int_equal(cor_schema_names_collect(&root, 1, &trial.arena, &names), 0);
	cor_describe_object(&shelf_schema.schema, COR_USE_REQUEST, &names, &buffer);
	const char *text = cor_arena_copy(&trial.arena, buffer.data, buffer.len);
	assert_non_null(strstr(text,
		"\"stock\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\","
		"\"format\":\"int64\",\"minimum\":0,\"maximum\":9223372036854775807},"
		"\"propertyNames\":{\"pattern\":\"^[a-z-]{1,8}$\"},\"minProperties\":1,"
		"\"maxProperties\":3}"));
	assert_non_null(strstr(text, "\"propertyNames\":{\"maxLength\":3}"));
	assert_non_null(strstr(text, "\"prices\":{\"type\":\"object\",\"additionalProperties\":"
				     "{\"$ref\":\"#/components/schemas/price"));
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

struct thing {
	int32_t n;
	cor_dict(int32_t) dict;
};
static const struct {
	struct cor_field row;
	const char *report;
} wrong[] = {
	{ COR_FIELD(struct thing, n, .key_pattern = "a"), "are for a cor_dict: leave them out" },
	{ COR_FIELD(struct thing, n, .key_max_length = 1), "are for a cor_dict: leave them out" },
	{ COR_DICT(struct thing, dict, .key_pattern = "("), ".key_pattern \"(\" is not a regular" },
	{ COR_DICT(struct thing, dict, .unique_items = true), ".unique_items is for arrays" },
	{ COR_DICT(struct thing, dict, .from = COR_FROM_QUERY), "only scalars and arrays" },
	{ COR_DICT(struct thing, dict, .to = COR_TO_HEADER), "only a scalar goes to a header" },
	{ COR_DICT(struct thing, dict, .presence = COR_NULLABLE), "a map cannot say null" },
	{ COR_DICT(struct thing, dict, .fallback = "[]"), ".fallback [] does not fit" },
};

static void contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const struct cor_schema schema = { &wrong[i].row, 1, sizeof(struct thing),
			"thing_schema" };
		struct trial trial;
		assert_int_equal(trial_begin(&trial, &schema), -COR_ETABLE);
		const char *report = trial_report(&trial, &trial.why);
		if (trial.why.count != 1 || !strstr(report, wrong[i].report))
			fail_msg("%s: %s", wrong[i].report, report);
		trial_end(&trial);
	}
}

/* Services have no such row: they refuse it at start. */
static void not_given_as_text(void **state)
{
	static const char *const names[] = { "stock", "names", "moods", "prices", "sizes" };
	const struct cor_schema *schema = &shelf_schema.schema;
	struct trial trial;
	struct shelf shelf;

	(void)state;
	assert_int_equal(trial_begin(&trial, schema), 0);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_int_equal(trial_bind(&trial, schema, &shelf, names[i], "1"), -COR_EINVALID);
		assert_string_equal(trial.violations.first->where, names[i]);
		assert_string_equal(trial.violations.first->detail, "cannot be given as text");
		assert_int_equal(shelf.stock.len + shelf.names.len, 0);
	}
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(found_by_key),
		cmocka_unit_test(keys_without_json),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(in_the_document),
		cmocka_unit_test(not_given_as_text),
		cmocka_unit_test(contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
