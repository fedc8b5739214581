#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What goes wrong with a service inside a test is told as what it is. usage: test_service_ends.py SAMPLE"""

import re
import sys

from program import Events, run_checks

ALL = Events(sys.argv[1])


def fails(test, *parts):
	text = ALL.text(test)
	assert ALL.state(test) == 'failed', ALL.ended[test]
	for part in parts:
		assert part in text, text
	assert re.search(r'sample_service\.c:\d+: ', text), text


def test_a_held_thread_fails_the_test():
	fails('held', 'the thread was held for 1', 'by GET /hold?ms=100', 'an executor')


def test_a_fiber_that_is_left_fails_it():
	fails('leak', 'a fiber is left at the end of the test: forgotten, which waits in cor_sleep_ms')


def test_a_request_that_is_forgotten_fails_it():
	fails('forgotten', 'GET /nap?ms=2000 was never finished')
	assert 'a fiber is left' not in ALL.text('forgotten'), ALL.text('forgotten')


def test_a_status_is_told_with_its_problem():
	fails('wrong_status', 'GET /books/99: the status is not 2xx: 404 Not Found: no book 99')
	assert 'GET /books/99 404' in ALL.output('wrong_status'), ALL.output('wrong_status')


def test_violations_are_told_by_pointer():
	fails('violations', '422', '/title: must have at least 1 character', '/pages: must be at least 1')


def test_an_answer_is_held_to_its_schema():
	fails('wrong_schema', 'GET /work: its answer breaks draft_schema: /title is required', '{"cents":0}')


def test_a_detail_is_compared():
	fails('wrong_detail', 'is     no book 99', 'wanted no such book')


def test_patience_ends():
	fails('never', 'GET /nap?ms=2000: no answer after 1000 ms of the test\'s time')


def test_what_keeps_it_from_starting_is_told():
	text = ALL.text('wrong_settings')
	assert 'the service does not start' in text, text
	assert re.match(r'\S*sample_service\.c:\d+: the service', text), text
	assert '--greting: is not an option; did you mean --greeting?' in ALL.output('wrong_settings'), ALL.ended['wrong_settings']


def test_a_call_that_the_script_has_not_is_told():
	fails('no_line', '502')
	assert 'the script has no line for this request (GET /prices/7)' in ALL.output('no_line'), ALL.output('no_line')


def test_an_answer_that_nobody_asks_for_is_told():
	fails('never_asked', 'the answer of cor_test_upstream() to any request /prices/7 was never asked for')
	assert ALL.text('never_asked').count('never asked for') == 1, ALL.text('never_asked')
	assert ALL.state('skipped_before_it_asks') == 'skipped', ALL.ended['skipped_before_it_asks']


def test_a_mutex_that_is_locked_fails_it():
	text = ALL.text('locks')
	assert ALL.state('locks') == 'failed' and text.count('left behind: a mutex that is locked, here:') == 1, ALL.ended['locks']
	assert re.search(r'^    locks (at \S*sample_service\.c:\d+|in )', text, re.M), text
	assert ALL.state('may_lock') == 'passed', ALL.ended['may_lock']


def test_the_log_is_read():
	fails('not_logged', 'the log has no line with "the shelf is empty"')


def test_a_figure_that_is_not_there_is_told_with_its_kin():
	fails('no_figure', 'there is no figure coracle_connections; there are:', 'coracle_connections_open 0')


def test_a_service_of_a_before_is_refused():
	assert 'use it in before_each' in ALL.text('group.in_a_before'), ALL.ended


def test_operations_are_told():
	seen = ALL.ended['wrong_status']['operations']
	assert seen == [{'method': 'GET', 'operation': 'get_book', 'status': 404}], seen
	assert 'operations' not in ALL.ended['wrong_settings'], ALL.ended['wrong_settings']


def test_chance_is_the_same_in_each_run():
	again = Events(sys.argv[1], 'wrong_status')
	assert re.search(r'\[[0-9a-f]{16}\]', ALL.output('wrong_status')) and again.output('wrong_status') == ALL.output('wrong_status'), again.out


run_checks(sys.modules[__name__])
