/* SPDX-License-Identifier: MIT */
/*
 * Embedded rows in requests and answers: from path, query, headers and body, to headers and body,
 * and how they are checked.
 */
#include "fake.h"

#include <string.h>

#include <coracle/error.h>
#include <coracle/request.h>

struct note {
	const char *text;
	cor_opt(int32_t) stars;
};
static const struct cor_field note_fields[] = {
	COR_FIELD(struct note, text, .min_length = 2),
	COR_OPT_FIELD(struct note, stars, .presence = COR_NULLABLE, .range = COR_MAX(5)),
};
COR_LOCAL_SCHEMA(note_schema, struct note, note_fields);

struct stored {
	int64_t id;
	struct note note;
};
static const struct cor_field stored_fields[] = {
	COR_FIELD(struct stored, id, .access = COR_READ_ONLY),
	COR_EMBED(struct stored, note, note_schema),
};
COR_LOCAL_SCHEMA(stored_schema, struct stored, stored_fields);

struct ref {
	int64_t id;
	const char *agent;
};
static const struct cor_field ref_fields[] = {
	COR_FIELD(struct ref, id, .from = COR_FROM_PATH),
	COR_FIELD(struct ref, agent, .key = "User-Agent", .from = COR_FROM_HEADER,
		.fallback = "\"nobody\""),
};
COR_LOCAL_SCHEMA(ref_schema, struct ref, ref_fields);

struct put {
	struct note note;
	struct ref ref;
};
static const struct cor_field put_fields[] = {
	COR_EMBED(struct put, ref, ref_schema),
	COR_EMBED(struct put, note, note_schema),
};
COR_LOCAL_SCHEMA(put_schema, struct put, put_fields);

struct tags {
	const char *location;
	cor_opt(int32_t) age;
};
static const struct cor_field tags_fields[] = {
	COR_FIELD(struct tags, location, .key = "Location", .to = COR_TO_HEADER),
	COR_OPT_FIELD(struct tags, age, .key = "Age", .to = COR_TO_HEADER),
};
COR_LOCAL_SCHEMA(tags_schema, struct tags, tags_fields);

struct answer {
	struct stored stored;
	struct tags tags;
	struct cor_str agent;
};
static const struct cor_field answer_fields[] = {
	COR_EMBED(struct answer, tags, tags_schema),
	COR_EMBED(struct answer, stored, stored_schema),
	COR_FIELD(struct answer, agent),
};
COR_LOCAL_SCHEMA(answer_schema, struct answer, answer_fields);

static int put_note(struct cor_ctx *ctx, const struct put *put, struct answer *answer)
{
	answer->stored.id = put->ref.id;
	answer->stored.note = put->note;
	answer->agent = cor_str(put->ref.agent);
	answer->tags.location = cor_printf(ctx, "/notes/%d", (int)put->ref.id);
	answer->tags.age.state = COR_SET;
	answer->tags.age.value = 3;
	return 0;
}
COR_OPERATION(put_note_operation, put_note, put_schema, answer_schema);

/* Only headers remain of the output: 204. */
struct only_tags {
	struct tags tags;
};
static const struct cor_field only_tags_fields[] = { COR_EMBED(
	struct only_tags, tags, tags_schema) };
COR_LOCAL_SCHEMA(only_tags_schema, struct only_tags, only_tags_fields);

static int locate(struct cor_ctx *ctx, const struct put *put, struct only_tags *out)
{
	(void)ctx;
	out->tags.location = put->note.text;
	return 0;
}
COR_OPERATION(locate_operation, locate, put_schema, only_tags_schema);

static const struct cor_resource notes = {
	.path = "/notes/{id}",
	.put = &put_note_operation,
	.post = &locate_operation,
	.get = &locate_operation,
};
static const struct cor_service service = { .name = "notes", .resources = COR_RESOURCES(&notes) };

static void path_header_and_body(void **state)
{
	struct fake_request request = {
		.method = "PUT",
		.target = "/notes/7",
		.headers = "User-Agent: me\n",
		.body = COR_STR("{\"stars\":null,\"text\":\"hello\"}"),
	};
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	fake_serve(dispatcher, &request, &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(
		fake_body(&reply), "{\"id\":7,\"text\":\"hello\",\"stars\":null,\"agent\":\"me\"}");
	assert_string_equal(reply.headers, "Location: /notes/7\nAge: 3\n");
	request.headers = "Content-Type: application/x-www-form-urlencoded\n";
	request.body = COR_STR("text=of+a+form&stars=5");
	fake_serve(dispatcher, &request, &reply);
	assert_string_equal(fake_body(&reply),
		"{\"id\":7,\"text\":\"of a form\",\"stars\":5,\"agent\":\"nobody\"}");
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static void places_are_flat(void **state)
{
	const struct fake_request request = {
		.method = "PUT",
		.target = "/notes/x",
		.body = COR_STR("{\"stars\":9,\"id\":1,\"note\":{}}"),
	};
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	fake_serve(dispatcher, &request, &reply);
	assert_int_equal(reply.status, 422);
	assert_non_null(strstr(fake_body(&reply),
		"[{\"in\":\"path\",\"parameter\":\"id\",\"detail\":\"must be an integer\"},"
		"{\"in\":\"body\",\"pointer\":\"/stars\",\"detail\":\"must be at most 5\"},"
		"{\"in\":\"body\",\"pointer\":\"/id\",\"detail\":\"belongs in the path\"},"
		"{\"in\":\"body\",\"pointer\":\"/note\",\"detail\":\"is not a"));
	assert_non_null(strstr(fake_body(&reply),
		"{\"in\":\"body\",\"pointer\":\"/text\",\"detail\":\"is required\"}]"));
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static void query_and_headers_only(void **state)
{
	struct fake_request request = { .target = "/notes/7?text=here&stars=1" };
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	fake_serve(dispatcher, &request, &reply);
	assert_int_equal(reply.status, 204);
	assert_string_equal(reply.headers, "Location: here\n");
	request = (struct fake_request){ .method = "POST", .target = "/notes/7" };
	fake_serve(dispatcher, &request, &reply);
	assert_int_equal(reply.status, 422);
	assert_non_null(strstr(fake_body(&reply), "a body is required"));
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* Embedded rows are checked like any others, and are named by their path. */
static void contradictions(void **state)
{
	static const struct cor_resource nameless = { .path = "/notes",
		.put = &put_note_operation };
	static const struct cor_resource misnamed = { .path = "/{nr}", .put = &put_note_operation };
	const struct cor_service wrong = { .name = "w",
		.resources = COR_RESOURCES(&nameless, &misnamed) };
	const struct cor_dispatcher_options options = { .service = &wrong };
	struct cor_dispatcher *dispatcher = NULL;
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_dispatcher_create(&options, &arena, &why, &dispatcher), -COR_ETABLE);
	assert_int_equal(why.count, 3);
	assert_string_equal(why.first->detail,
		"row ref.id of put_schema comes from the path, but the path has no {id}");
	assert_string_equal(why.first->next->detail,
		"the path names {nr}, but no row of put_schema has that key and .from = COR_FROM_PATH");
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_header_and_body),
		cmocka_unit_test(places_are_flat),
		cmocka_unit_test(query_and_headers_only),
		cmocka_unit_test(contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
