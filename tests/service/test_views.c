/* SPDX-License-Identifier: MIT */
/* One table, and less of it: only, exclude, optional, partial, envelope, unknown members. */
#include "tables.h"

#include <stdlib.h>

#include <coracle/check.h>
#include <coracle/error.h>
#include <coracle/view.h>

#include "openapi/document.h"

struct author {
	const char *name;
	int32_t born;
};
static const struct cor_field author_fields[] = {
	COR_FIELD(struct author, name),
	COR_FIELD(struct author, born, .fallback = "1900"),
};
COR_LOCAL_SCHEMA(author_schema, struct author, author_fields);

struct stock {
	int32_t shelf;
	int32_t count;
};
static const struct cor_field stock_fields[] = {
	COR_FIELD(struct stock, shelf),
	COR_FIELD(struct stock, count),
};
COR_LOCAL_SCHEMA(stock_schema, struct stock, stock_fields);

struct book {
	int64_t id;
	const char *title;
	struct author author;
	struct stock stock;
	cor_array(struct author) others;
};
static int check_book(struct cor_ctx *ctx, const struct book *book);
COR_CHECK(book_check, check_book, struct book);
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id, .access = COR_READ_ONLY),
	COR_FIELD(struct book, title, .min_length = 2),
	COR_OBJECT(struct book, author, author_schema),
	COR_EMBED(struct book, stock, stock_schema),
	COR_OBJECT_ARRAY(struct book, others, author_schema, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields, .check = &book_check);

static int check_book(struct cor_ctx *ctx, const struct book *book)
{
	if (book->stock.count < 0)
		return cor_invalid_at(ctx, book_schema, stock.count, "must not be negative");
	return 0;
}

struct keyed {
	int64_t id;
	struct book book;
};
static const struct cor_field keyed_fields[] = {
	COR_FIELD(struct keyed, id, .from = COR_FROM_PATH, .key = "key"),
	COR_EMBED(struct keyed, book, book_schema),
};
COR_LOCAL_SCHEMA(keyed_schema, struct keyed, keyed_fields, .name = "book");

struct books {
	cor_array(struct book) list;
};
static const struct cor_field books_fields[] = {
	COR_OBJECT_ARRAY(struct books, list, book_schema, .bare = true),
};
COR_LOCAL_SCHEMA(books_schema, struct books, books_fields);

static struct author authors[] = { { "Bob", 1950 }, { "Cleo", 1960 } };
static struct book stored[] = {
	{ 1, "Dunes", { "Ann", 1940 }, { 3, 4 }, { authors, 2 } },
	{ 2, "Woods", { "Dan", 1930 }, { 5, 6 }, { NULL, 0 } },
};

static int list_books(struct cor_ctx *ctx, const struct cor_none *in, struct books *out)
{
	(void)ctx;
	(void)in;
	out->list.items = stored;
	out->list.len = 2;
	return 0;
}
static const struct cor_view brief = {
	.name = "book_brief",
	.only = COR_KEYS("title", "author.name", "shelf", "others.born"),
};
COR_OPERATION(list_operation, list_books, COR_NONE, books_schema, .out_view = &brief);

static int put_book(struct cor_ctx *ctx, const struct keyed *in, struct book *out)
{
	(void)ctx;
	*out = in->book;
	out->id = in->id;
	return 0;
}
static const struct cor_view lenient = {
	.exclude = COR_KEYS("others"),
	.optional = COR_KEYS("author.name", "author.born", "count"),
	.unknown = COR_UNKNOWN_IGNORED,
};
static const struct cor_view wrapped = { .exclude = COR_KEYS("others"), .envelope = "data" };
COR_OPERATION(put_operation, put_book, keyed_schema, book_schema, .in_view = &lenient,
	.out_view = &wrapped);

static int patch_book(struct cor_ctx *ctx, const struct keyed *in, struct book *out)
{
	const struct cor_given *given = cor_ctx_given(ctx, in);
	struct keyed whole = { .book = stored[0] };

	if (cor_is_given(given, keyed_schema, book.others))
		whole.book.title = "others were given";
	cor_apply(given, keyed_schema, in, &whole);
	*out = whole.book;
	out->id = in->id;
	return cor_check(ctx, book_schema, out);
}
static const struct cor_view patch = { .partial = true };
COR_OPERATION(patch_operation, patch_book, keyed_schema, book_schema, .in_view = &patch);

static int post_book(struct cor_ctx *ctx, const struct keyed *in, struct book *out)
{
	assert_false(cor_is_given(cor_ctx_given(ctx, in), keyed_schema, book.title));
	*out = in->book;
	out->id = in->id;
	return 0;
}
static const struct cor_view in_envelope = { .envelope = "book" };
COR_OPERATION(post_operation, post_book, keyed_schema, book_schema, .in_view = &in_envelope);

/* Rows of a path that come with an embedded struct. */
struct framed {
	struct keyed keyed;
};
static const struct cor_field framed_fields[] = {
	COR_EMBED(struct framed, keyed, keyed_schema),
};
COR_LOCAL_SCHEMA(framed_schema, struct framed, framed_fields);

static int frame_book(struct cor_ctx *ctx, const struct framed *in, struct book *out)
{
	(void)ctx;
	*out = in->keyed.book;
	out->id = in->keyed.id;
	return 0;
}
COR_OPERATION(frame_operation, frame_book, framed_schema, book_schema, .in_view = &in_envelope);
static const struct cor_resource frames = { .path = "/frames/{key}", .put = &frame_operation };

/* What no row has is kept: but not what the view took out. */
struct note {
	int64_t id;
	const char *text;
	struct stock stock;
	cor_dict(struct cor_json) more;
};
static const struct cor_field note_fields[] = {
	COR_FIELD(struct note, id),
	COR_FIELD(struct note, text, .min_length = 1),
	COR_EMBED(struct note, stock, stock_schema),
	COR_DICT(struct note, more, .rest = true),
};
COR_LOCAL_SCHEMA(note_schema, struct note, note_fields);
struct notes {
	cor_array(struct note) list;
};
static const struct cor_field notes_fields[] = {
	COR_OBJECT_ARRAY(struct notes, list, note_schema),
};
COR_LOCAL_SCHEMA(notes_schema, struct notes, notes_fields);

static int keep_note(struct cor_ctx *ctx, const struct note *in, struct note *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
static int keep_notes(struct cor_ctx *ctx, const struct notes *in, struct notes *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
static const struct cor_view no_id = { .exclude = COR_KEYS("id", "count") };
static const struct cor_view text_and_rest = { .name = "text", .only = COR_KEYS("text", "more") };
static const struct cor_view patch_note = { .partial = true, .exclude = COR_KEYS("id") };
static const struct cor_view no_ids = { .exclude = COR_KEYS("list.id"),
	.unknown = COR_UNKNOWN_IGNORED };
COR_OPERATION(note_post, keep_note, note_schema, note_schema, .in_view = &no_id);
COR_OPERATION(note_put, keep_note, note_schema, note_schema, .in_view = &text_and_rest);
COR_OPERATION(note_patch, keep_note, note_schema, note_schema, .in_view = &patch_note);
COR_OPERATION(notes_put, keep_notes, notes_schema, notes_schema, .in_view = &no_ids);
static const struct cor_resource note = {
	.path = "/note", .post = &note_post, .put = &note_put, .patch = &note_patch
};
/* Members that the table does not know: of the outermost objects alone. */
static int keep_books(struct cor_ctx *ctx, const struct books *in, struct books *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
static const struct cor_view ignoring = { .unknown = COR_UNKNOWN_IGNORED };
COR_OPERATION(books_put, keep_books, books_schema, books_schema, .in_view = &ignoring);
static const struct cor_resource lenient_books = { .path = "/lenient", .put = &books_put };

static const struct cor_resource notes = { .path = "/notes", .put = &notes_put };

static const struct cor_resource all = { .path = "/books", .get = &list_operation };
static const struct cor_resource one = { .path = "/books/{key}",
	.put = &put_operation,
	.patch = &patch_operation,
	.post = &post_operation };
static const struct cor_resource *const resources[] = { &all, &one, &note, &notes, &frames,
	&lenient_books, NULL };
static const struct cor_service service = { .name = "views", .resources = resources };

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

static void expect(
	const char *method, const char *target, const char *body, int status, const char *answer)
{
	const struct fake_request request = {
		.method = method, .target = target, .headers = "", .body = cor_str(body)
	};

	fake_expect(dispatcher, &request, status, answer);
}

static void expect_problem(
	const char *method, const char *target, const char *body, int status, const char *says)
{
	const struct fake_request request = {
		.method = method, .target = target, .headers = "", .body = cor_str(body)
	};
	struct fake_reply reply = { 0 };

	fake_serve(dispatcher, &request, &reply);
	assert_int_equal(reply.status, status);
	if (!strstr(fake_body(&reply), says))
		fail_msg("%s does not say %s", fake_body(&reply), says);
	fake_finish(&reply);
}

static void answers_have_what_is_left(void **state)
{
	(void)state;
	expect("GET", "/books", NULL, 200,
		"[{\"title\":\"Dunes\",\"author\":{\"name\":\"Ann\"},\"shelf\":3,"
		"\"others\":[{\"born\":1950},{\"born\":1960}]},"
		"{\"title\":\"Woods\",\"author\":{\"name\":\"Dan\"},\"shelf\":5}]");
}

static void requests_have_what_is_left(void **state)
{
	(void)state;
	expect("PUT", "/books/7",
		"{\"title\":\"Hills\",\"author\":{},\"shelf\":1,\"colour\":\"red\"}", 500, NULL);
	expect("PUT", "/books/7",
		"{\"title\":\"Hills\",\"author\":{\"name\":\"Eve\"},\"shelf\":1,\"colour\":2}", 200,
		"{\"data\":{\"id\":7,\"title\":\"Hills\",\"author\":{\"name\":\"Eve\",\"born\":0},"
		"\"shelf\":1,\"count\":0}}");
	expect_problem("PUT", "/books/7", "{\"author\":{}}", 422, "/title");
	expect_problem("PUT", "/books/7",
		"{\"title\":\"Hills\",\"author\":{},\"shelf\":1,\"count\":-1}", 422,
		"must not be negative");
	expect_problem("PUT", "/books/x", "{\"title\":\"Hills\",\"author\":{},\"shelf\":1}", 422,
		"\"path\"");
}

static void patches_say_what_was_there(void **state)
{
	(void)state;
	expect("PATCH", "/books/9", "{}", 200,
		"{\"id\":9,\"title\":\"Dunes\",\"author\":{\"name\":\"Ann\",\"born\":1940},"
		"\"shelf\":3,\"count\":4,\"others\":[{\"name\":\"Bob\",\"born\":1950},"
		"{\"name\":\"Cleo\",\"born\":1960}]}");
	expect("PATCH", "/books/9", "{\"count\":0,\"author\":{\"name\":\"Eve\"},\"others\":null}",
		200,
		"{\"id\":9,\"title\":\"others were given\",\"author\":{\"name\":\"Eve\","
		"\"born\":1900},\"shelf\":3,\"count\":0}");
	expect_problem("PATCH", "/books/9", "{\"title\":\"x\"}", 422, "/title");
	expect_problem("PATCH", "/books/9", "{\"author\":{}}", 422, "/author/name");
	expect_problem("PATCH", "/books/9", "{\"colour\":1}", 422, "not a known member");
	expect_problem("PATCH", "/books/9", "{\"count\":-1}", 422, "must not be negative");
}

/* As marshmallow has it: what is nested says itself what becomes of its unknown members. */
static void unknown_members_of_what_is_outermost(void **state)
{
	(void)state;
	expect_problem("PUT", "/books/7",
		"{\"title\":\"Hills\",\"author\":{\"name\":\"Eve\",\"x\":1},\"shelf\":1,\"y\":1}",
		422, "\"pointer\":\"/author/x\"");
	expect_problem("PUT", "/lenient",
		"[{\"title\":\"Hills\",\"author\":{\"name\":\"Eve\",\"x\":1},\"shelf\":1,\"count\":1,"
		"\"y\":1}]",
		422, "\"errors\":[{\"in\":\"body\",\"pointer\":\"/0/author/x\"");
	expect("PUT", "/lenient",
		"[{\"title\":\"Hills\",\"author\":{\"name\":\"Eve\",\"born\":1},\"shelf\":1,"
		"\"count\":1,\"y\":1}]",
		200, NULL);
}

/* Else an answer would have it twice. */
static void what_is_left_out_is_no_rest(void **state)
{
	(void)state;
	expect("POST", "/note", "{\"text\":\"t\",\"shelf\":1,\"x\":2}", 200,
		"{\"id\":0,\"text\":\"t\",\"shelf\":1,\"count\":0,\"x\":2}");
	expect_problem("POST", "/note", "{\"text\":\"t\",\"shelf\":1,\"id\":2}", 422, "/id");
	expect_problem("POST", "/note", "{\"text\":\"t\",\"shelf\":1,\"count\":2}", 422, "/count");
	expect_problem("PUT", "/note", "{\"text\":\"t\",\"shelf\":1}", 422, "/shelf");
	expect("PUT", "/note", "{\"text\":\"t\",\"x\":1}", 200,
		"{\"id\":0,\"text\":\"t\",\"shelf\":0,\"count\":0,\"x\":1}");
	expect_problem("PATCH", "/note", "{\"text\":\"t\",\"id\":1}", 422, "/id");
	expect("PUT", "/notes", "{\"list\":[{\"id\":1,\"text\":\"t\",\"shelf\":1,\"count\":2}]}",
		422, NULL);
}

static void requests_in_an_envelope(void **state)
{
	(void)state;
	expect("POST", "/books/4",
		"{\"book\":{\"title\":\"Hills\",\"author\":{\"name\":\"Eve\"},\"shelf\":1,"
		"\"count\":1}}",
		200,
		"{\"id\":4,\"title\":\"Hills\",\"author\":{\"name\":\"Eve\",\"born\":1900},"
		"\"shelf\":1,\"count\":1}");
	expect("PUT", "/frames/4",
		"{\"book\":{\"title\":\"Hills\",\"author\":{\"name\":\"Eve\"},\"shelf\":1,"
		"\"count\":1}}",
		200,
		"{\"id\":4,\"title\":\"Hills\",\"author\":{\"name\":\"Eve\",\"born\":1900},"
		"\"shelf\":1,\"count\":1}");
	expect_problem("PUT", "/frames/4",
		"{\"book\":{\"title\":\"Hills\",\"author\":{\"name\":\"Eve\"},\"shelf\":1,"
		"\"count\":-1}}",
		422, "/book/count");
	expect_problem("POST", "/books/4", "{\"title\":\"Hills\"}", 422, "/book");
	expect_problem("POST", "/books/4",
		"{\"book\":{\"title\":\"Hills\",\"author\":{\"name\":\"Eve\"},\"shelf\":1,"
		"\"count\":-1}}",
		422, "/book/count");
}

/* A check runs, and finds nothing where the table alone would promise a text. */
struct label {
	const char *text;
};
static int check_label(struct cor_ctx *ctx, const struct label *label)
{
	return label->text ? 0 : cor_invalid(ctx, "body", "", "has no text to check");
}
COR_CHECK(label_check, check_label, struct label);
static const struct cor_field label_fields[] = { COR_FIELD(struct label, text) };
COR_LOCAL_SCHEMA(label_schema, struct label, label_fields, .check = &label_check);
static int put_label(struct cor_ctx *ctx, const struct label *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
static const struct cor_view bare_label = { .optional = COR_KEYS("text") };
COR_OPERATION(label_operation, put_label, label_schema, COR_NONE, .in_view = &bare_label);
static const struct cor_resource labels = { .path = "/labels", .put = &label_operation };
static const struct cor_service label_service = {
	.name = "labels",
	.resources = COR_RESOURCES(&labels),
};

static void checks_find_what_may_be_left_out(void **state)
{
	struct cor_dispatcher *own = fake_dispatcher(&label_service);
	struct fake_request request = {
		.method = "PUT", .target = "/labels", .body = COR_STR("{}")
	};

	(void)state;
	fake_expect(own, &request, 422, NULL);
	request.body = COR_STR("{\"text\":\"\"}");
	fake_expect(own, &request, 204, NULL);
	cor_dispatcher_destroy(own);
}

static void the_document_has_each(void **state)
{
	static const char *const parts[] = {
		"\"book_brief_list\":{\"type\":\"array\",\"items\":"
		"{\"$ref\":\"#/components/schemas/book_brief\"}}",
		"\"book_brief\":{\"type\":\"object\",\"properties\":{\"title\":",
		"\"book_part\":{\"type\":\"object\",\"properties\":{\"title\":",
		"\"book_patch\":{\"type\":\"object\",\"properties\":{\"title\":",
		"\"book_part_data\":{\"type\":\"object\",\"properties\":{\"data\":"
		"{\"$ref\":\"#/components/schemas/book_part_2\"}},\"required\":[\"data\"]}",
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
			fail_msg(
				"%s is not in %s", parts[i], strstr(buffer.data, "\"components\""));
	cor_buffer_finish(&buffer);
	cor_arena_finish(&arena);
}

/* --- contradictions --- */

/* The whole and the view of it are looked at, and told of once. */
struct crooked {
	const char *name;
};
static const struct cor_field crooked_fields[] = {
	COR_FIELD(struct crooked, name, .min_length = 3, .max_length = 2),
};
COR_LOCAL_SCHEMA(crooked_schema, struct crooked, crooked_fields);
static int post_crooked(struct cor_ctx *ctx, const struct crooked *in, struct cor_none *none)
{
	(void)ctx, (void)in, (void)none;
	return 0;
}
static const struct cor_view crooked_view = { .optional = COR_KEYS("name") };
COR_OPERATION(crooked_operation, post_crooked, crooked_schema, COR_NONE, .in_view = &crooked_view);
static const struct cor_resource crooked = { .path = "/crooked", .post = &crooked_operation };
static const struct cor_resource *const crooked_list[] = { &crooked, NULL };

static void a_fault_is_told_once(void **state)
{
	const struct cor_service bad = { .name = "bad", .resources = crooked_list };
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&bad, &arena, &why), -COR_ETABLE);
	assert_int_equal(why.count, 1);
	assert_string_equal(why.first->detail, ".min_length 3 is above .max_length 2");
	cor_arena_finish(&arena);
}

static const struct {
	struct cor_view in, out;
	const char *report;
} wrong[] = {
	{ { .only = COR_KEYS("titel") }, { 0 },
		".in_view: .only has \"titel\", which no row of keyed_schema has as its key: did "
		"you mean \"title\"?" },
	{ { 0 }, { .exclude = COR_KEYS("author.nam") },
		".out_view: .exclude has \"nam\", which no row of author_schema has" },
	{ { 0 }, { .only = COR_KEYS("title.first") },
		"a key goes into title, which has no members" },
	{ { .only = COR_KEYS("title", "title.first") }, { 0 },
		"a key goes into title, which has no members" },
	{ { 0 }, { .partial = true }, ".partial, .optional and .unknown are for requests" },
	{ { .partial = true, .envelope = "x" }, { 0 },
		".partial and .envelope do not go together" },
	{ { .envelope = "" }, { 0 }, ".envelope is empty" },
};

static void contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct cor_operation operation = put_operation;
		const struct cor_resource resource = { .path = "/books/{key}", .put = &operation };
		const struct cor_resource *const list[] = { &resource, NULL };
		const struct cor_service bad = { .name = "bad", .resources = list };
		struct cor_violations why = { 0 };
		struct cor_arena arena;

		operation.in_view = &wrong[i].in;
		operation.out_view = &wrong[i].out;
		assert_int_equal(create(&bad, &arena, &why), -COR_ETABLE);
		if (!is_said(&why, "PUT /books/{key}", wrong[i].report))
			fail_msg("%s: %s", wrong[i].report, why.first->detail);
		assert_int_equal(why.count, 1);
		cor_arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_have_what_is_left),
		cmocka_unit_test(requests_have_what_is_left),
		cmocka_unit_test(patches_say_what_was_there),
		cmocka_unit_test(unknown_members_of_what_is_outermost),
		cmocka_unit_test(what_is_left_out_is_no_rest),
		cmocka_unit_test(requests_in_an_envelope),
		cmocka_unit_test(checks_find_what_may_be_left_out),
		cmocka_unit_test(the_document_has_each),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(a_fault_is_told_once),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
