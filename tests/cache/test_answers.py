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
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'memcached_store'))
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
	return Program('--cache', store, '--processes', str(processes), '--threads', '2', '--control', '127.0.0.1:0')


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


def they_are_counted(program):
	port = int(program.wait_for_line(r'control at http://127\.0\.0\.1:(\d+)').group(1))

	def figures():
		connection = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE)
		try:
			connection.request('GET', '/metrics')
			text = connection.getresponse().read().decode()
		finally:
			connection.close()
		return {name: float(value) for name, value in re.findall(r'^coracle_cache_(\w+)_total\{cache="values"\} (\S+)$', text, re.M)}
	before = figures()
	for _ in range(5):
		ask(program, 'd')
	after = figures()
	return differs('counted', {name: after[name] - before[name] for name in ('misses', 'hits', 'loads')}, {'misses': 1, 'hits': 4, 'loads': 1})


def the_document_says_so(program):
	connection = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
	try:
		connection.request('GET', '/openapi.json')
		responses = json.loads(connection.getresponse().read())['paths']['/kept/{key}']['get']['responses']
	finally:
		connection.close()
	wanted = ['Age', 'Cache-Control', 'Cache-Status', 'ETag']
	return differs('200', sorted(responses['200']['headers']), wanted) + differs('304', sorted(responses['304']['headers']), wanted)


PROMISES = (a_hit_has_the_bytes_of_a_miss, one_makes_it_for_all, no_change_leaves_an_old_one, they_are_counted, the_document_says_so)


def check(tap, name, store, processes=2):
	with start(store, processes) as program:
		for promise in PROMISES:
			tap.check(f'{name}: {promise.__name__.replace("_", " ")}', promise(program))


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
