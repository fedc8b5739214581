#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A master and its workers: they start, are replaced and end, and no request is lost."""

import concurrent.futures
import contextlib
import json
import os
import resource
import signal
import socket
import sys
import tempfile
import time

from crew import Crew, await_true, greeting, is_gone, load_on, pids_of, results
from program import PATIENCE, Tap, Waiting, differs, lacks, run


CRASH = signal.SIGABRT if os.environ.get('COR_TEST_LIGHT') else signal.SIGSEGV  # a sanitizer reports the latter

REPAIRED_S = 2 if os.environ.get('COR_TEST_LIGHT') else 0.2


# --- start and end ---

def they_start_and_end():
	with Crew(processes=3) as crew:
		found = differs('workers', len(crew.workers()), 3)
		found += differs('announced', sum('listening on' in line for line in crew.lines), 1)
		pids = {json.loads(crew.get('/process')[1])['pid'] for _ in range(10)}
		found += [] if pids <= set(crew.workers()) else [f'{pids} answered, workers are {crew.workers()}']
		return found + crew.end_well()


def name_of(pid):
	with open(f'/proc/{pid}/comm') as file:
		return file.read().strip()


def names_tell_what_they_do():
	with Crew('--control', '127.0.0.1:0') as crew:
		found = differs('master', name_of(crew.process.pid), 'trial:master')
		await_true('the names of its children', lambda: sorted(map(name_of, crew.workers())) ==
			['trial:control', 'trial:worker', 'trial:worker'])
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
	"""The workers get it, too, and leave its meaning to the master."""
	with Crew(own_session=True) as crew:
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

def repair(crew, number):
	"""How long it takes until another worker answers."""
	old = crew.workers()
	os.kill(old[0], number)
	began = time.monotonic()
	new = await_true('a new worker', lambda: set(crew.workers()) - set(old))
	await_true('its answer', lambda: new & set(pids_of(crew, 6)))
	took = time.monotonic() - began
	crew.wait_for_line(f'worker . \\(pid {old[0]}\\) died of {signal.Signals(number).name} after .*: starting another')
	return took


def a_dead_worker_is_replaced():
	with Crew() as crew:
		found = []
		for number in (signal.SIGKILL, CRASH):
			took = [repair(crew, number)]
			while min(took) >= REPAIRED_S and len(took) < 4:  # the machine may have been busy
				took.append(repair(crew, number))
			found += [] if min(took) < REPAIRED_S else [f'repaired after {took} s']
		return found + crew.end_well()


def death_costs_only_its_own_requests():
	"""Each client has one request at a time, so a death costs it that one, and one more if the client comes back at once and
	is handed to the inbox of the worker that is still dying."""
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'trial.sock')
		with Crew('--http', f'unix:{path}') as crew, load_on(crew.port(), path) as loads:
			deaths = 3 * (signal.SIGKILL, CRASH)
			for number in deaths:
				victim = crew.workers()[0]
				os.kill(victim, number)
				await_true('a new worker', lambda: victim not in crew.workers() and len(crew.workers()) == 2)
			for load in loads:
				load.end()
			found = [f'{load.sent - load.answered} requests lost by {load}' for load in loads if load.sent - load.answered > 2 * len(deaths)]
			return found + crew.end_well()


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


# --- clients ---

def clients_are_spread():
	"""One by one, when there is nothing to do: the kernel would give them all to one worker."""
	with Crew(processes=3) as crew:
		crew.wait_for_lines('background begins', 3)
		pids = pids_of(crew, 12)
		counts = sorted(pids.count(pid) for pid in set(pids))
		return differs('clients of each worker', counts, [4, 4, 4]) + crew.end_well()


# --- nothing is lost ---

def no_request_is_lost(times=8):
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
		# One span is enough: on a busy machine a page that must be fetched is a wake-up, too, but one that polls wakes up in each.
		await_true('2 s without a wake-up', lambda: differs_over(switches, 2) == 0)
		return crew.end_well()


def differs_over(value, seconds):
	before = value()
	time.sleep(seconds)
	return value() - before


def a_worker_without_descriptors_keeps_nobody_waiting():
	"""A worker that is told of a client it cannot accept has taken the notice from the others."""
	with Crew() as crew, contextlib.ExitStack() as stack:
		await_true('both serve', lambda: set(pids_of(crew, 6)) == set(crew.workers()))
		full, other = crew.workers()
		room = 1 + max(map(int, os.listdir(f'/proc/{full}/fd')))
		resource.prlimit(full, resource.RLIMIT_NOFILE, (room, room))
		pids = []
		for _ in range(30):
			s = stack.enter_context(socket.create_connection(('127.0.0.1', crew.port()), PATIENCE))
			s.sendall(b'GET /process HTTP/1.1\r\nHost: a\r\n\r\n')
			pids.append(json.loads(s.recv(4096).partition(b'\r\n\r\n')[2])['pid'])
		return differs('most went to the other', pids.count(other) > 20, True) + crew.end_well()


def quit_waits_for_no_drain():
	"""Not even where a worker is stuck."""
	with Crew('--drain-timeout-ms', '60000', processes=1) as crew:
		os.kill(crew.workers()[0], signal.SIGSTOP)
		began = time.monotonic()
		crew.signal(signal.SIGQUIT)
		found = differs('status', crew.end(), 75)
		return found + ([] if time.monotonic() - began < 20 else ['it waited for the drain'])


def one_that_dies_at_the_end_has_cut_its_requests():
	with Crew(processes=1) as crew:
		Waiting(crew, 500000)
		crew.signal(signal.SIGTERM)
		crew.wait_for_line('SIGTERM: finishing')
		os.kill(crew.workers()[0], signal.SIGKILL)
		return differs('status', crew.end(), 75) + lacks('log', crew.lines[-1], 'were cut')


def insisting_gives_no_more_time():
	"""A stuck worker that was told to leave is killed when its time is up, however often it is told again."""
	with Crew('--drain-timeout-ms', '1', processes=1) as crew:
		os.kill(crew.workers()[0], signal.SIGSTOP)
		began = time.monotonic()
		crew.signal(signal.SIGTERM)
		crew.wait_for_line('SIGTERM: finishing')
		time.sleep(4)  # of the five seconds that it has
		crew.signal(signal.SIGTERM)
		crew.end()
		took = time.monotonic() - began
		return [] if took < 7.5 else [f'it had {took:.1f} s']


# These wait for time to pass: they run next to the others.
WAIT = (quit_waits_for_no_drain, insisting_gives_no_more_time)


def main():
	tap = Tap()
	checks = [check for check in (they_start_and_end, names_tell_what_they_do, requests_in_progress_are_finished,
			a_second_signal_cuts, quit_cuts, an_interrupt_of_the_terminal_reaches_all, a_start_that_fails_ends,
			a_dead_worker_is_replaced, death_costs_only_its_own_requests,
			one_that_keeps_dying_is_replaced_later_and_later, workers_end_when_their_master_dies,
			a_worker_that_is_told_to_end_is_replaced, clients_are_spread,
			a_worker_without_descriptors_keeps_nobody_waiting, one_that_dies_at_the_end_has_cut_its_requests,
			no_request_is_lost, the_master_sleeps) + WAIT
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]]
	with concurrent.futures.ThreadPoolExecutor(len(WAIT)) as background:
		waiting = {check: background.submit(check) for check in checks if check in WAIT}
		for check in checks:
			tap.check(check.__name__.replace('_', ' '), waiting[check].result() if check in waiting else check())
	tap.done()


main()
