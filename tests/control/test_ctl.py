#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""SERVICE ctl: what an operator sees of a running service, and the orders that it takes."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
from crew import await_true  # noqa: E402
from program import PATIENCE, TRIAL, Program, Tap, differs, run  # noqa: E402


class Operated(Program):
	"""A service with a configuration file that says everything, and its operator."""

	def __init__(self, folder, **settings):
		self.folder = folder
		self.config = os.path.join(folder, 'trial.json')
		self.settings = {'processes': 2, 'control': f'unix:{folder}/control', **settings}
		self.write()
		super().__init__('--config', self.config, '--http', f'unix:{folder}/http')

	def write(self, **more):
		with open(self.config, 'w') as file:
			json.dump({**self.settings, **more}, file)

	def ctl(self, *words):
		return run('ctl', *words, '--config', self.config)

	def status(self):
		return json.loads(self.ctl('status', '--json')[1])

	def wait_for_rest(self):
		await_true('rest', lambda: [w['state'] for w in self.status()['workers']] == ['ready'] * 2)


@contextlib.contextmanager
def operated(**settings):
	with tempfile.TemporaryDirectory() as folder, Operated(folder, **settings) as service:
		service.wait_for_line('control at ')
		yield service


def the_tables_are_those_of_json():
	with operated() as service:
		service.wait_for_rest()
		service.get('/hello?name=Ann')
		status, out, said = service.ctl('status')
		found = differs('status', (status, said), (0, ''))
		seen = service.status()
		head, rest = out.split('\n\n')
		found += differs('head', re.sub(r'up \d+s', 'up Ns', head),
			f'trial 1.2.3: 2 of 2 workers ready, master {seen["master"]}, up Ns\n'
			'generation 1, reloads 0, upgrades 0; workers replaced after a signal 0, an exit 0, a slow start 0')
		rows = [line.split() for line in rest.splitlines()]
		found += differs('titles', rows[0],
			['PID', 'STATE', 'AGE', 'GENERATION', 'REQUESTS', 'CONNECTIONS', 'WAITING', 'MEMORY'])
		found += differs('workers', [(int(row[0]), row[1], int(row[4])) for row in rows[1:]],
			[(w['pid'], w['state'], w['requests']) for w in seen['workers']])
		found += differs('requests', sum(w['requests'] for w in seen['workers']), 1)
		workers = service.ctl('workers')
		return found + differs('workers only', (workers[0], workers[1].splitlines()[0]), (0, rest.splitlines()[0]))


def requests_in_flight_are_listed():
	with operated() as service, socket.create_connection(('127.0.0.1', service.port()), PATIENCE) as client:
		service.wait_for_rest()
		client.sendall(b'GET /wait/60000 HTTP/1.1\r\nHost: a\r\nX-Request-Id: slow\r\n\r\n')
		(seen,) = await_true('a request', lambda: service.status()['requests'])
		_, out, _ = service.ctl('status')
		row = re.fullmatch(r' +\d+\.\d{3}s  waiting +(\d+) +(\d) +GET +(\S+), in cor_sleep_ms, from (\S+), id (\S+)', out.splitlines()[-1])
		if not row:
			return [f'no such line: {out!r}']
		wanted = (str(seen['pid']), str(seen['thread']), '/wait/{ms}', f'127.0.0.1:{client.getsockname()[1]}', 'slow')
		found = differs('request', row.groups(), wanted)
		return found + differs('workers only', '/wait' in service.ctl('workers')[1], False)


def a_reload_is_over_when_ctl_returns():
	with operated() as service:
		service.wait_for_rest()
		before = {w['pid'] for w in service.status()['workers']}
		service.write(greeting='Moin')
		found = differs('reload', service.ctl('reload'), (0, 'reloaded\n', ''))
		ready = {w['pid'] for w in service.status()['workers'] if w['state'] == 'ready'}
		found += differs('old workers', ready & before, set()) + differs('ready', len(ready), 2)
		answer = json.loads(service.ctl('reload', '--json')[1])
		return found + differs('answer', answer, {'generation': 3, 'workers': 2})


def a_reload_waits_for_its_own():
	"""A reload requested during another does not end with that one."""
	with operated(start_ms=300) as service:
		service.wait_for_rest()
		service.process.send_signal(signal.SIGHUP)
		service.wait_for_line('SIGHUP: reloading')
		service.write(threds=1)
		status, _, said = service.ctl('reload')
		return differs('the second', (status, 'threds' in said), (78, True))


def many_may_reload_at_the_same_time():
	"""Each caller learns what became of its own reload."""
	with operated() as service:
		service.wait_for_rest()
		asked = [subprocess.Popen([TRIAL, 'ctl', 'reload', '--config', service.config], stdout=subprocess.PIPE,
			stderr=subprocess.STDOUT, text=True) for _ in range(6)]
		ends = [(process.wait(PATIENCE), process.communicate()[0]) for process in asked]
		return differs('ends', ends, [(0, 'reloaded\n')] * 6)


def a_reload_that_fails_says_why():
	with operated() as service:
		service.wait_for_rest()
		service.write(threds=1)
		text = f'{service.config}:1: threds: is not a setting; did you mean threads?'
		found = differs('reload', service.ctl('reload'), (78, '', f'trial: {text}\n'))
		found += differs('refusal', service.status()['refusal'], text)
		found += [] if f'the last reload failed: {text}' in service.ctl('status')[1] else ['status hides it']
		service.write(start_fails=True)
		status, _, said = service.ctl('reload')
		found += differs('a start that fails', (status, said), (78, 'trial: its first worker did not start: the start hook of '
			'trial failed: the shelf is missing: No such file or directory\n'))
		service.write(prepare_fails=True)
		status, _, said = service.ctl('reload')
		found += differs('a prepare hook that fails', (status, 'the prepare hook of trial failed' in said), (78, True))
		service.write()
		found += differs('fixed', service.ctl('reload')[0], 0)
		return found + differs('forgotten', service.status().get('refusal'), None)


def stop_returns_when_all_has_ended():
	with operated() as service:
		service.wait_for_rest()
		slow = socket.create_connection(('127.0.0.1', service.port()), PATIENCE)
		slow.sendall(b'GET /wait/400 HTTP/1.1\r\nHost: a\r\n\r\n')
		await_true('it waits', lambda: sum(w['waiting'] for w in service.status()['workers']) == 1)
		found = differs('stop', service.ctl('stop'), (0, 'ended\n', ''))
		found += differs('it has ended', service.process.poll(), 0)
		return found + differs('answer', slow.recv(4096)[:10], b'HTTP/1.1 2')


def stop_says_whether_requests_were_cut():
	with operated(drain_timeout_ms=100) as service:
		service.wait_for_rest()
		slow = socket.create_connection(('127.0.0.1', service.port()), PATIENCE)
		slow.sendall(b'GET /wait/20000 HTTP/1.1\r\nHost: a\r\n\r\n')
		await_true('it waits', lambda: sum(w['waiting'] for w in service.status()['workers']) == 1)
		found = differs('stop', service.ctl('stop'), (75, 'ended; requests in progress were cut\n', ''))
		return found + differs('it has ended', service.end(), 75)


def an_order_at_the_moment_of_an_upgrade(path):
	"""It reaches the old control process, whose master no longer rules, and the new master obeys it."""
	with operated() as service:
		service.wait_for_rest()
		slow = socket.create_connection(('127.0.0.1', service.port()), PATIENCE)
		slow.sendall(b'GET /wait/1000 HTTP/1.1\r\nHost: a\r\n\r\n')
		await_true('it waits', lambda: sum(w['waiting'] for w in service.status()['workers']) == 1)
		order = socket.socket(socket.AF_UNIX)
		order.settimeout(PATIENCE)
		order.connect(f'{service.folder}/control')
		order.sendall(f'POST {path} HTTP/1.0\r\nHost: a\r\nContent-Length: 0\r\n'.encode())
		service.signal(signal.SIGUSR2)
		service.wait_for_line('upgraded: process')
		order.sendall(b'\r\n')
		found = differs('answer', order.recv(4096)[:10], b'HTTP/1.1 2')
		if path == '/reload':
			found += differs('reloads', service.status()['reloads'], 1) + differs('stop', service.ctl('stop')[0], 0)
		await_true('the end', lambda: service.ctl('status')[0] == 69)
		return found


def a_stop_at_the_moment_of_an_upgrade_is_obeyed():
	return an_order_at_the_moment_of_an_upgrade('/stop')


def a_reload_at_the_moment_of_an_upgrade_is_obeyed():
	return an_order_at_the_moment_of_an_upgrade('/reload')


def the_log_level_holds_for_all():
	with operated() as service:
		service.wait_for_rest()
		found = differs('before', service.ctl('log-level'), (0, 'info\n', ''))
		found += differs('set', service.ctl('log-level', 'debug'), (0, 'debug\n', ''))
		os.kill(service.status()['workers'][0]['pid'], signal.SIGTERM)
		service.wait_for_line('"level":"debug"')
		service.wait_for_rest()
		found += differs('after a replacement', json.loads(service.ctl('log-level', '--json')[1]), {'level': 'debug'})
		found += differs('reload', service.ctl('reload')[0], 0)
		found += differs('after a reload', service.ctl('log-level')[1], 'info\n')
		status, _, said = service.ctl('log-level', 'loud')
		return found + differs('a wrong one', (status, said),
			(64, 'trial: "loud" is not a log level: write error, warning, info or debug\n'))


def over_tcp_it_only_looks():
	with socket.socket() as free:
		free.bind(('127.0.0.1', 0))
		address = f'127.0.0.1:{free.getsockname()[1]}'
	with operated(control=address) as service:
		found = differs('status', service.ctl('status')[0], 0) + differs('level', service.ctl('log-level')[1], 'info\n')
		for words in (('stop',), ('reload',), ('log-level', 'debug')):
			found += differs(words[0], service.ctl(*words),
				(77, '', 'trial: orders are taken on a unix socket only: use --control unix:PATH, or signals\n'))
		return found + differs('it still serves', service.get('/hello?name=Ann')[0], 200)


def mistakes_are_reported():
	nowhere = ('--control', 'unix:/nowhere/control')
	found = differs('nobody', run('ctl', 'status', *nowhere), (69, '', 'trial: cannot reach the control process at '
		'unix:/nowhere/control: No such file or directory: does the service run with this --control?\n'))
	found += differs('no address', run('ctl', 'status'), (64, '',
		'trial: --control is needed: say where the control process listens, as the service was told\n'))
	found += differs('no address, and no password', run('ctl', 'status', SERVICE='guarded'), (64, '',
		'guarded: --control is needed: say where the control process listens, as the service was told\n'))
	for words, first in ((('ctl',), 'Usage: trial ctl ORDER'), (('ctl', 'statsu'), 'trial: ctl statsu: is not an order')):
		status, _, said = run(*words)
		found += differs(str(words), (status, said.startswith(first)), (64, True))
	with operated() as service:
		for words in (('reload', '--bogus'), ('stop', 'now'), ('status', '--log-format', 'bogus'), ('log-level', 'info', 'debug')):
			found += differs(str(words), service.ctl(*words)[0], 64)
		found += differs('behind --json', service.ctl('log-level', '--json', 'debug'), (0, '{"level":"debug"}\n', ''))
		found += differs('the service itself', run('ctl', 'status', '--control', f'unix:{service.folder}/http'), (69, '',
			f'trial: no control process answers at unix:{service.folder}/http: give the address of --control\n'))
	status, out, said = run('ctl', '--help')
	return found + differs('help', (status, out[:22], said), (0, 'Usage: trial ctl ORDER', ''))


def main():
	tap = Tap()
	for check in (the_tables_are_those_of_json, requests_in_flight_are_listed, a_reload_is_over_when_ctl_returns,
			a_reload_waits_for_its_own, many_may_reload_at_the_same_time, a_reload_that_fails_says_why,
			stop_returns_when_all_has_ended, stop_says_whether_requests_were_cut, a_stop_at_the_moment_of_an_upgrade_is_obeyed,
			a_reload_at_the_moment_of_an_upgrade_is_obeyed, the_log_level_holds_for_all, over_tcp_it_only_looks, mistakes_are_reported):
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
