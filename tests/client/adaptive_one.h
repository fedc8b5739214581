/* SPDX-License-Identifier: MIT */
/** What test_adaptive.c has of one limit, without a server. */
#ifndef CORACLE_TESTS_CLIENT_ADAPTIVE_ONE_H
#define CORACLE_TESTS_CLIENT_ADAPTIVE_ONE_H

void test_cancelled_calls(void **state);
void test_nothing_but_timeouts(void **state);
void test_nothing_but_503(void **state);
void test_some_fail(void **state);
void test_chance(void **state);
void test_shares(void **state);
void test_a_thread_that_is_gone(void **state);
void test_more_threads_than_rows(void **state);
void test_one_for_all_processes(void **state);
void test_a_full_table(void **state);

#endif
