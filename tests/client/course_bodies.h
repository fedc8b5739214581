/* SPDX-License-Identifier: MIT */
/** What test_course.c has of bodies. */
#ifndef CORACLE_TESTS_CLIENT_COURSE_BODIES_H
#define CORACLE_TESTS_CLIENT_COURSE_BODIES_H

void test_sources(void **state);
void test_sources_that_fail(void **state);
void test_a_source_that_takes_too_long(void **state);
void test_a_body_that_nobody_wants(void **state);
void test_answers_in_pieces(void **state);
void test_an_answer_that_is_cut(void **state);
void test_codings(void **state);
void test_codings_that_nobody_asked_for(void **state);
void test_bombs(void **state);

#endif
