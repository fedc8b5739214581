#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The control process: its probes and its status tell the truth, and its socket is its own."""

import contextlib
import json
import os
import signal
import socket
import stat
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
from controlled import Controlled, await_true  # noqa: E402
from crew import is_gone  # noqa: E402
from program import PATIENCE, Program, Tap, Waiting, differs, lacks, run  # noqa: E402

# --- probes and status ---

def in_flight(service):
	return sum(value for name, _, value in service.figures() if name == 'coracle_requests_in_flight')


def probes_follow_the_start():
	with Controlled('--start-ms', '3000', processes=1) as service:
		service.wait_for_line('start hook')
		control = [None]

		def find():
			"""It announces itself with the workers; its socket listens before."""
			with open(f'/proc/{service.process.pid}/net/tcp') as file:
				inodes = {line.split()[9]: int(line.split()[1].split(':')[1], 16) for line in file if ' 0A ' in line}
			ports = []
			for fd in os.listdir(f'/proc/{service.process.pid}/fd'):
				with contextlib.suppress(FileNotFoundError):
					link = os.readlink(f'/proc/{service.process.pid}/fd/{fd}')
					if link.startswith('socket:[') and link[8:-1] in inodes:
						ports.append((int(fd), inodes[link[8:-1]]))
			return max(ports)[1]
		control[0] = find()
		service.control_socket = lambda: socket.create_connection(('127.0.0.1', control[0]), PATIENCE)
		found = differs('before', [service.probe(path) for path in ('/live', '/ready', '/startup')], [200, 503, 503])
		await_true('ready', lambda: service.probe('/ready') == 200)
		found += differs('after', [service.probe(path) for path in ('/live', '/ready', '/startup')], [200, 200, 200])
		found += lacks('verbose', service.ask('/ready?verbose')[2], '1 of 1 workers ready')
		return found + service.end_well()


def no_worker_is_ready_that_has_died():
	"""Even if the master cannot say so."""
	with Controlled() as service:
		service.wait_for_rest()
		workers = service.pids()
		service.signal(signal.SIGSTOP)
		for pid in workers:
			os.kill(pid, signal.SIGKILL)
		await_true('dead', lambda: all(is_gone(pid) for pid in workers))  # the memory of one may take a while to go
		await_true('not ready', lambda: service.probe('/ready') == 503)
		found = differs('live', service.probe('/live'), 200)
		service.signal(signal.SIGCONT)
		await_true('ready', lambda: service.probe('/ready') == 200)
		return found + service.end_well()


def probes_follow_the_end():
	with Controlled() as service:
		waiting = Waiting(service, 1000)
		await_true('in flight', lambda: in_flight(service) == 1)
		service.signal(signal.SIGTERM)
		await_true('not ready', lambda: service.probe('/ready') == 503)
		found = differs('the others', [service.probe(path) for path in ('/live', '/startup')], [200, 200])
		found += differs('states', {worker['state'] for worker in service.status()['workers']}, {'leaving'})
		waiting.join(PATIENCE)
		found += differs('answer', waiting.answer, (200, 'waited'))
		return found + differs('status', service.end(), 0)


def in_flight_forgets_the_dead():
	with Controlled(processes=1) as service:
		Waiting(service, 100000)
		await_true('in flight', lambda: in_flight(service) == 1)  # its handler says that it waits, and then waits
		(victim,) = service.pids()
		os.kill(victim, signal.SIGKILL)
		await_true('another', lambda: service.pids() and victim not in service.pids())
		return differs('in flight afterwards', in_flight(service), 0) + service.end_well()


def a_busy_worker_starves_no_probe():
	with Controlled('--threads', '1', processes=1) as service:
		busy = threading.Thread(target=lambda: service.get('/compute/3000'), daemon=True)
		busy.start()
		began = time.monotonic()
		found = differs('live', service.probe('/live'), 200)
		took = time.monotonic() - began
		busy.join(PATIENCE)
		return found + ([] if took < 2.5 else [f'a probe took {took:.2f} s']) + service.end_well()


def the_status_names_the_workers():
	with Controlled() as service:
		service.wait_for_rest()
		for _ in range(5):
			service.get('/hello')
		status = service.status()
		found = differs('service', (status['service'], status['version'], status['master'], status['wanted'], status['ready']),
			('trial', '1.2.3', service.process.pid, 2, 2))
		found += differs('requests', sum(worker['requests'] for worker in status['workers']), 5)
		found += [] if all(worker['memory_bytes'] > 100000 for worker in status['workers']) else [f'memory: {status}']
		return found + service.end_well()


# --- its socket ---

def its_limits_are_its_own():
	with Controlled('--connections-max', '1', '--header-count', '1', '--body-limit-bytes', '0', '--request-line-bytes', '64',
			'--idle-timeout-ms', '60000') as service:
		service.wait_for_rest()
		with service.control_socket() as held:
			held.sendall(b'GET /live HTTP/1.1\r\nHost: a\r\n\r\n')
			found = differs('one that stays', held.recv(15), b'HTTP/1.1 200 OK')
			answer = service.ask('/ready?' + 'x' * 100, Accept='text/plain', X_One='1', X_Two='2')
			return found + differs('another', answer[0], 200) + service.end_well()


def probes_ignore_what_they_do_not_know():
	with Controlled() as service:
		service.wait_for_rest()
		paths = ('/live', '/ready', '/startup', '/status', '/metrics', '/log-level')
		return differs('answers', {path: service.probe(path + '?at=1') for path in paths}, dict.fromkeys(paths, 200))


def a_unix_socket_is_its_owners():
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'control')
		with Controlled(control=f'unix:{path}') as service:
			service.port()
			found = differs('mode', stat.S_IMODE(os.stat(path).st_mode), 0o600)
			await_true('ready', lambda: service.probe('/ready') == 200)  # the master says so after its line
			service.reload()
			found += differs('after a reload', service.probe('/ready'), 200)
			found += service.end_well()
		return found + ([] if not os.path.exists(path) else ['the file is left'])


def it_brings_a_master_with_one_worker():
	"""Wherever it is given: a shell that exports the address for ctl can start the service, too."""
	with tempfile.TemporaryDirectory() as folder:
		with Program('--threads', '1', TRIAL_CONTROL=f'unix:{folder}/control') as service:
			service.wait_for_line('control at ')
			answer = json.loads(run('ctl', 'status', '--json', TRIAL_CONTROL=f'unix:{folder}/control')[1])
			return differs('workers', (len(answer['workers']), answer['master']), (1, service.process.pid))


def idle_clients_keep_no_probe_out():
	with Controlled() as service:
		service.wait_for_rest()
		idle = [service.control_socket() for _ in range(300)]
		found = differs('ready', service.probe('/ready'), 200)
		for client in idle:
			client.close()
		return found


def name_of(pid):
	with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(f'/proc/{pid}/comm') as file:
		return file.read().strip()


def children_called(service, name):
	with open(f'/proc/{service.process.pid}/task/{service.process.pid}/children') as file:
		return [int(pid) for pid in file.read().split() if name_of(pid) == name]


def held_by(pid, name):
	"""Everything in a process's files that are not there on disk, its environment among them."""
	with open(f'/proc/{pid}/environ', 'rb') as file:
		held = file.read()
	for entry in os.scandir(f'/proc/{pid}/fd'):
		with contextlib.suppress(FileNotFoundError):
			if os.readlink(entry.path).startswith(f'/memfd:{name}'):
				with open(entry.path, 'rb') as file:
					held += file.read()
	return held


def it_holds_no_secret():
	"""It needs nothing of the service's own settings: not from the start, and not after a reload."""
	found = []
	secrets = {'TRIAL_PASSWORD': 'hunter2', 'TRIAL_GREETING': 'Hail', 'OTHER_VARIABLE': 'other'}
	with Controlled(processes=1, **secrets) as service:
		for _ in range(2):
			service.wait_for_rest(1)
			control = await_true('one', lambda: len(pids := children_called(service, 'trial:control')) == 1 and pids)
			worker = held_by(service.pids().pop(), 'configuration')
			found += [f'the worker lacks {text}' for text in (b'hunter2', b'Hail') if text not in worker]
			held = held_by(control[0], 'configuration')
			found += [f'the control process holds {text}' for text in (b'hunter2', b'Hail') if text in held]
			found += [] if b'OTHER_VARIABLE=other' in held else ['what is not a setting is lost']
			service.reload()
			await_true('its end', lambda gone=control[0]: not os.path.exists(f'/proc/{gone}'))
		return found + differs('probe', service.probe('/ready'), 200) + service.end_well()


def a_secret_may_be_required():
	"""The control process does not miss it."""
	with Controlled(processes=1, SERVICE='guarded', GUARDED_PASSWORD='hunter2') as service:
		service.wait_for_rest(1)
		return differs('probe', service.probe('/ready'), 200) + service.end_well()


def what_cannot_be_is_refused():
	found = []
	alone = ['--control', '127.0.0.1:0', '--processes', 'none']
	for status, line, arguments in ((64, 'the control process needs a master: set processes to 1, or more', alone),
			(64, 'is not an address', ['--control', 'nowhere', '--processes', '1']),
			(64, 'the path is too long: Linux takes 107 bytes', ['--control', 'unix:/' + 'x' * 120, '--processes', '1'])):
		got, _, errors = run('--http', '127.0.0.1:0', *arguments)
		found += differs(f'status of {line}', got, status) + lacks('standard error', errors, line)
	with socket.create_server(('127.0.0.1', 0)) as taken:
		port = taken.getsockname()[1]
		got, _, errors = run('--http', '127.0.0.1:0', '--processes', '1', '--control', f'127.0.0.1:{port}')
	remedy = 'is in use: stop the program that listens there, or choose another address'
	return found + differs('port in use', got, 71) + lacks('standard error', errors, remedy)


def main():
	tap = Tap()
	for check in (probes_follow_the_start, no_worker_is_ready_that_has_died, probes_follow_the_end,
			in_flight_forgets_the_dead, a_busy_worker_starves_no_probe, the_status_names_the_workers,
			its_limits_are_its_own, probes_ignore_what_they_do_not_know, a_unix_socket_is_its_owners,
			it_brings_a_master_with_one_worker, idle_clients_keep_no_probe_out, it_holds_no_secret,
			a_secret_may_be_required, what_cannot_be_is_refused):
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
