#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A machine that gives too little, or has very much: descriptors, processes, CPUs."""

import os
import resource
import signal
import subprocess
import sys

from crew import Crew, await_true
from program import PATIENCE, Program, Tap, differs, lacks

MANY_CPUS = sys.argv[2] if len(sys.argv) > 2 else None
OF_NOBODY_ELSE = 61234  # no other process of this machine counts against the limit


def files(limit):
	return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def processes(limit):
	def become():
		resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
		os.setgroups([])
		os.setgid(OF_NOBODY_ELSE)
		os.setuid(OF_NOBODY_ELSE)
	return become


# --- a start ---

def without_leak_check():
	"""LeakSanitizer would need a process of its own."""
	options = os.environ.get('ASAN_OPTIONS')
	return {'ASAN_OPTIONS': options + ':detect_leaks=0'} if options else {}


def outcome(before, *arguments, **environment):
	"""(whether it serves, its status, its last lines): it does not hang in between."""
	with Program('--drain-timeout-ms', '100', *arguments, before=before, **environment) as program:
		with program.news:
			serves = lambda: any('listening on' in line for line in program.lines)  # noqa: E731
			assert program.news.wait_for(lambda: program.ended or serves(), PATIENCE), f'neither serves nor ends: {program.lines}'
		if not serves():
			return False, program.end(), ''.join(program.lines)
		program.signal(signal.SIGTERM)
		return True, program.end(), ''.join(program.lines)


def a_start_without_descriptors_ends(*arguments):
	def check():
		found, served, refused = [], 0, 0
		for limit in range(5, 30):
			serves, status, text = outcome(files(limit), *arguments)
			served += serves
			refused += not serves
			if not serves:
				found += differs(f'status with {limit}', status, 71)
				found += lacks(f'lines with {limit}', text, 'too many open files: raise the limit (LimitNOFILE=, ulimit -n)')
		return found or ([] if served and refused else [f'{served} served, {refused} did not'])
	return check


def a_start_without_processes_ends():
	found = []
	for limit in 1, 2, 3, 4:
		serves, status, text = outcome(processes(limit), '--processes', '2', **without_leak_check())
		found += differs(f'outcome with {limit}', (serves, status), (False, 71))
		found += lacks(f'lines with {limit}', text, 'too many processes or threads: raise their limit')
	return found


# --- later ---

def limit_files(crew, limit):
	subprocess.run(['prlimit', '--pid', str(crew.process.pid), f'--nofile={limit}:'], check=True)


def a_worker_that_cannot_be_started_is_tried_again():
	with Crew('--log-level', 'info') as crew:
		limit_files(crew, 5)
		os.kill(crew.workers()[0], signal.SIGKILL)
		crew.wait_for_line('cannot start a worker: too many open files: raise the limit')
		crew.wait_for_line('starting a worker again in 100 ms')
		found = differs('answer', crew.get('/hello')[0], 200)
		crew.signal(signal.SIGHUP)
		crew.wait_for_line('not reloaded, the service goes on as it was: cannot open .*: too many open files: raise')
		crew.signal(signal.SIGUSR2)
		crew.wait_for_line('not upgraded, the service goes on as it was: cannot start .*: too many open files: raise')
		limit_files(crew, 1000)
		await_true('another', lambda: len(crew.workers()) == 2)
		return found + crew.end_well()


# --- very many CPUs ---

def auto_stays_within_the_range_of_threads():
	with Program('--threads', 'auto', LD_PRELOAD=MANY_CPUS) as program:
		program.port()
		threads = len(os.listdir(f'/proc/{program.process.pid}/task'))
		program.signal(signal.SIGTERM)
		found = differs('status', program.end(), 0)
		return found + ([] if 256 <= threads <= 260 else [f'{threads} threads'])


def auto_stays_within_the_range_of_processes():
	with Program('--processes', 'auto', '--start-fails', LD_PRELOAD=MANY_CPUS) as program:
		status = program.end()
		said = [line for line in program.messages() if 'cannot start a worker' in line]
		return differs('status', status, 70) + differs('workers without a slot', said, [])


def main():
	tap = Tap()
	checks = {
		'a start without descriptors ends': a_start_without_descriptors_ends(),
		'a start of a master without descriptors ends': a_start_without_descriptors_ends('--processes', '2'),
		'a worker that cannot be started is tried again': a_worker_that_cannot_be_started_is_tried_again,
	}
	if os.getuid() == 0:
		checks['a start without processes ends'] = a_start_without_processes_ends
	if MANY_CPUS:
		checks['auto stays within the range of threads'] = auto_stays_within_the_range_of_threads
		checks['auto stays within the range of processes'] = auto_stays_within_the_range_of_processes
	for name, check in checks.items():
		if len(sys.argv) < 4 or name in sys.argv[3:]:
			tap.check(name, check())
	tap.done()


main()
