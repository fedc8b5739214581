#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/load_urls loads pages at the same time and prints them as they come."""

import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cases import equal, run
from program import built


class Pages(BaseHTTPRequestHandler):
	"""/MS/BYTES is a page of that length after that time; /short says more than it sends; anything else is not there."""

	def do_GET(self):
		parts = self.path.strip('/').split('/')
		if parts[0] == 'short':
			self.answer(200, 100, b'x' * 99)
		elif len(parts) != 2:
			self.answer(404, 0, b'')
		else:
			time.sleep(int(parts[0]) / 1000)
			self.answer(200, int(parts[1]), b'x' * int(parts[1]))

	def answer(self, status, length, body):
		self.send_response(status)
		self.send_header('Content-Length', str(length))
		self.end_headers()
		self.wfile.write(body)

	def log_message(self, *_):
		pass


class Server:
	def __init__(self):
		self.server = ThreadingHTTPServer(('127.0.0.1', 0), Pages)
		self.url = f'http://127.0.0.1:{self.server.server_port}'
		threading.Thread(target=self.server.serve_forever, daemon=True).start()


def load(*urls):
	done = subprocess.run([built('examples/load_urls'), *urls], capture_output=True, text=True, timeout=60)
	return done.returncode, done.stdout.splitlines(), done.stderr


def test_pages_come_in_the_order_in_which_they_are_there(server):
	status, lines, errors = load(server.url + '/600/10', server.url + '/0/100000', server.url + '/300/0')
	equal((status, errors), (0, ''))
	equal(lines, [
		server.url + '/0/100000 page is 100000 bytes',
		server.url + '/300/0 page is 0 bytes',
		server.url + '/600/10 page is 10 bytes'])


def test_they_are_loaded_at_the_same_time(server):
	start = time.monotonic()
	status, lines, _ = load(*[f'{server.url}/300/{i}' for i in range(5)])
	took_s = time.monotonic() - start
	equal((status, len(lines)), (0, 5))
	assert 0.3 <= took_s < 1.2, took_s


def test_there_may_be_many(server):
	status, lines, _ = load(*[f'{server.url}/0/{i}' for i in range(100)])
	equal(status, 0)
	equal(sorted(lines), sorted(f'{server.url}/0/{i} page is {i} bytes' for i in range(100)))


def test_what_fails_is_named_and_the_others_are_loaded(server):
	with socket.socket() as nobody:
		nobody.bind(('127.0.0.1', 0))
		closed = f'http://127.0.0.1:{nobody.getsockname()[1]}/'
		status, lines, _ = load(
			closed, server.url + '/none', server.url + '/short', 'ftp://127.0.0.1/', 'http://localhost/', server.url + '/200/7')
	equal(status, 1)
	equal(lines[-1], server.url + '/200/7 page is 7 bytes')
	equal(sorted(lines), sorted([
		closed + ' failed: Connection refused',
		server.url + '/none failed: the server answered HTTP/1.0 404 Not Found',
		server.url + '/short failed: the page ended early',
		'ftp://127.0.0.1/ failed: a URL begins with http://',
		'http://localhost/ failed: "localhost:80" is no address: write the number of the host',
		lines[-1]]))


def test_without_a_url_it_says_how(_):
	status, lines, errors = load()
	equal((status, lines, errors), (64, [], 'usage: load_urls http://ADDRESS:PORT/PATH ...\n'))


if __name__ == '__main__':
	run(sys.modules[__name__], Server()).done()
