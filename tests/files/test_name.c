/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "files/embedded.h"
#include "files/name.h"
#include "files/types.h"

struct name_case {
	const char *path;
	size_t skip;
	const char *name; /* NULL: no file can have it */
	bool is_folder;
};

static const struct name_case names[] = {
	{ "/", 0, "", true },
	{ "/a", 0, "a", false },
	{ "/a/", 0, "a/", true },
	{ "/static", 1, "", false },
	{ "/static/", 1, "", true },
	{ "/static/a/b.css", 1, "a/b.css", false },
	{ "/x/y/a", 2, "a", false },
	{ "/st%61tic/%61%20b", 1, "a b", false },
	{ "/a%C3%A4", 0, "a\xc3\xa4", false },
	{ "/a+b", 0, "a+b", false },
	{ "/%2541", 0, "%41", false }, /* once, not twice */
	{ "/%252e%252e/a", 0, "%2e%2e/a", false },
	{ "/a%2Fb", 0, NULL, false },
	{ "/a%2fb", 0, NULL, false },
	{ "/a%5Cb", 0, NULL, false },
	{ "/a\\b", 0, NULL, false },
	{ "/..%5Ca", 0, NULL, false },
	{ "/..", 0, NULL, false },
	{ "/%2e%2E/a", 0, NULL, false },
	{ "/.", 0, NULL, false },
	{ "/.git/config", 0, NULL, false },
	{ "/a/.htaccess", 0, NULL, false },
	{ "/%2ehtaccess", 0, NULL, false },
	{ "/...", 0, NULL, false },
	{ "/.well-known/acme", 0, ".well-known/acme", false },
	{ "/.well-known/.acme", 0, NULL, false },
	{ "/a/.well-known/acme", 0, NULL, false },
	{ "/.well-known2/a", 0, NULL, false },
	{ "//a", 0, NULL, false },
	{ "//evil.example/", 0, NULL, false },
	{ "/a//b", 0, NULL, false },
	{ "/a//", 0, NULL, false },
	{ "/%00", 0, NULL, false },
	{ "/a%00.css", 0, NULL, false },
	{ "/a%", 0, NULL, false },
	{ "/a%zz", 0, NULL, false },
	{ "/%ff", 0, NULL, false }, /* not UTF-8 */
	{ "/%c0%af", 0, NULL, false },
};

static void test_names(void **state)
{
	struct cor_file_name name;
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct name_case *c = &names[i];
		int rc = cor_file_name_take(&arena, cor_str(c->path), c->skip, &name);
		if (rc != (c->name ? 0 : -ENOENT))
			fail_msg("%s: %d", c->path, rc);
		if (rc == 0 &&
			(strcmp(name.text.data, c->name) != 0 || name.is_folder != c->is_folder))
			fail_msg("%s: \"%s\", %d", c->path, name.text.data, name.is_folder);
	}
	cor_arena_finish(&arena);
}

static void test_long_names(void **state)
{
	char path[5000] = "/";
	struct cor_file_name name;
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	memset(path + 1, 'a', sizeof path - 2);
	assert_int_equal(cor_file_name_take(&arena, cor_str(path), 0, &name), -ENOENT);
	cor_arena_finish(&arena);
	cor_arena_init(&arena, NULL, 0, 1);
	assert_int_equal(cor_file_name_take(&arena, COR_STR("/a"), 0, &name), -ENOMEM);
	cor_arena_finish(&arena);
}

static void test_segments(void **state)
{
	(void)state;
	assert_int_equal(cor_file_path_segments("/"), 0);
	assert_int_equal(cor_file_path_segments("/static"), 1);
	assert_int_equal(cor_file_path_segments("/a/b"), 2);
}

struct type_case {
	const char *name;
	const char *media_type;
	bool is_compressed;
};

/* What the arena asks for, and what is easily mistaken. */
static const struct type_case types[] = {
	{ "a.css", "text/css; charset=utf-8", false },
	{ "a.js", "text/javascript; charset=utf-8", false },
	{ "a.mjs", "text/javascript; charset=utf-8", false },
	{ "a.json", "application/json", false },
	{ "a.woff2", "font/woff2", true },
	{ "a.svg", "image/svg+xml", false },
	{ "a.webp", "image/webp", true },
	{ "a.html", "text/html; charset=utf-8", false },
	{ "A.HTML", "text/html; charset=utf-8", false },
	{ "a.min.js", "text/javascript; charset=utf-8", false },
	{ "a.png", "image/png", true },
	{ "a.7z", "application/x-7z-compressed", true },
	{ "a.zst", "application/zstd", true },
	{ "a.wasm", "application/wasm", false },
	{ "a.tar.gz", "application/gzip", true },
	{ "a", "application/octet-stream", false },
	{ "css", "application/octet-stream", false },
	{ "a.css/b", "application/octet-stream", false },
	{ "a.", "application/octet-stream", false },
	{ "a.unheard-of", "application/octet-stream", false },
	{ "a.extension-of-many-letters", "application/octet-stream", false },
	{ "", "application/octet-stream", false },
	{ "a.md", "text/x-own", false }, /* one of the service's goes first */
	{ "a.odd", "application/x-odd", false },
};

static void test_types(void **state)
{
	static const struct cor_file_type more[] = { { "md", "text/x-own" },
		{ "odd", "application/x-odd" }, { NULL, NULL } };

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct cor_type_of_file type = cor_file_type_find(cor_str(types[i].name), more);
		if (!cor_str_equal(type.media_type, cor_str(types[i].media_type)) ||
			type.is_compressed != types[i].is_compressed)
			fail_msg("%s: %s", types[i].name, type.media_type.data);
	}
}

static void test_embedded(void **state)
{
	static const struct cor_embedded_file items[] = {
		{ "a", "1", 1, "\"1\"" },
		{ "a.b/c", "2", 1, "\"2\"" },
		{ "b-c/d", "3", 1, "\"3\"" },
		{ "b/d", "4", 1, "\"4\"" },
	};
	const struct cor_embedded_files files = { items, 4 };
	const struct cor_embedded_files backwards = { items, 0 };
	struct cor_file file;

	(void)state;
	assert_int_equal(cor_embedded_find(&files, COR_STR("a"), &file), 0);
	assert_int_equal(file.size, 1);
	assert_int_equal(cor_embedded_find(&files, COR_STR("a.b"), &file), -EISDIR);
	assert_int_equal(cor_embedded_find(&files, COR_STR("b"), &file), -EISDIR);
	assert_int_equal(cor_embedded_find(&files, COR_STR("b/"), &file), -ENOENT);
	assert_int_equal(cor_embedded_find(&files, COR_STR("b-"), &file), -ENOENT);
	assert_int_equal(cor_embedded_find(&files, COR_STR("z"), &file), -ENOENT);
	assert_int_equal(cor_embedded_find(&backwards, COR_STR("a"), &file), -ENOENT);
	assert_true(cor_embedded_is_ordered(&files));
	assert_true(cor_embedded_is_ordered(&backwards));
	const struct cor_embedded_file wrong[] = { items[1], items[0] };
	assert_false(cor_embedded_is_ordered(&(struct cor_embedded_files){ wrong, 2 }));
}

/* Where there is no openat2: links are not followed, in any segment. */
static void test_walk(void **state)
{
	static const struct {
		const char *name;
		int rc; /* 1: it opens */
	} cases[] = {
		{ "a", 1 },
		{ "sub/a", 1 },
		{ "sub/deep/a", 1 },
		{ "none", -ENOENT },
		{ "sub/none", -ENOENT },
		{ "a/b", -ENOTDIR },
		{ "link", -ELOOP },
		{ "linked/a", -ENOTDIR },
		{ "sub/../a", -EXDEV },
		{ "..", -EXDEV },
		{ "sub/", -ENOENT },
	};
	char path[] = "/tmp/coracle-test-XXXXXX";
	int before = open("/", O_PATH | O_CLOEXEC);

	(void)state;
	assert_non_null(mkdtemp(path));
	int folder = cor_folder_open(path);
	assert_true(folder >= 0);
	assert_int_equal(mkdirat(folder, "sub", 0700), 0);
	assert_int_equal(mkdirat(folder, "sub/deep", 0700), 0);
	for (size_t i = 0; i < 3; i++)
		close(openat(folder, cases[i].name, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(symlinkat("a", folder, "link"), 0);
	assert_int_equal(symlinkat("sub", folder, "linked"), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int rc = cor_folder_walk(folder, cases[i].name, O_RDONLY | O_NONBLOCK);
		if (cases[i].rc != (rc >= 0 ? 1 : rc))
			fail_msg("%s: %d", cases[i].name, rc);
		if (rc >= 0)
			close(rc);
	}
	static const char *const made[] = { "sub/deep/a", "sub/a", "a", "link", "linked" };
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
		assert_int_equal(unlinkat(folder, made[i], 0), 0);
	assert_int_equal(unlinkat(folder, "sub/deep", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(folder, "sub", AT_REMOVEDIR), 0);
	close(folder);
	assert_int_equal(rmdir(path), 0);
	close(before);
	int after = open("/", O_PATH | O_CLOEXEC);
	assert_int_equal(after, before); /* no descriptor is left */
	close(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_embedded),
		cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
