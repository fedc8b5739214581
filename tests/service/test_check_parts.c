/* SPDX-License-Identifier: MIT */
/* Tables of what a service has besides its resources: executors, topics and readiness checks. */
#include "fake.h"
#include "tables.h"

#include <coracle/error.h>
#include <coracle/cache.h>
#include <coracle/credentials.h>
#include <coracle/http_cache.h>
#include <coracle/upstream.h>
#include <coracle/schema_custom.h>

static int call_nothing(struct cor_ctx *ctx, const void *in, void *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

static const struct cor_operation fine = {
	.handler = "fine",
	.call = call_nothing,
	.in = &COR_NONE.schema,
	.out = &COR_NONE.schema,
};
static const struct cor_resource good = { .path = "/good", .get = &fine };

static int say_yes(struct cor_ctx *ctx, void *state)
{
	(void)ctx, (void)state;
	return 0;
}

static int begin_nothing(struct cor_ctx *ctx, void **ret_thread_state)
{
	(void)ctx, (void)ret_thread_state;
	return 0;
}

static void test_executors(void **state)
{
	static const struct cor_executor fair = { .name = "fair" }, twin = { .name = "fair" };
	static const struct cor_executor nameless = { .size = 1 }, loud = { .name = "Loud one" };
	static const struct cor_executor torn = {
		.name = "torn", .start = begin_nothing, .when_full = COR_FULL_RUN_HERE
	};
	static const struct cor_executor here = {
		.name = "here", .kind = COR_PROCESSES, .when_full = COR_FULL_RUN_HERE
	};
	static const struct cor_executor boxed = { .name = "boxed", .isolation = COR_SANDBOX };
	static const struct cor_executor timed = { .name = "timed", .job_timeout_ms = 5 };
	const struct cor_service service = {
		.name = "shop",
		.resources = COR_RESOURCES(&good),
		.executors = COR_EXECUTORS(
			&fair, &twin, &nameless, &loud, &torn, &here, &boxed, &timed),
	};
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
	assert_true(is_said(&why, "fair", "two executors have that name"));
	assert_true(
		is_said(&why, "boxed", "only processes have a sandbox: add .kind = COR_PROCESSES"));
	assert_true(is_said(&why, "an executor", "it has no .name"));
	assert_true(is_said(&why, "torn",
		"only its own threads have what .start makes: with it .when_full is "
		"COR_FULL_WAIT or COR_FULL_REFUSE"));
	assert_true(is_said(&why, "Loud one", "small letters"));
	assert_true(is_said(&why, "here", "choose another .when_full"));
	assert_true(is_said(&why, "timed", "add .kind = COR_PROCESSES"));
	cor_arena_finish(&arena);
}

/* What a process answers is copied without its functions. */
typedef const char *name;
static int read_name(struct cor_conversion *conversion, struct cor_str text, name *ret)
{
	(void)conversion;
	*ret = text.data;
	return 0;
}
static int write_name(struct cor_conversion *conversion, const name *value, struct cor_str *ret)
{
	(void)conversion;
	*ret = cor_str(*value);
	return 0;
}
COR_LOCAL_TEXT_KIND(name_kind, name, read_name, write_name);

static int tell_name(struct cor_ctx *ctx, const struct cor_none *none, name *ret)
{
	(void)ctx, (void)none;
	*ret = "";
	return 0;
}
static const struct cor_executor apart = { .name = "apart", .kind = COR_PROCESSES };
static const struct cor_executor beside = { .name = "beside" };
COR_OPERATION(name_apart, tell_name, COR_NONE, name_kind, .executor = &apart);
COR_OPERATION(name_beside, tell_name, COR_NONE, name_kind, .executor = &beside);
static const struct cor_resource names = {
	.path = "/names", .get = &name_apart, .post = &name_beside
};
static const struct cor_service naming = {
	.name = "shop",
	.resources = COR_RESOURCES(&names),
	.executors = COR_EXECUTORS(&apart, &beside),
};

static void test_isolation(void **state)
{
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&naming, &arena, &why), -COR_ETABLE);
	assert_true(is_said(&why, "GET /names",
		"runs in a process, which name_kind cannot leave: if its C type holds no pointer"));
	assert_int_equal(why.count, 1);
	cor_arena_finish(&arena);
}

static void test_topics(void **state)
{
	static const struct cor_topic fair = { .name = "fair" }, twin = { .name = "fair" };
	static const struct cor_topic nameless = { .keep = 1 }, loud = { .name = "Loud one" };
	static const struct cor_topic great = {
		.name = "great",
		.message_bytes = COR_TOPIC_MESSAGE_BYTES_MAX + 1,
		.keep = COR_TOPIC_KEEP_MAX + 1,
		.messages = &COR_TEXT.schema,
	};
	const struct cor_service service = {
		.name = "shop",
		.resources = COR_RESOURCES(&good),
		.topics = COR_TOPICS(&fair, &twin, &nameless, &loud, &great),
	};
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
	assert_true(is_said(&why, "fair", "two topics have that name"));
	assert_true(is_said(&why, "a topic", "it has no .name"));
	assert_true(is_said(&why, "Loud one", "small letters"));
	assert_true(is_said(&why, "great", "its .message_bytes are more than 262144"));
	assert_true(is_said(&why, "great", "its .keep is more than 4096 messages"));
	assert_true(is_said(&why, "great", "in .messages has no table"));
	cor_arena_finish(&arena);
}

static void test_members_of_executors(void **state)
{
	static const struct {
		struct cor_executor executor;
		const char *fault; /* NULL: it has none */
	} cases[] = {
		{ { .kind = 7 }, ".kind" },
		{ { .when_full = 9 }, ".when_full" },
		{ { .isolation = 3, .kind = COR_PROCESSES }, ".isolation" },
		{ { .size = UINT32_MAX }, ".size" },
		{ { .memory_bytes = 5, .kind = COR_PROCESSES }, ".memory_bytes" },
		{ { .memory_bytes = 64 << 20 }, "add .kind" },
		{ { .isolation = COR_SANDBOX }, "add .kind" },
		{ { .memory_bytes = 64 << 20, .kind = COR_PROCESSES }, NULL },
		{ { .size = 4096, .when_full = COR_FULL_RUN_HERE }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *fault = cor_executor_fault(&cases[i].executor);
		struct cor_pool *pool = NULL;
		if (!cases[i].fault) {
			assert_null(fault);
			continue;
		}
		assert_non_null(fault);
		assert_non_null(strstr(fault, cases[i].fault));
		assert_int_equal(cor_pool_create(&cases[i].executor, &pool), -COR_ETABLE);
	}
}

static void test_operations_on_executors(void **state)
{
	static const struct cor_executor unlisted = {
		.name = "unlisted", .kind = COR_PROCESSES, .call_bytes = 4095
	};
	static const struct cor_operation elsewhere = {
		.handler = "elsewhere",
		.call = call_nothing,
		.in = &COR_NONE.schema,
		.out = &COR_NONE.schema,
		.executor = &unlisted,
	};
	static const struct cor_resource resource = { .path = "/elsewhere", .get = &elsewhere };
	const struct cor_service service = {
		.name = "shop",
		.resources = COR_RESOURCES(&resource),
	};
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
	assert_true(is_said(&why, "GET /elsewhere",
		"the service does not list executor unlisted in its .executors"));
	assert_true(is_said(&why, "GET /elsewhere",
		"a request does not fit into the 4095 .call_bytes of executor unlisted: 4096"));
	cor_arena_finish(&arena);
}

static int sign_nothing(struct cor_ctx *ctx, struct cor_signing *signing)
{
	(void)ctx;
	(void)signing;
	return 0;
}

static void test_caches_of_upstreams(void **state)
{
	static const struct cor_cache listed = { .name = "listed" },
				      missing = { .name = "missing" };
	static const struct cor_http_caching caching = { .stale_if_error_s = 1 };
	static const struct cor_upstream fair = {
		.name = "a", .base_url = "http://a", .cache = &listed, .caching = &caching
	};
	static const struct cor_upstream unlisted = {
		.name = "b", .base_url = "http://b", .cache = &missing
	};
	static const struct cor_upstream nowhere = {
		.name = "c", .base_url = "http://c", .caching = &caching
	};
	static const struct cor_credentials signed_ones = { .sign = sign_nothing };
	static const struct cor_upstream whose = {
		.name = "d", .base_url = "http://d", .cache = &listed, .credentials = &signed_ones
	};
	const struct cor_service service = {
		.name = "s",
		.resources = COR_RESOURCES(&good),
		.upstreams = COR_UPSTREAMS(&fair, &unlisted, &nowhere, &whose),
		.caches = COR_CACHES(&listed),
	};
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
	assert_int_equal(why.count, 3);
	assert_true(is_said(&why, "b",
		"has a .cache that the service does not list: .caches = COR_CACHES(&...)"));
	assert_true(is_said(&why, "c", "has .caching, but no .cache to keep answers in"));
	assert_true(is_said(&why, "d", ".credentials.sign, of which nobody knows whom"));
	cor_arena_finish(&arena);
}

static void test_readiness(void **state)
{
	static const struct cor_readiness fair = { .name = "fair", .check = say_yes };
	static const struct cor_readiness twin = { .name = "fair", .check = say_yes };
	static const struct cor_readiness idle = { .name = "idle" };
	static const struct cor_readiness nameless = { .check = say_yes };
	static const struct cor_readiness lines = { .name = "a\nb", .check = say_yes };
	static const struct cor_readiness vast = {
		.name = "123456789 123456789 123456789 123456789 12345678", .check = say_yes
	};
	static const struct cor_upstream asked = {
		.name = "a", .base_url = "http://a", .readiness = COR_UPSTREAM_REQUIRED
	};
	static const struct cor_upstream asked_too = {
		.name = "b", .base_url = "http://b", .readiness = COR_UPSTREAM_OPTIONAL
	};
	static const struct cor_upstream not_asked = { .name = "c", .base_url = "http://c" };
	const struct cor_service service = {
		.name = "s",
		.resources = COR_RESOURCES(&good),
		.readiness = COR_READINESS(&fair, &twin, &idle, &nameless, &lines, &vast),
	};
	const struct cor_service too_many = {
		.name = "s",
		.resources = COR_RESOURCES(&good),
		.readiness = COR_READINESS(&fair, &fair, &fair, &fair, &fair, &fair, &fair, &fair,
			&fair, &fair, &fair, &fair, &fair, &fair, &fair),
		.upstreams = COR_UPSTREAMS(&asked, &not_asked, &asked_too),
	};
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
	assert_true(is_said(&why, "fair", "two readiness checks have that name"));
	assert_true(is_said(&why, "idle", "has no .check function"));
	assert_true(is_said(&why, "a readiness check", "has no .name"));
	assert_true(is_said(&why, lines.name, "in a line of UTF-8"));
	assert_true(is_said(&why, vast.name, "at most 47 bytes"));
	cor_arena_finish(&arena);
	why = (struct cor_violations){ 0 };
	assert_int_equal(create(&too_many, &arena, &why), -COR_ETABLE);
	assert_true(
		is_said(&why, "s", "17 readiness checks, with those of upstreams, more than 16"));
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_executors),
		cmocka_unit_test(test_isolation),
		cmocka_unit_test(test_topics),
		cmocka_unit_test(test_members_of_executors),
		cmocka_unit_test(test_operations_on_executors),
		cmocka_unit_test(test_caches_of_upstreams),
		cmocka_unit_test(test_readiness),
	};

	return cmocka_run_group_tests_name("service/check_parts", tests, NULL, NULL);
}
