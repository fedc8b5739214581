#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Executors of processes in a service: what crashes or hangs there costs one request, and leaves nothing."""

import concurrent.futures
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from crew import await_true
from program import PATIENCE, Program, Tap, differs, lacks


def has_gone(pid):
	"""Whether nobody has that number, soon; a zombie, which waits for another parent, counts as gone."""
	end = time.monotonic() + PATIENCE
	while time.monotonic() < end:
		try:
			with open(f'/proc/{pid}/stat') as file:
				if file.read().rpartition(')')[2].split()[0] == 'Z':
					return True
		except (FileNotFoundError, ProcessLookupError):
			return True
		time.sleep(0.005)
	return False


def ask(path, target):
	"""The status of the answer."""
	with socket.socket(socket.AF_UNIX) as s:
		s.connect(path)
		s.sendall(f'GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'.encode())
		return int(b''.join(iter(lambda: s.recv(4096), b'')).split(b' ')[1])


def seen(program, **headers):
	status, body = program.get('/deeds/look', headers)
	return json.loads(body) if status == 200 else {'status': status}


def sockets_of(pid):
	folder = f'/proc/{pid}/fd'
	return sum(os.readlink(f'{folder}/{fd}').startswith('socket:') for fd in os.listdir(folder))


def left(*pids):
	return [f'process {pid} is still there' for pid in pids if not has_gone(pid)]


def a_job_has_what_it_needs():
	with Program('--threads', '1') as program:
		program.port()
		it = seen(program, **{'X-Request-Id': 'mine'})
		found = differs('request id', it['request_id'], 'mine')
		found += differs('state', it['thread_state'], f'connection of {it["pid"]}')
		found += differs('a process of its own', it['pid'] not in (program.process.pid, it['nursery']), True)
		program.wait_for_line(r'"process":"pool","pid":%d.*"request_id":"mine","message":"asked to look"' % it['pid'])
		for pid in it['pid'], it['nursery']:
			with open(f'/proc/{pid}/comm') as comm:
				found += differs('name', comm.read(), 'legacy:pool\n')
		found += differs('its sockets', sockets_of(it['pid']), 1)  # standard error, which leads to the owner
		found += differs("the nursery's sockets", sockets_of(it['nursery']), 2)
		status, body = program.get('/deeds/refuse')
		found += differs('its problem', (status, json.loads(body)['detail']), (409, 'process politely refuses'))
		return found


def what_goes_wrong_costs_one_request():
	wages = {
		'crash': (502, 'the process died of SIGSEGV in a job'),
		'exit': (502, 'the process ended with status 0 in a job'),
		'hang': (504, 'the job took longer than the 300 ms of .job_timeout_ms: its process was killed'),
	}
	found = []
	for arguments in ('--threads', '1'), ('--processes', '1', '--threads', '1'):
		with Program(*arguments) as program, concurrent.futures.ThreadPoolExecutor(2) as others:
			program.port()
			owner = seen(program)['nursery']
			done = False

			def look():
				count = 0
				while not done:
					it = seen(program)
					if it.get('nursery') != owner:
						return f'another was answered {it}'
					count += 1
				return count
			looks = [others.submit(look) for _ in range(2)]
			for how in list(wages) * 3:
				status, body = program.get(f'/deeds/{how}')
				found += differs(how, (status, json.loads(body)['detail']), wages[how])
			done = True
			found += [str(at.result()) for at in looks if not isinstance(at.result(), int) or at.result() == 0]
			program.wait_for_line('executor old_code: the process died of SIGSEGV in a job')
			program.signal(signal.SIGTERM)
			found += differs('status', program.end(), 0)
	return found


def the_end_waits_for_a_job():
	"""Even if the signal goes to all processes, as a supervisor may send it."""
	with Program('--threads', '1') as program, concurrent.futures.ThreadPoolExecutor(1) as asked:
		program.port()
		it = seen(program)
		nap = asked.submit(program.get, '/deeds/nap')
		program.wait_for_line('asked to nap')
		for pid in it['pid'], it['nursery'], program.process.pid:
			os.kill(pid, signal.SIGTERM)
		found = differs('answer', nap.result()[0], 200)
		found += differs('status', program.end(), 0) + left(it['pid'], it['nursery'])
		return found + lacks('messages', '\n'.join(program.messages()), f'connection of {it["pid"]} closed')


def nothing_outlives_its_owner():
	with Program('--threads', '1') as program:
		program.port()
		it = seen(program)
		boxed = json.loads(program.get('/boxed/look')[1])
		program.signal(signal.SIGKILL)
		return differs('status', program.end(), -signal.SIGKILL) + left(it['pid'], it['nursery'], boxed['pid'])


def each_process_has_a_sandbox_of_its_own():
	"""It can signal itself, and the nursery can end it."""
	found = []
	for paths in (), ('--sandbox-paths', '/usr'):
		with Program('--threads', '1', '--sandbox', 'on', *paths, ASAN_OPTIONS='detect_leaks=0') as program: # which needs ptrace
			program.port()
			for how, status, why in ('crash', 502, 'SIGSEGV'), ('hang', 504, 'killed'), ('look', 200, 'pid'):
				answer = program.get(f'/deeds/{how}')
				found += differs(how, answer[0], status) + lacks(how, answer[1], why)
			it = seen(program)
			with open(f'/proc/{it["pid"]}/status') as file:
				found += lacks('status', file.read(), 'Seccomp:\t2')
			program.signal(signal.SIGTERM)
			found += differs('status', program.end(), 0) + left(it['pid'], it['nursery'])
			found += differs('lines of the sandbox', sum('"sandbox: ' in line for line in program.lines), 1)
	return found


def what_is_isolated_only_computes():
	"""Whether the service itself is in a sandbox or not."""
	found = []
	for arguments in ('--threads', '1'), ('--threads', '1', '--sandbox', 'on'), ('--processes', '1', '--threads', '1'):
		with Program(*arguments, ASAN_OPTIONS='detect_leaks=0') as program: # which needs ptrace
			program.port()
			status, body = program.get('/boxed/look', {'X-Request-Id': 'mine'})
			it = json.loads(body)
			found += differs('look', (status, it['thread_state']), (200, f'connection of {it["pid"]}'))
			program.wait_for_line(r'"process":"pool","pid":%d.*"request_id":"mine","message":"asked to look"' % it['pid'])
			for how, why in ('open', 'the job called openat(), which its sandbox forbids: its process was killed'), \
					('crash', 'the process died of SIGSEGV in a job'):
				status, body = program.get(f'/boxed/{how}')
				found += differs(how, (status, json.loads(body)['detail']), (502, why))
				line = program.wait_for_line(f'executor boxed: {re.escape(why)}.*').group()
				found += lacks('where', line, ' < act app-legacy+0x')
			found += differs('look', program.get('/boxed/look')[0], 200) + left(it['pid'])
			program.signal(signal.SIGTERM)
			found += differs('status', program.end(), 0)
			found += lacks('the last line', ''.join(program.lines), ' closed"')
	return found


def figures_of(control):
	with socket.socket(socket.AF_UNIX) as s:
		s.connect(control)
		s.sendall(b'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
		text = b''.join(iter(lambda: s.recv(65536), b'')).decode()
	return {line.split(' ')[0]: int(float(line.split(' ')[1])) for line in text.splitlines() if line.startswith('coracle_executor_process')}


def figures_tell_of_them():
	with tempfile.TemporaryDirectory() as folder:
		control = os.path.join(folder, 'control')
		with Program('--threads', '1', '--control', f'unix:{control}') as program:
			program.port()
			for how in 'crash', 'crash', 'exit', 'hang', 'look':
				program.get(f'/deeds/{how}')
			for how in 'open', 'look', 'look', 'look', 'look', 'look', 'look':
				program.get(f'/boxed/{how}')
			deaths = 'coracle_executor_process_deaths_total{executor="%s",cause="%s"}'
			wanted = {deaths % ('old_code', 'signal'): 2, deaths % ('old_code', 'exit'): 1, deaths % ('old_code', 'timeout'): 1,
				deaths % ('old_code', 'sandbox'): 0, deaths % ('boxed', 'sandbox'): 1, deaths % ('boxed', 'signal'): 0,
				'coracle_executor_processes{executor="boxed"}': 1, 'coracle_executor_process_starts_total{executor="boxed"}': 3,
				'coracle_executor_process_retirements_total{executor="boxed",cause="jobs"}': 1}
			await_true('the figures', lambda: wanted.items() <= figures_of(control).items())
			found = differs('processes', figures_of(control)['coracle_executor_processes{executor="old_code"}'] in (1, 2), True)
			program.signal(signal.SIGTERM)
			return found + differs('status', program.end(), 0)


def read(name):
	try:
		with open(name) as file:
			return file.read()
	except FileNotFoundError:
		return ''


def its_log_follows_that_of_the_owner():
	"""Into the file that takes the place of another, by cor_log() and by standard error, while jobs run too."""
	found = []
	for arguments in ('--threads', '1'), ('--processes', '1', '--threads', '1'):
		with tempfile.TemporaryDirectory() as folder:
			log, path = os.path.join(folder, 'log'), os.path.join(folder, 'sock')
			with Program('--log-file', log, *arguments, http=f'unix:{path}') as program, concurrent.futures.ThreadPoolExecutor(1) as asked:
				await_true('the start', lambda: 'listening on' in read(log))
				found += differs('before', ask(path, '/deeds/shout'), 200)
				await_true('its line', lambda: 'process shouts' in read(log))
				nap = asked.submit(ask, path, '/deeds/nap')
				await_true('a nap', lambda: 'asked to nap' in read(log))
				os.rename(log, log + '.old')
				program.signal(signal.SIGUSR1)
				await_true('the new file', lambda: 'opened the log file again' in read(log))
				found += differs('a nap', nap.result(), 200) + differs('after', ask(path, '/deeds/shout'), 200)
				await_true('its line in the new file', lambda: 'process shouts' in read(log) and 'asked to shout' in read(log))
				await_true('the end of the nap', lambda: 'has slept' in read(log))
				found += differs('its lines in the old one', read(log + '.old').count('process shouts'), 1)
				program.signal(signal.SIGTERM)
				found += differs('status', program.end(), 0) + differs('standard error', program.lines, [])
				found += lacks('the last line', read(log), ' closed"')
	return found


def its_level_follows_that_of_the_owner():
	with tempfile.TemporaryDirectory() as folder:
		control, path = (f'unix:{os.path.join(folder, name)}' for name in ('control', 'sock'))
		with Program('--threads', '1', '--control', control, http=path) as program:
			program.wait_for_line('listening on')
			sock, asked = path.removeprefix('unix:'), 0
			for level, lines in ('debug', 1), ('info', 1), ('debug', 2):
				subprocess.run([sys.argv[1], 'ctl', 'log-level', level, '--control', control], check=True, stdout=subprocess.DEVNULL)
				ask(sock, '/deeds/whisper')
				ask(sock, '/deeds/shout')
				asked += 1
				await_true('the line of the last job', lambda: sum('asked to shout' in line for line in program.lines) == asked)
				found = differs(level, sum('process whispers' in line for line in program.lines), lines)
				if found:
					return found
	return []


def main():
	tap = Tap()
	for check in (a_job_has_what_it_needs, what_is_isolated_only_computes, figures_tell_of_them, its_log_follows_that_of_the_owner, its_level_follows_that_of_the_owner, what_goes_wrong_costs_one_request, the_end_waits_for_a_job, nothing_outlives_its_owner,
			each_process_has_a_sandbox_of_its_own):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
