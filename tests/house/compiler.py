# SPDX-License-Identifier: MIT
"""Ask the compilers of the build whether a text compiles."""

import concurrent.futures
import os
import shlex
import shutil
import subprocess

import source

BUILD = os.environ.get('MESON_BUILD_ROOT', os.path.join(source.ROOT, 'build-test'))
WARNINGS = ['-Wall', '-Wextra', '-Wno-missing-field-initializers', '-Wno-unused-function', '-Werror']
OPTIONS = ['-x', 'c', '-std=gnu17', '-Wshadow', '-Wstrict-prototypes'] + WARNINGS
C = shlex.split(os.environ.get('CC', 'cc')) + OPTIONS
GCC = ['gcc'] + OPTIONS # continues to parse after an unknown name, unlike clang
PUBLIC = ['-I', os.path.join(source.ROOT, 'include')]
PRIVATE = PUBLIC + ['-D_GNU_SOURCE', '-I', os.path.join(source.ROOT, 'src'), '-I', os.path.join(BUILD, 'src')]


def cplusplus():
	"""The command of a C++ compiler; None if none is installed."""
	names = shlex.split(os.environ.get('CXX', '')) or ['g++', 'clang++']
	found = [n for n in names[:2] if shutil.which(n)]
	return [found[0], '-x', 'c++', '-std=gnu++17'] + WARNINGS if found else None


def complaints(command, text, lines=30):
	"""The first lines of what the compiler says about the text; empty if it compiles."""
	run = subprocess.run(command + ['-fsyntax-only', '-'], input=text, capture_output=True, text=True)
	return [] if run.returncode == 0 else run.stderr.splitlines()[:lines] or ['no reason given']


def in_parallel(work, items):
	"""[(item, work(item))], two at a time."""
	with concurrent.futures.ThreadPoolExecutor(2) as pool:
		return list(zip(items, pool.map(work, items)))
