#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""memcached over TLS: real servers with certificates of an authority of our own, and those that are not what they should be."""

import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from parts import PATIENCE, Asker, Memcached
from pki import Authority
from tap import Tap

ASKER = sys.argv[1]


def issue(authority, name, *more, names='IP:127.0.0.1'):
	extensions = os.path.join(authority.folder, f'{name}.ext')
	with open(extensions, 'w') as file:
		file.write(f'subjectAltName={names}\n')
	certificate, key = authority.issue(name, f'/CN={name}', '-extfile', extensions, *more)
	for path in (certificate, key):
		os.chmod(path, 0o644)  # memcached reads them as nobody
	return certificate, key


class Secured(Memcached):
	"""A real one with TLS."""

	def __init__(self, pair, *more, **where):
		certificate, key = pair
		super().__init__('-Z', '-o', ','.join((f'ssl_chain_cert={certificate}', f'ssl_key={key}', *more)), **where)


def differs(what, got, wanted):
	return [] if got == wanted else [f'{what}: {got}, not {wanted}']


def lacks(what, text, part):
	return [] if part in text else [f'{what}: {text}, without {part}']


def good_ones(mode, pair, **options):
	with Secured(pair) as a, Secured(pair) as b, Asker(ASKER, mode, f'{a.at},{b.at}', chunks=1, value_bytes=8 << 20, **options) as asker:
		faults = differs('put', asker.ask('put', 'key', 'value'), '0')
		faults += differs('get', asker.ask('get', 'key').split()[:2], ['0', 'value'])
		for size in (20000, 900000, 5000000):
			faults += differs(f'put of {size}', asker.ask('put', 'large', f'@{size}'), '0')
			faults += differs(f'get of {size}', asker.ask('get', 'large').split()[:2], ['0', f'@{size}'])
		load = asker.ask('load', 400, 50)
		faults += lacks('load', load, 'failed=0') + lacks('load', load, 'wrong=0')
		b.stop()
		b.start()
		for number in range(20):  # over new connections where the old ones are gone
			faults += differs('put again', asker.ask('put', f'key{number}', 'value'), '0')
		return faults


def a_child_that_closes(at, **options):
	"""What it has of its parent's connection is not its to end: a number is added once, without a second try."""
	with Asker(ASKER, 'thread', at, **options) as asker:
		faults = differs('add', asker.ask('add', 'number', 1, 7), '0 7')
		faults += differs('the child', asker.ask('close_in_child'), '0')
		return faults + differs('add again', asker.ask('add', 'number', 1, 7), '0 8')


def refused(mode, at, code, why, **options):
	"""Each call fails so, five put the server out, and one line says why."""
	with Asker(ASKER, mode, at, **{'fails': 5, 'dead_ms': 60000, **options}) as asker:
		faults = []
		for _ in range(5):
			faults += differs('get', asker.ask('get', 'key'), code)
		faults += differs('get of one that is out', asker.ask('get', 'key'), 'COR_EUNTRIED')
		news = asker.ask('news')
		return faults + lacks('news', news, why) + differs('lines', news.count('memcached server'), 1)


class Wrong:
	"""A listener that does what `serve(connection)` does with each connection."""

	def __init__(self, serve):
		self.listener = socket.create_server(('127.0.0.1', 0))
		self.at = '127.0.0.1:%d' % self.listener.getsockname()[1]
		self.over = threading.Event()
		self.serve = serve
		threading.Thread(target=self.accept, daemon=True).start()

	def accept(self):
		while True:
			try:
				connection, _ = self.listener.accept()
			except OSError:
				return
			threading.Thread(target=self.serve_one, args=(connection,), daemon=True).start()

	def serve_one(self, connection):
		with connection:
			self.serve(self, connection)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.over.set()
		self.listener.close()


class Front:
	"""TLS in front of a server, on a unix socket: memcached has none there."""

	def __init__(self, pair, path, server):
		self.at, self.server = path, server
		self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
		self.context.load_cert_chain(*pair)
		self.listener = socket.socket(socket.AF_UNIX)
		self.listener.bind(path)
		self.listener.listen()
		threading.Thread(target=self.accept, daemon=True).start()

	def accept(self):
		try:
			connection, _ = self.listener.accept()
			with self.context.wrap_socket(connection, server_side=True) as front, self.server.connect() as back:
				threading.Thread(target=self.pass_on, args=(back, front), daemon=True).start()
				self.pass_on(front, back)
				back.shutdown(socket.SHUT_RDWR)
		except OSError:
			pass

	@staticmethod
	def pass_on(source, target):
		try:
			while piece := source.recv(65536):
				target.sendall(piece)
		except OSError:
			pass

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.listener.close()


def is_silent(wrong, _connection):
	wrong.over.wait(PATIENCE)


def goes_away(_wrong, connection):
	connection.recv(100)


def speaks_plainly(_wrong, connection):
	connection.recv(5000)
	connection.sendall(b'ERROR\r\n')


def fault(at, **options):
	process = subprocess.run([ASKER, 'thread', at] + ['%s=%s' % item for item in options.items()], capture_output=True, check=False)
	return process.stdout.decode().strip()


def declarations(folder, authority, pair):
	nothing, no_certificate = f'{folder}/nothing.pem', f'{folder}/empty.pem'
	with open(no_certificate, 'w'):
		pass
	other = issue(authority, 'other')
	faults = []
	for options, wanted in (
		({'tls_ca': nothing}, f'has .tls that cannot be used: {nothing} cannot be read: No such file or directory'),
		({'tls_ca': no_certificate}, f'{no_certificate} holds no certificate: name a file with the -----BEGIN CERTIFICATE----- of whoever issues'),
		({'tls_certificate': pair[0]}, 'has .tls with a .certificate or a .key: both are needed'),
		({'tls_certificate': pair[0], 'tls_key': nothing}, f'{nothing} cannot be read: No such file'),
		({'tls_certificate': pair[0], 'tls_key': other[1]}, f'{other[1]} is not the key of {pair[0]}'),
		({'tls_name': ''}, 'has .tls with an empty .name: say which one the certificates have'),
		({'tls_trusts_all': 1, 'tls_name': 'cache'}, 'has .tls that .trusts_all, and a .ca or .name that nobody would look at'),
	):
		faults += lacks(str(options), fault('127.0.0.1:1', **options), wanted)
	return faults + lacks('a unix socket', fault('/tmp/none.sock', tls_ca=pair[0]), 'has .tls for the unix socket "/tmp/none.sock": say which .name')


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		os.chmod(folder, 0o755)
		ours, others = Authority(folder, 'ours'), Authority(folder, 'others')
		os.chmod(ours.certificate, 0o644)
		pair = issue(ours, 'server')
		named = issue(ours, 'named', names='DNS:cache.example')
		expired = issue(ours, 'expired', '-startdate', '20200101000000Z', '-enddate', '20200201000000Z')
		client = issue(ours, 'client')
		tap.check('declarations that cannot work are told', declarations(folder, ours, pair))
		with Secured(pair) as server:
			tap.check('a child of fork() leaves the connection', a_child_that_closes(server.at, tls_ca=ours.certificate))
		for mode in ('thread', 'fiber'):
			def check(name, faults, mode=mode):
				tap.check(f'{mode}: {name}', faults)

			trust = {'tls_ca': ours.certificate}
			check('servers of the authority', good_ones(mode, pair, **trust))
			check('whoever answers', good_ones(mode, expired, tls_trusts_all=1))
			check('another name, which is said', good_ones(mode, named, tls_name='cache.example', **trust))
			with Secured(pair) as server:
				check('of another authority', refused(mode, server.at, 'COR_ECERTIFICATE',
					f'the memcached server {server.at} is out: it has failed 5 times in a row, the last time with "the server\'s certificate is refused: '
					'unable to get local issuer certificate"', tls_ca=others.certificate))
				check('of nobody whom the system trusts', refused(mode, server.at, 'COR_ECERTIFICATE', 'certificate is refused', tls_system=1))
				check('without TLS to a server that wants it', refused(mode, server.at, 'ECONNRESET', 'is out'))
			with Secured(named) as server:
				check('of another address', refused(mode, server.at, 'COR_ECERTIFICATE', 'is refused: IP address mismatch', **trust))
				check('of another name', refused(mode, server.at, 'COR_ECERTIFICATE', 'is refused: hostname mismatch', tls_name='cash.example', **trust))
			with Secured(expired) as server:
				check('expired', refused(mode, server.at, 'COR_ECERTIFICATE', 'is refused: certificate has expired', **trust))
			with Secured(pair, 'ssl_verify_mode=2', f'ssl_ca_cert={ours.certificate}') as server:
				shown = {'tls_certificate': client[0], 'tls_key': client[1], **trust}
				with Asker(ASKER, mode, server.at, **shown) as asker:
					check('a server that asks who comes', differs('put', asker.ask('put', 'key', 'value'), '0'))
				check('a server that is shown nothing', refused_somehow(mode, server.at, **trust))
				with Asker(ASKER, mode, server.at, fails=1, **trust) as asker:
					asker.ask('get', 'key')
					check('which is told', lacks('news', asker.ask('news'), 'the last time with "tlsv13 alert certificate required"'))
			with Memcached() as server, Front(named, f'{folder}/{mode}.sock', server) as front, \
				Asker(ASKER, mode, front.at, tls_name='cache.example', **trust) as asker:
				check('a unix socket', differs('put', asker.ask('put', 'key', 'value'), '0') + differs('get', asker.ask('get', 'key')[:7], '0 value'))
			with Wrong(speaks_plainly) as wrong:
				check('one without TLS', refused(mode, wrong.at, 'EPROTO', 'the server does not speak TLS', **trust))
			with Wrong(goes_away) as wrong:
				check('one that goes away', refused(mode, wrong.at, 'ECONNRESET', 'is out', **trust))
			with Wrong(is_silent) as wrong:
				check('one that says nothing', refused(mode, wrong.at, 'ETIMEDOUT', 'the server does not answer to TLS', connect_ms=60, **trust))
			with Memcached() as server:
				check('a real one without TLS', refused_somehow(mode, server.at, connect_ms=200, **trust))
	tap.done()


def refused_somehow(mode, at, **options):
	"""What the other side makes of it decides how it is told."""
	with Asker(ASKER, mode, at, fails=1, dead_ms=60000, **options) as asker:
		got = asker.ask('get', 'key')
		return [] if got in ('ECONNRESET', 'EPROTO', 'ETIMEDOUT') else [got]


if __name__ == '__main__':
	sys.exit(main())
