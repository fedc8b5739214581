/* SPDX-License-Identifier: MIT */
/* oneOf and anyOf: unions of structs, where a member says which; enums that are written so. */
#include "generate/unions.h"

#include <string.h>

#include "generate/enums.h"
#include "generate/names.h"
#include "generate/structs.h"
#include "generate/types.h"

struct choice {
	struct cor_gen *gen;
	const struct cor_gen_schema *schema;
	const char *keyword;           /* oneOf or anyOf */
	const struct cor_node *of;     /* the array */
	const struct cor_node *holder; /* the part that has it */
	const char *discriminator;
	size_t nulls;
};

static bool is_null(const struct cor_gen_schema *alternative)
{
	const char *null = "null";
	struct cor_str text;

	return cor_node_to_text(cor_gen_get(alternative, "type"), &text) == 0 &&
	       cor_str_equal(text, cor_str(null));
}

static struct cor_gen_schema alternative(const struct choice *c, size_t i, bool *ret_null)
{
	struct cor_gen_schema one = cor_gen_schema_of(c->gen, cor_node_item(c->of, i));

	return cor_gen_itself(c->gen, &one, ret_null);
}

static void find(struct choice *c)
{
	for (size_t i = 0; i < c->schema->len && !c->of; i++)
		for (int any = 0; any < 2 && !c->of; any++) {
			c->keyword = any ? "anyOf" : "oneOf";
			c->holder = c->schema->parts[i];
			c->of = cor_node_get(c->holder, c->keyword);
		}
}

/* --- enums: each alternative is a constant, with a text for readers --- */

static bool resolve_names(struct choice *c, struct cor_gen_row *row, const char *hint)
{
	struct cor_gen *gen = c->gen;
	struct cor_node *names = cor_node_array(gen->arena), *made = cor_node_object(gen->arena);

	for (size_t i = 0; i < cor_node_len(c->of); i++) {
		bool null = false;
		struct cor_gen_schema one = alternative(c, i, &null);
		const struct cor_node *only = cor_gen_get(&one, "const"),
				      *list = cor_gen_get(&one, "enum");
		if (!only && !list)
			return false;
		for (size_t j = 0; only ? j < 1 : j < cor_node_len(list); j++)
			cor_ignore(cor_node_append(gen->arena, names,
				cor_node_copy(gen->arena, only ? only : cor_node_item(list, j))));
	}
	cor_ignore(cor_node_set(gen->arena, made, "enum", names));
	struct cor_gen_schema schema = *c->schema;
	if (schema.len == COR_GEN_PARTS_MAX)
		return false;
	schema.parts[schema.len++] = made;
	cor_gen_resolve_values(gen, row, &schema, hint);
	return true;
}

/* --- unions --- */

static const char *constant_of(
	struct cor_gen *gen, const struct cor_gen_schema *alternative, struct cor_str key)
{
	struct cor_gen_schema property = cor_gen_property(gen, alternative, key);
	const struct cor_node *value = cor_gen_get(&property, "const"),
			      *list = cor_gen_get(&property, "enum");
	struct cor_str text;

	if (!value && cor_node_len(list) == 1)
		value = cor_node_item(list, 0);
	if (cor_node_to_text(value, &text) < 0 || text.len == 0)
		return NULL;
	return cor_gen_text(gen, text);
}

static bool is_object(const struct cor_gen_schema *schema)
{
	struct cor_str text;

	if (schema->is_never || cor_gen_get(schema, "oneOf") || cor_gen_get(schema, "anyOf") ||
		cor_gen_get(schema, "enum"))
		return false;
	if (cor_node_to_text(cor_gen_get(schema, "type"), &text) == 0)
		return cor_str_equal(text, COR_STR("object"));
	return cor_gen_has_properties(schema);
}

/* A property that tells all alternatives apart, each by a constant of its own. */
static bool tells_apart(const struct choice *c, struct cor_str key)
{
	struct cor_node *seen = cor_node_object(c->gen->arena);

	for (size_t i = 0; i < cor_node_len(c->of); i++) {
		bool null = false;
		struct cor_gen_schema one = alternative(c, i, &null);
		if (is_null(&one))
			continue;
		const char *value = constant_of(c->gen, &one, key);
		if (!value || cor_node_get(seen, value) || !cor_gen_requires(&one, key))
			return false;
		cor_ignore(cor_node_set(
			c->gen->arena, seen, value, cor_node_bool(c->gen->arena, true)));
	}
	return cor_node_len(seen) > 0;
}

static void find_discriminator(struct choice *c)
{
	const struct cor_node *said = cor_gen_get(c->schema, "discriminator");
	bool null = false;
	struct cor_gen_schema first = alternative(c, 0, &null);

	c->discriminator = cor_gen_member_text(c->gen, said, "propertyName");
	for (size_t i = 0; i < first.len && !c->discriminator; i++) {
		const struct cor_node *properties = cor_node_get(first.parts[i], "properties");
		for (size_t j = 0; j < cor_node_len(properties) && !c->discriminator; j++)
			if (tells_apart(c, cor_node_key(properties, j)))
				c->discriminator = cor_gen_text(
					c->gen, cor_node_key(properties, j));
	}
}

static bool are_objects(struct choice *c)
{
	size_t len = cor_node_len(c->of);

	for (size_t i = 0; i < len; i++) {
		bool null = false;
		struct cor_gen_schema one = alternative(c, i, &null);
		if (is_null(&one))
			c->nulls++;
		else if (null || !is_object(&one))
			return false;
	}
	return len > c->nulls && len - c->nulls <= COR_BRANCHES_MAX;
}

/* Which schema an entry of a mapping means: a reference, or the name of a component. */
static bool maps_to(struct cor_gen *gen, const struct cor_node *value, const struct cor_node *to)
{
	struct cor_str text, name = cor_gen_own_key(to);

	if (cor_node_to_text(value, &text) < 0 || name.len == 0 || text.len < name.len)
		return false;
	bool is_end = memcmp(text.data + text.len - name.len, name.data, name.len) == 0;
	return is_end && (text.len == name.len || text.data[text.len - name.len - 1] == '/') &&
	       cor_gen_is_component(gen, to);
}

static void add_branch(struct choice *c, struct cor_gen_type *type, struct cor_gen_type *of,
	const char *text, const char *member)
{
	struct cor_gen *gen = c->gen;

	for (size_t i = 0; i < type->branches_len; i++)
		if (strcmp(type->branches[i].text, text) == 0) {
			cor_gen_note(gen, c->holder,
				"of \"%s\" the second alternative named \"%s\" is left out",
				c->keyword, text);
			return;
		}
	if (type->branches_len == COR_BRANCHES_MAX)
		return;
	struct cor_gen_branch *branch = &type->branches[type->branches_len++];
	branch->type = of;
	branch->text = text;
	branch->member = cor_gen_member(gen, type, member);
	branch->constant = cor_gen_constant(gen, type->name, text);
}

/* Its struct: that of the component, if nothing but unions needs the component. */
static struct cor_gen_type *branch_struct(struct choice *c, const struct cor_gen_type *type,
	const struct cor_gen_schema *one, const char *name)
{
	struct cor_gen *gen = c->gen;
	const char *hint = cor_gen_printf(gen, "%s_%s", type->name, cor_gen_snake(gen, name));
	struct cor_gen_schema property = cor_gen_property(gen, one, cor_str(c->discriminator));

	if (!cor_gen_has_properties(c->schema))
		return cor_gen_struct(gen, one, hint, property.at ? c->discriminator : NULL);
	struct cor_gen_schema whole = *one; /* with what all have in common */
	whole.roots = 2;
	for (size_t i = 0; i < c->schema->len && whole.len < COR_GEN_PARTS_MAX; i++)
		whole.parts[whole.len++] = c->schema->parts[i];
	return cor_gen_struct(gen, &whole, hint, c->discriminator);
}

static void add_alternative(struct choice *c, struct cor_gen_type *type, size_t i)
{
	struct cor_gen *gen = c->gen;
	const struct cor_node *mapping = cor_node_get(
		cor_gen_get(c->schema, "discriminator"), "mapping");
	bool null = false, is_mapped = false;
	struct cor_gen_schema one = alternative(c, i, &null);
	const char *name = constant_of(gen, &one, cor_str(c->discriminator));

	if (is_null(&one))
		return;
	if (!name && cor_gen_is_component(gen, one.at))
		name = cor_gen_text(gen, cor_gen_own_key(one.at));
	for (size_t j = 0; j < cor_node_len(mapping); j++) {
		if (!maps_to(gen, cor_node_item(mapping, j), one.at))
			continue;
		const char *key = cor_gen_text(gen, cor_node_key(mapping, j));
		add_branch(c, type, branch_struct(c, type, &one, key), key, key);
		is_mapped = true;
	}
	if (!name)
		name = cor_gen_printf(gen, "branch %zu", i + 1);
	if (!is_mapped)
		add_branch(c, type, branch_struct(c, type, &one, name), name, name);
}

static struct cor_gen_type *make_union(struct choice *c, const char *hint)
{
	struct cor_gen *gen = c->gen;
	struct cor_gen_type *type = cor_gen_find_type(gen, c->schema, "union");

	if (type)
		return type;
	type = cor_gen_new_type(gen, COR_GEN_UNION, c->schema, hint);
	if (!type)
		return NULL;
	cor_gen_keep_type(gen, c->schema, "union", type);
	type->branches = cor_gen_alloc(gen, COR_BRANCHES_MAX * sizeof type->branches[0]);
	if (!type->branches)
		return NULL;
	cor_ignore(cor_gen_member(gen, type, "kind")[0]); /* the tag's name */
	type->tag = cor_gen_tag(gen, cor_gen_printf(gen, "%s_kind", type->name));
	type->discriminator = c->discriminator;
	for (size_t i = 0; i < cor_node_len(c->of) && gen->error == 0; i++)
		add_alternative(c, type, i);
	return type;
}

/* Of "either this or that member" only the members are left. */
static bool only_requires(const struct choice *c)
{
	for (size_t i = 0; i < cor_node_len(c->of); i++)
		if (!cor_node_get(cor_node_item(c->of, i), "required") ||
			cor_gen_says_more(cor_node_item(c->of, i), "required"))
			return false;
	return true;
}

static bool give_up(const struct choice *c)
{
	bool has_rest = cor_gen_has_properties(c->schema) || cor_gen_get(c->schema, "type");

	if (has_rest && only_requires(c))
		cor_gen_note(c->gen, c->holder,
			"\"%s\" of members is left out: check which are there in a function (COR_CHECK)",
			c->keyword);
	else if (has_rest)
		cor_gen_note(c->gen, c->holder,
			"\"%s\" is left out: check it in a function (COR_CHECK)", c->keyword);
	else
		cor_gen_note(c->gen, c->holder,
			"\"%s\" without a discriminator is taken as any JSON: give each alternative a constant that tells it apart",
			c->keyword);
	return false;
}

/* One alternative, and what stands beside the choice. */
static bool resolve_only(struct choice *c, struct cor_gen_row *row, const char *hint)
{
	struct cor_gen_schema one = cor_gen_schema_of(c->gen, cor_node_item(c->of, 0));

	if (cor_node_len(c->of) != 1 || cor_gen_says_more(c->holder, c->keyword))
		return false;
	cor_gen_resolve(c->gen, row, &one, hint);
	return true;
}

bool cor_gen_resolve_choice(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint)
{
	struct choice c = { .gen = gen, .schema = schema };

	find(&c);
	if (resolve_only(&c, row, hint) || resolve_names(&c, row, hint))
		return true;
	if (!are_objects(&c))
		return give_up(&c);
	find_discriminator(&c);
	row->nullable = row->nullable || c.nulls;
	if (!c.discriminator)
		cor_gen_note(gen, c.holder,
			"\"%s\" without a discriminator is one struct with the members of all: check which belong together in a function (COR_CHECK)",
			c.keyword);
	row->type = c.discriminator ? make_union(&c, hint)
				    : cor_gen_struct(gen, schema, hint, NULL);
	row->field.type.kind = COR_KIND_OBJECT;
	return true;
}
