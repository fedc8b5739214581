/* SPDX-License-Identifier: MIT */
/*
 * A ctx made by a test: a handler called with it has everything but the request.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <coracle/coracle.h>

struct limits {
	const char *motto;
	uint32_t notes_max;
	uint32_t threads;
};
static const struct cor_field limits_fields[] = {
	COR_FIELD(struct limits, motto, .fallback = "\"short\""),
	COR_FIELD(struct limits, notes_max, .fallback = "3"),
	COR_FIELD(struct limits, threads, .key = "note_threads", .fallback = "1"),
};
COR_LOCAL_SCHEMA(limits_schema, struct limits, limits_fields);

static const struct cor_field strict_fields[] = {
	COR_FIELD(struct limits, motto),
};
COR_LOCAL_SCHEMA(strict_schema, struct limits, strict_fields);

struct note {
	int64_t id;
	const char *text;
};
static const struct cor_field note_fields[] = {
	COR_FIELD(struct note, id),
	COR_FIELD(struct note, text),
};
COR_LOCAL_SCHEMA(note_schema, struct note, note_fields);

static int add_note(struct cor_ctx *ctx, const struct note *in, struct note *out)
{
	const struct limits *limits = cor_settings(ctx, limits_schema);
	int64_t *last = cor_state(ctx);

	if (*last == limits->notes_max)
		return cor_problem(ctx, 507, -ENOSPC, "%d notes are there", (int)*last);
	if (strlen(in->text) > 5)
		return cor_invalid(ctx, "body", "/text", "must be %s", limits->motto);
	out->id = ++*last;
	out->text = cor_strdup(ctx, in->text);
	cor_log_debug(ctx, "note %" PRId64, out->id);
	/* these belong to the server and the operation: a second one would contradict them */
	assert_int_equal(cor_reply_header(ctx, "Content-Length", "1"), -EINVAL);
	assert_int_equal(cor_reply_header(ctx, "content-type", "text/html"), -EINVAL);
	return cor_reply_header(ctx, "X-Note", "1");
}
COR_OPERATION(add_note_operation, add_note, note_schema, note_schema, .status = 201);

static const struct cor_resource notes = { .path = "/notes", .post = &add_note_operation };
static const struct cor_service service = {
	.name = "notes",
	.resources = COR_RESOURCES(&notes),
	.settings = COR_SETTINGS(limits_schema),
	.defaults = "{\"threads\": 2, \"notes_max\": 2}",
};

static int64_t last;

static struct cor_ctx *create(const struct cor_service *of, const struct limits *limits)
{
	const struct cor_ctx_options options = {
		.service = of, .state = &last, .settings = limits
	};
	struct cor_ctx *ctx;

	last = 0;
	assert_int_equal(cor_ctx_create(&options, &ctx), 0);
	return ctx;
}

static void test_a_handler_works(void **state)
{
	struct cor_ctx *ctx = create(&service, NULL);
	struct note note = { 0 };

	(void)state;
	assert_int_equal(add_note(ctx, &(struct note){ .text = "milk" }, &note), 0);
	assert_int_equal(note.id, 1);
	assert_string_equal(note.text, "milk");
	assert_null(cor_problem_of(ctx));
	assert_ptr_equal(cor_ctx_service(ctx), &service);
	assert_int_equal(cor_request_path(ctx).len, 0);
	assert_int_equal(strlen(cor_request_id(ctx)), 16);
	assert_int_equal(cor_reply_status(ctx, 0), 200);
	cor_ctx_destroy(ctx);
}

static void test_what_it_recorded_can_be_read(void **state)
{
	struct cor_ctx *ctx = create(&service, NULL);
	struct note note = { 0 };

	(void)state;
	int rc = add_note(ctx, &(struct note){ .text = "a long text" }, &note);
	assert_int_equal(rc, -COR_EPROBLEM);
	const struct cor_problem *problem = cor_problem_of(ctx);
	assert_int_equal(problem->status, 422);
	assert_int_equal(problem->violations->count, 1);
	assert_string_equal(problem->violations->first->where, "/text");
	assert_string_equal(problem->violations->first->detail, "must be short");
	last = 2; /* as .defaults has it */
	rc = add_note(ctx, &(struct note){ .text = "milk" }, &note);
	assert_int_equal(rc, -COR_EPROBLEM);
	assert_int_equal(cor_reply_status(ctx, rc), 507);
	problem = cor_problem_of(ctx);
	assert_int_equal(problem->status, 507);
	assert_int_equal(problem->cause, -ENOSPC);
	assert_string_equal(problem->detail, "2 notes are there");
	assert_null(problem->violations);
	cor_ctx_destroy(ctx);
}

static void test_settings_can_be_given(void **state)
{
	const struct limits limits = { .motto = "brief", .notes_max = 7 };
	struct cor_ctx *ctx = create(&service, &limits);
	struct note note = { 0 };

	(void)state;
	last = 2;
	assert_int_equal(add_note(ctx, &(struct note){ .text = "milk" }, &note), 0);
	assert_ptr_equal(cor_settings(ctx, limits_schema), &limits);
	cor_ctx_destroy(ctx);
}

static void test_the_codec_is_there(void **state)
{
	struct cor_ctx *ctx = create(&service, NULL);
	struct cor_violations why = { 0 };
	struct cor_str text;
	struct note note;

	(void)state;
	assert_int_equal(cor_decode(cor_ctx_codec(ctx), cor_ctx_arena(ctx), note_schema, &note,
				 COR_STR("{\"id\":7,\"text\":\"x\"}"), &why),
		0);
	assert_int_equal(
		cor_encode(cor_ctx_codec(ctx), cor_ctx_arena(ctx), note_schema, &note, &text), 0);
	assert_true(cor_str_equal(text, COR_STR("{\"id\":7,\"text\":\"x\"}")));
	cor_ctx_destroy(ctx);
}

static void test_without_a_service(void **state)
{
	struct cor_ctx *ctx = create(NULL, NULL);

	(void)state;
	assert_ptr_equal(cor_state(ctx), &last);
	assert_null(cor_ctx_service(ctx));
	assert_null(cor_ctx_codec(ctx));
	assert_null(cor_settings(ctx, limits_schema));
	assert_int_equal(cor_problem(ctx, 404, 0, "no note"), -COR_EPROBLEM);
	assert_string_equal(cor_problem_of(ctx)->detail, "no note");
	cor_ctx_destroy(ctx);
	cor_ctx_destroy(NULL);
}

static int fails(const struct cor_service *of)
{
	struct cor_ctx *untouched = (struct cor_ctx *)&last;
	struct cor_ctx *ctx = untouched;
	int rc = cor_ctx_create(&(struct cor_ctx_options){ .service = of }, &ctx);

	assert_ptr_equal(ctx, untouched);
	return rc;
}

static void test_what_cannot_be_made(void **state)
{
	struct cor_service wrong = service;

	(void)state;
	wrong.settings = COR_SETTINGS(strict_schema);
	assert_int_equal(fails(&wrong), -COR_EINVALID);
	wrong.settings = NULL;
	wrong.resources = COR_RESOURCES(&notes, &notes);
	assert_int_equal(fails(&wrong), -COR_ETABLE);
	wrong = service;
	wrong.defaults = "{";
	assert_int_equal(fails(&wrong), -COR_ESYNTAX);
}

/* Each of them would let the two ends disagree, or duplicate a header. */
static void test_headers_that_are_not_the_handlers(void **state)
{
	static const char *const names[] = { "Content-Type", "content-length", "Transfer-Encoding",
		"CONNECTION", "Keep-Alive", "Date", "Upgrade", "Trailer", "", "X Y",
		"X:", "X\r\nY" };
	static const char *const values[] = { "a\r\nX: b", "a\nb", "a\rb", "\x01", "a\x7f" };
	struct cor_ctx *ctx = create(&service, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_int_equal(cor_reply_header(ctx, names[i], "x"), -EINVAL);
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		assert_int_equal(cor_reply_header(ctx, "X-Note", values[i]), -EINVAL);
	assert_int_equal(cor_reply_header(ctx, "X-Note", "a, \"b\"\t\xc3\xa4"), 0);
	cor_ctx_destroy(ctx);
}

struct hand {
	struct cor_clock clock; /* first */
	int64_t *ns;
};

static int64_t hand_ns(const struct cor_clock *clock)
{
	return *((const struct hand *)(const void *)clock)->ns;
}

static void hand_sleep(const struct cor_clock *clock, int64_t due_ns)
{
	*((const struct hand *)(const void *)clock)->ns = due_ns;
}

static void sevens(const struct cor_random *random, void *ret, size_t bytes)
{
	(void)random;
	memset(ret, 0x77, bytes);
}

/* A handler called by a test sees the test's clock, and its waits take no time. */
static void test_clock_and_randomness_are_given(void **state)
{
	static const struct cor_random random = { .fill = sevens };
	int64_t ns = 0;
	const struct hand hand = { { hand_ns, hand_ns, hand_sleep }, &ns };
	struct cor_semaphore none = { 0 };
	struct cor_uuid uuid;
	struct cor_scope scope;
	struct cor_ctx *ctx, *other;

	(void)state;
	assert_int_equal(
		cor_ctx_create(
			&(struct cor_ctx_options){ .clock = &hand.clock, .random = &random }, &ctx),
		0);
	other = create(&service, NULL); /* mentions neither, and changes nothing */
	assert_int_equal(cor_sleep_ms(86400000), 0);
	assert_int_equal(ns, 86400000 * INT64_C(1000000));
	assert_int_equal(cor_now().tv_sec, 86400);
	assert_int_equal(cor_monotonic_ns(), ns);
	cor_scope_enter(&scope, 5);
	assert_int_equal(cor_semaphore_take(&none), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(ns, 86400005 * INT64_C(1000000));
	cor_uuid_random(&uuid);
	assert_int_equal(uuid.bytes[0], 0x77);
	assert_string_equal(cor_request_id(ctx), "7777777777777777");
	cor_ctx_destroy(ctx);
	assert_true(cor_now().tv_sec > 1000000000);
	cor_ctx_destroy(other);
}

static void test_topics_work_without_a_server(void **state)
{
	static const struct cor_topic added = { .name = "notes",
		.messages = COR_MESSAGES(note_schema) };
	const struct cor_service topical = {
		.name = "topical", .resources = COR_RESOURCES(&notes), .topics = COR_TOPICS(&added)
	};
	struct cor_subscription *subscription;
	struct cor_message message;
	struct note note = { 7, "seven" };
	struct cor_ctx *ctx;

	(void)state;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &topical }, &ctx), 0);
	assert_int_equal(cor_subscribe(ctx, &added, NULL, &subscription), 0);
	assert_int_equal(cor_topic_publish_json(ctx, &added, "added", note_schema, &note), 0);
	assert_int_equal(cor_subscription_receive(subscription, &message), 0);
	assert_string_equal(message.data.data, "{\"id\":7,\"text\":\"seven\"}");
	assert_string_equal(message.event, "added");
	note.text = "\xff";
	assert_int_equal(
		cor_topic_publish_json(ctx, &added, "added", note_schema, &note), -COR_EINVALID);
	assert_int_equal(
		cor_topic_publish_json(ctx, &added, NULL, strict_schema, (&(struct limits){ 0 })),
		-COR_ETABLE);
	cor_ctx_destroy(ctx);
}

/* What is written to standard error, without its end. */
static size_t written(const struct cor_ctx_options *options, char *ret, size_t size)
{
	FILE *file = tmpfile();
	int error = dup(STDERR_FILENO);
	struct cor_ctx *ctx;

	assert_non_null(file);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	assert_int_equal(cor_ctx_create(options, &ctx), 0);
	cor_log_warning(ctx, "of %s", "the ctx");
	cor_log_error(NULL, "of none");
	cor_ctx_destroy(ctx);
	dup2(error, STDERR_FILENO);
	close(error);
	rewind(file);
	size_t len = fread(ret, 1, size - 1, file);
	ret[len] = '\0';
	fclose(file);
	return len;
}

static void test_its_log_may_be_hidden(void **state)
{
	char text[200];

	(void)state;
	assert_true(written(&(struct cor_ctx_options){ 0 }, text, sizeof text) > 0);
	assert_string_equal(text, "warning: of the ctx\nerror: of none\n");
	written(&(struct cor_ctx_options){ .log = COR_LOG_HIDDEN }, text, sizeof text);
	assert_string_equal(text, "error: of none\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_handler_works),
		cmocka_unit_test(test_what_it_recorded_can_be_read),
		cmocka_unit_test(test_settings_can_be_given),
		cmocka_unit_test(test_the_codec_is_there),
		cmocka_unit_test(test_without_a_service),
		cmocka_unit_test(test_what_cannot_be_made),
		cmocka_unit_test(test_headers_that_are_not_the_handlers),
		cmocka_unit_test(test_clock_and_randomness_are_given),
		cmocka_unit_test(test_topics_work_without_a_server),
		cmocka_unit_test(test_its_log_may_be_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
