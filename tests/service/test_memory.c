/* SPDX-License-Identifier: MIT */
/*
 * Every allocation fails in turn: while a dispatcher is made, and while requests of each kind are
 * served.
 */
#include "fake.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/error.h>
#include <coracle/files.h>
#include <coracle/limit.h>
#include <coracle/mount.h>
#include <coracle/parts.h>

#include "upload/limits.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *block);
void __wrap_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static long until_failure = -1; /* how many still succeed; below 0: all */

static bool fails(void)
{
	if (until_failure < 0)
		return false;
	return until_failure-- == 0;
}

/* Held blocks of at least half a megabyte; smaller ones are not counted. */
#define LARGE_BYTES (512 * 1024)
static void *large[16];

static void note_large(void *block, size_t size)
{
	for (size_t i = 0; block && size >= LARGE_BYTES && i < sizeof large / sizeof large[0]; i++)
		if (!large[i]) {
			large[i] = block;
			return;
		}
}

static void forget_large(const void *block)
{
	for (size_t i = 0; i < sizeof large / sizeof large[0]; i++)
		if (block && large[i] == block)
			large[i] = NULL;
}

static size_t large_held(void)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof large / sizeof large[0]; i++)
		count += large[i] != NULL;
	return count;
}

void __wrap_free(void *block)
{
	forget_large(block);
	__real_free(block);
}

void *__wrap_malloc(size_t size)
{
	void *block = fails() ? NULL : __real_malloc(size);

	note_large(block, size);
	return block;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	if (fails())
		return NULL;
	forget_large(old);
	void *block = __real_realloc(old, size);
	note_large(block, size);
	return block;
}

struct item {
	int64_t id;
	const char *name;
	const char *location;
};
static const struct cor_field item_fields[] = {
	COR_FIELD(struct item, id, .from = COR_FROM_PATH),
	COR_FIELD(struct item, name, .pattern = "^a", .fallback = "\"abc\""),
	COR_FIELD(struct item, location, .from = COR_FROM_HEADER, .key = "X-Location",
		.to = COR_TO_HEADER),
};
COR_DECLARE_SCHEMA(item_schema, struct item);
COR_SCHEMA(item_schema, item_fields);

static int put_item(struct cor_ctx *ctx, const struct item *in, struct item *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(put_item_operation, put_item, item_schema, item_schema);

static int pass(struct cor_ctx *ctx, struct cor_next *next)
{
	(void)ctx;
	return cor_next(next);
}
static const struct cor_middleware passing = { .name = "passing", .around = pass };

/* A form of text and of files, of which one is too large for memory. */
struct form {
	const char *title;
	cor_array(struct cor_upload) files;
};
static const struct cor_field form_fields[] = {
	COR_FIELD(struct form, title),
	COR_ARRAY(struct form, files),
};
COR_DECLARE_SCHEMA(form_schema, struct form);
COR_SCHEMA(form_schema, form_fields);

static int put_form(struct cor_ctx *ctx, const struct form *in, struct cor_none *out)
{
	(void)out;
	for (size_t i = 0; i < in->files.len; i++) {
		int fd = cor_upload_fd(ctx, &in->files.items[i]);
		int rc = fd < 0 ? fd
				: cor_upload_save(ctx, &in->files.items[i], "/dev/shm/memory-test");
		if (rc < 0)
			return rc;
	}
	return unlink("/dev/shm/memory-test");
}
COR_OPERATION(put_form_operation, put_form, form_schema, COR_NONE);

static int pull_form(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	const struct cor_part *part;
	struct cor_parts *parts;
	int rc = cor_parts_open(body, &parts);

	(void)ctx;
	(void)in;
	while (rc == 0 && (rc = cor_part_next(parts, &part)) > 0)
		rc = 0;
	return rc < 0 ? rc : cor_reply_start(reply, 204, NULL);
}
COR_STREAM_OPERATION(pull_form_operation, pull_form, COR_NONE, .content_type = "text/plain");

static const struct cor_resource forms = {
	.path = "/forms", .put = &put_form_operation, .post = &pull_form_operation
};

/* An answer of a megabyte. */
static int put_much(struct cor_ctx *ctx, const struct item *in, struct item *out)
{
	char *name = cor_alloc(ctx, (1 << 20) + 1);

	if (!name)
		return -ENOMEM;
	memset(name, 'a', 1 << 20);
	*out = *in;
	out->name = name;
	return 0;
}
COR_OPERATION(put_much_operation, put_much, item_schema, item_schema);

/* Of the folder that main() has made. */
static const struct cor_files files = { .path = "/files", .folder = ".", .precompressed = true };
static const struct cor_files kept = { .path = "/kept", .folder = ".", .memory_bytes = 100000 };

static const struct cor_resource much = { .path = "/much/{id}", .put = &put_much_operation };
static const struct cor_resource item = { .path = "/items/{id}", .put = &put_item_operation };
static const struct cor_service service = {
	.name = "s",
	.resources = COR_RESOURCES(&item, &much, &forms),
	.files = COR_FILES(&files, &kept),
	.middleware = COR_MIDDLEWARE(&passing),
};
static const struct cor_resource bad = { .path = "bad" };
static const struct cor_service wrong = { .name = "w", .resources = COR_RESOURCES(&item, &bad) };

/* Two that are mounted, one of them for a host. */
static const struct cor_resource little = { .path = "/items/{id}", .put = &put_item_operation };
static const struct cor_service inner = {
	.name = "inner",
	.resources = COR_RESOURCES(&little),
	.middleware = COR_MIDDLEWARE(&passing),
};
static const struct cor_service composed = {
	.name = "c",
	.resources = COR_RESOURCES(&much, &forms),
	.middleware = COR_MIDDLEWARE(&passing),
	.mounts =
		(const struct cor_mount[]){
			{ .prefix = "/v1", .service = &inner },
			{ .host = "h.example", .service = &inner },
			{ 0 },
		},
	.slashes = COR_SLASHES_REDIRECT,
};
static const struct cor_limit once = { .name = "once", .count = 1, .per_s = 1 };
static const struct cor_limit again = { .name = "once", .count = 2, .per_s = 1 };
static const struct cor_service limited = {
	.name = "l", .resources = COR_RESOURCES(&little), .limits = COR_LIMITS(&once)
};
static const struct cor_service clashing = {
	.name = "x",
	.resources = COR_RESOURCES(&much),
	.limits = COR_LIMITS(&again),
	.mounts = (const struct cor_mount[]){ { .prefix = "/v1", .service = &limited }, { 0 } },
};

static int create(const struct cor_service *of, struct cor_dispatcher **ret)
{
	const struct cor_dispatcher_options options = { .service = of, .opens_files = true };
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = cor_dispatcher_create(&options, &arena, &why, ret);
	cor_arena_finish(&arena);
	return rc;
}

static void create_with_failures(const struct cor_service *of)
{
	struct cor_dispatcher *dispatcher = NULL;
	int failures = 0;

	for (long n = 0;; n++) {
		until_failure = n;
		int rc = create(of, &dispatcher);
		bool spared = until_failure >= 0;
		until_failure = -1;
		if (rc == 0 && spared)
			break;
		if (rc == 0) /* what failed was not needed */
			cor_dispatcher_destroy(dispatcher);
		else
			assert_int_equal(rc, -ENOMEM);
		failures++;
		assert_true(n < 10000);
	}
	cor_dispatcher_destroy(dispatcher);
	assert_true(failures > 5);
}

static void test_create(void **state)
{
	(void)state;
	create_with_failures(&service);
	create_with_failures(&composed);
}

/* A contradiction never passes for a success, even without the memory to report it. */
static void test_create_wrong(void **state)
{
	struct cor_dispatcher *dispatcher = NULL;

	(void)state;
	for (long n = 0; n < 100; n++) {
		until_failure = n;
		int rc = create(n % 2 ? &wrong : &clashing, &dispatcher);
		until_failure = -1;
		assert_true(rc == -ENOMEM || rc == -COR_ETABLE);
	}
	assert_null(dispatcher);
}

struct setting {
	const char *motto;
};
static const struct cor_field setting_fields[] = {
	COR_FIELD(struct setting, motto, .fallback = "\"none\""),
};
COR_LOCAL_SCHEMA(setting_schema, struct setting, setting_fields);

/* A ctx without a server is made of all this, and of settings. */
static void test_create_ctx(void **state)
{
	struct cor_service with_settings = service;
	const struct cor_ctx_options options = { .service = &with_settings };
	struct cor_ctx *ctx = NULL;
	bool spared = false;
	int failures = 0;

	(void)state;
	with_settings.settings = COR_SETTINGS(setting_schema);
	for (long n = 0; !spared; n++) {
		until_failure = n;
		int rc = cor_ctx_create(&options, &ctx);
		spared = until_failure >= 0;
		until_failure = -1;
		failures += rc < 0;
		assert_true(rc == 0 || (rc == -ENOMEM && !ctx));
		if (rc == 0) /* what failed, if anything did, was not needed */
			assert_string_equal(cor_settings(ctx, setting_schema)->motto, "none");
		cor_ctx_destroy(ctx);
		ctx = NULL;
	}
	assert_true(failures > 5);
}

static const struct cor_upload_limits small = {
	.folder = "/tmp", .memory_bytes = 2500, .files = 3, .parts = 10, .part_bytes = 1000
};

static size_t count_descriptors(void)
{
	DIR *list = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(list);
	while (readdir(list))
		count++;
	closedir(list);
	return count;
}

static void serve_with_failures(const struct fake_request *request, int status)
{
	struct fake_reply reply = { 0 };
	size_t descriptors = count_descriptors();

	for (long n = 0;; n++) {
		struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
		cor_dispatcher_environment(dispatcher)->uploads = &small;
		until_failure = n;
		fake_serve(dispatcher, request, &reply);
		bool spared = until_failure >= 0;
		until_failure = -1;
		assert_int_equal(reply.replies, 1);
		if (reply.status != status)
			assert_in_range(reply.status, 413, 500);
		cor_dispatcher_destroy(dispatcher);
		if (spared)
			break;
	}
	assert_int_equal(reply.status, status);
	assert_int_equal(count_descriptors(), descriptors);
	fake_finish(&reply);
}

static void test_serve(void **state)
{
	struct fake_request request = {
		.method = "PUT",
		.target = "/items/7",
		.headers = "X-Location: here\n",
		.body = COR_STR("{\"name\":\"abcdefgh\"}"),
		.memory_bytes = 1 << 20, /* no first chunk: everything from the heap */
	};

	(void)state;
	serve_with_failures(&request, 200);
	request.body = COR_STR("{\"name\":\"x\",\"more\":1}");
	serve_with_failures(&request, 422);
	request.method = "GET";
	serve_with_failures(&request, 405);
	request.method = "OPTIONS";
	serve_with_failures(&request, 204);
	request.target = "/none";
	serve_with_failures(&request, 404);
}

static void test_serve_form(void **state)
{
	static const char start[] =
		"--b\r\nContent-Disposition: form-data; name=title\r\n\r\nx\r\n"
		"--b\r\nContent-Disposition: form-data; name=files; filename=f\r\n\r\n1\r\n"
		"--b\r\nContent-Disposition: form-data; name=files; filename=f\r\n\r\n";
	static char body[sizeof start + 3000];
	struct fake_request request = {
		.method = "PUT",
		.target = "/forms",
		.headers = "Content-Type: multipart/form-data; boundary=b\n",
		.body = { body, sizeof body - 1 },
		.piece_bytes = 2000,
		.memory_bytes = 1 << 20,
	};
	size_t before = count_descriptors();

	(void)state;
	memset(body, 'x', sizeof body);
	memcpy(body, start, sizeof start - 1);
	memcpy(body + sizeof body - 11, "\r\n--b--\r\n", 10);
	serve_with_failures(&request, 204);
	request.method = "POST";
	serve_with_failures(&request, 204);
	request.body.len -= 9;
	serve_with_failures(&request, 400);
	assert_int_equal(count_descriptors(), before);
}

static const struct {
	const char *target, *headers;
	int status;
} file_cases[] = {
	{ "/files/small.js", NULL, 200 },
	{ "/files/small.js", "Accept-Encoding: br, gzip\n", 200 },
	{ "/files/large.bin", NULL, 200 },
	{ "/files/small.js", "Range: bytes=0-1\n", 206 },
	{ "/files/large.bin", "Range: bytes=0-1,5-6,9-\n", 206 },
	{ "/files/large.bin", "Range: bytes=1000000-\n", 416 },
	{ "/files/small.js", "If-None-Match: *\n", 304 },
	{ "/files/small.js", "If-Match: \"a\"\nIf-Match: \"b\"\n", 412 },
	{ "/files/none.js", NULL, 404 },
	{ "/files/sub", NULL, 301 },
	{ "/kept/small.js", NULL, 200 },
	{ "/kept/small.js", "Range: bytes=0-1,5-6\n", 206 },
};

static void test_serve_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof file_cases / sizeof file_cases[0]; i++) {
		struct fake_request request = {
			.target = file_cases[i].target,
			.headers = file_cases[i].headers,
			.memory_bytes = 1 << 20,
		};
		serve_with_failures(&request, file_cases[i].status);
		request.method = "HEAD";
		if (file_cases[i].status == 200)
			serve_with_failures(&request, 200);
	}
}

/* The folder is where the test goes on, so that nothing of it must be told. */
static void write_file(const char *name, size_t len)
{
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	for (size_t i = 0; i < len; i++)
		assert_int_not_equal(fputc('a', file), EOF);
	assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
	static char path[] = "/tmp/coracle-test-XXXXXX";

	*state = mkdtemp(path);
	if (!*state || chdir(path) < 0 || mkdir("sub", 0700) < 0)
		return -1;
	write_file("small.js", 100);
	write_file("small.js.br", 50);
	write_file("large.bin", 100000);
	return 0;
}

static int remove_folder(void **state)
{
	return unlink("small.js") < 0 || unlink("small.js.br") < 0 || unlink("large.bin") < 0 ||
			       rmdir("sub") < 0 || rmdir(*state) < 0
		       ? -1
		       : 0;
}

/*
 * The encoded form of a large answer goes with the answer: it is not kept until the thread's next
 * answer.
 */
static void test_large_answer_is_not_kept(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	size_t before = large_held();
	fake_serve(dispatcher,
		&(struct fake_request){ .method = "PUT",
			.target = "/much/7",
			.headers = "X-Location: here\n",
			.body = COR_STR("{}") },
		&reply);
	assert_int_equal(reply.status, 200);
	assert_true(reply.body.len > 1 << 20);
	fake_finish(&reply);
	assert_true(large_held() <= before);
	cor_dispatcher_destroy(dispatcher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_create_wrong),
		cmocka_unit_test(test_create_ctx),
		cmocka_unit_test(test_serve),
		cmocka_unit_test(test_serve_form),
		cmocka_unit_test(test_serve_files),
		cmocka_unit_test(test_large_answer_is_not_kept),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
