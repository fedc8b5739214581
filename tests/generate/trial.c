/* SPDX-License-Identifier: MIT */
/* A service with the kinds, shapes and options that a document can say: there and back. */
#include <coracle/coracle.h>

enum extra { EXTRA_BREAKFAST = 1, EXTRA_PARKING = 2 };
static const struct cor_enum_name extra_names[] = {
	{ "breakfast", EXTRA_BREAKFAST },
	{ "parking", EXTRA_PARKING },
};

struct booking {
	int64_t id;
	struct cor_date first_night;
	struct cor_time arrival;
	struct cor_duration reminder;
	struct cor_ip booked_from;
	struct cor_network allowed;
	struct cor_base64 signature;
	struct cor_decimal_number price, rate;
	uint32_t extras, pieces;
	uint64_t total;
	const char *mail, *secret;
	struct cor_uuid key;
	double share;
	cor_opt(bool) paid;
	cor_opt(int32_t) stars;
	cor_array(const char *) tags;
	struct cor_json more;
};
static const struct cor_field booking_fields[] = {
	COR_FIELD(struct booking, id, .access = COR_READ_ONLY, .as = COR_AS_TEXT),
	COR_FIELD(struct booking, first_night, .range = COR_MIN("2026-01-01")),
	COR_FIELD(struct booking, arrival, .range = COR_BETWEEN("14:00", "22:00"),
		.fallback = "\"15:00:00\""),
	COR_FIELD(struct booking, reminder, .range = COR_MAX("P7D"), .fallback = "\"PT24H\""),
	COR_FIELD(struct booking, booked_from, .key = "bookedFrom"),
	COR_FIELD(struct booking, allowed, .presence = COR_OPTIONAL),
	COR_FIELD(struct booking, signature, .presence = COR_OPTIONAL),
	COR_FIELD(struct booking, price, .range = COR_MIN("0")),
	COR_FIELD(struct booking, rate, .as = COR_AS_NUMBER),
	COR_FLAGS(struct booking, extras, extra_names, .fallback = "[]"),
	COR_FIELD(struct booking, pieces),
	COR_FIELD(struct booking, total, .doc = "In cents"),
	COR_FIELD(struct booking, mail, .format = "email", .min_length = 3, .max_length = 90),
	COR_FIELD(struct booking, secret, .access = COR_WRITE_ONLY, .pattern = "^\\S+$"),
	COR_FIELD(struct booking, key, .example = "\"00000000-0000-4000-8000-000000000001\""),
	COR_FIELD(struct booking, share, .range = COR_ABOVE(0.5), .multiple_of = 0.25),
	COR_OPT_FIELD(struct booking, paid),
	COR_OPT_FIELD(struct booking, stars, .presence = COR_NULLABLE, .range = COR_BETWEEN(1, 5)),
	COR_ARRAY(struct booking, tags, .max_length = 9, .max_items = 5, .unique_items = true),
	COR_FIELD(struct booking, more, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(booking_schema, struct booking, booking_fields, .doc = "A room \"with\" a view");

struct line {
	cor_array(double) points;
};
static const struct cor_field line_fields[] = {
	COR_ARRAY(struct line, points, .bare = true, .min_items = 2, .max_items = 3),
};
COR_LOCAL_SCHEMA(line_schema, struct line, line_fields);

struct drawing {
	cor_array(struct line) lines;
	cor_dict(int64_t) shelves;
	cor_dict(struct line) outlines;
	struct drawing *behind;
};
COR_DECLARE_SCHEMA(drawing_schema, struct drawing);
static const struct cor_field drawing_fields[] = {
	COR_OBJECT_ARRAY(struct drawing, lines, line_schema, .max_items = 1000),
	COR_DICT(struct drawing, shelves, .key_pattern = "^[a-z-]{1,32}$", .range = COR_MIN(0)),
	COR_OBJECT_DICT(struct drawing, outlines, line_schema, .presence = COR_OPTIONAL),
	COR_OBJECT(struct drawing, behind, drawing_schema, .presence = COR_NULLABLE),
};
COR_SCHEMA(drawing_schema, drawing_fields, .unknown = COR_IGNORE);

struct circle {
	double radius;
};
static const struct cor_field circle_fields[] = { COR_FIELD(struct circle, radius) };
COR_LOCAL_SCHEMA(circle_schema, struct circle, circle_fields, .unknown = COR_IGNORE);

struct square {
	double side;
};
static const struct cor_field square_fields[] = { COR_FIELD(struct square, side) };
COR_LOCAL_SCHEMA(square_schema, struct square, square_fields, .unknown = COR_IGNORE);

enum shape_kind { SHAPE_CIRCLE, SHAPE_SQUARE };
struct shape {
	enum shape_kind kind;
	union {
		struct circle circle;
		struct square square;
	};
};
static const struct cor_branch shape_branches[] = {
	COR_BRANCH(struct shape, circle, circle_schema, SHAPE_CIRCLE, "circle"),
	COR_BRANCH(struct shape, square, square_schema, SHAPE_SQUARE, "square"),
};
COR_LOCAL_UNION_SCHEMA(shape_schema, struct shape, kind, shape_branches, .discriminator = "type");

static int book(struct cor_ctx *ctx, const struct booking *in, struct booking *out)
{
	(void)in;
	(void)out;
	return cor_problem(ctx, 501, 0, "nothing is booked");
}
COR_OPERATION(book_operation, book, booking_schema, booking_schema, .problems = { 501 });
static const struct cor_resource bookings = { .path = "/bookings", .post = &book_operation };

static int draw(struct cor_ctx *ctx, const struct drawing *in, struct drawing *out)
{
	(void)in;
	(void)out;
	return cor_problem(ctx, 501, 0, "nothing is drawn");
}
COR_OPERATION(draw_operation, draw, drawing_schema, drawing_schema, .problems = { 501 });
static const struct cor_resource drawings = { .path = "/drawings", .post = &draw_operation };

static int form(struct cor_ctx *ctx, const struct shape *in, struct shape *out)
{
	(void)in;
	(void)out;
	return cor_problem(ctx, 501, 0, "nothing is formed");
}
COR_OPERATION(form_operation, form, shape_schema, shape_schema, .problems = { 501 });
static const struct cor_resource shapes = { .path = "/shapes", .post = &form_operation };

static const struct cor_service service = {
	.name = "trial",
	.resources = COR_RESOURCES(&bookings, &drawings, &shapes),
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &service);
}
