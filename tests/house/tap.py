# SPDX-License-Identifier: MIT
"""Test Anything Protocol: one line per check, with the reasons for a failure under it."""

import faulthandler
import signal
import sys


class Tap:
	def __init__(self):
		faulthandler.register(signal.SIGTERM, chain=True)  # where a program hangs whose time is up
		self.count = 0
		self.failed = 0

	def check(self, name, problems):
		"""Passes if `problems` (lines of text) is empty."""
		self.count += 1
		if problems:
			self.failed += 1
			print(f'not ok {self.count} - {name}')
			for problem in problems:
				self.note(problem)
		else:
			print(f'ok {self.count} - {name}')

	def skip(self, name, why):
		self.count += 1
		print(f'ok {self.count} - {name} # SKIP {why}')

	def note(self, text):
		for line in str(text).splitlines() or ['']:
			print(f'#   {line}')

	def figure(self, text):
		"""A measured figure, which tests/run always shows."""
		print(f'# figure: {text}')

	def done(self):
		"""Prints the plan and ends the program."""
		print(f'1..{self.count}')
		sys.exit(1 if self.failed or not self.count else 0)
