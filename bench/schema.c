/* SPDX-License-Identifier: MIT */
/*
 * How long documents take from text to a validated struct and back; trial.h says how to use it. To
 * count instructions, take the difference between two runs:
 *
 *     valgrind --tool=callgrind --callgrind-out-file=/dev/null \
 *             build/bench/bench-schema order decode order.json 1000
 */
#include <stdint.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "schema/decode.h"
#include "schema/encode.h"

#include "peers/json/trial.h"

enum order_status { ORDER_NEW, ORDER_PAID, ORDER_SHIPPED, ORDER_CANCELLED };

static const struct cor_enum_name order_status_names[] = {
	{ "new", ORDER_NEW },
	{ "paid", ORDER_PAID },
	{ "shipped", ORDER_SHIPPED },
	{ "cancelled", ORDER_CANCELLED },
};

struct address {
	const char *street;
	const char *city;
	const char *zip;
};
static const struct cor_field address_fields[] = {
	COR_FIELD(struct address, street),
	COR_FIELD(struct address, city),
	COR_FIELD(struct address, zip),
};
COR_LOCAL_SCHEMA(address_schema, struct address, address_fields);

struct item {
	const char *sku;
	int32_t qty;
	double price;
};
static const struct cor_field item_fields[] = {
	COR_FIELD(struct item, sku, .pattern = "^SKU-[0-9]{4}$"),
	COR_FIELD(struct item, qty, .range = COR_BETWEEN(1, 999)),
	COR_FIELD(struct item, price, .range = COR_MIN(0)),
};
COR_LOCAL_SCHEMA(item_schema, struct item, item_fields);

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
COR_LOCAL_SCHEMA(order_schema, struct order, order_fields);

struct orders {
	cor_array(struct order) orders;
};
static const struct cor_field orders_fields[] = {
	COR_OBJECT_ARRAY(struct orders, orders, order_schema, .bare = true),
};
COR_LOCAL_SCHEMA(orders_schema, struct orders, orders_fields);

/* GeoJSON: a collection of polygons. */
struct place {
	cor_array(double) numbers;
};
static const struct cor_field place_fields[] = {
	COR_ARRAY(struct place, numbers, .bare = true, .min_items = 2, .max_items = 2),
};
COR_LOCAL_SCHEMA(place_schema, struct place, place_fields);

struct ring {
	cor_array(struct place) places;
};
static const struct cor_field ring_fields[] = {
	COR_OBJECT_ARRAY(struct ring, places, place_schema, .bare = true),
};
COR_LOCAL_SCHEMA(ring_schema, struct ring, ring_fields);

struct geometry {
	const char *type;
	cor_array(struct ring) coordinates;
};
static const struct cor_field geometry_fields[] = {
	COR_FIELD(struct geometry, type),
	COR_OBJECT_ARRAY(struct geometry, coordinates, ring_schema),
};
COR_LOCAL_SCHEMA(geometry_schema, struct geometry, geometry_fields);

struct properties {
	const char *name;
};
static const struct cor_field properties_fields[] = {
	COR_FIELD(struct properties, name),
};
COR_LOCAL_SCHEMA(properties_schema, struct properties, properties_fields);

struct feature {
	const char *type;
	struct properties properties;
	struct geometry geometry;
};
static const struct cor_field feature_fields[] = {
	COR_FIELD(struct feature, type),
	COR_OBJECT(struct feature, properties, properties_schema),
	COR_OBJECT(struct feature, geometry, geometry_schema),
};
COR_LOCAL_SCHEMA(feature_schema, struct feature, feature_fields);

struct canada {
	const char *type;
	cor_array(struct feature) features;
};
static const struct cor_field canada_fields[] = {
	COR_FIELD(struct canada, type),
	COR_OBJECT_ARRAY(struct canada, features, feature_schema),
};
COR_LOCAL_SCHEMA(canada_schema, struct canada, canada_fields);

static struct cor_codec *codec;
static struct cor_arena arena;
static struct cor_buffer buffer;
static union {
	struct order order;
	struct orders orders;
	struct canada canada;
} decoded;

static int decode(const struct cor_schema *schema, struct trial_text text)
{
	static const struct cor_decode_options whole = { .use = COR_USE_WHOLE };
	struct cor_violations violations = { 0 };

	cor_arena_reset(&arena);
	memset(&decoded, 0, schema->size);
	int rc = cor_decode_text(codec, &arena, schema, &whole, &decoded,
		(struct cor_str){ text.data, text.len }, &violations);
	return rc < 0 ? -1 : 0;
}

static int encode(const struct cor_schema *schema, struct trial_text *ret)
{
	cor_buffer_clear(&buffer, SIZE_MAX);
	if (cor_encode_append(codec, schema, COR_USE_WHOLE, &decoded, &buffer, NULL) < 0)
		return -1;
	*ret = (struct trial_text){ buffer.data, buffer.len };
	return 0;
}

static int decode_order(struct trial_text text)
{
	return decode(&order_schema.schema, text);
}

static int encode_order(struct trial_text *ret)
{
	return encode(&order_schema.schema, ret);
}

static int decode_list(struct trial_text text)
{
	return decode(&orders_schema.schema, text);
}

static int encode_list(struct trial_text *ret)
{
	return encode(&orders_schema.schema, ret);
}

static int decode_canada(struct trial_text text)
{
	return decode(&canada_schema.schema, text);
}

static int encode_canada(struct trial_text *ret)
{
	return encode(&canada_schema.schema, ret);
}

static const struct trial_shape shapes[] = {
	{ "order", decode_order, encode_order },
	{ "list", decode_list, encode_list },
	{ "canada", decode_canada, encode_canada },
	{ 0 },
};

int main(int argc, char **argv)
{
	static char first[16 << 20];
	const struct cor_schema *schemas[] = { &order_schema.schema, &orders_schema.schema,
		&canada_schema.schema };

	cor_arena_init(&arena, first, sizeof first, 0);
	int rc = cor_codec_create(schemas, 3, &codec, NULL, NULL);
	if (rc == 0)
		rc = trial_main(argc, argv, shapes);
	else
		fprintf(stderr, "%s\n", cor_strerror(rc));
	cor_codec_destroy(codec);
	cor_buffer_finish(&buffer);
	cor_arena_finish(&arena);
	return rc == 0 ? 0 : 1;
}
