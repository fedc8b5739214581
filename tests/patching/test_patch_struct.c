/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_patch_struct.h>

#include "../schema/trial.h"

struct book {
	int64_t id;
	const char *title;
	cor_array(const char *) tags;
	cor_opt(int32_t) stock;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id),
	COR_FIELD(struct book, title, .min_length = 1, .max_length = 20),
	COR_ARRAY(struct book, tags, .max_items = 3, .presence = COR_OPTIONAL),
	COR_OPT_FIELD(struct book, stock, .range = COR_MIN(0)),
};
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields);

static const char *tags[] = { "old", "new" };

static struct book sample(void)
{
	struct book book = { .id = INT64_MAX, .title = "Nine Coaches" };

	book.tags.items = tags;
	book.tags.len = 2;
	return book;
}

struct result {
	struct trial trial;
	struct book book;
	struct cor_patch_error error;
};

static struct cor_node *begin(struct result *result, const char *patch)
{
	struct cor_node *node = NULL;

	*result = (struct result){ 0 };
	assert_int_equal(trial_begin(&result->trial, &book_schema.schema), 0);
	assert_int_equal(
		cor_node_parse(&result->trial.arena, cor_str(patch), NULL, &node, NULL), 0);
	return node;
}

static int apply(struct result *result, const char *patch)
{
	struct cor_node *node = begin(result, patch);
	struct book book = sample();

	return cor_patch_struct(result->trial.codec, &result->trial.arena, book_schema, &book, node,
		&result->book, &result->trial.violations, &result->error);
}

static int merge(struct result *result, const char *patch)
{
	struct cor_node *node = begin(result, patch);
	struct book book = sample();

	return cor_merge_patch_struct(result->trial.codec, &result->trial.arena, book_schema, &book,
		node, &result->book, &result->trial.violations);
}

static void operations_change_a_struct(void **state)
{
	struct result result;

	(void)state;
	assert_int_equal(
		apply(&result, "[{\"op\":\"test\",\"path\":\"/id\",\"value\":9223372036854775807},"
			       "{\"op\":\"replace\",\"path\":\"/title\",\"value\":\"Ten\"},"
			       "{\"op\":\"remove\",\"path\":\"/tags/0\"},"
			       "{\"op\":\"add\",\"path\":\"/stock\",\"value\":4}]"),
		0);
	assert_true(result.book.id == INT64_MAX);
	assert_string_equal(result.book.title, "Ten");
	assert_int_equal(result.book.tags.len, 1);
	assert_string_equal(result.book.tags.items[0], "new");
	assert_int_equal(result.book.stock.value, 4);
	trial_end(&result.trial);
}

static void a_patch_that_fails_says_which_operation(void **state)
{
	struct result result;

	(void)state;
	assert_int_equal(apply(&result, "[{\"op\":\"remove\",\"path\":\"/tags/0\"},"
					"{\"op\":\"remove\",\"path\":\"/tags/1\"}]"),
		-ENOENT);
	assert_int_equal(result.error.operation, 1);
	assert_non_null(result.error.reason);
	assert_int_equal(result.trial.violations.count, 0);
	trial_end(&result.trial);
}

static void what_breaks_the_table_is_told_by_pointer(void **state)
{
	struct result result;

	(void)state;
	assert_int_equal(apply(&result, "[{\"op\":\"replace\",\"path\":\"/title\",\"value\":\"\"},"
					"{\"op\":\"add\",\"path\":\"/stock\",\"value\":-1},"
					"{\"op\":\"remove\",\"path\":\"/id\"}]"),
		-COR_EINVALID);
	assert_null(result.error.reason);
	assert_int_equal(result.trial.violations.count, 3);
	trial_end(&result.trial);
	assert_int_equal(merge(&result, "{\"title\":null,\"tags\":[\"a\",\"b\",\"c\",\"d\"]}"),
		-COR_EINVALID);
	assert_int_equal(result.trial.violations.count, 2);
	trial_end(&result.trial);
}

static void a_merge_patch_changes_a_struct(void **state)
{
	struct result result;

	(void)state;
	assert_int_equal(merge(&result, "{\"title\":\"Ten\",\"tags\":null,\"stock\":0}"), 0);
	assert_string_equal(result.book.title, "Ten");
	assert_int_equal(result.book.tags.len, 0);
	assert_int_equal(result.book.stock.state, COR_SET);
	trial_end(&result.trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_change_a_struct),
		cmocka_unit_test(a_patch_that_fails_says_which_operation),
		cmocka_unit_test(what_breaks_the_table_is_told_by_pointer),
		cmocka_unit_test(a_merge_patch_changes_a_struct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
