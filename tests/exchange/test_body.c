/* SPDX-License-Identifier: MIT */
/* A body of unknown length takes about as much memory as it turns out to be long. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "exchange/exchange.h"

struct source {
	struct cor_exchange x;
	size_t len, piece;
};

static char byte_at(size_t at)
{
	return (char)('a' + at % 23);
}

static ssize_t read_body(struct cor_exchange *x, void *buffer, size_t size)
{
	struct source *source = cor_container_of(x, struct source, x);
	size_t left = source->len - (size_t)x->body_read;
	char *out = buffer;

	assert_true(size != 0);
	if (size > source->piece)
		size = source->piece;
	if (size > left)
		size = left;
	for (size_t i = 0; i < size; i++)
		out[i] = byte_at((size_t)x->body_read + i);
	x->body_read += (int64_t)size;
	return (ssize_t)size;
}

static int read_all(
	struct source *source, size_t len, size_t piece, size_t memory_limit, struct cor_str *ret)
{
	static const struct cor_exchange_ops ops = { .read_body = read_body };

	*source = (struct source){ .len = len, .piece = piece };
	source->x.ops = &ops;
	source->x.head.body = COR_BODY_UNKNOWN;
	source->x.body_limit_bytes = INT64_MAX;
	source->x.ctx.request = &source->x;
	cor_arena_init(&source->x.ctx.arena, NULL, 0, memory_limit);
	return cor_exchange_read_all(&source->x, ret);
}

static void it_takes_as_much_as_it_is_long(void **state)
{
	static const size_t lengths[] = { 0, 1, 4095, 4096, 4097, 8192, 100000, 1000000, 1048576,
		1048577, 1900000 };
	struct source source;
	struct cor_str text;

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
		for (size_t piece = 1000; piece <= 1000000; piece *= 1000) {
			size_t len = lengths[i];
			assert_int_equal(read_all(&source, len, piece, 2000000, &text), 0);
			assert_int_equal(text.len, len);
			assert_int_equal(text.data[len], '\0');
			for (size_t at = 0; at < len; at++)
				assert_true(text.data[at] == byte_at(at));
			assert_in_range(source.x.ctx.arena.heap_bytes, len, len + 12288);
			cor_arena_finish(&source.x.ctx.arena);
		}
}

static void what_was_there_before_stays(void **state)
{
	struct source source;
	struct cor_str text;

	(void)state;
	assert_int_equal(read_all(&source, 50000, 700, 0, &text), 0);
	char *after = cor_arena_copy(&source.x.ctx.arena, text.data, 50000);
	assert_memory_equal(after, text.data, 50000);
	cor_arena_finish(&source.x.ctx.arena);
}

static void the_limit_holds(void **state)
{
	struct source source;
	struct cor_str text;

	(void)state;
	assert_true(read_all(&source, 2000000, 1000, 2000000, &text) < 0);
	assert_true(source.x.ctx.arena.is_short);
	assert_in_range(source.x.ctx.arena.heap_bytes, 0, 2000000);
	cor_arena_finish(&source.x.ctx.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_takes_as_much_as_it_is_long),
		cmocka_unit_test(what_was_there_before_stays),
		cmocka_unit_test(the_limit_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
