#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Kept answers beside requests with CacheControl, against one real server: which calls of a sequence reach it. Where they differ, the
row says how, and ours is the one that asks more.
"""

import email.utils
import http.server
import os
import random
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

import cachecontrol
import requests

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'app'), os.path.join(HERE, '..', 'memcached_store')]
from parts import Memcached  # noqa: E402
from program import PATIENCE, Tap, differs  # noqa: E402

WORKS = 150  # of each process
HEADERS = ('', 'X-Api-Key: a', 'X-Api-Key: b')


def date(seconds):
	return email.utils.formatdate(time.time() + seconds, usegmt=True)


# name: headers of the answers, the calls (method, header of the request), which of them reach the server there, and here if not the same
GET = ('GET', '')
CASES = {
	'max-age': ({'Cache-Control': 'max-age=100'}, [GET, GET], 'yn'),
	'expires': ({'Expires': date(100)}, [GET, GET], 'yn'),
	'expired': ({'Expires': date(-100)}, [GET, GET], 'yy'),
	'expires-0': ({'Expires': '0'}, [GET, GET], 'yy'),
	'max-age-before-expires': ({'Cache-Control': 'max-age=100', 'Expires': date(-100)}, [GET, GET], 'yn'),
	'max-age-0-before-expires': ({'Cache-Control': 'max-age=0', 'Expires': date(100)}, [GET, GET], 'yy'),
	'old-date': ({'Cache-Control': 'max-age=50', 'Date': date(-100)}, [GET, GET], 'yy'),
	'no-store': ({'Cache-Control': 'no-store, max-age=100'}, [GET, GET], 'yy'),
	'no-cache': ({'Cache-Control': 'no-cache', 'ETag': '"a"'}, [GET, GET, GET], 'yyy'),
	'nothing': ({}, [GET, GET], 'yy'),
	'etag': ({'ETag': '"a"'}, [GET, GET], 'yy'),
	'private': ({'Cache-Control': 'private, max-age=100'}, [GET, GET], 'yn'),
	'post': ({'Cache-Control': 'max-age=100'}, [GET, ('PUT', ''), GET, GET], 'yyyn'),
	'asked-no-cache': ({'Cache-Control': 'max-age=100'}, [GET, ('GET', 'Cache-Control: no-cache')], 'yy'),
	'asked-no-store': ({'Cache-Control': 'max-age=100'}, [('GET', 'Cache-Control: no-store'), GET, GET], 'yyn'),
	'asked-max-age-0': ({'Cache-Control': 'max-age=100'}, [GET, ('GET', 'Cache-Control: max-age=0')], 'yy'),
	'asked-min-fresh': ({'Cache-Control': 'max-age=100'}, [GET, ('GET', 'Cache-Control: min-fresh=200')], 'yy'),
	'vary': ({'Cache-Control': 'max-age=100', 'Vary': 'Accept-Language'},
		[('GET', 'Accept-Language: de'), ('GET', 'Accept-Language: de'), ('GET', 'Accept-Language: fr')], 'yny'),
	'vary-all': ({'Cache-Control': 'max-age=100', 'Vary': '*'}, [GET, GET], 'yy'),
	# --- where they differ ---
	# of another user
	'authorization': ({'Cache-Control': 'max-age=100'}, [('GET', 'Authorization: Bearer a'), ('GET', 'Authorization: Bearer b')], 'yn', 'yy'),
	'api-key': ({'Cache-Control': 'max-age=100'}, [('GET', 'X-Api-Key: a'), ('GET', 'X-Api-Key: b')], 'yn', 'yy'),
	# RFC 9111 section 4.2.3: a cache on the way has had it for so long
	'age': ({'Cache-Control': 'max-age=100', 'Age': '200'}, [GET, GET], 'yn', 'yy'),
	# the cookie of one call is not for the next
	'set-cookie': ({'Cache-Control': 'max-age=100', 'Set-Cookie': 'a=b'}, [GET, GET], 'yn', 'yy'),
	# a change by a POST is one (section 4.4); CacheControl knows of PUT, PATCH and DELETE
	'a-real-post': ({'Cache-Control': 'max-age=100'}, [GET, ('POST', ''), GET], 'yyn', 'yyy'),
	# of two max-ages the shorter (section 4.2.1)
	'max-age-twice': ({'Cache-Control': 'max-age=0, max-age=100'}, [GET, GET], 'yn', 'yy'),
	# both answers of a URL that varies are kept: the one place where ours asks less
	'vary-both': ({'Cache-Control': 'max-age=100', 'Vary': 'Accept-Language'},
		[('GET', 'Accept-Language: de'), ('GET', 'Accept-Language: fr'), ('GET', 'Accept-Language: de')], 'yyy', 'yyn'),
}


class Origin(http.server.BaseHTTPRequestHandler):
	protocol_version = 'HTTP/1.1'

	def log_message(self, *arguments):
		pass

	def answer_slowly(self):
		"""What /counter/N says is how often it was changed; both take their time, before and behind."""
		time.sleep(self.server.chance.random() / 100)
		with self.server.lock:
			if self.command == 'PUT':
				self.server.counters[self.path] = self.server.counters.get(self.path, 0) + 1
			text = str(self.server.counters.get(self.path, 0)).encode()
		time.sleep(self.server.chance.random() / 100)
		self.send_response_only(200)
		self.send_header('Cache-Control', 'max-age=1000')
		self.send_header('Content-Length', str(len(text)))
		self.end_headers()
		self.wfile.write(text)

	def answer(self):
		self.rfile.read(int(self.headers['Content-Length'] or 0))
		if self.path.startswith('/counter/'):
			self.answer_slowly()
			return
		self.server.asked += 1
		headers = CASES[self.path.strip('/')][0]
		is_same = self.headers['If-None-Match'] and self.headers['If-None-Match'] == headers.get('ETag')
		self.send_response_only(304 if is_same else 200)
		for name, value in {'Date': date(0), **headers}.items():
			self.send_header(name, value)
		if not is_same:
			self.send_header('Content-Length', '2')
		self.end_headers()
		if not is_same:
			self.wfile.write(b'ok')

	do_GET = do_PUT = do_POST = answer


# What a connection says, and its end; whether it may be kept.
HEAD = b'HTTP/1.1 200 OK\r\nCache-Control: max-age=100\r\nETag: "a"\r\n'
ENDS = {
	'/whole': (HEAD + b'Content-Length: 5\r\n\r\nhello', True),
	'/short': (HEAD + b'Content-Length: 10\r\n\r\nhello', False),
	'/chunks': (HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', True),
	'/cut-chunks': (HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', False),
	'/until-it-ends': (HEAD + b'Connection: close\r\n\r\nhello', True),
	'/after-a-103': (b'HTTP/1.1 103 Early Hints\r\nCache-Control: max-age=100\r\n\r\n'
		b'HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 5\r\n\r\nhello', False),
}


class Ends(socketserver.StreamRequestHandler):
	def handle(self):
		path = self.rfile.readline().split()[1].decode()
		while self.rfile.readline().strip():
			pass
		self.server.asked += 1
		self.wfile.write(ENDS[path][0])


def only_whole_ones_are_kept():
	faults = []
	with socketserver.ThreadingTCPServer(('127.0.0.1', 0), Ends) as server:
		server.asked = 0
		threading.Thread(target=server.serve_forever, daemon=True).start()
		keeper = subprocess.Popen([sys.argv[1], f'http://127.0.0.1:{server.server_address[1]}'], stdin=subprocess.PIPE,
			stdout=subprocess.PIPE, text=True)
		for path, (_, is_kept) in ENDS.items():
			text, _ = with_coracle(server, keeper, path, [GET, GET])
			faults += differs(path, text, 'yn' if is_kept else 'yy')
		keeper.stdin.close()
		faults += differs('its end', keeper.wait(PATIENCE), 0)
		server.shutdown()
	return faults


def reach(server, calls, make):
	"""Which calls reach the server: "yn"."""
	text = ''
	for method, header in calls:
		before = server.asked
		make(method, header)
		text += 'y' if server.asked > before else 'n'
	return text


def with_cachecontrol(server, url, calls):
	with cachecontrol.CacheControl(requests.Session()) as session:
		session.headers.update({'Accept-Encoding': 'identity'})
		return reach(server, calls, lambda method, header: session.request(method, url, timeout=PATIENCE,
			headers=dict([header.split(': ')]) if header else None))


def with_coracle(server, keeper, path, calls):
	def make(method, header):
		keeper.stdin.write(f'{method} {path} {header}\n')
		keeper.stdin.flush()
		said.append(keeper.stdout.readline())

	said = []
	text = reach(server, calls, make)
	return text, all(line.startswith('200 ') for line in said)


def as_cachecontrol_does(server, keeper):
	"""Each case: the same calls reach the server, or those that the row says."""
	url, faults = f'http://127.0.0.1:{server.server_address[1]}', []
	for name, (_, calls, theirs, *ours) in CASES.items():
		there = with_cachecontrol(server, f'{url}/{name}', calls)
		here, is_good = with_coracle(server, keeper, f'/{name}', calls)
		faults += differs(f'{name} there', there, theirs) + differs(f'{name} here', here, ours[0] if ours else theirs)
		faults += [] if is_good else [f'{name}: a call has failed']
	return faults


def work(keeper, seed, changes, faults, hits):
	"""Ask and change; what is asked for after a change was over, whoever made it, is no older than that."""
	chance = random.Random(seed)
	for _ in range(WORKS):
		path = f'/counter/{chance.randrange(2)}'
		is_change = chance.random() < 0.2
		known = max([number for of, number in list(changes) if of == path], default=0)
		keeper.stdin.write(f'{"PUT" if is_change else "GET"} {path} {HEADERS[chance.randrange(len(HEADERS))]}\n')
		keeper.stdin.flush()
		status, source, number = keeper.stdout.readline().split()
		if is_change:
			changes.append((path, int(number)))
		hits[0] += source == 'fresh'
		if status != '200' or int(number) < known:
			faults.append(f'{path} is {number}, from {source}, and was {known} before')


def no_old_answer_follows_a_change(server, place):
	"""Three processes with one store, and answers with and without an identity."""
	url = f'http://127.0.0.1:{server.server_address[1]}'
	changes, faults, hits = [], [], [0]
	server.counters.clear()
	keepers = [subprocess.Popen([sys.argv[1], url, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
	threads = [threading.Thread(target=work, args=(keeper, seed, changes, faults, hits)) for seed, keeper in enumerate(keepers)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	for keeper in keepers:
		keeper.stdin.close()
		faults += differs('its end', keeper.wait(PATIENCE), 0)
	return faults + ([] if hits[0] > WORKS / 4 and len(changes) > WORKS / 4 else [f'{hits[0]} hits and {len(changes)} changes prove nothing'])


def try_places(tap, server):
	with tempfile.TemporaryDirectory() as directory:
		tap.check('in files no old answer follows a change', no_old_answer_follows_a_change(server, directory))
	if not shutil.which('memcached'):
		tap.skip('in memcached', 'memcached is not installed')
		return
	memcached = Memcached()
	try:
		tap.check('in memcached no old answer follows a change', no_old_answer_follows_a_change(server, memcached.at))
	finally:
		memcached.stop()


def main():
	tap = Tap()
	server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Origin)
	server.asked, server.counters, server.lock, server.chance = 0, {}, threading.Lock(), random.Random(1)
	threading.Thread(target=server.serve_forever, daemon=True).start()
	keeper = subprocess.Popen([sys.argv[1], f'http://127.0.0.1:{server.server_address[1]}'], stdin=subprocess.PIPE,
		stdout=subprocess.PIPE, text=True)
	tap.check('as CacheControl does, or more carefully', as_cachecontrol_does(server, keeper))
	keeper.stdin.close()
	tap.check('only whole ones are kept', only_whole_ones_are_kept())
	try_places(tap, server)
	tap.check('the program ends', differs('its end', keeper.wait(PATIENCE), 0))
	server.shutdown()
	tap.done()


main()
