#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What many connections cost: memory while they wait, and the time of a message to all of them. usage: test_many.py TRIAL"""
import http.client
import os
import resource
import select
import socket
import sys
import time

from client import TEXT, Client, frame, handshake
from program import Program, Tap

LIGHT = 'COR_TEST_LIGHT' in os.environ
IDLE = 200 if LIGHT else 2000
FOLLOWERS = 100 if LIGHT else 1000
BYTES_EACH = 6 * 1024
MS = 50
BROWSER = {'Pragma': 'no-cache', 'Cache-Control': 'no-cache', 'Accept-Encoding': 'gzip, deflate, br', 'Accept-Language': 'en-GB,en;q=0.9',
	'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
	'Origin': 'http://trial', 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits'}


def private_bytes(pid):
	with open(f'/proc/{pid}/smaps_rollup') as file:
		return sum(int(line.split()[1]) * 1024 for line in file if line.startswith('Private_'))


def enter(port, path, count):
	"""Connections that have said something and heard it back."""
	sockets = []
	for _ in range(count):
		s = socket.create_connection(('127.0.0.1', port), 20)
		s.sendall(handshake(path, **BROWSER) + frame(TEXT, b'hello'))
		sockets.append(s)
	for s in sockets:
		data = b''
		while not data.endswith(b'\x81\x05hello'):
			data += s.recv(4096)
	return sockets


def settled_bytes(pid):
	"""When it falls no more: what waits gives its memory back after a second."""
	now = private_bytes(pid)
	for turn in range(100):
		time.sleep(0.2)
		before, now = now, private_bytes(pid)
		if now == before and turn > 6:
			break
	return now


def idle(tap, server):
	port, pid = server.port(), server.process.pid
	first = enter(port, '/echo', 50)  # what all share is there now
	before = settled_bytes(pid)
	sockets = enter(port, '/echo', IDLE)
	each = (settled_bytes(pid) - before) / IDLE
	tap.figure(f'{IDLE} idle WebSockets cost {each:.0f} bytes of memory each')
	tap.check('an idle one costs little', [] if LIGHT or each <= BYTES_EACH else [f'{each} bytes, more than {BYTES_EACH}'])
	for s in (sockets[0], sockets[-1], first[0]):
		s.sendall(frame(TEXT, b'awake'))
		assert s.recv(100) == b'\x81\x05awake'
	for s in sockets + first:
		s.close()


def publish(port):
	connection = http.client.HTTPConnection('127.0.0.1', port, timeout=20)
	began = time.monotonic()
	connection.request('POST', '/news', body='to all of you: ' + 'x' * 85)
	return connection, began


def await_all(sockets):
	"""Until each has something to read."""
	waiting = select.epoll()
	left = {s.fileno() for s in sockets}
	for fd in left:
		waiting.register(fd, select.EPOLLIN | select.EPOLLONESHOT)
	return waiting, left


def broadcast(tap, server):
	port, took = server.port(), []
	sockets = enter(port, '/follow', FOLLOWERS)
	for _ in range(5):
		waiting, left = await_all(sockets)
		connection, began = publish(port)
		while left:
			left -= {fd for fd, _ in waiting.poll(20, FOLLOWERS)}
		took.append((time.monotonic() - began) * 1000)
		assert connection.getresponse().status == 204
		connection.close()
		for s in sockets:
			assert s.recv(1000).endswith(b'x' * 85)
	best = min(took)
	tap.figure(f'a message of 100 bytes reaches {FOLLOWERS} followers in {best:.1f} ms, on one thread')
	tap.check('a broadcast is fast', [] if LIGHT or best < MS else [f'{took} ms'])
	for s in sockets:
		s.close()


def main():
	tap = Tap()
	_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
	resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 20000), most))
	with Program('--threads', '1', '--connections-max', '12000') as server:
		with Client(server.port(), '/echo') as c:
			assert c.status == 101
		idle(tap, server)
		broadcast(tap, server)
	tap.done()


sys.exit(main())
