/* SPDX-License-Identifier: MIT */
/* A call with pointers travels with all that it holds, to threads and to processes alike. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/executor.h>

struct word {
	const char *text;
};
static const struct cor_field word_fields[] = { COR_FIELD(struct word, text) };
COR_LOCAL_SCHEMA(word_schema, struct word, word_fields);

struct sentence {
	cor_array(struct word) words;
	const char *joined; /* what comes back */
	int64_t count;
};
static const struct cor_field sentence_fields[] = {
	COR_OBJECT_ARRAY(struct sentence, words, word_schema),
	COR_FIELD(struct sentence, joined, .presence = COR_OPTIONAL),
	COR_FIELD(struct sentence, count),
};
COR_LOCAL_SCHEMA(sentence_schema, struct sentence, sentence_fields);

static int join(struct cor_ctx *ctx, struct sentence *sentence)
{
	const char *joined = "";

	for (size_t i = 0; i < sentence->words.len && joined; i++)
		joined = cor_printf(
			ctx, "%s%s%s", joined, i ? " " : "", sentence->words.items[i].text);
	if (!joined)
		return -ENOMEM;
	sentence->joined = joined;
	sentence->count = (int64_t)sentence->words.len;
	return sentence->words.len == 3 ? cor_problem(ctx, 409, 0, "three words") : 0;
}

static int die(struct cor_ctx *ctx, struct sentence *sentence)
{
	(void)ctx;
	sentence->joined = (const char *)16;
	raise(SIGKILL);
	return 0;
}

static int point_nowhere(struct cor_ctx *ctx, struct sentence *sentence)
{
	(void)ctx;
	sentence->words.items = NULL;
	return 0;
}

static int grow(struct cor_ctx *ctx, struct sentence *sentence)
{
	char *text = cor_alloc(ctx, 8001);

	if (!text)
		return -ENOMEM;
	memset(text, 'x', 8000);
	sentence->joined = text;
	return 0;
}

static const struct cor_executor threads = { .name = "threads", .size = 1 };
static const struct cor_executor processes = {
	.name = "processes", .kind = COR_PROCESSES, .size = 1, .call_bytes = 8192
};

static struct cor_pool *pool_of(const struct cor_executor *executor)
{
	struct cor_pool *pool;

	assert_int_equal(cor_pool_create(executor, &pool), 0);
	return pool;
}

/* Its words are gone when the job runs. */
static struct cor_future *submit(struct cor_pool *pool, cor_call *fn, size_t len)
{
	char texts[4][8] = { "one", "two", "three", "four" };
	struct word words[4];
	struct sentence sentence = { .words = { words, len } };
	struct cor_future *future;

	for (size_t i = 0; i < len; i++)
		words[i].text = texts[i];
	assert_int_equal(
		cor_pool_submit_typed_call(pool, fn, &sentence_schema.schema, &sentence, &future),
		0);
	memset(texts, 0xff, sizeof texts);
	memset(words, 0xff, sizeof words);
	return future;
}

#define JOB(fn) ((cor_call *)(void (*)(void))(fn))

static void all_of_it_travels(const struct cor_executor *executor)
{
	struct cor_pool *pool = pool_of(executor);
	struct cor_future *future = submit(pool, JOB(join), 2);
	struct sentence sentence = { .count = -1 };
	struct word other;

	assert_int_equal(cor_future_wait(future), 0);
	assert_int_equal(cor_future_read(future, &other), -EINVAL);
	assert_int_equal(cor_future_read(future, &sentence), 0);
	assert_string_equal(sentence.joined, "one two");
	assert_string_equal(sentence.words.items[1].text, "two");
	assert_int_equal(sentence.count, 2);
	cor_future_drop(future);
	cor_pool_destroy(pool);
}

static void it_travels_to_threads(void **state)
{
	(void)state;
	all_of_it_travels(&threads);
}

static void it_travels_to_processes(void **state)
{
	(void)state;
	all_of_it_travels(&processes);
}

/* The call comes back as it was left, although the job has failed, unless its process has died. */
static void failures_come_back(void **state)
{
	struct cor_pool *pool = pool_of(&processes);
	struct cor_future *failed = submit(pool, JOB(join), 3), *dead = submit(pool, JOB(die), 2);
	struct sentence sentence = { 0 };

	(void)state;
	assert_int_equal(cor_future_wait(failed), 0);
	assert_int_equal(cor_future_read(failed, &sentence), -COR_EPROBLEM);
	assert_string_equal(sentence.joined, "one two three");
	assert_string_equal(cor_future_problem(failed)->detail, "three words");
	assert_int_equal(cor_future_wait(dead), 0);
	assert_int_equal(cor_future_read(dead, &sentence), -COR_EDIED);
	assert_null(sentence.joined);
	assert_string_equal(sentence.words.items[1].text, "two");
	cor_future_drop(failed);
	cor_future_drop(dead);
	cor_pool_destroy(pool);
}

static int end_of(struct cor_pool *pool, cor_call *fn, size_t len, const char **ret_detail)
{
	static char detail[200];
	struct cor_future *future = submit(pool, fn, len);

	assert_int_equal(cor_future_wait(future), 0);
	const struct cor_problem *problem = cor_future_problem(future);
	snprintf(detail, sizeof detail, "%s", problem ? problem->detail : "");
	*ret_detail = detail;
	int rc = cor_future_result(future);
	cor_future_drop(future);
	return rc;
}

static void what_cannot_travel_is_told(void **state)
{
	struct cor_pool *pool = pool_of(&processes);
	struct sentence broken = { .words = { NULL, 2 } };
	static char large[9000];
	struct word word = { large };
	struct sentence longest = { .words = { &word, 1 } };
	struct cor_future *future;
	const char *detail;

	(void)state;
	assert_int_equal(cor_pool_submit_typed(pool, join, sentence_schema, &broken, &future),
		-COR_EINVALID);
	memset(large, 'x', sizeof large - 1);
	assert_int_equal(cor_pool_submit_typed(pool, join, sentence_schema, &longest, &future), 0);
	assert_int_equal(cor_future_wait(future), 0);
	assert_int_equal(cor_future_result(future), -COR_ETOOLARGE);
	cor_future_drop(future);
	assert_int_equal(end_of(pool, JOB(point_nowhere), 2, &detail), -COR_EINVALID);
	assert_non_null(strstr(detail, "without memory"));
	assert_int_equal(end_of(pool, JOB(grow), 2, &detail), -COR_ETOOLARGE);
	assert_non_null(strstr(detail, "raise them"));
	assert_int_equal(end_of(pool, JOB(join), 2, &detail), 0);
	cor_pool_destroy(pool);
}

/* Whatever never ran gives its memory back, too: a leak would be told by a sanitizer. */
static void what_is_cancelled_is_given_back(void **state)
{
	struct cor_pool *pool = pool_of(&threads);
	struct cor_future *futures[20];

	(void)state;
	for (int i = 0; i < 20; i++)
		futures[i] = submit(pool, JOB(join), 2);
	cor_pool_shut_down(pool, COR_SHUTDOWN_CANCEL);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(cor_future_wait(futures[i]), 0);
		cor_future_drop(futures[i]);
	}
	struct sentence late = { 0 };
	assert_int_equal(
		cor_pool_submit_typed(pool, join, sentence_schema, &late, NULL), -COR_ECLOSED);
	cor_pool_destroy(pool);
}

#define SECRET "only for the first process"

/* Behind its own call, as far as that of another may have come. */
static int look_behind(struct cor_ctx *ctx, struct sentence *sentence)
{
	const char *at = sentence->words.items[0].text;

	(void)ctx;
	sentence->count = memmem(at, 6000, SECRET, sizeof SECRET) != NULL;
	return 0;
}

static void a_new_process_finds_nothing_of_the_one_before(void **state)
{
	static const struct cor_executor fresh = { .name = "fresh",
		.kind = COR_PROCESSES,
		.size = 1,
		.call_bytes = 8192,
		.jobs_per_process = 1 };
	static char padding[2000];
	struct word words[] = { { padding }, { SECRET } }, own = { "own" };
	struct sentence sentence = { .words = { words, 2 } };
	struct cor_pool *pool = pool_of(&fresh);
	struct cor_future *future;

	(void)state;
	memset(padding, 'x', sizeof padding - 1);
	assert_int_equal(cor_pool_submit_typed(pool, join, sentence_schema, &sentence, &future), 0);
	assert_int_equal(cor_future_wait(future), 0);
	assert_int_equal(cor_future_result(future), 0);
	cor_future_drop(future);
	for (int i = 0; i < 4; i++) {
		struct sentence found = { .words = { &own, 1 } };
		assert_int_equal(
			cor_pool_submit_typed(pool, look_behind, sentence_schema, &found, &future),
			0);
		assert_int_equal(cor_future_wait(future), 0);
		assert_int_equal(cor_future_read(future, &found), 0);
		assert_int_equal(found.count, 0);
		cor_future_drop(future);
	}
	cor_pool_destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_travels_to_threads),
		cmocka_unit_test(it_travels_to_processes),
		cmocka_unit_test(failures_come_back),
		cmocka_unit_test(what_cannot_travel_is_told),
		cmocka_unit_test(what_is_cancelled_is_given_back),
		cmocka_unit_test(a_new_process_finds_nothing_of_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
