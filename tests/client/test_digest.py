#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Digest credentials against a server that asks for them, and that curl logs in to, too."""

import hashlib
import http.server
import os
import re
import secrets
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'app')]
from program import PATIENCE, Tap, differs  # noqa: E402

HASHES = {'MD5': 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512_256'}
REALM, USER, PASSWORD = 'a realm, with = and ,', 'jane, "doe"', 'pass:word'


class Server(http.server.ThreadingHTTPServer):
	daemon_threads = True

	def __init__(self, algorithm='MD5', qop='auth', uses=1000, proof=True, **more):
		super().__init__(('127.0.0.1', 0), Handler)
		self.algorithm, self.qop, self.uses, self.proof, self.more = algorithm, qop, uses, proof, more
		self.lock, self.nonces, self.seen = threading.Lock(), {}, []
		threading.Thread(target=self.serve_forever, daemon=True).start()

	def __exit__(self, *arguments):
		self.shutdown()
		self.server_close()

	def url(self):
		return f'http://127.0.0.1:{self.server_address[1]}'

	def hash(self, text):
		return hashlib.new(HASHES[self.algorithm.replace('-sess', '')], text.encode()).hexdigest()

	def response(self, given, method):
		secret = self.hash(f'{USER}:{REALM}:{PASSWORD}')
		if self.algorithm.endswith('-sess'):
			secret = self.hash(f'{secret}:{given["nonce"]}:{given["cnonce"]}')
		request = self.hash(f'{method}:{given["uri"]}')
		if not self.qop:
			return self.hash(f'{secret}:{given["nonce"]}:{request}')
		return self.hash(f'{secret}:{given["nonce"]}:{given["nc"]}:{given["cnonce"]}:{given["qop"]}:{request}')

	def challenge(self, stale):
		nonce = secrets.token_urlsafe(16)
		self.nonces[nonce] = 0
		parts = [f'realm="{REALM}"', f'nonce="{nonce}"', f'algorithm={self.algorithm}', 'opaque="o/="']
		parts += [f'qop="{self.qop}"'] if self.qop else []
		parts += ['stale=true'] if stale else []
		parts += [f'{name}={value}' for name, value in self.more.items()]
		return 'Digest ' + ', '.join(parts)


class Handler(http.server.BaseHTTPRequestHandler):
	protocol_version = 'HTTP/1.1'

	def log_message(self, *arguments):
		pass

	def judge(self):
		"""A status, whether the nonce was old, and what proves that the server knows the password (RFC 7616 section 3.5)."""
		text = self.headers['Authorization'] or ''
		pairs = re.findall(r'([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^, ]+))', text)
		given = {name: quoted or plain for name, quoted, plain in pairs}
		if not text.startswith('Digest ') or 'nonce' not in given:
			return 401, False, None
		server = self.server
		user = server.hash(f'{USER}:{REALM}') if 'userhash' in server.more else USER.replace('"', '\\"')
		if given['username'] != user or given['uri'] != self.path or given['opaque'] != 'o/=':
			return 400, False, None
		if given['nonce'] not in server.nonces or server.nonces[given['nonce']] >= server.uses:
			return 401, True, None
		server.nonces[given['nonce']] += 1
		if server.qop and int(given['nc'], 16) != server.nonces[given['nonce']]:
			return 400, False, None
		right = given['response'] == server.response(given, self.command)
		return (200 if right else 403), False, server.response(given, '').upper() if server.proof is True else server.proof

	def do_GET(self):
		with self.server.lock:
			status, is_stale, proof = self.judge()
			self.server.seen.append(status)
			self.send_response(status)
			if status == 401:
				self.send_header('WWW-Authenticate', self.server.challenge(is_stale))
			if proof and status == 200:
				self.send_header('Authentication-Info', f'rspauth="{proof}", qop=auth')
			body = b'x' * 3000
			self.send_header('Content-Length', str(len(body)))
			self.end_headers()
			self.wfile.write(body)


def visit(server, user=USER, password=PASSWORD, paths=('/a', '/b?c=d', '/e')):
	done = subprocess.run([sys.argv[1], '--digest', user, password, server.url(), *paths], capture_output=True, text=True,
		timeout=PATIENCE)
	return [line.rsplit(': ', 1)[1] for line in done.stdout.splitlines()]


def each_algorithm():
	found = []
	for algorithm in ('MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess', 'SHA-512-256'):
		with Server(algorithm) as server:
			found += differs(algorithm, visit(server), ['200'] * 3)
			found += differs('requests', server.seen, [401, 200, 200, 200])
	for what in ({'qop': ''}, {'qop': 'auth-int, auth'}, {'userhash': 'true'}):
		with Server('SHA-256' if 'userhash' in what else 'MD5', **what) as server:
			found += differs(str(what), visit(server), ['200'] * 3)
	return found


def the_server_is_one_that_curl_knows():
	found = []
	for algorithm in ('MD5', 'SHA-256'):
		with Server(algorithm) as server:
			done = subprocess.run(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '--digest', '-u', f'{USER}:{PASSWORD}',
				server.url() + '/x?y=z'], capture_output=True, text=True, timeout=PATIENCE)
			found += differs(f'{algorithm}, curl', done.stdout, '200')
	return found


def a_nonce_ends():
	with Server(uses=2) as server:
		return differs('answers', visit(server, paths=['/'] * 6), ['200'] * 6) + \
			differs('requests', server.seen, [401, 200, 200, 401, 200, 200, 401, 200, 200])


def a_wrong_password():
	with Server() as server:
		return differs('answers', visit(server, password='wrong', paths=['/']), ['403'])


def a_server_without_the_password():
	with Server(proof='0' * 32) as server:
		said = visit(server, paths=['/'])[0]
		found = [] if said.startswith('its rspauth does not prove') else [f'it is believed: {said}']
	with Server(proof=None) as server:
		return found + differs('it need not prove anything', visit(server, paths=['/']), ['200'])


def main():
	tap = Tap()
	for check in (each_algorithm, the_server_is_one_that_curl_knows, a_nonce_ends, a_wrong_password, a_server_without_the_password):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
