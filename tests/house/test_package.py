#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
What is installed is usable: one version everywhere, and a program builds and runs against an installation, by pkg-config
alone. test_package.py VERSION
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile

import compiler
import source
from tap import Tap

PROGRAM = '''#include <stdio.h>
#include <coracle/coracle.h>

int main(void)
{
	return puts(cor_version()) < 0;
}
'''


def version_faults(version):
	text = source.read('include/coracle/api.h')
	parts = [re.search(rf'#define COR_VERSION_{p}\s+(\d+)', text).group(1) for p in ('MAJOR', 'MINOR', 'PATCH')]
	written = re.search(r'#define COR_VERSION\s+"(.*?)"', text).group(1)
	found = [] if written == version else [f'COR_VERSION is {written}, the project is {version}']
	if '.'.join(parts) != written:
		found.append(f'COR_VERSION is {written}, its parts are {".".join(parts)}')
	if f'## [{version}]' not in source.read('CHANGELOG.md') and '## [Unreleased]' not in source.read('CHANGELOG.md'):
		found.append(f'CHANGELOG.md has no part for {version}')
	return found


def run(command, **options):
	done = subprocess.run(command, capture_output=True, text=True, **options)
	if done.returncode:
		raise RuntimeError(f'{command[0]}: {done.stderr.strip() or done.stdout.strip()}')
	return done.stdout.strip()


class Installation:
	"""The library, installed under a folder that goes away."""

	def __init__(self, root):
		self.root = root
		run(['meson', 'install', '-C', compiler.BUILD, '--no-rebuild', '--quiet'], env=dict(os.environ, DESTDIR=root))
		self.pc_folder = next(f for f, _, names in os.walk(root) if 'coracle.pc' in names)
		self.lib_folder = os.path.dirname(self.pc_folder)

	def pkg_config(self, *arguments):
		env = dict(os.environ, PKG_CONFIG_PATH=self.pc_folder, PKG_CONFIG_SYSROOT_DIR=self.root)
		return run(['pkg-config', *arguments, 'coracle'], env=env)

	def headers(self):
		folder = next(f for f, _, names in os.walk(self.root) if f.endswith('/coracle') and 'coracle.h' in names)
		return set(os.listdir(folder))


def program_faults(installation, version):
	program = os.path.join(installation.root, 'program')
	flags = shlex.split(installation.pkg_config('--cflags', '--libs'))
	command = shlex.split(os.environ.get('CC', 'cc')) + ['-x', 'c', '-std=gnu17', '-', '-x', 'none', '-o', program]
	run(command + flags, input=PROGRAM)
	said = run([program], env=dict(os.environ, LD_LIBRARY_PATH=installation.lib_folder))
	return [] if said == version else [f'the program says {said}']


def soname_faults(installation, version):
	names = os.listdir(installation.lib_folder)
	wanted = [f'libcoracle.so.{version}', 'libcoracle.so.0', 'libcoracle.so']
	dynamic = run(['readelf', '-d', os.path.join(installation.lib_folder, 'libcoracle.so')])
	found = [f'{name} is not installed' for name in wanted if name not in names]
	return found + ([] if 'soname: [libcoracle.so.0]' in dynamic else ['the soname is not libcoracle.so.0'])


def main():
	tap, version = Tap(), sys.argv[1]
	tap.check('one version everywhere', version_faults(version))
	with tempfile.TemporaryDirectory() as root:
		installation = Installation(root)
		public = {os.path.basename(p) for p in source.tracked() if p.startswith('include/coracle/')}
		tap.check('every public header is installed, nothing else', sorted(public ^ installation.headers()))
		tap.check('the soname is versioned', soname_faults(installation, version))
		tap.check('pkg-config knows the version',
			[] if installation.pkg_config('--modversion') == version else [installation.pkg_config('--modversion')])
		tap.check('pkg-config guards the stacks', [] if '-fstack-clash-protection' in
			installation.pkg_config('--cflags') else [installation.pkg_config('--cflags')])
		tap.check('a program builds by pkg-config alone, and runs', program_faults(installation, version))
	tap.done()


main()
