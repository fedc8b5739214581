# SPDX-License-Identifier: MIT
"""What a job costs on an executor, next to the same on other ways to run jobs: see bench/peers."""

import os
import subprocess
import sys
import time

from .table import Figure

ALONE = ['taskset', '-c', '1']
BOTH = ['taskset', '-c', '0,1']
BATCH, ROUND = ('batch', '100000'), ('round', '20000')
PYTHON_BATCH, PYTHON_ROUND = ('batch', '5000'), ('round', '1000')  # it is slow


class Way:
	"""A program that runs jobs, by its path in the build; a script is Python's."""

	def __init__(self, name, program, *words):
		self.name, self.program, self.words = name, program, words
		self.is_script = program.endswith('.py')

	def command(self, build):
		if self.is_script:
			return [sys.executable, os.path.join(os.path.dirname(__file__), '..', self.program), *self.words]
		return [os.path.join(build, self.program), *self.words]

	def is_there(self, build):
		return self.is_script or os.path.exists(os.path.join(build, self.program))

	def run(self, build, cores, *words):
		done = subprocess.run([*cores, *self.command(build), *words], capture_output=True, text=True, check=True, timeout=120)
		return done.stdout


THREADS = Way('a pool of threads', 'bench/bench-executor', 'threads')
QUEUE = Way('a plain queue of mutex and condition', 'bench/peers/queue')
THREAD_PEERS = [
	QUEUE,
	Way('GThreadPool', 'bench/peers/glib'),
	Way('oneTBB', 'bench/peers/tbb'),
	Way('libuv', 'bench/peers/uv'),
	Way('ThreadPoolExecutor', 'peers/futures.py', 'threads'),
]
PROCESSES = Way('a pool of processes', 'bench/bench-executor', 'processes')
FUTEX = Way('a plain futex', 'bench/peers/futex')
PROCESS_PEERS = [FUTEX, Way('ProcessPoolExecutor', 'peers/futures.py', 'processes')]
PRIMES = Way('a pool of two processes', 'examples/primes', '--workers', '2')
PLAIN_PRIMES = Way('plain C in two processes', 'bench/peers/primes', '2')
PYTHON_PRIMES = Way('ProcessPoolExecutor', 'peers/futures.py', 'primes', '2')


def installed(bench, ways):
	for way in ways:
		if not way.is_there(bench.build):
			print(f'  {way.name}: not measured, as it was not installed when {bench.build} was built (tools/deps bench)')
	return [way for way in ways if way.is_there(bench.build)]


def ns_of_a_job(bench, way, cores, words, slowly):
	return float(way.run(bench.build, cores, *(slowly if way.is_script else words)))


def in_turns(bench, ways, measure):
	"""The figures of each way, all of them measured once in a round."""
	figures = {way: [] for way in ways}
	for _ in range(bench.rounds):
		for way in ways:
			figures[way].append(measure(way))
	return figures


def ratio(figures, ours, theirs):
	return Figure([one / other for one, other in zip(figures[ours], figures[theirs])])


def tell_peers(table, what, figures, ours, unit='ns', spec='.0f'):
	for way in figures:
		if way is not ours:
			table.tell(f'{what}: {way.name}', Figure(figures[way]), spec, unit)


def batches(bench, table):
	figures = in_turns(bench, [THREADS, *installed(bench, THREAD_PEERS)],
		lambda way: ns_of_a_job(bench, way, BOTH, BATCH, PYTHON_BATCH))
	table.tell('a job of a batch', Figure(figures[THREADS]), '.0f', 'ns')
	tell_peers(table, 'a job of a batch', figures, THREADS)
	table.at_most('a job of a batch, to the plain queue', ratio(figures, THREADS, QUEUE), 0.79)  # 100 ns where that takes 126


def there_and_back(bench, table, ours, peers, limit):
	for cores, where in ((ALONE, 'on one core'), (BOTH, 'on two')):
		figures = in_turns(bench, [ours, *installed(bench, peers)],
			lambda way: ns_of_a_job(bench, way, cores, ROUND, PYTHON_ROUND))
		what = f'a job there and back {where}'
		table.tell(f'{what}: {ours.name}', Figure(figures[ours]), '.0f', 'ns')
		tell_peers(table, what, figures, ours)
		table.at_most(f'{what}: {ours.name}, to {peers[0].name}', ratio(figures, ours, peers[0]), limit)


def ms_of_primes(bench, way):
	since = time.perf_counter()
	way.run(bench.build, BOTH)
	return (time.perf_counter() - since) * 1000


def primes(bench, table):
	figures = in_turns(bench, [PRIMES, PLAIN_PRIMES, PYTHON_PRIMES], lambda way: ms_of_primes(bench, way))
	table.tell('six primes', Figure(figures[PRIMES]), '.1f', 'ms')
	tell_peers(table, 'six primes', figures, PRIMES, 'ms', '.1f')
	table.at_most(f'six primes, to {PLAIN_PRIMES.name}', ratio(figures, PRIMES, PLAIN_PRIMES), 1.03)


def jobs(bench, table):
	"""Empty jobs in a batch of 100,000 and there and back, and six primes, on executors and on other ways to run jobs, in turns."""
	batches(bench, table)
	there_and_back(bench, table, THREADS, THREAD_PEERS, 1.0)
	there_and_back(bench, table, PROCESSES, PROCESS_PEERS, 1.1)
	primes(bench, table)
