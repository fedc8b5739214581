# SPDX-License-Identifier: MIT
"""The real nginx, in front of a service, with the configuration that the service itself has printed."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
from program import PATIENCE, Program, Tap, differs, lacks  # noqa: E402,F401

NGINX = '/usr/sbin/nginx'
MAIN = '''{user}
daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log info;
events {{ }}
http {{
	access_log off;
	client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; uwsgi_temp_path {folder}/uwsgi;
	fastcgi_temp_path {folder}/fastcgi; scgi_temp_path {folder}/scgi;
	include "{folder}/printed.conf";
}}
'''


def free_port():
	with socket.create_server(('127.0.0.1', 0)) as listener:
		return listener.getsockname()[1]


def printed(executable, *arguments, cwd=None):
	"""(status, the configuration, what it complains of)"""
	done = subprocess.run([executable, *arguments, '--print-nginx'], capture_output=True, text=True, timeout=PATIENCE, cwd=cwd)
	return done.returncode, done.stdout, done.stderr


def judge(folder, text):
	"""What `nginx -t` says of it, as it is but for the place of the cache; '' if all is well."""
	with open(f'{folder}/printed.conf', 'w') as file:
		file.write(text.replace('/var/cache/', folder + '/'))
	with open(f'{folder}/nginx.conf', 'w') as file:
		file.write(MAIN.format(folder=folder, user='user root;' if os.getuid() == 0 else ''))
	done = subprocess.run([NGINX, '-t', '-p', folder, '-c', f'{folder}/nginx.conf', '-e', 'stderr'], capture_output=True, text=True,
		timeout=PATIENCE)
	said = [line for line in done.stderr.splitlines() if '[warn]' in line or '[emerg]' in line]
	return '' if done.returncode == 0 and not said else done.stderr


class Front:
	"""Runs until the block ends. Of what was printed only the ports of nginx and the place of its cache are others."""

	def __init__(self, executable, *arguments, folder, edit=str):
		self.folder, self.ports = folder, {}
		status, text, errors = printed(executable, *arguments)
		if status != 0:
			raise AssertionError(errors)
		self.text = text
		moved = edit(re.sub(r'^(    listen )(\d+)', self.move, text, flags=re.M))
		fault = judge(folder, moved)
		if fault:
			raise AssertionError(fault)
		self.process = subprocess.Popen([NGINX, '-p', folder, '-c', f'{folder}/nginx.conf', '-e', 'stderr'], stderr=subprocess.DEVNULL)
		self.port = next(iter(self.ports.values()))
		self.wait_until_it_listens()

	def move(self, match):
		port = self.ports.setdefault(match.group(2), free_port())
		return f'{match.group(1)}127.0.0.1:{port}'

	def wait_until_it_listens(self):
		end = time.monotonic() + PATIENCE
		while time.monotonic() < end and self.process.poll() is None:
			with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', self.port)):
				return
			time.sleep(0.01)
		raise AssertionError(self.errors())

	def errors(self):
		with open(f'{self.folder}/error.log') as file:
			return file.read()

	def reload(self):
		"""Returns when its new workers are there."""
		before = self.errors().count('start worker process ')
		self.process.send_signal(signal.SIGHUP)
		end = time.monotonic() + PATIENCE
		while time.monotonic() < end and self.errors().count('start worker process ') < before + 2:
			time.sleep(0.01)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.process.terminate()
		self.process.wait(PATIENCE)


@contextlib.contextmanager
def fronted(executable, *arguments, spoken='http', more=(), http='127.0.0.1:0', edit=str):
	"""A service with a unix socket for nginx and a port beside it, and nginx in front of it: (program, front, folder)."""
	with tempfile.TemporaryDirectory() as folder:
		os.chmod(folder, 0o755)
		flags = [*arguments, f'--{spoken}', f'unix:{folder}/service']
		if spoken != 'uwsgi':
			flags += ['--trusted-proxies', 'unix']
		with Program(*flags, *more, executable=executable, http=http) as program:
			program.wait_for_line('listening on .*unix:')
			with Front(executable, *flags, folder=folder, edit=edit) as front:
				yield program, front, folder


class Answer:
	def __init__(self, response, body):
		self.status, self.headers, self.body = response.status, response.headers, body

	def json(self):
		return json.loads(self.body)


def ask(port, path, method='GET', headers=None, body=None, tls=None):
	if tls:
		connection = http.client.HTTPSConnection('127.0.0.1', port, timeout=PATIENCE, context=tls)
	else:
		connection = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE)
	try:
		connection.request(method, path, headers={'Host': 'front.example', **(headers or {})}, body=body)
		response = connection.getresponse()
		return Answer(response, response.read())
	finally:
		connection.close()


def trusting(certificate):
	context = ssl.create_default_context(cafile=certificate)
	context.check_hostname = False
	return context


def exchange(port, text):
	"""What bytes come back for bytes, until the connection ends."""
	with socket.create_connection(('127.0.0.1', port), PATIENCE) as s:
		s.sendall(text)
		return b''.join(iter(lambda: s.recv(65536), b''))
