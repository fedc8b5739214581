/* SPDX-License-Identifier: MIT */
#include "schema/words.h"

#include <errno.h>

#include <coracle/base64.h>
#include <coracle/calendar.h>
#include <coracle/decimal_number.h>
#include <coracle/error.h>
#include <coracle/ip.h>

#include "base/violation_texts.h"
#include "json/writer.h"
#include "schema/encoder.h"
#include "schema/row_text.h"
#include "schema/value.h"

int cor_value_date(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	struct cor_date date;
	int rc = cor_date_parse(text, &date);

	(void)rule;
	if (rc == 0)
		cor_member_put(at, date);
	else if (rc == -EDOM)
		cor_report(report, step, COR_SAYS_NO_DAY, (int)text.len, text.data);
	else
		cor_report(report, step, COR_SAYS_DATE);
	return 0;
}

int cor_value_time_of_day(const struct cor_report *report, const struct cor_value_rule *rule,
	void *at, struct cor_str text, const struct cor_step *step)
{
	struct cor_time time;
	int rc = cor_time_parse(text, &time);

	(void)rule;
	if (rc == 0)
		cor_member_put(at, time);
	else if (rc == -ERANGE)
		cor_report(report, step, COR_SAYS_NO_TIME);
	else
		cor_report(report, step, COR_SAYS_TIME);
	return 0;
}

int cor_value_duration(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	struct cor_duration duration;
	int rc = cor_duration_parse(text, &duration);

	(void)rule;
	if (rc == 0)
		cor_member_put(at, duration);
	else if (rc == -ERANGE)
		cor_report(report, step, COR_SAYS_LONG_DURATION);
	else
		cor_report(report, step, COR_SAYS_DURATION);
	return 0;
}

int cor_value_ip(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	struct cor_ip ip;

	(void)rule;
	if (cor_ip_parse(text, &ip) == 0)
		cor_member_put(at, ip);
	else
		cor_report(report, step, COR_SAYS_IP);
	return 0;
}

int cor_value_network(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	struct cor_network network;
	int rc = cor_network_parse(text, &network);

	(void)rule;
	if (rc == 0)
		cor_member_put(at, network);
	else if (rc == -EDOM)
		cor_report(report, step, COR_SAYS_NETWORK_BITS);
	else
		cor_report(report, step, COR_SAYS_NETWORK);
	return 0;
}

int cor_value_decimal(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	struct cor_decimal_number number;
	int rc = cor_decimal_number_parse(text, &number);

	/* -EDOM: it is no multiple, which is told where that is checked */
	if (rc == 0 && rule->has_scale &&
		cor_decimal_number_rescale(&number, rule->scale) == -ERANGE)
		rc = -ERANGE;
	if (rc == 0)
		cor_member_put(at, number);
	else if (rc == -ERANGE)
		cor_report(report, step, COR_SAYS_DIGITS, COR_DECIMAL_NUMBER_DIGITS,
			rule->has_scale ? rule->scale : COR_DECIMAL_NUMBER_DIGITS);
	else
		cor_report(report, step, COR_SAYS_DECIMAL);
	return 0;
}

/* Lengths count bytes, not the characters of their text. */
static bool base64_length_holds(const struct cor_report *report, const struct cor_value_rule *rule,
	size_t len, const struct cor_step *step)
{
	if (len < rule->min_length)
		cor_report(report, step, COR_SAYS_MIN_BYTES, rule->min_length,
			rule->min_length == 1 ? "" : "s");
	else if (len > rule->max_length)
		cor_report(report, step, COR_SAYS_MAX_BYTES, rule->max_length,
			rule->max_length == 1 ? "" : "s");
	else
		return true;
	return false;
}

int cor_value_base64(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	struct cor_base64 value;
	char *bytes = cor_arena_alloc(report->arena, cor_base64_bytes(text) + 1);

	if (!bytes)
		return -ENOMEM;
	if (cor_base64_parse(text, bytes, &value.bytes.len) < 0) {
		cor_report(report, step, COR_SAYS_BASE64);
		return 0;
	}
	if (!base64_length_holds(report, rule, value.bytes.len, step))
		return 0;
	bytes[value.bytes.len] = '\0';
	value.bytes.data = bytes;
	cor_member_put(at, value);
	return 0;
}

size_t cor_write_date(const void *at, char out[COR_WORD_BYTES])
{
	struct cor_date date;

	cor_member_get(at, &date);
	return cor_date_print(&date, out);
}

size_t cor_write_time_of_day(const void *at, char out[COR_WORD_BYTES])
{
	struct cor_time time;

	cor_member_get(at, &time);
	return cor_time_print(&time, out);
}

size_t cor_write_duration(const void *at, char out[COR_WORD_BYTES])
{
	struct cor_duration duration;

	cor_member_get(at, &duration);
	return cor_duration_print(&duration, out);
}

size_t cor_write_ip(const void *at, char out[COR_WORD_BYTES])
{
	struct cor_ip ip;

	cor_member_get(at, &ip);
	return cor_ip_print(&ip, out);
}

size_t cor_write_network(const void *at, char out[COR_WORD_BYTES])
{
	struct cor_network network;

	cor_member_get(at, &network);
	return cor_network_print(&network, out);
}

size_t cor_write_decimal(const void *at, char out[COR_WORD_BYTES])
{
	struct cor_decimal_number number;

	cor_member_get(at, &number);
	return cor_decimal_number_print(&number, out);
}

/* --- order --- */

#define ORDER_OF(a, b) (((a) > (b)) - ((a) < (b)))

int cor_compare_timestamps(const void *a, const void *b)
{
	struct timespec left, right;

	cor_member_get(a, &left);
	cor_member_get(b, &right);
	int order = ORDER_OF(left.tv_sec, right.tv_sec);
	return order != 0 ? order : ORDER_OF(left.tv_nsec, right.tv_nsec);
}

int cor_compare_dates(const void *a, const void *b)
{
	struct cor_date left, right;

	cor_member_get(a, &left);
	cor_member_get(b, &right);
	return ORDER_OF(cor_date_days(&left), cor_date_days(&right));
}

static int64_t nanosecond_of(const void *at)
{
	struct cor_time time;

	cor_member_get(at, &time);
	return (time.hour * 3600 + time.minute * 60 + time.second) * INT64_C(1000000000) +
	       time.nanosecond;
}

int cor_compare_times(const void *a, const void *b)
{
	return ORDER_OF(nanosecond_of(a), nanosecond_of(b));
}

int cor_compare_durations(const void *a, const void *b)
{
	struct cor_duration left, right;

	cor_member_get(a, &left);
	cor_member_get(b, &right);
	return ORDER_OF(left.nanoseconds, right.nanoseconds);
}

int cor_compare_decimals(const void *a, const void *b)
{
	struct cor_decimal_number left, right;

	cor_member_get(a, &left);
	cor_member_get(b, &right);
	return cor_decimal_number_compare(&left, &right);
}

int cor_word_bound(const struct cor_value_rule *rule, const struct cor_bound *bound,
	struct cor_arena *arena, const void **ret)
{
	struct cor_violations found = { 0 };
	const struct cor_report report = { .violations = &found, .arena = arena, .in = "table" };

	*ret = NULL;
	if (bound->type != COR_BOUND_TEXT)
		return 0;
	void *value = cor_arena_zalloc(arena, rule->size);
	if (!value)
		return -ENOMEM;
	int rc = rule->facts->store(&report, rule, value, cor_str(bound->text), NULL);
	if (rc < 0)
		return rc;
	*ret = value;
	return found.count == 0 ? 0 : -COR_EINVALID;
}

bool cor_word_range_holds_zero(enum cor_kind kind, uint32_t size, const struct cor_range *range)
{
	struct cor_value_rule rule = { .kind = kind, .facts = cor_kind_facts(kind), .size = size };
	const void *least = NULL, *most = NULL;
	struct cor_arena scratch;

	cor_arena_init(&scratch, NULL, 0, 0);
	const void *zero = cor_arena_zalloc(&scratch, size);
	bool is_known = zero && cor_word_bound(&rule, &range->min, &scratch, &least) == 0 &&
			cor_word_bound(&rule, &range->max, &scratch, &most) == 0;
	bool holds = !is_known ||
		     ((!least || rule.facts->compare(zero, least) >= range->min.exclusive) &&
			     (!most || rule.facts->compare(zero, most) <= -range->max.exclusive));
	cor_arena_finish(&scratch);
	return holds;
}

/* --- nothing --- */

bool cor_value_is_no_date(const struct cor_value_rule *rule, const void *at)
{
	struct cor_date date;

	(void)rule;
	cor_member_get(at, &date);
	return date.month == 0;
}

/* Of a network, too: the version of its address stands first. */
bool cor_value_is_no_ip(const struct cor_value_rule *rule, const void *at)
{
	(void)rule;
	return *(const uint8_t *)at == 0;
}

/* --- out --- */

void cor_encode_word(struct cor_encoder *encoder, const struct cor_value_rule *rule, const void *at,
	const struct cor_step *step)
{
	char *room = cor_buffer_reserve(encoder->buffer, COR_WORD_BYTES + 2);

	if (!room)
		return;
	size_t len = rule->facts->write(at, room + 1);
	if (len == 0) {
		cor_encoder_fail(encoder, -COR_EINVALID, step, "is not a value of its type");
		return;
	}
	room[0] = room[len + 1] = '"';
	encoder->buffer->len += len + 2;
}

/* A number, without quotes. */
void cor_encode_decimal(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	char text[COR_WORD_BYTES];
	size_t len = rule->facts->write(at, text);

	if (len == 0)
		cor_encoder_fail(encoder, -COR_EINVALID, step, "is not a value of its type");
	else
		cor_buffer_append(encoder->buffer, text, len);
}

int cor_print_word(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	const struct cor_kind_facts *facts = cor_kind_facts(field->type.kind);
	char text[COR_WORD_BYTES];
	size_t len = facts->write(at, text);

	if (len == 0)
		return facts->is_empty && facts->is_empty(NULL, at) ? 0 : -COR_EINVALID;
	cor_buffer_append(buffer, text, len);
	return 1;
}

static void append_base64(struct cor_buffer *buffer, struct cor_str bytes)
{
	size_t len = cor_base64_text_bytes(bytes.len);
	char *room = cor_buffer_reserve(buffer, len);

	if (!room)
		return;
	cor_base64_print(bytes, room);
	buffer->len += len;
}

void cor_encode_base64(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	struct cor_base64 value;

	(void)rule;
	cor_member_get(at, &value);
	if (!value.bytes.data && value.bytes.len != 0) {
		cor_encoder_fail(encoder, -COR_EINVALID, step, "has a length, but no bytes");
		return;
	}
	cor_buffer_byte(encoder->buffer, '"');
	append_base64(encoder->buffer, value.bytes);
	cor_buffer_byte(encoder->buffer, '"');
}

int cor_print_base64(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	struct cor_base64 value;

	(void)field;
	cor_member_get(at, &value);
	if (value.bytes.len == 0)
		return 0;
	if (!value.bytes.data)
		return -COR_EINVALID;
	append_base64(buffer, value.bytes);
	return 1;
}
