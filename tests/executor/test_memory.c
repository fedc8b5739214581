/* SPDX-License-Identifier: MIT */
/* Every allocation fails in turn, on whatever thread: each call says so, and nothing leaks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <coracle/error.h>
#include <coracle/executor.h>

#define JOBS 4

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *block);

static _Atomic long until_failure = -1; /* how many still succeed; below 0: all */
static _Atomic long held;               /* blocks */

static bool fails(void)
{
	return until_failure >= 0 && atomic_fetch_sub(&until_failure, 1) == 0;
}

static void *hold(void *block)
{
	held += block != NULL;
	return block;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : hold(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : hold(__real_calloc(count, size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : hold(__real_aligned_alloc(alignment, size));
}

void *__wrap_realloc(void *old, size_t size)
{
	void *block = fails() ? NULL : __real_realloc(old, size);

	held += block && !old;
	return block;
}

void __wrap_free(void *block)
{
	held -= block != NULL;
	__real_free(block);
}

/* --- everything that allocates --- */

static int say(struct cor_ctx *ctx, int *number)
{
	const char *text = cor_printf(ctx, "number %d", *number);

	*number += 1;
	return text ? cor_problem(ctx, 409, 0, "no %s", text) : -ENOMEM;
}

static int add_one(struct cor_ctx *ctx, int *number)
{
	(void)ctx;
	*number += 1;
	return 0;
}

/* What a call may return when memory runs out; a process that cannot start breaks its pool. */
static void accept(int rc)
{
	assert_true(rc == 0 || rc == -ENOMEM || rc == -COR_EBROKEN);
}

static _Atomic int callbacks; /* that are still to be called */

static void note(struct cor_future *future, void *arg)
{
	(void)future, (void)arg;
	callbacks--;
}

static void add_callback(struct cor_future *future)
{
	callbacks++;
	int rc = cor_future_on_done(future, note, NULL);
	accept(rc);
	callbacks -= rc < 0;
}

static void look_at(struct cor_future *future)
{
	int number = 0, rc = cor_future_read(future, &number);
	char expected[] = "no number 0";

	if (rc != -COR_EPROBLEM) {
		accept(rc);
		return;
	}
	expected[sizeof expected - 2] += (char)(number - 1);
	if (cor_future_problem(future)->detail[0] != '\0') /* there was memory for it */
		assert_string_equal(cor_future_problem(future)->detail, expected);
}

static void go_over(struct cor_future **futures, size_t len)
{
	struct cor_completion completion;
	struct cor_future *future;
	size_t come = 0;
	int rc = cor_completion_begin(&completion, futures, len);

	accept(rc);
	while (rc == 0 && (rc = cor_completion_next(&completion, &future)) == 0 && future) {
		look_at(future);
		come++;
	}
	cor_completion_end(&completion);
	assert_true(rc == -ENOMEM || come == len);
}

static void submit_some(struct cor_pool *pool)
{
	struct cor_future *futures[JOBS];
	size_t len = 0;

	for (int i = 0; i < JOBS; i++) {
		int rc = cor_pool_submit(pool, say, &i, &futures[len]);
		accept(rc);
		len += rc == 0;
	}
	for (size_t i = 0; i < len; i++)
		add_callback(futures[i]);
	go_over(futures, len);
	accept(cor_futures_wait(futures, len, COR_WAIT_ALL));
	for (size_t i = 0; i < len; i++) {
		assert_int_equal(cor_future_wait(futures[i]), 0);
		cor_future_drop(futures[i]);
	}
}

static void map_some(struct cor_pool *pool)
{
	int numbers[JOBS] = { 0 }, results[JOBS];
	const struct cor_pool_map_options options = { .chunk = 2, .results = results };
	int rc = cor_pool_map(pool, add_one, numbers, JOBS, &options);

	accept(rc);
	for (int i = 0; i < JOBS; i++)
		assert_true(results[i] == 0 ? numbers[i] == 1 : rc < 0);
}

struct word {
	const char *text;
	const char *twice;
};
static const struct cor_field word_fields[] = {
	COR_FIELD(struct word, text),
	COR_FIELD(struct word, twice, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(word_schema, struct word, word_fields);

static int double_word(struct cor_ctx *ctx, struct word *word)
{
	word->twice = cor_printf(ctx, "%s%s", word->text, word->text);
	return word->twice ? 0 : -ENOMEM;
}

/* Without memory for what comes back the call is left as it is, not half. */
static void submit_typed(struct cor_pool *pool)
{
	struct word word = { .text = "so" };
	struct cor_future *future;
	int rc = cor_pool_submit_typed(pool, double_word, word_schema, &word, &future);

	accept(rc);
	if (rc < 0)
		return;
	assert_int_equal(cor_future_wait(future), 0);
	rc = cor_future_read(future, &word);
	accept(rc);
	assert_string_equal(word.text, "so");
	if (rc == 0)
		assert_string_equal(word.twice, "soso");
	else
		assert_null(word.twice);
	cor_future_drop(future);
}

static void use(const struct cor_executor *executor)
{
	struct cor_pool *pool = NULL;
	int rc = cor_pool_create(executor, &pool);

	accept(rc);
	if (rc < 0)
		return;
	map_some(pool);
	submit_some(pool);
	submit_typed(pool);
	cor_pool_destroy(pool);
	assert_int_equal(callbacks, 0);
}

static void let_each_fail(const struct cor_executor *executor)
{
	long failures = 0;

	use(executor); /* what libc allocates once */
	for (bool has_failed = true; has_failed; failures++) {
		long before = held;
		until_failure = failures;
		use(executor);
		has_failed = until_failure < 0;
		until_failure = -1;
		assert_int_equal(held, before);
	}
	print_message("# figure: allocations that failed, one at a time: %ld\n", failures - 1);
	assert_true(failures > 10);
}

static void a_pool_of_threads_does_without(void **state)
{
	static const struct cor_executor threads = { .name = "threads", .size = 2 };

	(void)state;
	let_each_fail(&threads);
}

static void so_does_one_of_processes(void **state)
{
	static const struct cor_executor processes = {
		.name = "processes", .kind = COR_PROCESSES, .size = 2
	};

	(void)state;
	let_each_fail(&processes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pool_of_threads_does_without),
		cmocka_unit_test(so_does_one_of_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
