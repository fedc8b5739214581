#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/readings imports bodies that are larger than the memory of a request, as clients of JSON Lines send them."""

import json
import sys

import requests

from cases import equal, finish, run
from program import Program, built

# Less than a hundredth of what is sent.
MEMORY = ('--request-memory-bytes', str(512 * 1024))


def post(service, body, path='/readings'):
	answer = requests.post(service.url + path, data=body, timeout=60)
	equal((answer.status_code, answer.headers['Content-Type']), (200, 'application/jsonl'))
	return [json.loads(line) for line in answer.text.splitlines()]


def lines(count):
	"""Pieces of about 1 MiB that end anywhere."""
	kept = b''
	for first in range(0, count, 20000):
		kept += b''.join(b'{"sensor":"roof-%d","value":%d.5}\n' % (i, i % 50) for i in range(first, min(first + 20000, count)))
		yield kept[:-7]
		kept = kept[-7:]
	yield kept


def test_much_more_than_memory_goes_through(service):
	equal(post(service, lines(1600000)), [{'imported': 1600000, 'refused': 0, 'highest': 49.5}])


def test_what_is_refused_has_its_line(service):
	body = '{"sensor":"a","value":1}\n\n{"sensor":"b","value":101}\nno\n{"sensor":"c","value":-2.25}'
	answer = post(service, body)
	equal([(line.get('line'), line.get('at')) for line in answer[:-1]], [(3, '/value'), (4, None)])
	equal(answer[1]['error'], 'line 4: no JSON (at byte 2 of the value)')
	equal(answer[-1], {'imported': 2, 'refused': 2, 'highest': 1.0})


def test_an_array_is_imported_item_by_item(service):
	items = [{'sensor': 'a', 'value': i % 100} for i in range(100000)]
	equal(post(service, json.dumps(items, indent=2), '/readings?array=true'), [{'imported': 100000, 'refused': 0, 'highest': 99.0}])
	answer = post(service, '[{"sensor":"a","value":1},\n]', '/readings?array=true')
	equal(answer, [{'line': 2, 'error': 'line 2: an item is missing'}, {'imported': 1, 'refused': 1, 'highest': 1.0}])


def test_it_ends_where_the_body_is_no_list_of_readings(service):
	equal(post(service, 'x\n' * 5000)[-1]['refused'] >= 1000, True)


if __name__ == '__main__':
	service = Program(built('examples/readings'), *MEMORY)
	finish(run(sys.modules[__name__], service), service)
