/* SPDX-License-Identifier: MIT */
/* A date-time into a member; and where it is not one, what is wrong with it. */
#include <errno.h>

#include "base/compiler.h"
#include "base/timestamp.h"
#include "base/violation_texts.h"
#include "schema/value.h"

#define DATE_BYTES (sizeof "2026-01-31" - 1)

/* In a query and a form a + stands for a blank. */
static bool lost_its_plus(const struct cor_report *report, struct cor_str text)
{
	const char *end = text.data + text.len;

	if (strcmp(report->in, "query") != 0 && strcmp(report->in, "form") != 0)
		return false;
	return text.len >= sizeof "2026-01-31T09:30:00 02:00" - 1 &&
	       (text.data[DATE_BYTES] | 0x20) == 't' && end[-6] == ' ' && end[-3] == ':';
}

static COR_COLD void explain(
	const struct cor_report *report, int rc, struct cor_str text, const struct cor_step *step)
{
	if (rc == -EDOM)
		cor_report(report, step, COR_SAYS_NO_DAY, (int)DATE_BYTES, text.data);
	else if (rc == -ERANGE)
		cor_report(report, step, COR_SAYS_NO_DATE_TIME);
	else if (lost_its_plus(report, text))
		cor_report(report, step, COR_SAYS_BLANK_OFFSET);
	else
		cor_report(report, step, COR_SAYS_DATE_TIME);
}

int cor_value_time(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	struct timespec time;
	int rc = cor_timestamp_parse(text, &time);

	(void)rule;
	if (rc == 0)
		cor_member_put(at, time);
	else
		explain(report, rc, text, step);
	return 0;
}
