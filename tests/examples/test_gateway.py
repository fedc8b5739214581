#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/gateway in front of examples/countries: what it puts together and passes on, while countries dies and returns."""

import re
import sys

import requests

from cases import await_true, equal, finish, problem, run
from program import Program, built, free_port

COUNTRIES = built('examples/countries')
CONTROL = free_port()
TRIP = '/trips/CH?currency=CHF&regions=2'


def get(program, path, **options):
	return requests.get(program.url + path, timeout=20, **options)


def test_a_trip_is_three_answers_of_countries(gateway, countries):
	trip = get(gateway, '/trips/756?currency=chf&regions=3').json()
	regions = get(countries, '/countries/CH/subdivisions?sort=name&limit=3').json()
	equal(trip, {'country': get(countries, '/countries/CH').json(), 'currency': get(countries, '/currencies/CHF').json(),
		'regions': regions['items'], 'regions_total': regions['total']})
	equal(len(trip['regions']), 3)


def test_what_countries_does_not_know_is_a_404(gateway, countries):
	equal(problem(get(gateway, '/trips/XX?currency=CHF'), 404)['detail'], 'no country has the code XX')
	equal(problem(get(gateway, '/trips/CH?currency=XXY'), 404)['detail'], 'no currency has the code XXY')
	assert '"level":"warning"' not in gateway.errors(), gateway.errors()  # the calls beside it were canceled


def test_mistakes_are_told_before_countries_is_asked(gateway, countries):
	problem(get(gateway, '/trips/CH'), 422, ('query', 'currency'))
	problem(get(gateway, '/trips/..%2f?currency=CHF&regions=0'), 422, ('path', 'country'), ('query', 'regions'))


def kept(what):
	text = requests.get(f'http://127.0.0.1:{CONTROL}/metrics', timeout=20).text
	return int(re.search(rf'^coracle_cache_{what}_total{{cache="currencies"}} (\d+)$', text, re.M).group(1))


def test_a_currency_is_asked_for_once(gateway, countries):
	loads, hits = kept('loads'), kept('hits')
	for _ in range(3):
		equal(get(gateway, '/trips/CH?currency=JPY').status_code, 200)
		equal(problem(get(gateway, '/trips/CH?currency=YYY'), 404)['detail'], 'no currency has the code YYY')
	equal((kept('loads') - loads, kept('hits') - hits), (2, 4))


def test_regions_are_passed_on(gateway, countries):
	answer, own = get(gateway, '/regions'), get(countries, '/export/subdivisions')
	equal((answer.status_code, answer.headers['Content-Type']), (200, 'application/x-ndjson'))
	equal(answer.content == own.content, True, 'the same bytes')


def sources(result):
	text = requests.get(f'http://127.0.0.1:{CONTROL}/metrics', timeout=20).text
	return int(re.search(rf'^coracle_upstream_cache_total{{upstream="countries",result="{result}"}} (\d+)$', text, re.M).group(1))


def test_what_countries_says_holds_is_kept(gateway, countries):
	path = '/trips/AT?currency=JPY'
	before, misses = get(gateway, path).json(), sources('miss')
	hits = sources('hit')
	for _ in range(3):
		equal(get(gateway, path).json(), before)
	equal((sources('hit') - hits, sources('miss') - misses), (6, 0))  # the country and its regions; the currency is kept as such
	await_true('the line', lambda: re.search(r'upstream countries: GET \S+/countries/AT: 200 after \S+ ms, tries: 0, from the cache',
		gateway.errors()))


def test_countries_dies_and_returns(gateway, countries):
	equal(get(gateway, TRIP).status_code, 200)
	countries.process.kill()
	countries.process.wait()
	equal(get(gateway, TRIP).status_code, 200)
	for path in ('/trips/PE?currency=PEN', '/regions'):
		equal(problem(get(gateway, path), 502)['detail'], 'upstream countries: refused')
	await_true('the line', lambda: 'upstream countries: connection refused by 127.0.0.1:' in gateway.errors())
	again = Program(COUNTRIES, f'--http=127.0.0.1:{countries.port}', listen=False)
	try:
		await_true('a trip', lambda: get(gateway, '/trips/PE?currency=PEN').status_code == 200)
		equal(get(gateway, '/regions').status_code, 200)
	finally:
		equal(again.stop(), 0)


def test_a_client_sees_no_more_than_the_name(gateway, countries):
	assert str(countries.port) not in get(gateway, TRIP).text


if __name__ == '__main__':
	behind = Program(COUNTRIES)
	front = Program(built('examples/gateway'), f'--upstream-countries-url={behind.url}', f'--control=127.0.0.1:{CONTROL}', '--log-level=debug')
	finish(run(sys.modules[__name__], front, behind), front)
