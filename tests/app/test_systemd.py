#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What systemd sees of a service: readiness, reloads, its watchdog, sockets that it passes, and the unit in docs."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from crew import await_true, children, load_on, results
from passing import passing
from program import PATIENCE, TRIAL, Program, Tap, differs, lacks, run

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')


# --- what it is told ---

class Manager:
	"""The socket that systemd listens on."""

	def __init__(self, folder):
		self.path = os.path.join(folder, 'notify')
		self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		self.socket.bind(self.path)
		self.socket.settimeout(PATIENCE)
		self.heard = []

	def await_message(self, start):
		"""The next message that begins like this."""
		ends = time.monotonic() + PATIENCE # the messages of a watchdog do not end
		while time.monotonic() < ends:
			message = self.socket.recv(4096).decode()
			self.heard.append(message)
			if message.startswith(start):
				return message
		raise AssertionError(f'no {start} in {self.heard[-20:]}')

	def rest(self):
		self.socket.setblocking(False)
		with contextlib.suppress(BlockingIOError):
			while True:
				self.heard.append(self.socket.recv(4096).decode())
		return self.heard


@contextlib.contextmanager
def watched(*arguments, **rest):
	with tempfile.TemporaryDirectory() as folder:
		manager = Manager(folder)
		with contextlib.closing(manager.socket), Program(*arguments, NOTIFY_SOCKET=manager.path, **rest) as program:
			yield program, manager


def one_process_tells():
	with watched('--start-ms', '100') as (program, manager):
		manager.await_message('READY=1')
		found = differs('before the start hook', program.messages()[0], 'start hook')
		found += lacks('told', manager.heard, f'MAINPID={program.process.pid}', 'STATUS=one process, without a master')
		program.signal(signal.SIGTERM)
		manager.await_message('STOPPING=1')
		found += differs('status', program.end(), 0)
		return found + [m for m in manager.rest() if m.startswith('WATCHDOG')]


def the_master_tells():
	with watched('--processes', '3') as (program, manager):
		manager.await_message('READY=1')
		found = lacks('told', manager.heard, f'MAINPID={program.process.pid}')
		if '3 workers' not in ''.join(manager.heard):
			manager.await_message('STATUS=3 workers')
		program.signal(signal.SIGHUP)
		reloading = manager.await_message('RELOADING=1')
		found += [] if re.search(r'^MONOTONIC_USEC=\d+$', reloading, re.M) else [reloading]
		manager.await_message('READY=1')
		program.wait_for_line('"reloaded"')
		await_true('the end of the old', lambda: len(children(program.process.pid)) == 3)
		manager.await_message('STATUS=3 workers')
		program.signal(signal.SIGTERM)
		manager.await_message('STOPPING=1')
		found += differs('status', program.end(), 0)
		found += lacks('told', ''.join(manager.rest()), 'finishing')
		return found + differs('ready', sum(m.startswith('READY=1') for m in manager.heard), 2)


def a_full_queue_loses_no_word(*arguments):
	def check():
		with tempfile.TemporaryDirectory() as folder:
			manager = Manager(folder)
			with contextlib.closing(manager.socket), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
				other.setblocking(False)
				with contextlib.suppress(BlockingIOError):
					while True:
						other.sendto(b'STATUS=of somebody else', manager.path)
				path = os.path.join(folder, 'sock')
				with Program(*arguments, NOTIFY_SOCKET=manager.path, http=f'unix:{path}') as program, socket.socket(socket.AF_UNIX) as s:
					await_true('a worker', lambda: os.path.exists(path) and s.connect_ex(path) == 0)
					s.sendall(b'GET /hello HTTP/1.1\r\nHost: a\r\n\r\n')
					s.recv(12)
					time.sleep(0.2)  # a program that does not wait for room in the queue has given up by now
					manager.await_message('READY=1')
					found = lacks('told', manager.heard, f'MAINPID={program.process.pid}')
					program.signal(signal.SIGTERM)
					manager.await_message('STOPPING=1')
					return found + differs('status', program.end(), 0)
	return check


def a_manager_that_has_gone_is_logged(*arguments):
	def check():
		with Program(*arguments, NOTIFY_SOCKET='/no/such/socket') as program:
			program.wait_for_line('systemd was not told that the service is ready: No such file or directory: see whether')
			program.signal(signal.SIGTERM)
			program.wait_for_line('systemd was not told that the service stops: No such file')
			return differs('status', program.end(), 0)
	return check


def a_reload_that_fails_is_over():
	with tempfile.TemporaryDirectory() as folder:
		config = os.path.join(folder, 'trial.json')
		with open(config, 'w') as file:
			json.dump({'processes': 1}, file)
		with watched('--config', config) as (program, manager):
			manager.await_message('READY=1')
			with open(config, 'w') as file:
				file.write('{')
			program.signal(signal.SIGHUP)
			manager.await_message('RELOADING=1')
			manager.await_message('READY=1')
			return []


def the_heart_beats(*arguments):
	def check():
		with watched(*arguments, WATCHDOG_USEC='200000') as (program, manager):
			manager.await_message('READY=1')
			for _ in range(5):
				manager.await_message('WATCHDOG=1')
			program.signal(signal.SIGTERM)
			return differs('status', program.end(), 0)
	return check


def a_held_thread_has_no_heartbeat():
	with watched(WATCHDOG_USEC='200000') as (program, manager), socket.create_connection(('127.0.0.1', program.port()), PATIENCE) as s:
		manager.await_message('WATCHDOG=1')
		s.sendall(b'GET /compute/1000 HTTP/1.1\r\nHost: a\r\n\r\n')
		s.recv(12)
		beats = sum(m == 'WATCHDOG=1' for m in manager.rest())
		return [] if beats < 6 else [f'{beats} heartbeats in a second of computing']


# --- sockets that it passes ---

def tcp():
	return socket.create_server(('127.0.0.1', 0), backlog=100)


def ask(s):
	address = s.getsockname()
	with socket.socket(s.family) as client:
		client.settimeout(PATIENCE)
		client.connect(address)
		client.sendall(b'GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
		return client.recv(12)


def it_serves_what_is_passed(*arguments):
	def check():
		with tcp() as web, tcp() as other, tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as local:
			path = os.path.join(folder, 'sock')
			local.bind(path)
			local.listen()
			flags = ['--http', 'systemd:local', '--http', 'systemd:web', '--http', 'systemd:web:2']
			with Program(*flags, *arguments, **passing('web:local:web', web, local, other)) as program:
				program.wait_for_line(f'listening on http://127.0.0.1:{web.getsockname()[1]}')
				program.wait_for_line(f'listening on unix:{path}')
				program.wait_for_line(f'listening on http://127.0.0.1:{other.getsockname()[1]}.*documentation')
				found = [fault for s in (web, local, other) for fault in differs('answer', ask(s), b'HTTP/1.1 200')]
				program.signal(signal.SIGTERM)
				found += differs('status', program.end(), 0) + differs('file', os.path.exists(path), True)
			with contextlib.ExitStack() as clients:
				waiting = [clients.enter_context(socket.socket(s.family)) for s in (web, local)]
				for client, s in zip(waiting, (web, local)):
					client.settimeout(PATIENCE)
					client.connect(s.getsockname())
					client.sendall(b'GET /hello HTTP/1.1\r\nHost: a\r\n\r\n')
				with Program(*flags, *arguments, **passing('web:local:web', web, local, other)) as program:
					return found + [fault for c in waiting for fault in differs('answer of the next start', c.recv(12), b'HTTP/1.1 200')]
	return check


def a_passed_socket_survives_reloads_and_ends():
	with tcp() as web:
		port = web.getsockname()[1]
		with Program('--http', 'systemd:unknown', '--processes', '2', **passing('', web)) as program:
			program.port()
			with load_on(port) as loads:
				for number in range(3):
					program.signal(signal.SIGHUP)
					await_true('a reload', lambda: sum('"reloaded"' in line for line in program.lines) == number + 1)
				found = results(loads)
			program.signal(signal.SIGKILL)
			program.end()
		with Program('--http', 'systemd:unknown', **passing('', web)) as program:
			program.port()
			return found + differs('answer after the death of a master', ask(web), b'HTTP/1.1 200')


def a_restart_loses_nobody(*arguments):
	"""A client that comes between two starts waits in the queue of a socket that systemd holds."""
	def check():
		with tcp() as web, tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as local:
			path = os.path.join(folder, 'sock')
			local.bind(path)
			local.listen(100)
			start = {**passing('web:local', web, local)}
			program = Program('--http', 'systemd:web', '--http', 'systemd:local', *arguments, **start)
			with load_on(web.getsockname()[1], path) as loads:
				for _ in range(20):
					program.signal(signal.SIGTERM)
					assert program.end() == 0
					program = Program('--http', 'systemd:web', '--http', 'systemd:local', *arguments, **start)
					program.port()
					before = [load.answered for load in loads]
					await_true('answers', lambda: all(load.answered > n + 5 for load, n in zip(loads, before)))
				found = results(loads)
			with program:
				return found
	return check


def what_is_not_passed():
	found = []
	for more in [], ['--processes', '2']:
		status, _, errors = run('--http', 'systemd:web', *more)
		found += differs('status', status, 71)
		found += lacks('line', errors, 'systemd:web was not passed to this process: name it with FileDescriptorName= in the socket unit')
	status, _, _ = run('--http', 'systemd:web', '--check')
	found += differs('status of a check', status, 0)
	for text in 'systemd:', 'systemd:web:1', 'systemd:web:x':
		status, _, errors = run('--http', text)
		found += differs(text, status, 64) + lacks(text, errors, f'--http: {text}: names no socket: write systemd:NAME')
	status, _, errors = run('--http', 'systemd:web', '--http', 'systemd:web')
	return found + differs('twice', status, 64) + lacks('twice', errors, 'is given twice: remove one')


def an_abstract_socket(*arguments):
	"""As ListenStream=@name makes it."""
	def check():
		with socket.socket(socket.AF_UNIX) as local:
			local.bind(f'\0coracle-{os.getpid()}-{len(arguments)}')
			local.listen()
			with Program('--http', 'systemd:web', *arguments, **passing('web', local)) as program:
				program.wait_for_line('listening on unix:@coracle-')
				found = differs('answer', ask(local), b'HTTP/1.1 200')
				program.signal(signal.SIGTERM)
				return found + differs('status', program.end(), 0)
	return check


def an_empty_name_is_unknown():
	with tcp() as web, tcp() as other, Program('--http', 'systemd:web', '--http', 'systemd:unknown', **passing('web:', web, other)) as program:
		program.wait_for_line('listening on')
		return differs('answers', [ask(s) for s in (web, other)], [b'HTTP/1.1 200'] * 2)


def a_name_of_coracle_dev():
	"""The name that sockets have there is one as others are."""
	with tcp() as kept, Program('--http', 'systemd:kept', **passing('kept', kept)) as program:
		program.wait_for_line('listening on')
		return differs('answer', ask(kept), b'HTTP/1.1 200')


def what_a_service_of_coracle_dev_starts():
	"""It has the variables, but nobody takes its sockets over: they are its own."""
	with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
		path, ready = os.path.join(folder, 'sock'), os.path.join(folder, 'ready')
		manager.bind(ready)
		with Program(http=f'unix:{path}', CORACLE_DEV=folder, NOTIFY_SOCKET=ready) as program:
			program.wait_for_line('listening on')
			program.signal(signal.SIGTERM)
			return differs('status', program.end(), 0) + differs('file', os.path.exists(path), False)


def what_nobody_serves():
	for name in 'web', 'kept':
		with tcp() as web, Program('--http', '127.0.0.1:0', **passing(name, web)) as program:
			program.wait_for_line(rf'nobody serves socket {name} \(127.0.0.1:\d+\), which systemd has passed: add --http systemd:{name}')
	return []


# --- the unit ---

def unit(change=lambda text: text):
	with tempfile.TemporaryDirectory() as folder, open(os.path.join(ROOT, 'docs', 'shop.service')) as file:
		path = os.path.join(folder, 'shop.service')
		text = change(file.read()).replace('/usr/local/bin/shop', os.path.abspath(TRIAL))
		with open(path, 'w') as copy:
			copy.write(re.sub('^Documentation=.*\n', '', text, flags=re.M))
		done = subprocess.run(['systemd-analyze', 'verify', '--man=no', path], capture_output=True, text=True, timeout=PATIENCE)
		return differs('systemd-analyze verify', (done.returncode, done.stdout + done.stderr), (0, ''))


def the_unit_is_tight():
	"""At most 2.0 on systemd's scale of exposure, on which 10.0 is a service with all rights."""
	path = os.path.join(ROOT, 'docs', 'shop.service')
	done = subprocess.run(['systemd-analyze', 'security', '--offline=true', '--threshold=20', '--no-pager', path],
		capture_output=True, text=True, timeout=PATIENCE)
	return differs('systemd-analyze security', done.returncode, 0)


def version_of_systemd():
	"""0: it is not installed."""
	if not shutil.which('systemd-analyze'):
		return 0
	done = subprocess.run(['systemd-analyze', '--version'], capture_output=True, text=True, timeout=PATIENCE)
	return int(re.match(r'systemd (\d+)', done.stdout).group(1))


def the_unit_with_notify_reload():
	return unit(lambda text: re.sub('^ExecReload=.*\n', '', text, flags=re.M).replace('Type=notify\n', 'Type=notify-reload\n'))


def main():
	tap = Tap()
	version = version_of_systemd()
	checks = {
		'one process tells': one_process_tells,
		'the master tells': the_master_tells,
		'a reload that fails is over': a_reload_that_fails_is_over,
		'a full queue loses no word': a_full_queue_loses_no_word(),
		'a full queue loses no word of a master': a_full_queue_loses_no_word('--processes', '2'),
		'a manager that has gone is logged': a_manager_that_has_gone_is_logged(),
		'a manager that has gone is logged by the master': a_manager_that_has_gone_is_logged('--processes', '1'),
		'the heart beats': the_heart_beats(),
		'the heart of a master beats': the_heart_beats('--processes', '2'),
		'a held thread has no heartbeat': a_held_thread_has_no_heartbeat,
		'it serves what is passed': it_serves_what_is_passed(),
		'a master serves what is passed': it_serves_what_is_passed('--processes', '2'),
		'a passed socket survives reloads and ends': a_passed_socket_survives_reloads_and_ends,
		'a restart loses nobody': a_restart_loses_nobody(),
		'a restart of a master loses nobody': a_restart_loses_nobody('--processes', '2'),
		'what is not passed': what_is_not_passed,
		'what nobody serves': what_nobody_serves,
		'a name of coracle dev': a_name_of_coracle_dev,
		'what a service of coracle dev starts': what_a_service_of_coracle_dev_starts,
		'an abstract socket': an_abstract_socket(),
		'an abstract socket of a master': an_abstract_socket('--processes', '2'),
		'an empty name is unknown': an_empty_name_is_unknown,
	}
	if version >= 250:
		checks['the unit'] = unit
		checks['the unit is tight'] = the_unit_is_tight
	else:
		print('# systemd-analyze is missing or old: the unit is not verified')
	if version >= 253:
		checks['the unit with notify-reload'] = the_unit_with_notify_reload
	for name, check in checks.items():
		if len(sys.argv) < 3 or name in sys.argv[2:]:
			tap.check(name, check())
	tap.done()


main()
