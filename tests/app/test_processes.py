#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A master and its workers: they start, are replaced, reload and end, and no request is lost."""

import contextlib
import json
import os
import signal
import socket
import sys
import tempfile
import time

from crew import Crew, await_true, files, greeting, is_gone, load_on, pids_of, results
from program import PATIENCE, Tap, Waiting, differs, lacks, run


CRASH = signal.SIGABRT if os.environ.get('COR_TEST_LIGHT') else signal.SIGSEGV  # a sanitizer reports the latter


# --- start and end ---

def they_start_and_end():
	with Crew(processes=3) as crew:
		found = differs('workers', len(crew.workers()), 3)
		found += differs('announced', sum('listening on' in line for line in crew.lines), 1)
		pids = {json.loads(crew.get('/process')[1])['pid'] for _ in range(10)}
		found += [] if pids <= set(crew.workers()) else [f'{pids} answered, workers are {crew.workers()}']
		return found + crew.end_well()


def requests_in_progress_are_finished():
	with Crew() as crew:
		waiting = Waiting(crew, 500)
		crew.signal(signal.SIGTERM)
		status = crew.end()
		waiting.join(PATIENCE)
		return differs('answer', waiting.answer, (200, 'waited')) + differs('status', status, 0)


def a_second_signal_cuts():
	with Crew() as crew:
		Waiting(crew, 500000)
		crew.signal(signal.SIGTERM)
		crew.wait_for_line('SIGTERM: finishing')
		crew.signal(signal.SIGTERM)
		return differs('status', crew.end(), 75) + lacks('log', crew.lines[-1], 'were cut')


def quit_cuts():
	with Crew() as crew:
		Waiting(crew, 500000)
		crew.signal(signal.SIGQUIT)
		return differs('status', crew.end(), 75)


def an_interrupt_of_the_terminal_reaches_all():
	"""The workers get it, too, and leave what it means to the master."""
	with Crew(before=os.setsid) as crew:
		waiting = Waiting(crew, 300)
		os.killpg(crew.process.pid, signal.SIGINT)
		status = crew.end()
		waiting.join(PATIENCE)
		return differs('answer', waiting.answer, (200, 'waited')) + differs('status', status, 0)


def a_start_that_fails_ends():
	found = []
	for status, line, arguments, extra in (
			(70, 'the shelf is missing', ['--start-fails'], {}),
			(78, 'is not a setting', ['--config', '/dev/stdin'], {}),
			(78, 'misruled_schema', ['--data-dir', 'x'], {'SERVICE': 'contradictory'})):
		got, _, errors = run('--http', '127.0.0.1:0', '--processes', '2', *arguments, **extra) if extra or status == 70 \
			else run_with_file('{"thraeds": 2}', '--processes', '2')
		found += differs(f'status of {line}', got, status) + lacks('standard error', errors, line)
	with socket.create_server(('127.0.0.1', 0)) as taken:
		port = taken.getsockname()[1]
		got, _, errors = run('--http', f'127.0.0.1:{port}', '--processes', '2')
	return found + differs('port in use', got, 71) + lacks('standard error', errors, 'is in use')


def run_with_file(text, *arguments):
	with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
		file.write(text)
		file.flush()
		return run('--http', '127.0.0.1:0', '--config', file.name, *arguments)


# --- death ---

def a_dead_worker_is_replaced():
	with Crew() as crew:
		found = []
		for number in (signal.SIGKILL, CRASH):
			old = crew.workers()
			os.kill(old[0], number)
			began = time.monotonic()
			new = await_true('a new worker', lambda: set(crew.workers()) - set(old))
			took = time.monotonic() - began
			crew.wait_for_line(f'worker . \\(pid {old[0]}\\) died of {signal.Signals(number).name} after .*: starting another')
			found += [] if took < 0.2 else [f'repaired after {took:.3f} s']
			await_true('its answer', lambda: new & set(pids_of(crew, 6)))
		return found + crew.end_well()


def death_costs_only_its_own_requests():
	with Crew() as crew, load_on(crew.port()) as loads:
		waiting = Waiting(crew, 1000)
		victims = []
		for _ in range(5):
			victim = crew.workers()[0]
			victims.append(victim)
			os.kill(victim, signal.SIGKILL)
			await_true('a new worker', lambda: len([w for w in crew.workers() if not is_gone(w)]) == 2 and
				victim not in crew.workers())
		waiting.join(PATIENCE)
		for load in loads:
			load.end()
		lost = sum(load.sent - load.answered for load in loads)
		return [] if lost <= len(loads) * len(victims) else [f'{lost} requests lost']


def one_that_keeps_dying_is_replaced_later_and_later():
	with Crew(processes=1) as crew:
		for _ in range(4):
			with contextlib.suppress(Exception):
				crew.get('/crash')
			await_true('a worker', crew.workers)
			time.sleep(0)
			await_true('an answer', lambda: answers(crew))
		delays = [line.rsplit('another', 1)[1].strip('"}\n ') for line in crew.lines if 'starting another' in line]
		return differs('delays', delays[:4], ['', 'in 100 ms', 'in 200 ms', 'in 400 ms']) + crew.end_well()


def answers(crew):
	try:
		return crew.get('/hello')[0] == 200
	except OSError:
		return False


def workers_end_when_their_master_dies():
	with Crew() as crew:
		waiting = Waiting(crew, 500)
		workers, port = crew.workers(), crew.port()
		crew.signal(signal.SIGKILL)
		waiting.join(PATIENCE)
		found = differs('answer', waiting.answer, (200, 'waited'))
		await_true('the end of the workers', lambda: all(is_gone(worker) for worker in workers))
		with socket.create_server(('127.0.0.1', port)):
			return found


def a_worker_that_is_told_to_end_is_replaced():
	with Crew() as crew:
		old = crew.workers()[0]
		os.kill(old, signal.SIGTERM)
		await_true('another', lambda: old not in crew.workers() and len(crew.workers()) == 2)
		return crew.end_well()


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
		crew.wait_for_line('trial: processes: none: a master is running: restart the service to run without one')
		crew.wait_for_line('not reloaded, the service goes on as it was: .* ended with status 78')
		return differs('greeting', greeting(crew), 'Hello') + crew.end_well()


def a_start_hook_that_fails_keeps_the_old():
	with files() as here, here.crew() as crew:
		old = crew.workers()
		here.write({'start_fails': True, 'processes': 2})
		crew.signal(signal.SIGHUP)
		crew.wait_for_line('not reloaded, the service goes on as it was: its first worker did not start')
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
			with socket.create_connection(('127.0.0.1', second), PATIENCE) as s:
				s.sendall(b'GET /hello HTTP/1.1\r\nHost: a\r\n\r\n')
				found += differs('answer at the new address', s.recv(12), b'HTTP/1.1 200')
			here.write({'http': [f'127.0.0.1:{first}', f'unix:{path}'], 'processes': 2})
			crew.reload()
			found += differs('the file of the socket', os.path.exists(path), True)
			return found + results(loads) + crew.end_well()


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


def clients_are_spread():
	"""One by one, when there is nothing to do: the kernel would give them all to one worker."""
	with Crew(processes=3) as crew:
		pids = pids_of(crew, 12)
		counts = sorted(pids.count(pid) for pid in set(pids))
		return differs('clients of each worker', counts, [4, 4, 4]) + crew.end_well()


# --- nothing is lost ---

def no_request_is_lost(times=20):
	"""Of keep-alive and short connections, over TCP and a unix socket."""
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'trial.sock')
		with Crew('--http', f'unix:{path}') as crew, load_on(crew.port(), path) as loads:
			for _ in range(times):
				crew.reload()
			for _ in range(times):
				old = await_true('two', lambda: len(crew.workers()) == 2 and crew.workers())[0]
				os.kill(old, signal.SIGTERM)
				await_true('another', lambda: old not in crew.workers() and len(crew.workers()) == 2)
			crew.signal(signal.SIGTTIN)
			await_true('three', lambda: len(crew.workers()) == 3)
			crew.signal(signal.SIGTTOU)
			await_true('two', lambda: len(crew.workers()) == 2)
			found = results(loads)
			pids = set().union(*(load.pids for load in loads))
			found += [] if len(pids) > 2 * times else [f'{len(pids)} workers answered']
			return found + crew.end_well()


def the_master_sleeps():
	with Crew() as crew:
		greeting(crew)

		def switches():
			with open(f'/proc/{crew.process.pid}/status') as file:
				return next(int(line.split()[1]) for line in file if line.startswith('voluntary'))
		await_true('rest', lambda: differs_over(switches, 0.2) == 0)
		found = differs('wake-ups of the master in 2 s', differs_over(switches, 2), 0)
		return found + crew.end_well()


def differs_over(value, seconds):
	before = value()
	time.sleep(seconds)
	return value() - before


def main():
	tap = Tap()
	for check in (they_start_and_end, requests_in_progress_are_finished, a_second_signal_cuts, quit_cuts,
			an_interrupt_of_the_terminal_reaches_all, a_start_that_fails_ends, a_dead_worker_is_replaced,
			death_costs_only_its_own_requests, one_that_keeps_dying_is_replaced_later_and_later,
			workers_end_when_their_master_dies, a_worker_that_is_told_to_end_is_replaced, a_reload_reads_the_configuration,
			a_broken_configuration_keeps_the_old, a_configuration_without_processes_keeps_the_old, a_start_hook_that_fails_keeps_the_old, a_broken_program_keeps_the_old,
			addresses_come_and_go, a_worker_that_leaves_is_not_hurried, storms_of_reloads_are_one, workers_are_added_and_removed, clients_are_spread, no_request_is_lost,
			the_master_sleeps):
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
