# SPDX-License-Identifier: MIT
"""A service with a control process, and what that says."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
from program import PATIENCE, Program, differs, lacks  # noqa: E402

LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(' + LABEL + r'(?:,' + LABEL + r')*)\})? (\S+)')


def parse(text):
	"""[(name, labels, value)]; every line is a sample, or says what a family is."""
	samples = []
	for line in text.splitlines():
		if line.startswith('# '):
			continue
		match = SAMPLE.fullmatch(line)
		assert match, f'not a sample: {line!r}'
		labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ''))
		samples.append((match[1], labels, float(match[3])))
	return samples


def await_true(what, condition):
	end = time.monotonic() + PATIENCE
	while not (value := condition()):
		assert time.monotonic() < end, f'{what}: not within {PATIENCE} s'
		time.sleep(0.002)
	return value


class Controlled(Program):
	"""A service with a master and a control process."""

	def __init__(self, *arguments, processes=2, control='127.0.0.1:0', **rest):
		super().__init__('--processes', str(processes), '--control', control, '--threads', '2', *arguments, **rest)
		self.control = control

	def control_socket(self):
		if self.control.startswith('unix:'):
			s = socket.socket(socket.AF_UNIX)
			s.settimeout(PATIENCE)
			s.connect(self.control[5:])
			return s
		port = int(self.wait_for_line(r'control at http://[^\s"]*:(\d+)').group(1))
		return socket.create_connection(('127.0.0.1', port), PATIENCE)

	def ask(self, path, **headers):
		"""(status, content type, body) of the control process"""
		connection = http.client.HTTPConnection('localhost')
		connection.sock = self.control_socket()
		with contextlib.closing(connection):
			connection.request('GET', path, headers=headers)
			answer = connection.getresponse()
			return answer.status, answer.headers.get('Content-Type'), answer.read().decode()

	def probe(self, path):
		return self.ask(path)[0]

	def status(self):
		return json.loads(self.ask('/status')[2])

	def figures(self):
		return parse(self.ask('/metrics')[2])

	def requests(self, **labels):
		"""How many answers were counted, of all rows with these labels."""
		return sum(value for name, row, value in self.figures()
			if name == 'coracle_requests_total' and labels.items() <= row.items())

	def pids(self):
		return {worker['pid'] for worker in self.status()['workers'] if worker['state'] == 'ready'}

	def wait_for_rest(self, workers=2):
		"""Wait until this many workers are ready and there are no others."""
		await_true('rest', lambda: [w['state'] for w in self.status()['workers']] == ['ready'] * workers)

	def reload(self):
		before = sum('"reloaded"' in line for line in self.lines)
		self.signal(signal.SIGHUP)
		await_true('the reload', lambda: sum('"reloaded"' in line for line in self.lines) > before)

	def end_well(self):
		self.signal(signal.SIGTERM)
		return differs('status', self.end(), 0) + lacks('last line', self.lines[-1], '"stopped"')
