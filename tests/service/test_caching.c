/* SPDX-License-Identifier: MIT */
/* ETags and dates of typed answers, conditions on reads and on changes. */
#include "fake.h"
#include "tables.h"

#include <stdio.h>

#include <coracle/caching.h>
#include <coracle/error.h>
#include <coracle/request.h>

struct note {
	int64_t version;
	const char *text;
	struct timespec changed;
};
static const struct cor_field note_fields[] = {
	COR_FIELD(struct note, version, .access = COR_READ_ONLY),
	COR_FIELD(struct note, text),
	COR_FIELD(struct note, changed, .access = COR_READ_ONLY),
};
COR_LOCAL_SCHEMA(note_schema, struct note, note_fields, .unknown = COR_IGNORE);

struct tagged {
	const char *text;
	const char *etag;
};
static const struct cor_field tagged_fields[] = {
	COR_FIELD(struct tagged, text),
	COR_FIELD(struct tagged, etag, .to = COR_TO_HEADER, .key = "ETag"),
};
COR_LOCAL_SCHEMA(tagged_schema, struct tagged, tagged_fields);

static const struct cor_field odd_fields[] = { COR_FIELD(struct tagged, text) };
COR_LOCAL_SCHEMA(odd_schema, struct tagged, odd_fields);

static const struct note stored = { 7, "milk", { .tv_sec = 784111777 } };
static int handled;

static int get_note(struct cor_ctx *ctx, const struct cor_none *in, struct note *out)
{
	(void)in;
	handled++;
	*out = stored;
	if (cor_str_equal(cor_request_query(ctx), COR_STR("fail")))
		return cor_problem(ctx, 404, 0, "nothing");
	return 0;
}
COR_OPERATION(get_operation, get_note, COR_NONE, note_schema,
	.caching = &(const struct cor_caching){
		.control = "private, max-age=60", .version = "version", .modified = "changed" });
COR_OPERATION(part_operation, get_note, COR_NONE, note_schema,
	.selected_by = COR_BY_QUERY | COR_BY_HEADER,
	.caching = &(const struct cor_caching){ .version = "version" });
COR_OPERATION(bytes_operation, get_note, COR_NONE, note_schema,
	.caching = &(const struct cor_caching){ .etag = true });

/* Knows before it reads whether the client has it. */
static int get_dear(struct cor_ctx *ctx, const struct cor_none *in, struct note *out)
{
	int rc = cor_check_version_at(ctx, "7", &stored.changed);

	return rc < 0 ? rc : get_note(ctx, in, out);
}
COR_OPERATION(dear_operation, get_dear, COR_NONE, note_schema,
	.caching = &(const struct cor_caching){ .version = "version", .control = "no-cache" });

static int get_text(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)ctx, (void)in;
	*out = COR_STR("text");
	return 0;
}
COR_OPERATION(text_operation, get_text, COR_NONE, COR_TEXT,
	.caching = &(const struct cor_caching){ .etag = true });

static int get_tagged(struct cor_ctx *ctx, const struct cor_none *in, struct tagged *out)
{
	(void)ctx, (void)in;
	*out = (struct tagged){ "x", "\"own\"" };
	return 0;
}
COR_OPERATION(tagged_operation, get_tagged, COR_NONE, tagged_schema,
	.caching = &(const struct cor_caching){ .etag = true });

static int put_note(struct cor_ctx *ctx, const struct note *in, struct note *out)
{
	bool is_new = cor_str_equal(cor_request_query(ctx), COR_STR("new"));
	int rc = is_new ? cor_check_version(ctx, NULL) : cor_check_version_number(ctx, 7);

	if (rc < 0)
		return rc;
	handled++;
	*out = *in;
	out->version = 8;
	return 0;
}
COR_OPERATION(put_operation, put_note, note_schema, note_schema,
	.caching = &(const struct cor_caching){ .version = "version", .needs_condition = true });

/* A version is any text. */
static int get_odd(struct cor_ctx *ctx, const struct cor_none *in, struct tagged *out)
{
	(void)ctx, (void)in;
	out->text = "a \"b%";
	return 0;
}
COR_OPERATION(get_odd_operation, get_odd, COR_NONE, odd_schema,
	.caching = &(const struct cor_caching){ .version = "text" });

static int put_odd(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return cor_check_version(ctx, "a \"b%");
}
COR_OPERATION(put_odd_operation, put_odd, COR_NONE, COR_NONE,
	.caching = &(const struct cor_caching){ .needs_condition = true });

static int put_dated(struct cor_ctx *ctx, const struct cor_none *in, struct note *out)
{
	int rc = cor_check_version_at(ctx, NULL, &stored.changed);

	(void)in;
	*out = stored;
	handled += rc == 0;
	return rc;
}
COR_OPERATION(put_dated_operation, put_dated, COR_NONE, note_schema,
	.caching = &(const struct cor_caching){ .modified = "changed", .needs_condition = true });

static const struct cor_resource note = {
	.path = "/note",
	.get = &get_operation,
	.put = &put_operation,
};
static const struct cor_resource bytes = { .path = "/bytes", .get = &bytes_operation };
static const struct cor_resource dear = { .path = "/dear", .get = &dear_operation };
static const struct cor_resource text = { .path = "/text", .get = &text_operation };
static const struct cor_resource tagged = { .path = "/tagged", .get = &tagged_operation };
static const struct cor_resource odd = {
	.path = "/odd",
	.get = &get_odd_operation,
	.put = &put_odd_operation,
};
static const struct cor_resource dated = { .path = "/dated", .put = &put_dated_operation };
static const struct cor_resource part = {
	.path = "/part",
	.get = &part_operation,
	.put = &put_operation,
};
static const struct cor_service service = {
	.name = "s",
	.resources = COR_RESOURCES(&note, &bytes, &dear, &text, &tagged, &odd, &dated, &part),
};

#define DATE  "Sun, 06 Nov 1994 08:49:37 GMT"
#define LATER "Sun, 06 Nov 1994 08:49:38 GMT"
#define ODD   "\"a%20%22b%25\""
#define HEAD  "ETag: \"7\"\nLast-Modified: " DATE "\nCache-Control: private, max-age=60\n"

static const struct {
	const char *method, *target, *headers;
	int status;
	const char *said;
	int handled;
} cases[] = {
	{ "GET", "/note", NULL, 200, HEAD, 1 },
	{ "HEAD", "/note", NULL, 200, HEAD, 1 },
	{ "GET", "/note", "If-None-Match: \"7\"\n", 304, HEAD, 1 },
	{ "HEAD", "/note", "If-None-Match: \"7\"\n", 304, HEAD, 1 },
	{ "GET", "/note", "If-None-Match: \"6\", W/\"7\"\n", 304, HEAD, 1 },
	{ "GET", "/note", "If-None-Match: *\n", 304, HEAD, 1 },
	{ "GET", "/note", "If-None-Match: \"6\"\n", 200, HEAD, 1 },
	{ "GET", "/note", "If-Modified-Since: " DATE "\n", 304, HEAD, 1 },
	{ "GET", "/note", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\n", 200, HEAD, 1 },
	{ "GET", "/note", "If-None-Match: \"6\"\nIf-Modified-Since: " DATE "\n", 200, HEAD, 1 },
	{ "GET", "/note", "If-Match: \"6\"\n", 412, "", 1 },
	{ "GET", "/note", "If-Match: \"7\"\n", 200, HEAD, 1 },
	{ "GET", "/note", "If-Unmodified-Since: " LATER "\n", 200, HEAD, 1 },
	{ "GET", "/note", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\n", 412, "", 1 },
	{ "GET", "/note?fail", "If-None-Match: \"7\"\n", 404, "", 1 },
	{ "GET", "/dear", "If-None-Match: \"7\"\n", 304, "ETag: \"7\"\nCache-Control: no-cache\n",
		0 },
	{ "GET", "/dear", "If-None-Match: \"6\"\n", 200, "ETag: \"7\"\nCache-Control: no-cache\n",
		1 },
	{ "GET", "/tagged", NULL, 200, "ETag: \"own\"\n", 0 },
	{ "GET", "/tagged", "If-None-Match: \"own\"\n", 304, "ETag: \"own\"\n", 0 },
	{ "PUT", "/note", NULL, 428, "", 0 },
	/* what nobody compares guards nothing */
	{ "PUT", "/note", "If-Unmodified-Since: " LATER "\n", 428, "", 0 },
	{ "PUT", "/note", "If-None-Match: \"x\"\n", 428, "", 0 },
	{ "PUT", "/note", "If-Modified-Since: " DATE "\n", 428, "", 0 },
	{ "PUT", "/note", "If-Match: \"7\"\n", 200, "ETag: \"8\"\n", 1 },
	{ "PUT", "/note", "If-Match: W/\"7\"\n", 200, "ETag: \"8\"\n", 1 },
	{ "PUT", "/note", "If-Match: \"1\",W/\"7\"\n", 200, "ETag: \"8\"\n", 1 },
	{ "PUT", "/note", "If-Match: *\n", 200, "ETag: \"8\"\n", 1 },
	{ "PUT", "/note", "If-Match: \"6\"\n", 412, "", 0 },
	{ "PUT", "/note", "If-Match: 7\n", 412, "", 0 },
	{ "PUT", "/note", "If-None-Match: *\n", 412, "", 0 },
	{ "PUT", "/note?new", "If-None-Match: *\n", 200, "ETag: \"8\"\n", 1 },
	{ "PUT", "/note?new", "If-Match: *\n", 412, "", 0 },
	{ "PUT", "/note", "If-Match: \"1\",\tW/\"7\"\n", 200, "ETag: \"8\"\n", 1 },
	{ "GET", "/odd", NULL, 200, "ETag: " ODD "\n", 0 },
	{ "GET", "/odd", "If-None-Match: " ODD "\n", 304, "ETag: " ODD "\n", 0 },
	{ "PUT", "/odd", "If-Match: " ODD "\n", 204, "", 0 },
	{ "PUT", "/odd", "If-Match: \"a_\"\n", 412, "", 0 },
	{ "PUT", "/dated", NULL, 428, "", 0 },
	{ "PUT", "/dated", "If-Unmodified-Since: " DATE "\n", 200, "Last-Modified: " DATE "\n", 1 },
	{ "PUT", "/dated", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\n", 412, "", 0 },
	/* nor does a date that is none */
	{ "PUT", "/dated", "If-Unmodified-Since: yesterday\n", 428, "", 0 },
};

static void serve(struct cor_dispatcher *dispatcher, const char *method, const char *target,
	const char *headers, struct fake_reply *reply)
{
	bool puts = strcmp(method, "PUT") == 0 &&
		    (strncmp(target, "/note", 5) == 0 || strcmp(target, "/part") == 0);

	fake_serve(dispatcher,
		&(struct fake_request){ .method = method,
			.target = target,
			.headers = headers,
			.body = puts ? COR_STR("{\"text\":\"x\"}") : (struct cor_str){ 0 } },
		reply);
}

static void test_each(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		handled = 0;
		serve(dispatcher, cases[i].method, cases[i].target, cases[i].headers, &reply);
		bool is_right = reply.status == cases[i].status &&
				strcmp(reply.headers, cases[i].said) == 0 &&
				handled == cases[i].handled;
		if (!is_right)
			print_error("%zu: %s %s %s: %u %s%s\n", i, cases[i].method, cases[i].target,
				cases[i].headers, reply.status, reply.headers, fake_body(&reply));
		wrong += !is_right;
		if (reply.status == 304)
			assert_int_equal(reply.body.len, 0);
	}
	assert_int_equal(wrong, 0);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* The tag of bytes is that of the same bytes, of a HEAD, too, and not of others. */
static void test_bytes(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply one = { 0 }, other = { 0 };
	char headers[2200];

	(void)state;
	serve(dispatcher, "GET", "/bytes", NULL, &one);
	assert_memory_equal(one.headers, "ETag: \"", 7);
	assert_int_equal(strlen(one.headers), sizeof "ETag: \"\"\n" - 1 + 32);
	serve(dispatcher, "HEAD", "/bytes", NULL, &other);
	assert_string_equal(one.headers, other.headers);
	serve(dispatcher, "GET", "/text", NULL, &other);
	assert_string_not_equal(one.headers, other.headers);
	snprintf(headers, sizeof headers, "If-None-Match: %s", one.headers + 6);
	serve(dispatcher, "GET", "/bytes", headers, &other);
	assert_int_equal(other.status, 304);
	serve(dispatcher, "GET", "/text", headers, &other);
	assert_int_equal(other.status, 200);
	fake_finish(&one);
	fake_finish(&other);
	cor_dispatcher_destroy(dispatcher);
}

/* The value of the ETag, with its quotes. */
static void read_tag(const struct fake_reply *reply, char ret[64])
{
	const char *at = strstr(reply->headers, "ETag: ");

	assert_non_null(at);
	snprintf(ret, 64, "%.*s", (int)strcspn(at + 6, "\n"), at + 6);
}

/* Parts of one address have tags of their own, and each is good for a change of the whole. */
static void test_parts(void **state)
{
	static const char *const chosen[] = { "", "X-Fields: text\n", "X-Fields: version\n" };
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };
	char tags[3][64], headers[200];

	(void)state;
	for (int i = 0; i < 3; i++) {
		serve(dispatcher, "GET", "/part", chosen[i], &reply);
		assert_int_equal(reply.status, 200);
		read_tag(&reply, tags[i]);
	}
	assert_string_equal(tags[0], "\"7\"");
	for (int seen = 0; seen < 3; seen++) {
		for (int i = 0; i < 3; i++) {
			snprintf(headers, sizeof headers, "%sIf-None-Match: %s\n", chosen[i],
				tags[seen]);
			serve(dispatcher, "GET", "/part", headers, &reply);
			assert_int_equal(reply.status, i == seen ? 304 : 200);
		}
		snprintf(headers, sizeof headers, "If-Match: \"1~\", W/%s\n", tags[seen]);
		serve(dispatcher, "PUT", "/part", headers, &reply);
		assert_int_equal(reply.status, 200);
	}
	serve(dispatcher, "GET", "/part?fields=text", NULL, &reply); /* another address */
	read_tag(&reply, tags[1]);
	assert_string_equal(tags[1], "\"7\"");
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static const struct {
	const struct cor_caching caching;
	const char *where, *says;
} contradictions[] = {
	{ { .version = "vision" }, "GET /note", "no row \"vision\" for .version" },
	{ { .modified = "text" }, "GET /note", "which is no struct timespec" },
	{ { .needs_condition = true }, "GET /note", "a GET changes nothing" },
	{ { .control = "a\nb" }, "GET /note", ".control cannot be a header's value" },
	{ { .etag = true, .version = "version" }, "GET /note", ".etag and .version: use one" },
	{ { .etag = true }, "PUT /note", ".control and .etag are of a GET" },
};

static void test_contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof contradictions / sizeof contradictions[0]; i++) {
		struct cor_operation operation = get_operation;
		const bool puts = contradictions[i].where[0] == 'P';
		struct cor_resource place = { .path = "/note" };
		const struct cor_service wrong = { .name = "s",
			.resources = COR_RESOURCES(&place) };
		struct cor_violations why = { 0 };
		struct cor_arena arena;

		operation.caching = &contradictions[i].caching;
		*(puts ? &place.put : &place.get) = &operation;
		assert_int_equal(create(&wrong, &arena, &why), -COR_ETABLE);
		if (!is_said(&why, contradictions[i].where, contradictions[i].says))
			print_error("%s: %s\n", why.first->where, why.first->detail);
		assert_true(is_said(&why, contradictions[i].where, contradictions[i].says));
		cor_arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
