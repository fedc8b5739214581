#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
test_places.py PLACES: caches are the same wherever code of a service runs, in its hooks and in jobs on threads; jobs in processes have none, and
say so.
"""

import http.client
import json
import os
import shutil
import signal
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'memcached_store'))
from parts import Memcached  # noqa: E402
from program import PATIENCE, Program, Tap, differs, lacks  # noqa: E402

HOOKS = ('prepare', 'start', 'start_thread', 'background', 'stop_thread', 'stop')
JOBS = ('handler', 'job', 'executor_start', 'executor_stop')


def start(store, *more, processes):
	return Program('--cache-notes-store', store, '--processes', str(processes or 'none'), '--threads', '2', *more)


def ask(program, method, path):
	connection = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
	try:
		connection.request(method, path)
		answer = connection.getresponse()
		return answer.status, answer.headers, answer.read().decode()
	finally:
		connection.close()


def end(program):
	"""Then all lines are there."""
	program.signal(signal.SIGTERM)
	program.end()


def works_in_hooks_and_jobs(store, *more, processes):
	with start(store, *more, processes=processes) as program:
		faults = [differs(path, ask(program, 'POST', path)[0], 204) for path in ('/fiber', '/thread', '/offload')]
		program.wait_for_line('(?s)' + '"background: .*' * (processes or 1), joined=True)
		end(program)
		said = {message for message in program.messages() if message.split(':')[0] in HOOKS + JOBS}
		return sum(faults, []) + differs('said', sorted(said), sorted(f'{where}: made in {where}' for where in HOOKS + JOBS))


def one_makes_it_for_threads_and_fibers(store, *more, processes):
	with start(store, *more, processes=processes) as program:
		answers = []
		asking = [threading.Thread(target=lambda path=path: answers.append(ask(program, 'GET', path)))
			for path in ('/fiber/7?ms=300', '/thread/7?ms=300') for _ in range(4)]
		for thread in asking:
			thread.start()
		for thread in asking:
			thread.join()
		end(program)
		faults = differs('answers', [(status, json.loads(body)['text']) for status, _, body in answers], [(200, 'number 7')] * 8)
		return faults + differs('made', program.messages().count('made 7'), 1)


def jobs_in_processes_have_none(store):
	with start(store, processes=1) as program:
		status, _, _ = ask(program, 'POST', '/process')
		end(program)
		said = 'the cache \\"notes\\" is not here: either the service does not list it in .caches, or this is a job in a process, which has no caches'
		return differs('status', status, 500) + lacks('log', ''.join(program.lines), said)


def check_stores(tap, stores):
	for name, (store, *more) in stores.items():
		for processes in (0, 2):
			who = f'{processes} processes' if processes else 'without a master'
			tap.check(f'{name}, {who}: works in hooks and jobs', works_in_hooks_and_jobs(store, *more, processes=processes))
		made_once = one_makes_it_for_threads_and_fibers(store, *more, processes=1 if name == 'memory' else 2)
		tap.check(f'{name}: one makes it for threads and fibers', made_once)
		tap.check(f'{name}: jobs in processes have none', jobs_in_processes_have_none(store))


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		near = [f'file:{folder}/near', '--cache-notes-near-ttl-ms', '1000']
		check_stores(tap, {'memory': ['memory'], 'shared': ['shared'], 'file': [f'file:{folder}/far'], 'near': near})
	if shutil.which('memcached'):
		with Memcached() as server:
			os.environ['IS_PATIENT'] = '1'
			check_stores(tap, {'memcached': [f'memcached:{server.at}']})
	else:
		tap.skip('memcached', 'it is not installed')
	tap.done()


sys.exit(main())
