# SPDX-License-Identifier: MIT
"""Proxies for tests: scripts of a Peer. Each keeps what it was asked in `asked`."""

import base64
import contextlib
import socket
import threading

PATIENCE = 30


def pump(source, target):
	with contextlib.suppress(OSError):
		while data := source.recv(65536):
			target.sendall(data)
	with contextlib.suppress(OSError):
		target.shutdown(socket.SHUT_WR)


def join(conversation, target):
	"""Pass bytes both ways until both have ended."""
	with target:
		target.sendall(conversation.data)
		back = threading.Thread(target=pump, args=(target, conversation.sock))
		back.start()
		pump(conversation.sock, target)
		back.join(PATIENCE)


def reach(places, host, port):
	"""Names are the proxy's to resolve: `places` has those that nobody else knows."""
	return socket.create_connection(places.get(host, (host, port)), PATIENCE)


def http_proxy(asked, places=(), user=None, refuses=None):
	"""CONNECT, and requests with absolute URLs."""
	places = dict(places)
	credentials = user and 'Basic ' + base64.b64encode(user.encode()).decode()

	def script(conversation, number):
		while True:
			request = conversation.request()
			asked.append(request)
			if refuses:
				conversation.answer('secret page of the proxy', refuses)
				return
			if credentials and request.get('Proxy-Authorization') != credentials:
				conversation.answer('', '407 Who', 'Proxy-Authenticate: Basic realm="p"')
				continue
			if request.method == 'CONNECT':
				host, _, port = request.target.rpartition(':')
				target = reach(places, host.strip('[]'), int(port))
				conversation.send('HTTP/1.1 200 Go\r\nX-Proxy: yes\r\n\r\n')
				join(conversation, target)
				return
			host, _, path = request.target[len('http://'):].partition('/')
			name, _, port = host.partition(':')
			with reach(places, name, int(port or 80)) as target:
				target.sendall(f'GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n'.encode())
				target.shutdown(socket.SHUT_WR)
				answer = b''
				while data := target.recv(65536):
					answer += data
			conversation.send(answer)
	return script


def socks_proxy(asked, places=(), user=None, refuses=0):
	"""SOCKS 5 (RFC 1928), with a password (RFC 1929) where there is a user."""
	places = dict(places)

	def script(conversation, number):
		_, count = conversation.exactly(2)
		methods = conversation.exactly(count)
		wanted = 2 if user else 0
		if wanted not in methods:
			conversation.send(b'\x05\xff')
			return
		conversation.send(bytes((5, wanted)))
		if user:
			name = conversation.exactly(conversation.exactly(2)[1])
			password = conversation.exactly(conversation.exactly(1)[0])
			good = (name + b':' + password).decode() == user
			conversation.send(b'\x01\x00' if good else b'\x01\x01')
			if not good:
				return
		_, command, _, kind = conversation.exactly(4)
		if kind == 3:
			host = conversation.exactly(conversation.exactly(1)[0]).decode()
		else:
			family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
			host = socket.inet_ntop(family, conversation.exactly(size))
		port = int.from_bytes(conversation.exactly(2), 'big')
		asked.append((command, kind, host, port))
		if refuses:
			conversation.send(bytes((5, refuses, 0, 1, 0, 0, 0, 0, 0, 0)))
			return
		target = reach(places, host, port)
		conversation.send(b'\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00')
		join(conversation, target)
	return script
