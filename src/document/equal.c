/* SPDX-License-Identifier: MIT */
#include "document/members.h"
#include "document/node.h"
#include "json/exact.h"

static bool same_number(struct cor_str a, struct cor_str b)
{
	if (cor_str_equal(a, b))
		return true;
	struct cor_json_exact left = cor_json_exact(a), right = cor_json_exact(b);
	return cor_json_exact_equal(&left, &right);
}

static bool same_items(const struct cor_node *a, const struct cor_node *b)
{
	for (size_t i = 0; i < a->len; i++) {
		if (!cor_node_equal(a->items[i], b->items[i]))
			return false;
	}
	return true;
}

/* Both have as many, and no key twice. */
static bool same_members(const struct cor_node *a, const struct cor_node *b)
{
	for (size_t i = 0; i < a->len; i++) {
		ptrdiff_t at = cor_members_find(b, a->members[i].key);
		if (at < 0 || !cor_node_equal(a->members[i].value, b->members[at].value))
			return false;
	}
	return true;
}

bool cor_node_equal(const struct cor_node *a, const struct cor_node *b)
{
	if (!a || !b || a == b)
		return a == b;
	if (a->type != b->type)
		return false;
	switch ((enum cor_json_type)a->type) {
	case COR_JSON_OBJECT:
		return a->len == b->len && same_members(a, b);
	case COR_JSON_ARRAY:
		return a->len == b->len && same_items(a, b);
	case COR_JSON_STRING:
		return cor_str_equal(
			(struct cor_str){ a->text, a->len }, (struct cor_str){ b->text, b->len });
	case COR_JSON_NUMBER:
		return same_number(
			(struct cor_str){ a->text, a->len }, (struct cor_str){ b->text, b->len });
	case COR_JSON_BOOL:
		return a->truth == b->truth;
	default:
		return true;
	}
}
