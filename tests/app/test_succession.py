#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a new master gets from the old one: sockets, figures, the pid file, and who hears of it."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import sys
import tempfile
import threading

from crew import Crew, await_true, children, files, greeting, is_gone, load_on, results
from passing import passing
from program import PATIENCE, Program, Tap, differs, lacks, run
from upgrading import NOT, adopt_orphans, read, service, start_slowly

# --- systemd ---

class Manager:
	"""
	systemd's socket, with NotifyAccess=main: it hears only the main process. It always listens, as systemd does: ten messages fill the
	socket, and a status that finds no room is not said again before it changes.
	"""

	def __init__(self, folder):
		self.path, self.main, self.heard, self.taken = os.path.join(folder, 'notify'), None, [], 0
		self.news = threading.Condition()
		self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
		self.socket.bind(self.path)
		self.listener = threading.Thread(target=self.listen, daemon=True)
		self.listener.start()

	def listen(self):
		while (message := self.socket.recvmsg(4096, socket.CMSG_SPACE(12)))[0]:
			with self.news:
				self.hear(*message[:2])
				self.news.notify_all()

	def hear(self, text, extra):
		pid = int.from_bytes(extra[0][2][:4], sys.byteorder)
		self.main = self.main or pid
		if pid != self.main:
			return
		if match := re.match(rb'MAINPID=(\d+)', text):
			self.main = int(match[1])
		self.heard.append((pid, text.decode()))

	def find(self, pid, start):
		while self.taken < len(self.heard):
			self.taken += 1
			said_by, text = self.heard[self.taken - 1]
			if said_by == pid and text.startswith(start):
				return True
		return False

	def await_message(self, pid, start):
		"""After those that were waited for."""
		with self.news:
			assert self.news.wait_for(lambda: self.find(pid, start), PATIENCE), f'no {start} of {pid} in {self.heard[-20:]}'

	def close(self):
		self.socket.shutdown(socket.SHUT_RD)
		self.listener.join(PATIENCE)
		self.socket.close()


WATCH = """
import os, sys
os.environ['WATCHDOG_PID'] = str(os.getpid())
os.execv(sys.argv[1], sys.argv[1:])
"""


def systemd_learns_the_new_master():
	with tempfile.TemporaryDirectory() as folder:
		manager = Manager(folder)
		with contextlib.closing(manager), \
				service(Crew(NOTIFY_SOCKET=manager.path, WATCHDOG_USEC='400000', within=[sys.executable, '-c', WATCH])) as it:
			manager.await_message(it.master, 'READY=1')
			for _ in range(2):
				old = it.master
				it.upgrade()
				manager.await_message(old, f'MAINPID={it.master}')
				for start in 'STATUS=2 workers', f'MAINPID={it.master}', 'READY=1', 'WATCHDOG=1':
					manager.await_message(it.master, start)
			os.kill(it.master, signal.SIGHUP)
			for start in 'RELOADING=1', 'READY=1':
				manager.await_message(it.master, start)
			found = it.end_well()
			manager.await_message(it.master, 'STOPPING=1')
			return found + differs('stopping', sum('STOPPING' in text for _, text in manager.heard), 1)


def sockets_of_systemd_are_handed_on():
	"""Under their names, even one that only a later configuration names."""
	with socket.create_server(('127.0.0.1', 0), backlog=100) as web, socket.create_server(('127.0.0.1', 0)) as other, files() as here:
		here.write({'http': ['systemd:web'], 'processes': 2})
		with service(here.crew(**passing('other:web', other, web))) as it, load_on(web.getsockname()[1]) as loads:
			it.upgrade()
			here.write({'http': ['systemd:web', 'systemd:other'], 'processes': 2})
			it.upgrade()
			with socket.create_connection(other.getsockname(), PATIENCE) as s:
				s.sendall(b'GET /hello HTTP/1.1\r\nHost: a\r\n\r\n')
				found = differs('answer at the other', s.recv(12), b'HTTP/1.1 200')
			return found + results(loads) + it.end_well()


# --- what is handed over ---

class Control:
	"""What the control process says."""

	def __init__(self, path):
		self.path = path

	def ask(self, path):
		connection = http.client.HTTPConnection('localhost')
		connection.sock = socket.socket(socket.AF_UNIX)
		with contextlib.closing(connection):
			connection.sock.settimeout(PATIENCE)
			connection.sock.connect(self.path)
			connection.request('GET', path)
			answer = connection.getresponse()
			assert answer.status == 200, (path, answer.status)
			return answer.read().decode()

	def status(self):
		return json.loads(self.ask('/status'))

	def figure(self, start):
		return sum(float(line.rsplit(' ', 1)[1]) for line in self.ask('/metrics').splitlines() if line.startswith(start))


def wait_for_rest(it, control):
	await_true('two ready workers alone', lambda: [w['state'] for w in control.status()['workers']] == ['ready'] * 2 and
		control.status()['master'] == it.master)


def figures_go_on():
	"""And are counted by the new master; the control process is the new master's, at the same path."""
	with tempfile.TemporaryDirectory() as folder:
		control = Control(os.path.join(folder, 'control'))
		with service(Crew('--control', f'unix:{control.path}')) as it, load_on(it.crew.port()) as loads:
			began = control.figure('coracle_start_time_seconds')
			for _ in range(3):
				it.upgrade()
			found = results(loads)
			wait_for_rest(it, control)
			sent = sum(load.sent for load in loads)
			found += differs('requests', control.figure('coracle_requests_total{method="GET",route="/process"'), sent)
			found += differs('done', control.figure('coracle_upgrades_total{result="done"}'), 3)
			found += differs('failed', control.figure('coracle_upgrades_total{result="failed"}'), 0)
			found += differs('restarts', control.figure('coracle_worker_restarts_total'), 0)
			found += differs('start', control.figure('coracle_start_time_seconds'), began)
			found += differs('probes', [control.ask(path).startswith('ok') for path in ('/live', '/ready', '/startup')], [True] * 3)
			found += differs('generation', control.status()['generation'], 4)
			found += it.end_well()
			return found + differs('the file of control', os.path.exists(control.path), False)


def a_new_master_that_dies_leaves_no_workers_behind():
	"""In what control says: they leave, and are gone when the old master looks again."""
	with files() as here:
		control = Control(here.config + '.control')
		with service(here.crew('--control', f'unix:{control.path}')) as it:
			new, old = start_slowly(here, it)
			await_true('four workers', lambda: len(control.status()['workers']) == 4)
			workers = children(new)
			os.kill(new, signal.SIGKILL)
			it.crew.wait_for_line(NOT)
			await_true('no worker that starts', lambda: 'starting' not in [w['state'] for w in control.status()['workers']])
			for pid in workers:
				await_true('its end', lambda: it.has_gone(pid))
			it.crew.signal(signal.SIGUSR1)
			await_true('two', lambda: {w['pid'] for w in control.status()['workers']} & set(workers) == set())
			found = differs('failed', control.figure('coracle_upgrades_total{result="failed"}'), 1)
			return found + it.end_well()


def shared_memory(pid):
	"""The segment of a process, as a path."""
	for fd in os.listdir(f'/proc/{pid}/fd'):
		with contextlib.suppress(FileNotFoundError):
			if os.readlink(f'/proc/{pid}/fd/{fd}').startswith('/memfd:coracle'):
				return f'/proc/{pid}/fd/{fd}'
	raise AssertionError('no segment')


def change_version(segment):
	"""Another release of the library made it."""
	segment.seek(8)
	segment.write(b'\xff\xff')


def change_region(segment):
	"""Only one region is laid out differently: its fingerprint, after its name, place and length."""
	at = segment.read(4096).index(b'metrics\0') + 40 + 16
	segment.seek(at)
	segment.write(b'\xff\xff')


def figures_of_another_layout_begin_at_zero():
	return upgrade_with(change_version) + upgrade_with(change_region)


def upgrade_with(change):
	with tempfile.TemporaryDirectory() as folder:
		control = Control(os.path.join(folder, 'control'))
		with service(Crew('--control', f'unix:{control.path}')) as it:
			with load_on(it.crew.port()) as loads:
				with open(shared_memory(it.master), 'r+b') as segment:
					change(segment)
				old = it.crew.workers()
				it.upgrade()
				found = results(loads)
			it.crew.wait_for_line('figures begin at zero: the old program lays shared memory out differently')
			wait_for_rest(it, control)
			greeting(it.crew)
			found += differs('requests', control.figure('coracle_requests_total{method="GET",route="/hello"'), 1)
			found += differs('done', control.figure('coracle_upgrades_total{result="done"}'), 1)
			await_true('the end of the old workers', lambda: all(is_gone(pid) for pid in old))
			return found + it.end_well()


def the_pid_file_names_the_new_master():
	with files() as here:
		path = here.config + '.pid'
		with service(here.crew('--pid-file', path)) as it:
			new, _ = start_slowly(here, it)
			found = differs('in the middle', read(path), f'{it.master}\n')
			os.kill(new, signal.SIGKILL)
			it.crew.wait_for_line(NOT)
			found += differs('after one that failed', read(path), f'{it.master}\n')
			here.write({'greeting': 'Welcome', 'processes': 2})
			it.upgrade()
			found += differs('after it', read(path), f'{it.master}\n')
			status, _, errors = run('--http', '127.0.0.1:0', '--pid-file', path)
			found += differs('status of another', status, 71) + lacks('its line', errors, f'is held by process {it.master}')
			os.unlink(path)
			it.upgrade()
			found += differs('when it had been removed', read(path), f'{it.master}\n')
			return found + it.end_well() + differs('at the end', os.path.exists(path), False)


def addresses_come_and_go():
	with files() as here:
		with socket.create_server(('127.0.0.1', 0)) as a, socket.create_server(('127.0.0.1', 0)) as b:
			first, second = a.getsockname()[1], b.getsockname()[1]
		path = here.config + '.sock'
		here.write({'http': [f'127.0.0.1:{first}', f'unix:{path}'], 'processes': 2})
		with service(here.crew(http=None)) as it, load_on(first) as loads:
			here.write({'http': [f'127.0.0.1:{first}', f'127.0.0.1:{second}'], 'processes': 2})
			it.upgrade()
			found = differs('the file of the socket', os.path.exists(path), False)
			with socket.create_connection(('127.0.0.1', second), PATIENCE) as s:
				s.sendall(b'GET /hello HTTP/1.1\r\nHost: a\r\n\r\n')
				found += differs('answer at the new address', s.recv(12), b'HTTP/1.1 200')
			here.write({'http': [f'127.0.0.1:{first}', f'unix:{path}'], 'processes': 2, 'start_fails': True})
			os.kill(it.master, signal.SIGUSR2)
			it.crew.wait_for_line(NOT)
			found += differs('the file of one that failed', os.path.exists(path), False)
			here.write({'http': [f'127.0.0.1:{first}', f'unix:{path}'], 'processes': 2})
			it.upgrade()
			found += differs('the file of the socket', os.path.exists(path), True)
			return found + results(loads) + it.end_well()


def a_range_keeps_its_number():
	with files() as here:
		here.write({'worker_min': 1, 'worker_max': 4})
		with service(here.crew(started=1)) as it:
			for wanted in 2, 3:
				it.crew.signal(signal.SIGTTIN)
				await_true(f'{wanted} workers', lambda: len(it.workers()) == wanted)
			it.upgrade()
			return differs('workers', len(it.workers()), 3) + it.end_well()


def process_1_says_what_to_do():
	"""The container would end with it."""
	container = ['unshare', '-pf', '--kill-child'] + ([] if os.geteuid() == 0 else ['-Ur'])
	unseen = os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=0' # in its name space /proc is another's
	with Program('--processes', '2', within=container, ASAN_OPTIONS=unseen) as program:
		program.port()
		first = children(program.process.pid)[0]
		os.kill(first, signal.SIGUSR2)
		program.wait_for_line('SIGUSR2: cannot upgrade process 1: the container would end with it; send SIGHUP for new workers, '
			'or start a new container')
		os.kill(first, signal.SIGHUP)
		program.wait_for_line('"reloaded"')
		os.kill(first, signal.SIGTERM)
		return differs('status', program.end(), 0)


def a_master_of_root_stays_root():
	"""So that it can be upgraded again; its workers are in the sandbox."""
	with service(Crew('--user', 'nobody', '--sandbox', 'on')) as it:
		for _ in range(2):
			it.upgrade()
		found = []
		for pid, wanted in [(it.master, 0), *((worker, 65534) for worker in it.workers())]:
			found += differs('user', uid(pid), wanted)
		return found + differs('answer', greeting(it.crew), 'Hello') + it.end_well()


def uid(pid):
	return int(re.search(r'^Uid:\t(\d+)', read(f'/proc/{pid}/status'), re.M)[1])


def main():
	adopt_orphans()
	tap = Tap()
	of_root = [a_master_of_root_stays_root] if os.geteuid() == 0 else []
	for check in (
			a_new_master_that_dies_leaves_no_workers_behind, systemd_learns_the_new_master,
			sockets_of_systemd_are_handed_on, figures_go_on, figures_of_another_layout_begin_at_zero,
			the_pid_file_names_the_new_master, addresses_come_and_go, a_range_keeps_its_number, process_1_says_what_to_do, *of_root):
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
