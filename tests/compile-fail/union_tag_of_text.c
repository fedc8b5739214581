/* SPDX-License-Identifier: MIT */
/* expect: const char \*\* */
#include <coracle/schema_union.h>

struct circle {
	double radius;
};
static const struct cor_field circle_fields[] = { COR_FIELD(struct circle, radius) };
COR_LOCAL_SCHEMA(circle_schema, struct circle, circle_fields);
struct square {
	double side;
};
static const struct cor_field square_fields[] = { COR_FIELD(struct square, side) };
COR_LOCAL_SCHEMA(square_schema, struct square, square_fields);

enum shape_kind { CIRCLE, SQUARE };
struct shape {
	enum shape_kind kind;
	const char *name;
	union {
		struct circle circle;
		struct square *square;
	};
};

static const struct cor_branch shape_branches[] = {
	COR_BRANCH(struct shape, circle, circle_schema, CIRCLE, "circle"),
	COR_BRANCH(struct shape, square, square_schema, SQUARE, "square"),
};
#ifdef MISTAKE
COR_LOCAL_UNION_SCHEMA(shape_schema, struct shape, name, shape_branches);
#else
COR_LOCAL_UNION_SCHEMA(shape_schema, struct shape, kind, shape_branches);
#endif
extern const struct cor_schema *const used;
const struct cor_schema *const used = &shape_schema.schema;
