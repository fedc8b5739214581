/* SPDX-License-Identifier: MIT */
#include "fuzz/value.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <coracle/decimal_number.h>
#include <coracle/error.h>
#include <coracle/str.h>

#include "document/reference.h"
#include "json/writer.h"

#define DEPTH_MAX 12
#define LONG      4096 /* letters, and items, at most */

/* What one choice of 256 leads to. */
enum { EXAMPLE_UNTIL = 88, OTHER_FROM = 240 };

static struct cor_buffer *out_of(const struct cor_fuzz_making *making)
{
	return making->out;
}

/* --- what the document has itself --- */

static const struct cor_node *given(const struct cor_node *schema)
{
	static const char *const keys[] = { "example", "const", "default" };
	const struct cor_node *first = cor_node_item(cor_node_get(schema, "examples"), 0);

	if (first)
		return first;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (cor_node_get(schema, keys[i]))
			return cor_node_get(schema, keys[i]);
	return cor_node_item(cor_node_get(schema, "enum"), 0);
}

static void put_node(struct cor_fuzz_making *making, const struct cor_node *node)
{
	struct cor_json_writer *writer;
	struct cor_arena arena;
	struct cor_str text;

	cor_arena_init(&arena, NULL, 0, 0);
	writer = cor_write_begin(&arena, NULL);
	cor_write_node(writer, node);
	if (cor_write_finish(writer, &text) == 0)
		cor_buffer_append_str(out_of(making), text);
	cor_arena_finish(&arena);
}

/* A value that is none of the schema's, most likely. */
static void put_other(struct cor_fuzz_making *making)
{
	static const char *const others[] = { "null", "true", "0", "-1", "\"\"", "\"x\"", "[]",
		"{}", "[[[]]]", "1e999", "1e-7", "9223372036854775808", "-9223372036854775809",
		"18446744073709551616", "\"\\u0000\"", "\"\\ud800\"", "{\"\":{}}", "1.5" };

	cor_buffer_append_str(out_of(making), cor_str(others[cor_fuzz_pick(making->choices) %
							     (sizeof others / sizeof others[0])]));
}

/* --- texts --- */

/* Bytes of the input between quotes; what is no UTF-8 stays so. */
static void put_text(struct cor_buffer *out, struct cor_str text)
{
	cor_buffer_byte(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		if (byte < 0x20)
			cor_buffer_printf(out, "\\u%04x", byte);
		else if (byte == '"' || byte == '\\')
			cor_buffer_printf(out, "\\%c", byte);
		else
			cor_buffer_byte(out, (char)byte);
	}
	cor_buffer_byte(out, '"');
}

static void put_letters(struct cor_fuzz_making *making, int64_t len)
{
	static const char *const letters[] = { "a", "A", " ", "\xC3\xA4", "\xE2\x82\xAC",
		"\xF0\x9F\x98\x80", "0", "/" };
	const char *letter = letters[cor_fuzz_pick(making->choices) % 8];

	cor_buffer_byte(out_of(making), '"');
	for (int64_t i = 0; i < len && i < LONG; i++)
		cor_buffer_append_str(out_of(making), cor_str(letter));
	cor_buffer_byte(out_of(making), '"');
}

static int64_t whole(const struct cor_node *schema, const char *key, int64_t otherwise)
{
	int64_t number;

	return cor_node_to_int64(cor_node_get(schema, key), &number) == 0 ? number : otherwise;
}

static const char *sample(const struct cor_node *schema)
{
	static const char *const samples[][2] = { { "date-time", "2026-01-01T00:00:00Z" },
		{ "date", "2026-01-01" }, { "time", "12:00:00Z" }, { "duration", "PT1S" },
		{ "uuid", "00000000-0000-4000-8000-000000000001" }, { "email", "ada@example.com" },
		{ "uri", "https://example.com/" }, { "ipv4", "192.0.2.1" },
		{ "ipv6", "2001:db8::1" }, { "byte", "AAAA" }, { "decimal", "1" } };

	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
		if (cor_fuzz_is(schema, "format", samples[i][0]))
			return samples[i][1];
	return NULL;
}

/* Any digits and any point; or a bound with as many zeros as it can have. */
static void make_decimal(
	struct cor_fuzz_making *making, const struct cor_node *schema, unsigned how)
{
	const char *key = how % 2 ? "formatMaximum" : "formatMinimum";
	const struct cor_node *bound = cor_node_get(schema, key);
	struct cor_decimal_number number = { .scale = cor_fuzz_pick(making->choices) %
						      (COR_DECIMAL_NUMBER_DIGITS + 1) };
	char out[COR_DECIMAL_NUMBER_BYTES];
	struct cor_str text;
	uint8_t scale = COR_DECIMAL_NUMBER_DIGITS;

	if (how >= 150 && cor_node_to_text(bound, &text) == 0 &&
		cor_decimal_number_parse(text, &number) == 0)
		while (scale > number.scale && cor_decimal_number_rescale(&number, scale) < 0)
			scale--;
	else
		number.unscaled = (int64_t)(cor_fuzz_bits(making->choices) >>
					    cor_fuzz_pick(making->choices) % 64) /
				  16;
	if (cor_decimal_number_print(&number, out) == 0)
		out[0] = '\0';
	put_text(out_of(making), cor_str(out));
}

static void make_text(struct cor_fuzz_making *making, const struct cor_node *schema, unsigned how)
{
	int64_t least = whole(schema, "minLength", 0), most = whole(schema, "maxLength", 200);
	const struct cor_node *values = cor_node_get(schema, "enum");

	if (how < EXAMPLE_UNTIL && sample(schema))
		put_text(out_of(making), cor_str(sample(schema)));
	else if (how < EXAMPLE_UNTIL)
		put_letters(making, least ? least : 1);
	else if (values && how < 200)
		put_node(making, cor_node_item(values,
					 cor_fuzz_pick(making->choices) % cor_node_len(values)));
	else if (how < 180 && cor_fuzz_is(schema, "format", "decimal"))
		make_decimal(making, schema, how);
	else if (how < 200)
		put_text(out_of(making), cor_fuzz_text(making->choices));
	else if (how < 210)
		put_letters(making, least);
	else if (how < 222)
		put_letters(making, most);
	else if (how < 230)
		put_letters(making, most + 1);
	else
		put_letters(making, least ? least - 1 : LONG);
}

/* --- numbers --- */

static double bound(const struct cor_node *schema, const char *key, double otherwise)
{
	double number;

	return cor_node_to_double(cor_node_get(schema, key), &number) == 0 ? number : otherwise;
}

static void put_number(struct cor_buffer *out, double number, bool is_whole)
{
	if (is_whole && fabs(number) < 9e15)
		cor_buffer_printf(out, "%.0f", number);
	else
		cor_buffer_printf(out, "%.17g", number);
}

/* Of the bits of the input, as it is: what a handler compares it with may stand there. */
static void put_bits(struct cor_fuzz_making *making, unsigned how, bool is_whole)
{
	uint64_t bits = cor_fuzz_bits(making->choices);
	double real;

	memcpy(&real, &bits, sizeof real);
	if (!is_whole && how % 2 && isfinite(real))
		cor_buffer_printf(out_of(making), "%.17g", real);
	else if (how < 120)
		cor_buffer_printf(out_of(making), "%" PRIu64, bits & 0xFF);
	else if (how < 140)
		cor_buffer_printf(out_of(making), "%d", (int)(int16_t)bits);
	else if (how < 165)
		cor_buffer_printf(out_of(making), "%" PRId32, (int32_t)bits);
	else
		cor_buffer_printf(out_of(making), "%" PRId64, (int64_t)bits);
}

static void make_number(struct cor_fuzz_making *making, const struct cor_node *schema, unsigned how)
{
	bool is_whole = !cor_fuzz_is(schema, "type", "number");
	double least = bound(schema, "minimum", bound(schema, "exclusiveMinimum", -1e6));
	double most = bound(schema, "maximum", bound(schema, "exclusiveMaximum", 1e6));

	if (how < EXAMPLE_UNTIL)
		put_number(out_of(making), least > 1 ? least : most < 1 ? most : 1, is_whole);
	else if (how < 180)
		put_bits(making, how, is_whole);
	else if (how < 195)
		put_number(out_of(making), least, is_whole);
	else if (how < 210)
		put_number(out_of(making), most, is_whole);
	else if (how < 218)
		put_number(out_of(making), least - 1, is_whole);
	else if (how < 226)
		put_number(out_of(making), most + 1, is_whole);
	else if (how < 233)
		put_number(out_of(making), least + 1, is_whole);
	else
		put_number(out_of(making), most - 1, is_whole);
}

/* --- what has others in it --- */

static void make_array(struct cor_fuzz_making *making, const struct cor_node *schema, unsigned how)
{
	int64_t least = whole(schema, "minItems", 0), most = whole(schema, "maxItems", 16);
	int64_t len = least ? least : 1;

	if (how >= EXAMPLE_UNTIL)
		len = how < 180   ? cor_fuzz_pick(making->choices) % 8
		      : how < 200 ? least
		      : how < 220 ? most
				  : most + 1;
	cor_buffer_byte(out_of(making), '[');
	for (int64_t i = 0; i < len && i < LONG; i++) {
		if (i)
			cor_buffer_byte(out_of(making), ',');
		cor_fuzz_value(making, cor_node_get(schema, "items"));
	}
	cor_buffer_byte(out_of(making), ']');
}

static bool is_required(const struct cor_node *schema, struct cor_str name)
{
	const struct cor_node *required = cor_node_get(schema, "required");
	struct cor_str text;

	for (size_t i = 0; i < cor_node_len(required); i++)
		if (cor_node_to_text(cor_node_item(required, i), &text) == 0 &&
			cor_str_equal(text, name))
			return true;
	return false;
}

static void put_key(struct cor_fuzz_making *making, struct cor_str name, bool *is_first)
{
	if (!*is_first)
		cor_buffer_byte(out_of(making), ',');
	*is_first = false;
	put_text(out_of(making), name);
	cor_buffer_byte(out_of(making), ':');
}

static void put_members(
	struct cor_fuzz_making *making, const struct cor_node *schema, bool *is_first)
{
	const struct cor_node *properties = cor_node_get(schema, "properties");
	bool is_read_only;

	for (size_t i = 0; i < cor_node_len(properties); i++) {
		struct cor_str name = cor_node_key(properties, i);
		const struct cor_node *member = cor_reference_follow(
			making->promise->document, cor_node_item(properties, i));
		bool is_there = is_required(schema, name) || given(member);
		if (cor_node_to_bool(cor_node_get(member, "readOnly"), &is_read_only) == 0 &&
			is_read_only)
			is_there = false;
		if (is_there == cor_fuzz_mostly(making, is_there ? 244 : 128)) {
			put_key(making, name, is_first);
			cor_fuzz_value(making, member);
		}
	}
}

/* A choice says whether it is as usual: those that should be there are, the others are not. */
static void make_object(struct cor_fuzz_making *making, const struct cor_node *schema)
{
	const struct cor_node *all = cor_node_get(schema, "allOf");
	bool is_first = true;

	cor_buffer_byte(out_of(making), '{');
	for (size_t i = 0; i < cor_node_len(all); i++)
		put_members(making,
			cor_reference_follow(making->promise->document, cor_node_item(all, i)),
			&is_first);
	put_members(making, schema, &is_first);
	if (!cor_fuzz_mostly(making, 250)) { /* a name that nobody knows, or one again */
		put_key(making, cor_fuzz_text(making->choices), &is_first);
		put_other(making);
	}
	cor_buffer_byte(out_of(making), '}');
}

static const struct cor_node *one_of(struct cor_fuzz_making *making, const struct cor_node *schema)
{
	const struct cor_node *list = cor_node_get(schema, "oneOf");

	if (!list)
		list = cor_node_get(schema, "anyOf");
	return list ? cor_node_item(list, cor_fuzz_pick(making->choices) %
						  (cor_node_len(list) ? cor_node_len(list) : 1))
		    : NULL;
}

/* --- each type --- */

static struct cor_str type_of(const struct cor_node *schema)
{
	const struct cor_node *type = cor_node_get(schema, "type");
	struct cor_str text = { "", 0 };

	if (cor_node_type(type) == COR_JSON_ARRAY)
		type = cor_node_item(type, 0);
	if (cor_node_to_text(type, &text) < 0 &&
		(cor_node_get(schema, "properties") || cor_node_get(schema, "allOf")))
		return COR_STR("object");
	return text;
}

static void make(struct cor_fuzz_making *making, const struct cor_node *schema, unsigned how)
{
	struct cor_str type = type_of(schema);

	if (cor_str_equal(type, COR_STR("object")))
		make_object(making, schema);
	else if (cor_str_equal(type, COR_STR("array")))
		make_array(making, schema, how);
	else if (cor_str_equal(type, COR_STR("integer")) || cor_str_equal(type, COR_STR("number")))
		make_number(making, schema, how);
	else if (cor_str_equal(type, COR_STR("boolean")))
		cor_json_write_bool(out_of(making), how % 2 == 0);
	else if (cor_str_equal(type, COR_STR("null")))
		cor_json_write_null(out_of(making));
	else
		make_text(making, schema, how);
}

void cor_fuzz_value(struct cor_fuzz_making *making, const struct cor_node *schema)
{
	schema = cor_reference_follow(making->promise->document, schema);
	unsigned how = cor_fuzz_pick(making->choices);
	const struct cor_node *example = given(schema), *one;

	if (how >= OTHER_FROM || making->depth == DEPTH_MAX) {
		put_other(making);
		return;
	}
	if (how < EXAMPLE_UNTIL && example && cor_node_type(example) != COR_JSON_OBJECT) {
		put_node(making, example);
		return;
	}
	making->depth++;
	one = one_of(making, schema);
	if (one)
		cor_fuzz_value(making, one);
	else
		make(making, schema, how);
	making->depth--;
}
