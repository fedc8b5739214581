# SPDX-License-Identifier: MIT
"""The secure example as a process, and clients of it."""

import os
import re
import socket
import ssl
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
from program import PATIENCE, Program  # noqa: E402

LISTENING = re.compile(r'listening on https://[^\s"]*:(\d+)')
GET = b'GET /whoami HTTP/1.1\r\nHost: localhost\r\n\r\n'
LAST = b'GET /whoami HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'


class Secure(Program):
	def __init__(self, pair, *arguments, https='127.0.0.1:0', **rest):
		super().__init__('--https', https, '--certificate', pair[0], '--key', pair[1], *arguments, http=None, **rest)
		self.pair = pair

	def port(self):
		return int(self.wait_for_line(LISTENING).group(1))

	def connect_plainly(self):
		return socket.create_connection(('127.0.0.1', self.port()), PATIENCE)

	@staticmethod
	def connect_to(path):
		s = socket.socket(socket.AF_UNIX)
		s.settimeout(PATIENCE)
		s.connect(path)
		return s

	def connect(self, sock=None, name='localhost', **options):
		return trusting(self.pair[0], **options).wrap_socket(sock or self.connect_plainly(), server_hostname=name)

	def get(self, **options):
		"""(status, body) of /whoami"""
		with self.connect(**options) as s:
			return ask(s)


def trusting(certificate, version=None):
	context = ssl.create_default_context(cafile=certificate)
	if version:
		context.minimum_version = context.maximum_version = version
	return context


def ask(s, request=LAST):
	s.sendall(request)
	head, _, body = read_to_end(s).partition(b'\r\n\r\n')
	return int(head.split()[1]), body.decode()


def read_to_end(s):
	data = b''
	while True:
		piece = s.recv(65536)
		if not piece:
			return data
		data += piece


class Wire:
	"""A TLS client on a bare socket, which sees the records and ends as it is told."""

	def __init__(self, sock, context, name='localhost'):
		self.sock, self.incoming, self.outgoing = sock, ssl.MemoryBIO(), ssl.MemoryBIO()
		self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)
		self.raw = b''
		self.until(self.tls.do_handshake)

	def send_out(self):
		data = self.outgoing.read()
		if data:
			self.sock.sendall(data)

	def take_in(self):
		data = self.sock.recv(65536)
		self.raw += data
		if data:
			self.incoming.write(data)
		else:
			self.incoming.write_eof()
		return data

	def until(self, step, *arguments):
		"""Call it until it needs nothing from the other side."""
		while True:
			try:
				result = step(*arguments)
				self.send_out()
				return result
			except ssl.SSLWantReadError:
				self.send_out()
				self.take_in()

	def write(self, data):
		self.tls.write(data)
		self.send_out()

	def read(self):
		"""What comes next; empty at close_notify. A stream that was cut raises ssl.SSLEOFError."""
		return self.until(self.tls.read, 65536)

	def say_goodbye(self):
		"""Send close_notify; the other's may come later."""
		try:
			self.tls.unwrap()
		except ssl.SSLWantReadError:
			pass
		self.send_out()

	def record_types(self):
		types, at = [], 0
		while at + 5 <= len(self.raw):
			types.append(self.raw[at])
			at += 5 + int.from_bytes(self.raw[at + 3:at + 5], 'big')
		return types
