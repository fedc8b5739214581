#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Triggers and checks each answer that the document of countries declares: the list of operations and statuses is the
document's own, so that a new one without a trigger fails here.
"""

import sys

import requests

from cases import finish, problem
from program import Program, built
from tap import Tap

MISSING = {'countries': 'ZZ', 'subdivisions': 'ZZ-ZZ', 'currencies': 'ZZZ', 'languages': 'zzz', 'bookmarks': '999999'}
PRESENT = {'countries': 'CH', 'subdivisions': 'CH-ZH', 'currencies': 'CHF', 'languages': 'deu', 'bookmarks': '1'}
BODIES = {
	'look_up_countries': lambda draft: {'codes': ['CH']}, 'add_bookmark': lambda draft: draft,
	'add_bookmarks': lambda draft: {'items': [draft]}, 'replace_bookmark': lambda draft: draft, 'patch_bookmark': lambda draft: {},
}


class Call:
	"""A successful call of one operation, to be spoilt in one respect."""

	def __init__(self, session, url, path, method, operation, draft):
		self.session, self.url, self.path, self.method = session, url, path, method
		self.body = None
		if 'requestBody' in operation:
			self.body = BODIES[operation['operationId']](draft)

	def send(self, codes=PRESENT, query='', **spoilt):
		collection = self.path.split('/')[1]
		path = self.path.replace('{code}', codes.get(collection, '')).replace('{id}', codes.get(collection, ''))
		options = {} if self.body is None else {'json': self.body}
		options.update(spoilt)
		return self.session.request(self.method, self.url + path + query, timeout=30, **options)


def spoil(call, status):
	"""Send what must get that status; returns the answer and the places of its errors."""
	if status == 400:
		if call.body is None:
			return call.send(query='?q=%00'), () # no text may hold U+0000
		return call.send(json=None, data='{"', headers={'Content-Type': 'application/json'}), None
	if status == 404:
		return call.send(codes=MISSING), ()
	if status == 406:
		return call.send(headers={'Accept': 'image/png'}), ()
	if status == 412:
		return call.send(headers={'If-Match': '"another"'}), ()
	if status == 413:
		return call.send(json=None, data=b' ' * 2_000_000, headers={'Content-Type': 'application/json'}), ()
	if status == 415:
		return call.send(json=None, data='a,b', headers={'Content-Type': 'text/csv'}), ()
	if status == 422:
		return call.send(query='?no_such_parameter=1'), (('query', 'no_such_parameter'),)
	if status == 507:
		return fill(call), ()
	raise AssertionError(f'nothing here triggers {status}: add it')


def fill(call):
	for _ in range(2000):
		answer = call.send()
		if answer.status_code != 201:
			return answer
	raise AssertionError('the shelf is never full')


def check(call, status):
	if status < 400:
		kept = {'If-None-Match': call.send().headers['ETag']} if status == 304 else {}
		answer = call.send(headers=kept)
		assert answer.status_code == status, f'{answer.status_code}: {answer.text[:300]}'
		return
	answer, places = spoil(call, status)
	if places is None: # the error says where the JSON breaks, at a pointer that is not ours to know
		assert answer.status_code == status and answer.json()['status'] == status, answer.text[:300]
		return
	problem(answer, status, *places)


def draft_of(document):
	"""What POST /bookmarks accepts, from the examples in the document."""
	schema = document['paths']['/bookmarks']['post']['requestBody']['content']['application/json']['schema']
	while '$ref' in schema:
		schema = document['components']['schemas'][schema['$ref'].rsplit('/', 1)[1]]
	return {name: member['examples'][0] for name, member in schema['properties'].items() if name in schema['required']}


def declared(document):
	for path, operations in document['paths'].items():
		for method, operation in operations.items():
			if method != 'parameters':
				for status in operation['responses']:
					yield path, method, operation, status


def order(case):
	"""Deleting comes last, and a full shelf after everything."""
	_, method, operation, status = case
	return status == '507', method == 'delete' and status == '204'


def main():
	program = Program(built('examples/countries'))
	session = requests.Session()
	document = session.get(program.url + '/openapi.json').json()
	draft = draft_of(document)
	session.post(program.url + '/bookmarks', json=draft).raise_for_status()
	tap = Tap()
	for path, method, operation, status in sorted(declared(document), key=order):
		if status == 'default': # whatever else may go wrong, in the same form
			continue
		call = Call(session, program.url, path, method, operation, draft)
		try:
			check(call, int(status))
			wrong = []
		except AssertionError as error:
			wrong = [error]
		tap.check(f'{operation["operationId"]} {status}', wrong)
	finish(tap, program)


if __name__ == '__main__':
	sys.exit(main())
