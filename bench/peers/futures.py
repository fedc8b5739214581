# SPDX-License-Identifier: MIT
"""
Python's concurrent.futures, with one worker:

	futures.py threads|processes batch|round COUNT	nanoseconds of a job
	futures.py primes WORKERS			the six numbers of examples/primes
"""

import concurrent.futures
import math
import sys
import time

NUMBERS = [112272535095293, 112582705942171, 112272535095293, 115280095190773, 115797848077099, 1099726899285419]


def nothing():
	pass


def is_prime(number):
	if number < 2:
		return False
	if number % 2 == 0:
		return number == 2
	return all(number % i for i in range(3, math.floor(math.sqrt(number)) + 1, 2))


def measure(pool, is_round, count):
	pool.submit(nothing).result()
	since = time.perf_counter_ns()
	if is_round:
		for _ in range(count):
			pool.submit(nothing).result()
	else:
		for future in [pool.submit(nothing) for _ in range(count)]:
			future.result()
	return (time.perf_counter_ns() - since) / count


def main():
	kind, what, *rest = sys.argv[1:]
	if kind == 'primes':
		with concurrent.futures.ProcessPoolExecutor(int(what)) as pool:
			for number, answer in zip(NUMBERS, pool.map(is_prime, NUMBERS)):
				print(f'{number} is prime: {str(answer).lower()}')
		return
	executor = {'threads': concurrent.futures.ThreadPoolExecutor, 'processes': concurrent.futures.ProcessPoolExecutor}[kind]
	with executor(1) as pool:
		print(f'{measure(pool, what == "round", int(rest[0])):.1f}')


if __name__ == '__main__':
	main()
