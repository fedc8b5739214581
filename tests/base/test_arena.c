/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include <coracle/arena.h>

#include "base/join.h"

#include "base/poison.h"

static bool is_aligned(const void *memory)
{
	return ((uintptr_t)memory & 15) == 0;
}

static void memory_is_aligned_and_apart(void **state)
{
	struct cor_arena arena;
	unsigned char *pieces[200];

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t i = 0; i < 200; i++) {
		pieces[i] = cor_arena_alloc(&arena, i * 7);
		assert_non_null(pieces[i]);
		assert_true(is_aligned(pieces[i]));
		memset(pieces[i], (int)i, i * 7);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t k = 0; k < i * 7; k++)
			assert_int_equal(pieces[i][k], i);
	cor_arena_finish(&arena);
}

/* Zero bytes get their own place, too, and cost no more than the smallest block. */
static void zero_bytes_cost_little(void **state)
{
	struct cor_arena arena;
	char *before = NULL;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 200000);
	for (int i = 0; i < 5000; i++) {
		char *memory = cor_arena_zalloc(&arena, 0);
		assert_non_null(memory);
		assert_ptr_not_equal(memory, before);
		before = memory;
	}
	cor_arena_finish(&arena);
}

/* An arena's memory is gone once the arena is. */
static void memory_is_gone_at_the_end(void **state)
{
	static char room[256] __attribute__((aligned(16)));
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, room, sizeof room, 0);
	char *kept = cor_arena_strdup(&arena, "another client's");
	assert_non_null(kept);
	cor_arena_finish(&arena);
#if defined(COR_ASAN)
	assert_true(__asan_address_is_poisoned(kept));
#elif COR_POISONS
	assert_int_equal((unsigned char)kept[0], COR_GONE_BYTE);
#endif
}

#ifndef COR_ASAN /* there all memory comes from the heap */

static void the_first_chunk_comes_first(void **state)
{
	char room[256] __attribute__((aligned(16)));
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, room, sizeof room, 0);
	assert_ptr_equal(cor_arena_alloc(&arena, 100), room);
	assert_ptr_equal(cor_arena_alloc(&arena, 144), room + 112);
	assert_int_equal(arena.heap_bytes, 0);
	assert_non_null(cor_arena_alloc(&arena, 1));
	assert_true(arena.heap_bytes > 0);
	cor_arena_reset(&arena);
	assert_int_equal(arena.heap_bytes, 0);
	assert_ptr_equal(cor_arena_alloc(&arena, 1), room);
	cor_arena_finish(&arena);
}

static void a_first_chunk_may_lie_anywhere(void **state)
{
	char room[64] __attribute__((aligned(16)));
	struct cor_arena arena;

	(void)state;
	for (size_t skip = 0; skip < 16; skip++) {
		cor_arena_init(&arena, room + skip, sizeof room - skip, 1);
		char *memory = cor_arena_alloc(&arena, 32);
		assert_true(memory >= room && memory + 32 <= room + sizeof room);
		assert_true(is_aligned(memory));
		assert_null(cor_arena_alloc(&arena, 33));
		cor_arena_finish(&arena);
	}
}

#endif

static void the_limit_holds(void **state)
{
	struct cor_arena arena;
	size_t got = 0;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 64 * 1024);
	while (cor_arena_alloc(&arena, 1000))
		got += 1000;
	assert_in_range(got, 48 * 1024, 64 * 1024);
	assert_true(arena.heap_bytes <= 64 * 1024);
	assert_null(cor_arena_alloc(&arena, 64 * 1024));
	cor_arena_finish(&arena);
}

static void no_size_wraps(void **state)
{
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t less = 0; less < 20; less++) {
		volatile size_t bytes =
			SIZE_MAX - less; /* volatile: the compiler warns about what it can see */
		assert_null(cor_arena_alloc(&arena, bytes));
		assert_null(cor_arena_zalloc(&arena, bytes));
		assert_null(cor_arena_copy(&arena, "", bytes));
	}
	cor_arena_finish(&arena);
}

static void texts_are_copied(void **state)
{
	struct cor_arena arena;
	char long_text[5000];

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	assert_string_equal(cor_arena_strdup(&arena, "boat"), "boat");
	assert_string_equal(cor_arena_strdup(&arena, ""), "");
	assert_string_equal(cor_arena_copy(&arena, "boat", 2), "bo");
	assert_string_equal(cor_arena_copy(&arena, NULL, 0), "");
	assert_string_equal(cor_arena_printf(&arena, "%s-%d", "a", 7), "a-7");
	assert_string_equal(cor_arena_printf(&arena, "%s", long_text), long_text);
	const char *zeroed = cor_arena_zalloc(&arena, 100);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(zeroed[i], 0);
	cor_arena_finish(&arena);
}

static void test_texts_are_joined(void **state)
{
	const struct cor_str parts[] = { COR_STR("/v1"), { NULL, 0 }, COR_STR("/a"), COR_STR("") };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	struct cor_str text = cor_join(&arena, parts, 4);
	assert_int_equal(text.len, 5);
	assert_string_equal(text.data, "/v1/a");
	assert_string_equal(cor_join(&arena, parts, 0).data, "");
	cor_arena_finish(&arena);
	cor_arena_init(&arena, NULL, 0, 1);
	assert_null(cor_join(&arena, parts, 4).data);
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_aligned_and_apart),
		cmocka_unit_test(zero_bytes_cost_little),
		cmocka_unit_test(memory_is_gone_at_the_end),
#ifndef COR_ASAN
		cmocka_unit_test(the_first_chunk_comes_first),
		cmocka_unit_test(a_first_chunk_may_lie_anywhere),
#endif
		cmocka_unit_test(the_limit_holds),
		cmocka_unit_test(no_size_wraps),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(test_texts_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
