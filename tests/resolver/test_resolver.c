/* SPDX-License-Identifier: MIT */
/* Who waits for a name and how long what was found counts, in a world whose time the test moves. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../runtime/loop.h"
#include "resolver/literal.h"
#include "resolver/resolver.h"
#include "world/turns.h"

/* The world's name server: what it answers, and after how long. */
struct server {
	struct cor_lookup lookup;
	int code;         /* 0: an address */
	int64_t delay_ms; /* before each answer */
	const char *address;
	int asked;
};

static int serve(const struct cor_lookup *lookup, const char *host, struct cor_addresses *ret)
{
	struct server *server = cor_container_of(
		(struct cor_lookup *)(uintptr_t)lookup, struct server, lookup);

	(void)host;
	server->asked++;
	if (server->delay_ms != 0 && cor_sleep_ms(server->delay_ms) < 0)
		return -EIO;
	ret->len = 1;
	memset(ret->list, 0, sizeof *ret->list);
	ret->list[0].bytes = sizeof ret->list[0].v4;
	ret->list[0].v4.sin_family = AF_INET;
	inet_pton(AF_INET, server->address, &ret->list[0].v4.sin_addr);
	return server->code;
}

struct play {
	struct cor_world *world;
	struct cor_scheduler *scheduler;
	struct cor_resolver *resolver;
	struct server server;
	int begun;
};

static struct play *begin(void)
{
	struct play *play = calloc(1, sizeof *play);

	assert_non_null(play);
	play->world = cor_world_create();
	const struct cor_seams seams = cor_world_seams(play->world);
	assert_int_equal(cor_scheduler_create_with(NULL, &seams, &play->scheduler), 0);
	play->server = (struct server){ .lookup = { serve, COR_LOOKUP_YIELDS },
		.address = "10.0.0.1" };
	assert_int_equal(cor_resolver_create(&play->server.lookup, &play->resolver), 0);
	return play;
}

/* Time jumps from timer to timer until every fiber has ended. */
static void run_all(struct play *play)
{
	cor_scheduler_stop(play->scheduler);
	assert_int_equal(cor_world_run(play->world, play->scheduler), 0);
}

static void end(struct play *play)
{
	cor_scheduler_destroy(play->scheduler);
	cor_resolver_destroy(play->resolver);
	cor_world_destroy(play->world);
	free(play);
}

static int run_to_end(struct play *play, int (*entry)(void *))
{
	struct cor_fiber *fiber;
	int result = -1;

	assert_int_equal(cor_fiber_start(play->scheduler, entry, play, NULL, &fiber), 0);
	run_all(play);
	cor_fiber_join(fiber, &result);
	end(play);
	return result;
}

/* "10.0.0.1:80", or the code. */
static const char *find(struct play *play, const char *host, char text[COR_ADDRESS_TEXT_BYTES])
{
	struct cor_addresses addresses;
	int rc = cor_resolver_find(play->resolver, cor_str(host), 80, &addresses);

	if (rc < 0)
		snprintf(text, COR_ADDRESS_TEXT_BYTES, "%s",
			rc == -ENOENT      ? "ENOENT"
			: rc == -EAGAIN    ? "EAGAIN"
			: rc == -ETIMEDOUT ? "ETIMEDOUT"
			: rc == -ENOBUFS   ? "ENOBUFS"
					   : "other");
	else
		cor_address_print(&addresses.list[0], text);
	return text;
}

#define finds(play, host, expected)                                                                \
	check(strcmp(find((play), (host), (char[COR_ADDRESS_TEXT_BYTES]){ 0 }), (expected)) == 0)

static int64_t now_ms(const struct play *play)
{
	return cor_world_now_ns(play->world) / COR_NS_PER_MS;
}

/* --- how long answers count --- */

static int answers_expire(void *arg)
{
	struct play *play = arg;

	finds(play, "prices", "10.0.0.1:80");
	finds(play, "PRICES", "10.0.0.1:80");
	check(play->server.asked == 1);
	play->server.address = "10.0.0.2";
	check(cor_sleep_ms(COR_RESOLVER_TTL_MS - 1) == 0);
	finds(play, "prices", "10.0.0.1:80");
	check(play->server.asked == 1);
	check(cor_sleep_ms(1) == 0);
	finds(play, "prices", "10.0.0.2:80");
	check(play->server.asked == 2);
	finds(play, "127.0.0.1", "127.0.0.1:80");
	finds(play, "localhost", "[::1]:80");
	check(play->server.asked == 2);
	return 0;
}

static void test_answers_expire(void **state)
{
	(void)state;
	assert_int_equal(run_to_end(begin(), answers_expire), 0);
}

static int failures_are_short(void *arg)
{
	struct play *play = arg;

	play->server.code = -ENOENT;
	finds(play, "prices", "ENOENT");
	play->server.code = 0;
	check(cor_sleep_ms(COR_RESOLVER_FAILURE_MS - 1) == 0);
	finds(play, "prices", "ENOENT");
	check(play->server.asked == 1);
	check(cor_sleep_ms(1) == 0);
	finds(play, "prices", "10.0.0.1:80");
	return 0;
}

static void test_failures_are_short(void **state)
{
	(void)state;
	assert_int_equal(run_to_end(begin(), failures_are_short), 0);
}

/* --- old answers --- */

static int old_answers_outlive_silence(void *arg)
{
	struct play *play = arg;

	finds(play, "prices", "10.0.0.1:80");
	play->server.code = -EAGAIN;
	check(cor_sleep_ms(COR_RESOLVER_TTL_MS) == 0);
	finds(play, "prices", "10.0.0.1:80");
	check(play->server.asked == 2);
	finds(play, "prices", "10.0.0.1:80"); /* it has failed just now */
	check(play->server.asked == 2);
	check(cor_sleep_ms(COR_RESOLVER_STALE_MS - COR_RESOLVER_TTL_MS - 1) == 0);
	finds(play, "prices", "10.0.0.1:80");
	check(cor_sleep_ms(1) == 0);
	finds(play, "prices", "EAGAIN");
	play->server.code = 0;
	play->server.address = "10.0.0.2";
	check(cor_sleep_ms(COR_RESOLVER_FAILURE_MS) == 0);
	finds(play, "prices", "10.0.0.2:80");
	play->server.code = -ENOENT; /* it is gone: nothing old counts */
	check(cor_sleep_ms(COR_RESOLVER_TTL_MS) == 0);
	finds(play, "prices", "ENOENT");
	return 0;
}

static void test_old_answers_outlive_silence(void **state)
{
	(void)state;
	assert_int_equal(run_to_end(begin(), old_answers_outlive_silence), 0);
}

static int patience_has_an_end(void *arg)
{
	struct play *play = arg;

	finds(play, "prices", "10.0.0.1:80");
	check(cor_sleep_ms(COR_RESOLVER_TTL_MS) == 0);
	play->server.address = "10.0.0.2";
	play->server.delay_ms = 3000;
	int64_t begun_ms = now_ms(play);
	finds(play, "prices", "10.0.0.1:80");
	check(now_ms(play) == begun_ms + COR_RESOLVER_PATIENCE_MS);
	check(cor_sleep_ms(3000 - COR_RESOLVER_PATIENCE_MS) == 0);
	finds(play, "prices", "10.0.0.2:80"); /* what it went on to look for */
	check(play->server.asked == 2);
	play->server.address = "10.0.0.3";
	play->server.delay_ms = COR_RESOLVER_PATIENCE_MS - 1;
	check(cor_sleep_ms(COR_RESOLVER_TTL_MS) == 0);
	finds(play, "prices", "10.0.0.3:80");
	return 0;
}

static void test_patience_has_an_end(void **state)
{
	(void)state;
	assert_int_equal(run_to_end(begin(), patience_has_an_end), 0);
}

/* --- who waits --- */

static int wait_long(void *arg)
{
	struct play *play = arg;

	finds(play, "prices", "10.0.0.1:80");
	check(now_ms(play) == 1000 + 50);
	return 0;
}

static int wait_short(void *arg)
{
	struct play *play = arg;
	struct cor_scope scope;

	cor_scope_enter(&scope, 20);
	finds(play, "prices", "ETIMEDOUT");
	cor_scope_leave(&scope);
	check(now_ms(play) == 1000 + 20);
	return 0;
}

/* A hundred wait for one lookup; for half of them it takes too long, which ends only their wait. */
static void test_many_wait_for_one_lookup(void **state)
{
	struct cor_fiber *fibers[100];
	struct play *play = begin();

	(void)state;
	play->server.delay_ms = 50;
	for (size_t i = 0; i < COUNT(fibers); i++)
		assert_int_equal(cor_fiber_start(play->scheduler, i % 2 ? wait_long : wait_short,
					 play, NULL, &fibers[i]),
			0);
	run_all(play);
	for (size_t i = 0; i < COUNT(fibers); i++) {
		int result = -1;
		cor_fiber_join(fibers[i], &result);
		assert_int_equal(result, 0);
	}
	assert_int_equal(play->server.asked, 1);
	end(play);
}

static int wait_for_name(void *arg)
{
	struct play *play = arg;
	char host[20];

	snprintf(host, sizeof host, "host%d", play->begun++);
	(void)find(play, host, (char[COR_ADDRESS_TEXT_BYTES]){ 0 });
	return 0;
}

static int names_are_bounded(void *arg)
{
	struct play *play = arg;
	char host[20];

	for (int i = 0; i < COR_RESOLVER_NAMES + 10; i++) {
		check(cor_sleep_ms(1) == 0);
		snprintf(host, sizeof host, "host%d", i);
		finds(play, host, "10.0.0.1:80");
	}
	play->server.asked = 0;
	finds(play, "host10", "10.0.0.1:80"); /* it is still there, the first ten are not */
	check(play->server.asked == 0);
	finds(play, "host9", "10.0.0.1:80");
	check(play->server.asked == 1);
	return 0;
}

static void test_names_are_bounded(void **state)
{
	struct play *play = begin();

	(void)state;
	assert_int_equal(run_to_end(play, names_are_bounded), 0);
}

/* All places are taken by names that are being looked up, four at a time. */
static void test_lookups_are_bounded(void **state)
{
	struct play *play = begin();
	char text[COR_ADDRESS_TEXT_BYTES];
	struct cor_thread_seams own;
	const struct cor_seams seams = cor_world_seams(play->world);

	(void)state;
	play->server.delay_ms = 10;
	for (int i = 0; i < COR_RESOLVER_NAMES; i++)
		assert_int_equal(
			cor_fiber_start(play->scheduler, wait_for_name, play, NULL, NULL), 0);
	cor_world_settle(play->world, play->scheduler);
	assert_int_equal(play->server.asked, COR_RESOLVER_THREADS);
	cor_seams_enter(&own, &seams);
	assert_string_equal(find(play, "one-more", text), "ENOBUFS");
	cor_seams_leave(&own);
	run_all(play);
	end(play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_expire),
		cmocka_unit_test(test_failures_are_short),
		cmocka_unit_test(test_old_answers_outlive_silence),
		cmocka_unit_test(test_patience_has_an_end),
		cmocka_unit_test(test_many_wait_for_one_lookup),
		cmocka_unit_test(test_names_are_bounded),
		cmocka_unit_test(test_lookups_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
