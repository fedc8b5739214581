#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each way in which a test ends is told as what it is, and costs no other test. usage: test_ends.py SAMPLE"""

import os
import re
import sys

from program import Events, Run, run_checks

SAMPLE = sys.argv[1]
NM = Run('nm', SAMPLE).out
ASAN, TSAN = (re.search(rf' [TU] __{name}_init', NM) for name in ('asan', 'tsan'))
SANITIZED = ASAN or TSAN
ALL = Events(SAMPLE, '-j2') # two of them wait for one another


def test_passes():
	assert ALL.state('passes') == 'passed' and ALL.text('passes') == '', ALL.ended['passes']


def test_a_failure_goes_on_until_one_is_required():
	text = ALL.text('fails')
	assert ALL.state('fails') == 'failed', text
	assert '2 + 2 is not 5\n    is      4\n    wanted  5\n' in text and '"b" is not "a"' in text and 'reached' not in text, text
	assert re.search(r'sample\.c:\d+: 2 \+ 2', text) and ALL.ended['fails']['line'] > 0, text
	assert ALL.output('fails') == 'seen on failure\nand this\n', ALL.output('fails')


def test_a_crash_is_one_failed_test_with_its_stack():
	assert ALL.state('crashes') == 'error' and ALL.state('aborts') == 'error'
	if SANITIZED:
		assert 'SEGV' in ALL.output('crashes'), ALL.ended['crashes']
		return
	assert re.search(r'died of SIGSEGV at address 0x10, here:\n    write_to at .*sample\.c:\d+\n    crashes at .*sample\.c:\d+\n$',
		ALL.text('crashes')), ALL.text('crashes')
	assert 'died of SIGABRT' in ALL.text('aborts') and re.search(r'aborts at .*sample\.c:\d+', ALL.text('aborts')), ALL.text('aborts')


def test_a_hang_is_ended_and_shows_where():
	text = ALL.text('hangs')
	assert ALL.state('hangs') == 'error' and 'still running after 1' in text, text
	assert re.search(r'wait_for_ever (at|in)', text) and re.search(r'hangs (at|in) ', text), text


def test_a_hang_that_hears_nothing_is_ended_too():
	assert ALL.state('hangs_deaf') == 'error' and 'still running' in ALL.text('hangs_deaf'), ALL.ended['hangs_deaf']


def test_an_exit_is_no_success():
	assert ALL.state('exits') == 'error' and 'somebody called exit()' in ALL.text('exits'), ALL.ended['exits']


def test_skips():
	assert ALL.state('is_skipped') == 'skipped' and ALL.ended['is_skipped']['reason'] == 'not on Mondays'
	assert ALL.state('must_not_run') == 'skipped' and ALL.ended['must_not_run']['reason'] == 'by its table'


def test_expected_failures():
	assert ALL.state('fails_as_expected') == 'expected failure'
	assert ALL.state('passes_unexpectedly') == 'unexpected success'
	assert Run(SAMPLE, '-k', 'fails_as_expected').status == 0
	assert Run(SAMPLE, '-k', 'passes_unexpectedly').status == 1


def test_what_is_left_behind():
	assert 'descriptor' in ALL.text('leaks.leaves_descriptor') and 'open on /dev/null' in ALL.text('leaks.leaves_descriptor')
	if not TSAN:
		assert '1 running thread' in ALL.text('leaks.leaves_thread'), ALL.ended['leaks.leaves_thread']
	for name in 'child', 'daemon', 'family', 'traced_child', 'child_of_thread':
		ended = ALL.ended[f'leaks.leaves_{name}']
		assert 'a child process, which has been ended now' in ended['text'] and ended['ms'] < 10000, ended


def test_memory():
	assert ALL.state('leaks.keeps_memory') == 'passed', ALL.ended['leaks.keeps_memory']
	assert ALL.state('leaks.frees_memory') == 'passed', ALL.ended['leaks.frees_memory']
	assert ALL.state('leaks.prints_texts') == 'passed', ALL.ended['leaks.prints_texts']
	assert ALL.state('leaks.sets_variables_anew') == 'passed', ALL.ended['leaks.sets_variables_anew']
	if not SANITIZED:
		for name in 'leaks.leaves_memory', 'leaks.keeps_and_leaves_memory': # what it keeps once is not told
			growth = re.search(r'left behind: (\d+) bytes of memory, each time', ALL.text(name))
			assert growth and 48 <= int(growth.group(1)) < 4096, ALL.ended[name]
	if ASAN:
		assert 'LeakSanitizer' in ALL.text('leaks.leaves_memory'), ALL.ended['leaks.leaves_memory']


def test_leaks_are_allowed_where_somebody_says_so():
	assert Events(SAMPLE, '--no-leaks', 'leaks.leaves_descriptor').status == 0
	assert ALL.state('leaks.may_leave_descriptor') == 'passed', ALL.ended['leaks.may_leave_descriptor']


def test_the_folder_goes_even_after_a_crash():
	path = re.search(r'folder (\S+)', ALL.output('leaks.crashes_in_folder')).group(1)
	assert ALL.state('leaks.crashes_in_folder') == 'error' and not os.path.exists(os.path.dirname(path)), path


def test_subtests_fail_one_by_one():
	text = ALL.text('parts.has_subtests')
	assert ALL.state('parts.has_subtests') == 'failed' and '(i=1)' in text and '(i=3)' in text and '(i=0)' not in text, text


def test_rows():
	for name in 'by 4', 'by 100', 'by 400':
		assert ALL.state(f'parts.a_year[{name}]') == 'passed'


def test_the_environment_is_put_back():
	assert ALL.state('parts.sets_variable') == 'passed', ALL.ended['parts.sets_variable']
	assert Events(SAMPLE, '--no-fork', 'parts.sets_variable', 'parts.sees_variable').status == 0


def test_output_can_be_read():
	assert ALL.state('parts.reads_output') == 'passed', ALL.ended['parts.reads_output']


def test_a_requirement_on_another_thread():
	assert ALL.state('parts.requires_on_thread') == 'failed', ALL.ended['parts.requires_on_thread']
	assert 'not so: arg == NULL' in ALL.text('parts.requires_on_thread')


def test_endless_output_fills_nothing():
	assert ALL.state('parts.prints_much') == 'failed' and len(ALL.output('parts.prints_much')) <= 65536


def test_text_that_is_no_utf8():
	assert ALL.output('parts.prints_bytes') == 'a?b\n', ALL.ended['parts.prints_bytes']


def test_without_processes():
	run = Events(SAMPLE, '--no-fork', 'passes', 'fails', 'parts')
	assert run.state('passes') == 'passed' and run.state('fails') == 'failed' and run.state('parts.has_subtests') == 'failed'


run_checks(sys.modules[__name__])
