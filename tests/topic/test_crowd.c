/* SPDX-License-Identifier: MIT */
/* Many subscribers, on fibers of several threads, and publishers on several threads. */
#include "topics.h"

#include <pthread.h>
#include <stdlib.h>

#include <coracle/clock.h>
#include <coracle/sync.h>

static const struct cor_topic news = { .name = "news", .queue_messages = 100000 };
static const struct cor_topic flood = { .name = "flood", .queue_messages = 4 };
static const struct cor_topic *const list[] = { &news, &flood, NULL };

#define LAST       (-1) /* the message after which subscribers go home */
#define CROWD      1000
#define THREADS    3
#define PUBLISHERS 2

static int rounds(int normal)
{
	return getenv("COR_TEST_LIGHT") ? normal / 10 : normal;
}

/* Subscribers of one thread. */
struct crowd {
	struct place *place;
	const struct cor_topic *topic;
	int len;
	struct cor_semaphore *are_here; /* each of them has subscribed */
	int fault;                      /* the line of a claim that did not hold */
	uint64_t received;
	uint64_t sum; /* of what a subscriber got, weighed by its order: the same for all */
	pthread_t thread;
};

static int listen_to_it(struct crowd *crowd, struct cor_subscription *subscription)
{
	uint64_t sum = 0, order = 0, lost = 0;
	int number;

	while ((number = receive(subscription, &lost)) != LAST) {
		check(number >= 0 && lost == 0);
		sum += (uint64_t)number * ++order;
		crowd->received++;
	}
	check(crowd->sum == 0 || crowd->sum == sum);
	crowd->sum = sum;
	return 0;
}

static int subscriber(void *arg)
{
	struct crowd *crowd = arg;
	struct cor_subscription *subscription;
	struct cor_ctx ctx;

	begin_ctx(crowd->place, &ctx);
	int fault = cor_subscribe(&ctx, crowd->topic, NULL, &subscription) == 0 ? 0 : __LINE__;
	cor_semaphore_give(crowd->are_here);
	if (fault == 0)
		fault = listen_to_it(crowd, subscription);
	end_ctx(&ctx);
	if (fault != 0)
		crowd->fault = fault;
	return fault;
}

static int start_crowd(void *arg)
{
	struct crowd *crowd = arg;

	for (int i = 0; i < crowd->len; i++)
		check(cor_fiber_start(NULL, subscriber, crowd,
			      &(struct cor_fiber_options){ .stack_bytes = 32768 }, NULL) == 0);
	return 0;
}

static void *run_crowd(void *arg)
{
	struct crowd *crowd = arg;
	int rc = run(start_crowd, crowd);

	if (rc != 0)
		crowd->fault = rc;
	return NULL;
}

struct publisher {
	struct place *place;
	int first, len;
	pthread_t thread;
};

static void *publish_all(void *arg)
{
	const struct publisher *publisher = arg;

	for (int i = 0; i < publisher->len; i++)
		if (publish(publisher->place, &news, publisher->first + i) < 0)
			abort();
	return NULL;
}

static void all_get_all_in_the_same_order(void **state)
{
	struct place place;
	struct cor_semaphore are_here = { 0 };
	struct crowd crowds[THREADS];
	struct publisher publishers[PUBLISHERS];
	const int messages = rounds(1000), each = rounds(50);

	(void)state;
	open_place(&place, list, NULL);
	for (int i = 0; i < THREADS; i++) {
		crowds[i] = (struct crowd){
			.place = &place, .topic = &news, .len = each, .are_here = &are_here
		};
		pthread_create(&crowds[i].thread, NULL, run_crowd, &crowds[i]);
	}
	for (int i = 0; i < THREADS * each; i++)
		assert_int_equal(cor_semaphore_take(&are_here), 0);
	for (int i = 0; i < PUBLISHERS; i++) {
		publishers[i] = (struct publisher){ &place, i * messages, messages, 0 };
		pthread_create(&publishers[i].thread, NULL, publish_all, &publishers[i]);
	}
	for (int i = 0; i < PUBLISHERS; i++)
		pthread_join(publishers[i].thread, NULL);
	assert_int_equal(publish(&place, &news, LAST), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(crowds[i].thread, NULL);
		assert_int_equal(crowds[i].fault, 0);
		assert_int_equal(crowds[i].received, (uint64_t)(each * PUBLISHERS * messages));
		assert_int_equal(crowds[i].sum, crowds[0].sum);
	}
	close_place(&place);
}

/* --- a broadcast --- */

static int broadcast(void *arg)
{
	struct crowd *crowd = arg;
	const int messages = rounds(100);

	check(start_crowd(crowd) == 0);
	for (int i = 0; i < crowd->len; i++)
		check(cor_semaphore_take(crowd->are_here) == 0);
	int64_t began_ns = cor_monotonic_ns();
	for (int i = 0; i < messages; i++) {
		check(publish(crowd->place, &news, i) == 0);
		uint64_t wanted = (uint64_t)(i + 1) * (uint64_t)crowd->len;
		while (crowd->received < wanted)
			check(cor_yield() == 0);
	}
	int64_t us = (cor_monotonic_ns() - began_ns) / messages / 1000;
	printf("# figure: a message reaches %d subscribers of a thread in %d us\n", crowd->len,
		(int)us);
	check(publish(crowd->place, &news, LAST) == 0);
	return us < 50000 || getenv("COR_TEST_LIGHT") ? 0 : __LINE__;
}

static void a_broadcast_is_cheap(void **state)
{
	struct place place;
	struct cor_semaphore are_here = { 0 };
	struct crowd crowd = {
		.place = &place, .topic = &news, .len = CROWD, .are_here = &are_here
	};

	(void)state;
	open_place(&place, list, NULL);
	assert_int_equal(run(broadcast, &crowd), 0);
	assert_int_equal(crowd.fault, 0);
	close_place(&place);
}

/* --- a thread that is held --- */

/* It gets its turn when the publisher lets go: by then it has lost all but the last four. */
static int hold_the_thread(void *arg)
{
	struct place *place = arg;
	struct cor_subscription *subscription;
	struct cor_ctx ctx;
	uint64_t lost = 0;

	begin_ctx(place, &ctx);
	check(cor_subscribe(&ctx, &flood, NULL, &subscription) == 0);
	for (int i = 0; i < 1000; i++)
		check(publish(place, &flood, i) == 0);
	check(receive(subscription, &lost) == 996 && lost == 996);
	check(receive(subscription, &lost) == 997 && lost == 0);
	cor_unsubscribe(subscription);
	check(publish(place, &flood, 0) == 0);
	check(cor_subscribe(&ctx, &flood, NULL, &subscription) == 0);
	check(publish(place, &flood, 5) == 0);
	end_ctx(&ctx); /* with a message on its way to it */
	return 0;
}

static void what_waits_for_a_thread_is_bounded(void **state)
{
	struct place place;

	(void)state;
	open_place(&place, list, NULL);
	assert_int_equal(run(hold_the_thread, &place), 0);
	close_place(&place);
}

/* --- waits --- */

static int wait_in_vain(void *arg)
{
	struct place *place = arg;
	struct cor_subscription *subscription;
	struct cor_scope scope;
	struct cor_ctx ctx;

	begin_ctx(place, &ctx);
	check(cor_subscribe(&ctx, &news, NULL, &subscription) == 0);
	cor_scope_enter(&scope, 5);
	check(receive(subscription, NULL) == -ETIMEDOUT);
	check(publish(place, &news, 1) == 0);
	check(receive(subscription, NULL) == -ETIMEDOUT); /* it is too late, even for that */
	cor_scope_leave(&scope);
	check(receive(subscription, NULL) == 1);
	cor_fiber_cancel(cor_fiber_current());
	check(receive(subscription, NULL) == -ECANCELED);
	end_ctx(&ctx);
	return 0;
}

static void a_wait_obeys_its_scope(void **state)
{
	struct place place;

	(void)state;
	open_place(&place, list, NULL);
	assert_int_equal(run(wait_in_vain, &place), 0);
	close_place(&place);
}

static int receive_until_closed(void *arg)
{
	struct crowd *crowd = arg;
	struct cor_subscription *subscription;
	struct cor_ctx ctx;

	begin_ctx(crowd->place, &ctx);
	check(cor_subscribe(&ctx, &news, NULL, &subscription) == 0);
	cor_semaphore_give(crowd->are_here);
	int rc = receive(subscription, NULL);
	end_ctx(&ctx);
	return rc;
}

static void *run_until_closed(void *arg)
{
	struct crowd *crowd = arg;

	crowd->fault = crowd->len ? run(receive_until_closed, crowd) : receive_until_closed(crowd);
	return NULL;
}

static void closing_ends_all_waits(void **state)
{
	struct place place;
	struct cor_semaphore are_here = { 0 };

	(void)state;
	open_place(&place, list, NULL);
	struct crowd crowds[2] = { { .place = &place, .are_here = &are_here, .len = 1 },
		{ .place = &place, .are_here = &are_here, .len = 0 } };
	for (int i = 0; i < 2; i++)
		pthread_create(&crowds[i].thread, NULL, run_until_closed, &crowds[i]);
	for (int i = 0; i < 2; i++)
		assert_int_equal(cor_semaphore_take(&are_here), 0);
	cor_topics_close(place.topics);
	for (int i = 0; i < 2; i++) {
		pthread_join(crowds[i].thread, NULL);
		assert_int_equal(crowds[i].fault, -COR_ECLOSED);
	}
	close_place(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_get_all_in_the_same_order),
		cmocka_unit_test(a_broadcast_is_cheap),
		cmocka_unit_test(what_waits_for_a_thread_is_bounded),
		cmocka_unit_test(a_wait_obeys_its_scope),
		cmocka_unit_test(closing_ends_all_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
