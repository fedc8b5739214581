/* SPDX-License-Identifier: MIT */
#include "lies.h"

#include <stdlib.h>
#include <string.h>

#include <coracle/schema_union.h>
#include <coracle/upload.h>

/* --- honest --- */

struct item_ref {
	int64_t id;
};
static const struct cor_field item_ref_fields[] = {
	COR_FIELD(struct item_ref, id, .from = COR_FROM_PATH, .range = COR_BETWEEN(1, 1000)),
};
COR_LOCAL_SCHEMA(item_ref_schema, struct item_ref, item_ref_fields);

struct item {
	int64_t id;
	const char *title;
	double price;
	cor_array(const char *) tags;
};
static const struct cor_field item_fields[] = {
	COR_FIELD(struct item, id, .access = COR_READ_ONLY),
	COR_FIELD(struct item, title, .min_length = 1, .max_length = 20),
	COR_FIELD(struct item, price, .range = COR_BETWEEN(0, 100), .presence = COR_REQUIRED),
	COR_ARRAY(struct item, tags, .max_items = 3, .unique_items = true, .max_length = 5),
};
COR_LOCAL_SCHEMA(item_schema, struct item, item_fields);

static int get_item(struct cor_ctx *ctx, const struct item_ref *ref, struct item *item)
{
	if (ref->id != 7)
		return cor_problem(ctx, 404, 0, "no item %" PRId64, ref->id);
	*item = (struct item){ .id = 7, .title = "seven", .price = 7 };
	return 0;
}
COR_OPERATION(get_operation, get_item, item_ref_schema, item_schema, .problems = { 404 });

static int add_item(struct cor_ctx *ctx, const struct item *in, struct item *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(
	add_operation, add_item, item_schema, item_schema, .status = 201, .problems = { 507 });
static const struct cor_resource honest_one = { .path = "/honest/{id}", .get = &get_operation };
static const struct cor_resource honest = { .path = "/honest", .post = &add_operation };

/* --- a status that is not declared --- */

static int undeclared(struct cor_ctx *ctx, const struct item_ref *ref, struct item *item)
{
	(void)item;
	return cor_problem(ctx, 410, 0, "item %" PRId64 " is gone", ref->id);
}
COR_OPERATION(undeclared_operation, undeclared, item_ref_schema, item_schema);
static const struct cor_resource undeclared_resource = { .path = "/undeclared/{id}",
	.get = &undeclared_operation };

/* --- an answer that its schema does not allow: a stream writes it --- */

static int wrong_answer(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	static const char text[] = "{\"id\":\"seven\",\"title\":\"x\",\"price\":1,\"tags\":[]}";

	(void)ctx, (void)in, (void)body;
	int rc = cor_reply_start(reply, 200, NULL);

	return rc < 0 ? rc : cor_reply_write(reply, text, sizeof text - 1);
}
COR_STREAM_OPERATION(
	wrong_answer_operation, wrong_answer, COR_NONE, .answers = COR_ANSWERS(item_schema));
static const struct cor_resource wrong_answer_resource = { .path = "/wrong-answer",
	.get = &wrong_answer_operation };

static int more_members(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	static const char text[] =
		"{\"id\":7,\"title\":\"x\",\"price\":1,\"tags\":[],\"secret\":\"1234\"}";

	(void)ctx, (void)in, (void)body;
	int rc = cor_reply_start(reply, 200, NULL);

	return rc < 0 ? rc : cor_reply_write(reply, text, sizeof text - 1);
}
COR_STREAM_OPERATION(
	more_members_operation, more_members, COR_NONE, .answers = COR_ANSWERS(item_schema));
static const struct cor_resource more_members_resource = { .path = "/more-members",
	.get = &more_members_operation };

static int wrong_type(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	int rc = cor_reply_start(reply, 200, "text/html");

	(void)ctx, (void)in, (void)body;
	return rc < 0 ? rc : cor_reply_write(reply, "<p>", 3);
}
COR_STREAM_OPERATION(wrong_type_operation, wrong_type, COR_NONE, .content_type = "text/csv");
static const struct cor_resource wrong_type_resource = { .path = "/wrong-type",
	.get = &wrong_type_operation };

/* --- a rule that a hook gets around --- */

static int cut_title(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **item)
{
	struct cor_str title;

	(void)ctx;
	if (cor_node_to_text(cor_node_get(*item, "title"), &title) < 0 || title.len <= 20)
		return 0;
	title.len = 20;
	return cor_node_set(arena, *item, "title", cor_node_text(arena, title));
}
COR_JSON_HOOK(cutting, cut_title);
COR_LOCAL_SCHEMA(lenient_schema, struct item, item_fields, .before_load = &cutting);

static int lenient(struct cor_ctx *ctx, const struct item *in, struct item *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(lenient_operation, lenient, lenient_schema, item_schema);
static const struct cor_resource lenient_resource = { .path = "/lenient",
	.put = &lenient_operation };

/* --- a bound that the handler has otherwise --- */

static int narrower(struct cor_ctx *ctx, const struct item *in, struct item *out)
{
	if (strlen(in->title) > 10)
		return cor_problem(ctx, 422, 0, "the title is too long");
	*out = *in;
	return 0;
}
COR_OPERATION(narrower_operation, narrower, item_schema, item_schema);
static const struct cor_resource narrower_resource = { .path = "/narrower",
	.put = &narrower_operation };

/* --- a defect that an empty list shows --- */

static int first_tag(struct cor_ctx *ctx, const struct item *in, struct item *out)
{
	if (in->tags.len == 0)
		return cor_problem(ctx, 500, 0, "there is no first tag");
	*out = *in;
	return 0;
}
COR_OPERATION(first_tag_operation, first_tag, item_schema, item_schema);
static const struct cor_resource first_tag_resource = { .path = "/first-tag",
	.put = &first_tag_operation };

/* --- who may --- */

struct somebody {
	const char *name;
};
static const struct cor_field somebody_fields[] = {
	COR_FIELD(struct somebody, name),
};
COR_LOCAL_SCHEMA(somebody_schema, struct somebody, somebody_fields);

static int check_token(struct cor_ctx *ctx, const char *token, struct somebody *somebody)
{
	somebody->name = "ada";
	if (strcmp(token, "poor") == 0)
		return 0;
	if (strcmp(token, "rich") == 0)
		return cor_grant(ctx, "items:write");
	return cor_deny(ctx, "no such token");
}
COR_BEARER(lies_token, check_token, somebody_schema, .name = "token",
	.scopes = COR_SCOPES({ "items:write", "Write" }));

static int guarded(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(guarded_operation, guarded, COR_NONE, COR_NONE,
	.security = COR_SECURITY({ .scheme = &lies_token, .scopes = "items:write" }));
static const struct cor_resource guarded_resource = { .path = "/guarded",
	.delete = &guarded_operation };

/* --- a member of another branch of a union --- */

struct circle {
	int32_t radius;
};
static const struct cor_field circle_fields[] = { COR_FIELD(struct circle, radius) };
COR_LOCAL_SCHEMA(circle_schema, struct circle, circle_fields);

struct square {
	int32_t side;
};
static const struct cor_field square_fields[] = { COR_FIELD(struct square, side) };
COR_LOCAL_SCHEMA(square_schema, struct square, square_fields);

struct shape {
	enum { CIRCLE = 1, SQUARE } kind;
	struct circle circle;
	struct square square;
};
static const struct cor_branch shape_branches[] = {
	COR_BRANCH(struct shape, circle, circle_schema, CIRCLE, "circle"),
	COR_BRANCH(struct shape, square, square_schema, SQUARE, "square"),
};
COR_LOCAL_UNION_SCHEMA(shape_schema, struct shape, kind, shape_branches, .discriminator = "is");

static int mixed(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	static const char text[] = "{\"is\":\"circle\",\"radius\":1}\n"
				   "{\"is\":\"circle\",\"radius\":1,\"side\":2}\n"
				   "{\"is\":\"square\",\"side\":1}\n";

	(void)ctx, (void)in, (void)body;
	int rc = cor_reply_start(reply, 200, NULL);

	return rc < 0 ? rc : cor_reply_write(reply, text, sizeof text - 1);
}
COR_STREAM_OPERATION(mixed_operation, mixed, COR_NONE, .content_type = "application/jsonl",
	.answers = COR_ANSWERS(shape_schema));
static const struct cor_resource mixed_resource = { .path = "/mixed", .get = &mixed_operation };

/* --- accidents, and what a contract must be told --- */

static int crash(struct cor_ctx *ctx, const struct item_ref *ref, struct item *item)
{
	(void)ctx, (void)item;
	if (ref->id == 1000)
		abort();
	return 0;
}
COR_OPERATION(crash_operation, crash, item_ref_schema, item_schema);
static const struct cor_resource crash_resource = { .path = "/crash/{id}",
	.get = &crash_operation };

static int hang(struct cor_ctx *ctx, const struct item_ref *ref, struct item *item)
{
	(void)ctx, (void)item;
	for (volatile int64_t id = ref->id; id == 1000;)
		continue;
	return 0;
}
COR_OPERATION(hang_operation, hang, item_ref_schema, item_schema);
static const struct cor_resource hang_resource = { .path = "/hang/{id}", .get = &hang_operation };

static int leave(struct cor_ctx *ctx, const struct item_ref *ref, struct item *item)
{
	(void)ctx, (void)item;
	if (ref->id == 1000)
		exit(0);
	return 0;
}
COR_OPERATION(leave_operation, leave, item_ref_schema, item_schema);
static const struct cor_resource leave_resource = { .path = "/leave/{id}",
	.get = &leave_operation };

static int visit(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return cor_reply_header(ctx, "Set-Cookie", "visit=7; Path=/");
}
COR_OPERATION(visit_operation, visit, COR_NONE, COR_NONE);
static const struct cor_resource visit_resource = { .path = "/visit", .get = &visit_operation };

struct puzzle {
	const char *text;
};
static const struct cor_field puzzle_fields[] = {
	COR_FIELD(struct puzzle, text, .pattern = "^x.*y.*z$", .format = "email"),
};
COR_LOCAL_SCHEMA(puzzle_schema, struct puzzle, puzzle_fields);

static int solve(struct cor_ctx *ctx, const struct puzzle *puzzle, struct cor_none *none)
{
	(void)ctx, (void)puzzle, (void)none;
	return 0;
}
COR_OPERATION(puzzle_operation, solve, puzzle_schema, COR_NONE);
static const struct cor_resource puzzle_resource = { .path = "/puzzle", .put = &puzzle_operation };

const struct cor_service accidents = {
	.name = "accidents",
	.version = "1",
	.resources = COR_RESOURCES(&crash_resource, &hang_resource, &leave_resource,
		&puzzle_resource, &guarded_resource, &visit_resource),
};

/* --- a decimal whose digits are calculated with, whatever its scale --- */

struct offer {
	struct cor_decimal_number price;
};
static const struct cor_field offer_fields[] = {
	COR_FIELD(struct offer, price, .range = COR_BETWEEN("0", "9999.99")),
};
COR_LOCAL_SCHEMA(offer_schema, struct offer, offer_fields);

static int zeros(struct cor_ctx *ctx, const struct offer *offer, struct cor_none *none)
{
	(void)none;
	return offer->price.unscaled > INT64_MAX / 90 ? cor_problem(ctx, 500, 0, "an overflow") : 0;
}
COR_OPERATION(zeros_operation, zeros, offer_schema, COR_NONE);
static const struct cor_resource zeros_resource = { .path = "/zeros", .put = &zeros_operation };

const struct cor_service lies = {
	.name = "lies",
	.version = "1",
	.resources = COR_RESOURCES(&honest, &honest_one, &undeclared_resource,
		&wrong_answer_resource, &more_members_resource, &narrower_resource,
		&first_tag_resource, &guarded_resource, &wrong_type_resource, &lenient_resource,
		&mixed_resource, &zeros_resource),
};

/* --- files: one that is a JPEG is taken, and answered with what is not declared --- */

struct photo {
	const char *caption;
	struct cor_upload image;
};
COR_DECLARE_SCHEMA(photo_schema, struct photo);
static const struct cor_field photo_fields[] = {
	COR_FIELD(struct photo, caption),
	COR_FIELD(struct photo, image, .media_types = "text/x-none, image/jpeg"),
};
COR_SCHEMA(photo_schema, photo_fields);

static int put_photo(struct cor_ctx *ctx, const struct photo *in, struct cor_none *out)
{
	static const char begins[] = "\xFF\xD8\xFF", ends[] = "\xFF\xD9";
	(void)out;
	const char *bytes = in->image.bytes;
	bool is_jpeg = bytes && in->image.size > 100 && memcmp(bytes, begins, 3) == 0 &&
		       memcmp(bytes + in->image.size - 2, ends, 2) == 0;
	return is_jpeg ? cor_problem(ctx, 410, 0, "a JPEG, %s", in->image.name)
		       : cor_problem(ctx, 422, 0, "no JPEG");
}
COR_OPERATION(put_photo_operation, put_photo, photo_schema, COR_NONE);
static const struct cor_resource photo_resource = { .path = "/photo", .put = &put_photo_operation };
static const struct cor_resource two_guarded_resource = {
	.path = "/two", .post = &guarded_operation, .delete = &guarded_operation
};
const struct cor_service photos = { .name = "photos",
	.resources = COR_RESOURCES(&photo_resource, &two_guarded_resource) };

static const struct cor_resource broken_resource = { .path = "/none", .get = &get_operation };
const struct cor_service broken = { .name = "broken",
	.resources = COR_RESOURCES(&broken_resource) };
