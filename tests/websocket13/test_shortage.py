#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each allocation of a conversation fails once, then five in a row do. usage: test_shortage.py TRIAL FAILING_MALLOC

No run ends in a crash; what comes back is right as far as it goes, and ends with a close frame, a problem or the connection; the
service goes on."""
import http.client
import os
import signal
import sys
import tempfile
import zlib

from client import CLOSE, CONTINUATION, PING, TEXT, Client, Ended, closing, frame
from program import Program, Tap

LIBRARY = sys.argv[2]
MOST = 1 << 15  # allocations of a start


def packed(text):
	out = zlib.compressobj(9, zlib.DEFLATED, -12)
	return (out.compress(text) + out.flush(zlib.Z_SYNC_FLUSH))[:-4]


# path, fields of the handshake, bytes to send
TALKS = [
	('/takeover', {'Sec_WebSocket_Extensions': 'permessage-deflate'}, frame(TEXT, packed(b'word ' * 50), rsv=4) * 2),
	('/single', {'Sec_WebSocket_Extensions': 'permessage-deflate'}, frame(TEXT, packed(b'word ' * 50), rsv=4)),
	('/rooms/attic', {}, frame(TEXT, b'{"text": "hi", "times": 2}') + frame(TEXT, b'{"text": ""}')),
	('/bear', {}, frame(TEXT, b'{"text": "", "times": 9}') + frame(TEXT, b'{"text": "ok"}')),
	('/follow', {}, frame(TEXT, b'a', fin=False) + frame(PING, b'p') + frame(CONTINUATION, b'b' * 20000)),
	('/protocol', {'Sec_WebSocket_Protocol': 'x, chat.v1'}, b''),
	('/protocol', {'Sec_WebSocket_Protocol': 'x'}, b''),
	('/echo', {'Origin': 'http://evil.example'}, b''),
]


def publish(port):
	connection = http.client.HTTPConnection('127.0.0.1', port, timeout=20)
	try:
		connection.request('POST', '/news', body='news')
		connection.getresponse().read()
	except (OSError, http.client.HTTPException):
		pass
	connection.close()


def talk(port, path, fields, data):
	"""All that comes back must be frames, until the connection ends."""
	try:
		with Client(port, path, **fields) as c:
			if c.status != 101:
				assert c.status in (400, 403, 413, 500, 503), c.status
				return
			if path == '/follow':
				publish(port)
			c.send(data + frame(CLOSE, closing(1000)))
			while c.frame()[0] != CLOSE:
				pass
	except Ended:
		pass


def serves(port):
	try:
		with Client(port, '/echo') as c:
			c.text('x')
			opcode, payload, _ = c.frame() if c.status == 101 else (0, b'', 0)
			return (opcode, payload) == (TEXT, b'x')
	except Ended:
		return False


def start(number, in_a_row, mark):
	return Program('--threads', '1', LD_PRELOAD=LIBRARY, CORACLE_FAIL_AT=str(number),
		CORACLE_FAIL_COUNT=str(in_a_row), CORACLE_FAIL_MARK=mark)


def fails_in_start(number, mark):
	with start(number, 1, mark) as server:
		try:
			server.wait_for_line('listening on http')
		except AssertionError:
			return True
		return os.path.exists(mark)


def first_of_session(folder):
	"""The number of the first allocation behind the start."""
	low, high = 0, MOST
	while low < high:
		middle = (low + high) // 2
		mark = f'{folder}/start-{middle}'
		low, high = (middle + 1, high) if fails_in_start(middle, mark) else (low, middle)
	return low


def starts(server):
	"""Threads start side by side, so the last allocations of a start have no fixed number: it may fail, if it says so."""
	try:
		server.wait_for_line('listening on http')
		return True
	except AssertionError:
		if 'the server cannot start' not in ''.join(server.lines) or server.process.wait(20) != 1:
			raise
		return False


def attempt(number, in_a_row, mark):
	"""Whether the allocation took place. Raises what is wrong."""
	with start(number, in_a_row, mark) as server:
		if not starts(server):
			return True
		port = server.port()
		for path, fields, data in TALKS:
			talk(port, path, fields, data)
		assert any(serves(port) for _ in range(in_a_row + 1)), 'it serves no longer'
		server.signal(signal.SIGTERM)
		status = server.process.wait(20)
		assert status == 0, f'it ended with {status}: {server.lines[-5:]}'
	return os.path.exists(mark)


def sweep(first, in_a_row, folder):
	faults, number, step = [], first, 2 + 7 * ('COR_TEST_LIGHT' in os.environ)
	while len(faults) < 5:
		try:
			if not attempt(number, in_a_row, f'{folder}/{in_a_row}-{number}'):
				break
		except (AssertionError, Ended, OSError) as problem:
			faults.append(f'allocation {number}, {in_a_row} in a row: {type(problem).__name__} {problem}')
		number += step
	return faults, number - first


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		first = first_of_session(folder)
		for in_a_row in (1, 5):
			faults, count = sweep(first + in_a_row % 2, in_a_row, folder)
			tap.check(f'each allocation of a session fails, {in_a_row} in a row', faults or ([] if count > 50 else ['none was']))
			tap.figure(f'{count} allocations from {first} on, {in_a_row} in a row')
	tap.done()


sys.exit(main())
