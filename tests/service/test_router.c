/* SPDX-License-Identifier: MIT */
/* Which path wins: text before names, with backtracking; decoded comparison; collisions. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>

#include "service/router.h"

static const char *const paths[] = {
	"/",
	"/books",
	"/books/",
	"/books/{id}",
	"/books/new",
	"/books/{id}/pages",
	"/books/new/x",
	"/books/{id}/pages/{page}",
	"/books/{id}/{what}/last",
	"/a/b c",
	"/long-text-that-exceeds-eight",
	"/{any}/edit",
	"/x/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}",
	"/caf\xc3\xa9",
	"/q/",
};

static const struct {
	const char *path;
	const char *found;      /* NULL: nothing */
	const char *parameters; /* joined by '|' */
} cases[] = {
	{ "/", "/", "" },
	{ "", NULL, "" },
	{ "*", NULL, "" },
	{ "books", NULL, "" },
	{ "/books", "/books", "" },
	{ "/books/", "/books/", "" },
	{ "/books//", NULL, "" },
	{ "//books", NULL, "" },
	{ "/Books", NULL, "" },
	{ "/books/7", "/books/{id}", "7" },
	{ "/books/new", "/books/new", "" },
	{ "/books/new/", NULL, "" },
	{ "/books/new/x", "/books/new/x", "" },
	{ "/books/new/pages", "/books/{id}/pages", "new" },
	{ "/books/new/pages/3", "/books/{id}/pages/{page}", "new|3" },
	{ "/books/new/pages/last", "/books/{id}/pages/{page}", "new|last" },
	{ "/books/new/y/last", "/books/{id}/{what}/last", "new|y" },
	{ "/books/7/pages/", NULL, "" },
	{ "/books/7//last", NULL, "" },
	{ "/books/edit", "/books/{id}", "edit" },
	{ "/other/edit", "/{any}/edit", "other" },
	{ "/other", NULL, "" },
	{ "/%62ooks", "/books", "" },
	{ "/%62ooks/n%65w", "/books/new", "" },
	{ "/books/a%2Fb", "/books/{id}", "a%2Fb" },
	{ "/books%2F7", NULL, "" },
	{ "/a/b%20c", "/a/b c", "" },
	{ "/a/b c", "/a/b c", "" },
	{ "/caf%C3%A9", "/caf\xc3\xa9", "" },
	{ "/caf%E9", NULL, "" },
	{ "/%6", NULL, "" },
	{ "/long-text-that-exceeds-eight", "/long-text-that-exceeds-eight", "" },
	{ "/long-text-that-exceeds-nine", NULL, "" },
	{ "/x/1/2/3/4/5/6/7/8", "/x/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}", "1|2|3|4|5|6|7|8" },
	{ "/x/1/2/3/4/5/6/7/8/9", NULL, "" },
	{ "/x/1/2/3/4/5/6/7", NULL, "" },
	{ "/q", NULL, "" },
	{ "/q/", "/q/", "" },
};

static void make(struct cor_router *router, struct cor_arena *arena)
{
	const char *other;

	cor_arena_init(arena, NULL, 0, 0);
	assert_int_equal(cor_router_init(router, arena), 0);
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		assert_int_equal(cor_router_add(router, paths[i], paths[i], &other), 0);
	assert_int_equal(cor_router_seal(router), 0);
}

static void join(char text[256], const char *path, const struct cor_span *parameters, uint8_t len)
{
	size_t at = 0;

	text[0] = '\0';
	for (uint8_t i = 0; i < len; i++)
		at += (size_t)snprintf(text + at, 256 - at, "%s%.*s", i ? "|" : "",
			(int)parameters[i].len, path + parameters[i].at);
}

/* Like the dispatcher. */
static const char *find(const struct cor_router *router, struct cor_str path,
	struct cor_span *parameters, uint8_t *ret_len)
{
	const char *fixed = cor_router_find_fixed(router, path);

	*ret_len = 0;
	return fixed ? fixed : cor_router_find_named(router, path, parameters, ret_len);
}

/* Names that differ in their last byte alone are usual, and stand apart as others do. */
static void test_nearly_all_are_found_at_once(void **state)
{
	enum { LEN = 26 };
	char texts[4 * LEN][16];
	struct cor_router router;
	struct cor_arena arena;
	const char *other;
	size_t at_once = 0;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_router_init(&router, &arena), 0);
	for (size_t i = 0; i < 4 * LEN; i++) {
		static const char *const begins[] = { "/", "/item", "/items/", "/v1/books/" };
		snprintf(texts[i], sizeof texts[i], "%s%c", begins[i / LEN], (char)('a' + i % LEN));
		assert_int_equal(cor_router_add(&router, texts[i], texts[i], &other), 0);
	}
	assert_int_equal(cor_router_seal(&router), 0);
	for (size_t i = 0; i < 4 * LEN; i++) {
		const char *found = cor_router_find_at_once(&router, cor_str(texts[i]));
		assert_ptr_equal(cor_router_find_fixed(&router, cor_str(texts[i])), texts[i]);
		assert_true(!found || found == texts[i]);
		at_once += found != NULL;
	}
	assert_in_range(at_once, 3 * LEN, 4 * LEN);
	assert_null(cor_router_find_at_once(&router, cor_str("/item")));
	assert_null(cor_router_find_at_once(&router, cor_str("")));
	cor_arena_finish(&arena);
}

static void test_precedence(void **state)
{
	struct cor_router router;
	struct cor_arena arena;
	char joined[256];

	(void)state;
	make(&router, &arena);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cor_span parameters[COR_ROUTE_PARAMETERS_MAX];
		uint8_t len;
		const char *found = find(&router, cor_str(cases[i].path), parameters, &len);
		join(joined, cases[i].path, parameters, found ? len : 0);
		if (!found != !cases[i].found || (found && strcmp(found, cases[i].found) != 0) ||
			strcmp(joined, cases[i].parameters) != 0)
			fail_msg("%s: found %s with %s", cases[i].path, found ? found : "nothing",
				joined);
	}
	cor_arena_finish(&arena);
}

static void test_hostile_segments(void **state)
{
	struct cor_router router;
	struct cor_arena arena;
	struct cor_span parameters[COR_ROUTE_PARAMETERS_MAX];
	char path[20000];
	uint8_t len;

	(void)state;
	make(&router, &arena);
	memset(path, '/', sizeof path);
	assert_null(find(&router, (struct cor_str){ path, sizeof path }, parameters, &len));
	memset(path + 1, '%', sizeof path - 1);
	assert_null(find(&router, (struct cor_str){ path, sizeof path }, parameters, &len));
	for (size_t i = 1; i + 3 <= sizeof path; i += 3)
		memcpy(path + i, "%62", 3);
	assert_null(find(&router, (struct cor_str){ path, 19999 }, parameters, &len));
	cor_arena_finish(&arena);
}

static void test_collisions(void **state)
{
	struct cor_router router;
	struct cor_arena arena;
	const char *other = NULL;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_router_init(&router, &arena), 0);
	assert_int_equal(cor_router_add(&router, "/a/{x}", "1", &other), 0);
	assert_int_equal(cor_router_add(&router, "/a/{y}", "2", &other), -EEXIST);
	assert_string_equal(other, "/a/{x}");
	assert_int_equal(cor_router_add(&router, "/a/{y}/b", "3", &other), 0);
	assert_int_equal(cor_router_add(&router, "/a/{z}/b", "4", &other), -EEXIST);
	assert_string_equal(other, "/a/{y}/b");
	assert_int_equal(cor_router_add(&router, "/a/", "5", &other), 0);
	assert_int_equal(cor_router_add(&router, "/a/", "6", &other), -EEXIST);
	cor_arena_finish(&arena);
}

static void test_segments(void **state)
{
	static const struct {
		const char *path;
		int rc;
		const char *text;
		bool is_name;
	} segments[] = {
		{ "/a", 1, "a", false },
		{ "/", 1, "", false },
		{ "/{a}", 1, "a", true },
		{ "/{}", -COR_ETABLE, "", false },
		{ "/{a", -COR_ETABLE, "", false },
		{ "/a}", -COR_ETABLE, "", false },
		{ "/x{a}", -COR_ETABLE, "", false },
		{ "/{a}x", -COR_ETABLE, "", false },
		{ "/{a}{b}", -COR_ETABLE, "", false },
		{ "/{{a}}", -COR_ETABLE, "", false },
		{ "", 0, "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof segments / sizeof segments[0]; i++) {
		struct cor_str rest = cor_str(segments[i].path);
		struct cor_segment segment = { 0 };
		assert_int_equal(cor_segment_next(&rest, &segment), segments[i].rc);
		if (segments[i].rc != 1)
			continue;
		assert_true(cor_str_equal(segment.text, cor_str(segments[i].text)));
		assert_int_equal(segment.is_name, segments[i].is_name);
	}
}

static const struct {
	const char *path;
	const char *found; /* NULL: nothing */
} prefix_cases[] = {
	{ "/", "prefix /" },
	{ "/a", "prefix /" },
	{ "/a/b/", "prefix /" },
	{ "/static", "prefix /static" },
	{ "/static/", "prefix /static" },
	{ "/static/a/b", "prefix /static" },
	{ "/st%61tic/a", "prefix /static" },
	{ "/statics", "prefix /" },
	{ "/stati", "prefix /" },
	{ "/static/version", "/static/version" },
	{ "/static/version/", "prefix /static" },
	{ "/static/version/x", "prefix /static" },
	{ "/static/deep/down", "prefix /static/deep/down" },
	{ "/static/deep/down/x", "prefix /static/deep/down" },
	{ "/static/deep/x", "prefix /static" },
	{ "/books/7", "/books/{id}" },
	{ "/books/7/x", "prefix /" },
	{ "/books", "prefix /" },
	{ "", NULL },
	{ "x", NULL },
	{ "*", NULL },
};

/* What is beneath a prefix, and is no path, is the longest one's. */
static void test_prefixes(void **state)
{
	struct cor_span values[COR_ROUTE_PARAMETERS_MAX];
	struct cor_router router;
	struct cor_arena arena;
	const char *other = "";
	uint8_t len;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_router_init(&router, &arena), 0);
	assert_int_equal(cor_router_add(&router, "/static/version", "/static/version", &other), 0);
	assert_int_equal(cor_router_add(&router, "/books/{id}", "/books/{id}", &other), 0);
	assert_int_equal(cor_router_add_prefix(&router, "/", "prefix /", &other), 0);
	assert_int_equal(cor_router_add_prefix(&router, "/static", "prefix /static", &other), 0);
	assert_int_equal(cor_router_add_prefix(
				 &router, "/static/deep/down", "prefix /static/deep/down", &other),
		0);
	assert_int_equal(cor_router_add_prefix(&router, "/static", "x", &other), -EEXIST);
	assert_string_equal(other, "/static");
	assert_int_equal(cor_router_add_prefix(&router, "/static/version", "x", &other), -EEXIST);
	assert_int_equal(cor_router_add_prefix(&router, "/books", "x", &other), -EEXIST);
	assert_string_equal(other, "/books/{id}");
	assert_int_equal(cor_router_add(&router, "/static", "x", &other), -EEXIST);
	assert_int_equal(cor_router_seal(&router), 0);
	for (size_t i = 0; i < sizeof prefix_cases / sizeof prefix_cases[0]; i++) {
		const char *found = cor_router_find_named(
			&router, cor_str(prefix_cases[i].path), values, &len);
		if (!found || !prefix_cases[i].found)
			assert_ptr_equal(found, prefix_cases[i].found);
		else
			assert_string_equal(found, prefix_cases[i].found);
	}
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_nearly_all_are_found_at_once),
		cmocka_unit_test(test_hostile_segments),
		cmocka_unit_test(test_collisions),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
