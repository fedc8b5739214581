/* SPDX-License-Identifier: MIT */
/* Members that answers have under a condition; the rules of a base go where it is embedded. */
#include "fake.h"

#include <string.h>

#include <coracle/error.h>
#include <coracle/request.h>

#include "schema/encode.h"

/* What each record has, and who may see it: a base for all of them. */
struct record {
	const char *owner;
	cor_opt(int32_t) reviewed;
	bool is_public;
};
static bool is_admin(struct cor_ctx *ctx, const void *owner)
{
	const struct record *record = owner;
	struct cor_str role = cor_request_header(ctx, "X-Role");

	return record->is_public || cor_str_equal(role, COR_STR("admin"));
}
static const struct cor_field record_fields[] = {
	COR_FIELD(struct record, owner, .when = is_admin),
	COR_OPT_FIELD(struct record, reviewed, .presence = COR_NULLABLE, .omit = COR_OMIT_NULL),
	COR_FIELD(struct record, is_public),
};
COR_LOCAL_SCHEMA(record_schema, struct record, record_fields);

struct book {
	int64_t id;
	struct record record;
	const char *note;
	struct cor_str text;
	char code[4];
	cor_array(int32_t) pages;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id),
	COR_EMBED(struct book, record, record_schema),
	COR_FIELD(struct book, note, .presence = COR_NULLABLE,
		.omit = COR_OMIT_NULL | COR_OMIT_EMPTY),
	COR_FIELD(struct book, text, .omit = COR_OMIT_EMPTY),
	COR_FIELD(struct book, code, .omit = COR_OMIT_EMPTY),
	COR_ARRAY(struct book, pages, .omit = COR_OMIT_EMPTY),
};
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields);

struct shelf {
	struct book first;
	cor_array(struct book) more;
};
static const struct cor_field shelf_fields[] = {
	COR_OBJECT(struct shelf, first, book_schema),
	COR_OBJECT_ARRAY(struct shelf, more, book_schema),
};
COR_LOCAL_SCHEMA(shelf_schema, struct shelf, shelf_fields);

static int echo_shelf(struct cor_ctx *ctx, const struct shelf *in, struct shelf *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(shelf_operation, echo_shelf, shelf_schema, shelf_schema);
static const struct cor_resource shelf = { .path = "/shelf", .post = &shelf_operation };
static const struct cor_resource *const resources[] = { &shelf, NULL };
static const struct cor_service service = { .name = "when", .resources = resources };

#define FULL(owner, is_public)                                                                     \
	"{\"id\":1,\"owner\":\"" owner "\",\"reviewed\":4,\"is_public\":" is_public                \
	",\"note\":\"n\",\"text\":\"t\",\"code\":\"c\",\"pages\":[1]}"
#define BARE(owner, is_public)                                                                     \
	"{\"id\":1,\"owner\":\"" owner "\",\"reviewed\":null,\"is_public\":" is_public             \
	",\"note\":null,\"text\":\"\",\"code\":\"\",\"pages\":[]}"
#define SENT                                                                                       \
	"{\"first\":" FULL("Ann", "false") ",\"more\":[" BARE("Bob", "true") "," BARE(             \
		"Cleo", "false") "]}"

static void by_request_and_owner(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_request request = {
		.method = "POST", .target = "/shelf", .headers = "", .body = COR_STR(SENT)
	};

	(void)state;
	fake_expect(dispatcher, &request, 200,
		"{\"first\":{\"id\":1,\"reviewed\":4,\"is_public\":false,\"note\":\"n\","
		"\"text\":\"t\",\"code\":\"c\",\"pages\":[1]},\"more\":["
		"{\"id\":1,\"owner\":\"Bob\",\"is_public\":true},{\"id\":1,\"is_public\":false}]}");
	request.headers = "X-Role: admin\n";
	fake_expect(dispatcher, &request, 200,
		"{\"first\":" FULL(
			"Ann", "false") ",\"more\":["
					"{\"id\":1,\"owner\":\"Bob\",\"is_public\":true},"
					"{\"id\":1,\"owner\":\"Cleo\",\"is_public\":false}]}");
	cor_dispatcher_destroy(dispatcher);
}

/* At rest nothing is left out; where nobody's request is answered, what is for some is. */
static void without_a_request(void **state)
{
	const struct cor_schema *schema = &shelf_schema.schema;
	struct cor_violations violations = { 0 };
	struct cor_buffer buffer = { 0 };
	struct cor_arena arena;
	struct cor_codec *codec;
	struct cor_str text;
	struct shelf value;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_codec_create(&schema, 1, &codec, &arena, NULL), 0);
	assert_int_equal(
		cor_decode(codec, &arena, shelf_schema, &value, COR_STR(SENT), &violations), 0);
	assert_int_equal(cor_encode(codec, &arena, shelf_schema, &value, &text), 0);
	assert_string_equal(cor_arena_copy(&arena, text.data, text.len), SENT);
	assert_int_equal(
		cor_encode_append(codec, schema, COR_USE_ANSWER, &value, &buffer, NULL), 0);
	assert_null(memmem(buffer.data, buffer.len, "owner", 5));
	cor_buffer_finish(&buffer);
	cor_codec_destroy(codec);
	cor_arena_finish(&arena);
}

static bool always(struct cor_ctx *ctx, const void *owner)
{
	return ctx && owner;
}

/* --- contradictions --- */

struct thing {
	int32_t n;
	const char *text;
};
static const struct {
	struct cor_field row;
	const char *report;
} wrong[] = {
	{ COR_FIELD(struct thing, n, .omit = 4), ".omit is 4: use COR_OMIT_NULL" },
	{ COR_FIELD(struct thing, n, .omit = COR_OMIT_EMPTY), "for strings and arrays: leave" },
	{ COR_FIELD(struct thing, text, .omit = COR_OMIT_NULL), "is never null: leave" },
	{ COR_FIELD(struct thing, text, .when = always, .access = COR_WRITE_ONLY),
		".when and .omit are for members of answers" },
	{ COR_FIELD(struct thing, text, .when = always, .to = COR_TO_HEADER),
		".when and .omit are for members of answers" },
	{ COR_FIELD(struct thing, n, .bare = true, .when = always),
		".bare rows are always there: leave .when and .omit out" },
};

static void contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const struct cor_schema schema = { &wrong[i].row, 1, sizeof(struct thing),
			"thing_schema" };
		const struct cor_schema *schemas = &schema;
		struct cor_violations why = { 0 };
		struct cor_arena arena;
		struct cor_codec *codec;
		cor_arena_init(&arena, NULL, 0, 0);
		assert_int_equal(cor_codec_create(&schemas, 1, &codec, &arena, &why), -COR_ETABLE);
		assert_int_equal(why.count, 1);
		if (!strstr(why.first->detail, wrong[i].report))
			fail_msg("%s: %s", wrong[i].report, why.first->detail);
		cor_arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_request_and_owner),
		cmocka_unit_test(without_a_request),
		cmocka_unit_test(contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
