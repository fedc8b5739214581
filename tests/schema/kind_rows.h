/* SPDX-License-Identifier: MIT */
/** A struct with a member of every kind in every shape, its rows, and what each kind accepts. */
#ifndef CORACLE_TESTS_SCHEMA_KIND_ROWS_H
#define CORACLE_TESTS_SCHEMA_KIND_ROWS_H

#include <coracle/schema.h>

enum flower { ROSE = 1, TULIP = 2 };

struct leaf {
	int32_t n;
};

struct holder {
	bool boolean;
	int32_t i32;
	int64_t i64;
	uint32_t u32;
	uint64_t u64;
	double real;
	const char *text;
	struct cor_str str;
	char chars[8];
	struct timespec time;
	struct cor_uuid uuid;
	struct cor_date date;
	struct cor_time clock;
	struct cor_duration duration;
	struct cor_ip ip;
	struct cor_network network;
	struct cor_base64 base64;
	struct cor_decimal_number decimal;
	uint32_t flags;
	struct cor_json raw;
	enum flower flower;
	struct leaf object;
	struct leaf *pointer;
	cor_array(bool) booleans;
	cor_array(int32_t) i32s;
	cor_array(int64_t) i64s;
	cor_array(uint32_t) u32s;
	cor_array(uint64_t) u64s;
	cor_array(double) reals;
	cor_array(const char *) texts;
	cor_array(struct cor_str) strs;
	cor_array(char[8]) charss;
	cor_array(struct timespec) times;
	cor_array(struct cor_uuid) uuids;
	cor_array(struct cor_date) dates;
	cor_array(struct cor_time) clocks;
	cor_array(struct cor_duration) durations;
	cor_array(struct cor_ip) ips;
	cor_array(struct cor_network) networks;
	cor_array(struct cor_base64) base64s;
	cor_array(struct cor_decimal_number) decimals;
	cor_array(struct cor_json) raws;
	cor_array(enum flower) flowers;
	cor_array(struct leaf) objects;
	cor_dict(bool) boolean_by_name;
	cor_dict(int32_t) i32_by_name;
	cor_dict(int64_t) i64_by_name;
	cor_dict(uint32_t) u32_by_name;
	cor_dict(uint64_t) u64_by_name;
	cor_dict(double) real_by_name;
	cor_dict(const char *) text_by_name;
	cor_dict(struct cor_str) str_by_name;
	cor_dict(char[8]) chars_by_name;
	cor_dict(struct timespec) time_by_name;
	cor_dict(struct cor_uuid) uuid_by_name;
	cor_dict(struct cor_date) date_by_name;
	cor_dict(struct cor_time) clock_by_name;
	cor_dict(struct cor_duration) duration_by_name;
	cor_dict(struct cor_ip) ip_by_name;
	cor_dict(struct cor_network) network_by_name;
	cor_dict(struct cor_base64) base64_by_name;
	cor_dict(struct cor_decimal_number) decimal_by_name;
	cor_dict(struct cor_json) raw_by_name;
	cor_dict(enum flower) flower_by_name;
	cor_dict(struct leaf) object_by_name;
	cor_opt(bool) opt_boolean;
	cor_opt(int32_t) opt_i32;
	cor_opt(int64_t) opt_i64;
	cor_opt(uint32_t) opt_u32;
	cor_opt(uint64_t) opt_u64;
	cor_opt(double) opt_real;
	cor_opt(const char *) opt_text;
	cor_opt(struct cor_str) opt_str;
	cor_opt(char[8]) opt_chars;
	cor_opt(struct timespec) opt_time;
	cor_opt(struct cor_uuid) opt_uuid;
	cor_opt(struct cor_date) opt_date;
	cor_opt(struct cor_time) opt_clock;
	cor_opt(struct cor_duration) opt_duration;
	cor_opt(struct cor_ip) opt_ip;
	cor_opt(struct cor_network) opt_network;
	cor_opt(struct cor_base64) opt_base64;
	cor_opt(struct cor_decimal_number) opt_decimal;
	cor_opt(uint32_t) opt_flags;
	cor_opt(struct cor_json) opt_raw;
	cor_opt(enum flower) opt_flower;
	cor_opt(struct leaf) opt_object;
	cor_opt(struct leaf *) opt_pointer;
};

extern const struct cor_field holder_fields[];
extern const size_t holder_rows;

/** By kind: a value as it is written again, and what the kind is called. */
struct sample {
	const char *json, *noun;
};
extern const struct sample samples[COR_KIND_END_];

#endif
