/* SPDX-License-Identifier: MIT */
#include "schema/view.h"

#include <errno.h>
#include <string.h>

#include "schema/bind.h"
#include "schema/describe.h"
#include "schema/names.h"
#include "schema/walk.h"

struct maker {
	struct cor_arena *arena;
	struct cor_violations *why;
	const struct cor_view *view;
	enum cor_use use;
	bool is_short; /* of memory */
};

enum { ONLY, EXCLUDE, OPTIONAL, LISTS };

static const char *const list_names[] = { "only", "exclude", "optional" };

/* The keys that count for one struct, each without what led to it; NULL: no such list. */
struct level {
	const char *const *keys[LISTS];
	bool has_rest; /* a map takes what no row has */
};

static void *lacks_memory(struct maker *maker)
{
	maker->is_short = true;
	return NULL;
}

/* --- keys --- */

/* What a key says of a row: NULL: nothing; "": the row itself; else a key inside of it. */
static const char *inside(const char *key, const char *row)
{
	size_t len = strlen(row);

	if (strncmp(key, row, len) != 0 || (key[len] != '\0' && key[len] != '.'))
		return NULL;
	return key[len] == '.' ? key + len + 1 : key + len;
}

/* The keys that go on inside of the row; NULL: none does. */
static const char *const *narrow(
	struct maker *maker, const char *const *keys, const char *row, bool *ret_named)
{
	size_t len = 0, kept = 0;

	*ret_named = false;
	while (keys && keys[len])
		len++;
	const char **list = len ? cor_arena_alloc(maker->arena, (len + 1) * sizeof *list) : NULL;
	if (!list)
		return len ? lacks_memory(maker) : NULL;
	for (size_t i = 0; i < len; i++) {
		const char *rest = inside(keys[i], row);
		if (rest && rest[0] != '\0')
			list[kept++] = rest;
		*ret_named |= rest && rest[0] == '\0';
	}
	list[kept] = NULL;
	return kept ? list : NULL;
}

static bool is_key_of(const struct cor_schema *schema, const char *key)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows))
		if (inside(key, cor_row_key(field)))
			return true;
	return false;
}

static const char *nearest(struct maker *maker, const struct cor_schema *schema, struct cor_str key)
{
	struct cor_str *keys = cor_arena_alloc(
		maker->arena, (cor_rows_count(schema) + 1) * sizeof *keys);
	struct cor_key_index index = { .keys = keys };
	struct cor_rows rows;

	if (!keys)
		return lacks_memory(maker);
	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows))
		keys[index.len++] = cor_str(cor_row_key(field));
	int found = cor_key_index_nearest(&index, key);
	return found < 0 ? NULL : keys[found].data;
}

static void check_keys(
	struct maker *maker, const struct cor_schema *schema, const struct level *level)
{
	for (size_t list = 0; list < LISTS; list++)
		for (const char *const *key = level->keys[list]; key && *key; key++) {
			struct cor_str first = { *key, strcspn(*key, ".") };
			if (is_key_of(schema, *key))
				continue;
			const char *meant = nearest(maker, schema, first);
			cor_violate(maker->why, maker->arena, "view", list_names[list],
				".%s has \"%.*s\", which no row of %s has as its key%s%s%s",
				list_names[list], (int)first.len, first.data, schema->symbol,
				meant ? ": did you mean \"" : "", meant ? meant : "",
				meant ? "\"?" : "");
		}
}

/* --- rows --- */

static bool has_rest(const struct cor_schema *schema)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows))
		if (field->rest)
			return true;
	return false;
}

static const struct cor_schema *view_of(struct maker *maker, const struct cor_schema *schema,
	const struct level *level, const char *name);

static bool has_keys(const struct level *level)
{
	return level->keys[ONLY] || level->keys[EXCLUDE] || level->keys[OPTIONAL];
}

static bool can_be_viewed(const struct cor_schema *schema)
{
	const struct cor_field *bare = cor_schema_bare_row(schema);

	return schema && !cor_schema_union(schema) && (!bare || can_be_viewed(bare->type.schema));
}

/* Only what the keys leave of the structs that the row holds. */
static void view_nested(
	struct maker *maker, struct cor_field *row, struct level *level, const char *name)
{
	if (!has_keys(level) || !can_be_viewed(row->type.schema))
		return; /* check_level() has told */
	level->has_rest = has_rest(row->type.schema);
	const char *own = cor_arena_printf(maker->arena, "%s_%s", name, cor_row_key(row));
	row->type.schema = own ? view_of(maker, row->type.schema, level, own) : lacks_memory(maker);
}

static const char *name_of(struct maker *maker, const struct cor_schema *schema)
{
	struct cor_str base = cor_schema_base_name(schema);
	const struct cor_view *view = maker->view;
	const char *more = view->only || view->exclude || view->optional ? "_part" : "";

	if (view->name)
		return cor_arena_printf(maker->arena, "%s%s", view->name,
			cor_schema_bare_row(schema) ? "_list" : "");
	return cor_arena_printf(
		maker->arena, "%.*s%s", (int)base.len, base.data, view->partial ? "_patch" : more);
}

static void leave_out(struct cor_field *row)
{
	row->presence |= COR_OPTIONAL;
	row->fallback = NULL;
}

/* Rows of the root that are not in the body: they stay where they are, named or not. */
static bool is_beside(const struct maker *maker, const struct cor_field *row)
{
	if (maker->use == COR_USE_ANSWER)
		return row->to != COR_TO_BODY;
	return maker->use == COR_USE_REQUEST && row->from != COR_FROM_DEFAULT &&
	       row->from != COR_FROM_BODY;
}

/* What it left out would come back as one of the rest: it is refused by its name. */
static bool stays_refused(
	const struct maker *maker, struct cor_field *row, const struct level *level)
{
	if (!level->has_rest || maker->use != COR_USE_REQUEST || row->rest || is_beside(maker, row))
		return false;
	row->access = COR_READ_ONLY;
	row->from = COR_FROM_DEFAULT;
	leave_out(row);
	return true;
}

/* Whether the view has the row, which is then made to fit. */
static bool view_row(
	struct maker *maker, struct cor_field *row, const struct level *level, const char *name)
{
	const char *key = cor_row_key(row);
	struct level inner = { .has_rest = false };
	bool named[LISTS];

	for (size_t list = 0; list < LISTS; list++)
		inner.keys[list] = narrow(maker, level->keys[list], key, &named[list]);
	if (named[EXCLUDE])
		return stays_refused(maker, row, level);
	if (level->keys[ONLY] && !named[ONLY] && !inner.keys[ONLY] && !is_beside(maker, row))
		return stays_refused(maker, row, level);
	if (named[ONLY])
		inner.keys[ONLY] = NULL;
	view_nested(maker, row, &inner, name);
	if (named[OPTIONAL])
		leave_out(row);
	return !maker->is_short;
}

/* It is of the outermost objects alone, those of a list among them; nested ones keep their own. */
static enum cor_unknown unknown_of(const struct maker *maker, const struct cor_schema *schema)
{
	if (!maker->view->unknown || (cor_schema_bare_row(schema) && can_be_viewed(schema)))
		return schema->unknown;
	return maker->view->unknown == COR_UNKNOWN_IGNORED ? COR_IGNORE : COR_REFUSE;
}

/* What the body is a list of. */
static bool view_items(struct maker *maker, struct cor_field *row, const struct level *level)
{
	struct level inner = *level;
	struct cor_schema of = *row->type.schema;
	const char *own = name_of(maker, row->type.schema);

	inner.has_rest = has_rest(row->type.schema);
	of.unknown = unknown_of(maker, row->type.schema);
	row->type.schema = own ? view_of(maker, &of, &inner, own) : lacks_memory(maker);
	return row->type.schema;
}

/* A row of the schema's own table. */
static bool view_own(
	struct maker *maker, struct cor_field *row, const struct level *level, const char *name)
{
	if (row->type.kind == COR_KIND_EMBED) {
		row->type.schema = view_of(maker, row->type.schema, level, name);
		return row->type.schema && row->type.schema->len != 0;
	}
	if (!row->bare)
		return view_row(maker, row, level, name);
	if (!has_keys(level) && !(maker->view->unknown && can_be_viewed(row->type.schema)))
		return true;
	return view_items(maker, row, level);
}

/* A schema that is being made. */
struct table {
	struct cor_schema schema;
	struct cor_field rows[];
};

/* Like another one, but without rows yet. */
static struct table *begin(
	struct maker *maker, const struct cor_schema *schema, size_t rows, const char *name)
{
	struct table *table = cor_arena_alloc(
		maker->arena, sizeof *table + rows * sizeof table->rows[0]);

	if (!table)
		return lacks_memory(maker);
	table->schema = *schema;
	table->schema.fields = table->rows;
	table->schema.len = 0;
	table->schema.name = name;
	return table;
}

static void add(struct table *table, const struct cor_field *row)
{
	table->rows[table->schema.len++] = *row;
}

/* Of a part of it nothing is known to be there. */
static void run_nothing(struct table *table)
{
	table->schema.check = NULL;
	table->schema.after_load = NULL;
	table->schema.before_dump = NULL;
	table->schema.before_load = NULL;
	table->schema.after_dump = NULL;
}

static const struct cor_schema *view_of(struct maker *maker, const struct cor_schema *schema,
	const struct level *level, const char *name)
{
	struct table *made = begin(maker, schema, schema->len, name);

	for (size_t i = 0; made && i < schema->len; i++) {
		struct cor_field row = schema->fields[i];
		if (view_own(maker, &row, level, name))
			add(made, &row);
	}
	return maker->is_short ? NULL : &made->schema;
}

static void refuse_inner_keys(struct maker *maker, const struct cor_field *row)
{
	cor_violate(maker->why, maker->arena, "view", "", "a key goes into %s, which %s",
		cor_row_key(row),
		row->type.schema ? "is a union: a view takes it as a whole" : "has no members");
}

/* Keys are looked at where structs begin, not again in those that they embed. */
static void check_level(
	struct maker *maker, const struct cor_schema *schema, const struct level *level)
{
	struct cor_rows rows;
	const struct cor_field *bare = cor_schema_bare_row(schema);

	if (bare && can_be_viewed(bare->type.schema)) {
		check_level(maker, bare->type.schema, level);
		return;
	}
	check_keys(maker, schema, level);
	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows)) {
		struct level inner;
		bool named;
		for (size_t list = 0; list < LISTS; list++)
			inner.keys[list] = narrow(
				maker, level->keys[list], cor_row_key(field), &named);
		if (has_keys(&inner) && can_be_viewed(field->type.schema))
			check_level(maker, field->type.schema, &inner);
		else if (has_keys(&inner))
			refuse_inner_keys(maker, field);
	}
}

/* --- partial --- */

static size_t given_offset(const struct cor_schema *schema)
{
	const size_t align = _Alignof(struct cor_given);

	return (schema->size + align - 1) / align * align;
}

/*
 * The rows of the struct, those that it embeds among them, with a struct cor_given behind it. Their
 * places in it are those of the whole table.
 */
static const struct cor_schema *make_partial(struct maker *maker, const struct cor_schema *whole,
	const struct level *level, const char *name)
{
	struct table *made = begin(maker, whole, cor_rows_count(whole), name);
	struct cor_rows rows;
	uint32_t at = 0;

	if (!made)
		return NULL;
	made->schema.size = given_offset(whole) + sizeof(struct cor_given);
	run_nothing(made);
	made->schema.before_load = whole->before_load; /* what it works on need not be whole */
	for (const struct cor_field *field = cor_rows_first(&rows, whole); field;
		field = cor_rows_next(&rows), at++) {
		const struct cor_field *kept = cor_rows_keep(&rows, field, maker->arena);
		if (!kept)
			return lacks_memory(maker);
		struct cor_field row = *kept;
		row.owner = whole->c_type;
		row.owner_size = (uint32_t)made->schema.size;
		row.is_partial = maker->use == COR_USE_WHOLE || row.from != COR_FROM_PATH;
		row.given_offset = (uint32_t)given_offset(whole);
		row.given_row = at;
		if (view_row(maker, &row, level, name))
			add(made, &row);
	}
	return &made->schema;
}

const struct cor_given *cor_view_given(const struct cor_schema *schema, const void *value)
{
	return (const void *)((const char *)value + given_offset(schema));
}

/* --- envelope --- */

/* The rows that are in the body, or those that are not, also of embedded structs; room for one. */
static struct table *split(
	struct maker *maker, const struct cor_schema *schema, bool beside, const char *name)
{
	struct table *part = begin(maker, schema, schema->len + 1, name);

	for (size_t i = 0; part && i < schema->len; i++) {
		struct cor_field row = schema->fields[i];
		bool is_embedded = row.type.kind == COR_KIND_EMBED && !row.is_partial;
		struct table *inner = is_embedded ? split(maker, row.type.schema, beside, name)
						  : NULL;
		if (is_embedded && !inner)
			return NULL;
		if (inner)
			row.type.schema = &inner->schema;
		if (inner ? inner->schema.len != 0 : is_beside(maker, &row) == beside)
			add(part, &row);
	}
	if (part && beside)
		run_nothing(part);
	return part;
}

static const struct cor_schema *put_in_envelope(
	struct maker *maker, const struct cor_schema *schema, const char *name)
{
	const char *outer_name = cor_arena_printf(
		maker->arena, "%s_%s", name, maker->view->envelope);
	struct table *inner = split(maker, schema, false, name);
	struct table *outer = split(maker, schema, true, outer_name);

	if (!inner || !outer || !outer_name)
		return lacks_memory(maker);
	add(outer, &(struct cor_field){
			   .member = maker->view->envelope,
			   .type = { .kind = COR_KIND_OBJECT,
				   .size = (uint32_t)schema->size,
				   .schema = &inner->schema },
			   .is_envelope = true,
			   .owner = schema->c_type,
			   .owner_size = (uint32_t)schema->size,
			   .from = maker->use == COR_USE_REQUEST ? COR_FROM_BODY : 0,
		   });
	outer->schema.doc = NULL;
	return &outer->schema;
}

/* --- the whole --- */

static void check_view(struct maker *maker)
{
	const struct cor_view *view = maker->view;
	const char *wrong = NULL;

	if (maker->use == COR_USE_ANSWER && (view->partial || view->optional || view->unknown))
		wrong = ".partial, .optional and .unknown are for requests";
	else if (view->partial && view->envelope)
		wrong = ".partial and .envelope do not go together";
	else if (view->envelope && view->envelope[0] == '\0')
		wrong = ".envelope is empty";
	if (wrong)
		cor_violate(maker->why, maker->arena, "view", "", "%s", wrong);
}

static const struct cor_schema *make(struct maker *maker, const struct cor_schema *schema)
{
	const struct cor_view *view = maker->view;
	const struct level level = {
		.keys = { view->only, view->exclude, view->optional },
		.has_rest = has_rest(schema),
	};
	const char *name = name_of(maker, schema);

	if (!name)
		return lacks_memory(maker);
	if (has_keys(&level) && !can_be_viewed(schema)) {
		cor_violate(maker->why, maker->arena, "view", "",
			"%s has no members that keys could name", schema->symbol);
		return schema;
	}
	if (view->partial && cor_schema_bare_row(schema)) {
		cor_violate(maker->why, maker->arena, "view", "",
			"%s has no members that .partial could leave out", schema->symbol);
		return schema;
	}
	check_level(maker, schema, &level);
	struct cor_schema of = *schema;
	of.unknown = unknown_of(maker, schema);
	const struct cor_schema *made = view->partial ? make_partial(maker, &of, &level, name)
						      : view_of(maker, &of, &level, name);
	return made && view->envelope ? put_in_envelope(maker, made, name) : made;
}

int cor_view_schema(const struct cor_viewed *viewed, struct cor_arena *arena,
	struct cor_violations *why, const struct cor_schema **ret)
{
	struct maker maker = {
		.arena = arena,
		.why = why,
		.view = viewed->view,
		.use = viewed->use,
	};

	size_t before = why->count;

	*ret = viewed->schema;
	if (viewed->schema->media != COR_MEDIA_JSON) {
		cor_violate(why, arena, "view", "", "%s has no table that a view could be of",
			viewed->schema->symbol);
		return 0;
	}
	check_view(&maker);
	const struct cor_schema *made = make(&maker, viewed->schema);
	if (maker.is_short)
		return -ENOMEM;
	if (why->count == before)
		*ret = made;
	return 0;
}
