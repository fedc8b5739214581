/* SPDX-License-Identifier: MIT */
#include <coracle/schema.h>

/* The field tables of the design, and every row macro with every type that it accepts. */
struct price {
	int64_t cents;
	char currency[4];
};
static const struct cor_field price_fields[] = {
	COR_FIELD(struct price, cents, .range = COR_MIN(0)),
	COR_FIELD(struct price, currency, .doc = "ISO 4217 code"),
};
COR_DECLARE_SCHEMA(price_schema, struct price);
COR_SCHEMA(price_schema, price_fields);

struct book {
	int64_t id;
	const char *title;
	cor_array(const char *) tags;
	struct price price;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id, .access = COR_READ_ONLY),
	COR_FIELD(struct book, title, .min_length = 1, .max_length = 200),
	COR_ARRAY(struct book, tags, .presence = COR_OPTIONAL),
	COR_OBJECT(struct book, price, price_schema, .access = COR_READ_ONLY),
};
COR_DECLARE_SCHEMA(book_schema, struct book);
COR_SCHEMA(book_schema, book_fields, .doc = "A book in stock");

struct book_ref {
	int64_t id;
};
static const struct cor_field book_ref_fields[] = {
	COR_FIELD(struct book_ref, id, .from = COR_FROM_PATH, .range = COR_MIN(1)),
};
COR_DECLARE_SCHEMA(book_ref_schema, struct book_ref);
COR_SCHEMA(book_ref_schema, book_ref_fields);

enum colour { RED, GREEN = 7 };
static const struct cor_enum_name colour_names[] = { { "red", RED }, { "green", GREEN } };

struct all {
	bool boolean;
	int32_t i32;
	int64_t i64;
	long plain_long;
	long long long_long;
	uint32_t u32;
	uint64_t u64;
	unsigned long long ull;
	size_t size;
	double real;
	const char *text;
	struct cor_str str;
	char chars[16];
	struct timespec time;
	struct cor_uuid uuid;
	struct cor_json raw;
	enum colour colour;
	struct price price;
	struct all *next;
	const struct price *fixed;
	cor_array(int32_t) numbers;
	cor_array(char[4]) codes;
	cor_array(enum colour) colours;
	cor_array(struct price) prices;
	cor_opt(int64_t) opt;
	cor_opt(const char *) opt_text;
	cor_opt(enum colour) opt_colour;
	cor_opt(struct price) opt_price;
	struct {
		int64_t inner;
	} group;
};
COR_DECLARE_SCHEMA(all_schema, struct all);
static const struct cor_field all_fields[] = {
	COR_FIELD(struct all, boolean, .fallback = "true"),
	COR_FIELD(struct all, i32, .range = COR_BETWEEN(-1, 5)),
	COR_FIELD(struct all, i64, .range = COR_ABOVE(0)),
	COR_FIELD(struct all, plain_long, .range = COR_BELOW(10L)),
	COR_FIELD(struct all, long_long, .range = COR_MAX(10LL)),
	COR_FIELD(struct all, u32, .range = COR_MAX(10u)),
	COR_FIELD(struct all, u64, .range = COR_MAX(UINT64_MAX)),
	COR_FIELD(struct all, ull),
	COR_FIELD(struct all, size),
	COR_FIELD(struct all, real, .range = COR_BETWEEN(0.5, 1.5f)),
	COR_FIELD(struct all, text, .pattern = "^a", .presence = COR_NULLABLE),
	COR_FIELD(struct all, str, .presence = COR_OPTIONAL),
	COR_FIELD(struct all, chars, .key = "letters"),
	COR_FIELD(struct all, time),
	COR_FIELD(struct all, uuid),
	COR_FIELD(struct all, raw, .example = "{}"),
	COR_ENUM(struct all, colour, colour_names),
	COR_OBJECT(struct all, price, price_schema),
	COR_OBJECT(struct all, next, all_schema, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OBJECT(struct all, fixed, price_schema),
	COR_ARRAY(struct all, numbers, .min_items = 1, .max_items = 3),
	COR_ARRAY(struct all, codes),
	COR_ENUM_ARRAY(struct all, colours, colour_names),
	COR_OBJECT_ARRAY(struct all, prices, price_schema),
	COR_OPT_FIELD(struct all, opt, .presence = COR_NULLABLE),
	COR_OPT_FIELD(struct all, opt_text),
	COR_OPT_ENUM(struct all, opt_colour, colour_names),
	COR_OPT_OBJECT(struct all, opt_price, price_schema),
	COR_FIELD(struct all, group.inner, .key = "inner"),
};
COR_SCHEMA(all_schema, all_fields, .name = "Everything", .unknown = COR_IGNORE);

/* Local to this file, and accepted wherever a schema is. */
struct shelf {
	struct price total;
	cor_array(struct book) books;
};
static const struct cor_field shelf_fields[] = {
	COR_OBJECT(struct shelf, total, price_schema),
	COR_OBJECT_ARRAY(struct shelf, books, book_schema),
};
COR_LOCAL_SCHEMA(shelf_schema, struct shelf, shelf_fields, .name = "shelf", .unknown = COR_IGNORE);

struct room {
	struct shelf shelf;
	struct shelf *other;
	struct price price;
};
static const struct cor_field room_fields[] = {
	COR_OBJECT(struct room, shelf, shelf_schema),
	COR_OBJECT(struct room, other, shelf_schema, .presence = COR_NULLABLE),
	COR_EMBED(struct room, price, price_schema),
};
COR_LOCAL_SCHEMA(room_schema, struct room, room_fields);
extern const struct cor_schema *const rooms;
const struct cor_schema *const rooms = &room_schema.schema;

/* A cor_opt or a cor_array with a name can be assigned. */
typedef cor_opt(int32_t) opt_rating;
typedef cor_array(struct price) price_list;
struct review {
	opt_rating rating;
	price_list prices;
};
struct review_patch {
	opt_rating rating;
	price_list prices;
};
static const struct cor_field review_fields[] = {
	COR_OPT_FIELD(struct review, rating, .range = COR_BETWEEN(1, 5)),
	COR_OBJECT_ARRAY(struct review, prices, price_schema),
};
COR_LOCAL_SCHEMA(review_schema, struct review, review_fields);
extern const struct cor_schema *const reviews;
const struct cor_schema *const reviews = &review_schema.schema;

void apply_review(struct review *review, const struct review_patch *patch);
void apply_review(struct review *review, const struct review_patch *patch)
{
	review->rating = patch->rating;
	review->prices = patch->prices;
}
