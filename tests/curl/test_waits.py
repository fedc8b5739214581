#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Deadlines and cancellation wherever a call can wait; memory while one side is slow; many calls at the same time.
usage: test_waits.py CARRY
"""

import os
import shutil
import socket
import ssl
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tls'))
from carrying import MODES, PATIENCE, Carrier, Peer, body_of, recorded, run  # noqa: E402
from pki import Authority  # noqa: E402

FOLDER = tempfile.mkdtemp()
AUTHORITY = Authority(FOLDER, 'authority')
SHOP = AUTHORITY.issue_for('shop', 'localhost')
LIGHT = 'COR_TEST_LIGHT' in os.environ


def secure():
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
	context.load_cert_chain(*SHOP)
	return context


class Unanswering:
	"""A listener whose queue is full: to connect to it takes forever."""

	def __init__(self):
		self.listener = socket.socket()
		self.listener.bind(('127.0.0.1', 0))
		self.listener.listen(0)
		self.port = self.listener.getsockname()[1]
		self.fillers = []
		for _ in range(4):
			filler = socket.socket()
			filler.setblocking(False)
			filler.connect_ex(('127.0.0.1', self.port))
			self.fillers.append(filler)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		for each in self.fillers + [self.listener]:
			each.close()


def silent(conversation, number):
	conversation.until_gone()


def deaf(conversation, number):
	"""Reads the head, and nothing more: the body backs up."""
	conversation.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
	conversation.head()
	threading.Event().wait(4)


def stalls_in_head(conversation, number):
	conversation.request()
	conversation.send('HTTP/1.1 200 OK\r\nContent-Le')
	conversation.until_gone()


def trickles_in_head(conversation, number):
	conversation.request()
	conversation.send('HTTP/1.1 200 OK\r\n')
	waiting = threading.Event()
	for _ in range(500):
		waiting.wait(0.02)
		conversation.send('A: b\r\n')


def stalls_in_body(conversation, number):
	conversation.request()
	conversation.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc')
	conversation.until_gone()


# (script, TLS, the step that waits, more of the call)
STALLS = (
	(silent, False, 'connect', {'tls': 1}),
	(silent, False, 'connect', {'proxy': 'http', 'tls': 1}),
	(silent, False, 'connect', {'proxy': 'socks5h'}),
	(deaf, False, 'send', {'method': 'POST', 'body': 50_000_000, 'send': 50_000_000, 'piece': 1_000_000}),
	(silent, False, 'head', {}),
	(stalls_in_head, False, 'head', {}),
	(trickles_in_head, False, 'head', {}),
	(stalls_in_body, False, 'body', {}),
	(stalls_in_body, True, 'body', {}),
	(deaf, True, 'send', {'method': 'POST', 'body': -1, 'send': 50_000_000, 'piece': 1_000_000}),
)


def call_of(peer, tls, more):
	call = {'host': 'localhost', 'port': peer.port, 'ca': AUTHORITY.certificate, **more}
	if tls:
		call['tls'] = 1
	if 'proxy' in call:
		call['proxy'] = f'{call["proxy"]}://127.0.0.1:{peer.port}'
	return call


def ended(told, step, rc, ms):
	assert (told['step'], told['rc']) == (step, rc), told
	assert told['kind'] == 0 and told['text'] == '', told
	assert ms - 10 <= told['ms'] <= ms + 1500, told


def test_deadlines_end_each_wait():
	for mode in MODES:
		for script, tls, step, more in STALLS:
			with Peer(script, tls=secure() if tls else None) as peer, Carrier(mode) as carrier:
				told = carrier.one(**call_of(peer, tls, more), **{{'body': 'receive'}.get(step, step) + '_ms': 150})
				ended(told, step, 'ETIMEDOUT', 150) if step != 'send' else ended_somewhere(told, 'ETIMEDOUT')
				assert carrier.last['watched'] == 0, carrier.last
		with Unanswering() as peer, Carrier(mode) as carrier:
			ended(carrier.one(port=peer.port, connect_ms=150), 'connect', 'ETIMEDOUT', 150)


def ended_somewhere(told, rc):
	"""In which piece a socket's buffers are full is the kernel's."""
	assert (told['step'], told['rc'], told['kind']) == ('send', rc, 0), told


def test_cancellation_ends_each_wait():
	for script, tls, step, more in STALLS:
		with Peer(script, tls=secure() if tls else None) as peer, Carrier() as carrier:
			told = carrier.one(**call_of(peer, tls, more), cancel_ms=150)
			ended(told, step, 'ECANCELED', 150)
			assert carrier.last['watched'] == 0, carrier.last
	with Unanswering() as peer, Carrier() as carrier:
		ended(carrier.one(port=peer.port, cancel_ms=100), 'connect', 'ECANCELED', 100)


def test_what_is_late_already_waits_for_nothing():
	script, requests = recorded(lambda c, r: c.answer('x'))
	for mode in MODES:
		with Peer(script) as peer, Carrier(mode) as carrier:
			ended(carrier.one(port=peer.port, connect_ms=0), 'connect', 'ETIMEDOUT', 0)
			ended(carrier.one(port=peer.port, head_ms=0), 'head', 'ETIMEDOUT', 0)
	assert all(r.line == 'GET / HTTP/1.1' for r in requests)


def test_a_name_that_nobody_resolves():
	"""The thread that asks is left alone: nobody waits for it, in the call or at the end of it, and it holds nothing."""
	for mode in MODES:
		with Carrier(mode, ADDRESSES='127.0.0.1') as carrier:
			for _ in range(3):
				ended(carrier.one(host='slow.example', port=80, connect_ms=100), 'connect', 'ETIMEDOUT', 100)
	with Carrier(ADDRESSES='127.0.0.1') as carrier:
		script, _ = recorded(lambda c, r: c.answer('x'))
		with Peer(script) as peer:
			slow, quick = carrier.go({'host': 'slow.example', 'port': 80, 'cancel_ms': 300}, {'port': peer.port})
			ended(slow, 'connect', 'ECANCELED', 300)
			assert quick['rc'] == '0' and quick['ms'] < 250, quick


def test_a_second_address_is_tried_in_time():
	"""Of a name with several addresses the first may lead nowhere."""
	script, _ = recorded(lambda c, r: c.answer('x'))
	with Peer(script) as peer, Carrier(ADDRESSES='127.0.0.9 127.0.0.1') as carrier:
		told = carrier.one(host='several.example', port=peer.port)
		assert told['rc'] == '0', told
	lost = socket.socket()
	lost.bind(('127.0.0.9', 0))
	lost.listen(0)
	port = lost.getsockname()[1]
	fillers = [socket.socket() for _ in range(4)]
	for filler in fillers:
		filler.setblocking(False)
		filler.connect_ex(('127.0.0.9', port))
	there = socket.socket()
	there.bind(('127.0.0.1', port))
	there.listen()

	def answer():
		sock, _ = there.accept()
		sock.recv(65536)
		sock.sendall(b'HTTP/1.1 204 No\r\n\r\n')
	threading.Thread(target=answer, daemon=True).start()
	with Carrier(ADDRESSES='127.0.0.9 127.0.0.1') as carrier:
		told = carrier.one(host='several.example', port=port, connect_ms=3000)
		assert told['rc'] == '0' and told['status'] == 204 and told['ms'] < 3000, told
	for each in fillers + [lost, there]:
		each.close()


def memory_kb(carrier, what='VmHWM'):
	with open(f'/proc/{carrier.process.pid}/status') as file:
		return next(int(line.split()[1]) for line in file if line.startswith(what))


def test_an_answer_that_nobody_reads_waits_at_the_server():
	"""64 KiB and what the kernel and curl hold are all that is taken of it."""
	sent = []

	def script(c, number):
		c.request()
		c.send('HTTP/1.1 200 OK\r\n\r\n')
		c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
		c.sock.settimeout(0.4)
		try:
			for _ in range(400):
				c.send(b'x' * 100_000)
				sent.append(100_000)
		except OSError:
			pass
		before = sum(sent)
		c.sock.settimeout(PATIENCE)
		del sent[:]
		sent.append(before)
		c.until_gone()
	for tls in False, True:
		with Peer(script, tls=secure() if tls else None) as peer, Carrier() as carrier:
			told = carrier.one(**call_of(peer, tls, {}), pause_ms=1000, read=100_000, read_size=1000)
			assert told['got'] >= 100_000 and told['rc'] == '0', told
			peer.wait_until_closed()
			assert sum(sent) < 12_000_000, sum(sent) # the kernel's buffers on loopback
			if 'ASAN_OPTIONS' not in os.environ and not LIGHT:
				assert memory_kb(carrier) < 40_000, memory_kb(carrier)
		del sent[:]


def test_a_body_is_taken_as_fast_as_the_server_reads():
	def script(c, number):
		c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
		request = c.head()
		while len(c.data) < int(request.get('Content-Length')):
			c.fill()
		c.answer('all')
	with Peer(script) as peer, Carrier() as carrier:
		told = carrier.one(port=peer.port, method='PUT', body=5_000_000, send=5_000_000, piece=1_000_000)
		assert told['rc'] == '0' and told['shown'] == 'all', told


FILES_OF_A_PROGRAM = 50


def test_two_hundred_calls_on_one_thread():
	count, rounds = (50, 2) if LIGHT else (200, 5)
	script, requests = recorded(lambda c, r: c.answer(r.target * 100))
	for tls in False, True:
		with Peer(script, tls=secure() if tls else None) as peer, Carrier() as carrier:
			for _ in range(rounds):
				told = carrier.go(*[{**call_of(peer, tls, {}), 'path': f'/{i}'} for i in range(count)])
				assert all(t['rc'] == '0' and t['got'] == len(f'/{i}') * 100 for i, t in enumerate(told))
				assert carrier.last['watched'] == 0, carrier.last
			# how many are open at once is chance: never more than calls, and most are used again
			told = carrier.go(*[{**call_of(peer, tls, {}), 'path': f'/{i}'} for i in range(count)])
			assert sum(t['reused'] for t in told) >= count // 2, told
			assert carrier.last['files'] <= count + FILES_OF_A_PROGRAM, carrier.last
		assert peer.count <= count * 1.05, peer.count


def test_many_that_fail_beside_many_that_do_not():
	def answer(c, r):
		kind = int(r.target[1:]) % 5
		if kind == 0:
			c.reset()
		elif kind == 1:
			c.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
			raise EOFError
		elif kind == 2:
			c.until_gone()
		else:
			c.answer(body_of(30000))
	script, _ = recorded(answer)
	count = 50 if LIGHT else 200
	with Peer(script) as peer, Carrier() as carrier:
		for _ in range(3):
			told = carrier.go(
				*[{'port': peer.port, 'path': f'/{i}', 'head_ms': 300 if i % 5 == 2 else 10000} for i in range(count)])
			for i, t in enumerate(told):
				wanted = ('ECONNRESET', 'ECONNRESET', 'ETIMEDOUT', '0', '0')[i % 5]
				assert t['rc'] == wanted, (i, t)
			assert carrier.last['watched'] == 0, carrier.last


def test_idle_connections_are_not_kept_for_long():
	gone = threading.Event()

	def script(c, number):
		c.request()
		c.answer('x')
		c.until_gone()
		gone.set()
	with Peer(script) as peer, Carrier() as carrier:
		assert not carrier.one(port=peer.port)['reused']
		gone.wait(5.5)
		assert not carrier.one(port=peer.port)['reused'], 'it is older than COR_CARRIER_IDLE_MS'


try:
	run([value for name, value in list(globals().items()) if name.startswith('test_')])
finally:
	shutil.rmtree(FOLDER)
