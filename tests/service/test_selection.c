/* SPDX-License-Identifier: MIT */
/* Clients ask for a part of an answer: ?fields= and X-Fields. */
#include "tables.h"

#include <errno.h>

#include <coracle/schema_union.h>

#include "base/buffer.h"
#include "openapi/document.h"
#include "schema/mask.h"

struct author {
	const char *name;
	int32_t born;
};
static const struct cor_field author_fields[] = {
	COR_FIELD(struct author, name),
	COR_FIELD(struct author, born),
};
COR_LOCAL_SCHEMA(author_schema, struct author, author_fields);

struct book {
	int64_t id;
	const char *title;
	const char *secret;
	struct author author;
	cor_array(struct author) others;
	cor_dict(struct author) by_role;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id),
	COR_FIELD(struct book, title),
	COR_FIELD(struct book, secret, .access = COR_WRITE_ONLY, .fallback = "\"\""),
	COR_OBJECT(struct book, author, author_schema),
	COR_OBJECT_ARRAY(struct book, others, author_schema),
	COR_OBJECT_DICT(struct book, by_role, author_schema),
};
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields);

struct books {
	cor_array(struct book) list;
};
static const struct cor_field books_fields[] = {
	COR_OBJECT_ARRAY(struct books, list, book_schema, .bare = true),
};
COR_LOCAL_SCHEMA(books_schema, struct books, books_fields);

static void fill(struct book *book)
{
	static struct author others[] = { { "Bob", 1950 }, { "Cleo", 1960 } };
	static struct cor_dict_of_authors {
		const char *key;
		struct author value;
	} roles[] = { { "editor", { "Dan", 1930 } } };

	*book = (struct book){ .id = 1, .title = "Dunes", .author = { "Ann", 1940 } };
	book->others.items = others;
	book->others.len = 2;
	book->by_role.items = (void *)roles;
	book->by_role.len = 1;
}

static int calls;

static int get_book(struct cor_ctx *ctx, const struct cor_none *in, struct book *out)
{
	(void)ctx;
	(void)in;
	calls++;
	fill(out);
	return 0;
}
COR_OPERATION(get_operation, get_book, COR_NONE, book_schema,
	.selected_by = COR_BY_QUERY | COR_BY_HEADER);

struct page {
	int32_t limit;
};
static const struct cor_field page_fields[] = {
	COR_FIELD(struct page, limit, .from = COR_FROM_QUERY, .fallback = "1"),
};
COR_LOCAL_SCHEMA(page_schema, struct page, page_fields);

static int list_books(struct cor_ctx *ctx, const struct page *in, struct books *out)
{
	struct book *items = cor_alloc(ctx, (size_t)in->limit * sizeof *items);

	if (!items)
		return -ENOMEM;
	for (int32_t i = 0; i < in->limit; i++)
		fill(&items[i]);
	out->list.items = items;
	out->list.len = (size_t)in->limit;
	return 0;
}
COR_OPERATION(list_operation, list_books, page_schema, books_schema, .selected_by = COR_BY_QUERY);

/* An envelope is around the part, as it is around the whole. */
static const struct cor_view wrapped = { .exclude = COR_KEYS("by_role"), .envelope = "data" };
COR_OPERATION(wrapped_operation, get_book, COR_NONE, book_schema, .out_view = &wrapped,
	.selected_by = COR_BY_QUERY | COR_BY_HEADER);
static const struct cor_view wrapped_list = { .envelope = "data" };
COR_OPERATION(wrapped_list_operation, list_books, page_schema, books_schema,
	.out_view = &wrapped_list, .selected_by = COR_BY_QUERY | COR_BY_HEADER);
static const struct cor_resource in_envelope = { .path = "/in/book", .get = &wrapped_operation };
static const struct cor_resource list_in_envelope = {
	.path = "/in/books",
	.get = &wrapped_list_operation,
};

struct node {
	const struct node *child;
};
COR_DECLARE_SCHEMA(node_schema, struct node);
static const struct cor_field node_fields[] = {
	COR_OBJECT(struct node, child, node_schema, .presence = COR_OPTIONAL),
};
COR_SCHEMA(node_schema, node_fields);

static int get_node(struct cor_ctx *ctx, const struct cor_none *in, struct node *out)
{
	static const struct node leaf = { 0 };

	(void)ctx;
	(void)in;
	out->child = &leaf;
	return 0;
}
COR_OPERATION(node_operation, get_node, COR_NONE, node_schema, .selected_by = COR_BY_QUERY);

struct filed { /* not all of it is in the body */
	struct book book;
	const char *title_tag;
};
static const struct cor_field filed_fields[] = {
	COR_EMBED(struct filed, book, book_schema),
	COR_FIELD(struct filed, title_tag, .key = "titles", .to = COR_TO_HEADER),
};
COR_LOCAL_SCHEMA(filed_schema, struct filed, filed_fields);

static int get_filed(struct cor_ctx *ctx, const struct cor_none *in, struct filed *out)
{
	(void)ctx;
	(void)in;
	calls++;
	fill(&out->book);
	out->title_tag = "D";
	return 0;
}
COR_OPERATION(filed_operation, get_filed, COR_NONE, filed_schema,
	.selected_by = COR_BY_QUERY | COR_BY_HEADER);

static const struct cor_resource filed = { .path = "/filed", .get = &filed_operation };
/* What has no names that clients could know, or takes them as a whole. */
enum medium_kind { MEDIUM_BOOK, MEDIUM_NODE };
struct medium {
	enum medium_kind kind;
	struct book *book;
	struct node node;
};
static const struct cor_branch medium_branches[] = {
	COR_BRANCH(struct medium, book, book_schema, MEDIUM_BOOK, "book"),
	COR_BRANCH(struct medium, node, node_schema, MEDIUM_NODE, "node"),
};
COR_LOCAL_UNION_SCHEMA(medium_schema, struct medium, kind, medium_branches);

struct loan {
	int64_t id;
	struct medium medium;
	cor_dict(int32_t) fines;
	cor_dict(struct cor_json) more;
};
static const struct cor_field loan_fields[] = {
	COR_FIELD(struct loan, id),
	COR_OBJECT(struct loan, medium, medium_schema),
	COR_DICT(struct loan, fines, .presence = COR_OPTIONAL),
	COR_DICT(struct loan, more, .rest = true),
};
COR_LOCAL_SCHEMA(loan_schema, struct loan, loan_fields);

static int get_loan(struct cor_ctx *ctx, const struct cor_none *in, struct loan *out)
{
	static struct cor_dict_of_json {
		const char *key;
		struct cor_json value;
	} more[] = { { "colour", { COR_STR("5") } } };

	(void)ctx;
	(void)in;
	calls++;
	out->id = 4;
	out->medium.kind = MEDIUM_NODE;
	out->more.items = (void *)more;
	out->more.len = 1;
	return 0;
}
COR_OPERATION(loan_operation, get_loan, COR_NONE, loan_schema,
	.selected_by = COR_BY_QUERY | COR_BY_HEADER);

static const struct cor_resource loan = { .path = "/loan", .get = &loan_operation };
static const struct cor_resource node = { .path = "/node", .get = &node_operation };
static const struct cor_resource book = { .path = "/book", .get = &get_operation };
static const struct cor_resource books = { .path = "/books", .get = &list_operation };
static const struct cor_resource *const resources[] = { &book, &books, &node, &filed, &loan,
	&in_envelope, &list_in_envelope, NULL };
static const struct cor_service service = { .name = "selection", .resources = resources };

static struct cor_dispatcher *dispatcher;

static int begin(void **state)
{
	(void)state;
	dispatcher = fake_dispatcher(&service);
	return 0;
}

static int end(void **state)
{
	(void)state;
	cor_dispatcher_destroy(dispatcher);
	return 0;
}

#define WHOLE                                                                                      \
	"{\"id\":1,\"title\":\"Dunes\",\"author\":{\"name\":\"Ann\",\"born\":1940},"               \
	"\"others\":[{\"name\":\"Bob\",\"born\":1950},{\"name\":\"Cleo\",\"born\":1960}],"         \
	"\"by_role\":{\"editor\":{\"name\":\"Dan\",\"born\":1930}}}"

static const struct {
	const char *target, *headers;
	int status;
	const char *says; /* the whole body of a 200; a part of that of another */
} asked[] = {
	{ "/book", "", 200, WHOLE },
	{ "/book?fields=*", "", 200, WHOLE },
	{ "/book?fields=title,id", "", 200, "{\"id\":1,\"title\":\"Dunes\"}" },
	{ "/book", "X-Fields: title\n", 200, "{\"title\":\"Dunes\"}" },
	{ "/book", "X-Fields: { title , author{ born } }\n", 200,
		"{\"title\":\"Dunes\",\"author\":{\"born\":1940}}" },
	{ "/book?fields=author%7Bname%7D,others%7Bborn%7D", "", 200,
		"{\"author\":{\"name\":\"Ann\"},\"others\":[{\"born\":1950},{\"born\":1960}]}" },
	{ "/book?fields=by_role{name}", "", 200, "{\"by_role\":{\"editor\":{\"name\":\"Dan\"}}}" },
	{ "/book?fields=*,author{name},others{name}", "", 200,
		"{\"id\":1,\"title\":\"Dunes\",\"author\":{\"name\":\"Ann\"},\"others\":[{"
		"\"name\":\"Bob\"},{\"name\":\"Cleo\"}],\"by_role\":{\"editor\":{\"name\":\"Dan\","
		"\"born\":1930}}}" },
	{ "/books?limit=2&fields=id,author{born}", "", 200,
		"[{\"id\":1,\"author\":{\"born\":1940}},{\"id\":1,\"author\":{\"born\":1940}}]" },
	{ "/book?fields=titel", "", 422,
		"has \\\"titel\\\", which no answer has; did you mean title?" },
	{ "/filed?fields=id", "", 200, "{\"id\":1}" },
	{ "/filed?fields=titles", "", 422, "has \\\"titles\\\", which no answer has\"" },
	{ "/filed?fields=title_", "", 422, "did you mean title?" },
	{ "/book?fields=secret", "", 422, "has \\\"secret\\\", which no answer has\"" },
	{ "/book?fields=title{x}", "", 422, "goes into title, which has no members" },
	{ "/in/book?fields=title", "", 200, "{\"data\":{\"title\":\"Dunes\"}}" },
	{ "/in/book?fields={id,author{born}}", "", 200,
		"{\"data\":{\"id\":1,\"author\":{\"born\":1940}}}" },
	{ "/in/book?fields=data", "", 422, "has \\\"data\\\", which no answer has" },
	{ "/in/book?fields=by_role", "", 422, "which no answer has" },
	{ "/in/books?limit=2&fields=id", "", 200, "{\"data\":[{\"id\":1},{\"id\":1}]}" },
	{ "/loan?fields=id", "", 200, "{\"id\":4}" },
	{ "/loan?fields=*", "", 200, "{\"id\":4,\"medium\":{\"kind\":\"node\"},\"colour\":5}" },
	{ "/loan?fields=medium{kind}", "", 422,
		"goes into medium, which can only be had as a whole" },
	{ "/loan?fields=fines{late}", "", 422,
		"goes into fines, which can only be had as a whole" },
	{ "/loan?fields=id{x}", "", 422, "goes into id, which has no members" },
	{ "/loan?fields=colour", "", 422,
		"has \\\"colour\\\", which can only be had with all others, by *\"" },
	{ "/loan?fields=medum", "", 422, "by *; did you mean medium?" },
	{ "/book?fields=author{name", "", 422, "lacks a }" },
	{ "/book?fields=id}", "", 422, "has more after its end" },
	{ "/book?fields=id%20title", "", 422, "has more after its end" },
	{ "/book?fields=", "", 422, "lacks a name" },
	{ "/book?fields=id,", "", 422, "lacks a name" },
	{ "/book?fields=id,id", "", 422, "names id twice" },
	{ "/book?fields=id&fields=title", "", 422, "is given more than once" },
	{ "/book?fields=id", "X-Fields: id\n", 422, "is given more than once" },
	{ "/book?fields=%zz", "", 400, "the query has" },
	{ "/books?fields=id&limit=x", "", 422, "\"parameter\":\"limit\"" },
	{ "/books?fields=idd&limit=x", "", 422, "\"parameter\":\"fields\"" },
	{ "/books?fields=id&colour=x", "", 422, "colour" },
	{ "/books", "X-Fields: id\n", 200, "[" WHOLE "]" },
};

static void a_part_is_asked_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		const struct fake_request request = { .target = asked[i].target,
			.headers = asked[i].headers };
		struct fake_reply reply = { 0 };
		int before = calls;
		fake_serve(dispatcher, &request, &reply);
		if (reply.status != asked[i].status ||
			(reply.status == 200 ? strcmp(fake_body(&reply), asked[i].says) != 0
					     : !strstr(fake_body(&reply), asked[i].says)))
			fail_msg("%s: %d %s", asked[i].target, reply.status, fake_body(&reply));
		if (strstr(asked[i].target, "/books") == NULL) {
			assert_int_equal(calls - before, reply.status == 200);
			assert_non_null(strstr(reply.headers, "Vary: X-Fields\n"));
		}
		fake_finish(&reply);
	}
}

static int status_of_depth(int levels)
{
	struct cor_buffer target = { 0 };
	struct fake_request request = { .headers = "" };
	struct fake_reply reply = { 0 };

	cor_buffer_append_str(&target, COR_STR("/node?fields=child"));
	for (int i = 1; i < levels; i++)
		cor_buffer_append_str(&target, COR_STR("{child"));
	for (int i = 1; i < levels; i++)
		cor_buffer_byte(&target, '}');
	cor_buffer_byte(&target, '\0');
	request.target = target.data;
	fake_serve(dispatcher, &request, &reply);
	if (reply.status == 200)
		assert_string_equal(fake_body(&reply), "{\"child\":{}}");
	else
		assert_non_null(strstr(fake_body(&reply), "is nested too deep"));
	fake_finish(&reply);
	cor_buffer_finish(&target);
	return reply.status;
}

static void the_depth_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(status_of_depth(1), 200);
	assert_int_equal(status_of_depth(COR_MASK_DEPTH_MAX + 1), 200);
	assert_int_equal(status_of_depth(COR_MASK_DEPTH_MAX + 2), 422);
}

static void the_document_has_it(void **state)
{
	static const char *const parts[] = {
		"{\"name\":\"limit\",\"in\":\"query\"",
		"{\"name\":\"fields\",\"in\":\"query\",\"description\":\"The members",
		"{\"name\":\"X-Fields\",\"in\":\"header\"",
		"{\"anyOf\":[{\"$ref\":\"#/components/schemas/books\"},{\"type\":\"array\",",
		"{\"anyOf\":[{\"$ref\":\"#/components/schemas/book\"},{\"type\":\"object\",",
	};
	const struct cor_document_access access = { 0 };
	struct cor_buffer buffer = { 0 };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_openapi_write(&service, &access, &arena, &buffer), 0);
	cor_buffer_byte(&buffer, '\0');
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (!strstr(buffer.data, parts[i]))
			fail_msg("%s is not in %s", parts[i], buffer.data);
	cor_buffer_finish(&buffer);
	cor_arena_finish(&arena);
}

/* --- contradictions --- */

struct taken {
	const char *fields;
};
static const struct cor_field taken_fields[] = {
	COR_FIELD(struct taken, fields),
};
COR_LOCAL_SCHEMA(taken_schema, struct taken, taken_fields);

static void contradictions(void **state)
{
	static const struct {
		uint32_t selected_by;
		const struct cor_schema *in, *out;
		const char *report;
	} wrong[] = {
		{ 4, &cor_none_schema.schema, &book_schema.schema, ".selected_by is 4: use" },
		{ COR_BY_HEADER, &cor_none_schema.schema, &cor_text_schema.schema,
			".selected_by is for answers that are JSON" },
		{ COR_BY_QUERY, &taken_schema.schema, &book_schema.schema,
			"a row of taken_schema has the key \"fields\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct cor_operation operation = get_operation;
		const struct cor_resource resource = { .path = "/x", .get = &operation };
		const struct cor_resource *const list[] = { &resource, NULL };
		const struct cor_service bad = { .name = "bad", .resources = list };
		struct cor_violations why = { 0 };
		struct cor_arena arena;

		operation.selected_by = wrong[i].selected_by;
		operation.in = wrong[i].in;
		operation.out = wrong[i].out;
		assert_int_equal(create(&bad, &arena, &why), -COR_ETABLE);
		if (!is_said(&why, "GET /x", wrong[i].report))
			fail_msg("%s: %s", wrong[i].report, why.first->detail);
		cor_arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_is_asked_for),
		cmocka_unit_test(the_depth_is_bounded),
		cmocka_unit_test(the_document_has_it),
		cmocka_unit_test(contradictions),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
