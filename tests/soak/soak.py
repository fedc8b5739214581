#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
soak.py BUILD REQUESTS: sends the bench service many requests, good and bad, pipelined over connections that come and go;
each gets the right status, and the memory of the service stays flat (1 MB). Over a unix socket, so that the network is not
in the way. With COR_TEST_LIGHT, as under a sanitizer, memory is not checked.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'house'))
from tap import Tap

DEPTH = 16
CONNECTIONS = 8
GROWTH_MAX_KB = 1024
WAIT_S = 10
HEAD_END = b'\r\n\r\n'
LENGTH = re.compile(rb'\r\ncontent-length: *(\d+)', re.I)

ORDER = (b'{"id":1,"customer":"A","status":"new","created":"2024-02-20T07:36:50Z","paid":true,"discount":0.25,"address":'
	b'{"street":"1 Quay St","city":"Porto","zip":"13088"},"items":[{"sku":"SKU-8222","qty":2,"price":9.5}]}')


def get(path):
	return b'GET %b HTTP/1.1\r\nHost: soak\r\n\r\n' % path


def post(path, body):
	return b'POST %b HTTP/1.1\r\nHost: soak\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b' % (
		path, len(body), body)


def chunked(path, body):
	return b'POST %b HTTP/1.1\r\nHost: soak\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n' % (path, len(body), body)


# Requests that leave the connection open, with the status that each must get.
MIX = (
	(get(b'/plaintext'), 200), (get(b'/json'), 200), (post(b'/orders', ORDER), 200), (get(b'/'), 200),
	(post(b'/', b'x' * 3000), 200), (chunked(b'/', b'y' * 500), 200), (get(b'/nowhere'), 404),
	(post(b'/orders', ORDER.replace(b'SKU-', b'BAD-')), 422), (post(b'/orders', b'{"id":'), 400),
	(post(b'/json', b'{}'), 405), (get(b'/delay/0'), 200),
)
# Requests that end the connection, answered or not: they must not harm anybody.
ROUGH = (b'GET / HTTP/1.1\r\n\r\n', b'\x16\x03\x01\x02', b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab', b'GET /pl')


class Connection:
	def __init__(self, path):
		self.socket = socket.socket(socket.AF_UNIX)
		self.socket.connect(path)
		self.socket.settimeout(WAIT_S)
		self.data = b''

	def send(self, text):
		self.socket.sendall(text)

	def status(self):
		"""Return the status of the next response; read and drop its body."""
		while HEAD_END not in self.data:
			self._more()
		head, _, self.data = self.data.partition(HEAD_END)
		length = LENGTH.search(head)
		rest = int(length.group(1)) if length else 0
		while len(self.data) < rest:
			self._more()
		self.data = self.data[rest:]
		return int(head[9:12]), b'\r\nconnection: close' in head.lower()

	def _more(self):
		data = self.socket.recv(65536)
		if not data:
			raise EOFError('the service closed the connection before its answer')
		self.data += data


class Service:
	def __init__(self, program, folder):
		self.path = os.path.join(folder, 'soak.sock')
		self.process = subprocess.Popen([program, '--http', 'unix:' + self.path])
		end = time.monotonic() + WAIT_S
		while not self.answers() and time.monotonic() < end and self.process.poll() is None:
			time.sleep(0.01)

	def answers(self):
		"""Wait until it answers: the socket's file exists before anybody listens on it."""
		try:
			Connection(self.path).socket.close()
			return True
		except OSError:
			return False

	def memory_kb(self):
		with open(f'/proc/{self.process.pid}/smaps_rollup') as file:
			return int(re.search(r'^Rss:\s+(\d+)', file.read(), re.M).group(1))

	def stop(self):
		self.process.send_signal(signal.SIGTERM)
		return self.process.wait(60)


def rough(path, number):
	connection = Connection(path)
	connection.send(ROUGH[number % len(ROUGH)])
	connection.socket.close()


def batch(connection, first):
	"""One pipelined batch: (answers, wrong ones, whether the service will close the connection)."""
	wanted = [MIX[(first + n) % len(MIX)] for n in range(DEPTH)]
	wrong = []
	for done, (text, status) in enumerate(wanted, 1):
		try:
			if done == 1:
				connection.send(b''.join(text for text, _ in wanted))
			seen, closing = connection.status()
		except (OSError, EOFError) as error:
			return done - 1, wrong + [f'{text[:40]!r}: {error}'], True
		if seen != status:
			wrong.append(f'{text[:40]!r}: {seen}, not {status}')
		if closing:
			return done, wrong, True
	return DEPTH, wrong, False


def soak(service, requests):
	connections = [Connection(service.path) for _ in range(CONNECTIONS)]
	done, turn, before, wrong = 0, 0, None, []
	while done < requests and not wrong:
		which = turn % CONNECTIONS
		answers, wrong, closing = batch(connections[which], turn * 3)
		done, turn = done + answers, turn + 1
		if not wrong and (closing or turn % 97 == 0):
			connections[which].socket.close()
			connections[which] = Connection(service.path)
			rough(service.path, turn)
		if before is None and done >= requests // 10:
			before = service.memory_kb()
	return done, wrong, before, None if wrong else service.memory_kb()


def main(build, requests):
	tap, program = Tap(), os.path.join(build, 'bench', 'coracle-bench')
	if not os.path.exists(program):
		tap.skip('soak', f'there is no {program}')
		tap.done()
	with tempfile.TemporaryDirectory() as folder:
		service = Service(program, folder)
		start = time.monotonic()
		try:
			done, wrong, before, after = soak(service, requests)
		finally:
			status = service.stop()
	tap.figure(f'{done} requests in {time.monotonic() - start:.1f} s; memory {before} kB after a tenth of them, {after} kB at the end')
	tap.check('every request gets its status', wrong)
	if wrong or os.environ.get('COR_TEST_LIGHT'):
		tap.skip('memory is flat', 'something else is wrong' if wrong else 'not under a sanitizer')
	else:
		tap.check('memory is flat', [f'it grew by {after - before} kB'] if after - before > GROWTH_MAX_KB else [])
	tap.check('the service exits cleanly', [f'status {status}'] if status else [])
	tap.done()


if __name__ == '__main__':
	main(sys.argv[1], int(sys.argv[2]))
