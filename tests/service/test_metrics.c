/* SPDX-License-Identifier: MIT */
/* What a service counts itself: from a test, by several writers, and by programs that differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <coracle/coracle.h>

#include "context/context.h"
#include "observe/logger.h"
#include "segment/segment.h"
#include "service/dispatcher.h"
#include "service/metrics.h"

enum order_state { ORDER_PAID, ORDER_REFUSED };
static const char *const order_states[] = {
	[ORDER_PAID] = "paid",
	[ORDER_REFUSED] = "refused",
};
static const char *const ways[] = { "web", "phone", "post" };
static const struct cor_counter orders = COR_COUNTER(
	"shop_orders", .doc = "Orders.", .labels = { COR_LABEL("state", order_states) });
static const struct cor_counter calls = COR_COUNTER("shop_calls", .doc = "Calls.",
	.labels = { COR_LABEL("state", order_states), COR_LABEL("way", ways) });
static const struct cor_gauge queue = COR_GAUGE("shop_queue", .doc = "Waiting.");
static const struct cor_histogram weight = COR_HISTOGRAM(
	"shop_weight_grams", .doc = "Weight.", COR_BUCKETS(10, 100, 1000));
static const struct cor_counter undeclared = COR_COUNTER("shop_undeclared", .doc = "None.");

/* --- in a test of a handler --- */

static int buy(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	cor_counter_add(ctx, &orders, ORDER_PAID, 1);
	cor_counter_add(ctx, &calls, cor_metric_at(&calls.metric, ORDER_REFUSED, 2), 3);
	cor_gauge_set(ctx, &queue, 0, 5);
	cor_gauge_add(ctx, &queue, 0, -7);
	cor_histogram_observe(ctx, &weight, 0, 100);
	cor_histogram_observe(ctx, &weight, 0, -1);
	return 0;
}
COR_OPERATION(buy_operation, buy, COR_NONE, COR_NONE);
static const struct cor_resource shop_resource = { .path = "/shop", .post = &buy_operation };
static const struct cor_service shop = {
	.name = "shop",
	.resources = COR_RESOURCES(&shop_resource),
	.metrics = COR_METRICS(&orders.metric, &calls.metric, &queue.metric, &weight.metric),
};

static void a_test_reads_them(void **state)
{
	struct cor_ctx *ctx;
	uint64_t sum;

	(void)state;
	for (int i = 0; i < 2; i++) { /* a second ctx begins at 0 */
		assert_int_equal(
			cor_ctx_create(&(struct cor_ctx_options){ .service = &shop }, &ctx), 0);
		assert_int_equal(buy(ctx, NULL, NULL), 0);
		assert_int_equal(cor_counter_value(ctx, &orders, ORDER_PAID), 1);
		assert_int_equal(cor_counter_value(ctx, &orders, ORDER_REFUSED), 0);
		assert_int_equal(cor_counter_value(ctx, &calls, 5), 3);
		assert_int_equal(cor_gauge_value(ctx, &queue, 0), -2);
		assert_int_equal(cor_histogram_value(ctx, &weight, 0, &sum), 2);
		assert_int_equal(sum, 100);
		cor_ctx_destroy(ctx);
	}
}

static void without_a_place_nothing_happens(void **state)
{
	struct cor_ctx *ctx;

	(void)state;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = NULL }, &ctx), 0);
	assert_int_equal(buy(ctx, NULL, NULL), 0);
	assert_int_equal(cor_counter_value(ctx, &orders, ORDER_PAID), 0);
	cor_ctx_destroy(ctx);
	assert_int_equal(cor_metric_at(&calls.metric, 0, 3), UINT32_MAX);
	assert_int_equal(cor_metric_at(&calls.metric, 2, 0), UINT32_MAX);
	assert_int_equal(cor_metric_at(&calls.metric, 1, 1), 4);
}

static size_t count_of(const char *text, const char *what)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
		count++;
	return count;
}

static const struct cor_gauge forgotten = COR_GAUGE("shop_forgotten", .doc = "None.");
static const struct cor_histogram sizes = COR_HISTOGRAM(
	"shop_sizes", .doc = "None.", COR_BUCKETS(10));

static int use_unlisted(struct cor_ctx *ctx)
{
	cor_counter_add(ctx, &undeclared, 0, 1);
	cor_gauge_set(ctx, &forgotten, 0, 1);
	cor_histogram_observe(ctx, &sizes, 0, 1);
	return buy(ctx, NULL, NULL);
}

/* Once in the process: the two services come one after the other. */
static void what_is_not_listed_is_told(void **state)
{
	static const struct cor_service none = { .name = "none" };
	static const struct cor_service *const services[] = { &shop, &none };
	static const size_t wanted[][2] = { { 1, 0 }, { 1, 1 } }; /* the shop's are listed there */
	char text[8192] = "";
	int fd = memfd_create("log", MFD_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct cor_environment environment = { .service = services[i] };
		const struct cor_tally_options options = { .metrics = services[i]->metrics };
		struct cor_ctx ctx;
		assert_int_equal(cor_logger_create(&(struct cor_logger_options){ .fd = fd,
							   .level = COR_LOG_INFO },
					 &environment.logger),
			0);
		assert_int_equal(cor_tally_create(&options, &environment.tally), 0);
		cor_ctx_init(&ctx, &environment, NULL, 0, 0);
		assert_int_equal(use_unlisted(&ctx) + use_unlisted(&ctx), 0);
		cor_counter_add(&ctx, &orders, 7, 1); /* is listed: no such value */
		cor_ctx_finish(&ctx);
		cor_logger_destroy(environment.logger);
		cor_tally_destroy(environment.tally);
		assert_true(pread(fd, text, sizeof text - 1, 0) > 0);
		assert_int_equal(count_of(text, "the metric shop_undeclared is lost: the service "
						"does not list it in .metrics"),
			wanted[i][0]);
		assert_int_equal(count_of(text, "shop_forgotten"), 1);
		assert_int_equal(count_of(text, "shop_sizes"), 1);
		assert_int_equal(count_of(text, "shop_orders"), wanted[i][1]);
	}
	close(fd);
}

/* --- in a ledger --- */

static struct cor_segment segment;
static struct cor_ledger *ledger;

static int set_up(void **state)
{
	const struct cor_region_options options = {
		.name = "metrics", .bytes = sizeof *ledger, .init = cor_ledger_init
	};
	void *region;

	(void)state;
	assert_int_equal(cor_segment_create(sizeof *ledger + 8192, &segment), 0);
	assert_int_equal(cor_segment_region(&segment, &options, &region), 0);
	ledger = region;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cor_segment_detach(&segment);
	return 0;
}

/* A writer, as each thread of a worker is. */
struct writer {
	struct cor_tally *tally;
	struct cor_environment environment;
	struct cor_ctx ctx;
};

static void begin(struct writer *writer, const struct cor_metric *const *metrics, uint32_t slot,
	uint32_t thread)
{
	const struct cor_tally_options options = {
		.metrics = metrics, .ledger = ledger, .slot = slot, .thread = thread
	};

	*writer = (struct writer){ 0 };
	assert_int_equal(cor_tally_create(&options, &writer->tally), 0);
	writer->environment.tally = writer->tally;
	cor_ctx_init(&writer->ctx, &writer->environment, NULL, 0, 0);
}

static void end(struct writer *writer)
{
	cor_ctx_finish(&writer->ctx);
	cor_tally_destroy(writer->tally);
}

/* Of all blocks. */
static uint64_t sum_of(const struct cor_metric *metric, uint32_t cell)
{
	const struct cor_ledger_row wanted = cor_metric_row(metric);
	const struct cor_ledger_row *row = cor_ledger_find(ledger, &wanted);
	uint64_t sum = 0;

	assert_non_null(row);
	assert_true(cell < row->len);
	for (uint32_t i = 0; i < cor_ledger_blocks_len(ledger); i++)
		sum += ledger->blocks[i].cells[row->first + cell];
	return sum;
}

static uint64_t lost(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < cor_ledger_blocks_len(ledger); i++)
		sum += ledger->blocks[i].cells[0];
	return sum;
}

static void what_has_no_place_is_counted(void **state)
{
	struct writer one;

	(void)state;
	begin(&one, shop.metrics, 0, 0);
	cor_counter_add(&one.ctx, &orders, 2, 1);
	cor_counter_add(&one.ctx, &undeclared, 0, 1);
	cor_gauge_set(&one.ctx, &queue, 1, 1);
	cor_gauge_add(&one.ctx, &queue, UINT32_MAX, 1);
	cor_histogram_observe(&one.ctx, &weight, 1, 1);
	assert_int_equal(lost(), 5);
	assert_int_equal(sum_of(&orders.metric, 0) + sum_of(&orders.metric, 1), 0);
	assert_int_equal(sum_of(&queue.metric, 0), 0);
	end(&one);
}

#define UPDATES 200000

static void *update(void *arg)
{
	struct cor_ctx *ctx = arg;

	for (int i = 0; i < UPDATES; i++) {
		cor_counter_add(ctx, &orders, ORDER_REFUSED, 1);
		cor_gauge_add(ctx, &queue, 0, 1);
		cor_histogram_observe(ctx, &weight, 0, 50);
	}
	return NULL;
}

/* Threads that do not serve write one block together, and each that serves has its own. */
static void writers_lose_nothing(void **state)
{
	struct writer served[2], others;
	pthread_t threads[4];

	(void)state;
	begin(&served[0], shop.metrics, 0, 0);
	begin(&served[1], shop.metrics, 0, 1);
	begin(&others, shop.metrics, 0, COR_LEDGER_OTHERS);
	struct cor_ctx *const of[] = { &served[0].ctx, &served[1].ctx, &others.ctx, &others.ctx };
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, update, of[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(sum_of(&orders.metric, ORDER_REFUSED), 4 * UPDATES);
	assert_int_equal(sum_of(&queue.metric, 0), 4 * UPDATES);
	assert_int_equal(sum_of(&weight.metric, 2), 4 * UPDATES);
	assert_int_equal(sum_of(&weight.metric, 0), UINT64_C(50) * 4 * UPDATES);
	end(&served[0]);
	end(&served[1]);
	end(&others);
}

static void a_gauge_is_its_writers(void **state)
{
	struct writer first, second;

	(void)state;
	begin(&first, shop.metrics, 0, 0);
	begin(&second, shop.metrics, 0, 1);
	cor_gauge_set(&first.ctx, &queue, 0, 10);
	cor_gauge_set(&second.ctx, &queue, 0, 20); /* the last one wins */
	cor_gauge_add(&first.ctx, &queue, 0, 3);
	cor_gauge_add(&second.ctx, &queue, 0, -1);
	assert_int_equal(sum_of(&queue.metric, 0), 22);
	cor_counter_add(&first.ctx, &orders, ORDER_PAID, 4);
	end(&first);
	end(&second);
	cor_ledger_begin(ledger, 0); /* the slot's next worker, which has one thread */
	begin(&first, shop.metrics, 0, 0);
	assert_int_equal(sum_of(&queue.metric, 0), 0);
	assert_int_equal(sum_of(&orders.metric, ORDER_PAID), 4);
	end(&first);
}

static const struct cor_histogram new_weight = COR_HISTOGRAM(
	"shop_weight_grams", .doc = "Weight.", COR_BUCKETS(10, 200, 1000));

/* A reload brings a program with other metrics, in another order, and of another shape. */
static void programs_that_differ_do_not_mix(void **state)
{
	static const char *const new_states[] = { "refused", "paid" };
	static const struct cor_counter new_orders = COR_COUNTER(
		"shop_orders", .doc = "Orders.", .labels = { COR_LABEL("state", new_states) });
	static const struct cor_counter same_calls = COR_COUNTER("shop_calls", .doc = "All calls.",
		.labels = { COR_LABEL("state", order_states), COR_LABEL("way", ways) });
	struct writer before, after;

	(void)state;
	begin(&before, shop.metrics, 0, 0);
	begin(&after,
		COR_METRICS(&undeclared.metric, &new_weight.metric, &same_calls.metric,
			&new_orders.metric),
		1, 0);
	cor_counter_add(&before.ctx, &orders, ORDER_PAID, 10);
	cor_counter_add(&before.ctx, &calls, 1, 100);
	cor_histogram_observe(&before.ctx, &weight, 0, 150);
	cor_counter_add(&after.ctx, &new_orders, 1, 1);
	cor_counter_add(&after.ctx, &same_calls, 1, 11);
	cor_counter_add(&after.ctx, &undeclared, 0, 7);
	cor_histogram_observe(&after.ctx, &new_weight, 0, 150);
	assert_int_equal(sum_of(&orders.metric, ORDER_PAID), 10);
	assert_int_equal(sum_of(&new_orders.metric, 1), 1);
	assert_int_equal(sum_of(&calls.metric, 1), 111);
	assert_int_equal(sum_of(&undeclared.metric, 0), 7);
	assert_int_equal(sum_of(&weight.metric, 3), 1);
	assert_int_equal(sum_of(&new_weight.metric, 2), 1);
	assert_int_equal(lost(), 0);
	end(&before);
	end(&after);
}

/* --- the rules --- */

static const char *const twice[] = { "a", "a" };
static const char *const hole[] = { [1] = "b" };
static const char *const many[COR_SERIES_MAX + 1] = { "a" };
static const struct cor_counter digit = COR_COUNTER("9_lives", .doc = "x");
static const struct cor_counter colon = COR_COUNTER("a:b", .doc = "x");
static const struct cor_counter total = COR_COUNTER("shop_orders_total", .doc = "x");
static const struct cor_gauge taken = COR_GAUGE("coracle_workers", .doc = "x");
static const struct cor_gauge of_process = COR_GAUGE("process_threads", .doc = "x");
static const struct cor_gauge silent = COR_GAUGE("silent");
static const struct cor_gauge again = COR_GAUGE("shop_queue", .doc = "x");
static const struct cor_counter le = COR_COUNTER(
	"le_label", .doc = "x", .labels = { COR_LABEL("le", ways) });
static const struct cor_counter repeats = COR_COUNTER(
	"repeats", .doc = "x", .labels = { COR_LABEL("l", twice) });
static const struct cor_counter holes = COR_COUNTER(
	"holes", .doc = "x", .labels = { COR_LABEL("l", hole) });
static const struct cor_counter too_many = COR_COUNTER(
	"too_many", .doc = "x", .labels = { COR_LABEL("l", many) });
static const struct cor_counter same_labels = COR_COUNTER(
	"same_labels", .doc = "x", .labels = { COR_LABEL("l", ways), COR_LABEL("l", ways) });
static const struct cor_histogram falling = COR_HISTOGRAM(
	"falling", .doc = "x", COR_BUCKETS(1, 3, 2));
static const struct cor_histogram bare = COR_HISTOGRAM("bare", .doc = "x");
static const struct cor_counter nameless = COR_COUNTER(NULL, .doc = "x");

static bool is_said(const struct cor_violations *why, const char *where, const char *part)
{
	for (const struct cor_violation *v = why->first; v; v = v->next)
		if (strcmp(v->where, where) == 0 && strstr(v->detail, part))
			return true;
	return false;
}

static void mistakes_are_reported_together(void **state)
{
	static const struct {
		const struct cor_metric *metric;
		const char *where, *part;
	} cases[] = {
		{ &digit.metric, "9_lives", "letters, digits and underscores only" },
		{ &colon.metric, "a:b", "letters, digits and underscores only" },
		{ &total.metric, "shop_orders_total", "cannot end in _total" },
		{ &taken.metric, "coracle_workers", "are taken" },
		{ &of_process.metric, "process_threads", "are taken" },
		{ &silent.metric, "silent", "no .doc" },
		{ &again.metric, "shop_queue", "two metrics have this name" },
		{ &le.metric, "le_label", "a label cannot be named \"le\"" },
		{ &repeats.metric, "repeats", "the value a twice" },
		{ &holes.metric, "holes", "value 0 of label l is missing" },
		{ &too_many.metric, "too_many", "more than 1024 combinations" },
		{ &same_labels.metric, "same_labels", "two labels are named l" },
		{ &falling.metric, "falling", "2 stands behind 3" },
		{ &bare.metric, "bare", "needs 1 to 31 buckets" },
		{ &nameless.metric, "s", "a metric has no name" },
	};
	const size_t len = sizeof cases / sizeof cases[0];
	const struct cor_metric *metrics[sizeof cases / sizeof cases[0] + 2] = { &queue.metric };
	const struct cor_service service = {
		.name = "s", .resources = COR_RESOURCES(&shop_resource), .metrics = metrics
	};
	const struct cor_dispatcher_options options = { .service = &service };
	struct cor_dispatcher *dispatcher = NULL;
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	for (size_t i = 0; i < len; i++)
		metrics[i + 1] = cases[i].metric;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_dispatcher_create(&options, &arena, &why, &dispatcher), -COR_ETABLE);
	for (size_t i = 0; i < len; i++)
		if (!is_said(&why, cases[i].where, cases[i].part))
			fail_msg("not said: %s: %s", cases[i].where, cases[i].part);
	cor_arena_finish(&arena);
}

static const char *values[1000];
static const struct cor_histogram large = COR_HISTOGRAM(
	"large", .doc = "x", .labels = { COR_LABEL("l", values) }, COR_BUCKETS(1, 2, 3));

/* Together they need more cells than there are. */
static void all_must_find_room(void **state)
{
	static char texts[1000][12];
	const struct cor_service service = {
		.name = "s",
		.resources = COR_RESOURCES(&shop_resource),
		.metrics = COR_METRICS(&large.metric),
	};
	const struct cor_dispatcher_options options = { .service = &service };
	struct cor_dispatcher *dispatcher = NULL;
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(texts[i], sizeof texts[i], "%d", i);
		values[i] = texts[i];
	}
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_dispatcher_create(&options, &arena, &why, &dispatcher), -COR_ETABLE);
	assert_int_equal(why.count, 1);
	assert_true(is_said(&why, "s", "its metrics need 5001 cells"));
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_test_reads_them),
		cmocka_unit_test(what_is_not_listed_is_told),
		cmocka_unit_test(without_a_place_nothing_happens),
		cmocka_unit_test_setup_teardown(what_has_no_place_is_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(writers_lose_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_gauge_is_its_writers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(programs_that_differ_do_not_mix, set_up, tear_down),
		cmocka_unit_test(mistakes_are_reported_together),
		cmocka_unit_test(all_must_find_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
