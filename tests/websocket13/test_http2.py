#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""WebSockets as streams of HTTP/2 (RFC 8441): the same conversations, several on a connection. usage: test_http2.py TRIAL"""
import json
import signal
import socket
import sys
import traceback

import test_conformance
from client import BINARY, CLOSE, PATIENCE, PING, PONG, TEXT, Client, Ended, closing, frame
from program import Program, Tap

try:
	import h2.config
	import h2.connection
	import h2.events
	import h2.settings
except ImportError:
	h2 = None


GOAWAY = 7


class Connection:
	"""One connection; what comes is sorted by stream."""

	def __init__(self, port):
		self.s = socket.create_connection(('127.0.0.1', port), PATIENCE)
		self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding='utf-8', validate_outbound_headers=False,
			normalize_outbound_headers=False))
		self.h2.initiate_connection()
		self.flush()
		self.heads, self.data, self.ended, self.reset, self.raw = {}, {}, set(), {}, b''

	def flush(self):
		self.s.sendall(self.h2.data_to_send())

	def events(self, data):
		"""Frame by frame: behind a GOAWAY, which ends nothing that has begun, the library would take no more."""
		self.raw += data
		while len(self.raw) >= 9 and len(self.raw) >= (size := 9 + int.from_bytes(self.raw[:3], 'big')):
			part, self.raw = self.raw[:size], self.raw[size:]
			if part[3] != GOAWAY:
				yield from self.h2.receive_data(part)

	def more(self):
		data = self.s.recv(65536)
		if not data:
			raise Ended()
		for event in self.events(data):
			if isinstance(event, h2.events.ResponseReceived):
				self.heads[event.stream_id] = dict(event.headers)
			elif isinstance(event, h2.events.DataReceived):
				self.data[event.stream_id] = self.data.get(event.stream_id, b'') + event.data
				if event.flow_controlled_length:
					self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
			elif isinstance(event, h2.events.StreamEnded):
				self.ended.add(event.stream_id)
			elif isinstance(event, h2.events.StreamReset):
				self.reset[event.stream_id] = event.error_code
		self.flush()

	def ask(self, *fields, ends=False):
		stream = self.h2.get_next_available_stream_id()
		self.h2.send_headers(stream, list(fields), end_stream=ends)
		self.flush()
		return stream

	def close(self):
		self.s.close()


class Stream(Client):
	"""A WebSocket on a stream: frames as over any other."""

	def __init__(self, connection, path='/echo', **fields):
		self.connection, self.data = connection, b''
		lines = {'sec-websocket-version': '13', **{k.lower().replace('_', '-'): v for k, v in fields.items()}}
		self.id = connection.ask((':method', 'CONNECT'), (':protocol', 'websocket'), (':scheme', 'http'), (':path', path),
			(':authority', 'trial'), *[(k, v) for k, v in lines.items() if v is not None])
		while self.id not in connection.heads:
			self.wait()
		self.fields = connection.heads[self.id]
		self.status = int(self.fields[':status'])

	def wait(self):
		if self.id in self.connection.reset:
			raise Ended()
		self.connection.more()

	def more(self):
		while not self.connection.data.get(self.id):
			if self.id in self.connection.ended:
				raise Ended()
			self.wait()
		self.data += self.connection.data.pop(self.id)

	def send(self, data, step=None):
		flow = self.connection.h2
		while data and self.id not in self.connection.reset and self.id not in self.connection.ended:
			n = min(flow.local_flow_control_window(self.id), flow.max_outbound_frame_size, step or len(data), len(data))
			if n == 0:
				self.connection.more()
				continue
			flow.send_data(self.id, data[:n])
			self.connection.flush()
			data = data[n:]

	def end(self):
		pass


def is_offered(port):
	c = Connection(port)
	while not c.h2.remote_settings.get(h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL):
		c.more()
	c.close()


def conformance(port):
	"""The cases of HTTP/1.1, several on each connection."""
	for group in (test_conformance.pings, test_conformance.fragments, test_conformance.utf8, test_conformance.closes,
		test_conformance.limits):
		c = Connection(port)
		for name, path, data, back, ending, *step in group():
			with Stream(c, path) as ws:
				assert ws.status == 200, (name, ws.status)
				ws.send(data, *step)
				assert [ws.frame()[:2] for _ in back] == back, name
				if ending is None:
					ws.text('still here')
					assert ws.message() == b'still here', name
					ws.send(frame(CLOSE, closing(1000)))
					ending = 1000
				got = ws.close_code()
				assert got == ending, (name, got, ws.reason)
		c.close()


def no_fields_of_http_1(port):
	c = Connection(port)
	ws = Stream(c, '/protocol', Sec_WebSocket_Protocol='chat.v1')
	assert ws.status == 200 and ws.fields['sec-websocket-protocol'] == 'chat.v1', ws.fields
	for name in ('sec-websocket-accept', 'connection', 'upgrade', 'content-length'):
		assert name not in ws.fields, ws.fields
	c.close()


def refusals(port):
	c = Connection(port)
	for path, fields, status in (('/echo', {'Origin': 'http://evil.example'}, 403), ('/echo', {'Origin': 'http://trial'}, 200),
		('/protocol', {'Sec_WebSocket_Protocol': 'x'}, 400), ('/rooms/attic?token=wrong', {}, 401), ('/nothing', {}, 404),
		('/echo', {'Sec_WebSocket_Version': '8'}, 426)):
		ws = Stream(c, path, **fields)
		assert ws.status == status, (path, ws.status)
		assert 'connection' not in ws.fields, ws.fields
	stream = c.ask((':method', 'GET'), (':scheme', 'http'), (':path', '/echo'), (':authority', 'trial'), ends=True)
	while stream not in c.heads:
		c.more()
	assert c.heads[stream][':status'] == '426', c.heads[stream]
	c.close()


def many_on_a_connection(port):
	c = Connection(port)
	sockets = [Stream(c, '/echo') for _ in range(50)]
	for turn in range(3):
		for i, ws in enumerate(sockets):
			ws.send(frame(TEXT, b'%d %d' % (turn, i)))
		for i, ws in reversed(list(enumerate(sockets))):
			assert ws.message() == b'%d %d' % (turn, i)
	stream = c.ask((':method', 'GET'), (':scheme', 'http'), (':path', '/plain'), (':authority', 'trial'), ends=True)
	while stream not in c.ended:
		c.more()
	assert c.data[stream] == b'plain'
	c.close()


def much_both_ways(port):
	c = Connection(port)
	ws = Stream(c, '/echo')
	block = bytes(range(256)) * 4000
	for _ in range(3):
		ws.send(frame(BINARY, block))
		assert ws.message() == block
	c.close()


def compressed(port):
	c = Connection(port)
	ws = Stream(c, '/takeover', Sec_WebSocket_Extensions='permessage-deflate')
	assert ws.fields['sec-websocket-extensions'].startswith('permessage-deflate'), ws.fields
	c.close()


def typed(port):
	c = Connection(port)
	ws = Stream(c, '/rooms/attic')
	ws.text('{"text": "hi"}')
	assert json.loads(ws.message()) == {'text': 'attic: hi'}
	c.close()


def pings_and_patience(port):
	c = Connection(port)
	ws = Stream(c, '/lively')
	assert ws.frame()[0] == PING
	ws.send(frame(PONG))
	assert ws.frame()[0] == PING
	assert ws.close_code() == 1001
	c.close()


def client_that_resets(port):
	c = Connection(port)
	ws = Stream(c, '/count')
	ws.message()
	c.h2.reset_stream(ws.id)
	c.flush()
	other = Stream(c, '/echo')
	other.text('and the connection goes on')
	assert other.message() == b'and the connection goes on'
	c.close()


def drain(_):
	with Program() as server:
		c = Connection(server.port())
		sockets = [Stream(c, '/echo') for _ in range(3)]
		server.signal(signal.SIGTERM)
		for ws in sockets:
			assert ws.close_code() == 1001 and ws.reason == 'the service stops or restarts: connect again'
		c.close()
		assert server.process.wait(PATIENCE) == 0


TESTS = [is_offered, conformance, no_fields_of_http_1, refusals, many_on_a_connection, much_both_ways, compressed, typed,
	pings_and_patience, client_that_resets, drain]


def main():
	tap = Tap()
	if not h2:
		tap.skip('HTTP/2', 'python3-h2 is not installed')
		tap.done()
	with Program('--threads', '1') as server:
		for test in TESTS:
			try:
				test(server.port())
				tap.check(test.__name__.replace('_', ' '), [])
			except (AssertionError, Ended, OSError, KeyError):
				tap.check(test.__name__.replace('_', ' '), traceback.format_exc().splitlines()[-10:])
	tap.done()


sys.exit(main())
