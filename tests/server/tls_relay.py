# SPDX-License-Identifier: MIT
"""
Between clients that speak plainly and a server that speaks TLS, so that tests of HTTP on bare sockets run over TLS as they are: what a
client does to its socket is done to the stream of TLS, and the other way round. The end of one is close_notify in the other, and what is
cut on one side is reset on the other.
"""

import select
import socket
import ssl
import struct
import threading
import traceback

PATIENT_BYTES = 4096  # so many go in records of the size that was asked for
PIECE = 65536
RESET = struct.pack('ii', 1, 0)


class Relay:
	"""Listens on `port`; each connection goes on to what `connect` opens."""

	def __init__(self, certificate, connect, record_bytes=None):
		self.context = ssl.create_default_context(cafile=certificate)
		self.connect, self.record_bytes = connect, record_bytes
		self.cuts = []  # why it cut the connections it cut
		self.connected = threading.Semaphore(0)  # once for each client, when its way is open or closed
		self.listener = socket.create_server(('127.0.0.1', 0), backlog=1024)
		self.port = self.listener.getsockname()[1]
		threading.Thread(target=self.accept, daemon=True).start()

	def accept(self):
		while True:
			try:
				client, _ = self.listener.accept()
			except OSError:
				return
			threading.Thread(target=Passage(self, client).run, daemon=True).start()

	def close(self):
		self.listener.shutdown(socket.SHUT_RDWR)
		self.listener.close()


class Passage:
	def __init__(self, relay, client):
		self.relay, self.client, self.server, self.sent = relay, client, None, 0
		self.is_gone = False  # the server
		self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
		self.tls = relay.context.wrap_bio(self.incoming, self.outgoing, server_hostname='localhost')

	def run(self):
		try:
			try:
				self.server = self.relay.connect()
			finally:
				self.relay.connected.release()
			self.server.setblocking(False)
			if self.server.family != socket.AF_UNIX:
				self.server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
			self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
			self.shake_hands()
			self.pass_on()
		except (OSError, ssl.SSLError) as why:
			self.relay.cuts.append(traceback.format_exception(why))
			self.cut()
		finally:
			self.client.close()
			if self.server:
				self.server.close()

	def cut(self):
		for sock in self.client, self.server:
			if sock and sock.family != socket.AF_UNIX:
				sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

	def flush(self):
		"""What TLS wants to send. The server's answers are taken meanwhile: neither side waits for the other."""
		data = memoryview(self.outgoing.read())
		while data and not self.is_gone:
			readable, writable, _ = select.select([self.server], [self.server], [])
			if readable:
				self.is_gone = not self.take_in()
			elif writable:
				data = data[self.server.send(data):]

	def take_in(self):
		data = self.server.recv(PIECE)
		self.incoming.write(data)
		return data

	def shake_hands(self):
		while True:
			try:
				self.tls.do_handshake()
				self.flush()
				return
			except ssl.SSLWantReadError:
				self.flush()
				select.select([self.server], [], [])
				if not self.take_in():
					raise ConnectionResetError from None

	def forward(self, data):
		while data and not self.is_gone:
			size = self.relay.record_bytes if self.relay.record_bytes and self.sent < PATIENT_BYTES else len(data)
			taken = self.tls.write(data[:size])
			self.sent += taken
			data = data[taken:]
			self.flush()

	def answer(self):
		"""What has come from the server, as far as the client takes it; its goodbye is the end of that side."""
		while self.answers:
			if not self.waiting:
				try:
					self.waiting = self.tls.read(PIECE)
				except ssl.SSLWantReadError:
					return
				except ssl.SSLZeroReturnError:
					pass
			if not self.waiting:
				self.answers = False
				self.client.shutdown(socket.SHUT_WR)
				return
			try:
				self.waiting = self.waiting[self.client.send(self.waiting):]
			except BlockingIOError:
				return

	def ask(self):
		data = self.client.recv(PIECE)
		if data:
			self.forward(data)
			self.answer()
			return True
		self.answer()
		if self.waiting:
			return True  # goodbye is not said over what has not been read
		self.say_goodbye()
		return False

	def pass_on(self):
		asks, self.answers, self.waiting = True, True, b''
		self.client.setblocking(False)
		self.answer()
		while asks or self.answers:
			read = [] if self.waiting else [self.client] * asks + [self.server]
			readable, writable, _ = select.select(read, [self.client] if self.waiting else [], [])
			if self.server in readable:
				came = self.take_in()
				self.answer()
				if not came:
					return self.linger(asks)
			if writable:
				self.answer()
			if self.client in readable:
				asks = self.ask()
			if self.is_gone:
				return self.linger(asks)

	def linger(self, asks):
		"""The server has gone. What the client still sends must not destroy the answer."""
		while self.waiting:
			select.select([], [self.client], [])
			self.answer()
		if self.answers:
			raise ConnectionResetError
		self.client.settimeout(2)
		while asks and self.client.recv(PIECE):
			pass

	def say_goodbye(self):
		try:
			self.tls.unwrap()
		except ssl.SSLWantReadError:
			pass
		self.flush()
		if not self.is_gone:
			self.server.shutdown(socket.SHUT_WR)
		self.answer()
