#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each sentence of store.h, against a real memcached: in a fiber and outside of one, over TCP and a unix socket."""

import os
import shutil
import sys
import tempfile

from parts import Asker, Fake, Memcached
from tap import Tap

ASKER = sys.argv[1]
MONTH_MS = 30 * 24 * 3600 * 1000


def expect(problems, what, found, expected):
	if found != expected:
		problems.append('%s is %s, not %s' % (what, found, expected))


def without_version(line):
	return ' '.join(line.split()[:3])


class Old:
	"""A server before 1.6, which knows the text protocol alone: Fake's reply."""

	def __init__(self):
		self.items = {}  # key: (flags, value, version)
		self.version = 0

	def __call__(self, fake, line, body):
		verb, *words = line.split()
		return getattr(self, verb.decode())(*words, *([body[:-2]] if body else []))

	def keep(self, key, flags, value):
		if len(value) > 1048000:
			self.items.pop(key, None)
			return b'SERVER_ERROR object too large for cache\r\n'
		self.version += 1
		self.items[key] = (flags, value, self.version)
		return b'STORED\r\n'

	def set(self, key, flags, exptime, size, value):
		return self.keep(key, flags, value)

	def add(self, key, flags, exptime, size, value):
		return b'NOT_STORED\r\n' if key in self.items else self.keep(key, flags, value)

	def replace(self, key, flags, exptime, size, value):
		return self.keep(key, flags, value) if key in self.items else b'NOT_STORED\r\n'

	def cas(self, key, flags, exptime, size, version, value):
		if key not in self.items:
			return b'NOT_FOUND\r\n'
		return self.keep(key, flags, value) if self.items[key][2] == int(version) else b'EXISTS\r\n'

	def gets(self, key):
		if key not in self.items:
			return b'END\r\n'
		flags, value, version = self.items[key]
		return b'VALUE %s %s %d %d\r\n%s\r\nEND\r\n' % (key, flags, len(value), version, value)

	def delete(self, key):
		return b'DELETED\r\n' if self.items.pop(key, None) else b'NOT_FOUND\r\n'

	def touch(self, key, exptime):
		return b'TOUCHED\r\n' if key in self.items else b'NOT_FOUND\r\n'

	def change(self, key, by):
		if key not in self.items:
			return b'NOT_FOUND\r\n'
		flags, value, _ = self.items[key]
		if not value.isdigit():
			return b'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n'
		number = max(int(value) + by, 0) % 2 ** 64
		self.keep(key, flags, b'%d' % number)
		return b'%d\r\n' % number

	def incr(self, key, by):
		return self.change(key, int(by))

	def decr(self, key, by):
		return self.change(key, -int(by))

	def flush_all(self):
		self.items.clear()
		return b'OK\r\n'


def check_entries(asker, problems):
	def say(expected, *words):
		expect(problems, ' '.join(str(word)[:60] for word in words), asker.ask(*words), expected)

	say('ENOENT', 'get', 'a')
	say('0', 'put', 'a', 'one')
	expect(problems, 'got', without_version(asker.ask('get', 'a')), '0 one ' + asker.left(59000))
	say('0', 'put', 'empty', b'%')
	say('EEXIST', 'put', 'a', 'two', 0, 1)
	say('0', 'put', 'a', 'two', 0, 2)
	say('ENOENT', 'put', 'b', 'two', 0, 2)
	version = asker.ask('get', 'a').split()[3]
	say('0', 'put', 'a', 'three', 0, 3, int(version))
	say('ESTALE', 'put', 'a', 'four', 0, 3, int(version))
	say('ENOENT', 'put', 'b', 'four', 0, 3, int(version))
	say('0', 'put', 'a', 'five', 'forever')
	expect(problems, 'for ever', without_version(asker.ask('get', 'a')), '0 five ' + asker.left('forever'))
	say('0', 'touch', 'a', 30999)
	expect(problems, 'touched', without_version(asker.ask('get', 'a')), '0 five ' + asker.left(29000))
	say('ENOENT', 'touch', 'b', 30000)
	say('0', 'delete', 'a')
	say('ENOENT', 'delete', 'a')
	say('ENOENT', 'get', 'a')
	say('EINVAL', 'put', 'a', 'x', -1)


def check_numbers(asker, problems):
	def say(expected, *words):
		expect(problems, ' '.join(map(str, words)), asker.ask(*words), expected)

	for key in ('n', 'a number', 'n' * 300):
		say('0 5', 'add', key, 1, '5')
		say('0 8', 'add', key, 3, '5')
		say('0 0', 'add', key, -9, '5')
		say('0 0', 'add', key, 0, '5')
		say('0', 'put', key, '18446744073709551610')
		say('0 18446744073709551615', 'add', key, 5)
		say('ERANGE', 'add', key, 1)
		say('0 18446744073709551615', 'add', key, 0)
		say('ERANGE', 'add', key, 9223372036854775807)
		say('0 18446744073709551615', 'add', key, 0)
		say('0 9223372036854775807', 'add', key, -9223372036854775808)
		say('0', 'put', key, 'x')
		say('EBADMSG', 'add', key, 1)
		say('0', 'put', key, '-1')
		say('EBADMSG', 'add', key, 1)
		say('EINVAL', 'add', key, 1, 'x')
		say('0', 'delete', key)
		say('0 0', 'add', key, 7)


def check_keys(asker, problems):
	keys = [b'a b', b'\0', b'\xff\xfe', b'a' * 251, b' ' * 1024, b'coracle#' + b'0' * 32, b'\n', 'grüß'.encode(), b'a%20b', b'YSBi']
	for number, key in enumerate(keys):
		expect(problems, repr(key[:20]), asker.ask('put', key, 'value%d' % number), '0')
	for number, key in enumerate(keys):
		expect(problems, repr(key[:20]), asker.ask('get', key).split()[:2], ['0', 'value%d' % number])
		expect(problems, 'touch of %r' % key[:20], asker.ask('touch', key, 9000), '0')
	expect(problems, 'many', asker.ask('get_many', *keys), '0 %d %s' % (len(keys), ' '.join('value%d' % n for n in range(len(keys)))))
	for key in keys:
		expect(problems, 'delete of %r' % key[:20], asker.ask('delete', key), '0')
		expect(problems, repr(key[:20]), asker.ask('get', key), 'ENOENT')
	expect(problems, 'no key', asker.ask('get'), 'EINVAL')
	expect(problems, 'too long a key', asker.ask('get', b'k' * 1025), 'EINVAL')


def check_sizes(asker, problems):
	for size in (0, 1, 16383, 16384, 100000, 1000000):
		expect(problems, 'put of %d' % size, asker.ask('put', 'big', '@%d' % size), '0')
		expect(problems, 'get of %d' % size, asker.ask('get', 'big').split()[1:2], ['@%d' % size] if size > 100 else asker.ask('get', 'big').split()[1:2])
	expect(problems, 'more than an item', asker.ask('put', 'big', '@1048576'), 'COR_ETOOLARGE')
	expect(problems, 'the old value', asker.ask('get', 'big'), 'ENOENT')
	expect(problems, 'put', asker.ask('put', 'big', 'x'), '0')
	expect(problems, 'more than .value_bytes', asker.ask('put', 'big', '@1048577'), 'COR_ETOOLARGE')
	expect(problems, 'the old value', asker.ask('get', 'big'), 'ENOENT')
	expect(problems, 'too large', asker.figures()['too_large'], 2)


def check_many(asker, problems):
	expect(problems, 'put_many', asker.ask('put_many', 'x', '1', 'y z', '2', 'w', '@2000000', 'v', '3'), '0 3')
	expect(problems, 'get_many', asker.ask('get_many', 'x', 'nothing', 'y z', 'w', 'v', 'x'), '0 4 1 - 2 - 3 1')
	expect(problems, 'none', asker.ask('get_many'), '0 0')


def check_figures(asker, problems):
	before = asker.figures()
	for words in (('put', 'f', '1'), ('get', 'f'), ('get', 'g'), ('delete', 'f'), ('delete', 'f'), ('get_many', 'f', 'g')):
		asker.ask(*words)
	after = asker.figures()
	expect(problems, 'figures', {name: after[name] - before[name] for name in after},
		{'hits': 1, 'misses': 3, 'puts': 1, 'deletes': 1, 'expired': 0, 'too_large': 0, 'lost': 0, 'errors': 0})


def check_clear(asker, problems):
	asker.ask('put', 'c', '1')
	expect(problems, 'clear', asker.ask('clear'), '0')
	expect(problems, 'then', asker.ask('get', 'c'), 'ENOENT')


CHECKS = (check_entries, check_numbers, check_keys, check_sizes, check_many, check_figures, check_clear)


def check_all(tap, mode, at, name, is_old=False, **options):
	for check in CHECKS:
		problems = []
		with Asker(ASKER, mode, at, **options) as asker:
			asker.tells_left = not is_old
			check(asker, problems)
			asker.ask('clear')
		tap.check('%s %s' % (check.__name__[6:], name), problems)


def check_prefix(tap, server):
	problems = []
	with Asker(ASKER, 'fiber', server.at, prefix='shop:') as asker:
		expect(problems, 'put', asker.ask('put', 'a', '1'), '0')
		expect(problems, 'clear', asker.ask('clear'), 'EOPNOTSUPP')
	expect(problems, 'the server has', server.say(b'get shop:a\r\n'), b'VALUE shop:a 0 1\r\n1\r\nEND\r\n')
	tap.check('a prefix stands before keys, and keeps from clearing what others have', problems)


def check_times(tap, server):
	problems = []
	with Asker(ASKER, 'fiber', server.at) as asker:
		for ttl, least, most in ((1000, 1, 1000), (1500, 1, 1500), (MONTH_MS, MONTH_MS - 3000, MONTH_MS),
				(MONTH_MS + 1000, MONTH_MS - 3000, MONTH_MS + 1000), (400 * 24 * 3600 * 1000, 399 * 24 * 3600 * 1000, 400 * 24 * 3600 * 1000)):
			expect(problems, 'put', asker.ask('put', 't', 'x', ttl), '0')
			left = asker.ask('get', 't').split()
			if left[0] == '0' and not least <= int(left[2]) <= most:
				problems.append('of %d ms %s are left' % (ttl, left[2]))
			if left[0] != '0' and ttl > 2000:
				problems.append('what should live for %d ms is %s' % (ttl, left[0]))
		asker.ask('put', 't', 'x', 60000)
	flags = server.say(b'get t\r\n').split()[2]
	expect(problems, 'flags of whole seconds', flags, b'0')
	tap.check('times to live', problems)


def check_compression(tap, server):
	problems = []
	for coding in ('zstd', 'gzip'):
		with Asker(ASKER, 'fiber', server.at, compress=coding, value_bytes=4000000) as asker:
			for key in ('c', 'c d', 'c' * 500):
				expect(problems, 'put', asker.ask('put', key, '@300000'), '0')
				expect(problems, 'get', asker.ask('get', key).split()[1:2], ['@300000'])
			expect(problems, 'a large one', asker.ask('put', 'c', '@4000000'), '0')
			expect(problems, 'a large one', asker.ask('get', 'c').split()[1:2], ['@4000000'])
			asker.ask('put', 'small', 'x')
		if len(server.say(b'get c\r\n')) > 100000:
			problems.append('%s has not made it smaller' % coding)
		expect(problems, 'a small one', server.say(b'get small\r\n'), b'VALUE small 0 1\r\nx\r\nEND\r\n')
		with Asker(ASKER, 'thread', server.at) as asker:
			expect(problems, 'without the coding', asker.ask('get', 'c'), 'ENOENT')
			expect(problems, 'lost', asker.figures()['lost'], 1)
	tap.check('values are compressed where that is asked for', problems)


def check_pieces(tap, server):
	problems = []
	options = {'chunks': 1, 'value_bytes': 5000000}
	for extra in ({}, {'compress': 'zstd', 'compress_bytes': 100000000}):
		with Asker(ASKER, 'fiber', server.at, **options, **extra) as asker:
			for key in ('p', 'p q', 'p' * 400):
				for size in (1048000, 1048576, 5000000):
					expect(problems, 'put of %d' % size, asker.ask('put', key, '@%d' % size), '0')
					expect(problems, 'get of %d' % size, asker.ask('get', key).split()[1:2], ['@%d' % size])
				expect(problems, 'touch', asker.ask('touch', key, 90000), '0')
				value, left_ms = asker.ask('get', key).split()[1:3]
				expect(problems, 'touched', value, '@5000000')
				if not 80000 <= int(left_ms) <= 90000:  # in whole seconds, and of a machine that may be busy
					problems.append(f'{left_ms} ms are left of 90,000')
			expect(problems, 'many', asker.ask('put_many', 'p', '@1500000', 'r', '1'), '0 2')
			expect(problems, 'many', asker.ask('get_many', 'p', 'r'), '0 2 @1500000 1')
			manifest = server.say(b'get p\r\n').split(b'\r\n', 1)[1]
			piece = b'coracle#' + manifest[4:36] + b'.1'
			expect(problems, 'delete of a piece', server.say(b'delete %s\r\n' % piece), b'DELETED\r\n')
			expect(problems, 'with a piece gone', asker.ask('get', 'p'), 'ENOENT')
			asker.ask('put', 'p', '@1500000')
			manifest = server.say(b'get p\r\n').split(b'\r\n', 1)[1]
			piece = b'coracle#' + manifest[4:36] + b'.0'
			server.say(b'set %s 0 0 524320\r\n%s\r\n' % (piece, b'0' * 524320))
			expect(problems, 'with a piece of another value', asker.ask('get', 'p'), 'ENOENT')
			expect(problems, 'lost', asker.figures()['lost'], 2)
	tap.check('values that are larger than an item are cut, and joined whole or not at all', problems)


def check_login(tap, folder):
	problems = []
	path = os.path.join(folder, 'users')
	with open(path, 'w') as users:
		users.write('ann:secret\n')
	with Memcached('-Y', path, path=os.path.join(folder, 'auth')) as server:
		with Asker(ASKER, 'fiber', server.at, user='ann', password='secret') as asker:
			expect(problems, 'put', asker.ask('put', 'a', '1'), '0')
		with Asker(ASKER, 'fiber', server.at, user='ann', password='wrong') as asker:
			expect(problems, 'with a wrong password', asker.ask('put', 'a', '1'), 'EPROTO')
		with Asker(ASKER, 'thread', server.at) as asker:
			expect(problems, 'without one', asker.ask('put', 'a', '1'), 'EPROTO')
	tap.check('servers that ask for a password', problems)


def check_noreply(tap, server):
	problems = []
	for mode in ('fiber', 'thread'):
		with Asker(ASKER, mode, server.at, noreply=1) as asker:
			for number in range(50):
				expect(problems, 'put', asker.ask('put', 'q%d' % number, str(number)), '0')
			expect(problems, 'put_many', asker.ask('put_many', 'x', '1', 'y', '2'), '0 2')
			expect(problems, 'then', asker.ask('get_many', 'q7', 'x', 'q49', 'y'), '0 4 7 1 49 2')
			expect(problems, 'EEXIST', asker.ask('put', 'q7', 'x', 0, 1), 'EEXIST')
	tap.check('puts whose answer nobody waits for', problems)


def check_pymemcache(tap, server):
	try:
		from pymemcache.client.base import Client
	except ImportError:
		tap.skip('values beside pymemcache', 'python3-pymemcache is not installed')
		return
	problems = []
	client = Client(('127.0.0.1', server.port), default_noreply=False)
	with Asker(ASKER, 'fiber', server.at) as asker:
		for value in (b'plain', b'17', b'\0\xff\r\nEND\r\n', b'x' * 90):
			asker.ask('put', 'shared', value)
			expect(problems, 'read by pymemcache', client.get('shared'), value)
			client.set('theirs', value, expire=60)
			mine = asker.ask('get', 'theirs').split()
			asker.ask('put', 'again', value)
			expect(problems, 'read by us', mine[1], asker.ask('get', 'again').split()[1])
		for number in range(20):
			asker.ask('add', 'both', 1, '0')
			client.incr('both', 1)
		expect(problems, 'both have counted', client.get('both'), b'39')
		expect(problems, 'add of another', (client.add('a1', b'x'), asker.ask('put', 'a1', 'y', 0, 1)), (True, 'EEXIST'))
		value, cas = client.gets('a1')
		asker.ask('put', 'a1', 'z')
		expect(problems, 'cas of pymemcache', client.cas('a1', b'w', cas), False)
	client.close()
	tap.check('values and numbers beside pymemcache', problems)


def main():
	tap = Tap()
	if not shutil.which('memcached'):
		tap.skip('the store', 'memcached is not installed')
		tap.done()
	with tempfile.TemporaryDirectory() as folder:
		os.chmod(folder, 0o755)
		with Memcached() as tcp, Memcached(path=os.path.join(folder, 'socket')) as local:
			check_all(tap, 'fiber', tcp.at, 'in a fiber, over TCP')
			check_all(tap, 'thread', tcp.at, 'in a thread, over TCP')
			check_all(tap, 'fiber', local.at, 'in a fiber, over a unix socket')
			with Memcached() as second, Memcached() as third:
				check_all(tap, 'fiber', '%s, %s, %s' % (tcp.at, second.at, third.at), 'on three servers')
				check_all(tap, 'thread', '%s, %s' % (local.at, third.at), 'on two servers, in a thread', placement=1)
			for check in (check_prefix, check_times, check_compression, check_pieces, check_noreply, check_pymemcache):
				check(tap, tcp)
		check_login(tap, folder)
	for mode in ('fiber', 'thread'):
		with Fake(Old(), knows_meta=False) as old:
			check_all(tap, mode, old.at, 'on a server before 1.6, in a %s' % mode, is_old=True)
	tap.done()


main()
