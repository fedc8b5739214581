#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
An installation is usable: one version everywhere, and a program builds and runs against it, with pkg-config alone and as
README.md says. test_package.py VERSION
"""

import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import compiler
import markdown
import source
from tap import Tap

INSTALLED = re.compile(r'(bench/README|README|ARCHITECTURE|CHANGELOG|SECURITY)\.md|LICENSE|docs/[^/]+\.(md|service)|examples/.*\.([ch]|html|css|js)')

# What a header needs besides the library itself.
PACKAGES = {'tls.h': 'coracle-tls', 'compression.h': 'coracle-compress', 'jwt.h': 'coracle-crypto', 'password.h': 'coracle-crypto',
	'sealing.h': 'coracle-crypto', 'hashing.h': 'coracle-crypto', 'curl.h': 'coracle-curl',
	'testing.h': 'coracle-testing'}

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
		found.append(f'CHANGELOG.md has no section for {version}')
	return found


def run(command, **options):
	done = subprocess.run(command, capture_output=True, text=True, **options)
	if done.returncode:
		raise RuntimeError(f'{command[0]}: {done.stderr.strip() or done.stdout.strip()}')
	return done.stdout.strip()


class Installation:
	"""The library, installed with a PREFIX in a temporary folder."""

	def __init__(self, root):
		self.root = root
		run(['meson', 'install', '-C', compiler.BUILD, '--no-rebuild', '--quiet'], env=dict(os.environ, DESTDIR=root))
		self.pc_folder = next(f for f, _, names in os.walk(root) if 'coracle.pc' in names)
		self.documents = next((f for f, _, names in os.walk(root) if 'README.md' in names), os.path.join(root, 'none'))
		self.lib_folder = os.path.dirname(self.pc_folder)
		self.env = {k: v for k, v in os.environ.items() if k != 'LD_LIBRARY_PATH'}
		self.env.update(PKG_CONFIG_PATH=self.pc_folder)
		self.move_prefix()

	def move_prefix(self):
		for path in glob.glob(os.path.join(self.pc_folder, 'coracle*.pc')):
			with open(path) as file:
				text = file.read()
			with open(path, 'w') as file:
				file.write(text.replace('prefix=/', f'prefix={self.root}/', 1))

	def pkg_config(self, *arguments, package='coracle'):
		return run(['pkg-config', *arguments, package], env=self.env)

	def headers(self):
		folder = next(f for f, _, names in os.walk(self.root) if f.endswith('/coracle') and 'coracle.h' in names)
		return set(os.listdir(folder))


def program_faults(installation, version):
	program = os.path.join(installation.root, 'program')
	flags = shlex.split(installation.pkg_config('--cflags', '--libs'))
	command = shlex.split(os.environ.get('CC', 'cc')) + ['-x', 'c', '-std=gnu17', '-', '-x', 'none', '-o', program]
	run(command + flags, input=PROGRAM)
	said = run([program], env=dict(installation.env, LD_LIBRARY_PATH=installation.lib_folder))
	return [] if said == version else [f'the program says {said}']


def readme_faults(installation, version):
	"""README's example, built by its command for a PREFIX that the user chose, finds the library when it starts."""
	text = source.read('README.md')
	line = re.search(r'^cc hello\.c .*rpath.*$', text, re.M).group(0)
	folder = os.path.join(installation.root, 'readme')
	os.mkdir(folder)
	with open(os.path.join(folder, 'hello.c'), 'w') as file:
		file.write(next(b.text for b in markdown.blocks(text) if b.language == 'c'))
	run(['bash', '-c', line], cwd=folder, env=installation.env)
	said = run([os.path.join(folder, 'hello'), '--version'], env=installation.env)
	return [] if said == f'hello 1.0.0 (coracle {version})' else [f'it says {said}']


def document_faults(installation):
	"""The documents, the manual page, the licences and the examples are there, and links between documents hold."""
	folder = installation.documents
	wanted = [p for p in source.tracked() if INSTALLED.match(p)] + ['swagger-ui/LICENSE', 'swagger-ui/NOTICE']
	there = [os.path.relpath(os.path.join(f, n), folder) for f, _, names in os.walk(folder) for n in names]
	found = [f'{path} is not installed' for path in sorted(set(wanted) - set(there))]
	found += [f'{path} is installed' for path in sorted(set(there) - set(wanted))]
	manual = os.path.join(folder, '../../man/man7/coracle-service.7')
	found += [] if os.path.exists(manual) else ['the manual page is not installed']
	for path in filter(lambda p: p.endswith('.md'), there):
		for link in markdown.links(source.read(path, folder)):
			target = os.path.normpath(os.path.join(os.path.dirname(path), link.split('#')[0]))
			if not re.match(r'[a-z]+:|#', link) and not os.path.exists(os.path.join(folder, target)):
				found.append(f'{path}: {link} leads nowhere')
	return found


def embedded(installation, folder):
	"""The source of an example's page, made by the tool that is installed; []: it has none."""
	if not os.path.isdir(os.path.join(folder, 'page')):
		return []
	tool = next(os.path.join(f, 'coracle-embed') for f, _, names in os.walk(installation.root) if 'coracle-embed' in names)
	made = os.path.join(installation.root, os.path.basename(folder) + '_page.c')
	run([tool, os.path.join(folder, 'page'), made, 'page_files'])
	return [made]


def neighbours(sources, folder):
	"""What an example shares of another: all of that but its main()."""
	included = {match for path in sources for match in re.findall(r'#include "\.\./(\w+)/', source.read(path, folder))}
	return [path for name in sorted(included) for path in glob.glob(os.path.join(folder, name, '*.c'))
		if 'int main(' not in source.read(path, folder)]


def example_faults(installation, version):
	"""The examples build where they are installed, with pkg-config alone."""
	folder = os.path.join(installation.documents, 'examples')
	found = [] if os.path.isdir(folder) else ['no examples are installed']
	flags = shlex.split(installation.pkg_config('--cflags', '--libs'))
	for name in os.listdir(folder) if not found else []:
		program = os.path.join(installation.root, name)
		sources = glob.glob(os.path.join(folder, name, '*.c')) + embedded(installation, os.path.join(folder, name))
		sources += neighbours(sources, folder)
		text = ''.join(source.read(path, folder) for path in sources + glob.glob(os.path.join(folder, name, '*.h')))
		packages = ['coracle'] + [package for header, package in PACKAGES.items() if f'<coracle/{header}>' in text]
		flags = shlex.split(installation.pkg_config('--cflags', '--libs', *packages[:-1], package=packages[-1]))
		run(shlex.split(os.environ.get('CC', 'cc')) + ['-Wall', '-Werror'] + sources + ['-o', program] + flags)
		if not any('cor_main(' in source.read(path, folder) for path in sources):
			continue # it is no service, and has its own command line
		said = run([program, '--version'], env=dict(installation.env, LD_LIBRARY_PATH=installation.lib_folder))
		found += [] if f'(coracle {version})' in said else [f'{name} says {said}']
	return found


CMAKE = '''cmake_minimum_required(VERSION 3.18)
project(shop LANGUAGES C)
find_package(Coracle {version} REQUIRED COMPONENTS curl crypto testing)
add_executable(shop main.c)
target_link_libraries(shop PRIVATE Coracle::coracle)
add_executable(calls calls.c)
target_link_libraries(calls PRIVATE Coracle::curl Coracle::crypto)
add_executable(tests tests.c)
target_link_libraries(tests PRIVATE Coracle::testing)
'''
CALLS = '''#include <stdio.h>
#include <coracle/coracle.h>
#include <coracle/curl.h>
#include <coracle/jwt.h>

int main(void)
{
	static const struct cor_upstream prices = { .name = "prices", .base_url = "https://prices.example", .carrier = &cor_curl };

	return puts(prices.carrier ? cor_version() : "no carrier") < 0;
}
'''
TESTS = '''#include <coracle/testing.h>

static void it_is_true(struct cor_test *t)
{
	cor_expect_equal(t, 7, 7);
}

static const struct cor_case cases[] = { COR_CASE(it_is_true) };

int main(int argc, char **argv)
{
	return cor_test_main(argc, argv, &(struct cor_suite){ COR_CASES(cases) });
}
'''


def cmake_faults(installation, version):
	"""A project of CMake finds it, builds with its targets, and runs; another minor version is refused."""
	folder = os.path.join(installation.root, 'cmake-project')
	os.mkdir(folder)
	for name, text in (('CMakeLists.txt', CMAKE.format(version=version)), ('main.c', PROGRAM), ('calls.c', CALLS), ('tests.c', TESTS)):
		with open(os.path.join(folder, name), 'w') as file:
			file.write(text)
	prefix = os.path.dirname(next(f for f, _, _ in os.walk(installation.root) if f.endswith('/include')))
	configure = ['cmake', '-S', folder, '-B', folder + '/build', '-DCMAKE_PREFIX_PATH=' + prefix, '-DCMAKE_C_FLAGS=-Wall -Werror']
	run(configure, env=installation.env)
	run(['cmake', '--build', folder + '/build'], env=installation.env)
	found = [f'{name} says {said}' for name in ('shop', 'calls')
		if (said := run([f'{folder}/build/{name}'], env=installation.env)) != version]
	found += [] if 'ok 1' in run([f'{folder}/build/tests', '--tap'], env=installation.env) else ['the test did not run']
	with open(os.path.join(folder, 'CMakeLists.txt'), 'w') as file:
		file.write(CMAKE.format(version='0.99'))
	refused = subprocess.run(configure, capture_output=True, text=True, env=installation.env)
	return found + ([] if refused.returncode and 'compatible with requested version' in refused.stderr else ['0.99 is taken'])


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
		tap.check('the documents, the licences and the examples are installed', document_faults(installation))
		tap.check('the examples build where they are installed', example_faults(installation, version))
		tap.check('the soname is versioned', soname_faults(installation, version))
		tap.check('pkg-config knows the version',
			[] if installation.pkg_config('--modversion') == version else [installation.pkg_config('--modversion')])
		tap.check('pkg-config guards the stacks', [] if '-fstack-clash-protection' in
			installation.pkg_config('--cflags') else [installation.pkg_config('--cflags')])
		tap.check('a program builds with pkg-config alone, and runs', program_faults(installation, version))
		if shutil.which('cmake'):
			tap.check('a project of CMake builds with its targets, and runs', cmake_faults(installation, version))
		else:
			tap.skip('a project of CMake builds with its targets, and runs', 'cmake is not installed')
		tap.check('a program builds as README.md says, and runs', readme_faults(installation, version))
	tap.done()


main()
