#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Three real servers of memcached under load: one is killed, hangs, and comes back; the others' keys do not notice."""

import shutil
import signal
import subprocess
import sys
import time

from parts import Asker, Memcached
from tap import Tap

ASKER, SHARING = sys.argv[1:]
LOAD_MS = 400
# connect_ms and timeout_ms, each once for the get and once for the put, and what a busy machine adds
LONGEST_MS = 2 * 200 + 4000


def found(line):
	return {name: int(value) for name, value in (pair.split('=') for pair in line.split()[1:])}


class Course:
	def __init__(self, tap, asker, servers):
		self.tap, self.asker, self.servers = tap, asker, servers
		self.problems = []

	def load(self, when=None):
		"""Runs for a while; `when` is called in the middle of it."""
		self.asker.send('load', LOAD_MS, 50)
		if when:
			time.sleep(LOAD_MS / 3000)
			when()
		result = found(self.asker.answer())
		if result['wrong']:
			self.problems.append('%d values of other keys' % result['wrong'])
		if result['longest_ms'] > LONGEST_MS:
			self.problems.append('a call has taken %d ms' % result['longest_ms'])
		if result['good'] == 0:
			self.problems.append('the others do not go on: %s' % result)
		return result

	def wait_until_back(self):
		begun = time.monotonic()
		while True:
			result = self.load()
			if result['untried'] == 0 and result['failed'] == 0:
				return time.monotonic() - begun
			if time.monotonic() - begun > 30:
				self.problems.append('it does not come back: %s' % result)
				return 0

	def check(self, name):
		self.tap.check(name, self.problems)
		self.problems = []


def check_course(tap, mode, **options):
	with Memcached() as a, Memcached() as b, Memcached() as c:
		at = ', '.join(server.at for server in (a, b, c))
		with Asker(ASKER, mode, at, dead_ms=200, connect_ms=100, timeout_ms=100, **options) as asker:
			course = Course(tap, asker, (a, b, c))
			course.wait_until_back()
			course.check('all are there, %s' % mode)

			result = course.load(b.stop)
			if not options.get('moves') and result['untried'] + result['failed'] == 0:
				course.problems.append('nobody has noticed: %s' % result)
			tap.figure('%s, one killed: longest %d ms' % (mode, result['longest_ms']))
			result = course.load()
			if options.get('moves') and result['untried'] > result['good']:
				course.problems.append('keys do not move: %s' % result)
			course.check('one is killed, %s' % mode)

			b.start()
			tap.figure('%s, restarted: back within %.1f s' % (mode, course.wait_until_back()))
			course.check('it is restarted, %s' % mode)

			result = course.load(lambda: b.signal(signal.SIGSTOP))
			tap.figure('%s, one hangs: longest %d ms' % (mode, result['longest_ms']))
			course.load()
			course.check('one hangs, %s' % mode)

			b.signal(signal.SIGCONT)
			tap.figure('%s, goes on: back within %.1f s' % (mode, course.wait_until_back()))
			course.check('it goes on, %s' % mode)


def check_kept_connection(tap, mode):
	"""A server that was restarted while nobody asked it: the first call does not fail."""
	problems = []
	with Memcached() as server, Asker(ASKER, mode, server.at) as asker:
		for _ in range(3):
			asker.ask('put', 'a', '1')
			server.stop()
			server.start()
			answer = asker.ask('get', 'a')
			if answer != 'ENOENT':
				problems.append('get says %s' % answer)
	tap.check('a connection that was kept over a restart, %s' % mode, problems)


def check_sharing(tap):
	with Memcached() as a, Memcached() as b:
		done = subprocess.run([SHARING, '%s, %s' % (a.at, b.at)], capture_output=True, text=True, timeout=120)
		expected = '0 wrong, sum 4200 of 4200\n'
		tap.check('threads with fibers share a store', [] if done.stdout == expected and done.returncode == 0 else [done.stdout, done.stderr])


def check_nobody(tap):
	problems = []
	for at, code, why in (('127.0.0.1:1', 'ECONNREFUSED', 'Connection refused'), ('/nowhere/memcached.sock', 'ECONNREFUSED', 'no such socket'),
			('no.such.host.invalid:1', 'EHOSTUNREACH', 'host not found')):
		for mode in ('fiber', 'thread'):
			with Asker(ASKER, mode, at, connect_ms=20000) as asker:
				answers = [asker.ask('get', 'a') for _ in range(5)] + [asker.ask('put', 'a', '1')]
				if answers != [code] * 5 + ['COR_EUNTRIED']:
					problems.append('%s in a %s: %s' % (at, mode, answers))
				news = asker.ask('news')
				if f'the last time with "{why}"' not in news:
					problems.append(f'news: {news}')
				many = asker.ask('get_many', 'a', 'b')
				if many != 'COR_EUNTRIED 0':
					problems.append('many: %s' % many)
	tap.check('servers that are not there', problems)


def main():
	tap = Tap()
	if not shutil.which('memcached'):
		tap.skip('the servers', 'memcached is not installed')
		tap.done()
	check_course(tap, 'fiber')
	check_course(tap, 'thread')
	check_course(tap, 'fiber', moves=1)
	for mode in ('fiber', 'thread'):
		check_kept_connection(tap, mode)
	check_sharing(tap)
	check_nobody(tap)
	tap.done()


main()
