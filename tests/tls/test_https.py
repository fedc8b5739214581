#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""https as clients see it. usage: test_https.py SECURE_EXAMPLE HELLO_EXAMPLE"""

import contextlib
import http.client
import json
import os
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import traceback

from client import GET, LAST, PATIENCE, Secure, Wire, ask, read_to_end, trusting
from pki import make_pair, openssl
from program import Tap, run

HELLO = sys.argv[2]
TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
HINT = 'this port speaks HTTPS: write https:// in the address'
APPLICATION_DATA = 23


class Metrics:
	"""Of the control process."""

	def __init__(self, path):
		self.path = path

	def get(self):
		with socket.socket(socket.AF_UNIX) as s:
			s.settimeout(PATIENCE)
			s.connect(self.path)
			s.sendall(b'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
			return read_to_end(s).decode()

	def value(self, name):
		return float(next(line.split()[-1] for line in self.get().splitlines() if line.startswith(name)))

	def await_value(self, name, value):
		end = time.monotonic() + PATIENCE
		while self.value(name) != value:
			assert time.monotonic() < end, (name, self.value(name), value)
			time.sleep(0.02)


@contextlib.contextmanager
def with_metrics(pair, *arguments):
	with tempfile.TemporaryDirectory() as folder:
		path = f'{folder}/control'
		with Secure(pair, '--processes', '1', '--control', f'unix:{path}', *arguments) as program:
			program.port()
			yield program, Metrics(path)


# --- what is negotiated ---

def test_both_versions_and_modes(pair):
	for processes in 'none', '2':
		with Secure(pair, '--processes', processes) as program:
			for version in TLS_1_2, TLS_1_3:
				status, body = program.get(version=version)
				assert status == 200 and json.loads(body)['scheme'] == 'https', body


def test_old_versions_and_weak_ciphers_are_refused(pair):
	with Secure(pair) as program:
		for options in ('-tls1_1',), ('-tls1_2', '-cipher', 'AES128-SHA:@SECLEVEL=0'), ('-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA'), (
				'-tls1_3', '-groups', 'ffdhe2048'):
			done = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{program.port()}', *options], input='',
				capture_output=True, text=True, timeout=PATIENCE)
			assert done.returncode != 0 and 'Cipher is (NONE)' in done.stdout, done.stdout
	with Secure(pair, '--tls-security', 'modern') as program:
		assert program.get(version=TLS_1_3)[0] == 200
		try:
			program.get(version=TLS_1_2)
			raise AssertionError('modern must not speak TLS 1.2')
		except ssl.SSLError:
			pass


def agree(program, pair, *names):
	"""What is agreed on with a client that names these protocols, and how the answer to its first bytes begins."""
	context = trusting(pair[0])
	if names:
		context.set_alpn_protocols(list(names))
	with context.wrap_socket(program.connect_plainly(), server_hostname='localhost') as s:
		agreed = s.selected_alpn_protocol()
		s.sendall(b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]) if agreed == 'h2' else GET)
		return agreed, s.recv(65536)


def test_alpn(pair):
	with Secure(pair) as program:
		for names in ('h2', 'http/1.1'), ('http/1.1', 'spdy/1', 'h2'), ('h2',):
			agreed, answer = agree(program, pair, *names)
			assert agreed == 'h2' and answer[3:4] == b'\x04', (names, agreed, answer)  # SETTINGS
		for names in ('http/1.1',), ('spdy/1', 'http/1.1'), ():
			agreed, answer = agree(program, pair, *names)
			assert agreed == ('http/1.1' if names else None) and answer.startswith(b'HTTP/1.1 200'), (names, agreed, answer)
		for names in ('spdy/1',), ('http/1.0', 'h2c'):
			try:
				raise AssertionError(agree(program, pair, *names))
			except ssl.SSLError as error:
				assert 'no application protocol' in str(error), error
	with Secure(pair, '--http2-streams', '0') as program:
		assert agree(program, pair, 'h2', 'http/1.1')[0] == 'http/1.1'


def test_common_clients(pair):
	with Secure(pair) as program:
		url = f'https://localhost:{program.port()}/whoami'
		done = subprocess.run(['curl', '-sS', '--cacert', pair[0], url, url], capture_output=True, text=True, timeout=PATIENCE)
		assert done.returncode == 0 and done.stdout.count('"https"') == 2, done
		done = subprocess.run(['openssl', 's_client', '-connect', f'localhost:{program.port()}', '-CAfile', pair[0], '-verify_return_error',
			'-quiet', '-ign_eof'], input=LAST.decode(), capture_output=True, text=True, timeout=PATIENCE)
		assert 'HTTP/1.1 200 OK' in done.stdout and 'Verify return code: 0' not in done.stderr.replace('verify return:1', ''), done
		connection = http.client.HTTPSConnection('localhost', program.port(), timeout=PATIENCE, context=trusting(pair[0]))
		for _ in range(3):
			connection.request('GET', '/whoami')
			assert connection.getresponse().read()
		connection.close()


def test_unix_socket_and_plain_listener_beside_it(pair):
	with tempfile.TemporaryDirectory() as folder:
		with Secure(pair, '--http', '127.0.0.1:0', '--https', f'unix:{folder}/s') as program:
			program.wait_for_line(f'listening on unix:{folder}/s')
			for sock in socket.socket(socket.AF_UNIX), program.connect_plainly():
				if sock.family == socket.AF_UNIX:
					sock.connect(f'{folder}/s')
				with program.connect(sock) as s:
					assert ask(s)[0] == 200
			plain = int(program.wait_for_line(r'listening on http://[^\s"]*:(\d+)').group(1))
			with socket.create_connection(('127.0.0.1', plain), PATIENCE) as s:
				assert json.loads(ask(s)[1])['scheme'] == 'http'


# --- the ends of a stream ---

def test_close_notify_of_the_server(pair):
	with Secure(pair) as program:
		for version in TLS_1_2, TLS_1_3:
			wire = Wire(program.connect_plainly(), trusting(pair[0], version))
			wire.write(LAST)
			answer = b''
			while piece := wire.read():
				answer += piece
			assert answer.endswith(b'"https"}'), answer
			assert wire.take_in() == b'', 'nothing follows the end'


def test_close_notify_of_the_client_is_answered(pair):
	with Secure(pair) as program:
		wire = Wire(program.connect_plainly(), trusting(pair[0], TLS_1_3))
		wire.write(GET)
		assert wire.read().startswith(b'HTTP/1.1 200')
		wire.say_goodbye()
		wire.until(wire.tls.unwrap)


def test_cut_stream_is_no_end(pair):
	"""Anybody may have cut it off: there is nobody to say goodbye to. An orderly end is answered by one."""
	with Secure(pair) as program:
		for orderly in True, False:
			wire = Wire(program.connect_plainly(), trusting(pair[0], TLS_1_3))
			wire.write(GET)
			while not wire.read().endswith(b'}'):
				pass
			wire.write(b'GET /whoami HTTP/1.1\r\nHost:')
			if orderly:
				wire.say_goodbye()
			else:
				wire.sock.shutdown(socket.SHUT_WR)
			if orderly:
				wire.until(wire.tls.unwrap)
				continue
			try:
				raise AssertionError(wire.read())
			except ssl.SSLError as error:
				assert 'decode error' in str(error) or isinstance(error, ssl.SSLEOFError), error


def test_records_are_filled(pair):
	with Secure(pair) as program:
		wire = Wire(program.connect_plainly(), trusting(pair[0], TLS_1_2))
		before = len(wire.record_types())
		wire.write(GET * 40)
		answers = b''
		while answers.count(b'HTTP/1.1 200') < 40 or not answers.endswith(b'}'):
			answers += wire.read()
		types = wire.record_types()[before:]
		assert types.count(APPLICATION_DATA) == 1, types


# --- who is refused ---

def test_plain_http_gets_a_hint(pair):
	with with_metrics(pair) as (program, metrics):
		for request in GET, b'DELETE /a HTTP/1.1\r\nHost: a\r\n\r\n', b'CONNECT a:1 HTTP/1.1\r\n\r\n', GET + b'x' * 100000:
			with program.connect_plainly() as s:
				s.sendall(request)
				answer = read_to_end(s).decode()
				head, _, body = answer.partition('\r\n\r\n')
				assert head.startswith('HTTP/1.1 400 '), answer
				assert json.loads(body)['detail'] == HINT and f'Content-Length: {len(body)}' in head, answer
		metrics.await_value('coracle_handshakes_refused_total{reason="plain"}', 4)


def test_scanners_fill_no_log(pair):
	with with_metrics(pair) as (program, metrics):
		for text in (b'\x16\x03\x01\x00\x05hello', b'\x00\x01\x02', b'SSH-2.0-x\r\n', b'\x80\x2e\x01\x00\x02') * 10:
			with program.connect_plainly() as s:
				s.sendall(text)
				s.shutdown(socket.SHUT_WR)
				with contextlib.suppress(ConnectionError):
					read_to_end(s)
		metrics.await_value('coracle_handshakes_refused_total{reason="failed"}', 30)
		metrics.await_value('coracle_handshakes_refused_total{reason="plain"}', 10)
		assert program.get()[0] == 200
		metrics.await_value('coracle_handshakes_total', 1)
		told = [line for line in program.lines if 'no handshake' in line]
		assert len(told) == 1 and '"level":"info"' in told[0], told
		assert not any('"level":"error"' in line or '"level":"warning"' in line for line in program.lines), program.lines


def test_handshake_has_a_deadline(pair):
	with with_metrics(pair, '--handshake-timeout-ms', '300') as (program, metrics):
		with program.connect_plainly() as s:
			s.sendall(b'\x16')
			began = time.monotonic()
			assert s.recv(1) == b'' and time.monotonic() - began < 5
		metrics.await_value('coracle_handshakes_refused_total{reason="late"}', 1)
		with program.connect() as s:
			time.sleep(0.5)  # it is over: the deadline is, too
			assert ask(s)[0] == 200


def test_handshakes_in_progress_are_limited(pair):
	with with_metrics(pair, '--handshakes-max', '2') as (program, metrics):
		stalled = [program.connect_plainly() for _ in range(2)]
		for s in stalled:
			s.sendall(b'\x16')
		with contextlib.ExitStack() as rest:
			sockets = [rest.enter_context(program.connect_plainly()) for _ in range(3)]
			for s in sockets:
				with contextlib.suppress(ConnectionResetError):
					assert s.recv(1) == b''
		metrics.await_value('coracle_handshakes_refused_total{reason="limit"}', 3)
		assert program.wait_for_line('2 handshakes are in progress: new clients are closed')
		for s in stalled:
			s.close()
		metrics.await_value('coracle_handshakes_refused_total{reason="failed"}', 2)
		assert program.get()[0] == 200


def test_oldest_stalled_handshake_makes_room(pair):
	with with_metrics(pair, '--handshakes-max', '2', '--handshake-timeout-ms', '5000') as (program, metrics):
		with program.connect_plainly() as first, program.connect_plainly() as second:
			first.sendall(b'\x16')
			time.sleep(0.2)
			second.sendall(b'\x16')
			time.sleep(0.5)  # a tenth of what they may take
			for _ in range(5):
				assert program.get()[0] == 200, 'its own place is free then'
			assert first.recv(1) == b''
			second.settimeout(0.1)
			try:
				raise AssertionError(second.recv(1))
			except TimeoutError:
				pass
		metrics.await_value('coracle_handshakes_refused_total{reason="limit"}', 1)
		assert program.wait_for_line('"warning".*2 handshakes are in progress: the oldest that does not go on is closed for a new client')


def test_stalled_handshakes_slow_nobody(pair):
	_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
	resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
	with Secure(pair, '--connections-max', '2000') as program, contextlib.ExitStack() as rest:
		for _ in range(1000):
			rest.enter_context(program.connect_plainly()).sendall(b'\x16\x03\x01')
		took = []
		for _ in range(100):
			began = time.monotonic()
			assert program.get()[0] == 200
			took.append(time.monotonic() - began)
		assert sorted(took)[98] < 0.1 * (4 if 'COR_TEST_LIGHT' in os.environ else 1), sorted(took)[90:]


def private_bytes(pid):
	with open(f'/proc/{pid}/smaps_rollup') as file:
		return 1024 * sum(int(line.split()[1]) for line in file if line.startswith('Private_'))


def test_idle_connection_costs_little(pair):
	"""Nothing is left of its buffers: OpenSSL's objects cost 14 KB, a buffer would cost 16 KB more."""
	if 'COR_TEST_LIGHT' in os.environ:
		return
	with Secure(pair) as program, contextlib.ExitStack() as rest:
		def open_one():
			s = rest.enter_context(program.connect())
			s.sendall(GET)
			assert s.recv(65536).startswith(b'HTTP/1.1 200')
		for _ in range(100):
			open_one()
		before = private_bytes(program.process.pid)
		for _ in range(1000):
			open_one()
		cost = (private_bytes(program.process.pid) - before) / 1000
		print(f'# figure: an idle connection behind TLS costs {cost / 1000:.1f} KB')
		assert cost < 15500, cost


# --- certificates and keys ---

def test_proxy_header_comes_before_the_handshake(pair):
	"""Whole or byte by byte, nothing behind it is taken from the handshake; without it there is none."""
	header = b'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n'
	with Secure(pair, '--trusted-proxies', '127.0.0.1', '--proxy-protocol', '127.0.0.1:0', '--trusted-proxies', '192.0.2.1') as secure:
		for pieces in ([header], [bytes([byte]) for byte in header]):
			plain = secure.connect_plainly()
			for piece in pieces:
				plain.sendall(piece)
			with secure.connect(plain) as s:
				status, body = ask(s, LAST.replace(b'\r\n\r\n', b'\r\nX-Forwarded-For: 198.51.100.9\r\n\r\n'))
				assert status == 200 and '"https"' in body, body
			secure.wait_for_line('"peer":"198.51.100.9","proxy":"127.0.0.1"')
		try:
			secure.connect()
			raise AssertionError('a handshake without a PROXY header')
		except (ssl.SSLError, OSError):
			secure.wait_for_line('127.0.0.1 has sent no PROXY header that can be understood')


def test_mistakes_say_what_to_do(pair):
	with tempfile.TemporaryDirectory() as folder:
		other = make_pair(folder, 'other', 'localhost')
		small = make_pair(folder, 'small', 'localhost', key=('rsa:1024',))
		encrypted, broken, empty = f'{folder}/encrypted.key', f'{folder}/broken.pem', f'{folder}/empty'
		openssl('pkey', '-in', pair[1], '-aes256', '-passout', 'pass:x', '-out', encrypted)
		with open(pair[0]) as file, open(broken, 'w') as to:
			to.write(file.read() + '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
		open(empty, 'w').close()
		for certificate, key, why in (
				(None, None, 'openssl req -x509'), (pair[0], None, 'openssl req -x509'),
				(pair[0], other[1], f'is not the key of {pair[0]}'), (small[0], small[1], 'key of 2048 bits'),
				(pair[0], encrypted, f'openssl pkey -in {encrypted}'), (broken, pair[1], 'is broken'), (empty, pair[1], 'holds no certificate'),
				(pair[0], empty, 'holds no private key'), (pair[0], folder, 'is a directory'), (pair[0], f'{folder}/x', 'there is no such file')):
			given = (['--certificate', certificate] if certificate else []) + (['--key', key] if key else [])
			for more in (), ('--check',), ('--processes', '1'):
				status, _, error = run('--https', '127.0.0.1:0', *given, *more)
				assert status in (64, 78) and why in error and 'ERR' not in error, (given, more, status, error)


def test_service_without_tls(pair):
	done = subprocess.run([HELLO, '--https', '127.0.0.1:0', '--certificate', pair[0], '--key', pair[1]], capture_output=True, text=True)
	assert done.returncode == 64 and '.tls = &cor_tls' in done.stderr and 'coracle-tls' in done.stderr, done
	library = os.path.join(os.path.dirname(HELLO), '..', 'libcoracle.so')
	for program in HELLO, library:
		needed = subprocess.run(['readelf', '-d', program], capture_output=True, text=True, check=True).stdout
		assert 'NEEDED' in needed and 'libssl' not in needed and 'libcrypto' not in needed and 'coracle-tls' not in needed, needed
	loaded = subprocess.run(['ldd', HELLO], capture_output=True, text=True, check=True).stdout
	assert 'libssl' not in loaded and 'libcrypto' not in loaded, loaded


def test_key_is_read_before_the_user_is_given_up(pair):
	if os.geteuid() != 0:
		return
	with tempfile.TemporaryDirectory() as folder:
		certificate, key = (shutil.copy(path, folder) for path in pair)
		os.chmod(key, 0o600)
		for processes in 'none', '1':
			with Secure((certificate, key), '--processes', processes, '--user', 'nobody') as program:
				assert program.get()[0] == 200


def await_certificate(program, certificate):
	"""Workers change one after the other: until then a handshake may meet one that has not."""
	in_a_row = 0
	for _ in range(1000):
		try:
			Wire(program.connect_plainly(), trusting(certificate))
			in_a_row += 1
		except ssl.SSLError:
			in_a_row = 0
			time.sleep(0.01)
		if in_a_row == 20:
			return
	raise AssertionError('the old certificate is served still')


def test_certificate_is_renewed_by_hup(pair):
	with tempfile.TemporaryDirectory() as folder:
		mine = tuple(shutil.copy(path, folder) for path in pair)
		new = make_pair(folder, 'new', 'localhost')
		with Secure(mine, '--processes', '2') as program, program.connect() as old:
			old.sendall(GET)
			assert old.recv(65536)
			shutil.copy(new[0], mine[0])
			program.signal(1)
			program.wait_for_line('is not the key of')
			assert Wire(program.connect_plainly(), trusting(pair[0])), 'the old pair stays'
			shutil.copy(new[1], mine[1])
			program.signal(1)
			program.wait_for_line('reloaded|serves now|generation')
			await_certificate(program, new[0])


def problems(test, pair):
	try:
		test(pair)
	except Exception:  # whatever it is, the others run
		return traceback.format_exc().splitlines()
	return []


def test_certificate_that_expires_soon_is_told(pair):
	with tempfile.TemporaryDirectory() as folder:
		soon = make_pair(folder, 'soon', 'localhost', days=5)
		with with_metrics(soon) as (program, metrics):
			program.wait_for_line(rf'"level":"warning".*{soon[0]} expires in [45] days: renew it')
			end = metrics.value('coracle_certificate_expiry_timestamp_seconds')
			assert 4 * 86400 < end - time.time() <= 5 * 86400, end
	with with_metrics(pair) as (program, metrics):
		assert program.get()[0] == 200
		assert 29 * 86400 < metrics.value('coracle_certificate_expiry_timestamp_seconds') - time.time() <= 30 * 86400
		assert not any('expires' in line for line in program.lines), program.lines


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		pair = make_pair(folder, 'localhost', 'localhost', '127.0.0.1')
		for name, test in list(globals().items()):
			if name.startswith('test_'):
				tap.check(name[5:].replace('_', ' '), problems(test, pair))
	tap.done()


main()
