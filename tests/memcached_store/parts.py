# SPDX-License-Identifier: MIT
"""What the tests of the memcached store have in common: real servers, a fake one, and the program that asks."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import quote_from_bytes

sys.path.append('/usr/lib/python3/dist-packages')  # Debian's, whichever python runs this

PATIENCE = 30


def quoted(word):
	if isinstance(word, str):
		word = word.encode()
	if word.startswith(b'@'):
		return word.decode()
	return quote_from_bytes(word, safe=":./#=-_'") or '%'


class Asker:
	"""A store in a program of its own: ask('get', 'key') is the line that it answers."""

	def __init__(self, program, mode, at, **options):
		options = {'connect_ms': 20000, 'timeout_ms': 20000, **options}  # a busy machine is no failure
		self.process = subprocess.Popen([program, mode, at] + ['%s=%s' % item for item in options.items()],
			stdin=subprocess.PIPE, stdout=subprocess.PIPE)

	tells_left = True

	def send(self, verb, *words):
		line = ' '.join([verb] + [quoted(word) if isinstance(word, (str, bytes)) else str(word) for word in words])
		self.process.stdin.write(line.encode() + b'\n')
		self.process.stdin.flush()

	def answer(self):
		return self.process.stdout.readline().decode().strip()

	def ask(self, verb, *words):
		self.send(verb, *words)
		return self.answer()

	def left(self, told):
		"""How long a value lives, as a server tells it, or does not."""
		return str(told if self.tells_left else 1)

	def figures(self):
		return {name: int(value) for name, value in (pair.split('=') for pair in self.ask('figures').split()[1:])}

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.process.stdin.close()
		self.process.wait(PATIENCE)
		self.process.stdout.close()
		if self.process.returncode:
			raise RuntimeError('the asker has ended with %d' % self.process.returncode)


def free_port():
	with socket.socket() as probe:
		probe.bind(('127.0.0.1', 0))
		return probe.getsockname()[1]


class Memcached:
	"""A real one; `path` of a unix socket, or a port of its own."""

	def __init__(self, *options, path=None, port=None):
		self.options = options
		self.path = path
		self.port = 0 if path else port or free_port()
		self.process = None
		self.start()

	@property
	def at(self):
		return self.path or '127.0.0.1:%d' % self.port

	def start(self):
		place = ['-s', self.path] if self.path else ['-l', '127.0.0.1', '-p', str(self.port)]
		user = ['-u', 'nobody'] if os.getuid() == 0 and not self.path else ['-u', 'root'] if os.getuid() == 0 else []
		self.process = subprocess.Popen(['memcached', '-U', '0', '-m', '64', *place, *user, *self.options],
			stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
		until = time.monotonic() + PATIENCE
		while not self.is_there():
			if time.monotonic() > until:
				raise RuntimeError('memcached does not start')
			time.sleep(0.01)

	def is_there(self):
		try:
			self.connect().close()
			return True
		except OSError:
			return False

	def connect(self):
		connection = socket.socket(socket.AF_UNIX if self.path else socket.AF_INET)
		connection.settimeout(PATIENCE)
		connection.connect(self.path or ('127.0.0.1', self.port))
		return connection

	def say(self, text):
		"""Sends it, and returns what comes within a line or two."""
		with self.connect() as connection:
			connection.sendall(text)
			connection.shutdown(socket.SHUT_WR)
			pieces = []
			while True:
				piece = connection.recv(65536)
				if not piece:
					return b''.join(pieces)
				pieces.append(piece)

	def signal(self, number):
		self.process.send_signal(number)

	def stop(self):
		if self.process.poll() is None:
			self.process.send_signal(signal.SIGCONT)
			self.process.kill()
		self.process.wait()

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.stop()


class Fake:
	"""
	A server that answers what `reply(fake, line, body)` returns for each request: bytes, or None: it closes.
	It says that it knows the meta protocol, or not.
	"""

	def __init__(self, reply, knows_meta=True, version=None):
		self.reply = reply
		self.knows_meta = knows_meta
		self.version = version or (b'1.6.18' if knows_meta else b'1.5.6')
		self.connections = 0
		self.requests = []
		self.trickles = False
		self.listener = socket.create_server(('127.0.0.1', 0))
		self.at = '127.0.0.1:%d' % self.listener.getsockname()[1]
		threading.Thread(target=self.accept, daemon=True).start()

	def accept(self):
		while True:
			try:
				connection, _ = self.listener.accept()
			except OSError:
				return
			self.connections += 1
			threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

	def serve(self, connection):
		with connection, connection.makefile('rb') as source:
			connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
			try:
				while self.serve_one(connection, source):
					pass
			except OSError:
				pass

	def serve_one(self, connection, source):
		line = source.readline()
		if not line:
			return False
		words = line.split()
		if not words:
			return False
		if line == b'mn\r\n':
			connection.sendall(b'MN\r\n' if self.knows_meta else b'ERROR\r\n')
			return True
		if line == b'version\r\n':
			connection.sendall(b'VERSION %s\r\n' % self.version)
			return True
		body = b''
		if words[0] == b'ms':
			body = source.read(int(words[2]) + 2)
		elif words[0] in (b'set', b'add', b'replace', b'cas'):
			body = source.read(int(words[4]) + 2)
		self.requests.append(line)
		answer = self.reply(self, line, body)
		if answer is None:
			return False
		if self.trickles:
			for at in range(len(answer)):
				connection.sendall(answer[at:at + 1])
		else:
			connection.sendall(answer)
		return True

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.listener.close()


def opaque(line):
	"""b'O17' of a request of the meta protocol."""
	return [word for word in line.split() if word.startswith(b'O')][-1]
