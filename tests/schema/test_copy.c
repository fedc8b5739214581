/* SPDX-License-Identifier: MIT */
/* A copy has all that its original holds, and nothing of its memory. */
#include <errno.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "order.h"
#include "base/room.h"
#include "schema/copy.h"
#include "trial.h"

enum mood { GOOD, BAD };
static const struct cor_enum_name mood_names[] = { { "good", GOOD }, { "bad", BAD } };

struct part {
	const char *title;
};
static const struct cor_field part_fields[] = { COR_FIELD(struct part, title) };
COR_LOCAL_SCHEMA(part_schema, struct part, part_fields);

/* Every kind. */
struct all {
	bool flag;
	int64_t number;
	const char *text;
	struct cor_str str;
	char chars[8];
	struct cor_uuid uuid;
	struct cor_json raw;
	enum mood mood;
	struct part object;
	struct part *pointer;
	cor_opt(struct cor_str) opt;
	cor_array(const char *) texts;
	cor_array(int32_t) numbers;
	cor_array(struct part) parts;
	cor_array(enum mood) moods;
	struct part embedded;
	const char *unnamed;
};
static const struct cor_field all_fields[] = {
	COR_FIELD(struct all, flag),
	COR_FIELD(struct all, number),
	COR_FIELD(struct all, text, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, str),
	COR_FIELD(struct all, chars),
	COR_FIELD(struct all, uuid),
	COR_FIELD(struct all, raw),
	COR_ENUM(struct all, mood, mood_names),
	COR_OBJECT(struct all, object, part_schema),
	COR_OBJECT(struct all, pointer, part_schema, .presence = COR_OPTIONAL),
	COR_OPT_FIELD(struct all, opt),
	COR_ARRAY(struct all, texts),
	COR_ARRAY(struct all, numbers),
	COR_OBJECT_ARRAY(struct all, parts, part_schema),
	COR_ENUM_ARRAY(struct all, moods, mood_names),
	COR_EMBED(struct all, embedded, part_schema),
};
COR_LOCAL_SCHEMA(all_schema, struct all, all_fields);

/* One block, which is gone once it has been copied. */
struct original {
	struct all all;
	struct part pointed, parts[2];
	const char *texts[2];
	int32_t numbers[3];
	enum mood moods[1];
	char text[8], str[4], raw[8], words[4][8];
};

static struct original *make_original(void)
{
	struct original *of = calloc(1, sizeof *of);

	assert_non_null(of);
	memcpy(of->text, "text", 5);
	memcpy(of->str, "s\0r", 3);
	memcpy(of->raw, "[1, 2]", 6);
	for (int i = 0; i < 4; i++) {
		memcpy(of->words[i], "word 0", 7);
		of->words[i][5] += (char)i;
	}
	of->pointed.title = of->words[0];
	of->parts[0].title = of->words[1];
	of->parts[1].title = of->words[2];
	of->texts[0] = of->words[3];
	of->texts[1] = of->words[0];
	of->numbers[2] = 7;
	of->moods[0] = BAD;
	of->all = (struct all){ .flag = true,
		.number = -5,
		.text = of->text,
		.str = { of->str, 3 },
		.chars = "chars",
		.raw = { { of->raw, 6 } },
		.mood = BAD,
		.object = { of->words[1] },
		.pointer = &of->pointed,
		.opt = { COR_SET, { of->words[2], 6 } },
		.texts = { of->texts, 2 },
		.numbers = { of->numbers, 3 },
		.parts = { of->parts, 2 },
		.moods = { of->moods, 1 },
		.embedded = { of->words[3] },
		.unnamed = "constant" };
	return of;
}

static void assert_copied(const struct all *all)
{
	assert_true(all->flag);
	assert_int_equal(all->number, -5);
	assert_string_equal(all->text, "text");
	assert_int_equal(all->str.len, 3);
	assert_memory_equal(all->str.data, "s\0r", 4); /* with a NUL behind it */
	assert_string_equal(all->chars, "chars");
	assert_string_equal(all->raw.text.data, "[1, 2]");
	assert_int_equal(all->mood, BAD);
	assert_string_equal(all->object.title, "word 1");
	assert_string_equal(all->pointer->title, "word 0");
	assert_string_equal(all->opt.value.data, "word 2");
	assert_int_equal(all->texts.len, 2);
	assert_string_equal(all->texts.items[1], "word 0");
	assert_int_equal(all->numbers.items[2], 7);
	assert_string_equal(all->parts.items[1].title, "word 2");
	assert_int_equal(all->moods.items[0], BAD);
	assert_string_equal(all->embedded.title, "word 3");
	assert_string_equal(all->unnamed, "constant");
}

static void a_copy_outlives_its_original(void **state)
{
	struct original *original = make_original();
	struct cor_arena arena = { 0 };
	struct all copy;

	(void)state;
	assert_int_equal(cor_copy(&arena, all_schema, &original->all, &copy), 0);
	memset(original, 0xff, sizeof *original);
	free(original);
	assert_copied(&copy);
	cor_arena_finish(&arena);
}

static void what_is_absent_is_not_looked_at(void **state)
{
	struct all all = { .opt = { COR_ABSENT, { (const char *)8, 99 } } }, copy;
	struct cor_arena arena = { 0 };

	(void)state;
	all.parts.items = (struct part *)16; /* an empty array that was given */
	assert_int_equal(cor_copy(&arena, all_schema, &all, &copy), 0);
	assert_null(copy.text);
	assert_null(copy.pointer);
	assert_null(copy.texts.items);
	assert_non_null(copy.parts.items);
	assert_int_equal(copy.parts.len, 0);
	cor_arena_finish(&arena);
}

static void bodies_of_text_and_bytes_are_copied(void **state)
{
	struct cor_arena arena = { 0 };
	char text[] = "body";
	struct cor_str from = { text, 4 }, copy;
	struct cor_none nothing = { 0 }, none;

	(void)state;
	assert_int_equal(cor_copy(&arena, COR_TEXT, &from, &copy), 0);
	text[0] = 'B';
	assert_string_equal(copy.data, "body");
	assert_int_equal(cor_copy(&arena, COR_NONE, &nothing, &none), 0);
	cor_arena_finish(&arena);
}

static void circles_and_missing_memory_are_refused(void **state)
{
	struct node node = { .name = "me" }, copy;
	struct cor_str text = { NULL, 3 };
	struct cor_arena arena, small;
	struct all all = { 0 }, all_copy;
	char room[64];

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	node.left = &node;
	assert_int_equal(cor_copy(&arena, node_schema, &node, &copy), -COR_ETOOLARGE);
	assert_int_equal(cor_copy(&arena, COR_BYTES, &text, &text), -COR_EINVALID);
	all.parts.len = 1;
	assert_int_equal(cor_copy(&arena, all_schema, &all, &all_copy), -COR_EINVALID);
	cor_arena_finish(&arena);

	struct original *original = make_original();
	cor_arena_init_room(&small, room, sizeof room);
	assert_int_equal(cor_copy(&small, all_schema, &original->all, &all_copy), -ENOMEM);
	cor_arena_finish(&small);
	free(original);
}

/* --- memory that is not trusted --- */

static int copy_foreign(struct original *original, struct all *ret, struct cor_arena *arena)
{
	const struct cor_foreign foreign = { (char *)original, (char *)(original + 1) };

	cor_arena_init(arena, NULL, 0, 1 << 16);
	return cor_copy_foreign(arena, &foreign, &all_schema.schema, &original->all, ret);
}

static void what_lies_there_is_copied(void **state)
{
	struct original *original = make_original();
	struct cor_arena arena;
	struct all copy;

	(void)state;
	memset(&original->all.flag, 0x42, 1);
	assert_int_equal(copy_foreign(original, &copy, &arena), 0);
	memset(original, 0xff, sizeof *original);
	free(original);
	assert_copied(&copy);
	unsigned char flag;
	memcpy(&flag, &copy.flag, 1);
	assert_int_equal(flag, 1);
	cor_arena_finish(&arena);
}

static void assert_refused(struct original *original)
{
	struct cor_arena arena;
	struct all copy;

	assert_int_equal(copy_foreign(original, &copy, &arena), -COR_EINVALID);
	cor_arena_finish(&arena);
	free(original);
}

static void what_lies_elsewhere_is_refused(void **state)
{
	struct original *original = make_original();
	static struct part elsewhere;

	(void)state;
	original->all.text = "constant";
	assert_refused(original);
	original = make_original();
	original->all.str.len = sizeof *original;
	assert_refused(original);
	original = make_original();
	original->all.pointer = &elsewhere;
	assert_refused(original);
	original = make_original();
	original->all.pointer = (struct part *)(void *)((char *)(original + 1) - 4);
	assert_refused(original);
	original = make_original();
	original->all.numbers.len = SIZE_MAX / 2;
	assert_refused(original);
	original = make_original();
	original->all.texts.items[1] = (const char *)-8;
	assert_refused(original);
	original = make_original();
	memset(original->words, 'x', sizeof original->words); /* no NUL up to the end */
	memset((char *)original->words, 'x',
		(size_t)((char *)(original + 1) - (char *)original->words));
	assert_refused(original);
}

/* Each level points twice to the next: 2^100 copies, or an end. */
static void few_bytes_do_not_become_many(void **state)
{
	static struct node nodes[100];
	const struct cor_foreign foreign = { (char *)nodes, (char *)nodes + sizeof nodes };
	struct cor_arena arena;
	struct node copy;

	(void)state;
	for (int i = 0; i < 99; i++)
		nodes[i].left = nodes[i].right = &nodes[i + 1];
	cor_arena_init(&arena, NULL, 0, 1 << 16);
	assert_int_equal(
		cor_copy_foreign(&arena, &foreign, &node_schema.schema, &nodes[0], &copy), -ENOMEM);
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_outlives_its_original),
		cmocka_unit_test(what_is_absent_is_not_looked_at),
		cmocka_unit_test(bodies_of_text_and_bytes_are_copied),
		cmocka_unit_test(circles_and_missing_memory_are_refused),
		cmocka_unit_test(what_lies_there_is_copied),
		cmocka_unit_test(what_lies_elsewhere_is_refused),
		cmocka_unit_test(few_bytes_do_not_become_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
