/* SPDX-License-Identifier: MIT */
/*
 * Sessions in a cache: what was ended is over everywhere, what the cache has is worth nothing to
 * who reads it, and a cache that fails means that there is none. The store is one of the test's.
 */
#include "fake.h"

#include "cache/caches.h"
#include "world/moment.h"

#include <errno.h>
#include <stdio.h>

#include <coracle/error.h>
#include <coracle/session.h>

/* --- a store that fails, and in which something happens while it is asked --- */

static struct {
	struct cor_store *kept;
	int fails;
	void (*meanwhile)(void); /* after the next get, once */
} far;

static int far_get(
	struct cor_store *store, struct cor_str key, struct cor_arena *arena, struct cor_item *ret)
{
	void (*meanwhile)(void) = far.meanwhile;

	(void)store;
	int rc = far.fails ? far.fails : cor_store_get(far.kept, key, arena, ret);
	far.meanwhile = NULL;
	if (meanwhile)
		meanwhile();
	return rc;
}

static int far_put(
	struct cor_store *store, struct cor_str key, const struct cor_item *item, enum cor_put how)
{
	(void)store;
	return far.fails ? far.fails : cor_store_put(far.kept, key, item, how);
}

static int far_remove(struct cor_store *store, struct cor_str key)
{
	(void)store;
	return far.fails ? far.fails : cor_store_delete(far.kept, key);
}

static const char *far_fault(struct cor_arena *arena, const struct cor_cache *cache)
{
	(void)arena, (void)cache;
	return NULL;
}

static int far_open(const struct cor_cache *cache, void *place, struct cor_store **ret)
{
	(void)cache, (void)place;
	*ret = calloc(1, sizeof **ret);
	return *ret ? 0 : -ENOMEM;
}

static void far_close(struct cor_store *store)
{
	free(store);
}

static const struct cor_store_kind far_store = {
	.name = "far",
	.is_common = true,
	.fault = far_fault,
	.open = far_open,
	.close = far_close,
	.get = far_get,
	.put = far_put,
	.remove = far_remove,
};

/* --- a service --- */

#define VALUE_BYTES 40

struct visit {
	int64_t user;
};
static const struct cor_field visit_fields[] = { COR_FIELD(struct visit, user) };
COR_LOCAL_SCHEMA(visit_schema, struct visit, visit_fields);

static const struct cor_cache kept_sessions = {
	.name = "sessions", .store = &far_store, .near_ttl_ms = 60000, .value_bytes = VALUE_BYTES
};
static const struct cor_session visits = {
	.keeps = COR_KEEPS(visit_schema), .idle_s = 800, .life_s = 2000, .cache = &kept_sessions
};

static int told;         /* what the last call has returned */
static int64_t next = 8; /* whose it is, after a change */
static bool is_known;    /* after it */

static int start(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return told = cor_session_start(ctx, &visits, visit_schema, &(struct visit){ .user = 7 });
}
COR_OPERATION(start_operation, start, COR_NONE, COR_NONE, .problems = { 403 });

static int change(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	told = cor_session_change(ctx, &visits, visit_schema, &(struct visit){ .user = next });
	is_known = cor_session(ctx, &visits, visit_schema) != NULL;
	return told == -ENOENT ? 0 : told;
}
COR_OPERATION(change_operation, change, COR_NONE, COR_NONE, .problems = { 403 });

static int end(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return told = cor_session_end(ctx, &visits);
}
COR_OPERATION(end_operation, end, COR_NONE, COR_NONE, .problems = { 403 });

static int look(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	const struct visit *visit = cor_session(ctx, &visits, visit_schema);

	(void)in;
	*out = cor_str(visit ? cor_printf(ctx, "%lld", (long long)visit->user) : "nobody");
	return 0;
}
COR_OPERATION(look_operation, look, COR_NONE, COR_TEXT);

static const struct cor_resource session = { .path = "/session",
	.get = &look_operation,
	.post = &start_operation,
	.put = &change_operation,
	.delete = &end_operation };
static const struct cor_service service = {
	.name = "s",
	.resources = COR_RESOURCES(&session),
	.sessions = COR_SESSIONS(&visits),
	.caches = COR_CACHES(&kept_sessions),
};

/* --- who asks --- */

static struct moment moment;
static struct cor_caches *caches;
static struct cor_dispatcher *dispatcher;
static struct fake_reply reply;

static const char *ask(const char *method, const char *cookie)
{
	fake_serve(dispatcher,
		&(struct fake_request){ .method = method, .target = "/session", .headers = cookie },
		&reply);
	return fake_body(&reply);
}

/* The cookie that was set, as a header; false: none was. */
static bool take_cookie(char ret[256])
{
	const char *at = strstr(reply.headers, "Set-Cookie: session=");

	if (at)
		snprintf(ret, 256, "Cookie: %.*s\n", (int)strcspn(at + 12, ";"), at + 12);
	return at != NULL;
}

static void log_in(const char *before, char ret[256])
{
	ask("POST", before);
	assert_int_equal(reply.status, 204);
	assert_true(take_cookie(ret));
}

static int begin(void **state)
{
	static const struct cor_cache in_memory = {
		.name = "memory", .ttl_ms = COR_FOREVER, .value_bytes = VALUE_BYTES
	};
	const struct cor_caches_options options = { .caches = service.caches };
	const struct cor_cache *failed;

	(void)state;
	memset(&far, 0, sizeof far);
	next = 8;
	moment_begin(&moment, NULL, 1000000, 0);
	assert_int_equal(cor_store_open(&in_memory, &far.kept, NULL), 0);
	assert_int_equal(cor_caches_create(&options, &caches, &failed), 0);
	dispatcher = fake_dispatcher_with(&service, caches);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
	cor_caches_destroy(caches);
	cor_store_close(far.kept);
	moment_end(&moment);
	return 0;
}

/* --- tests --- */

static void test_what_is_ended_is_over_for_copies(void **state)
{
	char cookie[256];

	(void)state;
	log_in(NULL, cookie);
	assert_string_equal(ask("GET", cookie), "7");
	ask("DELETE", cookie);
	assert_int_equal(reply.status, 204);
	assert_string_equal(ask("GET", cookie), "nobody");
	ask("DELETE", cookie);
	assert_int_equal(told, 0);
}

static void test_each_login_has_an_id_of_its_own(void **state)
{
	char first[256], second[256], tossed[600];

	(void)state;
	log_in(NULL, first);
	assert_int_equal(strlen(first), strlen("Cookie: session=\n") + 43);
	log_in(first, second);
	assert_string_not_equal(first, second);
	assert_string_equal(ask("GET", first), "nobody");
	assert_string_equal(ask("GET", second), "7");

	/* Somebody has thought one up: nobody begins a session under it. */
	const char *fixed = "Cookie: session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
	assert_string_equal(ask("GET", fixed), "nobody");
	log_in(fixed, first);
	assert_string_not_equal(first, fixed);
	assert_string_equal(ask("GET", fixed), "nobody");

	/* And what another host of the domain has tossed in locks nobody out. */
	snprintf(tossed, sizeof tossed, "Cookie: session=x; session=; session=%.*s; %s", 43,
		fixed + 16, second + strlen("Cookie: "));
	assert_string_equal(ask("GET", tossed), "7");
}

/* However many were tossed in before it: a logout ends it. */
static void test_a_logout_among_tossed_ones(void **state)
{
	char cookie[256], tossed[1200] = "Cookie: ";
	size_t len = strlen(tossed);

	(void)state;
	log_in(NULL, cookie);
	for (int i = 0; i < 8; i++)
		len += (size_t)snprintf(tossed + len, sizeof tossed - len, "session=%043d; ", 0);
	snprintf(tossed + len, sizeof tossed - len, "%s", cookie + strlen("Cookie: "));
	ask("DELETE", tossed);
	assert_int_equal(told, 0);
	assert_string_equal(ask("GET", cookie), "nobody");
}

static char id[256];

static bool hides_id(void *arg, struct cor_str key, const struct cor_item *item)
{
	size_t *n = arg;

	assert_null(memmem(key.data, key.len, id, 43));
	assert_null(memmem(item->value.data, item->value.len, id, 43));
	assert_non_null(memmem(item->value.data, item->value.len, "{\"user\":7}", 10));
	++*n;
	return true;
}

static void test_the_cache_knows_no_id(void **state)
{
	char cookie[256];
	size_t n = 0;

	(void)state;
	log_in(NULL, cookie);
	snprintf(id, sizeof id, "%s", cookie + strlen("Cookie: session="));
	assert_int_equal(cor_store_each(far.kept, hides_id, &n), 0);
	assert_int_equal(n, 1);
}

static void end_elsewhere(void)
{
	assert_int_equal(cor_store_clear(far.kept), 0);
}

/* Neither a change nor a renewal brings back what another machine has ended meanwhile. */
static void test_nothing_brings_it_back(void **state)
{
	char cookie[256], set[256];

	(void)state;
	log_in(NULL, cookie);
	far.meanwhile = end_elsewhere;
	ask("PUT", cookie);
	assert_int_equal(told, -ENOENT);
	assert_false(is_known);
	assert_false(take_cookie(set));
	assert_string_equal(ask("GET", cookie), "nobody");

	log_in(NULL, cookie);
	moment.now_s += 700;
	far.meanwhile = end_elsewhere;
	assert_string_equal(ask("GET", cookie), "nobody");
	assert_false(take_cookie(set));
	assert_string_equal(ask("GET", cookie), "nobody");
}

/* It is read from no copy that is near. */
static void test_what_is_ended_elsewhere_is_over_here(void **state)
{
	char cookie[256];

	(void)state;
	log_in(NULL, cookie);
	for (int i = 0; i < 3; i++)
		assert_string_equal(ask("GET", cookie), "7");
	end_elsewhere();
	assert_string_equal(ask("GET", cookie), "nobody");
}

/* The last of several changes counts. */
static char other_cookie[256];

static void change_elsewhere(void)
{
	struct fake_reply other = { 0 };

	fake_serve(dispatcher,
		&(struct fake_request){
			.method = "PUT", .target = "/session", .headers = other_cookie },
		&other);
	assert_int_equal(other.status, 204);
	fake_finish(&other);
}

static void test_changes(void **state)
{
	(void)state;
	log_in(NULL, other_cookie);
	ask("PUT", other_cookie);
	assert_int_equal(told, 0);
	assert_string_equal(ask("GET", other_cookie), "8");

	/* A renewal in whose middle it is changed leaves the change. */
	log_in(NULL, other_cookie);
	moment.now_s += 700;
	far.meanwhile = change_elsewhere;
	assert_string_equal(ask("GET", other_cookie), "7");
	assert_string_equal(ask("GET", other_cookie), "8");
}

/* What has no room is not kept, and ends nothing. */
static void test_a_change_that_is_too_large(void **state)
{
	char cookie[256];

	(void)state;
	log_in(NULL, cookie);
	next = INT64_MAX;
	ask("PUT", cookie);
	assert_int_equal(told, -COR_ETOOLARGE);
	assert_true(is_known);
	assert_string_equal(ask("GET", cookie), "7");
}

static void test_a_cache_that_fails(void **state)
{
	char cookie[256], set[256];

	(void)state;
	log_in(NULL, cookie);
	far.fails = -ECONNREFUSED;
	assert_string_equal(ask("GET", cookie), "nobody");
	assert_int_equal(reply.status, 200);
	assert_false(take_cookie(set)); /* the client keeps its cookie */
	ask("POST", NULL);
	assert_int_equal(told, -ECONNREFUSED);
	assert_true(reply.status >= 500);
	assert_false(take_cookie(set));
	ask("DELETE", cookie);
	assert_int_equal(told, -ECONNREFUSED); /* who has a copy of the cookie is still let in */
	far.fails = 0;
	assert_string_equal(ask("GET", cookie), "7");

	/* One that cannot be renewed is none the less one. */
	moment.now_s += 700;
	far.meanwhile = NULL;
	assert_string_equal(ask("GET", cookie), "7");
	assert_true(take_cookie(set));
}

/* What somebody else has put there is no session. */
static bool spoil(void *arg, struct cor_str key, const struct cor_item *item)
{
	struct cor_str *ret = arg;

	(void)item;
	*ret = (struct cor_str){ strndup(key.data, key.len), key.len };
	return false;
}

static void test_what_is_no_session(void **state)
{
	static const char *const values[] = { "", "1", "1 ", "1 2", "x 2 {\"user\":7}",
		"1000000 x {\"user\":7}", "1000000 1000000 ", "1000000 1000000 {\"user\":\"x\"}",
		"99999999999999999999 1 {\"user\":7}", "1 1000000 {\"user\":7}" };
	struct cor_str key = { 0 };
	char cookie[256];

	(void)state;
	log_in(NULL, cookie);
	assert_int_equal(cor_store_each(far.kept, spoil, &key), 0);
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		const struct cor_item item = { .value = cor_str(values[i]) };

		assert_int_equal(cor_store_put(far.kept, key, &item, COR_PUT_ALWAYS), 0);
		assert_string_equal(ask("GET", cookie), "nobody");
		assert_int_equal(reply.status, 200);
	}
	free((char *)(uintptr_t)key.data);
}

int main(void)
{
#define staged(test) cmocka_unit_test_setup_teardown(test, begin, finish)
	const struct CMUnitTest tests[] = {
		staged(test_what_is_ended_is_over_for_copies),
		staged(test_each_login_has_an_id_of_its_own),
		staged(test_a_logout_among_tossed_ones),
		staged(test_the_cache_knows_no_id),
		staged(test_nothing_brings_it_back),
		staged(test_what_is_ended_elsewhere_is_over_here),
		staged(test_changes),
		staged(test_a_change_that_is_too_large),
		staged(test_a_cache_that_fails),
		staged(test_what_is_no_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
