#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Certificates of clients: who is let in, and whom handlers see. usage: test_clients.py SECURE_EXAMPLE"""

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import ssl
import subprocess
import tempfile
import time
import traceback

from client import GET, PATIENCE, Secure, ask, trusting
from pki import Authority, make_pair
from program import Tap, run

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


class World:
	"""A server's pair, an authority, a stranger, and their clients."""

	def __init__(self, folder):
		self.folder = folder
		self.pair = make_pair(folder, 'localhost', 'localhost', '127.0.0.1')
		self.authority = Authority(folder, 'authority')
		self.alice = self.authority.issue('alice', '/O=B\u00fccher & Co/CN=alice')
		self.bob = self.authority.issue('bob', '/CN=bob')
		self.late = self.authority.issue('late', '/CN=late', '-startdate', '20200101000000Z', '-enddate', '20210101000000Z')
		self.eve = Authority(folder, 'stranger').issue('eve', '/CN=alice')

	def serve(self, mode, *arguments, ca=None, **rest):
		return Secure(self.pair, '--client-certificates', mode, '--client-ca', ca or self.authority.certificate, *arguments, **rest)

	def context(self, client=None, version=None):
		context = trusting(self.pair[0], version)
		if client:
			context.load_cert_chain(*client)
		return context

	def visit(self, program, client=None, version=None, session=None, context=None, sock=None):
		"""(what /whoami says, the session, whether one was resumed)"""
		context = context or self.context(client, version)
		with context.wrap_socket(sock or program.connect_plainly(), server_hostname='localhost', session=session) as s:
			return json.loads(ask(s)[1]), s.session, s.session_reused

	def is_refused(self, program, client=None, version=None, alert=None):
		try:
			return not self.visit(program, client, version)
		except ssl.SSLError as error:
			assert not alert or alert in str(error), (alert, error)
			return True


def fingerprint(pair):
	with open(pair[0]) as file:
		return hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest()


def test_required(world):
	with world.serve('required', '--processes', '1') as program:
		for version in TLS_1_2, TLS_1_3:
			body, _, _ = world.visit(program, world.alice, version)
			assert body['subject'] == 'CN=alice,O=B\u00fccher & Co' and body['fingerprint'] == fingerprint(world.alice), body
			for client, alert in (None, 'certificate required' if version == TLS_1_3 else 'handshake failure'), (world.eve, 'unknown ca'), (
					world.late, 'certificate expired'):
				assert world.is_refused(program, client, version, alert), (client, version)


def test_refused_one_leaves_a_line(world):
	for client, line in (None, 'the client has no certificate (--client-certificates required)'), (
			world.eve, "the client's certificate is refused: unable to get local issuer certificate (--client-ca)"), (
			world.late, "the client's certificate is refused: certificate has expired (--client-ca)"):
		with world.serve('required') as program:
			assert world.is_refused(program, client)
			program.wait_for_line('no handshake with 127.0.0.1: ')
			assert len([each for each in program.lines if line in each]) == 1, program.lines


def test_certificate_is_a_credential(world):
	with world.serve('optional') as program:
		for client, wanted in ((None, 401), (world.bob, 200), (world.alice, 200)):
			with world.context(client).wrap_socket(program.connect_plainly(), server_hostname='localhost') as s:
				status, body = ask(s, b'GET /member HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
				assert status == wanted, (status, body)
				assert client is None or json.loads(body) == {'name': 'CN=bob' if client == world.bob else 'CN=alice,O=B\u00fccher & Co'}, body


def test_optional(world):
	with world.serve('optional') as program:
		body, _, _ = world.visit(program)
		assert body['scheme'] == 'https' and 'subject' not in body and 'fingerprint' not in body, body
		assert world.visit(program, world.bob)[0]['subject'] == 'CN=bob'
		assert world.is_refused(program, world.eve), 'a wrong one is worse than none'


def test_common_client(world):
	with world.serve('required') as program:
		for version in '--http1.1', '--http2':
			done = subprocess.run(['curl', '-sS', version, '--cacert', world.pair[0], '--cert', world.alice[0], '--key', world.alice[1], '-w', '%{http_version}',
				f'https://localhost:{program.port()}/whoami'], capture_output=True, text=True, timeout=PATIENCE)
			body, _, spoken = done.stdout.rpartition('}')
			assert version == '--http' + spoken and json.loads(body + '}')['fingerprint'] == fingerprint(world.alice), done
		command = ['curl', '-sS', '--cacert', world.pair[0], f'https://localhost:{program.port()}/whoami']
		done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
		assert done.returncode == 56 and 'certificate required' in done.stderr, done


def test_alert_arrives_whatever_the_client_sends(world):
	"""With TLS 1.3 it may have sent a request before it learns of the refusal: a reset would destroy the alert."""
	with world.serve('required') as program:
		for _ in range(20):
			with world.context().wrap_socket(program.connect_plainly(), server_hostname='localhost') as s:
				with contextlib.suppress(ssl.SSLError):
					s.sendall(GET + b'x' * 50000)
				try:
					raise AssertionError(s.recv(1))
				except ssl.SSLError as error:
					assert 'certificate required' in str(error), error


def test_certificate_comes_back_with_its_session(world):
	with world.serve('required', '--processes', '2') as program:
		for version in TLS_1_2, TLS_1_3:
			context = world.context(world.alice, version)
			_, session, _ = world.visit(program, context=context)
			body, _, resumed = world.visit(program, context=context, session=session)
			assert resumed and body['subject'].startswith('CN=alice') and body['fingerprint'] == fingerprint(world.alice), (resumed, body)


def test_session_without_a_certificate_opens_nothing(world):
	"""What was got where none was needed, or where others were believed, is worth nothing where one is."""
	with tempfile.TemporaryDirectory() as folder:
		ca, settings = f'{folder}/ca.pem', f'{folder}/settings.json'
		shutil.copy(world.authority.certificate, ca)

		def want(mode):
			with open(settings, 'w') as file:
				json.dump({'client_certificates': mode}, file)
		want('optional')
		with Secure(world.pair, '--config', settings, '--client-ca', ca, '--processes', '1') as program:
			for version in TLS_1_2, TLS_1_3:
				context = world.context(version=version)
				_, session, _ = world.visit(program, context=context)
				_, session, resumed = world.visit(program, context=context, session=session)
				assert resumed, 'optional stays optional'
			known = world.context(world.alice)
			_, of_alice, _ = world.visit(program, context=known)
			want('required')
			program.signal(1)
			program.wait_for_line('"reloaded"')
			try:
				raise AssertionError(world.visit(program, context=context, session=session))
			except ssl.SSLError as error:
				assert 'certificate required' in str(error), error
			_, of_alice, resumed = world.visit(program, context=known, session=of_alice)
			assert not resumed, 'all is asked again'
			shutil.copy(f'{world.folder}/stranger.pem', ca)
			program.wait_for_line('the files of TLS have changed: new connections')
			try:
				raise AssertionError(world.visit(program, context=known, session=of_alice))
			except ssl.SSLError as error:
				assert 'unknown ca' in str(error), error


def test_session_stays_at_its_listener(world):
	with tempfile.TemporaryDirectory() as folder:
		with world.serve('optional', '--https', f'unix:{folder}/a', '--https', f'unix:{folder}/b') as program:
			program.wait_for_line(f'listening on unix:{folder}/b')
			for version in TLS_1_2, TLS_1_3:
				context = world.context(version=version)

				def visit(name, session=None):
					_, session, resumed = world.visit(program, context=context, sock=program.connect_to(f'{folder}/{name}'), session=session)
					return session, resumed
				session, resumed = visit('a')
				session, resumed = visit('a', session)
				assert resumed, version
				assert not visit('b', session)[1], version


def test_session_ends_with_its_certificate(world):
	soon = time.time() + (10 if 'COR_TEST_LIGHT' in os.environ else 5)
	brief = world.authority.issue('brief', '/CN=brief', '-enddate', time.strftime('%Y%m%d%H%M%SZ', time.gmtime(soon)))
	with world.serve('required') as program:
		for version in TLS_1_2, TLS_1_3:
			context = world.context(brief, version)
			_, session, _ = world.visit(program, context=context)
			assert world.visit(program, context=context, session=session)[2]
		time.sleep(max(0, soon + 1 - time.time()))
		try:
			raise AssertionError(world.visit(program, context=context, session=session))
		except ssl.SSLError as error:
			assert 'certificate expired' in str(error), error


def test_revoked_one_is_refused(world):
	with tempfile.TemporaryDirectory() as folder:
		authority = Authority(folder, 'revoking')
		good, bad = authority.issue('good', '/CN=good'), authority.issue('bad', '/CN=bad')
		with open(authority.certificate) as file:
			certificate = file.read()
		ca = f'{folder}/ca.pem'
		shutil.copy(authority.certificate, ca)
		with world.serve('required', ca=ca) as program:
			assert world.visit(program, bad)[0]['subject'] == 'CN=bad'
			authority.revoke(bad[0])
			with open(ca, 'w') as file:
				file.write(certificate + authority.revoked())
			program.wait_for_line('the files of TLS have changed: new connections')
			assert world.is_refused(program, bad, alert='certificate revoked')
			assert world.visit(program, good)[0]['subject'] == 'CN=good'


def test_document_says_so(world):
	with world.serve('required') as program:
		connection = http.client.HTTPSConnection('localhost', program.port(), timeout=PATIENCE, context=world.context(world.alice))
		connection.request('GET', '/openapi.json')
		document = json.loads(connection.getresponse().read())
		connection.close()
		assert document['security'] == [{'clientCertificate': []}], document['security']
		assert document['components']['securitySchemes']['clientCertificate']['type'] == 'mutualTLS'
	for program in world.serve('optional'), world.serve('required', '--http', '127.0.0.1:0'):
		with program:
			connection = http.client.HTTPSConnection('localhost', program.port(), timeout=PATIENCE, context=world.context(world.alice))
			connection.request('GET', '/openapi.json')
			assert json.loads(connection.getresponse().read())['security'] == []
			connection.close()


def test_mistakes_say_what_to_do(world):
	with tempfile.TemporaryDirectory() as folder:
		empty, broken = f'{folder}/empty', f'{folder}/broken'
		open(empty, 'w').close()
		with open(broken, 'w') as file:
			file.write('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
		for arguments, why in ((['--client-certificates', 'required'], 'needs --client-ca FILE'), (
				['--client-ca', world.authority.certificate], 'add --client-certificates required'), (
				['--client-certificates', 'optional', '--client-ca', empty], 'holds no certificate'), (
				['--client-certificates', 'optional', '--client-ca', world.alice[1]], 'holds no certificate'), (
				['--client-certificates', 'optional', '--client-ca', broken], 'is broken'), (
				['--client-certificates', 'optional', '--client-ca', f'{folder}/x'], 'there is no such file'), (
				['--client-certificates', 'often'], 'often')):
			status, _, error = run('--https', '127.0.0.1:0', '--certificate', world.pair[0], '--key', world.pair[1], *arguments)
			assert status in (64, 78) and why in error, (arguments, status, error)


def problems(test, world):
	try:
		test(world)
	except Exception:  # whatever it is, the others run
		return traceback.format_exc().splitlines()
	return []


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		world = World(folder)
		for name, test in list(globals().items()):
			if name.startswith('test_'):
				tap.check(name[5:].replace('_', ' '), problems(test, world))
	tap.done()


main()
