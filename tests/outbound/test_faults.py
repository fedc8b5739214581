#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The plain carrier against servers that lie, stall, trickle, bomb and break off, over real sockets."""

import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from tap import Tap

CALLER = sys.argv[1]
PATIENCE = 60
OK = b'HTTP/1.1 200 OK\r\n'
HELLO = OK + b'Content-Length: 5\r\n\r\nhello'
CHUNKED = OK + b'Transfer-Encoding: chunked\r\n\r\n'
LIGHT = bool(os.environ.get('COR_TEST_LIGHT'))
MEMORY_KIB = 300 * 1024 if LIGHT else 16 * 1024


class Server:
	"""Runs `serve(connection, number)` in a thread for each connection."""

	def __init__(self, serve, family=socket.AF_INET, address=('127.0.0.1', 0)):
		self.listener = socket.socket(family, socket.SOCK_STREAM)
		self.listener.bind(address)
		self.listener.listen(64)
		self.port = self.listener.getsockname()
		if family != socket.AF_UNIX:
			self.port = self.port[1]
		self.serve = serve
		self.connections = 0
		threading.Thread(target=self.accept, daemon=True).start()

	def accept(self):
		while True:
			try:
				connection, _ = self.listener.accept()
			except OSError:
				return
			self.connections += 1
			threading.Thread(target=self.run, args=(connection, self.connections), daemon=True).start()

	def run(self, connection, number):
		with connection:
			try:
				if connection.family != socket.AF_UNIX:
					connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
				self.serve(connection, number)
			except OSError:
				pass

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.listener.shutdown(socket.SHUT_RDWR)
		self.listener.close()


def read_head(connection):
	head = b''
	while not head.endswith(b'\r\n\r\n'):
		byte = connection.recv(1)
		if not byte:
			raise OSError('closed')
		head += byte
	return head


def reset(connection):
	connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def forever(connection, piece):
	while True:
		connection.sendall(piece * 1000)


def call(orders, way):
	"""The outcome of each order, as lists of words, then descriptors and memory."""
	done = subprocess.run([CALLER, way], input='\n'.join(orders) + '\n', stdout=subprocess.PIPE, text=True, timeout=PATIENCE)
	lines = [line.split(' ', 7) for line in done.stdout.splitlines()]
	if done.returncode != 0 or not lines:
		raise RuntimeError(f'caller ended with {done.returncode}: {lines}')
	return lines[:-1], int(lines[-1][0]), int(lines[-1][1])


def differs(what, is_, should):
	return [] if is_ == should else [f'{what}: {is_!r}, should be {should!r}']


def order(port, method='GET', host='127.0.0.1', body='-', limit=1 << 40, timeout=10000):
	return f'{method} {host} {port} {body} {limit} {timeout}'


def check(serve, expected, way, orders=None, **options):
	"""Each answer must be `expected`: words, of which a None stands for anything."""
	with Server(serve) as server:
		lines, left, memory = call(orders(server.port) if orders else [order(server.port, **options)], way)
	found = differs('descriptors left', left, 0)
	if memory > MEMORY_KIB:
		found.append(f'{memory} KiB of memory')
	found += differs('answers', len(lines), len(expected))
	for line, words in zip(lines, expected):
		for have, want in zip(line, words.split()):
			if want != '*' and have != want:
				found.append(f'{" ".join(line)}: should be {words}')
				break
	return found


def sends(*pieces, end=None, pause=0.02):
	"""Reads a head, sends pieces one after another, and closes."""
	def serve(connection, _):
		read_head(connection)
		for piece in pieces:
			connection.sendall(piece)
			if pause and len(pieces) > 1:
				time.sleep(pause)
		if end:
			end(connection)
	return serve


def sends_forever(begin, piece):
	def serve(connection, _):
		read_head(connection)
		connection.sendall(begin)
		forever(connection, piece)
	return serve


def sends_often(begin, piece, pause):
	def serve(connection, _):
		read_head(connection)
		connection.sendall(begin)
		while True:
			connection.sendall(piece)
			time.sleep(pause)
	return serve


def says_nothing(connection, _):
	read_head(connection)
	time.sleep(PATIENCE)


def keeps(connection, _):
	while True:
		read_head(connection)
		connection.sendall(HELLO)


def closes_idle(connection, _):
	read_head(connection)
	connection.sendall(HELLO)
	time.sleep(0.02)


def refuses_upload(connection, _):
	read_head(connection)
	connection.sendall(b'HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge')
	connection.shutdown(socket.SHUT_WR)
	while connection.recv(1000000):
		pass


def takes_upload(connection, _):
	head = read_head(connection)
	left = int(head.split(b'Content-Length: ')[1].split(b'\r\n')[0])
	while left > 0:
		left -= len(connection.recv(min(left, 1000000)))
	connection.sendall(HELLO)


def urgent(connection, _):
	read_head(connection)
	connection.sendall(OK + b'Content-Length: 5\r\n\r\nhel')
	connection.send(b'!', socket.MSG_OOB)
	connection.sendall(b'lo')
	time.sleep(0.1)


def body_of(size):
	def serve(connection, _):
		read_head(connection)
		connection.sendall(OK + b'\r\n')
		for _ in range(size // 1000000):
			connection.sendall(b'x' * 1000000)
	return serve


LARGE = 5000000 if LIGHT else 50000000
MANY = 50 if LIGHT else 300

CASES = (
	('a whole answer', sends(HELLO), ['200 5 * - new answered']),
	('header lines without end', sends_forever(OK, b'X: y\r\n'), ['0 0 0 too-large new answered']),
	('a header line without end', sends_forever(OK + b'X: ', b'y'), ['0 0 0 too-large new answered']),
	('a status line without end', sends_forever(b'HTTP/1.1 200 ', b'y'), ['0 0 0 too-large new answered']),
	('interim answers without end', sends_forever(b'', b'HTTP/1.1 102 Processing\r\n\r\n'), ['0 0 0 protocol new answered']),
	('interim answers with headers, without end', sends_forever(b'', b'HTTP/1.1 103 Hints\r\n' + b'A: b\r\n' * 90 + b'\r\n'),
		['0 0 0 protocol new answered']),
	('fewer bytes than told', sends(OK + b'Content-Length: 10\r\n\r\nhello'), ['200 5 * lost new answered']),
	('more bytes than told', sends(HELLO + b'surplus'), ['200 5 * - new answered']),
	('half a chunk', sends(CHUNKED + b'a\r\nhello'), ['200 5 * lost new answered']),
	('half a chunk size', sends(CHUNKED + b'5\r\nhello\r\n1'), ['200 5 * lost new answered']),
	('chunks without an end', sends(CHUNKED + b'5\r\nhello\r\n'), ['200 5 * lost new answered']),
	('chunk extensions without end', sends_forever(CHUNKED + b'5', b';x'), ['200 0 0 protocol new answered']),
	('trailers without end', sends_forever(CHUNKED + b'0\r\n', b'A: b\r\n'), ['200 0 0 too-large new answered']),
	('a chunk larger than numbers', sends(CHUNKED + b'fffffffffffffffff\r\n'), ['200 0 0 protocol new answered']),
	('random bytes', sends(bytes(range(256)) * 10), ['0 0 0 protocol new answered']),
	('a TLS alert', sends(b'\x15\x03\x01\x00\x02\x02\x50'), ['0 0 0 protocol new answered']),
	('half a head', sends(OK + b'Conte'), ['0 0 0 lost new answered']),
	('no answer', sends(), ['0 0 0 lost new unanswered']),
	('a reset', sends(end=reset), ['0 0 0 lost new unanswered']),
	('a reset in the body', sends(OK + b'Content-Length: 10\r\n\r\nhello', b' ', end=reset), ['200 * * lost new answered']),
	('a body until a reset', sends(OK + b'\r\nhello', b' ', end=reset), ['200 * * lost new answered']),
	('a body until the end, at once', sends(OK + b'\r\nhello'), ['200 5 * - new answered']),
	('an urgent byte', urgent, ['200 5 * - new answered']),
	('a large body', body_of(LARGE), [f'200 {LARGE} * - new answered']),
)

TIMED = (
	('silence', says_nothing, '0 0 0 timeout'),
	('a head that trickles', sends_often(OK, b'A', 0.01), '0 0 0 timeout'),
	('headers that trickle', sends_often(OK, b'A: b\r\n', 0.01), '0 0 0 timeout'),
	('interim answers that trickle', sends_often(b'', b'HTTP/1.1 102 Processing\r\n\r\n', 0.1), '0 0 0 timeout'),
	('a body that trickles', sends_often(OK + b'\r\n', b'x', 0.01), '200 * * timeout'),
	('chunks that trickle', sends_often(CHUNKED, b'1\r\nx\r\n', 0.01), '200 * * timeout'),
	('chunk sizes that trickle', sends_often(CHUNKED + b'0', b'0', 0.1), '200 0 0 timeout'),
)


def times_out(serve, expected, way):
	begun = time.monotonic()
	with Server(serve) as server:
		lines, left, _ = call([order(server.port, timeout=300)], way)
	found = differs('descriptors left', left, 0)
	words = lines[0]
	if any(want not in ('*', have) for have, want in zip(words, expected.split())):
		found.append(f'{" ".join(words)}: should be {expected}')
	if not 290 <= int(words[6]) <= 2000 or time.monotonic() - begun > 10:
		found.append(f'after {words[6]} ms rather than 300')
	return found


def trickles_whole(way):
	"""A byte a packet, and whole in the end."""
	answer = CHUNKED + b'5\r\nhello\r\n0\r\n\r\n'
	return check(sends(*(answer[i:i + 1] for i in range(len(answer))), pause=0.001), ['200 5 * - new answered'], way)


def kept_is_used_again(way):
	with Server(keeps) as server:
		lines, left, _ = call([order(server.port)] * MANY, way)
		found = differs('connections', server.connections, 1) + differs('descriptors left', left, 0)
	found += differs('first', lines[0][4], 'new')
	return found + differs('others', {(*line[:2], *line[3:6]) for line in lines[1:]}, {('200', '5', '-', 'reused', 'answered')})


def closed_while_idle_is_not_used(way):
	return check(closes_idle, ['200 5 * - new answered'] * 3, way,
		lambda port: [order(port), 'sleep 200', order(port), 'sleep 200', order(port)])


def poisoned_is_not_used(way):
	return check(sends(HELLO + HELLO), ['200 5 * - new answered'] * 2, way, lambda port: [order(port)] * 2)


def upload_is_refused(way):
	return check(refuses_upload, ['413 5 * - new answered'], way, method='POST', body='length:20000000') + \
		check(refuses_upload, ['413 5 * - new answered'], way, method='POST', body='chunked:20000000')


def upload_is_taken(way):
	return check(takes_upload, ['200 5 * - new answered'], way, method='POST', body=f'length:{LARGE}')


def reading_stops(way):
	"""Who needs no more closes: the server cannot make it go on."""
	return check(sends_forever(OK + b'\r\n', b'x'), ['200 * * - new answered'], way, limit=1000000)


def unix_sockets(way):
	with tempfile.TemporaryDirectory() as folder:
		path = folder + '/s'
		with Server(keeps, socket.AF_UNIX, path):
			lines, left, _ = call([order(path, host='localhost')] * 3, way)
		refused, _, _ = call([order(path, host='localhost'), order(folder + '/none', host='localhost')], way)
	return differs('answers', [line[0] + line[4] for line in lines], ['200new', '200reused', '200reused']) + \
		differs('descriptors left', left, 0) + differs('refused', [line[3] for line in refused], ['refused'] * 2)


def localhost_is_both(way):
	"""::1 comes first, and nobody listens there."""
	return check(keeps, ['200 5 * - new answered'] * 2, way,
		lambda port: [order(port, host='localhost'), order(port, host='127.0.0.1')])


def nobody_listens(way):
	listener = socket.socket()
	listener.bind(('127.0.0.1', 0))
	port = listener.getsockname()[1]
	lines, left, _ = call([order(port), order(port, host='127.1')], way)
	return differs('kinds', [line[3] for line in lines], ['refused', 'resolve']) + differs('descriptors left', left, 0) + \
		differs('text', lines[0][7], f'connection refused by 127.0.0.1:{port}')


MORE = (trickles_whole, kept_is_used_again, closed_while_idle_is_not_used, poisoned_is_not_used, upload_is_refused,
	upload_is_taken, reading_stops, unix_sockets, localhost_is_both, nobody_listens)


def main():
	tap = Tap()
	for way in ('fiber', 'thread'):
		for name, serve, expected in CASES:
			tap.check(f'{name}, in a {way}', check(serve, expected, way))
		for name, serve, expected in TIMED:
			tap.check(f'{name}, in a {way}', times_out(serve, expected, way))
		for function in MORE:
			tap.check(f'{function.__name__}, in a {way}', function(way))
	tap.done()


main()
