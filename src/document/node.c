/* SPDX-License-Identifier: MIT */
#include "document/node.h"

#include <errno.h>
#include <math.h>

#include <coracle/error.h>

#include "base/decimal.h"
#include "document/members.h"
#include "json/exact.h"

enum cor_json_type cor_node_type(const struct cor_node *node)
{
	return node ? (enum cor_json_type)node->type : COR_JSON_END;
}

size_t cor_node_len(const struct cor_node *node)
{
	return node && cor_node_is_container(node) ? node->len : 0;
}

struct cor_node *cor_node_get_text(const struct cor_node *object, struct cor_str key)
{
	if (cor_node_type(object) != COR_JSON_OBJECT)
		return NULL;
	ptrdiff_t at = cor_members_find(object, key);
	return at >= 0 ? object->members[at].value : NULL;
}

struct cor_node *cor_node_get(const struct cor_node *object, const char *key)
{
	return cor_node_get_text(object, cor_str(key));
}

struct cor_node *cor_node_item(const struct cor_node *node, size_t index)
{
	return index < cor_node_len(node) ? *cor_node_slot(node, index) : NULL;
}

struct cor_str cor_node_key(const struct cor_node *object, size_t index)
{
	if (cor_node_type(object) != COR_JSON_OBJECT || index >= object->len)
		return (struct cor_str){ NULL, 0 };
	return object->members[index].key;
}

struct cor_node *cor_node_parent(const struct cor_node *node)
{
	return node ? node->parent : NULL;
}

/* That it is there and of this type. */
static int check(const struct cor_node *node, enum cor_json_type type)
{
	if (!node)
		return -ENOENT;
	return node->type == type ? 0 : -COR_EINVALID;
}

int cor_node_to_bool(const struct cor_node *node, bool *ret)
{
	int rc = check(node, COR_JSON_BOOL);

	if (rc == 0)
		*ret = node->truth;
	return rc;
}

int cor_node_to_number(const struct cor_node *node, struct cor_str *ret)
{
	int rc = check(node, COR_JSON_NUMBER);

	if (rc == 0)
		*ret = (struct cor_str){ node->text, node->len };
	return rc;
}

int cor_node_to_text(const struct cor_node *node, struct cor_str *ret)
{
	int rc = check(node, COR_JSON_STRING);

	if (rc == 0)
		*ret = (struct cor_str){ node->text, node->len };
	return rc;
}

static int to_exact(const struct cor_node *node, struct cor_json_exact *ret)
{
	struct cor_str number;
	int rc = cor_node_to_number(node, &number);

	if (rc == 0)
		*ret = cor_json_exact(number);
	return rc;
}

int cor_node_to_int64(const struct cor_node *node, int64_t *ret)
{
	struct cor_json_exact exact;
	int rc = to_exact(node, &exact);

	return rc < 0 ? rc : cor_json_exact_int64(&exact, ret);
}

int cor_node_to_uint64(const struct cor_node *node, uint64_t *ret)
{
	struct cor_json_exact exact;
	int rc = to_exact(node, &exact);

	return rc < 0 ? rc : cor_json_exact_uint64(&exact, ret);
}

int cor_node_to_double(const struct cor_node *node, double *ret)
{
	struct cor_decimal decimal;
	struct cor_str number;
	int rc = cor_node_to_number(node, &number);

	if (rc == 0)
		rc = cor_decimal_scan(number.data, number.data + number.len, &decimal);
	if (rc < 0)
		return rc;
	double value = cor_decimal_double(&decimal);
	if (isinf(value))
		return -ERANGE;
	*ret = value;
	return 0;
}
