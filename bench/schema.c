/* SPDX-License-Identifier: MIT */
/*
 * How long an order takes from text to a validated struct and back. To count instructions, take the
 * difference between two runs:
 *
 *     valgrind --tool=callgrind --callgrind-out-file=/dev/null \
 *             build/bench/bench-schema order.json decode 1000
 *
 * Usage: bench-schema FILE [decode|encode|both] [ROUNDS]. FILE holds one order.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "schema/decode.h"
#include "schema/encode.h"

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

#define BATCHES 25

struct bench {
	struct cor_codec *codec;
	struct cor_arena *arena;
	struct cor_str text;
	struct order order;
	struct cor_buffer buffer;
};

static int decode(struct bench *bench)
{
	static const struct cor_decode_options whole = { .use = COR_USE_WHOLE };
	struct cor_violations violations = { 0 };

	cor_arena_reset(bench->arena);
	memset(&bench->order, 0, sizeof bench->order);
	return cor_decode_text(bench->codec, bench->arena, &order_schema.schema, &whole,
		&bench->order, bench->text, &violations);
}

static int encode(struct bench *bench)
{
	cor_buffer_clear(&bench->buffer, SIZE_MAX);
	return cor_encode_append(bench->codec, &order_schema.schema, COR_USE_WHOLE, &bench->order,
		&bench->buffer, NULL);
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* The best of several batches: what the machine does when undisturbed. */
static int measure(struct bench *bench, const char *name, int (*run)(struct bench *), long rounds)
{
	double best = 0;

	for (int batch = 0; batch < BATCHES; batch++) {
		double start = now_ns();
		for (long i = 0; i < rounds; i++) {
			int rc = run(bench);
			if (rc < 0)
				return rc;
		}
		double ns = (now_ns() - start) / (double)rounds;
		if (batch == 0 || ns < best)
			best = ns;
	}
	printf("%s\t%.0f ns\n", name, best);
	return 0;
}

static int read_file(const char *path, char *text, size_t bytes, size_t *ret_len)
{
	FILE *file = fopen(path, "rb");

	if (!file)
		return -errno;
	*ret_len = fread(text, 1, bytes, file);
	fclose(file);
	return 0;
}

static int run_all(struct bench *bench, const char *what, long rounds)
{
	int rc = decode(bench);

	if (rc == 0 && strcmp(what, "encode") != 0)
		rc = measure(bench, "decode", decode, rounds);
	if (rc == 0 && strcmp(what, "decode") != 0)
		rc = measure(bench, "encode", encode, rounds);
	return rc;
}

int main(int argc, char **argv)
{
	static char text[65536], first[65536];
	const struct cor_schema *schemas[] = { &order_schema.schema };
	struct bench bench = { .text = { .data = text } };
	struct cor_arena arena;

	if (argc < 2 || read_file(argv[1], text, sizeof text, &bench.text.len) < 0) {
		fprintf(stderr, "usage: bench-schema FILE [decode|encode|both] [ROUNDS]\n");
		return 2;
	}
	cor_arena_init(&arena, first, sizeof first, 0);
	bench.arena = &arena;
	int rc = cor_codec_create(schemas, 1, &bench.codec, NULL, NULL);
	if (rc == 0)
		rc = run_all(&bench, argc > 2 ? argv[2] : "both",
			argc > 3 ? strtol(argv[3], NULL, 10) : 20000);
	if (rc < 0)
		fprintf(stderr, "%s\n", cor_strerror(rc));
	cor_codec_destroy(bench.codec);
	cor_buffer_finish(&bench.buffer);
	cor_arena_finish(&arena);
	return rc < 0;
}
