#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Three targets of an upstream are killed, hang and return while calls go on: none is lost, and each is in again soon."""

import contextlib
import http.client
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'app')]
from program import PATIENCE, Program, Tap, differs  # noqa: E402

CLIENTS = 4
RETURNS_S = 10  # 5 failures, 100 ms out, twice as long for each probe that fails meanwhile


class Origin(http.server.BaseHTTPRequestHandler):
	protocol_version = 'HTTP/1.1'

	def log_message(self, *arguments):
		pass

	def do_GET(self):
		body = json.dumps({'cents': self.server.server_port, 'since': '2026'}).encode()
		self.send_response(200)
		self.send_header('Content-Type', 'application/json')
		self.send_header('Content-Length', str(len(body)))
		self.end_headers()
		self.wfile.write(body)


def serve(port):
	http.server.ThreadingHTTPServer.request_queue_size = 64
	http.server.ThreadingHTTPServer(('127.0.0.1', port), Origin).serve_forever()


class Target:
	"""A server that is a process of its own, always at one port."""

	def __init__(self):
		with socket.socket() as probe:
			probe.bind(('127.0.0.1', 0))
			self.port = probe.getsockname()[1]
		self.start()

	def start(self):
		self.process = subprocess.Popen([sys.executable, __file__, '--serve', str(self.port)], stderr=subprocess.DEVNULL)
		end = time.monotonic() + PATIENCE
		while time.monotonic() < end:
			with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', self.port), PATIENCE):
				return
			time.sleep(0.01)
		raise AssertionError('a target has not started')

	def signal(self, number):
		self.process.send_signal(number)
		if number == signal.SIGKILL:
			self.process.wait(PATIENCE)

	def end(self):
		self.process.kill()
		self.process.wait(PATIENCE)


class Load:
	"""Clients that ask without a pause: what they got, and from whom."""

	def __init__(self, port):
		self.port, self.answers, self.faults, self.seen, self.is_over = port, 0, [], {}, threading.Event()
		self.lock = threading.Lock()
		self.clients = [threading.Thread(target=self.ask, daemon=True) for _ in range(CLIENTS)]
		for client in self.clients:
			client.start()

	def ask(self):
		connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=PATIENCE)
		while not self.is_over.is_set():
			connection.request('GET', '/mirrored/x')
			answer = connection.getresponse()
			body = answer.read()
			with self.lock:
				self.answers += 1
				if answer.status == 200:
					self.seen[json.loads(body)['cents']] = time.monotonic()
				else:
					self.faults.append((answer.status, body))

	def await_more(self, count):
		wanted, end = self.answers + count, time.monotonic() + PATIENCE
		while self.answers < wanted:
			assert time.monotonic() < end, f'{count} more answers have not come within {PATIENCE} s'
			time.sleep(0.005)

	def await_target(self, port):
		"""Whether it answers again in time."""
		began = time.monotonic()
		while self.seen.get(port, 0) < began:
			if time.monotonic() > began + RETURNS_S:
				return [f'the target at {port} gets no calls for {RETURNS_S} s after it is back']
			time.sleep(0.005)
		return []

	def end(self):
		self.is_over.set()
		for client in self.clients:
			client.join(PATIENCE)
		return [f'lost: {fault}' for fault in self.faults[:5]]


@contextlib.contextmanager
def stage():
	targets = [Target() for _ in range(3)]
	urls = [f'--upstream-mirrors-url=http://127.0.0.1:{target.port}/v1' for target in targets]
	try:
		with Program('--processes=2', '--threads=1', f'--upstream-prices-url=http://127.0.0.1:{targets[0].port}/v1',
				*(f'--upstream-{name}-url=http://127.0.0.1:1' for name in ('far-away', 'fragile', 'brittle')), *urls) as program:
			load = Load(program.port())
			load.await_more(200)
			yield targets, load
			load.is_over.set()
	finally:
		for target in targets:
			target.end()


def killed_ones_are_missed_by_nobody():
	found = []
	with stage() as (targets, load):
		for target in targets:
			target.signal(signal.SIGKILL)
			load.await_more(100)
			target.start()
			found += load.await_target(target.port)
		return found + load.end()


def ones_that_hang_are_missed_by_nobody():
	found = []
	with stage() as (targets, load):
		for target in targets:
			target.signal(signal.SIGSTOP)
			load.await_more(60)
			target.signal(signal.SIGCONT)
			found += load.await_target(target.port)
			load.await_more(400)  # that pay for the retries of the next
		return found + load.end()


def with_all_of_them_down_all_is_told():
	"""As 502, at once; and it is over as soon as one is back."""
	with stage() as (targets, load):
		for target in targets:
			target.signal(signal.SIGKILL)
		load.await_more(100)
		targets[1].start()
		found = load.await_target(targets[1].port)
		load.end()
		return found + differs('statuses', {status for status, _ in load.faults}, {502})


def main():
	tap = Tap()
	for check in killed_ones_are_missed_by_nobody, ones_that_hang_are_missed_by_nobody, with_all_of_them_down_all_is_told:
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


if sys.argv[1] == '--serve':
	serve(int(sys.argv[2]))
else:
	main()
