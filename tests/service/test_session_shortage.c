/* SPDX-License-Identifier: MIT */
/* Each allocation of a request with a session fails in turn: it says so, and means what it says. */
#include "fake.h"

#include "cache/caches.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <coracle/error.h>
#include <coracle/sealing.h>
#include <coracle/security.h>
#include <coracle/session.h>

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

static long until_failure = -1; /* how many still succeed; below 0: all */

void *__wrap_malloc(size_t size)
{
	if (until_failure >= 0 && until_failure-- == 0)
		return NULL;
	return __real_malloc(size);
}

static size_t filling; /* what is used of the request's memory before it is judged */

static int fill(struct cor_ctx *ctx, struct cor_next *next)
{
	for (size_t used = 0; used < filling; used += 16)
		if (!cor_alloc(ctx, 16))
			return -ENOMEM;
	return cor_next(next);
}
static const struct cor_middleware filler = { .name = "filler", .around = fill };

struct visit {
	int64_t user;
	const char *name;
};
static const struct cor_field visit_fields[] = {
	COR_FIELD(struct visit, user),
	COR_FIELD(struct visit, name),
};
COR_LOCAL_SCHEMA(visit_schema, struct visit, visit_fields);
static struct cor_session visits = { .keeps = COR_KEEPS(visit_schema) };
static const struct cor_cache kept_sessions = { .name = "sessions" };

static int check_visit(struct cor_ctx *ctx, const struct visit *visit, struct visit *user)
{
	*user = *visit;
	return cor_grant(ctx, "");
}
COR_SESSION_SCHEME(visit_scheme, check_visit, visits, visit_schema, visit_schema);

static int start(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return cor_session_start(
		ctx, &visits, visit_schema, &(struct visit){ .user = 7, .name = "ada" });
}
COR_OPERATION(start_operation, start, COR_NONE, COR_NONE, .problems = { 403 });

static int change(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return cor_session_change(
		ctx, &visits, visit_schema, &(struct visit){ .user = 7, .name = "eve" });
}
COR_OPERATION(change_operation, change, COR_NONE, COR_NONE, .problems = { 403 });

static int end(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return cor_session_end(ctx, &visits);
}
COR_OPERATION(end_operation, end, COR_NONE, COR_NONE, .problems = { 403 });

static int look(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	const struct visit *user = cor_principal(ctx, visit_schema);

	(void)in;
	*out = cor_str(user ? user->name : "nobody");
	return 0;
}
COR_OPERATION(
	look_operation, look, COR_NONE, COR_TEXT, .security = COR_SECURITY({ &visit_scheme }));

static const struct cor_resource resources[] = {
	{ .path = "/session",
		.get = &look_operation,
		.post = &start_operation,
		.put = &change_operation,
		.delete = &end_operation },
};
static const struct cor_service service = {
	.name = "s",
	.resources = COR_RESOURCES(&resources[0]),
	.middleware = COR_MIDDLEWARE(&filler),
	.sessions = COR_SESSIONS(&visits),
	.caches = COR_CACHES(&kept_sessions),
	.sealing = &cor_sealing,
};

#define TWO_PAGES "Origin: https://evil.example\nOrigin: https://evil.example\n"

static const struct {
	const char *method, *headers;
	int status; /* with enough memory */
} cases[] = {
	{ "GET", "", 200 },
	{ "GET", "Cookie: a=b\n", 200 }, /* as HTTP/2 splits them */
	{ "POST", "", 204 },
	{ "PUT", "", 204 },
	{ "DELETE", "", 204 },
	{ "POST", TWO_PAGES, 403 },
	{ "PUT", TWO_PAGES, 403 },
	{ "DELETE", TWO_PAGES, 403 },
};

static char cookie[1024];

/* A success is one; else it is a failure of the service, and a refusal stays one. */
static void judge(size_t i, const struct fake_reply *reply)
{
	bool sets = strstr(reply->headers, "Set-Cookie: session=") != NULL;
	bool is_get = strcmp(cases[i].method, "GET") == 0;
	bool is_whole = reply->status == cases[i].status && sets == (cases[i].status == 204) &&
			(!is_get || strcmp(fake_body(reply), "ada") == 0);

	if (!is_whole && reply->status < 500)
		fail_msg("%s %s: %u: %s%s", cases[i].method, cases[i].headers, reply->status,
			reply->headers, fake_body(reply));
	if (cases[i].status == 403)
		assert_false(sets);
}

static void log_in(struct cor_dispatcher *dispatcher)
{
	struct fake_reply reply = { 0 };

	fake_serve(dispatcher, &(struct fake_request){ .method = "POST", .target = "/session" },
		&reply);
	const char *set = strstr(reply.headers, "Set-Cookie: ");
	assert_non_null(set);
	set += strlen("Set-Cookie: ");
	snprintf(cookie, sizeof cookie, "Cookie: %.*s\n", (int)strcspn(set, ";"), set);
	fake_finish(&reply);
}

static void fail_each(struct cor_dispatcher *dispatcher, size_t i)
{
	char headers[2048];
	struct fake_reply reply = { 0 };
	bool spared = false;

	for (long n = 0; !spared; n++) {
		if (visits.cache) /* the one before may have been ended */
			log_in(dispatcher);
		snprintf(headers, sizeof headers, "%s%s", cookie, cases[i].headers);
		until_failure = n;
		fake_serve(dispatcher,
			&(struct fake_request){ .method = cases[i].method,
				.target = "/session",
				.headers = headers,
				.memory_bytes = 1 << 20 },
			&reply);
		spared = until_failure >= 0;
		until_failure = -1;
		judge(i, &reply);
	}
	assert_int_equal(reply.status, cases[i].status);
	fake_finish(&reply);
}

static void test_each(void **state)
{
	const struct cor_caches_options options = { .caches = COR_CACHES(&kept_sessions) };
	const struct cor_cache *failed;
	struct cor_caches *caches;

	(void)state;
	assert_int_equal(cor_caches_create(&options, &caches, &failed), 0);
	struct cor_dispatcher *dispatcher = fake_dispatcher_with(&service, caches);
	log_in(dispatcher);
	for (filling = 0; filling < 4096; filling += 64)
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			fail_each(dispatcher, i);
	cor_dispatcher_destroy(dispatcher);
	cor_caches_destroy(caches);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		visits.cache = &kept_sessions;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
