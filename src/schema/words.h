/* SPDX-License-Identifier: MIT */
/**
 * Values of few bytes that are a string in JSON: days, times, durations, addresses; and bytes in
 * base64. For the table of kinds. Private to the schema folder.
 */
#ifndef CORACLE_SCHEMA_WORDS_H
#define CORACLE_SCHEMA_WORDS_H

#include "schema/kind.h"
#include "schema/plan.h"

cor_store_string cor_value_date, cor_value_time_of_day, cor_value_duration, cor_value_ip,
	cor_value_network, cor_value_base64, cor_value_decimal;
cor_write_word cor_write_date, cor_write_time_of_day, cor_write_duration, cor_write_ip,
	cor_write_network, cor_write_decimal;
cor_compare_values cor_compare_timestamps, cor_compare_dates, cor_compare_times,
	cor_compare_durations, cor_compare_decimals;
cor_value_is_empty cor_value_is_no_date, cor_value_is_no_ip;

/**
 * The value of a bound that is a text, in the arena; NULL where there is no such bound. Returns 0,
 * -COR_EINVALID (the text is none of the kind's) or -ENOMEM.
 */
int cor_word_bound(const struct cor_value_rule *rule, const struct cor_bound *bound,
	struct cor_arena *arena, const void **ret) COR_CHECKED;

/** Whether a zeroed value, which an absent member leaves, is in a range whose bounds are good. */
bool cor_word_range_holds_zero(enum cor_kind kind, uint32_t size, const struct cor_range *range);

#endif
