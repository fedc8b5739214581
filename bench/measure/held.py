# SPDX-License-Identifier: MIT
"""Requests that wait: their fibers are parked."""

import json

from .idle import raise_limit
from .table import Figure

SEND_S, DELAY_MS = 2, 4000


def parked_fibers(bench, table):
	"""GET /delay/4000, 20,000 of them (or as many as open files allow) within two seconds, all waiting on one thread."""
	connections = raise_limit(20000)
	with bench.start('coracle') as server:
		before = server.memory_bytes()
		load = bench.loads.hold_requests(server.port, connections, SEND_S, DELAY_MS)
		if load.stdout.readline() != 'HELD\n':
			raise RuntimeError('the requests could not be sent')
		during = server.memory_bytes()
		result = json.loads(load.communicate(timeout=120)[0])
	table.at_least(f'requests answered of {connections:,} held', Figure([result['answers']]), connections, ',.0f')
	table.tell('delay of answers past their time, median', Figure([result['late_p50_ms']]), '.2f', 'ms')
	table.tell('delay of answers past their time, p99', Figure([result['late_p99_ms']]), '.2f', 'ms')
	table.at_most('delay of answers past their time, worst', Figure([result['late_max_ms']]), 10, '.2f', 'ms')
	table.at_most('bytes per held request', Figure([(during - before) / connections]), 6144, ',.0f')
