/* SPDX-License-Identifier: MIT */
#include "order.h"

static const struct cor_enum_name order_status_names[] = {
	{ "new", ORDER_NEW },
	{ "paid", ORDER_PAID },
	{ "shipped", ORDER_SHIPPED },
	{ "cancelled", ORDER_CANCELLED },
};

static const struct cor_field address_fields[] = {
	COR_FIELD(struct address, street),
	COR_FIELD(struct address, city),
	COR_FIELD(struct address, zip),
};
COR_DECLARE_SCHEMA(address_schema, struct address);
COR_SCHEMA(address_schema, address_fields);

static const struct cor_field item_fields[] = {
	COR_FIELD(struct item, sku, .pattern = "^SKU-[0-9]{4}$"),
	COR_FIELD(struct item, qty, .range = COR_BETWEEN(1, 999)),
	COR_FIELD(struct item, price, .range = COR_MIN(0)),
};
COR_DECLARE_SCHEMA(item_schema, struct item);
COR_SCHEMA(item_schema, item_fields);

static const struct cor_field order_fields[] = {
	COR_FIELD(struct order, id),
	COR_FIELD(struct order, customer),
	COR_ENUM(struct order, status, order_status_names),
	COR_FIELD(struct order, created),
	COR_FIELD(struct order, paid),
	COR_FIELD(struct order, discount, .range = COR_BETWEEN(0, 1)),
	COR_OBJECT(struct order, address, address_schema),
	COR_OBJECT_ARRAY(struct order, items, item_schema, .min_items = 1, .max_items = 50),
};
COR_SCHEMA(order_schema, order_fields);

static const struct cor_field node_fields[] = {
	COR_FIELD(struct node, name, .key = "na/me~"),
	COR_OBJECT(struct node, left, node_schema, .presence = COR_OPTIONAL),
	COR_OBJECT(struct node, right, node_schema, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OBJECT_ARRAY(struct node, children, node_schema, .presence = COR_OPTIONAL),
};
COR_SCHEMA(node_schema, node_fields);
