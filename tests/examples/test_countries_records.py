#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/countries: single records, the batch lookup, the export, and the headers around them."""

import json
import socket
import sys

import requests

from cases import equal, finish, problem, run
from program import Program, built

GERMANY = {
	'alpha_2': 'DE', 'alpha_3': 'DEU', 'numeric': '276', 'name': 'Germany',
	'official_name': 'Federal Republic of Germany', 'flag': '🇩🇪',
}


def get(countries, path):
	response = requests.get(countries.url + path, timeout=20)
	equal(response.status_code, 200, response.text[:400])
	return response


def test_a_country_by_each_of_its_codes(countries):
	for code in ('DE', 'de', 'DEU', 'dEu', '276'):
		equal(get(countries, '/countries/' + code).json(), GERMANY, code)


def test_leading_zeros_belong_to_a_code(countries):
	equal(get(countries, '/countries/004').json()['alpha_2'], 'AF')
	problem(requests.get(countries.url + '/countries/4'), 422, ('path', 'code'))


def test_records_of_the_other_lists(countries):
	equal(get(countries, '/currencies/eur').json(), {'alpha_3': 'EUR', 'numeric': '978', 'name': 'Euro'})
	equal(get(countries, '/currencies/978').json()['alpha_3'], 'EUR')
	german = {'alpha_3': 'deu', 'alpha_2': 'de', 'bibliographic': 'ger', 'name': 'German', 'scope': 'I', 'type': 'L'}
	for code in ('deu', 'DE'):
		equal(get(countries, '/languages/' + code).json(), german, code)
	equal(get(countries, '/subdivisions/de-be').json(), {'code': 'DE-BE', 'name': 'Berlin', 'type': 'Land'})


def test_percent_encoding_is_undone(countries):
	equal(get(countries, '/countries/%44E').json()['name'], 'Germany')
	equal(get(countries, '/subdivisions/DE%2DBE').json()['name'], 'Berlin')


def test_what_is_not_there_is_404(countries):
	for path in ('/countries/XX', '/countries/QQQ', '/countries/999', '/countries/XX/subdivisions',
			'/subdivisions/XX-1', '/currencies/QQQ', '/languages/qq', '/bookmarks/1'):
		document = problem(requests.get(countries.url + path), 404)
		assert document['detail'].startswith('no '), document
		equal(document['instance'], path, 'instance')


def test_what_cannot_be_a_code_is_422(countries):
	for path in ('/countries/D', '/countries/DE1', '/countries/%C3%85X', '/subdivisions/DEBE', '/currencies/EU',
			'/languages/d', '/countries/12/subdivisions'):
		problem(requests.get(countries.url + path), 422, ('path', 'code'))


def test_records_may_be_cached_and_bookmarks_not(countries):
	for path in ('/countries', '/countries/DE', '/currencies', '/languages/deu', '/subdivisions/DE-BE'):
		equal(get(countries, path).headers['Cache-Control'], 'public, max-age=3600', path)
	assert 'Cache-Control' not in get(countries, '/bookmarks').headers
	assert 'Cache-Control' not in requests.get(countries.url + '/countries/XX').headers


def test_every_answer_says_how_long_it_took(countries):
	for path in ('/countries', '/countries/XX', '/countries/lookup', '/nowhere'):
		timing = requests.get(countries.url + path).headers['Server-Timing']
		assert timing.startswith('app;dur=') and 0 <= float(timing[8:]) < 10000, timing


def test_the_request_id_comes_back_in_a_problem(countries):
	response = requests.get(countries.url + '/countries/XX', headers={'X-Request-Id': 'test-4711'})
	equal(response.json()['request_id'], 'test-4711')


def look_up(countries, body):
	return requests.post(countries.url + '/countries/lookup', json=body, timeout=20)


def test_batch_lookup(countries):
	response = look_up(countries, {'codes': ['DE', 'xx', 'fra', '380', 'QQQ', 'de']})
	equal(response.status_code, 200, response.text)
	document = response.json()
	equal([country['alpha_2'] for country in document['found']], ['DE', 'FR', 'IT', 'DE'])
	equal(document['missing'], ['xx', 'QQQ'])
	equal(document['found'][0], GERMANY)


def test_batch_lookup_of_1_and_100(countries):
	equal(look_up(countries, {'codes': ['DE']}).json(), {'found': [GERMANY], 'missing': []})
	equal(look_up(countries, {'codes': ['XX'] * 100}).json(), {'found': [], 'missing': ['XX'] * 100})


def test_batch_lookup_refuses_what_breaks_a_rule(countries):
	for body, pointer in (
			({'codes': []}, '/codes'), ({'codes': ['DE'] * 101}, '/codes'), ({}, '/codes'),
			({'codes': None}, '/codes'), ({'codes': 'DE'}, '/codes'), ({'codes': ['DE', 'D']}, '/codes/1'),
			({'codes': ['DE', 7]}, '/codes/1'), ({'codes': [None]}, '/codes/0'),
			({'codes': ['DE'], 'code~/s': 1}, '/code~0~1s'), ([], ''), (None, '')):
		problem(requests.post(countries.url + '/countries/lookup', data=json.dumps(body),
			headers={'Content-Type': 'application/json'}), 422, ('body', pointer))


def test_batch_lookup_names_every_mistake(countries):
	problem(look_up(countries, {'codes': ['DE', '1', 'FRA', '2'], 'x': 1, 'y': 2}), 422,
		('body', '/codes/1'), ('body', '/codes/3'), ('body', '/x'), ('body', '/y'))


def test_export_is_the_whole_list_one_per_line(countries):
	response = get(countries, '/export/subdivisions')
	equal(response.headers['Content-Type'], 'application/x-ndjson')
	with open('/usr/share/iso-codes/json/iso_3166-2.json') as file:
		records = {record['code']: record for record in json.load(file)['3166-2']}
	lines = response.content.decode().splitlines()
	equal(len(lines), len(records))
	equal({record['code']: record for record in map(json.loads, lines)}, records)


def test_export_of_one_country(countries):
	lines = get(countries, '/export/subdivisions?country=mt').text.splitlines()
	assert lines and all(json.loads(line)['code'].startswith('MT-') for line in lines), lines[:3]
	problem(requests.get(countries.url + '/export/subdivisions?country=mlt'), 422, ('query', 'country'))


def test_export_survives_a_client_that_leaves(countries):
	with socket.create_connection(('127.0.0.1', countries.port), timeout=10) as client:
		client.sendall(b'GET /export/subdivisions HTTP/1.1\r\nHost: x\r\n\r\n')
		assert client.recv(100).startswith(b'HTTP/1.1 200')
	equal(get(countries, '/countries/DE').json(), GERMANY)


def test_head_is_get_without_the_body(countries):
	for path in ('/countries', '/countries/DE', '/countries/XX', '/export/subdivisions', '/currencies?limit=0'):
		head = requests.head(countries.url + path, timeout=20)
		full = requests.get(countries.url + path, timeout=20)
		equal((head.status_code, head.content), (full.status_code, b''), path)
		for name in ('Content-Type', 'Content-Length', 'Link', 'Cache-Control'):
			if name != 'Content-Length' or full.status_code == 200:
				equal(head.headers.get(name), full.headers.get(name), f'{path} {name}')


def test_options_lists_the_methods(countries):
	for path, verbs in (('/countries', 'GET'), ('/countries/lookup', 'POST'), ('/countries/DE', 'GET'),
			('/bookmarks', 'GET POST'), ('/bookmarks/1', 'GET PUT PATCH DELETE')):
		response = requests.options(countries.url + path)
		assert response.status_code in (200, 204), response.status_code
		wanted = set(verbs.split()) | {'OPTIONS'} | ({'HEAD'} if 'GET' in verbs else set())
		equal(set(response.headers['Allow'].replace(' ', '').split(',')), wanted, path)


if __name__ == '__main__':
	program = Program(built('examples/countries'))
	finish(run(sys.modules[__name__], program), program)
