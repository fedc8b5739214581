/* SPDX-License-Identifier: MIT */
/* Forms with files that calls send: how they are written, sent again, and refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <coracle/error.h>
#include <coracle/http_part.h>
#include <coracle/upload.h>

#include "multipart/parser.h"
#include "stage.h"

struct photo_form {
	const char *title;
	int64_t stars;
	cor_array(const char *) tags;
	struct cor_upload photo;
	cor_array(struct cor_upload) notes;
	int64_t made;
};
static const struct cor_field photo_form_fields[] = {
	COR_FIELD(struct photo_form, title),
	COR_FIELD(struct photo_form, stars),
	COR_ARRAY(struct photo_form, tags, .presence = COR_OPTIONAL),
	COR_FIELD(struct photo_form, photo),
	COR_ARRAY(struct photo_form, notes, .presence = COR_OPTIONAL),
	COR_FIELD(struct photo_form, made, .access = COR_READ_ONLY),
};
COR_LOCAL_SCHEMA(photo_form_schema, struct photo_form, photo_form_fields);

static struct cor_upload in_memory(const char *name, const char *type, const char *bytes)
{
	return (struct cor_upload){ name, type, strlen(bytes), bytes, -1 };
}

#define POST(...)     cor_http_post(stage->ctx, &prices, COR_NONE, NULL, COR_PATH("/"), __VA_ARGS__)
#define REPEAT(...)   POST(.repeats = COR_REPEATABLE, __VA_ARGS__)
#define PARTS(...)    .parts = COR_HTTP_PARTS(__VA_ARGS__)
#define IS_ANSWERED() stage_line(stage, &(struct cor_scripted){ .status = 204 })

/* The body of a request, with B for its boundary. */
static const char *body_of(const struct stage *stage, size_t i)
{
	static char shown[8192];
	const struct cor_script_call *call = stage_call(stage, i);
	const char *type = cor_script_header(call, "Content-Type"), *fault;
	struct cor_str boundary;
	size_t len = 0;

	assert_int_equal(cor_multipart_boundary(cor_str(type), &boundary, &fault), 0);
	assert_int_equal(boundary.len, 32);
	for (size_t at = 0; at < call->body.len && len < sizeof shown - 1; at++) {
		bool is_here = call->body.len - at >= boundary.len &&
			       memcmp(call->body.data + at, boundary.data, boundary.len) == 0;
		shown[len++] = is_here ? 'B' : call->body.data[at];
		at += is_here ? boundary.len - 1 : 0;
	}
	shown[len] = '\0';
	return shown;
}

#define NAMED(name)      "--B\r\nContent-Disposition: form-data; name=\"" name "\""
#define TEXT(name, text) NAMED(name) "\r\n\r\n" text "\r\n"
#define FILED(name, file, type, bytes)                                                             \
	NAMED(name) "; filename=\"" file "\"\r\nContent-Type: " type "\r\n\r\n" bytes "\r\n"
#define OCTETS "application/octet-stream"

static void test_rows(void **state)
{
	struct stage *stage = *state;
	const char *tags[] = { "a", "b\r\n--c" };
	struct cor_upload notes[] = { in_memory("", NULL, ""), in_memory("n", "", "2") };
	const struct photo_form form = {
		.title = "Gr\xc3\xb6\xc3\x9f"
			 "e",
		.stars = -3,
		.tags = { tags, 2 },
		.photo = in_memory("p.png", "image/png", "PNG"),
		.notes = { notes, 2 },
		.made = 1,
	};

	IS_ANSWERED();
	assert_int_equal(POST(.in = COR_VALUE(photo_form_schema, &form)), 0);
	assert_string_equal(body_of(stage, 0),
		TEXT("title", "Gr\xc3\xb6\xc3\x9f"
			      "e") TEXT("stars", "-3") TEXT("tags", "a") TEXT("tags", "b\r\n--c")
			FILED("photo", "p.png", "image/png", "PNG") FILED("notes", "", OCTETS, "")
				FILED("notes", "n", OCTETS, "2") "--B--\r\n");
}

static void test_rows_without_files(void **state)
{
	struct stage *stage = *state;
	const struct question question = { .shelf = "s", .tenant = "t", .cents = 9 };

	IS_ANSWERED();
	assert_int_equal(cor_http_put(stage->ctx, &prices, COR_NONE, NULL, COR_PATH("/{shelf}"),
				 .in = COR_VALUE(question_schema, &question),
				 .sent_as = COR_SENT_AS_MULTIPART,
				 PARTS({ .name = "more", .bytes = COR_STR("") })),
		0);
	assert_string_equal(stage_call(stage, 0)->path, "/v1/s?limit=0");
	assert_string_equal(body_of(stage, 0), TEXT("cents", "9") TEXT("more", "") "--B--\r\n");
}

static void test_parts(void **state)
{
	struct stage *stage = *state;
	const struct cor_upload upload = in_memory("own.txt", "text/plain", "abc");

	IS_ANSWERED();
	assert_int_equal(
		POST(PARTS({ .name = "a \"b\"\r\n", .bytes = COR_STR("1") },
			{ .name = "f",
				.file_name = "x\"y\r\nX: z\\.txt\xc3\xbc",
				.type = "text/csv; charset=utf-8",
				.headers = COR_HTTP_FIELDS({ "Content-ID", "<7>" }, { "X-Y", "" }),
				.bytes = COR_STR("1,2") },
			{ .name = "u", .upload = &upload },
			{ .name = "v", .file_name = "w", .type = "text/x", .upload = &upload })),
		0);
	assert_string_equal(body_of(stage, 0),
		TEXT("a %22b%22%0D%0A", "1")
			NAMED("f") "; filename=\"x%22y%0D%0AX: z\\.txt\xc3\xbc\"\r\n"
				   "Content-Type: text/csv; charset=utf-8\r\n"
				   "Content-ID: <7>\r\nX-Y: \r\n\r\n1,2\r\n" FILED(
					   "u", "own.txt", "text/plain", "abc")
					   FILED("v", "w", "text/x", "abc") "--B--\r\n");
}

/* What the own parser makes of it is what was sent, whatever it is. */
static void test_bytes_stay_as_they_are(void **state)
{
	struct stage *stage = *state;
	static char bytes[100000], lines[1000];
	const struct cor_multipart_limits limits = { 10, sizeof lines };
	struct cor_multipart multipart;
	struct cor_str boundary, data;
	const char *fault;
	size_t at = 0;
	int event;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = "\r\n--\0x"[i * i % 7 % 6];
	IS_ANSWERED();
	assert_int_equal(
		POST(PARTS({ .name = "a", .file_name = "\"", .bytes = { bytes, sizeof bytes } })),
		0);
	const struct cor_script_call *call = stage_call(stage, 0);
	struct cor_str input = call->body;
	assert_int_equal(cor_multipart_boundary(cor_str(cor_script_header(call, "Content-Type")),
				 &boundary, &fault),
		0);
	cor_multipart_begin(&multipart, boundary, lines, &limits);
	assert_int_equal(cor_multipart_next(&multipart, &input, &data), COR_MULTIPART_PART);
	assert_string_equal(multipart.head.file_name, "\"");
	while ((event = cor_multipart_next(&multipart, &input, &data)) == COR_MULTIPART_DATA) {
		assert_memory_equal(data.data, bytes + at, data.len);
		at += data.len;
	}
	assert_int_equal(event, COR_MULTIPART_PART_END);
	assert_int_equal(at, sizeof bytes);
	assert_int_equal(cor_multipart_next(&multipart, &input, &data), COR_MULTIPART_END);
}

/* --- files --- */

static char *make_file(const char *bytes)
{
	static char path[] = "/tmp/sent-form-XXXXXX";

	memcpy(path + strlen(path) - 6, "XXXXXX", 6);
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
	close(fd);
	return path;
}

static void test_files(void **state)
{
	struct stage *stage = *state;
	struct cor_upload upload = { .name = "untouched" };
	char *path = make_file("from a path");

	assert_int_equal(cor_upload_open(stage->ctx, "/tmp", &upload), -EISDIR);
	assert_int_equal(cor_upload_open(stage->ctx, "/dev/null", &upload), -EINVAL);
	assert_int_equal(cor_upload_open(stage->ctx, "/nowhere/x", &upload), -ENOENT);
	assert_string_equal(upload.name, "untouched");
	assert_int_equal(cor_upload_open(stage->ctx, path, &upload), 0);
	assert_string_equal(upload.name, path + strlen("/tmp/"));
	assert_int_equal(upload.size, 11);

	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_RESET });
	IS_ANSWERED();
	assert_int_equal(REPEAT(PARTS({ .name = "f", .file_name = "n", .upload = &upload })), 0);
	assert_string_equal(body_of(stage, 1), FILED("f", "n", OCTETS, "from a path") "--B--\r\n");

	assert_int_equal(truncate(path, 4), 0);
	assert_int_equal(POST(PARTS({ .name = "f", .upload = &upload })), -EIO);
	assert_int_equal(stage_failure(stage), COR_FAILED_SOURCE);
	assert_non_null(strstr(cor_http_failure(stage->ctx)->text,
		"its part \"f\" ends with: other bytes than its length says"));
	unlink(path);
}

/* --- sources --- */

static void test_sources(void **state)
{
	struct stage *stage = *state;
	struct pieces pieces = { .bytes = 10 };
	struct cor_http_source source = { pieces_give, pieces_rewind, &pieces, 10 };

	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_RESET });
	stage_line(stage, &(struct cor_scripted){ .status = 308,
				  .headers = COR_HTTP_FIELDS({ "Location", "/x" }) });
	stage_line(stage, &(struct cor_scripted){ .status = 204, .times = 2 });
	assert_int_equal(REPEAT(PARTS({ .name = "s", .file_name = "n", .source = &source },
				 { .name = "t", .bytes = COR_STR("1") })),
		0);
	assert_int_equal(pieces.rewound, 2);
	assert_string_equal(stage_call(stage, 2)->path, "/x");
	assert_string_equal(body_of(stage, 2),
		FILED("s", "n", OCTETS, "xxxxxxxxxx") TEXT("t", "1") "--B--\r\n");

	source.bytes = -1;
	pieces = (struct pieces){ .bytes = 3 };
	assert_int_equal(POST(PARTS({ .name = "s", .source = &source })), 0);
	assert_string_equal(body_of(stage, 3), TEXT("s", "xxx") "--B--\r\n");
}

static void test_what_cannot_be_sent_twice_is_not(void **state)
{
	struct stage *stage = *state;
	struct pieces pieces = { .bytes = 10 };
	const struct cor_http_source source = { pieces_give, NULL, &pieces, 10 };
	const struct cor_http_part *parts = COR_HTTP_PARTS({ .name = "s", .source = &source });
	const struct cor_http_failure *failure;

	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_REFUSED });
	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_RESET });
	assert_int_equal(REPEAT(.parts = parts), -ECONNRESET);
	assert_int_equal(cor_script_len(stage->script), 2); /* nothing was read for the first */
	failure = cor_http_failure(stage->ctx);
	print_message("# %s\n", failure->text);
	assert_non_null(
		strstr(failure->text, "; not tried again: its body cannot be sent twice ("));

	pieces.given = 0;
	stage_line(stage, &(struct cor_scripted){ .status = 503 });
	assert_int_equal(REPEAT(.parts = parts), -COR_ESTATUS);
	failure = cor_http_failure(stage->ctx);
	assert_non_null(strstr(failure->text, "503 Service Unavailable; not tried again: "));

	pieces.given = 0;
	stage_line(stage, &(struct cor_scripted){ .status = 307,
				  .headers = COR_HTTP_FIELDS({ "Location", "/x" }) });
	assert_int_equal(REPEAT(.parts = parts), -EBADMSG);
	failure = cor_http_failure(stage->ctx);
	assert_non_null(strstr(failure->text, "elsewhere, but the body cannot be sent twice"));
}

static void fails(
	struct stage *stage, const struct cor_http_source *source, int rc, const char *why)
{
	const struct cor_http_source endless = { pieces_give, NULL, &(struct pieces){ .bytes = 1 },
		-1 };

	stage_line(stage, &(struct cor_scripted){ .status = 204 });
	assert_int_equal(
		POST(PARTS({ .name = "e", .source = &endless }, { .name = "s", .source = source })),
		rc);
	assert_int_equal(stage_failure(stage), COR_FAILED_SOURCE);
	assert_non_null(strstr(cor_http_failure(stage->ctx)->text, why));
}

/* Also where the form as a whole says no length. */
static void test_sources_that_fail(void **state)
{
	struct stage *stage = *state;
	struct pieces pieces = { .bytes = 10 };
	struct cor_http_source source = { pieces_give, NULL, &pieces, 11 };

	fails(stage, &source, -EIO, "part \"s\" ends with: other bytes than its length says");
	source.bytes = 9;
	pieces.given = 0;
	fails(stage, &source, -EIO, "part \"s\" ends with: other bytes than its length says");
	pieces.rc = -ENOENT;
	fails(stage, &source, -ENOENT, "part \"s\" ends with: No such file");
}

/* --- what cannot be sent --- */

static void refuse(struct stage *stage, int rc, const char *text)
{
	assert_int_equal(rc, -EINVAL);
	assert_int_equal(stage_failure(stage), COR_FAILED_CALL);
	print_message("# %s\n", cor_http_failure(stage->ctx)->text);
	assert_non_null(strstr(cor_http_failure(stage->ctx)->text, text));
	assert_int_equal(cor_script_len(stage->script), 0);
}

#define ONE(...)    POST(PARTS({ .name = "p", __VA_ARGS__ }))
#define HEADED(...) ONE(.bytes = COR_STR("1"), .headers = COR_HTTP_FIELDS({ __VA_ARGS__ }))

static void test_nothing_injects_a_header(void **state)
{
	struct stage *stage = *state;
	const struct cor_upload typed = in_memory("n", "text/x\r\nX: y", "");
	const struct cor_str one = COR_STR("1");
	char *large = calloc(1, COR_HTTP_PART_HEAD_BYTES + 1);

	memset(large, 'x', COR_HTTP_PART_HEAD_BYTES);
	refuse(stage, ONE(.file_name = "a\x01", .bytes = one), "has a name that is not UTF-8");
	refuse(stage, ONE(.file_name = "a\xff", .bytes = one), "has a name that is not UTF-8");
	refuse(stage, POST(PARTS({ .name = "a\\", .file_name = "b", .bytes = one })),
		"ends with a backslash");
	refuse(stage, ONE(.type = "text/x\r\nX: y", .bytes = one), "a .type that is none");
	refuse(stage, ONE(.type = "text", .bytes = one), "a .type that is none");
	refuse(stage, ONE(.upload = &typed), "a .type that is none");
	refuse(stage, HEADED("X", "a\r\nY: b"), "a header X whose value");
	refuse(stage, HEADED("X", NULL), "a header X whose value");
	refuse(stage, HEADED("X: y\r\nZ", "1"), "a header whose name");
	refuse(stage, HEADED("content-type", "text/x"), "says content-type by .name, .file_name");
	refuse(stage, HEADED("Content-Disposition", "x"), "by .name, .file_name and .type alone");
	refuse(stage, ONE(.file_name = large, .bytes = one), "more than 8192 bytes of header");
	free(large);
}

static void test_forms_that_contradict_themselves(void **state)
{
	struct stage *stage = *state;
	const struct cor_upload upload = in_memory("n", NULL, "");
	const struct cor_str one = COR_STR("1");
	const struct photo_form whole = { .title = "t", .photo = upload }, blank = { .title = "t" };
	const struct cor_value in = COR_VALUE(photo_form_schema, &whole);
	static struct cor_http_part many[COR_HTTP_PARTS_MAX + 2];

	for (size_t i = 0; i <= COR_HTTP_PARTS_MAX; i++)
		many[i] = (struct cor_http_part){ .name = "m", .bytes = one };
	refuse(stage, ONE(.type = "text/x"), "needs one of .bytes, .upload and .source");
	refuse(stage, ONE(.bytes = one, .upload = &upload), "needs one of .bytes");
	refuse(stage, POST(.parts = many), "is one more than the 1000");
	refuse(stage, POST(.in = COR_VALUE(photo_form_schema, &blank)), "photo is not a file");
	refuse(stage, POST(.in = in, .sent_as = COR_SENT_AS_FORM), "is COR_SENT_AS_MULTIPART");
	refuse(stage, POST(.in = in, .body = one), "more than one body");
	refuse(stage, POST(.in = in, .content_type = "text/x"), ".content_type is for .body");
	refuse(stage, POST(.in = in, .headers = COR_HTTP_FIELDS({ "content-type", NULL })),
		"\"content-type\" is the client's own to send");
	refuse(stage, POST(.in = in, .headers = COR_HTTP_FIELDS({ "Content-Type", "x/y" })),
		"\"Content-Type\" is the client's own to send");
	refuse(stage, cor_http_get(stage->ctx, &prices, COR_NONE, NULL, COR_PATH("/"), .in = in),
		"row photo is a file, which only a body has");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows),
		TEST(test_rows_without_files),
		TEST(test_parts),
		TEST(test_bytes_stay_as_they_are),
		TEST(test_files),
		TEST(test_sources),
		TEST(test_what_cannot_be_sent_twice_is_not),
		TEST(test_sources_that_fail),
		TEST(test_nothing_injects_a_header),
		TEST(test_forms_that_contradict_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
