#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""examples/hello: the one operation, and the command line that every service has."""

import subprocess
import sys

import requests

from cases import equal, finish, problem, run
from program import Program, built

HELLO = built('examples/hello')


def test_it_greets(hello):
	response = requests.get(hello.url + '/hello', params={'name': 'Zoë'})
	equal(response.status_code, 200)
	equal(response.headers['Content-Type'], 'application/json')
	equal(response.json(), {'text': 'Hello, Zoë!'})


def test_the_name_is_required(hello):
	problem(requests.get(hello.url + '/hello'), 422, ('query', 'name'))


def test_unknown_parameters_are_refused(hello):
	problem(requests.get(hello.url + '/hello?name=Ada&nmae=Ada'), 422, ('query', 'nmae'))


def test_a_name_with_nul_is_refused(hello):
	problem(requests.get(hello.url + '/hello?name=%00'), 400)


def test_other_paths_are_404(hello):
	problem(requests.get(hello.url + '/bye'), 404)


def test_the_document_describes_it(hello):
	document = requests.get(hello.url + '/openapi.json').json()
	equal(document['openapi'][:3], '3.1')
	equal(document['paths']['/hello']['get']['operationId'], 'greet')


def test_curl_is_served(hello):
	output = subprocess.run(['curl', '-sS', '--max-time', '10', '-i', hello.url + '/hello?name=Ada'],
		capture_output=True, text=True, timeout=20).stdout
	assert output.startswith('HTTP/1.1 200') and output.endswith('{"text":"Hello, Ada!"}'), output


def test_a_unix_socket_is_served(hello):
	path = f'/tmp/hello-{hello.port}.sock'
	other = Program(HELLO, '--http', 'unix:' + path)
	output = subprocess.run(['curl', '-sS', '--max-time', '10', '--unix-socket', path, 'http://x/hello?name=Ada'],
		capture_output=True, text=True, timeout=20).stdout
	equal(other.stop(), 0, 'status')
	equal(output, '{"text":"Hello, Ada!"}')


def command(*arguments):
	return subprocess.run([HELLO, *arguments], capture_output=True, text=True, timeout=20)


def test_help_lists_the_options(_):
	result = command('--help')
	equal(result.returncode, 0)
	for option in ('--http', '--threads', '--check', '--docs'):
		assert option in result.stdout, option


def test_check_ends_without_serving(_):
	equal(command('--check').returncode, 0)


def test_a_wrong_flag_is_status_64(_):
	result = command('--no-such-flag')
	equal(result.returncode, 64)
	assert '--no-such-flag' in result.stderr, result.stderr


def test_a_wrong_value_is_status_64_or_78(_):
	assert command('--threads', '0').returncode in (64, 78)


def test_an_address_in_use_is_status_71(hello):
	equal(command('--http', f'127.0.0.1:{hello.port}').returncode, 71)


if __name__ == '__main__':
	program = Program(HELLO)
	finish(run(sys.modules[__name__], program), program)
