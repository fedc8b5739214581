# SPDX-License-Identifier: MIT
"""Closed loops: requests per second and server CPU per request, as ratios to the null server of the same round."""

from .table import Figure


def window(bench, name, load):
	"""One window on one fresh server: (requests per second, CPU microseconds per request)."""
	with bench.start(name) as server:
		before = server.cpu_ns()
		result = load(server)
		used = server.cpu_ns() - before
	count = result.get('n') or result['cps'] * bench.seconds
	return result.get('rps', result.get('cps')), used / 1000 / count


def alternate(bench, load, peers=()):
	return take_turns(bench, load, ['null', 'coracle', *peers])


def take_turns(bench, load, names):
	"""Windows in turn: for each server its rates and its CPU times, round by round."""
	found = {name: ([], []) for name in names}
	for _ in range(bench.rounds):
		for name in names:
			rate, cpu_us = window(bench, name, load)
			found[name][0].append(rate)
			found[name][1].append(cpu_us)
	return found


def ratio(found, name, index, to='null'):
	return Figure([value / other for value, other in zip(found[name][index], found[to][index])])


def tell_absolutes(table, what, found):
	for name, (rates, cpu_us) in found.items():
		table.tell(f'{what}, {name}', Figure(rates), ',.0f', '/s')
		table.tell(f'{what}, {name}, server CPU', Figure(cpu_us), '.2f', 'us')


def plaintext(bench, table):
	"""GET /plaintext, 64 connections, saturated."""
	found = alternate(bench, lambda server: bench.loads.saturate(server.port, bench.seconds), bench.peers())
	tell_absolutes(table, 'plaintext', found)
	for name in bench.peers():
		table.tell(f'plaintext, {name}, share of null', ratio(found, name, 0))
	table.at_least('plaintext, share of null', ratio(found, 'coracle', 0), 0.96)
	table.at_most('plaintext, CPU to null', ratio(found, 'coracle', 1), 1.06)


def access_log(bench, table):
	"""GET /plaintext with an access log line for each, as JSON to /dev/null, and without."""
	found = alternate(bench, lambda server: bench.loads.saturate(server.port, bench.seconds), ['coracle, logging'])
	tell_absolutes(table, 'plaintext', found)
	more = [logging - silent for logging, silent in zip(found['coracle, logging'][1], found['coracle'][1])]
	table.at_most('an access log line, server CPU', Figure(more), 0.5, '.2f', 'us')


def json(bench, table):
	"""GET /json, encoded for each request, 64 connections, saturated."""
	found = alternate(bench, lambda server: bench.loads.saturate(server.port, bench.seconds, '/json'))
	tell_absolutes(table, 'JSON', found)
	table.at_most('JSON GET, CPU to null', ratio(found, 'coracle', 1), 1.09)


def orders(bench, table):
	"""POST /orders, 319 bytes decoded, validated, totalled and answered, 64 connections, saturated."""
	found = alternate(bench, lambda server: bench.loads.saturate_orders(server.port, bench.seconds))
	tell_absolutes(table, 'POST order', found)
	table.at_most('POST order, CPU to null', ratio(found, 'coracle', 1), 1.18)


def pipelined(bench, table):
	"""GET /plaintext, 16 requests pipelined, 64 connections, saturated."""
	found = alternate(bench, lambda server: bench.loads.saturate(server.port, bench.seconds, depth=16), bench.peers())
	for name in bench.peers():
		table.tell(f'16 pipelined, {name}, share of null', ratio(found, name, 0))
	tell_absolutes(table, '16 pipelined', found)
	table.at_least('16 pipelined, share of null', ratio(found, 'coracle', 0), 0.93)


def churn(bench, table):
	"""Connect, one request, close; 32 at a time."""
	found = alternate(bench, lambda server: bench.loads.churn(server.port, bench.seconds), bench.peers())
	tell_absolutes(table, 'churn', found)
	table.at_most('churn, CPU to null', ratio(found, 'coracle', 1), 1.10)
