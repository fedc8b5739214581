/* SPDX-License-Identifier: MIT */
#include "cli/schema_changes.h"

#include <string.h>

#include "cli/service.h"

#define PAIRS_MAX 20000
#define DEPTH_MAX 100

/* Schemas that were compared, each as what it is written by. */
struct cor_api_pair {
	const struct cor_node *before, *after;
	enum cor_api_way way;
};

/* What is compared, and where it stands. */
struct pair {
	struct cor_api_changes *changes;
	const struct cor_node *before, *after;
	enum cor_api_way way;
	const char *at;
};

static bool is_seen(const struct pair *pair)
{
	struct cor_api_changes *changes = pair->changes;

	for (size_t i = 0; i < changes->seen_len; i++) {
		const struct cor_api_pair *seen = &changes->seen[i];
		if (seen->before == pair->before && seen->after == pair->after &&
			seen->way == pair->way)
			return true;
	}
	if (!changes->seen)
		changes->seen = cor_cli_alloc(changes->cli, PAIRS_MAX * sizeof *changes->seen);
	if (changes->seen_len < PAIRS_MAX)
		changes->seen[changes->seen_len++] = (struct cor_api_pair){ pair->before,
			pair->after, pair->way };
	return false;
}

/* A keyword takes less now: that breaks what clients write, and nobody who reads. */
static void narrower(const struct pair *pair, const char *text)
{
	if (pair->way == COR_API_INPUT)
		cor_api_breaks(pair->changes, "%s: %s", pair->at, text);
	else
		cor_api_allows(pair->changes, "%s: %s", pair->at, text);
}

static void wider(const struct pair *pair, const char *text)
{
	if (pair->way == COR_API_OUTPUT)
		cor_api_breaks(pair->changes, "%s: %s", pair->at, text);
	else
		cor_api_allows(pair->changes, "%s: %s", pair->at, text);
}

static const char *changed(const struct pair *pair, const char *keyword)
{
	const struct cor_cli *cli = pair->changes->cli;
	const struct cor_node *old = cor_node_get(pair->before, keyword);
	const struct cor_node *new = cor_node_get(pair->after, keyword);

	if (!old)
		return cor_cli_text(cli, "%s %s is new", keyword, cor_api_text(cli, new));
	if (!new)
		return cor_cli_text(cli, "%s %s is gone", keyword, cor_api_text(cli, old));
	return cor_cli_text(cli, "%s was %s and is %s", keyword, cor_api_text(cli, old),
		cor_api_text(cli, new));
}

/* --- types --- */

static const char *const types[] = { "null", "boolean", "object", "array", "string", "integer",
	"number" };

#define ALL_TYPES ((1u << (sizeof types / sizeof types[0])) - 1)
#define INTEGER   (1u << 5)
#define NUMBER    (1u << 6)

static unsigned type_named(const struct cor_node *name)
{
	struct cor_str text;

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (cor_node_to_text(name, &text) == 0 && cor_str_equal(text, cor_str(types[i])))
			return 1u << i;
	}
	return 0;
}

/* A number is an integer, too. */
static unsigned types_of(const struct cor_node *schema)
{
	const struct cor_node *type = cor_node_get(schema, "type");
	unsigned set = type_named(type);

	if (!type)
		return ALL_TYPES;
	for (size_t i = 0; i < cor_node_len(type); i++)
		set |= type_named(cor_node_item(type, i));
	if (cor_cli_flag(schema, "nullable"))
		set |= 1;
	return set & NUMBER ? set | INTEGER : set;
}

/* Returns false where nothing else is worth comparing. */
static bool compare_types(const struct pair *pair)
{
	unsigned old = types_of(pair->before), new = types_of(pair->after);

	if ((old & ~new) && (new & ~old))
		cor_api_breaks(pair->changes, "%s: %s", pair->at, changed(pair, "type"));
	else if (old & ~new)
		narrower(pair, changed(pair, "type"));
	else if (new & ~old)
		wider(pair, changed(pair, "type"));
	return (old & new) != 0;
}

/* --- values --- */

/* The values of enum, or the one of const. NULL: any. */
static const struct cor_node *values_of(const struct cor_node *schema)
{
	const struct cor_node *list = cor_node_get(schema, "enum");

	return list ? list : cor_node_get(schema, "const");
}

static bool has_value(const struct cor_node *values, const struct cor_node *value)
{
	if (cor_node_type(values) != COR_JSON_ARRAY)
		return cor_node_equal(values, value);
	for (size_t i = 0; i < cor_node_len(values); i++) {
		if (cor_node_equal(cor_node_item(values, i), value))
			return true;
	}
	return false;
}

static void compare_lists(const struct pair *pair, const struct cor_node *these,
	const struct cor_node *those, void (*tell)(const struct pair *, const char *),
	const char *what)
{
	size_t len = cor_node_type(these) == COR_JSON_ARRAY ? cor_node_len(these) : 1;

	for (size_t i = 0; i < len; i++) {
		const struct cor_node *value = cor_node_type(these) == COR_JSON_ARRAY
						       ? cor_node_item(these, i)
						       : these;
		if (!has_value(those, value))
			tell(pair, cor_cli_text(pair->changes->cli, "the value %s is %s",
					   cor_api_text(pair->changes->cli, value), what));
	}
}

static void compare_values(const struct pair *pair)
{
	const struct cor_node *old = values_of(pair->before), *new = values_of(pair->after);

	if (!old && new)
		narrower(pair, cor_cli_text(pair->changes->cli, "takes only %s now",
				       cor_api_text(pair->changes->cli, new)));
	if (old && !new)
		wider(pair, "takes any value now");
	if (!old || !new)
		return;
	compare_lists(pair, old, new, narrower, "gone");
	compare_lists(pair, new, old, wider, "new");
}

/* --- bounds --- */

/* Returns false if the schema has none. OpenAPI 3.0 has exclusiveMinimum as a flag. */
static bool bound_of(
	const struct cor_node *schema, const char *keyword, const char *exclusive, double *ret)
{
	return cor_node_to_double(cor_node_get(schema, keyword), ret) == 0 ||
	       (exclusive && cor_node_to_double(cor_node_get(schema, exclusive), ret) == 0);
}

static bool is_exclusive(const struct cor_node *schema, const char *exclusive)
{
	double number;

	return exclusive &&
	       (cor_cli_flag(schema, exclusive) ||
		       cor_node_to_double(cor_node_get(schema, exclusive), &number) == 0);
}

/* A bound from below has sign 1, one from above -1. */
static void compare_bound(
	const struct pair *pair, const char *keyword, const char *exclusive, double sign)
{
	double old = 0, new = 0;
	bool had = bound_of(pair->before, keyword, exclusive, &old);
	bool has = bound_of(pair->after, keyword, exclusive, &new);
	int order = (old * sign < new *sign) - (old * sign > new *sign);
	const char *shown = cor_node_get(pair->before, keyword) ||
					    cor_node_get(pair->after, keyword)
				    ? keyword
				    : exclusive;

	if (!had && !has)
		return;
	if (had && has && order == 0)
		order = (int)is_exclusive(pair->after, exclusive) -
			(int)is_exclusive(pair->before, exclusive);
	if (!had || (has && order > 0))
		narrower(pair, changed(pair, shown));
	else if (!has || order < 0)
		wider(pair, changed(pair, shown));
}

/* A keyword of which any change can refuse something: pattern, format. */
static void compare_rule(const struct pair *pair, const char *keyword)
{
	const struct cor_node *old = cor_node_get(pair->before, keyword);
	const struct cor_node *new = cor_node_get(pair->after, keyword);

	if (cor_node_equal(old, new))
		return;
	if (!old)
		narrower(pair, changed(pair, keyword));
	else if (!new)
		wider(pair, changed(pair, keyword));
	else
		cor_api_breaks(pair->changes, "%s: %s", pair->at, changed(pair, keyword));
}

static void compare_flag(const struct pair *pair, const char *keyword)
{
	bool old = cor_cli_flag(pair->before, keyword), new = cor_cli_flag(pair->after, keyword);

	if (new && !old)
		narrower(pair, changed(pair, keyword));
	if (old && !new)
		wider(pair, changed(pair, keyword));
}

/* What an absent member means. */
static void compare_default(const struct pair *pair)
{
	const struct cor_node *old = cor_node_get(pair->before, "default");

	if (pair->way == COR_API_INPUT && old &&
		!cor_node_equal(old, cor_node_get(pair->after, "default")))
		cor_api_breaks(pair->changes, "%s: %s", pair->at, changed(pair, "default"));
}

/* --- members of objects --- */

static bool is_required(const struct cor_node *schema, const char *name)
{
	const struct cor_node *list = cor_node_get(schema, "required");
	struct cor_str text;

	for (size_t i = 0; i < cor_node_len(list); i++) {
		if (cor_node_to_text(cor_node_item(list, i), &text) == 0 &&
			cor_str_equal(text, cor_str(name)))
			return true;
	}
	return false;
}

/* A member that is there that way: of what clients write, those that are only read are not. */
static const struct cor_node *member_of(const struct pair *pair, const struct cor_node *document,
	const struct cor_node *schema, const char *name)
{
	const struct cor_node *member = cor_node_get(cor_node_get(schema, "properties"), name);
	const struct cor_node *resolved = cor_api_resolve(document, member);
	const char *hidden = pair->way == COR_API_INPUT ? "readOnly" : "writeOnly";

	return cor_cli_flag(member, hidden) || cor_cli_flag(resolved, hidden) ? NULL : member;
}

static bool is_closed(const struct cor_node *schema)
{
	bool more;

	return cor_node_to_bool(cor_node_get(schema, "additionalProperties"), &more) == 0 && !more;
}

static void member_is_gone(const struct pair *pair, const char *at)
{
	if (pair->way == COR_API_OUTPUT || is_closed(pair->after))
		cor_api_breaks(pair->changes, "%s: is gone", at);
	else
		cor_api_allows(pair->changes, "%s: is gone, and passed over", at);
}

static void member_is_new(const struct pair *pair, const char *name, const char *at)
{
	if (pair->way == COR_API_INPUT && is_required(pair->after, name))
		cor_api_breaks(pair->changes, "%s: is new and required", at);
	else
		cor_api_allows(pair->changes, "%s: is new", at);
}

static void compare_member(const struct pair *pair, const char *name)
{
	const struct cor_node *old = member_of(pair, pair->changes->before, pair->before, name);
	const struct cor_node *new = member_of(pair, pair->changes->after, pair->after, name);
	const char *at = cor_cli_text(
		pair->changes->cli, "%s%s/%s", pair->at, strchr(pair->at, '/') ? "" : " ", name);
	struct pair member = { pair->changes, old, new, pair->way, at };

	if (old && !new)
		member_is_gone(pair, at);
	if (!old && new)
		member_is_new(pair, name, at);
	if (!old || !new)
		return;
	if (is_required(pair->after, name) && !is_required(pair->before, name))
		narrower(&member, "is required now");
	if (is_required(pair->before, name) && !is_required(pair->after, name))
		wider(&member, "may be absent now");
	cor_schema_compare(pair->changes, old, new, pair->way, at);
}

static void compare_members(const struct pair *pair)
{
	const struct cor_node *old = cor_node_get(pair->before, "properties");
	const struct cor_node *new = cor_node_get(pair->after, "properties");

	for (size_t i = 0; i < cor_node_len(old); i++)
		compare_member(
			pair, cor_cli_text(pair->changes->cli, "%.*s",
				      (int)cor_node_key(old, i).len, cor_node_key(old, i).data));
	for (size_t i = 0; i < cor_node_len(new); i++) {
		if (!cor_node_get_text(old, cor_node_key(new, i)))
			compare_member(pair,
				cor_cli_text(pair->changes->cli, "%.*s",
					(int)cor_node_key(new, i).len, cor_node_key(new, i).data));
	}
	if (is_closed(pair->after) && !is_closed(pair->before) && pair->way == COR_API_INPUT)
		cor_api_breaks(pair->changes, "%s: other members are refused now", pair->at);
	if (is_closed(pair->before) && !is_closed(pair->after))
		cor_api_allows(pair->changes, "%s: may have other members now", pair->at);
}

static void compare_inner(const struct pair *pair, const char *keyword, const char *mark)
{
	const struct cor_node *old = cor_node_get(pair->before, keyword);
	const struct cor_node *new = cor_node_get(pair->after, keyword);

	if (cor_node_type(old) == COR_JSON_OBJECT || cor_node_type(new) == COR_JSON_OBJECT)
		cor_schema_compare(pair->changes,
			cor_node_type(old) == COR_JSON_OBJECT ? old : NULL,
			cor_node_type(new) == COR_JSON_OBJECT ? new : NULL, pair->way,
			cor_cli_text(pair->changes->cli, "%s%s", pair->at, mark));
}

/* --- choices --- */

/* An alternative of the same name (its $ref), else at the same place. */
static const struct cor_node *same_choice(
	const struct cor_node *choice, const struct cor_node *list, size_t index)
{
	const struct cor_node *ref = cor_node_get(choice, "$ref");

	for (size_t i = 0; i < cor_node_len(list) && ref; i++) {
		if (cor_node_equal(cor_node_get(cor_node_item(list, i), "$ref"), ref))
			return cor_node_item(list, i);
	}
	const struct cor_node *there = cor_node_item(list, index);
	return ref || cor_node_get(there, "$ref") ? NULL : there;
}

/* Of oneOf and anyOf one alternative more takes more; of allOf it takes less. */
static void compare_choices(const struct pair *pair, const char *keyword)
{
	bool is_all = strcmp(keyword, "allOf") == 0;
	void (*gone)(const struct pair *, const char *) = is_all ? wider : narrower;
	void (*added)(const struct pair *, const char *) = is_all ? narrower : wider;
	const struct cor_node *old = cor_node_get(pair->before, keyword);
	const struct cor_node *new = cor_node_get(pair->after, keyword);
	const struct cor_cli *cli = pair->changes->cli;

	if (!old != !new) {
		cor_api_breaks(pair->changes, "%s: %s", pair->at, changed(pair, keyword));
		return;
	}
	for (size_t i = 0; i < cor_node_len(old); i++) {
		const struct cor_node *choice = cor_node_item(old, i);
		const struct cor_node *there = same_choice(choice, new, i);
		if (there)
			cor_schema_compare(pair->changes, choice, there, pair->way, pair->at);
		else
			gone(pair, cor_cli_text(cli, "the choice %s is gone",
					   cor_api_text(cli, choice)));
	}
	for (size_t i = 0; i < cor_node_len(new); i++) {
		const struct cor_node *choice = cor_node_item(new, i);
		if (!same_choice(choice, old, i))
			added(pair, cor_cli_text(cli, "the choice %s is new",
					    cor_api_text(cli, choice)));
	}
}

/* --- keywords that are not judged one by one --- */

static const char *const judged[] = { "$ref", "type", "nullable", "enum", "const", "minimum",
	"maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems",
	"maxItems", "minProperties", "maxProperties", "pattern", "format", "multipleOf",
	"uniqueItems", "default", "required", "properties", "additionalProperties", "items",
	"oneOf", "anyOf", "allOf", "readOnly", "writeOnly", "contentEncoding",
	/* what people read */
	"title", "description", "example", "examples", "deprecated", "externalDocs", "xml",
	"$comment", NULL };

static bool is_judged(const char *keyword)
{
	for (size_t i = 0; judged[i]; i++) {
		if (strcmp(judged[i], keyword) == 0)
			return true;
	}
	return strncmp(keyword, "x-", 2) == 0;
}

static void compare_others(const struct pair *pair)
{
	for (int side = 0; side < 2; side++) {
		const struct cor_node *schema = side ? pair->after : pair->before;
		for (size_t i = 0; i < cor_node_len(schema); i++) {
			struct cor_str key = cor_node_key(schema, i);
			const char *keyword = cor_cli_text(
				pair->changes->cli, "%.*s", (int)key.len, key.data);
			const struct cor_node *old = cor_node_get(pair->before, keyword);
			const struct cor_node *new = cor_node_get(pair->after, keyword);
			if (!is_judged(keyword) && !cor_node_equal(old, new) && (side == 0 || !old))
				cor_api_breaks(
					pair->changes, "%s: %s", pair->at, changed(pair, keyword));
		}
	}
}

static void compare_keywords(const struct pair *pair)
{
	compare_values(pair);
	compare_bound(pair, "minimum", "exclusiveMinimum", 1);
	compare_bound(pair, "maximum", "exclusiveMaximum", -1);
	compare_bound(pair, "minLength", NULL, 1);
	compare_bound(pair, "maxLength", NULL, -1);
	compare_bound(pair, "minItems", NULL, 1);
	compare_bound(pair, "maxItems", NULL, -1);
	compare_bound(pair, "minProperties", NULL, 1);
	compare_bound(pair, "maxProperties", NULL, -1);
	compare_rule(pair, "pattern");
	compare_rule(pair, "format");
	compare_rule(pair, "multipleOf");
	compare_rule(pair, "contentEncoding");
	compare_flag(pair, "uniqueItems");
	compare_default(pair);
	compare_members(pair);
	compare_inner(pair, "items", "[]");
	compare_inner(pair, "additionalProperties", "{}");
	compare_choices(pair, "oneOf");
	compare_choices(pair, "anyOf");
	compare_choices(pair, "allOf");
	compare_others(pair);
}

void cor_schema_compare(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after, enum cor_api_way way, const char *at)
{
	struct pair pair = {
		.changes = changes,
		.before = cor_api_resolve(changes->before, before),
		.after = cor_api_resolve(changes->after, after),
		.way = way,
		.at = at,
	};

	if ((!pair.before && !pair.after) || is_seen(&pair) || changes->depth == DEPTH_MAX)
		return;
	changes->depth++;
	if (compare_types(&pair))
		compare_keywords(&pair);
	changes->depth--;
}
