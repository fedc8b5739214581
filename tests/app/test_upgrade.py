#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A new master, from the program at its path, starts next to the old one and replaces it; no request is lost."""

import contextlib
import ctypes
import http.client
import json
import os
import re
import signal
import socket
import sys
import tempfile

from crew import Crew, await_true, children, files, greeting, is_gone, load_on, results
from passing import passing
from program import PATIENCE, Program, Tap, Waiting, differs, lacks, run

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
	"""A new master outlives its parent: it becomes ours then, and we see its end."""
	assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def read(path):
	with open(path) as file:
		return file.read()


class Service:
	"""A crew whose master changes."""

	def __init__(self, crew):
		self.crew, self.master, self.upgrades = crew, crew.process.pid, 0
		self.port = crew.port()

	def workers(self):
		return children(self.master)

	def upgrade(self):
		"""Send USR2, wait until a new master rules and the old one has gone."""
		os.kill(self.master, signal.SIGUSR2)
		self.upgrades += 1
		self.crew.wait_for_lines('"upgraded: process', self.upgrades)
		said = re.findall(r'"upgraded: process (\d+) is the master', ''.join(self.crew.lines))
		self.follow(int(said[self.upgrades - 1]))

	def follow(self, new):
		"""It rules. The old one must have gone: it would see the end of the new one in our place."""
		old, self.master = self.master, new
		await_true('the end of the old master', lambda: self.has_gone(old))

	def has_gone(self, pid):
		if pid == self.crew.process.pid:
			return self.crew.process.poll() is not None
		with contextlib.suppress(ChildProcessError):
			return os.waitpid(pid, os.WNOHANG)[0] == pid
		return is_gone(pid)

	def end(self, number=signal.SIGTERM):
		"""The exit status of the master."""
		os.kill(self.master, number)
		if self.master == self.crew.process.pid:
			return self.crew.end()
		status = os.waitstatus_to_exitcode(await_true('the end', lambda: self.ended())[1])
		self.crew.reader.join(PATIENCE)
		return status

	def ended(self):
		with contextlib.suppress(ChildProcessError):  # the old master is still its parent
			done = os.waitpid(self.master, os.WNOHANG)
			return done if done[0] else None

	def end_well(self):
		return differs('status', self.end(), 0) + lacks('last line', self.crew.lines[-1], '"stopped"')


@contextlib.contextmanager
def service(crew):
	"""However it ends, nothing of it is left."""
	with crew:
		it = Service(crew)
		try:
			yield it
		finally:
			for pid in {it.master, *successors(crew)}:
				with contextlib.suppress(ProcessLookupError, ChildProcessError):
					os.kill(pid, signal.SIGKILL)


def successors(crew):
	return [int(pid) for pid in re.findall(r'process (\d+) is the master', ''.join(crew.lines))]


# --- it succeeds ---

def a_new_master_takes_over():
	with files() as here, service(here.crew()) as it:
		old, waiting = it.crew.workers(), Waiting(it.crew, 700)
		here.write({'greeting': 'Welcome', 'processes': 3})
		it.upgrade()
		waiting.join(PATIENCE)
		found = differs('answer', waiting.answer, (200, 'waited'))
		found += differs('status of the old master', it.crew.process.returncode, 0)
		found += differs('greeting', {greeting(it.crew) for _ in range(8)}, {'Welcome'})
		found += differs('workers', len(it.workers()), 3) + differs('old workers', set(old) & set(it.workers()), set())
		victim = it.workers()[0]
		os.kill(victim, signal.SIGKILL)
		await_true('another worker', lambda: victim not in it.workers() and len(it.workers()) == 3)
		os.kill(it.master, signal.SIGHUP)
		it.crew.wait_for_line('"reloaded"')
		return found + it.end_well()


def no_request_is_lost(times=20):
	"""Of keep-alive and short connections, over TCP and a unix socket."""
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'trial.sock')
		with service(Crew('--http', f'unix:{path}')) as it, load_on(it.crew.port(), path) as loads:
			for _ in range(times):
				it.upgrade()
			found = results(loads)
			pids = set().union(*(load.pids for load in loads))
			found += [] if len(pids) > times else [f'{len(pids)} workers answered']
			found += it.end_well()
			return found + differs('the file of the socket', os.path.exists(path), False)


# --- it fails ---

NOT = 'not upgraded, the service goes on as it was: '


def goes_on(it, old, line):
	"""The old master says why, and all is as it was."""
	it.crew.wait_for_lines(NOT, 1)
	found = lacks('log', ''.join(it.crew.lines), NOT + line)
	await_true('the end of the new workers', lambda: children(it.master) == old)
	it.crew.lines.clear()
	return found + differs('greeting', greeting_of(it), 'Hello')


def greeting_of(it):
	connection = http.client.HTTPConnection('127.0.0.1', it.port, timeout=PATIENCE)
	with contextlib.closing(connection):
		connection.request('GET', '/hello')
		return json.loads(connection.getresponse().read())['text'].split(',')[0]


def what_is_broken_changes_nothing():
	"""A configuration, a start hook, and a program; once they are right it is upgraded."""
	with files() as here, service(here.crew()) as it:
		old, found = it.workers(), []
		with load_on(it.port) as loads:
			for settings, said, line in (
					('{\n "greeting": "Welcome",\n "processes": }', 'trial.json:3:15: is not JSON', 'the new master ended with status 78'),
					({'greeting': 'Welcome'}, 'processes: none: a master is running', 'the new master ended with status 78'),
					({'start_fails': True, 'processes': 2}, 'the shelf is missing', 'the new master ended with status 70')):
				here.write(settings)
				it.crew.signal(signal.SIGUSR2)
				it.crew.wait_for_line(said)
				if 'start_fails' in settings:
					it.crew.wait_for_line('"process":"successor",.*"ended before it took over"')
				found += goes_on(it, old, line)
			here.write({'greeting': 'Welcome', 'processes': 2})
			os.rename(here.program, here.program + '.good')
			it.crew.signal(signal.SIGUSR2)
			found += goes_on(it, old, f'cannot start {here.program}: No such file')
			for text, line in (('#!/bin/sh\nexit 3\n', 'the new master'), ('junk', f'cannot start {here.program}: Exec format error')):
				with open(here.program, 'w') as file:
					file.write(text)
				os.chmod(here.program, 0o755)
				it.crew.signal(signal.SIGUSR2)
				found += goes_on(it, old, line)
			os.rename(here.program + '.good', here.program)
			it.upgrade()
			found += differs('greeting once all is right', greeting_of(it), 'Welcome') + results(loads)
			found += differs('lines that are not JSON', [line for line in it.crew.lines if line[0] != '{'], [])
		return found + it.end_well()


def start_slowly(here, it, ms=600000):
	"""The pid of a new master whose workers are starting."""
	here.write({'greeting': 'Welcome', 'processes': 2, 'start_ms': ms})
	old = it.workers()
	begun = sum('start hook' in line for line in it.crew.lines)
	it.crew.signal(signal.SIGUSR2)
	it.crew.wait_for_lines('start hook', begun + 2)
	return (set(it.workers()) - set(old)).pop(), old


def a_new_master_that_dies_changes_nothing():
	found = []
	with files() as here, service(here.crew()) as it, load_on(it.crew.port()) as loads:
		for number, line in (signal.SIGKILL, 'the new master died of SIGKILL'), (signal.SIGTERM, 'the new master ended with status 0'):
			new, old = start_slowly(here, it)
			workers = children(new)
			os.kill(new, number)
			if number == signal.SIGTERM:  # a worker that is told to end in its start hook ends
				it.crew.wait_for_line('SIGTERM: finishing')
			found += goes_on(it, old, line)
			await_true('the end of its workers', lambda: all(is_gone(pid) for pid in workers))
		here.write({'greeting': 'Welcome', 'processes': 2})
		it.upgrade()
		return found + differs('greeting', greeting_of(it), 'Welcome') + results(loads) + it.end_well()


def a_worker_of_the_new_that_crashes_is_started_again():
	with files() as here, service(here.crew()) as it:
		new, old = start_slowly(here, it, 500)
		os.kill(children(new)[0], signal.SIGKILL)
		it.crew.wait_for_lines('"upgraded: process', 1)
		it.follow(new)
		return differs('greeting', greeting_of(it), 'Welcome') + it.end_well()


# --- a master dies ---

def the_old_one_dies_before():
	"""That is the death of the master: all end, and finish what they have."""
	with files() as here, service(here.crew()) as it:
		waiting = Waiting(it.crew, 500)
		new, old = start_slowly(here, it)
		it.crew.signal(signal.SIGKILL)
		waiting.join(PATIENCE)
		it.crew.wait_for_line('the old master has died before it handed the service over')
		await_true('the end of all', lambda: all(is_gone(pid) for pid in [*old, *children_of_dead(new)]))
		await_true('the end of the new master', lambda: it.has_gone(new))
		with socket.create_server(('127.0.0.1', it.port)):
			return differs('answer', waiting.answer, (200, 'waited'))


def children_of_dead(pid):
	with contextlib.suppress(FileNotFoundError):
		return children(pid)
	return []


def the_old_one_dies_behind():
	"""Its workers finish what they have, and the sockets stay as they are."""
	with files() as here, service(here.crew()) as it:
		waiting = Waiting(it.crew, 1000)
		here.write({'greeting': 'Welcome', 'processes': 2})
		it.crew.signal(signal.SIGUSR2)
		it.crew.wait_for_line('upgraded: process')
		it.master = successors(it.crew)[0]
		old = [pid for pid in children(it.crew.process.pid) if pid != it.master]
		it.crew.signal(signal.SIGKILL)
		it.crew.process.wait()
		waiting.join(PATIENCE)
		await_true('the end of the old workers', lambda: all(is_gone(pid) for pid in old))
		found = differs('answer', waiting.answer, (200, 'waited')) + differs('greeting', greeting(it.crew), 'Welcome')
		it.upgrades = 1
		it.upgrade()
		return found + differs('greeting', greeting(it.crew), 'Welcome') + it.end_well()


@contextlib.contextmanager
def given(here, it):
	"""The old master has given the rule to a new one that is held up, and has not noticed."""
	here.write({'greeting': 'Welcome', 'processes': 2, 'start_ms': 100})
	old, begun = it.workers(), sum('background begins' in line for line in it.crew.lines)
	it.crew.signal(signal.SIGUSR2)
	new = await_true('a new master', lambda: set(it.workers()) - set(old)).pop()
	await_true('its workers', lambda: len(children(new)) == 2)
	it.crew.signal(signal.SIGSTOP)
	it.crew.wait_for_lines('background begins', begun + 2)
	await_true('its word', lambda: says_ready(new))
	os.kill(new, signal.SIGSTOP)
	await_true('its halt', lambda: state_of(new) == 'T')
	it.crew.signal(signal.SIGCONT)
	it.crew.signal(signal.SIGHUP)
	it.crew.wait_for_line('SIGHUP: reloading after the upgrade')
	try:
		yield new
	finally:
		with contextlib.suppress(ProcessLookupError):
			os.kill(new, signal.SIGCONT)


def says_ready(new):
	"""It sleeps, and both of its workers are ready: what it had to say it has said."""
	return state_of(new) == 'S' and all(state_of(pid) == 'S' for pid in children(new))


def state_of(pid):
	return read(f'/proc/{pid}/stat').rsplit(')', 1)[1].split()[0]


def the_new_one_dies_as_it_gets_the_rule():
	"""Then it ruled: the service ends, and finishes what it has."""
	with files() as here, service(here.crew()) as it:
		it.crew.wait_for_lines('background begins', 2)
		waiting = Waiting(it.crew, 1000)
		with given(here, it) as new:
			workers = [*children(new), *it.workers()]
			os.kill(new, signal.SIGKILL)
		found = differs('status', it.crew.end(), 0)
		waiting.join(PATIENCE)
		found += lacks('log', ''.join(it.crew.lines), f'the new master (pid {new}) died of SIGKILL: the service ends with it')
		await_true('the end of all', lambda: all(is_gone(pid) for pid in workers))
		return found + differs('answer', waiting.answer, (200, 'waited'))


def a_signal_as_it_gets_the_rule_ends_both():
	with files() as here:
		path = here.config + '.sock'
		with service(here.crew('--http', f'unix:{path}')) as it:
			it.crew.wait_for_lines('background begins', 2)
			with given(here, it) as new:
				it.crew.signal(signal.SIGTERM)
				it.crew.wait_for_line('SIGTERM: finishing')
			found = differs('status', it.crew.end(), 0)
			await_true('the end of the new master', lambda: it.has_gone(new))
			return found + differs('the file of the socket', os.path.exists(path), False)


# --- signals in the middle ---

def a_signal_ends_both():
	found = []
	for numbers, status in ([signal.SIGTERM], 0), ([signal.SIGINT], 0), ([signal.SIGQUIT], 75), ([signal.SIGTERM, signal.SIGTERM], 75):
		with files() as here, service(here.crew()) as it:
			Waiting(it.crew, 500 if status == 0 else 500000)
			new, old = start_slowly(here, it)
			workers = children(new)
			for number in numbers:
				it.crew.signal(number)
				it.crew.wait_for_lines(f'{number.name}: finishing' if number != signal.SIGQUIT else 'cutting', 1)
			found += differs(f'status after {numbers}', it.crew.end(), status)
			found += [f'{pid} has not ended' for pid in [new, *old, *workers] if not is_gone(pid)]
			found += [line for line in it.crew.lines if NOT in line]
	return found


def the_new_one_waits_for_the_old():
	"""Told to end, it waits for the old workers: systemd kills what is left when the main process ends. Told twice, it does not."""
	found = []
	for times in 1, 2:
		with files() as here, service(here.crew()) as it:
			old, waiting = it.workers(), Waiting(it.crew, 700 if times == 1 else 5000)
			it.crew.signal(signal.SIGUSR2)
			it.crew.wait_for_line('upgraded: process')
			for told in range(times):
				os.kill(successors(it.crew)[0], signal.SIGTERM)
				it.crew.wait_for_lines('SIGTERM: ', told + 1)
			it.crew.wait_for_line('"stopped"')
			found += differs(f'old workers have ended, told {times} times', all(is_gone(pid) for pid in old), times == 1)
			if times == 1:
				waiting.join(PATIENCE)
				found += differs('answer', waiting.answer, (200, 'waited')) + differs('status of the old', it.crew.end(), 0)
	return found


def a_reload_comes_behind():
	"""Asked for in the middle of an upgrade, and whether that succeeds or not."""
	found = []
	for dies in False, True:
		with files() as here, service(here.crew()) as it:
			new, _ = start_slowly(here, it, 300 if not dies else 600000)
			it.crew.signal(signal.SIGHUP)
			it.crew.wait_for_line('SIGHUP: reloading after the upgrade')
			here.write({'greeting': 'Good day', 'processes': 2})
			if dies:
				os.kill(new, signal.SIGKILL)
			it.crew.wait_for_line('"reloaded"')
			if not dies:
				it.follow(new)
			found += differs('greeting', greeting_of(it), 'Good day') + it.end_well()
	return found


def an_upgrade_comes_behind_a_reload():
	with files() as here, service(here.crew()) as it:
		here.write({'greeting': 'Welcome', 'processes': 2, 'start_ms': 200})
		it.crew.signal(signal.SIGHUP)
		it.crew.wait_for_lines('start hook', 3)
		it.upgrade()
		order = [line for line in it.crew.lines if '"reloaded"' in line or 'SIGUSR2' in line or 'upgraded' in line]
		found = lacks('first', order[0], 'SIGUSR2: upgrading after the reload') + lacks('then', order[1], '"reloaded"')
		return found + lacks('then', order[2], 'upgraded: process') + it.end_well()


def storms_are_one():
	with files() as here, service(here.crew()) as it:
		new, _ = start_slowly(here, it, 300)
		for _ in range(50):
			it.crew.signal(signal.SIGUSR2)
		os.kill(new, signal.SIGUSR2)
		it.crew.wait_for_line('upgraded: process')
		it.follow(new)
		return differs('upgrades', successors(it.crew), [new]) + it.end_well()


# --- systemd ---

class Manager:
	"""systemd's socket, with NotifyAccess=main: it hears only the main process."""

	def __init__(self, folder):
		self.path, self.main, self.heard = os.path.join(folder, 'notify'), None, []
		self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
		self.socket.bind(self.path)
		self.socket.settimeout(PATIENCE)

	def hear(self):
		text, extra, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(12))
		pid = int.from_bytes(extra[0][2][:4], sys.byteorder)
		self.main = self.main or pid
		if pid != self.main:
			return None
		if match := re.match(rb'MAINPID=(\d+)', text):
			self.main = int(match[1])
		self.heard.append((pid, text.decode()))
		return self.heard[-1]

	def await_message(self, pid, start):
		while not ((message := self.hear()) and message[0] == pid and message[1].startswith(start)):
			pass


WATCH = """
import os, sys
os.environ['WATCHDOG_PID'] = str(os.getpid())
os.execv(sys.argv[1], sys.argv[1:])
"""


def systemd_learns_the_new_master():
	with tempfile.TemporaryDirectory() as folder:
		manager = Manager(folder)
		with contextlib.closing(manager.socket), \
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
			the_new_one_waits_for_the_old, a_new_master_that_dies_leaves_no_workers_behind, the_new_one_dies_as_it_gets_the_rule, a_signal_as_it_gets_the_rule_ends_both,
			systemd_learns_the_new_master, sockets_of_systemd_are_handed_on,
			a_new_master_takes_over, no_request_is_lost, what_is_broken_changes_nothing,
			a_new_master_that_dies_changes_nothing, a_worker_of_the_new_that_crashes_is_started_again,
			the_old_one_dies_before, the_old_one_dies_behind, a_signal_ends_both, a_reload_comes_behind,
			an_upgrade_comes_behind_a_reload, storms_are_one, figures_go_on,
			figures_of_another_layout_begin_at_zero, the_pid_file_names_the_new_master, addresses_come_and_go,
			a_range_keeps_its_number, process_1_says_what_to_do, *of_root):
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
