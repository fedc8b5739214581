#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""WebSocket with clients and proxies in common use: Python's websockets, nginx, TLS. usage: test_peers.py TRIAL"""
import asyncio
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import traceback

import pki
import test_conformance
from client import CLOSE, TEXT, Client, closing, frame
from program import PATIENCE, Program, Tap

try:
	import websockets
except ImportError:
	websockets = None
NGINX = shutil.which('nginx') or '/usr/sbin/nginx'


# --- Python's websockets ---

async def converse(uri, **options):
	async with websockets.connect(uri, **options) as ws:
		await ws.send('gr\u00fc\u00dfe')
		assert await ws.recv() == 'gr\u00fc\u00dfe'
		for size in (0, 125, 126, 65535, 65536, 100000):
			await ws.send(bytes(size))
			assert await ws.recv() == bytes(size)
		await ws.send(['in ', 'three ', 'parts'])
		assert await ws.recv() == 'in three parts'
		await asyncio.wait_for(await ws.ping(), PATIENCE)
		return ws.extensions


async def close_code(uri, order):
	async with websockets.connect(uri) as ws:
		await ws.send(order)
		await ws.wait_closed()
		return ws.close_code, ws.close_reason


def python_client(server, tls, context):
	uri = f'ws://127.0.0.1:{server.port()}'
	secure = f'wss://localhost:{tls}'
	for path in ('/echo', '/single', '/takeover'):
		for base, options in ((uri, {}), (secure, {'ssl': context})):
			if path == '/echo':
				options = {**options, 'max_size': None}
			extensions = asyncio.run(converse(base + path, **options))
			assert len(extensions) == (path != '/echo'), (path, extensions)
	assert asyncio.run(close_code(uri + '/end', '4321')) == (4321, 'as you wish')
	assert asyncio.run(close_code(uri + '/end', 'return')) == (1000, '')


# --- TLS ---

def secure_client(tls, context, path):
	s = socket.create_connection(('127.0.0.1', tls), PATIENCE)
	return Client(0, path, sock=context.wrap_socket(s, server_hostname='localhost'))


def conformance_over_tls(tls, context):
	for group in (test_conformance.pings, test_conformance.fragments, test_conformance.closes, test_conformance.limits):
		for name, path, data, back, ending, *step in group():
			with secure_client(tls, context, path) as c:
				c.send(data, *step)
				assert [c.frame()[:2] for _ in back] == back, name
				if ending is not None:
					got = c.frame()
					assert got[0] == CLOSE and got[1][:2] == (closing(ending) if ending != 1005 else b''), (name, got)


def drain_over_tls(tls, context, server):
	with secure_client(tls, context, '/echo') as c:
		c.send(frame(TEXT, b'x'))
		assert c.message() == b'x'
		server.process.terminate()
		assert c.frame()[:2] == (CLOSE, closing(1001, b'the service stops or restarts: connect again'))
	assert server.process.wait(PATIENCE) == 0


# --- nginx ---

class Nginx:
	def __init__(self, folder, port, unix):
		with socket.create_server(('127.0.0.1', 0)) as listener:
			self.port = listener.getsockname()[1]
		with open(f'{folder}/nginx.conf', 'w') as file:
			file.write(f'''{'user root;' if os.getuid() == 0 else ''}
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr notice;
events {{}}
http {{
	access_log off;
	client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
	map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
	server {{
		listen 127.0.0.1:{self.port};
		proxy_http_version 1.1;
		proxy_set_header Host $http_host;
		proxy_set_header Upgrade $http_upgrade;
		proxy_set_header Connection $connection_upgrade;
		location /tcp/ {{ proxy_pass http://127.0.0.1:{port}/; }}
		location /unix/ {{ proxy_pass http://unix:{unix}:/; }}
	}}
}}
''')
		self.process = subprocess.Popen([NGINX, '-p', folder, '-c', f'{folder}/nginx.conf', '-e', 'stderr'], stderr=subprocess.PIPE,
			text=True)
		for line in self.process.stderr:
			if 'start worker process ' in line:
				break
		threading.Thread(target=self.process.stderr.read, daemon=True).start()

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.process.terminate()
		self.process.wait(PATIENCE)


def behind_nginx(server, unix):
	with tempfile.TemporaryDirectory() as folder, Nginx(folder, server.port(), unix) as nginx:
		for way in ('/tcp', '/unix'):
			host = f'127.0.0.1:{nginx.port}'
			with Client(nginx.port, way + '/echo', host=host, Origin=f'http://{host}') as c:
				assert c.status == 101, c.status
				for size in (1, 126, 70000):
					c.send(frame(TEXT, b'x' * size))
					assert c.message() == b'x' * size
				c.send(frame(CLOSE, closing(4000)))
				assert c.close_code() == 4000
			with Client(nginx.port, way + '/echo', host=host, Origin='http://evil.example') as c:
				assert c.status == 403, c.status
			with Client(nginx.port, way + '/end') as c:
				c.text('4321')
				assert c.close_code() == 4321
			with Client(nginx.port, way + '/plain', Upgrade=None, Connection=None) as c:
				assert c.status == 200
			if websockets:
				asyncio.run(converse(f'ws://{host}{way}/single'))


def main():
	tap = Tap()

	def run(name, test, *arguments):
		try:
			test(*arguments)
			tap.check(name, [])
		except Exception:  # whatever the libraries raise
			tap.check(name, traceback.format_exc().splitlines()[-8:])

	with tempfile.TemporaryDirectory() as folder:
		certificate, key = pki.make_pair(folder, 'trial', 'localhost')
		context = ssl.create_default_context(cafile=certificate)
		unix = f'{folder}/socket'
		server = Program('--http', f'unix:{unix}', '--https', '127.0.0.1:0', '--certificate', certificate, '--key', key)
		with server:
			tls = int(server.wait_for_line(r'https://[^\s"]*:(\d+)').group(1))
			if websockets:
				run("Python's websockets", python_client, server, tls, context)
			else:
				tap.skip("Python's websockets", 'python3-websockets is not installed')
			run('conformance over TLS', conformance_over_tls, tls, context)
			if os.path.exists(NGINX):
				run('behind nginx', behind_nginx, server, unix)
			else:
				tap.skip('behind nginx', 'nginx is not installed')
			run('drain over TLS', drain_over_tls, tls, context, server)
	tap.done()


sys.exit(main())
