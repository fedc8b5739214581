/* SPDX-License-Identifier: MIT */
/* Mutex, condition, semaphore and channel: between fibers, between threads, and between both. */
#include <errno.h>
#include <pthread.h>

#include <coracle/error.h>
#include <coracle/sync.h>

#include "loop.h"

/*
 * A cast of workers: fibers here, fibers on a second scheduler, plain threads. Each runs the same
 * function with the same argument and must return 0.
 */
struct cast {
	int fibers;
	int far_fibers;
	int threads;
};

struct part {
	int (*work)(void *arg);
	void *arg;
	int result;
};

static void *run_scheduler(void *arg)
{
	return cor_scheduler_run(arg) == 0 ? NULL : arg;
}

static void *play_in_thread(void *arg)
{
	struct part *part = arg;

	part->result = part->work(part->arg);
	return NULL;
}

#define PARTS 8

static void play(struct cast cast, int (*work)(void *), void *arg)
{
	struct cor_scheduler *near;
	struct cor_scheduler *far;
	struct cor_fiber *fibers[PARTS];
	pthread_t threads[PARTS];
	pthread_t far_thread;
	struct part parts[PARTS];
	void *failed;

	assert_int_equal(cor_scheduler_create(NULL, &near), 0);
	assert_int_equal(cor_scheduler_create(NULL, &far), 0);
	for (int i = 0; i < cast.fibers + cast.far_fibers; i++)
		assert_int_equal(
			cor_fiber_start(i < cast.fibers ? near : far, work, arg, NULL, &fibers[i]),
			0);
	assert_int_equal(pthread_create(&far_thread, NULL, run_scheduler, far), 0);
	for (int i = 0; i < cast.threads; i++) {
		parts[i] = (struct part){ work, arg, -1 };
		assert_int_equal(pthread_create(&threads[i], NULL, play_in_thread, &parts[i]), 0);
	}
	cor_scheduler_stop(near);
	assert_int_equal(cor_scheduler_run(near), 0);
	for (int i = 0; i < cast.fibers + cast.far_fibers; i++) {
		int result = -1;
		cor_fiber_join(fibers[i], &result);
		assert_int_equal(result, 0);
	}
	for (int i = 0; i < cast.threads; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(parts[i].result, 0);
	}
	cor_scheduler_stop(far);
	assert_int_equal(pthread_join(far_thread, &failed), 0);
	assert_null(failed);
	cor_scheduler_destroy(near);
	cor_scheduler_destroy(far);
}

static const struct cast casts[] = {
	{ .fibers = 4 },
	{ .threads = 4 },
	{ .fibers = 2, .far_fibers = 2 },
	{ .fibers = 2, .far_fibers = 2, .threads = 2 },
};

/* Mutex. */

struct guarded {
	struct cor_mutex mutex;
	long value;
	int turns;
};

static int add_under_lock(void *arg)
{
	struct guarded *guarded = arg;

	for (int i = 0; i < guarded->turns; i++) {
		check(cor_mutex_lock(&guarded->mutex) == 0);
		long before = guarded->value;
		if (i % 8 == 0)
			check(cor_yield() == 0); /* so that others find it locked */
		guarded->value = before + 1;
		cor_mutex_unlock(&guarded->mutex);
	}
	return 0;
}

static void test_mutex_excludes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(casts); i++) {
		struct guarded guarded = { .turns = rounds(2000) };
		int players = casts[i].fibers + casts[i].far_fibers + casts[i].threads;
		play(casts[i], add_under_lock, &guarded);
		assert_int_equal(guarded.value, (long)guarded.turns * players);
		assert_int_equal(cor_mutex_try_lock(&guarded.mutex), 0);
		assert_int_equal(cor_mutex_try_lock(&guarded.mutex), -EBUSY);
	}
}

struct queue {
	struct cor_mutex mutex;
	int order[3];
	int count;
};

struct in_queue {
	struct queue *queue;
	int number;
};

static int lock_and_note(void *arg)
{
	struct in_queue *self = arg;

	check(cor_mutex_lock(&self->queue->mutex) == 0);
	self->queue->order[self->queue->count++] = self->number;
	cor_mutex_unlock(&self->queue->mutex);
	return 0;
}

/* The wait must end, and leave the queue. */
static int lock_in_vain(void *arg)
{
	struct queue *queue = arg;
	struct cor_scope scope;

	cor_scope_enter(&scope, 5);
	int rc = cor_mutex_lock(&queue->mutex);
	cor_scope_leave(&scope);
	return rc;
}

static int lock_in_order(void *arg)
{
	struct queue queue = { .count = 0 };
	struct in_queue waiting[3] = { { &queue, 0 }, { &queue, 1 }, { &queue, 2 } };
	struct cor_fiber *fibers[3], *vain;
	int result = 0;

	(void)arg;
	check(cor_mutex_lock(&queue.mutex) == 0);
	for (int i = 0; i < 3; i++)
		check(cor_fiber_start(NULL, lock_and_note, &waiting[i], NULL, &fibers[i]) == 0);
	check(cor_yield() == 0);
	check(cor_fiber_start(NULL, lock_in_vain, &queue, NULL, &vain) == 0);
	cor_fiber_join(vain, &result);
	check(result == -ETIMEDOUT);
	check(cor_mutex_lock(&queue.mutex) == -EDEADLK); /* behind others, who wait for us */
	cor_fiber_cancel(fibers[1]);
	cor_fiber_join(fibers[1], &result);
	check(result != 0);
	cor_mutex_unlock(&queue.mutex);
	cor_fiber_join(fibers[0], NULL);
	cor_fiber_join(fibers[2], NULL);
	check(queue.count == 2 && queue.order[0] == 0 && queue.order[1] == 2);
	check(cor_mutex_try_lock(&queue.mutex) == 0);
	check(cor_mutex_lock(&queue.mutex) == -EDEADLK);
	cor_mutex_unlock(&queue.mutex);
	check(cor_mutex_lock(&queue.mutex) == 0);
	return 0;
}

static void test_mutex_serves_in_order(void **state)
{
	(void)state;
	assert_int_equal(run(lock_in_order, NULL), 0);
}

/* Condition: everyone waits at a gate that the last to come opens. */

struct gate {
	struct cor_mutex mutex;
	struct cor_condition opened;
	int expected;
	int turns;
	int arrived;
	int round;
};

static int meet_at_gate(void *arg)
{
	struct gate *gate = arg;

	for (int i = 0; i < gate->turns; i++) {
		check(cor_mutex_lock(&gate->mutex) == 0);
		int round = gate->round;
		if (++gate->arrived == gate->expected) {
			gate->arrived = 0;
			gate->round++;
			cor_condition_broadcast(&gate->opened);
		}
		while (gate->round == round)
			check(cor_condition_wait(&gate->opened, &gate->mutex) == 0);
		cor_mutex_unlock(&gate->mutex);
	}
	return 0;
}

static void test_condition_wakes_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(casts); i++) {
		struct gate gate = { .turns = rounds(300),
			.expected = casts[i].fibers + casts[i].far_fibers + casts[i].threads };
		play(casts[i], meet_at_gate, &gate);
		assert_int_equal(gate.round, gate.turns);
	}
}

static int wait_too_long(void *arg)
{
	struct gate gate = { .expected = 2 };
	struct cor_scope scope;

	(void)arg;
	check(cor_mutex_lock(&gate.mutex) == 0);
	cor_scope_enter(&scope, 5);
	check(cor_condition_wait(&gate.opened, &gate.mutex) == -ETIMEDOUT);
	check(cor_mutex_try_lock(&gate.mutex) == -EBUSY); /* locked again in every case */
	check(cor_condition_wait(&gate.opened, &gate.mutex) == -ETIMEDOUT);
	cor_scope_leave(&scope);
	cor_condition_signal(&gate.opened); /* nobody: nothing happens */
	return 0;
}

static void test_condition_times_out(void **state)
{
	(void)state;
	assert_int_equal(run(wait_too_long, NULL), 0);
	assert_int_equal(wait_too_long(NULL), 0);
}

/* Semaphore. */

struct pool {
	struct cor_semaphore semaphore;
	_Atomic int inside;
	_Atomic int most;
	int turns;
};

static int use_pool(void *arg)
{
	struct pool *pool = arg;

	for (int i = 0; i < pool->turns; i++) {
		check(cor_semaphore_take(&pool->semaphore) == 0);
		int inside = atomic_fetch_add(&pool->inside, 1) + 1;
		if (inside > atomic_load(&pool->most))
			atomic_store(&pool->most, inside);
		if (i % 4 == 0)
			check(cor_yield() == 0);
		atomic_fetch_sub(&pool->inside, 1);
		cor_semaphore_give(&pool->semaphore);
	}
	return 0;
}

static void test_semaphore_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(casts); i++) {
		struct pool pool = { .turns = rounds(2000) };
		cor_semaphore_init(&pool.semaphore, 2);
		play(casts[i], use_pool, &pool);
		assert_int_equal(pool.inside, 0);
		assert_in_range(pool.most, 1, 2);
		assert_int_equal(cor_semaphore_take(&pool.semaphore), 0);
		assert_int_equal(cor_semaphore_take(&pool.semaphore), 0);
	}
}

static int give_up_and_get(void *arg)
{
	struct cor_semaphore semaphore = { 0 };
	struct cor_scope scope;

	(void)arg;
	cor_scope_enter(&scope, 5);
	check(cor_semaphore_take(&semaphore) == -ETIMEDOUT);
	cor_semaphore_give(&semaphore);
	cor_semaphore_give(&semaphore);
	check(cor_semaphore_take(&semaphore) ==
		0); /* need not wait, so the deadline does not matter */
	check(cor_semaphore_take(&semaphore) == 0);
	check(cor_semaphore_take(&semaphore) == -ETIMEDOUT);
	cor_scope_leave(&scope);
	return 0;
}

static void test_semaphore_times_out(void **state)
{
	(void)state;
	assert_int_equal(run(give_up_and_get, NULL), 0);
	assert_int_equal(give_up_and_get(NULL), 0);
}

/* Channel: senders and receivers take turns in the order they come. */

struct trade {
	struct cor_channel *channel;
	_Atomic int next;
	_Atomic long sent;
	_Atomic long received;
	_Atomic int sending;
	int turns;
};

static int send_some(struct trade *trade)
{
	for (int i = 1; i <= trade->turns; i++) {
		check(cor_channel_send(trade->channel, (void *)(intptr_t)i) == 0);
		atomic_fetch_add(&trade->sent, i);
	}
	if (atomic_fetch_sub(&trade->sending, 1) == 1)
		cor_channel_close(trade->channel);
	return 0;
}

static int trade_items(void *arg)
{
	struct trade *trade = arg;
	void *item;
	int rc;

	if (atomic_fetch_add(&trade->next, 1) % 2 == 0)
		return send_some(trade);
	while ((rc = cor_channel_receive(trade->channel, &item)) == 0)
		atomic_fetch_add(&trade->received, (intptr_t)item);
	check(rc == -COR_ECLOSED);
	return 0;
}

static void test_channel_loses_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(casts); i++) {
		int players = casts[i].fibers + casts[i].far_fibers + casts[i].threads;
		struct trade trade = { .turns = rounds(2000), .sending = players / 2 };
		assert_int_equal(cor_channel_create(3, &trade.channel), 0);
		play(casts[i], trade_items, &trade);
		assert_int_equal(
			trade.sent, (long)trade.turns * (trade.turns + 1) / 2 * (players / 2));
		assert_int_equal(trade.received, trade.sent);
		cor_channel_destroy(trade.channel);
	}
}

static int send_one(void *arg)
{
	return cor_channel_send(arg, arg);
}

static int close_a_full_one(void *arg)
{
	struct cor_channel *channel;
	struct cor_fiber *fiber;
	struct cor_scope scope;
	void *item = NULL;
	int result = 0;

	(void)arg;
	check(cor_channel_create(0, &channel) == -EINVAL);
	check(cor_channel_create(SIZE_MAX / 4, &channel) == -ENOMEM);
	check(cor_channel_create(1, &channel) == 0);
	cor_scope_enter(&scope, 5);
	check(cor_channel_receive(channel, &item) == -ETIMEDOUT && item == NULL);
	check(cor_channel_send(channel, channel) ==
		-ETIMEDOUT); /* on channels the deadline comes first */
	cor_scope_leave(&scope);
	check(cor_channel_send(channel, channel) == 0);
	check(cor_fiber_start(NULL, send_one, channel, NULL, &fiber) == 0);
	check(cor_yield() == 0);
	cor_channel_close(channel);
	cor_fiber_join(fiber, &result);
	check(result == -COR_ECLOSED);
	check(cor_channel_send(channel, channel) == -COR_ECLOSED);
	check(cor_channel_receive(channel, &item) == 0 && item == channel);
	check(cor_channel_receive(channel, &item) == -COR_ECLOSED);
	cor_channel_destroy(channel);
	cor_channel_destroy(NULL);
	return 0;
}

static void test_channel_closes(void **state)
{
	(void)state;
	assert_int_equal(run(close_a_full_one, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mutex_excludes),
		cmocka_unit_test(test_mutex_serves_in_order),
		cmocka_unit_test(test_condition_wakes_all),
		cmocka_unit_test(test_condition_times_out),
		cmocka_unit_test(test_semaphore_limits),
		cmocka_unit_test(test_semaphore_times_out),
		cmocka_unit_test(test_channel_loses_nothing),
		cmocka_unit_test(test_channel_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
