#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command line of a test program, and what it tells in each form. usage: test_reports.py SAMPLE"""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from program import Events, Run, run_checks

SAMPLE = sys.argv[1]
SOME = ('passes', 'fails', 'exits', 'is_skipped', 'fails_as_expected', 'passes_unexpectedly', 'parts.has_subtests')


class Like(unittest.TestCase):
	"""The same as SOME."""

	def passes(self):
		pass

	def fails(self):
		self.assertEqual(2 + 2, 5)

	def exits(self):
		raise SystemError

	def is_skipped(self):
		self.skipTest('not on Mondays')

	@unittest.expectedFailure
	def fails_as_expected(self):
		self.fail()

	@unittest.expectedFailure
	def passes_unexpectedly(self):
		pass

	def has_subtests(self):
		for i in range(4):
			with self.subTest(i=i):
				self.assertEqual(i % 2, 0)


def by_unittest():
	"""Letters and last line of unittest for SOME."""
	suite = unittest.TestSuite(Like(name.split('.')[-1]) for name in SOME)
	with tempfile.TemporaryFile('w+') as out:
		unittest.TextTestRunner(out).run(suite)
		out.seek(0)
		lines = out.read().splitlines()
	return lines[0], lines[-1]


def test_letters_and_summary_are_unittests():
	lines = Run(SAMPLE, '--letters', *SOME).out.splitlines()
	assert (lines[0], lines[-1]) == by_unittest(), (lines[0], lines[-1], by_unittest())
	assert re.search(r'^Ran 7 tests in \d+\.\d{3}s$', '\n'.join(lines), re.M), lines


def test_what_passes_is_silent():
	run = Run(SAMPLE, '--letters', 'passes')
	assert run.out.startswith('.\n---') and run.out.endswith('\nOK\n') and 'nobody sees this' not in run.out, run.out
	assert 'seen on failure' in Run(SAMPLE, '--letters', 'fails').out


def test_names():
	out = Run(SAMPLE, '-v', *SOME).out
	for line in 'passes ... ok', 'fails ... FAIL', 'exits ... ERROR', "is_skipped ... skipped 'not on Mondays'", \
			'fails_as_expected ... expected failure', 'passes_unexpectedly ... unexpected success':
		assert line in out, out


def test_tap():
	lines = Run(SAMPLE, *SOME).out.splitlines()
	assert lines[0] == 'ok 1 - passes' and lines[-1] == '1..7', lines
	assert 'not ok 2 - fails' in lines and 'ok 4 - is_skipped # SKIP not on Mondays' in lines, lines
	assert 'not ok 5 - fails_as_expected # TO' + 'DO issue 12' in lines and 'not ok 6 - passes_unexpectedly' in lines, lines
	assert all(re.match(r'(not )?ok \d+ - |# |1\.\.', line) or line == '#' for line in lines), lines


def test_events():
	run = Events(SAMPLE, *SOME)
	assert run.all[0]['event'] == 'run' and run.all[0]['tests'] == 7 and run.all[-1]['event'] == 'done', run.all
	assert [e['test'] for e in run.all if e['event'] == 'begin'] == list(SOME)
	fails = run.ended['fails']
	assert fails['state'] == 'failed' and fails['file'].endswith('sample.c') and fails['ms'] > 0, fails
	assert {k: run.done[k] for k in ('failures', 'errors', 'skipped', 'expected_failures', 'unexpected_successes', 'status')} == \
		{'failures': 3, 'errors': 1, 'skipped': 1, 'expected_failures': 1, 'unexpected_successes': 1, 'status': 1}, run.done
	listed = [json.loads(line) for line in Run(SAMPLE, '--list', '--events', 'passes').out.splitlines()]
	assert len(listed) == 1 and listed[0]['test'] == 'passes' and listed[0]['line'] > 0, listed


def test_junit():
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'junit.xml')
		Run(SAMPLE, '--junit', path, *SOME)
		suite = ElementTree.parse(path).getroot().find('testsuite')
	assert {k: suite.get(k) for k in ('tests', 'failures', 'errors', 'skipped')} == \
		{'tests': '7', 'failures': '3', 'errors': '1', 'skipped': '2'}, suite.attrib
	cases = {c.get('name'): c for c in suite.findall('testcase')}
	assert '2 + 2 is not 5' in cases['fails'].find('failure').text and float(cases['fails'].get('time')) >= 0
	assert 'seen on failure' in cases['fails'].find('system-out').text and cases['exits'].find('error') is not None
	assert cases['is_skipped'].find('skipped').get('message') == 'not on Mondays' and cases['passes'].get('classname')


def test_sonar():
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'sonar.xml')
		Run(SAMPLE, '--sonar', path, *SOME)
		root = ElementTree.parse(path).getroot()
	assert root.tag == 'testExecutions' and root.get('version') == '1' and len(root.findall('file')) == 1
	cases = {c.get('name'): c for c in root.find('file').findall('testCase')}
	assert root.find('file').get('path').endswith('sample.c') and len(cases) == 7 and cases['passes'].get('duration').isdigit()
	assert cases['fails'].find('failure') is not None and cases['exits'].find('error') is not None
	assert cases['is_skipped'].find('skipped') is not None and len(cases['passes']) == 0


def test_a_file_that_cannot_be_written():
	run = Run(SAMPLE, '--junit', '/nowhere/at/all.xml', 'passes')
	assert run.status == 3 and '--junit /nowhere/at/all.xml cannot be written: ' in run.err, run.err


def names(*arguments):
	return Run(SAMPLE, '--list', *arguments).out.split('\n')[:-1]


def test_words_of_names():
	assert names('-k', 'passes or (year and not 400)') == ['passes', 'passes_unexpectedly', 'parts.a_year[by 4]', 'parts.a_year[by 100]']
	assert names('-k', 'PASSES and unexpectedly') == ['passes_unexpectedly']
	assert names('-k', 'not leaves and leaks.') == [n for n in names('leaks') if 'leaves' not in n]
	for wrong in 'and', 'a or', '(a', 'a b', 'a )', '', 'not', '(' * 40:
		run = Run(SAMPLE, '-k', wrong)
		assert run.status == 4 and f'-k {wrong}: a word' in run.err, (wrong, run.err)


def test_names_of_tests():
	assert names('parts.a_year') == [f'parts.a_year[{n}]' for n in ('by 4', 'by 100', 'by 400')]
	assert names('parts.a_year[by 4]', 'passes') == ['passes', 'parts.a_year[by 4]']
	assert len(names('leaks')) > 5 and all(n.startswith('leaks.') for n in names('leaks'))
	run = Run(SAMPLE, 'no_such')
	assert run.status == 4 and 'no_such: no such test' in run.err, run.err


def test_statuses():
	assert Run(SAMPLE, 'passes').status == 0 and Run(SAMPLE, 'fails').status == 1 and Run(SAMPLE, 'exits').status == 1
	assert Run(SAMPLE, '-k', 'nothing_at_all').status == 5
	for arguments, text in ((['--nonsense'], 'no such option'), (['--jobs'], 'needs a value'), (['--jobs', 'x'], 'a whole number'),
			(['--tap', '--events'], 'one of them'), (['--list=1'], 'takes no value')):
		run = Run(SAMPLE, *arguments)
		assert run.status == 4 and text in run.err, (arguments, run.err)
	assert Run(SAMPLE, '--help').status == 0 and '--junit FILE' in Run(SAMPLE, '--help').out


def order(*arguments):
	return [e['test'] for e in Events(SAMPLE, *arguments, '-k', 'a_year or passes or reads').all if e['event'] == 'begin']


def test_shuffle():
	plain = order()
	assert order('--seed', '7') == order('--seed', '7') and sorted(order('--seed', '7')) == sorted(plain)
	assert len({tuple(order('--seed', str(seed))) for seed in range(1, 9)}) > 3
	run = Events(SAMPLE, '--shuffle', '-k', 'a_year')
	again = Events(SAMPLE, '--seed', str(run.all[0]['seed']), '-k', 'a_year')
	assert [e['test'] for e in run.all if 'test' in e] == [e['test'] for e in again.all if 'test' in e]
	assert re.search(r'--seed 7\b', Run(SAMPLE, '--letters', '--seed', '7', 'passes').out)


def test_failfast():
	begun = [e['test'] for e in Events(SAMPLE, '-x', 'passes', 'fails', 'exits', 'parts').all if e['event'] == 'begin']
	assert begun == ['passes', 'fails'], begun


def test_jobs():
	one, four = Events(SAMPLE, *SOME), Events(SAMPLE, '-j', '4', *SOME)
	assert {n: e['state'] for n, e in one.ended.items()} == {n: e['state'] for n, e in four.ended.items()}
	waits = Events(SAMPLE, '-j4', '-kmeets')
	assert waits.status == 0, waits.out


def test_repeat():
	assert Run(SAMPLE, '--repeat', '3', 'passes').out.splitlines() == [f'ok {n} - passes' for n in (1, 2, 3)] + ['1..3']
	assert len(Events(SAMPLE, '--repeat', '3', 'fails').all) == 4, 'it stops at the first round that fails'


def test_last_failed():
	"""In a copy: beside the program there is a file with names."""
	with tempfile.TemporaryDirectory() as folder:
		program = os.path.join(folder, 'sample')
		with open(SAMPLE, 'rb') as source, open(program, 'wb') as copy:
			copy.write(source.read())
		os.chmod(program, 0o755)
		env = {'LD_LIBRARY_PATH': os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(SAMPLE)))) + ':' +
			os.environ.get('LD_LIBRARY_PATH', '')}
		begun = lambda *a: [e['test'] for e in Events(program, *a, env=env).all if e['event'] == 'begin']  # noqa: E731
		begun('passes', 'fails', 'exits')
		assert begun('--lf') == ['fails', 'exits']
		assert begun('--ff', 'passes', 'exits') == ['exits', 'passes']
		assert begun('--lf') == ['fails', 'exits'], 'those that were not run stay'
		assert begun('--lf', '-k', 'passes and not unex') == ['passes'], 'of none that failed all are run'
		os.unlink(program + '.failed')
		begun('passes')
		assert not os.path.exists(program + '.failed')


def test_time_limits_of_the_command_line():
	assert 'still running after' in Events(SAMPLE, '--timeout', '50', 'hangs').text('hangs')


def on_terminal(env, *arguments):
	master, slave = pty.openpty()
	child = subprocess.Popen([SAMPLE, *arguments], stdout=slave, env=dict(os.environ, **env))
	os.close(slave)
	out = b''
	while True:
		try:
			data = os.read(master, 65536)
		except OSError:
			break
		if not data:
			break
		out += data
	child.wait()
	os.close(master)
	return out.decode()


def test_a_terminal_has_letters_and_colour():
	env = {k: v for k, v in os.environ.items() if k != 'NO_COLOR'}
	os.environ.pop('NO_COLOR', None)
	out = on_terminal(env, 'passes')
	assert '\033[32m.\033[0m' in out and 'OK' in out, out
	out = on_terminal({'NO_COLOR': '1'}, 'passes')
	assert '\033' not in out and out.startswith('.'), out
	assert '\033' not in Run(SAMPLE, '--letters', 'fails').out


def test_an_interrupt():
	for number in signal.SIGINT, signal.SIGTERM:
		child = subprocess.Popen([SAMPLE, '--events', '--timeout', '60000', 'hangs', 'passes'], stdout=subprocess.PIPE, text=True)
		line = ''
		while '"begin"' not in line or '"hangs"' not in line:
			line = child.stdout.readline()
		child.send_signal(number)
		rest = [json.loads(line) for line in child.stdout.read().splitlines()]
		assert child.wait() == 2 and [e['event'] for e in rest] == ['done'] and rest[0]['status'] == 2, rest


def test_capture_can_be_left_out():
	run = Run(SAMPLE, '-s', 'passes')
	assert run.out == 'ok 1 - passes\n1..1\n' and 'nobody sees this' in run.err, (run.out, run.err)
	assert 'nobody sees this' in Run(SAMPLE, '-s', '--letters', 'passes').out


run_checks(sys.modules[__name__])
