#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/ticker: server-sent events, as curl, Python and nginx see them; over threads, processes and reloads."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import requests

from cases import await_true, equal, finish, problem, run
from program import Program, built, free_port

TICKER = built('examples/ticker')
NGINX = shutil.which('nginx') or '/usr/sbin/nginx'
PATIENCE = 20


class Stream:
	"""What an EventSource does with the bytes (WHATWG HTML, section 9.2.6)."""

	def __init__(self, port, path='/prices', headers=None, method='GET', unix=None):
		self.connection = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE)
		if unix:
			self.connection.sock = socket.socket(socket.AF_UNIX)
			self.connection.sock.settimeout(PATIENCE)
			self.connection.sock.connect(unix)
		self.connection.request(method, path, headers={'Accept': 'text/event-stream', **(headers or {})})
		self.answer = self.connection.getresponse()
		self.retry = None

	def line(self):
		return self.answer.readline().decode().rstrip('\n')

	def next(self):
		"""The next event as (name, id, data); None at the end."""
		name, number, data = '', None, []
		while raw := self.answer.readline():
			line = raw.decode().rstrip('\n')
			field, _, value = line.partition(':')
			value = value.removeprefix(' ')
			if not line and data:
				return name, number, '\n'.join(data)
			if field == 'event':
				name = value
			elif field == 'id':
				number = value
			elif field == 'data':
				data.append(value)
			elif field == 'retry':
				self.retry = int(value)
		return None

	def begin(self):
		"""Wait until it is subscribed: the retry has come, and the handler runs on before its thread accepts more."""
		while self.retry is None:
			field, _, value = self.line().partition(': ')
			if field == 'retry':
				self.retry = int(value)
		return self

	def close(self):
		self.answer.close()
		self.connection.close()


def publish(port, cents, symbol='ACME'):
	answer = requests.post(f'http://127.0.0.1:{port}/prices', json={'symbol': symbol, 'cents': cents}, timeout=PATIENCE)
	equal(answer.status_code, 204, 'published')


def cents_of(event):
	return json.loads(event[2])['cents']


def test_the_head_is_that_of_an_event_stream(ticker):
	stream = Stream(ticker.port)
	equal(stream.answer.status, 200)
	for name, value in (('Content-Type', 'text/event-stream'), ('Cache-Control', 'no-store'), ('X-Accel-Buffering', 'no')):
		equal(stream.answer.headers[name], value)
	stream.begin()
	assert 1000 <= stream.retry <= 3000, stream.retry
	stream.close()


def test_events_are_typed_and_have_ids(ticker):
	stream = Stream(ticker.port).begin()
	publish(ticker.port, 1299)
	name, number, data = stream.next()
	equal(name, 'price')
	equal(data, '{"symbol":"ACME","cents":1299}')
	publish(ticker.port, 1300)
	equal(int(stream.next()[1]), int(number) + 1)
	stream.close()


def test_who_comes_again_goes_on_where_it_was(ticker):
	stream = Stream(ticker.port).begin()
	for cents in (1, 2, 3):
		publish(ticker.port, cents)
	first = stream.next()
	stream.close()
	again = Stream(ticker.port, headers={'Last-Event-ID': first[1]}).begin()
	equal([cents_of(again.next()) for _ in range(2)], [2, 3])
	publish(ticker.port, 4)
	equal(cents_of(again.next()), 4)
	again.close()


def test_who_is_cut_before_its_first_event_loses_nothing(ticker):
	publish(ticker.port, 5)
	stream = Stream(ticker.port)
	while not (line := stream.line()).startswith('id: '):
		pass
	stream.close()
	publish(ticker.port, 6)
	again = Stream(ticker.port, headers={'Last-Event-ID': line.removeprefix('id: ')}).begin()
	equal(cents_of(again.next()), 6)
	again.close()


def test_an_id_of_another_world_gets_all_that_is_kept(ticker):
	publish(ticker.port, 11)
	for number in ('x', '17', '99999999999999999999', '18446744073709551615'):
		stream = Stream(ticker.port, headers={'Last-Event-ID': number}).begin()
		event = stream.next()
		while cents_of(event) != 11:
			event = stream.next()
		stream.close()


def test_a_head_has_the_head_alone(ticker):
	stream = Stream(ticker.port, method='HEAD')
	equal(stream.answer.headers['Content-Type'], 'text/event-stream')
	equal(stream.answer.read(), b'')
	stream.close()


def test_a_stream_may_end_and_say_that_it_is_over(ticker):
	stream = Stream(ticker.port, '/clock?seconds=1')
	equal(stream.next()[1], 'told')
	equal(stream.next(), None)
	equal(Stream(ticker.port, '/clock?seconds=1', headers={'Last-Event-ID': 'told'}).answer.status, 204)
	equal(Stream(ticker.port, '/clock?seconds=0').next(), None)


def test_problems_come_before_the_stream(ticker):
	problem(requests.get(ticker.url + '/clock?seconds=-1'), 422, ('query', 'seconds'))


def test_the_document_describes_the_events(ticker):
	document = requests.get(ticker.url + '/openapi.json').json()
	content = document['paths']['/prices']['get']['responses']['200']['content']
	equal(list(content), ['text/event-stream'])
	assert 'price' in json.dumps(content['text/event-stream']['schema']).lower(), content


def test_requests_reads_it(ticker):
	with requests.get(ticker.url + '/prices', stream=True, timeout=PATIENCE) as answer:
		lines = answer.iter_lines(chunk_size=1)
		assert next(lines).startswith(b'retry: ')
		publish(ticker.port, 6)
		for line in lines:
			if line.startswith(b'data: '):
				break
	equal(json.loads(line[6:])['cents'], 6)


@contextlib.contextmanager
def single(*arguments):
	program = Program(TICKER, *arguments)
	try:
		yield program
	finally:
		status = program.stop()
	equal(status, 0, 'status')


def log_of(program):
	text = program.errors()
	return [json.loads(line) for line in text[:text.rfind('\n') + 1].splitlines()]


def test_a_client_that_leaves_ends_its_handler(_):
	with single() as program:
		streams = [Stream(program.port).begin() for _ in range(5)]
		for stream in streams:
			stream.close()
		await_true('all handlers end', lambda: sum(line.get('path') == '/prices' for line in log_of(program)) == 5)
		assert not any(line['level'] in ('warning', 'error') for line in log_of(program)), program.errors()


def test_a_drain_ends_it_well(_):
	with single() as program:
		stream = Stream(program.port).begin()
		began = time.monotonic()
		program.process.send_signal(signal.SIGTERM)
		equal(stream.next(), None)  # http.client raises if the last chunk is missing
		equal(program.wait(), 0, 'status')
		assert time.monotonic() - began < 5, 'it did not wait for its drain timeout'


def curl(*arguments):
	return subprocess.Popen(['curl', '-sSN', '--max-time', str(PATIENCE), *arguments], stdout=subprocess.PIPE, text=True)


def data_line(lines):
	return next(line for line in lines if line.startswith('data: '))


def test_a_stream_outlives_the_request_timeout_over_each_version_of_http(_):
	for flag in ('--http1.0', '--http1.1', '--http2-prior-knowledge'):
		with single('--request-timeout-ms', '300') as program:
			client = curl(flag, program.url + '/prices')
			assert client.stdout.readline().startswith('retry: '), flag
			for cents in (1, 2, 3):
				time.sleep(0.2)
				publish(program.port, cents)
				equal(json.loads(data_line(client.stdout)[6:])['cents'], cents, flag)
			program.process.send_signal(signal.SIGTERM)
			client.stdout.read()
			equal(client.wait(PATIENCE), 0, flag + ': the stream is whole')
			client.stdout.close()
			equal(program.wait(), 0, 'status')


@contextlib.contextmanager
def crew(*arguments):
	"""Two workers, that are there and stop well."""
	program = Program(TICKER, '--processes', '2', '--threads', '2', '--control', '127.0.0.1:0', *arguments)
	try:
		await_true('it is up', lambda: 'control at http' in program.errors())
		yield program
	finally:
		status = program.stop()
	equal(status, 0, 'status')


def test_all_workers_and_threads_get_each_message_in_order(_):
	with crew() as program:
		streams = [Stream(program.port).begin() for _ in range(12)]
		for cents in range(50):
			publish(program.port, cents)
		for stream in streams:
			equal([cents_of(stream.next()) for _ in range(50)], list(range(50)))
			stream.close()


def figures(program):
	port = re.search(r'control at http://[^\s"]*:(\d+)', program.errors()).group(1)
	text = requests.get(f'http://127.0.0.1:{port}/metrics').text
	return {line.split(' ')[0]: float(line.split(' ')[1]) for line in text.splitlines() if line.startswith('coracle_topic')}


def test_figures_count_over_all_workers(_):
	with crew() as program:
		streams = [Stream(program.port).begin() for _ in range(6)]
		for cents in range(5):
			publish(program.port, cents)
		for stream in streams:
			stream.next()
		equal(figures(program), {'coracle_topic_subscribers{topic="prices"}': 6, 'coracle_topic_published_total{topic="prices"}': 5,
			'coracle_topic_dropped_total{topic="prices"}': 0})
		for stream in streams:
			stream.close()
		await_true('all have left', lambda: figures(program)['coracle_topic_subscribers{topic="prices"}'] == 0)


def test_one_that_is_too_slow_is_cut_and_loses_nothing(_):
	with tempfile.TemporaryDirectory() as folder:
		unix = folder + '/http' # it holds less than a connection over TCP
		with crew('--http', 'unix:' + unix) as program:
			await_true('it listens there, too', lambda: socket.socket(socket.AF_UNIX).connect_ex(unix) == 0)
			slow = Stream(program.port, unix=unix).begin()
			published = 0
			while figures(program)['coracle_topic_dropped_total{topic="prices"}'] == 0:
				assert published < 5000, 'its queue does not fill'
				with requests.Session() as session:
					for _ in range(50):
						session.post(program.url + '/prices', json={'symbol': 'ACME', 'cents': published}, timeout=PATIENCE)
						published += 1
			got = []
			while event := slow.next():
				got.append(cents_of(event))
				last = event[1]
			assert 0 < len(got) < published, (len(got), published)
			again = Stream(program.port, unix=unix, headers={'Last-Event-ID': last}).begin()
			while len(got) < published:
				got.append(cents_of(again.next()))
			equal(got, list(range(published)))
			again.close()


class Watcher(threading.Thread):
	"""Comes again as an EventSource does, but at once, and keeps what it got."""

	def __init__(self, port):
		super().__init__(daemon=True)
		self.port, self.got, self.streams, self.fault = port, [], 0, None
		self.is_here = threading.Event()
		self.start()

	def watch(self, last):
		stream = Stream(self.port, headers={'Last-Event-ID': last} if last else {})
		stream.begin()
		self.streams += 1
		self.is_here.set()
		while event := stream.next():
			last = event[1]
			self.got.append(cents_of(event))
			if self.got[-1] == -1 or self.got[-1] == 999999:
				break
		stream.close()
		return last

	def run(self):
		last = None
		try:
			while not self.got or self.got[-1] != 999999:
				last = self.watch(last)
		except Exception as fault:  # the test tells
			self.fault = fault


def test_nothing_is_lost_over_a_reload(_):
	with crew() as program:
		watchers = [Watcher(program.port) for _ in range(4)]
		for watcher in watchers:
			assert watcher.is_here.wait(PATIENCE), watcher.fault
		program.process.send_signal(signal.SIGHUP)
		published = 0
		until = time.monotonic() + PATIENCE
		while '"reloaded"' not in program.errors() or any(watcher.streams < 2 for watcher in watchers):
			assert time.monotonic() < until, ([watcher.streams for watcher in watchers], program.errors())
			publish(program.port, published)
			published += 1
			time.sleep(0.02)
		publish(program.port, 999999)
		for watcher in watchers:
			watcher.join(PATIENCE)
			equal(watcher.fault, None)
			equal(watcher.got, [*range(published), 999999])


def test_a_killed_worker_loses_nothing_for_others(_):
	with crew() as program:
		with open(f'/proc/{program.process.pid}/task/{program.process.pid}/children') as file:
			workers = [int(pid) for pid in file.read().split()]
		watchers = [Watcher(program.port) for _ in range(8)]
		for watcher in watchers:
			assert watcher.is_here.wait(PATIENCE), watcher.fault
		for cents in range(10):
			publish(program.port, cents)
		await_true('all got them', lambda: all(len(watcher.got) == 10 for watcher in watchers))
		victim = next(pid for pid in workers if sockets_of(pid))
		os.kill(victim, signal.SIGKILL)
		publish_anyway(program.port, 10)
		publish_anyway(program.port, 999999)
		others = [watcher for watcher in watchers if not watcher.fault]
		for watcher in others:
			watcher.join(PATIENCE)
		others = [watcher for watcher in watchers if not watcher.fault]
		assert others and all(watcher.got == [*range(11), 999999] for watcher in others), [w.got for w in watchers]


def sockets_of(pid):
	return any(os.readlink(f'/proc/{pid}/fd/{entry}').startswith('socket:') for entry in os.listdir(f'/proc/{pid}/fd'))


def publish_anyway(port, cents):
	"""The killed worker may have had the connection."""
	for _ in range(20):
		try:
			publish(port, cents)
			return
		except requests.exceptions.ConnectionError:
			time.sleep(0.05)
	raise AssertionError('nobody serves')


def start_nginx(folder, port, upstream, uwsgi):
	temporary = ''.join(f'{kind}_temp_path {folder}/{kind};\n' for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
	params = ' '.join(f'uwsgi_param {name} {value};' for name, value in (('REQUEST_METHOD', '$request_method'),
		('REQUEST_URI', '$request_uri'), ('PATH_INFO', '$document_uri'), ('QUERY_STRING', '$query_string'),
		('SERVER_PROTOCOL', '$server_protocol'), ('REMOTE_ADDR', '$remote_addr'), ('CONTENT_LENGTH', '$content_length')))
	with open(folder + '/nginx.conf', 'w') as file:
		file.write(f'''{'user root;' if os.getuid() == 0 else ''} daemon off; worker_processes 1; pid {folder}/nginx.pid;
error_log stderr notice; events {{}}
http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{port};
	location /http/ {{ proxy_pass http://127.0.0.1:{upstream}/; }}
	location /kept/ {{ proxy_pass http://127.0.0.1:{upstream}/; proxy_http_version 1.1; proxy_set_header Connection ""; }}
	location /prices {{ {params} uwsgi_pass unix:{uwsgi}; }}
}} }}
''')
	return subprocess.Popen([NGINX, '-p', folder, '-c', folder + '/nginx.conf', '-e', 'stderr'], stderr=subprocess.DEVNULL)


def test_nginx_passes_each_event_on_at_once(_):
	if not os.path.exists(NGINX):
		return
	with tempfile.TemporaryDirectory() as folder:
		uwsgi = folder + '/uwsgi-socket'
		with single('--uwsgi', 'unix:' + uwsgi) as ticker:
			port = free_port()
			nginx = start_nginx(folder, port, ticker.port, uwsgi)
			await_true('nginx listens', lambda: socket.socket().connect_ex(('127.0.0.1', port)) == 0)
			try:
				for place in ('/http', '/kept', ''):
					stream = Stream(port, place + '/prices').begin()
					for cents in (1, 2):
						publish(ticker.port, cents)
						equal(cents_of(stream.next()), cents)
					stream.close()
			finally:
				nginx.terminate()
				nginx.wait(PATIENCE)


if __name__ == '__main__':
	program = Program(TICKER)
	finish(run(sys.modules[__name__], program), program)
