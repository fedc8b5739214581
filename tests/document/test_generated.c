/* SPDX-License-Identifier: MIT */
/* parse(print(x)) = x, for trees of chance. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/json_node.h>
#include <coracle/json_patch.h>

static uint64_t seed = 20260101;

static uint64_t chance(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 33) % below;
}

static struct cor_node *any_text(struct cor_arena *arena)
{
	static const char *const pieces[] = { "a", "\"", "\\", "\n", "\x01", "\x7f", "\xc3\xa9",
		"\xe2\x82\xac", "\xf0\x9f\x98\x80", "/", "long enough for a vector", "~" };
	char out[256] = "";

	for (uint64_t count = chance(6); count > 0; count--)
		snprintf(out + strlen(out), sizeof out - strlen(out), "%s",
			pieces[chance(sizeof pieces / sizeof *pieces)]);
	return cor_node_string(arena, out);
}

static struct cor_node *any_number(struct cor_arena *arena)
{
	char out[64];
	uint64_t bits = chance(UINT64_MAX) << 33 ^ chance(UINT64_MAX) << 5;
	double real;

	switch (chance(4)) {
	case 0:
		return cor_node_int64(arena, (int64_t)bits);
	case 1:
		return cor_node_uint64(arena, bits);
	case 2:
		memcpy(&real, &bits, sizeof real);
		struct cor_node *node = cor_node_double(arena, real);
		return node ? node : cor_node_int64(arena, 0);
	default:
		snprintf(out, sizeof out, "-%d.%de%d", (int)chance(1000), (int)chance(1000),
			(int)chance(2000) - 1000);
		return cor_node_number(arena, cor_str(out));
	}
}

static struct cor_node *any_value(struct cor_arena *arena, unsigned depth)
{
	uint64_t kind = chance(depth > 0 ? 7 : 5);

	if (kind < 2)
		return any_text(arena);
	if (kind < 4)
		return any_number(arena);
	if (kind == 4)
		return chance(2) ? cor_node_null(arena) : cor_node_bool(arena, chance(2));
	struct cor_node *node = kind == 5 ? cor_node_array(arena) : cor_node_object(arena);
	for (uint64_t count = chance(chance(8) ? 5 : 30); count > 0; count--) {
		struct cor_node *value = any_value(arena, depth - 1);
		struct cor_str key;
		if (kind == 5) {
			assert_int_equal(cor_node_append(arena, node, value), 0);
			continue;
		}
		assert_int_equal(cor_node_to_text(any_text(arena), &key), 0);
		assert_int_equal(cor_node_set_text(arena, node, key, value), 0);
	}
	return node;
}

static struct cor_str write_it(
	struct cor_arena *arena, const struct cor_node *node, unsigned indent)
{
	struct cor_json_writer *writer = cor_write_begin(
		arena, &(struct cor_write_options){ .indent = indent });
	struct cor_str text = { NULL, 0 };

	cor_write_node(writer, node);
	assert_int_equal(cor_write_finish(writer, &text), 0);
	return text;
}

static void what_is_written_reads_back(void **state)
{
	int rounds = getenv("COR_TEST_LIGHT") ? 1000 : 20000;

	(void)state;
	for (int i = 0; i < rounds; i++) {
		struct cor_arena arena = { 0 };
		struct cor_node *made = any_value(&arena, 4), *read = NULL, *copy;
		struct cor_str text = write_it(&arena, made, (unsigned)(i % 3));
		assert_int_equal(cor_node_parse(&arena, text, NULL, &read, NULL), 0);
		copy = cor_node_copy(&arena, read);
		if (!cor_node_equal(made, read) || !cor_node_equal(read, copy))
			fail_msg("round %d: %.*s", i, (int)text.len, text.data);
		struct cor_str again = write_it(&arena, copy, (unsigned)(i % 3));
		assert_true(cor_str_equal(text, again));
		cor_arena_finish(&arena);
	}
}

/* RFC 7396, section 2, as it stands there. */
static struct cor_node *merge_slowly(
	struct cor_arena *arena, struct cor_node *target, const struct cor_node *patch)
{
	if (cor_node_type(patch) != COR_JSON_OBJECT)
		return cor_node_copy(arena, patch);
	if (cor_node_type(target) != COR_JSON_OBJECT)
		target = cor_node_object(arena);
	for (size_t i = 0; i < cor_node_len(patch); i++) {
		struct cor_str key = cor_node_key(patch, i);
		struct cor_node *old = cor_node_get_text(target, key);
		struct cor_node *value = cor_node_item(patch, i);
		cor_node_remove(old);
		if (cor_node_type(value) == COR_JSON_NULL)
			continue;
		value = merge_slowly(arena, old, value);
		assert_int_equal(cor_node_set_text(arena, target, key, value), 0);
	}
	return target;
}

static void merges_are_those_of_the_rfc(void **state)
{
	int rounds = getenv("COR_TEST_LIGHT") ? 1000 : 20000;

	(void)state;
	for (int i = 0; i < rounds; i++) {
		struct cor_arena arena = { 0 };
		struct cor_node *document = any_value(&arena, 4), *patch = any_value(&arena, 4);
		struct cor_node *merged = NULL, *again = NULL;
		struct cor_str text, printed;
		assert_int_equal(cor_merge_patch(&arena, document, patch, &merged), 0);
		printed = write_it(&arena, merged, 0);
		assert_int_equal(cor_node_parse(&arena, printed, NULL, &again, NULL), 0);
		assert_true(cor_node_equal(again, merged));
		text = write_it(&arena, patch, 0);
		if (!cor_node_equal(merged, merge_slowly(&arena, document, patch)))
			fail_msg("round %d: %.*s", i, (int)text.len, text.data);
		cor_arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(merges_are_those_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
