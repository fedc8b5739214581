#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A session with a cookie jar against a real server, next to requests.Session: both are to send the same."""

import http.server
import os
import subprocess
import sys
import threading

import requests

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'app')]
from program import PATIENCE, Tap, differs  # noqa: E402

# what each path answers: a Location, and cookies
PATHS = {
	'/login': (None, ['sid=1; Path=/; HttpOnly', 'lang=de; Max-Age=60', 'theme=dark; Path=/shop']),
	'/shop/': (None, ['basket=7; Path=/shop', 'old=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT']),
	'/shop/basket': (None, []),
	'/shopping': (None, []),
	'/again': ('/shop/basket', ['hop=1; Path=/']),
	'/deep/er/page': (None, ['here=1']),
	'/deep/er/other': (None, []),
	'/deep': (None, []),
	'/elsewhere': (None, ['no=1; Domain=example.com', 'no=2; Domain=com', 'yes=1; Domain=127.0.0.1']),
	'/safe': (None, ['later="a b"; SameSite=Strict']),
	'/renew': (None, ['sid=2; Path=/']),
	'/logout': (None, ['sid=; Path=/; Max-Age=0']),
	'/': (None, []),
}


class Origin(http.server.BaseHTTPRequestHandler):
	protocol_version = 'HTTP/1.1'

	def log_message(self, *arguments):
		pass

	def do_GET(self):
		self.server.seen.append((self.path, sorted((self.headers['Cookie'] or '').split('; '))))
		location, cookies = PATHS[self.path]
		self.send_response(302 if location else 200)
		self.send_header('Content-Length', '0')
		if location:
			self.send_header('Location', location)
		for cookie in cookies:
			self.send_header('Set-Cookie', cookie)
		self.end_headers()


def as_requests_does(program, server):
	"""A login, redirects, paths, ends and a logout: the cookies of each request are the same."""
	url = f'http://127.0.0.1:{server.server_address[1]}'
	paths = [path for path in PATHS for _ in (1, 2)] + list(PATHS)
	with requests.Session() as session:
		for path in paths:
			session.get(url + path, timeout=PATIENCE)
		kept = sorted(f'{it.name}={it.value} of {it.domain.lstrip(".")}{it.path}' for it in session.cookies)
	by_requests, server.seen = server.seen, []
	done = subprocess.run([program, url, *paths], capture_output=True, text=True, timeout=PATIENCE)
	for ours, theirs in zip(server.seen, by_requests):
		if ours != theirs:
			return [f'{ours} is sent, requests sends {theirs}']
	lines = sorted(line for line in done.stdout.splitlines() if ' of ' in line)
	return differs('requests', len(server.seen), len(by_requests)) + differs('the jar', lines, kept)


def main():
	tap = Tap()
	with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Origin) as server:
		server.seen = []
		threading.Thread(target=server.serve_forever, daemon=True).start()
		tap.check('as requests does', as_requests_does(sys.argv[1], server))
		server.shutdown()
	tap.done()


main()
