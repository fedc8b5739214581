# SPDX-License-Identifier: MIT
"""What a job costs on an executor, next to a plain queue of a mutex and a condition."""

import os
import subprocess

from .table import Figure

ALONE = ['taskset', '-c', '1']


def run(build, *words, within=()):
	done = subprocess.run([*within, os.path.join(build, 'bench', 'bench-executor'), *words], capture_output=True, text=True,
		check=True, timeout=120)
	return float(done.stdout)


def jobs(bench, table):
	"""A batch of 100,000 empty jobs on both cores, and one there and back on one; in turns with the plain queue."""
	batches, rounds, ours, theirs = [], [], [], []
	for _ in range(bench.rounds):
		pool, queue = (run(bench.build, kind, 'batch', '100000') for kind in ('pool', 'queue'))
		batches.append(pool / queue)
		ours.append(pool)
		theirs.append(queue)
		pool, queue = (run(bench.build, kind, 'round', '20000', within=ALONE) for kind in ('pool', 'queue'))
		rounds.append(pool / queue)
	table.at_most('a job of a batch', Figure(ours), 100, '.0f', 'ns')
	table.tell('the same in a plain queue', Figure(theirs), '.0f', 'ns')
	table.tell('a job of a batch, to the plain queue', Figure(batches))
	table.at_most('one there and back, to the plain queue', Figure(rounds), 1.0)
