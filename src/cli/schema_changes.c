/* SPDX-License-Identifier: MIT */
#include "cli/schema_changes.h"

#include <string.h>

#include "cli/service.h"
#include "document/reference.h"

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

static bool has_value(const struct cor_node *values, const struct cor_node *value)
{
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
	for (size_t i = 0; i < cor_node_len(these); i++) {
		const struct cor_node *value = cor_node_item(these, i);
		if (!has_value(those, value))
			tell(pair, cor_cli_text(pair->changes->cli, "the value %s is %s",
					   cor_api_text(pair->changes->cli, value), what));
	}
}

static void compare_values(const struct pair *pair)
{
	const struct cor_node *old = cor_node_get(pair->before, "enum");
	const struct cor_node *new = cor_node_get(pair->after, "enum");

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

struct bound {
	const struct cor_node *node;
	double value;
	bool is_exclusive;
};

static bool read_bound(const struct cor_node *schema, const char *keyword, struct bound *ret)
{
	ret->node = cor_node_get(schema, keyword);
	return cor_node_to_double(ret->node, &ret->value) == 0;
}

/* Whole numbers that are one as doubles: 2^63 - 1 and 2^63 - 2. */
static int order_of_whole(const struct cor_node *a, const struct cor_node *b)
{
	int64_t small_a, small_b;
	uint64_t large_a, large_b;

	if (cor_node_to_int64(a, &small_a) == 0 && cor_node_to_int64(b, &small_b) == 0)
		return (small_a > small_b) - (small_a < small_b);
	if (cor_node_to_uint64(a, &large_a) == 0 && cor_node_to_uint64(b, &large_b) == 0)
		return (large_a > large_b) - (large_a < large_b);
	return 0;
}

/* Above 0 if a takes less than b. A bound from below has sign 1, one from above -1. */
static int order_of(const struct bound *a, const struct bound *b, int sign)
{
	int order = (a->value > b->value) - (a->value < b->value);

	if (order == 0)
		order = order_of_whole(a->node, b->node);
	return order != 0 ? order * sign : (int)a->is_exclusive - (int)b->is_exclusive;
}

/*
 * The one that takes less, of two that a schema may have. OpenAPI 3.0 has exclusiveMinimum as a
 * flag. Returns false if there is none.
 */
static bool bound_of(const struct cor_node *schema, const char *keyword, const char *exclusive,
	int sign, struct bound *ret)
{
	struct bound other = { .is_exclusive = true };
	bool has_bound = read_bound(schema, keyword, ret);

	ret->is_exclusive = exclusive && cor_cli_flag(schema, exclusive);
	if (!exclusive || !read_bound(schema, exclusive, &other))
		return has_bound;
	if (!has_bound || order_of(&other, ret, sign) > 0)
		*ret = other;
	return true;
}

static void compare_bound(
	const struct pair *pair, const char *keyword, const char *exclusive, int sign)
{
	struct bound old, new;
	bool had = bound_of(pair->before, keyword, exclusive, sign, &old);
	bool has = bound_of(pair->after, keyword, exclusive, sign, &new);
	bool is_same = cor_node_equal(
		cor_node_get(pair->before, keyword), cor_node_get(pair->after, keyword));
	const char *shown = is_same && exclusive ? exclusive : keyword;
	int order = had && has ? order_of(&new, &old, sign) : (int)has - (int)had;

	if (order > 0)
		narrower(pair, changed(pair, shown));
	else if (order < 0)
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

/* A schema that takes nothing. */
static bool takes_nothing(const struct cor_node *schema)
{
	bool any;

	return cor_node_to_bool(schema, &any) == 0 && !any;
}

/*
 * A member that is there that way: of what clients write, those that are only read are not; an
 * answer has none that takes nothing.
 */
static const struct cor_node *member_of(const struct pair *pair, const struct cor_node *document,
	const struct cor_node *schema, const char *name)
{
	const struct cor_node *member = cor_node_get(cor_node_get(schema, "properties"), name);
	const struct cor_node *resolved = cor_reference_follow(document, member);
	const char *hidden = pair->way == COR_API_INPUT ? "readOnly" : "writeOnly";

	if (pair->way == COR_API_OUTPUT && takes_nothing(resolved))
		return NULL;
	return cor_cli_flag(member, hidden) || cor_cli_flag(resolved, hidden) ? NULL : member;
}

static bool is_closed(const struct cor_node *schema)
{
	return takes_nothing(cor_node_get(schema, "additionalProperties"));
}

static const char *at_member(const struct pair *pair, const char *name)
{
	return cor_cli_text(
		pair->changes->cli, "%s%s/%s", pair->at, strchr(pair->at, '/') ? "" : " ", name);
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
	const char *at = at_member(pair, name);
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

/* Those that a schema requires, but that are described elsewhere: in another part of an allOf. */
static void compare_required(const struct pair *pair, const struct cor_node *this,
	const struct cor_node *that, void (*tell)(const struct pair *, const char *),
	const char *what)
{
	const struct cor_node *list = cor_node_get(this, "required");
	struct cor_str name;

	for (size_t i = 0; i < cor_node_len(list); i++) {
		if (cor_node_to_text(cor_node_item(list, i), &name) < 0)
			continue;
		const char *text = cor_cli_text(
			pair->changes->cli, "%.*s", (int)name.len, name.data);
		struct pair member = *pair;
		member.at = at_member(pair, text);
		if (!is_required(that, text) &&
			!cor_node_get(cor_node_get(this, "properties"), text))
			tell(&member, what);
	}
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
	compare_required(pair, pair->after, pair->before, narrower, "is required now");
	compare_required(pair, pair->before, pair->after, wider, "may be absent now");
	if (is_closed(pair->after) && !is_closed(pair->before) && pair->way == COR_API_INPUT)
		cor_api_breaks(pair->changes, "%s: other members are refused now", pair->at);
	if (is_closed(pair->before) && !is_closed(pair->after))
		cor_api_allows(pair->changes, "%s: may have other members now", pair->at);
}

/* A schema that is worth comparing: true is one that takes anything, as NULL is. */
static const struct cor_node *inner_of(const struct cor_node *schema, const char *keyword)
{
	const struct cor_node *inner = cor_node_get(schema, keyword);

	return cor_node_type(inner) == COR_JSON_OBJECT || takes_nothing(inner) ? inner : NULL;
}

static void compare_items(const struct pair *pair)
{
	cor_schema_compare(pair->changes, inner_of(pair->before, "items"),
		inner_of(pair->after, "items"), pair->way,
		cor_cli_text(pair->changes->cli, "%s[]", pair->at));
}

/* Whether there may be any at all is told with the members. */
static void compare_additional(const struct pair *pair)
{
	const struct cor_node *new = inner_of(pair->after, "additionalProperties");

	if (is_closed(pair->before) || (is_closed(pair->after) && pair->way == COR_API_INPUT))
		return;
	cor_schema_compare(pair->changes, inner_of(pair->before, "additionalProperties"),
		is_closed(pair->after) ? NULL : new, pair->way,
		cor_cli_text(pair->changes->cli, "%s{}", pair->at));
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
	compare_rule(pair, "const");
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
	compare_items(pair);
	compare_additional(pair);
	compare_choices(pair, "oneOf");
	compare_choices(pair, "anyOf");
	compare_choices(pair, "allOf");
	compare_others(pair);
}

/* What is written beside a $ref: that counts, too (JSON Schema 2020-12, 8.2.3.1). */
static void compare_beside(
	struct pair pair, const struct cor_node *before, const struct cor_node *after)
{
	pair.before = cor_node_get(before, "$ref") ? before : NULL;
	pair.after = cor_node_get(after, "$ref") ? after : NULL;
	if (cor_node_len(pair.before) > 1 || cor_node_len(pair.after) > 1)
		compare_keywords(&pair);
}

void cor_schema_compare(struct cor_api_changes *changes, const struct cor_node *before,
	const struct cor_node *after, enum cor_api_way way, const char *at)
{
	struct pair pair = {
		.changes = changes,
		.before = cor_reference_follow(changes->before, before),
		.after = cor_reference_follow(changes->after, after),
		.way = way,
		.at = at,
	};

	if (changes->depth == DEPTH_MAX) {
		cor_api_breaks(changes, "%s: stands too deep to be compared", at);
		return;
	}
	changes->depth++;
	compare_beside(pair, before, after);
	if ((pair.before || pair.after) && !is_seen(&pair)) {
		if (takes_nothing(pair.after) && !takes_nothing(pair.before))
			narrower(&pair, "takes nothing now");
		else if (takes_nothing(pair.before) && !takes_nothing(pair.after))
			wider(&pair, "took nothing");
		else if (compare_types(&pair))
			compare_keywords(&pair);
	}
	changes->depth--;
}
