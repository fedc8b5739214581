#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""bench/coracle-arena: what the public benchmark asks of it, and listeners for one version of HTTP alone."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile

import requests
import websockets

from cases import await_true, equal, finish, problem, run
from program import Program, built, free_port

PRODUCT = {'id': 1, 'name': 'Alpha', 'category': 'tools', 'price': 328, 'quantity': 15, 'active': True, 'tags': ['sale', 'new'],
	'rating': {'score': 48, 'count': 53}}
DATASET = [{**PRODUCT, 'id': i} for i in range(1, 51)]


STATIC = {
	'app.js': 'text/javascript', 'reset.css': 'text/css', 'manifest.json': 'application/json', 'bold.woff2': 'font/woff2',
	'logo.svg': 'image/svg+xml', 'hero.webp': 'image/webp', 'header.html': 'text/html',
}
SIBLINGS = ['app.js.br', 'app.js.gz', 'reset.css.gz']


def make_data(folder):
	os.mkdir(f'{folder}/static')
	for name in STATIC:
		with open(f'{folder}/static/{name}', 'wb') as file:
			file.write(name.encode() * 3000)
	for name in SIBLINGS:
		with open(f'{folder}/static/{name}', 'wb') as file:
			file.write(b'compressed ' + name.encode())
	with open(f'{folder}/dataset.json', 'w', encoding='utf-8') as file:
		json.dump(DATASET, file)
	subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
		'-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', f'{folder}/key.pem',
		'-out', f'{folder}/certificate.pem'], check=True, capture_output=True)


def curl(url, *options):
	"""What it printed, and the version that was spoken."""
	done = subprocess.run(['curl', '-s', '-k', '-m', '10', '-w', '\n%{http_version}', *options, url], capture_output=True, check=False)
	body, _, version = done.stdout.decode().rpartition('\n')
	return body, version


def test_sums(arena):
	url = arena.url + '/baseline11?a=13&b=42'
	response = requests.get(url)
	equal((response.text, response.headers['Content-Type'].split(';')[0]), ('55', 'text/plain'))
	equal(requests.post(url, data='20').text, '75')
	equal(requests.post(url, data=iter([b'2', b'0'])).text, '75', 'in chunks')
	equal(requests.post(url, data='-60').text, '-5')
	problem(requests.post(url, data='2x'), 422)
	problem(requests.post(url, data='1' * 40), 422)
	equal(requests.get(arena.url + '/baseline2?a=1&b=2').text, '3')


def test_fragments(arena):
	with socket.create_connection(('127.0.0.1', arena.port), 10) as s:
		s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		text = b'POST /baseline11?a=13&b=42 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n20'
		for at in range(0, len(text), 7):
			s.sendall(text[at:at + 7])
		data = b''
		while piece := s.recv(4096):
			data += piece
	equal(data[-12:], b'2\r\n75\r\n0\r\n\r\n')


def test_pipeline(arena):
	with socket.create_connection(('127.0.0.1', arena.port), 10) as s:
		s.sendall(16 * b'GET /pipeline HTTP/1.1\r\nHost: a\r\n\r\n')
		data = b''
		while data.count(b'\r\n\r\nok') < 16:
			data += s.recv(65536)
	equal(data.count(b'HTTP/1.1 200'), 16)


def test_json(arena):
	for count in (1, 7, 50):
		answer = requests.get(f'{arena.url}/json/{count}?m=3').json()
		equal(answer, {'items': [{**item, 'total': 328 * 15 * 3} for item in DATASET[:count]], 'count': count})
	equal(requests.get(arena.url + '/json/1?m=1').headers['Content-Type'], 'application/json')
	for wrong in ('/json/0?m=1', '/json/51?m=1', '/json/1?m=x'):
		equal(requests.get(arena.url + wrong).status_code, 422, wrong)


def test_json_comp(arena):
	url = arena.url + '/json/50?m=3'
	plain = requests.get(url, headers={'Accept-Encoding': None})
	assert 'Content-Encoding' not in plain.headers, plain.headers
	equal(curl(url, '--compressed', '-H', 'Accept-Encoding: gzip, br')[0], plain.text)
	for accept, coding, most in (('gzip, br', 'br', 1000), ('gzip', 'gzip', 1200), ('deflate', None, 100000)):
		response = requests.get(url, headers={'Accept-Encoding': accept}, stream=True)
		equal((response.headers.get('Content-Encoding'), response.headers['Vary']), (coding, 'Accept-Encoding'), accept)
		assert int(response.headers['Content-Length']) < most, response.headers
		response.close()


def test_static(arena):
	for name, media_type in STATIC.items():
		answer = requests.get(f'{arena.url}/static/{name}', headers={'Accept-Encoding': 'identity'})
		equal((answer.content, answer.headers['Content-Type'].split(';')[0]), (name.encode() * 3000, media_type))
		equal(curl(f'{arena.https}/static/{name}'), (name * 3000, '2'))
	for name, coding, body in (('app.js', 'br', 'compressed app.js.br'), ('reset.css', 'gzip', 'compressed reset.css.gz')):
		equal(curl(f'{arena.https}/static/{name}', '-H', 'Accept-Encoding: br;q=1, gzip;q=0.8', '-w', '%header{content-encoding}\n1'),
			(body + coding, '1'), name)
	problem(requests.get(arena.url + '/static/nothing.js'), 404)
	problem(requests.get(arena.url + '/dataset.json'), 404)


def test_uploads(arena):
	for size in (0, 500000, 20000000):
		equal(requests.post(arena.url + '/upload', data=bytes(size)).text, str(size))
	equal(curl(arena.https + '/upload', '--data-binary', f'@{arena.data}/dataset.json'),
		(str(os.path.getsize(f'{arena.data}/dataset.json')), '2'))


def test_tls_offers_both_and_one_port_http1_alone(arena):
	equal(curl(arena.https + '/baseline2?a=1&b=2'), ('3', '2'))
	equal(curl(arena.https + '/baseline2?a=1&b=2', '--http1.1'), ('3', '1.1'))
	equal(curl(arena.https_h1 + '/baseline2?a=1&b=2'), ('3', '1.1'))


def test_h2c_refuses_http1(arena):
	equal(curl(arena.h2c + '/baseline2?a=1&b=2', '--http2-prior-knowledge'), ('3', '2'))
	response = requests.get(arena.h2c + '/baseline2?a=1&b=2')
	equal((response.status_code, response.headers['Content-Type']), (505, 'application/problem+json'))
	assert 'prior-knowledge' in response.json()['detail']
	await_true('a line says so', lambda: 'ends: its client speaks HTTP/1.1' in arena.errors())
	equal(curl(arena.url + '/baseline2?a=1&b=2', '--http2-prior-knowledge'), ('3', '2'), 'plain ports speak both')


async def talk(url):
	async with websockets.connect(url) as ws:
		await ws.send('text')
		equal(await ws.recv(), 'text')
		await ws.send(b'\0\1')
		equal(await ws.recv(), b'\0\1')
		await ws.send(iter(['in ', 'fragments']))
		equal(await ws.recv(), 'in fragments')
		await asyncio.wait_for(await ws.ping(), 10)


def test_echo(arena):
	asyncio.run(talk(arena.url.replace('http', 'ws') + '/ws'))


def test_h2c_needs_http2(_):
	done = subprocess.run([built('bench/coracle-arena'), '--data', '/', '--h2c', '127.0.0.1:0', '--http2-streams', '0', '--check'],
		capture_output=True, check=False)
	equal(done.returncode, 64)
	assert b'which --http2-streams 0 switches off' in done.stderr, done.stderr


def started(data):
	https, https_h1, h2c = (f'127.0.0.1:{free_port()}' for _ in range(3))
	arena = Program(built('bench/coracle-arena'), '--data', data, '--https', https, '--https-h1', https_h1, '--h2c', h2c,
		'--certificate', f'{data}/certificate.pem', '--key', f'{data}/key.pem')
	arena.data, arena.https, arena.https_h1, arena.h2c = data, f'https://{https}', f'https://{https_h1}', f'http://{h2c}'
	return arena


if __name__ == '__main__':
	with tempfile.TemporaryDirectory() as folder:
		make_data(folder)
		program = started(folder)
		finish(run(sys.modules[__name__], program), program)
