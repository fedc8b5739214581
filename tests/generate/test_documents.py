#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Documents that others wrote, from Debian's packages: the C compiles, and tables generated from a schema take what is of that schema.
test_documents.py GENERATOR TAKES SERVICE
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

import compiler
from tap import Tap

ISO = '/usr/share/iso-codes/json'
OPENAPI = '/usr/share/openapi-specification/schemas'
OCI = '/usr/share/gocode/src/github.com/opencontainers/runtime-spec/schema'
NBFORMAT = '/usr/lib/python3/dist-packages/nbformat'
SCHEMAS = [f'{ISO}/schema-*.json', f'{OPENAPI}/v[23].0/schema.json', f'{OPENAPI}/v1.2/*.json', f'{OCI}/*.json', f'{NBFORMAT}/v[34]/*.schema.json']

NOTEBOOK = {'metadata': {'kernelspec': {'name': 'python3', 'display_name': 'Python 3'}, 'language_info': {'name': 'python'}}, 'nbformat': 4,
	'nbformat_minor': 5, 'cells': [{'id': 'a1', 'cell_type': 'markdown', 'metadata': {}, 'source': ['# Title']},
		{'id': 'b2', 'cell_type': 'code', 'metadata': {'collapsed': True}, 'source': 'print(1)', 'execution_count': 1,
			'outputs': [{'output_type': 'stream', 'name': 'stdout', 'text': '1\n'}]}]}
CONTAINER = {'ociVersion': '1.0.2', 'root': {'path': 'rootfs', 'readonly': True}, 'process': {'cwd': '/', 'args': ['sh'], 'env': ['A=b'],
	'user': {'uid': 0, 'gid': 0}}, 'mounts': [{'destination': '/proc', 'type': 'proc', 'source': 'proc'}], 'hostname': 'box'}


def generate(program, schema, folder):
	"""What is wrong, and how much was told."""
	run = subprocess.run([program, '--name', 'document', '--output', folder, schema], capture_output=True, text=True, timeout=60)
	if run.returncode:
		return [f'exit {run.returncode}: {run.stderr[-1000:]}'], 0
	with open(os.path.join(folder, 'document.c'), encoding='utf-8') as file:
		found = compiler.complaints(compiler.C + compiler.PUBLIC + ['-I', folder], file.read())
	return found, len(run.stderr.splitlines())


def takes(program, schema, document):
	run = subprocess.run([program, schema, document], capture_output=True, text=True, timeout=60)
	return [] if run.returncode == 0 else run.stdout.splitlines()[:20] + run.stderr.splitlines()[:20] + [f'exit {run.returncode}']


def written(folder, value):
	path = os.path.join(folder, 'instance.json')
	with open(path, 'w', encoding='utf-8') as file:
		file.write(value if isinstance(value, str) else json.dumps(value))
	return path


def instances(service, folder):
	"""(name, schema, document)"""
	for schema in sorted(glob.glob(f'{ISO}/schema-*.json')):
		yield os.path.basename(schema), schema, schema.replace('schema-', 'iso_')
	for version, option in [('3.0', '--print-openapi-3-0'), ('2.0', '--print-swagger')]:
		text = subprocess.run([service, option], capture_output=True, text=True, timeout=20, check=True).stdout
		yield f'our document as {version}', f'{OPENAPI}/v{version}/schema.json', written(folder, text)
	yield 'a notebook', f'{NBFORMAT}/v4/nbformat.v4.5.schema.json', written(folder, NOTEBOOK)
	yield 'a container', f'{OCI}/config-schema.json', written(folder, CONTAINER)


def main():
	generator, taker, service = sys.argv[1:]
	tap, told = Tap(), 0
	for pattern in SCHEMAS:
		schemas = sorted(glob.glob(pattern))
		if not schemas:
			tap.skip(pattern, 'the package is not installed')
		for schema in schemas:
			with tempfile.TemporaryDirectory() as folder:
				found, lines = generate(generator, schema, folder)
			told += lines
			tap.check(f'{"/".join(schema.split("/")[-2:])}: {lines} lines are told', found)
	with tempfile.TemporaryDirectory() as folder:
		for name, schema, document in instances(service, folder):
			if os.path.exists(schema):
				tap.check(f'{name} is taken', takes(taker, schema, document))
			else:
				tap.skip(name, f'{schema} is not there')
	tap.done()


main()
