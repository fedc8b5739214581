#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mocks, beside unittest.mock where that has the same. usage: test_mocks.py MOCKS"""

import os
import re
import subprocess
import sys
import tempfile
from unittest import mock

from program import Events, run_checks

PROGRAM = sys.argv[1]
ALL = Events(PROGRAM)


def said(test):
	return re.sub(r'^\S*mocks\.c:\d+: ', '', ALL.text(test), flags=re.M)


def test_what_mocks_do():
	bad = {n: e['text'] for n, e in ALL.ended.items() if n.startswith('does.') and e['state'] != 'passed'}
	assert len(ALL.ended) > 14 and not bad, bad


def test_without_processes_each_test_begins_anew():
	run = Events(PROGRAM, '--no-fork', 'does')
	assert run.status == 0, run.out


def test_values_that_are_used_up():
	assert said('fails.has_no_value_left') == 'parcel_count(): is called once more than cor_mock_returns() has values for\n'
	assert ALL.text('fails.has_no_value_left_on_thread').count('once more than') == 1, ALL.ended['fails.has_no_value_left_on_thread']
	assert 'not reached' not in ALL.text('fails.has_no_value_left_on_thread')


def test_nothing_is_said_of_what_is_not_used():
	text = said('fails.is_asked_too_early')
	assert text.count('is not used in this test yet: cor_mock_spy(t, ') == 4, text


def test_what_failures_show():
	text = said('fails.was_called_otherwise')
	assert text.startswith('''parcel_count was called 1 time, wanted 0
    calls   parcel_count()
parcel_weigh was called 3 times, wanted 2
    calls   parcel_weigh(id = 1, name = "a")
            parcel_weigh(id = 2, name = "b")
            parcel_weigh(id = 3, name = "c")
the last call was another, or there was none
    wanted  parcel_weigh(id = 2)
    calls   parcel_weigh(id = 1, name = "a")
'''), text
	for line in 'this was not the only call', 'there was no such call', 'not all of these calls were made', 'parcel_weigh was not called':
		assert line + '\n' in text, text
	assert text.count('there were no such calls, one right after the other') == 2 and 'there was no call\n' in text, text


def test_mocks_of_what_runs_once():
	assert ALL.state('fixtures of group once') == 'error' and 'not for what runs once' in ALL.text('fixtures of group once')


def has_calls(calls, wanted, any_order):
	try:
		calls.assert_has_calls(wanted, any_order=any_order)
	except AssertionError:
		return False
	return True


def test_has_calls_is_unittests():
	"""The same questions as in mocks.c, to the same calls."""
	parent = mock.Mock()
	parent.weigh(1, 'a')
	parent.count()
	parent.weigh(2, 'b')
	parent.weigh(3, 'c')
	call = mock.call
	assert has_calls(parent.weigh, [call(1, 'a'), call(2, 'b')], False)
	assert has_calls(parent, [call.weigh(1, 'a'), call.count(), call.weigh(2, 'b')], False)
	assert has_calls(parent.weigh, [call(3, 'c'), call(1, 'a')], True)
	assert not has_calls(parent.weigh, [call(1, 'a'), call(3, 'c')], False)
	assert not has_calls(parent, [call.weigh(2, 'b'), call.count()], False)
	assert not has_calls(parent, [call.count(), call.count()], True)


def test_a_mock_that_the_linker_knows_nothing_of():
	"""Without --wrap the program is not linked."""
	here, build = os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.abspath(PROGRAM)) + '/../..'
	with tempfile.TemporaryDirectory() as folder:
		link = subprocess.run(['cc', '-I', here + '/../../include', here + '/mocks.c', here + '/parcel.c', '-L', build, '-lcoracle-testing',
			'-lcoracle', '-o', folder + '/mocks'], capture_output=True, text=True)
	assert link.returncode and 'undefined reference to `__real_parcel_weigh' in link.stderr, link.stderr


run_checks(sys.modules[__name__])
