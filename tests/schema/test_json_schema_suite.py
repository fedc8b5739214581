#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
JSON-Schema-Test-Suite, draft 2020-12, for the keywords that the document of a service may have: each of its schemas that tables can
say is made a table, and the verdicts are compared.

The suite is in the folder of shared data next to the tree, or in that of CORACLE_SHARED; where there is none, nothing is compared.

Usage: test_json_schema_suite.py DRIVER [--list]
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
SHARED = pathlib.Path(os.environ.get('CORACLE_SHARED', FOLDER.parent.parent.parent / 'shared'))
SUITE = SHARED / 'data/json-schema-test-suite/tests/draft2020-12'
sys.path[:0] = [str(FOLDER / 'differential'), str(FOLDER.parent / 'house')]

import translate  # noqa: E402
from tap import Tap  # noqa: E402

# Those that the library writes (src/schema/describe.c). formatMinimum and its kin, discriminator and x-minimum are not JSON Schema's;
# "format": "duration" is never written, because RFC 3339 knows no half seconds.
KEYWORDS = ['additionalProperties', 'anyOf', 'const', 'contains', 'content', 'default', 'enum', 'exclusiveMaximum', 'exclusiveMinimum',
	'items', 'maxContains', 'maxItems', 'maxLength', 'maxProperties', 'maximum', 'minContains', 'minItems', 'minLength', 'minProperties',
	'minimum', 'multipleOf', 'oneOf', 'pattern', 'properties', 'propertyNames', 'ref', 'required', 'type', 'uniqueItems',
	'optional/ecmascript-regex', 'optional/non-bmp-regex', 'optional/bignum', 'optional/float-overflow', 'optional/format/date',
	'optional/format/date-time', 'optional/format/email', 'optional/format/hostname',
	'optional/format/ipv4', 'optional/format/ipv6', 'optional/format/uri', 'optional/format/uuid']

# What the library does otherwise by design: file, beginning of the test's description, reason.
DIVERGENCES = [
	('minContains', 'maxContains < minContains:', 'what no array can obey is refused at start'),
	('optional/bignum', 'integer: a bignum', 'integers have 64 bits'),
	('optional/bignum', 'integer: a negative bignum', 'integers have 64 bits'),
	('optional/format/date-time', 'validation of date-time strings: a second fraction of fifteen', 'a fraction has at most nine digits'),
	('optional/format/email', 'validation of e-mail addresses: a quoted string', 'no quoted local part'),
	('optional/format/email', 'validation of e-mail addresses: an IPv4-address-literal', 'no address in brackets'),
	('optional/format/email', 'validation of e-mail addresses: an IPv6-address-literal', 'no address in brackets'),
	('optional/format/hostname', 'validation of A-label (punycode) host names:', 'what xn--... stands for is not looked at (RFC 1123 only)'),
	('optional/format/uri', 'validation of URIs: a valid', 'http and https only'),
]


class Comparison:
	def __init__(self, driver, suite):
		self.driver = subprocess.Popen([driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding='utf-8')
		self.suite = suite
		self.unsayable = collections.Counter()
		self.faults = []
		self.divergences = collections.Counter()

	def ask(self, description, document):
		self.driver.stdin.write(json.dumps(dict(description, documents=[document])) + '\n')
		self.driver.stdin.flush()
		return json.loads(self.driver.stdout.readline())

	def one(self, name, group, test):
		"""Whether it was compared."""
		try:
			description = translate.translate(group['schema'], test['data'])
		except translate.Unsayable as error:
			self.unsayable[f'{name}: {error}'] += 1
			return False
		answer = self.ask(description, json.dumps(test['data']))
		if '.fallback' in answer.get('refused', ''):
			self.unsayable[f'{name}: a default that breaks its own rules is refused at start'] += 1
			return False
		where = f'{name}: {group["description"]}: {test["description"]}'
		known = [why for file, begin, why in DIVERGENCES if file == name and where.split(': ', 1)[1].startswith(begin)]
		if 'refused' in answer:
			agrees, got = False, answer['refused']
		else:
			agrees, got = ('yes' in answer['results'][0]) == test['valid'], answer['results'][0]
		if known and not agrees:
			self.divergences[f'{name}: {known[0]}'] += 1
			return False
		if not agrees:
			self.faults.append(f'{where}\n  {json.dumps(group["schema"])}\n  {json.dumps(test["data"])}: {test["valid"]}\n  {got}')
		return True

	def file(self, name):
		groups = json.loads((self.suite / f'{name}.json').read_text())
		verdicts = [self.one(name, group, test) for group in groups for test in group['tests']]
		return sum(verdicts), len(verdicts)


def main():
	parser = argparse.ArgumentParser()
	parser.add_argument('driver')
	parser.add_argument('--list', action='store_true', help='what tables cannot say')
	arguments = parser.parse_args()
	tap = Tap()
	if not SUITE.exists():
		tap.skip('JSON-Schema-Test-Suite', f'{SUITE} is not there')
		tap.done()
	comparison = Comparison(arguments.driver, SUITE)
	published = (FOLDER.parent.parent / 'docs/parity.md').read_text()
	compared = total = 0
	for name in KEYWORDS:
		before = len(comparison.faults)
		some, of = comparison.file(name)
		row = f'| `{name}` | {some} of {of} |'
		faults = comparison.faults[before:] + ([] if row in published else [f'docs/parity.md lacks {row}'])
		tap.check(f'{name}: {some} of {of} can be said, and agree', faults)
		compared += some
		total += of
	for why, count in sorted(comparison.divergences.items()):
		tap.note(f'otherwise by design, {count}: {why}')
	if arguments.list:
		for why, count in sorted(comparison.unsayable.items()):
			tap.note(f'cannot be said, {count}: {why}')
	tap.figure(f'JSON-Schema-Test-Suite: {compared} of {total} tests of the keywords that documents have can be said by tables, and agree')
	comparison.driver.stdin.close()
	comparison.driver.wait()
	tap.done()


if __name__ == '__main__':
	main()
