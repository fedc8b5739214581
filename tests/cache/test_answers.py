#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
test_answers.py CORACLE_BENCH: answers that a running service keeps, over sockets, for each store: the bytes of a hit are those of a miss, one
request makes it for all workers, and none of them gives out what was made before a change. The bench service has GET and DELETE /kept/{key}.
"""

import http.client
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'memcached_store'))
from crew import children  # noqa: E402
from parts import Memcached  # noqa: E402
from program import PATIENCE, Program, Tap  # noqa: E402

CHANGES = 40
READERS = 4


def ask(program, key, ms=0, method='GET', **headers):
	"""On a connection of its own, so that any worker may get it. The status, the headers but for the date and the id, and the body."""
	connection = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
	try:
		connection.request(method, f'/kept/{key}?ms={ms}', headers={name.replace('_', '-'): value for name, value in headers.items()})
		answer = connection.getresponse()
		found = {name.lower(): value for name, value in answer.getheaders()}
		return answer.status, {name: value for name, value in found.items() if name not in ('date', 'x-request-id')}, answer.read()
	finally:
		connection.close()


def number(program, key, ms=0, method='GET'):
	status, _, body = ask(program, key, ms, method)
	assert status == 200, (status, body)
	return json.loads(body)['number']


def start(store, processes=2):
	keys = 'shared' if store == 'lru' else store
	return Program('--cache', store, '--cache-keys-store', keys, '--processes', str(processes), '--threads', '2', '--control', '127.0.0.1:0')


def differs(what, got, wanted):
	return [] if got == wanted else [f'{what}: {got}, not {wanted}']


def a_hit_has_the_bytes_of_a_miss(program):
	status, headers, body = ask(program, 'a')
	faults = differs('made', headers.pop('cache-status'), 'values; fwd=miss; stored')
	faults += differs('status', status, 200) + differs('age', headers.get('age'), None) + differs('body', body, b'{"number":0}')
	faults += differs('control', headers['cache-control'], 'max-age=600')
	for _ in range(6):
		status, again, same = ask(program, 'a')
		faults += differs('found', again.pop('cache-status'), 'values; hit') + differs('age', 0 <= int(again.pop('age')) < 60, True)
		faults += differs('answer', (status, again, same), (200, headers, body))
	status, again, same = ask(program, 'a', If_None_Match=headers['etag'])
	faults += differs('has it', (status, again['etag'], again['cache-control'], same), (304, headers['etag'], 'max-age=600', b''))
	status, again, same = ask(program, 'a', method='HEAD')
	return faults + differs('HEAD', (status, again['content-length'], again['etag'], same), (200, str(len(body)), headers['etag'], b''))


def one_makes_it_for_all(program):
	ways, lock = [], threading.Lock()

	def one():
		way = ask(program, 'b', 300)[1]['cache-status']
		with lock:
			ways.append(way)
	threads = [threading.Thread(target=one) for _ in range(24)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	return differs('asked', len(ways), 24) + differs('made', ways.count('values; fwd=miss; stored'), 1)


def no_change_leaves_an_old_one(program):
	"""Who asks after a change was answered gets what it has made, or something newer."""
	changed, faults, is_over = [0], [], threading.Event()

	def read():
		while not is_over.is_set():
			at_least = changed[0]
			got = number(program, 'c', 5)
			if got < at_least:
				faults.append(f'{got} after {at_least}')
	number(program, 'c', method='DELETE')
	changed[0] = 1
	readers = [threading.Thread(target=read) for _ in range(READERS)]
	for reader in readers:
		reader.start()
	for _ in range(CHANGES):
		changed[0] = number(program, 'c', method='DELETE')
	is_over.set()
	for reader in readers:
		reader.join()
	return faults[:3] + differs('changes', changed[0], CHANGES + 1) + differs('in the end', number(program, 'c'), CHANGES + 1)


def counted(program, cache, act, **wanted):
	"""What is wrong with what an act adds to the figures."""
	before = program.cache_figures(cache)
	act()
	after = program.cache_figures(cache)
	return differs('counted', {name: after[f'{name}_total'] - before[f'{name}_total'] for name in wanted}, wanted)


def they_are_counted(program):
	return counted(program, 'values', lambda: [ask(program, 'd') for _ in range(5)], misses=1, hits=4, loads=1)


def keys_are_counted(program):
	return counted(program, 'keys', lambda: [post(program, 'e', 'counted') for _ in range(3)], misses=1, hits=2, puts=2)


def a_long_key_is_told_once(program):
	faults = counted(program, 'values', lambda: [ask(program, 'x' * 1100) for _ in range(3)], misses=3, loads=3, unkept=3, puts=0)
	program.wait_for_line('does not keep what has a key')
	told = [line for line in program.lines if 'does not keep what has a key of more than 1024 bytes' in line]
	return faults + differs('told by each worker, once', 1 <= len(told) <= 2, True)


def the_document_says_so(program):
	connection = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
	try:
		connection.request('GET', '/openapi.json')
		place = json.loads(connection.getresponse().read())['paths']['/kept/{key}']
	finally:
		connection.close()
	responses, post_of = place['get']['responses'], place['post']
	key = [row for row in post_of['parameters'] if row['name'] == 'Idempotency-Key']
	statuses = {'200', '400', '409', '422', '503'} - set(post_of['responses'])
	if not key or key[0]['in'] != 'header' or not key[0]['required'] or statuses:
		return [f'POST: {key}, without {statuses}']
	keys = {'"a b"': True, '8e03978e-40d5-43dd-bc93-6894a57f9324': True, 'a/b:c+d=_~!': True, 'x' * 255: True, f'"{"x" * 255}"': True, 'x' * 256: False,
		'': False, '""': False, 'a b': False, 'a,b': False, 'a;b': False, 'a\\b': False, '"a"b"': False, '"a': False}
	pattern = key[0]['schema']['pattern']
	wrong = [text for text, is_key in keys.items() if bool(re.search(pattern, text)) != is_key]
	if wrong:
		return [f'the pattern {pattern} is wrong of {wrong}']
	wanted = ['Age', 'Cache-Control', 'Cache-Status', 'ETag']
	return differs('200', sorted(responses['200']['headers']), wanted) + differs('304', sorted(responses['304']['headers']), wanted)


def post(program, key, name, ms=0):
	status, headers, body = ask(program, key, ms, 'POST', Idempotency_Key=f'"{name}"')
	return status, headers.get('idempotency-replayed'), body


def a_request_is_done_once(program):
	"""Many send it at the same time, to all workers, until each has its answer."""
	ends, lock = [], threading.Lock()

	def send():
		end = post(program, 'once', 'k', 200)
		while end[0] == 409:
			end = post(program, 'once', 'k', 200)
		with lock:
			ends.append(end)
	threads = [threading.Thread(target=send) for _ in range(16)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	faults = differs('done', sum(replayed is None for _, replayed, _ in ends), 1)
	faults += differs('answers', {(status, body) for status, _, body in ends}, {(200, b'{"number":1}')})
	faults += differs('others', post(program, 'once', 'other')[2], b'{"number":2}')
	return faults + differs('another input', post(program, 'once', 'k', 1)[0], 422)


def make_busy(program, name):
	"""Two send the same. Returns them, and whether one was told that the other is at it; if not, what they were told."""
	told, is_over = [], threading.Event()

	def send():
		try:
			told.append(post(program, 'dead', name, 2500)[0])
		except (OSError, http.client.HTTPException):
			told.append(0)
		if told[-1] == 409 or len(told) == 2:
			is_over.set()
	askers = [threading.Thread(target=send) for _ in range(2)]
	for asker in askers:
		asker.start()
	assert is_over.wait(PATIENCE)
	return askers, told


def a_dead_worker_frees_its_key(store):
	with start(store) as program:
		for name in ('j', 'k', 'l'):  # on a busy machine they may come one after the other
			askers, told = make_busy(program, name)
			if told == [409]:
				break
		for pid in children(program.process.pid):
			os.kill(pid, signal.SIGKILL)
		for asker in askers:
			asker.join()
		end = (409, None, b'')
		while end[0] == 409:
			try:
				end = post(program, 'dead', name, 2500)
			except (OSError, http.client.HTTPException):
				pass  # there is no worker yet
		return differs('told', told, [409, 0]) + differs('done after all', end[:2], (200, None))


PROMISES = (a_hit_has_the_bytes_of_a_miss, one_makes_it_for_all, no_change_leaves_an_old_one, they_are_counted, keys_are_counted, a_long_key_is_told_once,
	the_document_says_so, a_request_is_done_once)


def check(tap, name, store, processes=2):
	with start(store, processes) as program:
		for promise in PROMISES:
			tap.check(f'{name}: {promise.__name__.replace("_", " ")}', promise(program))
	if processes > 1 and name != 'memcached':
		tap.check(f'{name}: a dead worker frees its key', a_dead_worker_frees_its_key(store))


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		check(tap, 'memory', 'lru', 1)
		check(tap, 'shared', 'shared')
		check(tap, 'file', f'file:{folder}')
		if shutil.which('memcached'):
			with Memcached() as server:
				check(tap, 'memcached', f'memcached:{server.at}')
		else:
			tap.skip('memcached', 'it is not installed')
	tap.done()


sys.exit(main())
