# SPDX-License-Identifier: MIT
"""Runs the program coracle. For the tests of this folder."""

import os
import subprocess

QUIET = {'NO_COLOR': '1', 'LC_ALL': 'C.UTF-8'}


class Command:
	def __init__(self, program, **environment):
		self.program = os.path.abspath(program)
		self.environment = {**os.environ, **QUIET, **environment}

	def run(self, *arguments, cwd=None, given=None, timeout=120, **environment):
		"""(exit status, standard output, standard error)"""
		done = subprocess.run([self.program, *arguments], capture_output=True, text=True, timeout=timeout, cwd=cwd,
			input=given, stdin=subprocess.DEVNULL if given is None else None, env={**self.environment, **environment})
		return done.returncode, done.stdout, done.stderr


def told(done, status, *said):
	"""What is wrong with what a run came to: its status, or a text that neither of its outputs has."""
	code, out, errors = done
	found = [] if code == status else [f'status {code}, not {status}']
	found += [f'nothing says {text!r}' for text in said if text not in out + errors]
	return found + [(out + errors)[-3000:]] if found else []
