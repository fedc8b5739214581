/* SPDX-License-Identifier: MIT */
/** A struct with a row of every kind and every rule, for fuzzers. It holds itself. */
#ifndef CORACLE_TESTS_FUZZ_EVERY_ROW_H
#define CORACLE_TESTS_FUZZ_EVERY_ROW_H

#include <coracle/schema.h>

enum flower { ROSE, TULIP = 7 };

struct part {
	const char *name;
	cor_opt(int32_t) count;
	cor_array(bool) flags;
	cor_dict(const char *) names;
};

struct whole {
	int64_t before;
	struct part part;
};

/* One of two structs, of which the second holds any of all. */
enum choice_kind { CHOICE_PART = 1, CHOICE_ALL };
struct choice {
	enum choice_kind kind;
	union {
		struct part part;
		struct all *all;
	};
};

/* Read and written by functions: text, and an array of two. */
struct level {
	const char *text;
};
struct span {
	int32_t from, length;
};

struct all {
	bool b;
	int32_t i32;
	int64_t i64;
	uint32_t u32;
	uint64_t u64;
	double d;
	const char *text;
	struct cor_str str;
	char chars[8];
	struct timespec time;
	struct cor_uuid uuid;
	struct cor_date date;
	struct cor_time clock;
	cor_opt(struct cor_duration) duration;
	struct cor_ip ip;
	cor_array(struct cor_network) networks;
	struct cor_base64 base64;
	struct cor_decimal_number price;
	cor_array(struct cor_decimal_number) prices;
	cor_opt(int64_t) id;
	uint32_t rights;
	cor_opt(uint32_t) opt_rights;
	struct cor_json raw;
	struct choice choice;
	cor_array(struct choice) choices;
	cor_dict(struct choice) by_name;
	cor_dict(struct cor_decimal_number) totals;
	cor_dict(enum flower) garden;
	enum flower flower;
	struct all *next;
	const char *null;
	cor_array(int64_t) numbers;
	cor_array(const char *) texts;
	cor_array(enum flower) flowers;
	cor_array(struct all) all;
	cor_opt(double) opt;
	cor_opt(const char *) opt_text;
	cor_opt(struct cor_json) opt_raw;
	struct whole whole;
	struct level *level;
	cor_array(struct level) levels;
	cor_opt(struct span) span;
	cor_dict(struct span) spans;
};
COR_DECLARE_SCHEMA(all_schema, struct all);

#endif
