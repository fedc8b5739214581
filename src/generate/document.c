/* SPDX-License-Identifier: MIT */
#include "generate/document.h"

#include <errno.h>
#include <string.h>

#include <coracle/json_pointer.h>

const char *cor_gen_member_text(struct cor_gen *gen, const struct cor_node *object, const char *key)
{
	struct cor_str text;

	if (cor_node_to_text(cor_node_get(object, key), &text) < 0)
		return NULL;
	return cor_gen_text(gen, text);
}

bool cor_gen_is_set(const struct cor_node *object, const char *key)
{
	bool value;

	return cor_node_to_bool(cor_node_get(object, key), &value) == 0 && value;
}

struct cor_str cor_gen_own_key(const struct cor_node *node)
{
	const struct cor_node *parent = cor_node_parent(node);

	for (size_t i = 0; i < cor_node_len(parent); i++)
		if (cor_node_item(parent, i) == node)
			return cor_node_key(parent, i);
	return (struct cor_str){ 0 };
}

/* --- what a $ref leads to --- */

static void anchor(struct cor_gen *gen, const char *name, const struct cor_node *at)
{
	struct cor_str pointer = cor_pointer_of(gen->arena, at);

	if (name && !cor_node_get(gen->anchors, name))
		cor_ignore(cor_node_set(
			gen->arena, gen->anchors, name, cor_node_text(gen->arena, pointer)));
}

static void read_anchors(struct cor_gen *gen, const struct cor_node *node)
{
	const char *own = cor_gen_member_text(gen, node, "$anchor");

	anchor(gen, cor_gen_member_text(gen, node, "$id"), node);
	if (own)
		anchor(gen, cor_gen_printf(gen, "#%s", own), node);
	for (size_t i = 0; i < cor_node_len(node); i++)
		read_anchors(gen, cor_node_item(node, i));
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A pointer in a fragment is percent-encoded (RFC 6901 section 6). */
static struct cor_str decoded(struct cor_gen *gen, const char *text)
{
	char *out = cor_arena_strdup(gen->arena, text);
	size_t len = 0;

	for (const char *at = text; out && *at; at++) {
		bool is_encoded = at[0] == '%' && hex(at[1]) >= 0 && hex(at[2]) >= 0;
		out[len++] = is_encoded ? (char)(hex(at[1]) * 16 + hex(at[2])) : *at;
		at += is_encoded ? 2 : 0;
	}
	return (struct cor_str){ out, out ? len : 0 };
}

static const struct cor_node *anchored(struct cor_gen *gen, const char *name)
{
	struct cor_str pointer;
	struct cor_node *found = NULL;

	if (!gen->anchors) {
		gen->anchors = cor_node_object(gen->arena);
		read_anchors(gen, gen->root);
	}
	if (cor_node_to_text(cor_node_get(gen->anchors, name), &pointer) < 0)
		return NULL;
	cor_ignore(cor_pointer_find(gen->root, pointer, &found));
	return found;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* The schema that has this $id; the document's own address may be left out in front of it. */
static const struct cor_node *identified(struct cor_gen *gen, const char *uri)
{
	const struct cor_node *found = anchored(gen, uri);

	for (size_t i = 0; !found && i < cor_node_len(gen->anchors); i++) {
		const char *id = cor_gen_text(gen, cor_node_key(gen->anchors, i));
		if (id[0] != '#' && ends_with(id, cor_gen_printf(gen, "/%s", uri)))
			found = anchored(gen, id);
	}
	return found;
}

static const struct cor_node *find(struct cor_gen *gen, const char *ref)
{
	const char *fragment = strchr(ref, '#');
	const struct cor_node *base = gen->root;
	struct cor_node *found = NULL;

	if (!fragment)
		return identified(gen, ref);
	if (fragment != ref)
		base = identified(gen, cor_gen_printf(gen, "%.*s", (int)(fragment - ref), ref));
	if (fragment[1] != '\0' && fragment[1] != '/')
		return anchored(gen, fragment);
	cor_ignore(cor_pointer_find(base, decoded(gen, fragment + 1), &found));
	return found;
}

const struct cor_node *cor_gen_follow(struct cor_gen *gen, const struct cor_node *schema)
{
	const char *ref = cor_gen_member_text(gen, schema, "$ref");
	const struct cor_node *found = ref ? find(gen, ref) : NULL;

	if (ref && !found)
		cor_gen_note(gen, schema,
			"\"%s\" is not in this document, so any JSON is taken: bundle the documents into one",
			ref);
	return found;
}

/* --- what holds together --- */

static bool has_part(const struct cor_gen_schema *schema, const struct cor_node *part)
{
	for (size_t i = 0; i < schema->len; i++)
		if (schema->parts[i] == part)
			return true;
	return false;
}

void cor_gen_expand(struct cor_gen *gen, const struct cor_node *schema, struct cor_gen_schema *ret)
{
	bool value;

	if (!schema || has_part(ret, schema))
		return;
	if (cor_node_to_bool(schema, &value) == 0) {
		ret->is_never = ret->is_never || !value;
		return;
	}
	if (ret->len == COR_GEN_PARTS_MAX) {
		cor_gen_note(gen, schema,
			"is one of more than %d schemas of one value: it is left out",
			COR_GEN_PARTS_MAX);
		return;
	}
	ret->parts[ret->len++] = schema;
	cor_gen_expand(gen, cor_gen_follow(gen, schema), ret);
	const struct cor_node *all = cor_node_get(schema, "allOf");
	for (size_t i = 0; i < cor_node_len(all); i++)
		cor_gen_expand(gen, cor_node_item(all, i), ret);
}

struct cor_gen_schema cor_gen_schema_of(struct cor_gen *gen, const struct cor_node *schema)
{
	struct cor_gen_schema found = { .at = schema, .roots = 1 };

	cor_gen_expand(gen, schema, &found);
	return found;
}

/* What does not change which values are right. */
static bool is_for_readers(struct cor_str key)
{
	static const char *const words[] = { "title", "description", "$comment", "deprecated",
		"default", "example", "examples", "readOnly", "writeOnly", "nullable",
		"externalDocs", "xml", "summary", "$id", "$anchor", "$schema", "$defs",
		"definitions", "id" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (cor_str_equal(key, cor_str(words[i])))
			return true;
	return key.len >= 2 && memcmp(key.data, "x-", 2) == 0;
}

bool cor_gen_says_more(const struct cor_node *schema, const char *keyword)
{
	for (size_t i = 0; i < cor_node_len(schema); i++) {
		struct cor_str key = cor_node_key(schema, i);
		if (!is_for_readers(key) && !(keyword && cor_str_equal(key, cor_str(keyword))))
			return true;
	}
	return false;
}

const struct cor_node *cor_gen_named(struct cor_gen *gen, const struct cor_node *schema)
{
	for (unsigned steps = 0; steps < 32; steps++) {
		const struct cor_node *all = cor_node_get(schema, "allOf"), *next = NULL;
		if (cor_node_get(schema, "$ref") && !cor_gen_says_more(schema, "$ref"))
			next = cor_gen_follow(gen, schema);
		else if (cor_node_len(all) == 1 && !cor_gen_says_more(schema, "allOf"))
			next = cor_node_item(all, 0);
		if (!next)
			return schema;
		schema = next;
	}
	return schema;
}

static bool is_null(struct cor_gen *gen, const struct cor_node *schema)
{
	const char *type = cor_gen_member_text(gen, schema, "type");
	const struct cor_node *only = cor_node_get(schema, "const");
	const struct cor_node *names = cor_node_get(schema, "enum");

	if (only)
		return cor_node_type(only) == COR_JSON_NULL;
	if (cor_node_len(names) == 1)
		return cor_node_type(cor_node_item(names, 0)) == COR_JSON_NULL;
	return type && strcmp(type, "null") == 0;
}

const struct cor_node *cor_gen_without_null(
	struct cor_gen *gen, const struct cor_node *schema, bool *ret_null)
{
	for (int i = 0; i < 2; i++) {
		const char *keyword = i ? "anyOf" : "oneOf";
		const struct cor_node *choice = cor_node_get(schema, keyword);
		if (cor_node_len(choice) != 2 || cor_gen_says_more(schema, keyword))
			continue;
		for (size_t j = 0; j < 2; j++) {
			if (!is_null(gen, cor_node_item(choice, j)))
				continue;
			*ret_null = true;
			return cor_node_item(choice, 1 - j);
		}
	}
	return schema;
}

/* --- how often --- */

static void count(struct cor_gen *gen, struct cor_node *uses, const struct cor_node *of)
{
	struct cor_str pointer = cor_pointer_of(gen->arena, of);
	uint64_t so_far = 0;

	cor_ignore(cor_node_to_uint64(cor_node_get_text(uses, pointer), &so_far));
	cor_ignore(cor_node_set_text(
		gen->arena, uses, pointer, cor_node_uint64(gen->arena, so_far + 1)));
}

static void count_in(struct cor_gen *gen, const struct cor_node *node, bool is_branch)
{
	const struct cor_node *to = NULL;
	const char *ref = cor_gen_member_text(gen, node, "$ref");

	if (ref && ref[0] == '#')
		to = find(gen, ref);
	if (to) {
		count(gen, gen->uses, to);
		if (!is_branch)
			count(gen, gen->own_uses, to);
	}
	for (size_t i = 0; i < cor_node_len(node); i++) {
		const struct cor_node *item = cor_node_item(node, i);
		struct cor_str key = cor_node_key(node, i);
		bool is_choice = cor_str_equal(key, COR_STR("oneOf")) ||
				 cor_str_equal(key, COR_STR("anyOf"));
		for (size_t j = 0; is_choice && j < cor_node_len(item); j++)
			count_in(gen, cor_node_item(item, j), true);
		if (!is_choice)
			count_in(gen, item, false);
	}
}

void cor_gen_count_uses(struct cor_gen *gen)
{
	count_in(gen, gen->root, false);
}

static size_t counted(struct cor_gen *gen, const struct cor_node *uses, const struct cor_node *of)
{
	uint64_t found = 0;

	cor_ignore(cor_node_to_uint64(
		cor_node_get_text(uses, cor_pointer_of(gen->arena, of)), &found));
	return (size_t)found;
}

size_t cor_gen_uses(struct cor_gen *gen, const struct cor_node *schema)
{
	return counted(gen, gen->uses, schema);
}

size_t cor_gen_own_uses(struct cor_gen *gen, const struct cor_node *schema)
{
	return counted(gen, gen->own_uses, schema);
}
