#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
The tests that docs/parity.md and docs/nginx.md name are there: each row has some (or says "not yet", or why there is none), and each
`file: name` is a file of the tree with that name in it.
"""

import os
import re

import source
from tap import Tap

PAGES = ('docs/parity.md', 'docs/nginx.md')
ROW = re.compile(r'^\| (.+?) \| (.+) \| (.+?) \|$')
REFERENCE = re.compile(r'`([^`:]+): ([^`]+)`')


def rows_of(text):
	"""(number of the line, what is there, what is here, the tests) of the tables with three columns."""
	for number, line in enumerate(text.splitlines(), 1):
		match = ROW.match(line)
		if match and match.group(3) not in ('shown by', '---') and '---' not in line:
			yield number, *match.groups()


def row_is_good(here, tests):
	return REFERENCE.search(tests) or (tests == 'none' and re.search(r'[Nn]ot yet|^None: ', here))


def reference_fault(path, name):
	if not os.path.isfile(os.path.join(source.ROOT, path)):
		return f'there is no {path}'
	if not re.search(rf'(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])', source.read(path) or ''):
		return f'{path} has no test "{name}"'
	return None


def main():
	tap = Tap()
	rows = [(page, *row) for page in PAGES for row in rows_of(source.read(page))]
	tap.check('each row has its tests', [f'{page}:{number}: {there}' for page, number, there, here, tests in rows
		if not row_is_good(here, tests)])
	faults = []
	for page, number, _, _, tests in rows:
		faults += [f'{page}:{number}: {fault}' for path, name in REFERENCE.findall(tests) if (fault := reference_fault(path, name))]
	tap.check('each test is there', faults)
	tap.check('there are rows', [] if len(rows) > 100 else [f'{len(rows)} rows'])
	tap.check('a test that is not there is found', [] if reference_fault('tests/house/test_parity.py', 'no such' + ' test') and
		reference_fault('tests/none.c', 'main') else ['the check finds nothing'])
	tap.done()


main()
