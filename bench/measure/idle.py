# SPDX-License-Identifier: MIT
"""Memory of idle connections."""

import resource

from .table import Figure


def raise_limit(connections):
	"""
	Raise the limit on open files for that many connections. Returns how many are possible: Coracle uses nine tenths
	of the limit.
	"""
	_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
	wanted = connections * 10 // 9 + 200
	if wanted > hard:
		try:
			resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
			return connections
		except (ValueError, OSError):
			print(f'  the limit on open files, {hard:,}, cannot be raised')
	resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
	return min(connections, hard * 9 // 10 - 200)


def memory_held(bench, name, connections):
	"""User memory (PSS) that each of `connections` idle connections adds."""
	with bench.start(name) as server:
		before = server.memory_bytes()
		load = bench.loads.hold_idle(server.port, 2, connections)
		if load.stdout.readline() != 'READY\n':
			raise RuntimeError('the connections could not be opened')
		during = server.memory_bytes()
		alive = int(load.communicate(timeout=60)[0].split()[1])
	if alive != connections:
		raise RuntimeError(f'{connections - alive} of {connections} connections were lost')
	return (during - before) / connections


def bytes_a_connection(bench, table):
	"""User memory of an idle keep-alive connection: 10,000 of them, after one request each."""
	connections = raise_limit(10000)
	print(f'  {connections:,} connections')
	for name in ('null', *bench.peers()):
		table.tell(f'bytes per idle connection, {name}', Figure([memory_held(bench, name, connections)]), '.0f')
	table.at_most('bytes per idle connection', Figure([memory_held(bench, 'coracle', connections)]), 180, '.0f')
