#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A service's readiness checks: /ready reports their results promptly, whatever they do."""

import contextlib
import json
import os
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from controlled import Controlled, await_true  # noqa: E402
from program import Tap, differs, lacks  # noqa: E402

PROMPT_S = 1


class Checked(Controlled):
	"""The service `checked` of trial_others.c: each check does what a file says."""

	def __init__(self, folder, *arguments, **rest):
		self.folder = folder
		super().__init__(*arguments, SERVICE='checked', CHECKS=folder, **rest)

	def order(self, check, what):
		path = os.path.join(self.folder, check)
		if what is None:
			os.unlink(path)
			return
		with open(path + '.new', 'w') as file:
			file.write(what)
		os.rename(path + '.new', path)

	def ready(self):
		"""(status, what it says); it never takes long."""
		began = time.monotonic()
		status, content_type, text = self.ask('/ready?verbose')
		took = time.monotonic() - began
		assert took < PROMPT_S, f'/ready took {took:.2f} s'
		return status, json.loads(text)['detail'] if 'json' in content_type else text

	def await_ready(self, status, text=''):
		return await_true(f'{status} with {text!r}', lambda: (said := self.ready())[0] == status and text in said[1] and said[1])


@contextlib.contextmanager
def checked(*arguments, **rest):
	with tempfile.TemporaryDirectory() as folder, Checked(folder, *arguments, **rest) as service:
		yield service


def all_checks_of_all_workers_are_shown():
	with checked() as service:
		service.wait_for_rest()
		text = service.await_ready(200, '(worker 1, optional): passed')
		found = []
		for line in ('database (worker 0): passed in', 'search (worker 0, optional): passed in', 'database (worker 1): passed in'):
			found += lacks('lines', text, line)
		return found + differs('without ?verbose', service.ask('/ready')[2], 'ok\n') + service.end_well()


def a_required_check_that_fails_refuses_clients():
	with checked() as service:
		service.await_ready(200)
		service.order('database', 'fail')
		text = service.await_ready(503, 'check database fails')
		found = lacks('why', text, 'no?answer to a ? ping: ')
		found += differs('the others', [service.probe(path) for path in ('/live', '/startup')], [200, 200])
		service.wait_for_line('readiness check database fails: no.answer')
		service.order('database', None)
		service.await_ready(200)
		service.wait_for_line('readiness check database passes again, after [0-9]+ failures')
		found += [line for line in service.lines if 'get_ready' in line] # a probe comes every second
		return found + service.end_well()


def a_positive_number_is_a_failure():
	with checked(processes=1) as service:
		service.await_ready(200)
		service.order('database', 'count')
		service.await_ready(503, 'check database fails')
		return service.end_well()


def an_optional_check_only_shows():
	with checked(processes=1) as service:
		service.await_ready(200)
		service.order('search', 'fail')
		service.await_ready(200, 'search (worker 0, optional): failed')
		return service.end_well()


def a_check_that_hangs_has_failed():
	"""It is cut by its timeout, and the next run comes after that: none pile up."""
	with checked(processes=1) as service:
		service.await_ready(200)
		service.order('database', 'hang')
		service.await_ready(503, 'database (worker 0): failed in 2')
		found = lacks('why', service.ready()[1], 'it takes more than 200 ms')
		found += differs('requests', service.get('/hello')[0], 200)
		service.order('database', None)
		service.await_ready(200)
		return found + service.end_well()


def a_hanging_check_ends_with_the_service():
	with checked(processes=1) as service:
		service.await_ready(200)
		service.order('search', 'hang')
		time.sleep(0.05)
		began = time.monotonic()
		found = service.end_well()
		took = time.monotonic() - began
		return found + ([] if took < 5 else [f'the end took {took:.1f} s'])


def a_check_that_holds_its_thread_has_failed():
	with checked('--threads', '1', processes=1) as service:
		service.await_ready(200)
		service.order('database', 'hold')
		service.await_ready(503, 'its thread is held')
		found = differs('the others', [service.probe(path) for path in ('/live', '/startup', '/status')], [200, 200, 200])
		service.order('database', None)
		service.await_ready(200)
		return found + service.end_well()


def one_worker_that_fails_is_enough():
	"""Nobody knows which worker a client reaches. One that has just started says nothing yet."""
	with checked() as service:
		service.wait_for_rest()
		service.await_ready(200)
		victim = sorted(service.pids())[0]
		service.order('database', 'hang')
		service.await_ready(503)
		service.order('database', None)
		service.await_ready(200)
		os.kill(victim, signal.SIGKILL)
		await_true('another', lambda: len(service.pids()) == 2 and victim not in service.pids())
		found = differs('with a new worker', service.probe('/ready'), 200)
		return found + service.end_well()


def nothing_is_ready_before_the_first_result():
	with tempfile.TemporaryDirectory() as folder:
		with open(os.path.join(folder, 'database'), 'w') as file:
			file.write('hang')
		with Checked(folder, processes=1) as service:
			service.wait_for_line('control at')
			await_true('ready', lambda: service.pids())
			found = differs('at first', service.probe('/ready'), 503)
			service.order('database', None)
			service.await_ready(200)
			return found + service.end_well()


def checks_follow_a_reload():
	with checked() as service:
		service.await_ready(200)
		service.reload()
		service.wait_for_rest()
		found = differs('lines', len(service.await_ready(200, 'database').splitlines()), 5)
		return found + service.end_well()


def a_reload_never_takes_it_out():
	"""However long the checks take: a worker counts when their first results are there."""
	with checked(processes=1) as service:
		service.order('database', 'slow')
		service.await_ready(200)
		service.signal(signal.SIGHUP)
		service.wait_for_line('SIGHUP: reloading')
		seen = set()
		while not any('"reloaded"' in line for line in service.lines):
			seen.add(service.ready()[0])
		return differs('meanwhile', seen | {service.ready()[0]}, {200}) + service.end_well()


def a_worker_that_is_stopped_is_not_ready():
	"""Its last result says nothing about now."""
	with checked('--start-timeout-ms', '60000', processes=1) as service:
		service.await_ready(200)
		(pid,) = service.pids()
		os.kill(pid, signal.SIGSTOP)
		service.await_ready(503, 'database (worker 0): has not been run for')
		os.kill(pid, signal.SIGCONT)
		service.await_ready(200)
		return service.end_well()


def main():
	tap = Tap()
	for check in (all_checks_of_all_workers_are_shown, a_required_check_that_fails_refuses_clients, a_positive_number_is_a_failure,
			an_optional_check_only_shows, a_check_that_hangs_has_failed, a_hanging_check_ends_with_the_service,
			a_check_that_holds_its_thread_has_failed, one_worker_that_fails_is_enough,
			nothing_is_ready_before_the_first_result, checks_follow_a_reload, a_reload_never_takes_it_out,
			a_worker_that_is_stopped_is_not_ready):
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
