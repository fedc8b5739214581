/* SPDX-License-Identifier: MIT */
/* A service whose handlers hold their thread. Built as users build: -O2, without -rdynamic. */
#include <coracle/coracle.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t never;

/* GET /sleep: the kernel holds the thread */

static int fall_asleep(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *text)
{
	unsigned left = sleep(5);

	(void)none;
	const char *rest = cor_printf(ctx, "%u s too early", left);
	*text = rest ? cor_str(rest) : COR_STR("?");
	return 0;
}
COR_OPERATION(fall_asleep_operation, fall_asleep, COR_NONE, COR_TEXT);

/* GET /loop: the handler never returns */

__attribute__((noinline)) static unsigned count_for_ever(unsigned from)
{
	for (unsigned i = from; !never; i++)
		from ^= i;
	return from;
}

static int loop_endlessly(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *text)
{
	const char *sum = cor_printf(ctx, "%u", count_for_ever((unsigned)getpid()));

	(void)none;
	*text = sum ? cor_str(sum) : COR_STR("?");
	return 0;
}
COR_OPERATION(loop_endlessly_operation, loop_endlessly, COR_NONE, COR_TEXT);

/* GET /poll/{ms}, GET /compute/{ms} and GET /wait/{ms}: it comes back */

struct delay {
	uint32_t ms;
};
static const struct cor_field delay_fields[] = {
	COR_FIELD(struct delay, ms, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(delay_schema, struct delay, delay_fields);

static int ask_the_kernel(struct cor_ctx *ctx, const struct delay *delay, struct cor_str *text)
{
	(void)ctx;
	*text = poll(NULL, 0, (int)delay->ms) == 0 ? COR_STR("whole") : COR_STR("interrupted");
	return 0;
}
COR_OPERATION(ask_the_kernel_operation, ask_the_kernel, delay_schema, COR_TEXT);

/* Looks at the clock of the runtime now and then, as handlers do. */
static int64_t computed_ns(void)
{
	struct timespec time;

	(void)cor_monotonic_ns();
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* So long by itself: a busy machine makes it last longer. */
static int compute(struct cor_ctx *ctx, const struct delay *delay, struct cor_str *text)
{
	int64_t end_ns = computed_ns() + delay->ms * INT64_C(1000000);

	(void)ctx;
	while (computed_ns() < end_ns)
		;
	*text = COR_STR("computed");
	return 0;
}
COR_OPERATION(compute_operation, compute, delay_schema, COR_TEXT);

static int wait_politely(struct cor_ctx *ctx, const struct delay *delay, struct cor_str *text)
{
	(void)ctx;
	*text = COR_STR("waited");
	return cor_sleep_ms(delay->ms);
}
COR_OPERATION(wait_politely_operation, wait_politely, delay_schema, COR_TEXT);

/* GET /lock/{ms}: holds a mutex while it waits for something else */

static int lock_and_wait(struct cor_ctx *ctx, const struct delay *delay, struct cor_str *text)
{
	struct cor_mutex *mutex = cor_state(ctx);
	int rc = cor_mutex_lock(mutex);

	*text = COR_STR("locked");
	(void)cor_request_id(ctx);
	if (rc == 0)
		rc = cor_sleep_ms(delay->ms);
	if (rc == 0)
		cor_mutex_unlock(mutex);
	return rc;
}
COR_OPERATION(lock_and_wait_operation, lock_and_wait, delay_schema, COR_TEXT);

static int lock_twice(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *text)
{
	struct cor_mutex *mutex = cor_state(ctx);
	int rc = cor_mutex_lock(mutex);

	(void)none;
	*text = COR_STR("locked");
	if (rc < 0)
		return rc;
	rc = cor_mutex_lock(mutex);
	cor_mutex_unlock(mutex);
	return rc;
}
COR_OPERATION(lock_twice_operation, lock_twice, COR_NONE, COR_TEXT);

static int lock_shortly(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *text)
{
	struct cor_mutex *mutex = cor_state(ctx);
	int rc = cor_mutex_lock(mutex);

	(void)none;
	*text = COR_STR("locked");
	if (rc == 0)
		cor_mutex_unlock(mutex);
	return rc;
}
COR_OPERATION(lock_shortly_operation, lock_shortly, COR_NONE, COR_TEXT);

static int start(struct cor_ctx *ctx, void **ret_state)
{
	static struct cor_mutex mutex;

	(void)ctx;
	*ret_state = &mutex;
	return 0;
}

static const struct cor_resource locking = {
	.path = "/lock/{ms}",
	.get = &lock_and_wait_operation,
};
static const struct cor_resource shortly = { .path = "/lock", .get = &lock_shortly_operation };
static const struct cor_resource twice = { .path = "/twice", .get = &lock_twice_operation };
static const struct cor_resource sleeping = { .path = "/sleep", .get = &fall_asleep_operation };
static const struct cor_resource looping = { .path = "/loop", .get = &loop_endlessly_operation };
static const struct cor_resource polling = {
	.path = "/poll/{ms}",
	.get = &ask_the_kernel_operation,
};
static const struct cor_resource computing = {
	.path = "/compute/{ms}",
	.get = &compute_operation,
};
static const struct cor_resource waiting = {
	.path = "/wait/{ms}",
	.get = &wait_politely_operation,
};

static const struct cor_service holding = {
	.name = "holding",
	.version = "1.0.0",
	.resources = COR_RESOURCES(
		&sleeping, &looping, &polling, &computing, &waiting, &locking, &shortly, &twice),
	.start = start,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &holding);
}
