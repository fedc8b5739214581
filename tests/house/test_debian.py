#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""debian/ has each file that is installed in exactly one package, needs what tools/deps installs, and has the version of the project."""

import fnmatch
import json
import os
import re
import subprocess

import compiler
import source
from tap import Tap


def patterns():
	"""{package: patterns of debian/PACKAGE.install}"""
	return {os.path.basename(path)[:-len('.install')]: source.read(path).split()
		for path in source.tracked() if re.fullmatch(r'debian/[\w.-]+\.install', path)}


def installed():
	"""Every file, from the root of an installation with the prefix /usr."""
	def ask(what):
		done = subprocess.run(['meson', 'introspect', what, compiler.BUILD], capture_output=True, text=True, check=True)
		return json.loads(done.stdout)
	prefix = next(option['value'] for option in ask('--buildoptions') if option['name'] == 'prefix')
	return sorted('usr/' + os.path.relpath(path, prefix) for path in ask('--installed').values())


def fits(path, pattern):
	"""A pattern of a folder has all that is below it."""
	return fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(path, pattern + '/*') or path == pattern


def package_faults():
	found = []
	for path in installed():
		packages = [name for name, each in patterns().items() if any(fits(path, pattern) for pattern in each)]
		if len(packages) != 1:
			found.append(f'{path} is in {packages}')
	return found


def unused():
	paths = installed()
	return [f'{name}: nothing is {pattern}' for name, each in patterns().items() for pattern in each
		if not any(fits(path, pattern) for path in paths)]


def declared():
	names = re.findall(r'^Package: (\S+)$', source.read('debian/control'), re.M)
	return sorted(set(names) ^ set(patterns()))


def needs():
	"""What the build needs, but for what Debian has in each build, or what only examples need."""
	always = {'gcc', 'libc6-dev', 'ninja-build', 'iso-codes', 'ca-certificates'}
	wanted = re.search(r'^build_packages=\(([^)]*)\)', source.read('tools/deps'), re.M).group(1).split()
	has = re.search(r'^Build-Depends: ((?:.*\n)(?: .*\n)*)', source.read('debian/control'), re.M).group(1)
	has = {re.split(r'[ (]', each.strip())[0] for each in has.split(',')}
	return [f'Build-Depends lacks {name}' for name in wanted if name not in has | always]


def version():
	here = re.match(r'coracle \(([^)]+)\)', source.read('debian/changelog')).group(1)
	there = re.search(r"version: '([^']+)'", source.read('meson.build')).group(1)
	return [] if here == there else [f'debian/changelog has {here}, meson.build {there}']


def main():
	tap = Tap()
	tap.check('each installed file is in one package', package_faults())
	tap.check('each pattern has a file', unused())
	tap.check('each package says what it has', declared())
	tap.check('the build needs what tools/deps installs', needs())
	tap.check('the version is that of the project', version())
	tap.done()


main()
