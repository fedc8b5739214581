#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
What the table macros promise to catch is caught, by every compiler there is.

Each file here must compile as it stands, and must not with -DMISTAKE: then the text after "expect:" in its first lines
(a regular expression, after "expect gcc:" or "expect clang:" for one of them) must be in what the compiler says.
Files without such a line must compile.
"""

import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'house'))

from tap import Tap  # noqa: E402

# As far as the assembler's text: with -fsyntax-only GCC does not look for codes that nobody looks at.
FLAGS = ['-std=gnu17', '-S', '-o', os.devnull, '-Wall', '-Wextra', '-Wshadow', '-Wno-missing-field-initializers',
	'-I' + os.path.join(ROOT, 'include')]


def compile_file(compiler, path, *more):
	env = dict(os.environ, LC_ALL='C')
	run = subprocess.run([compiler, *FLAGS, *more, path], capture_output=True, text=True, env=env)
	return run.returncode, run.stderr


def expected(text, compiler):
	found = re.findall(r'expect(?: (\w+))?: (.*?)(?: \*/)?$', text, re.M)
	return [pattern for who, pattern in found if who in ('', compiler)]


def problems(compiler, path):
	with open(path) as file:
		wanted = expected(file.read(), compiler)
	status, said = compile_file(compiler, path, '-Werror')
	if status:
		return ['without the mistake it does not compile:', said]
	if not wanted:
		return []
	status, said = compile_file(compiler, path, '-DMISTAKE')
	if status == 0:
		return ['the mistake compiles']
	errors = '\n'.join(line for line in said.splitlines() if 'error:' in line)
	return [f'no error says {w!r}: {said}' for w in wanted if not re.search(w, errors)]


def main():
	tap = Tap()
	files = sorted(f for f in os.listdir(HERE) if f.endswith('.c'))
	for compiler in ('gcc', 'clang'):
		if not shutil.which(compiler):
			tap.skip(compiler, 'not installed')
			continue
		for name in files:
			tap.check(f'{compiler}: {name[:-2]}', problems(compiler, os.path.join(HERE, name)))
	tap.done()


main()
