# SPDX-License-Identifier: MIT
"""Calls by the carrier in a process of their own, and the peers that answer them."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'house'))
from tap import Tap  # noqa: E402,F401

CARRY = sys.argv[1]
PATIENCE = 30
# enum cor_failure
CONNECT_TIMEOUT, RESOLVE, REFUSED, UNREACHABLE, LOST, PROXY = 0x101, 0x201, 0x202, 0x203, 0x204, 0x205
CERTIFICATE, NAME, PIN, HANDSHAKE, PROTOCOL, TOO_LARGE, CALL, MEMORY = 0x281, 0x282, 0x283, 0x284, 0x401, 0x402, 0x1002, 0x1004
MODES = ('fiber', 'thread')


def body_of(size):
	"""What carry sends."""
	return bytes(ord('a') + i % 23 for i in range(size))


def sum_of(data):
	total = 0
	for byte in data:
		total = (total * 31 + byte) & 0xffffffff
	return total


class Carrier:
	"""A process that makes calls; the environment is as bad as can be."""

	def __init__(self, mode='fiber', **environment):
		self.environment = dict(os.environ, http_proxy='http://127.0.0.1:1', HTTPS_PROXY='http://127.0.0.1:1',
			ALL_PROXY='http://127.0.0.1:1', **environment)
		self.process = subprocess.Popen([CARRY, mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
			env=self.environment)
		self.last = None

	def go(self, *calls):
		"""What became of each, in the order given; self.last is the line about the process."""
		for number, call in enumerate(calls):
			words = ' '.join(name if value is True else f'{name}={value}' for name, value in call.items() if value is not None)
			self.process.stdin.write(f'id={number} {words.replace("tls ", "tls=1 ")}\n')
		self.process.stdin.write('go\n')
		self.process.stdin.flush()
		answers = {}
		for line in self.process.stdout:
			told = json.loads(line)
			if 'id' not in told:
				self.last = told
				break
			answers[int(told['id'])] = told
		assert len(answers) == len(calls), (answers, self.process.poll())
		return [answers[number] for number in range(len(calls))]

	def one(self, **call):
		return self.go(call)[0]

	def close(self):
		"""End it, and see that nothing is left."""
		self.process.stdin.close()
		left = json.loads(self.process.stdout.read())
		assert self.process.wait(PATIENCE) == 0, self.process.returncode
		assert left['left'] == 0 and left['watched'] == 0, left
		return left

	def __enter__(self):
		return self

	def __exit__(self, kind, *_):
		if kind is None:
			self.close()
		else:
			self.process.kill()
		self.process.wait()
		self.process.stdout.close()


class Request:
	def __init__(self, head):
		self.head = head.decode('latin-1')
		line, *rest = self.head.split('\r\n')[:-2]
		self.line = line
		self.method, self.target, self.version = line.split(' ')
		self.fields = [tuple(each.split(': ', 1)) if ': ' in each else (each, '') for each in rest]
		self.body = b''

	def get(self, name):
		return next((value for field, value in self.fields if field.lower() == name.lower()), None)


class Conversation:
	"""A connection, as the peer's script sees it."""

	def __init__(self, sock):
		self.sock, self.data = sock, b''

	def fill(self):
		try:
			more = self.sock.recv(65536)
		except ssl.SSLError:
			more = b''
		if not more:
			raise EOFError
		self.data += more

	def head(self):
		while b'\r\n\r\n' not in self.data:
			self.fill()
		head, _, self.data = self.data.partition(b'\r\n\r\n')
		return Request(head + b'\r\n\r\n')

	def exactly(self, count):
		while len(self.data) < count:
			self.fill()
		taken, self.data = self.data[:count], self.data[count:]
		return taken

	def line(self):
		while b'\r\n' not in self.data:
			self.fill()
		line, _, self.data = self.data.partition(b'\r\n')
		return line

	def request(self):
		"""A whole one."""
		request = self.head()
		if request.get('Transfer-Encoding') == 'chunked':
			request.chunks = []
			while size := int(self.line(), 16):
				request.chunks.append(size)
				request.body += self.exactly(size)
				self.line()
			self.line()
		elif request.get('Content-Length'):
			request.body = self.exactly(int(request.get('Content-Length')))
		return request

	def send(self, *parts):
		for part in parts:
			self.sock.sendall(part if isinstance(part, bytes) else part.encode())

	def answer(self, body=b'', status='200 OK', *fields):
		body = body if isinstance(body, bytes) else body.encode()
		self.send('\r\n'.join((f'HTTP/1.1 {status}', *fields, f'Content-Length: {len(body)}', '', '')).encode() + body)

	def reset(self):
		self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
		self.sock.close()

	def until_gone(self):
		with contextlib.suppress(EOFError, OSError):
			while True:
				self.fill()


def shake_hands(sock):
	"""Whoever is refused is read to the end: a reset would overtake the alert."""
	try:
		sock.do_handshake()
	except ssl.SSLError:
		while os.read(sock.fileno(), 65536):
			pass
		raise


class Peer:
	"""Runs `script(conversation, number)` for each connection, in a thread."""

	def __init__(self, script, tls=None, path=None, address='127.0.0.1'):
		self.script, self.tls, self.path = script, tls, path
		family = socket.AF_UNIX if path else socket.AF_INET6 if ':' in address else socket.AF_INET
		self.listener = socket.socket(family)
		if not path:
			self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		self.listener.bind(path or (address, 0))
		self.listener.listen(512)
		self.port = 0 if path else self.listener.getsockname()[1]
		self.count, self.requests, self.faults, self.open = 0, [], [], 0
		self.names = []
		self.news = threading.Condition()
		threading.Thread(target=self.accept, daemon=True).start()

	def accept(self):
		while True:
			try:
				sock, _ = self.listener.accept()
			except OSError:
				return
			with self.news:
				self.count += 1
				self.open += 1
				number = self.count
			threading.Thread(target=self.serve, args=(sock, number), daemon=True).start()

	def serve(self, sock, number):
		try:
			sock.settimeout(PATIENCE)
			if not self.path:
				sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
			if self.tls:
				sock = self.tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
				shake_hands(sock)
			self.script(Conversation(sock), number)
		except (EOFError, OSError):
			pass
		except Exception:
			self.faults.append(traceback.format_exc())
		finally:
			sock.close()
			with self.news:
				self.open -= 1
				self.news.notify_all()

	def wait_until_closed(self):
		with self.news:
			assert self.news.wait_for(lambda: self.open == 0, PATIENCE), self.open

	def __enter__(self):
		return self

	def __exit__(self, kind, *_):
		with contextlib.suppress(OSError):
			self.listener.shutdown(socket.SHUT_RDWR) # accept() ends
		self.listener.close()
		if kind is None:
			assert not self.faults, self.faults[0]


def keep_alive(answer):
	"""A script that answers each request of a connection by answer(conversation, request)."""
	def script(conversation, number):
		while True:
			request = conversation.request()
			request.connection = number
			answer(conversation, request)
	return script


def recorded(peer_script):
	"""(peer's script, the list of its requests)"""
	requests = []

	def answer(conversation, request):
		requests.append(request)
		peer_script(conversation, request)
	return keep_alive(answer), requests


def run(tests):
	tap = Tap()
	for test in tests:
		try:
			problems = test()
			tap.check(test.__name__[len('test_'):].replace('_', ' '), problems or [])
		except Exception:
			tap.check(test.__name__[len('test_'):].replace('_', ' '), traceback.format_exc().splitlines())
	tap.done()
