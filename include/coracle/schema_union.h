/* SPDX-License-Identifier: MIT */
/**
 * Unions: a value that is one of several structs, and a member that says which.
 *
 *     enum shape_kind { SHAPE_CIRCLE, SHAPE_SQUARE };
 *     struct shape {
 *             enum shape_kind kind;
 *             union {
 *                     struct circle circle;
 *                     const struct square *square;
 *             };
 *     };
 *     static const struct cor_branch shape_branches[] = {
 *             COR_BRANCH(struct shape, circle, circle_schema, SHAPE_CIRCLE, "circle"),
 *             COR_BRANCH(struct shape, square, square_schema, SHAPE_SQUARE, "square"),
 *     };
 *     COR_LOCAL_UNION_SCHEMA(shape_schema, struct shape, kind, shape_branches,
 *             .discriminator = "type");
 *
 * In JSON it is the object of the branch with one member more, the discriminator, which holds the
 * branch's name: {"type": "circle", "radius": 2}. It may stand anywhere in the object; in the first
 * place it costs nothing to find. Answers have it in the first place. In the OpenAPI document it is
 * a oneOf with a mapping, of one schema for each branch: "shape_circle".
 *
 * The schema is one like any other: rows (COR_OBJECT, COR_OBJECT_ARRAY ...), operations, topics and
 * WebSockets take it. A branch is a struct with a table of rows of its own, by value or behind a
 * pointer. It may lie anywhere in the struct: a union is the usual place, because only the branch
 * that the tag names is read, written or copied.
 *
 * To write a tag of which no branch is, or a pointer that is NULL, is a fault like that of an enum
 * without a name: it has no JSON. A zeroed struct whose tag of 0 no branch has is absent: where the
 * row is COR_OPTIONAL, it is left out.
 */
#ifndef CORACLE_SCHEMA_UNION_H
#define CORACLE_SCHEMA_UNION_H

#include <coracle/schema.h>

/** One of the structs. Write it with COR_BRANCH(). */
struct cor_branch {
	const char *member;
	const char *owner; /* the struct that holds it, as spelled: "struct shape" */
	struct cor_type type;
	uint32_t offset;
	uint32_t value;   /* of the tag */
	const char *name; /* that value in JSON */
};

/** What a schema of this kind has instead of rows. Written by COR_UNION_SCHEMA(). */
struct cor_union {
	const struct cor_branch *branches;
	uint32_t len;        /* at most COR_BRANCHES_MAX */
	uint32_t tag_offset; /* of the enum in the struct */
};

#define COR_BRANCHES_MAX 256

/* clang-format off */

/** A branch: the member with its struct, that struct's schema, the tag's value and its name. */
#define COR_BRANCH(c_type_, path, schema_, value_, name_) \
	{ \
		.member = #path, \
		.owner = COR_SPELLED_(c_type_), \
		.type = COR_NESTED_(COR_MEMBER_(c_type_, path), schema_), \
		.offset = offsetof(c_type_, path), \
		.value = (uint32_t)(value_), \
		.name = name_, \
	}

/**
 * Define the schema of a union that COR_DECLARE_SCHEMA has declared: its tag, which is an enum, and
 * its branches. Options are members of struct cor_schema: .discriminator (default: the tag's
 * member name), .name, .doc.
 */
#define COR_UNION_SCHEMA(symbol_, tag, ...) COR_UNION_SCHEMA_(symbol_, tag, __VA_ARGS__, )
#define COR_UNION_SCHEMA_(symbol_, tag, table, ...) \
	COR_UNION_ROW_(symbol_, __typeof__(*symbol_.type), symbol_##_c_type_, tag, table); \
	COR_SCHEMA_(symbol_, symbol_##_row_, __VA_ARGS__)

/** Both in one line, as COR_LOCAL_SCHEMA. */
#define COR_LOCAL_UNION_SCHEMA(symbol_, c_type_, tag, ...) \
	COR_LOCAL_UNION_SCHEMA_(symbol_, c_type_, tag, __VA_ARGS__, )
#define COR_LOCAL_UNION_SCHEMA_(symbol_, c_type_, tag, table, ...) \
	COR_UNION_ROW_(symbol_, c_type_, COR_SPELLED_(c_type_), tag, table); \
	COR_LOCAL_SCHEMA_(symbol_, c_type_, symbol_##_row_, __VA_ARGS__)

#define COR_UNION_ROW_(symbol_, c_type_, spelled_, tag, table) \
	static const struct cor_union symbol_##_union_ = { \
		.branches = _Generic(&(table)[0], \
			const struct cor_branch *: (table), \
			struct cor_branch *: (table)), \
		.len = sizeof(table) / sizeof((table)[0]), \
		.tag_offset = offsetof(c_type_, tag) + \
			      0 * COR_ENUM_SIZE_(COR_MEMBER_(c_type_, tag)), \
	}; \
	static const struct cor_field symbol_##_row_[] = { { \
		.member = #tag, \
		.type = { \
			.kind = COR_KIND_UNION, \
			.size = sizeof(c_type_), \
			.one_of = &symbol_##_union_, \
		}, \
		.owner_size = sizeof(c_type_), \
		.owner = spelled_, \
		.bare = true, \
	} }

/* clang-format on */

#endif
