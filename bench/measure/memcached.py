# SPDX-License-Identifier: MIT
"""Gets from memcached, next to libmemcached and pymemcache: both ends on one core."""

import os
import shutil
import socket
import subprocess
import tempfile
import time

from .table import Figure

ALONE = ['taskset', '-c', '1']
GETS, MANY_GETS, PYTHON_GETS = '40000', '200000', '10000'
PYTHON = '/usr/bin/python3'  # Debian's, which has its pymemcache


class Server:
	"""memcached with one thread, at a port of its own and at a path."""

	def __init__(self, folder):
		with socket.socket() as probe:
			probe.bind(('127.0.0.1', 0))
			self.port = str(probe.getsockname()[1])
		self.path = os.path.join(folder, 'socket')
		self.places = {'TCP': self.port, 'unix': self.path}
		self.processes = [self.start('-l', '127.0.0.1', '-p', self.port), self.start('-s', self.path)]
		until = time.monotonic() + 10
		while not self.is_there():
			if time.monotonic() > until:
				raise RuntimeError('memcached does not start')
			time.sleep(0.02)

	@staticmethod
	def start(*place):
		user = ['-u', 'root'] if os.getuid() == 0 else []
		return subprocess.Popen([*ALONE, 'memcached', '-U', '0', '-t', '1', *user, *place], stderr=subprocess.DEVNULL)

	def is_there(self):
		try:
			socket.create_connection(('127.0.0.1', int(self.port))).close()
		except OSError:
			return False
		return os.path.exists(self.path)

	def stop(self):
		for process in self.processes:
			process.kill()
			process.wait()


def gets_a_second(*command):
	return float(subprocess.run([*ALONE, *command], capture_output=True, text=True, check=True, timeout=120).stdout)


def clients(bench, place):
	"""What asks, by its name; what is not installed is left out."""
	ours = os.path.join(bench.build, 'bench/bench-memcached')
	peer = os.path.join(bench.build, 'bench/peers/libmemcached')
	at = place if place.startswith('/') else f'127.0.0.1:{place}'
	found = {'one fiber': (ours, at, '1', GETS), 'a thread': (ours, at, '0', GETS), '50 fibers': (ours, at, '50', MANY_GETS)}
	if os.path.exists(peer):
		found['libmemcached'] = (peer, place, GETS)
	for calls in '23':
		found[f'{calls} system calls and nothing else'] = (os.path.join(bench.build, 'bench/peers/sockets'), place, GETS, calls)
	script = os.path.join(os.path.dirname(__file__), '..', 'peers', 'pymemcache_gets.py')
	if subprocess.run([PYTHON, '-c', 'import pymemcache'], stderr=subprocess.DEVNULL).returncode == 0:
		found['pymemcache'] = (PYTHON, script, place, PYTHON_GETS)
	return found


def tell(table, kind, figures):
	for name, values in figures.items():
		table.tell(f'memcached over {kind}, {name}: gets a second', Figure(values), '.0f')
	peer = figures.get('libmemcached')
	if not peer:
		return
	for name, least in (('one fiber', 1.1), ('a thread', 1.1), ('50 fibers', 8)):
		ratios = [one / other for one, other in zip(figures[name], peer)]
		table.at_least(f'memcached over {kind}, {name}, share of libmemcached', Figure(ratios), least)
	for calls in '23':
		name = f'{calls} system calls and nothing else'
		ratios = [one / other for one, other in zip(figures[name], peer)]
		table.tell(f'memcached over {kind}, {name}, share of libmemcached', Figure(ratios), '.2f')


def gets(bench, table):
	"""64 bytes under one of 1,000 keys; a request after the other over one connection, and 50 fibers over one."""
	if not shutil.which('memcached'):
		table.fail('memcached', 'it is not installed (tools/deps bench)')
		return
	with tempfile.TemporaryDirectory() as folder:
		server = Server(folder)
		try:
			for kind, place in server.places.items():
				ways = clients(bench, place)
				figures = {name: [] for name in ways}
				for _ in range(bench.rounds):
					for name, command in ways.items():
						figures[name].append(gets_a_second(*command))
				tell(table, kind, figures)
		finally:
			server.stop()
