/* SPDX-License-Identifier: MIT */
/* Two who wait for each other at a mailbox, by looking out or asleep. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include <coracle/clock.h>

#include "executor/mailbox.h"
#include "runtime/seams.h"

#define TRIPS 30000

static struct cor_mailbox *mailbox;

static int make_mailbox(void **state)
{
	(void)state;
	mailbox = calloc(1, sizeof *mailbox);
	return mailbox ? 0 : -1;
}

static int free_mailbox(void **state)
{
	(void)state;
	free(mailbox);
	return 0;
}

static void wait_for(uint32_t seen, struct cor_lookout *lookout)
{
	uint32_t word = lookout ? cor_mailbox_look_out(mailbox, seen, lookout) : seen;

	if (word == seen)
		(void)cor_mailbox_wait(mailbox, seen, COR_FOREVER);
}

/* Sometimes one sleeps, sometimes the other, sometimes both look out. */
static struct cor_lookout *at_times(struct cor_lookout *lookout, int i, int every)
{
	return i % every != 0 ? lookout : NULL;
}

static void *answer_all(void *arg)
{
	struct cor_lookout lookout = { 0 };

	(void)arg;
	for (int i = 0; i < TRIPS; i++) {
		wait_for(COR_MAIL_READY, at_times(&lookout, i, 3));
		if (!cor_mailbox_move(mailbox, COR_MAIL_JOB, COR_MAIL_READY))
			return mailbox;
	}
	return NULL;
}

static void test_no_wake_up_is_lost(void **state)
{
	struct cor_lookout lookout = { 0 };
	pthread_t thread;
	void *failed;

	(void)state;
	atomic_store(&mailbox->word, COR_MAIL_READY);
	assert_int_equal(pthread_create(&thread, NULL, answer_all, NULL), 0);
	for (int i = 0; i < TRIPS; i++) {
		assert_true(cor_mailbox_move(mailbox, COR_MAIL_READY, COR_MAIL_JOB));
		wait_for(COR_MAIL_JOB, at_times(&lookout, i, 2));
	}
	pthread_join(thread, &failed);
	assert_null(failed);
	assert_int_equal(atomic_load(&mailbox->sleepers), 0);
}

static void test_where_nothing_comes_soon_it_is_tried_ever_less_often(void **state)
{
	struct cor_lookout lookout = { 0 };
	static const uint32_t skips[] = { 1, 3, 7, 15, 31, 63, 63 };

	(void)state;
	for (size_t i = 0; i < sizeof skips / sizeof skips[0]; i++) {
		assert_int_equal(
			cor_mailbox_look_out(mailbox, COR_MAIL_BORN, &lookout), COR_MAIL_BORN);
		assert_int_equal(lookout.skips, skips[i]);
		for (uint32_t left = skips[i]; left > 0; left--) {
			assert_int_equal(lookout.skips, left);
			(void)cor_mailbox_look_out(mailbox, COR_MAIL_BORN, &lookout);
		}
	}
}

static void test_what_is_there_is_seen_at_once(void **state)
{
	struct cor_lookout lookout = { .misses = 3, .skips = 5 };

	(void)state;
	atomic_store(&mailbox->word, COR_MAIL_READY);
	assert_int_equal(cor_mailbox_look_out(mailbox, COR_MAIL_JOB, &lookout), COR_MAIL_READY);
	assert_int_equal(lookout.skips, 5);
}

static void *move_on(void *arg)
{
	_Atomic bool *is_over = arg;

	while (!atomic_load(is_over))
		if (!cor_mailbox_move(mailbox, COR_MAIL_READY, COR_MAIL_JOB))
			sched_yield();
	return NULL;
}

/* However many times it takes: another program may have the processor. */
static void test_where_something_comes_it_pays_again(void **state)
{
	struct cor_lookout lookout = { .misses = 3 };
	_Atomic bool is_over = false;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, move_on, &is_over), 0);
	while (lookout.misses != 0) {
		atomic_store(&mailbox->word, COR_MAIL_READY);
		(void)cor_mailbox_look_out(mailbox, COR_MAIL_READY, &lookout);
	}
	assert_int_equal(lookout.skips, 0);
	atomic_store(&is_over, true);
	pthread_join(thread, NULL);
}

static int64_t standing_ns(const struct cor_clock *clock)
{
	(void)clock;
	return 1;
}

/* That of a test. */
static void test_where_the_clock_stands_it_ends_too(void **state)
{
	static const struct cor_clock clock = { .monotonic_ns = standing_ns };
	static const struct cor_seams seams = { .clock = &clock };
	struct cor_lookout lookout = { 0 };
	struct cor_thread_seams own;

	(void)state;
	cor_seams_enter(&own, &seams);
	uint32_t word = cor_mailbox_look_out(mailbox, COR_MAIL_BORN, &lookout);
	cor_seams_leave(&own);
	assert_int_equal(word, COR_MAIL_BORN);
	assert_int_equal(lookout.misses, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_no_wake_up_is_lost, make_mailbox, free_mailbox),
		cmocka_unit_test_setup_teardown(
			test_where_nothing_comes_soon_it_is_tried_ever_less_often, make_mailbox,
			free_mailbox),
		cmocka_unit_test_setup_teardown(
			test_what_is_there_is_seen_at_once, make_mailbox, free_mailbox),
		cmocka_unit_test_setup_teardown(
			test_where_something_comes_it_pays_again, make_mailbox, free_mailbox),
		cmocka_unit_test_setup_teardown(
			test_where_the_clock_stands_it_ends_too, make_mailbox, free_mailbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
