#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
test_load.py PROBE_SERVER: twenty thousand requests of all kinds from several clients to four threads; each gets its own
answer, whole and in order, while clients come, go, half-close, reset and stop midway. And hundreds of concurrent clients
that send their heads and bodies, and read, in a trickle, while the requests of another go on.
"""

import os
import random
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time

from tap import Tap

WAIT_S = 60
CLIENTS = 6
REQUESTS = 20000
SLOW_CLIENTS = 200


class Server:
	def __init__(self, program, path, *arguments):
		self.path = path
		self.errors = tempfile.TemporaryFile()
		self.process = subprocess.Popen([program, *arguments, f'unix:{path}'], stdout=subprocess.PIPE, stderr=self.errors)
		self.process.stdout.readline()

	def connect(self):
		s = socket.socket(socket.AF_UNIX)
		s.settimeout(WAIT_S)
		s.connect(self.path)
		return s

	def end(self):
		"""End it; returns what was wrong with its end."""
		self.process.terminate()
		try:
			status = self.process.wait(WAIT_S)
		except subprocess.TimeoutExpired:
			self.process.kill()
			status = 'no end'
		self.process.stdout.close()
		self.errors.seek(0)
		said = self.errors.read().decode(errors='replace')
		return [f'it ended with {status}', said[:6000]] if status != 0 or said else []


def get(path, method='GET'):
	return f'{method} {path} HTTP/1.1\r\nHost: a\r\n\r\n'.encode()


def post(path, body):
	return f'POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n'.encode() + body


def chunked(path, body, step):
	pieces = [body[at:at + step] for at in range(0, len(body), step)]
	head = f'POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'.encode()
	return head + b''.join(b'%x\r\n%b\r\n' % (len(piece), piece) for piece in pieces) + b'0\r\n\r\n'


def make_request(dice):
	"""(bytes, status, body or None if it is not checked, whether the answer has a body)."""
	body = dice.randbytes(dice.choice((1, 30, 700, 5000)))
	size = dice.choice((0, 1, 999, 16384, 30000))
	return dice.choice((
		(get('/plain'), 200, b'plain', True),
		(get('/plain', 'HEAD'), 200, None, False),
		(post('/echo', body), 200, body, True),
		(chunked('/echo', body, dice.choice((1, 100, 4000)) if len(body) < 1000 else 900), 200, body, True),
		(chunked('/count', body, 4096), 200, b'%d' % len(body), True),
		(post('/late/1', body), 200, body, True),
		(post('/ignore', b'abc'), 200, b'ignored', True),
		(get(f'/stream/{size}'), 200, b's' * size, True),
		(get(f'/stream/{size}', 'HEAD'), 200, None, False),
		(get(f'/big/{size + 1}'), 200, b'b' * (size + 1), True),
		(get('/sleep/1'), 200, b'slept', True),
		(get('/nowhere'), 404, b'no such path', True),
	))


class Client:
	def __init__(self, server, seed):
		self.server, self.dice = server, random.Random(seed)
		self.socket, self.data = None, b''
		self.answered, self.problems = 0, []

	def receive(self):
		piece = self.socket.recv(65536)
		if not piece:
			raise EOFError(f'closed after {self.data[-60:]!r}')
		self.data += piece

	def until(self, mark):
		while mark not in self.data:
			self.receive()
		part, _, self.data = self.data.partition(mark)
		return part

	def exactly(self, count):
		while len(self.data) < count:
			self.receive()
		part, self.data = self.data[:count], self.data[count:]
		return part

	def answer(self, has_body):
		"""(status, body, whether the server ends the connection)."""
		lines = self.until(b'\r\n\r\n').lower().split(b'\r\n')
		status, closes = int(lines[0].split()[1]), b'connection: close' in lines
		lengths = [int(line.split(b':')[1]) for line in lines if line.startswith(b'content-length:')]
		if not has_body:
			return status, None, closes
		if b'transfer-encoding: chunked' not in lines:
			return status, self.exactly(lengths[0]), closes
		body = b''
		while (size := int(self.until(b'\r\n'), 16)) != 0:
			body += self.exactly(size)
			self.exactly(2)
		self.exactly(2)
		return status, body, closes

	def batch(self):
		wanted = [make_request(self.dice) for _ in range(self.dice.choice((1, 1, 4, 16)))]
		text = b''.join(request[0] for request in wanted)
		cut = self.dice.randrange(len(text))
		self.socket.sendall(text[:cut])
		self.socket.sendall(text[cut:])
		for request, status, body, has_body in wanted:
			seen, its_body, closes = self.answer(has_body)
			self.answered += 1
			if seen != status or (body is not None and its_body != body):
				raise ValueError(f'{request[:60]!r}: {seen} {its_body[:60] if its_body else its_body!r}')
			if closes:
				return False
		return True

	def leave(self):
		"""Leave in one of the ways in which clients go."""
		way = self.dice.randrange(5)
		text = b''.join(make_request(self.dice)[0] for _ in range(4))
		if way == 1:
			self.socket.sendall(text[:self.dice.randrange(len(text))])
		elif way == 2:
			self.socket.sendall(text)
		elif way == 3:
			self.socket.sendall(get('/stream/900000') + get('/sleep/5'))
		elif way == 4:
			self.socket.sendall(b'GET / HTTP/1.1\r\nHost : a\r\n\r\n' + text)
			self.socket.shutdown(socket.SHUT_WR)
			while self.socket.recv(65536):
				pass
		self.socket.close()

	def run(self, count):
		try:
			while self.answered < count:
				self.socket, self.data = self.server.connect(), b''
				for _ in range(self.dice.randrange(1, 30)):
					if not self.batch():
						break
				self.leave()
		except BrokenPipeError:
			self.problems.append('the server closed first')
		except (OSError, EOFError, ValueError) as problem:
			self.problems.append(f'{type(problem).__name__}: {problem}')


def mixed(tap, program, folder):
	server = Server(program, f'{folder}/mixed', '--threads', '4')
	clients = [Client(server, seed) for seed in range(CLIENTS)]
	threads = [threading.Thread(target=client.run, args=(REQUESTS // CLIENTS,)) for client in clients]
	began = time.monotonic()
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	tap.figure(f'{sum(client.answered for client in clients)} requests of all kinds in {time.monotonic() - began:.1f} s')
	tap.check('each request has its own answer', [problem for client in clients for problem in client.problems])
	tap.check('the server exits cleanly', server.end())


def open_slow(server, number):
	"""Open a slow client: it sends a part immediately, and would trickle the rest."""
	s = server.connect()
	kind = number % 4
	if kind == 0:
		s.sendall(b'GET /plain HTTP/1.1\r\n')
		return s, b'X: y\r\n' * 1000
	if kind == 1:
		s.sendall(b'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n')
		return s, b'b' * 1000
	if kind == 2:
		s.sendall(b'POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
		return s, b'1\r\nc\r\n' * 1000
	s.sendall(get('/stream/900000'))
	return s, b''


def trickle(slow, stop):
	"""Send one byte on each, or receive one, round after round."""
	at = 0
	while not stop.is_set():
		for s, text in slow:
			try:
				if text:
					s.send(text[at % len(text):at % len(text) + 1])
				else:
					s.recv(1)
			except OSError:
				pass # the server may have cut it
		at += 1


def slow(tap, program, folder):
	server = Server(program, f'{folder}/slow')
	slow = [open_slow(server, number) for number in range(SLOW_CLIENTS)]
	stop = threading.Event()
	trickler = threading.Thread(target=trickle, args=(slow, stop))
	trickler.start()
	quick, times = Client(server, 1), []
	quick.socket = server.connect()
	problems = []
	try:
		for _ in range(1000):
			began = time.monotonic()
			quick.socket.sendall(get('/plain'))
			if quick.answer(True)[:2] != (200, b'plain'):
				problems.append('the wrong answer')
			times.append(time.monotonic() - began)
	except (OSError, EOFError) as problem:
		problems.append(str(problem))
	stop.set()
	trickler.join()
	times.sort()
	if times:
		tap.figure(f'next to {SLOW_CLIENTS} slow clients: median {times[len(times) // 2] * 1e3:.2f} ms, '
			f'worst {times[-1] * 1e3:.1f} ms')
	tap.check('a thousand requests are answered next to slow clients', problems)
	for s, _ in slow:
		s.close()
	tap.check('the server exits cleanly', server.end())


def is_closed(s):
	"""Whether the other end is closed, even if there are bytes left to read."""
	poll = select.poll()
	poll.register(s, 0)
	return bool(poll.poll(0))


def cut_slow(tap, program, folder):
	"""With short timeouts, all slow clients are cut in the end, however they trickle."""
	server = Server(program, f'{folder}/cut', *(word for key in ('header', 'body', 'write', 'request', 'idle')
		for word in (f'--{key}_timeout_ms', '500')))
	slow = [open_slow(server, number) for number in range(SLOW_CLIENTS)]
	for s, _ in slow:
		s.setblocking(False)
	end, left, at = time.monotonic() + WAIT_S, dict(enumerate(slow)), 0
	while left and time.monotonic() < end:
		for number, (s, text) in list(left.items()):
			try:
				if text:
					s.send(text[at % len(text):at % len(text) + 1])
				else:
					s.recv(1)
				if is_closed(s):
					del left[number]
			except BlockingIOError:
				pass
			except OSError:
				del left[number]
		at += 1
		time.sleep(0.01)
	tap.check('slow clients are cut', [f'client {number} of kind {number % 4} is still served' for number in left])
	for s, _ in slow:
		s.close()
	tap.check('the server exits cleanly', server.end())


def main(program):
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		mixed(tap, program, folder)
		slow(tap, program, folder)
		cut_slow(tap, program, folder)
	tap.done()


if __name__ == '__main__':
	main(sys.argv[1])
