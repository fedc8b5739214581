#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who gets in: RFC 6455 section 4.2, and origins. usage: test_handshake.py TRIAL"""
import json
import sys
import traceback

from client import ACCEPT, KEY, Client, Ended, handshake
from program import Program, Tap

# name, what differs from a good handshake, status
REQUESTS = [
	('a good one', {}, 101),
	('Upgrade in capitals', {'Upgrade': 'WebSocket'}, 101),
	('Upgrade among others', {'Upgrade': 'h2c, websocket'}, 101),
	('Connection with keep-alive', {'Connection': 'keep-alive, Upgrade'}, 101),
	('Connection in small letters', {'Connection': 'upgrade'}, 101),
	('a key that ends otherwise', {'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ=='}, 101),
	('no Upgrade', {'Upgrade': None}, 426),
	('another Upgrade', {'Upgrade': 'h2c'}, 426),
	('no Connection', {'Connection': None}, 426),
	('Connection without upgrade', {'Connection': 'keep-alive'}, 426),
	('no version', {'Sec-WebSocket-Version': None}, 426),
	('version 8', {'Sec-WebSocket-Version': '8'}, 426),
	('version 14', {'Sec-WebSocket-Version': '14'}, 426),
	('two versions', {'Sec-WebSocket-Version': '13, 8'}, 426),
	('no key', {'Sec-WebSocket-Key': None}, 400),
	('an empty key', {'Sec-WebSocket-Key': ''}, 400),
	('a short key', {'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j'}, 400),
	('a long key', {'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZSBvZiBtb3Jl'}, 400),
	('a key that is not Base64', {'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j!!=='}, 400),
	('two keys', {'Sec-WebSocket-Key': f'{KEY}, {KEY}'}, 400),
]

# path, Host, Origin, whether it may
ORIGINS = [
	('/echo', 'shop.example', 'http://shop.example', True),
	('/echo', 'shop.example', 'https://shop.example', True),
	('/echo', 'SHOP.example', 'http://shop.EXAMPLE', True),
	('/echo', 'shop.example:8080', 'http://shop.example:8080', True),
	('/echo', 'shop.example', 'http://shop.example:80', True),
	('/echo', 'shop.example:443', 'https://shop.example', True),
	('/echo', '[::1]:80', 'http://[::1]', True),
	('/echo', 'shop.example', None, True),
	('/echo', 'shop.example', 'http://evil.example', False),
	('/echo', 'shop.example', 'http://shop.example.evil.example', False),
	('/echo', 'shop.example', 'http://evil.shop.example', False),
	('/echo', 'shop.example', 'http://shop.example:8080', False),
	('/echo', 'shop.example:8080', 'http://shop.example', False),
	('/echo', 'shop.example', 'http://shop.example, http://evil.example', False),
	('/echo', 'shop.example', 'shop.example', False),
	('/echo', 'shop.example', 'null', False),
	('/echo', 'shop.example', '', False),
	('/echo', 'shop.example', 'file://', False),
	('/listed', 'shop.example', 'https://shop.example', True),
	('/listed', 'api.example', 'https://shop.example', True),
	('/listed', 'api.example', 'HTTPS://SHOP.EXAMPLE', True),
	('/listed', 'api.example', 'http://localhost:3000', True),
	('/listed', 'api.example', 'http://api.example', True),
	('/listed', 'api.example', 'http://shop.example', False),
	('/listed', 'api.example', 'http://localhost', False),
	('/listed', 'api.example', 'null', False),
	('/open', 'api.example', 'https://anywhere.example', True),
	('/open', 'api.example', 'null', True),
]

# offered, what is agreed on (None: nothing), status
PROTOCOLS = [
	('chat.v1', 'chat.v1', 101), ('chat.v2', 'chat.v2', 101), ('chat.v1, chat.v2', 'chat.v2', 101), ('other, chat.v1', 'chat.v1', 101),
	('chat.v1,other', 'chat.v1', 101), (' ,chat.v1', 'chat.v1', 101), (None, None, 101), ('other', None, 400), ('CHAT.V1', None, 400),
	('chat.v10', None, 400), ('', None, 400),
]


def ask(port, request, status):
	with Client(port, request=request) as c:
		assert c.status == status, c.status
		if status == 101:
			assert c.fields['upgrade'] == 'websocket' and c.fields['connection'] == 'Upgrade', c.fields
			assert 'content-length' not in c.fields and 'transfer-encoding' not in c.fields, c.fields
			assert 'sec-websocket-extensions' not in c.fields
			return c.fields
		problem = json.loads(c.body())
		assert problem['status'] == status and problem['detail'], problem
		if status == 426:
			assert c.fields['upgrade'] == 'websocket'
			assert c.fields['sec-websocket-version'] == '13'
		return problem


def requests(port):
	for name, differs, status in REQUESTS:
		def one():
			got = ask(port, handshake(**differs), status)
			if status == 101:
				right = ACCEPT if differs.get('Sec-WebSocket-Key', KEY) == KEY else 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
				assert got['sec-websocket-accept'] == right, got
		yield name, one


def methods(port):
	for method, version, status in ((b'POST', b'1.1', 405), (b'PUT', b'1.1', 405), (b'OPTIONS', b'1.1', 204), (b'GET', b'1.0', 426)):
		def one():
			with Client(port, request=handshake().replace(b'GET', method, 1).replace(b'HTTP/1.1', b'HTTP/' + version, 1)) as c:
				assert c.status == status, c.status
		yield f'{method.decode()} of HTTP/{version.decode()}', one

	def head():
		with Client(port, request=handshake().replace(b'GET', b'HEAD', 1)) as c:
			assert c.status == 426, c.status
	yield 'HEAD', head

	def plain():
		with Client(port, '/plain') as c:  # an Upgrade that nobody offers is ignored: RFC 9110 section 7.8
			assert c.status == 200 and c.body() == 'plain'
	yield 'another operation', plain

	def nothing():
		with Client(port, '/nothing') as c:
			assert c.status == 404
	yield 'no such path', nothing

	def keeps():
		request = handshake(Upgrade=None)
		with Client(port, request=request, behind=request) as c:
			c.body()
			assert c.until(b'\r\n\r\n').startswith(b'HTTP/1.1 426')
	yield 'the connection goes on behind a refusal', keeps


def origins(port):
	for path, host, origin, may in ORIGINS:
		def one():
			got = ask(port, handshake(path, host, Origin=origin), 101 if may else 403)
			if not may:
				assert '.origins' in got['detail'], got
		yield f'page of {origin} at {host}{path}', one


def protocols(port):
	for offered, agreed, status in PROTOCOLS:
		def one():
			request = handshake('/protocol', **{'Sec-WebSocket-Protocol': offered})
			got = ask(port, request, status)
			if status == 400:
				assert 'chat.v2, chat.v1' in got['detail'], got
				return
			assert got.get('sec-websocket-protocol') == agreed, got
			assert got['set-cookie'] == 'seen=1', got  # the handler's own fields stand in the answer
			with Client(port, request=request) as c:
				assert c.message() == (agreed or '').encode()
		yield f'protocols {offered}', one

	def unasked():
		assert 'sec-websocket-protocol' not in ask(port, handshake('/echo', **{'Sec-WebSocket-Protocol': 'chat'}), 101)
	yield 'protocols where none is spoken', unasked


def trusted_proxy():
	"""The host is what a trusted proxy says that it is."""
	with Program('--trusted-proxies', '127.0.0.1', '--trusted-headers', 'X-Forwarded-Host',
			'--trusted-headers', 'X-Forwarded-Proto') as server:
		told = {'X-Forwarded-Host': 'shop.example', 'X-Forwarded-Proto': 'https'}
		ask(server.port(), handshake(host='inner:8080', Origin='https://shop.example', **told), 101)
		ask(server.port(), handshake(host='inner:8080', Origin='http://inner:8080', **told), 403)


def main():
	tap = Tap()

	def run(name, test):
		try:
			test()
			tap.check(name, [])
		except (AssertionError, Ended, OSError, KeyError):
			tap.check(name, traceback.format_exc().splitlines()[-6:])
	with Program() as server:
		for group in (requests, methods, origins, protocols):
			for name, test in group(server.port()):
				run(f'{group.__name__}: {name}', test)
	run('trusted proxy', trusted_proxy)
	tap.done()


sys.exit(main())
