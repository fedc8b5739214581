/* SPDX-License-Identifier: MIT */
/* Objects as structs: their rows, and the structs that they embed. */
#include "generate/structs.h"

#include <string.h>

#include "generate/names.h"
#include "generate/rows.h"
#include "generate/types.h"

struct building {
	struct cor_gen *gen;
	struct cor_gen_type *type;
	struct cor_gen_schema own;           /* without what is embedded */
	const char *discriminator;           /* a property that is left out; NULL: none */
	struct cor_node *keys;               /* that have a row, or that an embedded struct has */
	struct cor_gen_schema *alternatives; /* of which one holds: their members may be absent */
	size_t alternatives_len;
};

static void take_key(struct building *b, struct cor_str key)
{
	cor_ignore(
		cor_node_set_text(b->gen->arena, b->keys, key, cor_node_bool(b->gen->arena, true)));
}

static bool is_too_long(struct building *b)
{
	if (b->type->rows_len < COR_FIELDS_MAX)
		return false;
	cor_gen_note(b->gen, b->type->at,
		"has more than %d members: those behind are ignored in requests, nest some",
		COR_FIELDS_MAX);
	b->type->ignores_unknown = true;
	return true;
}

static bool all_require(const struct building *b, struct cor_str key)
{
	for (size_t i = 0; i < b->alternatives_len; i++)
		if (!cor_gen_requires(&b->alternatives[i], key))
			return false;
	return b->alternatives_len > 0;
}

static void add_row(struct building *b, struct cor_str key, const struct cor_gen_schema *schema)
{
	struct cor_gen *gen = b->gen;
	const char *name = cor_gen_text(gen, key);
	struct cor_gen_row row = { .at = schema->at ? schema->at : b->type->at };

	take_key(b, key);
	if (key.len == 0 || strlen(name) != key.len) {
		cor_gen_note(gen, row.at, "is left out: a key is not empty, and has no U+0000");
		return;
	}
	if (schema->is_never && b->type->ignores_unknown)
		cor_gen_note(gen, b->type->at, "\"%s\" may not be there, but is ignored", name);
	if (schema->is_never || is_too_long(b))
		return;
	row.required = cor_gen_requires(&b->own, key) || all_require(b, key);
	row.field.member = cor_gen_member(gen, b->type, name);
	if (strcmp(row.field.member, name) != 0)
		row.field.key = name;
	const char *hint = cor_gen_printf(gen, "%s_%s", b->type->name, cor_gen_snake(gen, name));
	if (schema->at)
		cor_gen_resolve(gen, &row, schema, hint);
	else
		cor_gen_resolve_raw(&row);
	cor_gen_finish_row(gen, &row, schema);
	struct cor_gen_row *place = cor_gen_add_row(gen, b->type);
	if (place)
		*place = row;
}

static bool is_done(struct building *b, struct cor_str key)
{
	return cor_node_get_text(b->keys, key) ||
	       (b->discriminator && cor_str_equal(key, cor_str(b->discriminator)));
}

static void add_properties(struct building *b)
{
	for (size_t i = 0; i < b->own.len; i++) {
		const struct cor_node *properties = cor_node_get(b->own.parts[i], "properties");
		for (size_t j = 0; j < cor_node_len(properties); j++) {
			struct cor_str key = cor_node_key(properties, j);
			if (is_done(b, key))
				continue;
			struct cor_gen_schema one = cor_gen_property(b->gen, &b->own, key);
			add_row(b, key, &one);
		}
	}
}

/* A member that alternatives describe differently may be anything. */
static void add_alternative_property(struct building *b, struct cor_str key)
{
	struct cor_gen_schema first = { 0 };

	for (size_t i = 0; i < b->alternatives_len; i++) {
		struct cor_gen_schema one = cor_gen_property(b->gen, &b->alternatives[i], key);
		if (!one.at || one.is_never)
			continue;
		if (!first.at) {
			first = one;
		} else if (!cor_node_equal(first.at, one.at)) {
			cor_gen_note(b->gen, one.at,
				"is described in another way elsewhere, so any JSON is taken");
			first = (struct cor_gen_schema){ 0 };
			break;
		}
	}
	add_row(b, key, &first);
}

static void add_alternatives(struct building *b)
{
	for (size_t i = 0; i < b->alternatives_len; i++) {
		const struct cor_gen_schema *one = &b->alternatives[i];
		for (size_t j = 0; j < one->len; j++) {
			const struct cor_node *properties = cor_node_get(
				one->parts[j], "properties");
			for (size_t k = 0; k < cor_node_len(properties); k++)
				if (!is_done(b, cor_node_key(properties, k)))
					add_alternative_property(b, cor_node_key(properties, k));
		}
	}
}

static bool is_null(const struct cor_gen_schema *schema)
{
	struct cor_str text;

	return cor_node_to_text(cor_gen_get(schema, "type"), &text) == 0 &&
	       cor_str_equal(text, COR_STR("null"));
}

/* Of objects that nothing tells apart, one of which the value is. */
static void find_alternatives(struct building *b)
{
	struct cor_gen *gen = b->gen;
	const struct cor_node *one_of = cor_gen_get(&b->own, "oneOf"),
			      *list = one_of ? one_of : cor_gen_get(&b->own, "anyOf");
	bool any = false;

	if (b->discriminator || cor_node_len(list) == 0)
		return;
	b->alternatives = cor_gen_alloc(gen, cor_node_len(list) * sizeof b->alternatives[0]);
	for (size_t i = 0; b->alternatives && i < cor_node_len(list); i++) {
		struct cor_gen_schema one = cor_gen_schema_of(gen, cor_node_item(list, i));
		if (one.is_never || is_null(&one))
			continue;
		any = any || cor_gen_has_properties(&one);
		b->alternatives[b->alternatives_len++] = one;
	}
	if (!any)
		b->alternatives_len = 0;
}

/* What is required, but never described, may be anything. */
static void add_required(struct building *b)
{
	static const struct cor_gen_schema anything;
	struct cor_str key;

	for (size_t i = 0; i < b->own.len; i++) {
		const struct cor_node *list = cor_node_get(b->own.parts[i], "required");
		for (size_t j = 0; j < cor_node_len(list); j++)
			if (cor_node_to_text(cor_node_item(list, j), &key) == 0 && !is_done(b, key))
				add_row(b, key, &anything);
	}
}

/* --- embedded structs --- */

static bool has_key(const struct cor_gen_schema *schema, struct cor_str key)
{
	for (size_t i = 0; i < schema->len; i++)
		if (cor_node_get_text(cor_node_get(schema->parts[i], "properties"), key))
			return true;
	return false;
}

/* Whether the other schema says nothing of a member of the base. */
static bool is_apart(const struct cor_gen_schema *base, const struct cor_gen_schema *other)
{
	for (size_t i = 0; i < base->len; i++) {
		const struct cor_node *properties = cor_node_get(base->parts[i], "properties");
		for (size_t j = 0; j < cor_node_len(properties); j++) {
			struct cor_str key = cor_node_key(properties, j);
			if (has_key(other, key) || cor_gen_requires(other, key))
				return false;
		}
	}
	return true;
}

static bool can_be_base(struct building *b, const struct cor_gen_schema *base)
{
	struct cor_gen *gen = b->gen;

	if (base->len == 0 || !cor_gen_has_properties(base) || base->is_never ||
		!cor_gen_is_component(gen, base->at) || cor_gen_get(base, "oneOf") ||
		cor_gen_get(base, "anyOf") || cor_gen_get(base, "enum"))
		return false;
	if (b->discriminator && has_key(base, cor_str(b->discriminator)))
		return false;
	const struct cor_gen_type *type = cor_gen_find_type(gen, base, "struct");
	return !type || type->state == COR_GEN_DONE;
}

static bool embed(struct building *b, const struct cor_gen_schema *base)
{
	struct cor_gen *gen = b->gen;
	struct cor_gen_type *inner = cor_gen_struct(gen, base, "base", NULL);

	if (!inner || inner->state != COR_GEN_DONE || inner->rows_len == 0 ||
		inner->embeds + 1 >= COR_EMBED_DEPTH_MAX)
		return false;
	struct cor_gen_row *row = cor_gen_add_row(gen, b->type);
	if (!row)
		return false;
	*row = (struct cor_gen_row){
		.at = base->at, .type = inner, .required = true, .is_embedded = true
	};
	row->field.member = cor_gen_member(gen, b->type, inner->name);
	row->field.type.kind = COR_KIND_EMBED;
	if (b->type->embeds < inner->embeds + 1)
		b->type->embeds = inner->embeds + 1;
	for (size_t i = 0; i < base->len; i++) {
		const struct cor_node *properties = cor_node_get(base->parts[i], "properties");
		for (size_t j = 0; j < cor_node_len(properties); j++)
			take_key(b, cor_node_key(properties, j));
	}
	return true;
}

/* The elements of allOf that are names of objects, and have no member that others have. */
static void split(struct building *b, const struct cor_gen_schema *schema)
{
	struct cor_gen *gen = b->gen;
	const struct cor_node *node = schema->at, *all = cor_node_get(node, "allOf");
	struct cor_gen_schema bases[8];
	size_t len = 0;

	b->own = *schema;
	if (schema->roots != 1 || cor_node_len(all) == 0 || schema->parts[0] != node)
		return;
	struct cor_gen_schema own = { .at = node, .roots = 1, .parts = { node }, .len = 1 };
	cor_gen_expand(gen, cor_gen_follow(gen, node), &own);
	for (size_t i = 0; i < cor_node_len(all); i++) {
		const struct cor_node *item = cor_node_item(all, i);
		struct cor_gen_schema one = cor_gen_schema_of(gen, cor_gen_named(gen, item));
		if (len < 8 && one.at != item && can_be_base(b, &one))
			bases[len++] = one;
		else
			cor_gen_expand(gen, item, &own);
	}
	for (size_t i = 0; i < len; i++) {
		bool is_free = is_apart(&bases[i], &own);
		for (size_t j = 0; j < len; j++)
			is_free = is_free && (i == j || is_apart(&bases[i], &bases[j]));
		if (!is_free || !embed(b, &bases[i]))
			cor_gen_expand(gen, bases[i].at, &own);
	}
	b->own = own;
}

/* --- the object itself --- */

static void tell_of_members(struct building *b)
{
	struct cor_gen *gen = b->gen;
	const struct cor_gen_schema *own = &b->own;
	const struct cor_node *more = cor_gen_get(own, "additionalProperties");

	cor_gen_tell_left_out(gen, own);
	if (cor_node_type(more) == COR_JSON_OBJECT && cor_node_len(more) > 0)
		cor_gen_note(gen, b->type->at,
			"\"additionalProperties\" is left out: further members are ignored, whatever they hold");
	if (cor_node_len(cor_gen_get(own, "patternProperties")) > 0)
		cor_gen_note(gen, b->type->at,
			"\"patternProperties\" is left out: such members are %s",
			b->type->ignores_unknown ? "ignored" : "refused");
	if (cor_gen_get(own, "minProperties") || cor_gen_get(own, "maxProperties") ||
		cor_gen_get(own, "propertyNames"))
		cor_gen_note(gen, b->type->at,
			"the number and the names of members are not checked: do it in a function (COR_CHECK)");
}

static bool ignores_unknown(const struct building *b, const struct cor_gen_schema *schema)
{
	bool all_refuse = b->alternatives_len > 0;

	for (size_t i = 0; i < b->alternatives_len; i++)
		all_refuse = all_refuse && cor_gen_refuses_more(b->gen, &b->alternatives[i]);
	if (cor_gen_refuses_more(b->gen, schema) || all_refuse)
		return false;
	return !b->gen->options->strict || cor_gen_get(schema, "additionalProperties") ||
	       cor_gen_get(schema, "patternProperties");
}

struct cor_gen_type *cor_gen_struct(struct cor_gen *gen, const struct cor_gen_schema *schema,
	const char *hint, const char *discriminator)
{
	const char *way = discriminator ? cor_gen_printf(gen, "branch %s", discriminator)
					: "struct";
	struct cor_gen_type *type = cor_gen_find_type(gen, schema, way);

	if (type)
		return type;
	type = cor_gen_new_type(gen, COR_GEN_STRUCT, schema, hint);
	if (!type)
		return NULL;
	cor_gen_keep_type(gen, schema, way, type);
	struct building b = { .gen = gen,
		.type = type,
		.discriminator = discriminator,
		.keys = cor_node_object(gen->arena) };
	type->state = COR_GEN_OPEN;
	split(&b, schema);
	find_alternatives(&b);
	type->ignores_unknown = ignores_unknown(&b, schema);
	add_properties(&b);
	add_alternatives(&b);
	add_required(&b);
	tell_of_members(&b);
	type->state = COR_GEN_DONE;
	return type;
}
