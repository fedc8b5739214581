#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The pid file names the process that is the service, as long as it lives."""

import os
import signal
import tempfile

from crew import children
from program import Program, Tap, differs, lacks, run


def read(path):
	with open(path) as file:
		return file.read()


def names_the_service(*arguments):
	def check():
		with tempfile.TemporaryDirectory() as folder:
			path = os.path.join(folder, 'pid')
			os.chmod(folder, 0o777)  # another user removes the file
			with open(path, 'w') as file:
				file.write('4000000\n')  # of a dead one
			with Program('--pid-file', path, *arguments) as program:
				program.port()
				found = differs('file', read(path), f'{program.process.pid}\n')
				status, _, errors = run('--http', '127.0.0.1:0', '--pid-file', path, *arguments)
				found += differs('status of another', status, 71)
				found += lacks('its line', errors, f'pid file {path} is held by process {program.process.pid}, which is running: stop that, or change --pid-file')
				found += differs('file', read(path), f'{program.process.pid}\n')
				program.signal(signal.SIGTERM)
				return found + differs('status', program.end(), 0) + differs('file at the end', os.path.exists(path), False)
	return check


def survives_workers_and_reloads():
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'pid')
		with Program('--pid-file', path, '--processes', '2') as program:
			program.port()
			os.kill(children(program.process.pid)[0], signal.SIGKILL)
			program.signal(signal.SIGHUP)
			program.wait_for_line('"reloaded"')
			return differs('file', read(path), f'{program.process.pid}\n')


def goes_with_a_service_that_ends_in_its_start_hook():
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'pid')
		with Program('--pid-file', path, '--start-ms', '600000') as program:
			program.wait_for_line('start hook')
			found = differs('file', os.path.exists(path), True)
			program.signal(signal.SIGTERM)
			return found + differs('status', program.end(), -signal.SIGTERM) + differs('file', os.path.exists(path), False)


def goes_with_a_start_that_fails():
	found = []
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'pid')
		for arguments in ['--start-fails'], ['--start-fails', '--processes', '2'], ['--log-file', folder]:
			status, _, _ = run('--http', '127.0.0.1:0', '--pid-file', path, *arguments)
			found += differs('status', status, 71 if '--log-file' in arguments else 70) + differs(f'{arguments}: file', os.path.exists(path), False)
	return found


def what_is_not_a_pid_file_is_left_alone():
	with tempfile.NamedTemporaryFile('w') as file:
		file.write('precious')
		file.flush()
		status, _, errors = run('--http', '127.0.0.1:0', '--pid-file', file.name)
		return differs('status', status, 71) + differs('file', read(file.name), 'precious') + \
			lacks('line', errors, 'is not a pid file and is left alone: change --pid-file')


def main():
	tap = Tap()
	checks = {
		'it names the one process': names_the_service(),
		'it names the master': names_the_service('--processes', '2'),
		'it survives workers and reloads': survives_workers_and_reloads,
		'it goes with a service that ends in its start hook': goes_with_a_service_that_ends_in_its_start_hook,
		'it goes with a start that fails': goes_with_a_start_that_fails,
		'what is not a pid file is left alone': what_is_not_a_pid_file_is_left_alone,
	}
	if os.getuid() == 0:
		checks['it names the one process that has changed its user'] = names_the_service('--user', 'nobody')
	for name, check in checks.items():
		tap.check(name, check())
	tap.done()


main()
