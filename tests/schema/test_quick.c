/* SPDX-License-Identifier: MIT */
/*
 * The quick ways of reading and writing against the general ones, which are the reference: a codec
 * whose rows have none must give the same struct, the same violations and the same text. Documents
 * are one that is right, changed at random places; each has memory of exactly its length.
 */
#include <math.h>

#include "schema/codec.h"
#include "schema/plan.h"
#include "trial.h"

enum mood { MOOD_NONE, MOOD_GOOD, MOOD_BAD };
static const struct cor_enum_name mood_names[] = { { "good", MOOD_GOOD }, { "bad", MOOD_BAD } };

struct part {
	int32_t n;
	const char *name;
};
static const struct cor_field part_fields[] = {
	COR_FIELD(struct part, n, .range = COR_BETWEEN(-5, 999)),
	COR_FIELD(struct part, name, .presence = COR_NULLABLE),
};
COR_LOCAL_SCHEMA(part_schema, struct part, part_fields);

struct spot {
	double x, y;
	cor_opt(int32_t) height;
	int32_t weight;
	const char *mark;
};
static const struct cor_field spot_fields[] = {
	COR_FIELD(struct spot, x),
	COR_FIELD(struct spot, y, .range = COR_BETWEEN(-90, 90)),
	COR_OPT_FIELD(struct spot, height),
	COR_FIELD(struct spot, weight, .fallback = "1"),
	COR_FIELD(struct spot, mark),
};
COR_LOCAL_SCHEMA(spot_schema, struct spot, spot_fields);

/* Each row is always written. */
struct pair_of {
	int64_t id;
	double share;
	const char *text;
};
static const struct cor_field pair_of_fields[] = {
	COR_FIELD(struct pair_of, id),
	COR_FIELD(struct pair_of, share),
	COR_FIELD(struct pair_of, text, .max_length = 40),
};
COR_LOCAL_SCHEMA(pair_of_schema, struct pair_of, pair_of_fields);

struct place {
	cor_array(double) numbers;
};
static const struct cor_field place_fields[] = {
	COR_ARRAY(struct place, numbers, .bare = true, .min_items = 2, .max_items = 3),
};
COR_LOCAL_SCHEMA(place_schema, struct place, place_fields);

struct line {
	int32_t id;
	cor_array(int32_t) widths;
};
static const struct cor_field line_fields[] = {
	COR_FIELD(struct line, id),
	COR_ARRAY(struct line, widths),
};
COR_LOCAL_SCHEMA(line_schema, struct line, line_fields);

struct whole {
	bool flag;
	int32_t i32;
	int64_t i64;
	uint32_t u32;
	uint64_t u64;
	double real, share;
	const char *text, *code, *word;
	struct cor_str str;
	char chars[12];
	struct timespec time;
	struct cor_uuid uuid;
	enum mood mood;
	cor_opt(int32_t) perhaps;
	cor_opt(double) maybe;
	struct part part;
	cor_array(double) reals;
	cor_array(const char *) texts;
	cor_array(struct part) parts;
	struct spot spot;
	cor_array(struct spot) spots;
	struct pair_of one;
	cor_array(struct place) places;
	cor_array(struct line) lines;
	cor_array(struct pair_of) pairs;
	int32_t a_name_that_is_longer_than_one_vector;
	int32_t last;
};
static const struct cor_field whole_fields[] = {
	COR_FIELD(struct whole, flag),
	COR_FIELD(struct whole, i32),
	COR_FIELD(struct whole, i64, .fallback = "5"),
	COR_FIELD(struct whole, u32),
	COR_FIELD(struct whole, u64),
	COR_FIELD(struct whole, real),
	COR_FIELD(struct whole, share, .range = COR_BETWEEN(0, 1)),
	COR_FIELD(struct whole, text),
	COR_FIELD(struct whole, code, .pattern = "^[A-Z]{2}-[0-9]{2}$"),
	COR_FIELD(struct whole, word, .pattern = "^[a-z]+$", .max_length = 20),
	COR_FIELD(struct whole, str, .min_length = 2, .max_length = 20),
	COR_FIELD(struct whole, chars),
	COR_FIELD(struct whole, time),
	COR_FIELD(struct whole, uuid),
	COR_ENUM(struct whole, mood, mood_names),
	COR_OPT_FIELD(struct whole, perhaps, .presence = COR_NULLABLE),
	COR_OPT_FIELD(struct whole, maybe),
	COR_OBJECT(struct whole, part, part_schema),
	COR_ARRAY(struct whole, reals, .max_items = 4, .range = COR_MIN(-100)),
	COR_ARRAY(struct whole, texts, .max_length = 18, .unique_items = true),
	COR_OBJECT_ARRAY(struct whole, parts, part_schema, .max_items = 5),
	COR_OBJECT(struct whole, spot, spot_schema),
	COR_OBJECT_ARRAY(struct whole, spots, spot_schema),
	COR_OBJECT(struct whole, one, pair_of_schema),
	COR_OBJECT_ARRAY(struct whole, places, place_schema),
	COR_OBJECT_ARRAY(struct whole, lines, line_schema),
	COR_OBJECT_ARRAY(struct whole, pairs, pair_of_schema, .max_items = 3),
	COR_FIELD(struct whole, a_name_that_is_longer_than_one_vector),
	COR_FIELD(struct whole, last),
};
COR_LOCAL_SCHEMA(whole_schema, struct whole, whole_fields);

static const char right[] =
	"{\"flag\":true,\"i32\":-2147483648,\"i64\":9007199254740993,\"u32\":4294967295,"
	"\"u64\":18446744073709551615,\"real\":-65.613616999999977,\"share\":0.25,"
	"\"text\":\"fifteen letters\",\"code\":\"AB-12\",\"word\":\"seventeenletters\","
	"\"str\":\"a text of twenty ch\",\"chars\":\"eleven char\","
	"\"time\":\"2024-02-29T12:34:56Z\",\"uuid\":\"0190a5b0-7c1e-7def-8abc-0123456789ab\","
	"\"mood\":\"bad\",\"perhaps\":12345678,\"maybe\":1e-7,\"part\":{\"n\":7,\"name\":null},"
	"\"reals\":[1.5,0.1,-2,99.47],\"texts\":[\"\",\"x\",\"a longer text here\"],"
	"\"parts\":[{\"n\":1,\"name\":\"one\"},{\"name\":\"two\",\"n\":-5}],"
	"\"spot\":{\"x\":13.25,\"y\":-52.519999999999996,\"height\":34,\"weight\":2,"
	"\"mark\":\"B\"},\"spots\":[{\"x\":1.0,\"y\":2.0,\"weight\":1,\"mark\":\"\"},"
	"{\"x\":0.5,\"y\":0,\"mark\":\"q\"}],"
	"\"places\":[[1.5,-2.25],[-65.613616999999977,43.420273000000009,8]],"
	"\"lines\":[{\"id\":1,\"widths\":[3,40,500]},{\"id\":2,\"widths\":[]}],"
	"\"one\":{\"id\":100000000,\"share\":0.0001,\"text\":\"one\"},"
	"\"pairs\":[{\"id\":-7,\"share\":2.5,\"text\":\"a text that is longer than a vector\"},"
	"{\"id\":12345678901234567,\"share\":1e300,\"text\":\"\"}],"
	"\"a_name_that_is_longer_than_one_vector\":1234567,\"last\":3}";

struct pair {
	struct trial quick, slow;
};

/* What the compiler of tables leaves where a kind has no quick way. */
static void take_quick_ways(struct cor_codec *codec)
{
	for (size_t i = 0; i < codec->len; i++) {
		codec->plans[i]->reads_flat = false;
		for (uint32_t j = 0; j < codec->plans[i]->len; j++) {
			struct cor_row *row = &codec->plans[i]->rows[j];
			bool is_plain = row->decode == row->read;
			if (row->quick_value)
				row->read = row->rule.facts->decode;
			if (is_plain)
				row->decode = row->read;
			row->quick = row->quick_value = NULL;
			row->run = row->array = NULL;
		}
	}
}

static void begin(struct pair *pair)
{
	assert_int_equal(trial_begin(&pair->quick, &whole_schema.schema), 0);
	assert_int_equal(trial_begin(&pair->slow, &whole_schema.schema), 0);
	take_quick_ways(pair->slow.codec);
}

static void end(struct pair *pair)
{
	trial_end(&pair->quick);
	trial_end(&pair->slow);
}

static const char *outcome(struct trial *trial, struct cor_str text)
{
	static struct whole whole;
	struct cor_violations violations = { 0 };
	char *exact = malloc(text.len + !text.len);

	assert_non_null(exact);
	memcpy(exact, text.data, text.len);
	int rc = cor_decode_json(trial->codec, &trial->arena, &whole_schema.schema, &whole,
		(struct cor_str){ exact, text.len }, &violations);
	free(exact);
	const char *again = rc == 0 ? trial_encode(trial, &whole_schema.schema, &whole) : "";
	return cor_arena_printf(
		&trial->arena, "%d %s%s", rc, trial_report(trial, &violations), again);
}

static void check(struct pair *pair, struct cor_str text)
{
	const char *is = outcome(&pair->quick, text), *should = outcome(&pair->slow, text);

	if (strcmp(is, should) != 0) {
		print_error("%.*s\n%s\n", (int)text.len, text.data, is);
		print_error("but without the quick ways:\n%s\n", should);
		fail();
	}
	cor_arena_reset(&pair->quick.arena);
	cor_arena_reset(&pair->slow.arena);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Put something else in a place: a byte, a blank, a piece of the document, or nothing. */
static size_t change(char *text, size_t len, uint32_t *seed)
{
	static const char bytes[] = "0123456789.,:-+eE\"\\{}[] \n\tntfZT\xc3\xa9/";
	size_t at = next_random(seed) % len, from = next_random(seed) % len;
	size_t cut = next_random(seed) % 4, put = next_random(seed) % 4;

	if (next_random(seed) % 4 == 0)
		cut = put = next_random(seed) % 12; /* a piece of the same length */
	if (at + cut > len || from + put > len)
		return len;
	char piece[12];
	memcpy(piece, text + from, put);
	for (size_t i = 0; put < 4 && i < put; i++)
		piece[i] = bytes[next_random(seed) % (sizeof bytes - 1)];
	memmove(text + at + put, text + at + cut, len - at - cut);
	memcpy(text + at, piece, put);
	return len - cut + put;
}

static void documents(void **state)
{
	uint32_t seed = 3, rounds = getenv("COR_TEST_LIGHT") ? 5000 : 100000;
	struct pair pair;

	(void)state;
	begin(&pair);
	check(&pair, cor_str(right));
	for (uint32_t i = 0; i < rounds; i++) {
		char text[2 * sizeof right];
		size_t len = sizeof right - 1;
		memcpy(text, right, len);
		for (uint32_t changes = 1 + next_random(&seed) % 3; changes > 0; changes--)
			len = change(text, len, &seed);
		check(&pair, (struct cor_str){ text, len });
	}
	end(&pair);
}

/* As Python writes them, and as people do. */
static void blanks(void **state)
{
	static const char *const styles[][2] = { { ",", ": " }, { ", ", ":" }, { ", ", ": " },
		{ ",\n  ", ": " }, { " ,", " :" }, { "\r\n,\t", " : " } };
	struct pair pair;

	(void)state;
	begin(&pair);
	for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
		char text[8 * sizeof right];
		size_t len = 0;
		bool in_time = false;
		for (const char *at = right; *at; at++) {
			const char *piece = (char[]){ *at, '\0' };
			if (*at == 'Z' || (*at == '"' && at[-1] == ':'))
				in_time = *at == '"' && at[1] == '2';
			if (*at == ',' || (*at == ':' && !in_time))
				piece = styles[i][*at == ':'];
			memcpy(text + len, piece, strlen(piece));
			len += strlen(piece);
		}
		const char *is = outcome(&pair.quick, (struct cor_str){ text, len });
		assert_string_equal(is, outcome(&pair.quick, cor_str(right)));
		check(&pair, (struct cor_str){ text, len });
	}
	end(&pair);
}

/* Every text ends somewhere: nothing may be read past it. */
static void pieces(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair);
	for (size_t len = 0; len < sizeof right; len++)
		check(&pair, (struct cor_str){ right, len });
	end(&pair);
}

/* What is read in one go counts its levels like the rest: the text has four. */
static void depths(void **state)
{
	static const char empty[] = ",{\"id\":2,\"widths\":[]}"; /* not read in one go */
	char text[sizeof right];
	struct trial *trial;
	struct pair pair;

	(void)state;
	memcpy(text, right, sizeof right);
	char *at = strstr(text, empty);
	assert_non_null(at);
	memmove(at, at + strlen(empty), strlen(at + strlen(empty)) + 1);
	begin(&pair);
	for (unsigned depth = 1; depth <= 5; depth++) {
		const struct cor_decode_options options = { .use = COR_USE_WHOLE,
			.depth_max = depth };
		for (int i = 0; i < 2; i++) {
			struct cor_violations violations = { 0 };
			struct whole whole = { 0 };
			trial = i ? &pair.slow : &pair.quick;
			assert_int_equal(
				cor_decode_text(trial->codec, &trial->arena, &whole_schema.schema,
					&options, &whole, cor_str(text), &violations),
				depth < 4 ? -COR_ETOOLARGE : 0);
		}
	}
	end(&pair);
}

/* A buffer with a limit takes what fits exactly, and no byte more; then it is as it was. */
static void limits(void **state)
{
	struct whole whole;
	struct pair pair;

	(void)state;
	begin(&pair);
	assert_int_equal(trial_decode(&pair.quick, &whole_schema.schema, &whole, right), 0);
	const char *text = trial_encode(&pair.slow, &whole_schema.schema, &whole);
	assert_non_null(text);
	for (size_t limit = 1; limit <= strlen(text) + 2000; limit++) {
		struct cor_buffer buffer = { .limit = limit };
		int rc = cor_encode_append(pair.quick.codec, &whole_schema.schema, COR_USE_WHOLE,
			&whole, &buffer, NULL);
		assert_int_equal(rc, limit < strlen(text) ? -COR_ETOOLARGE : 0);
		assert_int_equal(buffer.len, rc == 0 ? strlen(text) : 0);
		assert_memory_equal(buffer.len ? buffer.data : "", text, buffer.len);
		cor_buffer_finish(&buffer);
	}
	end(&pair);
}

/* Values that have no JSON are refused with the same words. */
static void values_without_json(void **state)
{
	struct cor_encode_fault faults[2];
	struct whole whole;
	struct pair pair;

	(void)state;
	begin(&pair);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(trial_decode(&pair.quick, &whole_schema.schema, &whole, right), 0);
		if (i == 0)
			whole.real = (double)NAN;
		else if (i == 1)
			whole.text = NULL;
		else if (i == 2)
			whole.text = "\xff";
		else if (i == 3)
			whole.mood = (enum mood)7;
		else
			memset(whole.chars, 'x', sizeof whole.chars);
		for (int j = 0; j < 2; j++) {
			struct cor_codec *codec = j ? pair.slow.codec : pair.quick.codec;
			struct cor_buffer buffer = { 0 };
			assert_int_equal(cor_encode_append(codec, &whole_schema.schema,
						 COR_USE_WHOLE, &whole, &buffer, &faults[j]),
				-COR_EINVALID);
			cor_buffer_finish(&buffer);
		}
		assert_string_equal(faults[0].text, faults[1].text);
	}
	end(&pair);
}

/* Arrays of arrays, one more of them than a program may nest. */
struct level_1 {
	cor_array(int64_t) items;
};
static const struct cor_field level_1_fields[] = {
	COR_ARRAY(struct level_1, items, .bare = true),
};
COR_LOCAL_SCHEMA(level_1_schema, struct level_1, level_1_fields);

#define LEVEL(level, inner)                                                                        \
	struct level {                                                                             \
		cor_array(struct inner) items;                                                     \
	};                                                                                         \
	static const struct cor_field level##_fields[] = {                                         \
		COR_OBJECT_ARRAY(struct level, items, inner##_schema, .bare = true),               \
	};                                                                                         \
	COR_LOCAL_SCHEMA(level##_schema, struct level, level##_fields)
LEVEL(level_2, level_1);
LEVEL(level_3, level_2);
LEVEL(level_4, level_3);
LEVEL(level_5, level_4);
LEVEL(level_6, level_5);
LEVEL(level_7, level_6);
LEVEL(level_8, level_7);
LEVEL(level_9, level_8);

static void arrays_of_arrays(void **state)
{
	static const char *const texts[] = {
		"[]",
		"[[]]",
		"[[[[[[[[[]]]]]]]]]",
		"[[],[[]],[[[]]]]",
		"[[[[[[[[[1,-2],[]],[[3]]],[]],[],[[[[4,5,6]]],[]]]]],[]]]",
	};
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &level_9_schema.schema), 0);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct level_9 level;
		assert_int_equal(trial_decode(&trial, &level_9_schema.schema, &level, texts[i]), 0);
		assert_string_equal(trial_encode(&trial, &level_9_schema.schema, &level), texts[i]);
	}
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrays_of_arrays),
		cmocka_unit_test(documents),
		cmocka_unit_test(blanks),
		cmocka_unit_test(pieces),
		cmocka_unit_test(depths),
		cmocka_unit_test(limits),
		cmocka_unit_test(values_without_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
