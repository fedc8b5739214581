#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A new master, from the program at its path, starts next to the old one and replaces it; no request is lost."""

import contextlib
import http.client
import json
import os
import signal
import socket
import sys
import tempfile

from crew import Crew, await_true, children, files, greeting, is_gone, load_on, results
from program import PATIENCE, Tap, Waiting, differs, lacks
from upgrading import NOT, adopt_orphans, read, service, start_slowly, successors

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


def main():
	adopt_orphans()
	tap = Tap()
	for check in (
			the_new_one_waits_for_the_old, the_new_one_dies_as_it_gets_the_rule, a_signal_as_it_gets_the_rule_ends_both,
			a_new_master_takes_over, no_request_is_lost, what_is_broken_changes_nothing,
			a_new_master_that_dies_changes_nothing, a_worker_of_the_new_that_crashes_is_started_again,
			the_old_one_dies_before, the_old_one_dies_behind, a_signal_ends_both, a_reload_comes_behind,
			an_upgrade_comes_behind_a_reload, storms_are_one):
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
