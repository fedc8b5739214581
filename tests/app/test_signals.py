#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Signals other than TERM and INT: none ends a service with requests in flight silently."""

import os
import signal
import socket
import time

from program import PATIENCE, Program, Tap, Waiting, differs, lacks


def hup_ends():
	"""These tests may run under nohup."""
	signal.signal(signal.SIGHUP, signal.SIG_DFL)


def hup_is_a_graceful_stop():
	with Program(before=hup_ends) as program:
		waiting = Waiting(program, 700)
		program.signal(signal.SIGHUP)
		line = program.wait_for_line('SIGHUP: ').string
		status = program.end()
		waiting.join(PATIENCE)
		return differs('status', status, 0) + differs('answer', waiting.answer, (200, 'waited')) + \
			lacks('line', line, 'reload', 'stopping') + lacks('log', program.messages(), 'stopped')


def hup_that_is_ignored_stays_ignored():
	"""As with nohup(1)."""
	with Program(before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as program:
		program.port()
		program.signal(signal.SIGHUP)
		found = differs('answer', program.get('/hello')[0], 200)
		program.signal(signal.SIGTERM)
		return found + differs('status', program.end(), 0) + \
			[m for m in program.messages() if 'SIGHUP' in m]


def goes_on(number, *parts):
	def check():
		with Program() as program:
			waiting = Waiting(program, 300)
			program.signal(number)
			line = program.wait_for_line(f'{number.name}: ').string if parts else ''
			waiting.join(PATIENCE)
			found = differs('answer', waiting.answer, (200, 'waited')) + lacks('line', line, *parts)
			program.signal(signal.SIGTERM)
			return found + differs('status', program.end(), 0)
	return check


def quit_stops_immediately():
	with Program() as program:
		waiting = Waiting(program, 500000)
		program.signal(signal.SIGQUIT)
		program.wait_for_line('SIGQUIT: stopping immediately')
		status = program.end()
		waiting.join(PATIENCE)
		return differs('status', status, 75) + lacks('log', program.messages(), 'stop hook, state made at start')


def await_work(pid):
	"""Until the process has used a tenth of a second."""
	end = time.monotonic() + PATIENCE
	while time.monotonic() < end:
		with open(f'/proc/{pid}/stat') as file:
			if int(file.read().rsplit(')', 1)[1].split()[11]) >= os.sysconf('SC_CLK_TCK') // 10:
				return
		time.sleep(0.005)
	raise AssertionError('it does not work')


def a_thread_that_computes_drains_when_it_can():
	"""Its drain begins late, and takes the second that an idle client has for its last request."""
	with Program('--drain-timeout-ms=1000') as program, socket.create_connection(('127.0.0.1', program.port()), PATIENCE) as s:
		s.sendall(b'GET /compute/2500 HTTP/1.1\r\nHost: a\r\n\r\n')
		await_work(program.process.pid)
		program.signal(signal.SIGTERM)
		found = differs('answer', s.recv(12), b'HTTP/1.1 200')
		return found + differs('status', program.end(), 0) + \
			lacks('log', program.messages(), 'stopped', 'stop hook, state made at start')


def an_idle_connection_that_is_cut_is_not_a_loss():
	with Program() as program:
		with socket.create_connection(('127.0.0.1', program.port()), PATIENCE) as idle:
			idle.sendall(b'GET /hello HTTP/1.1\r\nHost: a\r\n\r\n')
			found = differs('answer', idle.recv(12), b'HTTP/1.1 200')
			program.signal(signal.SIGQUIT)
			return found + differs('status', program.end(), 0) + lacks('log', program.messages(), 'stopped')


def the_start_hook_says_what_cannot_be_done():
	with Program('--start-ms=600000', before=hup_ends) as program:
		program.wait_for_line('start hook')
		program.signal(signal.SIGUSR1)
		program.wait_for_line('SIGUSR1: ')
		program.signal(signal.SIGHUP)
		return differs('status', program.end(), -signal.SIGHUP) + lacks('log', program.messages()[-1], 'SIGHUP: ')


def main():
	tap = Tap()
	checks = {
		'HUP is a graceful stop': hup_is_a_graceful_stop,
		'HUP that is ignored stays ignored': hup_that_is_ignored_stays_ignored,
		'USR1 cannot reopen standard error': goes_on(signal.SIGUSR1, 'standard error'),
		'USR2 cannot upgrade': goes_on(signal.SIGUSR2, 'SIGTERM'),
		'QUIT stops it immediately': quit_stops_immediately,
		'a thread that computes drains when it can': a_thread_that_computes_drains_when_it_can,
		'an idle connection that is cut is not a loss': an_idle_connection_that_is_cut_is_not_a_loss,
		'in the start hook': the_start_hook_says_what_cannot_be_done,
	}
	for number in (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO, signal.SIGPWR, signal.SIGPIPE,
			signal.SIGXFSZ, signal.SIGRTMIN, signal.SIGRTMAX):
		checks[f'{number.name} does not end it'] = goes_on(number)
	for name, check in checks.items():
		tap.check(name, check())
	tap.done()


main()
