#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The uwsgi protocol as a proxy speaks it, and as the real nginx does. usage: test_uwsgi.py BENCH COUNTRIES"""

import contextlib
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

import requests

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
from program import PATIENCE, Program, Tap, differs, lacks  # noqa: E402

BENCH, COUNTRIES = sys.argv[1], sys.argv[2]
LISTENING = re.compile(r'listening on uwsgi://[^\s"]*:(\d+)')
QUIET = ('--docs', 'off')


def packet(**variables):
	text = b''.join(struct.pack('<H', len(part)) + part
		for pair in variables.items() for part in (pair[0].encode(), pair[1].encode()))
	return struct.pack('<BHB', 0, len(text), 0) + text


def get(path, **variables):
	return packet(REQUEST_METHOD='GET', PATH_INFO=path, QUERY_STRING='', CONTENT_LENGTH='', **variables)


def connect(address):
	if isinstance(address, int):
		return socket.create_connection(('127.0.0.1', address), PATIENCE)
	s = socket.socket(socket.AF_UNIX)
	s.settimeout(PATIENCE)
	s.connect(address)
	return s


def read_all(s):
	return b''.join(iter(lambda: s.recv(65536), b''))


def ask(address, sent, pieces=None):
	"""(status, head, body); the server ends the connection. pieces: so many bytes at a time."""
	with connect(address) as s:
		for at in range(0, len(sent), pieces or len(sent)):
			s.sendall(sent[at:at + (pieces or len(sent))])
		answer = read_all(s)
	head, _, body = answer.partition(b'\r\n\r\n')
	return int(head.split()[1]), head.decode(), body


def until(ask_it, is_good):
	"""What it says when that is good; for as long as anybody has patience."""
	end = time.monotonic() + PATIENCE
	while not is_good(said := ask_it()) and time.monotonic() < end:
		time.sleep(0.01)
	return said


def service(executable, *arguments):
	return Program('--uwsgi', '127.0.0.1:0', *QUIET, *arguments, http=None, executable=executable)


def port_of(program):
	return int(program.wait_for_line(LISTENING).group(1))


# --- as a proxy speaks it ---

def requests_and_bodies():
	with service(BENCH) as bench:
		port = port_of(bench)
		status, head, body = ask(port, get('/plaintext', HTTP_HOST='a.example'))
		found = differs('GET', (status, body), (200, b'Hello, World!')) + lacks('head', head, 'Connection: close')
		post = {'REQUEST_METHOD': 'POST', 'REQUEST_URI': '/', 'PATH_INFO': '/'}
		for size in 0, 1, 5000, 300000:
			status, _, body = ask(port, packet(CONTENT_LENGTH=str(size), **post) + b'x' * size)
			found += differs(f'{size} bytes', (status, json.loads(body)), (200, {'bytes': size}))
		status, _, body = ask(port, packet(CONTENT_LENGTH='9', **post) + b'x' * 9, pieces=1)
		found += differs('byte by byte', (status, json.loads(body)), (200, {'bytes': 9}))
		status, head, body = ask(port, packet(REQUEST_METHOD='HEAD', PATH_INFO='/plaintext'))
		found += differs('HEAD', (status, body), (200, b'')) + lacks('HEAD', head, 'Content-Length: 13')
		found += differs('a large answer', len(ask(port, get('/bytes/3000000'))[2]), 3000000)
		found += differs('one that waits', ask(port, get('/delay/20'))[0], 200)
		return found + differs('too large', ask(port, packet(CONTENT_LENGTH='9999999', **post))[0], 413)


def a_stream_has_no_chunks():
	"""The protocol has none: the answer ends with its connection."""
	with service(COUNTRIES) as countries:
		port = port_of(countries)
		status, head, body = ask(port, get('/export/subdivisions'))
		return differs('status', status, 200) + differs('chunked', 'chunked' in head.lower(), False) + \
			differs('lines', len([json.loads(line) for line in body.splitlines()]) > 4000, True)


def what_is_no_request_is_refused():
	"""With an answer, and one line of the log that says why."""
	cases = [
		('HTTP', b'GET / HTTP/1.1\r\n\r\n', 400, 'this address speaks the uwsgi protocol, and not HTTP'),
		('no method', packet(PATH_INFO='/'), 400, 'the uwsgi packet has no REQUEST_METHOD'),
		('a modifier', b'\5' + get('/')[1:], 400, 'a modifier of the uwsgi packet is not 0'),
		('a length', b'\0\2\0\0\7\0', 400, 'a length in the uwsgi packet leads out of it'),
		('an injected line', get('/', HTTP_A='b\r\nX-Role: root'), 400, 'a value of the uwsgi packet has a line break or a NUL'),
		('a long line', get('/', HTTP_A='a' * 20000), 431, 'header line'),
		('too much', get('/' + ' ' * 30000), 431, 'the variables of the uwsgi packet are too large'),
		('chunks', get('/', HTTP_TRANSFER_ENCODING='chunked'), 411, 'the proxy has not said how long the body is'),
		('dots', get('/a/../b'), 400, ''),
	]
	with service(BENCH) as bench:
		port, found = port_of(bench), []
		for what, sent, status, reason in cases:
			got, _, body = ask(port, sent)
			found += differs(what, got, status) + lacks(what, body.decode(), reason)
			bench.wait_for_line(re.escape(reason) + '.*"}$' if reason else '"status":400')
		return found


def who_does_not_send_it_all():
	with service(BENCH, '--header-timeout-ms', '200') as bench:
		port = port_of(bench)
		with connect(port) as s:
			s.sendall(get('/plaintext')[:20])
			since = time.monotonic()
			answer = read_all(s)
		found = differs('status', answer.split()[1:2], [b'408']) + differs('in time', time.monotonic() - since < 10, True)
		with connect(port) as s:
			s.sendall(get('/plaintext')[:20])
		bench.wait_for_line('the head of the request did not arrive in time')
		return found + differs('the next one', ask(port, get('/plaintext'))[0], 200)


def unix_sockets_and_http_beside_it():
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'uwsgi')
		with Program('--uwsgi', f'unix:{path}', *QUIET, executable=BENCH) as bench:
			found = differs('http', bench.get('/plaintext'), (200, 'Hello, World!'))
			found += differs('uwsgi', ask(path, get('/plaintext'))[0], 200)
			bench.process.terminate()
			return found + differs('end', bench.end(), 0) + differs('the file is gone', os.path.exists(path), False)


def with_a_master_and_threads():
	with service(BENCH, '--processes', '2', '--threads', '2') as bench:
		port = port_of(bench)
		found = differs('answers', {ask(port, get('/plaintext'))[0] for _ in range(100)}, {200})
		bench.process.terminate()
		return found + differs('end', bench.end(), 0)


def the_client_is_whom_the_proxy_names():
	with service(BENCH, '--access-log', 'on', '--connections-per-peer', '1') as bench:
		port, found = port_of(bench), []
		named = {'REMOTE_ADDR': '192.0.2.7', 'REMOTE_PORT': '4711'}
		found += differs('v4', ask(port, get('/plaintext', **named))[0], 200)
		bench.wait_for_line('"path":"/plaintext".*"peer":"192.0.2.7"')
		ask(port, get('/json', REMOTE_ADDR='2001:db8::7', HTTPS='on'))
		bench.wait_for_line('"path":"/json".*"peer":"2001:db8::7"')
		ask(port, get('/bytes/1', REMOTE_ADDR='unix:', HTTP_X_FORWARDED_FOR='192.0.2.9'))
		bench.wait_for_line('"path":"/bytes/1".*"peer":"127.0.0.1"')
		held = {'REQUEST_METHOD': 'POST', 'PATH_INFO': '/', 'CONTENT_LENGTH': '5', **named}

		def two_at_once():
			with connect(port), connect(port), connect(port) as s: # proxies that say nothing yet are nobody's
				s.sendall(packet(**held))
				second = ask(port, get('/plaintext', **named))
				another = ask(port, get('/plaintext', REMOTE_ADDR='192.0.2.8'))
				s.sendall(b'x' * 5)
				return read_all(s).split()[1], second[0], second[2].decode(), another[0]

		# whoever came first, the other is refused
		first, second, body, another = until(two_at_once, lambda said: said[0] == b'200' and said[1] == 503)
		found += differs('two at once', (first, second, another), (b'200', 503, 200))
		found += lacks('the second', body, 'as many connections as one may have')
		return found + differs('the next', until(lambda: ask(port, get('/plaintext', **named))[0], lambda got: got == 200), 200)


# --- as nginx speaks it ---

CONFIGURATION = """
daemon off; pid {folder}/pid; error_log stderr; worker_processes 1; {user}
events {{ }}
http {{
	access_log off;
	client_body_temp_path {folder}/body; uwsgi_temp_path {folder}/uwsgi; proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi; scgi_temp_path {folder}/scgi;
	server {{
		listen 127.0.0.1:{port};
		include /etc/nginx/uwsgi_params;
		location / {{ uwsgi_pass 127.0.0.1:{uwsgi}; }}
		location /by-unix/ {{ rewrite ^/by-unix(/.*)$ $1 break; uwsgi_pass unix:{folder}/socket; }}
	}}
}}
"""


def free_port():
	with socket.create_server(('127.0.0.1', 0)) as s:
		return s.getsockname()[1]


@contextlib.contextmanager
def nginx(folder, uwsgi):
	"""The address of one in front of the service."""
	port = free_port()
	path = os.path.join(folder, 'nginx.conf')
	with open(path, 'w') as f:
		f.write(CONFIGURATION.format(folder=folder, port=port, uwsgi=uwsgi, user='user root;' if os.getuid() == 0 else ''))
	process = subprocess.Popen(['/usr/sbin/nginx', '-c', path, '-p', folder], stderr=subprocess.PIPE)
	try:
		end = time.monotonic() + PATIENCE
		while time.monotonic() < end:
			with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', port)):
				break
		yield f'http://127.0.0.1:{port}'
	finally:
		process.terminate()
		process.wait(PATIENCE)
		process.stderr.close()


def nginx_passes_requests():
	with tempfile.TemporaryDirectory() as folder, \
			service(COUNTRIES, '--uwsgi', f'unix:{folder}/socket') as countries, nginx(folder, port_of(countries)) as url:
		found = []
		for way in '', '/by-unix':
			here = url + way
			answer = requests.get(here + '/countries/CH', timeout=PATIENCE)
			found += differs(way + ' GET', (answer.status_code, answer.json()['alpha_2']), (200, 'CH'))
			found += differs(way + ' type', answer.headers['Content-Type'], 'application/json')
			answer = requests.get(here + '/countries', params={'code': ['CH', 'CI']}, timeout=PATIENCE)
			found += differs(way + ' query', [c['alpha_2'] for c in answer.json()['items']], ['CI', 'CH'])
			found += differs(way + ' 404', requests.get(here + '/nowhere', timeout=PATIENCE).status_code, 404)
			lines = requests.get(here + '/export/subdivisions', timeout=PATIENCE).text.splitlines()
			found += differs(way + ' stream', len([json.loads(line) for line in lines]) > 4000, True)
			countries.wait_for_line('"path":"/countries/CH".*"peer":"127.0.0.1"')
		return found


def nginx_passes_bodies():
	with tempfile.TemporaryDirectory() as folder, service(BENCH, '--uwsgi', f'unix:{folder}/socket') as bench, \
			nginx(folder, port_of(bench)) as url:
		found = []
		for way in '/', '/by-unix/':
			for size in 0, 1, 1000000:
				answer = requests.post(url + way, data=b'x' * size, timeout=PATIENCE)
				found += differs(f'{way} {size}', (answer.status_code, answer.json()), (200, {'bytes': size}))
			answer = requests.post(url + way, data=(b'x' * 1000 for _ in range(50)), timeout=PATIENCE)
			found += differs(way + ' chunked', (answer.status_code, answer.json()), (200, {'bytes': 50000}))
			answer = requests.get(url + way + 'bytes/3000000', timeout=PATIENCE)
			found += differs(way + ' a large answer', len(answer.content), 3000000)
		return found


def main():
	tap = Tap()
	for check in (requests_and_bodies, a_stream_has_no_chunks, what_is_no_request_is_refused, who_does_not_send_it_all,
			unix_sockets_and_http_beside_it, with_a_master_and_threads, the_client_is_whom_the_proxy_names, nginx_passes_requests, nginx_passes_bodies):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
