#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Static files as clients see them: over plain TCP, a unix socket, TLS and HTTP/2."""

import contextlib
import ctypes
import email
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

import requests

from cases import await_true, equal, finish, problem, run
from program import Program, built, free_port

BIG = 24 << 20
LIGHT = bool(os.environ.get('COR_TEST_LIGHT'))


def write(path, data, age_s=None):
	os.makedirs(os.path.dirname(path), exist_ok=True)
	with open(path, 'wb') as file:
		file.write(data)
	if age_s is not None:
		then = os.stat(path).st_mtime - age_s
		os.utime(path, (then, then))


def numbers(size):
	return b''.join(b'X%07d' % i for i in range((size + 7) // 8))[:size]


FILES = {
	'thousand.html': numbers(1000),
	'small.txt': b'0123456789',
	'empty.txt': b'',
	'middle.bin': numbers(200000),
	'edge.bin': numbers(32 * 1024),
	'beyond.bin': numbers(32 * 1024 + 1),
	'own.md': b'# own',
	'what.odd': b'odd',
	'no-extension': b'?',
	'a b+c&d;é.txt': b'strange',
	'%41.txt': b'percent',
	'sub/index.html': b'<p>index',
	'sub/deep/x.css': b'p{}',
	'bare/x.css': b'bare',
	'.hidden': b'secret',
	'.git/config': b'secret',
	'.well-known/security.txt': b'Contact: x',
	'back\\slash.txt': b'no',
	'app.js': b'console.log(1)' * 100,
	'image.png': b'PNG',
}


def make_folder(top):
	for name, data in FILES.items():
		write(f'{top}/assets/{name}', data)
	for name, data in (('app.js.br', b'BR'), ('app.js.gz', b'GZIP'), ('app.js.zst', b'ZSTD!'), ('image.png.gz', b'no')):
		write(f'{top}/assets/{name}', data)
	write(f'{top}/assets/stale.css', b'new')
	write(f'{top}/assets/stale.css.br', b'old', age_s=10)
	write(f'{top}/assets/stale.css.gz', b'of the same time')
	shutil.copystat(f'{top}/assets/stale.css', f'{top}/assets/stale.css.gz')
	write(f'{top}/outside/secret.txt', b'secret')
	os.symlink('small.txt', f'{top}/assets/link.txt')
	os.symlink('../small.txt', f'{top}/assets/sub/up.txt')
	os.symlink('sub', f'{top}/assets/linked')
	os.symlink('../outside/secret.txt', f'{top}/assets/out.txt')
	os.symlink(f'{top}/outside', f'{top}/assets/absolute')
	os.symlink(f'{top}/assets/small.txt', f'{top}/assets/absolute.txt')
	os.symlink('loop.txt', f'{top}/assets/loop.txt')
	os.symlink('/proc/self/exe', f'{top}/assets/magic.txt')
	os.mkfifo(f'{top}/assets/fifo.txt')
	with socket.socket(socket.AF_UNIX) as s:
		s.bind(f'{top}/assets/socket.txt')
	with open(f'{top}/assets/big.bin', 'wb') as file:
		for i in range(BIG >> 20):
			file.write(b'%08d' % i * (1 << 17))
	with open(f'{top}/assets/huge.bin', 'wb') as file:
		file.truncate(1 << 30)
	write(f'{top}/page/index.html', b'<p>page')
	write(f'{top}/page/app.js', b'page.js')
	write(f'{top}/page/manual/index.html', b'<p>docs')


def raw(served, head):
	"""Bytes on a connection of their own, and what comes back."""
	with served.connect() as s:
		s.sendall(head)
		pieces = []
		while piece := s.recv(1 << 20):
			pieces.append(piece)
	return b''.join(pieces)


def fetch(served, path, method='GET', headers=()):
	"""Status, fields and body, of a path that is sent as it is."""
	lines = ''.join(f'{name}: {value}\r\n' for name, value in headers)
	data = raw(served, f'{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{lines}\r\n'.encode())
	head, _, body = data.partition(b'\r\n\r\n')
	status, _, rest = head.partition(b'\r\n')
	return int(status.split()[1]), email.message_from_bytes(rest), body


NAMES = [
	('/assets/thousand.html', 200, FILES['thousand.html'], 'text/html; charset=utf-8'),
	('/assets/small.txt', 200, b'0123456789', 'text/plain; charset=utf-8'),
	('/assets/small.txt?x=/../y', 200, b'0123456789', 'text/plain; charset=utf-8'),
	('/%61ssets/sm%61ll.txt', 200, b'0123456789', 'text/plain; charset=utf-8'),
	('/assets/empty.txt', 200, b'', 'text/plain; charset=utf-8'),
	('/assets/middle.bin', 200, FILES['middle.bin'], 'application/octet-stream'),
	('/assets/edge.bin', 200, FILES['edge.bin'], 'application/octet-stream'),
	('/assets/beyond.bin', 200, FILES['beyond.bin'], 'application/octet-stream'),
	('/assets/own.md', 200, b'# own', 'text/x-own'),
	('/assets/what.odd', 200, b'odd', 'application/x-odd'),
	('/assets/no-extension', 200, b'?', 'application/octet-stream'),
	('/assets/a%20b+c&d;%C3%A9.txt', 200, b'strange', 'text/plain; charset=utf-8'),
	('/assets/%2541.txt', 200, b'percent', 'text/plain; charset=utf-8'),
	('/assets/sub/', 200, b'<p>index', 'text/html; charset=utf-8'),
	('/assets/sub/index.html', 200, b'<p>index', 'text/html; charset=utf-8'),
	('/assets/sub/deep/x.css', 200, b'p{}', 'text/css; charset=utf-8'),
	('/assets/link.txt', 200, b'0123456789', 'text/plain; charset=utf-8'),
	('/assets/sub/up.txt', 200, b'0123456789', 'text/plain; charset=utf-8'),
	('/assets/linked/', 200, b'<p>index', 'text/html; charset=utf-8'),
	('/assets/.well-known/security.txt', 200, b'Contact: x', 'text/plain; charset=utf-8'),
	('/assets/hello', 200, b'hello', 'text/plain; charset=utf-8'),  # a resource goes first
	('/built-in/about.html', 200, b'<p>about', 'text/html; charset=utf-8'),
	('/built-in/css/shop.css', 200, b'p{}', 'text/css; charset=utf-8'),
	('/built-in/', 200, b'<p>top', 'text/html; charset=utf-8'),
	('/built-in/empty', 200, b'', 'application/octet-stream'),
	('/built-in/a%20%22b%22.txt', 200, b'"%', 'text/plain; charset=utf-8'),
	('/built-in/.well-known/security.txt', 200, b'Contact: y', 'text/plain; charset=utf-8'),
	('/built-in/.hidden', 404, None, None),
	('/', 200, b'<p>page', 'text/html; charset=utf-8'),
	('/app.js', 200, b'page.js', 'text/javascript; charset=utf-8'),
	('/cart/7', 200, b'<p>page', 'text/html; charset=utf-8'),  # the page knows it
	('/cart/', 200, b'<p>page', 'text/html; charset=utf-8'),
	('/app.1.js', 404, None, None),
	('/api/unknown', 200, b'<p>page', 'text/html; charset=utf-8'),
	('/.env', 404, None, None),
	('/a/.env/b', 404, None, None),
	('/assets/nothing.txt', 404, None, None),
	('/assets/nothing', 404, None, None),
	('/assets/', 404, None, None),
	('/assets/bare/', 404, None, None),
	('/assets/small.txt/', 404, None, None),
	('/assets/small.txt/x', 404, None, None),
	('/assets/.hidden', 404, None, None),
	('/assets/%2ehidden', 404, None, None),
	('/assets/.git/config', 404, None, None),
	('/assets/out.txt', 404, None, None),
	('/assets/absolute/secret.txt', 404, None, None),
	('/assets/absolute.txt', 404, None, None),
	('/assets/loop.txt', 404, None, None),
	('/assets/magic.txt', 404, None, None),
	('/assets/fifo.txt', 404, None, None),
	('/assets/socket.txt', 404, None, None),
	('/assets/back%5Cslash.txt', 404, None, None),
	('/assets//small.txt', 404, None, None),
	('//assets/small.txt', 404, None, None),
	('/assets/sub%2Findex.html', 404, None, None),
	('/assets/sub/..%2fsmall.txt', 404, None, None),
	('/assets/' + 'a' * 300 + '.txt', 404, None, None),
	('/assets/' + 'a/' * 3000, 404, None, None),
	('/assets/%ff.txt', 404, None, None),
	('/assets/../outside/secret.txt', 400, None, None),
	('/assets/%2e%2e/outside/secret.txt', 400, None, None),
	('/assets/./small.txt', 400, None, None),
	('/assets/small.txt%00.html', 400, None, None),
	('/assets/%zz', 400, None, None),
	('/assets/%', 400, None, None),
]


def test_names(served):
	for path, status, body, media_type in NAMES:
		got_status, fields, got_body = fetch(served, path)
		equal(got_status, status, path)
		if status == 200:
			equal((got_body, fields['Content-Type']), (body, media_type), path)
			equal(fields['Content-Length'], str(len(body)), path)
		else:
			equal(fields['Content-Type'], 'application/problem+json', path)


REDIRECTS = [
	('/assets', '/assets/'),
	('/assets?a=b&c', '/assets/?a=b&c'),
	('/assets/sub', '/assets/sub/'),
	('/assets/sub?q=%2F', '/assets/sub/?q=%2F'),
	('/assets/linked', '/assets/linked/'),
	('/%61ssets/s%75b', '/%61ssets/s%75b/'),
	('/built-in', '/built-in/'),
	('/built-in/css', '/built-in/css/'),
	('/manual', '/manual/'),
]


def test_redirects(served):
	for path, location in REDIRECTS:
		for method in ('GET', 'HEAD'):
			status, fields, body = fetch(served, path, method)
			equal((status, fields['Location'], body), (301, location, b''), path)


def test_methods(served):
	for method in ('POST', 'PUT', 'DELETE', 'PATCH'):
		status, fields, _ = fetch(served, '/assets/small.txt', method, [('Content-Length', 0)])
		equal((status, fields['Allow']), (405, 'GET, HEAD, OPTIONS'), method)
	status, fields, body = fetch(served, '/assets/small.txt', 'OPTIONS')
	equal((status, fields['Allow'], body), (204, 'GET, HEAD, OPTIONS', b''))
	equal(fetch(served, '/assets/small.txt', 'COPY')[0], 501)
	for path in ('small.txt', 'middle.bin', 'big.bin', 'empty.txt'):
		size = os.path.getsize(f'{served.top}/assets/{path}')
		status, fields, body = fetch(served, f'/assets/{path}', 'HEAD', [('Range', 'bytes=0-1')])
		equal((status, fields['Content-Length'], body), (200, str(size), b''), path)
		assert fields['ETag'] and fields['Last-Modified']


def test_middleware(served):
	status, fields, _ = fetch(served, '/assets/small.txt')
	equal((status, fields['X-Stamp'], fields['Cache-Control']), (200, '1', None))
	equal(fetch(served, '/assets/locked/deep/x.css')[0], 403)
	status, fields, body = fetch(served, '/assets/locked/deep/x.css', headers=[('X-Key', 'open')])
	equal((status, fields['X-Stamp'], fields.get_all('Cache-Control'), body), (200, '1', ['private'], b'p{}'))
	equal(fetch(served, '/assets/locked/', headers=[('X-Key', 'open')])[0], 404, 'it has no index')
	equal(fetch(served, '/kept/small.txt')[1]['Cache-Control'], 'no-cache')


def test_security(served):
	status, fields, _ = fetch(served, '/secret/small.txt')
	equal((status, fields['WWW-Authenticate'].split()[0]), (401, 'Bearer'))
	equal(fetch(served, '/secret/nothing.txt')[0], 401, 'what is there is nobody\'s business')
	equal(fetch(served, '/secret/small.txt', headers=[('Authorization', 'Bearer sesame')])[2], b'0123456789')
	equal(fetch(served, '/secret/small.txt', 'OPTIONS')[0], 204)


def test_other_origins(served):
	headers = [('Origin', 'https://shop.example'), ('Authorization', 'Bearer sesame')]
	_, fields, _ = fetch(served, '/secret/small.txt', headers=headers)
	equal(fields['Access-Control-Allow-Origin'], 'https://shop.example')
	assert 'Content-Range' in fields['Access-Control-Expose-Headers']
	preflight = [('Origin', 'https://shop.example'), ('Access-Control-Request-Method', 'GET')]
	_, fields, _ = fetch(served, '/secret/small.txt', 'OPTIONS', preflight)
	equal(fields['Access-Control-Allow-Methods'], 'GET, HEAD, OPTIONS')
	assert {'Authorization', 'Range'} <= set(fields['Access-Control-Allow-Headers'].split(', ')), fields
	equal(fetch(served, '/assets/small.txt', headers=headers)[1]['Access-Control-Allow-Origin'], None)


def test_conditions(served):
	for path in ('/assets/thousand.html', '/assets/middle.bin', '/kept/thousand.html', '/built-in/about.html'):
		_, fields, whole = fetch(served, path)
		tag, date = fields['ETag'], fields['Last-Modified']
		for headers, wanted in (
			([('If-None-Match', tag)], 304),
			([('If-None-Match', 'W/' + tag)], 304),
			([('If-None-Match', f'"a"'), ('If-None-Match', tag)], 304),
			([('If-None-Match', '"a"')], 200),
			([('If-Match', tag)], 200),
			([('If-Match', '"a"')], 412),
			([('If-Match', '"a"'), ('If-Match', tag)], 200),
			([('If-Match', tag), ('Range', 'bytes=0-1')], 206),
			([('If-None-Match', tag), ('Range', 'bytes=0-1')], 304),
			([('If-None-Match', '*')], 304)):
			status, fields, body = fetch(served, path, headers=headers)
			equal(status, wanted, f'{path} {headers}')
			if status == 304:
				equal((body, fields['ETag'], fields['Content-Length'], fields['Content-Type']), (b'', tag, None, None), path)
			elif status == 200:
				equal(body, whole, path)
		if date:
			equal(fetch(served, path, headers=[('If-Modified-Since', date)])[0], 304, path)
			equal(fetch(served, path, headers=[('If-Unmodified-Since', 'Sun, 06 Nov 1994 08:49:37 GMT')])[0], 412, path)
	equal(fetch(served, '/assets/nothing.txt', headers=[('If-Match', '"a"')])[0], 404, 'no condition on nothing')


def parts_of(fields, body):
	"""Of multipart/byteranges: (Content-Range, bytes) of each."""
	document = b'Content-Type: ' + fields['Content-Type'].encode() + b'\r\n\r\n' + body
	boundary = re.fullmatch('multipart/byteranges; boundary=([0-9a-v]{24})', fields['Content-Type'])[1].encode()
	pieces = document.split(b'\r\n--' + boundary)
	equal(pieces[-1], b'--\r\n')
	parts = []
	for piece in pieces[1:-1]:
		head, _, content = piece.partition(b'\r\n\r\n')
		part = email.message_from_bytes(head.lstrip(b'\r\n'))
		assert part['Content-Type'], head
		parts.append((part['Content-Range'], content))
	return parts


RANGES = [
	('bytes=0-8', [(0, 9)]),
	('bytes=-10', [(-10, None)]),
	('bytes=990-', [(990, None)]),
	('bytes=990-99999999', [(990, None)]),
	('bytes=0-', [(0, None)]),
	('bytes=0-9, -10, 20-29', [(0, 10), (-10, None), (20, 30)]),
	('bytes=0-0,2-2,4-4', [(0, 1), (2, 3), (4, 5)]),
	('bytes=0-99,50-149', [(0, 150)]),
	('bytes=1000000000-', 416),
	('bytes=alpha', 416),
	('bytes=10', 416),
	('lines=0-1', 200),
	('bytes=' + ','.join(f'{i}-{i}' for i in range(0, 34, 2)), 200),
]


def check_ranges(get, path, whole):
	for value, wanted in RANGES:
		status, fields, body = get(path, [('Range', value)])
		what = f'{path} {value}'
		if wanted == 416:
			equal((status, fields['Content-Range']), (416, f'bytes */{len(whole)}'), what)
			continue
		if wanted == 200:
			equal((status, body), (200, whole), what)
			continue
		slices = [(whole[a:b], a % len(whole), len(whole[a:b])) for a, b in wanted]
		said = [(f'bytes {a}-{a + n - 1}/{len(whole)}', data) for data, a, n in slices]
		equal(status, 206, what)
		equal(int(fields['Content-Length']), len(body), what)
		if len(said) == 1:
			equal([(fields['Content-Range'], body)], said, what)
		else:
			equal(parts_of(fields, body), said, what)


RANGED = ['/assets/thousand.html', '/assets/middle.bin', '/kept/thousand.html']


def test_ranges(served):
	for path in RANGED:
		whole = fetch(served, path)[2]
		check_ranges(lambda path, headers: fetch(served, path, headers=headers), path, whole)


def curl(served, url, headers=(), *options):
	with tempfile.NamedTemporaryFile() as heads:
		lines = [part for name, value in headers for part in ('-H', f'{name}: {value}')]
		done = subprocess.run(['curl', '-s', '-k', '-m', '60', '-D', heads.name, *lines, *options, url], capture_output=True,
			check=False)
		equal(done.returncode, 0, url)
		status, _, rest = heads.read().partition(b'\r\n')
		return int(status.split()[1]), email.message_from_bytes(rest), done.stdout


def test_ranges_over_tls_and_http2(served):
	for base, options in ((served.https, ['--http1.1']), (served.https, ['--http2']),
		(served.url, ['--http2-prior-knowledge'])):
		for path in RANGED:
			whole = curl(served, base + path, (), *options)[2]
			equal(whole, FILES[path.split('/')[2]])
			check_ranges(lambda path, headers: curl(served, base + path, headers, *options), path, whole)


def test_large_files(served):
	with open(f'{served.top}/assets/big.bin', 'rb') as file:
		whole = file.read()
	for base, options in ((served.url, []), (served.https, ['--http1.1']), (served.https, ['--http2']),
		(served.url, ['--http2-prior-knowledge']), ('http://a', ['--unix-socket', served.unix])):
		equal(curl(served, base + '/assets/big.bin', (), *options)[2] == whole, True, f'{base} {options}')
		body = curl(served, base + '/assets/big.bin', [('Range', 'bytes=1048570-20000000,21000000-')], *options)
		equal(parts_of(body[1], body[2])[0][1] == whole[1048570:20000001], True)


def test_if_range(served):
	then = os.stat(f'{served.top}/assets/thousand.html').st_mtime - 100
	os.utime(f'{served.top}/assets/thousand.html', (then, then))
	_, fields, _ = fetch(served, '/assets/thousand.html')
	for value, status in ((fields['ETag'], 206), (fields['Last-Modified'], 206), ('"x"', 200), ('W/' + fields['ETag'], 200),
		('wrong', 200), ('Sun, 06 Nov 1994 08:49:37 GMT', 200)):
		equal(fetch(served, '/assets/thousand.html', headers=[('Range', 'bytes=0-9'), ('If-Range', value)])[0], status, value)


CODINGS = [
	(None, None),
	('', None),
	('br;q=1, gzip;q=0.8', 'br'),
	('gzip', 'gzip'),
	('zstd, gzip', 'zstd'),
	('gzip, zstd, br', 'br'),
	('gzip;q=1, br;q=0.5', 'gzip'),
	('br;q=0, gzip', 'gzip'),
	('*', 'br'),
	('*;q=0.5, br;q=0', 'zstd'),
	('identity', None),
	('identity;q=1, br;q=0.9', None),
	('identity;q=0.5, br;q=0.9', 'br'),
	('deflate', None),
	('br;q=x', None),
	('GZIP', 'gzip'),
]


def test_compressed_siblings(served):
	bodies = {None: FILES['app.js'], 'br': b'BR', 'gzip': b'GZIP', 'zstd': b'ZSTD!'}
	tags = set()
	for mount in ('assets', 'kept'):
		for accept, coding in CODINGS:
			headers = [] if accept is None else [('Accept-Encoding', accept)]
			_, fields, body = fetch(served, f'/{mount}/app.js', headers=headers)
			equal((fields['Content-Encoding'], body), (coding, bodies[coding]), f'{mount} {accept}')
			equal((fields['Vary'], fields['Content-Type']), ('Accept-Encoding', 'text/javascript; charset=utf-8'), accept)
			tags.add(fields['ETag'])
	equal(len(tags), 4)


def test_ranges_are_of_the_coded_bytes(served):
	headers = [('Accept-Encoding', 'zstd'), ('Range', 'bytes=1-2')]
	status, fields, body = fetch(served, '/assets/app.js', headers=headers)
	equal((status, body, fields['Content-Range'], fields['Content-Encoding']), (206, b'ST', 'bytes 1-2/5', 'zstd'))
	_, fields, _ = fetch(served, '/assets/app.js', headers=[('Accept-Encoding', 'zstd')])
	headers = [('If-None-Match', fields['ETag'])]
	equal(fetch(served, '/assets/app.js', headers=headers)[0], 200, 'the tag is of the compressed one')
	status, fields, _ = fetch(served, '/assets/app.js', headers=[*headers, ('Accept-Encoding', 'zstd')])
	equal((status, fields['Vary']), (304, 'Accept-Encoding'))


def test_stale_siblings(served):
	for accept, coding in (('br', None), ('br, gzip;q=0.5', 'gzip')):
		_, fields, body = fetch(served, '/assets/stale.css', headers=[('Accept-Encoding', accept)])
		equal((fields['Content-Encoding'], body), (coding, b'of the same time' if coding else b'new'), accept)


def test_siblings_of_brotli(served):
	write(f'{served.top}/assets/made.js', b'console.log(1)' * 100)
	os.utime(f'{served.top}/assets/made.js', ns=(1700000000 * 10**9 + 5, 1700000000 * 10**9 + 5))
	shutil.copyfile(f'{served.top}/assets/app.js.br', f'{served.top}/assets/made.js.br')
	for then_s, coding in ((1700000000, 'br'), (1699999999, None)):  # brotli -k leaves the nanoseconds out
		os.utime(f'{served.top}/assets/made.js.br', (then_s, then_s))
		for mount in ('assets', 'kept'):
			await_true(f'{mount} {then_s}', lambda mount=mount, coding=coding:
				fetch(served, f'/{mount}/made.js', headers=[('Accept-Encoding', 'br')])[1]['Content-Encoding'] == coding)


def test_empty_siblings(served):
	write(f'{served.top}/assets/full.js', b'console.log(1)')
	write(f'{served.top}/assets/full.js.br', b'')
	_, fields, body = fetch(served, '/assets/full.js', headers=[('Accept-Encoding', 'br')])
	equal((fields['Content-Encoding'], body), (None, b'console.log(1)'))


def test_siblings_do_not_push_their_file_out_of_memory(served):
	for n in range(4):
		write(f'{served.top}/assets/pushed{n}.js', b'%d' % n * 65536)
		for suffix in ('br', 'zst', 'gz'):
			write(f'{served.top}/assets/pushed{n}.js.{suffix}', b'S' * 65536, age_s=100)
	for n in range(4):
		body = fetch(served, f'/kept/pushed{n}.js', headers=[('Accept-Encoding', 'br, gzip, zstd')])[2]
		equal(body == b'%d' % n * 65536, True, f'{n}: {body[:8]}')


def test_siblings_of_what_is_compressed(served):
	_, fields, body = fetch(served, '/assets/image.png', headers=[('Accept-Encoding', 'gzip')])
	equal((body, fields['Content-Encoding'], fields['Vary']), (b'PNG', None, None))
	_, fields, body = fetch(served, '/assets/app.js.gz')
	equal((body, fields['Content-Type'], fields['Content-Encoding']), (b'GZIP', 'application/gzip', None))
	_, fields, body = fetch(served, '/built-in/css/shop.css', headers=[('Accept-Encoding', 'br')])
	equal((body, fields['Content-Encoding'], fields['Last-Modified']), (b'BR', 'br', None))
	equal(fields['ETag'], f'"{hashlib.sha256(b"BR").hexdigest()[:20]}"')


def test_pipelines(served):
	paths = ['/assets/small.txt', '/assets/middle.bin', '/api/hello', '/assets/beyond.bin', '/assets/nothing.txt', '/assets/big.bin',
		'/assets/empty.txt', '/api/hello']
	head = ''.join(f'GET {path} HTTP/1.1\r\nHost: a\r\n\r\n' for path in paths[:-1])
	head += f'GET {paths[-1]} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	data = raw(served, head.encode())
	alone = b''.join(fetch(served, path)[2] for path in paths if 'nothing' not in path)
	got = b''
	for _ in paths:
		head, _, data = data.partition(b'\r\n\r\n')
		length = int(re.search(rb'Content-Length: (\d+)', head)[1])
		if b' 404 ' not in head.split(b'\r\n')[0]:
			got += data[:length]
		data = data[length:]
	equal((got == alone, data), (True, b''))


def test_http10(served):
	data = raw(served, b'GET /assets/middle.bin HTTP/1.0\r\n\r\n')
	equal(data.partition(b'\r\n\r\n')[2], FILES['middle.bin'])


def begin(served, path, bytes_read=1000):
	"""A request whose client has read that much of the answer, and stops."""
	s = served.connect(receive_buffer=4096)
	s.sendall(f'GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'.encode())
	data = b''
	while len(data) < bytes_read:
		data += s.recv(bytes_read - len(data))
	return s, data


def rest_of(s, data):
	pieces = [data]
	with contextlib.suppress(ConnectionResetError):
		while piece := s.recv(1 << 20):
			pieces.append(piece)
	s.close()
	return b''.join(pieces).partition(b'\r\n\r\n')[2]


def test_replaced_while_it_is_sent(served):
	write(f'{served.top}/assets/replaced.bin', b'old!' * (BIG // 4))
	s, data = begin(served, '/assets/replaced.bin')
	write(f'{served.top}/assets/new.bin', b'new!' * 1000)
	os.rename(f'{served.top}/assets/new.bin', f'{served.top}/assets/replaced.bin')
	equal(fetch(served, '/assets/replaced.bin')[2], b'new!' * 1000)
	equal(rest_of(s, data) == b'old!' * (BIG // 4), True, 'the old one, whole')
	os.remove(f'{served.top}/assets/replaced.bin')
	equal(fetch(served, '/assets/replaced.bin')[0], 404)


def test_shrunk_while_it_is_sent(served):
	write(f'{served.top}/assets/shrunk.bin', b'x' * BIG)
	s, data = begin(served, '/assets/shrunk.bin')
	before = served.errors()
	os.truncate(f'{served.top}/assets/shrunk.bin', BIG // 2)
	assert len(rest_of(s, data)) < BIG
	line = served.await_line(before, 'became shorter')
	equal((line['path'], line['status']), ('/assets/shrunk.bin', 200))
	assert line['bytes'] < BIG


def test_shrunk_over_tls_and_http2(served):
	for options in (['--http1.1'], ['--http2']):
		write(f'{served.top}/assets/shrunk.bin', b'x' * BIG)
		before = served.errors()
		command = ['curl', '-s', '-k', '-N', *options, served.https + '/assets/shrunk.bin']
		with subprocess.Popen(command, stdout=subprocess.PIPE) as client:
			client.stdout.read(1)  # the head is sent, and the client takes no more than the pipe has room for
			os.truncate(f'{served.top}/assets/shrunk.bin', 100)
			client.communicate(timeout=20)
			assert client.returncode in (18, 56, 92), f'curl sees that it is not whole: status {client.returncode}'
		served.await_line(before, 'became shorter')


def test_large_files_cost_no_memory(served):
	urls = [(served.url, [])] if LIGHT else [(served.url, []), (served.https, ['--http1.1']), (served.https, ['--http2'])]
	end = (256 << 20) - 1
	for base, options in urls:
		served.forget_peak()
		before_kb = served.memory_kb()
		done = subprocess.run(['curl', '-s', '-k', '-o', '/dev/null', '-w', '%{size_download}', '-r', f'0-{end}', *options,
			base + '/assets/huge.bin'], capture_output=True, check=True)
		equal(done.stdout, str(end + 1).encode())
		grown_kb = served.memory_kb() - before_kb
		print(f'# figure: {end + 1} bytes {options}: {grown_kb} KiB more')
		if not LIGHT:
			assert grown_kb < 2048, f'{options}: {grown_kb} KiB for one file'


def evict(path):
	"""Out of the system's memory, as far as the file system does that."""
	with open(path, 'rb+') as file:
		os.fsync(file.fileno())
		os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def test_files_on_disk(served):
	for name in ('big.bin', 'middle.bin', 'small.txt'):
		path = f'{served.top}/assets/{name}'
		with open(path, 'rb') as file:
			whole = file.read()
		for base, options in ((served.url, []), (served.https, ['--http1.1']), (served.https, ['--http2'])):
			evict(path)
			equal(curl(served, f'{base}/assets/{name}', (), *options)[2] == whole, True, f'{name} {options}')
		evict(path)
		s, data = begin(served, f'/assets/{name}', 10)
		evict(path)
		equal(rest_of(s, data) == whole, True, f'{name}, a client that waits')


def test_slow_clients_cost_a_descriptor(served):
	served.await_rest()
	served.forget_peak()
	before_kb, before = served.memory_kb(), served.descriptors()
	clients = [begin(served, '/assets/big.bin')[0] for _ in range(100)]
	await_true('each has a socket and a file', lambda: served.descriptors() == before + 200)
	grown_kb = served.memory_kb() - before_kb
	print(f'# figure: 100 slow clients: {grown_kb} KiB more')
	if not LIGHT:
		assert grown_kb < 1200, f'{grown_kb} KiB'
	for s in clients:
		s.close()
	await_true('they go', lambda: served.descriptors() == before)


def test_client_that_takes_nothing(served):
	before = served.errors()
	s, _ = begin(served, '/assets/big.bin')
	line = served.await_line(before, 'did not take the answer in time')
	equal(line['path'], '/assets/big.bin')
	s.close()


def test_access_line(served):
	before = served.errors()
	fetch(served, '/assets/thousand.html', headers=[('Range', 'bytes=0-9')])
	line = served.await_line(before, '"access"')
	equal((line['route'], line['status'], line['bytes']), ('/assets', 206, 10))


def test_changes_are_noticed(served):
	path = f'{served.top}/assets/changing.txt'
	for mount in ('assets', 'kept'):
		write(path, b'first')
		equal(fetch(served, f'/{mount}/changing.txt')[2], b'first')
		tag = fetch(served, f'/{mount}/changing.txt')[1]['ETag']
		write(path, b'again')
		await_true('it has changed', lambda mount=mount: fetch(served, f'/{mount}/changing.txt')[2] == b'again')
		assert fetch(served, f'/{mount}/changing.txt')[1]['ETag'] != tag
		os.remove(path)
		await_true('it has gone', lambda mount=mount: fetch(served, f'/{mount}/changing.txt')[0] == 404)


def test_changes_that_keep_the_time_are_noticed(served):
	path = f'{served.top}/assets/dated.txt'
	for text in (b'first', b'again'):
		write(path, text)
		os.utime(path, (1700000000, 1700000000))
		await_true(text, lambda text=text: fetch(served, '/kept/dated.txt')[2] == text)


def change_in_one_tick(served, folder, what):
	"""Files that are read between two changes, in so short a time that many file systems have no two times for them."""
	names = [f'{folder}/{what}{n}.txt' for n in range(20)]
	for name in names:
		with open(f'{served.top}/assets/{name}', 'wb', buffering=0) as file:
			file.write(b'first')
			equal(fetch(served, f'/kept/{name}')[2], b'first')
			file.seek(0)
			file.write(b'again')
	for name in names:
		await_true(name, lambda name=name: fetch(served, f'/kept/{name}')[2] == b'again')


def test_changes_in_one_tick_are_noticed(served):
	os.makedirs(f'{served.top}/assets/ticks')
	change_in_one_tick(served, 'ticks', 'usual')
	mounted = subprocess.run(['mount', '-t', 'ramfs', 'none', f'{served.top}/assets/ticks'], capture_output=True, check=False)
	if mounted.returncode != 0:
		return
	try:
		change_in_one_tick(served, 'ticks', 'coarse')  # its times are those of ticks, whatever the kernel
	finally:
		subprocess.run(['umount', '--lazy', f'{served.top}/assets/ticks'], check=True)


def test_far_dates(served):
	write(f'{served.top}/assets/far.txt', b'far')
	tags = set()
	for year_s in (13569465600, -13569465600, -1):
		os.utime(f'{served.top}/assets/far.txt', (year_s, year_s))
		status, fields, body = fetch(served, '/assets/far.txt')
		equal((status, body), (200, b'far'))
		tags.add(fields['ETag'])
		equal(fields['Last-Modified'], 'Fri, 11 Apr 2262 23:47:16 GMT' if year_s > 0 else None, year_s)
	equal(len(tags), 3)


def test_clients_of_python(served):
	answer = requests.get(served.url + '/assets/sub')
	equal((answer.text, answer.url), ('<p>index', served.url + '/assets/sub/'))
	problem(requests.get(served.url + '/assets/nothing.txt'), 404)
	with open(f'{served.top}/resumed.bin', 'wb') as file:
		file.write(FILES['middle.bin'][:70001])
	subprocess.run(['curl', '-s', '-C', '-', '-o', f'{served.top}/resumed.bin', served.url + '/assets/middle.bin'], check=True)
	with open(f'{served.top}/resumed.bin', 'rb') as file:
		equal(file.read(), FILES['middle.bin'])


def test_document_leaves_them_out(served):
	equal(list(requests.get(served.url + '/openapi.json').json()['paths']), ['/api/hello', '/assets/hello'])


def has_landlock():
	return ctypes.CDLL(None).syscall(444, None, 0, 1) > 0  # landlock_create_ruleset: which version


def check(*arguments, cwd):
	done = subprocess.run([built('tests/files/served'), '--check', *arguments], capture_output=True, cwd=cwd, check=False)
	return done.returncode, done.stderr.decode()


def test_start_without_a_folder(served):
	status, errors = check('--assets', f'{served.top}/nowhere', cwd=served.top)
	equal(status, 78)
	assert f'/assets: the folder {served.top}/nowhere cannot be opened: No such file or directory' in errors, errors
	status, errors = check('--assets', f'{served.top}/assets/small.txt', cwd=served.top)
	equal(status, 78)
	assert 'cannot be opened: Not a directory' in errors, errors
	equal(check('--assets', f'{served.top}/assets', cwd=served.top)[0], 0)
	equal(check('--assets', f'{served.top}/assets', cwd='/')[0], 78, 'the fallback is relative')


def refused(*arguments):
	"""What a start says that comes to nothing."""
	environment = dict(os.environ, ASAN_OPTIONS='detect_leaks=0')  # which a sandbox forbids
	done = subprocess.run([*arguments, '--http', '127.0.0.1:0'], capture_output=True, env=environment, timeout=20, check=False)
	equal(done.returncode, 78, done.stderr.decode()[-500:])
	return done.stderr.decode()


def test_start_without_the_right_to_a_folder(served):
	program = [built('tests/files/served'), '--assets', f'{served.top}/assets', '--page', f'{served.top}/page']
	if has_landlock():
		errors = refused(*program, '--sandbox', 'on', '--sandbox-paths', f'{served.top}/page')
		assert f'/assets: files in {served.top}/assets may not be read: let the user that serves do it; with --sandbox-paths' in errors, errors
		assert 'page may not' not in errors, errors
	if os.getuid() == 0:
		os.makedirs(f'{served.top}/shut', 0o700)
		errors = refused(*program[:-1], f'{served.top}/shut', '--user', 'nobody')
		assert f'/: files in {served.top}/shut may not be read' in errors, errors


def test_folders_that_may_not_be_listed(served):
	write(f'{served.top}/assets/unlisted/index.html', b'in')
	write(f'{served.top}/assets/unlisted/denied.txt', b'in')
	os.chmod(f'{served.top}/assets/unlisted', 0o711)
	os.chmod(f'{served.top}/assets/unlisted/denied.txt', 0o600)
	if os.getuid() != 0:
		return
	os.chmod(served.top, 0o755)
	other = Program(built('tests/files/served'), '--assets', f'{served.top}/assets', '--page', f'{served.top}/page', '--user', 'nobody')
	try:
		get = lambda path: requests.get(other.url + path, allow_redirects=False)
		equal((get('/assets/unlisted').status_code, get('/assets/unlisted/').text), (301, 'in'))
		equal(get('/assets/unlisted/denied.txt').status_code, 404)
		await_true('the log says it', lambda: 'may not be read' in other.errors())
	finally:
		equal(other.stop(), 0)


def test_no_descriptor_is_left_open(served):
	def left():
		return [os.readlink(f'/proc/{served.process.pid}/fd/{fd}') for fd in os.listdir(f'/proc/{served.process.pid}/fd')]

	with contextlib.suppress(AssertionError):
		await_true('all are closed', lambda: served.descriptors() == served.descriptors_at_first)
	equal(served.descriptors(), served.descriptors_at_first, left())


class Served(Program):
	def __init__(self, top):
		self.top, self.unix = top, f'{top}/unix.sock'
		https = f'127.0.0.1:{free_port()}'
		self.https = f'https://{https}'
		subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
			'-subj', '/CN=localhost', '-keyout', f'{top}/key.pem', '-out', f'{top}/certificate.pem'], check=True, capture_output=True)
		super().__init__(built('tests/files/served'), '--http', f'unix:{self.unix}', '--https', https, '--assets', f'{top}/assets',
			'--page', f'{top}/page', '--certificate', f'{top}/certificate.pem', '--key', f'{top}/key.pem', '--threads', '1',
			'--write-timeout-ms', '4000')
		fetch(self, '/api/hello')
		self.descriptors_at_first = self.descriptors()

	def connect(self, receive_buffer=None):
		s = socket.socket()
		if receive_buffer:
			s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
		s.settimeout(30)
		s.connect(('127.0.0.1', self.port))
		return s

	def forget_peak(self):
		with open(f'/proc/{self.process.pid}/clear_refs', 'w', encoding='utf-8') as file:
			file.write('5')

	def memory_kb(self):
		with open(f'/proc/{self.process.pid}/status', encoding='utf-8') as file:
			return int(next(line for line in file if line.startswith('VmHWM:')).split()[1])

	def await_rest(self):
		await_true('nobody is connected', lambda: self.descriptors() == self.descriptors_at_first)

	def descriptors(self):
		"""Of clients and files; others come and go as they like."""
		return sum(1 for fd in os.listdir(f'/proc/{self.process.pid}/fd') if self.leads_to(fd).startswith(('socket:', self.top)))

	def leads_to(self, fd):
		with contextlib.suppress(FileNotFoundError):
			return os.readlink(f'/proc/{self.process.pid}/fd/{fd}')
		return ''

	def await_line(self, before, text):
		"""The line of the log with that text that is not in `before`."""
		lines = lambda: [line for line in self.errors()[len(before):].splitlines() if text in line]
		await_true(text, lines)
		return json.loads(lines()[0])


if __name__ == '__main__':
	with tempfile.TemporaryDirectory() as folder:
		make_folder(folder)
		program = Served(folder)
		finish(run(sys.modules[__name__], program), program)
