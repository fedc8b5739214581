# SPDX-License-Identifier: MIT
"""A fresh process: how soon it answers, and how much memory it takes."""

import os
import socket
import subprocess
import time

from .servers import SERVER_CORE, free_port
from .table import Figure

REQUEST = b'GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n'


def answer(port):
	"""Whether the server answers yet."""
	try:
		with socket.create_connection(('127.0.0.1', port), timeout=5) as connection:
			connection.sendall(REQUEST)
			return connection.recv(4096).startswith(b'HTTP/1.1 200')
	except OSError:
		return False


def start_ms(bench, name):
	"""From the fork to the first answer."""
	port = free_port()
	command = bench.command(name, port)
	ours = os.sched_getaffinity(0)
	os.sched_setaffinity(0, {int(SERVER_CORE)})  # the child inherits it
	begun = time.perf_counter()
	process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
	os.sched_setaffinity(0, ours - {int(SERVER_CORE)} or ours)
	try:
		while not answer(port):
			if process.poll() is not None or time.perf_counter() - begun > 20:
				raise RuntimeError(f'{name} does not start')
		return (time.perf_counter() - begun) * 1000
	finally:
		process.terminate()
		process.wait(20)
		os.sched_setaffinity(0, ours)


def first_answer(bench, table):
	"""From the start of the process to the first answer, as a user sees it."""
	rounds = max(bench.rounds, 9)

	def figure(name):
		return Figure([start_ms(bench, name) for _ in range(rounds)])

	for name in ('null', *bench.peers()):
		table.tell(f'start to first answer, {name}', figure(name), '.1f', 'ms')
	table.at_most('start to first answer', figure('coracle'), 5, '.1f', 'ms')


def memory(bench, table):
	"""Memory (PSS) after the first answer."""
	for name in ('null', *bench.peers()):
		with bench.start(name) as server:
			table.tell(f'memory after start, {name}', Figure([server.memory_bytes() / 1e6]), '.2f', 'MB')
	with bench.start('coracle') as server:
		table.at_most('memory after start', Figure([server.memory_bytes() / 1e6]), 2.5, '.2f', 'MB')


def tables(bench, table):
	"""1,000 tables of 20 rows made ready, as at the start of a large service."""
	program = os.path.join(bench.build, 'bench', 'bench-tables')

	def once():
		return float(subprocess.run(['taskset', '-c', SERVER_CORE, program], capture_output=True, text=True, check=True, timeout=60).stdout)

	table.at_most('1,000 tables made ready', Figure([once() for _ in range(bench.rounds)]), 20, '.1f', 'ms')
