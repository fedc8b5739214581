/* SPDX-License-Identifier: MIT */
#include "contract/vary.h"

#include <string.h>

#include <coracle/decimal_number.h>

#include "base/utf8.h"
#include "contract/judge.h"
#include "contract/number.h"
#include "contract/pattern_text.h"
#include "contract/sample.h"
#include "contract/vary_object.h"

#define ITEMS_MAX 1000 /* longer arrays are not made */

/* Whose values are made, and for whom. */
struct varied {
	struct cor_contract_run *run;
	const struct cor_node *schema;
	cor_contract_emit *emit;
	void *self;
	int depth;
};

static void put(const struct varied *it, const char *what, struct cor_node *value)
{
	if (value)
		it->emit(it->self, "", what, value);
}

static void put_text(const struct varied *it, const char *what, const char *text)
{
	if (text)
		put(it, what, cor_node_string(&it->run->arena, text));
}

/* --- strings --- */

/* The bytes of so many characters. */
static size_t front_of(const char *text, size_t count)
{
	size_t len = 0;

	while (text[len] && (count > 0 || cor_utf8_is_continuation(text[len])))
		count -= !cor_utf8_is_continuation(text[len++]);
	return len;
}

static void vary_lengths(const struct varied *it)
{
	struct cor_contract_run *run = it->run;
	long double least, most;

	if (cor_contract_number(it->schema, "minLength", &least) && least >= 1) {
		size_t len = (size_t)least;
		put_text(it, cor_contract_printf(run, "at minLength, %zu", len),
			cor_contract_sample_text(run, it->schema, len, len));
		const char *full = cor_contract_sample_text(run, it->schema, len, SIZE_MAX);
		put_text(it,
			cor_contract_printf(run, "%zu character%s, under minLength", len - 1,
				len == 2 ? "" : "s"),
			full ? cor_contract_printf(run, "%.*s", (int)front_of(full, len - 1), full)
			     : NULL);
	}
	if (cor_contract_number(it->schema, "maxLength", &most) && most < 1e6L) {
		size_t len = (size_t)most;
		put_text(it, cor_contract_printf(run, "at maxLength, %zu", len),
			cor_contract_sample_text(run, it->schema, len, len));
		const char *full = cor_contract_sample_text(run, it->schema, len + 1, SIZE_MAX);
		char *long_text = cor_contract_alloc(run, len + 2);
		memset(long_text, 'a', len + 1);
		long_text[len + 1] = '\0';
		put_text(it,
			cor_contract_printf(run, "%zu character%s, over maxLength", len + 1,
				len == 0 ? "" : "s"),
			full ? full : long_text);
	}
}

/* With as many zeros at its end as it can have: what calculates with the digits may overflow. */
static const char *lengthened(struct cor_contract_run *run, struct cor_str text)
{
	struct cor_decimal_number number;
	char out[COR_DECIMAL_NUMBER_BYTES];
	uint8_t scale = COR_DECIMAL_NUMBER_DIGITS;

	if (cor_decimal_number_parse(text, &number) < 0)
		return NULL;
	while (scale > number.scale && cor_decimal_number_rescale(&number, scale) < 0)
		scale--;
	return cor_decimal_number_print(&number, out) ? cor_contract_printf(run, "%s", out) : NULL;
}

static bool is_decimal(const struct cor_node *schema)
{
	struct cor_str format;

	return cor_node_to_text(cor_node_get(schema, "format"), &format) == 0 &&
	       cor_str_equal(format, COR_STR("decimal"));
}

static void vary_scale(const struct varied *it, const struct cor_node *value, const char *what)
{
	bool is_text = cor_contract_is_type(it->schema, "string");
	struct cor_str text;

	if ((is_text ? cor_node_to_text(value, &text) : cor_node_to_number(value, &text)) < 0)
		return;
	const char *longer = lengthened(it->run, text);
	if (longer)
		put(it, cor_contract_printf(it->run, "%s as %s", what, longer),
			is_text ? cor_node_string(&it->run->arena, longer)
				: cor_node_number(&it->run->arena, cor_str(longer)));
}

static void vary_scales(const struct varied *it, const struct cor_node *sample)
{
	static const char *const bounds[] = { "minimum", "maximum", "formatMinimum",
		"formatMaximum" };

	if (!is_decimal(it->schema))
		return;
	vary_scale(it, sample, "a decimal");
	for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
		vary_scale(it, cor_node_get(it->schema, bounds[i]), bounds[i]);
}

static void vary_text(const struct varied *it)
{
	struct cor_str pattern;
	struct cor_node *sample = cor_contract_sample(
		it->run, it->schema, COR_CONTRACT_MINIMAL, it->depth);
	struct cor_str text;

	vary_lengths(it);
	vary_scales(it, sample);
	if (cor_node_get(it->schema, "pattern"))
		put_text(it, "a text that matches the pattern",
			cor_contract_sample_text(it->run, it->schema, 0, SIZE_MAX));
	if (cor_node_to_text(cor_node_get(it->schema, "pattern"), &pattern) == 0 &&
		cor_node_to_text(sample, &text) == 0)
		put_text(it, "a text that does not match the pattern",
			cor_contract_pattern_breach(it->run, pattern,
				cor_contract_printf(it->run, "%.*s", (int)text.len, text.data)));
	const char *format = cor_contract_text(&it->run->arena, it->schema, "format");
	if (format && strcmp(format, "binary") != 0) /* of a file: any bytes have it */
		put_text(it, "a text that has not the format", "?!");
	if (cor_node_get(it->schema, "contentEncoding"))
		put_text(it, "a text that is no base64", "?!");
	if (!cor_node_get(it->schema, "enum"))
		return;
	put_text(it, "a name that is not in the enum", "no-such-name");
}

static void vary_names(const struct varied *it)
{
	const struct cor_node *names = cor_node_get(it->schema, "enum");
	struct cor_str text;

	for (size_t i = 0; i < cor_node_len(names) && i < 32; i++) {
		const struct cor_node *name = cor_node_item(names, i);
		if (cor_node_to_text(name, &text) == 0)
			put(it,
				cor_contract_printf(
					it->run, "the name %.*s", (int)text.len, text.data),
				cor_node_copy(&it->run->arena, name));
	}
}

/* --- numbers --- */

static void vary_bound(const struct varied *it, const char *name, int sign, bool is_exclusive)
{
	struct cor_contract_run *run = it->run;
	long double bound, step = 1;
	struct cor_str text;
	const struct cor_node *node = cor_node_get(it->schema, name);

	if (!cor_contract_number(it->schema, name, &bound))
		return;
	if (cor_contract_number(it->schema, "multipleOf", &step) && step < 1)
		step = 1;
	if (cor_node_to_number(node, &text) == 0)
		put(it, cor_contract_printf(run, "at %s, %.*s", name, (int)text.len, text.data),
			cor_node_number(&run->arena, text));
	put(it, cor_contract_printf(run, "beyond %s", name),
		cor_contract_number_node(run, bound + sign * step));
	if (is_exclusive)
		put(it, cor_contract_printf(run, "next to %s", name),
			cor_contract_number_node(run, bound - sign * step));
}

static void vary_number(const struct varied *it)
{
	long double step;

	vary_bound(it, "minimum", -1, false);
	vary_bound(it, "maximum", 1, false);
	vary_bound(it, "exclusiveMinimum", -1, true);
	vary_bound(it, "exclusiveMaximum", 1, true);
	if (cor_contract_is_type(it->schema, "integer"))
		put(it, "a fraction", cor_node_number(&it->run->arena, COR_STR("1.5")));
	struct cor_node *sample = cor_contract_sample(
		it->run, it->schema, COR_CONTRACT_MINIMAL, it->depth);
	long double number;
	vary_scales(it, sample);
	if (cor_contract_number(it->schema, "multipleOf", &step) &&
		cor_contract_number_of(sample, &number))
		put(it, "no multiple", cor_contract_number_node(it->run, number + step / 2));
}

/* --- arrays --- */

struct inner {
	const struct varied *outer;
	struct cor_node *whole;
};

static void emit_item(void *self, const char *where, const char *what, struct cor_node *value)
{
	const struct inner *inner = self;
	const struct varied *outer = inner->outer;
	struct cor_node *copy = cor_node_copy(&outer->run->arena, inner->whole);

	if (cor_node_replace(cor_node_item(copy, 0), value) == 0)
		outer->emit(
			outer->self, cor_contract_printf(outer->run, "/0%s", where), what, copy);
}

static struct cor_node *items(const struct varied *it, size_t len)
{
	return len > ITEMS_MAX ? NULL
			       : cor_contract_sample_items(
					 it->run, it->schema, len, COR_CONTRACT_MINIMAL, it->depth);
}

static void vary_sizes(const struct varied *it)
{
	long double bound;

	if (cor_contract_number(it->schema, "minItems", &bound) && bound >= 1) {
		put(it, "at minItems", items(it, (size_t)bound));
		put(it, "an item less than minItems", items(it, (size_t)bound - 1));
	} else {
		put(it, "no items", items(it, 0));
	}
	if (cor_contract_number(it->schema, "maxItems", &bound)) {
		put(it, "at maxItems", items(it, (size_t)bound));
		put(it, "an item more than maxItems", items(it, (size_t)bound + 1));
	}
}

static void vary_array(const struct varied *it)
{
	struct cor_node *whole = cor_contract_sample(
		it->run, it->schema, COR_CONTRACT_FULL, it->depth);
	struct inner inner = { it, whole };

	vary_sizes(it);
	if (cor_node_len(whole) == 0)
		return;
	if (cor_node_get(it->schema, "uniqueItems")) {
		struct cor_node *twice = cor_node_copy(&it->run->arena, whole);
		cor_ignore(cor_node_append(&it->run->arena, twice,
			cor_node_copy(&it->run->arena, cor_node_item(whole, 0))));
		put(it, "an item twice", twice);
	}
	cor_contract_vary(
		it->run, cor_node_get(it->schema, "items"), emit_item, &inner, it->depth + 1);
}

/* --- other types --- */

static bool is_any_type(const struct cor_node *schema)
{
	return !cor_node_get(schema, "type") && !cor_contract_is_object(schema);
}

static void vary_type(const struct varied *it)
{
	struct cor_arena *arena = &it->run->arena;

	if (is_any_type(it->schema))
		return;
	put(it, "null", cor_node_null(arena));
	if (cor_contract_is_type(it->schema, "string"))
		put(it, "a number", cor_node_int64(arena, 7));
	else
		put(it, "a string", cor_node_string(arena, "x"));
	if (cor_contract_is_object(it->schema))
		put(it, "an array", cor_node_array(arena));
	else
		put(it, "an object", cor_node_object(arena));
}

void cor_contract_vary(struct cor_contract_run *run, const struct cor_node *schema,
	cor_contract_emit *emit, void *self, int depth)
{
	const struct varied it = { run, cor_contract_schema(run, schema), emit, self, depth };

	if (depth >= COR_CONTRACT_DEPTH)
		return;
	bool is_open = cor_contract_is_object(it.schema) &&
		       cor_contract_open(&run->varied, it.schema);
	vary_type(&it);
	if (is_open || cor_node_get(it.schema, "const"))
		return;
	vary_names(&it);
	if (cor_node_get(it.schema, "oneOf"))
		cor_contract_vary_union(run, it.schema, emit, self, depth);
	else if (cor_contract_is_object(it.schema))
		cor_contract_vary_object(run, it.schema, emit, self, depth);
	else if (cor_contract_is_type(it.schema, "array"))
		vary_array(&it);
	else if (cor_contract_is_type(it.schema, "string"))
		vary_text(&it);
	else if (cor_contract_is_type(it.schema, "integer") ||
		 cor_contract_is_type(it.schema, "number"))
		vary_number(&it);
	cor_contract_close(&run->varied, it.schema);
}
