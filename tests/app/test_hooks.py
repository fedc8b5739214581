#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Where the service's hooks run: prepare once, start in each process, start_thread on each thread."""

import os
import re
import signal

from crew import Crew, files
from program import Program, Tap, differs, lacks, run


def place(messages, begin):
	"""The position of the first message that begins like this."""
	return next(i for i, message in enumerate(messages) if message.startswith(begin))


def one_process():
	with Program('--threads', '2', '--prepare-says') as program:
		found = lacks('answer', program.get('/hello')[1], 'thread ', 'state made at start')
		program.signal(signal.SIGTERM)
		found += differs('status', program.end(), 0)
		messages = program.messages()
		order = [place(messages, begin) for begin in ('prepare hook', 'start hook', 'listening on', 'stop of thread', 'stop hook')]
		found += differs('order', order, sorted(order))
		found += differs('the process that prepares', messages[order[0]], f'prepare hook of {program.process.pid}')
		return found + differs('threads that stop', sum(m.startswith('stop of thread') for m in messages), 2)


def prepare_runs_once_in_a_child():
	with Crew('--threads', '2', '--prepare-says', processes=3) as crew:
		crew.reload()
		workers, master = crew.workers(), crew.process.pid
		found = crew.end_well()
		pids = [int(pid) for pid in re.findall(r'prepare hook of (\d+)', ''.join(crew.lines))]
		found += differs('runs of prepare, at the start and in the reload', len(pids), 2)
		found += [f'{pid} is one that serves' for pid in pids if pid in [master, *workers]]
		return found + differs('threads that stop', sum('stop of thread' in line for line in crew.lines), 2 * 3 * 2)


def failures_end_the_start():
	found = []
	for arguments, line in (
			(['--prepare-fails'], 'the prepare hook of trial failed: the database is locked: Read-only file system'),
			(['--prepare-fails', '--processes', '2'], 'the prepare hook of trial failed: the database is locked'),
			(['--threads-fail', '--threads', '3'], 'the start_thread hook of trial failed: no connection for thread 2'),
			(['--threads-fail', '--threads', '3', '--processes', '2'], 'the start_thread hook of trial failed: no connection')):
		status, _, errors = run('--http', '127.0.0.1:0', *arguments)
		found += differs(f'status of {arguments}', status, 70) + lacks(f'log of {arguments}', errors, line)
		found += [f'{arguments} listens'] if 'listening on' in errors else []
	return found


def threads_that_started_stop():
	_, _, errors = run('--http', '127.0.0.1:0', '--threads-fail', '--threads', '3')
	started, stopped = 2, errors.count('stop of thread')
	return differs('threads that stop', stopped, started) + lacks('log', errors, 'stop hook, state made at start')


def a_prepare_hook_that_fails_keeps_the_old():
	with files() as here, here.crew() as crew:
		old = crew.workers()
		here.write({'prepare_fails': True, 'processes': 2})
		crew.signal(signal.SIGHUP)
		crew.wait_for_line('the prepare hook of trial failed: the database is locked')
		crew.wait_for_line('not reloaded, the service goes on as it was: .* ended with status 70')
		return differs('workers', crew.workers(), old) + crew.end_well()


def a_signal_ends_it_in_the_prepare_hook(*arguments):
	def check():
		with Program('--prepare-ms=600000', '--prepare-says', *arguments, own_session=True) as program:
			program.wait_for_line('prepare hook')
			program.signal(signal.SIGTERM)
			found = differs('status', program.end(), -signal.SIGTERM)
			return found + lacks('log', ''.join(program.lines), 'exiting in the middle of the')
	return check


def main():
	tap = Tap()
	for name, check in {
		'one process': one_process,
		'prepare runs once, in a child': prepare_runs_once_in_a_child,
		'failures end the start': failures_end_the_start,
		'threads that started stop': threads_that_started_stop,
		'a prepare hook that fails keeps the old': a_prepare_hook_that_fails_keeps_the_old,
		'TERM in the prepare hook': a_signal_ends_it_in_the_prepare_hook(),
		'TERM in the prepare hook of a master': a_signal_ends_it_in_the_prepare_hook('--processes', '2'),
	}.items():
		tap.check(name, check())
	tap.done()


main()
