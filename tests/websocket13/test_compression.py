#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""permessage-deflate: what is agreed on, and what comes compressed, right or wrong (RFC 7692). usage: test_compression.py TRIAL"""
import os
import random
import sys
import traceback
import zlib

from client import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Client, Ended, frame, handshake
from program import Program, Tap

OFFER = 'permessage-deflate; client_max_window_bits'
TAIL = b'\0\0\xff\xff'
NONE = 'server_no_context_takeover; client_no_context_takeover'

# offer, what /single answers, what /takeover answers (None: nothing)
OFFERS = [
	('permessage-deflate', NONE, 'server_max_window_bits=12'),
	(OFFER, NONE, 'server_max_window_bits=12; client_max_window_bits=12'),
	('permessage-deflate; server_no_context_takeover', NONE, 'server_no_context_takeover; server_max_window_bits=12'),
	('permessage-deflate; client_no_context_takeover', NONE, 'client_no_context_takeover; server_max_window_bits=12'),
	(f'permessage-deflate; {NONE}', NONE, f'{NONE}; server_max_window_bits=12'),
	('permessage-deflate; server_max_window_bits=9', f'{NONE}; server_max_window_bits=9', 'server_max_window_bits=9'),
	('permessage-deflate; server_max_window_bits="10"', f'{NONE}; server_max_window_bits=10', 'server_max_window_bits=10'),
	('permessage-deflate; server_max_window_bits=15', f'{NONE}; server_max_window_bits=15', 'server_max_window_bits=12'),
	('permessage-deflate; client_max_window_bits=10', f'{NONE}; client_max_window_bits=10',
		'server_max_window_bits=12; client_max_window_bits=10'),
	('permessage-deflate;client_max_window_bits=8', f'{NONE}; client_max_window_bits=8',
		'server_max_window_bits=12; client_max_window_bits=8'),
	('permessage-deflate; server_max_window_bits=8', None, None),
	('permessage-deflate; server_max_window_bits', None, None),
	('permessage-deflate; server_max_window_bits=16', None, None),
	('permessage-deflate; server_max_window_bits=7', None, None),
	('permessage-deflate; server_max_window_bits=09', None, None),
	('permessage-deflate; client_max_window_bits=0', None, None),
	('permessage-deflate; client_max_window_bits=', None, None),
	('permessage-deflate; server_no_context_takeover=1', None, None),
	('permessage-deflate; server_no_context_takeover; server_no_context_takeover', None, None),
	('permessage-deflate; client_max_window_bits; client_max_window_bits=9', None, None),
	('permessage-deflate; unknown', None, None),
	('permessage-deflate; unknown=1, permessage-deflate', NONE, 'server_max_window_bits=12'),
	('permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=11',
		f'{NONE}; server_max_window_bits=11', 'server_max_window_bits=11'),
	('x-webkit-deflate-frame', None, None),
	('mux; max=4, permessage-deflate', NONE, 'server_max_window_bits=12'),
	('permessage-deflate;', None, None),
	('permessage-deflate; =', None, None),
	('"permessage-deflate"', None, None),
	('', None, None),
]


def offers(port):
	for offer, *answers in OFFERS:
		for path, answer in zip(('/single', '/takeover'), answers):
			def one():
				with Client(port, path, Sec_WebSocket_Extensions=offer) as c:
					assert c.status == 101
					expected = answer and f'permessage-deflate; {answer}'
					assert c.fields.get('sec-websocket-extensions') == expected, c.fields
					c.text('spoken')
					assert c.message() == b'spoken' or answer
			yield f'{path}: {offer}', one

	def off():
		with Client(port, '/echo', Sec_WebSocket_Extensions=OFFER) as c:
			assert 'sec-websocket-extensions' not in c.fields
	yield 'where it is off', off


class Packer:
	"""The other end of a compressed conversation."""

	def __init__(self, c, takeover):
		self.c, self.takeover = c, takeover
		self.reset()

	def reset(self):
		self.out = zlib.compressobj(9, zlib.DEFLATED, -12)
		self.back = zlib.decompressobj(-15)

	def pack(self, data):
		packed = self.out.compress(data) + self.out.flush(zlib.Z_SYNC_FLUSH)
		if not self.takeover:
			self.out = zlib.compressobj(9, zlib.DEFLATED, -12)
		return packed[:-4]

	def send(self, data, opcode=BINARY):
		self.c.send(frame(opcode, self.pack(data), rsv=4))

	def unpack(self, payload):
		data = self.back.decompress(payload + TAIL)
		if not self.takeover:
			self.back = zlib.decompressobj(-15)
		return data

	def receive(self):
		opcode, payload, rsv = self.c.frame()
		assert opcode in (TEXT, BINARY), (opcode, payload)
		return (self.unpack(payload) if rsv == 4 else payload), len(payload)


def contents():
	rng = random.Random(7)
	yield 'nothing', b''
	yield 'one byte', b'x'
	for size in (63, 64, 65, 1000, 16384, 65536, 100000):
		yield f'{size} equal bytes', b'a' * size
		yield f'{size} bytes of text', (b'the quick brown fox %d ' % size * (size // 20 + 1))[:size]
		yield f'{size} bytes of noise', rng.randbytes(size)


def round_trips(port):
	for path in ('/single', '/takeover'):
		for name, data in contents():
			def one():
				with Client(port, path, Sec_WebSocket_Extensions=OFFER) as c:
					packer = Packer(c, path == '/takeover')
					for _ in range(3):
						packer.send(data)
						back, sent = packer.receive()
						assert back == data
						if len(set(data)) < 30 and len(data) >= 1000:
							assert sent < len(data) / 5, sent
			yield f'{path}: {name}', one


def session(port, path='/takeover'):
	c = Client(port, path, Sec_WebSocket_Extensions=OFFER)
	return c, Packer(c, path == '/takeover')


def messages(port):
	def refers_to_the_past():
		c, packer = session(port)
		data = os.urandom(300)
		sizes = []
		for _ in range(3):
			packer.send(data)
			back, sent = packer.receive()
			assert back == data
			sizes.append(sent)
		assert sizes[1] < 30 and sizes[2] < 30, sizes
		c.end()
	yield 'a message refers to those before it', refers_to_the_past

	def not_compressed():
		c, packer = session(port)
		packer.send(b'packed')
		c.text('plain')
		packer.send(b'packed again')
		assert [packer.receive()[0] for _ in range(3)] == [b'packed', b'plain', b'packed again']
		c.end()
	yield 'compressed and plain ones in turn', not_compressed

	def in_fragments():
		for step in (1, 3, 50):
			c, packer = session(port)
			packed = packer.pack(b'some text that is long enough ' * 20)
			pieces = [packed[i:i + step] for i in range(0, len(packed), step)] + [b'']
			for i, piece in enumerate(pieces):
				c.send(frame(CONTINUATION if i else TEXT, piece, fin=i == len(pieces) - 1, rsv=0 if i else 4))
				c.send(frame(PING, b'%d' % i))
			for i in range(len(pieces)):
				got = c.frame()
				while got[0] != PONG:
					assert packer.unpack(got[1]) == b'some text that is long enough ' * 20
					got = c.frame()
			c.end()
	yield 'in fragments with pings inside', in_fragments

	def a_last_block():
		"""Section 7.2.3.5: a block with BFINAL is followed by more."""
		c, packer = session(port)
		final = zlib.compressobj(9, zlib.DEFLATED, -12)
		data = final.compress(b'Hello') + final.flush(zlib.Z_FINISH) + b'\0'
		c.send(frame(TEXT, data, rsv=4))
		assert packer.receive()[0] == b'Hello'
		c.send(frame(TEXT, bytes.fromhex('f348cdc9c9070000'), rsv=4))
		assert packer.receive()[0] == b'Hello'
		c.end()
	yield 'a block that says it is the last', a_last_block

	def examples_of_the_rfc():
		for text in ('f248cdc9c90700', 'f348cdc9c9070000', '000500faff48656c6c6f00', 'f24805000000ffffcac9c90700'):
			c, packer = session(port, '/single')
			c.send(frame(TEXT, bytes.fromhex(text), rsv=4))
			assert packer.receive()[0] == b'Hello', text
			c.end()
	yield 'the examples of RFC 7692 section 7.2.3', examples_of_the_rfc

	def long_rest():
		"""Contexts of /single go back while it waits."""
		import time
		c, packer = session(port, '/single')
		for _ in range(2):
			packer.send(b'x' * 5000)
			assert packer.receive()[0] == b'x' * 5000
			time.sleep(1.2)
		c.end()
	yield 'messages after a long wait', long_rest


def faults(port):
	packed = zlib.compressobj(9, zlib.DEFLATED, -12)
	good = packed.compress(b'good ' * 40) + packed.flush(zlib.Z_SYNC_FLUSH)
	utf16 = zlib.compressobj(9, zlib.DEFLATED, -12)
	bad_text = (utf16.compress(b'\xff\xfe' * 50) + utf16.flush(zlib.Z_SYNC_FLUSH))[:-4]

	def bomb(size, kind=zlib.Z_DEFAULT_STRATEGY):
		out = zlib.compressobj(9, zlib.DEFLATED, -15, 9, kind)
		return (out.compress(bytes(size)) + out.flush(zlib.Z_SYNC_FLUSH))[:-4]
	cases = [
		('reserved bit 1 of a continuation', frame(TEXT, good[:10], fin=False, rsv=4) + frame(CONTINUATION, good[10:-4], rsv=4), 1002),
		('reserved bit 1 of a continuation alone', frame(TEXT, b'x', fin=False) + frame(CONTINUATION, good[:-4], rsv=4), 1002),
		('reserved bit 1 of a ping', frame(PING, b'x', rsv=4), 1002),
		('reserved bit 1 of a close', frame(CLOSE, b'', rsv=4), 1002),
		('reserved bit 2', frame(TEXT, good[:-4], rsv=6), 1002),
		('rubbish', frame(TEXT, b'\xff' * 20, rsv=4), 1007),
		('a reserved block type', frame(TEXT, b'\x06\x00', rsv=4), 1007),
		('a message that is cut off', frame(TEXT, good[:-9], rsv=4), 1007),
		('a stored block that is cut off', frame(BINARY, b'\x00\x40\x00\xbf\xffabc', rsv=4), 1007),
		('a reference to before the beginning', frame(TEXT, b'\x4b\x04\x82\x00', rsv=4), 1007),
		('text that is not UTF-8', frame(TEXT, bad_text, rsv=4), 1007),
		('text that is not UTF-8, before its end', frame(TEXT, bad_text, fin=False, rsv=4), 1007),
		('a byte above the limit', frame(BINARY, bomb(100001), rsv=4), 1009),
		('a bomb', frame(BINARY, bomb(50_000_000), rsv=4), 1009),
		('a bomb in two fragments', frame(BINARY, bomb(30_000_000), fin=False, rsv=4), 1009),
		('a bomb behind a bomb', frame(BINARY, bomb(1_000_000), rsv=4) * 3, 1009),
		('empty blocks without end', frame(BINARY, b'\x00\x00\x00\xff\xff' * 30000, rsv=4), 1009),
		('a frame that announces too much', frame(BINARY, b'x', rsv=4, length=64, announced=1 << 40), 1009),
	]
	for name, data, code in cases:
		for path in ('/single', '/takeover'):
			def one():
				c, _ = session(port, path)
				c.send(data)
				got = c.close_code()
				assert got == code, (got, c.reason)
				c.end()
			yield f'{path}: {name}', one

	def at_the_limit():
		c, packer = session(port, '/single')
		c.send(frame(BINARY, bomb(100000), rsv=4))
		assert packer.receive()[0] == bytes(100000)
		c.end()
	yield 'exactly at the limit', at_the_limit


def main():
	tap = Tap()
	with Program() as server:
		for group in (offers, round_trips, messages, faults):
			for name, test in group(server.port()):
				try:
					test()
					tap.check(f'{group.__name__}: {name}', [])
				except (AssertionError, Ended, OSError, zlib.error):
					tap.check(f'{group.__name__}: {name}', traceback.format_exc().splitlines()[-6:])
	tap.done()


sys.exit(main())
