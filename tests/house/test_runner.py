#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tests/run counts every check, and never calls a failure a success; .ci/run ends with the names of what failed."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import subprocess
import tempfile

import source
from tap import Tap


def load_runner():
	loader = importlib.machinery.SourceFileLoader('runner', os.path.join(source.ROOT, 'tests', 'run'))
	module = importlib.util.module_from_spec(importlib.util.spec_from_loader('runner', loader))
	loader.exec_module(module)
	return module


def test(result, stdout='', returncode=0):
	return {'name': 'sample', 'result': result, 'stdout': stdout, 'stderr': '', 'returncode': returncode}


# What a test program did, and the right count.
CASES = {
	'each line of TAP': (test('FAIL', '1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP why\n', 1), '1 passed, 1 failed, 1 skipped'),
	'an expected failure': (test('OK', '1..1\nnot ok 1 - a # TO' 'DO later\n'), '0 passed, 0 failed, 1 skipped'),
	'a plan after its checks': (test('OK', 'ok 1 - a\nok 2 - b\n1..2\n'), '2 passed, 0 failed, 0 skipped'),
	'a crash after the last check': (test('ERROR', '1..2\nok 1 - a\n', -11), '1 passed, 1 failed, 0 skipped'),
	'a time-out': (test('TIMEOUT', '1..2\nok 1 - a\n', -9), '1 passed, 1 failed, 0 skipped'),
	'a status of 1 after good checks': (test('ERROR', '1..1\nok 1 - a\n', 1), '1 passed, 1 failed, 0 skipped'),
	'a plain program that succeeds': (test('OK', 'all is well\n'), '1 passed, 0 failed, 0 skipped'),
	'a plain program that fails': (test('FAIL', 'ok\n', 1), '0 passed, 1 failed, 0 skipped'),
	'a program that skips itself': (test('SKIP', '', 77), '0 passed, 0 failed, 1 skipped'),
	'a plan to skip all': (test('SKIP', '1..0 # SKIP nothing here\n'), '0 passed, 0 failed, 1 skipped'),
}


def counted(runner, sample):
	count = runner.Count()
	with contextlib.redirect_stdout(io.StringIO()):
		runner.add_test(count, sample)
	return str(count)


def named(name, *args):
	return dict(test(*args), name=f'coracle / {name}')


CRASH = ('ERROR', '1..1\nok 1 - a\n', -11)
SKIPPED = ('OK', '1..1\nok 1 - a # SKIP no tool\n')
GOOD, BAD = ('OK', '1..1\nok 1 - a\n'), ('FAIL', '1..1\nnot ok 1 - a\n# why\n', 1)

# What the programs do at first and alone; then who runs again, the right count, and what is said of it.
TWICE = {
	'what passes alone is named': ({'x': BAD, 'y': GOOD}, {'x': GOOD}, ['x'], '2 passed, 0 failed, 0 skipped',
		'UNSTEADY coracle / x: a\n    # why'),
	'what is skipped alone has failed': ({'x': BAD, 'y': BAD}, {'x': ('SKIP', '1..0 # SKIP no tool'), 'y': SKIPPED}, ['x', 'y'],
		'0 passed, 2 failed, 0 skipped', 'FAILED coracle / y: a'),
	'what fails alone, too, has failed': ({'x': BAD}, {'x': BAD}, ['x'], '0 passed, 1 failed, 0 skipped', 'FAILED coracle / x: a'),
	'of one that died its last words are told': ({'x': ('ERROR', 'ok 1 - a\nTraceback: x\n', 1)}, {'x': GOOD}, ['x'],
		'1 passed, 0 failed, 0 skipped', '    Traceback: x'),
	'a time-out is tried again': ({'x': ('TIMEOUT', '', -9)}, {'x': GOOD}, ['x'], '1 passed, 0 failed, 0 skipped',
		'UNSTEADY coracle / x: TIMEOUT'),
	'a crash is not': ({'x': CRASH, 'y': BAD}, {'x': GOOD, 'y': GOOD}, [], '1 passed, 2 failed, 0 skipped',
		'FAILED coracle / x: ERROR'),
	'nor a crash of its child': ({'x': ('FAIL', '1..1\nnot ok 1 - a\n', 139)}, {'x': GOOD}, [], '0 passed, 1 failed, 0 skipped',
		'FAILED'),
	'nor many': ({name: BAD for name in 'abcdef'}, {name: GOOD for name in 'abcdef'}, [], '0 passed, 6 failed, 0 skipped', 'FAILED'),
	'nor is one that does not run again forgiven': ({'x': BAD}, {}, ['x'], '0 passed, 1 failed, 0 skipped', 'FAILED coracle / x: a'),
}


def twice_faults(runner, first, alone, wanted_again, wanted_count, wanted_text):
	count, said, again = runner.Count(), io.StringIO(), []

	def run_alone(names):
		again.extend(names)
		return [named(name, *alone[name]) for name in names if name in alone]
	with contextlib.redirect_stdout(said):
		for result in runner.settled([named(name, *args) for name, args in first.items()], run_alone):
			runner.add_test(count, result)
	seen = (again, str(count), wanted_text in said.getvalue())
	return [] if seen == (wanted_again, wanted_count, True) else [f'{seen}: {said.getvalue()}']


def report_faults(runner):
	"""A sanitizer report from any process is a failure, and is shown."""
	count, said = runner.Count(), io.StringIO()
	with tempfile.TemporaryDirectory() as folder:
		env = runner.sanitizer_environment(os.path.join(folder, 'reports'))
		if f'log_path={folder}/reports/' not in env['TSAN_OPTIONS']:
			return ['reports are not collected']
		with open(os.path.join(folder, 'reports', 'asan.1'), 'w') as file:
			file.write('ERROR: AddressSanitizer: heap-use-after-free\n' + '    #0 main\n' * 200 + 'SUMMARY: it is so\n')
		with contextlib.redirect_stdout(said):
			runner.add_reports(count, os.path.join(folder, 'reports'))
	whole = all(text in said.getvalue() for text in ('heap-use-after-free', 'SUMMARY'))
	return [] if count.failed == 1 and whole else [said.getvalue()]


# What each step of .ci/run may print, and the last lines of the whole.
FAKE_MAKE = """#!/bin/sh
case "$1" in
test) printf 'FAILED coracle / base-str: %s\\n    a stack\\n    \\n    (test program exited with status code 1)\\n' {many}
	echo '7 passed, {fails} failed, 0 skipped'; exit 1;;
clang) echo 'no such compiler'; exit 2;;
'') exit 2;;
asan) printf 'UNSTEADY coracle / app-held: a check\\n    why\\n'; echo '5 passed, 0 failed, 1 skipped';;
*) echo '5 passed, 0 failed, 1 skipped';;
esac
"""


def last_lines(failures, lines):
	"""Of .ci/run, when so many checks of its first step fail, its second does not build, and neither does its last."""
	with tempfile.TemporaryDirectory() as folder:
		with open(os.path.join(folder, 'make'), 'w') as file:
			file.write(FAKE_MAKE.format(many=' '.join(f'check_{i}' for i in range(failures)), fails=failures))
		os.chmod(file.name, 0o755)
		done = subprocess.run([os.path.join(source.ROOT, '.ci', 'run')], capture_output=True, text=True,
			env=dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"))
	return done.returncode, done.stdout.splitlines()[-lines:]


def summary_faults():
	"""Short: no stack, and no more than ten lines."""
	found = []
	for failures, wanted in (
			(2, ['== what failed', 'make test: base-str: check_0', 'make test: base-str: check_1',
				'make clang: no count at its end', 'make: the build', '== unsteady: failed among others, passed alone',
				'make asan: app-held: a check', '17 passed, 4 failed, 2 skipped']),
			(20, ['== what failed', *(f'make test: base-str: check_{i}' for i in range(10)), 'and 12 more',
				'== unsteady: failed among others, passed alone', 'make asan: app-held: a check', '17 passed, 22 failed, 2 skipped'])):
		seen = last_lines(failures, len(wanted))
		found += [] if seen == (1, wanted) else [f'{failures} failures: {seen}']
	return found


def main():
	tap, runner = Tap(), load_runner()
	for name, (sample, wanted) in CASES.items():
		seen = counted(runner, sample)
		tap.check(name, [] if seen == wanted else [f'{seen}; wanted {wanted}'])
	for name, case in TWICE.items():
		tap.check(name, twice_faults(runner, *case))
	tap.check('a sanitizer report', report_faults(runner))
	tap.check('the last lines of .ci/run name what failed', summary_faults())
	tap.done()


main()
