/* SPDX-License-Identifier: MIT */
/*
 * How long a codec of 1,000 tables of 20 rows takes to be made, as at the start of a service:
 *
 *     bench-tables [ROUNDS]
 *
 * prints milliseconds, the best round's. The tables are alike but stand apart: nothing that was
 * compiled for one serves another.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <coracle/error.h>

#include "schema/encode.h"

#define TABLES 1000

enum status { STATUS_NEW, STATUS_PAID, STATUS_SENT };

static const struct cor_enum_name status_names[] = {
	{ "new", STATUS_NEW },
	{ "paid", STATUS_PAID },
	{ "sent", STATUS_SENT },
};

struct record {
	int64_t id, parent_id;
	struct cor_uuid token;
	const char *name, *email, *phone, *street, *city, *zip, *country;
	enum status status;
	bool is_active;
	int32_t count, limit;
	double price, discount;
	struct timespec created, updated;
	char code[9];
	cor_array(const char *) tags;
};

static const struct cor_field record_fields[] = {
	COR_FIELD(struct record, id, .range = COR_MIN(1), .access = COR_READ_ONLY),
	COR_FIELD(struct record, parent_id, .range = COR_MIN(1)),
	COR_FIELD(struct record, token, .access = COR_READ_ONLY),
	COR_FIELD(struct record, name, .min_length = 1, .max_length = 100),
	COR_FIELD(struct record, email, .max_length = 200, .format = "email"),
	COR_FIELD(struct record, phone, .pattern = "^\\+[0-9]{6,15}$"),
	COR_FIELD(struct record, street, .max_length = 100),
	COR_FIELD(struct record, city, .max_length = 100),
	COR_FIELD(struct record, zip, .pattern = "^[0-9]{5}$"),
	COR_FIELD(struct record, country, .pattern = "^[A-Z]{2}$", .fallback = "\"PT\""),
	COR_ENUM(struct record, status, status_names, .fallback = "\"new\""),
	COR_FIELD(struct record, is_active, .fallback = "true"),
	COR_FIELD(struct record, count, .range = COR_BETWEEN(0, 999)),
	COR_FIELD(struct record, limit, .range = COR_BETWEEN(1, 100), .fallback = "20"),
	COR_FIELD(struct record, price, .range = COR_MIN(0)),
	COR_FIELD(struct record, discount, .range = COR_BETWEEN(0, 1), .fallback = "0"),
	COR_FIELD(struct record, created, .access = COR_READ_ONLY),
	COR_FIELD(struct record, updated, .access = COR_READ_ONLY),
	COR_FIELD(struct record, code, .pattern = "^[A-Z0-9]{8}$"),
	COR_ARRAY(struct record, tags, .max_items = 10, .max_length = 30),
};
COR_LOCAL_SCHEMA(record_schema, struct record, record_fields);

#define ROWS (sizeof record_fields / sizeof record_fields[0])

static struct cor_field fields[TABLES][ROWS];
static struct cor_schema tables[TABLES];
static const struct cor_schema *schemas[TABLES];

static void make_tables(void)
{
	for (size_t i = 0; i < TABLES; i++) {
		memcpy(fields[i], record_fields, sizeof record_fields);
		tables[i] = record_schema.schema;
		tables[i].fields = fields[i];
		schemas[i] = &tables[i];
	}
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 5;
	double best = 0;

	make_tables();
	for (long i = 0; i < rounds; i++) {
		struct cor_codec *codec;
		double since = now_ms();
		int rc = cor_codec_create(schemas, TABLES, &codec, NULL, NULL);
		double ms = now_ms() - since;
		if (rc < 0) {
			fprintf(stderr, "%s\n", cor_strerror(rc));
			return 1;
		}
		cor_codec_destroy(codec);
		if (i == 0 || ms < best)
			best = ms;
	}
	printf("%.2f\n", best);
	return 0;
}
