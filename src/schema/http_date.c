/* SPDX-License-Identifier: MIT */
#include "schema/http_date.h"

#include <strings.h>

#include <coracle/error.h>

#include "base/date.h"
#include "base/timestamp.h"
#include "base/violation_texts.h"
#include "schema/bind.h"
#include "schema/describe.h"

/* 2019: there is no clock here, and years of two digits are those up to 50 years after it. */
#define NOW_S INT64_C(1577836799)

static bool is_among(const char *const *names, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool is_date_header(const char *name)
{
	static const char *const names[] = {
		"Date", "Expires", "If-Modified-Since", "If-Unmodified-Since", "Last-Modified",
		"Retry-After", "Sunset", /* RFC 8594 */
	};

	return is_among(names, sizeof names / sizeof names[0], name);
}

bool cor_row_is_http_date(const struct cor_field *field, enum cor_use use)
{
	bool is_header = use == COR_USE_REQUEST ? field->from == COR_FROM_HEADER
						: field->to == COR_TO_HEADER;

	return is_header && field->type.kind == COR_KIND_TIMESTAMP &&
	       is_date_header(cor_row_key(field));
}

bool cor_http_date_may_be_ignored(const struct cor_field *field)
{
	static const char *const names[] = { "If-Modified-Since", "If-Unmodified-Since" };

	return !cor_row_is_required(field) &&
	       is_among(names, sizeof names / sizeof names[0], cor_row_key(field));
}

static int read_date(struct cor_str text, struct timespec *ret)
{
	int64_t unix_s;
	int rc = cor_imf_date_parse(text, NOW_S, &unix_s);

	if (rc == 0)
		*ret = (struct timespec){ .tv_sec = (time_t)unix_s };
	return rc;
}

bool cor_http_date_is(struct cor_str text)
{
	struct timespec time;

	return read_date(text, &time) == 0;
}

void cor_http_date_store(
	const struct cor_report *report, void *at, struct cor_str text, const struct cor_step *step)
{
	struct timespec time;

	if (read_date(text, &time) == 0)
		cor_member_put(at, time);
	else
		cor_report(report, step, COR_SAYS_HTTP_DATE);
}

int cor_http_date_print(const void *at, struct cor_buffer *buffer)
{
	char date[COR_IMF_DATE_BYTES], other[COR_TIMESTAMP_BYTES];
	struct timespec time;

	cor_member_get(at, &time);
	if (cor_timestamp_print(&time, other) == 0)
		return -COR_EINVALID; /* a year that has no four digits */
	cor_imf_date_format(date, time.tv_sec);
	cor_buffer_append(buffer, date, sizeof date);
	return 1;
}
