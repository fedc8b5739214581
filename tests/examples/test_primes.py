#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/primes judges its numbers on a pool of processes, and prints them in their order."""

import subprocess
import sys

from cases import equal, run
from program import built

LINES = [
	'112272535095293 is prime: true',
	'112582705942171 is prime: true',
	'112272535095293 is prime: true',
	'115280095190773 is prime: true',
	'115797848077099 is prime: true',
	'1099726899285419 is prime: false',
]


def primes(*arguments):
	done = subprocess.run([built('examples/primes'), *arguments], capture_output=True, text=True, timeout=60)
	return done.returncode, done.stdout.splitlines(), done.stderr


def test_each_has_its_line_in_order(_):
	for arguments in (), ('--workers', '1'), ('--workers', '2'), ('--workers', '8'):
		equal(primes(*arguments), (0, LINES, ''))


def test_a_wrong_command_line_is_explained(_):
	for arguments in ('--workers',), ('--workers', '0'), ('--workers', 'x'), ('--workers', '65'), ('3',):
		status, lines, errors = primes(*arguments)
		equal((status, lines), (2, []))
		assert '[--workers N]' in errors, errors


if __name__ == '__main__':
	run(sys.modules[__name__], None).done()
