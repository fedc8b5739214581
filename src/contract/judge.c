/* SPDX-License-Identifier: MIT */
#include "contract/judge.h"

#include <stdarg.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "contract/format.h"
#include "contract/number.h"
#include "contract/patterns.h"
#include "contract/schema.h"
#include "document/reference.h"

#define DEPTH_MAX 64

struct judge {
	const struct cor_contract_judge *by;
	struct cor_contract_fault *fault;
	int depth;
};

/* Where a value is: written as a pointer only if something is wrong there. */
struct place {
	const struct place *above; /* NULL: it is in the whole */
	struct cor_str name;       /* of a member; no data: an item */
	size_t index;
};

static bool is_right(struct judge *judge, const struct cor_node *schema,
	const struct cor_node *value, const struct place *where, bool is_part);

static void write_place(const struct place *place, struct cor_buffer *out)
{
	if (!place)
		return;
	write_place(place->above, out);
	cor_buffer_byte(out, '/');
	if (!place->name.data) {
		cor_buffer_printf(out, "%zu", place->index);
		return;
	}
	for (size_t i = 0; i < place->name.len; i++) {
		char letter = place->name.data[i];
		if (letter == '~' || letter == '/')
			cor_buffer_printf(out, "~%d", letter == '/');
		else
			cor_buffer_byte(out, letter);
	}
}

COR_PRINTF(3, 4)
static bool wrong(struct judge *judge, const struct place *where, const char *format, ...)
{
	struct cor_arena *arena = judge->by->arena;
	struct cor_buffer pointer = { 0 };
	va_list args;

	write_place(where, &pointer);
	va_start(args, format);
	*judge->fault = (struct cor_contract_fault){
		cor_arena_copy(arena, pointer.data ? pointer.data : "", pointer.len),
		cor_arena_vprintf(arena, format, args),
	};
	va_end(args);
	cor_buffer_finish(&pointer);
	if (!judge->fault->where || !judge->fault->text)
		*judge->fault = (struct cor_contract_fault){ "",
			"is wrong (no memory to say how)" };
	return false;
}

static const char *print(struct judge *judge, const struct cor_node *node)
{
	struct cor_str text;
	const char *shown = NULL;

	if (cor_node_print(judge->by->arena, node, &text) == 0)
		shown = cor_arena_printf(judge->by->arena, "%.*s%s",
			text.len < 200 ? (int)text.len : 200, text.data,
			text.len < 200 ? "" : " ...");
	return shown ? shown : "?";
}

/* --- types --- */

static const char *type_of(const struct cor_node *value)
{
	static const char *const names[] = {
		[COR_JSON_OBJECT] = "object",
		[COR_JSON_ARRAY] = "array",
		[COR_JSON_STRING] = "string",
		[COR_JSON_NUMBER] = "number",
		[COR_JSON_BOOL] = "boolean",
		[COR_JSON_NULL] = "null",
	};

	return names[cor_node_type(value)];
}

static bool has_type(struct judge *judge, const struct cor_node *schema,
	const struct cor_node *value, const struct place *where)
{
	const char *type = type_of(value);
	long double number;

	if (!cor_node_get(schema, "type") || cor_contract_is_type(schema, type))
		return true;
	if (cor_contract_is_type(schema, "integer") && cor_node_type(value) == COR_JSON_NUMBER) {
		if (cor_contract_number_of(value, &number) && cor_contract_is_whole(number))
			return true;
		return wrong(judge, where, "is %s, and no whole number", print(judge, value));
	}
	return wrong(judge, where, "is of type %s, and not %s", type,
		print(judge, cor_node_get(schema, "type")));
}

static bool is_listed(struct judge *judge, const struct cor_node *schema,
	const struct cor_node *value, const struct place *where)
{
	const struct cor_node *list = cor_node_get(schema, "enum");
	const struct cor_node *only = cor_node_get(schema, "const");

	if (only && !cor_node_equal(only, value))
		return wrong(judge, where, "is %s, and not const %s", print(judge, value),
			print(judge, only));
	for (size_t i = 0; i < cor_node_len(list); i++)
		if (cor_node_equal(cor_node_item(list, i), value))
			return true;
	return !list || wrong(judge, where, "is %s, and none of enum %s", print(judge, value),
				print(judge, list));
}

/* --- numbers --- */

/* Those of a number in a string have another name. */
static bool is_in_range(struct judge *judge, const struct cor_node *schema, long double number,
	const struct place *where, bool is_text)
{
	static const struct {
		const char *names[2];
		int sign; /* of number - bound, that is wrong */
		bool is_exclusive;
	} bounds[] = {
		{ { "minimum", "x-minimum" }, -1, false },
		{ { "maximum", "x-maximum" }, 1, false },
		{ { "exclusiveMinimum", "x-exclusiveMinimum" }, -1, true },
		{ { "exclusiveMaximum", "x-exclusiveMaximum" }, 1, true },
	};
	long double bound;

	for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
		const char *name = bounds[i].names[is_text];
		if (!cor_contract_number(schema, name, &bound))
			continue;
		if ((number - bound) * bounds[i].sign > 0 ||
			(bounds[i].is_exclusive && number == bound))
			return wrong(
				judge, where, "is %.15Lg, and %s is %.15Lg", number, name, bound);
	}
	if (cor_contract_number(schema, is_text ? "x-multipleOf" : "multipleOf", &bound) &&
		!cor_contract_is_multiple(number, bound))
		return wrong(judge, where, "is %.15Lg, and no multiple of %.15Lg", number, bound);
	return true;
}

/* --- strings --- */

static bool is_bounded_text(struct judge *judge, const struct cor_node *schema, struct cor_str text,
	const struct place *where)
{
	size_t len = cor_utf8_count(text);
	long double bound;

	if (cor_contract_number(schema, "minLength", &bound) && (long double)len < bound)
		return wrong(judge, where, "has %zu character%s, and minLength is %.0Lf", len,
			len == 1 ? "" : "s", bound);
	if (cor_contract_number(schema, "maxLength", &bound) && (long double)len > bound)
		return wrong(judge, where, "has %zu character%s, and maxLength is %.0Lf", len,
			len == 1 ? "" : "s", bound);
	return true;
}

/* What a text has to look like. */
static bool has_form(struct judge *judge, const struct cor_node *schema, struct cor_str text,
	const struct place *where)
{
	const struct cor_contract_judge *by = judge->by;
	struct cor_str rule;

	if (cor_node_to_text(cor_node_get(schema, "pattern"), &rule) == 0 &&
		!by->matches(by->run, rule, text))
		return wrong(
			judge, where, "does not match the pattern %.*s", (int)rule.len, rule.data);
	if (cor_node_to_text(cor_node_get(schema, "format"), &rule) == 0 &&
		!cor_contract_format_holds(rule, text))
		return wrong(judge, where, "is no %.*s", (int)rule.len, rule.data);
	return !cor_node_get(schema, "contentEncoding") || cor_contract_is_base64(text) ||
	       wrong(judge, where, "is no base64");
}

static bool is_right_text(struct judge *judge, const struct cor_node *schema,
	const struct cor_node *value, const struct place *where)
{
	struct cor_str text;
	long double number;

	if (cor_node_to_text(value, &text) < 0)
		return true;
	if (!is_bounded_text(judge, schema, text, where) ||
		(judge->by->matches && !has_form(judge, schema, text, where)))
		return false;
	return !cor_contract_number_of(value, &number) ||
	       is_in_range(judge, schema, number, where, true);
}

/* --- arrays --- */

static bool is_unique(struct judge *judge, const struct cor_node *value, const struct place *where)
{
	for (size_t i = 0; i < cor_node_len(value); i++)
		for (size_t j = 0; j < i; j++)
			if (cor_node_equal(cor_node_item(value, i), cor_node_item(value, j)))
				return wrong(judge, where, "has equal items, %zu and %zu", j, i);
	return true;
}

static bool has_wanted(struct judge *judge, const struct cor_node *schema,
	const struct cor_node *value, const struct place *where)
{
	const struct cor_node *wanted = cor_node_get(schema, "contains");
	long double least = 1, most;
	size_t count = 0;

	if (!wanted)
		return true;
	for (size_t i = 0; i < cor_node_len(value); i++)
		count += is_right(judge, wanted, cor_node_item(value, i), where, false);
	(void)!cor_contract_number(schema, "minContains", &least);
	if ((long double)count < least)
		return wrong(judge, where, "has %zu item%s of contains, not %.0Lf", count,
			count == 1 ? "" : "s", least);
	if (cor_contract_number(schema, "maxContains", &most) && (long double)count > most)
		return wrong(judge, where, "has %zu item%s of contains, not %.0Lf", count,
			count == 1 ? "" : "s", most);
	return true;
}

static bool has_size(struct judge *judge, const struct cor_node *schema, size_t len,
	const char *least, const char *most, const struct place *where)
{
	long double bound;

	if (cor_contract_number(schema, least, &bound) && (long double)len < bound)
		return wrong(judge, where, "has %zu, and %s is %.0Lf", len, least, bound);
	if (cor_contract_number(schema, most, &bound) && (long double)len > bound)
		return wrong(judge, where, "has %zu, and %s is %.0Lf", len, most, bound);
	return true;
}

static bool is_right_array(struct judge *judge, const struct cor_node *schema,
	const struct cor_node *value, const struct place *where)
{
	const struct cor_node *items = cor_node_get(schema, "items");
	bool is_unique_wanted = false;

	if (!has_size(judge, schema, cor_node_len(value), "minItems", "maxItems", where))
		return false;
	for (size_t i = 0; items && i < cor_node_len(value); i++)
		if (!is_right(judge, items, cor_node_item(value, i),
			    &(const struct place){ .above = where, .index = i }, false))
			return false;
	if (cor_node_to_bool(cor_node_get(schema, "uniqueItems"), &is_unique_wanted) == 0 &&
		is_unique_wanted && !is_unique(judge, value, where))
		return false;
	return has_wanted(judge, schema, value, where);
}

/* --- objects --- */

/* The branch that a value says it is; NULL: it is none. */
static const struct cor_node *branch_of(const struct cor_node *schema, const struct cor_node *value)
{
	const struct cor_node *discriminator = cor_node_get(schema, "discriminator");
	const struct cor_node *list = cor_node_get(schema, "oneOf");
	struct cor_str name, tag, target, reference;

	if (cor_node_to_text(cor_node_get(discriminator, "propertyName"), &name) < 0 ||
		cor_node_to_text(cor_node_get_text(value, name), &tag) < 0 ||
		cor_node_to_text(cor_node_get_text(cor_node_get(discriminator, "mapping"), tag),
			&target) < 0)
		return NULL;
	for (size_t i = 0; i < cor_node_len(list); i++)
		if (cor_node_to_text(cor_node_get(cor_node_item(list, i), "$ref"), &reference) ==
				0 &&
			cor_str_equal(target, reference))
			return cor_node_item(list, i);
	return NULL;
}

/* A member of a value. */
struct named {
	const struct cor_node *value;
	struct cor_str name;
};

/* Whether a schema, or a part of it, says something of that member. */
static bool knows(const struct judge *judge, const struct cor_node *schema,
	const struct named *member, int depth)
{
	static const char *const parts[] = { "allOf", "anyOf" };
	const struct cor_node *at = cor_reference_follow(judge->by->document, schema);
	const struct cor_node *branch = branch_of(at, member->value);
	bool has_parts = cor_node_get(at, "oneOf") != NULL;

	if (cor_node_get_text(cor_node_get(at, "properties"), member->name) ||
		cor_node_get(at, "additionalProperties"))
		return true;
	if (branch && depth < 16 && knows(judge, branch, member, depth + 1))
		return true;
	for (size_t p = 0; depth < 16 && p < sizeof parts / sizeof parts[0]; p++) {
		const struct cor_node *list = cor_node_get(at, parts[p]);
		has_parts |= list != NULL;
		for (size_t i = 0; i < cor_node_len(list); i++)
			if (knows(judge, cor_node_item(list, i), member, depth + 1))
				return true;
	}
	return !has_parts && !cor_node_get(at, "properties") && !cor_contract_is_type(at, "null");
}

static bool has_required(struct judge *judge, const struct cor_node *schema,
	const struct cor_node *value, const struct place *where)
{
	const struct cor_node *required = cor_node_get(schema, "required");
	struct cor_str name;

	for (size_t i = 0; i < cor_node_len(required); i++)
		if (cor_node_to_text(cor_node_item(required, i), &name) == 0 &&
			!cor_node_get_text(value, name))
			return wrong(judge, &(const struct place){ .above = where, .name = name },
				"is required, and not there");
	return true;
}

static bool is_right_member(struct judge *judge, const struct cor_node *schema, struct cor_str name,
	const struct cor_node *value, const struct place *where)
{
	const struct cor_node *own = cor_node_get_text(cor_node_get(schema, "properties"), name);
	const struct cor_node *others = cor_node_get(schema, "additionalProperties");
	bool is_allowed;

	if (own)
		return is_right(judge, own, value, where, false);
	if (!others || cor_node_to_bool(others, &is_allowed) < 0)
		return !others || is_right(judge, others, value, where, false);
	return is_allowed || wrong(judge, where, "is a member that the schema does not know");
}

static bool is_right_name(struct judge *judge, const struct cor_node *schema, struct cor_str name,
	const struct place *where)
{
	const struct cor_node *names = cor_node_get(schema, "propertyNames");

	return !names ||
	       is_right(judge, names, cor_node_text(judge->by->arena, name), where, false);
}

static bool is_right_object(struct judge *judge, const struct cor_node *schema,
	const struct cor_node *value, const struct place *where, bool is_part)
{
	if (!has_required(judge, schema, value, where) ||
		!has_size(judge, schema, cor_node_len(value), "minProperties", "maxProperties",
			where))
		return false;
	for (size_t i = 0; i < cor_node_len(value); i++) {
		struct cor_str name = cor_node_key(value, i);
		const struct place member_at = { .above = where, .name = name }, *at = &member_at;
		const struct named member = { value, name };
		if (!is_part && judge->by->strictness == COR_CONTRACT_NO_MORE &&
			!knows(judge, schema, &member, 0))
			return wrong(judge, at, "is a member that the schema does not name");
		if (!is_right_name(judge, schema, name, at) ||
			!is_right_member(judge, schema, name, cor_node_item(value, i), at))
			return false;
	}
	return true;
}

/* --- what is combined --- */

static bool is_right_branch(struct judge *judge, const struct cor_node *schema,
	const struct cor_node *value, const struct place *where)
{
	const struct cor_node *branch = branch_of(schema, value);

	return branch ? is_right(judge, branch, value, where, true)
		      : wrong(judge, where, "is none of the branches of the union");
}

static bool is_any(struct judge *judge, const struct cor_node *list, const struct cor_node *value,
	const struct place *where)
{
	for (size_t i = 0; i < cor_node_len(list); i++)
		if (is_right(judge, cor_node_item(list, i), value, where, true))
			return true;
	return false;
}

static bool is_right_combined(struct judge *judge, const struct cor_node *schema,
	const struct cor_node *value, const struct place *where)
{
	const struct cor_node *all = cor_node_get(schema, "allOf");
	const struct cor_node *any = cor_node_get(schema, "anyOf");

	for (size_t i = 0; i < cor_node_len(all); i++)
		if (!is_right(judge, cor_node_item(all, i), value, where, true))
			return false;
	if (any && !is_any(judge, any, value, where))
		return false;
	return !cor_node_get(schema, "oneOf") || is_right_branch(judge, schema, value, where);
}

static bool is_right_kind(struct judge *judge, const struct cor_node *schema,
	const struct cor_node *value, const struct place *where, bool is_part)
{
	long double number;

	switch (cor_node_type(value)) {
	case COR_JSON_STRING:
		return is_right_text(judge, schema, value, where);
	case COR_JSON_NUMBER:
		return !cor_contract_number_of(value, &number) ||
		       is_in_range(judge, schema, number, where, false);
	case COR_JSON_ARRAY:
		return is_right_array(judge, schema, value, where);
	case COR_JSON_OBJECT:
		return is_right_object(judge, schema, value, where, is_part);
	default:
		return true;
	}
}

static bool is_right(struct judge *judge, const struct cor_node *schema,
	const struct cor_node *value, const struct place *where, bool is_part)
{
	const struct cor_node *at = cor_reference_follow(judge->by->document, schema);

	if (!at || judge->depth >= DEPTH_MAX)
		return true;
	judge->depth++;
	bool is = has_type(judge, at, value, where) && is_listed(judge, at, value, where) &&
		  is_right_combined(judge, at, value, where) &&
		  is_right_kind(judge, at, value, where, is_part);
	judge->depth--;
	return is;
}

bool cor_contract_is_valid(const struct cor_contract_judge *by, const struct cor_node *schema,
	const struct cor_node *value, struct cor_contract_fault *ret)
{
	struct judge judge = { by, ret, 0 };

	return is_right(&judge, schema, value, NULL, false);
}

bool cor_contract_judge(struct cor_contract_run *run, const struct cor_node *schema,
	const struct cor_node *value, enum cor_contract_strictness strictness,
	struct cor_contract_fault *ret)
{
	const struct cor_contract_judge by = { .document = run->document->root,
		.arena = &run->arena,
		.strictness = strictness,
		.matches = cor_contract_matches,
		.run = run };
	struct cor_contract_fault room;

	return cor_contract_is_valid(&by, schema, value, ret ? ret : &room);
}
