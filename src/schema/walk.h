/* SPDX-License-Identifier: MIT */
/**
 * The rows of a schema, one after the other, those of embedded structs (COR_EMBED) in the place of
 * the row that embeds them:
 *
 *     struct cor_rows rows;
 *
 *     for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
 *             field = cor_rows_next(&rows))
 *             ...
 *
 * Whoever wants to know what a schema consists of asks here and nowhere else, so that an embedded
 * row is the same to all of them. It is shown as if it stood in the outer table: its offsets count
 * from the outer struct, its member is the path to it ("draft.title"), its key stays. A row is
 * shown as it counts (cor_row_resolve()). One that is not as the table has it stands in struct
 * cor_rows and is gone with the next one; cor_rows_keep() makes it last.
 *
 * A table that contradicts itself may be walked, too: what cannot be embedded is passed over.
 * Nothing here yields.
 */
#ifndef CORACLE_SCHEMA_WALK_H
#define CORACLE_SCHEMA_WALK_H

#include <coracle/schema.h>

#define COR_ROW_PATH_BYTES 128 /* a longer path is cut: it is for people */

/** A table that is being walked. */
struct cor_rows_level {
	const struct cor_field *next;
	const struct cor_field *end;
	uint32_t offset; /* of its struct in the outermost one */
	bool is_partial;
	uint32_t given_offset;
	uint32_t path_len; /* of the path to its struct, the dot behind it included */
};

struct cor_rows {
	const struct cor_field
		*own; /* the row of the schema's own table that this one is, or came by */
	unsigned depth;
	uint32_t given_row; /* the next row of a COR_PARTIAL */
	struct cor_rows_level levels[COR_EMBED_DEPTH_MAX + 1];
	struct cor_field shown; /* a row that is not as its table has it */
	char path[COR_ROW_PATH_BYTES];
};

/** Begin with the first row; NULL: there is none. */
const struct cor_field *cor_rows_first(struct cor_rows *rows, const struct cor_schema *schema);

/** The next row; NULL: that was the last. */
const struct cor_field *cor_rows_next(struct cor_rows *rows);

/**
 * A row that lasts: `field` itself, which the walk has just shown, where it stands in the schema's
 * own table; else a copy in the arena. NULL: no memory.
 */
const struct cor_field *cor_rows_keep(
	const struct cor_rows *rows, const struct cor_field *field, struct cor_arena *arena);

/** The row with the options of its .rule: `field` itself, where it has none; else *room. */
const struct cor_field *cor_row_with_rule(const struct cor_field *field, struct cor_field *room);

/**
 * A row as it counts: with the options of its .rule, and where its type is the schema of a bare
 * scalar, that scalar with what its own row says of it. `field` itself, where that is how it was
 * written; else *room, filled in.
 */
const struct cor_field *cor_row_resolve(const struct cor_field *field, struct cor_field *room);

/** The bare row of a schema, as it was written; NULL: it has none. */
const struct cor_field *cor_schema_bare_row(const struct cor_schema *schema);

/**
 * The schemas that a value of the type may hold, by number: that of an object, those of a union's
 * branches. NULL: there are no more, or it is missing.
 */
const struct cor_schema *cor_type_schema(const struct cor_type *type, size_t i);

/** The union that a schema is; NULL: it is none. */
static inline const struct cor_union *cor_schema_union(const struct cor_schema *schema)
{
	const struct cor_field *bare = cor_schema_bare_row(schema);

	return bare && bare->type.kind == COR_KIND_UNION ? bare->type.one_of : NULL;
}

/** How many there are. */
size_t cor_rows_count(const struct cor_schema *schema);

/** Whether the member of a row stands there: a cor_opt begins with its state. */
static inline bool cor_row_is_at(const struct cor_field *field, size_t offset)
{
	return !field->computed &&
	       (field->offset == offset || (field->is_opt && field->state_offset == offset));
}

/** The outside name of a row. */
static inline const char *cor_row_key(const struct cor_field *field)
{
	return field->key ? field->key : field->member;
}

/**
 * An item that obeys .contains of an array's row, as a row: its type, and the options of that rule
 * alone. The row must be as it counts, and have a .contains.
 */
struct cor_field cor_row_contained(const struct cor_field *field);

#endif
