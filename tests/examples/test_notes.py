#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/notes as a client of Python sees it: passwords, tokens, versions, attachments, limits over workers, CORS."""

import base64
import concurrent.futures
import json
import os
import sys
import tempfile
import time

import requests

from cases import equal, finish, problem, run
from program import Program, built, free_port

NOTES = built('examples/notes')
PASSWORD = 'correct horse'
ORIGIN = 'http://localhost:5173'


class Client(requests.Session):
	"""An account of its own, with a token."""

	def __init__(self, url, name):
		super().__init__()
		self.at = url
		equal(self.post(url + '/users', json={'name': name, 'password': PASSWORD}).status_code, 201, 'account')
		self.headers['Authorization'] = 'Bearer ' + self.post(url + '/sessions', auth=(name, PASSWORD)).json()['token']

	def add(self, title):
		return self.post(self.at + '/notes', json={'title': title})


def folder_of(*arguments):
	folder = tempfile.TemporaryDirectory()
	return folder, Program(NOTES, '--folder', folder.name + '/attachments', *arguments)


def test_token_of_another_service_is_refused(program):
	alice = Client(program.url, 'token')
	token = alice.headers['Authorization'].split(' ')[1]
	head, claims, signature = token.split('.')
	none = base64.urlsafe_b64encode(json.dumps({'alg': 'none'}).encode()).decode().rstrip('=')
	for bad in (head + '.' + claims + '.', none + '.' + claims + '.', none + '.' + claims + '.' + signature, token[:-4] + 'AAAA', 'x'):
		answer = requests.get(program.url + '/notes', headers={'Authorization': 'Bearer ' + bad})
		problem(answer, 401)
		equal(answer.headers['WWW-Authenticate'], 'Bearer realm="notes", error="invalid_token"')
		assert 'kid' not in answer.text and 'signature' not in answer.text, answer.text


def test_wrong_password_is_a_401_with_a_challenge(program):
	Client(program.url, 'wrong')
	for login in (('wrong', 'another one'), ('nobody', PASSWORD)):
		answer = requests.post(program.url + '/sessions', auth=login)
		problem(answer, 401)
		equal(answer.headers['WWW-Authenticate'], 'Basic realm="notes", charset="UTF-8"')


def test_change_says_what_it_has_seen(program):
	alice = Client(program.url, 'changes')
	made = alice.add('milk')
	equal((made.status_code, made.headers['ETag']), (201, '"1"'))
	at = program.url + made.headers['Location']
	equal(alice.get(at).headers['ETag'], '"1"')
	equal(alice.get(at, headers={'If-None-Match': '"1"'}).status_code, 304)
	problem(alice.put(at, json={'title': 'bread'}), 428)
	equal(alice.put(at, json={'title': 'bread'}, headers={'If-Match': '"1"'}).headers['ETag'], '"2"')
	problem(alice.put(at, json={'title': 'late'}, headers={'If-Match': '"1"'}), 412)
	problem(alice.delete(at, headers={'If-Match': '"1"'}), 412)
	equal(alice.get(at).json()['title'], 'bread')
	equal(alice.delete(at, headers={'If-Match': '"2"'}).status_code, 204)
	problem(alice.get(at), 404)


def test_notes_of_others_are_not_there(program):
	alice, bob = Client(program.url, 'owner'), Client(program.url, 'other')
	at = program.url + alice.add('mine').headers['Location']
	problem(bob.get(at), 404)
	problem(bob.put(at, json={'title': 'x'}, headers={'If-Match': '*'}), 404)
	problem(bob.get(at + '/attachment'), 404)
	equal(bob.get(program.url + '/notes').json(), {'items': []})
	equal([note['title'] for note in alice.get(program.url + '/notes').json()['items']], ['mine'])


def test_attachment(program):
	alice = Client(program.url, 'attaches')
	at = program.url + alice.add('with').headers['Location']
	problem(alice.get(at + '/attachment'), 404)
	for size, version in ((0, 1), (100, 2), (300000, 3)):
		data = os.urandom(size)
		answer = alice.put(at + '/attachment', files={'file': ('../../../a b.html', data, 'text/html')},
			headers={'If-Match': f'"{version}"'})
		equal((answer.status_code, answer.json()['attachment']), (200, 'a b.html'))
		got = alice.get(at + '/attachment')
		assert got.content == data
		equal((got.headers['Content-Type'], got.headers['X-Content-Type-Options']), ('application/octet-stream', 'nosniff'))
	problem(alice.put(at + '/attachment', files={'file': b'x'}, headers={'If-Match': '"1"'}), 412)


def test_answers_are_compressed_and_their_versions_still_count(program):
	alice = Client(program.url, 'presses')
	made = alice.post(program.url + '/notes', json={'title': 'long', 'text': 'word ' * 700})
	equal((made.headers['Content-Encoding'], made.headers['ETag']), ('gzip', 'W/"1"'))
	at = program.url + made.headers['Location']
	equal(alice.get(at, headers={'If-None-Match': 'W/"1"'}).status_code, 304)
	equal(alice.put(at, json={'title': 'short'}, headers={'If-Match': 'W/"1"'}).status_code, 200)


def test_page_of_another_origin(program):
	alice = Client(program.url, 'cross')
	asked = requests.options(program.url + '/notes/1', headers={'Origin': ORIGIN, 'Access-Control-Request-Method': 'PUT'})
	equal(asked.status_code, 204)
	equal(asked.headers['Access-Control-Allow-Headers'],
		'Content-Type, Authorization, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since')
	for answer in (alice.get(program.url + '/notes', headers={'Origin': ORIGIN}), requests.get(program.url + '/notes', headers={'Origin': ORIGIN})):
		equal(answer.headers['Access-Control-Allow-Origin'], ORIGIN)
	assert 'Access-Control-Allow-Origin' not in alice.get(program.url + '/notes', headers={'Origin': 'https://evil.example'}).headers


def test_page_is_there_and_asks_nobody(program):
	answer = requests.get(program.url + '/')
	equal((answer.status_code, answer.headers['Content-Type']), (200, 'text/html; charset=utf-8'))
	for name in ('notes.js', 'notes.css'):
		equal(requests.get(program.url + '/' + name).status_code, 200, name)
	problem(requests.get(program.url + '/docs.txt'), 404)


def figure(url, name):
	lines = requests.get(url + '/metrics').text.splitlines()
	return [float(line.rsplit(' ', 1)[1]) for line in lines if line.startswith(name + ' ')]


def test_limit_counts_over_all_workers(_):
	"""Of 30 in a minute one comes back every 2 s; which worker answers is all one."""
	control = f'127.0.0.1:{free_port()}'
	folder, program = folder_of('--processes', '2', '--threads', '2', '--control', control)
	with folder:
		while program.process.poll() is None and 'control at' not in program.errors():
			time.sleep(0.005)
		began = time.monotonic()
		with concurrent.futures.ThreadPoolExecutor(8) as pool:
			statuses = list(pool.map(lambda _: requests.post(program.url + '/users', json={}).status_code, range(90)))
		most = 30 + (time.monotonic() - began) / 2 + 1
		answered = statuses.count(422)
		equal(answered + statuses.count(429), 90, statuses)
		assert 30 <= answered <= most, (answered, most)
		for _ in range(9):
			equal(requests.get(program.url + '/notes', headers={'Authorization': 'Bearer x'}).status_code, 401)
		at = 'http://' + control
		equal(figure(at, 'coracle_limit_refused_total{limit="passwords"}'), [90 - answered])
		equal(figure(at, 'coracle_limit_refused_total{limit="notes"}'), [0])
		equal(figure(at, 'coracle_limit_refused_total{limit="failed-logins"}'), [0])
		equal(figure(at, 'coracle_login_failed_total{scheme="token"}'), [9])
		equal(figure(at, 'coracle_login_failed_total{scheme="password"}'), [0])
		equal(program.stop(), 0, 'status')


def test_log_says_who_and_where(_):
	"""A line of the access log names the account; an attachment that has nowhere to go is told with its path, to the log alone."""
	folder, program = folder_of()
	with folder:
		alice = Client(program.url, 'alice')
		etag = alice.add('a').headers['ETag']
		os.rmdir(folder.name + '/attachments')
		answer = alice.put(program.url + '/notes/1/attachment', files={'file': b'x'}, headers={'If-Match': etag})
		equal(answer.status_code, 500)
		assert folder.name not in answer.text, answer.text
		equal(requests.get(program.url + '/').status_code, 200)
		equal(program.stop(), 0, 'status')
		lines = [json.loads(line) for line in program.errors().splitlines()]
		assert any(f'an upload cannot be saved at {folder.name}/attachments/1' in line['message'] for line in lines), lines
		whose = [(line['path'], line.get('user')) for line in lines if line['message'] == 'access']
		equal(whose, [('/users', None), ('/sessions', 'alice'), ('/notes', 'alice'), ('/notes/1/attachment', 'alice'), ('/', None)])


def test_credentials_that_fail_are_counted(_):
	folder, program = folder_of()
	with folder:
		bad = {'Authorization': 'Bearer x'}
		began = time.monotonic()
		statuses = [requests.get(program.url + '/notes', headers=bad).status_code for _ in range(40)]
		most = 30 + (time.monotonic() - began) / 2 + 1
		assert 30 <= statuses.count(401) <= most and statuses[-1] == 429, statuses
		equal(program.errors().count('127.0.0.1 has shown 30 wrong credentials in 60 s'), 1, 'warnings')
		equal(program.stop(), 0, 'status')


def main():
	folder, program = folder_of()
	with folder:
		finish(run(sys.modules['__main__'], program), program)


main()
