# SPDX-License-Identifier: MIT
"""The measured servers: always fresh, on the first core, with one thread unless a measurement says otherwise."""

import http.client
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time

SERVER_CORE = '0'
CORACLE = {
	'coracle': ['--threads', '1'],
	'coracle, logging': ['--threads', '1', '--access-log', 'on'],
	'coracle, two threads': ['--threads', '2'],
	'coracle, two workers': ['--threads', '1', '--processes', '2'],
	'coracle, TLS': ['--threads', '1', '--certificate', '{folder}/certificate', '--key', '{folder}/key'],
	'coracle, h2': ['--threads', '1', '--certificate', '{folder}/certificate', '--key', '{folder}/key'],
	'coracle, files': ['--threads', '1', '--files', '{folder}/files'],
	'coracle, files, TLS': ['--threads', '1', '--files', '{folder}/files', '--certificate', '{folder}/certificate', '--key', '{folder}/key'],
	'coracle, relaying': ['--threads', '1', '--upstream-origin-url', 'http://127.0.0.1:{origin}'],
	'coracle, a worker': ['--threads', '1', '--processes', '1', '--control', 'unix:{folder}/control'],
}
NGINX = '''
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
worker_rlimit_nofile 65536;
events {{ worker_connections 30000; }}
http {{
	access_log off; keepalive_requests 1000000000; keepalive_timeout 300s; server_tokens off;
	client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; default_type text/plain;
	upstream origin {{ server 127.0.0.1:{origin}; keepalive 64; keepalive_requests 1000000000; }}
	server {{
		listen 127.0.0.1:{port} backlog=1024{spoken}; location / {{ return 200 "Hello, World!"; }}
		location /relay/ {{ proxy_pass http://origin/; proxy_http_version 1.1; proxy_set_header Connection ""; }}
		location /files/ {{ root {folder}; sendfile on; tcp_nopush on; }}
		gzip_min_length 1;
		location /document/fast/ {{ root {folder}/files; gzip on; gzip_comp_level 1; gzip_types *; }}
		location /document/small/ {{ root {folder}/files; gzip on; gzip_comp_level 6; gzip_types *; }}
	}}
}}
'''
# The cipher is the one that we prefer: nginx leaves it to the client, and wrk's first is another.
NGINX_TLS = (' ssl; ssl_protocols TLSv1.2 TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256; '
	'ssl_certificate {folder}/certificate; ssl_certificate_key {folder}/key')


# Both serve a file of the 13 bytes that the others answer with.
H2O = '''
num-threads: 1
listen:
  host: 127.0.0.1
  port: {port}
  ssl: {{ certificate-file: {folder}/certificate, key-file: {folder}/key }}
hosts: {{ default: {{ paths: {{ /plaintext: {{ file.file: {folder}/files/plaintext }} }} }} }}
pid-file: {folder}/h2o.pid
user: {user}
'''


def is_tls(name):
	return name.endswith((', TLS', ', h2'))


def connect(name, port):
	"""A client that does not ask who certifies the server."""
	if is_tls(name):
		return http.client.HTTPSConnection('127.0.0.1', port, timeout=20, context=ssl._create_unverified_context())
	return http.client.HTTPConnection('127.0.0.1', port, timeout=20)


def ask(name, port):
	"""Whether it answers. Not all that speak HTTP/2 speak HTTP/1.1, and Python does not speak HTTP/2: a handshake is enough."""
	connection = connect(name, port)
	if name.endswith(', h2'):
		connection._context.set_alpn_protocols(['h2'])
		connection.connect()
	else:
		connection.request('GET', '/plaintext')
		connection.getresponse().read()
	connection.close()


class Server:
	"""A running server: a process, its port, and what the kernel reports about it."""

	def __init__(self, name, command, port, cores):
		self.name, self.port = name, port
		self.begun = time.monotonic()
		self.process = subprocess.Popen(['taskset', '-c', cores, *command], stdin=subprocess.DEVNULL,
			stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
		self.wait_for_answer()

	def wait_for_answer(self):
		end = self.begun + 30
		while time.monotonic() < end and self.process.poll() is None:
			try:
				ask(self.name, self.port)
				return
			except OSError:
				time.sleep(0.002)
		self.stop()
		raise RuntimeError(f'{self.name} does not answer')

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.stop()

	def stop(self):
		if self.process.poll() is None:
			self.process.send_signal(signal.SIGTERM)
			try:
				self.process.wait(10)
			except subprocess.TimeoutExpired:
				self.process.kill()
		self.process.wait()

	def cpu_ns(self):
		"""CPU time so far, of all threads."""
		total = 0
		for task in os.listdir(f'/proc/{self.process.pid}/task'):
			with open(f'/proc/{self.process.pid}/task/{task}/schedstat') as file:
				total += int(file.read().split()[0])
		return total

	def memory_bytes(self):
		"""Its own memory and its share of shared memory (PSS)."""
		with open(f'/proc/{self.process.pid}/smaps_rollup') as file:
			return next(int(line.split()[1]) * 1024 for line in file if line.startswith('Pss:'))


def free_port():
	with socket.socket() as probe:
		probe.bind(('127.0.0.1', 0))
		return probe.getsockname()[1]


class Bench:
	"""What every measurement gets: how to start servers, how to load them, and for how long."""

	def __init__(self, build, loads, rounds, seconds):
		self.build, self.loads, self.rounds, self.seconds = os.path.abspath(build), loads, rounds, seconds
		self.origin = 1 # the port of the server behind those that relay, once there is one
		self.path = os.environ.get('PATH', '') + ':/usr/sbin'
		self.nginx_program = shutil.which('nginx') or shutil.which('nginx', path='/usr/sbin')

	def __enter__(self):
		return self

	def __exit__(self, *_):
		shutil.rmtree(self.loads.folder)

	def certify(self):
		"""A P-256 key and its certificate, for the servers that speak TLS."""
		folder = self.loads.folder
		if not os.path.exists(f'{folder}/key'):
			subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
				'-days', '30', '-subj', '/CN=127.0.0.1', '-keyout', f'{folder}/key', '-out', f'{folder}/certificate'],
				capture_output=True, check=True)

	def command(self, name, port):
		if name == 'null':
			return [f'{self.build}/bench/null', str(port)]
		if is_tls(name):
			self.certify()
		if name == 'gather':
			return [f'{self.build}/bench/gather', '--http', f'127.0.0.1:{port}', '--threads', '1',
				'--upstream-origin-url', f'http://127.0.0.1:{self.origin}']
		if name in CORACLE:
			return [f'{self.build}/bench/coracle-bench', '--https' if is_tls(name) else '--http', f'127.0.0.1:{port}',
				*(word.format(folder=self.loads.folder, origin=self.origin) for word in CORACLE[name])]
		if name == 'h2o, h2':
			return self.h2o_command(port)
		if name == 'nghttpd, h2':
			folder = self.loads.folder
			return [shutil.which('nghttpd', path=self.path), '-n1', '-d', self.write_file(), str(port), f'{folder}/key',
				f'{folder}/certificate']
		return self.nginx_command(name, port)

	def write_file(self):
		folder = os.path.join(self.loads.folder, 'files')
		os.makedirs(folder, exist_ok=True)
		with open(os.path.join(folder, 'plaintext'), 'w') as file:
			file.write('Hello, World!')
		return folder

	def h2o_command(self, port):
		path = os.path.join(self.loads.folder, 'h2o.conf')
		self.write_file()
		with open(path, 'w') as file:
			file.write(H2O.format(folder=self.loads.folder, port=port, user=pwd.getpwuid(os.getuid()).pw_name))
		return [shutil.which('h2o', path=self.path), '-c', path]

	def nginx_command(self, name, port):
		folder = self.loads.folder
		path = os.path.join(folder, 'nginx.conf')
		spoken = NGINX_TLS.format(folder=folder) if is_tls(name) else ''
		with open(path, 'w') as file:
			file.write(NGINX.format(folder=folder, port=port, origin=self.origin, spoken=spoken))
		return [self.nginx_program, '-p', folder, '-c', path]

	def start(self, name, *wrapper, cores=SERVER_CORE):
		"""Start a server, under the tool that watches it, if any."""
		port = free_port()
		return Server(name, [*wrapper, *self.command(name, port)], port, cores)

	def peers(self):
		return ['nginx'] if self.nginx_program else []

	def tell_machine(self):
		with open('/proc/cpuinfo') as file:
			models = [line.split(':')[1].strip() for line in file if line.startswith('model name')]
		print(f'machine: {models[0] if models else "unknown"}, {os.cpu_count()} cores, Linux {os.uname().release}; '
			f'{self.rounds} rounds of {self.seconds:g} s')
		if os.cpu_count() < 2:
			print('machine: load and server share one core, so the ratios say little')
