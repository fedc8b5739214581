/* SPDX-License-Identifier: MIT */
/* Days, times, durations, addresses and bytes: ranges in texts, nothing, headers, copies. */
#include "schema/describe.h"
#include "trial.h"

struct holder {
	struct cor_date date;
	struct cor_time clock;
	struct cor_duration duration;
	struct timespec time;
	struct cor_ip ip;
	struct cor_network network;
	struct cor_base64 base64;
	cor_array(struct cor_date) dates;
	cor_opt(struct cor_date) opt;
	int32_t i32;
	struct cor_uuid uuid;
};

static void schema_of(struct cor_schema *schema, const struct cor_field *row)
{
	*schema = (struct cor_schema){
		.fields = row, .len = 1, .size = sizeof(struct holder), .symbol = "lone_schema"
	};
}

static const struct range_case {
	struct cor_field row;
	const char *json, *detail;
} range_cases[] = {
	{ COR_FIELD(struct holder, date, .range = COR_MIN("2026-01-31")), "\"2026-01-31\"", NULL },
	{ COR_FIELD(struct holder, date, .range = COR_MIN("2026-01-31")), "\"2026-01-30\"",
		"must be at least 2026-01-31" },
	{ COR_FIELD(struct holder, date, .range = COR_ABOVE("2026-01-31")), "\"2026-02-01\"",
		NULL },
	{ COR_FIELD(struct holder, date, .range = COR_ABOVE("2026-01-31")), "\"2026-01-31\"",
		"must be greater than 2026-01-31" },
	{ COR_FIELD(struct holder, date, .range = COR_BETWEEN("2026-01-01", "2026-12-31")),
		"\"2027-01-01\"", "must be at most 2026-12-31" },
	{ COR_ARRAY(struct holder, dates, .range = COR_BELOW("2026-01-31")), "[\"2026-01-31\"]",
		"must be less than 2026-01-31" },
	{ COR_OPT_FIELD(struct holder, opt, .range = COR_BELOW("2026-01-31")), "\"2026-01-31\"",
		"must be less than 2026-01-31" },
	{ COR_FIELD(struct holder, clock, .range = COR_BETWEEN("08:00", "17:30:00")),
		"\"17:30:00.0\"", NULL },
	{ COR_FIELD(struct holder, clock, .range = COR_BETWEEN("08:00", "17:30:00")),
		"\"17:30:00.000000001\"", "must be at most 17:30:00" },
	{ COR_FIELD(struct holder, duration, .range = COR_BETWEEN("PT1S", "P1D")), "\"PT24H\"",
		NULL },
	{ COR_FIELD(struct holder, duration, .range = COR_BETWEEN("PT1S", "P1D")), "\"PT0.999S\"",
		"must be at least PT1S" },
	{ COR_FIELD(struct holder, time, .range = COR_MIN("2026-01-31T09:30:00+01:00")),
		"\"2026-01-31T08:30:00Z\"", NULL },
	{ COR_FIELD(struct holder, time, .range = COR_MIN("2026-01-31T09:30:00+01:00")),
		"\"2026-01-31T08:29:59.9Z\"", "must be at least 2026-01-31T09:30:00+01:00" },
};

static void ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof range_cases / sizeof range_cases[0]; i++) {
		const struct range_case *range = &range_cases[i];
		struct cor_schema schema;
		struct trial trial;
		struct holder holder;
		schema_of(&schema, &range->row);
		assert_int_equal(trial_begin(&trial, &schema), 0);
		const char *json = cor_arena_printf(
			&trial.arena, "{\"%s\":%s}", range->row.member, range->json);
		int rc = trial_decode(&trial, &schema, &holder, json);
		const char *found = rc == 0 ? "" : trial.violations.first->detail;
		if (strcmp(found, range->detail ? range->detail : "") != 0)
			fail_msg("%s: %s", json, found);
		trial_end(&trial);
	}
}

static const struct fault_case {
	struct cor_field row;
	const char *detail;
} fault_cases[] = {
	{ COR_FIELD(struct holder, i32, .range = COR_MIN("1")),
		"the bounds of a number's .range are numbers, not text" },
	{ COR_FIELD(struct holder, date, .range = COR_MIN(2026)),
		"the bounds of this .range are texts, such as those of its JSON" },
	{ COR_FIELD(struct holder, ip, .range = COR_MIN("::1")),
		".range is for numbers and times: leave it out" },
	{ COR_FIELD(struct holder, date, .range = COR_MIN("2026-02-30")),
		".range begins with \"2026-02-30\", which is not a date string" },
	{ COR_FIELD(struct holder, duration, .range = COR_MAX("P1Y")),
		".range ends with \"P1Y\", which is not a duration string" },
	{ COR_FIELD(struct holder, date, .range = COR_BETWEEN("2026-02-01", "2026-01-01")),
		"no value is inside .range: its minimum is above its maximum" },
	{ COR_FIELD(struct holder, date,
		  .range = { .min = COR_BOUND_("2026-02-01", true),
			  .max = COR_BOUND_("2026-02-01", false) }),
		"no value is inside .range: its minimum is above its maximum" },
	{ COR_FIELD(struct holder, date, .range = COR_MIN("2026-01-01"),
		  .fallback = "\"2025-01-01\""),
		".fallback \"2025-01-01\" does not fit: must be at least 2026-01-01" },
};

static void faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fault_cases / sizeof fault_cases[0]; i++) {
		struct cor_schema schema;
		struct trial trial;
		schema_of(&schema, &fault_cases[i].row);
		if (trial_begin(&trial, &schema) != -COR_ETABLE)
			fail_msg("taken: %s", fault_cases[i].detail);
		assert_string_equal(trial.why.first->detail, fault_cases[i].detail);
		trial_end(&trial);
	}
}

/* What a zeroed member means: nothing, or midnight and no time at all. */
static void zeros(void **state)
{
	static const struct cor_field rows[] = {
		COR_FIELD(struct holder, date, .presence = COR_OPTIONAL),
		COR_FIELD(struct holder, ip, .presence = COR_OPTIONAL),
		COR_FIELD(struct holder, network, .presence = COR_OPTIONAL),
		COR_FIELD(struct holder, base64, .presence = COR_OPTIONAL),
		COR_FIELD(struct holder, clock),
		COR_FIELD(struct holder, duration),
	};
	static const struct cor_field required = COR_FIELD(struct holder, ip);
	struct cor_schema schema = {
		.fields = rows, .len = 6, .size = sizeof(struct holder), .symbol = "all_schema"
	};
	struct holder holder = { .base64.bytes = { "", 0 } }, zero = { .i32 = 0 };
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema), 0);
	assert_string_equal(trial_encode(&trial, &schema, &zero),
		"{\"clock\":\"00:00:00\",\"duration\":\"PT0S\"}");
	assert_string_equal(trial_encode(&trial, &schema, &holder),
		"{\"base64\":\"\",\"clock\":\"00:00:00\",\"duration\":\"PT0S\"}");
	trial_end(&trial);
	schema_of(&schema, &required);
	assert_int_equal(trial_begin(&trial, &schema), 0);
	assert_null(trial_encode(&trial, &schema, &zero));
	trial_end(&trial);
}

static void nothing_is_written_of_what_is_none(void **state)
{
	static const struct cor_field rows[] = {
		COR_FIELD(struct holder, date),
		COR_FIELD(struct holder, clock),
		COR_FIELD(struct holder, duration),
		COR_FIELD(struct holder, network),
	};
	const struct holder wrong = {
		.date = { 2026, 2, 30 },
		.clock = { .hour = 24 },
		.duration = { -1 },
		.network = { .first = { .version = 4 }, .prefix = 33 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cor_buffer buffer = { 0 };
		struct cor_schema schema;
		struct trial trial;
		schema_of(&schema, &rows[i]);
		assert_int_equal(trial_begin(&trial, &schema), 0);
		assert_null(trial_encode(&trial, &schema, &wrong));
		assert_int_equal(cor_row_text(&rows[i], &wrong, &buffer), -COR_EINVALID);
		cor_buffer_finish(&buffer);
		trial_end(&trial);
	}
}

static void in_headers_and_copies(void **state)
{
	static const struct cor_field rows[] = {
		COR_FIELD(struct holder, date),
		COR_FIELD(struct holder, base64),
		COR_FIELD(struct holder, network),
	};
	static const struct cor_schema schema = {
		.fields = rows, .len = 3, .size = sizeof(struct holder), .symbol = "three_schema"
	};
	struct cor_buffer buffer = { 0 };
	struct holder holder, copy;
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema), 0);
	assert_int_equal(
		trial_decode(&trial, &schema, &holder,
			"{\"date\":\"2026-01-31\",\"base64\":\"AGE=\",\"network\":\"::/0\"}"),
		0);
	assert_int_equal(holder.base64.bytes.len, 2);
	assert_memory_equal(holder.base64.bytes.data, "\0a", 3);
	assert_int_equal(cor_copy_struct(&trial.arena, &schema, &holder, &copy), 0);
	assert_ptr_not_equal(copy.base64.bytes.data, holder.base64.bytes.data);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(cor_row_text(&rows[i], &copy, &buffer), 1);
	cor_buffer_byte(&buffer, '\0');
	assert_string_equal(buffer.data, "2026-01-31AGE=::/0");
	buffer.len = 0;
	memset(&holder, 0, sizeof holder);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(cor_row_text(&rows[i], &holder, &buffer), 0);
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

static void words_are_described(void **state)
{
	static const struct cor_field rows[] = {
		COR_FIELD(struct holder, date, .range = COR_MIN("2026-01-31")),
		COR_FIELD(struct holder, clock, .range = COR_BELOW("12:00")),
		COR_FIELD(struct holder, base64),
		COR_FIELD(struct holder, ip),
	};
	static const struct cor_schema schema = {
		.fields = rows, .len = 4, .size = sizeof(struct holder), .symbol = "four_schema"
	};
	struct cor_buffer buffer = { 0 };

	(void)state;
	cor_describe_object(&schema, COR_USE_WHOLE, &(struct cor_schema_names){ 0 }, &buffer);
	cor_buffer_byte(&buffer, '\0');
	assert_string_equal(buffer.data,
		"{\"type\":\"object\",\"properties\":{"
		"\"date\":{\"type\":\"string\",\"format\":\"date\",\"formatMinimum\":\"2026-01-31\"},"
		"\"clock\":{\"type\":\"string\",\"format\":\"time-local\","
		"\"formatExclusiveMaximum\":\"12:00\"},"
		"\"base64\":{\"type\":\"string\",\"contentEncoding\":\"base64\"},"
		"\"ip\":{\"type\":\"string\",\"pattern\":\"^[0-9A-Fa-f:.]{2,45}$\"}},"
		"\"required\":[\"date\",\"clock\",\"base64\",\"ip\"]}");
	cor_buffer_finish(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(faults),
		cmocka_unit_test(zeros),
		cmocka_unit_test(nothing_is_written_of_what_is_none),
		cmocka_unit_test(in_headers_and_copies),
		cmocka_unit_test(words_are_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
