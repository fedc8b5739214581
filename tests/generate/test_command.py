#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program coracle-generate: its options, files and exit statuses; its manual. test_command.py PROGRAM"""

import json
import os
import re
import stat
import subprocess
import sys
import tempfile

import source
from tap import Tap

OBJECT = '{"type":"object","properties":{"a":{"type":"string"}}}'


def run(program, *arguments, given=None, folder=None):
	done = subprocess.run([program, *arguments], input=given, capture_output=True, text=True, timeout=60, cwd=folder)
	return done.returncode, done.stdout, done.stderr


def statuses(program, folder):
	"""(name, faults)"""
	deep = '{"items":' * 200 + '{}' + '}' * 200
	cases = [
		('no file', [], None, 64, 'FILE: is missing'),
		('two files', ['a', 'b'], None, 64, 'b: one file'),
		('an unknown option', ['--colour', 'a'], None, 64, '--colour: no such option'),
		('an option without its value', ['a', '--name'], None, 64, '--name: needs a value'),
		('a file that is not there', ['absent.json'], None, 66, 'absent.json: No such file'),
		('a folder', ['.'], None, 66, '.: Is a directory'),
		('no JSON', ['-'], 'openapi: 3.1.0\n', 65, 'line 1, column 1: is not JSON (YAML'),
		('no schema', ['-'], '[]', 65, 'is no schema'),
		('nothing in it', ['-'], '{}', 65, 'holds no schema'),
		('too deep', ['-'], deep, 65, 'nested deeper than 128'),
		('no operations', ['--service', '-'], OBJECT, 65, 'it has no operations'),
		('nobody to call', ['--client', '-'], OBJECT, 65, '--client: it has no operations'),
		('a service and its client', ['--client', '--service', '-'], OBJECT, 64, '--client: not with --service'),
		('a name without a letter', ['--name', '---', '-'], OBJECT, 65, 'the name has no letter'),
		('a prefix that is none', ['--prefix', '9-', '-'], OBJECT, 65, 'the prefix is no name of C'),
		('a folder that is not there', ['--output', 'absent', '-'], OBJECT, 73, 'absent/schema.h: No such file'),
	]
	for name, arguments, given, wanted, said in cases:
		code, _, errors = run(program, *arguments, given=given, folder=folder)
		yield name, [] if code == wanted and said in errors else [f'{code}: {errors}']


def file_faults(program, folder):
	found = []
	code, _, errors = run(program, '--name', 'box', '-', given=OBJECT, folder=folder)
	found += [f'{code}: {errors}'] if code or sorted(os.listdir(folder)) != ['box.c', 'box.h'] else []
	before = open(os.path.join(folder, 'box.h'), encoding='utf-8').read()
	code, _, errors = run(program, '--name', 'box', '--prefix', 'my_', '-', given=OBJECT, folder=folder)
	after = open(os.path.join(folder, 'box.h'), encoding='utf-8').read()
	found += [] if code == 73 and before == after and 'is there already: --force' in errors else [f'{code}: {errors}']
	code, _, errors = run(program, '--name=box', '--prefix=my_', '--force', '-', given=OBJECT, folder=folder)
	after = open(os.path.join(folder, 'box.h'), encoding='utf-8').read()
	found += [] if code == 0 and 'struct my_box {' in after else [f'{code}: {errors}']
	return found


def doubling():
	"""A schema of 30 structs, each of which holds the next one twice: the outermost would take 16 GiB."""
	schemas = {}
	for i in range(30):
		inner = {'$ref': f'#/$defs/s{i + 1}'}
		schemas[f's{i}'] = {'type': 'object', 'required': ['a', 'b'], 'properties': {'a': inner, 'b': inner}}
	schemas['s30'] = {'type': 'object', 'properties': {'a': {'type': 'string'}}}
	return json.dumps({'$ref': '#/$defs/s0', '$defs': schemas})


def doubling_faults(program, folder):
	code, _, errors = run(program, '--name', 'doubling', '-', given=doubling(), folder=folder)
	return [] if code == 0 and 'would have more than 1 MiB' in errors else [f'{code}: {errors}']


def strict_faults(program, folder):
	tables = []
	for options in [[], ['--strict']]:
		run(program, '--name', 'box', '--force', *options, '-', given=OBJECT, folder=folder)
		tables.append(open(os.path.join(folder, 'box.c'), encoding='utf-8').read())
	return [] if '.unknown = COR_IGNORE' in tables[0] and '.unknown' not in tables[1] else tables


def write_faults(program, folder):
	if os.geteuid() == 0 or not hasattr(os, 'chmod'):
		return run(program, '--output', '/dev/full', '-', given=OBJECT, folder=folder)[0] != 73 and ['/dev/full is no folder']
	os.chmod(folder, stat.S_IRUSR | stat.S_IXUSR)
	code, _, errors = run(program, '-', given=OBJECT, folder=folder)
	return [] if code == 73 and 'Permission denied' in errors else [f'{code}: {errors}']


def manual_faults(program):
	"""docs/coracle-generate.1 and docs/generate.md have the options of --help, and the statuses."""
	text = run(program, '--help')[1]
	page = source.read('docs/coracle-generate.1').replace('\\-', '-')
	guide = source.read('docs/generate.md')
	options = re.findall(r'^  (--[a-z]+)', text, re.M)
	codes = re.findall(r'\b(\d\d)\b (?:the|FILE|there|a)', text)
	found = [f'{o} is not in the page' for o in options if not re.search(rf'^\.BI? "?{o}\b', page, re.M)]
	found += [f'{o} is not in docs/generate.md' for o in options if f'`{o}' not in guide]
	found += [f'{c} is not in the page' for c in codes if f'.B {c}\n' not in page]
	found += [f'{c} is not in docs/generate.md' for c in codes if f'| {c} |' not in guide]
	return found + ([] if len(options) > 6 and len(codes) == 5 else [f'--help has {options} and {codes}'])


def guide_faults(program, folder):
	"""The C in docs/generate.md is what its examples write."""
	guide = source.read('docs/generate.md')
	found = []
	for name, text in re.findall(r"cat >(\w+\.json) <<'END'\n(.*?)\nEND\n", guide, re.S):
		with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
			file.write(text)
		run(program, '--service' if 'openapi' in text else '--force', name, folder=folder)
		run(program, '--client', '--force', name, folder=folder)
	lines = set()
	for name in os.listdir(folder):
		if name.endswith(('.c', '.h')):
			lines |= set(open(os.path.join(folder, name), encoding='utf-8').read().splitlines())
	own = {'COR_LOCAL_SCHEMA(book_schema, struct book, book_fields);'} # shop.h and shop.c in one
	for block in re.findall(r'```c\n(.*?)```', guide, re.S):
		found += [f'nothing writes: {line}' for line in block.splitlines() if line not in lines | own]
	return found


def main():
	program, tap = os.path.abspath(sys.argv[1]), Tap()
	with tempfile.TemporaryDirectory() as folder:
		for name, faults in statuses(program, folder):
			tap.check(name, faults)
		tap.check('nothing is left behind', os.listdir(folder))
		tap.check('files, and files that are there', file_faults(program, folder))
		tap.check('structs that are too large', doubling_faults(program, folder))
		tap.check('--strict', strict_faults(program, folder))
		tap.check('what cannot be written', write_faults(program, folder))
	code, text, _ = run(program, '--version')
	tap.check('--version', [] if code == 0 and re.fullmatch(r'coracle-generate \d+\.\d+\.\d+\n', text) else [text])
	tap.check('the manual has the options', manual_faults(program))
	with tempfile.TemporaryDirectory() as folder:
		tap.check('docs/generate.md shows what is written', guide_faults(program, folder))
	tap.done()


main()
