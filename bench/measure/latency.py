# SPDX-License-Identifier: MIT
"""Latency at a fixed rate, counted from when each request was due (open loop)."""

from .table import Figure

RATE = 20000


def percentiles(bench, name):
	with bench.start(name) as server:
		return bench.loads.rate(server.port, max(bench.seconds, 2), RATE)


def at_20000(bench, table):
	"""GET /plaintext, 20,000 a second on 32 connections."""
	found = {'null': [], 'coracle': []}
	for _ in range(bench.rounds):
		for name, results in found.items():
			results.append(percentiles(bench, name))
	for name, results in found.items():
		table.tell(f'latency p50, {name}', Figure([result['p50'] for result in results]), '.0f', 'us')
		table.tell(f'latency p99, {name}', Figure([result['p99'] for result in results]), '.0f', 'us')
	for key, limit in (('p50', 3), ('p99', 50)):
		above = [ours[key] - null[key] for ours, null in zip(found['coracle'], found['null'])]
		table.at_most(f'latency {key} above null', Figure(above), limit, '.0f', 'us')
