#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
What coracle-generate writes for small schemas, a file of tests/generate/cases for each group of keywords: the C, and what is told.
The C compiles, as GNU and as strict C, and the header as C++. test_golden.py PROGRAM [--write]
"""

import glob
import os
import subprocess
import sys
import tempfile

import compiler
from tap import Tap

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cases')
ENDINGS = ['.h', '.c', '_service.c']
STRICT = ['gcc', '-x', 'c', '-std=c11', '-pedantic-errors', *compiler.WARNINGS]


def generate(program, case, folder):
	"""What it writes: {ending: text}, the notes among them."""
	name = os.path.basename(case)[:-len('.json')]
	options = ['--service'] if name.startswith('openapi') else []
	run = subprocess.run([program, '--output', folder, *options, case], capture_output=True, text=True, timeout=60)
	written = {'.notes': run.stderr.replace(case, f'{name}.json')}
	if run.returncode:
		written['.notes'] += f'exit {run.returncode}\n'
	for ending in ENDINGS:
		path = os.path.join(folder, name + ending)
		if os.path.exists(path):
			with open(path, encoding='utf-8') as file:
				written[ending] = file.read()
	return name, written


def kept_path(name, ending):
	return os.path.join(CASES, name + ending + '.txt')


def differences(name, written):
	found = []
	for ending in ['.notes', *ENDINGS]:
		path = kept_path(name, ending)
		kept = open(path, encoding='utf-8').read() if os.path.exists(path) else ''
		for number, (old, new) in enumerate(zip((kept + '\n').splitlines(), (written.get(ending, '') + '\n').splitlines()), 1):
			if old != new:
				found.append(f'{name}{ending}:{number}: {new!r}, expected {old!r}')
				break
		else:
			if kept != written.get(ending, ''):
				found.append(f'{name}{ending} is longer or shorter than expected')
	return found + (['if that is right: test_golden.py PROGRAM --write'] if found else [])


def keep(name, written):
	for ending in ['.notes', *ENDINGS]:
		path = kept_path(name, ending)
		if written.get(ending):
			with open(path, 'w', encoding='utf-8') as file:
				file.write(written[ending])
		elif os.path.exists(path):
			os.remove(path)


def complaints(name, written, folder):
	found = []
	for ending in ENDINGS[1:]:
		for command in [compiler.C, STRICT]:
			if ending in written:
				found += compiler.complaints(command + compiler.PUBLIC + ['-I', folder], written[ending])
	if (plus := compiler.cplusplus()) and '.h' in written:
		found += compiler.complaints(plus + compiler.PUBLIC, written['.h'])
	return found


def main():
	program, tap = sys.argv[1], Tap()
	for case in sorted(glob.glob(os.path.join(CASES, '*.json'))):
		with tempfile.TemporaryDirectory() as folder:
			name, written = generate(program, case, folder)
			if sys.argv[2:] == ['--write']:
				keep(name, written)
			tap.check(f'{name}: the text', differences(name, written))
			tap.check(f'{name}: it compiles', complaints(name, written, folder))
	tap.done()


main()
