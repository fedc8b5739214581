#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tests/run counts every check, and never calls a failure a success."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
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


def main():
	tap, runner = Tap(), load_runner()
	for name, (sample, wanted) in CASES.items():
		seen = counted(runner, sample)
		tap.check(name, [] if seen == wanted else [f'{seen}; wanted {wanted}'])
	tap.check('a sanitizer report', report_faults(runner))
	tap.done()


main()
