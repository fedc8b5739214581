/* SPDX-License-Identifier: MIT */
/*
 * Loads many pages at the same time, on one thread, and prints each as soon as it is there: what
 * load_url() with as_completed() does in the documentation of Python's concurrent.futures.
 *
 *     load_urls http://127.0.0.1:8080/a http://127.0.0.1:8080/b
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include <coracle/coracle.h>

#include "page.h"

#define AT_ONCE 5

struct order {
	char **urls;
	size_t len;
	size_t failed;
};

static void print_page(struct cor_ctx *ctx, struct cor_group *group, size_t i, struct page *page)
{
	int rc = cor_group_result(group, i);

	if (rc == 0)
		printf("%s page is %" PRIu64 " bytes\n", page->url, page->bytes);
	else
		printf("%s failed: %s\n", page->url,
			rc == -COR_EPROBLEM ? cor_problem_of(ctx)->detail : cor_strerror(rc));
	fflush(stdout);
}

/* Start them all, at most AT_ONCE at the same time, and print what has ended meanwhile. */
static int load_all(struct cor_ctx *ctx, struct order *order)
{
	struct page *pages = cor_alloc(ctx, order->len * sizeof *pages);
	struct cor_group group;
	size_t next = 0, running = 0, i;

	if (!pages)
		return -ENOMEM;
	cor_group_begin(&group, ctx, COR_BEST_EFFORT);
	while (next < order->len || running != 0) {
		if (next < order->len && running < AT_ONCE) {
			pages[next].url = order->urls[next];
			cor_group_start(&group, page_load, &pages[next]);
			next++;
			running++;
			continue;
		}
		if (cor_group_next(&group, &i) <= 0)
			break;
		running--;
		print_page(ctx, &group, i, &pages[i]);
		order->failed += cor_group_result(&group, i) != 0;
	}
	return cor_group_wait(&group);
}

static int run(void *arg)
{
	struct cor_ctx *ctx;
	int rc = cor_ctx_create(&(struct cor_ctx_options){ 0 }, &ctx);

	if (rc < 0)
		return rc;
	rc = load_all(ctx, arg);
	cor_ctx_destroy(ctx);
	return rc;
}

/* Run it in a fiber: elsewhere one page would be loaded after the other. */
static int run_in_fiber(struct order *order)
{
	struct cor_scheduler *scheduler;
	struct cor_fiber *fiber;
	int rc = cor_scheduler_create(NULL, &scheduler);

	if (rc < 0)
		return rc;
	rc = cor_fiber_start(scheduler, run, order, NULL, &fiber);
	cor_scheduler_stop(scheduler); /* when the fiber has ended */
	if (rc == 0) {
		rc = cor_scheduler_run(scheduler);
		int result;
		cor_fiber_join(fiber, &result);
		rc = rc < 0 ? rc : result;
	}
	cor_scheduler_destroy(scheduler);
	return rc;
}

int main(int argc, char **argv)
{
	struct order order = { .urls = argv + 1, .len = argc > 1 ? (size_t)argc - 1 : 0 };

	if (order.len == 0) {
		fprintf(stderr, "usage: load_urls http://ADDRESS:PORT/PATH ...\n");
		return EX_USAGE;
	}
	int rc = run_in_fiber(&order);
	if (rc < 0)
		fprintf(stderr, "load_urls: %s\n", cor_strerror(rc));
	return rc < 0 || order.failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
