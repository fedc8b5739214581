#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
test_compile_fail.py TOLD COMPILER...: the compilers catch what the table macros promise to catch, and `coracle dev` tells it.

Each file here must compile as it is, and must not compile with -DMISTAKE: then the compiler's output must match the regular
expression after "expect:" in its first lines ("expect gcc:" or "expect clang:" for one of them). Files without such a line
must compile. That the others do, but for the mistake, gcc says for both.

TOLD is what `coracle dev` makes of that output: it must find the mistake in the file, and say nothing of what our macros are made
of. "told:" is the regular expression for the line's number and the sentence.
"""

import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'house'))

from compiler import in_parallel  # noqa: E402
from tap import Tap  # noqa: E402

# Down to assembler text: with -fsyntax-only, GCC does not look for unused results.
FLAGS = ['-std=gnu17', '-S', '-o', os.devnull, '-Wall', '-Wextra', '-Wshadow', '-Wno-missing-field-initializers',
	'-I' + os.path.join(ROOT, 'include')]

INNARDS = r"_Generic|generic association|no_kind|->|static_assert|static assertion|typeof|cor_output|cor_path_without"


def compile_file(compiler, path, *more):
	env = dict(os.environ, LC_ALL='C')
	run = subprocess.run([compiler, *FLAGS, *more, path], capture_output=True, text=True, env=env, cwd=HERE)
	return run.returncode, run.stderr


def expected(text, compiler):
	found = re.findall(r'expect(?: (\w+))?: (.*?)(?: \*/)?$', text, re.M)
	return [pattern for who, pattern in found if who in ('', compiler)]


def told(program, path, said):
	"""Complaints about what is told of what the compiler has said."""
	with open(path) as file:
		wanted = re.findall(r'told: (.*?)(?: \*/)?$', file.read(), re.M)
	found = subprocess.run([program], input=said, capture_output=True, text=True, cwd=HERE).stdout.splitlines()
	name, _, first = (found or [''])[0].partition(':')
	if name != os.path.basename(path) or re.search(INNARDS, first):
		return [f'told as {found} of: {said}']
	return [f'told as {first}, not {w}' for w in wanted if not re.search(w, first)]


def problems(told_by, compiler, path):
	with open(path) as file:
		wanted = expected(file.read(), compiler)
	# The other warnings that clang may have about the macros come in its build of the tests.
	if compiler == 'gcc' or not wanted or not shutil.which('gcc'):
		status, said = compile_file(compiler, path, '-Werror')
		if status:
			return ['it does not compile without the mistake:', said]
	if not wanted:
		return []
	status, said = compile_file(compiler, path, '-DMISTAKE')
	if status == 0:
		return ['the mistake compiles']
	coloured = compile_file(compiler, path, '-DMISTAKE', '-fdiagnostics-color=always')[1]
	return told(told_by, path, said) + told(told_by, path, coloured) + unsaid(wanted, said)


def unsaid(wanted, said):
	errors = '\n'.join(line for line in said.splitlines() if 'error:' in line or 'note: expected' in line)
	return [f'no error says {w!r}: {said}' for w in wanted if not re.search(w, errors)]


def main():
	tap = Tap()
	files = sorted(f for f in os.listdir(HERE) if f.endswith('.c'))
	told_by = os.path.abspath(sys.argv[1])
	for compiler in sys.argv[2:]:
		if not shutil.which(compiler):
			tap.skip(compiler, 'not installed')
			continue
		for name, found in in_parallel(lambda name: problems(told_by, compiler, os.path.join(HERE, name)), files):
			tap.check(f'{compiler}: {name[:-2]}', found)
	tap.done()


main()
