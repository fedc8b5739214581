#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TLS as a client: who is believed, and what is said of those who are not. usage: test_secure.py CARRY ASK LIBCORACLE"""

import base64
import contextlib
import hashlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tls'))
from carrying import (CALL, CERTIFICATE, HANDSHAKE, LOST, MODES, NAME, PATIENCE, PIN, PROTOCOL, Carrier, Peer,  # noqa: E402
	body_of, recorded, run, sum_of)
from pki import Authority, make_pair  # noqa: E402

ASK, LIBRARY = sys.argv[2:]
FOLDER = tempfile.mkdtemp()
AUTHORITY = Authority(FOLDER, 'authority')
STRANGER = Authority(FOLDER, 'stranger')
SHOP = AUTHORITY.issue_for('shop', 'shop.example', 'localhost')
CLIENT = AUTHORITY.issue('client', '/CN=client')


def issue(name, *more, hosts='DNS:localhost'):
	extensions = os.path.join(FOLDER, f'{name}.ext')
	with open(extensions, 'w') as file:
		file.write(f'subjectAltName={hosts}\n')
	return AUTHORITY.issue(name, f'/CN={name}', '-extfile', extensions, *more)


LATE = issue('late', '-startdate', '20200101000000Z', '-enddate', '20210101000000Z')
EARLY = issue('early', '-startdate', '20900101000000Z', '-enddate', '20910101000000Z')
ADDRESS = issue('address', hosts='IP:127.0.0.1')


def server(pair, alpn=(), client_ca=None, version=None, names=None):
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
	context.load_cert_chain(*pair)
	if alpn:
		context.set_alpn_protocols(list(alpn))
	if client_ca:
		context.verify_mode = ssl.CERT_REQUIRED
		context.load_verify_locations(client_ca)
	if version:
		context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1_2, version
	if names is not None:
		context.sni_callback = lambda s, name, c: names.append(name)
	return context


def pin_of(pair):
	key = subprocess.run(['openssl', 'x509', '-in', pair[0], '-pubkey', '-noout'], check=True, capture_output=True).stdout
	der = subprocess.run(['openssl', 'pkey', '-pubin', '-outform', 'DER'], input=key, check=True, capture_output=True).stdout
	return 'sha256//' + base64.b64encode(hashlib.sha256(der).digest()).decode()


def serve(pair, **options):
	script, requests = recorded(lambda c, r: c.answer('secret'))
	peer = Peer(script, tls=server(pair, **options))
	peer.requests = requests
	return peer


def call(peer, **rest):
	return {'host': 'localhost', 'port': peer.port, 'tls': 1, 'ca': AUTHORITY.certificate, **rest}


def test_a_private_authority_is_believed():
	for mode in MODES:
		with Carrier(mode) as carrier, serve(SHOP) as peer:
			told = carrier.go(call(peer))[0]
			assert told['rc'] == '0' and told['shown'] == 'secret' and not told['reused'], told
			assert carrier.go(call(peer))[0]['reused']
			assert peer.requests[0].line == 'GET / HTTP/1.1' and peer.requests[0].fields == [('Host', 'localhost')]


def refused(peer, kind, rc='EPROTO', says='', requests=0, **rest):
	with Carrier() as carrier:
		told = carrier.go(call(peer, **rest))[0]
	assert (told['kind'], told['rc'], told['step']) == (kind, rc, 'connect'), told
	assert says in told['text'] and f'localhost:{peer.port}' in told['text'], told
	assert len(getattr(peer, 'requests', ())) == requests, 'a request was sent to whom nobody believes'


def test_an_unknown_authority_is_refused():
	with serve(STRANGER.issue_for('false', 'localhost')) as peer:
		refused(peer, CERTIFICATE, says='unable to get local issuer certificate')
	with serve(SHOP) as peer:
		refused(peer, CERTIFICATE, says='unable to get local issuer certificate', ca=None)
	with serve(make_pair(FOLDER, 'itself', 'localhost')) as peer:
		refused(peer, CERTIFICATE, says='self-signed certificate')


def test_old_and_future_certificates_are_refused():
	with serve(LATE) as peer:
		refused(peer, CERTIFICATE, says='certificate has expired')
	with serve(EARLY) as peer:
		refused(peer, CERTIFICATE, says='certificate is not yet valid')


def test_another_servers_certificate_is_refused():
	with serve(AUTHORITY.issue_for('other', 'other.example')) as peer:
		refused(peer, NAME)
	with serve(SHOP) as peer, Carrier() as carrier:
		told = carrier.go(call(peer, host='127.0.0.1'))[0]
		assert told['kind'] == NAME, told
	with serve(ADDRESS) as peer, Carrier() as carrier:
		assert carrier.go(call(peer, host='127.0.0.1'))[0]['rc'] == '0'


def test_a_server_may_have_another_name():
	names = []
	with serve(SHOP, names=names) as peer, Carrier() as carrier:
		told = carrier.go(call(peer, host='127.0.0.1', name='shop.example', authority='api.example'))[0]
		assert told['rc'] == '0' and names == ['shop.example'], (told, names)
		assert peer.requests[0].get('Host') == 'api.example'
		assert carrier.go(call(peer, host='127.0.0.1', name='shop.example'))[0]['reused']
		told = carrier.go(call(peer, host='127.0.0.1', name='other.example'))[0]
		assert told['kind'] == NAME and names[-1] == 'other.example' and not told['reused'], told
		assert f'127.0.0.1:{peer.port}' in told['text'], told


def test_a_pin_is_one_key():
	with serve(SHOP) as peer, Carrier() as carrier:
		assert carrier.go(call(peer, pin=pin_of(SHOP)))[0]['rc'] == '0'
		told = carrier.go(call(peer, pin=pin_of(CLIENT)))[0]
		assert told['kind'] == PIN and told['rc'] == 'EPROTO', told
		assert not carrier.go(call(peer))[0]['reused'], 'a connection of other rules is not shared'
	with serve(SHOP) as peer:
		refused(peer, PIN, pin=pin_of(CLIENT), unverified=1)


def test_nobody_is_verified_who_shall_not_be():
	with serve(LATE) as peer, Carrier() as carrier:
		assert carrier.go(call(peer, ca=None, host='127.0.0.1', unverified=1))[0]['shown'] == 'secret'
		told = carrier.go(call(peer))[0]
		assert told['kind'] == CERTIFICATE, told


def test_a_client_shows_its_certificate():
	for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
		with serve(SHOP, client_ca=AUTHORITY.certificate, version=version) as peer, Carrier() as carrier:
			told = carrier.go(call(peer, cert=CLIENT[0], key=CLIENT[1]))[0]
			assert told['rc'] == '0', told
			told = carrier.go(call(peer))[0]
			assert told['kind'] == HANDSHAKE and told['rc'] == 'EPROTO' and 'alert' in told['text'], told
			told = carrier.go(call(peer, cert=CLIENT[0] + '.none', key=CLIENT[1]))[0]
			assert told['kind'] == CALL and told['rc'] == 'EINVAL', told
			refused(peer, CALL, rc='EINVAL', says='our own certificate', requests=1, cert=CLIENT[0], key=SHOP[1])
		assert len(peer.requests) == 1


def test_a_file_of_authorities_that_is_not_there_is_told():
	with serve(SHOP) as peer:
		refused(peer, CALL, rc='EINVAL', says='authorities', ca=FOLDER + '/none.pem')


def test_old_versions_are_refused():
	context = server(SHOP)
	with warnings.catch_warnings():
		warnings.simplefilter('ignore')
		context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
	context.set_ciphers('ALL:@SECLEVEL=0')
	with Peer(lambda c, n: c.request(), tls=context) as peer:
		refused(peer, HANDSHAKE)


def test_handshakes_that_break_are_told():
	def plain(c, number):
		c.fill()
		c.send('HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n')

	def half(c, number):
		c.fill()
		c.send(b'\x16\x03\x03\x00\x7a\x02\x00')

	def garbage(c, number):
		c.fill()
		c.send(bytes(range(256)) * 4)

	def reset(c, number):
		c.fill()
		c.reset()

	for script in plain, half, garbage, reset, lambda c, n: None:
		with Peer(script) as peer:
			refused(peer, HANDSHAKE)


def test_a_stream_that_is_cut_is_no_whole_answer():
	"""Without close_notify the end may be anybody's (RFC 9112 section 9.8), also in the middle of a record."""
	def script(c, number):
		c.request()
		c.send('HTTP/1.1 200 OK\r\n\r\nhalf of')
		if number == 1:
			c.sock.unwrap()
		elif number == 3:
			os.write(c.sock.fileno(), b'\x17\x03\x03\x10\x00abc')
	with Peer(script, tls=server(SHOP)) as peer, Carrier() as carrier:
		assert carrier.go(call(peer))[0]['rc'] == '0'
		for _ in range(2):
			told = carrier.go(call(peer))[0]
			assert told['kind'] == LOST and told['step'] == 'body' and told['shown'] == 'half of', told


def test_what_comes_between_calls_is_no_answer():
	"""Whether it is still in the socket, or OpenSSL has read it with the end of the answer before."""
	evil = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'
	for size in 4, 100000:
		for at_once in True, False:
			news = threading.Event()

			def script(c, number):
				c.request()
				good = f'HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n{"g" * size}'
				if number == 1 and at_once:
					c.send(good + evil)
				else:
					c.send(good)
				if number == 1 and not at_once:
					c.send(evil)
				news.set()
				c.until_gone()
			with Peer(script, tls=server(SHOP)) as peer, Carrier() as carrier:
				told = carrier.go(call(peer))[0]
				assert (told['rc'], told['got']) == ('0', size), told
				assert news.wait(PATIENCE)
				told = carrier.go(call(peer, method='POST', body=3, send=3))[0]
				assert (told['rc'], told['got'], told['reused']) == ('0', size, False), (size, at_once, told)
				assert peer.count == 2, peer.count


def test_large_bodies_go_both_ways():
	big = body_of(3_000_000)
	script, requests = recorded(lambda c, r: c.answer(r.body))
	with Peer(script, tls=server(SHOP)) as peer, Carrier() as carrier:
		for body in len(big), -1:
			told = carrier.go(call(peer, method='POST', body=body, send=len(big), read_size=100000))[0]
			assert told['rc'] == '0' and told['got'] == len(big) and requests[-1].body == big, told


def test_sessions_are_resumed():
	resumed = []

	def script(c, number):
		resumed.append(c.sock.session_reused)
		c.request()
		c.answer('x', '200 OK', 'Connection: close')
	with Peer(script, tls=server(SHOP)) as peer, Carrier() as carrier:
		for _ in range(3):
			told = carrier.go(call(peer))[0]
			assert told['rc'] == '0' and not told['reused'], told
		assert resumed == [False, True, True], resumed
		told = carrier.go(call(peer, ca=STRANGER.certificate))[0]
		assert told['kind'] == CERTIFICATE, 'a session is no credential with other authorities'


def test_a_program_of_twenty_lines_calls_by_it():
	"""With nothing but the public interface and the shared libraries, in a fiber and in a plain thread."""
	with serve(SHOP) as peer:
		for how in [], ['fiber']:
			url = f'https://localhost:{peer.port}'
			done = subprocess.run([ASK, url, AUTHORITY.certificate, '-', *how], capture_output=True, text=True, timeout=PATIENCE)
			assert done.returncode == 0 and done.stdout == 'secret\n', done
			assert peer.requests[-1].get('Host') == f'localhost:{peer.port}', peer.requests[-1].head
			done = subprocess.run([ASK, url, STRANGER.certificate, '-', *how], capture_output=True, text=True, timeout=PATIENCE)
			assert done.stdout.startswith('EPROTO: certificate: the certificate is refused of localhost:'), done


def test_who_does_not_declare_it_does_not_link_it():
	needed = subprocess.run(['readelf', '-d', LIBRARY], check=True, capture_output=True, text=True).stdout
	assert 'NEEDED' in needed and 'libcurl' not in needed and 'libssl' not in needed, needed
	needed = subprocess.run(['readelf', '-d', ASK], check=True, capture_output=True, text=True).stdout
	assert 'libcoracle-curl' in needed, needed


# --- HTTP/2 ---


def free_port():
	with socket.socket() as s:
		s.bind(('127.0.0.1', 0))
		return s.getsockname()[1]


class Nghttpd:
	def __init__(self, *arguments):
		self.root = os.path.join(FOLDER, 'root')
		os.makedirs(self.root, exist_ok=True)
		with open(os.path.join(self.root, 'big'), 'wb') as file:
			file.write(body_of(3_000_000))
		with open(os.path.join(self.root, 'small'), 'wb') as file:
			file.write(b'small')
		self.port = free_port()
		self.process = subprocess.Popen(
			['nghttpd', '-a', '127.0.0.1', '-d', self.root, *arguments, str(self.port), SHOP[1], SHOP[0]],
			stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
		self.wait()

	def wait(self):
		until = time.monotonic() + PATIENCE
		while time.monotonic() < until:
			with contextlib.suppress(OSError):
				socket.create_connection(('127.0.0.1', self.port)).close()
				return
			time.sleep(0.02)
		raise AssertionError('nghttpd does not listen')

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.process.terminate()
		self.process.wait(PATIENCE)


def test_http2_is_spoken_where_it_is_offered():
	big = sum_of(body_of(3_000_000))
	for mode in MODES:
		with Nghttpd() as peer, Carrier(mode) as carrier:
			told = carrier.go(call(peer, path='/small', fields='X-A:1'))[0]
			assert told['rc'] == '0' and told['shown'] == 'small' and told['announced'] == 5, told
			assert dict(told['fields'])['server'].startswith('nghttpd') and not told['reused'], told
			for read_size in 1000, 100000:
				told = carrier.go(call(peer, path='/big', read_size=read_size))[0]
				assert told['rc'] == '0' and told['sum'] == big and told['reused'], told
			assert carrier.go(call(peer, path='/none'))[0]['status'] == 404
			told = carrier.go(call(peer, path='/big', method='HEAD'))[0]
			assert told['rc'] == '0' and told['announced'] == 0 and told['got'] == 0 and told['reused'], told


def test_http2_takes_bodies():
	with Nghttpd('--echo-upload') as peer, Carrier() as carrier:
		for body, piece in (1_000_000, 10000), (-1, 7), (0, 1), (-1, 100000):
			size = 1000 if piece == 7 else max(body, 0) or (1_000_000 if body < 0 else 0)
			told = carrier.go(call(peer, path='/echo', method='POST', body=body, send=size, piece=piece))[0]
			assert told['rc'] == '0' and told['got'] == size and told['sum'] == sum_of(body_of(size)), told


def test_http2_streams_do_not_hold_each_other_up():
	"""One is not read for a while; those beside it are."""
	with Nghttpd() as peer, Carrier() as carrier:
		carrier.go(call(peer, path='/small'))
		slow, *rest = carrier.go(call(peer, path='/big', pause_ms=600), *[call(peer, path='/big') for _ in range(8)])
		assert slow['rc'] == '0' and slow['got'] == 3_000_000, slow
		assert all(told['rc'] == '0' and told['got'] == 3_000_000 and told['ms'] < slow['ms'] for told in rest), rest


def test_http2_calls_that_are_given_up_leave_the_rest_whole():
	with Nghttpd() as peer, Carrier() as carrier:
		for _ in range(5):
			told = carrier.go(call(peer, path='/big', read=10000, read_size=10000), call(peer, path='/small'))
			assert told[0]['got'] == 10000 and told[1]['shown'] == 'small', told


def test_http2_servers_that_break_are_told():
	settings = b'\x00\x00\x00\x04\x00\x00\x00\x00\x00'

	def script(c, number):
		c.fill()
		if number == 1:
			c.send(settings, b'HTTP/1.1 400 Bad\r\n\r\n' * 10)
		elif number == 2:
			c.send(settings, b'\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x02') # RST_STREAM
		elif number == 3:
			c.send(settings, b'\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02')
		c.until_gone() if number == 1 else None
	with Peer(script, tls=server(SHOP, alpn=['h2'])) as peer, Carrier() as carrier:
		for number in range(1, 5):
			told = carrier.go(call(peer, head_ms=2000))[0]
			assert told['kind'] in (LOST, PROTOCOL) and told['step'] == 'head' and not told['answered'], (number, told)


try:
	run([value for name, value in list(globals().items()) if name.startswith('test_')])
finally:
	shutil.rmtree(FOLDER)
