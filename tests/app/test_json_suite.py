#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
The JSONTestSuite over HTTP: each text as the value of a raw member, its bytes unchanged. y_ comes back as it was sent
(a second trip changes nothing), n_ is a 400, i_ is either, and the service survives. usage: test_json_suite.py RAW
"""

import http.client
import json
import os
import pathlib

from program import Program, Tap

HERE = pathlib.Path(__file__).resolve().parent
SUITE = pathlib.Path(os.environ.get('CORACLE_SHARED', HERE.parent.parent.parent / 'shared')) / 'data/json-test-suite/test_parsing'
BEGIN, END = b'{"value":', b'}'


def post(connection, value):
	connection.request('POST', '/values', BEGIN + value + END, {'Content-Type': 'application/json'})
	answer = connection.getresponse()
	return answer.status, answer.read()


def verdict(connection, path):
	"""What is wrong with the answers to one case; None if nothing."""
	text = path.read_bytes()
	status, body = post(connection, text)
	wanted = {'y': (200,), 'n': (400,), 'i': (200, 400)}[path.name[0]]
	if status not in wanted:
		return f'status {status}, wanted {wanted}: {body[:200]!r}'
	if status != 200:
		return None if json.loads(body)['status'] == status else f'not a problem: {body[:200]!r}'
	if body != BEGIN + text.strip(b' \t\r\n') + END:
		return f'came back as {body[:200]!r}'
	again = post(connection, body[len(BEGIN):-len(END)])
	return None if again == (200, body) else f'the second trip changed it: {again[1][:200]!r}'


def main():
	cases = sorted(SUITE.glob('[yni]_*.json'))
	if not cases:
		print(f'1..0 # SKIP no {SUITE} (set CORACLE_SHARED)')
		return
	tap = Tap()
	with Program('--access-log', 'off') as raw:
		connection = http.client.HTTPConnection('127.0.0.1', raw.port(), timeout=30)
		for kind, name in (('y', 'accepted, and come back'), ('n', 'refused'), ('i', 'accepted or refused')):
			group = [path for path in cases if path.name[0] == kind]
			wrong = [f'{path.name}: {what}' for path in group if (what := verdict(connection, path))]
			tap.check(f'{len(group)} {kind}_ texts are {name}', wrong)
		connection.close()
	tap.done()


if __name__ == '__main__':
	main()
