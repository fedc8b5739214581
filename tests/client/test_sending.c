/* SPDX-License-Identifier: MIT */
/* Bodies on their way to a server that takes its time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <coracle/client.h>
#include <coracle/clock.h>
#include <coracle/fiber.h>
#include <coracle/service.h>

#include "client/carrier.h"

#define BODY_BYTES (1 << 20)

/* --- a carrier whose server takes 64 KiB in a second --- */

struct slow_wire {
	struct cor_wire wire;
	size_t taken;
};
static struct slow_wire wire;
static int open_rc; /* of the next that is opened */
static int opened, closed;

static int open_slow(
	const struct cor_carrier *carrier, const struct cor_carrier_calls *calls, void **ret_state)
{
	(void)carrier, (void)calls;
	*ret_state = &wire;
	opened++;
	return open_rc;
}

static void close_slow(void *state)
{
	(void)state;
	closed++;
}

extern const struct cor_carrier slow;

static int begin(void *state, const struct cor_carrier_request *request, struct cor_wire **ret)
{
	(void)state;
	if (cor_str_equal(request->method, COR_STR("CONNECT")))
		return -EINVAL; /* as the real ones */
	wire = (struct slow_wire){ .wire = { .carrier = &slow, .request = request } };
	*ret = &wire.wire;
	return 0;
}

static int go_on(struct cor_wire *base)
{
	(void)base;
	return 0;
}

static int take(struct cor_wire *base, const void *data, size_t len)
{
	(void)base, (void)data;
	wire.taken += len;
	return cor_sleep_ms((int64_t)len * 1000 / (64 * 1024));
}

static int answer_head(struct cor_wire *base, struct cor_carrier_answer *ret)
{
	static const struct cor_http_field none;

	(void)base;
	*ret = (struct cor_carrier_answer){ .status = 204, .fields = &none };
	return 0;
}

static ssize_t answer_nothing(struct cor_wire *base, void *buffer, size_t size)
{
	(void)base, (void)buffer, (void)size;
	return 0;
}

static void end(struct cor_wire *base)
{
	(void)base;
}

const struct cor_carrier slow = {
	.name = "slow",
	.skills = COR_CARRIES_TLS,
	.open = open_slow,
	.close = close_slow,
	.begin = begin,
	.connect = go_on,
	.send = take,
	.finish = go_on,
	.receive_head = answer_head,
	.receive = answer_nothing,
	.end = end,
};

/* --- time that its waits make --- */

static int64_t now_ns = 1;

static int64_t tell_time(const struct cor_clock *clock)
{
	(void)clock;
	return now_ns;
}

static void sleep_until(const struct cor_clock *clock, int64_t due_ns)
{
	(void)clock;
	if (now_ns < due_ns)
		now_ns = due_ns;
}

static const struct cor_clock clock_here = { tell_time, tell_time, sleep_until };

static const struct cor_upstream store = {
	.name = "store",
	.base_url = "https://store",
	.carrier = &slow,
	.between_bytes_timeout_ms = 2000,
};
static const struct cor_service service = { .name = "sender", .upstreams = COR_UPSTREAMS(&store) };

/* .between_bytes_timeout_ms is for a piece of the body, not for the whole: that takes 16 s. */
static void test_a_large_body_has_its_time(void **state)
{
	char *body = calloc(1, BODY_BYTES);
	struct cor_ctx *ctx;

	(void)state;
	assert_non_null(body);
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service,
						.clock = &clock_here },
				 &ctx),
		0);
	int64_t began_ns = cor_monotonic_ns();
	assert_int_equal(cor_http_put(ctx, &store, COR_NONE, NULL, COR_PATH("/x"),
				 .body = { body, BODY_BYTES }),
		0);
	assert_int_equal((cor_monotonic_ns() - began_ns) / 1000000, 16000);
	assert_int_equal(wire.taken, BODY_BYTES);
	/* and the whole call has an end */
	assert_int_equal(cor_http_put(ctx, &store, COR_NONE, NULL, COR_PATH("/x"),
				 .body = { body, BODY_BYTES }, .timeout_ms = 5000),
		-ETIMEDOUT);
	assert_int_equal(cor_http_failure(ctx)->kind, COR_FAILED_TOTAL_TIMEOUT);
	assert_int_equal((cor_monotonic_ns() - began_ns) / 1000000, 21000);
	cor_ctx_destroy(ctx);
	free(body);
}

/* It is our own mistake, and no answer of the server's. */
static void test_what_no_carrier_does(void **state)
{
	struct cor_ctx *ctx;

	(void)state;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx), 0);
	assert_int_equal(
		cor_http_request("CONNECT", ctx, &store, COR_NONE, NULL, COR_PATH("/x")), -EINVAL);
	assert_int_equal(cor_http_failure(ctx)->kind, COR_FAILED_CALL);
	assert_int_equal(cor_problem_of(ctx)->status, 500);
	cor_ctx_destroy(ctx);
}

/* What is missing here is not what somebody forgot to list. */
static void test_a_carrier_that_cannot_be_opened(void **state)
{
	static const struct {
		int rc;
		enum cor_failure kind;
		const char *text;
	} cases[] = {
		{ -ENOMEM, COR_FAILED_MEMORY, "no memory" },
		{ -EPROTONOSUPPORT, COR_FAILED_UNLISTED, "of different versions" },
	};
	struct cor_ctx *ctx;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(
			cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx), 0);
		open_rc = cases[i].rc;
		assert_int_not_equal(cor_http_get(ctx, &store, COR_NONE, NULL, COR_PATH("/x")), 0);
		assert_int_equal(cor_http_failure(ctx)->kind, cases[i].kind);
		assert_non_null(strstr(cor_http_failure(ctx)->text, cases[i].text));
		open_rc = 0; /* and it may be there the next time */
		assert_int_equal(cor_http_get(ctx, &store, COR_NONE, NULL, COR_PATH("/x")), 0);
		cor_ctx_destroy(ctx);
	}
}

/* The connections of its parent are not for it to use, nor to close. */
static void test_a_child_has_its_own_connections(void **state)
{
	struct cor_ctx *ctx;
	int status;

	(void)state;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx), 0);
	assert_int_equal(cor_http_get(ctx, &store, COR_NONE, NULL, COR_PATH("/x")), 0);
	for (int calls = 0; calls < 2; calls++) {
		pid_t child = fork();
		if (child == 0) {
			opened = closed = 0;
			for (int i = 0; i < calls; i++)
				if (cor_http_get(ctx, &store, COR_NONE, NULL, COR_PATH("/x")) < 0)
					_exit(1);
			cor_ctx_destroy(ctx);
			_exit(opened == calls && closed == calls ? 0 : 2);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
	opened = 0;
	assert_int_equal(cor_http_get(ctx, &store, COR_NONE, NULL, COR_PATH("/x")), 0);
	assert_int_equal(opened, 0);
	cor_ctx_destroy(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_large_body_has_its_time),
		cmocka_unit_test(test_what_no_carrier_does),
		cmocka_unit_test(test_a_carrier_that_cannot_be_opened),
		cmocka_unit_test(test_a_child_has_its_own_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
