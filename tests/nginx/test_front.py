#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What nginx does by the configuration that a service has printed, and what it leaves alone. usage: test_front.py FRONTED"""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from front import Front, Tap, ask, differs, exchange, fronted, judge, lacks, printed, trusting
from program import PATIENCE, TRIAL, Program

for beside in ('tls', 'websocket13'):  # both have a client: the last one is found
	sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', beside))
import client as websocket  # noqa: E402
import pki  # noqa: E402

TOKEN = {'Authorization': 'Bearer sesame'}
QUIET = ('--docs', 'off')
PROTOCOLS = ('http', 'uwsgi')


@contextlib.contextmanager
def assets():
	"""A folder with files, one of which is in the page."""
	with tempfile.TemporaryDirectory() as folder:
		os.chmod(folder, 0o755)
		for name, content in (('plain.txt', 'plain'), ('page/index.html', '<p>page'), ('bare/x.txt', 'bare')):
			os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
			with open(os.path.join(folder, name), 'w') as file:
				file.write(content)
		yield folder


@contextlib.contextmanager
def service(*arguments, **options):
	with assets() as folder, fronted(TRIAL, '--assets', folder, '--inner-assets', folder, *QUIET, *arguments, **options) as (program, front,
			place):
		yield program, front, place


def each_protocol(check):
	def checked():
		found = []
		for spoken in PROTOCOLS:
			found += [f'{spoken}: {line}' for line in check(spoken)]
		return found
	checked.__name__ = check.__name__
	return checked


# --- the cache ---

def twice(port, path, first=None, second=None):
	"""Whether the second answer is that of before, and what nginx says of it."""
	answers = [ask(port, path, headers=headers) for headers in (first, second if second is not None else first)]
	return answers[0].body == answers[1].body, answers[1].headers.get('Cache-Status')


@each_protocol
def answers_that_all_may_keep_are_kept(spoken):
	found = []
	with service(spoken=spoken) as (_, front, _):
		for path in ('/kept/public', '/kept/by-age', '/kept/shared', '/kept/by-header', '/inner/kept/public'):
			found += differs(path, twice(front.port, path), (True, 'nginx; hit'))
		for host in ('inner.example', 'INNER.example'):
			found += differs(host, twice(front.port, '/kept/public', {'Host': host}), (True, 'nginx; hit'))
		found += differs('HEAD', ask(front.port, '/kept/public', 'HEAD').headers.get('Cache-Status'), 'nginx; hit')
		kept = ask(front.port, '/kept/public')
		again = ask(front.port, '/kept/public', headers={'If-None-Match': kept.headers['ETag']})
		found += differs('304', (again.status, again.headers.get('Cache-Status')), (304, 'nginx; hit'))
		found += differs('no ranges', ask(front.port, '/kept/public', headers={'Range': 'bytes=0-0'}).status, 200)
	return found


@each_protocol
def other_answers_are_never_kept(spoken):
	found = []
	with service(spoken=spoken) as (_, front, _):
		for path in ('private', 'no-store', 'no-cache', 'mixed', 'by-cookie'):
			found += differs(path, twice(front.port, f'/unkept/{path}'), (False, None))
		found += differs('of a mounted one', twice(front.port, '/inner/unkept/private'), (False, None))
		found += differs('behind a scheme', twice(front.port, '/unkept/guarded', TOKEN), (False, None))
		found += differs('without the token', ask(front.port, '/unkept/guarded').status, 401)
		found += differs('behind middleware', twice(front.port, '/unkept/locked', {'X-Key': 'open'}), (False, None))
		found += differs('without the key', ask(front.port, '/unkept/locked').status, 403)
		found += differs('who shows a credential', twice(front.port, '/kept/by-age', TOKEN), (False, 'nginx; fwd=bypass'))
	return found


@each_protocol
def what_an_answer_depends_on_is_in_its_key(spoken):
	with service(spoken=spoken) as (_, front, _):
		cases = [('another header', '/kept/by-header', {'X-Language': 'de'}, {'X-Language': 'en'}),
			('another host', '/kept/public', {'Host': 'a.example'}, {'Host': 'b.example'}),
			('another port', '/kept/public', {'Host': 'a.example:1'}, {'Host': 'a.example:2'})]
		found = []
		for what, path, first, second in cases:
			found += differs(what, twice(front.port, path, first, second)[0], False)
			found += differs(f'{what}: the first again', twice(front.port, path, first)[0], True)
		bodies = {ask(front.port, '/kept/by-header' + query).body for query in ('?page=1', '?page=2', '?page=3')}
		return found + differs('another query', len(bodies), 3)


@each_protocol
def a_stale_answer_serves_while_it_is_renewed(spoken):
	"""As the operation says: stale-while-revalidate."""
	with service(spoken=spoken) as (program, front, _):
		first = ask(front.port, '/kept/slowly')
		time.sleep(2.1)  # its age is one of seconds
		ask(front.port, '/hold', 'PUT')
		seen = len(program.lines)
		other = threading.Thread(target=ask, args=(front.port, '/kept/slowly'))
		other.start()
		with program.news:
			program.news.wait_for(lambda: any('it counts' in line for line in program.lines[seen:]), PATIENCE)
		meanwhile = ask(front.port, '/kept/slowly')
		ask(front.port, '/hold', 'DELETE')
		other.join(PATIENCE)
		return differs('meanwhile', (meanwhile.body, meanwhile.headers['Cache-Status']), (first.body, 'nginx; hit; detail=stale'))


@each_protocol
def each_coding_is_kept_for_itself(spoken):
	with service(spoken=spoken) as (_, front, _):
		kept = [ask(front.port, '/kept/coded', headers={'Accept-Encoding': each}) for each in ('gzip', 'identity', 'gzip', 'identity')]
		return differs('codings', [answer.headers['Content-Encoding'] for answer in kept], ['gzip', None] * 2) + \
			differs('kept', [answer.headers['Cache-Status'] for answer in kept], ['nginx; fwd=uri-miss'] * 2 + ['nginx; hit'] * 2)


# --- files, and a service that is not there ---

@each_protocol
def nginx_sends_files_and_says_who_is_missing(spoken):
	with service(spoken=spoken) as (program, front, _):
		program.signal(signal.SIGTERM)
		program.end()
		found = []
		for path, body in (('/assets/plain.txt', b'plain'), ('/', b'<p>page'), ('/inner/files/plain.txt', b'plain'), ('/assets/bare/x.txt', b'bare')):
			answer = ask(front.port, path)
			found += differs(path, (answer.status, answer.body), (200, body))
		for path in ('/things/x', '/assets/missing.txt', '/take'):
			answer = ask(front.port, path)
			found += differs(path, (answer.status, answer.headers['Content-Type']), (502, 'application/problem+json'))
			found += differs(path, (answer.json()['title'], answer.json()['status']), ('Bad Gateway', 502))
		return found


def a_folder_may_be_a_link():
	"""As releases have it: current -> 2026-11-29."""
	with assets() as folder, tempfile.TemporaryDirectory() as outer:
		os.chmod(outer, 0o755)
		os.symlink(folder, outer + '/current')
		with fronted(TRIAL, '--assets', outer + '/current', *QUIET) as (program, front, _):
			program.signal(signal.SIGKILL)
			program.end()
			return differs('file', ask(front.port, '/assets/plain.txt').body, b'plain')


# --- bodies ---

@each_protocol
def a_body_that_is_too_large_is_a_problem(spoken):
	found = []
	with service(spoken=spoken) as (_, front, _):
		for path, size in (('/echo', 1001), ('/echo', 1000 + (1 << 20)), ('/echo', 1001 + (1 << 20)), ('/things/all', (2 << 20) + 1)):
			answer = ask(front.port, path, 'POST', {'Content-Type': 'text/plain'}, b'x' * size)
			found += differs(path, (answer.status, answer.headers['Content-Type']), (413, 'application/problem+json'))
			found += differs(path, answer.json()['status'], 413)
			found += differs(f'{size} bytes for {path}: by the service', 'request_id' in answer.json(), size <= 1000 + (1 << 20))
		at_most = ask(front.port, '/echo', 'POST', {'Content-Type': 'text/plain'}, b'x' * 1000)
		chunks = (b'x' * 100 for _ in range(11))
		chunked = ask(front.port, '/echo', 'POST', {'Content-Type': 'text/plain'}, chunks)
		return found + differs('as many as may be', at_most.status, 200) + differs('chunked', chunked.status, 413)


def broken_requests_are_problems():
	found = []
	with service() as (_, front, _):
		for what, text, status in (('a broken line', b'GET / HTTP/1.1 x\r\n\r\n', b'400'), ('two hosts', b'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', b'400'),
				('a long line', b'GET /' + b'x' * 30000 + b' HTTP/1.1\r\nHost: a\r\n\r\n', b'414'),
				('a long header', b'GET / HTTP/1.1\r\nHost: a\r\nX: ' + b'x' * 30000 + b'\r\n\r\n', b'431'),
				('no host', b'GET /seen HTTP/1.1\r\n\r\n', b'400')):
			answer = exchange(front.port, text)
			found += differs(what, answer.split(b' ')[1:2], [status]) + lacks(what, answer, b'application/problem+json', b'"status":' + status)
		old = exchange(front.port, b'GET /things/all HTTP/1.0\r\n\r\n')
		return found + differs('HTTP/1.0 without a host', old.split(b' ')[1:2], [b'200'])


def an_upload_is_read_while_it_comes():
	with service() as (program, front, _):
		connection = socket.create_connection(('127.0.0.1', front.port), PATIENCE)
		size = 8 * 1024 * 1024
		connection.sendall(f'PUT /take HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n'.encode() + b'x' * 100000)
		program.wait_for_line('it begins')
		connection.sendall(b'x' * (size - 100000))
		answer = b''.join(iter(lambda: connection.recv(65536), b''))
		connection.close()
		return differs('the rest', str(size).encode() in answer, True)


@each_protocol
def answers_with_large_heads_pass(spoken):
	with service(spoken=spoken) as (_, front, _):
		answer = ask(front.port, '/things/large-headed')
		return differs('status', (answer.status, len(answer.headers['X-Large-3'])), (200, 6000))


# --- what goes on ---

def websockets_go_through():
	with service() as (_, front, _), websocket.Client(front.port, '/talk', host='front.example') as talk:
		talk.text('hello')
		found = differs('handshake', talk.status, 101) + differs('echo', talk.message(), b'hello')
		for path, host in (('/inner/talk', 'front.example'), ('/talk', 'inner.example'), ('/wild/talk', 'a.wild.example')):
			with websocket.Client(front.port, path, host=host) as inner:
				found += differs(host + path, inner.status, 101)
		with websocket.Client(front.port, '/talk', host='front.example', Upgrade='h2c') as other:
			return found + differs('another protocol', other.status in (400, 426), True)


@each_protocol
def events_go_out_at_once(spoken):
	with service(spoken=spoken) as (program, front, _):
		connection = http.client.HTTPConnection('127.0.0.1', front.port, timeout=PATIENCE)
		connection.request('GET', '/events')
		answer = connection.getresponse()
		lines = [answer.readline() for _ in range(12)]
		connection.close()
		return differs('type', answer.headers['Content-Type'], 'text/event-stream') + \
			differs('ticks', lines.count(b'data: tick\n') >= 3, True)


@each_protocol
def the_service_ends_what_takes_too_long(spoken):
	with service(spoken=spoken) as (_, front, _):
		answer = ask(front.port, '/wait')
		return differs('status', answer.status, 504) + differs('by the service', 'request_id' in answer.json(), True)


@each_protocol
def the_client_is_known(spoken):
	with service(spoken=spoken) as (_, front, _):
		seen = ask(front.port, '/seen', headers={'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'https'}).json()
		return differs('seen', seen, {'client': '127.0.0.1', 'scheme': 'http', 'host': 'front.example'})


@each_protocol
def the_target_names_the_host(spoken):
	def both(target, host):
		text = f'GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n'.encode()
		return [exchange(port, text).rpartition(b'\r\n')[2] for port in (program.port(), front.port)]

	with service(spoken=spoken) as (program, front, _):
		found = []
		for target, host, part in (('http://other.example:81/seen', 'front.example', b'"host":"other.example:81"'),
				('/seen', 'Front.example:82', b'"host":"Front.example:82"'), ('http://inner.example/seen', 'front.example', b'"status":404'),
				('http://front.example/things/x', 'inner.example', b'x'), ('/seen?http://inner.example/', 'a.example', b'"host":"a.example"')):
			found += [line for answer in both(target, host) for line in lacks(target, answer, part)]
		return found


# --- TLS ---

def clients_of_tls():
	with tempfile.TemporaryDirectory() as folder:
		certificate, key = pki.make_pair(folder, 'a pair; "{}"', 'front.example', '127.0.0.1')
		with service('--certificate', certificate, '--key', key) as (_, front, _):
			port = front.ports['443']
			found = differs('https', ask(port, '/seen', tls=trusting(certificate)).json()['scheme'], 'https')
			moved = ask(front.ports['80'], '/seen?a=b', 'POST')
			found += differs('without TLS', (moved.status, moved.headers['Location']), (308, 'https://front.example/seen?a=b'))
			curl = subprocess.run(['curl', '-s', '-w', ' %{http_version}', '--cacert', certificate, f'https://127.0.0.1:{port}/seen'],
				capture_output=True, text=True, timeout=PATIENCE)
			seen, version = curl.stdout.rsplit(' ', 1)
			found += differs('HTTP/2', (json.loads(seen)['host'], version), (f'127.0.0.1:{port}', '2'))
			plain = exchange(port, b'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
			return found + lacks('plain HTTP to it', plain, b' 400 ', b'application/problem+json')


def a_service_that_speaks_tls_alone():
	with tempfile.TemporaryDirectory() as folder:
		certificate, key = pki.make_pair(folder, 'pair', 'front.example', '127.0.0.1')
		with service('--certificate', certificate, '--key', key, spoken='https', http=None) as (_, front, _):
			seen = ask(front.ports['443'], '/seen', tls=trusting(certificate)).json()
			return differs('seen', (seen['client'], seen['scheme']), ('127.0.0.1', 'https'))


# --- reloads ---

class Load(threading.Thread):
	"""One client that asks and asks, on connections that are kept: what was not answered as it should be."""

	def __init__(self, port, over):
		super().__init__(daemon=True)
		self.port, self.over, self.answers, self.faults = port, over, 0, []
		self.start()

	def ask_once(self, connection, number):
		if number % 3 == 0:
			connection.request('POST', '/echo', body=b'x' * 500, headers={'Content-Type': 'text/plain'})
		else:
			connection.request('GET', '/things/all' if number % 3 == 1 else '/kept/public')
		answer = connection.getresponse()
		answer.read()
		if answer.status != 200:
			self.faults.append(answer.status)
		return answer.will_close

	def run(self):
		connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=PATIENCE)
		kept = False
		while not self.over.is_set():
			try:
				if self.ask_once(connection, self.answers):
					connection.close()
					kept = False
				else:
					kept = True
				self.answers += 1
			except (ConnectionError, http.client.HTTPException) as error:
				if not kept:  # a connection that was kept may end between two requests
					self.faults.append(repr(error))
				connection.close()
				kept = False
		connection.close()


@each_protocol
def no_request_is_lost_when_either_side_reloads(spoken):
	with service('--processes', '2', spoken=spoken) as (program, front, _):
		over = threading.Event()
		clients = [Load(front.port, over) for _ in range(4)]
		front.reload()
		program.signal(signal.SIGHUP)
		program.wait_for_line('reloaded')
		front.reload()
		before = sum(client.answers for client in clients)
		over.set()
		for client in clients:
			client.join(PATIENCE)
		return differs('faults', [fault for client in clients for fault in client.faults], []) + differs('load', before > 100, True)


# --- what is otherwise ---

def what_differs_is_what_the_manual_says():
	"""The table of docs/nginx.md, "Where it differs": alone, and with nginx in front."""
	def both(path, what=lambda answer: answer.status, **special):
		return tuple(what(ask(port, path, **special)) for port in (program.port(), front.port))

	def raw(text):
		return tuple(exchange(port, text.replace(b'\n', b'\r\n')).split(b' ')[1:2] for port in (program.port(), front.port))

	with service('--header-timeout-ms', '300') as (program, front, _):
		two = {'headers': {'Range': 'bytes=0-2,1-4'}}
		found = differs('Expect', both('/seen', headers={'Expect': 'miracles'}), (417, 200))
		found += differs('underscores', both('/things/underscored', lambda answer: answer.body, headers={'X_Key': '1'}), (b'1', b'none'))
		found += differs('Server', both('/seen', lambda answer: answer.headers['Server']), (None, 'nginx'))
		found += differs('ranges that overlap', both('/assets/plain.txt', **two), (206, 200))
		found += differs('HEAD with a range', both('/assets/plain.txt', method='HEAD', headers={'Range': 'bytes=0-1'}), (200, 206))
		gone = both('/assets/plain.txt', lambda answer: (answer.status, answer.headers['Cache-Control']), headers={'Range': 'bytes=99-'})
		found += differs('no such range', gone, ((416, None), (416, 'public, max-age=3600')))
		counted = both('/assets/plain.txt', lambda answer: answer.headers.get_all('Content-Range'), headers={'Range': 'bytes=99-'})
		found += differs('Content-Range', counted, (['bytes */5'],) * 2)
		beyond = both('/assets/plain.txt', lambda answer: (answer.status, answer.headers['Content-Range']), headers={'Range': f'bytes=0-{"9" * 20}'})
		found += differs('a range of twenty digits', beyond, ((206, 'bytes 0-4/5'), (416, 'bytes */5')))
		tag = ask(front.port, '/assets/plain.txt').headers['ETag']
		answer = ask(front.port, '/assets/plain.txt', headers={'Range': 'bytes=99-', 'If-Range': tag})
		found += differs('no such range of the same file', (answer.status, answer.headers.get_all('Content-Range')), (416, ['bytes */5']))
		ask(front.port, '/kept/public')
		unmodified = {'If-Unmodified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT'}
		found += differs('If-Unmodified-Since', both('/kept/public', headers=unmodified), (200, 412))
		found += differs('X-Accel', both('/things/accelerated', lambda answer: answer.headers['X-Accel-Limit-Rate']), ('1', None))
		tags = both('/assets/plain.txt', lambda answer: answer.headers['ETag'])
		found += differs('ETag', tags[0] != tags[1], True)
		found += differs('no name in Host', raw(b'GET /things/all HTTP/1.1\nHost:\nConnection: close\n\n'), ([b'200'], [b'400']))
		found += differs('a user in Host', raw(b'GET /assets/plain.txt HTTP/1.1\nHost: a@b\nConnection: close\n\n'), ([b'400'], [b'200']))
		found += differs('a method in small letters', raw(b'get / HTTP/1.1\nHost: a\nConnection: close\n\n'), ([b'501'], [b'400']))
		found += differs('a malformed name', raw(b'GET /things/all HTTP/1.1\nHost: a\nX{: 1\nConnection: close\n\n'), ([b'400'], [b'200']))
		found += differs('a head that does not come', raw(b'GET / HTTP/1.1\nHost: a\n'), ([b'408'], []))
		large = both('/unkept/guarded', lambda answer: (answer.status, 'request_id' in answer.json()), method='POST', body=b'x' * (3 << 20))
		found += differs('a body that is far too large', large, ((405, True), (413, False)))
		ask(front.port, '/kept/public')
		found += differs('Age', ask(front.port, '/kept/public').headers['Age'], None)
		chunked = b'POST /things/trailing HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Last: 1\r\n\r\n'
		return found + differs('trailers', [exchange(port, chunked)[-1:] for port in (program.port(), front.port)], [b'1', b'-'])


def a_websocket_over_uwsgi_is_refused():
	with service(spoken='uwsgi') as (_, front, _), websocket.Client(front.port, '/talk', host='front.example') as talk:
		return differs('refused', talk.status in (400, 426), True)


# --- hostile values, and settings ---

def hostile_names_are_quoted():
	found = []
	for name in ('with blanks', 'quo"te', "sing'le", 'semi;colon', 'brace{s}', 'hash#tag', 'back\\slash', 'dol$lar', 'new\nline', 'ü', 'co:lon', 'per%20cent'):
		with tempfile.TemporaryDirectory() as outer:
			folder = os.path.join(outer, name)
			os.chmod(outer, 0o755)
			for inner in ('', '/page', '/bare'):
				os.mkdir(folder + inner)
			with open(folder + '/plain.txt', 'w') as file:
				file.write('plain')
			flags = ('--assets', folder, *QUIET, '--http', f'unix:{folder}/s', '--trusted-proxies', 'unix')
			with Program(*flags, executable=TRIAL, http=None) as program, tempfile.TemporaryDirectory() as place:
				os.chmod(place, 0o755)
				program.wait_for_line('listening on')
				if '$' in name:
					status, text, _ = printed(TRIAL, *flags)
					found += differs(name, (status, 'for a variable' in text), (0, True))
				with Front(TRIAL, *flags, folder=place) as front:
					found += differs(name, ask(front.port, '/things/x').body, b'x')
					program.signal(signal.SIGKILL)
					program.end()
					found += differs(name, ask(front.port, '/assets/plain.txt').status, 502 if '$' in name else 200)
	return found


def every_setting_is_a_configuration():
	"""Each is one that nginx takes, and says what it should."""
	with assets() as folder, tempfile.TemporaryDirectory() as place:
		certificate, key = pki.make_pair(place, 'pair', 'front.example')
		tls = ('--certificate', certificate, '--key', key)
		unix = ('--http', 'unix:/run/shop/http')
		cases = [
			((), ['server 127.0.0.1:8080', '--trusted-proxies 127.0.0.1', 'listen 80;']),
			(('--http', '0.0.0.0:80', '--http', '[::]:81'), ['server 127.0.0.1:80 ', 'server [::1]:81 ', 'listen 8080;']),
			(unix, ['server unix:/run/shop/http ', '--trusted-proxies unix', '--unix-group']),
			((*unix, '--trusted-proxies', 'unix', '--unix-mode', '0660'), ['!--trusted-proxies', '!--unix-group']),
			((*unix, '--uwsgi', '127.0.0.1:3031'), ['proxy_pass', '!uwsgi_pass', 'Left out: 127.0.0.1:3031']),
			(('--uwsgi', '127.0.0.1:3031', '--h2c', '127.0.0.1:3032'), ['uwsgi_pass', 'Left out: 127.0.0.1:3032 speaks HTTP/2', 'WebSockets need']),
			((*unix, '--http', '127.0.0.1:9', '--trusted-proxies', 'unix'), ['server unix:/run/shop/http ', '!server 127.0.0.1:9',
				'Left out: 127.0.0.1:9, where nginx would not be trusted: --trusted-proxies 127.0.0.1', '!Start the service']),
			((*unix, '--http', '0.0.0.0:9', '--http', '127.0.0.1:11', '--trusted-proxies', '127.0.0.0/8'), ['!server unix:', 'server 127.0.0.1:9 ',
				'server 127.0.0.1:11 ', 'Left out: unix:/run/shop/http, where nginx would not be trusted: --trusted-proxies unix']),
			((*unix, '--http', '127.0.0.1:9', '--trusted-proxies', '10.0.0.0/8'), ['server unix:', 'server 127.0.0.1:9 ',
				'Start the service with --trusted-proxies unix,', 'Start the service with --trusted-proxies 127.0.0.1,']),
			((*unix, '--http', '127.0.0.1:9', '--http', '127.0.0.1:10'), ['server unix:', 'server 127.0.0.1:9 ', '--trusted-proxies unix,',
				'--trusted-proxies 127.0.0.1,']),
			((*unix, '--http', '127.0.0.1:0'), ['Left out: 127.0.0.1:0 has no address']),
			((*unix, '--http', 'systemd:web'), ['Left out: systemd:web is passed by systemd']),
			((*unix, '--http', '127.0.0.1:9', '--proxy-protocol', '127.0.0.1:9', '--trusted-proxies', '127.0.0.1'), ['Left out: 127.0.0.1:9 begins']),
			((*unix, *tls), [f'ssl_certificate {certificate};', 'listen 443 ssl http2;', 'TLSv1.2 TLSv1.3', 'return 308']),
			((*unix, *tls, '--tls-security', 'modern', '--http2-streams', '0'), ['ssl_protocols TLSv1.3;', 'listen 443 ssl;', '!http2']),
			((*unix, *tls, '--https', '0.0.0.0:443'), ['listen 8443 ssl', 'return 308 https://$host:8443']),
			((*unix, *tls, *tls, '--http2-streams', '7'), ['http2_max_concurrent_streams 7', 'one of each kind']),
			((*unix, *tls, '--https', '127.0.0.1:9', '--client-certificates', 'optional', '--client-ca', certificate),
				['ssl_verify_client optional', f'ssl_client_certificate {certificate}']),
			((*tls, '--https', '127.0.0.1:9', '--client-certificates', 'required', '--client-ca', certificate),
				['proxy_pass https://fronted;', 'nginx has no certificate to show']),
			((*unix, '--connections-per-peer', '5'), ['limit_conn fronted_peers 5;', 'limit_conn_zone']),
			((*unix, '--request-timeout-ms', '1500', '--idle-timeout-ms', '1001', '--body-limit-bytes', '77'),
				['proxy_read_timeout 6500ms', 'keepalive_timeout 1001ms', 'client_max_body_size 1048653;']),
			((*unix, '--idle-timeout-ms', '1', '--requests-per-connection', '1', '--connection-age-s', '1', '--body-limit-bytes', '0'), []),
			((*unix, *[word for name in ('For', 'Proto', 'Host', 'Port', 'Prefix') for word in ('--trusted-headers', 'X-Forwarded-' + name)]),
				['X-Forwarded-Host $fronted_host', 'X-Forwarded-Port $server_port', 'X-Forwarded-Prefix ""']),
			((*unix, '--trusted-headers', 'Forwarded'), ['proxy_set_header Forwarded "for=$fronted_for;']),
			((*unix, '--processes', '1', '--control', '127.0.0.1:9090'), ['for this machine alone: 127.0.0.1:9090']),
			((*unix, '--docs', 'auto'), ['location = /docs {', 'deny all;']),
			((*unix, '--docs', 'on'), ['location = /docs {', '!deny all;']),
			((*unix, '--docs', 'off'), ['!location = /docs {']),
		]
		found = []
		for flags, parts in cases:
			status, text, errors = printed(TRIAL, '--assets', folder, *flags)
			found += differs(str(flags), (status, errors), (0, ''))
			found += lacks(str(flags), text, *[part for part in parts if part[0] != '!'])
			found += [f'{flags}: {part} is there' for part in parts if part[0] == '!' and part[1:] in text]
			fault = judge(place, text)
			found += [f'{flags}: {fault}'] if fault else []
		return found


def relative_paths_are_of_the_folder_it_is_printed_in():
	with assets() as folder:
		_, text, _ = printed(os.path.abspath(TRIAL), '--assets', '.', '--http', 'unix:socket', cwd=folder)
		return lacks('paths', text, f'server unix:{folder}/socket ', f'alias {folder}/./page/;')


def what_nginx_cannot_use_is_refused():
	found = []
	with assets() as folder:
		for flags, part in ((('--http', '127.0.0.1:0'), 'none of its addresses'), (('--h2c', '127.0.0.1:9'), 'none of its addresses'),
				(('--certificate', '/etc/$x.pem', '--key', '/etc/x.key'), 'take the $'), (('--assets', '/nowhere'), 'cannot be opened')):
			status, text, errors = printed(TRIAL, *(() if '--assets' in flags else ('--assets', folder)), *flags)
			found += differs(str(flags), (status, text), (78, '')) + lacks(str(flags), errors, part)
	return found


def documentation_is_for_this_machine():
	"""With --docs auto, whoever comes from elsewhere hears that there is nothing."""
	with assets() as folder, fronted(TRIAL, '--assets', folder) as (_, front, _):
		paths = ('/docs', '/openapi.json', '/inner/docs', '/inner/openapi.json')
		found = differs('from here', [ask(front.port, path).status for path in paths], [200] * 4)
	with assets() as folder, fronted(TRIAL, '--assets', folder, edit=lambda text: text.replace('allow 127.0.0.1;', '')) as (_, front, _):
		for path, host in [(path, 'front.example') for path in paths] + [('/docs', 'inner.example'), ('/wild/docs', 'a.wild.example')]:
			answer = ask(front.port, path, headers={'Host': host})
			found += differs(path, (answer.status, answer.headers['Content-Type'], answer.json()['status']),
				(404, 'application/problem+json', 404))
		return found


CHECKS = (answers_that_all_may_keep_are_kept, other_answers_are_never_kept, what_an_answer_depends_on_is_in_its_key,
	a_stale_answer_serves_while_it_is_renewed, each_coding_is_kept_for_itself, answers_with_large_heads_pass,
	nginx_sends_files_and_says_who_is_missing, a_folder_may_be_a_link, a_body_that_is_too_large_is_a_problem, broken_requests_are_problems,
	an_upload_is_read_while_it_comes, websockets_go_through, events_go_out_at_once, the_service_ends_what_takes_too_long, the_client_is_known, the_target_names_the_host,
	what_differs_is_what_the_manual_says, a_websocket_over_uwsgi_is_refused, clients_of_tls, a_service_that_speaks_tls_alone, no_request_is_lost_when_either_side_reloads, hostile_names_are_quoted,
	every_setting_is_a_configuration, relative_paths_are_of_the_folder_it_is_printed_in, what_nginx_cannot_use_is_refused, documentation_is_for_this_machine)


def main():
	tap = Tap()
	for check in CHECKS:
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


if __name__ == '__main__':
	main()
