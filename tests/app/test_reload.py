#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A master reloads its workers, adds and removes some, and does one in the middle of the other."""

import grp
import os
import re
import signal
import socket
import sys

from crew import Crew, await_true, files, greeting, load_on, results
from program import PATIENCE, Tap, Waiting, differs


# --- reload ---

def a_reload_reads_the_configuration():
	with files() as here, here.crew() as crew:
		old = crew.workers()
		waiting = Waiting(crew, 700)
		here.write({'greeting': 'Welcome', 'processes': 3})
		crew.reload()
		found = differs('greeting', {greeting(crew) for _ in range(8)}, {'Welcome'})
		await_true('three new workers', lambda: len(crew.workers()) == 3 and not set(old) & set(crew.workers()))
		waiting.join(PATIENCE)
		return found + differs('answer', waiting.answer, (200, 'waited')) + crew.end_well()


def a_broken_configuration_keeps_the_old():
	with files() as here, here.crew() as crew:
		old = crew.workers()
		here.write('{\n "greeting": "Welcome",\n "processes": }')
		crew.signal(signal.SIGHUP)
		crew.wait_for_line('trial.json:3:15: is not JSON')
		crew.wait_for_line('not reloaded, the service goes on as it was: .* ended with status 78')
		found = differs('workers', crew.workers(), old) + differs('greeting', greeting(crew), 'Hello')
		os.kill(old[0], signal.SIGKILL)
		await_true('another', lambda: old[0] not in crew.workers() and len(crew.workers()) == 2)
		crew.wait_for_lines('start hook', 3)
		found += differs('greeting of its like', {greeting(crew) for _ in range(8)}, {'Hello'})
		here.write({'greeting': 'Welcome', 'processes': 2})
		crew.reload()
		return found + differs('greeting once it is right', greeting(crew), 'Welcome') + crew.end_well()


def a_configuration_without_processes_keeps_the_old():
	with files() as here, here.crew() as crew:
		here.write({'greeting': 'Welcome'})
		crew.signal(signal.SIGHUP)
		crew.wait_for_line('"error","process":"master",.*"processes: none: a master is running: restart the service to run without one')
		crew.wait_for_line('not reloaded, the service goes on as it was: .* ended with status 78')
		return differs('greeting', greeting(crew), 'Hello') + crew.end_well()


def a_start_hook_that_fails_keeps_the_old():
	with files() as here, here.crew() as crew:
		old = crew.workers()
		here.write({'start_fails': True, 'processes': 2})
		crew.signal(signal.SIGHUP)
		crew.wait_for_line('not reloaded, the service goes on as it was: its first worker did not start: the start hook of trial failed: '
			'the shelf is missing: No such file or directory')
		return differs('workers', crew.workers(), old) + crew.end_well()


def a_broken_program_keeps_the_old():
	with files() as here, here.crew() as crew:
		old = crew.workers()
		os.rename(here.program, here.program + '.old')
		crew.signal(signal.SIGHUP)
		crew.wait_for_line('not reloaded, the service goes on as it was: cannot open .*trial: No such file')
		with open(here.program, 'w') as file:
			file.write('#!/bin/sh\nexit 0\n')
		os.chmod(here.program, 0o755)
		crew.signal(signal.SIGHUP)
		crew.wait_for_line('not reloaded, the service goes on as it was: the check of program and configuration')
		os.kill(old[0], signal.SIGKILL)
		await_true('another of the old program', lambda: old[0] not in crew.workers() and len(crew.workers()) == 2)
		found = differs('answer', greeting(crew), 'Hello')
		os.rename(here.program + '.old', here.program)
		crew.reload()
		return found + crew.end_well()


def addresses_come_and_go():
	with files() as here:
		with socket.create_server(('127.0.0.1', 0)) as probe:
			first = probe.getsockname()[1]
		with socket.create_server(('127.0.0.1', 0)) as probe:
			second = probe.getsockname()[1]
		path = os.path.join(os.path.dirname(here.config), 'trial.sock')
		here.write({'http': [f'127.0.0.1:{first}', f'unix:{path}'], 'processes': 2})
		with here.crew(http=None) as crew, load_on(first) as loads:
			here.write({'http': [f'127.0.0.1:{first}', f'127.0.0.1:{second}'], 'processes': 2})
			crew.reload()
			found = differs('the file of the socket', os.path.exists(path), False)
			crew.wait_for_line(f'"listening on 127.0.0.1:{second}"')
			crew.wait_for_line(f'"no longer listening on unix:{path}"')
			with socket.create_connection(('127.0.0.1', second), PATIENCE) as s:
				s.sendall(b'GET /hello HTTP/1.1\r\nHost: a\r\n\r\n')
				found += differs('answer at the new address', s.recv(12), b'HTTP/1.1 200')
			here.write({'http': [f'127.0.0.1:{first}', f'unix:{path}'], 'processes': 2})
			crew.reload()
			found += differs('the file of the socket', os.path.exists(path), True)
			return found + results(loads) + crew.end_well()


def a_socket_that_stays_gets_its_new_mode_and_group():
	"""Its file is made once; a reload says who may connect from now on."""
	with files() as here:
		path = os.path.join(os.path.dirname(here.config), 'trial.sock')
		groups = [os.getgid(), *os.getgroups()] if os.getuid() else [grp.getgrnam('daemon').gr_gid, grp.getgrnam('bin').gr_gid]
		where = {'http': ['127.0.0.1:0', f'unix:{path}'], 'processes': 2}
		here.write({**where, 'unix_mode': '0600', 'unix_group': str(groups[0])})
		with here.crew(http=None) as crew:
			before = os.stat(path)
			found = differs('mode and group', (before.st_mode & 0o777, before.st_gid), (0o600, groups[0]))
			here.write({**where, 'unix_mode': '0660', 'unix_group': str(groups[-1])})
			crew.reload()
			now = os.stat(path)
			found += differs('mode and group', (now.st_mode & 0o777, now.st_gid), (0o660, groups[-1]))
			found += differs('the socket', now.st_ino, before.st_ino)
			os.chmod(path, 0o606)
			here.write(where)
			crew.reload()
			found += differs('a mode that no setting says', os.stat(path).st_mode & 0o777, 0o606)
			os.rename(path, path + '.old')
			with open(path, 'w', encoding='utf-8'):
				os.chmod(path, 0o600)
			here.write({**where, 'unix_mode': '0666'})
			crew.reload()
			found += differs("the mode of somebody else's file", os.stat(path).st_mode & 0o777, 0o600)
			os.remove(path)
			os.rename(path + '.old', path)
			return found + crew.end_well()


def a_worker_that_leaves_is_not_hurried():
	"""It was told to drain by a reload; then by TERM, by its master's end, or by both."""
	found = []
	for hurries in ('worker',), ('master',), ('worker', 'master'):
		with Crew(processes=1) as crew:
			old = crew.workers()[0]
			waiting = Waiting(crew, 900)
			crew.reload()
			if 'worker' in hurries:
				os.kill(old, signal.SIGTERM)
			if 'master' in hurries:
				crew.signal(signal.SIGTERM)
			waiting.join(PATIENCE)
			found += differs(f'answer, hurried by {hurries}', waiting.answer, (200, 'waited'))
			found += differs('status', crew.end(), 0) if 'master' in hurries else crew.end_well()
	return found


def storms_of_reloads_are_one():
	with Crew() as crew:
		for _ in range(50):
			crew.signal(signal.SIGHUP)
		crew.wait_for_line('reloaded')
		await_true('quiet', lambda: len(crew.workers()) == 2)
		count = sum('"reloaded"' in line for line in crew.lines)
		return ([] if count < 10 else [f'{count} reloads']) + crew.end_well()


# --- more and fewer ---

def workers_are_added_and_removed():
	with Crew() as crew:
		crew.signal(signal.SIGTTIN)
		await_true('three', lambda: len(crew.workers()) == 3)
		for wanted in (2, 1):
			crew.signal(signal.SIGTTOU)
			await_true(f'{wanted}', lambda: len(crew.workers()) == wanted)
		crew.signal(signal.SIGTTOU)
		crew.wait_for_line('SIGTTOU: one worker is left')
		return differs('answer', greeting(crew), 'Hello') + crew.end_well()


# --- both ---

def tell(crew, number):
	"""Send a signal, and wait for its line: of two that wait, the master takes the lower number first."""
	before = sum(f'{number.name}: ' in line for line in crew.lines)
	crew.signal(number)
	crew.wait_for_lines(f'{number.name}: ', before + 1)


SLOW = {'processes': 2, 'start_ms': 500}


def sizes_after(crew, wanted):
	await_true(f'{wanted} workers', lambda: len(crew.workers()) == wanted)
	return differs('wanted', wanted_of(crew), wanted)


def wanted_of(crew):
	"""How many workers it says it wants, by the line that one more signal, TTIN, leaves."""
	before = sum('SIGTTIN: ' in line for line in crew.lines)
	crew.signal(signal.SIGTTIN)
	crew.wait_for_lines('SIGTTIN: ', before + 1)
	said = int(re.findall(r'SIGTTIN: (\d+) workers', ''.join(crew.lines))[-1])
	await_true('one more', lambda: len(crew.workers()) == said)
	return said - 1


def a_worker_is_removed_in_the_middle_of_a_reload():
	"""While the first new worker starts, and while the second does."""
	found = []
	for starts in 3, 4:
		with files() as here, here.crew() as crew:
			here.write(SLOW)
			crew.signal(signal.SIGHUP)
			crew.wait_for_lines('start hook', starts)
			crew.signal(signal.SIGTTOU)
			crew.wait_for_line('"reloaded"')
			found += sizes_after(crew, 1)
			crew.reload()
			await_true('two workers after a reload', lambda: len(crew.workers()) == 2)
			found += crew.end_well()
	return found



def a_worker_is_added_in_the_middle_of_a_reload():
	found = []
	for starts in 3, 4:
		with files() as here, here.crew() as crew:
			here.write(SLOW)
			crew.signal(signal.SIGHUP)
			crew.wait_for_lines('start hook', starts)
			crew.signal(signal.SIGTTIN)
			crew.wait_for_line('"reloaded"')
			await_true('three workers', lambda: len(crew.workers()) == 3)
			found += crew.end_well()
	return found


def a_worker_is_added_at_the_end_of_a_reload():
	"""All are new, and an old one has yet to leave the sockets: it is held up."""
	with files() as here, here.crew() as crew:
		crew.wait_for_lines('background begins', 2)
		old = crew.workers()[1]
		os.kill(old, signal.SIGSTOP)
		crew.signal(signal.SIGHUP)
		crew.wait_for_lines('background begins', 4)
		await_true('the end of the other', lambda: len(crew.workers()) == 3)
		crew.signal(signal.SIGTTIN)
		crew.wait_for_lines('start hook', 5)
		os.kill(old, signal.SIGCONT)
		crew.wait_for_line('"reloaded"')
		await_true('three workers', lambda: len(crew.workers()) == 3)
		crew.reload()
		return sizes_after(crew, 2) + crew.end_well()


def workers_come_and_go_in_the_middle_of_a_reload():
	"""Down to one and up again, while a worker for the removed and restored place is starting."""
	with files() as here:
		here.write({'processes': 3})
		with here.crew(started=3) as crew:
			here.write({'processes': 3, 'start_ms': 500})
			crew.signal(signal.SIGHUP)
			crew.wait_for_lines('start hook', 5)
			for number in signal.SIGTTOU, signal.SIGTTOU, signal.SIGTTIN:
				tell(crew, number)
			crew.wait_for_line('"reloaded"')
			return sizes_after(crew, 2) + crew.end_well()


def a_reload_is_asked_for_behind_one_that_shrinks():
	"""The signal counts for the reload that was asked for before it, not for one asked for after it."""
	found = []
	for numbers, wanted in (([signal.SIGHUP, signal.SIGHUP, signal.SIGTTOU], 1), ([signal.SIGHUP, signal.SIGTTOU, signal.SIGHUP], 2)):
		with files() as here, here.crew() as crew:
			here.write(SLOW)
			for number in numbers:
				tell(crew, number)
			crew.wait_for_lines('"reloaded"', 2)
			found += sizes_after(crew, wanted) + crew.end_well()
	return found


def main():
	tap = Tap()
	for check in (
			a_reload_reads_the_configuration, a_broken_configuration_keeps_the_old,
			a_configuration_without_processes_keeps_the_old, a_start_hook_that_fails_keeps_the_old,
			a_broken_program_keeps_the_old, addresses_come_and_go,
			a_socket_that_stays_gets_its_new_mode_and_group, a_worker_that_leaves_is_not_hurried,
			storms_of_reloads_are_one, workers_are_added_and_removed,
			a_worker_is_removed_in_the_middle_of_a_reload, a_worker_is_added_in_the_middle_of_a_reload,
			a_worker_is_added_at_the_end_of_a_reload, workers_come_and_go_in_the_middle_of_a_reload,
			a_reload_is_asked_for_behind_one_that_shrinks):
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
