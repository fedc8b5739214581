/* SPDX-License-Identifier: MIT */
/* Bodies of calls and answers: in pieces, cut, and coded. */
#include "course_bodies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "stage.h"

#define OK      "{\"cents\":250}"
#define ANSWERS .times = COR_SCRIPT_ALWAYS
/* The call of each test. */
#define GET(...)  cor_http_get(stage->ctx, &prices, COR_NONE, NULL, __VA_ARGS__)
#define POST(...) cor_http_post(stage->ctx, &prices, COR_NONE, NULL, __VA_ARGS__)

/* --- bodies in pieces --- */

void test_sources(void **state)
{
	struct stage *stage = *state;
	struct pieces pieces = { .bytes = 100 };
	struct cor_http_source source = { pieces_give, pieces_rewind, &pieces, 100 };

	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_RESET });
	stage_line(stage, &(struct cor_scripted){ .status = 204, .times = 2 });
	assert_int_equal(POST(COR_PATH("/"), .source = &source, .repeats = COR_REPEATABLE), 0);
	assert_int_equal(pieces.rewound, 1);
	assert_int_equal(stage_call(stage, 1)->body.len, 100);

	source.bytes = -1;
	pieces = (struct pieces){ .bytes = 5 };
	assert_int_equal(POST(COR_PATH("/"), .source = &source), 0);
	assert_int_equal(stage_call(stage, 2)->body.len, 5);
}

void test_sources_that_fail(void **state)
{
	struct stage *stage = *state;
	struct pieces pieces = { .bytes = 100 };
	struct cor_http_source source = { pieces_give, NULL, &pieces, 101 };

	stage_line(stage, &(struct cor_scripted){ ANSWERS });
	assert_int_equal(POST(COR_PATH("/"), .source = &source), -EIO);
	assert_int_equal(stage_failure(stage), COR_FAILED_SOURCE);
	source.bytes = 99;
	pieces.given = 0;
	assert_int_equal(POST(COR_PATH("/"), .source = &source), -EIO);
	pieces.rc = -ENOENT;
	assert_int_equal(POST(COR_PATH("/"), .source = &source), -ENOENT);
	assert_int_equal(cor_problem_of(stage->ctx)->status, 500);
}

static ssize_t give_late(void *arg, void *buffer, size_t size)
{
	int rc = cor_sleep_ms(1000);

	return rc < 0 ? rc : pieces_give(arg, buffer, size);
}

/* The call has its end while its body is waited for, too, and it is no failure of the source. */
void test_a_source_that_takes_too_long(void **state)
{
	struct stage *stage = *state;
	struct pieces pieces = { .bytes = 100 };
	const struct cor_http_source source = { give_late, NULL, &pieces, 100 };
	struct cor_scope scope;

	stage_line(stage, &(struct cor_scripted){ ANSWERS });
	assert_int_equal(POST(COR_PATH("/"), .source = &source, .timeout_ms = 2500), -ETIMEDOUT);
	assert_int_equal(stage_failure(stage), COR_FAILED_TOTAL_TIMEOUT);
	assert_int_equal(stage_ms(stage), 2500);
	assert_int_equal(pieces.given, 14);
	cor_scope_enter(&scope, 500);
	assert_int_equal(POST(COR_PATH("/"), .source = &source), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(stage_failure(stage), COR_FAILED_TOTAL_TIMEOUT);
	assert_int_equal(stage_ms(stage), 3000);
}

static const struct cor_scripted stalls[] = {
	{ .status = 404, .body = "no", .fault = COR_SCRIPT_STALLED, .fails_after = 1 },
	{ .status = 302,
		.headers = COR_HTTP_FIELDS({ "Location", "/x" }),
		.body = "no",
		.fault = COR_SCRIPT_STALLED,
		.fails_after = 1 },
	{ .status = 404, .body = "0123456789", .piece_bytes = 1, .piece_ms = 60 },
};

/* What is read for the connection's sake alone holds nobody up. */
void test_a_body_that_nobody_wants(void **state)
{
	struct stage *stage = *state;
	int status;

	for (size_t i = 0; i < sizeof stalls / sizeof stalls[0]; i++) {
		int64_t began_ms = stage_ms(stage);
		stage_line(stage, &stalls[i]);
		stage_line(stage, &(struct cor_scripted){ .path = "/x" });
		assert_int_equal(GET(COR_PATH("/"), .ret_status = &status), 0);
		assert_int_equal(status, stalls[i].status == 302 ? 200 : 404);
		assert_int_equal(stage_ms(stage) - began_ms, 100);
	}
}

void test_answers_in_pieces(void **state)
{
	struct stage *stage = *state;
	struct cor_answer *answer;
	char buffer[8];
	char all[32] = "";
	size_t len = 0;
	ssize_t n;

	stage_line(stage, &(struct cor_scripted){ .status = 404,
				  .body = "0123456789abcdef",
				  .piece_bytes = 5,
				  .headers = COR_HTTP_FIELDS({ "A", "1" }) });
	assert_int_equal(cor_http_open(stage->ctx, &prices, &answer, COR_PATH("/")), 0);
	assert_int_equal(cor_answer_status(answer), 404);
	assert_string_equal(cor_answer_header(answer, "a"), "1");
	assert_null(cor_answer_header(answer, "b"));
	assert_int_equal(cor_answer_length(answer), 16);
	while ((n = cor_answer_read(answer, buffer, sizeof buffer)) > 0)
		len += (size_t)n, memcpy(all + len - (size_t)n, buffer, (size_t)n);
	assert_int_equal(n, 0);
	assert_string_equal(all, "0123456789abcdef");
	assert_int_equal(cor_answer_read(answer, buffer, sizeof buffer), 0);
	cor_answer_close(answer);
	cor_answer_close(NULL);
}

void test_an_answer_that_is_cut(void **state)
{
	struct stage *stage = *state;
	struct cor_answer *answer;
	char buffer[8];

	stage_line(stage, &(struct cor_scripted){
				  .body = "0123", .fault = COR_SCRIPT_RESET, .fails_after = 2 });
	assert_int_equal(cor_http_open(stage->ctx, &prices, &answer, COR_PATH("/")), 0);
	assert_int_equal(cor_answer_read(answer, buffer, sizeof buffer), 2);
	assert_int_equal(cor_answer_read(answer, buffer, sizeof buffer), -ECONNRESET);
	assert_int_equal(stage_failure(stage), COR_FAILED_LOST);
	assert_int_equal(cor_answer_read(answer, buffer, sizeof buffer), -COR_ECLOSED);
	cor_answer_close(answer); /* and one that nobody closes ends with its ctx */
	stage_line(stage, &(struct cor_scripted){ .body = "0123" });
	assert_int_equal(cor_http_open(stage->ctx, &prices, &answer, COR_PATH("/")), 0);
}

/* --- codings --- */

static size_t compress_gzip(const char *text, size_t len, unsigned char *out, size_t room)
{
	z_stream stream = { 0 };

	assert_int_equal(
		deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_in = (unsigned char *)(uintptr_t)text;
	stream.avail_in = (unsigned)len;
	stream.next_out = out;
	stream.avail_out = (unsigned)room;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	return room - stream.avail_out;
}

static void add_gzip(struct stage *stage, const char *text, size_t len, size_t cut)
{
	unsigned char *out = malloc(len + 100);

	assert_non_null(out);
	size_t bytes = compress_gzip(text, len, out, len + 100);
	stage_line(stage, &(struct cor_scripted){ .body = (const char *)out,
				  .body_bytes = bytes - cut,
				  .piece_bytes = 3,
				  .headers = COR_HTTP_FIELDS({ "Content-Encoding", "GZIP" }) });
	free(out);
}

void test_codings(void **state)
{
	struct stage *stage = *state;
	struct price price;

	add_gzip(stage, OK, strlen(OK), 0);
	assert_int_equal(cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/")), 0);
	assert_int_equal(price.cents, 250);
	add_gzip(stage, OK, strlen(OK), 1);
	assert_int_equal(
		cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/")), -EBADMSG);
	assert_int_equal(stage_failure(stage), COR_FAILED_CODING);
	stage_line(stage, &(struct cor_scripted){ .body = OK,
				  .headers = COR_HTTP_FIELDS({ "Content-Encoding", "gzip" }) });
	assert_int_equal(
		cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/")), -EBADMSG);
	assert_int_equal(stage_failure(stage), COR_FAILED_CODING);
}

#define PACKED COR_HTTP_FIELDS({ "Content-Encoding", "br" }, { "Location", "/x" })

/* A coding that was not asked for is a failure where its body counts, and there alone. */
void test_codings_that_nobody_asked_for(void **state)
{
	struct stage *stage = *state;
	struct cor_answer *answer;
	struct price price;
	int status;

	stage_line(stage, &(struct cor_scripted){ .status = 404, .body = "?", .headers = PACKED });
	assert_int_equal(cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/"),
				 .ret_status = &status),
		0);
	assert_int_equal(status, 404);
	stage_line(stage, &(struct cor_scripted){ .status = 400, .body = "?", .headers = PACKED });
	assert_int_equal(GET(COR_PATH("/")), -COR_ESTATUS);
	assert_int_equal(cor_http_failure(stage->ctx)->body.len, 0);
	stage_line(stage, &(struct cor_scripted){ .status = 503, .body = "?", .headers = PACKED });
	stage_line(stage, &(struct cor_scripted){ .status = 301, .body = "?", .headers = PACKED });
	stage_line(stage, &(struct cor_scripted){ .body = "" });
	assert_int_equal(GET(COR_PATH("/")), 0);
	stage_line(stage, &(struct cor_scripted){ .body = "?", .headers = PACKED, .times = 2 });
	assert_int_equal(
		cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/")), -EBADMSG);
	assert_int_equal(stage_failure(stage), COR_FAILED_CODING);
	assert_int_equal(cor_http_open(stage->ctx, &prices, &answer, COR_PATH("/")), -EBADMSG);
	assert_int_equal(stage_failure(stage), COR_FAILED_CODING);
	/* one that stands behind another field of the same name counts, too */
	stage_line(stage, &(struct cor_scripted){ .body = OK,
				  .headers = COR_HTTP_FIELDS({ "Content-Encoding", "identity" },
					  { "Content-Encoding", "br" }) });
	assert_int_equal(
		cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/")), -EBADMSG);
	assert_int_equal(stage_failure(stage), COR_FAILED_CODING);
}

void test_bombs(void **state)
{
	struct stage *stage = *state;
	size_t len = 1 << 20;
	char *zeros = calloc(1, len);
	struct cor_str ret;
	struct cor_answer *answer;
	char buffer[4096];
	ssize_t n;

	assert_non_null(zeros);
	add_gzip(stage, zeros, len, 0);
	assert_int_equal(
		cor_http_get(stage->ctx, &prices, COR_BYTES, &ret, COR_PATH("/")), -EMSGSIZE);
	assert_int_equal(stage_failure(stage), COR_FAILED_TOO_LARGE);
	add_gzip(stage, zeros, len, 0);
	assert_int_equal(cor_http_open(stage->ctx, &prices, &answer, COR_PATH("/")), 0);
	assert_int_equal(cor_answer_length(answer), -1);
	while ((n = cor_answer_read(answer, buffer, sizeof buffer)) > 0)
		;
	assert_int_equal(n, -EMSGSIZE); /* by its ratio */
	free(zeros);
}
