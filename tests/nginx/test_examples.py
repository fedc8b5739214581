#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The examples with nginx in front, by what they print themselves. usage: test_examples.py BUILD"""

import contextlib
import http.client
import json
import os
import sys
import tempfile

BUILD = os.path.abspath(sys.argv[1])
from front import PATIENCE, Front, Program, Tap, ask, differs, judge, lacks, printed  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'websocket13'))
import client as websocket  # noqa: E402

PROTOCOLS = ('http', 'uwsgi')
EXAMPLES = ('examples/chat', 'examples/countries', 'examples/hello', 'examples/lending', 'examples/load_urls', 'examples/notes',
	'examples/readings', 'examples/ticker', 'bench/coracle-bench')


@contextlib.contextmanager
def example(name, *arguments, spoken='http'):
	"""The port of nginx in front of an example, which has a unix socket alone; and the folder that {} stands for."""
	path = os.path.join(BUILD, name)
	with tempfile.TemporaryDirectory() as folder:
		os.chmod(folder, 0o755)
		flags = [word.format(folder) for word in arguments] + [f'--{spoken}', f'unix:{folder}/service', '--docs', 'off']
		if spoken == 'http':
			flags += ['--trusted-proxies', 'unix']
		with Program(*flags, executable=path, http=None) as program:
			program.wait_for_line('listening on')
			with Front(path, *flags, folder=folder) as front:
				yield front.port, folder


def each_prints_what_nginx_takes():
	found = []
	with tempfile.TemporaryDirectory() as folder:
		for name in EXAMPLES:
			for spoken in PROTOCOLS:
				status, text, errors = printed(os.path.join(BUILD, name), f'--{spoken}', 'unix:/run/it/socket', cwd=folder)
				fault = judge(folder, text) if status == 0 else errors
				found += [f'{name} {spoken}: {fault}'] if fault else []
	return found


def people_write_notes(spoken):
	with example('examples/notes', '--folder', '{}/attachments', spoken=spoken) as (port, _):
		def send(method, path, body=None, headers=None):
			return ask(port, path, method, {'Content-Type': 'application/json', **(headers or {})}, body and json.dumps(body))

		login = {'Authorization': 'Basic YWxpY2U6Y29ycmVjdCBob3JzZQ=='}  # alice, correct horse
		found = differs('account', send('POST', '/users', {'name': 'alice', 'password': 'correct horse'}).status, 201)
		token = {'Authorization': 'Bearer ' + send('POST', '/sessions', headers=login).json()['token']}
		made = send('POST', '/notes', {'title': 'milk'}, token)
		at = made.headers['Location']
		found += differs('note', made.status, 201) + lacks('Location', at, '/notes/')
		got = send('GET', at, headers=token)
		found += differs('again', send('GET', at, headers={**token, 'If-None-Match': got.headers['ETag']}).status, 304)
		form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n' + \
			b'y' * 3000000 + b'\r\n--x--\r\n'
		put = ask(port, at + '/attachment', 'PUT', {**token, 'Content-Type': 'multipart/form-data; boundary=x', 'If-Match': got.headers['ETag']}, form)
		found += differs('attachment', put.status, 200)
		found += differs('its bytes', len(ask(port, at + '/attachment', headers=token).body), 3000000)
		found += differs('without a token', ask(port, '/notes').headers['WWW-Authenticate'], 'Bearer realm="notes"')
		return found + differs('the page', ask(port, '/').headers['Content-Type'], 'text/html; charset=utf-8')


def prices_tick(spoken):
	with example('examples/ticker', spoken=spoken) as (port, _):
		watcher = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE)
		watcher.request('GET', '/prices')
		answer = watcher.getresponse()
		price = {'symbol': 'KO', 'cents': 4711}
		found = differs('publish', ask(port, '/prices', 'POST', {'Content-Type': 'application/json'}, json.dumps(price)).status // 100, 2)
		line = next(line for line in iter(answer.readline, b'') if line.startswith(b'data:'))
		watcher.close()
		return found + differs('the price', json.loads(line[5:])['cents'], 4711)


def people_chat():
	with example('examples/chat') as (port, _), websocket.Client(port, '/chat?name=bob', host='front.example') as bob, \
			websocket.Client(port, '/chat?name=eve', host='front.example') as eve:
		found = differs('handshakes', (bob.status, eve.status), (101, 101))
		bob.text('{"text":"hello"}')
		for _ in range(5):
			said = eve.message()
			if b'hello' in said:
				return found
		return found + [f'eve hears {said!r}']


def arena(data, spoken):
	os.chmod(data, 0o755)
	os.mkdir(f'{data}/static')
	for name, content in (('static/app.js', 'plain'), ('static/app.js.gz', 'packed'), ('static/logo.svg', '<svg/>'), ('dataset.json', '[]')):
		with open(f'{data}/{name}', 'w') as file:
			file.write(content)
	return example('bench/coracle-arena', '--data', data, spoken=spoken)


def the_arena_answers(spoken):
	with tempfile.TemporaryDirectory() as data, arena(data, spoken) as (port, _):
		found = differs('sum', ask(port, '/baseline11?a=13&b=42').body, b'55')
		body = ask(port, '/baseline11?a=13&b=42', 'POST', {'Content-Type': 'text/plain'}, b'20').body
		upload = ask(port, '/upload', 'POST', {'Content-Type': 'application/octet-stream'}, b'x' * 5000000)
		packed = ask(port, '/static/app.js', headers={'Accept-Encoding': 'gzip'})
		found += differs('packed', (packed.body, packed.headers['Content-Encoding']), (b'packed', 'gzip'))
		found += differs('plain', ask(port, '/static/app.js').body, b'plain')
		found += differs('image', ask(port, '/static/logo.svg').headers['Content-Type'], 'image/svg+xml')
		return found + differs('with a body', body, b'75') + differs('upload', (upload.status, upload.body), (200, b'5000000'))


def main():
	tap = Tap()
	tap.check('each prints what nginx takes', each_prints_what_nginx_takes())
	tap.check('people chat', people_chat())
	for check in (people_write_notes, prices_tick, the_arena_answers):
		for spoken in PROTOCOLS:
			tap.check(f'{check.__name__.replace("_", " ")} over {spoken}', check(spoken))
	tap.done()


main()
