#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/countries: every error that all operations share, and the ways a start can fail."""

import os
import subprocess
import sys
import tempfile

import requests

from cases import equal, finish, problem, run
from program import Program, built

COUNTRIES = built('examples/countries')
JSON = {'Content-Type': 'application/json'}


def post(countries, data, **headers):
	return requests.post(countries.url + '/countries/lookup', data=data, headers={**JSON, **headers}, timeout=20)


def test_400_for_what_is_not_json(countries):
	for text in ('{', '{"codes":["DE"]', '{"codes":["DE"]}}', "{'codes':[]}", '{"codes":["DE",]}', 'nul', '\ufeff{}',
			'{"codes":["\\ud800"]}', '{"codes":["DE"],"codes":["DE"]}'):
		response = post(countries, text.encode())
		assert response.status_code in (400, 422), (text, response.status_code)
		problem(response, response.status_code, ('body', response.json()['errors'][0]['pointer']))
	equal(post(countries, b'{').status_code, 400)


def test_400_for_bytes_that_are_not_utf_8(countries):
	equal(post(countries, b'{"codes":["\xff\xfe"]}').status_code, 400)


def test_json_too_deep_is_refused(countries):
	response = post(countries, b'{"x":' * 100 + b'1' + b'}' * 100)
	assert response.status_code in (400, 422), response.status_code
	response = post(countries, b'[' * 100000)
	assert response.status_code in (400, 422), response.status_code


def test_404_for_other_paths(countries):
	for path in ('/', '/country', '/countries/', '/countries/DE/', '/countries/DE/capitals', '//countries', '/Countries'):
		problem(requests.get(countries.url + path), 404)


def test_405_lists_the_methods(countries):
	for method, path, verbs in (
			('POST', '/countries', 'GET'), ('DELETE', '/countries/DE', 'GET'), ('GET', '/countries/lookup', 'POST'),
			('PATCH', '/bookmarks', 'GET POST'), ('POST', '/bookmarks/1', 'GET PUT PATCH DELETE'),
			('POST', '/export/subdivisions', 'GET')):
		response = requests.request(method, countries.url + path)
		problem(response, 405)
		allowed = set(response.headers['Allow'].replace(' ', '').split(','))
		equal(allowed - {'HEAD', 'OPTIONS'}, set(verbs.split()), f'{method} {path}')


def test_406_for_what_it_cannot_send(countries):
	for accept in ('text/html', 'application/xml', 'application/json;q=0'):
		problem(requests.get(countries.url + '/countries/DE', headers={'Accept': accept}), 406)
	for accept in ('application/json', 'application/*', '*/*', 'text/html, */*;q=0.1'):
		equal(requests.get(countries.url + '/countries/DE', headers={'Accept': accept}).status_code, 200, accept)


def test_413_for_a_body_above_the_limit(countries):
	problem(post(countries, b' ' * (1024 * 1024 + 1)), 413)
	problem(post(countries, (b' ' * 65536 for _ in range(17))), 413)
	equal(post(countries, b'{"codes":["DE"]}'.ljust(1024 * 1024)).status_code, 200)


def test_415_for_other_media_types(countries):
	for kind in ('text/plain', 'application/xml', 'nonsense'):
		response = post(countries, b'{"codes":["DE"]}', **{'Content-Type': kind})
		problem(response, 415)
	for kind in ('application/json', 'Application/JSON; charset=UTF-8', 'application/problem+json', 'application/json; charset=utf8'):
		equal(post(countries, b'{"codes":["DE"]}', **{'Content-Type': kind}).status_code, 200, kind)


def test_415_for_an_encoded_body(countries):
	problem(post(countries, b'{"codes":["DE"]}', **{'Content-Encoding': 'gzip'}), 415)


def test_422_for_a_missing_body(countries):
	problem(post(countries, b''), 422, ('body', ''))


def test_every_operation_is_described(countries):
	document = requests.get(countries.url + '/openapi.json').json()
	operations = [operation for path in document['paths'].values() for verb, operation in path.items()
		if verb in ('get', 'put', 'post', 'patch', 'delete')]
	equal(len(operations), 18)
	for operation in operations:
		assert operation['summary'] and operation['tags'], operation['operationId']
		assert '422' in operation['responses'] or '4XX' in operation['responses'] or operation['responses'], operation
	equal(document['info']['title'], 'Countries of the world')


def test_the_page_is_there(countries):
	response = requests.get(countries.url + '/docs')
	equal(response.status_code, 200)
	assert 'text/html' in response.headers['Content-Type'], response.headers


def refused(*arguments, env=None):
	result = subprocess.run([COUNTRIES, '--http', '127.0.0.1:0', *arguments], capture_output=True, text=True,
		timeout=20, env={**os.environ, **(env or {})})
	return result.returncode, result.stderr


def test_a_start_without_the_files_is_status_70(_):
	status, errors = refused('--data-dir', '/nonexistent')
	equal(status, 70, errors)
	assert '/nonexistent/iso_3166-1.json' in errors, errors


def test_a_start_with_a_wrong_file_says_where(_):
	with tempfile.TemporaryDirectory() as folder:
		with open(folder + '/iso_3166-1.json', 'w') as file:
			file.write('{"3166-1":[{"alpha_2":"DEU"}]}')
		status, errors = refused('--data-dir', folder)
	equal(status, 70, errors)
	assert '/3166-1/0/alpha_2' in errors, errors


def test_settings_come_from_the_environment(_):
	equal(refused(env={'COUNTRIES_DATA_DIR': '/nonexistent'})[0], 70)


def test_help_knows_the_setting(_):
	output = subprocess.run([COUNTRIES, '--help'], capture_output=True, text=True, timeout=20).stdout
	assert '--data-dir' in output and '/usr/share/iso-codes/json' in output, output


if __name__ == '__main__':
	program = Program(COUNTRIES)
	finish(run(sys.modules[__name__], program), program)
