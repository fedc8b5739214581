#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
The linker has given each program and library full RELRO, no executable stack, no writable code, PIE and no text relocations.
The test programs are left out.
"""

import json
import os
import re
import subprocess

import compiler
from tap import Tap


def readelf(*arguments):
	return subprocess.run(['readelf', '-W', *arguments], capture_output=True, text=True, check=True).stdout


def faults(path):
	segments, dynamic, header = readelf('-l', path), readelf('-d', path), readelf('-h', path)
	stack = re.search(r'GNU_STACK.*', segments)
	found = []
	if 'GNU_RELRO' not in segments:
		found.append('no RELRO')
	if 'BIND_NOW' not in dynamic and not re.search(r'FLAGS_1.*\bNOW\b', dynamic):
		found.append('symbols are bound lazily (no -z now)')
	if not stack or re.search(r'\bRWE\b', stack.group(0)):
		found.append('the stack is executable')
	if re.search(r'^\s*LOAD.*\bRWE\b', segments, re.M):
		found.append('a segment is writable and executable')
	if not re.search(r'Type:\s+DYN', header):
		found.append('not position independent')
	if 'TEXTREL' in dynamic:
		found.append('text relocations')
	return found


def programs():
	"""What meson builds by default outside tests/: paths of programs and shared libraries."""
	with open(os.path.join(compiler.BUILD, 'meson-info', 'intro-targets.json')) as file:
		targets = json.load(file)
	tests = os.path.join(compiler.BUILD, 'tests') + os.sep
	return [name for target in targets for name in target['filename']
		if target['type'] in ('executable', 'shared library') and target['build_by_default']
		and not name.startswith(tests)]


def weak_program():
	"""A program without any of this, to verify that the check works."""
	path = os.path.join(compiler.BUILD, 'tests', 'house', 'weak-program')
	os.makedirs(os.path.dirname(path), exist_ok=True)
	options = ['-no-pie', '-Wl,-z,norelro,-z,lazy,-z,execstack', '-o', path, '-']
	subprocess.run(compiler.C + options, input='int main(void)\n{\n\treturn 0;\n}\n', text=True, check=True,
		stderr=subprocess.DEVNULL)
	return path


def main():
	tap = Tap()
	for path in programs():
		tap.check(os.path.basename(path), faults(path))
	seen = faults(weak_program())
	tap.check('a weak program is noticed', [] if len(seen) >= 4 else [f'only: {seen}'])
	tap.done()


main()
