/* SPDX-License-Identifier: MIT */
/* Headers of HTTP-dates (RFC 9110 section 5.6.7): read, written, described, and what is refused. */
#include "schema/describe.h"

#include "trial.h"

struct dates {
	cor_opt(struct timespec) since;
	struct timespec expires;
	struct timespec query;
	struct timespec modified;
	cor_array(struct timespec) list;
};
static const struct cor_field date_fields[] = {
	COR_OPT_FIELD(struct dates, since, .from = COR_FROM_HEADER, .key = "If-Modified-Since"),
	COR_FIELD(struct dates, expires, .from = COR_FROM_HEADER, .key = "expires"),
	COR_FIELD(struct dates, query, .from = COR_FROM_QUERY, .key = "Sunset"),
	COR_FIELD(struct dates, modified, .to = COR_TO_HEADER, .key = "Last-Modified",
		.access = COR_READ_ONLY),
};
COR_LOCAL_SCHEMA(date_schema, struct dates, date_fields);

#define WHEN 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */

static int bind(struct trial *trial, enum cor_from source, const struct cor_bind_pair *pairs,
	size_t len, struct dates *ret)
{
	*ret = (struct dates){ 0 };
	trial->violations = (struct cor_violations){ 0 };
	return cor_bind(trial->codec, &trial->arena, &date_schema.schema, source, COR_FROM_QUERY,
		pairs, len, ret, &trial->violations);
}

static void all_three_forms_are_read(void **state)
{
	static const char *const texts[] = { "Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994" };
	struct dates dates;
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &date_schema.schema), 0);
	for (size_t i = 0; i < 3; i++) {
		const struct cor_bind_pair pairs[] = { { COR_STR("if-modified-since"),
							       cor_str(texts[i]) },
			{ COR_STR("Expires"), cor_str(texts[i]) } };
		assert_int_equal(bind(&trial, COR_FROM_HEADER, pairs, 2, &dates), 0);
		assert_int_equal(dates.since.state, COR_SET);
		assert_int_equal(dates.since.value.tv_sec, WHEN);
		assert_int_equal(dates.expires.tv_sec, WHEN);
		assert_int_equal(dates.expires.tv_nsec, 0);
	}
	trial_end(&trial);
}

/* RFC 9110 section 13.1.3. Other headers have no such rule, and a query is not a header. */
static void what_is_not_a_date(void **state)
{
	static const char no_date[] =
		"must be a date such as Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110 section 5.6.7)";
	const struct cor_str date = COR_STR("Sun, 06 Nov 1994 08:49:37 GMT"),
			     other = COR_STR("2026-01-31T09:30:00Z");
	const struct cor_bind_pair ignored[] = { { COR_STR("Expires"), date },
		{ COR_STR("If-Modified-Since"), other } };
	const struct cor_bind_pair twice[] = { { COR_STR("If-Modified-Since"), date },
		{ COR_STR("Expires"), date }, { COR_STR("if-modified-since"), date } };
	const struct cor_bind_pair wrong = { COR_STR("Expires"), other };
	const struct cor_bind_pair query = { COR_STR("Sunset"), other };
	struct dates dates;
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &date_schema.schema), 0);
	assert_int_equal(bind(&trial, COR_FROM_HEADER, ignored, 2, &dates), 0);
	assert_int_equal(dates.since.state, COR_ABSENT);
	assert_int_equal(bind(&trial, COR_FROM_HEADER, twice, 3, &dates), 0);
	assert_int_equal(dates.since.state, COR_ABSENT);
	assert_int_equal(bind(&trial, COR_FROM_HEADER, &wrong, 1, &dates), -COR_EINVALID);
	assert_string_equal(trial.violations.first->where, "expires");
	assert_string_equal(trial.violations.first->detail, no_date);
	assert_int_equal(bind(&trial, COR_FROM_QUERY, &query, 1, &dates), 0);
	trial_end(&trial);
}

static void one_is_written(void **state)
{
	struct dates dates = { .modified = { WHEN, 999999999 } };
	struct cor_buffer buffer = { 0 };

	(void)state;
	assert_int_equal(cor_row_text(&date_fields[3], &dates, &buffer), 1);
	assert_int_equal(buffer.len, 29);
	assert_memory_equal(buffer.data, "Sun, 06 Nov 1994 08:49:37 GMT", 29);
	dates.modified.tv_sec = INT64_C(300000000000);
	assert_int_equal(cor_row_text(&date_fields[3], &dates, &buffer), -COR_EINVALID);
	cor_buffer_finish(&buffer);
}

static bool says_date(const struct cor_field *field, enum cor_use use)
{
	struct cor_schema_names names = { 0 };
	struct cor_buffer buffer = { 0 };

	cor_describe_row(field, use, COR_DESCRIBE_PARAMETER, &names, &buffer);
	cor_buffer_byte(&buffer, '\0');
	assert_int_equal(cor_buffer_error(&buffer), 0);
	bool is_date = strstr(buffer.data, "HTTP-date") != NULL;
	assert_int_equal(strstr(buffer.data, "date-time") != NULL, !is_date);
	cor_buffer_finish(&buffer);
	return is_date;
}

static void the_document_says_so(void **state)
{
	(void)state;
	assert_true(says_date(&date_fields[0], COR_USE_REQUEST));
	assert_true(says_date(&date_fields[1], COR_USE_REQUEST));
	assert_false(says_date(&date_fields[2], COR_USE_REQUEST));
	assert_true(says_date(&date_fields[3], COR_USE_ANSWER));
}

static void what_does_not_fit_is_refused(void **state)
{
	static const struct cor_field fields[] = {
		COR_ARRAY(struct dates, list, .from = COR_FROM_HEADER, .key = "If-Modified-Since"),
		COR_FIELD(struct dates, expires, .from = COR_FROM_HEADER, .key = "Expires",
			.fallback = "\"2026-01-31T09:30:00Z\""),
	};
	COR_LOCAL_SCHEMA(schema, struct dates, fields);
	struct trial trial;

	(void)state;
	assert_int_equal(trial_begin(&trial, &schema.schema), -COR_ETABLE);
	const char *report = trial_report(&trial, &trial.why);
	assert_non_null(strstr(report, "If-Modified-Since holds one date"));
	assert_non_null(strstr(report, "Expires holds an HTTP-date: leave .fallback"));
	trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_three_forms_are_read),
		cmocka_unit_test(what_is_not_a_date),
		cmocka_unit_test(one_is_written),
		cmocka_unit_test(the_document_says_so),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
