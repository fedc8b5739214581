#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A log in a file: opened again by USR1, with and without a master, without losing or tearing a line."""

import json
import os
import signal
import socket
import sys
import tempfile

from crew import await_true, children, load_on, results
from program import Program, Tap, differs, lacks, run


class Logged(Program):
	"""A program that logs to a file in a folder of its own, at a unix socket there."""

	def __init__(self, folder, *arguments, **rest):
		self.log, self.path = os.path.join(folder, 'trial.log'), os.path.join(folder, 'trial.sock')
		super().__init__('--log-file', self.log, *arguments, http=f'unix:{self.path}', **rest)
		self.await_line('listening on')

	def text(self, *names):
		return ''.join(read(name) for name in names or [self.log])

	def await_line(self, text, name=None):
		await_true(text, lambda: text in self.text(name or self.log) or self.process.poll() is not None)
		return lacks('log', self.text(name or self.log), text)

	def rotate(self, number):
		"""Rotates as logrotate does. Returns the name of the old file."""
		old = f'{self.log}.{number}'
		os.rename(self.log, old)
		self.signal(signal.SIGUSR1)
		await_true('a new file', lambda: 'opened the log file again' in self.text())
		return old

	def end_well(self):
		self.signal(signal.SIGTERM)
		found = differs('status', self.end(), 0)
		return found + differs('standard error', self.lines, []) + lacks('log', self.text(), '"stopped"')


def read(name):
	try:
		with open(name) as file:
			return file.read()
	except FileNotFoundError:
		return ''


def ask(path, what='hello'):
	with socket.socket(socket.AF_UNIX) as s:
		s.connect(path)
		s.sendall(f'GET /{what} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'.encode())
		return b''.join(iter(lambda: s.recv(4096), b''))


def in_folder(check, *arguments):
	def run_it():
		with tempfile.TemporaryDirectory() as folder, Logged(folder, *arguments) as program:
			return check(program)
	return run_it


def nothing_goes_to_standard_error(program):
	ask(program.path)
	found = program.await_line('"path":"/hello"')
	found += differs('mode', oct(os.stat(program.log).st_mode & 0o777), '0o640')
	return found + program.end_well()


def no_line_is_lost(program, times=50):
	names = []
	with load_on(program.path) as loads:
		for number in range(times):
			names.append(program.rotate(number))
		found = results(loads)
	found += program.end_well()
	lines = [json.loads(line) for line in program.text(*names, program.log).splitlines()]
	logged = sorted(line['request_id'] for line in lines if line['message'] == 'access')
	sent = sorted(load.name_of(n + 1) for load in loads for n in range(load.sent))
	if len(logged) != len(sent):
		found += [f'{len(sent)} requests, {len(logged)} lines']
	return found + differs('lines', logged[:3] + logged[-3:], sent[:3] + sent[-3:]) + ([] if logged == sent else ['other lines'])


def what_cannot_be_opened_keeps_the_old(program):
	old = program.log + '.old'
	os.rename(program.log, old)
	os.mkdir(program.log)
	program.signal(signal.SIGUSR1)
	found = program.await_line('SIGUSR1: cannot open log file', old) + lacks('line', read(old), 'Is a directory: going on with the old one')
	ask(program.path)
	found += program.await_line('"path":"/hello"', old)
	os.rmdir(program.log)
	program.signal(signal.SIGUSR1)
	found += program.await_line('opened the log file again')
	await_true('a request in the new file', lambda: ask(program.path) and '"path":"/hello"' in program.text())  # workers follow
	return found + program.end_well()


def a_crash_is_reported_there(program):
	ask(program.path, 'crash')
	return program.await_line('coracle: SIGABRT') + differs('standard error', program.lines, [])


def new_workers_use_the_new_file(program):
	program.rotate(1)
	os.kill(children(program.process.pid)[0], signal.SIGKILL)
	found = program.await_line('start hook')
	program.signal(signal.SIGHUP)
	return found + program.await_line('"reloaded"') + program.end_well()


def one_that_cannot_be_opened_ends_the_start():
	found = []
	with tempfile.TemporaryDirectory() as folder:
		os.mkfifo(os.path.join(folder, 'fifo'))
		for name, why in (('', 'Is a directory'), ('fifo', 'it is not a file'), ('none/log', 'No such file or directory')):
			for arguments in [], ['--processes', '2']:
				path = os.path.join(folder, name)
				status, _, errors = run('--http', '127.0.0.1:0', '--log-file', path, *arguments)
				found += differs(name, status, 71) + lacks(name, errors, f'cannot log to {path}: {why}: fix that, or change --log-file')
	return found


def another_file_takes_a_new_start():
	with tempfile.TemporaryDirectory() as folder:
		config = os.path.join(folder, 'trial.json')
		with open(config, 'w') as file:
			json.dump({'processes': 1}, file)
		with Program('--config', config) as program:
			program.port()
			with open(config, 'w') as file:
				json.dump({'processes': 1, 'log_file': os.path.join(folder, 'log')}, file)
			program.signal(signal.SIGHUP)
			program.wait_for_line('not reloaded, the service goes on as it was: log_file has changed: restart the service for that')
			return []


def main():
	tap = Tap()
	checks = {}
	for check in (nothing_goes_to_standard_error, no_line_is_lost, what_cannot_be_opened_keeps_the_old, a_crash_is_reported_there):
		checks[check.__name__] = in_folder(check, '--threads', '2')
		checks[check.__name__ + '_with_a_master'] = in_folder(check, '--processes', '2')
	checks['new_workers_use_the_new_file'] = in_folder(new_workers_use_the_new_file, '--processes', '2')
	if os.getuid() == 0:
		checks['no_line_is_lost_by_workers_that_may_not_open_it'] = in_folder(no_line_is_lost, '--processes', '2', '--user', 'nobody')
	for check in one_that_cannot_be_opened_ends_the_start, another_file_takes_a_new_start:
		checks[check.__name__] = check
	for name, check in checks.items():
		if len(sys.argv) < 3 or name in sys.argv[2:]:
			tap.check(name.replace('_', ' '), check())
	tap.done()


main()
