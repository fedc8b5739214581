/* SPDX-License-Identifier: MIT */
/*
 * Each allocation of a request fails in turn, wherever in its memory that is: who is to be refused
 * is refused all the same, if with another status.
 */
#include "fake.h"

#include <errno.h>
#include <stdlib.h>

#include <coracle/caching.h>
#include <coracle/error.h>
#include <coracle/limit.h>
#include <coracle/security.h>

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

static long until_failure = -1; /* how many still succeed; below 0: all */

void *__wrap_malloc(size_t size)
{
	if (until_failure >= 0 && until_failure-- == 0)
		return NULL;
	return __real_malloc(size);
}

struct user {
	const char *name;
};
static const struct cor_field user_fields[] = { COR_FIELD(struct user, name) };
COR_LOCAL_SCHEMA(user_schema, struct user, user_fields);

static size_t filling; /* what is used of the request's memory before it is judged */

static int check_token(struct cor_ctx *ctx, const char *token, struct user *user)
{
	user->name = token;
	return cor_grant(ctx, "read");
}
COR_BEARER(token_scheme, check_token, user_schema);

COR_API_KEY(cookie_scheme, check_token, user_schema, .in = COR_FROM_COOKIE, .key = "key");

static int fill(struct cor_ctx *ctx, struct cor_next *next)
{
	for (size_t used = 0; used < filling; used += 16)
		if (!cor_alloc(ctx, 16))
			return -ENOMEM;
	return cor_next(next);
}
static const struct cor_middleware filler = { .name = "filler", .around = fill };

static int work(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(write_operation, work, COR_NONE, COR_NONE,
	.security = COR_SECURITY({ &token_scheme, .scopes = "read write" }));

COR_OPERATION(by_cookie_operation, work, COR_NONE, COR_NONE,
	.security = COR_SECURITY({ &cookie_scheme }));

/* What is there has another version than both that the client names. */
static int change(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return cor_check_version(ctx, "3");
}
COR_OPERATION(change_operation, change, COR_NONE, COR_NONE, .problems = { 412 });
COR_OPERATION(guarded_operation, change, COR_NONE, COR_NONE,
	.caching = &(const struct cor_caching){ .needs_condition = true });

static const struct cor_limit per_client = { .name = "client", .count = 1, .per_s = 3600 };
COR_OPERATION(limited_operation, work, COR_NONE, COR_NONE, .limits = COR_LIMITS(&per_client));

static const struct cor_resource resources[] = {
	{ .path = "/write", .put = &write_operation },
	{ .path = "/change", .put = &change_operation },
	{ .path = "/guarded", .put = &guarded_operation },
	{ .path = "/limited", .put = &limited_operation },
	{ .path = "/by-cookie", .put = &by_cookie_operation },
};
static const struct cor_service service = {
	.name = "s",
	.resources = COR_RESOURCES(
		&resources[0], &resources[1], &resources[2], &resources[3], &resources[4]),
	.middleware = COR_MIDDLEWARE(&filler),
};

static const struct {
	const char *target, *headers;
	int status;
} cases[] = {
	{ "/write", "Authorization: Bearer x\n", 403 },
	{ "/write", NULL, 401 },
	{ "/change", "If-Match: \"1\"\nIf-Match: \"2\"\n", 412 },
	{ "/guarded", "If-Match: \"1\"\nIf-Match: \"2\"\n", 412 },
	{ "/guarded", NULL, 428 },
	{ "/limited", NULL, 429 },
	{ "/by-cookie",
		"Cookie: key=x\nOrigin: https://evil.example\nOrigin: https://evil.example\n",
		403 },
};

/* Until the failure is one that no allocation comes to. */
static void refuse_always(struct cor_dispatcher *dispatcher, size_t at)
{
	const struct fake_request request = {
		.method = "PUT",
		.target = cases[at].target,
		.headers = cases[at].headers,
		.memory_bytes = 1 << 20, /* no first chunk: everything from the heap */
	};
	struct fake_reply reply = { 0 };
	bool spared = false;

	for (long n = 0; !spared; n++) {
		until_failure = n;
		fake_serve(dispatcher, &request, &reply);
		spared = until_failure >= 0;
		until_failure = -1;
		if (reply.status < 400)
			print_error("%s %s: %u, with %zu bytes used\n", cases[at].target,
				cases[at].headers, reply.status, filling);
		assert_in_range(reply.status, 400, 599);
	}
	assert_int_equal(reply.status, cases[at].status);
	fake_finish(&reply);
}

static void test_refused(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);

	(void)state;
	filling = 0;
	fake_expect(dispatcher, &(struct fake_request){ .method = "PUT", .target = "/limited" },
		204, NULL);
	for (filling = 0; filling < 4096; filling += 16)
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			refuse_always(dispatcher, i);
	cor_dispatcher_destroy(dispatcher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
