/* SPDX-License-Identifier: MIT */
/* Middleware: order, what it sees, what it may do and what it must not. */
#include "fake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/request.h>

static char trace[256];
static int foreseen; /* the status, as the outermost middleware foresees it */

static void note(const char *what)
{
	snprintf(trace + strlen(trace), sizeof trace - strlen(trace), "%s ", what);
}

static int outer(struct cor_ctx *ctx, struct cor_next *next)
{
	char text[32];

	note("outer");
	int rc = cor_next(next);
	foreseen = cor_reply_status(ctx, rc);
	snprintf(text, sizeof text, "outer:%s", rc == 0 ? "0" : cor_errname(rc));
	note(text);
	return cor_reply_header(ctx, "X-Outer", "1") < 0 ? -ENOMEM : rc;
}
static const struct cor_middleware outer_one = { .name = "outer", .around = outer };

/* Does what the query says. */
static int inner(struct cor_ctx *ctx, struct cor_next *next)
{
	struct cor_str query = cor_request_query(ctx);
	int rc;

	note("inner");
	if (cor_str_equal(query, COR_STR("refuse")))
		return cor_problem(ctx, 401, 0, "who are you");
	if (cor_str_equal(query, COR_STR("swallow")))
		return 0;
	rc = cor_next(next);
	if (cor_str_equal(query, COR_STR("twice")))
		return cor_next(next);
	if (cor_str_equal(query, COR_STR("recover")) && rc < 0)
		return cor_problem(ctx, 404, rc, "fixed");
	if (cor_str_equal(query, COR_STR("count")))
		return rc + 1;
	if (cor_str_equal(query, COR_STR("veto")))
		return cor_problem(ctx, 413, 0, "vetoed");
	note("inner:done");
	return rc;
}
static const struct cor_middleware inner_one = { .name = "inner", .around = inner };

static int work(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)ctx, (void)in;
	note("work");
	*out = COR_STR("done");
	return 0;
}
COR_OPERATION(work_operation, work, COR_NONE, COR_TEXT, .problems = { 401 });

static int count(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)ctx, (void)in, (void)out;
	note("count");
	return 1;
}
COR_OPERATION(count_operation, count, COR_NONE, COR_TEXT);

static int stumble(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)ctx, (void)in, (void)out;
	note("stumble");
	return -EIO;
}
COR_OPERATION(stumble_operation, stumble, COR_NONE, COR_TEXT);

/* Tries to get around the one inside it. */
static int insist(struct cor_ctx *ctx, struct cor_next *next)
{
	int rc = cor_next(next);

	(void)ctx;
	return rc < 0 ? cor_next(next) : rc;
}
static const struct cor_middleware insisting = { .name = "insisting", .around = insist };

static const struct cor_resource resource = {
	.path = "/work",
	.get = &work_operation,
	.post = &stumble_operation,
	.delete = &count_operation,
	.middleware = COR_MIDDLEWARE(&inner_one),
};
static const struct cor_resource guarded = {
	.path = "/guarded",
	.get = &work_operation,
	.middleware = COR_MIDDLEWARE(&insisting, &inner_one),
};
static const struct cor_service service = {
	.name = "s",
	.resources = COR_RESOURCES(&resource, &guarded),
	.middleware = COR_MIDDLEWARE(&outer_one),
};

static const struct {
	const char *method, *target;
	int status;
	const char *trace;
} cases[] = {
	{ "GET", "/work", 200, "outer inner work inner:done outer:0 " },
	{ "HEAD", "/work", 200, "outer inner work inner:done outer:0 " },
	{ "GET", "/work?refuse", 401, "outer inner outer:COR_EPROBLEM " },
	{ "GET", "/work?swallow", 500, "outer inner outer:0 " },
	{ "GET", "/work?twice", 500, "outer inner work outer:EALREADY " },
	{ "GET", "/work?veto", 413, "outer inner work outer:COR_EPROBLEM " },
	{ "POST", "/work", 500, "outer inner stumble inner:done outer:EIO " },
	{ "POST", "/work?recover", 404, "outer inner stumble outer:COR_EPROBLEM " },
	{ "GET", "/work?count", 500, "outer inner work outer:COR_EPROBLEM " },
	{ "DELETE", "/work", 500, "outer inner count inner:done outer:COR_EPROBLEM " },
	{ "PUT", "/work", 405, "outer inner inner:done outer:COR_EPROBLEM " },
	{ "OPTIONS", "/work", 204, "outer inner inner:done outer:0 " },
	{ "GET", "/nowhere", 404, "outer outer:COR_EPROBLEM " },
	{ "BREW", "/nowhere", 501, "outer outer:COR_EPROBLEM " },
	{ "GET", "/guarded", 200, "outer inner work inner:done outer:0 " },
	{ "GET", "/guarded?refuse", 500, "outer inner outer:EALREADY " },
};

static void test_each(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct fake_request request = { .method = cases[i].method,
			.target = cases[i].target };
		trace[0] = '\0';
		fake_serve(dispatcher, &request, &reply);
		if (reply.replies != 1 || reply.status != cases[i].status ||
			foreseen != cases[i].status || strcmp(trace, cases[i].trace) != 0)
			fail_msg("%s %s: %u, %s", cases[i].method, cases[i].target, reply.status,
				trace);
		assert_non_null(strstr(reply.headers, "X-Outer: 1\n"));
	}
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* --- around a stream, whose head has been sent when it returns --- */

static int stamp(struct cor_ctx *ctx, struct cor_next *next)
{
	int rc = cor_reply_header(ctx, "X-Stamp", "1");

	if (rc == 0)
		rc = cor_next(next);
	foreseen = cor_reply_status(ctx, rc);
	return rc;
}
static const struct cor_middleware stamping = { .name = "stamping", .around = stamp };

static int stamp_late(struct cor_ctx *ctx, struct cor_next *next)
{
	int rc = cor_next(next);

	return rc < 0 ? rc : cor_reply_header(ctx, "X-Late", "1");
}
static const struct cor_middleware stamping_late = { .name = "late", .around = stamp_late };

/* Does what the query says. */
static int stream(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	struct cor_str query = cor_request_query(ctx);

	(void)in, (void)body;
	if (cor_str_equal(query, COR_STR("refuse")))
		return cor_problem(ctx, 404, 0, "before it began");
	if (cor_str_equal(query, COR_STR("nothing")))
		return 0;
	int rc = cor_reply_start(reply, 202, "text/x");
	if (rc == 0)
		rc = cor_reply_write(reply, "abc", 3);
	return rc == 0 && cor_str_equal(query, COR_STR("break")) ? -EIO : rc;
}
COR_STREAM_OPERATION(stream_operation, stream, COR_NONE, .content_type = "text/plain");

static const struct cor_resource streamed = {
	.path = "/stream", .get = &stream_operation, .middleware = COR_MIDDLEWARE(&stamping)
};
static const struct cor_resource streamed_late = { .path = "/late",
	.get = &stream_operation,
	.middleware = COR_MIDDLEWARE(&stamping, &stamping_late) };
static const struct cor_service streams = {
	.name = "s",
	.resources = COR_RESOURCES(&streamed, &streamed_late),
};

static void test_streams(void **state)
{
	static const struct {
		const char *target;
		int status;
		bool broken;
	} around[] = {
		{ "/stream", 202, false },
		{ "/stream?break", 202, true },
		{ "/stream?refuse", 404, false },
		{ "/stream?nothing", 500, false },
		{ "/late", 202, true },
		{ "/late?refuse", 404, false },
	};
	struct cor_dispatcher *dispatcher = fake_dispatcher(&streams);
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof around / sizeof around[0]; i++) {
		fake_serve(
			dispatcher, &(struct fake_request){ .target = around[i].target }, &reply);
		assert_int_equal(reply.status, around[i].status);
		assert_int_equal(foreseen, around[i].status);
		assert_int_equal(reply.broken, around[i].broken);
		assert_string_equal(reply.headers, "X-Stamp: 1\n");
	}
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
