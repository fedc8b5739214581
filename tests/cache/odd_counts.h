/* SPDX-License-Identifier: MIT */
/** What test_odd.c has of figures, of the log, and of copies that are near. */
#ifndef CORACLE_TESTS_CACHE_ODD_COUNTS_H
#define CORACLE_TESTS_CACHE_ODD_COUNTS_H

void test_a_failure_is_told_once(void **state);
void test_a_copy_is_no_recovery(void **state);
void test_machines_with_copies_make_once(void **state);
void test_there_is_no_copy_of_a_lease(void **state);
void test_copies_of_several_are_counted(void **state);
void test_each_call_is_counted_once(void **state);

#endif
