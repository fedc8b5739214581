# SPDX-License-Identifier: MIT
"""Many clients that read a long answer slowly: what they cost the server and other clients."""

import time

from .idle import raise_limit
from .table import Figure

CONNECTIONS, SECONDS, ANSWER_BYTES = 1000, 10, 2 * 1024 * 1024
SETTLE_S = 5


def status_bytes(server, name):
	"""A figure from /proc/PID/status: VmRSS is the memory now, VmHWM the peak."""
	with open(f'/proc/{server.process.pid}/status') as file:
		return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name + ':'))


def settled_bytes(server):
	"""Memory after all clients have left: the least within a few seconds."""
	end, least = time.monotonic() + SETTLE_S, status_bytes(server, 'VmRSS')
	while time.monotonic() < end:
		time.sleep(0.1)
		least = min(least, status_bytes(server, 'VmRSS'))
	return least


def slow_readers(bench, table):
	"""1,000 clients read an answer of 2 MB at 40 KB/s each, on one thread; another requests a short one every 10 ms."""
	connections = raise_limit(CONNECTIONS)
	with bench.start('coracle') as server:
		before = status_bytes(server, 'VmRSS')
		seen = bench.loads.read_slowly(server.port, connections, SECONDS, ANSWER_BYTES)
		most, after = status_bytes(server, 'VmHWM'), settled_bytes(server)
	what = f'{connections:,} slow readers'
	table.at_most(f'{what}, peak memory', Figure([most / 1e6]), 64, '.1f', 'MB')
	table.tell(f'{what}, memory before', Figure([before / 1e6]), '.1f', 'MB')
	table.tell(f'{what}, memory afterwards', Figure([after / 1e6]), '.1f', 'MB')
	table.tell(f'{what}, answers cut', Figure([seen['cut']]), '.0f')
	table.tell(f'{what}, another client, median', Figure([seen['p50_ms']]), '.2f', 'ms')
	table.tell(f'{what}, another client, worst', Figure([seen['worst_ms']]), '.1f', 'ms')
