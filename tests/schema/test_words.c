/* SPDX-License-Identifier: MIT */
/* Times, addresses, decimals and bytes: ranges in texts, nothing, headers, copies. */
#include "schema/describe.h"
#include "schema/walk.h"
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
	struct cor_decimal_number price;
	cor_array(struct cor_decimal_number) prices;
	int64_t i64;
	uint64_t u64;
	cor_array(int64_t) ids;
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

/* Decimals, and numbers in another form than the usual one. */
static const struct range_case number_cases[] = {
	{ COR_FIELD(struct holder, price, .range = COR_MIN("0.01")), "\"0.010\"", NULL },
	{ COR_FIELD(struct holder, price, .range = COR_MIN("0.01")), "\"0.009999\"",
		"must be at least 0.01" },
	{ COR_FIELD(struct holder, price, .range = COR_BELOW("1e3")), "\"1000.00\"",
		"must be less than 1e3" },
	{ COR_FIELD(struct holder, price, .multiple_of = 0.01), "\"999999999999999.99\"", NULL },
	{ COR_FIELD(struct holder, price, .multiple_of = 0.01), "\"-19.900\"", NULL },
	{ COR_FIELD(struct holder, price, .multiple_of = 0.01), "\"19.905\"",
		"must be a multiple of 0.01" },
	{ COR_FIELD(struct holder, price, .multiple_of = 0.01), "\"1234567890123456\"", NULL },
	{ COR_FIELD(struct holder, price, .multiple_of = 0.01), "\"12345678901234567\"",
		"must have at most 18 digits, and 2 behind the point" },
	{ COR_FIELD(struct holder, price, .multiple_of = 0.01), "\"1.005e1\"", NULL },
	{ COR_FIELD(struct holder, price, .constant = "\"1.50\""), "\"1.5\"", NULL },
	{ COR_FIELD(struct holder, price, .constant = "\"1.50\""), "\"1.51\"", "must be \"1.50\"" },
	{ COR_ARRAY(struct holder, prices, .unique_items = true), "[\"1.5\",\"2\",\"1.50\"]",
		"must not repeat an item: 0 and 2 are equal" },
	{ COR_FIELD(struct holder, base64, .min_length = 2), "\"AGE=\"", NULL },
	{ COR_FIELD(struct holder, base64, .min_length = 2), "\"AA==\"",
		"must be at least 2 bytes" },
	{ COR_FIELD(struct holder, base64, .max_length = 1), "\"AA==\"", NULL },
	{ COR_FIELD(struct holder, base64, .max_length = 1), "\"AGE=\"", "must be at most 1 byte" },
	{ COR_FIELD(struct holder, price), "19.90", "must be a decimal string, not a number" },
	{ COR_FIELD(struct holder, price, .as = COR_AS_NUMBER), "19.90", NULL },
	{ COR_FIELD(struct holder, price, .as = COR_AS_NUMBER), "\"19.90\"",
		"must be a number, not a string" },
	{ COR_FIELD(struct holder, price, .as = COR_AS_NUMBER, .range = COR_MIN("20")), "19.90",
		"must be at least 20" },
	{ COR_ARRAY(struct holder, prices, .as = COR_AS_NUMBER), "[1,2.50,1234567890123456789]",
		"must have at most 18 digits, and 18 behind the point" },
	{ COR_FIELD(struct holder, i64, .as = COR_AS_TEXT), "\"-9223372036854775808\"", NULL },
	{ COR_FIELD(struct holder, i64, .as = COR_AS_TEXT), "\"9223372036854775808\"",
		"must be at most 9223372036854775807" },
	{ COR_FIELD(struct holder, i64, .as = COR_AS_TEXT), "5",
		"must be an integer in a string, not a number" },
	{ COR_FIELD(struct holder, i64, .as = COR_AS_TEXT), "\"\"",
		"must be an integer in a string" },
	{ COR_FIELD(struct holder, i64, .as = COR_AS_TEXT), "\"05\"",
		"must be an integer in a string" },
	{ COR_FIELD(struct holder, i64, .as = COR_AS_TEXT), "\"1e1\"",
		"must be an integer in a string" },
	{ COR_FIELD(struct holder, i64, .as = COR_AS_TEXT), "\"1.0\"",
		"must be an integer in a string" },
	{ COR_FIELD(struct holder, i64, .as = COR_AS_TEXT), "\"-0\"", NULL },
	{ COR_FIELD(struct holder, u64, .as = COR_AS_TEXT), "\"-0\"",
		"must be an integer in a string" },
	{ COR_FIELD(struct holder, u64, .as = COR_AS_TEXT, .range = COR_MIN(2)), "\"1\"",
		"must be at least 2" },
	{ COR_FIELD(struct holder, u64, .as = COR_AS_TEXT, .multiple_of = 2), "\"3\"",
		"must be a multiple of 2" },
	{ COR_ARRAY(struct holder, ids, .as = COR_AS_TEXT), "[\"1\",2]",
		"must be an integer in a string, not a number" },
};

static void check_range_case(const struct range_case *range)
{
	struct cor_schema schema;
	struct trial trial;
	struct holder holder;

	schema_of(&schema, &range->row);
	if (trial_begin(&trial, &schema) != 0)
		fail_msg("%s: %s", range->json, trial.why.first->detail);
	const char *json = cor_arena_printf(
		&trial.arena, "{\"%s\":%s}", range->row.member, range->json);
	int rc = trial_decode(&trial, &schema, &holder, json);
	const char *found = rc == 0 ? "" : trial.violations.first->detail;
	if (strcmp(found, range->detail ? range->detail : "") != 0)
		fail_msg("%s: %s", json, found);
	trial_end(&trial);
}

/* Each is read with the scale of the step, whatever zeros a client has written. */
static void scales(void **state)
{
	static const struct cor_field rows[] = {
		COR_FIELD(struct holder, price, .multiple_of = 0.01),
		COR_FIELD(struct holder, price, .multiple_of = 25),
		COR_FIELD(struct holder, price, .multiple_of = 1e-30),
		COR_FIELD(struct holder, price),
	};
	static const struct {
		size_t row;
		const char *text;
		int64_t unscaled;
		uint8_t scale;
	} cases[] = {
		{ 0, "9999.99000000000000", 999999, 2 },
		{ 0, "5", 500, 2 },
		{ 0, "-1e3", -100000, 2 },
		{ 0, "0.000", 0, 2 },
		{ 1, "75.00", 75, 0 },
		{ 2, "5.0", 50, 1 },
		{ 3, "5.000", 5000, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cor_schema schema;
		struct trial trial;
		struct holder holder;
		schema_of(&schema, &rows[cases[i].row]);
		assert_int_equal(trial_begin(&trial, &schema), 0);
		const char *json = cor_arena_printf(
			&trial.arena, "{\"price\":\"%s\"}", cases[i].text);
		assert_int_equal(trial_decode(&trial, &schema, &holder, json), 0);
		assert_int_equal(holder.price.unscaled, cases[i].unscaled);
		assert_int_equal(holder.price.scale, cases[i].scale);
		trial_end(&trial);
	}
}

static void numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof number_cases / sizeof number_cases[0]; i++)
		check_range_case(&number_cases[i]);
}

/* There and back in both forms, as JSON, in a query and in a header. */
static void forms(void **state)
{
	static const struct cor_field rows[] = {
		COR_FIELD(struct holder, price, .as = COR_AS_NUMBER, .range = COR_MIN("0")),
		COR_ARRAY(struct holder, prices, .fallback = "[\"0.10\"]"),
		COR_FIELD(struct holder, i64, .as = COR_AS_TEXT, .range = COR_MIN(0)),
		COR_FIELD(struct holder, u64, .as = COR_AS_TEXT, .multiple_of = 5),
	};
	static const struct cor_schema schema = {
		.fields = rows, .len = 4, .size = sizeof(struct holder), .symbol = "four_schema"
	};
	struct cor_buffer buffer = { 0 };
	struct cor_rows walk;
	struct trial trial;
	struct holder holder;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema), 0);
	assert_int_equal(
		trial_decode(&trial, &schema, &holder,
			"{\"price\": 19.90,\"i64\":\"5\",\"u64\":\"18446744073709551615\"}"),
		0);
	assert_string_equal(trial_encode(&trial, &schema, &holder),
		"{\"price\":19.90,\"prices\":[\"0.10\"],\"i64\":\"5\",\"u64\":\"18446744073709551615\"}");
	for (const struct cor_field *row = cor_rows_first(&walk, &schema); row;
		row = cor_rows_next(&walk))
		if (row->shape == COR_SHAPE_ONE) {
			assert_int_equal(cor_row_text(row, &holder, &buffer), 1);
			cor_buffer_byte(&buffer, ' ');
		}
	cor_buffer_byte(&buffer, '\0');
	assert_string_equal(buffer.data, "19.90 5 18446744073709551615 ");
	buffer.len = 0;
	cor_describe_object(&schema, COR_USE_WHOLE, &(struct cor_schema_names){ 0 }, &buffer);
	cor_buffer_byte(&buffer, '\0');
	assert_non_null(strstr(buffer.data,
		"\"price\":{\"type\":\"number\",\"format\":\"decimal\",\"minimum\":0}"));
	assert_non_null(strstr(buffer.data,
		"\"i64\":{\"type\":\"string\",\"format\":\"int64\",\"pattern\":\"^-?(0|[1-9][0-9]*)$\","
		"\"x-minimum\":0}"));
	assert_non_null(strstr(buffer.data,
		"\"u64\":{\"type\":\"string\",\"format\":\"uint64\",\"pattern\":\"^(0|[1-9][0-9]*)$\","
		"\"x-multipleOf\":5}"));
	cor_buffer_finish(&buffer);
	assert_int_equal(trial_bind(&trial, &schema, &holder, "i64", "7"), -COR_EINVALID);
	assert_int_equal(holder.i64, 7);
	assert_int_equal(trial_bind(&trial, &schema, &holder, "price", "7.50"), -COR_EINVALID);
	assert_int_equal(holder.price.unscaled, 750);
	trial_end(&trial);
}

static void ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof range_cases / sizeof range_cases[0]; i++)
		check_range_case(&range_cases[i]);
}

static const struct fault_case {
	struct cor_field row;
	const char *detail;
} fault_cases[] = {
	{ COR_FIELD(struct holder, i32, .range = COR_MIN("1")),
		"the bounds of a number's .range are numbers, not text" },
	{ COR_FIELD(struct holder, i32, .as = COR_AS_TEXT),
		".as is COR_AS_TEXT for 64-bit integers and COR_AS_NUMBER for decimals: leave it out" },
	{ COR_FIELD(struct holder, i64, .as = COR_AS_NUMBER),
		".as is COR_AS_TEXT for 64-bit integers and COR_AS_NUMBER for decimals: leave it out" },
	{ COR_FIELD(struct holder, price, .range = COR_MIN(1)),
		"the bounds of this .range are texts, each a decimal string: \"1\", not 1" },
	{ COR_FIELD(struct holder, price, .range = COR_BETWEEN("0", 9.5)),
		"the bounds of this .range are texts, each a decimal string: \"9.5\", not 9.5" },
	{ COR_FIELD(struct holder, price, .range = COR_MIN("1,5")),
		".range begins with \"1,5\", which is not a decimal string" },
	{ COR_FIELD(struct holder, date, .range = COR_MIN(2026)),
		"the bounds of this .range are texts, each a date string in quotes" },
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
		COR_FIELD(struct holder, base64, .min_length = 2, .max_length = 4),
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
		"\"base64\":{\"type\":\"string\",\"contentEncoding\":\"base64\","
		"\"minLength\":4,\"maxLength\":8},"
		"\"ip\":{\"type\":\"string\",\"pattern\":\"^[0-9A-Fa-f:.]{2,45}$\"}},"
		"\"required\":[\"date\",\"clock\",\"base64\",\"ip\"]}");
	cor_buffer_finish(&buffer);
}

static const struct cor_enum_name right_names[] = {
	{ "read", 1 },
	{ "write", 6 },
	{ "own", 1U << 31 },
};
enum bits { BIT_READ = 1, BIT_OWN = 4 };
static const struct cor_enum_name bit_names[] = { { "read", BIT_READ }, { "own", BIT_OWN } };

struct grant {
	uint32_t rights;
	enum bits bits;
	cor_opt(uint32_t) more;
};

static const struct flags_case {
	const char *json, *detail;
} flags_cases[] = {
	{ "[]", NULL },
	{ " [ \"own\" , \"read\" ] ", NULL },
	{ "[\"write\",\"write\"]", "/rights/1: repeats write" },
	{ "[\"read\",\"fly\"]", "/rights/1: must be one of: read, write, own" },
	{ "[1]", "/rights/0: must be a string, not a number" },
	{ "\"read\"", "/rights: must be an array of names, not a string" },
};

static void sets_of_names(void **state)
{
	static const struct cor_field rows[] = {
		COR_FLAGS(struct grant, rights, right_names),
		COR_FLAGS(struct grant, bits, bit_names, .fallback = "[\"own\"]"),
		COR_OPT_FLAGS(struct grant, more, right_names, .presence = COR_NULLABLE),
	};
	static const struct cor_schema schema = {
		.fields = rows, .len = 3, .size = sizeof(struct grant), .symbol = "grant_schema"
	};
	struct cor_buffer buffer = { 0 };
	struct grant grant;
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema), 0);
	for (size_t i = 0; i < sizeof flags_cases / sizeof flags_cases[0]; i++) {
		const struct flags_case *flags = &flags_cases[i];
		int rc = trial_decode(&trial, &schema, &grant,
			cor_arena_printf(&trial.arena, "{\"rights\":%s}", flags->json));
		const struct cor_violation *found = trial.violations.first;
		assert_int_equal(rc, flags->detail ? -COR_EINVALID : 0);
		if (found)
			assert_string_equal(cor_arena_printf(&trial.arena, "%s: %s", found->where,
						    found->detail),
				flags->detail);
	}
	assert_int_equal(trial_decode(&trial, &schema, &grant,
				 "{\"rights\":[\"own\",\"write\"],\"more\":[]}"),
		0);
	assert_int_equal(grant.rights, 0x80000006);
	assert_int_equal(grant.bits, BIT_OWN);
	assert_string_equal(trial_encode(&trial, &schema, &grant),
		"{\"rights\":[\"write\",\"own\"],\"bits\":[\"own\"],\"more\":[]}");
	grant.rights = 2; /* half of write */
	assert_null(trial_encode(&trial, &schema, &grant));
	cor_describe_object(&schema, COR_USE_WHOLE, &(struct cor_schema_names){ 0 }, &buffer);
	cor_buffer_byte(&buffer, '\0');
	assert_non_null(strstr(buffer.data,
		"\"bits\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"read\",\"own\"]},"
		"\"uniqueItems\":true,\"default\":[\"own\"]}"));
	cor_buffer_finish(&buffer);
	trial_end(&trial);
}

static int bind_rights(struct trial *trial, enum cor_from source, const char *first,
	const char *second, struct grant *ret)
{
	static const struct cor_field rows[] = { COR_FLAGS(struct grant, rights, right_names) };
	static const struct cor_schema schema = {
		.fields = rows, .len = 1, .size = sizeof(struct grant), .symbol = "grant_schema"
	};
	const struct cor_bind_pair pairs[] = {
		{ COR_STR("rights"), cor_str(first) },
		{ COR_STR("rights"), cor_str(second) },
	};

	assert_int_equal(trial_begin(trial, &schema), 0);
	memset(ret, 0, sizeof *ret);
	int rc = cor_bind(trial->codec, &trial->arena, &schema, source, source, pairs,
		second ? 2 : 1, ret, &trial->violations);
	trial_end(trial);
	return rc;
}

static void sets_in_parameters(void **state)
{
	struct trial trial;
	struct grant grant;

	(void)state;
	assert_int_equal(bind_rights(&trial, COR_FROM_QUERY, "own", "read", &grant), 0);
	assert_int_equal(grant.rights, 0x80000001);
	assert_int_equal(bind_rights(&trial, COR_FROM_HEADER, "own, write,", "read", &grant), 0);
	assert_int_equal(grant.rights, 0x80000007);
	assert_int_equal(bind_rights(&trial, COR_FROM_BODY, "", "own", &grant), 0);
	assert_int_equal(grant.rights, 0x80000000);
	assert_int_equal(bind_rights(&trial, COR_FROM_QUERY, "own", "own", &grant), -COR_EINVALID);
	assert_int_equal(
		bind_rights(&trial, COR_FROM_QUERY, "own,read", NULL, &grant), -COR_EINVALID);
}

static void flags_have_bits_of_their_own(void **state)
{
	static const struct cor_enum_name none[] = { { "read", 1 }, { "none", 0 } };
	static const struct cor_enum_name both[] = { { "read", 1 }, { "all", 3 } };
	static const struct fault_case cases[] = {
		{ COR_FLAGS(struct grant, rights, none),
			"\"none\" has no bits of its own among the flags: give it some" },
		{ COR_FLAGS(struct grant, rights, both),
			"\"all\" has no bits of its own among the flags: give it some" },
		{ COR_FLAGS(struct grant, rights, right_names, .from = COR_FROM_PATH),
			"a path parameter must be a scalar" },
		{ COR_FLAGS(struct grant, rights, right_names, .to = COR_TO_HEADER),
			"only a scalar goes to a header" },
		{ COR_FLAGS(struct grant, rights, right_names, .constant = "[]"),
			".constant is for a scalar that is no array and no cor_opt" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cor_schema schema;
		struct trial trial;
		schema_of(&schema, &cases[i].row);
		schema.size = sizeof(struct grant);
		assert_int_equal(trial_begin(&trial, &schema), -COR_ETABLE);
		assert_string_equal(trial.why.first->detail, cases[i].detail);
		trial_end(&trial);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(numbers),
		cmocka_unit_test(scales),
		cmocka_unit_test(forms),
		cmocka_unit_test(faults),
		cmocka_unit_test(zeros),
		cmocka_unit_test(nothing_is_written_of_what_is_none),
		cmocka_unit_test(in_headers_and_copies),
		cmocka_unit_test(words_are_described),
		cmocka_unit_test(sets_of_names),
		cmocka_unit_test(sets_in_parameters),
		cmocka_unit_test(flags_have_bits_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
