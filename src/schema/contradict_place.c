/* SPDX-License-Identifier: MIT */
/* What a row may not say of its place: path, query, header or body, and whether it is there. */
#include <string.h>

#include <coracle/computed.h>

#include "schema/bind.h"
#include "schema/contradict.h"
#include "schema/describe.h"
#include "schema/http_date.h"
#include "schema/walk.h"

static void check_source(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;

	if (field->from == COR_FROM_DEFAULT || field->from == COR_FROM_BODY)
		return;
	if (!cor_row_is_textual(field))
		wrong(check,
			"only scalars and arrays of scalars come from a path, query or header");
	if (field->presence & COR_NULLABLE)
		wrong(check,
			"a path, query, header or cookie cannot be null: leave COR_NULLABLE out");
	if (field->from != COR_FROM_PATH)
		return;
	if (cor_row_check_is_array(check) || cor_row_is_set(field))
		wrong(check, "a path parameter must be a scalar");
	if (!cor_row_is_required(field))
		wrong(check,
			"a path parameter is always there: leave COR_OPTIONAL, .fallback and cor_opt out");
}

bool cor_row_is_header_name(const char *key)
{
	static const char specials[] = "!#$%&'*+-.^_`|~";

	for (; *key; key++) {
		bool alpha = (*key >= 'a' && *key <= 'z') || (*key >= 'A' && *key <= 'Z');
		if (!alpha && !(*key >= '0' && *key <= '9') && !strchr(specials, *key))
			return false;
	}
	return true;
}

static void check_header(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;
	bool is_output = field->to == COR_TO_HEADER;

	if (!is_output && field->from != COR_FROM_HEADER)
		return;
	if (!cor_row_is_header_name(cor_row_key(field)))
		wrong(check,
			"\"%s\" cannot be a header's name (RFC 9110 section 5.6.2): give it a .key",
			cor_row_key(field));
	if (is_output && (cor_row_check_is_array(check) || !cor_kind_is_scalar(check->kind)))
		wrong(check, "only a scalar goes to a header");
}

static void check_cookie(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;
	bool is_output = field->to == COR_TO_COOKIE;

	if (!is_output && field->from != COR_FROM_COOKIE) {
		if (field->cookie)
			wrong(check,
				".cookie is for rows of cookies: say .to = COR_TO_COOKIE or .from = COR_FROM_COOKIE, or leave it out");
		return;
	}
	if (!cor_row_is_header_name(cor_row_key(field)))
		wrong(check,
			"\"%s\" cannot be a cookie's name (RFC 6265 section 4.1.1): give it a .key",
			cor_row_key(field));
	if (cor_row_check_is_array(check) || cor_row_is_set(field) ||
		!cor_kind_is_scalar(check->kind))
		wrong(check, "a cookie holds one scalar");
}

static void check_http_date(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;

	if (!cor_row_is_http_date(field, COR_USE_REQUEST) &&
		!cor_row_is_http_date(field, COR_USE_ANSWER))
		return;
	if (cor_row_check_is_array(check))
		wrong(check, "the header %s holds one date: leave the array out",
			cor_row_key(field));
	if (field->fallback || field->example)
		wrong(check, "the header %s holds an HTTP-date: leave .fallback and .example out",
			cor_row_key(field));
}

static void check_access(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;

	if (field->access == COR_READ_ONLY && field->from != COR_FROM_DEFAULT)
		wrong(check, "COR_READ_ONLY rows are not in requests: leave .from out");
	if (field->access == COR_WRITE_ONLY && field->to != COR_TO_BODY)
		wrong(check, "COR_WRITE_ONLY rows are not in answers: leave .to out");
}

/* Whether a row is in the body of a request or of an answer. */
static bool stands_in_a_body(const struct cor_field *field)
{
	bool is_parameter = field->from != COR_FROM_DEFAULT && field->from != COR_FROM_BODY;

	return !is_parameter && field->to == COR_TO_BODY;
}

/* No array between: a value would have to be itself. */
static bool is_its_own_value(const struct cor_field *bare)
{
	const struct cor_field *inner = bare;

	for (unsigned levels = 0; inner && inner->shape == COR_SHAPE_ONE; levels++) {
		if (levels == COR_EMBED_DEPTH_MAX)
			return true;
		inner = cor_kind_has_schema(inner->type.kind)
				? cor_schema_bare_row(inner->type.schema)
				: NULL;
	}
	return false;
}

static void check_alone(const struct cor_row_check *check)
{
	const struct cor_schema *schema = check->schema;

	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_field *other = &schema->fields[i];
		if (other == check->row || !stands_in_a_body(other))
			continue;
		wrong(check,
			".bare rows stand alone, but row %s is in the body, too: leave one of them out, or .bare",
			other->member ? other->member : "?");
		return;
	}
}

static void check_bare(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;

	if (!field->bare)
		return;
	check_alone(check);
	if (field->key)
		wrong(check, ".bare rows have no key: leave .key out");
	if ((field->presence & COR_OPTIONAL) || field->fallback)
		wrong(check, ".bare rows are always there: leave COR_OPTIONAL and .fallback out");
	if (field->access != COR_READ_WRITE || !stands_in_a_body(field))
		wrong(check, ".bare rows are a whole body: leave .access, .from and .to out");
	if (field->is_opt && !(field->presence & COR_NULLABLE))
		wrong(check,
			".bare rows are always there: use the value without its cor_opt, or COR_NULLABLE");
	if (is_its_own_value(field))
		wrong(check,
			".bare rows cannot be of a type that comes back to itself: put an array or a row with a key between");
}

/* A form has one level. */
static void check_file(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;

	if (check->kind != COR_KIND_UPLOAD)
		return;
	if (field->bare)
		wrong(check, "is a file, which has a name in its form: leave .bare out");
	if (field->access == COR_READ_ONLY || field->to != COR_TO_BODY)
		wrong(check,
			"is a file, which comes in a form and is never answered: leave .access and .to out, or use COR_WRITE_ONLY");
}

static void check_rest(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;

	if (!field->rest)
		return;
	if (field->shape != COR_SHAPE_DICT)
		wrong(check, "only a cor_dict can take the rest: use COR_DICT, or leave .rest out");
	if (field->bare || field->key || field->presence || field->fallback || field->when ||
		field->omit || field->min_items || field->example ||
		field->access != COR_READ_WRITE ||
		(field->from != COR_FROM_DEFAULT && field->from != COR_FROM_BODY) ||
		field->to != COR_TO_BODY)
		wrong(check,
			"a .rest has no place of its own: leave .bare, .key, .presence, .fallback, .when, .omit, .min_items, .example, .access, .from and .to out");
}

static void check_computed(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;

	if (!field->computed)
		return;
	if (strcmp(field->computed->c_type, field->owner) != 0)
		wrong(check, "its function takes a const %s *, but this is a table of %s",
			field->computed->c_type, field->owner);
	if (field->access != COR_READ_ONLY || field->fallback || field->constant || field->bare ||
		field->example || field->to != COR_TO_BODY)
		wrong(check,
			"a computed member is in bodies of answers only: leave .access, .fallback, .constant, .example, .bare and .to out");
}

static void check_conditions(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;
	bool has_empty = cor_row_check_is_array(check) || cor_kind_is_text(check->kind);

	if (field->omit & ~(uint32_t)(COR_OMIT_NULL | COR_OMIT_EMPTY))
		wrong(check, ".omit is %u: use COR_OMIT_NULL, COR_OMIT_EMPTY or both", field->omit);
	if ((field->omit & COR_OMIT_NULL) && !(field->presence & COR_NULLABLE))
		wrong(check, "is never null: leave COR_OMIT_NULL out, or make it COR_NULLABLE");
	if ((field->omit & COR_OMIT_EMPTY) && !has_empty)
		wrong(check, "COR_OMIT_EMPTY is for strings and arrays: leave it out");
	if (!field->when && !field->omit)
		return;
	if (field->access == COR_WRITE_ONLY || field->to != COR_TO_BODY)
		wrong(check, ".when and .omit are for members of answers: leave them out");
	if (field->bare)
		wrong(check, ".bare rows are always there: leave .when and .omit out");
}

void cor_row_check_place(const struct cor_row_check *check)
{
	check_bare(check);
	check_file(check);
	check_rest(check);
	check_computed(check);
	check_conditions(check);
	check_source(check);
	check_header(check);
	check_cookie(check);
	check_http_date(check);
	check_access(check);
}
