#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A running service: settings reach it, hooks run in order, TERM and INT drain, and a second one stops immediately."""

import grp
import json
import os
import resource
import signal
import socket
import stat
import subprocess
import tempfile
import time

from program import PATIENCE, TRIAL, Program, Tap, Waiting, differs, lacks, run


def greeting(program):
	status, body = program.get('/hello?name=Ann')
	return json.loads(body)['text'] if status == 200 else status


def settings_reach_the_service():
	found = []
	with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
		json.dump({'greeting': 'File'}, file)
		file.flush()
		for arguments, extra, wanted in (
				([], {}, 'Hello'),
				(['--config', file.name], {}, 'File'),
				([], {'TRIAL_CONFIG': file.name}, 'File'),
				(['--config', file.name], {'TRIAL_GREETING': 'Environment'}, 'Environment'),
				(['--config', file.name, '--greeting', 'Flag'], {'TRIAL_GREETING': 'Environment'}, 'Flag')):
			with Program(*arguments, **extra) as program:
				found += differs(str(arguments) + str(extra), greeting(program), wanted + ', Ann!')
	return found


def ends(number):
	def check():
		with Program('--threads=2') as program:
			status, body = program.get('/hello')
			found = differs('answer', (status, json.loads(body)['state']), (200, 'made at start'))
			program.signal(number)
			found += differs('status', program.end(), 0)
			log = [m for m in program.messages() if 'hook' in m or 'listening' in m or m == 'stopped']
			return found + differs('order', [m.split()[0] for m in log], ['start', 'listening', 'stopped', 'stop'])
	return check


def accepts(port):
	try:
		socket.create_connection(('127.0.0.1', port), PATIENCE).close()
		return True
	except ConnectionRefusedError:
		return False


def a_request_in_flight_is_answered():
	with Program() as program:
		port = program.port()
		waiting = Waiting(program, 700)
		program.signal(signal.SIGTERM)
		program.wait_for_line('SIGTERM')
		status = program.end()
		waiting.join(PATIENCE)
		return differs('status', status, 0) + differs('answer', waiting.answer, (200, 'waited')) + \
			differs('accepts afterwards', accepts(port), False)


def stops_immediately(first, second):
	def check():
		with Program() as program:
			waiting = Waiting(program, 500000)
			program.signal(first)
			program.wait_for_line(first.name)
			began = time.monotonic()
			program.signal(second)
			status = program.end()
			took = time.monotonic() - began
			waiting.join(PATIENCE)
			found = differs('status', status, 75) + ([] if took < 5 else [f'took {took} s'])
			found += [f'was answered: {waiting.answer}'] if isinstance(waiting.answer, tuple) else []
			return found + lacks('log', program.messages(), 'stop hook, state made at start')
	return check


def background_runs_until_the_drain_is_over():
	with Program('--threads=2') as program:
		waiting = Waiting(program, 700)
		program.wait_for_line('background begins, state made at start')
		program.signal(signal.SIGTERM)
		status = program.end()
		waiting.join(PATIENCE)
		log = program.messages()
		ends = [m for m in log if m.startswith('background ends')]
		found = differs('status', status, 0) + differs('answer', waiting.answer, (200, 'waited'))
		found += differs('end', ends, ['background ends, ECANCELED'])
		access = [i for i, m in enumerate(log) if m == 'access']
		return found + ([] if access and access[-1] < log.index(ends[0]) < log.index('stopped') else [f'order: {log}'])


def background_may_fail():
	with Program('--background-fails=true') as program:
		line = program.wait_for_line('boiler').string
		found = lacks('line', line, '"level":"error"', 'background: 500: the boiler is cold')
		found += differs('answer', program.get('/hello')[0], 200)
		program.signal(signal.SIGTERM)
		return found + differs('status', program.end(), 0)


def a_stubborn_fiber_does_not_keep_the_program(signals):
	def check():
		with Program('--drain-timeout-ms=600000') as program:  # nobody needs it: all requests have been answered
			found = differs('answer', program.get('/stubborn')[0], 204)
			for number in signals:
				program.signal(number)
				program.wait_for_line(number.name)
			status = program.end()
			found += differs('status', status, -signals[-1])
			return found + ([] if any('some work did not stop' in m for m in program.messages()) else [str(program.messages())])
	return check


def the_first_process_of_a_container_ends_too():
	"""The kernel shields it from a signal's default action."""
	container = ['unshare', '-pf', '--kill-child'] + ([] if os.geteuid() == 0 else ['-Ur'])
	if subprocess.run([*container, 'true'], capture_output=True).returncode != 0:
		return []
	with Program('--drain-timeout-ms=100', within=container) as program:
		found = differs('answer', program.get('/stubborn')[0], 204)
		with open(f'/proc/{program.process.pid}/task/{program.process.pid}/children') as children:
			first = int(children.read())
		os.kill(first, signal.SIGTERM)
		return found + differs('status', program.end(), 128 + signal.SIGTERM)


def a_child_that_goes_on_is_ended():
	"""It would answer the client, too, and take the events of its parent."""
	unseen = os.environ.get('TSAN_OPTIONS', '') + ':report_bugs=0' # it does not follow a process that forks with threads
	with Program(TSAN_OPTIONS=unseen) as program:
		found = differs('answer', program.get('/multiply'), (200, '{"status":70}'))
		program.wait_for_line(r'a child of fork\(\) went on in the scheduler of its parent: let it call exec or _exit')
		found += differs('the next', program.get('/hello?name=Ann')[0], 200)
		program.signal(signal.SIGTERM)
		return found + differs('status', program.end(), 0)


def a_request_that_is_cut_says_so():
	with Program('--drain-timeout-ms=50') as program:
		Waiting(program, 500000)
		program.signal(signal.SIGTERM)
		found = differs('status', program.end(), 75)
		lines = [json.loads(line) for line in program.lines]
		access = [line for line in lines if line['message'] == 'access']
		found += differs('access', [(l.get('reason'), l.get('bytes')) for l in access], [('cut: the server stops', 0)])
		return found + differs('errors', [l for l in lines if l['level'] == 'error'], [])


def in_the_start_hook(number):
	def check():
		with Program('--start-ms=600000') as program:
			program.wait_for_line('start hook')
			program.signal(number)
			return differs('status', program.end(), -number) + differs('log', program.messages()[1:],
				[number.name + ': exiting in the middle of the start hook'])
	return check


def in_the_stop_hook():
	with Program('--stop-ms=600000') as program:
		program.port()
		program.signal(signal.SIGTERM)
		program.wait_for_line('stop hook, state')
		program.signal(signal.SIGINT)
		return differs('status', program.end(), -signal.SIGINT) + differs('log', program.messages()[-1],
			'SIGINT: exiting in the middle of the stop hook')


def the_drain_ends_in_time():
	with Program('--drain-timeout-ms=300') as program:
		waiting = Waiting(program, 500000)
		began = time.monotonic()
		program.signal(signal.SIGTERM)
		status = program.end()
		took = time.monotonic() - began
		waiting.join(PATIENCE)
		return differs('status', status, 75) + ([] if 0.25 < took < 6 else [f'took {took} s'])


def the_longest_drain_is_not_cut_short():
	with Program('--drain-timeout-ms=4294967295') as program:
		waiting = Waiting(program, 2200)
		program.signal(signal.SIGTERM)
		status = program.end()
		waiting.join(PATIENCE)
		return differs('status', status, 0) + differs('answer', waiting.answer, (200, 'waited'))


def an_idle_connection_does_not_hold_it_up():
	with Program() as program:
		with socket.create_connection(('127.0.0.1', program.port()), PATIENCE) as idle:
			idle.sendall(b'GET /hello HTTP/1.1\r\nHost: a\r\n\r\n')
			idle.recv(1)
			began = time.monotonic()
			program.signal(signal.SIGTERM)
			status = program.end()
			took = time.monotonic() - began
		return differs('status', status, 0) + ([] if took < 5 else [f'took {took} s'])


def get_over_unix(path):
	"""The beginning of the answer."""
	with socket.socket(socket.AF_UNIX) as client:
		client.settimeout(PATIENCE)
		client.connect(path)
		client.sendall(b'GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
		return client.recv(12)


def test_unix_mode_and_group():
	"""A proxy runs as another user: the file's group, by name or number, and mode let it in."""
	found = []
	with tempfile.TemporaryDirectory() as folder:
		path = folder + '/socket'
		for group in grp.getgrgid(os.getgid()).gr_name, str(os.getgid()):
			with Program('--unix-mode', '0620', '--unix-group', group, http=f'unix:{path}') as program:
				program.wait_for_line('listening on unix:')
				state = os.stat(path)
				found += differs('mode', stat.S_IMODE(state.st_mode), 0o620) + differs('group', state.st_gid, os.getgid())
				program.signal(signal.SIGTERM)
				found += differs('status', program.end(), 0)
		status, _, said = run('--http', f'unix:{path}', '--unix-group', 'nobody-has-this-group')
		found += differs('status without the group', status, 64)
		return found + ([] if '--unix-group: nobody-has-this-group: there is no group of that name' in said else [said])


def unix_socket(stale):
	def check():
		with tempfile.TemporaryDirectory() as folder:
			path = folder + '/socket'
			if stale:
				with socket.socket(socket.AF_UNIX) as other:
					other.bind(path)
			with Program(http=f'unix:{path}') as program:
				program.wait_for_line('listening on unix:')
				found = differs('answer', get_over_unix(path), b'HTTP/1.1 200')
				program.signal(signal.SIGTERM)
				found += differs('status', program.end(), 0)
			return found + (['the socket was left behind'] if os.path.exists(path) else [])
	return check


def several_listeners():
	with Program('--http', '127.0.0.2:0') as program:
		ports = [program.wait_for_line(rf'listening on http://{host}:(\d+), documentation at http://{host}:\1/docs')
			for host in (r'127\.0\.0\.1', r'127\.0\.0\.2')]
		for host, port in zip(('127.0.0.1', '127.0.0.2'), ports):
			socket.create_connection((host, int(port.group(1))), PATIENCE).close()
		return []


def documentation():
	found = []
	for arguments, http, wanted in (([], '127.0.0.1:0', 200), (['--docs=off'], '127.0.0.1:0', 404),
			([], '0.0.0.0:0', 404), (['--docs', 'on'], '0.0.0.0:0', 200),
			(['--http', '0.0.0.0:0'], '127.0.0.1:0', 404)):
		with Program(*arguments, http=http) as program:
			for path in '/docs', '/openapi.json':
				found += differs(f'{arguments} {http} {path}', program.get(path)[0], wanted)
			said = ''.join(program.messages())
			found += differs(f'{arguments} {http} says so', 'documentation at' in said, wanted == 200)
			withheld = wanted == 404 and arguments != ['--docs=off']
			found += differs(f'{arguments} {http} says how', 'without documentation (--docs on)' in said, withheld)
	return found


def few_files():
	_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
	resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))


def open_files_are_raised():
	with Program(before=few_files) as program:
		program.port()
		with open(f'/proc/{program.process.pid}/limits') as file:
			soft, hard = next(line for line in file if line.startswith('Max open files')).split()[3:5]
		return differs('soft limit', soft, hard)


def a_backlog_that_is_too_long():
	with open('/proc/sys/net/core/somaxconn') as file:
		most = int(file.read())
	if most >= 65535:
		return []
	with Program('--backlog', str(most + 1)) as program:
		program.port()
		return lacks('log', '\n'.join(program.messages()), f'the kernel cuts backlog {most + 1} to {most}')


def a_log_that_nobody_reads():
	"""Standard error is a pipe whose reader goes away: SIGPIPE does not end the service."""
	read, write = os.pipe()
	with tempfile.TemporaryDirectory() as folder:
		path = folder + '/socket'
		process = subprocess.Popen([TRIAL, '--http', f'unix:{path}'], stderr=write)
		os.close(write)
		while b'listening' not in os.read(read, 65536):
			pass
		os.close(read)
		found = differs('answers', {get_over_unix(path) for _ in range(20)}, {b'HTTP/1.1 200'})
		process.terminate()
		return found + differs('status', process.wait(PATIENCE), 0)


def a_log_that_is_not_read():
	"""Standard error is a full pipe, which blocks: the service goes on, and TERM ends it."""
	read, write = os.pipe()
	with tempfile.TemporaryDirectory() as folder:
		path = folder + '/socket'
		process = subprocess.Popen([TRIAL, '--http', f'unix:{path}', '--drain-timeout-ms=100'], stderr=write)
		os.close(write)
		while b'listening' not in os.read(read, 65536):
			pass
		found = differs('answers', {get_over_unix(path) for _ in range(500)}, {b'HTTP/1.1 200'})
		process.terminate()
		try:
			return found + differs('status', process.wait(PATIENCE), 0)
		except subprocess.TimeoutExpired:
			process.kill()
			return found + ['it does not end']
		finally:
			os.close(read)


def main():
	tap = Tap()
	checks = {
		'settings reach the service': settings_reach_the_service,
		'TERM ends it': ends(signal.SIGTERM),
		'INT ends it': ends(signal.SIGINT),
		'a request in flight is answered': a_request_in_flight_is_answered,
		'a second TERM stops it immediately': stops_immediately(signal.SIGTERM, signal.SIGTERM),
		'INT after TERM stops it immediately': stops_immediately(signal.SIGTERM, signal.SIGINT),
		'the background runs until the drain is over': background_runs_until_the_drain_is_over,
		'the background may fail': background_may_fail,
		'a stubborn fiber and one TERM': a_stubborn_fiber_does_not_keep_the_program([signal.SIGTERM]),
		'a stubborn fiber and three': a_stubborn_fiber_does_not_keep_the_program(
			[signal.SIGTERM, signal.SIGINT, signal.SIGTERM]),
		'a stubborn fiber in a container': the_first_process_of_a_container_ends_too,
		'a child that goes on is ended': a_child_that_goes_on_is_ended,
		'a request that is cut says so': a_request_that_is_cut_says_so,
		'TERM in the start hook': in_the_start_hook(signal.SIGTERM),
		'INT in the start hook': in_the_start_hook(signal.SIGINT),
		'a second signal in the stop hook': in_the_stop_hook,
		'the drain ends in time': the_drain_ends_in_time,
		'the longest drain is not cut short': the_longest_drain_is_not_cut_short,
		'an idle connection does not hold it up': an_idle_connection_does_not_hold_it_up,
		'a unix socket': unix_socket(False),
		'a stale unix socket': unix_socket(True),
		'several listeners': several_listeners,
		'documentation on loopback, or on request': documentation,
		'the limit on open files is raised': open_files_are_raised,
		'a backlog that is too long is reported': a_backlog_that_is_too_long,
		'a log that nobody reads': a_log_that_nobody_reads,
		'a log that is not read': a_log_that_is_not_read,
		'mode and group of a unix socket': test_unix_mode_and_group,
	}
	for name, check in checks.items():
		tap.check(name, check())
	tap.done()


main()
