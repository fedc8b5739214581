#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
test_allocation.py FAILING_MALLOC PROGRAM: repeats a session with a service; each time the next allocation of the process
fails, until none is left to fail; then the same with many failures in a row. No run ends in a crash, a start that fails says
why, each request gets well-formed HTTP or its connection is closed, no log line blames the client, and the service goes on.
With COR_TEST_LIGHT: fewer runs.
"""

import concurrent.futures
import contextlib
import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from tap import Tap

WAIT_S = 20
BUDGET_S = 12 # of a pass: from half of it on, more and more runs are skipped
IN_A_ROW = (1, 5, 1000000) # failures, for each pass
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29)
START_FAILED = {'probe-server': (1,), 'countries': (64, 70, 71, 78), 'coding-probe': (64, 70, 71, 78)}
PLAIN = {'probe-server': b'/plain', 'countries': b'/countries/DE', 'coding-probe': b'/text/10'}

HEAD = re.compile(rb'HTTP/1\.1 ([1-5]\d\d) [^\r\n]*((?:\r\n[!-9;-~]+: [^\r\n]*)*)\r\n\r\n')
LENGTH = re.compile(rb'\r\ncontent-length: (\d+)', re.I)
CHUNK = re.compile(rb'([0-9a-fA-F]{1,8})\r\n')


def get(path, method=b'GET', fields=b''):
	return b'%b %b HTTP/1.1\r\nHost: a\r\n%b\r\n' % (method, path, fields)


def post(path, body, fields=b''):
	return get(path, b'POST', b'Content-Length: %d\r\n%b' % (len(body), fields)) + body


def chunked(path, *pieces):
	chunks = b''.join(b'%x\r\n%b\r\n' % (len(piece), piece) for piece in pieces)
	return get(path, b'POST', b'Transfer-Encoding: chunked\r\n') + chunks + b'0\r\n\r\n'


def coded(path, coding):
	return get(path, fields=b'Accept-Encoding: %b\r\n' % coding)


NOTE = json.dumps({'text': 'x' * 3000}).encode()
# A frame of one block, which is NOTE as it is.
ZSTD_NOTE = b'\x28\xb5\x2f\xfd\0\x40' + (len(NOTE) << 3 | 1).to_bytes(3, 'little') + NOTE
CODINGS = (b'gzip', b'br', b'zstd')


# For each connection: the pieces to send, with a moment between them, and the methods of the requests.
ROUGH = (
	((b'GET /pl', b'ain HTTP/1.1\r\nHost: a\r\n', b'\r\nGET / HT', b'TP/1.1\r\nHost: a\r\n\r\n'), 'GG'),
	((b'GET / HTTP/1.1\r\n\r\n',), 'G'),
	((get(b'/x', b'POST', b'Transfer-Encoding: chunked\r\n') + b'zz\r\n',), 'P'),
	((b'\x16\x03\x01\x02\x00',), 'G'),
	((b'GET /half HTTP/1.1\r\nHost:',), ''),
)
SESSIONS = {
	'probe-server': (
		((get(b'/plain') * 3 + get(b'/plain', b'HEAD') + get(b'/fail'),), 'GGGHG'),
		((post(b'/echo', b'x' * 3000) + chunked(b'/echo', b'a' * 700, b'b') + post(b'/ignore', b'abc') + get(b'/stream/40000'),), 'PPPG'),
		((post(b'/echo', b'y' * 100000)[:5000], b'y' * 95000 + b'y' * 73 + get(b'/plain')), 'PG'),
		((chunked(b'/count', b'a' * 3000)[:1000], chunked(b'/count', b'a' * 3000)[1000:] + get(b'/sleep/1') + get(b'/plain')), 'PGG'),
		((get(b'/big/600000') + get(b'/plain'),), 'GG'),
		((get(b'/early', b'POST', b'Content-Length: 2\r\nExpect: 100-continue\r\n'), b'ok'), 'P'),
	),
	'countries': (
		((get(b'/countries?limit=2') + get(b'/countries/DE') + get(b'/countries/XX') + get(b'/countries?limit=x&q=1'),), 'GGGG'),
		((get(b'/export/subdivisions') + get(b'/languages?limit=1'),), 'GG'),
		((post(b'/bookmarks', b'{"country":"DE","note":"n"}', b'Content-Type: application/json\r\n') + get(b'/bookmarks') + post(b'/bookmarks', b'{"x":'),), 'PGP'),
		((chunked(b'/countries/lookup', b'{"codes":["DE",', b'"FR"]}') + get(b'/openapi.json') + get(b'/nowhere'),), 'PGG'),
		((get(b'/docs/') + get(b'/currencies/EUR', b'HEAD') + get(b'/countries', b'OPTIONS'),), 'GHO'),
	),
	'coding-probe': (
		((b''.join(coded(b'/text/70000', coding) + coded(b'/text/5000', coding) for coding in CODINGS),), 'GGGGGG'),
		((b''.join(coded(b'/tagged/70000', coding) for coding in CODINGS) + coded(b'/problem/5000', b'gzip'),), 'GGGG'),
		((post(b'/notes', gzip.compress(NOTE), b'Content-Encoding: gzip\r\n') +
			post(b'/echo', gzip.compress(NOTE), b'Content-Encoding: gzip\r\nAccept-Encoding: br\r\n'),), 'PP'),
		((post(b'/notes', ZSTD_NOTE, b'Content-Encoding: zstd\r\n') + post(b'/notes', NOTE, b'Content-Encoding: br\r\n'),), 'PP'),
	),
}


class Broken(Exception):
	pass


def receive_all(s):
	data = b''
	while True:
		try:
			piece = s.recv(65536)
		except ConnectionResetError:
			return data
		except TimeoutError:
			raise Broken(f'no end after {data[-60:]!r}') from None
		if not piece:
			return data
		data += piece


def skip_chunks(data):
	"""What follows a chunked body; None if it is cut short."""
	while data:
		size = CHUNK.match(data)
		if not size:
			if len(data) < 10:
				return None
			raise Broken(f'not a chunk: {data[:40]!r}')
		length = int(size.group(1), 16)
		end = size.end() + length
		if len(data) < end + 2:
			return None
		if data[end:end + 2] != b'\r\n':
			raise Broken('a chunk without its end')
		data = data[end + 2:]
		if length == 0:
			return data
	return None


def check_gzip(fields, body):
	"""A whole answer that says so is gzip to its end."""
	if b'content-encoding: gzip' in fields.lower() and len(body) == int(LENGTH.search(fields + b'\r\ncontent-length: 999999999').group(1)):
		gzip.decompress(body)


def check_answers(data, methods):
	"""Check all that a connection received: one well-formed answer after another; the last may be cut short."""
	for method in methods:
		head = HEAD.match(data)
		while head and head.group(1)[:1] == b'1':
			data = data[head.end():]
			head = HEAD.match(data)
		if not data:
			return
		if not head:
			raise Broken(f'not a head: {data[:200]!r}')
		data = data[head.end():]
		length = LENGTH.search(head.group(2))
		check_gzip(head.group(2), data[:int(length.group(1))] if length else b'')
		if method == 'H' or head.group(1) in (b'204', b'304'):
			continue
		if b'transfer-encoding: chunked' in head.group(2).lower():
			data = skip_chunks(data)
		else:
			data = data[int(length.group(1)):] if length and len(data) >= int(length.group(1)) else None
		if data is None:
			return
	if data:
		raise Broken(f'more answers than requests: {data[:100]!r}')


def converse(path, pieces, methods):
	with socket.socket(socket.AF_UNIX) as s:
		s.settimeout(WAIT_S)
		s.connect(path)
		try:
			for number, piece in enumerate(pieces):
				if number:
					time.sleep(0.002)
				s.sendall(piece)
			s.shutdown(socket.SHUT_WR)
		except (BrokenPipeError, ConnectionResetError):
			pass
		except OSError as error:
			if error.errno != 107: # not connected: already closed
				raise
		data = receive_all(s)
	check_answers(data, methods)
	return data


def make_data(folder):
	"""Write a little of what the countries service reads, so that its start does not dominate the test."""
	wanted = {'iso_3166-1': ('alpha_2', ('DE', 'FR')), 'iso_3166-2': ('code', ('DE-HE', 'DE-BY', 'FR-971')),
		'iso_4217': ('alpha_3', ('EUR', 'AED')), 'iso_639-3': ('alpha_3', ('deu', 'fra'))}
	for name, (key, codes) in wanted.items():
		with open(f'/usr/share/iso-codes/json/{name}.json') as file:
			lists = json.load(file)
		few = {title: [entry for entry in entries if entry[key] in codes] for title, entries in lists.items()}
		with open(f'{folder}/{name}.json', 'w') as file:
			json.dump(few, file)


class Run:
	def __init__(self, library, program, number, in_a_row, folder):
		self.name = os.path.basename(program)
		self.path, self.mark = f'{folder}/s', f'{folder}/mark'
		for left in (self.path, self.mark):
			if os.path.exists(left):
				os.unlink(left)
		environment = dict(os.environ, LD_PRELOAD=library, CORACLE_FAIL_AT=str(number), CORACLE_FAIL_COUNT=str(in_a_row),
			CORACLE_FAIL_MARK=self.mark)
		options = {'probe-server': ['--log', 'on'], 'countries': ['--data-dir', folder, '--log-level', 'error', '--http'],
			'coding-probe': ['--log-level', 'error', '--http']}[self.name]
		command = [program, *options, 'unix:' + self.path]
		self.in_a_row = in_a_row
		self.errors = tempfile.TemporaryFile()
		self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=self.errors)

	def listens(self):
		"""Wait until it listens or has ended; returns whether it listens."""
		end = time.monotonic() + WAIT_S
		while time.monotonic() < end:
			if self.process.poll() is not None:
				return False
			try:
				with socket.socket(socket.AF_UNIX) as s:
					s.connect(self.path)
				return True
			except (FileNotFoundError, ConnectionRefusedError):
				time.sleep(0.0005)
		raise Broken('neither listens nor ends')

	def said(self):
		file = self.errors.fileno()  # a seek would move where the program writes, too
		return os.pread(file, os.fstat(file).st_size, 0).decode(errors='replace')

	def failed(self):
		return os.path.exists(self.mark)

	def check_failed_start(self):
		status = self.process.wait()
		if status not in START_FAILED[self.name]:
			raise Broken(f'the start ended with {status}: {self.said()[-1500:]}')
		if not self.said():
			raise Broken(f'the start failed with {status} and said nothing')

	def talk(self):
		for pieces, methods in SESSIONS[self.name] + ROUGH:
			try:
				converse(self.path, pieces, methods)
			except (ConnectionRefusedError, FileNotFoundError):
				if self.process.poll() is not None or self.stopped():
					return False # the start failed after it had made the socket
				raise
		# Nearly all failures are over: soon it must serve as if nothing had happened.
		if self.in_a_row < 100 and not any(converse(self.path, (get(PLAIN[self.name]),), 'G')
				.startswith(b'HTTP/1.1 200') for _ in range(self.in_a_row + 1)):
			raise Broken('it no longer serves')
		return True

	def stopped(self):
		try:
			self.process.wait(2)
			return True
		except subprocess.TimeoutExpired:
			return False

	def end(self):
		self.process.send_signal(signal.SIGTERM)
		status = self.process.wait(WAIT_S)
		if status != 0:
			raise Broken(f'it ended with {status}: {self.said()[-1500:]}')
		blamed = [line for line in self.said().splitlines() if 'the client went away' in line]
		if blamed:
			raise Broken(f'the log blames a client that did not leave: {blamed}')


def attempt(library, program, number, in_a_row, folder):
	"""Returns (the fault or None, whether the allocation took place and failed)."""
	run = Run(library, program, number, in_a_row, folder)
	try:
		if run.listens() and run.talk():
			run.end()
		else:
			run.check_failed_start()
		return None, run.failed()
	except (Broken, OSError, subprocess.TimeoutExpired) as problem:
		return f'allocation {number}, {in_a_row} in a row: {problem}\n{run.said()[-1500:]}', True
	finally:
		if run.process.poll() is None:
			run.process.kill()
			run.process.wait()
		run.errors.close()


def sweep(library, program, in_a_row, folder):
	"""Returns (faults, a figure)."""
	light = bool(os.environ.get('COR_TEST_LIGHT'))
	began, number, tried, wrong, failed = time.monotonic(), 0, 0, [], True
	while failed and len(wrong) < 10:
		slip, failed = attempt(library, program, number, in_a_row, folder)
		wrong += [slip] if slip else []
		tried += 1
		spent = time.monotonic() - began
		hurry = 1 if spent < BUDGET_S / 2 else PRIMES[min(int(spent * 10 / BUDGET_S), len(PRIMES) - 1)]
		number += PRIMES[tried % len(PRIMES)] * hurry if light else hurry
	return wrong, f'{tried} runs to the end of allocation {number} in {time.monotonic() - began:.1f} s'


@contextlib.contextmanager
def folder_for(program):
	with tempfile.TemporaryDirectory() as folder:
		if os.path.basename(program) == 'countries':
			make_data(folder)
		yield folder


def sweep_in_folder(library, program, in_a_row):
	with folder_for(program) as folder:
		return sweep(library, program, in_a_row, folder)


def main(library, program):
	"""The passes run side by side: each waits for most of its time."""
	tap = Tap()
	with folder_for(program) as folder:
		problem, _ = attempt(library, program, -1, 1, folder)
	tap.check('the session without a failure', [problem] if problem else [])
	passes = IN_A_ROW if not problem else ()
	with concurrent.futures.ThreadPoolExecutor(len(IN_A_ROW)) as pool:
		for in_a_row, (wrong, figure) in zip(passes, pool.map(lambda n: sweep_in_folder(library, program, n), passes)):
			tap.check(f'each failing allocation, {in_a_row} in a row', wrong)
			tap.figure(figure)
	tap.done()


if __name__ == '__main__':
	main(sys.argv[1], sys.argv[2])
