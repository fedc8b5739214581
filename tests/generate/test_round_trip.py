#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
There and back: the document of each service, of OpenAPI 3.1 and 3.0, generated as a service, compiled, and asked for its document.
The two are the same, but for what DIFFERENCES lists. test_round_trip.py GENERATOR LIBRARY_FOLDER SERVICE ...
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import compiler
from tap import Tap

# What every one has: its handlers are not written.
NOT_WRITTEN = re.compile(r'.*/(responses/501|responses/Problem501) is new$')
# By service: what has no table that the generator writes.
DIFFERENCES = {
	'chat': [ # a WebSocket
		r'/paths//chat/get/(responses/101|x-websocket) is gone', r'/paths//chat/get/responses/204 is new', r'/components/schemas/(said|heard) is gone'],
	'readings': [ # a stream
		r'/paths//readings/post/requestBody is gone', r'/paths//readings/post/responses/(413|415) is gone',
		r'/components/responses/Problem(413|415) is gone', r'/components/schemas/outcome is gone',
		r'/paths//readings/post/responses/200/content/application/jsonl/schema/.*'],
	'ticker': [ # events
		r'/paths//(prices|clock)/get/responses/200/content/text/event-stream/schema/.*', r'/components/schemas/(price|second) is gone'],
	'legacy': [ # its process may hang, which is a 504
		r'/paths//total/get/responses/504 is gone', r'/components/responses/Problem504 is gone'],
	'countries': [ # answers that are kept: .cache and .caching are not generated, and the rows for their headers make a struct of its own
		r'/paths//subdivisions/get/responses/(304|200/headers/Age) is gone',
		r'/paths//subdivisions/get/responses/200/content/application/json/schema/\$ref is .*', r'/components/schemas/subdivision_page_2 is new'],
	'coracle-bench': [ # it has both, and Idempotency-Keys
		r'/paths//isolated/[a-z]+/get/responses/504 is gone', r'/components/responses/Problem50[34] is gone',
		r'/paths//kept/\{key\}/get/responses/(304|200/headers/Age) is gone', r'/paths//kept/\{key\}/post/responses/503 is gone',
		r'/paths//kept/\{key\}/(post|delete)/responses/200/content/application/json/schema/\$ref is .*', r'/components/schemas/kept_[23] is new'],
}
# Samples that the library gives tools where a whole number has no least value.
SAMPLES = [('examples', [0]), ('example', 0)]
VERSIONS = {'3.1': '--print-openapi', '3.0': '--print-openapi-3-0'}
# A document that no service of ours has written.
FOREIGN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cases', 'openapi30.json')


def differences(before, after, at=''):
	if type(before) is not type(after):
		return [f'{at} is {json.dumps(after)}, was {json.dumps(before)}']
	if isinstance(before, dict):
		found = [f'{at}/{key} is gone' for key in before if key not in after and (key, before[key]) not in SAMPLES]
		found += [f'{at}/{key} is new' for key in after if key not in before]
		for key in before:
			found += differences(before[key], after[key], f'{at}/{key}') if key in after else []
		return found
	if isinstance(before, list) and len(before) == len(after):
		return [d for i, pair in enumerate(zip(before, after)) for d in differences(*pair, f'{at}/{i}')]
	return [] if before == after else [f'{at} is {json.dumps(after)}, was {json.dumps(before)}']


def run(command, **options):
	done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
	if done.returncode:
		raise RuntimeError(f'{shlex.join(command)[:200]}: exit {done.returncode}: {(done.stderr or done.stdout)[:3000]}')
	return done.stdout


def document_of(program, option, environment):
	return json.loads(run([program, option], env=environment))


def make(generator, libraries, name, document, folder):
	"""The program that is generated from a document, which starts."""
	run([generator, '--service', '--name', name, '--output', folder, document])
	program = os.path.join(folder, 'program')
	sources = [os.path.join(folder, name + end) for end in ('.c', '_service.c')]
	run([*compiler.C, *compiler.PUBLIC, *sources, '-L', libraries, '-lcoracle', '-fstack-clash-protection', '-o', program])
	run([program, '--check'], env={**os.environ, 'LD_LIBRARY_PATH': libraries})
	return program


def round_trip(generator, libraries, service, option, folder):
	"""What is left of the differences."""
	name = os.path.basename(service)
	environment = {**os.environ, 'LD_LIBRARY_PATH': libraries}
	before = document_of(service, option, environment)
	path = os.path.join(folder, 'document.json')
	with open(path, 'w', encoding='utf-8') as file:
		json.dump(before, file)
	after = document_of(make(generator, libraries, name, path, folder), option, environment)
	expected = [NOT_WRITTEN, *map(re.compile, DIFFERENCES.get(name, []))]
	return [d for d in differences(before, after) if not any(e.fullmatch(d) for e in expected)]


def faults(work, *arguments):
	with tempfile.TemporaryDirectory() as folder:
		try:
			found = work(*arguments, folder)
		except RuntimeError as error:
			return [error]
	return found if isinstance(found, list) else []


def main():
	generator, libraries, *services = sys.argv[1:]
	tap = Tap()
	if os.environ.get('COR_TEST_LIGHT'):
		tap.skip('there and back', 'programs that are built here do not run with the library of a sanitizer')
		tap.done()
	for service in services:
		for version, option in VERSIONS.items():
			tap.check(f'{os.path.basename(service)}, {version}', faults(round_trip, generator, libraries, service, option))
	tap.check('a service of a document of others starts', faults(make, generator, libraries, 'foreign', FOREIGN))
	tap.done()


main()
