#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A store in files next to cachelib's FileSystemCache: the same calls at the same times, and where they differ on purpose, how."""

import os
import subprocess
import sys
import tempfile
from unittest import mock

import cachelib.file

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'house')]
from tap import Tap  # noqa: E402

NOW = 1767225600


class Beside:
	"""Both, with a directory each, a threshold and a default timeout."""

	def __init__(self, program, threshold=64, timeout=120):
		self.place = tempfile.TemporaryDirectory(prefix='coracle-test-')
		self.now = NOW
		self.theirs = cachelib.file.FileSystemCache(os.path.join(self.place.name, 'theirs'), threshold=threshold,
			default_timeout=timeout)
		self.ours = subprocess.Popen([program, os.path.join(self.place.name, 'ours'), str(threshold), str(timeout)],
			stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.ours.stdin.close()
		self.ours.wait()
		self.place.cleanup()

	def tell(self, line):
		self.ours.stdin.write(f'at {self.now}\n{line}\n')
		self.ours.stdin.flush()
		return self.ours.stdout.readline().strip()

	def ask_theirs(self, what, key=None, value=None, timeout=None):
		with mock.patch('cachelib.file.time', lambda: self.now):
			if what == 'inc':
				return str(self.theirs.inc(key, int(value)))
			if what == 'get':
				return str(self.theirs.get(key))
			if what in ('delete', 'clear'):
				return str(int(getattr(self.theirs, what)(*[key] if key else [])))
			return str(int(getattr(self.theirs, what)(key, value, timeout)))

	def both(self, what, *arguments):
		"""What each has returned: (theirs, ours)."""
		line = ' '.join([what, *(str(it) for it in arguments if it is not None)])
		theirs = self.ask_theirs(what, *arguments)
		return theirs, self.tell(line)

	def files(self):
		count = sum(len(files) for _, _, files in os.walk(os.path.join(self.place.name, 'theirs'))) - 1
		ours = sum(name.endswith('.cor') and not name.startswith('state') for _, _, files in
			os.walk(os.path.join(self.place.name, 'ours')) for name in files)
		return count, ours


def same(pair, value):
	return [] if pair == (value, value) else [f'cachelib {pair[0]}, ours {pair[1]}, both should be {value}']


def differ(pair, theirs, ours):
	return [] if pair == (theirs, ours) else [f'cachelib {pair[0]} (should be {theirs}), ours {pair[1]} (should be {ours})']


def one_script_in_both(it):
	"""set, get, add, delete, clear, timeouts of its own and the default: the same."""
	faults = same(it.both('get', 'a'), 'None') + same(it.both('set', 'a', '1'), '1') + same(it.both('get', 'a'), '1')
	faults += same(it.both('add', 'a', '2'), '0') + same(it.both('get', 'a'), '1') + same(it.both('add', 'b', '2'), '1')
	faults += same(it.both('delete', 'b'), '1') + same(it.both('get', 'b'), 'None')
	faults += same(it.both('set', 'c', '3', 10), '1')
	it.now += 9
	faults += same(it.both('get', 'c'), '3')
	it.now += 2
	faults += same(it.both('get', 'c'), 'None') + same(it.both('get', 'a'), '1')
	it.now += 108
	faults += same(it.both('get', 'a'), '1')
	it.now += 2
	faults += same(it.both('get', 'a'), 'None')
	faults += same(it.both('set', 'd', '4', 0), '1')
	it.now += 1000000
	faults += same(it.both('get', 'd'), '4') + same(it.both('clear'), '1') + same(it.both('get', 'd'), 'None')
	return faults


def numbers(it):
	"""inc of what is there: the same. Absent: cachelib adds to 0, ours makes it."""
	faults = same(it.both('get', 'n'), 'None')
	faults += differ(it.both('inc', 'n', '2'), '2', '0')
	faults += differ(it.both('inc', 'n', '3'), '5', '3')
	return faults


def inc_keeps_its_time(it):
	it.theirs.set('n', 5, 10)
	it.tell('set n 5 10')
	it.now += 5
	faults = same(it.both('inc', 'n', '1'), '6')
	it.now += 6
	return faults + differ(it.both('get', 'n'), '6', 'None')


def add_after_its_time_is_over(it):
	"""cachelib looks whether there is a file."""
	it.both('set', 'a', '1', 10)
	it.now += 11
	return differ(it.both('add', 'a', '2'), '0', '1') + differ(it.both('get', 'a'), 'None', '2')


def absent_delete(it):
	"""cachelib 0.9 says that it has not worked, later ones that it has; ours is -ENOENT."""
	theirs, ours = it.both('delete', 'a')
	return [] if theirs in '01' and ours == '0' else [f'cachelib {theirs}, ours {ours}']


def steady_state(it):
	"""65 of 64, and as many as were said."""
	for i in range(300):
		it.now += 0.01
		it.both('set', f'k{i}', 'x')
	theirs, ours = it.files()
	return [] if theirs == 65 and ours == 64 else [f'{theirs} files of cachelib, {ours} of ours']


def what_never_expires(it):
	"""The first to go, and the last."""
	it.both('set', 'kept', 'x', 0)
	for i in range(100):
		it.now += 0.01
		it.both('set', f'k{i}', 'x')
	return differ(it.both('get', 'kept'), 'None', 'x')


def foreign_files(it):
	"""clear() deletes them, and leaves them."""
	it.both('set', 'a', '1')
	paths = []
	for folder, _, files in list(os.walk(it.place.name)):
		if files:
			paths.append(os.path.join(folder, 'notes.txt'))
			open(paths[-1], 'w').close()
	it.both('clear')
	left = sorted(os.path.relpath(path, it.place.name).split('/')[0] for path in paths if os.path.exists(path))
	return [] if len(paths) == 2 and left == ['ours'] else [f'{paths}: left is {left}']


def what_is_read_is_never_run(it):
	"""A pickle is a program: cachelib runs it, and ours is bytes that do not fit."""
	it.both('set', 'a', '1')
	ran = os.path.join(it.place.name, 'ran')
	evil = b'\0\0\0\0' + f"cos\nsystem\n(S'touch {ran}'\ntR.".encode()
	for folder, _, files in list(os.walk(it.place.name)):
		for name in files:
			if not name.startswith('state'):
				with open(os.path.join(folder, name), 'wb') as file:
					file.write(evil)
	with mock.patch('os.system', side_effect=os.system):
		it.ask_theirs('get', 'a')
	faults = [] if os.path.exists(ran) else ['cachelib has not run it']
	if os.path.exists(ran):
		os.unlink(ran)
	if it.tell('get a') != 'None':
		faults.append('ours has an answer')
	return faults + (['ours has run it'] if os.path.exists(ran) else [])


def after_2106(it):
	"""32 bits of seconds."""
	it.now = 5e9
	try:
		theirs = it.ask_theirs('set', 'a', '1')
	except Exception as error:
		theirs = type(error).__name__
	ours = it.tell('set a 1'), it.tell('get a')
	return [] if theirs == 'error' and ours == ('1', '1') else [f'cachelib {theirs}, ours {ours}']


def no_threshold(it):
	for i in range(200):
		it.both('set', f'k{i}', 'x')
	theirs, ours = it.files()
	return [] if theirs + 1 == 200 and ours == 200 else [f'{theirs + 1} files of cachelib, {ours} of ours']


def main():
	tap = Tap()
	for test in (one_script_in_both, numbers, inc_keeps_its_time, add_after_its_time_is_over, absent_delete, steady_state,
			what_never_expires, foreign_files, what_is_read_is_never_run, after_2106):
		with Beside(sys.argv[1]) as it:
			tap.check(test.__name__, test(it))
	with Beside(sys.argv[1], threshold=0) as it:
		tap.check(no_threshold.__name__, no_threshold(it))
	tap.done()


main()
