#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Frames as RFC 6455 wants them, and as it does not: what goes in, and what must come back. usage: test_conformance.py TRIAL

A case is (name, path, bytes to send, frames that come back as (opcode, payload), how it ends). The end is the code of a close
frame, or None: the connection goes on, which a last message shows."""
import sys
import traceback

from client import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Client, Ended, closing, frame
from program import Program, Tap

NAMES = {TEXT: 'text', BINARY: 'binary', CLOSE: 'close', PING: 'ping', PONG: 'pong', CONTINUATION: 'continuation'}
STEPS = {'whole': None, 'in bytes': 1, 'in sevens': 7}


def pattern(size):
	return bytes(33 + i % 90 for i in range(size))


def sizes():
	"""Section 5.2: each form of a length, and its edges."""
	for opcode in (TEXT, BINARY):
		for size in (0, 1, 125, 126, 127, 128, 65535, 65536, 65537, 1048576):
			data = pattern(size)
			yield f'{NAMES[opcode]} of {size} bytes', '/echo', frame(opcode, data), [(opcode, data)], None
		for size in (0, 1, 125, 126, 127, 300):
			data = pattern(size)
			for how, step in (('in bytes', 1), ('in sevens', 7)):
				yield f'{NAMES[opcode]} of {size} bytes {how}', '/echo', frame(opcode, data), [(opcode, data)], None, step
	for key in (b'\0\0\0\0', b'\xff\xff\xff\xff', b'\x80\x01\x7f\xfe'):
		yield f'mask {key.hex()}', '/echo', frame(TEXT, b'masked text', key=key), [(TEXT, b'masked text')], None


def pings():
	"""Sections 5.5.2 and 5.5.3."""
	for size in (0, 1, 124, 125):
		for how, step in STEPS.items():
			data = bytes(range(size))
			yield f'ping of {size} bytes {how}', '/echo', frame(PING, data), [(PONG, data)], None, step
	yield 'ten pings', '/echo', b''.join(frame(PING, b'%d' % i) for i in range(10)), [(PONG, b'%d' % i) for i in range(10)], None
	for size in (0, 125):
		yield f'pong of {size} bytes that nobody asked for', '/echo', frame(PONG, bytes(size)), [], None
	yield 'pong, then ping', '/echo', frame(PONG, b'x') + frame(PING, b'y'), [(PONG, b'y')], None
	for opcode in (PING, PONG, CLOSE):
		for length, size in ((16, 126), (16, 4000), (64, 70000)):
			data = closing(1000) + bytes(size - 2) if opcode == CLOSE else bytes(size)
			yield f'{NAMES[opcode]} of {size} bytes', '/echo', frame(opcode, data, length=length), [], 1002


def reserved():
	"""Section 5.2: bits and opcodes that nothing has defined."""
	for rsv in range(1, 8):
		for opcode in (TEXT, BINARY, PING, PONG, CLOSE):
			data = closing(1000) if opcode == CLOSE else b'x'
			yield f'reserved bits {rsv:03b} of a {NAMES[opcode]}', '/echo', frame(opcode, data, rsv=rsv), [], 1002
		yield (f'reserved bits {rsv:03b} behind a good message', '/echo',
			frame(TEXT, b'good') + frame(TEXT, b'x', rsv=rsv) + frame(PING), [(TEXT, b'good')], 1002)
	for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
		for data in (b'', b'x'):
			yield f'opcode {opcode} with {len(data)} bytes', '/echo', frame(opcode, data), [], 1002
		yield (f'opcode {opcode} inside a message', '/echo',
			frame(TEXT, b'a', fin=False) + frame(opcode, b'x') + frame(CONTINUATION, b'b'), [], 1002)


def lengths():
	"""Section 5.2: the minimal number of bytes, and the highest bit is 0."""
	for opcode in (TEXT, BINARY):
		for length, size in ((16, 0), (16, 1), (16, 125), (64, 0), (64, 125), (64, 126), (64, 65535)):
			yield (f'{NAMES[opcode]} of {size} bytes with a length of {length} bits', '/echo',
				frame(opcode, bytes(size), length=length), [], 1002)
	for opcode in (PING, CLOSE):
		for length in (16, 64):
			yield f'{NAMES[opcode]} with a length of {length} bits', '/echo', frame(opcode, b'', length=length), [], 1002
	yield 'length with its highest bit', '/echo', frame(TEXT, b'x', length=64, announced=1 << 63), [], 1002
	yield 'length of all ones', '/echo', frame(TEXT, b'x', length=64, announced=(1 << 64) - 1), [], 1002
	yield 'longest length', '/echo', frame(TEXT, b'x', length=64, announced=(1 << 63) - 1), [], 1009


def masks():
	"""Section 5.1."""
	for opcode, data in ((TEXT, b'x'), (BINARY, b''), (PING, b''), (PONG, b'x'), (CLOSE, closing(1000))):
		yield f'{NAMES[opcode]} without a mask', '/echo', frame(opcode, data, masked=False), [], 1002
	yield ('continuation without a mask', '/echo',
		frame(TEXT, b'x', fin=False) + frame(CONTINUATION, b'y', masked=False), [], 1002)


def parts(opcode, *pieces):
	"""A message in fragments."""
	frames = [frame(CONTINUATION if i else opcode, p, fin=i == len(pieces) - 1) for i, p in enumerate(pieces)]
	return b''.join(frames)


def fragments():
	"""Section 5.4."""
	for opcode in (TEXT, BINARY):
		name = NAMES[opcode]
		for how, step in STEPS.items():
			yield f'{name} in two fragments {how}', '/echo', parts(opcode, b'ab', b'cd'), [(opcode, b'abcd')], None, step
		yield f'{name} in 100 fragments', '/echo', parts(opcode, *[b'x' * i for i in range(100)]), [(opcode, b'x' * 4950)], None
		yield f'{name} in empty fragments', '/echo', parts(opcode, b'', b'', b''), [(opcode, b'')], None
		yield f'{name} with an empty fragment before', '/echo', parts(opcode, b'', b'x'), [(opcode, b'x')], None
		yield f'{name} with an empty fragment behind', '/echo', parts(opcode, b'x', b''), [(opcode, b'x')], None
		yield f'{name} with an empty fragment inside', '/echo', parts(opcode, b'x', b'', b'y'), [(opcode, b'xy')], None
		yield (f'{name} with a ping inside', '/echo',
			frame(opcode, b'a', fin=False) + frame(PING, b'p') + frame(CONTINUATION, b'b'), [(PONG, b'p'), (opcode, b'ab')], None)
		yield (f'{name} with pings and pongs inside', '/echo', frame(opcode, b'a', fin=False) + frame(PING, b'p') + frame(PONG)
			+ frame(CONTINUATION, b'b', fin=False) + frame(PING, b'q') + frame(CONTINUATION, b'c'),
			[(PONG, b'p'), (PONG, b'q'), (opcode, b'abc')], None)
		yield f'{name} that a close breaks off', '/echo', frame(opcode, b'a', fin=False) + frame(CLOSE, closing(1000)), [], 1000
		for other in (TEXT, BINARY):
			for fin in (True, False):
				yield (f'{NAMES[other]} (fin {fin}) inside a {name}', '/echo',
					frame(opcode, b'a', fin=False) + frame(other, b'b', fin=fin), [], 1002)
	for fin in (True, False):
		for data in (b'', b'x'):
			yield (f'continuation (fin {fin}) of nothing with {len(data)} bytes', '/echo',
				frame(CONTINUATION, data, fin=fin), [], 1002)
		yield (f'continuation (fin {fin}) behind a whole message', '/echo',
			frame(TEXT, b'a') + frame(CONTINUATION, b'b', fin=fin), [(TEXT, b'a')], 1002)
	for opcode, data in ((PING, b''), (PING, b'x'), (PONG, b''), (PONG, b'x'), (CLOSE, closing(1000))):
		yield (f'{NAMES[opcode]} of {len(data)} bytes in fragments', '/echo',
			frame(opcode, data, fin=False) + frame(CONTINUATION), [], 1002)
	yield 'two messages in fragments', '/echo', parts(TEXT, b'a', b'b') + parts(BINARY, b'c', b'd'), [(TEXT, b'ab'), (BINARY, b'cd')], None


VALID = ['', 'a', '\u00e4\u00f6\u00fc', '\u03ba\u03cc\u03c3\u03bc\u03b5', '\u20ac', '\U0001f600', '\x00', '\x7f', '\x80', '\u07ff',
	'\u0800', '\ud7ff', '\ue000', '\ufffd', '\ufffe', '\uffff', '\U00010000', '\U0010ffff', '\U0001fffe',
	'12345678\u00e4', '1234567\u20ac8', 'x' * 100 + '\U0001f600' * 50]

INVALID = [b'\x80', b'\xbf', b'\xc0\x80', b'\xc0\xaf', b'\xc1\xbf', b'\xc2', b'\xc2\x20', b'\xc2\xc2', b'\xdf\x7f', b'\xe0\x80\x80',
	b'\xe0\x9f\xbf', b'\xe0\x80\xaf', b'\xe2\x82', b'\xe2\x82\x20', b'\xe2\x28\xa1', b'\xed\xa0\x80', b'\xed\xad\xbf', b'\xed\xae\x80',
	b'\xed\xaf\xbf', b'\xed\xb0\x80', b'\xed\xbf\xbf', b'\xed\xa0\x80\xed\xb0\x80', b'\xf0\x80\x80\x80', b'\xf0\x80\x80\xaf',
	b'\xf0\x8f\xbf\xbf', b'\xf0\x9f\x98', b'\xf0\x28\x8c\xbc', b'\xf4\x90\x80\x80', b'\xf5\x80\x80\x80', b'\xf7\xbf\xbf\xbf',
	b'\xf8\x88\x80\x80\x80', b'\xfb\xbf\xbf\xbf\xbf', b'\xfc\x84\x80\x80\x80\x80', b'\xfd\xbf\xbf\xbf\xbf\xbf', b'\xfe', b'\xff',
	b'\xfe\xfe\xff\xff', b'good, then \xff', b'12345678\x80', b'\xe4\xb8\xad\xe6\x96\x87\x80']


def utf8():
	"""Section 8.1."""
	for i, text in enumerate(VALID):
		data = text.encode()
		yield f'valid text {i}', '/echo', frame(TEXT, data), [(TEXT, data)], None
		if 1 < len(data) < 20:
			yield f'valid text {i} in fragments of a byte', '/echo', parts(TEXT, *[data[j:j + 1] for j in range(len(data))]), [(TEXT, data)], None
			yield f'valid text {i} in bytes', '/echo', frame(TEXT, data), [(TEXT, data)], None, 1
	for i, data in enumerate(INVALID):
		yield f'invalid text {data.hex()}', '/echo', frame(TEXT, data), [], 1007
		yield f'invalid text {data.hex()} as bytes', '/echo', frame(BINARY, data), [(BINARY, data)], None
		if len(data) > 1:
			yield f'invalid text {data.hex()} in fragments', '/echo', parts(TEXT, *[data[j:j + 1] for j in range(len(data))]), [], 1007
	# known before the message is whole: nothing more is sent
	for data in (b'\xff', b'\xc0', b'\xed\xa0', b'\xf4\x90', b'\xf0\x80', b'\xe0\x9f', b'ok \xf5', b'\xe2\x28'):
		yield f'beginning {data.hex()} that no text has, in a fragment', '/echo', frame(TEXT, data, fin=False), [], 1007
		yield (f'beginning {data.hex()} that no text has, of a long frame', '/echo',
			frame(TEXT, data + b'x' * 100)[:6 + len(data)], [], 1007)
	yield 'text that ends inside a character', '/echo', parts(TEXT, b'\xe2', b'\x82'), [], 1007
	yield 'text that ends inside a character, then an empty fragment', '/echo', parts(TEXT, b'\xe2\x82', b''), [], 1007
	yield ('character over three fragments with a ping inside', '/echo', frame(TEXT, b'\xe2', fin=False) + frame(PING, b'p')
		+ frame(CONTINUATION, b'\x82', fin=False) + frame(CONTINUATION, b'\xac'), [(PONG, b'p'), (TEXT, b'\xe2\x82\xac')], None)
	yield 'broken text, then a good one', '/echo', frame(TEXT, b'\xe2\x82') + frame(TEXT, b'\xac'), [], 1007


def closes():
	"""Sections 5.5.1 and 7.4."""
	for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999):
		yield f'close with {code}', '/echo', frame(CLOSE, closing(code)), [], code
	for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
		yield f'close with {code}', '/echo', frame(CLOSE, closing(code)), [], 1002
	for how, step in STEPS.items():
		yield f'close without a code {how}', '/echo', frame(CLOSE), [], 1005, step
		yield f'close with a reason {how}', '/echo', frame(CLOSE, closing(1000, 'f\u00fcr immer'.encode())), [], 1000, step
	yield 'close with half a code', '/echo', frame(CLOSE, b'\x03'), [], 1002
	yield 'close with the longest reason', '/echo', frame(CLOSE, closing(1000, b'x' * 123)), [], 1000
	for data in (b'\xff', b'\xe2\x82', b'\xc0\x80', b'ok\xed\xa0\x80'):
		yield f'close with the reason {data.hex()}', '/echo', frame(CLOSE, closing(1000, data)), [], 1007
	yield 'close, then a message', '/echo', frame(CLOSE, closing(1000)) + frame(TEXT, b'x'), [], 1000
	yield 'close, then a ping', '/echo', frame(CLOSE, closing(1000)) + frame(PING), [], 1000
	yield 'two closes', '/echo', frame(CLOSE, closing(1000)) + frame(CLOSE, closing(1001)), [], 1000
	yield 'close, then rubbish', '/echo', frame(CLOSE, closing(1000)) + b'\xff' * 100, [], 1000
	yield 'message, then close', '/echo', frame(TEXT, b'x') + frame(CLOSE, closing(4321)), [(TEXT, b'x')], 4321


def limits():
	"""/small takes 1,000 bytes in 5 frames."""
	yield 'a message at the limit', '/small', frame(BINARY, bytes(1000)), [(BINARY, bytes(1000))], None
	yield 'a message above the limit', '/small', frame(BINARY, bytes(1001)), [], 1009
	yield 'a message above the limit whose rest never comes', '/small', frame(BINARY, b'x', length=64, announced=1 << 40), [], 1009
	yield 'fragments at the limit', '/small', parts(BINARY, bytes(500), bytes(500)), [(BINARY, bytes(1000))], None
	yield 'fragments above the limit', '/small', parts(BINARY, bytes(500), bytes(501)), [], 1009
	yield 'a last fragment above the limit', '/small', parts(BINARY, bytes(1000), b'', b'x'), [], 1009
	yield 'as many frames as allowed', '/small', parts(TEXT, *[b'x'] * 5), [(TEXT, b'x' * 5)], None
	yield 'one frame more', '/small', parts(TEXT, *[b'x'] * 6), [], 1008
	yield 'empty frames without end', '/small', frame(TEXT, fin=False) + frame(CONTINUATION, fin=False) * 5, [], 1008
	yield ('control frames do not count', '/small', frame(TEXT, b'a', fin=False) + frame(PING) * 20 + frame(CONTINUATION, b'b'),
		[(PONG, b'')] * 20 + [(TEXT, b'ab')], None)
	yield 'a message above the default limit', '/lively', frame(BINARY, bytes(65537)), [], 1009
	yield 'several messages at the limit', '/small', frame(BINARY, bytes(1000)) * 3, [(BINARY, bytes(1000))] * 3, None


def play(port, path, data, back, ending, step=None):
	with Client(port, path) as c:
		assert c.status == 101, c.status
		c.send(data, step)
		for expected in back:
			opcode, payload, rsv = c.frame()
			assert (opcode, payload, rsv) == (*expected, 0), (opcode, payload[:100], rsv)
		if ending is None:
			c.text('still here')
			assert c.message() == b'still here'
		else:
			code = c.close_code()
			assert code == ending, (code, c.reason)


def main():
	tap = Tap()
	with Program() as server:
		port = server.port()
		for group in (sizes, pings, reserved, lengths, masks, fragments, utf8, closes, limits):
			for name, *case in group():
				try:
					play(port, *case)
					tap.check(f'{group.__name__}: {name}', [])
				except (AssertionError, Ended, OSError):
					tap.check(f'{group.__name__}: {name}', traceback.format_exc().splitlines()[-6:])
	tap.done()


if __name__ == '__main__':
	sys.exit(main())
