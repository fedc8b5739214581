/* SPDX-License-Identifier: MIT */
/* What two rows of a table, embedded ones among them, may not say together. */
#include "schema/compile.h"

#include <string.h>
#include <strings.h>

#include "schema/walk.h"

static bool is_header(const struct cor_field *field)
{
	return field->from == COR_FROM_HEADER || field->to == COR_TO_HEADER;
}

/*
 * Two rows may be of one member where one is sent and the other answered, or where a header says
 * what the body has.
 */
static bool may_share(const struct cor_field *first, const struct cor_field *second)
{
	bool one_way = first->access != COR_READ_WRITE && second->access != COR_READ_WRITE &&
		       first->access != second->access;
	bool is_said_twice = (first->to == COR_TO_BODY) != (second->to == COR_TO_BODY);

	return one_way || is_said_twice || second->is_envelope || first->computed ||
	       second->computed;
}

static bool is_cookie(const struct cor_field *field)
{
	return field->from == COR_FROM_COOKIE || field->to == COR_TO_COOKIE;
}

/* A cookie or a header has its name from elsewhere: a .key would give it another. */
static const char *way_out(const struct cor_field *first, const struct cor_field *second)
{
	if (is_cookie(first) != is_cookie(second))
		return "give the other one a .key, or the cookie no row: cor_cookie_get() and cor_cookie_set() need none";
	if (is_header(first) != is_header(second))
		return "give the other one a .key, or the header no row: cor_request_header() and cor_reply_header() need none";
	return "give one of them a .key";
}

static void check_pair(const struct cor_table_report *report, const struct cor_schema *schema,
	const struct cor_field *first, const struct cor_field *second)
{
	if (!first->member || !second->member)
		return; /* reported already */
	const char *key = cor_row_key(first), *other = cor_row_key(second);
	if (first->offset == second->offset && !may_share(first, second)) {
		cor_table_wrong(report, schema, second,
			"the member is row \"%s\"'s already: name another, or make one of them COR_READ_ONLY and the other COR_WRITE_ONLY",
			key);
		return;
	}
	if (first->rest && second->rest)
		cor_table_wrong(report, schema, second,
			"row \"%s\" takes the rest already: leave one .rest out", key);
	if (first->rest || second->rest)
		return; /* that key is not in the JSON */
	bool same = strcmp(key, other) == 0;
	bool same_header = is_header(first) && is_header(second) && strcasecmp(key, other) == 0;
	if (same || same_header)
		cor_table_wrong(report, schema, second, "the key \"%s\" is row %s's already: %s",
			other, first->member, way_out(first, second));
}

/*
 * A row against those before it. Two that came by one row were compared when the inner table was.
 */
static void check_against(const struct cor_table_report *report, const struct cor_schema *schema,
	const struct cor_rows *rows, const struct cor_field *second, size_t before)
{
	struct cor_rows others;
	const struct cor_field *first = cor_rows_first(&others, schema);

	for (size_t i = 0; i < before; i++, first = cor_rows_next(&others))
		if (others.own != rows->own)
			check_pair(report, schema, first, second);
}

void cor_table_check_pairs(const struct cor_table_report *report, const struct cor_schema *schema)
{
	struct cor_rows rows;
	size_t before = 0;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows))
		check_against(report, schema, &rows, field, before++);
}
