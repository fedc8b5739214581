/* SPDX-License-Identifier: MIT */
#include "shop.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id),
	COR_FIELD(struct book, title),
	COR_FIELD(struct book, pages),
};
COR_SCHEMA(book_schema, book_fields);

static const struct cor_field draft_fields[] = {
	COR_FIELD(struct draft, title, .min_length = 1, .max_length = 80),
	COR_FIELD(struct draft, pages, .range = COR_MIN(1)),
};
COR_SCHEMA(draft_schema, draft_fields);

static const struct cor_field change_fields[] = {
	COR_FIELD(struct change, id, .from = COR_FROM_PATH),
	COR_FIELD(struct change, pages, .range = COR_MIN(1)),
};
COR_SCHEMA(change_schema, change_fields);

static int start(struct cor_ctx *ctx, void **ret_state)
{
	struct shelf *shelf = cor_alloc(ctx, sizeof *shelf);

	if (!shelf)
		return -ENOMEM;
	*shelf = (struct shelf){ .len = 0 };
	shelf->books[shelf->len++] = (struct book){ 7, "Emma", 474 };
	*ret_state = shelf;
	cor_log_info(ctx, "the shelf is filled");
	return 0;
}

static struct book *find(struct cor_ctx *ctx, int64_t id)
{
	struct shelf *shelf = cor_state(ctx);

	for (size_t i = 0; i < shelf->len; i++)
		if (shelf->books[i].id == id)
			return &shelf->books[i];
	return NULL;
}

struct book_ref {
	int64_t id;
};
static const struct cor_field ref_fields[] = {
	COR_FIELD(struct book_ref, id, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(ref_schema, struct book_ref, ref_fields);

static int get_book(struct cor_ctx *ctx, const struct book_ref *in, struct book *out)
{
	const struct book *book = find(ctx, in->id);

	if (!book)
		return cor_problem(ctx, 404, 0, "no book %" PRId64, in->id);
	*out = *book;
	return 0;
}
COR_OPERATION(
	book_get, get_book, ref_schema, book_schema, .problems = { 404 }, .summary = "A book");

static int put_book(struct cor_ctx *ctx, const struct change *in, struct book *out)
{
	struct book *book = find(ctx, in->id);

	if (!book)
		return cor_problem(ctx, 404, 0, "no book %" PRId64, in->id);
	book->pages = in->pages;
	*out = *book;
	return 0;
}
COR_OPERATION(book_put, put_book, change_schema, book_schema, .problems = { 404 },
	.summary = "Change a book");
static const struct cor_resource book_resource = {
	.path = "/books/{id}", .get = &book_get, .put = &book_put
};

static int add_book(struct cor_ctx *ctx, const struct draft *in, struct book *out)
{
	struct shelf *shelf = cor_state(ctx);

	if (shelf->len == BOOKS)
		return cor_problem(ctx, 409, 0, "the shelf is full");
	*out = (struct book){ (int64_t)shelf->len + 7, in->title, in->pages };
	struct book *kept = &shelf->books[shelf->len++];
	*kept = *out;
	kept->title = "kept";
	return 0;
}
COR_OPERATION(books_post, add_book, draft_schema, book_schema, .status = 201, .problems = { 409 },
	.summary = "Add a book");
static const struct cor_resource books_resource = { .path = "/books", .post = &books_post };

struct settings {
	const char *greeting;
};
static const struct cor_field settings_fields[] = {
	COR_FIELD(struct settings, greeting, .fallback = "\"hello\""),
};
COR_LOCAL_SCHEMA(settings_schema, struct settings, settings_fields);

static int greet(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)in;
	*out = cor_str(cor_settings(ctx, settings_schema)->greeting);
	return 0;
}
COR_OPERATION(hello_get, greet, COR_NONE, COR_TEXT, .summary = "Say hello");
static const struct cor_resource hello_resource = { .path = "/hello", .get = &hello_get };

/* Answers with as many bytes as it was sent. */
static int give_back(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	char piece[4096];
	size_t bytes = 0;
	ssize_t n;

	(void)ctx;
	(void)in;
	while ((n = cor_body_read(body, piece, sizeof piece)) > 0)
		bytes += (size_t)n;
	int rc = n < 0 ? (int)n : cor_reply_start(reply, 200, NULL);
	memset(piece, 'x', sizeof piece);
	for (; rc == 0 && bytes > 0; bytes -= bytes < sizeof piece ? bytes : sizeof piece)
		rc = cor_reply_write(reply, piece, bytes < sizeof piece ? bytes : sizeof piece);
	return rc;
}
COR_STREAM_OPERATION(bulk_post, give_back, COR_NONE, .content_type = "application/octet-stream",
	.summary = "Give back as much");
static const struct cor_resource bulk_resource = { .path = "/bulk", .post = &bulk_post };

const struct cor_service shop = {
	.name = "shop",
	.version = "1.0.0",
	.title = "A shop",
	.resources = COR_RESOURCES(&book_resource, &books_resource, &hello_resource, &nap_resource,
		&hold_resource, &leak_resource, &price_resource, &work_resource, &ticks_resource,
		&talk_resource, &news_resource, &made_resource, &scarce_resource, &count_resource,
		&whoami_resource, &apart_resource, &bulk_resource),
	.upstreams = COR_UPSTREAMS(&prices),
	.executors = COR_EXECUTORS(&works, &apart),
	.topics = COR_TOPICS(&news),
	.caches = COR_CACHES(&made),
	.settings = COR_SETTINGS(settings_schema),
	.start = start,
};
