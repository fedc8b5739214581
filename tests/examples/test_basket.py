#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/basket as a client that keeps cookies sees it: sessions that workers share and that outlive a reload, and rotated keys."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile

import requests

from cases import await_true, equal, finish, problem, run
from program import Program, built

BASKET = built('examples/basket')


@contextlib.contextmanager
def serving(*arguments):
	program = Program(BASKET, *arguments)
	try:
		yield program
	finally:
		equal(program.stop(), 0, 'status')


def log_in(url, name='Ada'):
	client = requests.Session()
	equal(client.post(url + '/session', json={'name': name}).status_code, 204, 'login')
	return client


def test_session_from_login_to_logout(program):
	url = program.url
	answer = requests.get(url + '/basket')
	problem(answer, 401)
	equal(answer.headers['WWW-Authenticate'], 'Session realm="basket"')
	client = log_in(url)
	for title in ('Emma', 'Middlemarch; a "study"'):
		equal(client.post(url + '/basket', json={'title': title}).status_code, 204, title)
	equal(client.get(url + '/basket').json(), {'owner': 'Ada', 'titles': ['Emma', 'Middlemarch; a "study"']})
	stolen = client.cookies['session']
	assert 'Ada' not in stolen, 'it can be read'
	equal(client.delete(url + '/session').status_code, 204)
	assert 'session' not in client.cookies, 'the client has not forgotten it'
	problem(client.get(url + '/basket'), 401)


def test_what_is_changed_is_refused(program):
	client = log_in(program.url)
	sealed = client.cookies['session']
	other_end = 'A' if sealed[-2] != 'A' else 'B'
	for forged in (sealed[:-2] + other_end + sealed[-1], sealed[:40], '', 'x', sealed + 'AAAA', '1 {"name":"Eve","titles":[]}'):
		problem(requests.get(program.url + '/basket', cookies={'session': forged}), 401)
	problem(requests.get(program.url + '/basket', headers={'Cookie': 'Session=' + sealed}), 401)
	equal(requests.get(program.url + '/basket', headers={'Cookie': 'a=b; session=' + sealed}).status_code, 200)


def test_pages_of_others_change_nothing(program):
	client = log_in(program.url)
	for headers in ({'Origin': 'https://evil.example'}, {'Sec-Fetch-Site': 'cross-site'}, {'Origin': 'null'}):
		problem(client.post(program.url + '/basket', json={'title': 'x'}, headers=headers), 403)
		problem(requests.post(program.url + '/session', json={'name': 'Mallory'}, headers=headers), 403)
	own = {'Origin': program.url, 'Sec-Fetch-Site': 'same-origin'}
	equal(client.post(program.url + '/basket', json={'title': 'x'}, headers=own).status_code, 204)
	equal(client.get(program.url + '/basket', headers={'Origin': 'https://evil.example'}).status_code, 200)


def test_preference_is_a_row(program):
	client = requests.Session()
	equal(client.get(program.url + '/page').json(), {'theme': 'light'})
	answer = client.put(program.url + '/page', json={'theme': 'dark'})
	equal(answer.headers['Set-Cookie'], 'theme=dark; Path=/; SameSite=Lax; Max-Age=31536000')
	equal(client.get(program.url + '/page').json(), {'theme': 'dark'})
	answer = requests.get(program.url + '/page', cookies={'theme': 'pink'})
	problem(answer, 422, ('cookie', 'theme'))


def test_document_has_the_cookies(program):
	document = requests.get(program.url + '/openapi.json').json()
	equal(document['components']['securitySchemes']['customer']['name'], 'session')
	equal(document['components']['securitySchemes']['customer']['in'], 'cookie')
	get = document['paths']['/page']['get']
	equal([(p['name'], p['in'], p.get('required', False)) for p in get['parameters']], [('theme', 'cookie', False)])
	assert '`theme`' in document['paths']['/page']['put']['responses']['204']['headers']['Set-Cookie']['description']
	assert {'401', '403'} <= set(document['paths']['/basket']['post']['responses'])
	swagger = requests.get(program.url + '/swagger.json').json()
	equal(swagger['paths']['/page']['get']['x-cookies'][0]['name'], 'theme')


def test_full_basket(program):
	client = log_in(program.url)
	for i in range(20):
		equal(client.post(program.url + '/basket', json={'title': f'{i} ' + 'x' * 90}).status_code, 204, i)
	problem(client.post(program.url + '/basket', json={'title': 'more'}), 409)
	client = log_in(program.url)
	answers = [client.post(program.url + '/basket', json={'title': '"' * 100}) for _ in range(20)]
	assert 500 in [answer.status_code for answer in answers], 'a cookie of more than 4096 bytes was sent'
	equal(client.get(program.url + '/basket').status_code, 200)


# --- keys ---

def keys_in(folder, *secrets):
	path = os.path.join(folder, 'keys')
	with open(path, 'w', encoding='ascii') as file:
		file.write('\n'.join(secrets) + '\n')
	return path


def reload(program):
	before = program.errors().count('"reloaded"')
	program.process.send_signal(signal.SIGHUP)
	await_true('it has reloaded', lambda: program.errors().count('"reloaded"') > before)


def test_workers_share_made_up_keys_over_a_reload(_):
	with serving('--processes', '2') as program:
		client = log_in(program.url)
		cookies = {'session': client.cookies['session']}
		for _ in range(20):  # a connection each: both workers have some
			equal(requests.get(program.url + '/basket', cookies=cookies).status_code, 200)
		reload(program)
		for _ in range(20):
			equal(requests.get(program.url + '/basket', cookies=cookies).status_code, 200)
		assert 'give it --cookie-keys FILE' in program.errors()
	with serving() as program:
		problem(requests.get(program.url + '/basket', cookies=cookies), 401)


def test_keys_are_rotated(_):
	old, new, other = 'o' * 44, 'n' * 44, 'x' * 44
	with tempfile.TemporaryDirectory() as folder:
		path = keys_in(folder, old)
		with serving('--processes', '2', '--cookie-keys', path) as program:
			cookies = {'session': log_in(program.url).cookies['session']}
			keys_in(folder, new, old)
			reload(program)
			answer = requests.get(program.url + '/basket', cookies=cookies)
			equal(answer.status_code, 200)
			renewed = {'session': answer.cookies['session']}  # by the newest key
			keys_in(folder, new)
			reload(program)
			problem(requests.get(program.url + '/basket', cookies=cookies), 401)
			equal(requests.get(program.url + '/basket', cookies=renewed).status_code, 200)
			assert 'give it --cookie-keys' not in program.errors()
		with serving('--cookie-keys', path) as program:
			equal(requests.get(program.url + '/basket', cookies=renewed).status_code, 200)
		with serving('--cookie-keys', keys_in(folder, other)) as program:
			problem(requests.get(program.url + '/basket', cookies=renewed), 401)


def test_keys_of_the_environment_count_where_no_others_are_given(_):
	with tempfile.TemporaryDirectory() as folder:
		os.environ['CORACLE_COOKIE_KEYS'] = keys_in(folder, 'e' * 44)
		try:
			with serving('--processes', '2') as program:
				cookies = {'session': log_in(program.url).cookies['session']}
				assert 'give it --cookie-keys' not in program.errors()
			with serving() as program:
				equal(requests.get(program.url + '/basket', cookies=cookies).status_code, 200)
			other = os.path.join(folder, 'other')
			with open(other, 'w', encoding='ascii') as file:
				file.write('x' * 44)
			with serving('--cookie-keys', other) as program:
				problem(requests.get(program.url + '/basket', cookies=cookies), 401)
		finally:
			del os.environ['CORACLE_COOKIE_KEYS']


def check(program, path):
	return subprocess.run([program, '--cookie-keys', path, '--check'], capture_output=True, text=True, timeout=20)


def named(path):
	"""By the environment."""
	return subprocess.run([BASKET, '--check'], capture_output=True, text=True, timeout=20, env={**os.environ, 'CORACLE_COOKIE_KEYS': path})


def test_cookie_keys_that_cannot_be(_):
	with tempfile.TemporaryDirectory() as folder:
		for path, says in ((keys_in(folder, 'short'), 'openssl rand'), (folder + '/none', 'No such file')):
			ended = check(BASKET, path)
			assert ended.returncode != 0 and says in ended.stderr and 'cookie-keys' in ended.stderr, ended.stderr
			assert ended.stderr.count(path) == 1, ended.stderr
		ended = named('/none/such')
		assert ended.returncode != 0 and 'CORACLE_COOKIE_KEYS: cannot read /none/such' in ended.stderr, ended.stderr
		assert named('').returncode == 0, 'an empty variable names no file'
		ended = check(built('examples/hello'), keys_in(folder, 'k' * 44))
		assert ended.returncode != 0 and '.sealing = &cor_sealing' in ended.stderr, ended.stderr


def test_https_makes_cookies_secure(program):
	headers = {'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '192.0.2.1'}
	answer = requests.post(program.url + '/session', json={'name': 'Ada'}, headers=headers)
	assert 'Secure' not in answer.headers['Set-Cookie'], 'whoever asks is believed'
	with serving('--trusted-proxies', '127.0.0.1') as trusting:
		answer = requests.post(trusting.url + '/session', json={'name': 'Ada'}, headers=headers)
		assert '; Secure; HttpOnly; SameSite=Lax; Max-Age=3600' in answer.headers['Set-Cookie'], answer.headers


def main():
	program = Program(BASKET)
	finish(run(sys.modules['__main__'], program), program)


main()
