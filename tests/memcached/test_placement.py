#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keys are on the servers that libmemcached chooses, 100,000 of them, and pymemcache, 10,000, over 1 to 16 servers."""

import ctypes
import ctypes.util
import os
import subprocess
import sys

from tap import Tap

sys.path.append('/usr/lib/python3/dist-packages')  # Debian's, whichever python runs this

PLACE = sys.argv[1]
KEYS = 2000 if os.environ.get('COR_TEST_LIGHT') else 100000
FEWER_KEYS = KEYS // 10  # for a hash in Python, which takes 60 times as long
RENDEZVOUS, KETAMA, WEIGHTED = 0, 1, 2
COUNTS = (1, 2, 3, 5, 8, 16)
SERVERS = [('10.0.0.%d' % n, 11211 + n % 3) for n in range(1, 13)] + [
	('cache-a', 11211), ('cache-b', 12000), ('::1', 11211), ('/run/memcached.sock', 0)]


def at_of(servers):
	def one(host, port):
		if port == 0:
			return host
		return '[%s]:%d' % (host, port) if ':' in host else '%s:%d' % (host, port)
	return ', '.join(one(*server) for server in servers)


def ours(how, servers, weights=()):
	run = subprocess.run([PLACE, str(how), at_of(servers), ' '.join(map(str, weights)), str(KEYS)],
		capture_output=True, check=True, timeout=60)
	return run.stdout


class Memory:
	"""pymemcache's murmur3_32() of the servers with one key after the other: each is asked for once, as it is slow."""

	def __init__(self, murmur):
		self.murmur = murmur
		self.known = {}

	def __call__(self, text, seed=0):
		if text not in self.known:
			self.known[text] = self.murmur(text, seed)
		return self.known[text]


def by_pymemcache(counts):
	"""For each count of servers where HashClient looks for the keys."""
	from pymemcache.client.hash import HashClient
	from pymemcache.client.murmur3 import murmur3_32
	from pymemcache.client.rendezvous import RendezvousHash
	memory = Memory(murmur3_32)
	clients, found = {}, {count: bytearray() for count in counts}
	for count in counts:
		spec = [host if port == 0 else (host, port) for host, port in SERVERS[-count:]]
		client = HashClient(spec, hasher=lambda nodes=None: RendezvousHash(nodes, hash_function=memory))
		clients[count] = client.hasher.get_node, {client._make_client_key(server): at for at, server in enumerate(spec)}
	for number in range(FEWER_KEYS):
		memory.known.clear()
		for count, (get_node, index) in clients.items():
			found[count].append(index[get_node('key:%d' % number)])
	return found


def open_libmemcached():
	library = ctypes.util.find_library('memcached')
	if not library:
		return None
	lib = ctypes.CDLL(library)
	lib.memcached_create.restype = ctypes.c_void_p
	lib.memcached_generate_hash.restype = ctypes.c_uint32
	lib.memcached_generate_hash.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
	lib.memcached_behavior_set.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint64]
	lib.memcached_server_add_with_weight.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint16, ctypes.c_uint32]
	lib.memcached_server_add_unix_socket_with_weight.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint32]
	lib.memcached_free.argtypes = [ctypes.c_void_p]
	return lib


def by_libmemcached(lib, behavior, servers, weights):
	handle = lib.memcached_create(None)
	assert lib.memcached_behavior_set(handle, HASH_BEHAVIOR, MD5) == 0
	assert lib.memcached_behavior_set(handle, behavior, 1) == 0
	for (host, port), weight in zip(servers, weights):
		if port == 0:
			rc = lib.memcached_server_add_unix_socket_with_weight(handle, host.encode(), weight)
		else:
			rc = lib.memcached_server_add_with_weight(handle, host.encode(), port, weight)
		assert rc == 0, rc
	keys = [b'key:%d' % n for n in range(KEYS)]
	found = bytes(lib.memcached_generate_hash(handle, key, len(key)) for key in keys)
	lib.memcached_free(handle)
	return found


def same(tap, name, found, expected):
	differ = [n for n, server in enumerate(expected) if found[n] != server]
	tap.check(name, ['key:%d is on %d, not on %d; %d differ' % (
		differ[0], found[differ[0]], expected[differ[0]], len(differ))] if differ else [])


def main():
	tap = Tap()
	try:
		import pymemcache  # noqa: F401
		for count, found in by_pymemcache(COUNTS).items():
			same(tap, 'pymemcache, %d servers' % count, ours(RENDEZVOUS, SERVERS[-count:]), found)
	except ImportError:
		tap.skip('pymemcache', 'python3-pymemcache is not installed')
	lib = open_libmemcached()
	if not lib:
		tap.skip('libmemcached', 'it is not installed')
	for count in COUNTS if lib else ():
		servers = SERVERS[-count:]
		ones = [1] * count
		weights = [1 + n * 7 % 5 for n in range(count)]
		same(tap, 'ketama, %d servers' % count, ours(KETAMA, servers), by_libmemcached(lib, KETAMA_BEHAVIOR, servers, ones))
		same(tap, 'weighted ketama, %d servers' % count,
			ours(WEIGHTED, servers, weights), by_libmemcached(lib, WEIGHTED_BEHAVIOR, servers, weights))
		same(tap, 'weighted ketama of equal weights, %d servers' % count,
			ours(WEIGHTED, servers), by_libmemcached(lib, WEIGHTED_BEHAVIOR, servers, ones))
	tap.done()


HASH_BEHAVIOR, KETAMA_BEHAVIOR, WEIGHTED_BEHAVIOR, MD5 = 2, 3, 16, 1

main()
