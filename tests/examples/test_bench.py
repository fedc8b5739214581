#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""bench/coracle-bench: its interface is fixed, because its figures are compared with those of other servers."""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from cases import equal, finish, problem, run
from program import Program, built

ORDER = {
	'id': 100000, 'customer': 'Ada', 'status': 'paid', 'created': '2024-02-20T07:36:50Z', 'paid': True,
	'discount': 0.25, 'address': {'street': '33 Quay St', 'city': 'Zürich', 'zip': '13088'},
	'items': [{'sku': 'SKU-8222', 'qty': 20, 'price': 99.5}, {'sku': 'SKU-1704', 'qty': 1, 'price': 0}],
}


def test_plaintext(bench):
	for path in ('/', '/plaintext'):
		response = requests.get(bench.url + path)
		equal((response.status_code, response.text), (200, 'Hello, World!'), path)
		equal(response.headers['Content-Length'], '13')


def test_json(bench):
	response = requests.get(bench.url + '/json')
	equal((response.content, response.headers['Content-Type']), (b'{"message":"Hello, World!"}', 'application/json'))


def test_bodies_are_counted(bench):
	for size in (0, 1, 65536, 65537, 1024 * 1024):
		equal(requests.post(bench.url + '/', data=b'x' * size).json(), {'bytes': size})
	equal(requests.post(bench.url + '/', data=(b'x' * 1000 for _ in range(50))).json(), {'bytes': 50000}, 'chunked')
	problem(requests.post(bench.url + '/', data=b'x' * (1024 * 1024 + 1)), 413)


def test_any_media_type_is_counted(bench):
	for kind in ('text/plain', 'application/json', 'application/x-www-form-urlencoded', 'image/png'):
		response = requests.post(bench.url + '/', data=b'abc', headers={'Content-Type': kind})
		equal(response.json(), {'bytes': 3}, kind)


def order(bench, value):
	return requests.post(bench.url + '/orders', json=value)


def test_an_order_is_totalled(bench):
	equal(order(bench, ORDER).json(), {'order_id': 100000, 'items': 2, 'total': 1492.5})


def test_an_order_at_its_limits(bench):
	item = ORDER['items'][0]
	for change in ({'discount': 0}, {'discount': 1}, {'items': [item] * 50}, {'items': [{**item, 'qty': 999}]},
			{'id': -2**63}, {'id': 2**63 - 1}, {'customer': ''}, {'created': '2024-02-20T07:36:50.123+05:30'}):
		equal(order(bench, {**ORDER, **change}).status_code, 200, str(change)[:60])


def test_an_order_that_breaks_a_rule(bench):
	item, address = ORDER['items'][0], ORDER['address']
	for change, pointer in (
			({'id': 2**63}, '/id'), ({'id': '1'}, '/id'), ({'customer': 1}, '/customer'), ({'status': 'lost'}, '/status'),
			({'created': '2024-02-30T07:36:50Z'}, '/created'), ({'created': 'today'}, '/created'), ({'paid': 1}, '/paid'),
			({'discount': 1.01}, '/discount'), ({'discount': -0.01}, '/discount'), ({'items': []}, '/items'),
			({'items': [item] * 51}, '/items'), ({'address': {**address, 'x': 1}}, '/address/x'), ({'x': 1}, '/x'),
			({'items': [{**item, 'sku': 'SKU-12345'}]}, '/items/0/sku'), ({'items': [{**item, 'qty': 0}]}, '/items/0/qty'),
			({'items': [item, {**item, 'qty': 1000}]}, '/items/1/qty'),
			({'items': [{**item, 'price': -0.5}]}, '/items/0/price')):
		problem(order(bench, {**ORDER, **change}), 422, ('body', pointer))


def test_every_member_of_an_order_is_required(bench):
	for name in ORDER:
		problem(order(bench, {key: value for key, value in ORDER.items() if key != name}), 422, ('body', '/' + name))
	for name in ORDER['address']:
		address = {key: value for key, value in ORDER['address'].items() if key != name}
		problem(order(bench, {**ORDER, 'address': address}), 422, ('body', '/address/' + name))


def test_a_delay_is_observed(bench):
	start = time.monotonic()
	equal(requests.get(bench.url + '/delay/200').status_code, 200)
	assert time.monotonic() - start >= 0.2
	equal(requests.get(bench.url + '/delay/0').status_code, 200)
	problem(requests.get(bench.url + '/delay/x'), 422, ('path', 'ms'))


def test_children_wait_at_the_same_time(bench):
	start = time.monotonic()
	equal(requests.get(bench.url + '/fan/50/100').json(), {'done': 50})
	took_s = time.monotonic() - start
	assert 0.1 <= took_s < 50 * 0.1, took_s
	equal(requests.get(bench.url + '/fan/0/100').json(), {'done': 0})
	equal(requests.get(bench.url + '/fan/1000/0').json(), {'done': 1000})
	problem(requests.get(bench.url + '/fan/10001/0'), 422, ('path', 'n'))


def test_a_thread_is_held(bench):
	for how in ('block', 'spin'):
		began = time.monotonic()
		equal(requests.get(bench.url + f'/{how}/30').status_code, 200)
		assert time.monotonic() - began >= 0.03, how
		problem(requests.get(bench.url + f'/{how}/60001'), 422, ('path', 'ms'))


def test_a_thread_is_kept_busy(bench):
	start = time.monotonic()
	equal(requests.get(bench.url + '/busy/50').status_code, 200)
	assert time.monotonic() - start >= 0.05
	problem(requests.get(bench.url + '/busy/1001'), 422, ('path', 'ms'))


def test_as_many_bytes_as_requested(bench):
	for count in (0, 1, 2 * 1024 * 1024):
		equal(requests.get(f'{bench.url}/bytes/{count}').content, b'x' * count)


def test_delays_do_not_add_up(bench):
	start = time.monotonic()
	with ThreadPoolExecutor(20) as pool:
		statuses = list(pool.map(lambda _: requests.get(bench.url + '/delay/300').status_code, range(20)))
	equal(statuses, [200] * 20)
	assert time.monotonic() - start < 20 * 0.3, 'they ran one after another'


def test_requests_on_a_connection_are_not_limited_here(bench):
	session = requests.Session()
	for _ in range(100):
		equal(session.get(bench.url + '/').status_code, 200)
	equal(len(session.get_adapter('http://').poolmanager.pools), 1)


def test_no_access_log_unless_asked_for(bench):
	requests.get(bench.url + '/plaintext')
	assert '/plaintext' not in bench.errors(), bench.errors()[-400:]


def test_it_listens_on_several_addresses(_):
	path = '/tmp/coracle-bench-test.sock'
	other = Program(built('bench/coracle-bench'), '--http', 'unix:' + path, '--threads', '2')
	here = requests.get(other.url + '/').text
	there = subprocess.run(['curl', '-sS', '--max-time', '10', '--unix-socket', path, 'http://x/'],
		capture_output=True, text=True, timeout=20).stdout
	equal(other.stop(), 0)
	equal((here, there), ('Hello, World!', 'Hello, World!'))


if __name__ == '__main__':
	program = Program(built('bench/coracle-bench'))
	finish(run(sys.modules[__name__], program), program)
