/* SPDX-License-Identifier: MIT */
/* Arrays and maps that may be absent, null, or there: a struct of one bare row, in a cor_opt. */
#include "schema/copy.h"
#include "schema/describe.h"
#include "trial.h"

struct names {
	cor_array(const char *) list;
};
static const struct cor_field names_fields[] = {
	COR_ARRAY(struct names, list, .bare = true, .max_items = 2, .max_length = 3),
};
COR_LOCAL_SCHEMA(names_schema, struct names, names_fields);

struct stock {
	cor_dict(int32_t) map;
};
static const struct cor_field stock_fields[] = {
	COR_DICT(struct stock, map, .bare = true, .range = COR_MIN(0)),
};
COR_LOCAL_SCHEMA(stock_schema, struct stock, stock_fields);

struct shelf {
	cor_opt(struct names) tags;   /* absent, null or set */
	cor_opt(struct names) labels; /* absent or set */
	cor_opt(struct names) must;   /* as tags: a cor_opt may be absent in any case */
	cor_opt(struct stock) stock;
	struct names *held; /* null is NULL; written as null */
	cor_array(struct names) rows;
};
static const struct cor_field shelf_fields[] = {
	COR_OPT_OBJECT(struct shelf, tags, names_schema, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OPT_OBJECT(struct shelf, labels, names_schema, .presence = COR_OPTIONAL),
	COR_OPT_OBJECT(struct shelf, must, names_schema, .presence = COR_NULLABLE),
	COR_OPT_OBJECT(struct shelf, stock, stock_schema, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OBJECT(struct shelf, held, names_schema, .presence = COR_NULLABLE),
	COR_OBJECT_ARRAY(struct shelf, rows, names_schema, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(shelf_schema, struct shelf, shelf_fields);

static const char *const kept[] = {
	"{\"must\":null,\"held\":null}",
	"{\"tags\":null,\"must\":[],\"stock\":null,\"held\":[]}",
	"{\"tags\":[],\"labels\":[],\"must\":[\"a\"],\"stock\":{},\"held\":[\"b\"]}",
	"{\"tags\":[\"a\",\"b\"],\"labels\":[\"c\"],\"must\":[\"d\"],\"stock\":{\"x\":1,\"y\":0},"
	"\"held\":[\"e\",\"f\"],\"rows\":[[\"g\"],[]]}",
};

static void all_three_states_are_kept(void **state)
{
	struct trial trial;
	struct shelf shelf, copy;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shelf_schema.schema), 0);
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		assert_int_equal(trial_decode(&trial, &shelf_schema.schema, &shelf, kept[i]), 0);
		assert_string_equal(trial_encode(&trial, &shelf_schema.schema, &shelf), kept[i]);
		assert_int_equal(cor_copy(&trial.arena, shelf_schema, &shelf, &copy), 0);
		assert_string_equal(trial_encode(&trial, &shelf_schema.schema, &copy), kept[i]);
	}
	assert_int_equal(shelf.tags.state, COR_SET);
	assert_int_equal(shelf.tags.value.list.len, 2);
	assert_ptr_not_equal(copy.tags.value.list.items[1], shelf.tags.value.list.items[1]);
	trial_end(&trial);
}

static void expect(struct trial *trial, const char *json, const char *report)
{
	struct shelf shelf;

	assert_int_equal(trial_decode(trial, &shelf_schema.schema, &shelf, json), -COR_EINVALID);
	assert_string_equal(trial_report(trial, &trial->violations), report);
}

static void violations_say_where_and_what(void **state)
{
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shelf_schema.schema), 0);
	expect(&trial, "{\"must\":[\"abcd\"],\"held\":[\"a\",\"b\",\"c\"],\"labels\":null}",
		"body /must/0: must have at most 3 characters\n"
		"body /held: must have at most 2 items\n"
		"body /labels: must be an array, not null\n");
	expect(&trial, "{\"must\":5,\"held\":{},\"stock\":[],\"labels\":5,\"rows\":[null]}",
		"body /must: must be an array or null, not a number\n"
		"body /held: must be an array or null, not an object\n"
		"body /stock: must be an object or null, not an array\n"
		"body /labels: must be an array, not a number\n"
		"body /rows/0: must be an array, not null\n");
	expect(&trial, "{\"tags\":[5],\"stock\":{\"x\":-1}}",
		"body /tags/0: must be a string, not a number\n"
		"body /stock/x: must be at least 0\n"
		"body /held: is required\n");
	trial_end(&trial);
}

/* --- PATCH --- */

struct patch {
	struct shelf shelf;
	struct cor_given given;
};
static const struct cor_field patch_fields[] = {
	COR_PARTIAL(struct patch, shelf, given, shelf_schema),
};
COR_LOCAL_SCHEMA(patch_schema, struct patch, patch_fields);

static void a_patch_tells_null_from_nothing(void **state)
{
	struct trial trial;
	struct shelf shelf;
	struct patch patch;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shelf_schema.schema), 0);
	assert_int_equal(trial_decode(&trial, &shelf_schema.schema, &shelf, kept[3]), 0);
	struct trial patching;
	assert_int_equal(trial_begin(&patching, &patch_schema.schema), 0);
	assert_int_equal(trial_decode(&patching, &patch_schema.schema, &patch,
				 "{\"tags\":null,\"stock\":{\"z\":3},\"rows\":[]}"),
		0);
	assert_true(cor_is_given(&patch.given, shelf_schema, tags));
	assert_false(cor_is_given(&patch.given, shelf_schema, labels));
	cor_apply(&patch.given, shelf_schema, &patch.shelf, &shelf);
	assert_string_equal(trial_encode(&trial, &shelf_schema.schema, &shelf),
		"{\"tags\":null,\"labels\":[\"c\"],\"must\":[\"d\"],\"stock\":{\"z\":3},"
		"\"held\":[\"e\",\"f\"],\"rows\":[]}");
	trial_end(&patching);
	trial_end(&trial);
}

/* --- the document --- */

static void the_document_has_null(void **state)
{
	const struct cor_schema_form root = { .schema = &shelf_schema.schema,
		.use = COR_USE_REQUEST };
	struct cor_schema_names names;
	struct cor_buffer buffer = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &shelf_schema.schema), 0);
	assert_int_equal(cor_schema_names_collect(&root, 1, &trial.arena, &names), 0);
	cor_describe_form(&root, &names, &buffer);
	cor_buffer_byte(&buffer, '\0');
	const char *parts[] = {
		"\"tags\":{\"anyOf\":[{\"$ref\":\"#/components/schemas/names\"},{\"type\":\"null\"}]}",
		"\"labels\":{\"$ref\":\"#/components/schemas/names\"}",
		"\"must\":{\"anyOf\":[{\"$ref\":\"#/components/schemas/names\"},{\"type\":\"null\"}]}",
		"\"required\":[\"held\"]",
	};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (!strstr(buffer.data, parts[i]))
			fail_msg("%s\n%s", parts[i], buffer.data);
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

/* --- what does not work says what to use --- */

struct direct {
	cor_array(int32_t) list;
};
static const struct cor_field direct_fields[] = {
	COR_ARRAY(struct direct, list, .presence = COR_NULLABLE),
};
COR_LOCAL_SCHEMA(direct_schema, struct direct, direct_fields);

static void an_array_itself_cannot_be_null(void **state)
{
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &direct_schema.schema), -COR_ETABLE);
	assert_string_equal(trial_report(&trial, &trial.why),
		"table direct_schema, row list: an array cannot say null: give it a struct of its own, "
		"whose row is .bare, and use that in a cor_opt (COR_OPT_OBJECT)\n");
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_three_states_are_kept),
		cmocka_unit_test(violations_say_where_and_what),
		cmocka_unit_test(a_patch_tells_null_from_nothing),
		cmocka_unit_test(the_document_has_null),
		cmocka_unit_test(an_array_itself_cannot_be_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
