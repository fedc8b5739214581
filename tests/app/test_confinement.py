#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What processes that serve give up before user code runs in them: root, and what a sandbox takes. The master keeps it."""

import grp
import json
import os
import pwd
import signal
import socket
import stat
import sys
import tempfile

from crew import Crew, await_true, children
from program import Program, Tap, differs, lacks, run

IS_ROOT = os.getuid() == 0
NOBODY = pwd.getpwnam('nobody')
# The search for leaks traces its own process, which the sandbox forbids.
os.environ['ASAN_OPTIONS'] = os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=0'


def status_of(pid, task=None):
	with open(f'/proc/{pid}/task/{task or pid}/status') as file:
		return dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)


def is_nobody(pid):
	"""In each of its threads."""
	found = []
	for task in os.listdir(f'/proc/{pid}/task'):
		status = status_of(pid, task)
		found += differs('user', status['Uid'].split(), [str(NOBODY.pw_uid)] * 4)
		found += differs('group', status['Gid'].split(), [str(NOBODY.pw_gid)] * 4)
		found += differs('groups', status['Groups'].split(), [str(NOBODY.pw_gid)])
		found += differs('capabilities', int(status['CapEff'], 16) | int(status['CapPrm'], 16), 0)
		found += differs('no new privileges', status['NoNewPrivs'], '1')
	return found


# --- users ---

def one_process_drops_before_the_start_hook():
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'trial.sock')
		os.chmod(folder, 0o777)
		with Program('--user', 'nobody', '--start-ms', '300', '--unix-mode', '0660', '--unix-group', 'daemon', http=f'unix:{path}') as program:
			program.wait_for_line('start hook')
			found = is_nobody(program.process.pid)
			file = os.stat(path)
			found += differs('file of the socket', (oct(stat.S_IMODE(file.st_mode)), file.st_uid, file.st_gid), ('0o660', 0, grp.getgrnam('daemon').gr_gid))
			program.wait_for_line('listening on')
			found += is_nobody(program.process.pid)
			program.signal(signal.SIGTERM)
			return found + differs('status', program.end(), 0) + differs('file', os.path.exists(path), False)


def a_signal_in_the_start_hook_leaves_no_file():
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'trial.sock')
		os.chmod(folder, 0o777)
		with Program('--user', 'nobody', '--start-ms', '600000', http=f'unix:{path}') as program:
			program.wait_for_line('start hook')
			program.signal(signal.SIGTERM)
			return differs('status', program.end(), -signal.SIGTERM) + differs('file', os.path.exists(path), False)


def one_process_binds_what_its_user_cannot():
	with Program('--user', 'nobody', http='127.0.0.1:777') as program:
		program.wait_for_line('listening on')
		with socket.create_connection(('127.0.0.1', 777)) as s:
			s.sendall(b'GET /hello HTTP/1.1\r\nHost: a\r\n\r\n')
			return differs('answer', s.recv(12), b'HTTP/1.1 200')


def workers_drop_and_the_master_stays():
	with Crew('--user', str(NOBODY.pw_uid), '--start-ms', '1') as crew:
		found = [fault for pid in crew.workers() for fault in is_nobody(pid)]
		found += differs('user of the master', status_of(crew.process.pid)['Uid'].split()[0], '0')
		old = crew.workers()
		crew.reload()
		await_true('the end of the old', lambda: not set(old) & set(crew.workers()))
		found += [fault for pid in crew.workers() for fault in is_nobody(pid)]
		return found + differs('answer', crew.get('/hello')[0], 200) + crew.end_well()


def a_group_alone():
	with Program('--group', 'daemon') as program:
		program.port()
		status = status_of(program.process.pid)
		return differs('group', status['Gid'].split()[0], str(grp.getgrnam('daemon').gr_gid)) + \
			differs('user', status['Uid'].split()[0], '0') + differs('no new privileges', status['NoNewPrivs'], '1')


def wrong_names_are_errors_of_the_configuration():
	found = []
	for arguments, text in (
			(['--user', 'no-such-user'], "trial: --user: there is no user 'no-such-user': create it, or change --user"),
			(['--group', 'no-such-group'], "trial: --group: there is no group 'no-such-group': create it, or change --group"),
			(['--user', '4000001'], 'user 4000001 has no entry in the user database, so its group is not known: name one with --group')):
		for more in [], ['--processes', '2'], ['--check']:
			status, _, errors = run('--http', '127.0.0.1:0', *arguments, *more)
			found += differs(f'{arguments} {more}', status, 78) + lacks('line', errors, text)
	return found


def who_is_not_root_cannot_drop():
	def be_nobody():
		os.setgroups([])
		os.setgid(NOBODY.pw_gid)
		os.setuid(NOBODY.pw_uid)
	with Program('--user', 'daemon', before=be_nobody) as program:
		found = differs('status', program.end(), 71) + lacks('log', program.messages()[-1], 'start as root, or leave')
	with Program('--user', 'nobody', before=be_nobody) as program:
		return found + differs('answer of one that is that user', program.get('/hello')[0], 200)


# --- the sandbox ---

def attempts(program, path):
	return json.loads(program.get(f'/escape?path={path}')[1])


def has_landlock():
	"""What the trial says about this kernel."""
	with tempfile.TemporaryDirectory() as folder, Program('--sandbox', '--sandbox-paths', folder) as program:
		return 'Landlock version' in program.wait_for_line('sandbox: .*').group()


def nothing_is_executed():
	with Program('--sandbox', 'off') as program:
		found = differs('without a sandbox', attempts(program, '/etc/hostname')['run'], '0')
	with Program('--sandbox', 'on') as program:
		program.wait_for_line('sandbox: no program can be executed; files are not confined: name those that are needed with --sandbox-paths')
		found += differs('with one', attempts(program, '/etc/hostname')['run'], 'EPERM')
		program.signal(signal.SIGTERM)
		return found + differs('status', program.end(), 0)


def what_signals_itself_still_works():
	"""The stack of a request that holds its thread, the report of a crash, and how workers end: all send a signal to their own process."""
	with Crew('--sandbox', 'on', '--harakiri-ms', '200', processes=1) as crew:
		worker, = crew.workers()
		found = differs('its filter', status_of(worker)['Seccomp'], '2')
		with socket.create_connection(('127.0.0.1', crew.port()), 30) as s:
			s.sendall(b'GET /compute/1500 HTTP/1.1\r\nHost: a\r\n\r\n')
			found += lacks('report', crew.wait_for_line('compute has held its thread for [^"]*').group(), ', at ')
			found += differs('answer', s.recv(12), b'HTTP/1.1 200')
		await_true('its successor', lambda: len(crew.workers()) == 1 and worker not in crew.workers())
		crew.wait_for_lines('start hook', 2)
		os.kill(crew.workers()[0], signal.SIGABRT)
		crew.wait_for_line('died of SIGABRT')
		crew.wait_for_lines('start hook', 3)
		return found + crew.end_well()


def files_are_confined():
	with tempfile.TemporaryDirectory() as inside, tempfile.TemporaryDirectory() as outside:
		for folder in inside, outside:
			with open(os.path.join(folder, 'secret'), 'w') as file:
				file.write('hush')
		with Crew('--sandbox', 'on', '--sandbox-paths', inside) as crew:
			crew.wait_for_line('sandbox: no program can be executed; files are confined by Landlock version')
			return differs('outside', attempts(crew, f'{outside}/secret'), {'run': 'EPERM', 'read': 'EACCES', 'write': 'EACCES'}) + \
				differs('inside', attempts(crew, f'{inside}/secret'), {'run': 'EPERM', 'read': '0', 'write': '0'}) + \
				differs('needed', attempts(crew, '/etc/passwd'), {'run': 'EPERM', 'read': '0', 'write': 'EACCES'}) + crew.end_well()


def a_sandboxed_service_lives():
	"""It serves, logs, reopens its log, reloads, and replaces dead workers."""
	with tempfile.TemporaryDirectory() as inside, tempfile.TemporaryDirectory() as outside:
		log, path = os.path.join(outside, 'log'), os.path.join(outside, 'sock')

		def text():
			with open(log) as file:
				return file.read()
		more = ['--user', 'nobody'] if IS_ROOT else []
		os.chmod(inside, 0o755)
		with Program('--processes', '2', '--sandbox', '--sandbox-paths', inside, '--log-file', log, *more, http=f'unix:{path}') as program:
			await_true('start', lambda: os.path.exists(log) and 'listening on' in text() and text().count('start hook') == 2)
			os.rename(log, log + '.old')
			program.signal(signal.SIGUSR1)
			await_true('the new log', lambda: os.path.exists(log))
			old = children(program.process.pid)
			program.signal(signal.SIGHUP)
			await_true('a reload', lambda: '"reloaded"' in text())
			await_true('the end of the old', lambda: not set(old) & set(children(program.process.pid)))  # buried, too
			os.kill(children(program.process.pid)[0], signal.SIGKILL)
			await_true('another', lambda: text().count('start hook') == 3)
			with socket.socket(socket.AF_UNIX) as s:
				s.connect(path)
				s.sendall(b'GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
				found = differs('answer', s.recv(12), b'HTTP/1.1 200')
			await_true('its line', lambda: '"path":"/hello"' in text())
			program.signal(signal.SIGTERM)
			return found + differs('status', program.end(), 0)


def control_sees_the_memory_of_workers():
	"""Although its own files are confined, and it runs as another user."""
	with tempfile.TemporaryDirectory() as folder:
		os.chmod(folder, 0o777)
		more = ['--user', 'nobody'] if IS_ROOT else []
		path = os.path.join(folder, 'control')
		with Crew('--sandbox', 'on', '--sandbox-paths', folder, '--control', f'unix:{path}', *more) as crew, socket.socket(socket.AF_UNIX) as s:
			s.settimeout(30)
			s.connect(path)
			s.sendall(b'GET /status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
			answer = b''.join(iter(lambda: s.recv(65536), b''))
			sizes = [worker['memory_bytes'] for worker in json.loads(answer.split(b'\r\n\r\n', 1)[1])['workers']]
			return differs('workers that have memory', [size > 1000000 for size in sizes], [True, True]) + crew.end_well()


def wrong_settings_of_the_sandbox():
	status, _, errors = run('--http', '127.0.0.1:0', '--sandbox-paths', '/tmp')
	found = differs('without a sandbox', status, 64) + lacks('line', errors, '--sandbox-paths: /tmp: does nothing without a sandbox: add --sandbox on')
	for more in [], ['--processes', '2']:
		status, _, errors = run('--http', '127.0.0.1:0', '--sandbox', '--sandbox-paths', '/no/such', *more)
		found += differs('no such path', status, 71) + lacks('line', errors, 'cannot allow /no/such: No such file or directory: create it, or take it off the list')
	return found


def main():
	tap = Tap()
	checks = [wrong_names_are_errors_of_the_configuration, nothing_is_executed, what_signals_itself_still_works, a_sandboxed_service_lives]
	if IS_ROOT:
		checks += [one_process_drops_before_the_start_hook, a_signal_in_the_start_hook_leaves_no_file, one_process_binds_what_its_user_cannot,
			workers_drop_and_the_master_stays, a_group_alone, who_is_not_root_cannot_drop]
	if has_landlock():
		checks += [files_are_confined, control_sees_the_memory_of_workers, wrong_settings_of_the_sandbox]
	for check in checks:
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
