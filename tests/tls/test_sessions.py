#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which certificate a name gets, and whose sessions are resumed. usage: test_sessions.py SECURE_EXAMPLE"""

import ssl
import tempfile
import traceback

from client import Secure, ask, trusting
from pki import make_pair
from program import Tap

VERSIONS = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def untrusting(version=None):
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
	context.check_hostname = False
	context.verify_mode = ssl.CERT_NONE
	if version:
		context.minimum_version = context.maximum_version = version
	return context


def subject(program, name):
	"""The DNS name of the certificate that a client gets who asks for `name`."""
	with untrusting().wrap_socket(program.connect_plainly(), server_hostname=name) as s:
		der = s.getpeercert(binary_form=True)
	for known in b'first.example', b'exact.wild.example', b'*.wild.example':
		if b'0' + bytes([len(known)]) + known in der or known in der:
			return known.decode()
	return None


class Several(Secure):
	"""A service with three certificates."""

	def __init__(self, folder, *arguments):
		first = make_pair(folder, 'first', 'first.example')
		more = []
		for file, name in ('wild', '*.wild.example'), ('exact', 'exact.wild.example'):
			certificate, key = make_pair(folder, file, name)
			more += ['--certificate', certificate, '--key', key]
		super().__init__(first, *more, *arguments)


def test_name_chooses_the_certificate(_):
	with tempfile.TemporaryDirectory() as folder, Several(folder) as program:
		for name, certificate in (
				('first.example', 'first.example'), ('FIRST.Example', 'first.example'), ('exact.wild.example', 'exact.wild.example'),
				('other.wild.example', '*.wild.example'), ('a.b.wild.example', 'first.example'), ('wild.example', 'first.example'),
				('unknown.example', 'first.example'), (None, 'first.example')):
			assert subject(program, name) == certificate, (name, subject(program, name))


def visit(program, context, name, session=None):
	"""(the session, whether it was resumed)"""
	with context.wrap_socket(program.connect_plainly(), server_hostname=name, session=session) as s:
		assert ask(s)[0] == 200
		return s.session, s.session_reused


def test_session_is_resumed_by_any_worker(pair):
	with Secure(pair, '--processes', '4') as program:
		for version in VERSIONS:
			context = trusting(pair[0], version)
			session, resumed = visit(program, context, 'localhost')
			assert not resumed
			for _ in range(40):
				session, resumed = visit(program, context, 'localhost', session)
				assert resumed, version


def test_session_outlives_a_reload(pair):
	with Secure(pair, '--processes', '2') as program:
		context = trusting(pair[0])
		session, _ = visit(program, context, 'localhost')
		program.signal(1)
		program.wait_for_line('"reloaded"')
		assert visit(program, context, 'localhost', session)[1]


def test_session_ends_with_the_service(pair):
	context = trusting(pair[0])
	with Secure(pair) as program:
		session, _ = visit(program, context, 'localhost')
		assert visit(program, context, 'localhost', session)[1]
	with Secure(pair) as program:
		assert not visit(program, context, 'localhost', session)[1]


def test_session_of_one_name_is_none_of_another(_):
	with tempfile.TemporaryDirectory() as folder, Several(folder) as program:
		for version in VERSIONS:
			context = untrusting(version)
			session, _ = visit(program, context, 'first.example')
			assert visit(program, context, 'first.example', session)[1]
			session, _ = visit(program, context, 'first.example')
			assert not visit(program, context, 'exact.wild.example', session)[1], version


def problems(test, pair):
	try:
		test(pair)
	except Exception:  # whatever it is, the others run
		return traceback.format_exc().splitlines()
	return []


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		pair = make_pair(folder, 'localhost', 'localhost')
		for name, test in list(globals().items()):
			if name.startswith('test_'):
				tap.check(name[5:].replace('_', ' '), problems(test, pair))
	tap.done()


main()
