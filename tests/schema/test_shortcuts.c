/* SPDX-License-Identifier: MIT */
/*
 * Decoding has shortcuts for what most bodies are: members in the order of the table, short
 * numbers, short plain texts. Each must give what the general way gives, and there are ways around
 * them: a blank after a key, a query parameter for a number, an escape in a text. Each text has
 * memory of exactly its length, so that a sanitizer sees a byte read past it.
 */
#include "order.h"
#include "trial.h"

struct values {
	int32_t i32;
	int64_t i64;
	uint32_t u32;
	uint64_t u64;
	double real;
	int32_t few;
	double share;
	const char *text;
	struct cor_str str;
	char chars[8];
	const char *code;
	struct cor_str sized;
};
static const struct cor_field values_fields[] = {
	COR_FIELD(struct values, i32, .presence = COR_OPTIONAL),
	COR_FIELD(struct values, i64, .presence = COR_OPTIONAL),
	COR_FIELD(struct values, u32, .presence = COR_OPTIONAL),
	COR_FIELD(struct values, u64, .presence = COR_OPTIONAL),
	COR_FIELD(struct values, real, .presence = COR_OPTIONAL),
	COR_FIELD(struct values, few, .presence = COR_OPTIONAL, .range = COR_BETWEEN(-5, 12)),
	COR_FIELD(struct values, share, .fallback = "0.5", .range = COR_BETWEEN(0.25, 1.0)),
	COR_FIELD(struct values, text, .presence = COR_OPTIONAL),
	COR_FIELD(struct values, str, .presence = COR_OPTIONAL),
	COR_FIELD(struct values, chars, .presence = COR_OPTIONAL),
	COR_FIELD(struct values, code, .presence = COR_OPTIONAL, .pattern = "^[A-Z]{2}-[0-9]$"),
	COR_FIELD(struct values, sized, .presence = COR_OPTIONAL, .min_length = 2, .max_length = 5),
};
#define NUMBERS 7 /* of the rows; the others are texts */
#define ROWS    (sizeof values_fields / sizeof values_fields[0])
COR_DECLARE_SCHEMA(values_schema, struct values);
COR_SCHEMA(values_schema, values_fields);

/* The result of decoding a text: the code, the violations, and the value as JSON. */
static const char *outcome(
	struct trial *trial, const struct cor_schema *schema, struct cor_str text)
{
	static union {
		struct values values;
		struct order order;
		char bytes[1024];
	} value;
	struct cor_violations violations = { 0 };
	char *exact = malloc(text.len + !text.len);

	assert_non_null(exact);
	memcpy(exact, text.data, text.len);
	int rc = cor_decode_json(trial->codec, &trial->arena, schema, &value,
		(struct cor_str){ exact, text.len }, &violations);
	free(exact);
	if (rc == -COR_ESYNTAX)
		return "no JSON"; /* where, a blank would change */
	const char *again = rc == 0 ? trial_encode(trial, schema, &value) : "";
	return cor_arena_printf(
		&trial->arena, "%d %s%s", rc, trial_report(trial, &violations), again);
}

static void check_same(struct trial *trial, const struct cor_schema *schema, struct cor_str text,
	struct cor_str other)
{
	const char *is = outcome(trial, schema, text);
	const char *should = outcome(trial, schema, other);

	if (strcmp(is, should) != 0)
		fail_msg("%.*s\n%s\nbut the other way:\n%s", (int)text.len, text.data, is, should);
}

/* {"member":value} and that many blanks. */
static struct cor_str write_body(
	struct trial *trial, size_t member, struct cor_str value, int blanks)
{
	return cor_str(cor_arena_printf(&trial->arena, "{\"%s\":%.*s}%*s",
		values_fields[member].member, (int)value.len, value.data, blanks, ""));
}

/* The shortcuts look at several bytes at a time: with none, few and enough after the value. */
static const int blanks[] = { 0, 1, 2, 6, 7, 8, 15, 16, 17, 20 };
#define BLANKS (sizeof blanks / sizeof blanks[0])

/* What a parameter of that text would give; what is not a number is not JSON. */
static const char *bound(struct trial *trial, size_t member, struct cor_str number)
{
	static struct values values;
	struct cor_bind_pair pair = { cor_str(values_fields[member].member), number };
	struct cor_violations violations = { 0 };

	if (cor_json_check(number, 0, NULL) < 0)
		return "no JSON";
	memset(&values, 0, sizeof values);
	int rc = cor_bind(trial->codec, &trial->arena, &values_schema.schema, COR_FROM_QUERY,
		COR_FROM_QUERY, &pair, 1, &values, &violations);
	if (rc < 0)
		return cor_arena_printf(&trial->arena, "%d body /%s: %s\n", rc,
			values_fields[member].member, violations.first->detail);
	return cor_arena_printf(
		&trial->arena, "0 %s", trial_encode(trial, &values_schema.schema, &values));
}

struct reals {
	cor_array(double) items;
};
static const struct cor_field reals_fields[] = {
	COR_ARRAY(struct reals, items, .min_items = 2, .max_items = 3,
		.range = COR_BETWEEN(-1000, 1000)),
};
COR_LOCAL_SCHEMA(reals_schema, struct reals, reals_fields);

/* In arrays doubles have a way of their own, which a blank before a comma leaves. */
static void check_items(struct trial *trial, const char *number)
{
	for (int count = 1; count <= 4; count++)
		for (size_t j = 0; j < BLANKS; j++) {
			struct cor_buffer quick = { 0 }, whole = { 0 };
			for (int i = 0; i < count; i++) {
				cor_buffer_printf(&quick, "%s%s", i ? "," : "{\"items\":[", number);
				cor_buffer_printf(
					&whole, "%s%s", i ? " , " : "{\"items\":[", number);
			}
			cor_buffer_printf(&quick, "]}%*s", blanks[j] + 8, "");
			cor_buffer_printf(&whole, " ]}");
			check_same(trial, &reals_schema.schema,
				(struct cor_str){ quick.data, quick.len },
				(struct cor_str){ whole.data, whole.len });
			cor_buffer_finish(&quick);
			cor_buffer_finish(&whole);
		}
	cor_arena_reset(&trial->arena);
}

static void check_number(struct trial *trial, struct cor_str number)
{
	for (size_t i = 0; i < NUMBERS; i++)
		for (size_t j = 0; j < BLANKS; j++) {
			struct cor_str body = write_body(trial, i, number, blanks[j]);
			const char *is = outcome(trial, &values_schema.schema, body);
			const char *should = bound(trial, i, number);
			if (strcmp(is, should) != 0)
				fail_msg("%s\n%s\nbut as a parameter:\n%s", body.data, is, should);
		}
	cor_arena_reset(&trial->arena);
}

static void listed_numbers(void **state)
{
	static const char *const numbers[] = { "0", "-0", "00", "01", "-01", "0.0", "-0.0", "0.5",
		".5", "5.", "1.", "1.e1", "-", "+1", "--1", "1-", "1..2", "1.2.3", "1e", "1e1",
		"1E1", "1e-1", "1.5e3", "1.0", "7", "12", "13", "-5", "-6", "0.25", "0.24",
		"0.249999999", "1.0000000", "1.00000000", "1.0000001", "1.00000001", "99.47",
		"1234567.1234567", "12345678.1234567", "123456789.1234567", "12345678.12345678",
		"12345678", "123456789", "2147483647", "2147483648", "-2147483648", "-2147483649",
		"4294967295", "4294967296", "999999999999999", "9999999999999999",
		"99999999999999999", "999999999999999999", "1000000000000000000",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808",
		"-9223372036854775809", "9999999999999999999", "10000000000000000000",
		"18446744073709551615", "18446744073709551616", "99999999999999999999",
		"100000000000000000000000000000", "9007199254740993.0", "0.1234567", "0.12345678",
		"0.3333333333333333", "1a", "1\"", "1\\u0030", "0x1", "1_0", "NaN", "Infinity",
		"1/2", "1:2", "3.:", "0.30000000000000004", "" };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &values_schema.schema), 0);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		check_number(&trial, cor_str(numbers[i]));
	trial_end(&trial);
}

static void numbers_in_arrays(void **state)
{
	static const char *const numbers[] = { "1", "-1.5", "0", "0.0", "-0.0", "99.47", "1000.5",
		"999.99999999999999", "-65.613616999999977", "43.420273000000009", "0.1", "1.e1",
		"1.5e2", "1.5E-2", "1.", "01.5", "-.5", "1.1234567890123456789", "65.625",
		"123456.125", "1.5a", "1.5\"", "null", "[1.5]", "" };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &reals_schema.schema), 0);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		check_items(&trial, numbers[i]);
	trial_end(&trial);
}

/* More than a chunk of the arena has room for. */
static void long_arrays(void **state)
{
	static const struct cor_field fields[] = {
		COR_ARRAY(struct reals, items),
	};
	COR_LOCAL_SCHEMA(schema, struct reals, fields);
	struct cor_violations violations = { 0 };
	struct trial trial;
	struct reals reals;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema.schema), 0);
	for (size_t len = 1; len < 20000; len = len * 3 / 2 + 1) {
		struct cor_buffer text = { 0 };
		for (size_t i = 0; i < len; i++)
			cor_buffer_printf(&text, "%s%zu.5", i ? "," : "{\"items\":[", i);
		cor_buffer_printf(&text, "]}");
		assert_int_equal(cor_decode_json(trial.codec, &trial.arena, &schema.schema, &reals,
					 (struct cor_str){ text.data, text.len }, &violations),
			0);
		assert_int_equal(reals.items.len, len);
		for (size_t i = 0; i < len; i++)
			assert_true(reals.items.items[i] == (double)i + 0.5);
		cor_buffer_finish(&text);
	}
	trial_end(&trial);
}

/* A first chunk may end anywhere: what was read into its last bytes must be taken, too. */
static void arrays_at_the_end_of_a_chunk(void **state)
{
	enum { LEN = 513 };
	static const struct cor_field fields[] = {
		COR_ARRAY(struct reals, items),
	};
	COR_LOCAL_SCHEMA(schema, struct reals, fields);
	struct cor_buffer text = { 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema.schema), 0);
	for (size_t i = 0; i < LEN; i++)
		cor_buffer_printf(&text, "%s%zu.5", i ? "," : "{\"items\":[", i);
	cor_buffer_printf(&text, "]}");
	for (size_t extra = 0; extra <= 32; extra++) {
		static _Alignas(16) char first[LEN * sizeof(double) + 32];
		struct cor_violations violations = { 0 };
		struct cor_arena arena;
		struct reals reals;
		cor_arena_init(&arena, first, LEN * sizeof(double) + extra, 0);
		assert_int_equal(cor_decode_json(trial.codec, &arena, &schema.schema, &reals,
					 (struct cor_str){ text.data, text.len }, &violations),
			0);
		memset(cor_arena_alloc(&arena, 8), 255, 8);
		assert_int_equal(reals.items.len, LEN);
		for (size_t i = 0; i < LEN; i++)
			assert_true(reals.items.items[i] == (double)i + 0.5);
		cor_arena_finish(&arena);
	}
	cor_buffer_finish(&text);
	trial_end(&trial);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void random_numbers(void **state)
{
	static const char signs[] = "0123456789012345678901234567890123456789....-e";
	uint32_t seed = 7, rounds = getenv("COR_TEST_LIGHT") ? 500 : 10000;
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &values_schema.schema), 0);
	for (uint32_t i = 0; i < rounds; i++) {
		char text[24];
		size_t len = 1 + next_random(&seed) % sizeof text;
		for (size_t j = 0; j < len; j++)
			text[j] = signs[next_random(&seed) % (sizeof signs - 1)];
		check_number(&trial, (struct cor_str){ text, len });
	}
	trial_end(&trial);
}

/*
 * What is between the quotes, and the same with its first character, which is ASCII, escaped.
 */
static void check_text(struct trial *trial, const char *inside)
{
	const char *plain = cor_arena_printf(&trial->arena, "\"%s\"", inside);
	const char *escaped = cor_arena_printf(
		&trial->arena, "\"\\u%04x%s\"", (unsigned char)inside[0], inside + 1);

	for (size_t i = NUMBERS; i < ROWS; i++)
		for (size_t j = 0; j < BLANKS; j++)
			check_same(trial, &values_schema.schema,
				write_body(trial, i, cor_str(plain), blanks[j]),
				write_body(trial, i, cor_str(escaped), blanks[j]));
	cor_arena_reset(&trial->arena);
}

/* All lengths around the shortcut's limit, with something that is not plain at each place. */
static void texts_of_all_lengths(void **state)
{
	static const char *const odd[] = { "", "\\n", "\\u0000", "\\\"", "\\", "\xc3\xa9",
		"\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xff", "\xc3", "\x1f", "\x7f", "\"" };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &values_schema.schema), 0);
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
		for (int len = 1; len <= 20; len++)
			for (int place = 1; place <= len; place++) {
				char text[64];
				snprintf(text, sizeof text, "%.*s%s%.*s", place,
					"abcdefghijklmnopqrstuvwxyz", odd[i], len - place,
					"ABCDEFGHIJKLMNOPQRSTUVWXYZ");
				check_text(&trial, text);
			}
	trial_end(&trial);
}

static void texts_with_limits(void **state)
{
	static const char *const texts[] = { "AZ-0", "AZ-9", "A@-9", "A[-9", "AZ-/", "AZ-:", "AZ-",
		"AZ-00", "AZ-\xc3\xa9", "A\\u005a-1", "a", "ab", "abcde", "abcdef",
		"a\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", "a\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9" };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &values_schema.schema), 0);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		check_text(&trial, texts[i]);
	assert_non_null(strstr(
		outcome(&trial, &values_schema.schema, COR_STR("{\"text\":\"\",\"str\":\"\"}")),
		"\"text\":\"\",\"str\":\"\"}"));
	assert_non_null(strstr(outcome(&trial, &values_schema.schema, COR_STR("{\"code\":\"\"}")),
		"body /code: must match the pattern ^[A-Z]{2}-[0-9]$"));
	trial_end(&trial);
}

/*
 * Keys with a common beginning, around the length that is compared in one step, and keys that JSON
 * writes differently.
 */
struct keys {
	int32_t a, b, c, d, e, f, g, h, i;
};
static const struct cor_field keys_fields[] = {
	COR_FIELD(struct keys, a, .key = "a"),
	COR_FIELD(struct keys, b, .key = "ab"),
	COR_FIELD(struct keys, c, .key = "abc"),
	COR_FIELD(struct keys, d, .key = "abcdefghijkl"),
	COR_FIELD(struct keys, e, .key = "abcdefghijklm"),
	COR_FIELD(struct keys, f, .key = "abcdefghijklmn"),
	COR_FIELD(struct keys, g, .key = "abcdefghijklmnopqrstuvwxyz"),
	COR_FIELD(struct keys, h, .key = "a\"b"),
	COR_FIELD(struct keys, i, .key = "\xc3\xa9"),
};
COR_DECLARE_SCHEMA(keys_schema, struct keys);
COR_SCHEMA(keys_schema, keys_fields);

static const char *const written[] = { "a", "ab", "abc", "abcdefghijkl", "abcdefghijklm",
	"abcdefghijklmn", "abcdefghijklmnopqrstuvwxyz", "a\\\"b", "\xc3\xa9", /* and no rows: */
	"abcdefghijklmnopqrstuvwxy", "abcdefghijklmo", "b", "", "\\u0061", "abd" };
#define WRITTEN (sizeof written / sizeof written[0])
#define KEYS    (sizeof keys_fields / sizeof keys_fields[0])

static size_t write_members(
	char *text, size_t bytes, const size_t *order, size_t count, const char *colon)
{
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, bytes - len, "%c\"%s\"%s%zu",
			i == 0 ? '{' : ',', written[order[i]], colon, i);
	return len + (size_t)snprintf(text + len, bytes - len, "%s", count == 0 ? "{}" : "}");
}

static void check_order(struct trial *trial, const size_t *order, size_t count)
{
	char text[512], spaced[512];
	size_t len = write_members(text, sizeof text, order, count, ":");
	size_t spaced_len = write_members(spaced, sizeof spaced, order, count, " :");

	check_same(trial, &keys_schema.schema, (struct cor_str){ text, len },
		(struct cor_str){ spaced, spaced_len });
	cor_arena_reset(&trial->arena);
}

/* The table's order without one member, and then with that or any other key inserted anywhere. */
static void members_in_other_orders(void **state)
{
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &keys_schema.schema), 0);
	for (size_t left_out = 0; left_out <= KEYS; left_out++)
		for (size_t place = 0; place <= KEYS; place++)
			for (size_t key = 0; key <= WRITTEN; key++) {
				size_t order[KEYS + 1], count = 0;
				for (size_t i = 0; i <= KEYS; i++) {
					if (i == place && key < WRITTEN)
						order[count++] = key;
					if (i < KEYS && i != left_out)
						order[count++] = i;
				}
				check_order(&trial, order, count);
			}
	trial_end(&trial);
}

static const char order_json[] =
	"{\"id\":7,\"customer\":\"Ada L.\",\"status\":\"shipped\",\"created\":\"2026-01-01T00:00:00Z\","
	"\"paid\":true,\"discount\":0.125,\"address\":{\"street\":\"1 Long Street Name\",\"city\":\"York\","
	"\"zip\":\"\"},\"items\":[{\"sku\":\"SKU-0001\",\"qty\":1,\"price\":0},{\"sku\":\"SKU-0002\","
	"\"qty\":999,\"price\":1234.5}]}";

/* A blank between any two tokens changes nothing. */
static void blanks_anywhere(void **state)
{
	size_t len = sizeof order_json - 1;
	bool in_string = false;
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &order_schema.schema), 0);
	for (size_t i = 0; i <= len; i++) {
		char spaced[sizeof order_json + 4];
		bool between = i == 0 || i == len || strchr("{}[]:,", order_json[i]) ||
			       strchr("{}[]:,", order_json[i - 1]);
		if (!in_string && between) {
			int n = snprintf(spaced, sizeof spaced, "%.*s \t\r\n%s", (int)i, order_json,
				order_json + i);
			check_same(&trial, &order_schema.schema,
				(struct cor_str){ order_json, len },
				(struct cor_str){ spaced, (size_t)n });
		}
		in_string ^= order_json[i] == '"';
	}
	trial_end(&trial);
}

static void no_cut_is_json(void **state)
{
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &order_schema.schema), 0);
	for (size_t len = 0; len < sizeof order_json - 1; len++)
		assert_string_equal(
			outcome(&trial, &order_schema.schema, (struct cor_str){ order_json, len }),
			"no JSON");
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listed_numbers),
		cmocka_unit_test(numbers_in_arrays),
		cmocka_unit_test(long_arrays),
		cmocka_unit_test(arrays_at_the_end_of_a_chunk),
		cmocka_unit_test(random_numbers),
		cmocka_unit_test(texts_of_all_lengths),
		cmocka_unit_test(texts_with_limits),
		cmocka_unit_test(members_in_other_orders),
		cmocka_unit_test(blanks_anywhere),
		cmocka_unit_test(no_cut_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
