/* SPDX-License-Identifier: MIT */
/* Answers as bytes of a store, into which anybody may have put anything. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "cache/mark.h"
#include "client/kept.h"

static const struct cor_http_field fields[] = { { "ETag", "\"a\"" }, { "X", "" }, { NULL, NULL } };

static const struct cor_kept answer = {
	.kind = COR_KEPT_ANSWER,
	.epoch = 7,
	.times = { 100, 200 },
	.head = { .status = 404, .fields = fields, .fields_len = 2, .body_bytes = 3 },
	.body = { "a\0b", 3 },
};

/* Behind the mark, in memory of its own length, so that who reads too far is found. */
static char *write(const struct cor_kept *kept, size_t *ret_len)
{
	struct cor_buffer buffer = { 0 };
	char *copy;

	cor_kept_write(kept, &buffer);
	assert_int_equal(cor_buffer_error(&buffer), 0);
	*ret_len = buffer.len - sizeof(struct cor_mark);
	copy = malloc(*ret_len);
	assert_non_null(copy);
	memcpy(copy, buffer.data + sizeof(struct cor_mark), *ret_len);
	cor_buffer_finish(&buffer);
	return copy;
}

static int read(char *bytes, size_t len, struct cor_arena *arena, struct cor_kept *ret)
{
	cor_arena_init(arena, NULL, 0, 0);
	return cor_kept_read(arena, (struct cor_str){ bytes, len }, ret);
}

static void test_there_and_back(void **state)
{
	struct cor_arena arena;
	struct cor_kept got;
	size_t len;
	char *bytes = write(&answer, &len);

	(void)state;
	assert_int_equal(read(bytes, len, &arena, &got), 0);
	assert_int_equal(got.kind, COR_KEPT_ANSWER);
	assert_int_equal(got.epoch, 7);
	assert_int_equal(got.times.came_ms, 200);
	assert_int_equal(got.head.status, 404);
	assert_int_equal(got.head.fields_len, 2);
	assert_string_equal(got.head.fields[1].name, "X");
	assert_string_equal(got.head.fields[1].value, "");
	assert_null(got.head.fields[2].name);
	assert_int_equal(got.body.len, 3);
	assert_memory_equal(got.body.data, "a\0b", 3);
	cor_arena_finish(&arena);
	free(bytes);
}

static void test_what_is_cut_is_not_read(void **state)
{
	struct cor_arena arena;
	struct cor_kept got;
	size_t len;
	char *bytes = write(&answer, &len);

	(void)state;
	for (size_t cut = 0; cut < len - answer.body.len; cut++) {
		char *part = malloc(cut + 1);
		assert_non_null(part);
		memcpy(part, bytes, cut);
		assert_int_equal(read(part, cut, &arena, &got), -EBADMSG);
		cor_arena_finish(&arena);
		free(part);
	}
	free(bytes);
}

/* It would be sent as a condition. */
static void test_no_line_ends_in_a_field(void **state)
{
	const struct cor_http_field bad[] = { { "ETag", "\"a\r\nX: \"" }, { NULL, NULL } };
	struct cor_kept injected = answer, got;
	struct cor_arena arena;
	size_t len;

	(void)state;
	injected.head.fields = bad;
	injected.head.fields_len = 1;
	char *bytes = write(&injected, &len);
	assert_int_equal(read(bytes, len, &arena, &got), -EBADMSG);
	cor_arena_finish(&arena);
	free(bytes);
}

/* Any bit may be another: what comes of it is an answer, or nothing, and nobody reads too far. */
static void test_any_bit_may_be_wrong(void **state)
{
	struct cor_freshness freshness;
	struct cor_arena arena;
	struct cor_kept got;
	size_t len;
	char *bytes = write(&answer, &len);

	(void)state;
	for (size_t bit = 0; bit < len * 8; bit++) {
		bytes[bit / 8] ^= (char)(1 << bit % 8);
		int rc = read(bytes, len, &arena, &got);
		assert_true(rc == 0 || rc == -EBADMSG);
		for (size_t i = 0; rc == 0 && i < got.head.fields_len; i++)
			assert_true(strlen(got.head.fields[i].value) < len);
		assert_true(rc < 0 || got.body.len <= len);
		if (rc == 0 && got.kind == COR_KEPT_ANSWER) {
			cor_freshness_of(&got.head, &got.times, NULL, &freshness);
			assert_true(cor_freshness_age_ms(&freshness, INT64_C(1) << 42) >= -1);
		}
		cor_arena_finish(&arena);
		bytes[bit / 8] ^= (char)(1 << bit % 8);
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_what_is_cut_is_not_read),
		cmocka_unit_test(test_no_line_ends_in_a_field),
		cmocka_unit_test(test_any_bit_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
