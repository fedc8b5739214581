/* SPDX-License-Identifier: MIT */
/**
 * Headers that hold an HTTP-date (RFC 9110 section 5.6.7): a struct timespec row of such a name
 * speaks that, not RFC 3339. Private to the schema folder.
 */
#ifndef CORACLE_SCHEMA_HTTP_DATE_H
#define CORACLE_SCHEMA_HTTP_DATE_H

#include "schema/decode.h"
#include "schema/value.h"

/** Whether the row is one as requests take it from a header, or answers put it into one. */
bool cor_row_is_http_date(const struct cor_field *field, enum cor_use use);

/**
 * Whether RFC 9110 sections 13.1.3 and 13.1.4 have the header ignored where it is not one date, and
 * the row can be absent.
 */
bool cor_http_date_may_be_ignored(const struct cor_field *field);

/** Whether the text is one, in any of the three forms; a year of two digits is of 1970 to 2069. */
bool cor_http_date_is(struct cor_str text);

/** Read one into a member, or report. */
void cor_http_date_store(const struct cor_report *report, void *at, struct cor_str text,
	const struct cor_step *step);

/** Append one in its preferred form, without the fraction: 1, or -COR_EINVALID; see bind.h. */
int cor_http_date_print(const void *at, struct cor_buffer *buffer);

#endif
