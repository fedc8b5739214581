#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/countries: the lists, compared with the files they come from."""

import json
import re
import sys

import requests

from cases import equal, finish, problem, run
from program import Program, built, free_port

FOLDER = '/usr/share/iso-codes/json'
LISTS = {
	'countries': ('3166-1', ['name', 'alpha_2', 'alpha_3', 'numeric']),
	'subdivisions': ('3166-2', ['code', 'name', 'type']),
	'currencies': ('4217', ['alpha_3', 'numeric', 'name']),
	'languages': ('639-3', ['alpha_3', 'alpha_2', 'name']),
}


def records_of(name):
	standard = LISTS[name][0]
	with open(f'{FOLDER}/iso_{standard}.json') as file:
		return json.load(file)[standard]


RECORDS = {name: records_of(name) for name in LISTS}


def lower(text):
	"""As strcasecmp sees it: bytes, with A to Z in lower case."""
	return text.encode().lower()


def get(countries, path, **query):
	response = requests.get(countries.url + path, params=query, timeout=20)
	equal(response.status_code, 200, response.text[:400])
	return response


def next_target(response):
	match = re.fullmatch(r'<(\?[^>]*)>; rel="next"', response.headers.get('Link', ''))
	return match and match.group(1)


def walk(countries, path, **query):
	"""All records of a list, following the links from page to page."""
	response = get(countries, path, **query)
	items = response.json()['items']
	total = response.json()['total']
	while next_target(response):
		response = get(countries, path + next_target(response))
		equal(response.json()['total'], total, 'total')
		items += response.json()['items']
	equal(len(items), total, 'items on all pages')
	return items


def same(records):
	return sorted(json.dumps(record, sort_keys=True) for record in records)


def test_every_record_is_there_as_in_the_file(countries):
	for name, records in RECORDS.items():
		equal(same(walk(countries, '/' + name, limit=200)), same(records), name)


def test_a_page_has_20_items_by_default(countries):
	for name, records in RECORDS.items():
		document = get(countries, '/' + name).json()
		equal((len(document['items']), document['total']), (20, len(records)), name)


def test_the_last_page_has_no_link(countries):
	for name, records in RECORDS.items():
		assert next_target(get(countries, '/' + name, offset=len(records) - 21)), name
		assert not next_target(get(countries, '/' + name, offset=len(records) - 20)), name


def test_a_page_past_the_end_is_empty(countries):
	document = get(countries, '/countries', offset=1000).json()
	equal((document['items'], document['total']), ([], 249))


def test_the_link_keeps_the_query(countries):
	target = next_target(get(countries, '/countries', q='united', limit=1, sort='alpha_2', order='desc'))
	equal(target, '?offset=1&q=united&limit=1&sort=alpha_2&order=desc')


def test_every_sort_sorts(countries):
	for name, (_, sorts) in LISTS.items():
		for sort in sorts:
			for order in ('asc', 'desc'):
				items = get(countries, '/' + name, sort=sort, order=order, limit=200).json()['items']
				keys = [lower(item.get(sort, '')) for item in items]
				equal(keys, sorted(keys, reverse=order == 'desc'), f'{name} by {sort} {order}')


def test_descending_is_ascending_reversed(countries):
	for name, (_, sorts) in LISTS.items():
		if name in ('countries', 'currencies'):
			for sort in sorts:
				up = walk(countries, '/' + name, sort=sort, limit=200)
				down = walk(countries, '/' + name, sort=sort, limit=200, order='desc')
				equal(up, down[::-1], f'{name} by {sort}')


def test_search_finds_what_contains_the_text(countries):
	texts = {
		'countries': ('name', 'official_name', 'common_name'),
		'subdivisions': ('name',),
		'currencies': ('name',),
		'languages': ('name', 'inverted_name', 'common_name'),
	}
	for name, keys in texts.items():
		wanted = [record for record in RECORDS[name] if any(b'lan' in lower(record.get(key, '')) for key in keys)]
		equal(same(walk(countries, '/' + name, q='LaN', limit=200)), same(wanted), name)


def test_search_takes_letters_beyond_ascii(countries):
	equal([item['alpha_2'] for item in walk(countries, '/countries', q='Åland')], ['AX'])


def test_countries_are_filtered_by_code(countries):
	items = get(countries, '/countries', code=['DE', 'fr', 'XX']).json()['items']
	equal([item['alpha_2'] for item in items], ['FR', 'DE'])


def test_subdivisions_are_filtered(countries):
	german = [record for record in RECORDS['subdivisions'] if record['code'].startswith('DE-')]
	equal(same(walk(countries, '/subdivisions', country='de')), same(german), 'by country')
	parishes = [record for record in RECORDS['subdivisions'] if record['type'] == 'Parish']
	equal(same(walk(countries, '/subdivisions', type='parish', limit=200)), same(parishes), 'by type')
	both = [record for record in parishes if record['code'].startswith('AD-')]
	equal(same(walk(countries, '/subdivisions', type='Parish', country='AD')), same(both), 'by both')


def test_subdivisions_of_a_country_by_any_code(countries):
	german = [record for record in RECORDS['subdivisions'] if record['code'].startswith('DE-')]
	for code in ('DE', 'deu', '276'):
		equal(same(walk(countries, f'/countries/{code}/subdivisions')), same(german), code)
	equal(get(countries, '/countries/AQ/subdivisions').json(), {'items': [], 'total': 0})


def test_languages_are_filtered(countries):
	ancient = [record for record in RECORDS['languages'] if record['type'] == 'A']
	equal(same(walk(countries, '/languages', type='A', limit=200)), same(ancient), 'by type')
	macro = [record for record in RECORDS['languages'] if record['scope'] == 'M']
	equal(same(walk(countries, '/languages', scope='M')), same(macro), 'by scope')


def test_limits_of_a_page_are_enforced(countries):
	for name in LISTS:
		for limit in (1, 200):
			equal(len(get(countries, '/' + name, limit=limit).json()['items']), min(limit, len(RECORDS[name])))
		for query in ('limit=0', 'limit=201', 'limit=-1', 'limit=x', 'limit=', 'limit=1.5', 'limit=4294967297'):
			problem(requests.get(f'{countries.url}/{name}?{query}'), 422, ('query', 'limit'))
		for query in ('offset=-1', 'offset=1000001'):
			problem(requests.get(f'{countries.url}/{name}?{query}'), 422, ('query', 'offset'))


def test_wrong_parameters_are_all_named(countries):
	problem(requests.get(countries.url + '/languages?limit=0&sort=size&order=up&scope=X&type=&q=&colour=red'), 422,
		*(('query', name) for name in ('limit', 'sort', 'order', 'scope', 'type', 'q', 'colour')))


def test_a_wrong_item_of_a_list_is_refused(countries):
	response = requests.get(countries.url + '/countries?code=DE&code=D1')
	equal(response.status_code, 422)
	equal(len(response.json()['errors']), 1)


def kept(control):
	lines = requests.get(f'http://{control}/metrics', timeout=20).text.splitlines()
	figures = dict(line.rsplit(' ', 1) for line in lines if line.startswith('coracle_cache_'))
	return [int(figures['coracle_cache_%s{cache="searches"}' % name]) for name in ('hits_total', 'misses_total', 'entries')]


def test_a_search_is_made_once_for_all_workers(_):
	"""The second to ask, whichever worker it gets, has the same bytes; /metrics tells hits and misses."""
	control = f'127.0.0.1:{free_port()}'
	program = Program(built('examples/countries'), '--processes', '2', '--control', control)
	try:
		answers = [requests.get(program.url + '/subdivisions?q=land&limit=5', timeout=20) for _ in range(9)]
		equal({answer.content for answer in answers}, {answers[0].content})
		equal({answer.headers['Link'] for answer in answers}, {'<?offset=5&q=land&limit=5>; rel="next"'})
		equal([answer.headers.get('Age') is not None for answer in answers], [False] + 8 * [True])
		equal(requests.get(program.url + '/subdivisions?limit=5&q=land', timeout=20).headers['Link'], '<?offset=5&limit=5&q=land>; rel="next"')
		equal(requests.get(program.url + '/subdivisions?q=land&limit=5', headers={'If-None-Match': answers[0].headers['ETag']}).status_code, 304)
		equal(kept(control), [9, 2, 2])
	finally:
		status = program.stop()
	equal(status, 0, 'status')


if __name__ == '__main__':
	program = Program(built('examples/countries'))
	finish(run(sys.modules[__name__], program), program)
