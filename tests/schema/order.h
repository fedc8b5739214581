/* SPDX-License-Identifier: MIT */
/** The order of the benchmark, and a tree: what the tests of this folder decode and encode. */
#ifndef CORACLE_TESTS_SCHEMA_ORDER_H
#define CORACLE_TESTS_SCHEMA_ORDER_H

#include <coracle/schema.h>

enum order_status { ORDER_NEW, ORDER_PAID, ORDER_SHIPPED, ORDER_CANCELLED };

struct address {
	const char *street, *city, *zip;
};

struct item {
	const char *sku;
	int32_t qty;
	double price;
};

struct order {
	int64_t id;
	const char *customer;
	enum order_status status;
	struct timespec created;
	bool paid;
	double discount;
	struct address address;
	cor_array(struct item) items;
};
COR_DECLARE_SCHEMA(order_schema, struct order);

struct node {
	const char *name;
	struct node *left, *right;
	cor_array(struct node) children;
};
COR_DECLARE_SCHEMA(node_schema, struct node);

#endif
