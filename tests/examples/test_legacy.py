#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/legacy: a bad old function costs the requests that it spoils, and no other."""

import concurrent.futures
import sys
import time

import requests

from cases import equal, finish, problem, run
from program import Program, built

GOOD = 'EUR 3 x 4.20; 2 x 1.00'
SLOW_S = 5


def total(legacy, invoice):
	return requests.get(legacy.url + '/total', params={'invoice': invoice}, timeout=SLOW_S)


def is_well(legacy):
	equal(total(legacy, GOOD).json(), {'cents': 1460})


def test_good_invoices_are_added_up(legacy):
	is_well(legacy)
	equal(total(legacy, 'EUR 1 x 0.05').json(), {'cents': 5})
	problem(total(legacy, ' '), 422, ('query', 'invoice'))


def test_a_crash_costs_one_request(legacy):
	detail = problem(total(legacy, 'EUR 3 x 4'), 502)['detail']
	assert detail.startswith('the process died of SIG'), detail
	is_well(legacy)


def test_an_end_of_the_program_costs_one_request(legacy):
	equal(problem(total(legacy, 'USD 1 x 1.00'), 502)['detail'], 'the process ended with status 1 in a job')
	is_well(legacy)


def test_an_endless_loop_costs_one_request(legacy):
	began = time.monotonic()
	problem(total(legacy, 'EUR 3 x 4.20;;2 x 1.00'), 504)
	took = time.monotonic() - began
	assert 0.5 <= took < 2, took
	is_well(legacy)


def test_others_are_served_meanwhile(legacy):
	with concurrent.futures.ThreadPoolExecutor(8) as clients:
		bad = [clients.submit(total, legacy, invoice) for invoice in ('EUR 3 x 4', 'USD 1 x 1.00') * 20]
		good = [clients.submit(total, legacy, GOOD) for _ in range(200)]
		equal({answer.result().status_code for answer in bad}, {502})
		equal({answer.result().text for answer in good}, {'{"cents":1460}'})


def test_what_leaks_is_given_back(legacy):
	"""Each request leaks 2 kB: 60,000 of them would be twice of what a process may have."""
	invoice = GOOD + ' ' * 1900
	with requests.Session() as session:
		answers = {session.get(legacy.url + '/total', params={'invoice': invoice}).text for _ in range(3000)}
	equal(answers, {'{"cents":1460}'})
	assert 'SIG' not in legacy.errors().splitlines()[-1]


def test_the_document_tells_of_both(legacy):
	document = requests.get(legacy.url + '/openapi.json').json()
	responses = document['paths']['/total']['get']['responses']
	assert {'200', '422', '502', '504'} <= set(responses), responses


if __name__ == '__main__':
	legacy = Program(built('examples/legacy'))
	finish(run(sys.modules[__name__], legacy), legacy)
