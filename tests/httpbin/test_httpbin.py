#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every endpoint of httpbin, with every method it takes: what our client gets is what requests gets."""

import json
import os
import subprocess
import sys
import threading

import httpbin
import requests
import werkzeug.serving

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'house'))
from tap import Tap  # noqa: E402

FETCH = sys.argv[1]
PATIENCE = 30
FORM = 'application/x-www-form-urlencoded'
JSON = 'application/json'
OF_SERVER = {
	'Date', 'Last-Modified', 'Etag', 'Server', 'Connection', 'Transfer-Encoding', 'Content-Encoding', 'Content-Length', 'Set-Cookie'}
OF_CLIENT = ('headers', 'origin', 'user-agent')  # what an echo says of who has asked


class Case:
	def __init__(self, path, method='GET', who='', field='', value='', kind='', body=''):
		self.path, self.method, self.who, self.field, self.value, self.kind, self.body = path, method, who, field, value, kind, body

	def __str__(self):
		return ' '.join(filter(None, (self.method, self.path, self.who, self.field, self.value, self.kind, self.body)))

	def line(self):
		return '\t'.join((self.method, self.path, self.who, self.field, self.value, self.kind, self.body)) + '\n'


METHODS = 'DELETE', 'GET', 'PATCH', 'POST', 'PUT', 'TRACE'
STATUSES = (200, 202, 204, 205, 206, 226, 300, 304, 400, 401, 402, 403, 404, 406, 407, 409, 410, 418, 422, 428, 429, 431, 451, 500, 502, 503,
	504, 599)

CASES = [
	*(Case('/anything', method) for method in METHODS),
	*(Case('/anything/a%20b/c?x=1&x=2&y=%C3%A9', method) for method in METHODS),
	*(Case(f'/status/{status}', method) for status in STATUSES for method in METHODS),
	*(Case(f'/redirect-to?url=/anything&status_code={status}', method)
		for status in (301, 302, 303, 307, 308) for method in METHODS),
	*(Case(f'/redirect-to?url=/anything&status_code={status}', method, kind=JSON, body='{"a": 1}')
		for status in (301, 302, 303, 307, 308) for method in ('POST', 'PUT', 'PATCH', 'DELETE')),
	*(Case(f'/{method.lower()}', method, kind=kind, body=body) for method in ('POST', 'PUT', 'PATCH', 'DELETE')
		for kind, body in (('', ''), (JSON, '{"a": [1, "é"]}'), (FORM, 'a=1&a=2&b=x+y'), ('text/plain', 'text'))),
	*(Case(f'/absolute-redirect/{n}') for n in (1, 5)), *(Case(f'/relative-redirect/{n}') for n in (1, 5)),
	*(Case(f'/redirect/{n}') for n in (1, 5)),
	*(Case(path) for path in (
		'/', '/base64/SFRUUEJJTiBpcyBhd2Vzb21l', '/brotli', '/gzip', '/deny', '/encoding/utf8', '/forms/post', '/get?a=b',
		'/headers', '/html', '/image/jpeg', '/image/png', '/image/svg', '/image/webp', '/ip', '/links/10', '/links/10/3', '/robots.txt',
		'/user-agent', '/xml', '/cache', '/cache/60', '/cookies', '/cookies/set/flavour/chocolate', '/cookies', '/cookies/set?a=1&b=2',
		'/cookies/delete?a', '/cookies', '/bytes/1000?seed=1', '/stream-bytes/70000?seed=2&chunk_size=1000', '/stream/20',
		'/range/1024?chunk_size=100', '/drip?duration=0&numbytes=100&delay=0', '/drip?duration=1&numbytes=5&delay=0&code=503',
		'/delay/1',
		'/etag/one', '/response-headers?X-One=1&X-Two=a%20b', '/bearer', '/basic-auth/u/p', '/hidden-basic-auth/u/p',
		'/static/favicon.ico')),
	Case('/image', field='Accept', value='image/webp'), Case('/image', field='Accept', value='text/plain'),
	Case('/cache', field='If-None-Match', value='x'), Case('/etag/one', field='If-None-Match', value='"one"'),
	Case('/etag/one', field='If-Match', value='"two"'), Case('/range/1024', field='Range', value='bytes=10-19'),
	Case('/range/1024', field='Range', value='bytes=-5'), Case('/range/1024', field='Range', value='bytes=2000-'),
	Case('/response-headers?X-One=1', 'POST'),
	Case('/basic-auth/u/p', who='basic:u:p'), Case('/basic-auth/u/p', who='basic:u:wrong'),
	Case('/hidden-basic-auth/u/p', who='basic:u:p'),
	Case('/bearer', who='bearer::token'),
]
# Nonces are others each time, requests has no auth-int, and its sessions stumble over the cookies that say when one is stale.
DIGESTS = [(Case(f'/digest-auth/{qop}/u/p{rest}', who=who), status)
	for qop in ('auth', 'auth-int') for rest in ('', '/MD5', '/SHA-256', '/SHA-256/never', '/SHA-256/1')
	for who, status in (('', 401), ('digest:u:p', 200), ('digest:u:wrong', 401))]
# /uuid is another each time; zlib's form of deflate is asked for by nobody: see docs/parity.md
APART = {'/uuid', '/deflate', '/spec.json', '/legacy', '/flasgger_static/<path:filename>'}


class Handler(werkzeug.serving.WSGIRequestHandler):
	protocol_version = 'HTTP/1.1'

	def log_request(self, *arguments):
		pass


def without_client(echo):
	return {name: value for name, value in echo.items() if name not in OF_CLIENT}


def reduced(status, headers, body):
	"""What is to be the same for two clients, on whatever connection."""
	if headers.get('Content-Type') == JSON:
		try:
			body = without_client(json.loads(body))
		except json.JSONDecodeError:  # a line each
			body = [without_client(json.loads(line)) for line in body.splitlines()]
	return status, {name.title(): value for name, value in headers.items() if name.title() not in OF_SERVER}, body


class Fetch:
	"""Our client."""

	def __init__(self, url):
		self.process = subprocess.Popen([FETCH, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

	def ask(self, case):
		self.process.stdin.write(case.line())
		self.process.stdin.flush()
		lines = []
		while (line := self.process.stdout.readline().rstrip('\n')) != '.':
			assert line or self.process.poll() is None, 'it has ended'
			lines.append(line)
		if lines[0].startswith('failed'):
			return lines[0]
		end = lines.index('')
		fields = [line.split(': ', 1) for line in lines[1:end]]
		return reduced(int(lines[0]), {name.title(): value for name, value in fields}, bytes.fromhex(lines[end + 1]))

	def end(self):
		self.process.stdin.close()
		return self.process.wait(PATIENCE)


class Requests:
	def __init__(self, url):
		self.url, self.session = url, requests.Session()
		self.session.trust_env = False
		self.session.headers['Accept-Encoding'] = 'gzip, br'

	def ask(self, case):
		kind, _, rest = case.who.partition(':')
		user, _, secret = rest.partition(':')
		headers = {case.field: case.value} if case.field else {}
		if case.kind:
			headers['Content-Type'] = case.kind
		if kind == 'bearer':
			headers['Authorization'] = f'Bearer {secret}'
		auth = {'basic': (user, secret), 'digest': requests.auth.HTTPDigestAuth(user, secret)}.get(kind)
		answer = self.session.request(case.method, self.url + case.path, headers=headers, auth=auth, data=case.body.encode() or None,
			timeout=PATIENCE)
		return reduced(answer.status_code, answer.headers, answer.content)


def keeps_body(case):
	"""RFC 9110 section 15.4.2 lets a 301 change POST alone: requests sends the others on without their bodies."""
	return 'status_code=301' in case.path and case.body and case.method != 'POST'


def compare(ours, theirs, case):
	got, wanted = ours.ask(case), theirs.ask(case)
	if keeps_body(case):
		wanted[2].update(data=case.body, json=json.loads(case.body))
	return [] if got == wanted else [f'ours     {got}', f'requests {wanted}']


def missing():
	"""Endpoints and methods that no case asks for."""
	urls = httpbin.app.url_map.bind('localhost')
	cases = CASES + [case for case, _ in DIGESTS]
	asked = {(str(urls.match(case.path.partition('?')[0], case.method, return_rule=True)[0]), case.method) for case in cases}
	return sorted(f'{method} {rule}' for rule in httpbin.app.url_map.iter_rules() if str(rule) not in APART
		for method in rule.methods - {'HEAD', 'OPTIONS'} if (str(rule), method) not in asked)


def main():
	tap = Tap()
	server = werkzeug.serving.make_server('127.0.0.1', 0, httpbin.app, threaded=True, request_handler=Handler)
	threading.Thread(target=server.serve_forever, daemon=True).start()
	url = f'http://127.0.0.1:{server.server_port}'
	ours, theirs = Fetch(url), Requests(url)
	for case in CASES:
		tap.check(str(case).replace('#', '%23'), compare(ours, theirs, case))
	for case, status in DIGESTS:
		found = ours.ask(case)
		tap.check(str(case), [] if found[0] == status else [str(found)])
	tap.check('every endpoint is asked', missing())
	tap.check('the client ends', [] if ours.end() == 0 else ['it failed'])
	server.shutdown()
	tap.done()


main()
