#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The real nginx in front, with the lines of docs/production.md: the client's address arrives, an invented one does not."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading

from program import PATIENCE, Program, Tap, differs, lacks

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT = '127.0.0.9'  # and nginx connects from 127.0.0.1
NGINX = shutil.which('nginx') or '/usr/sbin/nginx'
STREAM = '/usr/lib/nginx/modules/ngx_stream_module.so'
FORGED = {'X-Forwarded-For': '203.0.113.66', 'Forwarded': 'for=203.0.113.66;host=evil.example', 'X-Forwarded-Host': 'evil.example',
	'X-Forwarded-Proto': 'https', 'X-Forwarded-Port': '1', 'X-Forwarded-Prefix': '/evil'}
HEADERS = [word for name in ('For', 'Proto', 'Prefix') for word in ('--trusted-headers', 'X-Forwarded-' + name)]


def documented(beginning):
	with open(os.path.join(HERE, '../../docs/production.md')) as file:
		blocks = re.findall(r'```nginx\n(.*?)```', file.read(), re.S)
	return next(block for block in blocks if block.startswith(beginning))


def free_port():
	with socket.create_server(('127.0.0.1', 0)) as listener:
		return listener.getsockname()[1]


class Nginx:
	"""Runs until the block ends."""

	def __init__(self, folder, blocks):
		with open(folder + '/nginx.conf', 'w') as file:
			file.write(f'''load_module {STREAM};
{'user root;' if os.getuid() == 0 else ''}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{}}
{blocks}
''')
		self.process = subprocess.Popen([NGINX, '-p', folder, '-c', folder + '/nginx.conf', '-e', 'stderr'], stderr=subprocess.PIPE, text=True)
		lines = []
		for line in self.process.stderr:
			lines.append(line)
			if 'start worker process ' in line:
				break
		else:
			raise AssertionError(''.join(lines))
		threading.Thread(target=self.process.stderr.read, daemon=True).start()

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.process.terminate()
		self.process.wait(PATIENCE)


def http_block(folder, port, upstream):
	location = documented('location /shop/ {\n    proxy_pass').replace('http://unix:/run/shop/http:/', upstream)
	assert upstream in location
	temporary = ''.join(f'{kind}_temp_path {folder}/{kind};\n' for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
	return f'http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{port}; {location} }} }}'


def stream_block(port, upstream):
	return documented('stream').replace('listen 8443', f'listen 127.0.0.1:{port}').replace('unix:/run/shop/http', upstream)


def ask(port, path, headers=None, method='GET'):
	connection = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE, source_address=(CLIENT, 0))
	try:
		connection.request(method, path, headers=headers or {})
		answer = connection.getresponse()
		return answer, answer.read().decode()
	finally:
		connection.close()


def check_seen(port, path, prefix):
	found = []
	for headers in ({}, FORGED):
		answer, body = ask(port, path, headers)
		told = json.loads(body)
		got = tuple(told[name] for name in ('client', 'scheme', 'host', 'prefix')) + (answer.getheader('Location'),)
		found += differs(str(headers), got, (CLIENT, 'http', f'127.0.0.1:{port}', prefix, prefix + '/things/7'))
	return found


def check_log(program, proxy):
	line = program.wait_for_line(f'"peer":"{CLIENT}"').string
	return lacks('log', line, f'"proxy":"{proxy}"')


def check_documentation(port):
	answer, page = ask(port, '/shop/docs')
	document = json.loads(ask(port, '/shop/openapi.json')[1])
	moved = ask(port, '/shop/docs/')[0]
	script = re.search(r'src="(docs/start[^"]*)"', page)
	return differs('page', answer.status, 200) + differs('servers', document['servers'], [{'url': '.'}]) + \
		differs('slash', moved.getheader('Location'), '../docs') + differs('script', script and ask(port, '/shop/' + script.group(1))[0].status, 200)


def requests_over_tcp():
	with tempfile.TemporaryDirectory() as folder, Program('--trusted-proxies', '127.0.0.1', *HEADERS) as program:
		port = free_port()
		with Nginx(folder, http_block(folder, port, f'http://127.0.0.1:{program.port()}/')):
			return check_seen(port, '/shop/seen', '/shop') + check_log(program, '127.0.0.1') + check_documentation(port)


def requests_over_a_unix_socket():
	with tempfile.TemporaryDirectory() as folder, \
			Program('--trusted-proxies', 'unix', *HEADERS, http=f'unix:{folder}/sock') as program:
		program.wait_for_line('listening on')
		port = free_port()
		with Nginx(folder, http_block(folder, port, f'http://unix:{folder}/sock:/')):
			return check_seen(port, '/shop/seen', '/shop') + check_log(program, 'unix') + check_documentation(port)


def connections_over_tcp():
	with tempfile.TemporaryDirectory() as folder, \
			Program('--trusted-proxies', '127.0.0.1', '--proxy-protocol', '127.0.0.1:0') as program:
		port = free_port()
		with Nginx(folder, stream_block(port, f'127.0.0.1:{program.port()}')):
			return check_seen(port, '/seen', '') + check_log(program, '127.0.0.1')


def connections_over_a_unix_socket():
	with tempfile.TemporaryDirectory() as folder:
		path = f'unix:{folder}/sock'
		with Program('--trusted-proxies', 'unix', '--proxy-protocol', path, http=path) as program:
			program.wait_for_line('listening on')
			port = free_port()
			with Nginx(folder, stream_block(port, path)):
				return check_seen(port, '/seen', '') + check_log(program, 'unix')


def main():
	tap = Tap()
	for check in (requests_over_tcp, requests_over_a_unix_socket, connections_over_tcp, connections_over_a_unix_socket):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
