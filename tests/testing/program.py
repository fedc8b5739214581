# SPDX-License-Identifier: MIT
"""A test program of ours, run by its events; and the checks of a file of tests."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'house'))
from tap import Tap  # noqa: E402

# What a sanitizer finds in a sample is what the sample is for: it goes to standard error, and not to the findings of a whole run.
for name in ('ASAN_OPTIONS', 'LSAN_OPTIONS', 'TSAN_OPTIONS', 'UBSAN_OPTIONS'):
	if name in os.environ:
		os.environ[name] = ':'.join(part for part in os.environ[name].split(':') if not part.startswith('log_path='))


class Run:
	"""What a program has said, and its status."""

	def __init__(self, program, *arguments, env=None, timeout=120):
		done = subprocess.run([program, *arguments], capture_output=True, timeout=timeout, env=dict(os.environ, **(env or {})))
		self.out = done.stdout.decode(errors='replace')
		self.err = done.stderr.decode(errors='replace')
		self.status = done.returncode


class Events(Run):
	def __init__(self, program, *arguments, **options):
		super().__init__(program, '--events', *arguments, **options)
		self.all = [json.loads(line) for line in self.out.splitlines()]
		self.ended = {e['test']: e for e in self.all if e['event'] == 'end'}
		self.done = next((e for e in self.all if e['event'] == 'done'), None)

	def state(self, test):
		return self.ended[test]['state']

	def text(self, test):
		return self.ended[test]['text']

	def output(self, test):
		return self.ended[test]['output']


def run_checks(module):
	"""Each function test_* of a file is a check: it asserts."""
	tap = Tap()
	for name, function in list(vars(module).items()):
		if not name.startswith('test_'):
			continue
		try:
			function()
		except AssertionError as error:
			line = error.__traceback__.tb_next.tb_lineno if error.__traceback__.tb_next else 0
			tap.check(name, [f'line {line}: {error}'])
		else:
			tap.check(name, [])
	tap.done()
