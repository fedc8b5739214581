#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/countries: the bookmarks, with every method and the three states of a member in a PATCH."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor

import requests

from cases import equal, finish, problem, run
from program import Program, built

DRAFT = {'kind': 'country', 'code': 'DE', 'note': 'Ask about ferries', 'rating': 4}
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z')


def add(countries, draft):
	response = requests.post(countries.url + '/bookmarks', json=draft, timeout=20)
	equal(response.status_code, 201, response.text[:400])
	return response


def path_of(countries, draft):
	return countries.url + add(countries, draft).headers['Location']


def said(bookmark):
	"""A bookmark without what the service adds."""
	return {key: value for key, value in bookmark.items() if key not in ('id', 'created', 'changed')}


def test_post_makes_one(countries):
	response = add(countries, DRAFT)
	bookmark = response.json()
	equal(said(bookmark), DRAFT)
	equal(response.headers['Location'], f'/bookmarks/{bookmark["id"]}')
	assert TIME.fullmatch(bookmark['created']), bookmark
	equal(bookmark['changed'], bookmark['created'])
	equal(requests.get(countries.url + response.headers['Location']).json(), bookmark)


def test_post_takes_the_minimum(countries):
	bookmark = add(countries, {'kind': 'language', 'code': 'deu'}).json()
	equal(said(bookmark), {'kind': 'language', 'code': 'deu'})


def test_post_takes_null_where_it_may(countries):
	equal(add(countries, {'kind': 'currency', 'code': 'EUR', 'rating': None}).json()['rating'], None)
	problem(requests.post(countries.url + '/bookmarks', json={**DRAFT, 'note': None}), 422, ('body', '/note'))


def test_every_kind_is_checked_against_its_list(countries):
	for kind, good in (('country', 'FRA'), ('subdivision', 'DE-BE'), ('currency', '978'), ('language', 'de')):
		equal(said(add(countries, {'kind': kind, 'code': good}).json())['code'], good)
		document = problem(requests.post(countries.url + '/bookmarks', json={'kind': kind, 'code': 'zz-zz'}), 422,
			('body', '/code'))
		equal(document['errors'][0]['detail'], f'no {kind} has the code zz-zz')


def test_post_refuses_what_breaks_a_rule(countries):
	for change, *pointers in (
			({'kind': 'planet'}, '/kind'), ({'kind': 1}, '/kind'), ({'code': ''}, '/code'), ({'code': 'D'}, '/code'),
			({'code': 'DE-BERLIN'}, '/code'), ({'code': 'DE\0'}, '/code'), ({'note': 'x' * 101}, '/note'),
			({'rating': 0}, '/rating'), ({'rating': 6}, '/rating'), ({'rating': 1.5}, '/rating'),
			({'rating': '4'}, '/rating'), ({'id': 7}, '/id'), ({'created': '2026-01-01T00:00:00Z'}, '/created'),
			({'kind': None, 'code': None, 'x': 1}, '/kind', '/code', '/x')):
		problem(requests.post(countries.url + '/bookmarks', json={**DRAFT, **change}), 422,
			*(('body', pointer) for pointer in pointers))


def test_a_note_is_measured_in_characters(countries):
	equal(add(countries, {**DRAFT, 'note': 'Å' * 100}).json()['note'], 'Å' * 100)
	equal(add(countries, {**DRAFT, 'note': '🇩🇪' * 50}).json()['note'], '🇩🇪' * 50)


def test_put_replaces_all_of_it(countries):
	url = path_of(countries, DRAFT)
	before = requests.get(url).json()
	response = requests.put(url, json={'kind': 'currency', 'code': 'EUR'})
	equal(response.status_code, 200, response.text)
	equal(said(response.json()), {'kind': 'currency', 'code': 'EUR'})
	equal((response.json()['id'], response.json()['created']), (before['id'], before['created']))
	equal(requests.get(url).json(), response.json())


def test_put_requires_all_of_it(countries):
	problem(requests.put(path_of(countries, DRAFT), json={'note': 'x'}), 422, ('body', '/kind'), ('body', '/code'))


def patched(url, patch):
	response = requests.patch(url, json=patch)
	equal(response.status_code, 200, response.text)
	equal(requests.get(url).json(), response.json())
	return said(response.json())


def test_patch_leaves_what_is_absent(countries):
	url = path_of(countries, DRAFT)
	equal(patched(url, {}), DRAFT)
	equal(patched(url, {'note': 'Been there'}), {**DRAFT, 'note': 'Been there'})
	equal(patched(url, {'rating': 5}), {**DRAFT, 'note': 'Been there', 'rating': 5})


def test_patch_removes_what_is_null(countries):
	url = path_of(countries, DRAFT)
	equal(patched(url, {'note': None}), {'kind': 'country', 'code': 'DE', 'rating': 4})
	equal(patched(url, {'rating': None}), {'kind': 'country', 'code': 'DE', 'rating': None})


def test_patch_sets_what_has_a_value(countries):
	url = path_of(countries, {'kind': 'country', 'code': 'DE'})
	equal(patched(url, {'kind': 'currency', 'code': 'USD', 'note': 'x', 'rating': 1}),
		{'kind': 'currency', 'code': 'USD', 'note': 'x', 'rating': 1})


def test_patch_refuses_null_where_it_has_no_meaning(countries):
	problem(requests.patch(path_of(countries, DRAFT), json={'kind': None, 'code': None}), 422,
		('body', '/kind'), ('body', '/code'))


def test_patch_checks_the_whole(countries):
	url = path_of(countries, DRAFT)
	document = problem(requests.patch(url, json={'kind': 'language', 'code': 'zz-zz'}), 422, ('body', '/code'))
	equal(document['errors'][0]['detail'], 'no language has the code zz-zz')
	equal(said(requests.get(url).json()), DRAFT)


def test_delete_removes_it(countries):
	url = path_of(countries, DRAFT)
	response = requests.delete(url)
	equal((response.status_code, response.content), (204, b''))
	for method in ('GET', 'DELETE', 'PUT', 'PATCH'):
		problem(requests.request(method, url, json=DRAFT if method in ('PUT', 'PATCH') else None), 404)


def test_an_id_is_a_positive_number(countries):
	for bad in ('0', '-1', 'x', '1.5', '9223372036854775808', '%20'):
		problem(requests.get(f'{countries.url}/bookmarks/{bad}'), 422, ('path', 'id'))
	problem(requests.get(countries.url + '/bookmarks/9223372036854775807'), 404)


def test_put_names_mistakes_of_path_and_body_together(countries):
	problem(requests.put(countries.url + '/bookmarks/0', json={'kind': 'x', 'code': 'DE'}), 422,
		('path', 'id'), ('body', '/kind'))


def test_the_list_searches_and_filters(countries):
	add(countries, {'kind': 'language', 'code': 'lat', 'note': 'A needle'})
	items = requests.get(countries.url + '/bookmarks', params={'q': 'NEEDLE'}).json()['items']
	equal([item['note'] for item in items], ['A needle'])
	items = requests.get(countries.url + '/bookmarks', params={'kind': 'language', 'limit': 200}).json()['items']
	assert items and all(item['kind'] == 'language' for item in items), items
	ids = [item['id'] for item in requests.get(countries.url + '/bookmarks?limit=200&order=desc').json()['items']]
	equal(ids, sorted(ids, reverse=True))


def add_all(countries, *drafts):
	return requests.post(countries.url + '/bookmarks/batch', json={'items': drafts}, timeout=20)


def test_a_batch_makes_all(countries):
	drafts = [DRAFT, {'kind': 'language', 'code': 'lat'}, {'kind': 'currency', 'code': 'EUR', 'rating': None}]
	response = add_all(countries, *drafts)
	equal(response.status_code, 201, response.text)
	made = response.json()['items']
	equal([said(bookmark) for bookmark in made], drafts)
	for bookmark in made:
		equal(requests.get(f'{countries.url}/bookmarks/{bookmark["id"]}').json(), bookmark)


def test_a_batch_is_made_whole_or_not_at_all(countries):
	before = requests.get(countries.url + '/bookmarks').json()['total']
	problem(add_all(countries, {'kind': 'country', 'code': 'QQ'}, DRAFT, {'kind': 'currency', 'code': 'QQQ'}), 422,
		('body', '/items/0/code'), ('body', '/items/2/code'))
	problem(add_all(countries), 422, ('body', '/items'))
	equal(requests.get(countries.url + '/bookmarks').json()['total'], before)


def test_a_batch_refuses_what_the_service_fills(countries):
	time = '2026-01-01T00:00:00Z'
	problem(add_all(countries, {**DRAFT, 'id': 1}, {**DRAFT, 'created': time, 'changed': time}), 422,
		('body', '/items/0/id'), ('body', '/items/1/created'), ('body', '/items/1/changed'))


def test_many_concurrent_clients_get_an_id_each(countries):
	with ThreadPoolExecutor(8) as pool:
		ids = list(pool.map(lambda _: add(countries, DRAFT).json()['id'], range(80)))
	equal(len(set(ids)), 80)


def test_zz_a_full_shelf_is_507(countries):
	session = requests.Session()
	for _ in range(1000):
		response = session.post(countries.url + '/bookmarks', json=DRAFT)
		if response.status_code != 201:
			break
	assert 'already' in problem(response, 507)['detail']
	assert 'no room' in problem(add_all(countries, DRAFT), 507)['detail']
	equal(session.get(countries.url + '/bookmarks').json()['total'], 1000)
	newest = session.get(countries.url + '/bookmarks?order=desc&limit=1').json()['items'][0]['id']
	equal(session.delete(f'{countries.url}/bookmarks/{newest}').status_code, 204)
	add(countries, DRAFT)


if __name__ == '__main__':
	program = Program(built('examples/countries'), '--threads', '2')
	finish(run(sys.modules[__name__], program), program)
