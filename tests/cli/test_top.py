#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle top: what a running service does. test_top.py PROGRAM SERVICE"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading

from command import Command, told
from project import answers, until
from tap import Tap


class Service:
	"""The service, asked by a client for as long as the block goes on."""

	def __init__(self, program, folder):
		self.http, self.control = os.path.join(folder, 'http'), os.path.join(folder, 'control')
		self.process = subprocess.Popen([program, '--processes', '1', '--http', f'unix:{self.http}', '--control', f'unix:{self.control}'],
			stderr=subprocess.DEVNULL)
		self.ends = threading.Event()
		self.client = threading.Thread(target=self.ask)

	def ask(self):
		while not self.ends.is_set():
			answers(self.http, '/sleep/5')
			answers(self.http, '/sleep/13')

	def __enter__(self):
		until(lambda: answers(self.control, '/ready').startswith('200'))
		self.client.start()
		return self

	def __exit__(self, *_):
		self.ends.set()
		self.client.join()
		self.process.send_signal(signal.SIGTERM)
		self.process.wait(60)


def as_json(command, service):
	done = command.run('top', '--control', f'unix:{service.control}', '--json')
	found = told(done, 0)
	if found:
		return found
	said = json.loads(done[1])
	routes = {row['name']: row for row in said['routes']}
	functions = {row['name']: row for row in said['functions']}
	route, wait, all_of_it = routes['GET /sleep/{ms}'], functions['wait_outside'], functions['a part, of all']
	found += [] if route['per_s'] > 1 and route['mean_ms'] > 1 and route['errors_per_s'] == 0 else [f'{route}']
	found += [] if wait['mean_ms'] >= 5 > wait['thread_ms'] and wait['p99_ms'] >= 5 and wait['errors_per_s'] == 0 else [f'{wait}']
	found += [] if 0 < all_of_it['errors_per_s'] < all_of_it['per_s'] else [f'{all_of_it}']
	found += [] if functions['sum_up']['per_s'] > all_of_it['per_s'] else [f'{functions}']
	found += [] if route['total'] >= round(route['per_s'] * said['seconds']) and wait['total'] > 0 else [f'totals: {route} {wait}']
	found += [f'{name} is shown' for name in routes if '/docs' in name or '/openapi' in name]
	everything = json.loads(command.run('top', '--control', f'unix:{service.control}', '--json', '--all')[1])
	found += [] if 'GET /openapi.json' in [row['name'] for row in everything['routes']] else [f'--all: {everything["routes"]}']
	rates = [row['per_s'] for row in said['functions']]
	return found + ([] if rates == sorted(rates, reverse=True) else [f'the busiest is not first: {rates}'])


def as_a_table(command, service):
	done = command.run('top', '--control', f'unix:{service.control}', '--every', '0.2')
	return told(done, 0, 'timing') + [f'no {pattern} in {done[1]}' for pattern in (r'^timing .*: 1 of 1 workers ready, [\d.]+ requests/s',
		r'^ROUTE +REQUESTS/S +MEAN +P99 +5XX/S', r'^GET /sleep/\{ms\} +[\d.]+ +[\d.]+ ms +[\d.]+ ms', r'^FUNCTION +CALLS/S +MEAN +P99 +ERRORS/S +ON THREAD',
		r'^wait_outside +[\d.]+ +[\d.]+ ms') if not re.search(pattern, done[1], re.M)]


def on_a_terminal(command, service):
	"""It goes on, each time from the top of an empty screen, until Ctrl-C."""
	leader, follower = os.openpty()
	process = subprocess.Popen([command.program, 'top', '--control', f'unix:{service.control}', '--every', '0.1'], stdout=follower,
		stderr=subprocess.STDOUT, stdin=follower, env=command.environment)
	os.close(follower)
	seen = b''
	while seen.count(b'\033[H\033[2J') < 3:
		seen += os.read(leader, 4096)
	process.send_signal(signal.SIGINT)
	process.wait(60)
	os.close(leader)
	return [] if process.returncode == -signal.SIGINT and b'wait_outside' in seen else [f'{process.returncode}: {seen}']


def refuses(command, folder):
	nobody = os.path.join(folder, 'nobody')
	found = told(command.run('top', '--control', f'unix:{nobody}'), 69, 'cannot reach the control process', 'with this --control?')
	found += told(command.run('top', '--every', '0'), 64, '--every 0: it takes a number')
	return found + told(command.run('-C', folder, 'top'), 66, 'it is no project')


def main():
	tap = Tap()
	command = Command(sys.argv[1])
	with tempfile.TemporaryDirectory() as folder:
		with Service(os.path.abspath(sys.argv[2]), folder) as service:
			for check in (as_json, as_a_table, on_a_terminal):
				tap.check(check.__name__.replace('_', ' '), check(command, service))
		tap.check('refuses', refuses(command, folder))
	tap.done()


main()
