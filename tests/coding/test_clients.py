#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Coded answers and bodies, as other people's clients and tools see them: curl, Python, brotli, zstd, nginx. What is flushed is there
before the end. usage: test_clients.py CODING_PROBE
"""

import gzip
import http.client
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
from program import PATIENCE, Program, Tap, differs, lacks  # noqa: E402

NGINX = shutil.which('nginx') or '/usr/sbin/nginx'


def text_of(size):
	return b''.join(b'line %07d of the text\n' % i for i in range(size // 25 + 1))[:size]


def tool(*command, data):
	return subprocess.run(command, input=data, capture_output=True, check=True, timeout=PATIENCE).stdout


ENCODE = {
	'gzip': lambda data: gzip.compress(data),
	'br': lambda data: tool('brotli', '-c', '-q', '5', data=data),
	'zstd': lambda data: tool('zstd', '-c', '-q', data=data),
}
DECODE = {
	'gzip': gzip.decompress,
	'br': lambda data: tool('brotli', '-d', '-c', data=data),
	'zstd': lambda data: tool('zstd', '-d', '-c', '-q', data=data),
}


def ask(port, path, accept=None, method='GET', body=None, **headers):
	"""(status, headers in lower case, body as sent)"""
	connection = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE)
	fields = {name.replace('_', '-'): value for name, value in headers.items()}
	try:
		connection.putrequest(method, path, skip_accept_encoding=True)
		for name, value in fields.items():
			connection.putheader(name, value)
		if accept is not None:
			connection.putheader('Accept-Encoding', accept)
		if body is not None:
			connection.putheader('Content-Length', str(len(body)))
		connection.endheaders(body)
		answer = connection.getresponse()
		return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
	finally:
		connection.close()


def decoding_faults(port, path, wanted):
	found = []
	for coding, decode in DECODE.items():
		status, headers, body = ask(port, path, coding)
		if headers.get('content-encoding') != coding:
			found.append(f'{path}: {coding}: {headers}')
			continue
		found += differs(f'{path}: {coding}', decode(body) == wanted, True)
		found += differs(f'{path}: {coding}: vary', headers.get('vary'), 'Accept-Encoding')
	return found


def plain_faults(port):
	_, headers, body = ask(port, '/text/5000')
	found = differs('without Accept-Encoding', (body == text_of(5000), headers.get('content-encoding')), (True, None))
	_, headers, body = ask(port, '/secret/5000', 'gzip')
	return found + differs('switched off', (body == text_of(5000), headers.get('content-encoding'), headers.get('vary')), (True, None, None))


def head_faults(port):
	"""A HEAD has the header of the GET."""
	found = []
	for path in ('/text/2000', '/text/5000', '/text/100000', '/text/300000', '/tagged/5000', '/problem/5000', '/text/10'):
		_, of_get, _ = ask(port, path, 'gzip')
		_, of_head, body = ask(port, path, 'gzip', method='HEAD')
		of_get.pop('transfer-encoding', None)
		for headers in (of_get, of_head):
			headers.pop('date')
		if path.startswith('/problem'): # its request_id differs, and so may its length
			of_get.pop('content-length'), of_head.pop('content-length')
		found += differs(f'HEAD {path}', (of_head, body), (of_get, b''))
	return found


def validator_faults(port):
	_, headers, _ = ask(port, '/tagged/5000', 'gzip')
	found = differs('etag of what is coded', headers.get('etag'), 'W/"text"')
	_, headers, _ = ask(port, '/tagged/5000')
	found += differs('etag of what is not', headers.get('etag'), '"text"')
	status, headers, body = ask(port, '/tagged/5000', 'gzip', If_None_Match='W/"text"')
	return found + differs('304', (status, headers.get('etag'), headers.get('vary'), headers.get('content-encoding'), body),
		(304, 'W/"text"', 'Accept-Encoding', None, b''))


# --- what was flushed is there ---

class Decoder:
	"""Of a stream, as far as it has come."""

	def __init__(self):
		self.zlib, self.text = zlib.decompressobj(31), b''

	def take(self, data):
		self.text += self.zlib.decompress(data)


class Chunks:
	"""The body of an answer on a socket, chunk by chunk."""

	def __init__(self, s):
		self.file = s.makefile('rb')
		self.head = b''
		while not self.head.endswith(b'\r\n\r\n'):
			self.head += self.file.readline()

	def next(self):
		size = int(self.file.readline(), 16)
		data = self.file.read(size)
		self.file.readline()
		return data


def flush_faults(port):
	"""The next piece is sent when the one before it has come back, decoded."""
	decoder, sent = Decoder(), b''
	with socket.create_connection(('127.0.0.1', port), PATIENCE) as s:
		s.sendall(b'POST /echo HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n')
		chunks = None
		for number in range(50):
			piece = b'piece %d of what is sent\n' % number
			s.sendall(b'%x\r\n%b\r\n' % (len(piece), piece))
			sent += piece
			chunks = chunks or Chunks(s)
			while decoder.text != sent:
				data = chunks.next()
				if not data or not sent.startswith(decoder.text):
					return [f'after {number} pieces: {decoder.text[-100:]}']
				decoder.take(data)
		s.sendall(b'0\r\n\r\n')
		while data := chunks.next():
			decoder.take(data)
		return differs('the end', (decoder.zlib.eof, decoder.text == sent), (True, True))


def events_faults(port):
	decoder = Decoder()
	with socket.create_connection(('127.0.0.1', port), PATIENCE) as s:
		s.sendall(b'GET /events HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n')
		chunks = Chunks(s)
		while b'data: second\n\n' not in decoder.text:
			data = chunks.next()
			if not data:
				break
			decoder.take(data)
		found = lacks('head of events', chunks.head.decode(), 'Content-Encoding: gzip', 'text/event-stream', 'no-store')
		return found + differs('events', re.sub(rb'retry: \d+\n\n', b'', decoder.text), b'data: first\n\ndata: second\n\n')


def head_of_events(port, accept):
	with socket.create_connection(('127.0.0.1', port), PATIENCE) as s:
		s.sendall(f'GET /events HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {accept}\r\n\r\n'.encode())
		return Chunks(s).head.decode()


def lasting_faults(port):
	"""What goes on for hours is not coded with brotli, which takes a megabyte for each client."""
	found = lacks('br or zstd', head_of_events(port, 'br, zstd;q=0.1'), 'Content-Encoding: zstd')
	return found + differs('br alone', 'Content-Encoding' in head_of_events(port, 'br'), False)


def fairness_faults():
	"""While one thread compresses 32 MiB, it answers others: they all come before that answer."""
	with Program('--request-memory-bytes', '67108864', '--threads', '1') as program:
		with socket.create_connection(('127.0.0.1', program.port()), PATIENCE) as long:
			long.sendall(b'GET /text/33554432 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nConnection: close\r\n\r\n')
			program.get('/text/1') # by now the other one is in progress, or will be
			answered = 0
			while not select.select([long], [], [], 0)[0]:
				ask(program.port(), '/text/5000', 'gzip')
				answered += 1
			data = b''
			while piece := long.recv(1 << 20):
				data += piece
	body = data.partition(b'\r\n\r\n')[2]
	found = differs('the long one', DECODE['br'](body) == text_of(33554432), True)
	return found + ([] if answered >= 10 else [f'{answered} others were answered meanwhile'])


# --- bodies ---

def body_faults(port):
	found, note = [], json.dumps({'text': 'x' * 3000}).encode()
	for coding, encode in ENCODE.items():
		status, _, body = ask(port, '/notes', method='POST', body=encode(note), Content_Encoding=coding)
		found += differs(f'{coding}: bound', (status, body), (200, b'3000'))
		long = text_of(3000000)
		status, headers, body = ask(port, '/echo', coding, method='POST', body=encode(long), Content_Encoding=coding)
		found += differs(f'{coding}: there and back', (status, headers.get('content-encoding'), DECODE[coding](body) == long),
			(200, coding, True))
		status, _, _ = ask(port, '/notes', method='POST', body=encode(note)[:-3], Content_Encoding=coding)
		found += differs(f'{coding}: cut', status, 400)
	status, headers, _ = ask(port, '/notes', method='POST', body=note, Content_Encoding='deflate')
	return found + differs('deflate', (status, headers.get('accept-encoding')), (415, 'gzip, br, zstd'))


def bomb_faults(port):
	"""64 MiB of zeros in 64 KiB: refused, and the connection is of use to the next."""
	status, _, body = ask(port, '/notes', method='POST', body=gzip.compress(bytes(64 << 20)), Content_Encoding='gzip')
	found = differs('a bomb, bound', status, 413)
	wanted = json.loads(body).get('detail', '')
	return found + lacks('its problem', wanted, 'larger than')


def document_faults(port):
	document = json.loads(ask(port, '/openapi.json')[2])
	parameters = document['paths']['/notes']['post'].get('parameters', [])
	wanted = [('Content-Encoding', 'header', ['identity', 'gzip', 'br', 'zstd'])]
	return differs('parameters', [(p['name'], p['in'], p['schema']['enum']) for p in parameters], wanted)


# --- others ---

def curl_faults(port, *options):
	found = []
	for path, size in (('/text/200000', 200000), ('/tagged/200000', 200000), ('/text/10', 10)):
		done = subprocess.run(['curl', '-sS', '--compressed', *options, '-w', '\n%{http_version} %{size_download}',
			f'http://127.0.0.1:{port}{path}'], capture_output=True, timeout=PATIENCE)
		text, _, trailer = done.stdout.rpartition(b'\n')
		version, downloaded = trailer.split()
		found += differs(f'curl {path}', text == text_of(size), True)
		if size > 1024 and int(downloaded) > size / 2:
			found.append(f'curl {path}: {downloaded} bytes')
		if options and version != b'2':
			found.append(f'it is HTTP/{version}')
	return found


def free_port():
	with socket.create_server(('127.0.0.1', 0)) as listener:
		return listener.getsockname()[1]


NGINX_CONF = '''{user}
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr notice; events {{}}
http {{ access_log off; {temporary} gzip on; gzip_proxied any; gzip_types *; gzip_min_length 1; gzip_vary on;
	server {{ listen 127.0.0.1:{front}; {location} }} }}'''


def nginx_faults(location, what):
	"""nginx that would compress, too, passes on what is compressed already, and what is flushed."""
	front = free_port()
	with tempfile.TemporaryDirectory() as folder:
		temporary = ''.join(f'{kind}_temp_path {folder}/{kind}; ' for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
		with open(folder + '/nginx.conf', 'w') as file:
			file.write(NGINX_CONF.format(user='user root;' if os.getuid() == 0 else '', folder=folder, temporary=temporary, front=front,
				location=location))
		nginx = subprocess.Popen([NGINX, '-p', folder, '-c', folder + '/nginx.conf', '-e', 'stderr'], stderr=subprocess.PIPE, text=True)
		try:
			while 'start worker process ' not in (line := nginx.stderr.readline()):
				if not line:
					return ['nginx does not start']
			found = decoding_faults(front, '/text/100000', text_of(100000)) + decoding_faults(front, '/tagged/100000', text_of(100000))
			return [f'{what}: {fault}' for fault in found + events_faults(front)]
		finally:
			nginx.terminate()
			nginx.wait(PATIENCE)


def behind_nginx_faults(port):
	found = nginx_faults(f'location / {{ proxy_pass http://127.0.0.1:{port}; proxy_http_version 1.1; }}', 'proxy_pass')
	with tempfile.TemporaryDirectory() as folder:
		with Program('--uwsgi', f'unix:{folder}/uwsgi', http=None) as program:
			program.wait_for_line('listening on unix')
			return found + nginx_faults(f'location / {{ include /etc/nginx/uwsgi_params; uwsgi_pass unix:{folder}/uwsgi; }}', 'uwsgi_pass')


def version_1_0_faults(port):
	"""Without chunks: the end of the connection is that of the stream."""
	found = []
	for path in ('/text/5000', '/tagged/5000'):
		with socket.create_connection(('127.0.0.1', port), PATIENCE) as s:
			s.sendall(f'GET {path} HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n'.encode())
			data = b''
			while piece := s.recv(65536):
				data += piece
		head, _, body = data.partition(b'\r\n\r\n')
		found += differs(path, (b'Content-Encoding: gzip' in head, gzip.decompress(body) == text_of(5000)), (True, True))
	return found


def main():
	tap = Tap()
	with Program('--request-memory-bytes', '67108864') as program:
		port = program.port()
		whole = [(f'/text/{size}', size) for size in (4095, 4096, 5000, 65536, 65537, 262144, 262145, 3000000)]
		for path, size in (*whole, ('/tagged/3000000', 3000000)):
			tap.check(f'{path} decodes to what it means', decoding_faults(port, path, text_of(size)))
		tap.check('what is not asked for is not coded', plain_faults(port))
		tap.check('a HEAD is answered like a GET', head_faults(port))
		tap.check('validators are weak, 304 says so, too', validator_faults(port))
		tap.check('a flush reaches the client', flush_faults(port))
		tap.check('events reach the client', events_faults(port))
		tap.check('what lasts takes little memory', lasting_faults(port))
		tap.check('bodies come encoded', body_faults(port))
		tap.check('a bomb is refused', bomb_faults(port))
		tap.check('the document says what a body may be encoded with', document_faults(port))
		tap.check('curl --compressed', curl_faults(port))
		tap.check('curl --compressed, HTTP/2', curl_faults(port, '--http2-prior-knowledge'))
		tap.check('HTTP/1.0', version_1_0_faults(port))
		tap.check('behind nginx', behind_nginx_faults(port))
	tap.check('a long answer lets others in', fairness_faults())
	tap.done()


main()
