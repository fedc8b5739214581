# SPDX-License-Identifier: MIT
"""A WebSocket client that sends what it is told, right or wrong: frames as bytes over a bare socket."""
import base64
import hashlib
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))

PATIENCE = 20
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY = base64.b64encode(bytes(range(16))).decode()
ACCEPT = base64.b64encode(hashlib.sha1(KEY.encode() + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest()).decode()


def mask(data, key):
	if not data:
		return b''
	keys = (key * (len(data) // 4 + 1))[:len(data)]
	return (int.from_bytes(data, 'big') ^ int.from_bytes(keys, 'big')).to_bytes(len(data), 'big')


def frame(opcode, payload=b'', fin=True, rsv=0, masked=True, length=None, announced=None, key=b'\x12\x34\x56\x78'):
	"""One frame. `length`: 7, 16 or 64 bits for it, though fewer would do; `announced`: not the true length."""
	size = len(payload) if announced is None else announced
	length = length or (7 if size < 126 else 16 if size < 65536 else 64)
	first = (0x80 if fin else 0) | rsv << 4 | opcode
	bit = 0x80 if masked else 0
	if length == 7:
		head = struct.pack('!BB', first, bit | size)
	elif length == 16:
		head = struct.pack('!BBH', first, bit | 126, size)
	else:
		head = struct.pack('!BBQ', first, bit | 127, size)
	return head + (key + mask(payload, key) if masked else payload)


def closing(code, reason=b''):
	return struct.pack('!H', code) + reason


def handshake(path='/echo', host='trial', **fields):
	"""The lines of a handshake; a field of None is left out."""
	lines = {'Host': host, 'Upgrade': 'websocket', 'Connection': 'Upgrade', 'Sec-WebSocket-Key': KEY,
		'Sec-WebSocket-Version': '13'}
	lines.update({name.replace('_', '-'): value for name, value in fields.items()})
	text = f'GET {path} HTTP/1.1\r\n' + ''.join(f'{k}: {v}\r\n' for k, v in lines.items() if v is not None)
	return (text + '\r\n').encode()


class Ended(Exception):
	"""The server has ended the connection."""


class Client:
	def __init__(self, port, path='/echo', behind=b'', request=None, sock=None, **fields):
		self.s = sock or socket.create_connection(('127.0.0.1', port), PATIENCE)
		self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) if not sock else None
		self.data = b''
		self.s.sendall((request or handshake(path, **fields)) + behind)
		head = self.until(b'\r\n\r\n').decode()
		self.status = int(head.split()[1])
		self.fields = {}
		for line in head.split('\r\n')[1:]:
			name, value = line.split(':', 1)
			self.fields[name.lower()] = value.strip()

	def more(self):
		try:
			piece = self.s.recv(65536)
		except ConnectionResetError:
			piece = b''
		if not piece:
			raise Ended()
		self.data += piece

	def until(self, mark):
		while mark not in self.data:
			self.more()
		part, self.data = self.data.split(mark, 1)
		return part

	def exactly(self, n):
		while len(self.data) < n:
			self.more()
		part, self.data = self.data[:n], self.data[n:]
		return part

	def body(self):
		return self.exactly(int(self.fields['content-length'])).decode()

	def send(self, data, step=None):
		try:
			for at in range(0, len(data), step or len(data) or 1):
				self.s.sendall(data[at:at + (step or len(data))])
		except (BrokenPipeError, ConnectionResetError):
			pass  # it has said why, which is to be received

	def frame(self):
		"""(opcode, payload, rsv) of the next frame; the server's are final and not masked."""
		first, second = self.exactly(2)
		assert first & 0x80, 'the server has sent a fragment'
		assert not second & 0x80, 'the server has masked'
		size = second & 0x7f
		if size == 126:
			size, = struct.unpack('!H', self.exactly(2))
			assert size >= 126
		elif size == 127:
			size, = struct.unpack('!Q', self.exactly(8))
			assert size >= 65536
		return first & 0x0f, self.exactly(size), first >> 4 & 7

	def message(self):
		opcode, payload, _ = self.frame()
		assert opcode in (TEXT, BINARY), (opcode, payload)
		return payload

	def text(self, text):
		self.send(frame(TEXT, text.encode()))

	def close_code(self):
		"""The code of the close frame that is next, and that the connection ends behind it. 1005: it has none."""
		opcode, payload, _ = self.frame()
		assert opcode == CLOSE, (opcode, payload)
		self.reason = payload[2:].decode()
		try:
			self.more()
		except Ended:
			return struct.unpack('!H', payload[:2])[0] if payload else 1005
		raise AssertionError(f'behind the close frame comes {self.data!r}')

	def end(self):
		self.s.close()

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.end()
