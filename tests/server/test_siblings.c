/* SPDX-License-Identifier: MIT */
/* When a process's row in the table of siblings asks for clients, and which of them it gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection/listener.h"
#include "connection/siblings.h"

static struct cor_sibling_table table;

static void expect_row(uint32_t generation)
{
	assert_int_equal(atomic_load(&table.items[0].generation), generation);
}

static struct cor_siblings open_row(uint32_t row, uint32_t generation)
{
	struct cor_siblings siblings = { .table = &table, .self = row, .generation = generation };

	table.token = (uint64_t)getpid(); /* the names of inboxes are the machine's */
	assert_int_equal(cor_siblings_open(&siblings), 0);
	return siblings;
}

static void test_one_that_has_left_stays_out(void **state)
{
	struct cor_siblings siblings = open_row(0, 7);

	(void)state;
	expect_row(0);
	cor_siblings_join(&siblings);
	expect_row(7);
	cor_siblings_rest(&siblings);
	expect_row(0);
	cor_siblings_join(&siblings);
	expect_row(7);
	/* as a loop whose descriptors are back, once the watchdog has found a thread held */
	cor_siblings_rest(&siblings);
	cor_siblings_leave(&siblings);
	cor_siblings_join(&siblings);
	expect_row(0);
	cor_siblings_close(&siblings);
}

/*
 * A worker has looked at a row of its generation, and before it sends the client a worker of the
 * next one, which listens elsewhere or speaks something else there, has taken the row over.
 */
static void test_a_client_goes_to_its_generation_alone(void **state)
{
	const struct cor_parcel sent = { .listener = 1 };
	struct cor_siblings sender = open_row(0, 7);
	struct cor_siblings same = open_row(1, 7);
	struct cor_parcel received;

	(void)state;
	cor_siblings_join(&same);
	assert_true(cor_siblings_hand_over(&sender, 100, &sent, STDOUT_FILENO));
	int fd = cor_siblings_receive(&same, &received);
	assert_true(fd >= 0);
	assert_int_equal(received.listener, 1);
	close(fd);
	cor_siblings_close(&same);
	struct cor_siblings next = open_row(1, 8);
	atomic_store(&table.items[1].generation, 7); /* what the sender saw */
	assert_false(cor_siblings_hand_over(&sender, 100, &sent, STDOUT_FILENO));
	assert_int_equal(cor_siblings_receive(&next, &received), -EAGAIN);
	cor_siblings_close(&next);
	cor_siblings_close(&sender);
}

static void test_a_client_of_no_listener_is_refused(void **state)
{
	const struct cor_parcel parcel = { .listener = 1 };
	const struct cor_connection_settings settings = { .idle_timeout_ms = 1000 };
	struct cor_siblings sender = open_row(0, 7);
	struct cor_siblings siblings = open_row(1, 7);
	struct cor_counts counts = { 0 };
	const struct cor_share share = {
		.connections_max = 10, .fibers_max = 1, .counts = &counts, .siblings = &siblings
	};
	struct cor_loop loop;
	struct cor_loop *const loops[] = { &loop };
	struct cor_loop_group group = { .share = &share, .loops = loops };
	char byte;
	int ends[2];

	(void)state;
	cor_loops_init(&group, 1);
	const struct cor_loop_options options = { .settings = &settings, .group = &group };
	assert_int_equal(cor_loop_init(&loop, &options), 0);
	cor_siblings_join(&siblings);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_true(cor_siblings_hand_over(&sender, 100, &parcel, ends[0]));
	close(ends[0]);
	assert_true(cor_listener_take_parcel(&loop));
	assert_int_equal(read(ends[1], &byte, 1), 0);
	close(ends[1]);
	assert_int_equal(atomic_load(&table.items[1].connections), 0);
	cor_loop_finish(&loop);
	cor_loops_finish(&group);
	cor_siblings_close(&siblings);
	cor_siblings_close(&sender);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_that_has_left_stays_out),
		cmocka_unit_test(test_a_client_goes_to_its_generation_alone),
		cmocka_unit_test(test_a_client_of_no_listener_is_refused),
	};

	return cmocka_run_group_tests_name("connection/siblings", tests, NULL, NULL);
}
