#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""docs/from-flask.md: both of its services answer the same to the same requests, and the tests of both pass."""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import compiler
import markdown
import source
import test_docs
from tap import Tap

try:
	import cachetools  # noqa: F401
	import flask  # noqa: F401
	import marshmallow  # noqa: F401
	import requests  # noqa: F401
except ImportError as missing:
	print(f'1..0 # SKIP {missing}: make deps-test')
	sys.exit(0)

PAGE = 'docs/from-flask.md'
REQUESTS = [
	('GET', '/hello/Ada', None),
	('POST', '/books', {'title': 'Emma', 'pages': 474}),
	('POST', '/books', {'title': 'Persuasion', 'pages': 249}),
	('GET', '/books/2', None),
	('GET', '/books/99', None),
	('POST', '/books', {'title': '', 'pages': 1}),
	('POST', '/books', {'title': 'Emma', 'pages': 0}),
	('POST', '/books', {'title': 'Emma', 'pages': '474'}),
	('POST', '/books', {'title': 'Emma', 'pages': 474, 'author': 'Austen'}),
	('POST', '/books', {'id': 7, 'title': 'Emma', 'pages': 474}),
	('GET', '/books/1/price', None),
	('GET', '/books/2/price', None),
	('GET', '/sum/40/2', None),
	('GET', '/primes/97', None),
	('GET', '/primes/91', None),
	('GET', '/pages', None),
	('GET', '/nowhere', None),
]


class Prices(http.server.BaseHTTPRequestHandler):
	def do_GET(self):
		known = self.path == '/prices/1'
		body = b'{"cents":1299}' if known else b'{}'
		self.send_response(200 if known else 404)
		self.send_header('Content-Type', 'application/json')
		self.send_header('Content-Length', str(len(body)))
		self.end_headers()
		self.wfile.write(body)

	def log_message(self, *_):
		pass


def answer_of(status, body):
	"""What both must say: of an error the status, since its words are each one's own."""
	return status, json.loads(body) if status < 300 else None


def python_side(text, prices):
	"""(its answers, what went wrong in its tests)"""
	os.environ['PRICES'] = prices
	namespace = {'__name__': 'page'}
	for block in markdown.blocks(text):
		if block.language == 'python':
			exec(compile(block.text, PAGE, 'exec'), namespace)
	client = namespace['app'].test_client()
	answers = []
	for method, path, body in REQUESTS:
		answer = client.open(path, method=method, json=body) if body is not None else client.open(path, method=method)
		answers.append(answer_of(answer.status_code, answer.get_data()))
	result = unittest.TestResult()
	unittest.defaultTestLoader.loadTestsFromTestCase(namespace['ShopTest']).run(result)
	return answers, [said for _, said in result.errors + result.failures] + ([] if result.testsRun == 2 else [f'{result.testsRun} ran'])


def built(folder, name, package):
	flags = subprocess.run(['pkg-config', '--cflags', '--libs', package], capture_output=True, text=True, check=True,
		env=test_docs.run_environment()).stdout.split()
	program = os.path.join(folder, name)
	subprocess.run(['cc', '-O0', '-I', folder, '-o', program, program + '.c', *flags], check=True)
	return program


def c_side(folder, prices):
	socket = os.path.join(folder, 'http')
	process = subprocess.Popen([built(folder, 'shop', 'coracle'), '--http', f'unix:{socket}', '--upstream-prices-url', prices],
		env=test_docs.run_environment(), stderr=subprocess.DEVNULL)
	try:
		while not os.path.exists(socket):
			assert process.poll() is None, 'it did not start'
			time.sleep(0.01)
		answers = []
		for method, path, body in REQUESTS:
			command = ['curl', '-s', '-m', '30', '-X', method, '-w', '\n%{http_code}', '--unix-socket', socket, 'http://shop' + path]
			if body is not None:
				command += ['-H', 'Content-Type: application/json', '-d', json.dumps(body)]
			text, _, status = subprocess.run(command, capture_output=True, text=True).stdout.rpartition('\n')
			answers.append(answer_of(int(status), text))
		return answers
	finally:
		process.terminate()
		process.wait(60)


def main():
	tap = Tap()
	text = source.read(PAGE)
	server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Prices)
	threading.Thread(target=server.serve_forever, daemon=True).start()
	prices = f'http://127.0.0.1:{server.server_port}'
	with tempfile.TemporaryDirectory() as folder:
		for name, unit in test_docs.files(text).items():
			with open(os.path.join(folder, name), 'w') as file:
				file.write(unit)
		theirs, faults = python_side(text, prices)
		tap.check("Flask's service passes its tests", faults)
		for (method, path, body), wanted, got in zip(REQUESTS, theirs, c_side(folder, prices), strict=True):
			tap.check(f'{method} {path} {body or ""}'.strip(), [] if got == wanted else [f'{got}, with Flask {wanted}'])
		done = subprocess.run([built(folder, 'test_shop', 'coracle-testing')], env=test_docs.run_environment(), capture_output=True, text=True)
		tap.check('the same with Coracle passes its tests', [] if done.returncode == 0 else [done.stdout + done.stderr])
	server.shutdown()
	tap.done()


main()
