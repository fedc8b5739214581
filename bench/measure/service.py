# SPDX-License-Identifier: MIT
"""A whole service, master, one worker and the control process: its memory, its start, and what its master does at rest."""

import time

from .start import start_ms
from .table import Figure

WHOLE = 'coracle, a worker'
REST_S = 10


def children(pid):
	with open(f'/proc/{pid}/task/{pid}/children') as file:
		return [int(word) for word in file.read().split()]


def tree(pid):
	return [pid, *(grandchild for child in children(pid) for grandchild in tree(child))]


def pss_bytes(pid):
	with open(f'/proc/{pid}/smaps_rollup') as file:
		return next(int(line.split()[1]) * 1024 for line in file if line.startswith('Pss:'))


def wake_ups(pid):
	"""How often it has gone to sleep by itself: once for each time that something woke it."""
	with open(f'/proc/{pid}/status') as file:
		return next(int(line.split()[1]) for line in file if line.startswith('voluntary_ctxt_switches'))


def whole_service(bench, table):
	"""Master, a worker and the control process: PSS, start to first answer, and the master's wake-ups over ten seconds of rest."""
	with bench.start(WHOLE) as server:
		time.sleep(1)  # started, and told of
		pids = tree(server.process.pid)
		if len(pids) != 3:
			raise RuntimeError(f'{len(pids)} processes, not three')
		table.at_most('memory of master, worker and control', Figure([sum(map(pss_bytes, pids)) / 1e6]), 6, '.2f', 'MB')
		before = wake_ups(pids[0])
		time.sleep(REST_S)
		table.at_most(f'wake-ups of the master in {REST_S} s', Figure([wake_ups(pids[0]) - before]), 0, '.0f')
	starts = [start_ms(bench, WHOLE) for _ in range(max(bench.rounds, 9))]
	table.at_most('start to first answer, with master and control', Figure(starts), 10, '.1f', 'ms')
