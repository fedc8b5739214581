/* SPDX-License-Identifier: MIT */
#include "contract/differ.h"

#include <string.h>

#include "contract/judge.h"
#include "contract/number.h"
#include "contract/schema.h"

#define CHANGED_BYTES 64 /* of a text, at its end */

struct search {
	struct cor_contract_run *run;
	const struct cor_node *taken;
	const struct cor_node *schema;
};

static struct cor_node *another(const struct search *search, struct cor_node *value, int depth);

static bool is_taken(const struct search *search, const struct cor_node *value)
{
	for (size_t i = 0; i < cor_node_len(search->taken); i++)
		if (cor_node_equal(cor_node_item(search->taken, i), value))
			return true;
	return false;
}

static bool fits(const struct search *search, const struct cor_node *value)
{
	return value &&
	       cor_contract_judge(search->run, search->schema, value, COR_CONTRACT_LENIENT, NULL) &&
	       !is_taken(search, value);
}

static struct cor_node *other_name(const struct search *search, const struct cor_node *names)
{
	for (size_t i = 0; i < cor_node_len(names); i++)
		if (!is_taken(search, cor_node_item(names, i)))
			return cor_node_copy(&search->run->arena, cor_node_item(names, i));
	return NULL;
}

/* With one of its characters another one, from behind. */
static struct cor_node *changed(const struct search *search, struct cor_str text)
{
	static const char all[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	bool has_case = !cor_node_get(search->schema, "format"); /* UUIDs have none */
	const char *end = all + (has_case ? sizeof all - 1 : 36);
	char *copy = cor_contract_alloc(search->run, text.len + 1);

	for (size_t at = text.len; at-- > 0 && text.len - at <= CHANGED_BYTES;) {
		memcpy(copy, text.data, text.len);
		for (const char *c = all; c < end; c++) {
			copy[at] = *c;
			struct cor_node *node = cor_node_string(&search->run->arena, copy);
			if (fits(search, node))
				return node;
		}
	}
	return NULL;
}

/* With a number at its end; or the last one, changed, so that few are tried that are taken. */
static struct cor_node *other_text(const struct search *search, struct cor_str text)
{
	size_t len = cor_node_len(search->taken);
	struct cor_str last;
	struct cor_node *node = cor_node_string(&search->run->arena,
		cor_contract_printf(search->run, "%.*s%zu", (int)text.len, text.data, len));

	if (fits(search, node))
		return node;
	if (len > 0 && cor_node_to_text(cor_node_item(search->taken, len - 1), &last) == 0)
		text = last;
	return changed(search, text);
}

/* So many steps up, which is free as a rule; else any that is. */
static struct cor_node *other_number(const struct search *search, long double number)
{
	long double step = 1;
	size_t len = cor_node_len(search->taken);

	if (!cor_contract_number(search->schema, "multipleOf", &step) || step <= 0)
		step = 1;
	for (size_t i = len; i > 0; i--)
		for (int sign = 1; sign >= -1; sign -= 2) {
			struct cor_node *node = cor_contract_number_node(
				search->run, number + (long double)i * step * sign);
			if (fits(search, node))
				return node;
		}
	return NULL;
}

/* Another value of one of its members. */
static struct cor_node *other_object(
	const struct search *search, const struct cor_node *value, int depth)
{
	struct cor_contract_property *all;
	size_t len = cor_contract_properties(search->run, search->schema, &all);

	for (size_t i = 0; i < len; i++) {
		struct cor_node *copy = cor_node_copy(&search->run->arena, value);
		struct cor_node *member = cor_node_get_text(copy, all[i].name);
		struct cor_node *taken = cor_node_array(&search->run->arena);
		struct search inner = { search->run, taken,
			cor_contract_schema(search->run, all[i].schema) };
		for (size_t j = 0; member && j < cor_node_len(search->taken); j++) {
			const struct cor_node *theirs = cor_node_get_text(
				cor_node_item(search->taken, j), all[i].name);
			if (theirs)
				cor_ignore(cor_node_append(&search->run->arena, taken,
					cor_node_copy(&search->run->arena, theirs)));
		}
		struct cor_node *other = member ? another(&inner, member, depth + 1) : NULL;
		if (other && cor_node_replace(member, other) == 0 && fits(search, copy))
			return copy;
	}
	return NULL;
}

static struct cor_node *another(const struct search *search, struct cor_node *value, int depth)
{
	const struct cor_node *names = cor_node_get(search->schema, "enum");
	struct cor_str text;
	long double number;
	bool is;

	if (names)
		return other_name(search, names);
	if (cor_node_to_bool(value, &is) == 0) {
		struct cor_node *other = cor_node_bool(&search->run->arena, !is);
		return fits(search, other) ? other : NULL;
	}
	if (cor_node_to_text(value, &text) == 0)
		return other_text(search, text);
	if (cor_contract_number_of(value, &number))
		return other_number(search, number);
	if (cor_node_type(value) == COR_JSON_OBJECT && depth < 3)
		return other_object(search, value, depth);
	return NULL;
}

struct cor_node *cor_contract_differing(struct cor_contract_run *run, const struct cor_node *taken,
	struct cor_node *value, const struct cor_node *schema)
{
	const struct search search = { run, taken, cor_contract_schema(run, schema) };
	struct cor_node *other = is_taken(&search, value) ? another(&search, value, 0) : NULL;

	return other ? other : value;
}
