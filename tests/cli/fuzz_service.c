/* SPDX-License-Identifier: MIT */
/* Operations with a defect each, for test_fuzz.py: in the place of the scaffold's books. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/books.h"

struct note {
	const char *title;
	uint32_t pages;
};
COR_DECLARE_SCHEMA(note_schema, struct note);
static const struct cor_field note_fields[] = {
	COR_FIELD(struct note, title, .max_length = 50, .example = "\"Emma\""),
	COR_FIELD(struct note, pages, .range = COR_BETWEEN(1, 5000), .example = "474"),
};
COR_SCHEMA(note_schema, note_fields);

struct query {
	int32_t n;
};
COR_DECLARE_SCHEMA(query_schema, struct query);
static const struct cor_field query_fields[] = {
	COR_FIELD(struct query, n, .fallback = "1"),
};
COR_SCHEMA(query_schema, query_fields);

struct share {
	int32_t percent;
};
COR_DECLARE_SCHEMA(share_schema, struct share);
static const struct cor_field share_fields[] = {
	COR_FIELD(struct share, percent, .range = COR_BETWEEN(0, 100)),
};
COR_SCHEMA(share_schema, share_fields);

static int overflow(struct cor_ctx *ctx, const struct note *note, struct note *out)
{
	char *copy = malloc(8);

	(void)ctx;
	if (!copy)
		return -ENOMEM;
	if (strncmp(note->title, "Moby", 4) == 0)
		memcpy(copy, note->title, strlen(note->title) + 5); /* DEFECT */
	*out = *note;
	out->title = copy[0] == 'x' ? "x" : "y";
	free(copy);
	return 0;
}
COR_OPERATION(overflow_operation, overflow, note_schema, note_schema);

static int divide(struct cor_ctx *ctx, const struct query *query, struct share *out)
{
	(void)ctx;
	out->percent = 50 / (query->n % 1000 - 77) > 0; /* DEFECT */
	return 0;
}
COR_OPERATION(divide_operation, divide, query_schema, share_schema);

static int teapot(struct cor_ctx *ctx, const struct query *query, struct share *out)
{
	out->percent = 3;
	if (query->n == 1000)
		return cor_problem(ctx, 418, 0, "short and stout"); /* DEFECT */
	return 0;
}
COR_OPERATION(teapot_operation, teapot, query_schema, share_schema);

static int exceed(struct cor_ctx *ctx, const struct query *query, struct share *out)
{
	(void)ctx;
	out->percent = query->n > 0 ? query->n : 0; /* DEFECT */
	return 0;
}
COR_OPERATION(exceed_operation, exceed, query_schema, share_schema);

static int leak(struct cor_ctx *ctx, const struct query *query, struct share *out)
{
	char *lost = query->n > 5 ? malloc(40) : NULL;

	(void)ctx;
	if (lost)
		snprintf(lost, 40, "%d", (int)query->n);
	out->percent = lost && lost[0] == '9'; /* DEFECT */
	return 0;
}
COR_OPERATION(leak_operation, leak, query_schema, share_schema);

static int insist(struct cor_ctx *ctx, const struct query *query, struct share *out)
{
	(void)ctx;
	assert(query->n != 1000); /* DEFECT */
	out->percent = 1;
	return 0;
}
COR_OPERATION(insist_operation, insist, query_schema, share_schema);

struct offer {
	struct cor_decimal_number price;
};
COR_DECLARE_SCHEMA(offer_schema, struct offer);
static const struct cor_field offer_fields[] = {
	COR_FIELD(
		struct offer, price, .range = COR_BETWEEN("0", "9999.99"), .example = "\"19.90\""),
};
COR_SCHEMA(offer_schema, offer_fields);

static int rent(struct cor_ctx *ctx, const struct offer *offer, struct share *out)
{
	(void)ctx;
	out->percent = offer->price.unscaled * 90 < 0; /* DEFECT */
	return 0;
}
COR_OPERATION(rent_operation, rent, offer_schema, share_schema);

static int flawless(struct cor_ctx *ctx, const struct note *note, struct note *out)
{
	(void)ctx;
	*out = *note;
	return 0;
}
COR_OPERATION(flawless_operation, flawless, note_schema, note_schema);

/* --- who has logged in: a defect that nobody else meets, of what is there alone --- */

struct pass {
	const char *token;
};
COR_DECLARE_SCHEMA(pass_schema, struct pass);
static const struct cor_field pass_fields[] = {
	COR_FIELD(struct pass, token),
};
COR_SCHEMA(pass_schema, pass_fields);

static int check_pass(struct cor_ctx *ctx, const char *token, struct pass *pass)
{
	pass->token = token;
	return strcmp(token, "let me in") == 0 ? cor_grant(ctx, "") : cor_deny(ctx, "no pass");
}
COR_API_KEY(pass_scheme, check_pass, pass_schema, .name = "pass");

static int enter(struct cor_ctx *ctx, const struct cor_none *in, struct pass *pass)
{
	(void)ctx, (void)in;
	pass->token = "let me in";
	return 0;
}
COR_OPERATION(enter_operation, enter, COR_NONE, pass_schema);

struct ticket {
	int64_t id;
};
COR_DECLARE_SCHEMA(ticket_schema, struct ticket);
static const struct cor_field ticket_fields[] = {
	COR_FIELD(struct ticket, id, .from = COR_FROM_PATH),
};
COR_SCHEMA(ticket_schema, ticket_fields);

static int guarded(struct cor_ctx *ctx, const struct ticket *ticket, struct share *out)
{
	out->percent = 1;
	return cor_problem(ctx, ticket->id == 987654321 ? 418 : 404, 0, "none");
}
COR_OPERATION(guarded_operation, guarded, ticket_schema, share_schema, .problems = { 404 },
	.security = COR_SECURITY({ .scheme = &pass_scheme }));
const struct cor_resource enter_resource = { .path = "/enter", .post = &enter_operation };
const struct cor_resource guarded_resource = { .path = "/guarded/{id}", .get = &guarded_operation };

const struct cor_resource books_resource = { .path = "/overflow", .post = &overflow_operation };
const struct cor_resource book_resource = { .path = "/divide", .get = &divide_operation };
const struct cor_resource teapot_resource = { .path = "/teapot", .get = &teapot_operation };
const struct cor_resource exceed_resource = { .path = "/exceed", .get = &exceed_operation };
const struct cor_resource leak_resource = { .path = "/leak", .get = &leak_operation };
const struct cor_resource insist_resource = { .path = "/insist", .get = &insist_operation };
const struct cor_resource rent_resource = { .path = "/rent", .post = &rent_operation };
const struct cor_resource flawless_resource = { .path = "/flawless", .post = &flawless_operation };
