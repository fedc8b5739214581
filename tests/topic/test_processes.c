/* SPDX-License-Identifier: MIT */
/* A topic over processes, which may die or stop at any instruction. */
#include "topics.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "../segment/steps.h"
#include "runtime/clock.h"
#include "segment/segment.h"
#include "topic/board.h"

static const struct cor_topic plain = { .name = "plain", .keep = 10 };
static const struct cor_topic *const list[] = { &plain, NULL };

static struct cor_segment segment;
static struct cor_topic_board *board;

static void *make_region(size_t bytes, int (*init)(void *region, size_t bytes))
{
	const struct cor_region_options options = {
		.name = "topics", .bytes = bytes, .init = init
	};
	void *region = NULL;

	assert_int_equal(cor_segment_create(bytes + 8192, &segment), 0);
	assert_int_equal(cor_segment_region(&segment, &options, &region), 0);
	return region;
}

static void make_board(void)
{
	board = make_region(sizeof *board, cor_topic_board_init);
}

static void drop_board(void)
{
	cor_segment_detach(&segment);
}

/* --- several of them --- */

/* In a child: get that many messages in order, each from 0 on. */
static int follow(uint32_t slot, int ready, int len)
{
	const struct cor_topics_options options = { .topics = list, .board = board, .slot = slot };
	struct place place = { 0 };
	struct cor_subscription *subscription;
	struct cor_ctx ctx;

	check(cor_topics_create(&options, &place.topics) == 0);
	place.environment.topics = place.topics;
	begin_ctx(&place, &ctx);
	check(cor_subscribe(&ctx, &plain, NULL, &subscription) == 0);
	check(write(ready, "x", 1) == 1);
	for (int i = 0; i < len; i++)
		check(receive(subscription, NULL) == i);
	end_ctx(&ctx);
	close_place(&place);
	return 0;
}

static pid_t start_follower(uint32_t slot, int len)
{
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		alarm(20);
		_exit(follow(slot, ready[1], len) == 0 ? 0 : 1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return child;
}

static void other_processes_get_what_is_published(void **state)
{
	struct place place;
	pid_t followers[3];

	(void)state;
	make_board();
	open_place(&place, list, board);
	for (uint32_t i = 0; i < 3; i++)
		followers[i] = start_follower(i + 1, 200);
	publish_some(&place, &plain, 0, 200);
	for (int i = 0; i < 3; i++)
		reap(followers[i]);
	close_place(&place);
	drop_board();
}

static void one_that_is_killed_holds_nobody_up(void **state)
{
	struct place place;

	(void)state;
	make_board();
	open_place(&place, list, board);
	pid_t dead = start_follower(1, 200), other = start_follower(2, 200);
	publish_some(&place, &plain, 0, 100);
	kill_child(dead);
	publish_some(&place, &plain, 100, 100);
	reap(other);
	close_place(&place);
	drop_board();
}

/* --- one that was stopped in the middle --- */

/* It takes the ring, and is stopped there. */
static pid_t start_holder(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct cor_topic_ring *ring = NULL;
		if (cor_topic_board_ring(board, plain.name, 1, &ring) < 0 ||
			cor_lock_take(&ring->lock, NULL, NULL) < 0)
			_exit(1);
		raise(SIGSTOP);
		cor_lock_give(&ring->lock);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	assert_true(WIFSTOPPED(status));
	return child;
}

static void one_that_is_stopped_costs_its_patience_once(void **state)
{
	struct place place;
	struct cor_subscription *subscription;
	struct cor_ctx ctx;

	(void)state;
	make_board();
	open_place(&place, list, board);
	begin_ctx(&place, &ctx);
	assert_int_equal(cor_subscribe(&ctx, &plain, NULL, &subscription), 0);
	pid_t holder = start_holder();
	int64_t began_ns = cor_monotonic_ns();
	for (int i = 0; i < 1000; i++)
		assert_int_equal(publish(&place, &plain, i), -EBUSY);
	assert_in_range(cor_monotonic_ns() - began_ns, 15000000, 1000000000);
	kill(holder, SIGCONT);
	reap(holder);
	assert_int_equal(publish(&place, &plain, 7), 0);
	assert_int_equal(receive(subscription, NULL), 7);
	end_ctx(&ctx);
	close_place(&place);
	drop_board();
}

/* --- one that dies at any instruction --- */

#define BYTES 500 /* of a message */

static struct cor_topic_ring *ring;
static struct cor_topic_ring full;
static char text[BYTES];

static int64_t soon_ns(void)
{
	return cor_system_clock.realtime_ns(&cor_system_clock) + 1000000000;
}

static int write_one(char letter, size_t len)
{
	const struct cor_topic_draft draft = { COR_STR("event"), { text, len } };

	memset(text, letter, len);
	return cor_topic_ring_write(ring, &draft, soon_ns());
}

/* So near its end that the next record wraps around, and overwrites the first ones. */
static void fill_ring(void)
{
	assert_int_equal(cor_topic_ring_init(ring, "plain", 100), 0);
	while (atomic_load(&ring->head) + BYTES + 100 < COR_TOPIC_BYTES)
		assert_int_equal(write_one('a', BYTES), 0);
	memcpy(&full, ring, sizeof full);
}

static void restore_ring(void)
{
	memcpy(ring, &full, sizeof full);
}

static void write_another(void)
{
	if (write_one('b', BYTES) < 0)
		abort();
}

/* Each record is whole, and ids follow each other. */
static void check_ring(void)
{
	struct cor_topic_place place;
	static char room[COR_TOPIC_BYTES];
	struct cor_topic_record record;
	ssize_t bytes;

	assert_int_equal(cor_topic_ring_find(ring, 1000000, soon_ns(), &place), 0);
	uint64_t id = place.next_id;
	bytes = cor_topic_ring_read(ring, &place.position, room, sizeof room, soon_ns());
	assert_true(bytes > COR_TOPIC_BYTES - 2000);
	for (ssize_t at = 0; at < bytes; at += (ssize_t)record.bytes) {
		memcpy(&record, room + at, sizeof record);
		const char *data = room + at + sizeof record + record.event_bytes;
		assert_true(record.id == id || record.id == id + 1); /* one has died before */
		id = record.id + 1;
		assert_int_equal(record.data_bytes, BYTES);
		assert_true(data[0] == 'a' || data[0] == 'b');
		assert_memory_equal(data, data + 1, record.data_bytes - 1);
	}
	assert_true(id == atomic_load(&ring->next_id) || id + 1 == atomic_load(&ring->next_id));
}

static void a_writer_may_die_at_any_instruction(void **state)
{
	const struct scene scene = { .reset = restore_ring,
		.work = write_another,
		.check = check_ring,
		.segment = &segment,
		.stride = 5 };

	(void)state;
	ring = make_region(sizeof *ring, NULL); /* all of it is compared at each step */
	fill_ring();
	long steps = kill_at_each_step(&scene);
	printf("# figure: %ld instructions\n", steps);
	assert_true(steps > 50);
	drop_board();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_processes_get_what_is_published),
		cmocka_unit_test(one_that_is_killed_holds_nobody_up),
		cmocka_unit_test(one_that_is_stopped_costs_its_patience_once),
		cmocka_unit_test(a_writer_may_die_at_any_instruction),
	};

	return _cmocka_run_group_tests(
		"tests", tests, tests_to_run(sizeof tests / sizeof tests[0], 1), NULL, NULL);
}
