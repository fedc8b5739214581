/* SPDX-License-Identifier: MIT */
/*
 * A library that lends: what a document can say beyond fields. A base that several structs have in
 * common, media that are one of two things, answers by status with examples and links, a callback
 * and a webhook (which it describes, and does not send), tags with texts.
 */
#include <coracle/coracle.h>

/* What all records have in common. */
struct record {
	int64_t id;
	struct timespec added;
};
static const struct cor_field record_fields[] = {
	COR_FIELD(struct record, id, .example = "1", .doc = "Assigned by the library"),
	COR_FIELD(struct record, added, .example = "\"2026-01-31T12:00:00Z\""),
};
COR_LOCAL_SCHEMA(
	record_schema, struct record, record_fields, .doc = "What all records have", .base = true);

struct paper {
	uint32_t pages;
};
static const struct cor_field paper_fields[] = {
	COR_FIELD(struct paper, pages, .range = COR_BETWEEN(1, 5000), .example = "320"),
};
COR_LOCAL_SCHEMA(paper_schema, struct paper, paper_fields, .doc = "Printed");

struct audio {
	struct cor_duration length;
	const char *reader;
};
static const struct cor_field audio_fields[] = {
	COR_FIELD(struct audio, length, .example = "\"PT5H30M\""),
	COR_FIELD(struct audio, reader, .presence = COR_OPTIONAL | COR_NULLABLE,
		.example = "\"Ann\""),
};
COR_LOCAL_SCHEMA(audio_schema, struct audio, audio_fields, .doc = "Read aloud");

enum medium_kind { PAPER = 1, AUDIO };
struct medium {
	enum medium_kind kind;
	union {
		struct paper paper;
		struct audio audio;
	};
};
static const struct cor_branch medium_branches[] = {
	COR_BRANCH(struct medium, paper, paper_schema, PAPER, "paper"),
	COR_BRANCH(struct medium, audio, audio_schema, AUDIO, "audio"),
};
COR_LOCAL_UNION_SCHEMA(
	medium_schema, struct medium, kind, medium_branches, .doc = "What a book is made of");

struct book {
	struct record record;
	const char *title;
	struct medium medium;
	cor_dict(uint32_t) ratings;
	uint32_t shelf;
};
static const struct cor_field book_fields[] = {
	COR_EMBED(struct book, record, record_schema),
	COR_FIELD(struct book, title, .min_length = 1, .example = "\"Emma\""),
	COR_OBJECT(struct book, medium, medium_schema),
	COR_DICT(struct book, ratings, .key_pattern = "^[a-z]+$", .range = COR_BETWEEN(1, 5),
		.doc = "From 1 to 5, by reader"),
	COR_FIELD(struct book, shelf, .deprecated = true, .doc = "Ask at the desk"),
};
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields, .doc = "A book to lend");

struct loan {
	struct record record;
	int64_t book;
	const char *reader;
	struct cor_date until;
};
static const struct cor_field loan_fields[] = {
	COR_EMBED(struct loan, record, record_schema),
	COR_FIELD(struct loan, book, .example = "2"),
	COR_FIELD(struct loan, reader, .min_length = 1, .example = "\"Bob\""),
	COR_FIELD(struct loan, until, .example = "\"2026-02-28\""),
};
COR_LOCAL_SCHEMA(loan_schema, struct loan, loan_fields, .doc = "Who has what");

/* Somebody else was faster. */
struct clash {
	struct cor_date until;
	const char *after;
};
static const struct cor_field clash_fields[] = {
	COR_FIELD(struct clash, until, .doc = "The day on which it comes back"),
	COR_FIELD(struct clash, after, .key = "Retry-After", .to = COR_TO_HEADER,
		.doc = "In seconds"),
};
COR_LOCAL_SCHEMA(clash_schema, struct clash, clash_fields, .doc = "It is lent already");

struct ref {
	int64_t id;
};
static const struct cor_field ref_fields[] = {
	COR_FIELD(struct ref, id, .from = COR_FROM_PATH, .range = COR_MIN(1), .example = "1"),
};
COR_LOCAL_SCHEMA(ref_schema, struct ref, ref_fields);

/* Constant: nobody adds books here. */
static const struct book books[] = {
	{ .record = { 1, { 1769860800, 0 } },
		.title = "Emma",
		.medium = { PAPER, .paper = { 320 } },
		.shelf = 4 },
	{ .record = { 2, { 1769947200, 0 } },
		.title = "Persuasion",
		.medium = { AUDIO, .audio = { { 30600000000000 }, NULL } },
		.shelf = 5 },
};
#define BOOKS (sizeof books / sizeof books[0])

static int rate(struct cor_ctx *ctx, struct book *book)
{
	book->ratings.items = cor_alloc(ctx, 2 * sizeof *book->ratings.items);
	if (!book->ratings.items)
		return -ENOMEM;
	book->ratings.len = 2;
	book->ratings.items[0].key = "ann";
	book->ratings.items[0].value = 5;
	book->ratings.items[1].key = "bob";
	book->ratings.items[1].value = 3;
	return 0;
}

static int get_book(struct cor_ctx *ctx, const struct ref *ref, struct book *book)
{
	if (ref->id > (int64_t)BOOKS)
		return cor_problem(ctx, 404, 0, "no book %" PRId64, ref->id);
	*book = books[ref->id - 1];
	return rate(ctx, book);
}
COR_OPERATION(get_book_operation, get_book, ref_schema, book_schema, .summary = "Fetch a book",
	.responses = COR_RESPONSES(
		{
			.status = 200,
			.doc = "The book, lent or not",
			.examples = COR_EXAMPLES(
				{
					.name = "paper",
					.summary = "A printed book",
					.value =
						"{\"id\": 1, \"added\": \"2026-01-31T12:00:00Z\","
						"\"title\": \"Emma\", \"medium\": {\"kind\": \"paper\","
						"\"pages\": 320}, \"ratings\": {\"ann\": 5},"
						"\"shelf\": 4}",
				},
				{
					.name = "audio",
					.value =
						"{\"id\": 2, \"added\": \"2026-02-01T12:00:00Z\","
						"\"title\": \"Persuasion\", \"medium\": {\"kind\":"
						"\"audio\", \"length\": \"PT8H30M\", \"reader\": null},"
						"\"ratings\": {}, \"shelf\": 5}",
				}),
		},
		{ .status = 404, .doc = "The library has no such book" }));

struct books {
	cor_array(struct book) items;
};
static const struct cor_field books_fields[] = {
	COR_OBJECT_ARRAY(struct books, items, book_schema, .bare = true),
};
COR_LOCAL_SCHEMA(books_schema, struct books, books_fields, .doc = "All books");

static int list_books(struct cor_ctx *ctx, const struct cor_none *in, struct books *out)
{
	int rc = 0;

	(void)in;
	out->items.items = cor_alloc(ctx, sizeof books);
	if (!out->items.items)
		return -ENOMEM;
	for (; out->items.len < BOOKS && rc == 0; out->items.len++) {
		out->items.items[out->items.len] = books[out->items.len];
		rc = rate(ctx, &out->items.items[out->items.len]);
	}
	return rc;
}
COR_OPERATION(list_books_operation, list_books, COR_NONE, books_schema, .summary = "List books");

struct wish {
	int64_t book;
	const char *reader;
	const char *notify_url;
};
static const struct cor_field wish_fields[] = {
	COR_FIELD(struct wish, book, .range = COR_BETWEEN(1, BOOKS), .example = "2"),
	COR_FIELD(struct wish, reader, .min_length = 1, .max_length = 40, .example = "\"Bob\""),
	COR_FIELD(struct wish, notify_url, .presence = COR_OPTIONAL, .format = "uri",
		.doc = "Where to say that it is due"),
};
COR_LOCAL_SCHEMA(wish_schema, struct wish, wish_fields, .doc = "Who wants what");

static int lend(struct cor_ctx *ctx, const struct wish *wish, struct loan *loan)
{
	const struct cor_date until = { 2026, 2, 28 };

	if (wish->book == 1) /* it always is */
		return cor_respond(ctx, 409, clash_schema, &(struct clash){ until, "86400" });
	*loan = (struct loan){ { 1, cor_now() }, wish->book, wish->reader, until };
	return 0;
}
COR_OPERATION(lend_operation, lend, wish_schema, loan_schema, .summary = "Lend a book",
	.status = 201, .tag = "loans",
	.examples = COR_EXAMPLES({ .name = "free", .value = "{\"book\": 2, \"reader\": \"Bob\"}" },
		{
			.name = "lent",
			.summary = "Gives a 409",
			.value = "{\"book\": 1, \"reader\": \"Bob\"}",
		}),
	.responses = COR_RESPONSES(
		{
			.status = 201,
			.doc = "It is yours until then",
			.links = COR_LINKS({
				.name = "book",
				.operation = &get_book_operation,
				.doc = "What was lent",
				.values = COR_LINK_VALUES({ "id", "$response.body#/book" }),
			}),
		},
		{
			.status = 409,
			.doc = "Somebody has it",
			.schema = COR_ANSWERS(clash_schema),
			.examples = COR_EXAMPLES(
				{ .name = "february", .value = "{\"until\": \"2026-02-28\"}" }),
		}),
	.callbacks = COR_OUTGOING({
		.name = "due",
		.url = "{$request.body#/notify_url}",
		.summary = "The book is due",
		.sends = COR_ANSWERS(loan_schema),
	}));

static const struct cor_resource books_resource = {
	.path = "/books",
	.get = &list_books_operation,
	.tag = "books",
};
static const struct cor_resource book_resource = {
	.path = "/books/{id}",
	.get = &get_book_operation,
	.tag = "books",
};
static const struct cor_resource loans_resource = { .path = "/loans", .post = &lend_operation };

static int count_books(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)in;
	out->data = cor_printf(ctx, "%zu\n", BOOKS);
	out->len = out->data ? strlen(out->data) : 0;
	return out->data ? 0 : -ENOMEM;
}
COR_OPERATION(count_books_operation, count_books, COR_NONE, COR_TEXT);
static const struct cor_resource count_resource = {
	.path = "/count",
	.get = &count_books_operation,
	.hidden = true, /* of the document: for the staff */
};

static const struct cor_external_docs handbook = {
	.url = "https://example.com/handbook",
	.doc = "The handbook of the library",
};

static const struct cor_about about = {
	.contact_name = "The desk",
	.contact_email = "desk@example.com",
	.license_name = "MIT",
	.license_identifier = "MIT",
	.terms_url = "https://example.com/terms",
	.external_docs = &handbook,
	.tags = COR_TAGS({ .name = "books", .doc = "What is on the shelves" },
		{ .name = "loans", .doc = "Who has it", .external_docs = &handbook }),
	.servers = COR_SERVERS({ .url = "https://library.example.com/v1", .doc = "For everybody" }),
	.webhooks = COR_OUTGOING({
		.name = "new_book",
		.summary = "There is a new book",
		.sends = COR_ANSWERS(book_schema),
	}),
};

static const struct cor_service lending = {
	.name = "lending",
	.version = "1.0.0",
	.title = "A library that lends",
	.doc = "Books, and who has them.",
	.about = &about,
	.resources = COR_RESOURCES(
		&books_resource, &book_resource, &loans_resource, &count_resource),
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &lending);
}
