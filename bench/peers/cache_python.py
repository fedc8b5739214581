# SPDX-License-Identifier: MIT
"""The peer of bench/caches.c: cachetools.LRUCache behind a lock. Usage: cache_python.py 1|2 threads. Prints ns for each get."""

import bisect
import itertools
import random
import statistics
import sys
import threading
import time

import cachetools

LEN, CALLS, RUNS = 100_000, 200_000, 5
cache, lock = cachetools.LRUCache(LEN), threading.Lock()


def orders(count):
	chance = random.Random(1)
	names = list(range(LEN))
	chance.shuffle(names)
	sums = list(itertools.accumulate(1 / (i + 1) ** 0.99 for i in range(LEN)))
	return [[f'key:{names[bisect.bisect(sums, chance.random() * sums[-1])]}' for _ in range(CALLS)] for _ in range(count)]


def get_all(keys):
	for key in keys:
		with lock:
			cache[key]


def once(lists):
	threads = [threading.Thread(target=get_all, args=[keys]) for keys in lists]
	since = time.perf_counter_ns()
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	return (time.perf_counter_ns() - since) / CALLS / len(lists)


def main():
	for i in range(LEN):
		cache[f'key:{i}'] = b'x' * 64
	lists = orders(int(sys.argv[1]))
	once(lists)
	print(f'{statistics.median(once(lists) for _ in range(RUNS)):.1f}')


main()
