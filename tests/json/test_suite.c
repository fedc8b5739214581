/* SPDX-License-Identifier: MIT */
/*
 * The JSONTestSuite of Nicolas Seriot, and larger texts, from the folder of shared data next to the
 * checkout.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>
#include <coracle/json.h>
#include <coracle/json_lines.h>
#include <coracle/json_node.h>

#include "document.h"

#define PATH_BYTES 4096

static const char *shared_folder(void)
{
	const char *folder = getenv("CORACLE_SHARED");

	return folder ? folder : SOURCE_ROOT "/../shared";
}

static void shared_path(const char *name, char path[PATH_BYTES])
{
	snprintf(path, PATH_BYTES, "%s/data/%s", shared_folder(), name);
}

static struct cor_str read_whole(const char *path)
{
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	size_t len = (size_t)ftell(file);
	rewind(file);
	/* Exactly as large, so that a sanitizer sees a read past its end. */
	char *data = malloc(len ? len : 1);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, len, file), len);
	fclose(file);
	return (struct cor_str){ data, len };
}

static void drop(struct cor_str text)
{
	free((void *)(uintptr_t)text.data);
}

/*
 * What docs/json.md says about the cases that RFC 8259 leaves open: numbers beyond a double stay
 * text.
 */
static bool is_open_and_accepted(const char *name)
{
	return strncmp(name, "i_number_", 9) == 0;
}

static void print_and_parse_again(const char *name, struct cor_str text)
{
	struct cor_buffer once = { 0 };
	struct cor_buffer twice = { 0 };

	if (document_rewrite(text, &once) != 0)
		fail_msg("the reader refuses %s", name);
	if (document_rewrite((struct cor_str){ once.data, once.len }, &twice) != 0)
		fail_msg("%s: the reader refuses what was written: %.*s", name, (int)once.len,
			once.data);
	assert_int_equal(once.len, twice.len);
	assert_memory_equal(once.data, twice.data, once.len);
	cor_buffer_finish(&once);
	cor_buffer_finish(&twice);
}

/* The document form has the verdict and the place of the error from the same rules. */
static void check_node(const char *name, struct cor_str text, int verdict, size_t offset)
{
	struct cor_arena arena = { 0 };
	struct cor_node *node = NULL, *again = NULL;
	size_t at = offset;
	int rc = cor_node_parse(&arena, text, NULL, &node, &at);

	if (rc != verdict || at != offset)
		fail_msg("%s: the document form has %d at %zu", name, rc, at);
	if (rc == 0) {
		assert_int_equal(cor_node_print(&arena, node, &text), 0);
		assert_int_equal(cor_node_parse(&arena, text, NULL, &again, NULL), 0);
		assert_true(cor_node_equal(node, again));
	}
	cor_arena_finish(&arena);
}

/* What a splitter hands out when the text comes in two pieces. */
struct heard {
	int values;
	int errors;
};

static struct heard hear(struct cor_str text, size_t split, bool array)
{
	struct cor_lines_options options = { .array = array, .value_bytes_max = text.len + 1 };
	struct cor_arena arena = { 0 };
	struct cor_json_lines *lines = cor_lines_begin(&arena, &options);
	struct heard heard = { 0 };
	struct cor_str value;

	for (int piece = 0; piece < 3; piece++) {
		if (piece == 0)
			cor_lines_feed(lines, text.data, split);
		else if (piece == 1)
			cor_lines_feed(lines, text.data + split, text.len - split);
		else
			cor_lines_feed_end(lines);
		for (int rc; (rc = cor_lines_next(lines, &value)) != 0;) {
			heard.values += rc > 0;
			heard.errors += rc < 0;
		}
	}
	cor_arena_finish(&arena);
	return heard;
}

/* Each line by itself, judged by cor_json_check(). */
static struct heard judge_lines(struct cor_str text)
{
	const char *at = text.data, *end = at + text.len;
	struct heard heard = { 0 };

	while (at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		struct cor_str line = { at, (size_t)((feed ? feed : end) - at) };
		size_t blank = 0;
		while (blank < line.len && strchr(" \t\r", line.data[blank]) && line.data[blank])
			blank++;
		if (blank < line.len && cor_json_check(line, 0, NULL) == 0)
			heard.values++;
		else if (blank < line.len)
			heard.errors++;
		at = feed ? feed + 1 : end;
	}
	return heard;
}

/* As lines, and as the one item of an array, at every split; long texts at some. */
static void check_lines(const char *name, struct cor_str text, int verdict)
{
	struct heard expected = judge_lines(text);
	size_t step = text.len < 2000 ? 1 : text.len / 20;
	struct cor_str item = { malloc(text.len + 2), text.len + 2 };
	char *data = (char *)(uintptr_t)item.data;

	assert_non_null(data);
	data[0] = '[';
	memcpy(data + 1, text.data, text.len);
	data[text.len + 1] = ']';
	for (size_t split = 0; split <= text.len; split += step) {
		struct heard heard = hear(text, split, false);
		if (heard.values != expected.values || heard.errors != expected.errors)
			fail_msg("%s as lines, split at %zu", name, split);
	}
	for (size_t split = 0; split <= item.len; split += step) {
		struct heard heard = hear(item, split, true);
		if ((heard.values == 1 && heard.errors == 0) != (verdict == 0))
			fail_msg("%s as an item, split at %zu: %d and %d", name, split,
				heard.values, heard.errors);
	}
	drop(item);
}

static void check_case(const char *name, struct cor_str text)
{
	size_t at = 0;
	int rc = cor_json_check(text, 0, &at);
	bool accept = name[0] == 'y' || (name[0] == 'i' && is_open_and_accepted(name));

	if (accept != (rc == 0))
		fail_msg("%s: %s at %zu", name, rc == 0 ? "accepted" : "refused", at);
	check_node(name, text, rc, at);
	check_lines(name, text, rc);
	if (rc == 0) {
		print_and_parse_again(name, text);
		return;
	}
	struct cor_buffer ignored = { 0 };
	assert_true(at <= text.len);
	assert_int_equal(document_rewrite(text, &ignored), rc);
	cor_buffer_finish(&ignored);
}

static void the_suite_gets_its_verdicts(void **state)
{
	char path[PATH_BYTES];
	int count[128] = { 0 };

	(void)state;
	shared_path("json-test-suite/test_parsing", path);
	DIR *folder = opendir(path);
	assert_non_null(folder);
	size_t prefix = strlen(path);
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path + prefix, PATH_BYTES - prefix, "/%s", entry->d_name);
		struct cor_str text = read_whole(path);
		check_case(entry->d_name, text);
		count[entry->d_name[0] & 127]++;
		drop(text);
	}
	closedir(folder);
	assert_int_equal(count['y'], 95);
	assert_int_equal(count['n'], 188);
	assert_int_equal(count['i'], 35);
}

static void check_file(const char *name)
{
	char path[PATH_BYTES];

	shared_path(name, path);
	struct cor_str text = read_whole(path);
	assert_int_equal(cor_json_check(text, 0, NULL), 0);
	print_and_parse_again(name, text);
	drop(text);
}

static void a_file_of_doubles_comes_back(void **state)
{
	(void)state;
	check_file("canada.json");
}

static void a_file_of_texts_comes_back(void **state)
{
	(void)state;
	check_file("twitter.json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_suite_gets_its_verdicts),
		cmocka_unit_test(a_file_of_doubles_comes_back),
		cmocka_unit_test(a_file_of_texts_comes_back),
	};

	/* cmocka's own skip() is "not ok" in TAP, which meson takes for a failure. */
	if (access(shared_folder(), R_OK) != 0) {
		printf("1..0 # SKIP no shared data in %s (set CORACLE_SHARED)\n", shared_folder());
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
