#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""HTTP/2 with clients that others made, over TLS, TCP and unix sockets; and a reload and a stop while they ask.
usage: test_clients.py CORACLE_BENCH"""
import contextlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

import h2.config
import h2.connection
import h2.events

import http2_client
from pki import make_pair
from program import PATIENCE, Program, Tap

HTTPS = re.compile(r'listening on https://[^\s"]*:(\d+)')
LIGHT = 'COR_TEST_LIGHT' in os.environ


class Bench(Program):
	def __init__(self, folder, *arguments):
		self.pair, self.path = pair_of(folder), os.path.join(folder, 'bench.sock')
		# what waits is not refused, however busy the machine is
		super().__init__('--http', f'unix:{self.path}', '--https', f'127.0.0.1:{free_port()}', '--certificate', self.pair[0],
			'--key', self.pair[1], '--queue-target-ms', '60000', *arguments)
		self.tls = int(self.wait_for_line(HTTPS).group(1))
		self.plain = self.port()
		self.ways = (f'https://localhost:{self.tls}', ['--cacert', self.pair[0], '--http2']), (
			f'http://127.0.0.1:{self.plain}', ['--http2-prior-knowledge']), ('http://localhost', ['--http2-prior-knowledge', '--unix-socket', self.path])

	def connect(self, secure):
		s = socket.create_connection(('127.0.0.1', self.tls if secure else self.plain), PATIENCE)
		s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		if not secure:
			return s
		context = ssl.create_default_context(cafile=self.pair[0])
		context.set_alpn_protocols(['h2'])
		return context.wrap_socket(s, server_hostname='localhost')


def free_port():
	"""A reload would take one port 0 for the other."""
	with socket.create_server(('127.0.0.1', 0)) as s:
		return s.getsockname()[1]


def pair_of(folder):
	certificate, key = (os.path.join(folder, name) for name in ('localhost.pem', 'localhost.key'))
	return (certificate, key) if os.path.exists(key) else make_pair(folder, 'localhost', 'localhost', '127.0.0.1')


def run(*command, **rest):
	done = subprocess.run(command, capture_output=True, timeout=PATIENCE, **rest)
	assert done.returncode == 0, (command, done)
	return done.stdout


# --- clients ---


def test_curl(bench):
	for base, options in bench.ways:
		def curl(path, *more, options=options, base=base):
			body, _, said = run('curl', '-sS', *options, '-w', '|%{http_code} %{http_version}', *more, base + path).rpartition(b'|')
			return body, said.decode()
		assert curl('/plaintext') == (b'Hello, World!', '200 2')
		head, said = curl('/plaintext', '--head')
		assert b'content-length: 13' in head and said == '200 2', head
		body, said = curl('/bytes/3000000')
		assert len(body) == 3000000 and said == '200 2'
		with tempfile.NamedTemporaryFile() as file:
			file.write(bytes(1000000))
			file.flush()
			assert json.loads(curl('/', '--data-binary', f'@{file.name}')[0]) == {'bytes': 1000000}
			assert json.loads(curl('/', '-T', '-', '-X', 'POST', '-H', 'Expect: 100-continue', options=[*options, '-N'])[0]) == {'bytes': 0}
		assert curl('/nowhere')[1] == '404 2'


def test_upgrade_is_not_made(bench):
	"""h2c by Upgrade is no more (RFC 9113 section 3.1): such a client goes on with HTTP/1.1."""
	assert run('curl', '-sS', '--http2', '-w', ' %{http_version}', f'http://127.0.0.1:{bench.plain}/plaintext') == b'Hello, World! 1.1'


def test_nghttp(bench):
	for base, _ in bench.ways[:2]:
		assert run('nghttp', '--no-verify-peer', base + '/plaintext') == b'Hello, World!'
		assert len(run('nghttp', '--no-verify-peer', base + '/bytes/1000000')) == 1000000
		with tempfile.NamedTemporaryFile() as file:
			file.write(bytes(300000))
			file.flush()
			assert json.loads(run('nghttp', '--no-verify-peer', '-d', file.name, base + '/')) == {'bytes': 300000}
		assert b'200' in run('nghttp', '--no-verify-peer', '-ns', base + '/plaintext')


def test_h2load(bench):
	for base, _ in bench.ways[:2]:
		said = run('h2load', '-n', '4000', '-c', '8', '-m', '100', base + '/plaintext').decode()
		assert '4000 succeeded, 0 failed, 0 errored' in said, said
	said = run('h2load', '-n', '1000', '-c', '2', '-m', '10', f'--base-uri=unix:{bench.path}', 'http://localhost/bytes/20000').decode()
	assert '1000 succeeded, 0 failed, 0 errored' in said, said


def test_python_h2(bench):
	for secure in True, False:
		with bench.connect(secure) as s:
			c = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding='utf-8'))
			c.initiate_connection()
			c.send_headers(1, [(':method', 'POST'), (':scheme', 'https'), (':authority', 'localhost'), (':path', '/')])
			for _ in range(4):
				c.send_data(1, bytes(10000))
			c.end_stream(1)
			s.sendall(c.data_to_send())
			body, is_over = b'', False
			while not is_over:
				for event in c.receive_data(s.recv(65536)):
					if isinstance(event, h2.events.DataReceived):
						body += event.data
						c.acknowledge_received_data(event.flow_controlled_length, 1)
					is_over |= isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset))
				s.sendall(c.data_to_send())
			assert json.loads(body) == {'bytes': 40000}


def test_chromium(bench):
	if not os.path.exists('/usr/bin/chromium'):
		return
	with tempfile.TemporaryDirectory() as folder:
		log = os.path.join(folder, 'net.json')
		page = run('chromium', '--headless', '--no-sandbox', '--disable-gpu', '--ignore-certificate-errors', f'--user-data-dir={folder}/profile',
			f'--log-net-log={log}', '--dump-dom', f'https://localhost:{bench.tls}/plaintext')
		assert b'Hello, World!' in page, page
		with open(log) as file:
			assert '"h2"' in file.read(), 'it has agreed on another protocol'


def test_streams_that_wait_cost_what_requests_cost(bench):
	"""100 on one connection, beside 100 connections of HTTP/1.1."""
	def resident_kb():
		with open(f'/proc/{bench.process.pid}/status') as file:
			return int(next(line for line in file if line.startswith('VmRSS:')).split()[1])
	def over_http2():
		with bench.connect(False) as s:
			c = http2_client.Http2(s)
			streams = [c.request(path='/delay/300') for _ in range(100)]
			c.ping()
			used = resident_kb()
			assert all(c.answer(each).status == 200 for each in streams)
			return used
	def over_http1():
		with contextlib.ExitStack() as stack:
			sockets = [stack.enter_context(bench.connect(False)) for _ in range(100)]
			for s in sockets:
				s.sendall(b'GET /delay/300 HTTP/1.1\r\nHost: a\r\n\r\n')
			time.sleep(0.1)
			used = resident_kb()
			assert all(s.recv(4096).startswith(b'HTTP/1.1 200') for s in sockets)
			return used
	over_http2(), over_http1() # what the first ones cost stays
	before = resident_kb()
	began = time.monotonic()
	http2_kb = over_http2() - before
	took = time.monotonic() - began
	http1_kb = over_http1() - before
	print(f'# 100 requests that wait 300 ms: {took * 1000:.0f} ms, {http2_kb} KB more over HTTP/2, {http1_kb} KB over HTTP/1.1')
	assert took < 1 or LIGHT
	assert http2_kb < http1_kb + 1000 or LIGHT


# --- who asks ---


def test_proxy_protocol(folder):
	"""The PROXY header comes before the preface, and one client has no more connections than it may."""
	control = f'unix:{folder}/control'
	with Bench(folder, '--access-log', 'on', '--connections-per-peer', '2', '--trusted-proxies', '127.0.0.1', '--proxy-protocol',
			'127.0.0.1:0', '--control', control) as bench:
		def connect(who):
			s = socket.create_connection(('127.0.0.1', bench.plain), PATIENCE)
			s.sendall(f'PROXY TCP4 {who} 127.0.0.1 4000 80\r\n'.encode())
			return http2_client.Http2(s)
		clients = [connect('192.0.2.1') for _ in range(2)]
		assert all(c.ask(path='/plaintext').status == 200 for c in clients)
		assert '"peer":"192.0.2.1' in bench.wait_for_line('(.*"access".*)').group(1)
		third = connect('192.0.2.1')
		assert third.end() is None and third.settings is None, 'it has two'
		other = connect('192.0.2.2')
		streams = [other.request(path='/delay/3000') for _ in range(3)]
		other.ping()
		rows = [row for row in status(control[len('unix:'):])['requests'] if 'delay' in str(row)]
		assert len(rows) == 3 and all('192.0.2.2' in str(row) for row in rows), rows
		for each in streams:
			other.send(http2_client.frame(http2_client.RST_STREAM, 0, each, bytes([0, 0, 0, 8])))
		for c in (*clients, other):
			c.s.close()


def status(path):
	return json.loads(run('curl', '-sS', '--unix-socket', path, 'http://localhost/status'))


# --- a reload, and a stop ---


class Load(threading.Thread):
	"""Keeps requests under way and counts those that are lost: that the server has taken, by its last GOAWAY, and not answered."""

	STREAMS = 20

	def __init__(self, bench, secure):
		super().__init__(daemon=True)
		self.bench, self.secure, self.ends = bench, secure, False
		self.answered, self.lost, self.connections, self.problem = 0, [], 0, None
		self.start()

	def run(self):
		try:
			while not self.ends:
				with self.bench.connect(self.secure) as s:
					self.connections += 1
					self.serve_one(http2_client.Http2(s))
		except Exception as problem: # told by the test
			self.problem = None if self.ends else problem

	def serve_one(self, c):
		streams = set()
		while True:
			while not self.ends and not c.goaways and len(streams) < self.STREAMS:
				streams.add(c.request(path='/delay/5'))
			if not streams and (self.ends or c.goaways):
				return
			goes_on = c.read_frame() is not None
			over = {each for each in streams if each in c.answers and c.answers[each].ended}
			assert all(c.answers[each].status == 200 for each in over)
			self.answered += len(over)
			streams -= over
			if not goes_on:
				last = c.goaways[-1][0] if c.goaways else 1 << 31
				self.lost += [each for each in streams if each <= last]
				return


def loads_on(bench, then):
	loads = [Load(bench, secure) for secure in (True, False, True, False)]
	end = time.monotonic() + PATIENCE
	while any(load.answered < 100 for load in loads):
		assert time.monotonic() < end and not any(load.problem for load in loads), [load.problem for load in loads]
		time.sleep(0.01)
	then(loads)
	for load in loads:
		load.ends = True
	for load in loads:
		load.join(PATIENCE)
	assert not any(load.lost or load.problem for load in loads), [(load.lost, load.problem, load.connections) for load in loads]
	print(f'# {sum(load.answered for load in loads)} answers over {sum(load.connections for load in loads)} connections, none lost')


def test_reload_loses_nothing(folder):
	bench = Bench(folder, '--processes', '2', '--threads', '2')
	with bench:
		def reload(loads):
			for n in range(1, 3):
				bench.signal(signal.SIGHUP)
				bench.wait_for_line('(?s)' + '.*'.join(['"reloaded"'] * n), joined=True)
			http2_client.wait_until(lambda: all(load.connections > 1 for load in loads))
		loads_on(bench, reload)


def test_stop_loses_nothing(folder):
	for arguments in ([], ['--processes', '2']):
		bench = Bench(folder, *arguments)
		with bench:
			def stop(loads, bench=bench):
				for load in loads:
					load.ends = True
				bench.signal(signal.SIGTERM)
			loads_on(bench, stop)
			assert bench.end() == 0


def main():
	signal.alarm(200)
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		with Bench(folder, '--threads', '2') as bench:
			for test in test_curl, test_upgrade_is_not_made, test_nghttp, test_h2load, test_python_h2, test_chromium, test_streams_that_wait_cost_what_requests_cost:
				check(tap, test, bench)
		for test in test_proxy_protocol, test_reload_loses_nothing, test_stop_loses_nothing:
			check(tap, test, folder)
	tap.done()


def check(tap, test, argument):
	try:
		test(argument)
		tap.check(test.__name__, [])
	except Exception as problem: # a test's failure is the report
		tap.check(test.__name__, [repr(problem)[:2000]])


if __name__ == '__main__':
	main()
