#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_sessions.py KEEPER: sessions that are in shared memory, in files and in memcached, of real services."""

import http.client
import json
import os
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'memcached_store'))
from crew import children  # noqa: E402
from parts import Memcached  # noqa: E402
from program import PATIENCE, Program, Tap, run  # noqa: E402

NOBODY = (200, 'nobody')


class Client:
	"""Keeps its cookie, and asks any of several services."""

	def __init__(self):
		self.cookie = None
		self.headers = {}

	def ask(self, program, method='GET', path='/visit'):
		connection = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
		try:
			connection.request(method, path, headers={'Cookie': self.cookie} if self.cookie else {})
			answer = connection.getresponse()
			self.take(answer.getheader('Set-Cookie'))
			self.headers = answer.headers
			return answer.status, answer.read().decode()
		finally:
			connection.close()

	def take(self, line):
		if line:
			self.cookie = line.split(';')[0]

	def copy(self):
		copied = Client()
		copied.cookie = self.cookie
		return copied


def start(store, *more, processes=2):
	return Program('--cache-sessions-store', store, '--processes', str(processes), *more)


def differs(what, got, wanted):
	return [] if got == wanted else [f'{what}: {got}, not {wanted}']


def logged_in(program):
	client = Client()
	status, _ = client.ask(program, 'POST')
	assert status == 204, status
	return client


# --- what each store promises ---

def all_workers_have_it(store):
	with start(store, processes=3) as program:
		client = logged_in(program)
		faults = differs('looks', {client.ask(program) for _ in range(20)}, {(200, '7 0')})
		for _ in range(20):
			client.ask(program, 'PUT')
		faults += differs('changes', client.ask(program), (200, '7 20'))
		copy = client.copy()
		faults += differs('logout', client.ask(program, 'DELETE')[0], 204)
		return faults + differs('copies', {copy.ask(program) for _ in range(20)}, {NOBODY})


def it_survives_workers_and_reloads(store):
	with start(store) as program:
		client = logged_in(program)
		for pid in children(program.process.pid):
			os.kill(pid, signal.SIGKILL)
		for number in (0, 1):
			program.wait_for_line(rf'worker {number} \(pid \d+\) died of SIGKILL')
		faults = differs('after their deaths', client.ask(program), (200, '7 0'))
		program.signal(signal.SIGHUP)
		program.wait_for_line('"reloaded"')
		return faults + differs('after a reload', client.ask(program), (200, '7 0'))


def it_survives_a_restart(store):
	with start(store) as program:
		client = logged_in(program)
		program.signal(signal.SIGTERM)
		program.end()
	with start(store) as program:
		return differs('after a restart', client.ask(program), (200, '7 0'))


def machines_share_it(store, *more):
	"""Two services, which share nothing but the store."""
	with start(store, *more) as one, start(store, *more) as other:
		client = logged_in(one)
		faults = differs('there', [client.ask(other) for _ in range(3)], [(200, '7 0')] * 3)
		faults += differs('let in there', client.ask(other, path='/member'), (200, 'member 7'))
		client.ask(other, 'PUT')
		faults += differs('changed there', client.ask(one), (200, '7 1'))
		old = client.copy()
		client.ask(other, 'POST')
		faults += differs('a new login there', [client.ask(one), old.ask(one), old.ask(other)], [(200, '7 0'), NOBODY, NOBODY])
		copy = client.copy()
		client.ask(other, 'DELETE')
		faults += differs('let in no more', [copy.ask(program, path='/member')[0] for program in (one, other)], [401, 401])
		return faults + differs('ended there', [copy.ask(one), copy.ask(other)], [NOBODY, NOBODY])


def cannot_be_known(client, program, method='GET'):
	"""Whether a member is asked to come back later, and learns nothing of what is behind it."""
	before = client.cookie
	status, body = client.ask(program, method, '/member')
	faults = differs(f'{method} of a member', (status, client.headers.get('Retry-After')), (503, '1'))
	faults += [f'{method} tells the client: {body}'] if 'cache' in body or 'memcached' in body else []
	return faults + differs(f'the cookie after {method}', client.cookie, before)


def a_server_that_is_gone_is_no_session(server):
	with start(f'memcached:{server.at}', processes=1) as program:
		client = logged_in(program)
		cookie = client.cookie
		server.stop()
		faults = differs('without a server', client.ask(program), NOBODY)
		faults += cannot_be_known(client, program) + cannot_be_known(client, program, 'DELETE')
		faults += differs('with no cookie', Client().ask(program, path='/member')[0], 401)
		faults += differs('a login', client.ask(program, 'POST')[0] >= 500, True)
		leaving = client.copy()
		faults += differs('a logout', leaving.ask(program, 'DELETE')[0] >= 500, True)
		faults += differs('forgotten', leaving.cookie, 'session=')
		faults += differs('the cookie', client.cookie, cookie)
		program.wait_for_line('"level":"warning".*the cache sessions is failing: Connection refused')
		program.wait_for_line('start_visit: 502: the cache sessions has failed: Connection refused')
		server.start()
		end = time.monotonic() + PATIENCE
		while time.monotonic() < end:
			if client.ask(program, 'POST')[0] == 204:
				return faults + differs('again', client.ask(program), (200, '7 0'))
		return faults + ['it does not come back']


def the_document_says_it():
	_, text, _ = run('--print-openapi')
	paths = json.loads(text)['paths']
	return differs('503', [(path, method) for path in paths for method in paths[path] if '503' in paths[path][method]['responses']],
		[('/member', 'get'), ('/member', 'delete'), ('/closed', 'get')])


def memory_is_for_one_process():
	status, _, errors = run('--check', '--processes', '2', '--cache-sessions-store', 'memory')
	wanted = '--cache-sessions-store: memory: sessions are kept in it, and each process would have its own: say shared'
	faults = [] if status == 64 and wanted in errors else [f'{status} {errors}']
	status, _, errors = run('--check', '--processes', '1', '--cache-sessions-store', 'memory')
	return faults + differs('one process', status, 0)


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		for promise in (all_workers_have_it, it_survives_workers_and_reloads):
			name = promise.__name__.replace('_', ' ')
			tap.check(f'shared: {name}', promise('shared'))
			tap.check(f'file: {name}', promise(f'file:{folder}/kept'))
		tap.check('file: it survives a restart', it_survives_a_restart(f'file:{folder}/kept'))
		tap.check('file: services share it', machines_share_it(f'file:{folder}/kept', '--cache-sessions-near-ttl-ms', '60000'))
		tap.check('memory is for one process', memory_is_for_one_process())
		tap.check('the document says it', the_document_says_it())
	if not shutil.which('memcached'):
		tap.skip('memcached', 'it is not installed')
		return tap.done()
	with Memcached() as server:
		tap.check('memcached: all workers have it', all_workers_have_it(f'memcached:{server.at}'))
		tap.check('memcached: machines share it', machines_share_it(f'memcached:{server.at}'))
		tap.check('memcached: machines share it, which have copies near',
			machines_share_it(f'memcached:{server.at}', '--cache-sessions-near-ttl-ms', '60000'))
		tap.check('memcached: a server that is gone is no session', a_server_that_is_gone_is_no_session(server))
	return tap.done()


sys.exit(main())
