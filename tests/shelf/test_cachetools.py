#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stores in memory do what cachetools does: random calls of both, and what is there after each. Usage: test_cachetools.py PLAYER"""

import random
import subprocess
import sys

try:
	import cachetools
except ImportError:
	print('1..0 # SKIP cachetools is not installed (tools/deps test)')
	sys.exit(0)

SEQUENCES, CALLS = 1000, 60


class Time:
	now = 0

	def __call__(self):
		return self.now


class Lfu(cachetools.LFUCache):
	"""Which of those that were used least goes is arbitrary there: here the one that the player chose, if it is one of them."""

	def follow(self, there):
		self.there = there

	def popitem(self):
		counts = self._LFUCache__counter  # negative ones
		least = {key for key in self if counts[key] == max(counts[other] for other in self)}
		victims = least - self.there
		assert len(victims) == 1, f'{least} were used least, and {self.there} are there'
		victim = victims.pop()
		return victim, self.pop(victim)


def calls_of(chance, size, with_time, with_ttl):
	keys = [f'k{i}' for i in range(size * 2)]
	for i in range(CALLS):
		kind = chance.choices(['put', 'get', 'delete', 'time'], [8, 8, 1, 3 if with_time else 0])[0]
		key = chance.choice(keys)
		if kind == 'put':
			yield ('put', key, f'v{i}', chance.randint(1, 20) if with_ttl else 0)
		elif kind == 'time':
			yield ('time', chance.randint(1, 12))
		else:
			yield (kind, key)


def call(cache, time, words):
	"""What the original says, in the words of the player."""
	kind, *rest = words
	if kind == 'put':
		cache[rest[0]] = (rest[1], rest[2])
		return 'kept'
	if kind == 'get':
		return cache[rest[0]][0] if rest[0] in cache else '-'
	if kind == 'delete':
		return 'gone' if cache.pop(rest[0], None) else '-'
	time.now += rest[0]
	return '-'


def entries_of(cache):
	return {f'{key}={cachetools.Cache.__getitem__(cache, key)[0]}' for key in cache}


def compare(name, seed, evicts, ttl_ms, make, with_ttl=False):
	chance, time = random.Random(seed), Time()
	size = chance.randint(1, 8)
	calls = list(calls_of(chance, size, ttl_ms > 0, with_ttl))
	lines = [('open', evicts, size, ttl_ms or 10**12), *calls]
	return name, make(size, time), time, calls, [' '.join(map(str, line)) for line in lines]


def run(player, plays):
	text = '\n'.join(line for play in plays for line in play[4]) + '\n'
	answers = subprocess.run([player], input=text, capture_output=True, text=True, check=True, timeout=100).stdout.splitlines()
	for name, cache, time, calls, lines in plays:
		own, answers = answers[1:len(lines)], answers[len(lines):]
		for words, answer in zip(calls, own):
			said, *there = answer.split(' ')
			if isinstance(cache, Lfu):
				cache.follow({entry.split('=')[0] for entry in there})
			expected = call(cache, time, words)
			assert (said, set(there)) == (expected, entries_of(cache)), \
				f'{name}: {words}: {answer!r}, but {expected!r} and {entries_of(cache)}, in {lines}'


KINDS = [
	('lru', 0, lambda size, _: cachetools.LRUCache(size), False),
	('fifo', 0, lambda size, _: cachetools.FIFOCache(size), False),
	('lfu', 0, lambda size, _: Lfu(size), False),
	('lru', 10, lambda size, time: cachetools.TTLCache(size, 10, timer=time), False),
	('lru', 10, lambda size, time: cachetools.TLRUCache(size, lambda key, value, now: now + value[1], timer=time), True),
]


def main():
	print(f'1..{len(KINDS)}')
	for number, (evicts, ttl_ms, make, with_ttl) in enumerate(KINDS, 1):
		original = type(make(1, Time())).__name__
		try:
			run(sys.argv[1], [compare(original, seed, evicts, ttl_ms, make, with_ttl) for seed in range(SEQUENCES)])
			print(f'ok {number} - {SEQUENCES} sequences of {CALLS} calls, as {original}')
		except AssertionError as error:
			print(f'not ok {number} - {original}\n# {error}')


main()
