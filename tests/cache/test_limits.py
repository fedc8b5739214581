#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_limits.py KEEPER: limits that are counted in files and in memcached, over services that share nothing else: 20 requests a client."""

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
from program import PATIENCE, Program, Tap  # noqa: E402

COUNT = 20
started, tries = [], 0  # of the check that runs


def ask(program, client, path='/open', connection=None):
	"""The status, and the headers."""
	own = connection or http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
	try:
		own.request('GET', path, headers={'X-Client': f'{client} {tries}'})
		answer = own.getresponse()
		answer.read()
		return answer.status, answer.headers
	finally:
		if not connection:
			own.close()


def statuses(program, client, many, path='/open'):
	return [ask(program, client, path)[0] for _ in range(many)]


def start(store, *more, processes=2):
	started.append(Program('--cache-counts-store', store, '--processes', str(processes), '--threads', '2', *more))
	return started[-1]


def exactly(check, *arguments):
	"""A store that does not answer within 100 ms, as on a busy machine, lets the local count decide: then a check says nothing, and is made again."""
	global tries
	for tries in range(tries + 1, tries + 10):
		started.clear()
		faults = check(*arguments)
		if not faults or not any('the cache counts is failing' in line for program in started for line in program.lines):
			break
	return faults


def differs(what, got, wanted):
	return [] if got == wanted else [f'{what}: {got}, not {wanted}']


def together(programs, client, many):
	"""How many of many requests pass that are sent at the same time, over connections of their own."""
	found, lock = [], threading.Lock()

	def one(program):
		mine = statuses(program, client, many)
		with lock:
			found.extend(mine)
	threads = [threading.Thread(target=one, args=(program,)) for program in programs for _ in range(4)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert len(found) == many * len(threads) and set(found) <= {204, 429}, found
	return found.count(204)


def machines_count_together(store):
	with start(store) as one, start(store) as other:
		faults = differs('passed', [together((one, other), f'crowd {i}', 10) for i in range(3)], [COUNT] * 3)
		left = [int(ask(program, 'a')[1]['RateLimit-Remaining']) for program in (one, other) * 5]
		faults += differs('remaining', left, list(range(COUNT - 1, COUNT - 11, -1)))
		status, headers = [ask(program, 'a') for program in (one, other) * 6][-1]
		faults += differs('refused', (status, headers['Retry-After'], headers['RateLimit-Remaining']), (429, '5000', '0'))
		return faults + differs('another client', ask(other, 'b')[0], 204)


def it_survives_a_restart(store):
	with start(store) as program:
		faults = differs('before', statuses(program, 'a', 15), [204] * 15)
		program.signal(signal.SIGTERM)
		program.end()
	with start(store) as program:
		return faults + differs('after', statuses(program, 'a', 10), [204] * 5 + [429] * 5)


def it_is_in_the_metrics(store):
	with start(store, '--control', '127.0.0.1:0') as program:
		statuses(program, 'a', 3)
		found = program.cache_figures('counts')
		return differs('counted', [found[f'{name}_total'] for name in ('misses', 'hits', 'puts')], [1, 2, 3])


def gets(server):
	return int(server.say(b'stats\r\n').split(b'STAT cmd_get ')[1].split()[0])


def who_is_refused_asks_nobody(server):
	with start(f'memcached:{server.at}') as program:
		statuses(program, 'flood', COUNT + 1)
		before = gets(server)
		faults = differs('refused', set(statuses(program, 'flood', 100)), {429})
		return faults + differs('gets for them', gets(server) - before, 0)


def a_server_that_is_gone(server):
	with start(f'memcached:{server.at}') as program:
		faults = differs('before', statuses(program, 'a', 5) + statuses(program, 'a', 5, '/closed'), [204] * 10)
		server.stop()
		faults += differs('open, of one that was counted', statuses(program, 'a', 25), [204] * 15 + [429] * 10)
		faults += differs('open, of a new one', statuses(program, 'b', 25), [204] * 20 + [429] * 5)
		status, headers = ask(program, 'a', '/closed')
		faults += differs('closed', (status, headers['Retry-After']), (503, '1'))
		program.wait_for_line('"level":"warning".*the cache counts is failing')
		if any('"level":"error"' in line for line in program.lines):
			faults.append('an error for each request')
		server.start()
		for _ in range(5000):
			if ask(program, 'c', '/closed')[0] == 204:
				return faults
		return faults + ['it does not come back']


def it_is_documented(store):
	with start(store) as program:
		connection = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
		connection.request('GET', '/openapi.json')
		paths = json.loads(connection.getresponse().read())['paths']
		connection.close()
		found = {path: sorted(set(paths[path]['get']['responses']) & {'429', '503'}) for path in ('/open', '/closed')}
		return differs('responses', found, {'/open': ['429'], '/closed': ['429', '503']})


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		tap.check('file: services count together', exactly(machines_count_together, f'file:{folder}/together'))
		tap.check('file: it survives a restart', exactly(it_survives_a_restart, f'file:{folder}/restart'))
		tap.check('shared: it is in the metrics', exactly(it_is_in_the_metrics, 'shared'))
		tap.check('shared: it is documented', it_is_documented('shared'))
		tap.check('shared: counted all the same', differs('passed', *passed_in('shared')))
	if not shutil.which('memcached'):
		tap.skip('memcached', 'it is not installed')
		return tap.done()
	with Memcached() as server:
		store = f'memcached:{server.at}'
		tap.check('memcached: machines count together', exactly(machines_count_together, store))
	with Memcached() as server:
		tap.check('memcached: it survives a restart', exactly(it_survives_a_restart, f'memcached:{server.at}'))
		tap.check('memcached: who is refused asks nobody', exactly(who_is_refused_asks_nobody, server))
	with Memcached() as server:
		tap.check('memcached: a server that is gone', a_server_that_is_gone(server))
	return tap.done()


def passed_in(store):
	with start(store) as program:
		return together((program,), 'crowd', 10), COUNT


sys.exit(main())
