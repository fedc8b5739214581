/* SPDX-License-Identifier: MIT */
/*
 * What a row may not say. Each check stands alone and looks at one thing; a table is compiled only
 * when none of them finds anything, so the rest of the folder can trust it.
 */
#include "schema/compile.h"

#include <stdio.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json.h>

#include "base/decimal.h"
#include "base/utf8.h"
#include "schema/bind.h"
#include "schema/describe.h"
#include "schema/http_date.h"
#include "schema/kind.h"
#include "schema/words.h"

void cor_table_wrong(const struct cor_table_report *report, const struct cor_schema *schema,
	const struct cor_field *field, const char *format, ...)
{
	const char *symbol = schema->symbol ? schema->symbol : "a schema without a symbol";
	const char *member = !field ? "" : field->member ? field->member : "?";
	char where[256], detail[512];
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof detail, format, args);
	va_end(args);
	snprintf(where, sizeof where, "%s%s%s", symbol, field ? ", row " : "", member);
	cor_violate(report->violations, report->arena, "table", where, "%s", detail);
}

/* One row under examination. */
struct row_check {
	const struct cor_table_report *report;
	const struct cor_schema *schema;
	const struct cor_field *field; /* with the options of its .rule, of the type it counts as */
	const struct cor_field *row;   /* as it was written */
	enum cor_kind kind;            /* of the member, or of the array's items */
};

#define wrong(check, ...)                                                                          \
	cor_table_wrong((check)->report, (check)->schema, (check)->field, __VA_ARGS__)

/* A cor_dict has several values, too. */
static bool is_array(const struct row_check *check)
{
	return check->field->shape != COR_SHAPE_ONE;
}

static bool is_dict(const struct row_check *check)
{
	return check->field->shape == COR_SHAPE_DICT;
}

/* Whether the row names a schema: that of an object, or one that is embedded. */
static bool has_schema(enum cor_kind kind)
{
	return cor_kind_is_nested(kind) || kind == COR_KIND_EMBED;
}

/* Whether the C member can hold null at all. */
static bool can_be_null(const struct row_check *check)
{
	return check->field->is_opt || (!is_array(check) && cor_kind_facts(check->kind)->has_null);
}

static void check_options(const struct row_check *check)
{
	const struct cor_field *field = check->field;

	if (field->presence & ~(uint32_t)(COR_OPTIONAL | COR_NULLABLE))
		wrong(check, ".presence is %u: use COR_OPTIONAL, COR_NULLABLE or both",
			field->presence);
	if ((unsigned)field->access > COR_WRITE_ONLY)
		wrong(check, ".access is %u: use COR_READ_ONLY or COR_WRITE_ONLY",
			(unsigned)field->access);
	if ((unsigned)field->from > COR_FROM_HEADER)
		wrong(check, ".from is %u: use a COR_FROM_ value", (unsigned)field->from);
	if ((unsigned)field->to > COR_TO_HEADER)
		wrong(check, ".to is %u: use COR_TO_HEADER or leave it out", (unsigned)field->to);
}

static void check_owner(const struct row_check *check)
{
	const struct cor_field *field = check->field;
	const struct cor_schema *schema = check->schema;

	if (field->owner && schema->c_type && strcmp(field->owner, schema->c_type) != 0)
		wrong(check,
			"the row is of %s, the schema of %s: name the schema's, and spell it the same",
			field->owner, schema->c_type);
	else if (field->owner_size != schema->size || field->offset >= schema->size)
		wrong(check,
			"the row is of another struct (%u bytes, the schema's has %zu): name the schema's",
			field->owner_size, schema->size);
}

static void check_key(const struct row_check *check)
{
	const char *key = cor_row_key(check->field);

	if (key[0] == '\0')
		wrong(check, ".key is empty: leave it out to use the member's name");
	else if (!cor_utf8_valid(cor_str(key)))
		wrong(check, ".key is not UTF-8");
}

static void check_null(const struct row_check *check)
{
	if (!(check->field->presence & COR_NULLABLE))
		return;
	if (check->kind == COR_KIND_RAW && !check->field->is_opt)
		wrong(check, "raw JSON takes null as it is: leave COR_NULLABLE out");
	else if (!can_be_null(check))
		wrong(check,
			"COR_NULLABLE needs a member that can be null: a pointer, const char * or cor_opt");
}

static bool is_text_or_none(const struct cor_bound *bound)
{
	return bound->type == COR_BOUND_NONE || bound->type == COR_BOUND_TEXT;
}

/* The bounds of a word are words. */
static void check_word_range(const struct row_check *check)
{
	const struct cor_range *range = &check->field->range;
	const struct cor_kind_facts *facts = cor_kind_facts(check->kind);
	struct cor_value_rule rule = {
		.kind = check->kind, .facts = facts, .size = check->field->type.size
	};
	const void *least = NULL, *most = NULL;
	struct cor_arena scratch;

	cor_arena_init(&scratch, NULL, 0, 0);
	if (cor_word_bound(&rule, &range->min, &scratch, &least) == -COR_EINVALID)
		wrong(check, ".range begins with \"%s\", which is not %s", range->min.text,
			facts->noun);
	else if (cor_word_bound(&rule, &range->max, &scratch, &most) == -COR_EINVALID)
		wrong(check, ".range ends with \"%s\", which is not %s", range->max.text,
			facts->noun);
	else if (least && most &&
		 facts->compare(least, most) > -(range->min.exclusive || range->max.exclusive))
		wrong(check, "no value is inside .range: its minimum is above its maximum");
	cor_arena_finish(&scratch);
}

static void check_range(const struct row_check *check)
{
	const struct cor_range *range = &check->field->range;
	bool is_text = is_text_or_none(&range->min) && is_text_or_none(&range->max);
	struct cor_bounds bounds;

	if (range->min.type == COR_BOUND_NONE && range->max.type == COR_BOUND_NONE)
		return;
	if (cor_kind_facts(check->kind)->compare && is_text) {
		check_word_range(check);
		return;
	}
	if (cor_kind_facts(check->kind)->compare) {
		wrong(check, "the bounds of this .range are texts, such as those of its JSON");
		return;
	}
	if (!cor_kind_is_number(check->kind)) {
		wrong(check, ".range is for numbers and times: leave it out");
		return;
	}
	if (range->min.type == COR_BOUND_TEXT || range->max.type == COR_BOUND_TEXT) {
		wrong(check, "the bounds of a number's .range are numbers, not text");
		return;
	}
	switch (cor_bounds_compile(check->kind, range, &bounds)) {
	case COR_BOUNDS_GOOD:
		break;
	case COR_BOUNDS_EMPTY:
		wrong(check,
			"no value is inside .range: its minimum is above its maximum or the type's");
		break;
	case COR_BOUNDS_OUTSIDE:
		wrong(check,
			".range reaches beyond what the C type holds: leave that bound out or use a wider type");
		break;
	case COR_BOUNDS_NAN:
		wrong(check, "a bound of .range is not a number");
		break;
	}
}

/*
 * Left out of a request, a number is answered as 0: that must be what the document says it can be.
 */
static void check_absent_number(const struct row_check *check)
{
	const struct cor_field *field = check->field;
	struct cor_bounds bounds;

	if (!(field->presence & COR_OPTIONAL) || field->fallback || field->is_opt ||
		is_array(check) || field->access == COR_WRITE_ONLY ||
		!cor_kind_is_number(check->kind) ||
		cor_bounds_compile(check->kind, &field->range, &bounds) != COR_BOUNDS_GOOD ||
		cor_bounds_hold_zero(check->kind, &bounds))
		return;
	wrong(check,
		"is 0 when it is absent, and .range excludes 0: use a cor_opt (COR_OPT_FIELD), or give it a .fallback");
}

static void check_length(const struct row_check *check)
{
	const struct cor_field *field = check->field;
	uint32_t min = field->min_length, max = field->max_length;

	if (min == 0 && max == 0)
		return;
	if (!cor_kind_is_text(check->kind) && check->kind != COR_KIND_BASE64)
		wrong(check, ".min_length and .max_length are for strings: leave them out%s",
			is_array(check) ? ", or did you mean .min_items and .max_items?" : "");
	else if (max != 0 && min > max)
		wrong(check, ".min_length %u is above .max_length %u", min, max);
	else if (check->kind == COR_KIND_CHARS &&
		 (min >= field->type.size || max >= field->type.size))
		wrong(check,
			"char[%u] holds at most %u bytes: make it longer or the length shorter",
			field->type.size, field->type.size - 1);
}

static void check_items(const struct row_check *check)
{
	uint32_t min = check->field->min_items, max = check->field->max_items;

	if (min == 0 && max == 0)
		return;
	if (!is_array(check))
		wrong(check, ".min_items and .max_items are for arrays: leave them out");
	else if (max != 0 && min > max)
		wrong(check, ".min_items %u is above .max_items %u", min, max);
}

static void check_keys(const struct row_check *check)
{
	const char *pattern = check->field->key_pattern;
	char why[200];

	if ((pattern || check->field->key_max_length) && !is_dict(check))
		wrong(check, ".key_pattern and .key_max_length are for a cor_dict: leave them out");
	else if (pattern && cor_pattern_check(pattern, why, sizeof why) == -COR_EINVALID)
		wrong(check, ".key_pattern \"%s\" %s", pattern, why);
}

static void check_pattern(const struct row_check *check)
{
	const char *pattern = check->field->pattern;
	char why[200];

	if (!pattern)
		return;
	if (!cor_kind_is_text(check->kind))
		wrong(check, ".pattern is for strings: leave it out");
	else if (cor_pattern_check(pattern, why, sizeof why) == -COR_EINVALID)
		wrong(check, ".pattern \"%s\" %s", pattern, why);
}

static void check_format(const struct row_check *check)
{
	const char *format = check->field->format;

	if (!format)
		return;
	if (!cor_kind_is_text(check->kind))
		wrong(check, ".format is for strings: leave it out");
	else if (format[0] == '\0' || !cor_utf8_valid(cor_str(format)))
		wrong(check, ".format is empty or not UTF-8: name one, such as \"email\"");
}

/* Of integers: a range may leave none. */
static bool has_multiple(const struct row_check *check, const struct cor_bounds *bounds)
{
	uint64_t step = (uint64_t)check->field->multiple_of;
	int64_t min = bounds->integer.min, max = bounds->integer.max;

	if (cor_kind_facts(check->kind)->number == COR_NUMBER_NATURAL)
		return bounds->natural.max / step * step >= bounds->natural.min;
	if (min <= 0 && max >= 0)
		return true;
	if (min > 0)
		return (uint64_t)max / step * step >= (uint64_t)min;
	return (0 - (uint64_t)min) / step * step >= 0 - (uint64_t)max;
}

static void check_multiple(const struct row_check *check)
{
	double step = check->field->multiple_of;
	struct cor_bounds bounds;

	if (step == 0)
		return;
	if (!cor_kind_is_number(check->kind) && !cor_kind_is_decimal(check->kind)) {
		wrong(check, ".multiple_of is for numbers: leave it out");
		return;
	}
	if (!(step > 0 && step <= __DBL_MAX__)) {
		wrong(check, ".multiple_of must be greater than 0");
		return;
	}
	if (cor_kind_facts(check->kind)->number == COR_NUMBER_REAL ||
		cor_kind_is_decimal(check->kind))
		return;
	if (step > COR_DECIMAL_EXACT || (double)(uint64_t)step != step)
		wrong(check, ".multiple_of of an integer must be one, of at most 2^53");
	else if (cor_bounds_compile(check->kind, &check->field->range, &bounds) ==
			 COR_BOUNDS_GOOD &&
		 !has_multiple(check, &bounds))
		wrong(check, "no value is inside .range: it has no multiple of .multiple_of");
}

static void check_form(const struct row_check *check)
{
	enum cor_form form = check->field->as;
	bool is_text = check->kind == COR_KIND_INT64_AS_TEXT ||
		       check->kind == COR_KIND_UINT64_AS_TEXT;
	bool is_number = check->kind == COR_KIND_DECIMAL_AS_NUMBER;

	if (form != COR_AS_USUAL && !(form == COR_AS_TEXT && is_text) &&
		!(form == COR_AS_NUMBER && is_number))
		wrong(check,
			".as is COR_AS_TEXT for 64-bit integers and COR_AS_NUMBER for decimals: leave it out");
}

static void check_unique(const struct row_check *check)
{
	if (!check->field->unique_items)
		return;
	if (!is_array(check) || is_dict(check))
		wrong(check, ".unique_items is for arrays: leave it out");
	else if (check->kind == COR_KIND_RAW)
		wrong(check,
			".unique_items cannot compare raw JSON: give the items a type, or leave it out");
	else if (check->kind == COR_KIND_BOOL && check->field->min_items > 2)
		wrong(check, ".min_items %u is above the 2 that booleans can be without repeating",
			check->field->min_items);
	else if (check->kind == COR_KIND_ENUM &&
		 check->field->min_items > check->field->type.names_len)
		wrong(check, ".min_items %u is above the %u that the enum has names for",
			check->field->min_items, check->field->type.names_len);
}

static void check_constant(const struct row_check *check)
{
	const struct cor_field *field = check->field;

	if (!field->constant)
		return;
	if (is_array(check) || field->is_opt || !cor_kind_is_scalar(check->kind))
		wrong(check, ".constant is for a scalar that is no array and no cor_opt");
	if (field->presence)
		wrong(check,
			".constant has one value: leave .presence out; with a .fallback of the same it may be absent");
	if (field->to == COR_TO_HEADER)
		wrong(check, ".constant is not for headers of answers: leave it or .to out");
}

static void check_array(const struct row_check *check)
{
	if (!is_array(check))
		return;
	if (check->field->is_opt)
		wrong(check,
			"a cor_opt of an array is not supported: use COR_ARRAY with COR_OPTIONAL");
	if (check->kind == COR_KIND_POINTER)
		wrong(check, "an array of pointers is not supported: use an array of structs");
}

static bool equal_names(const struct cor_enum_name *names, uint32_t a, uint32_t b)
{
	return strcmp(names[a].name, names[b].name) == 0;
}

static bool names_are_good(
	const struct row_check *check, const struct cor_enum_name *names, uint32_t i)
{
	if (!names[i].name || names[i].name[0] == '\0')
		wrong(check, "name %u of the enum is empty", i);
	else if (!cor_utf8_valid(cor_str(names[i].name)))
		wrong(check, "name %u of the enum is not UTF-8", i);
	else
		return true;
	return false;
}

static void check_enum(const struct row_check *check)
{
	const struct cor_enum_name *names = check->field->type.names;
	uint32_t len = check->field->type.names_len;

	if (check->row->type.kind != COR_KIND_ENUM && check->row->type.kind != COR_KIND_FLAGS)
		return;
	if (!names || len == 0 || len >= UINT16_MAX) {
		wrong(check, "the enum has %s names: give it a table of them",
			len ? "too many" : "no");
		return;
	}
	for (uint32_t i = 0; i < len; i++) {
		if (!names_are_good(check, names, i))
			return;
		for (uint32_t j = 0; j < i; j++)
			if (equal_names(names, i, j))
				wrong(check, "the name \"%s\" occurs twice among the enum's names",
					names[i].name);
			else if (names[i].value == names[j].value)
				wrong(check, "\"%s\" and \"%s\" are names of one value: keep one",
					names[j].name, names[i].name);
	}
}

/* Each name has bits that no other one has. */
static void check_flags(const struct row_check *check)
{
	const struct cor_enum_name *names = check->field->type.names;
	uint32_t len = check->field->type.names_len;
	uint32_t taken = 0;

	if (check->row->type.kind != COR_KIND_FLAGS || !names)
		return;
	for (uint32_t i = 0; i < len; taken |= names[i++].value)
		if (names[i].value == 0 || (taken & names[i].value)) {
			wrong(check, "\"%s\" has no bits of its own among the flags: give it some",
				names[i].name ? names[i].name : "");
			return;
		}
}

static void check_nesting(const struct row_check *check)
{
	const struct cor_schema *nested = check->field->type.schema;

	if (check->kind == COR_KIND_UNION)
		cor_table_check_union(check->report, check->schema, check->field);
	if (!has_schema(check->kind) || check->kind == COR_KIND_UNION)
		return;
	if (!nested)
		wrong(check, "has no schema: use COR_OBJECT, COR_OBJECT_ARRAY or COR_EMBED");
	else if (nested->media != COR_MEDIA_JSON)
		wrong(check, "%s cannot be nested in another schema", nested->symbol);
	else if (nested->size != check->field->type.size)
		wrong(check, "the schema %s is of a struct of another size", nested->symbol);
}

/* Levels below this row are counted down: a schema may be reached by way of itself. */
static bool embeds_deeper_than(const struct cor_schema *schema, unsigned levels)
{
	for (size_t i = 0; schema && i < schema->len && i < COR_FIELDS_MAX; i++) {
		const struct cor_field *field = &schema->fields[i];
		if (field->type.kind == COR_KIND_EMBED &&
			(levels == 0 || embeds_deeper_than(field->type.schema, levels - 1)))
			return true;
	}
	return false;
}

static bool has_partial(const struct cor_schema *schema)
{
	struct cor_rows rows;

	for (const struct cor_field *row = cor_rows_first(&rows, schema); row;
		row = cor_rows_next(&rows))
		if (row->is_partial)
			return true;
	return false;
}

static void check_embedding(const struct row_check *check)
{
	if (check->kind != COR_KIND_EMBED)
		return;
	if (cor_schema_union(check->field->type.schema))
		wrong(check, "%s is a union, which cannot be embedded: use COR_OBJECT",
			check->field->type.schema->symbol);
	else if (cor_schema_bare_row(check->field->type.schema))
		wrong(check, "%s has a .bare row, which has no key to stand by: use COR_OBJECT",
			check->field->type.schema->symbol);
	if (check->field->is_partial && has_partial(check->field->type.schema))
		wrong(check, "%s has a COR_PARTIAL row itself: use COR_EMBED for one of them",
			check->field->type.schema->symbol);
	if (embeds_deeper_than(check->field->type.schema, COR_EMBED_DEPTH_MAX - 1))
		wrong(check,
			"%s embeds itself, or structs deeper than %d levels: use COR_OBJECT for one of them",
			check->field->type.schema->symbol, COR_EMBED_DEPTH_MAX);
}

static void check_source(const struct row_check *check)
{
	const struct cor_field *field = check->field;

	if (field->from == COR_FROM_DEFAULT || field->from == COR_FROM_BODY)
		return;
	if (!cor_row_is_textual(field))
		wrong(check,
			"only scalars and arrays of scalars come from a path, query or header");
	if (field->presence & COR_NULLABLE)
		wrong(check, "a path, query or header cannot be null: leave COR_NULLABLE out");
	if (field->from != COR_FROM_PATH)
		return;
	if (is_array(check) || cor_row_is_set(field))
		wrong(check, "a path parameter must be a scalar");
	if (!cor_row_is_required(field))
		wrong(check,
			"a path parameter is always there: leave COR_OPTIONAL, .fallback and cor_opt out");
}

static bool is_token(const char *key)
{
	static const char specials[] = "!#$%&'*+-.^_`|~";

	for (; *key; key++) {
		bool alpha = (*key >= 'a' && *key <= 'z') || (*key >= 'A' && *key <= 'Z');
		if (!alpha && !(*key >= '0' && *key <= '9') && !strchr(specials, *key))
			return false;
	}
	return true;
}

static void check_header(const struct row_check *check)
{
	const struct cor_field *field = check->field;
	bool is_output = field->to == COR_TO_HEADER;

	if (!is_output && field->from != COR_FROM_HEADER)
		return;
	if (!is_token(cor_row_key(field)))
		wrong(check,
			"\"%s\" cannot be a header's name (RFC 9110 section 5.6.2): give it a .key",
			cor_row_key(field));
	if (is_output && (is_array(check) || !cor_kind_is_scalar(check->kind)))
		wrong(check, "only a scalar goes to a header");
}

static void check_http_date(const struct row_check *check)
{
	const struct cor_field *field = check->field;

	if (!cor_row_is_http_date(field, COR_USE_REQUEST) &&
		!cor_row_is_http_date(field, COR_USE_ANSWER))
		return;
	if (is_array(check))
		wrong(check, "the header %s holds one date: leave the array out",
			cor_row_key(field));
	if (field->fallback || field->example)
		wrong(check, "the header %s holds an HTTP-date: leave .fallback and .example out",
			cor_row_key(field));
}

static void check_access(const struct row_check *check)
{
	const struct cor_field *field = check->field;

	if (field->access == COR_READ_ONLY && field->from != COR_FROM_DEFAULT)
		wrong(check, "COR_READ_ONLY rows are not in requests: leave .from out");
	if (field->access == COR_WRITE_ONLY && field->to != COR_TO_BODY)
		wrong(check, "COR_WRITE_ONLY rows are not in answers: leave .to out");
}

static void check_doc(const struct row_check *check)
{
	if (check->field->doc && !cor_utf8_valid(cor_str(check->field->doc)))
		wrong(check, ".doc is not UTF-8");
}

/* Whether it fits is tried later, and only of a row that is right otherwise. */
static void check_json(const struct row_check *check, const char *option, const char *text)
{
	if (text && cor_json_check(cor_str(text), 0, NULL) == -COR_ESYNTAX)
		wrong(check, "%s %s is not JSON (text needs quotes: \"\\\"new\\\"\")", option,
			text);
}

static void check_fallback(const struct row_check *check)
{
	check_json(check, ".fallback", check->field->fallback);
	check_json(check, ".example", check->field->example);
	check_json(check, ".constant", check->field->constant);
	if (check->field->fallback && check->field->is_opt)
		wrong(check,
			"a cor_opt records absence itself: leave .fallback out, or the cor_opt");
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
		inner = has_schema(inner->type.kind) ? cor_schema_bare_row(inner->type.schema)
						     : NULL;
	}
	return false;
}

static void check_alone(const struct row_check *check)
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

static void check_bare(const struct row_check *check)
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

static void check_conditions(const struct row_check *check)
{
	const struct cor_field *field = check->field;
	bool has_empty = is_array(check) || cor_kind_is_text(check->kind);

	if (field->omit & ~(uint32_t)(COR_OMIT_NULL | COR_OMIT_EMPTY))
		wrong(check, ".omit is %u: use COR_OMIT_NULL, COR_OMIT_EMPTY or both", field->omit);
	if ((field->omit & COR_OMIT_NULL) && !(field->presence & COR_NULLABLE))
		wrong(check, "is never null: leave COR_OMIT_NULL out, or make it COR_NULLABLE");
	if ((field->omit & COR_OMIT_EMPTY) && !has_empty)
		wrong(check, "COR_OMIT_EMPTY is for strings and arrays: leave it out");
	if (!field->when && !field->omit)
		return;
	if (field->access == COR_WRITE_ONLY || field->to == COR_TO_HEADER)
		wrong(check, ".when and .omit are for members of answers: leave them out");
	if (field->bare)
		wrong(check, ".bare rows are always there: leave .when and .omit out");
}

static void (*const row_checks[])(const struct row_check *check) = {
	check_options,
	check_owner,
	check_key,
	check_null,
	check_range,
	check_absent_number,
	check_length,
	check_items,
	check_keys,
	check_pattern,
	check_format,
	check_form,
	check_multiple,
	check_unique,
	check_constant,
	check_array,
	check_enum,
	check_flags,
	check_nesting,
	check_embedding,
	check_bare,
	check_conditions,
	check_source,
	check_header,
	check_http_date,
	check_access,
	check_fallback,
	check_doc,
};

static bool kind_is_known(const struct cor_field *field)
{
	if (!field->member || !cor_kind_is_known(field->type.kind))
		return false;
	return field->shape == COR_SHAPE_ONE ||
	       (field->shape <= COR_SHAPE_DICT && field->type.kind != COR_KIND_EMBED);
}

static void check_row(const struct cor_table_report *report, const struct cor_schema *schema,
	const struct cor_field *field)
{
	struct cor_field room, seen = *cor_row_with_rule(field, &room);
	const struct row_check check = {
		.report = report,
		.schema = schema,
		.field = &seen,
		.row = field,
		.kind = cor_row_resolve(field, &room)->type.kind,
	};

	if (!kind_is_known(field)) {
		wrong(&check, "was not written by a row macro: use COR_FIELD and its kin");
		return;
	}
	seen.type = cor_row_resolve(field, &room)->type;
	for (size_t i = 0; i < sizeof row_checks / sizeof row_checks[0]; i++)
		row_checks[i](&check);
}

bool cor_table_row_is_good(struct cor_arena *arena, const struct cor_schema *schema, size_t row)
{
	struct cor_violations found = { 0 };

	check_row(&(struct cor_table_report){ &found, arena }, schema, &schema->fields[row]);
	return found.count == 0;
}

bool cor_table_is_too_long(const struct cor_schema *schema)
{
	return schema->len > COR_FIELDS_MAX || cor_rows_count(schema) > COR_FIELDS_MAX;
}

static void check_hook(const struct cor_table_report *report, const struct cor_schema *schema,
	const char *option, const char *c_type)
{
	if (c_type && schema->c_type && strcmp(c_type, schema->c_type) != 0)
		cor_table_wrong(report, schema, NULL,
			"%s is of %s, the schema of %s: name the schema's, and spell it the same",
			option, c_type, schema->c_type);
}

void cor_table_check(const struct cor_table_report *report, const struct cor_schema *schema)
{
	if (schema->media != COR_MEDIA_JSON)
		return;
	if (cor_table_is_too_long(schema)) {
		cor_table_wrong(report, schema, NULL,
			"has %zu rows, at most %d are possible: nest some in a struct of their own",
			cor_rows_count(schema), COR_FIELDS_MAX);
		return;
	}
	if ((unsigned)schema->unknown > COR_IGNORE)
		cor_table_wrong(report, schema, NULL,
			".unknown is %u: use COR_IGNORE or leave it out",
			(unsigned)schema->unknown);
	if (schema->unknown != COR_REFUSE && cor_schema_bare_row(schema))
		cor_table_wrong(
			report, schema, NULL, "a .bare row has no members: leave .unknown out");
	check_hook(report, schema, ".check", schema->check ? schema->check->c_type : NULL);
	check_hook(report, schema, ".after_load",
		schema->after_load ? schema->after_load->c_type : NULL);
	if (schema->discriminator && !cor_schema_union(schema))
		cor_table_wrong(report, schema, NULL,
			".discriminator is for unions: use COR_UNION_SCHEMA, or leave it out");
	if (schema->doc && !cor_utf8_valid(cor_str(schema->doc)))
		cor_table_wrong(report, schema, NULL, ".doc is not UTF-8");
	if (!cor_schema_name_is_good(cor_schema_base_name(schema)))
		cor_table_wrong(report, schema, NULL,
			"\"%s\" cannot be a name in the OpenAPI document: give it a .name of 1 to 128 letters, digits, '.', '_' and '-'",
			schema->name     ? schema->name
			: schema->symbol ? schema->symbol
					 : "");
	for (size_t i = 0; i < schema->len; i++)
		check_row(report, schema, &schema->fields[i]);
	cor_table_check_pairs(report, schema);
}

void cor_table_check_nested(const struct cor_table_report *report, const struct cor_schema *schema)
{
	struct cor_rows rows;

	if (cor_table_is_too_long(schema))
		return;
	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows)) {
		if (field->from != COR_FROM_DEFAULT && field->from != COR_FROM_BODY)
			cor_table_wrong(report, schema, field,
				"is nested in another schema, so it cannot come from a path, query or header: leave .from out");
		if (field->to != COR_TO_BODY)
			cor_table_wrong(report, schema, field,
				"is nested in another schema, so it cannot go to a header: leave .to out");
	}
}
