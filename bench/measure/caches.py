# SPDX-License-Identifier: MIT
"""What a get of a cache in memory costs, next to the same with other caches: see bench/caches.c and bench/peers."""

import importlib.util

from .executor import BOTH, Way, in_turns, installed
from .table import Figure

MEMORY = Way('cor_memory_store, LRU', 'bench/bench-caches', 'memory', 'lru', 'get')
SHARED = Way('cor_shared_store, LRU', 'bench/bench-caches', 'shared', 'lru', 'get')
USUAL = Way('cor_memory_store, as usual', 'bench/bench-caches', 'memory', 'usual', 'get')
NEAR = Way('copies near, in front of files', 'bench/bench-caches', 'near', 'usual', 'get')
GLIB = Way('GHashTable and GQueue, LRU, mutex', 'bench/peers/cache-glib')
PYTHON = Way('cachetools.LRUCache, lock', 'peers/cache_python.py')
PEERS = [GLIB, *([PYTHON] if importlib.util.find_spec('cachetools') else [])]
# To GLib's, which takes 119 ns on one thread and 321 on two where the targets are 100 and 70, shared 150 and 90.
LIMITS = {'1': {MEMORY: 0.84, USUAL: 0.84, SHARED: 1.26, NEAR: 1.68}, '2': {MEMORY: 0.22, USUAL: 0.22, SHARED: 0.28, NEAR: 0.45}}


def gets(bench, table):
	"""Gets of 100,000 keys by Zipf's law on one thread and on two, in turns with the peers: wall time for each call."""
	for threads, limits in LIMITS.items():
		figures = in_turns(bench, [*limits, *installed(bench, PEERS)], lambda way: float(way.run(bench.build, BOTH, threads)))
		what = 'a get of a cache on one thread' if threads == '1' else 'a get of a cache on two threads'
		for way, values in figures.items():
			table.tell(f'{what}: {way.name}', Figure(values), '.0f', 'ns')
		for way, limit in limits.items():
			if GLIB in figures:
				ratio = Figure([one / other for one, other in zip(figures[way], figures[GLIB])])
				table.at_most(f'{what}: {way.name}, to GLib', ratio, limit)
