#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each allocation of a start fails in turn: the result is an exit status and a reason, or a running service; never a crash."""

import concurrent.futures
import http.client
import os
import signal
import sys
import tempfile

from program import Program, Tap, run

LIBRARY = sys.argv[2]
MOST = 20000
# For the configuration; the start hook (its problem, or its memory); the system; and glibc, before main.
STATUSES = {0, 70, 71, 78}
EVERY = {'check': ['--check', '--password=x', '--lucky-numbers=1'], 'help': ['--help'], 'print': ['--print-config'],
	'nginx': ['--print-nginx', '--password=x', '--lucky-numbers=1']}


def failing(at, mark):
	return {'LD_PRELOAD': LIBRARY, 'CORACLE_FAIL_AT': str(at), 'CORACLE_FAIL_MARK': mark}


def each_allocation(attempt):
	"""Call attempt(environment, at), which returns faults, until a run has fewer allocations."""
	found = []
	with tempfile.TemporaryDirectory() as folder:
		for at in range(MOST):
			mark = os.path.join(folder, f'mark-{at}')
			found += attempt(failing(at, mark), at)
			if not os.path.exists(mark):
				return found, at
	return found + ['it never stops allocating'], MOST


def command(arguments):
	def attempt(extra, at):
		status, _, errors = run(*arguments, **extra)
		found = [] if status in STATUSES else [f'allocation {at}: status {status}: {errors}']
		return found + ([] if status == 0 or errors else [f'allocation {at}: status {status} and no reason'])
	return attempt


def life(extra, at):
	"""From the start to TERM, with a request in between."""
	with Program('--threads=2', **extra) as program:
		try:
			program.get('/hello')
		except (AssertionError, OSError, http.client.HTTPException):
			pass # it did not start or could not answer
		if program.process.poll() is None:
			program.signal(signal.SIGTERM)
		status = program.end()
	return [] if status in STATUSES else [f'allocation {at}: status {status}: {program.lines}']


def main():
	"""Two at a time, the longest first."""
	tap = Tap()
	attempts = {'a whole life': life, **{name: command(arguments) for name, arguments in EVERY.items()}}
	with concurrent.futures.ThreadPoolExecutor(2) as pool:
		for name, (found, count) in zip(attempts, pool.map(each_allocation, attempts.values())):
			tap.check(f'{name}: {count} allocations', found)
	tap.done()


main()
