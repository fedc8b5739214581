/* SPDX-License-Identifier: MIT */
/* What a job costs on an executor: executor threads|processes batch|round COUNT. See trial.h. */
#include <coracle/coracle.h>

#include "peers/trial.h"

static const struct cor_executor threads = { .name = "bench", .size = 1, .queue = 10000000 };
static const struct cor_executor processes = {
	.name = "bench", .kind = COR_PROCESSES, .size = 1, .queue = 10000000
};
static struct cor_pool *pool;
static struct cor_future *futures[1000000];

static int do_nothing(struct cor_ctx *ctx, char *call)
{
	(void)ctx, (void)call;
	return 0;
}

/* One job, there and back. */
static void run_one(void)
{
	char call = 0;

	if (cor_pool_run(pool, do_nothing, &call) < 0)
		abort();
}

static void batch(int count)
{
	char call = 0;

	if (count == 1) {
		run_one();
		return;
	}
	for (int i = 0; i < count; i++)
		if (cor_pool_submit(pool, do_nothing, &call, &futures[i]) < 0)
			abort();
	for (int i = 0; i < count; i++) {
		if (cor_future_wait(futures[i]) < 0)
			abort();
		cor_future_drop(futures[i]);
	}
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: %s threads|processes batch|round COUNT\n", argv[0]);
		return 64;
	}
	int is_of_threads = strcmp(argv[1], "threads") == 0;
	if (cor_pool_create(is_of_threads ? &threads : &processes, &pool) < 0)
		return 71;
	int status = trial_main(argc - 1, argv + 1, batch);
	cor_pool_destroy(pool);
	return status;
}
