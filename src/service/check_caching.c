/* SPDX-License-Identifier: MIT */
/* .caching: rows that are there, and headers that the answers can have. */
#include <string.h>

#include <coracle/caching.h>

#include "http/response.h"
#include "schema/bind.h"
#include "service/check.h"

struct subject {
	const struct cor_check *check;
	const struct cor_operation *operation;
	const char *where;
};

bool cor_check_sets_cookie(const struct cor_schema *out)
{
	struct cor_rows rows;

	for (const struct cor_field *field = out ? cor_rows_first(&rows, out) : NULL; field;
		field = cor_rows_next(&rows))
		if (field->to == COR_TO_COOKIE)
			return true;
	return false;
}

/* NULL, and it is reported: there is none. `*rows` of the caller keeps it. */
static const struct cor_field *find(
	const struct subject *s, struct cor_rows *rows, const char *option, const char *key)
{
	const struct cor_schema *out = s->operation->out;

	for (const struct cor_field *field = out ? cor_rows_first(rows, out) : NULL; field;
		field = cor_rows_next(rows))
		if (strcmp(cor_row_key(field), key) == 0)
			return field;
	cor_contradict(
		s->check, s->where, ".caching: the output has no row \"%s\" for %s", key, option);
	return NULL;
}

static void check_version(const struct subject *s, const char *key)
{
	struct cor_rows rows;
	const struct cor_field *field = key ? find(s, &rows, ".version", key) : NULL;

	if (field && field->shape != COR_SHAPE_ONE)
		cor_contradict(s->check, s->where,
			".caching: .version is the row \"%s\", which is no number or text", key);
}

static void check_modified(const struct subject *s, const char *key)
{
	struct cor_rows rows;
	const struct cor_field *field = key ? find(s, &rows, ".modified", key) : NULL;

	if (field && (field->shape != COR_SHAPE_ONE || field->is_opt ||
			     field->type.kind != COR_KIND_TIMESTAMP))
		cor_contradict(s->check, s->where,
			".caching: .modified is the row \"%s\", which is no struct timespec", key);
}

void cor_check_caching(const struct cor_check *check, const struct cor_verb *verb,
	const struct cor_operation *operation, const char *where)
{
	const struct cor_caching *caching = operation->caching;
	const struct subject s = { check, operation, where };

	if (!caching)
		return;
	bool is_read = verb->method == COR_METHOD_GET;
	if (operation->stream) {
		cor_contradict(check, where,
			".caching is of typed answers: a stream uses cor_reply_header(), and "
			"cor_check_version()");
		return;
	}
	if (caching->needs_condition && is_read)
		cor_contradict(check, where,
			".caching: a GET changes nothing: leave out "
			".needs_condition");
	if ((caching->control || caching->etag) && !is_read)
		cor_contradict(check, where, ".caching: .control and .etag are of a GET");
	if (caching->etag && caching->version)
		cor_contradict(check, where, ".caching: .etag and .version: use one");
	if (caching->control && !cor_field_value_valid(cor_str(caching->control)))
		cor_contradict(check, where, ".caching: .control cannot be a header's value");
	if (caching->control && strstr(caching->control, "public") &&
		cor_check_sets_cookie(operation->out))
		cor_contradict(check, where,
			".caching: .control is public, and the output sets a cookie, which caches would give to everybody: say private, or leave the row out");
	check_version(&s, caching->version);
	check_modified(&s, caching->modified);
}
