/* SPDX-License-Identifier: MIT */
/* The examples of RFC 6902 and RFC 7396; what fails, and that nothing has changed then. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <coracle/error.h>
#include <coracle/json_patch.h>

/* Append to a text in an array. */
#define ADD(out, ...) snprintf((out) + strlen(out), sizeof(out) - strlen(out), __VA_ARGS__)

static struct cor_arena arena;

static struct cor_node *parse(const char *text)
{
	struct cor_node *node = NULL;

	if (cor_node_parse(&arena, cor_str(text), NULL, &node, NULL) != 0)
		fail_msg("%s", text);
	return node;
}

static void printed_is(const struct cor_node *node, const char *expected)
{
	struct cor_str text = { NULL, 0 };

	assert_int_equal(cor_node_print(&arena, node, &text), 0);
	if (!cor_str_equal(text, cor_str(expected)))
		fail_msg("%.*s instead of %s", (int)text.len, text.data, expected);
}

static void patched_is(const char *document, const char *patch, const char *expected)
{
	struct cor_patch_error error = { 0 };
	struct cor_node *before = parse(document), *ret = NULL;
	int rc = cor_patch(&arena, before, parse(patch), &ret, &error);

	if (rc != 0)
		fail_msg("%s: %s", patch, error.reason);
	if (!cor_node_equal(ret, parse(expected)))
		printed_is(ret, expected);
	assert_true(cor_node_equal(before, parse(document)));
}

static void refused_is(
	const char *document, const char *patch, int expected, size_t operation, const char *reason)
{
	struct cor_patch_error error = { 99, { NULL, 0 }, "" };
	struct cor_node *before = parse(document), *ret = before;
	int rc = cor_patch(&arena, before, parse(patch), &ret, &error);

	if (rc != expected || error.operation != operation || !strstr(error.reason, reason))
		fail_msg("%d in %zu: %s: %s", rc, error.operation, error.reason, patch);
	assert_ptr_equal(ret, before);
	assert_true(cor_node_equal(before, parse(document)));
	assert_int_equal(cor_patch(&arena, before, parse(patch), &ret, NULL), expected);
}

static void the_examples_of_appendix_a(void **state)
{
	(void)state;
	patched_is("{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\"}]",
		"{\"baz\":\"qux\",\"foo\":\"bar\"}");
	patched_is("{\"foo\":[\"bar\",\"baz\"]}",
		"[{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":\"qux\"}]",
		"{\"foo\":[\"bar\",\"qux\",\"baz\"]}");
	patched_is("{\"baz\":\"qux\",\"foo\":\"bar\"}", "[{\"op\":\"remove\",\"path\":\"/baz\"}]",
		"{\"foo\":\"bar\"}");
	patched_is("{\"foo\":[\"bar\",\"qux\",\"baz\"]}",
		"[{\"op\":\"remove\",\"path\":\"/foo/1\"}]", "{\"foo\":[\"bar\",\"baz\"]}");
	patched_is("{\"baz\":\"qux\",\"foo\":\"bar\"}",
		"[{\"op\":\"replace\",\"path\":\"/baz\",\"value\":\"boo\"}]",
		"{\"baz\":\"boo\",\"foo\":\"bar\"}");
	patched_is("{\"foo\":{\"bar\":\"baz\",\"waldo\":\"fred\"},\"qux\":{\"corge\":\"grault\"}}",
		"[{\"op\":\"move\",\"from\":\"/foo/waldo\",\"path\":\"/qux/thud\"}]",
		"{\"foo\":{\"bar\":\"baz\"},\"qux\":{\"corge\":\"grault\",\"thud\":\"fred\"}}");
	patched_is("{\"foo\":[\"all\",\"grass\",\"cows\",\"eat\"]}",
		"[{\"op\":\"move\",\"from\":\"/foo/1\",\"path\":\"/foo/3\"}]",
		"{\"foo\":[\"all\",\"cows\",\"eat\",\"grass\"]}");
	patched_is("{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}",
		"[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"qux\"},"
		"{\"op\":\"test\",\"path\":\"/foo/1\",\"value\":2}]",
		"{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}");
	refused_is("{\"baz\":\"qux\"}", "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"bar\"}]",
		-ESTALE, 0, "differs");
	patched_is("{\"foo\":\"bar\"}",
		"[{\"op\":\"add\",\"path\":\"/child\",\"value\":{\"grandchild\":{}}}]",
		"{\"foo\":\"bar\",\"child\":{\"grandchild\":{}}}");
	patched_is("{\"foo\":\"bar\"}",
		"[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\",\"xyz\":123}]",
		"{\"foo\":\"bar\",\"baz\":\"qux\"}");
	refused_is("{\"foo\":\"bar\"}",
		"[{\"op\":\"add\",\"path\":\"/baz/bat\",\"value\":\"qux\"}]", -ENOENT, 0, "parent");
	patched_is("{\"/\":9,\"~1\":10}", "[{\"op\":\"test\",\"path\":\"/~01\",\"value\":10}]",
		"{\"/\":9,\"~1\":10}");
	refused_is("{\"/\":9,\"~1\":10}", "[{\"op\":\"test\",\"path\":\"/~01\",\"value\":\"10\"}]",
		-ESTALE, 0, "differs");
	patched_is("{\"foo\":[\"bar\"]}",
		"[{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[\"abc\",\"def\"]}]",
		"{\"foo\":[\"bar\",[\"abc\",\"def\"]]}");
}

static void what_the_examples_leave_out(void **state)
{
	(void)state;
	patched_is("{\"a\":1}", "[]", "{\"a\":1}");
	patched_is("{\"a\":1}", "[{\"op\":\"add\",\"path\":\"\",\"value\":[1]}]", "[1]");
	patched_is("{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":null}]", "null");
	patched_is("{\"a\":{\"b\":2}}", "[{\"op\":\"move\",\"from\":\"/a/b\",\"path\":\"\"}]", "2");
	patched_is("{\"a\":1}", "[{\"op\":\"move\",\"from\":\"\",\"path\":\"\"}]", "{\"a\":1}");
	patched_is("{\"a\":1}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"}]", "{\"a\":1}");
	patched_is("{\"a\":1}", "[{\"op\":\"copy\",\"from\":\"\",\"path\":\"/b\"}]",
		"{\"a\":1,\"b\":{\"a\":1}}");
	patched_is("{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/a\",\"value\":2}]", "{\"a\":2}");
	patched_is("{\"a/b\":{}}", "[{\"op\":\"add\",\"path\":\"/a~1b/c~0d\",\"value\":1}]",
		"{\"a/b\":{\"c~d\":1}}");
	patched_is("{\"ab\":1,\"a\":{}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/ab\"}]",
		"{\"ab\":{}}");
	patched_is("1", "[{\"op\":\"test\",\"path\":\"\",\"value\":1.0}]", "1");
}

static void what_is_wrong_is_told_by_operation(void **state)
{
	(void)state;
	refused_is("{}", "{}", -COR_EINVALID, 0, "must be an array");
	refused_is("{}", "[1]", -COR_EINVALID, 0, "must be an object");
	refused_is("{}", "[{\"path\":\"\"}]", -COR_EINVALID, 0, "\"op\" must be a string");
	refused_is("{}", "[{\"op\":\"add\",\"value\":1}]", -COR_EINVALID, 0, "\"path\" must");
	refused_is("{}", "[{\"op\":\"add\",\"path\":\"/a\"}]", -COR_EINVALID, 0, "\"value\"");
	refused_is("{}", "[{\"op\":\"add\",\"path\":\"a\",\"value\":1}]", -COR_EINVALID, 0,
		"no JSON Pointer");
	refused_is("{}", "[{\"op\":\"spam\",\"path\":\"/a\"}]", -COR_EINVALID, 0, "must be add,");
	refused_is("{}", "[{\"op\":\"move\",\"path\":\"/a\"}]", -COR_EINVALID, 0, "\"from\" must");
	refused_is("{\"a\":{}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]",
		-COR_EINVALID, 0, "into itself");
	refused_is("{\"a\":1}", "[{\"op\":\"remove\",\"path\":\"\"}]", -COR_EINVALID, 0, "whole");
	refused_is("{\"a\":1}",
		"[{\"op\":\"add\",\"path\":\"/b\",\"value\":1},"
		"{\"op\":\"replace\",\"path\":\"/c\",\"value\":1}]",
		-ENOENT, 1, "nothing is at \"path\"");
	refused_is("{}", "[{\"op\":\"copy\",\"from\":\"/x\",\"path\":\"/y\"}]", -ENOENT, 0,
		"nothing is at \"from\"");
	refused_is("[1]", "[{\"op\":\"add\",\"path\":\"/2\",\"value\":1}]", -ENOENT, 0, "behind");
	refused_is("[1]", "[{\"op\":\"add\",\"path\":\"/x\",\"value\":1}]", -ENOENT, 0, "index");
	refused_is("[1]", "[{\"op\":\"remove\",\"path\":\"/-\"}]", -ENOENT, 0, "nothing");
	refused_is("[1]", "[{\"op\":\"add\",\"path\":\"/0/a\",\"value\":1}]", -ENOENT, 0, "leads");
}

/* Each of these lines doubles the document: the limit is reached before memory is. */
static void copies_have_a_limit(void **state)
{
	char patch[4096] = "[";

	(void)state;
	for (int i = 0; i < 40; i++)
		ADD(patch, "%s{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/a/-\"}", i ? "," : "");
	ADD(patch, "]");
	refused_is("{\"a\":[\"some text of some length\"]}", patch, -COR_ETOOLARGE, 16, "16 MiB");
}

static void operations_and_depth_have_a_limit(void **state)
{
	size_t bytes = (COR_PATCH_OPERATIONS_MAX + 1) * 40 + 3;
	char *patch = malloc(bytes), deep[1024] = "";
	static const char test[] = "{\"op\":\"test\",\"path\":\"\",\"value\":{}},";

	(void)state;
	assert_non_null(patch);
	patch[0] = '[';
	for (int i = 0; i <= COR_PATCH_OPERATIONS_MAX; i++)
		memcpy(patch + 1 + (size_t)i * (sizeof test - 1), test, sizeof test);
	memcpy(patch + (COR_PATCH_OPERATIONS_MAX + 1) * (sizeof test - 1), "]", 2);
	refused_is("{}", patch, -COR_ETOOLARGE, 0, "1,000");
	free(patch);
	for (int i = 0; i < 8; i++)
		ADD(deep, "%s{\"op\":\"copy\",\"from\":\"\",\"path\":\"%s\"}", i ? "," : "[",
			"/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/-");
	ADD(deep, "]");
	refused_is("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", deep, -COR_ETOOLARGE, 6, "too deep");
}

static void merged_is(const char *document, const char *patch, const char *expected)
{
	struct cor_node *before = document ? parse(document) : NULL, *ret = NULL;

	assert_int_equal(cor_merge_patch(&arena, before, parse(patch), &ret), 0);
	printed_is(ret, expected);
	assert_true(!document || cor_node_equal(before, parse(document)));
}

/* RFC 7396, appendix A. */
static void merge_patches_have_the_results_of_the_rfc(void **state)
{
	struct cor_node *ret = NULL;

	(void)state;
	merged_is("{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}");
	merged_is("{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}");
	merged_is("{\"a\":\"b\"}", "{\"a\":null}", "{}");
	merged_is("{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}");
	merged_is("{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}");
	merged_is("{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}");
	merged_is("{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}",
		"{\"a\":{\"b\":\"d\"}}");
	merged_is("{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}");
	merged_is("[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]");
	merged_is("{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]");
	merged_is("{\"a\":\"foo\"}", "null", "null");
	merged_is("{\"a\":\"foo\"}", "\"bar\"", "\"bar\"");
	merged_is("{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}");
	merged_is("[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}");
	merged_is("{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}");
	merged_is(NULL, "{\"a\":[null]}", "{\"a\":[null]}");
	assert_int_equal(cor_merge_patch(&arena, NULL, NULL, &ret), -EINVAL);
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* {"000000": value, ...} of so many members, in an order of its own. */
static struct cor_node *large(unsigned count, const char *value)
{
	size_t bytes = (size_t)count * 20, len = 0;
	char *text = malloc(bytes);
	struct cor_node *node = NULL;

	assert_non_null(text);
	for (unsigned i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, bytes - len, "%c\"%06x\":%s", i ? ',' : '{',
			i * 2654435761u >> 8, value);
	text[len++] = '}';
	assert_int_equal(
		cor_node_parse(&arena, (struct cor_str){ text, len }, NULL, &node, NULL), 0);
	free(text);
	return node;
}

/* Whoever sends a large one, and stored a large one before, holds no CPU: it took five seconds. */
/* CPU seconds of putting so many members into an object, and of taking them out. */
static double merges_take(unsigned count)
{
	struct cor_node *full = NULL, *none = NULL;
	struct cor_node *more = large(count, "1"), *less = large(count, "null");
	double before = cpu_seconds();

	assert_int_equal(cor_merge_patch(&arena, cor_node_object(&arena), more, &full), 0);
	assert_true(cor_node_equal(full, more));
	assert_int_equal(cor_merge_patch(&arena, full, less, &none), 0);
	assert_int_equal(cor_node_len(none), 0);
	return cpu_seconds() - before;
}

/* Sixteen times as many: not 256 times as long, though memory is slower, too. */
static void large_merges_take_little(void **state)
{
	(void)state;
	double few = merges_take(10000), many = merges_take(160000);

	if (many > 128 * few)
		fail_msg("10,000 members take %.4f s, 160,000 take %.4f s", few, many);
}

static int end_test(void **state)
{
	(void)state;
	cor_arena_finish(&arena);
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_examples_of_appendix_a),
		TEST(what_the_examples_leave_out),
		TEST(what_is_wrong_is_told_by_operation),
		TEST(copies_have_a_limit),
		TEST(large_merges_take_little),
		TEST(operations_and_depth_have_a_limit),
		TEST(merge_patches_have_the_results_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
