#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fixtures run in unittest's order, whichever of them fails or skips: unittest runs beside it. usage: test_order.py ORDER"""

import os
import signal
import subprocess
import sys
import tempfile
import time

from program import Run, run_checks

ORDER = sys.argv[1]
UNITTEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'order.py')
STEPS = ('setUpModule', 'setUpClass', 'setUp', 'test_a', 'test_b', 'tearDown', 'cleanup 2', 'tearDownClass', 'class cleanup',
	'tearDownModule')


def steps_of(command, **env):
	with tempfile.NamedTemporaryFile('w+') as steps:
		done = subprocess.run(command, capture_output=True, env=dict(os.environ, COR_STEPS=steps.name, **env))
		return steps.read().splitlines(), done.returncode


def same(arguments=(), **env):
	ours, status = steps_of([ORDER, *arguments], **env)
	theirs, other = steps_of([sys.executable, UNITTEST], **env)
	assert ours == theirs, f'{env}: {ours}, unittest: {theirs}'
	assert bool(status) == bool(other), f'{env}: {status}, unittest: {other}'


def test_all_pass():
	same()


def test_each_fails():
	for name in STEPS:
		same(COR_FAILS=name)


def test_each_fails_without_processes():
	for name in ('nothing', *STEPS):
		same(['--no-fork'], COR_FAILS=name)


def test_each_skips():
	for name in 'setUpModule', 'setUpClass', 'setUp', 'test_a':
		same(COR_SKIPS=name)


def test_states():
	"""A setUp that fails is an error, a test that fails a failure: letters of unittest."""
	for fails, letters in (('setUp', 'EE'), ('test_a', 'F.'), ('setUpClass', 'E'), ('setUpModule', 'E'), ('tearDownModule', '..E')):
		with tempfile.NamedTemporaryFile() as steps:
			run = Run(ORDER, '--letters', env={'COR_FAILS': fails, 'COR_STEPS': steps.name})
		assert run.out.splitlines()[0] == letters and run.status == 1, f'{fails}: {run.out}'


def test_crashes_and_hangs_of_fixtures():
	"""They are one error; what is outside of them ends in its order."""
	for ending, said in (('COR_CRASHES', 'died of SIGABRT'), ('COR_HANGS', 'still running after ')):
		for name, letters, last in (('setUpModule', 'E', 'setUpModule'), ('setUpClass', 'E', 'module cleanup'), ('setUp', 'EE', 'module cleanup'),
				('tearDown', 'EE', 'module cleanup'), ('tearDownClass', '..E', 'module cleanup'), ('tearDownModule', '..E', 'tearDownModule'),
				('cleanup 1', 'EE', 'module cleanup')):
			with tempfile.NamedTemporaryFile('r') as steps:
				run = Run(ORDER, '--letters', '--timeout', '100', env={ending: name, 'COR_STEPS': steps.name})
				done = steps.read().splitlines()
			assert run.out.splitlines()[0] == letters and run.status == 1 and said in run.out, f'{ending} {name}: {run.out}'
			assert done[-1] == last, f'{ending} {name}: {done}'


def test_an_interrupt_still_runs_what_is_outside():
	"""The test that runs is ended; fixtures that were made are unmade."""
	for number in signal.SIGINT, signal.SIGTERM:
		with tempfile.NamedTemporaryFile('r') as steps:
			env = dict(os.environ, COR_HANGS='test_a', COR_STEPS=steps.name)
			child = subprocess.Popen([ORDER, '--letters'], stdout=subprocess.PIPE, text=True, env=env)
			while 'test_a\n' not in open(steps.name).readlines():
				pass
			child.send_signal(number)
			out = child.communicate()[0]
			done = steps.read().splitlines()
		assert child.returncode == 2 and '\nINTERRUPTED' in out, out
		assert done[-5:] == ['test_a', 'tearDownClass', 'class cleanup', 'tearDownModule', 'module cleanup'], done


def descendants(pid):
	found = []
	try:
		for task in os.listdir(f'/proc/{pid}/task'):
			with open(f'/proc/{pid}/task/{task}/children') as file:
				for child in map(int, file.read().split()):
					found += [child, *descendants(child)]
	except FileNotFoundError:
		pass
	return found


def is_running(pid):
	try:
		with open(f'/proc/{pid}/stat') as file:
			return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
	except (FileNotFoundError, ProcessLookupError):
		return False


def test_who_kills_the_runner_kills_its_tests():
	with tempfile.NamedTemporaryFile('r') as steps:
		env = dict(os.environ, COR_HANGS='test_a', COR_STEPS=steps.name)
		child = subprocess.Popen([ORDER], stdout=subprocess.DEVNULL, env=env)
		while 'test_a\n' not in open(steps.name).readlines():
			pass
		there = descendants(child.pid)
		child.kill()
		child.wait()
		assert len(there) == 3, there
		end = time.monotonic() + 20
		while any(map(is_running, there)):
			assert time.monotonic() < end, there


run_checks(sys.modules[__name__])
