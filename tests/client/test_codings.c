/* SPDX-License-Identifier: MIT */
/* Answers that come compressed, however they are split and read. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/client.h>
#include <coracle/compression.h>
#include <coracle/error.h>
#include <coracle/script.h>
#include <coracle/service.h>

#include "client/upstreams.h"
#include "compress/coding.h"

#define BYTES 60000

static const struct cor_coding *const all[] = { &cor_gzip, &cor_brotli, &cor_zstd };

struct play {
	const struct cor_coding *coding;
	const struct cor_coding *codings[2];
	struct cor_upstream upstream;
	const struct cor_upstream *upstreams[2];
	struct cor_service service;
	struct cor_script *script;
	struct cor_ctx *ctx;
	char text[BYTES];
	char packed[2 * BYTES];
	size_t packed_len;
};

/* Nothing that repeats at once, and yet shorter when it is packed. */
static void fill(char *text, size_t len)
{
	uint32_t state = 1;

	for (size_t i = 0; i < len; i++) {
		state = state * 1664525 + 1013904223;
		text[i] = i > 700 && state >> 29 ? text[i - 700] : (char)(' ' + (state >> 26));
	}
}

static void pack(struct play *play, enum cor_coding_aim aim)
{
	const struct cor_encoder_options options = { .level = play->coding->usual_level,
		.length = -1 };
	struct cor_encoder *encoder;
	struct cor_coding_io io = { play->text, BYTES, play->packed, sizeof play->packed };

	assert_int_equal(play->coding->open_encoder(&options, &encoder), 0);
	assert_int_equal(play->coding->encode(encoder, &io, aim), COR_CODING_DONE);
	play->coding->close_encoder(encoder);
	play->packed_len = sizeof play->packed - io.out_len;
}

static struct play *begin(const struct cor_coding *coding)
{
	struct play *play = calloc(1, sizeof *play);

	assert_non_null(play);
	play->coding = play->codings[0] = coding;
	play->upstream = (struct cor_upstream){ .name = "packed",
		.base_url = "http://packed",
		.codings = play->codings,
		.between_bytes_timeout_ms = 20 };
	play->upstreams[0] = &play->upstream;
	play->service = (struct cor_service){ .name = "play", .upstreams = play->upstreams };
	assert_int_equal(cor_script_create(&play->script), 0);
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &play->service,
						.script = play->script },
				 &play->ctx),
		0);
	fill(play->text, BYTES);
	return play;
}

static void end(struct play *play)
{
	cor_ctx_destroy(play->ctx);
	cor_script_destroy(play->script);
	free(play);
}

static struct cor_answer *open_answer(
	struct play *play, size_t piece_bytes, enum cor_script_fault fault)
{
	const struct cor_scripted line = { .body = play->packed,
		.body_bytes = play->packed_len,
		.piece_bytes = piece_bytes,
		.headers = COR_HTTP_FIELDS({ "Content-Encoding", play->coding->name }),
		.fault = fault,
		.fails_after = play->packed_len };
	struct cor_answer *answer;

	assert_int_equal(cor_script_add(play->script, &line), 0);
	assert_int_equal(cor_http_open(play->ctx, &play->upstream, &answer, COR_PATH("/")), 0);
	return answer;
}

static void read_text(struct play *play, struct cor_answer *answer, size_t room)
{
	char *buffer = malloc(room);
	size_t len = 0;

	assert_non_null(buffer);
	while (len < BYTES) {
		ssize_t n = cor_answer_read(answer, buffer, room);
		if (n <= 0)
			fail_msg("%s in pieces of %zu ends after %zu bytes: %s", play->coding->name,
				room, len, n < 0 ? cor_errname((int)n) : "its end");
		assert_in_range(n, 1, BYTES - len);
		assert_memory_equal(buffer, play->text + len, n);
		len += (size_t)n;
	}
	free(buffer);
}

/* What comes of a body is not decided by how it is split, nor by the room that its reader has. */
static void test_any_piece_and_any_room(void **state)
{
	static const size_t pieces[] = { 1, 1000, 0 }, rooms[] = { 1, 100, 4096, BYTES + 1 };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (all[i]->missing)
			continue;
		struct play *play = begin(all[i]);
		pack(play, COR_CODING_END);
		for (size_t j = 0; j < 3 * 4; j++) {
			char more;
			struct cor_answer *answer = open_answer(
				play, pieces[j % 3], COR_SCRIPT_WHOLE);
			read_text(play, answer, rooms[j / 3]);
			assert_int_equal(cor_answer_read(answer, &more, 1), 0);
			cor_answer_close(answer);
		}
		end(play);
	}
}

/* What has come is given before more is waited for: it may be all that comes for hours. */
static void test_what_has_come_is_given(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (all[i]->missing)
			continue;
		struct play *play = begin(all[i]);
		char more;
		pack(play, COR_CODING_FLUSH);
		struct cor_answer *answer = open_answer(play, 0, COR_SCRIPT_STALLED);
		read_text(play, answer, 100);
		assert_int_equal(cor_answer_read(answer, &more, 1), -ETIMEDOUT);
		end(play);
	}
}

static void test_a_body_that_is_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (all[i]->missing)
			continue;
		struct play *play = begin(all[i]);
		char more;
		pack(play, COR_CODING_FLUSH);
		struct cor_answer *answer = open_answer(play, 0, COR_SCRIPT_WHOLE);
		read_text(play, answer, 100);
		assert_int_equal(cor_answer_read(answer, &more, 1), -EBADMSG);
		assert_int_equal(cor_http_failure(play->ctx)->kind, COR_FAILED_CODING);
		end(play);
	}
}

/* A build may lack a coding, and two libraries may be of two versions: both are told at start. */
static void test_codings_that_cannot_be_used(void **state)
{
	static const struct cor_coding missing = { .interface = COR_CODING_INTERFACE,
		.name = "br",
		.symbol = "cor_brotli",
		.missing = "libbrotli-dev" };
	static const struct cor_coding other = { .interface = COR_CODING_INTERFACE + 1 };
	static const struct {
		const struct cor_coding *codings[3];
		const char *text;
	} wrong[] = {
		{ { &missing }, "built without br: install libbrotli-dev" },
		{ { &cor_gzip, &other }, "of different versions" },
	};
	struct cor_arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const struct cor_upstream upstream = {
			.name = "wrong", .base_url = "http://wrong", .codings = wrong[i].codings
		};
		const char *fault = cor_upstream_fault(&arena, &upstream, NULL);
		assert_non_null(fault);
		print_message("# %s\n", fault);
		assert_non_null(strstr(fault, wrong[i].text));
	}
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_piece_and_any_room),
		cmocka_unit_test(test_what_has_come_is_given),
		cmocka_unit_test(test_a_body_that_is_cut),
		cmocka_unit_test(test_codings_that_cannot_be_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
