# SPDX-License-Identifier: MIT
"""Run the functions of a test file whose names start with test_, each as one TAP check."""

import sys
import time
import traceback

from tap import Tap


PATIENCE = 20 # s


def await_true(what, condition):
	end = time.monotonic() + PATIENCE
	while not condition():
		assert time.monotonic() < end, f'{what}: not within {PATIENCE} s'
		time.sleep(0.01)


def equal(got, wanted, what=''):
	assert got == wanted, f'{what}: got {got!r}, wanted {wanted!r}'


def run(module, *arguments):
	"""Call each test with the arguments; an exception is a failure and says why. Ends the program."""
	sys.stdout.reconfigure(line_buffering=True)
	tap = Tap()
	for name, function in list(vars(module).items()):
		if not name.startswith('test_'):
			continue
		try:
			function(*arguments)
			problems = []
		except Exception as error:
			problems = traceback.format_exception(error)[-2:]
		tap.check(name[len('test_'):].replace('_', ' '), problems)
	return tap


def finish(tap, program):
	"""The program must stop with status 0 when asked to."""
	status = program.stop()
	tap.check('TERM stops it with status 0', [] if status == 0 else [f'status {status}', program.errors()[-2000:]])
	tap.done()


def problem(response, status, *places):
	"""The answer is a problem (RFC 9457) of that status, with exactly one error for each of the places."""
	equal(response.status_code, status, response.text[:400])
	equal(response.headers['Content-Type'], 'application/problem+json', 'media type')
	document = response.json()
	equal(document['status'], status, 'status in the document')
	assert document['title'] and document['request_id'], document
	found = [(error['in'], error.get('pointer', error.get('parameter'))) for error in document.get('errors', [])]
	equal(sorted(found), sorted(places), 'errors')
	for error in document.get('errors', []):
		assert error['detail'], error
	return document
