# SPDX-License-Identifier: MIT
"""Whether a second thread takes half of the work, whatever order the connections came in."""

import contextlib
import selectors
import socket
import time

from .table import Figure

CONNECTIONS, BUSY_MS = 10, 5
REQUEST = b'GET /busy/%d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' % BUSY_MS
QUICK = b'GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
ALL_CORES = '0,1'


def dial(port):
	return socket.create_connection(('127.0.0.1', port), timeout=20)


def ask(connection):
	connection.sendall(QUICK)
	if not connection.recv(4096).startswith(b'HTTP/1.1 200'):
		raise RuntimeError('no answer')


def one_by_one(port):
	"""Each gets an answer before the next opens."""
	for _ in range(CONNECTIONS):
		connection = dial(port)
		ask(connection)
		yield connection


def all_together(port):
	yield from [dial(port) for _ in range(CONNECTIONS)]


def after_others(port):
	"""Others come and go in between, so that simply taking turns would give all of them to one thread."""
	for _ in range(CONNECTIONS):
		connection, other = dial(port), dial(port)
		ask(connection)
		ask(other)
		other.close()
		yield connection


ORDERS = {'one by one': one_by_one, 'all together': all_together, 'between others': after_others}


def closed_loop(port, order, seconds):
	"""Requests per second: each connection asks again as soon as it has its answer."""
	answers = 0
	with contextlib.ExitStack() as stack, selectors.DefaultSelector() as selector:
		connections = [stack.enter_context(connection) for connection in order(port)]
		begun = time.monotonic()
		for connection in connections:
			selector.register(connection, selectors.EVENT_READ)
			connection.sendall(REQUEST)
		while time.monotonic() < begun + seconds:
			for key, _ in selector.select(1):
				if not key.fileobj.recv(4096).startswith(b'HTTP/1.1 200'):
					raise RuntimeError('a request failed')
				answers += 1
				key.fileobj.sendall(REQUEST)
		return answers / (time.monotonic() - begun)


def two_to_one(bench, order, two):
	"""What two of them do, as a multiple of what one does in the same round."""
	ratios = []
	for _ in range(bench.rounds):
		rates = []
		for name in ('coracle', f'coracle, two {two}'):
			with bench.start(name, cores=ALL_CORES) as server:
				rates.append(closed_loop(server.port, order, max(bench.seconds, 2)))
		ratios.append(rates[1] / rates[0])
	return Figure(ratios)


def two_threads(bench, table):
	"""GET /busy/5, five milliseconds of CPU, by 10 keep-alive connections: two threads, or workers, as a multiple of one."""
	for two in ('threads', 'workers'):
		for name, order in ORDERS.items():
			table.at_least(f'two {two} to one, connections {name}', two_to_one(bench, order, two), 1.8)
