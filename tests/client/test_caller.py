#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A service that calls a real server: by hooks, in crowds, passing bodies on, while the server dies and returns."""

import hashlib
import http.client
import http.server
import json
import os
import signal
import socket
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'app')]
from program import PATIENCE, Program, Tap, differs, lacks  # noqa: E402

LARGE = bytes(range(256)) * 4096 * 8  # 8 MiB


class Origin(http.server.BaseHTTPRequestHandler):
	protocol_version = 'HTTP/1.1'

	def log_message(self, *arguments):
		pass

	def say(self, status, body, kind='application/json', more=(), **headers):
		self.send_response(status)
		self.send_header('Content-Type', kind)
		self.send_header('Content-Length', str(len(body)))
		for name, value in (*headers.items(), *more):
			self.send_header(name.replace('_', '-'), value)
		self.end_headers()
		if self.command != 'HEAD':
			self.wfile.write(body)

	def do_GET(self):
		with self.server.lock:
			self.server.seen.append((self.path, dict(self.headers), self.client_address))
		if self.path == '/large':
			self.say(200, LARGE, 'application/octet-stream', ETag='"large"', Set_Cookie='a=b', Connection='X-Hop', X_Hop='1',
				more=(('Connection', 'a, x-next'), ('X-Next', '1')))
		elif self.path == '/chunks':
			self.send_response(203)
			self.send_header('Transfer-Encoding', 'chunked')
			self.end_headers()
			for piece in (b'one ', b'two ', b'three'):
				self.wfile.write(b'%x\r\n%s\r\n' % (len(piece), piece))
				self.wfile.flush()
			self.wfile.write(b'0\r\n\r\n')
		elif self.path.startswith('/cut-'):
			length = int(self.path[len('/cut-'):])
			self.send_response(200)
			self.send_header('Content-Length', str(length))
			self.end_headers()
			self.wfile.write(b'x' * (length // 2))
			self.close_connection = True
		elif self.path == '/slow':
			self.server.release.wait(PATIENCE)
			self.say(200, b'{}')
		elif self.path == '/broken':
			self.say(500, b'{}')
		elif self.path.startswith('/v1/prices/none'):
			self.say(404, b'{"detail":"no such price"}', 'application/problem+json')
		else:
			self.say(200, b'{"cents":250,"since":"2026"}')

	do_HEAD = do_GET

	def do_POST(self):
		length = self.headers.get('Content-Length')
		if length is not None:
			body = self.rfile.read(int(length))
		else:
			body = b''
			while (size := int(self.rfile.readline(), 16)) != 0:
				body += self.rfile.read(size)
				self.rfile.readline()
			self.rfile.readline()
		self.say(201, json.dumps({'type': self.headers['Content-Type'], 'length': length,
			'digest': hashlib.sha256(body).hexdigest()}).encode())


class Server(http.server.ThreadingHTTPServer):
	daemon_threads = True
	request_queue_size = 64

	def __init__(self, port=0):
		super().__init__(('127.0.0.1', port), Origin)
		self.seen, self.connections, self.lock, self.release = [], [], threading.Lock(), threading.Event()
		threading.Thread(target=self.serve_forever, kwargs={'poll_interval': 0.01}, daemon=True).start()

	def url(self):
		return f'http://127.0.0.1:{self.server_port}'

	def process_request(self, request, client_address):
		self.connections.append(request)
		super().process_request(request, client_address)

	def handle_error(self, request, client_address):
		pass  # a client that has gone

	def die(self):
		"""With all connections, as a killed server does."""
		self.release.set()
		self.shutdown()
		self.server_close()
		for connection in self.connections:
			try:
				connection.shutdown(socket.SHUT_RDWR)
			except OSError:
				pass

	def __enter__(self):
		return self

	def __exit__(self, *exception):
		self.die()


def service(server, *more):
	urls = [f'--upstream-{name}-url={server.url()}' for name in ('far-away', 'fragile', 'brittle')]
	return Program(f'--upstream-prices-url={server.url()}/v1', *urls, *more)


def ask(program, method, path, body=None, headers=None, chunked=False):
	connection = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
	try:
		connection.request(method, path, body=body, headers=headers or {}, encode_chunked=chunked)
		answer = connection.getresponse()
		return answer.status, dict(answer.getheaders()), answer.read()
	finally:
		connection.close()


def typed():
	with Server() as server, service(server) as program:
		status, headers, body = ask(program, 'GET', '/prices/a%2Fb', headers={
			'X-Request-Id': 'request-7', 'traceparent': '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'})
		program.wait_for_line('the start hook.s call: good')
		path, sent, peer = server.seen[1]
		return differs('answer', (status, json.loads(body)), (200, {'cents': 250, 'currency': 'EUR'})) + \
			differs('first', server.seen[0][0], '/v1/prices/start') + \
			differs('path', path, '/v1/prices/a%2Fb') + differs('host', sent['Host'], f'127.0.0.1:{server.server_port}') + \
			differs('agent', sent['User-Agent'], 'caller/1.0') + differs('id', sent['X-Request-Id'], 'request-7') + \
			differs('trace', sent['traceparent'], '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')


def connections_are_kept():
	with Server() as server, service(server) as program:
		for i in range(10):
			ask(program, 'GET', f'/prices/{i}')
		return differs('connections but that of the hook', len({peer for _, _, peer in server.seen[1:]}), 1)


def crowds():
	with Server() as server, service(server) as program:
		status, _, body = ask(program, 'GET', '/crowd')
		return differs('crowd', (status, json.loads(body)), (200, {'asked': 20, 'good': 20})) + \
			differs('prices', sorted(int(path.split('/')[-1]) for path, _, _ in server.seen[1:]), list(range(20)))


def jobs_call():
	with Server() as server, service(server) as program:
		status, _, body = ask(program, 'GET', '/aside')
		return differs('answer', (status, json.loads(body)), (200, {'cents': 250, 'currency': 'EUR'}))


def failures():
	with Server() as server, service(server) as program:
		status, _, body = ask(program, 'GET', '/prices/none')
		line = program.wait_for_line('upstream prices: it answered 404').string
		return differs('answer', (status, json.loads(body)['detail']), (502, 'upstream prices: error status')) + \
			lacks('log', line, f'404 Not Found: no such price (GET {server.url()}/v1/prices/none)')


def answers_are_passed_on():
	with Server() as server, service(server) as program:
		status, headers, body = ask(program, 'GET', '/relay/large')
		found = differs('large', (status, headers.get('Content-Type'), headers.get('ETag'), body == LARGE),
			(200, 'application/octet-stream', '"large"', True))
		found += [f'{name} was passed on' for name in ('Set-Cookie', 'X-Hop', 'X-Next') if name in headers]
		status, headers, body = ask(program, 'GET', '/relay/chunks')
		found += differs('chunks', (status, body), (203, b'one two three'))
		status, headers, body = ask(program, 'HEAD', '/relay/large')
		return found + differs('HEAD', (status, headers.get('ETag'), body), (200, '"large"', b''))


def bodies_are_passed_on():
	found = []
	with Server() as server, service(server, '--body-limit-bytes=10000000') as program:
		for chunked in (False, True):
			body = iter([LARGE[:1000], LARGE[1000:]]) if chunked else LARGE
			headers = {'Content-Type': 'text/x', **({'Transfer-Encoding': 'chunked'} if chunked else {})}
			status, _, answer = ask(program, 'POST', '/relay/upload', body, headers, chunked)
			found += differs('upload', (status, json.loads(answer)), (201, {'type': 'text/x',
				'length': None if chunked else str(len(LARGE)), 'digest': hashlib.sha256(LARGE).hexdigest()}))
	return found


def a_cut_answer_is_cut():
	"""A short one, of which nothing was passed on yet, is a 502."""
	with Server() as server, service(server) as program:
		status, _, body = ask(program, 'GET', '/relay/cut-1000')
		found = differs('short', (status, json.loads(body)['detail']), (502, 'upstream far-away: connection lost'))
		try:
			ask(program, 'GET', '/relay/cut-100000')
		except http.client.IncompleteRead:
			return found
		return ['the client took half an answer for a whole one']


def time_ends():
	with Server() as server, service(server) as program:
		status, _, body = ask(program, 'GET', '/relay/slow')
		program.wait_for_line('upstream far-away: no whole answer within 5[0-9][0-9][0-9] ms')
		return differs('answer', (status, json.loads(body)['detail']), (504, 'upstream far-away: total timeout'))


def a_client_that_has_gone_ends_the_call():
	with Server() as server, service(server) as program:
		with socket.create_connection(('127.0.0.1', program.port()), PATIENCE) as client:
			client.sendall(b'GET /relay/slow HTTP/1.1\r\nHost: x\r\n\r\n')
			while not any(path == '/slow' for path, _, _ in list(server.seen)):
				pass
			client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
		program.wait_for_line('upstream far-away: the call was canceled')
		return []


def the_server_dies_and_returns():
	with Server() as server, service(server) as program:
		found = differs('before', ask(program, 'GET', '/prices/1')[0], 200)
		port = server.server_port
		server.die()
		status, _, body = ask(program, 'GET', '/prices/1')
		found += differs('while it is dead', (status, json.loads(body)['detail']), (502, 'upstream prices: refused'))
		with Server(port):
			return found + differs('after', ask(program, 'GET', '/prices/1')[0], 200)


def one_of_three_dies_and_returns():
	"""No call is lost, and the one that has died is back once it lives."""
	with Server() as a, Server() as b, Server() as c:
		urls = [f'--upstream-mirrors-url={server.url()}/v1' for server in (a, b, c)]
		with service(a, '--threads=1', *urls) as program:
			before = [ask(program, 'GET', f'/mirrored/{i}')[0] for i in range(30)]
			found = differs('before', before, [200] * 30) + \
				differs('shares', [len([path for path, _, _ in server.seen if 'start' not in path]) for server in (a, b, c)], [10] * 3)
			port = b.server_port
			b.die()
			found += differs('while one is dead', [ask(program, 'GET', f'/mirrored/{i}')[0] for i in range(30)], [200] * 30)
			line = program.wait_for_line('upstream mirrors: .* gets no calls').string
			found += lacks('log', line, f'http://127.0.0.1:{port}/v1 gets no calls for 100 ms: it has failed 5 times in a row')
			with Server(port) as again:
				end = time.monotonic() + PATIENCE
				while not again.seen and time.monotonic() < end:
					found += differs('until it is back', ask(program, 'GET', '/mirrored/x')[0], 200)
				program.wait_for_line(f'upstream mirrors: http://127.0.0.1:{port}/v1 is in again')
		return found


def answer_but_for_the_second(listener):
	"""The second request over the first connection is cut off, as by a server that closes what was idle; all others are answered."""
	whole = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"cents":250}'

	def serve(connection, is_first):
		with connection:
			asked = 0
			while connection.recv(65536):
				asked += 1
				if is_first and asked == 2:
					time.sleep(0.5)  # so that others follow it
					return
				connection.sendall(whole)
	for number in range(100):
		threading.Thread(target=serve, args=(listener.accept()[0], number == 0), daemon=True).start()


def a_stale_connection_is_nobodys_failure():
	"""Neither of the call that has met it, nor of those that follow that one."""
	with socket.create_server(('127.0.0.1', 0)) as listener, Server() as server:
		threading.Thread(target=answer_but_for_the_second, args=(listener,), daemon=True).start()
		with service(server, '--threads=1', f'--upstream-joined-url=http://127.0.0.1:{listener.getsockname()[1]}') as program:
			found = differs('first', ask(program, 'GET', '/joined/x')[0], 200)
			statuses = []
			callers = [threading.Thread(target=lambda: statuses.append(ask(program, 'GET', '/joined/x')[0])) for _ in range(5)]
			for caller in callers:
				caller.start()
			for caller in callers:
				caller.join(PATIENCE)
		return found + differs('statuses', statuses, [200] * 5)


def ask_control(program, path):
	control = int(program.wait_for_line(r'control at http://[^\s"]*:(\d+)').group(1))
	connection = http.client.HTTPConnection('127.0.0.1', control, timeout=PATIENCE)
	connection.request('GET', path)
	answer = connection.getresponse()
	status, text = answer.status, answer.read().decode()
	connection.close()
	return status, text


def figures_of(program):
	return dict(line.rsplit(' ', 1) for line in ask_control(program, '/metrics')[1].splitlines() if line[0] != '#')


def ready(program, wanted):
	"""Ask until it is so, and a worker has told of its checks; what it says then."""
	end = time.monotonic() + PATIENCE
	while time.monotonic() < end:
		status, text = ask_control(program, '/ready?verbose')
		if status == wanted and 'upstream mirrors' in text:
			break
		time.sleep(0.05)
	return status, text


def readiness():
	"""A required upstream that takes no connection makes the service unready; an optional one is shown, and one of two is enough."""
	with Server() as server, Server() as gone, Server() as other:
		gone.die()
		urls = [f'--upstream-mirrors-url={each.url()}/v1' for each in (gone, other)]
		with service(gone, '--processes=1', '--threads=1', '--control=127.0.0.1:0', *urls) as program:
			status, text = ready(program, 200)
			found = differs('one of two lives', status, 200) + lacks('verbose', text, 'upstream mirrors (worker 0): passed in ') + \
				lacks('verbose', text, 'upstream prices (worker 0, optional): failed in ', f'connection refused by 127.0.0.1:{gone.server_port}')
		with service(server, '--processes=1', '--threads=1', '--control=127.0.0.1:0', urls[0]) as program:
			program.wait_for_line('readiness check upstream mirrors fails: connection refused')
			status, text = ready(program, 503)
			found += differs('none lives', status, 503) + lacks('verbose', text, 'upstream mirrors (worker 0): failed in ',
				'upstream prices (worker 0, optional): passed in ')
			with Server(gone.server_port):  # within 5 s
				found += differs('it lives again', ready(program, 200)[0], 200)
			program.wait_for_line('readiness check upstream mirrors passes again')
	return found


def pids(program, text):
	return [json.loads(line)['pid'] for line in program.lines if text in line]


def ask_alive(program, path):
	"""The status; None: a worker that has died took the connection along, or nobody serves for a moment."""
	try:
		return ask(program, 'GET', path)[0]
	except (OSError, http.client.HTTPException):
		return None


def a_breaker_is_one_for_all_workers():
	"""Opened by one, it is open in the other, and in that which takes the place of a killed one."""
	with Server() as server, service(server, '--processes=2', '--threads=1', '--control=127.0.0.1:0', '--log-level=debug') as program:
		found = differs('while it is closed', [ask(program, 'GET', '/fragile/broken')[0] for _ in range(4)], [502] * 4)
		kept, end = [], time.monotonic() + PATIENCE
		while len(set(pids(program, 'its breaker is open: it was not asked'))) < 2 and time.monotonic() < end:
			kept.append(http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE))
			kept[-1].request('GET', '/fragile/good')
			answer = kept[-1].getresponse()
			found += differs('open', (answer.status, json.loads(answer.read())['detail']), (503, 'upstream fragile: breaker open'))
			if not 1 <= int(answer.getheader('Retry-After', '0')) <= 60:
				found.append(f'Retry-After: {answer.getheader("Retry-After")}')
		status, headers, body = ask(program, 'GET', '/both')
		program.wait_for_line('upstream fragile: its breaker is open for')
		found += differs('in a group', (status, json.loads(body)['detail'], 'Retry-After' in headers), (503, 'not both', True))
		workers = set(pids(program, 'its breaker is open: it was not asked'))
		found += differs('workers', len(workers), 2)
		for connection in kept:
			connection.close()
		os.kill(workers.pop(), signal.SIGKILL)
		found += differs('after a death', {status for status in [ask_alive(program, '/fragile/good') for _ in range(8)] if status}, {503})
		figures = figures_of(program)
	return found + differs('asked', len([path for path, _, _ in server.seen if path == '/broken']), 4) + \
		differs('not asked', len([path for path, _, _ in server.seen if path == '/good']), 0) + \
		differs('lines', len(pids(program, 'upstream fragile: its breaker is open for 60000 ms: 4 of 4 tries within 10000 ms have failed')), 1) + \
		differs('states', [figures[f'coracle_upstream_breaker{{upstream="fragile",state="{state}"}}'] for state in ('closed', 'open', 'half_open')],
			['0', '1', '0']) + \
		differs('opened', figures['coracle_upstream_breaker_opened_total{upstream="fragile"}'], '1') + \
		differs('counted', figures['coracle_upstream_calls_total{upstream="fragile",result="5xx"}'], '4')


def a_probe_whose_worker_is_killed():
	"""Its place is another's when its timeout is over."""
	with Server() as server, service(server, '--processes=1', '--threads=1') as program:
		found = differs('while it is closed', [ask(program, 'GET', '/brittle/broken')[0] for _ in range(4)], [502] * 4)
		time.sleep(0.002)  # what .open_ms is, and more: a single call may come
		probe = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
		probe.request('GET', '/brittle/slow')
		end = time.monotonic() + PATIENCE
		while not any(path == '/slow' for path, _, _ in list(server.seen)) and time.monotonic() < end:
			time.sleep(0.001)
		worker = json.loads(program.wait_for_line('upstream brittle: its breaker is half open').string)['pid']
		os.kill(worker, signal.SIGKILL)
		probe.close()
		while ask_alive(program, '/brittle/good') != 200 and time.monotonic() < end:
			pass
		program.wait_for_line('upstream brittle: its breaker is closed')
	return found


def what_is_slow_gets_less():
	"""One thread has the one request that may be on its way: its second is refused at once, and /metrics and the log say so."""
	with Server() as server, service(server, '--threads=1', '--control=127.0.0.1:0', '--log-level=debug',
			f'--upstream-burdened-url={server.url()}') as program:
		slow = threading.Thread(target=ask, args=(program, 'GET', '/burdened/slow'))
		slow.start()
		while not any(path == '/slow' for path, _, _ in list(server.seen)):
			pass
		status, headers, body = ask(program, 'GET', '/burdened/good')
		figures = figures_of(program)
		line = program.wait_for_line('upstream burdened: its limit is').string
		server.release.set()
		slow.join(PATIENCE)
		found = differs('status', (status, json.loads(body)['detail'], headers.get('Retry-After')), (503, 'upstream burdened: too many calls', '1'))
		found += differs('after', ask(program, 'GET', '/burdened/good')[0], 200)
		found += differs('ready', ask_control(program, '/ready')[0], 503)  # mirrors are required, and nobody is there: not this
		program.wait_for_line('upstream burdened: 1 request at once is its limit now: this one had no turn within 1 ms')
	return found + lacks('log', line, 'its limit is 1 request at once', '1 was refused') + \
		differs('limit', figures.get('coracle_upstream_adaptive_limit{upstream="burdened"}'), '1') + \
		differs('shed', figures.get('coracle_upstream_shed_total{upstream="burdened"}'), '1') + \
		[f'of an upstream without a limit: {name}' for name in figures if 'adaptive_limit' in name and 'burdened' not in name]


def figures():
	"""Calls of two workers and of their start hooks, added up; each call has its line in the log at the level debug."""
	with Server() as server, service(server, '--processes=2', '--threads=2', '--control=127.0.0.1:0', '--log-level=debug') as program:
		for i in range(20):
			ask(program, 'GET', f'/prices/{i}')
		ask(program, 'GET', '/prices/none')
		ask(program, 'POST', '/relay/upload', b'x')
		ask(program, 'GET', '/aside')
		figures = figures_of(program)
		line = program.wait_for_line('upstream prices: GET .*none').string
	wanted = {'calls_total{upstream="prices",result="2xx"}': '23', 'calls_total{upstream="prices",result="4xx"}': '1',
		'calls_total{upstream="prices",result="refused"}': '0', 'calls_total{upstream="far-away",result="2xx"}': '1',
		'call_duration_seconds_count{upstream="prices",method="GET"}': '24',
		'call_duration_seconds_count{upstream="far-away",method="POST"}': '1', 'retries_total{upstream="prices"}': '0',
		'calls_in_flight{upstream="prices"}': '0', 'calls_waiting{upstream="prices"}': '0',
		'target_out{upstream="mirrors",target="http://127.0.0.2:9/v1"}': '0'}
	return differs('figures', {name: figures.get('coracle_upstream_' + name) for name in wanted}, wanted) + \
		([] if 2 <= int(figures['coracle_upstream_connections_total{upstream="prices"}']) <= 8 else ['connections: a few, of each thread']) + \
		[f'a method that nobody has used: {name}' for name in figures if 'upstream' in name and 'method="PUT"' in name] + \
		lacks('log', line, f'upstream prices: GET {server.url()}/v1/prices/none: 404 after ', ' ms, tries: 1')


def it_ends_in_order():
	with Server() as server, service(server, '--threads=2') as program:
		ask(program, 'GET', '/crowd')
		program.signal(signal.SIGTERM)
		return differs('status', program.process.wait(PATIENCE), 0)


def main():
	tap = Tap()
	for check in (typed, connections_are_kept, crowds, jobs_call, failures, answers_are_passed_on, bodies_are_passed_on,
			a_cut_answer_is_cut, time_ends, a_client_that_has_gone_ends_the_call, the_server_dies_and_returns,
			one_of_three_dies_and_returns, a_stale_connection_is_nobodys_failure, readiness, a_breaker_is_one_for_all_workers,
			a_probe_whose_worker_is_killed, what_is_slow_gets_less, figures, it_ends_in_order):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
