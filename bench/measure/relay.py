# SPDX-License-Identifier: MIT
"""Calls to another server: passed on, next to nginx, and by themselves, next to libcurl and requests."""

import http.client
import json
import os
import subprocess
import sys
import threading
import time

from . import ratios
from .loads import pinned
from .servers import SERVER_CORE
from .table import Figure

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CALLS = 20000
CALLS_OF_PYTHON = 2000
REQUESTS = 1000
CLIENTS = 20
DEADLINE_S = 0.3
LOAD_CORES = '1'


def relays(bench, table):
	"""GET /relay/json passes a small answer on, and GET /relay-json decodes and encodes it; 32 connections."""
	def load(path):
		return lambda server: bench.loads.saturate(server.port, bench.seconds, path, 32)
	peers = bench.peers()
	with bench.start('coracle', cores=LOAD_CORES) as origin:
		bench.origin = origin.port
		found = ratios.take_turns(bench, load('/relay/json'), ['coracle, relaying', *peers])
		typed = ratios.take_turns(bench, load('/relay-json'), ['coracle, relaying'])
	ratios.tell_absolutes(table, 'an answer relayed', found)
	ratios.tell_absolutes(table, 'an answer decoded and encoded', typed)
	for peer in peers:
		table.at_most(f'an answer relayed, CPU to {peer}', ratios.ratio(found, 'coracle, relaying', 1, to=peer), 1.5)
		both = {**typed, peer: found[peer]}
		table.at_most(f'an answer decoded and encoded, CPU to {peer}', ratios.ratio(both, 'coracle, relaying', 1, to=peer), 1.5)


def call(*command):
	output = subprocess.run(pinned(command), capture_output=True, text=True, timeout=300, check=True).stdout
	return json.loads(output)


def callers(bench, port):
	return {
		'ours': [f'{bench.build}/bench/calls', port, CALLS],
		'libcurl': [f'{bench.build}/bench/peers/easy', port, CALLS],
		'requests': [sys.executable, f'{HERE}/peers/requests_calls.py', port, CALLS_OF_PYTHON],
	}


def calls(bench, table):
	"""GET /json by 50 fibers of one thread, next to 50 threads of libcurl's easy interface and of Python requests."""
	with bench.start('coracle', cores=SERVER_CORE) as server:
		programs = callers(bench, server.port)
		found = {name: [] for name in programs}
		for _ in range(bench.rounds):
			for name, command in programs.items():
				found[name].append(call(*command)['cpu_us'])
	for name, cpu_us in found.items():
		table.tell(f'a call, CPU, {name}', Figure(cpu_us), '.1f', 'us')
	for name, most in ('libcurl', 1.0), ('requests', 0.5):
		both = [ours / theirs for ours, theirs in zip(found['ours'], found[name])]
		table.at_most(f'a call, CPU to {name}', Figure(both), most, '.3f')


def ask(port, count, found):
	"""One client: requests one after another, each when the one before has ended."""
	connection = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
	for _ in range(count):
		connection.request('GET', '/gather')
		found.append(json.loads(connection.getresponse().read()))
	connection.close()


def gather(bench):
	"""Clients that begin one after another, as clients do: each ends with the deadline, so they stay apart."""
	found, memory = [], []
	with bench.start('gather') as server:
		for count in (REQUESTS // 10, REQUESTS):
			clients = [threading.Thread(target=ask, args=(server.port, count // CLIENTS, found)) for _ in range(CLIENTS)]
			for client in clients:
				client.start()
				time.sleep(DEADLINE_S / CLIENTS)
			for client in clients:
				client.join()
			memory.append(server.memory_bytes())
		return found, memory, server.cpu_ns() / 1000 / (len(found) * 50)


def gathering(bench, table):
	"""Requests with 50 calls at the same time each, of which 5 % are too late and 5 % fail; a deadline of 300 ms."""
	with bench.start('coracle', cores=LOAD_CORES) as origin:
		bench.origin = origin.port
		found, memory, cpu_us = gather(bench)
	ends = {name: sum(each[name] for each in found) for name in ('done', 'missing', 'late')}
	wrong = abs(ends['late'] * 20 - len(found) * 50) + abs(ends['missing'] * 20 - len(found) * 50)
	table.at_most('calls with another end than theirs', Figure([wrong / 20]), 0, '.0f')
	table.at_most('a request past its deadline, the worst', Figure([max(each['past_us'] for each in found) / 1000]), 10, '.1f', 'ms')
	table.at_most('memory at the end to that after a tenth', Figure([memory[1] / memory[0]]), 1.1)
	table.tell('a call of them, CPU', Figure([cpu_us]), '.1f', 'us')


def relay(bench, table):
	"""Calls to another server, next to nginx, libcurl and requests."""
	relays(bench, table)
	calls(bench, table)
	gathering(bench, table)
