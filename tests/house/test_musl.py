#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each source of the library compiles with musl's headers."""

import os
import shutil
import subprocess

import compiler
import source
from tap import Tap

# The dependencies' headers are among glibc's, so those are searched after musl's.
OTHERS = ['-idirafter', '/usr/include']


def multiarch():
	"""Debian's folder for what differs by machine: /usr/include/x86_64-linux-gnu."""
	name = subprocess.run(['gcc', '-print-multiarch'], capture_output=True, text=True).stdout.strip()
	return ['-idirafter', f'/usr/include/{name}'] if name else []


def main():
	tap = Tap()
	if not shutil.which('musl-gcc'):
		tap.skip('musl', 'musl-gcc is not installed (Debian: musl-tools)')
		tap.done()
		return
	command = ['musl-gcc', '-DCORACLE_LIBDIR="lib"'] + compiler.OPTIONS + compiler.PRIVATE + OTHERS + multiarch()

	def complaints(path):
		return compiler.complaints(command, f'#include "{os.path.join(source.ROOT, path)}"\n')

	sources = [p for p in source.tracked() if p.startswith('src/') and p.endswith('.c')]
	for path, found in compiler.in_parallel(complaints, sources):
		tap.check(f'{path} with musl', found)
	tap.done()


main()
