#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
What programs were compiled with stays as it is: each exported function's prototype, the place of each member of a public struct, and
the value of each public constant are those of tests/house/abi.txt, and each symbol is in debian/*.symbols. What is new is no fault.

	test_abi.py LIBRARY ...            the libraries of a build
	test_abi.py --write LIBRARY ...    writes both; once there is a release, who changes what was there gives a new soversion, too

Layouts are those of x86-64, as clang prints them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import source
from tap import Tap

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOCK = 'tests/house/abi.txt'
PROTOTYPE = re.compile(r'\bCOR_API\b([^;{]*)[;{]')
WRITE = 'make abi writes it anew'


def headers():
	return sorted(path for path in source.tracked() if re.fullmatch(r'include/coracle/\w+\.h', path))


def includes():
	names = ''.join(f'#include <coracle/{os.path.basename(path)}>\n' for path in headers())
	return '#include <stdio.h>\n' + names


def name_of(prototype):
	head = prototype.split('(')[0] if '(' in prototype else re.sub(r'\[.*', '', prototype)
	return re.findall(r'\w+', head)[-1]


def prototypes():
	"""{'symbol cor_alloc': its prototype}"""
	found = {}
	for path in headers():
		for match in PROTOTYPE.finditer(source.declarations(source.read(path))):
			text = re.sub(r'\s+', ' ', match.group(1)).strip()
			found['symbol ' + name_of(text)] = re.sub(r' ?([(),*]) ?', r'\1', text)
	return found


def clang(*arguments, text):
	with tempfile.NamedTemporaryFile('w', suffix='.c') as file:
		file.write(text)
		file.flush()
		done = subprocess.run(['clang', '-std=gnu17', '-D_GNU_SOURCE', '-I' + os.path.join(ROOT, 'include'), *arguments, file.name],
			capture_output=True, text=True)
	if done.returncode:
		raise RuntimeError(done.stderr[-3000:])
	return done.stdout


def layouts():
	"""{'struct cor_str': 'data 0 const char *; len 8 size_t; 16 bytes'}"""
	said = clang('-fsyntax-only', '-Xclang', '-fdump-record-layouts-complete', text=includes())
	found = {}
	for block in said.split('*** Dumping AST Record Layout')[1:]:
		lines = [line.split('|', 1) for line in block.strip().splitlines() if '|' in line]
		name = lines[0][1].strip()
		if not re.fullmatch(r'(struct|union) cor_\w+', name):
			continue
		members = [f'{where.strip()} {text.strip()}' for where, text in lines[1:-1] if re.match(r'   ?\S', text)]
		size = re.search(r'sizeof=(\d+)', lines[-1][1]).group(1)
		found[name] = '; '.join([*(re.sub(r' at \S+\.h:\S+', '', member) for member in members), f'{size} bytes'])
	return found


def constants():
	"""{'constant COR_GET': '0'}"""
	names = []
	for path in headers():
		for body in re.findall(r'\benum\s+\w*\s*\{([^}]*)\}', source.declarations(source.read(path))):
			names += re.findall(r'\b(COR_\w+)\s*(?:=[^,]*)?(?:,|$)', body.strip() + ',')
	lines = ''.join(f'\tprintf("%s %lld\\n", "{name}", (long long){name});\n' for name in sorted(set(names)))
	with tempfile.TemporaryDirectory() as folder:
		program = os.path.join(folder, 'constants')
		clang('-o', program, text=f'{includes()}int main(void)\n{{\n{lines}}}\n')
		said = subprocess.run([program], capture_output=True, text=True, check=True).stdout
	return {f'constant {name}': value for name, value in (line.split() for line in said.splitlines())}


def abi():
	return {**prototypes(), **layouts(), **constants()}


def exported(library):
	"""(its soname, {symbol@node})"""
	def run(*command):
		return subprocess.run(command, capture_output=True, text=True, check=True).stdout
	soname = re.search(r'soname: \[(\S+)\]', run('readelf', '-d', library)).group(1)
	names = set()
	for line in run('nm', '-D', '--defined-only', '--with-symbol-versions', library).splitlines():
		name = re.sub('@+', '@', line.split()[-1])
		names.add(name if '@' in name else (f'{name}@{name}' if line.split()[-2] == 'A' else f'{name}@Base'))
	return soname, names


def path_of(soname):
	return f'debian/{soname.replace(".so.", "")}.symbols'


def listed(soname):
	"""{symbol: version in which it came}; empty: there is no such file yet."""
	path = os.path.join(ROOT, path_of(soname))
	if not os.path.exists(path):
		return {}
	return dict(re.findall(r'^ (\S+@\S+) (\S+)$', source.read(path_of(soname)), re.M))


def symbol_faults(libraries):
	found = []
	for soname, names in map(exported, libraries):
		gone = set(listed(soname)) - names
		found += [f'{path_of(soname)} has {name}, {soname} has not' for name in sorted(gone)]
		found += [] if listed(soname) else [f'there is no {path_of(soname)}']
	return found


def locked():
	lines = [line for line in source.read(LOCK).splitlines() if line and not line.startswith('#')]
	return dict(line.split(': ', 1) for line in lines)


def changes(was, there):
	"""Of what was there; what is new is none."""
	found = [f'{name} is gone' for name in sorted(set(was) - set(there))]
	for name in sorted(set(was) & set(there)):
		if was[name] != there[name]:
			found += [f'{name} was {was[name]}', f'{" " * len(name)} is  {there[name]}']
	return found + ([f'programs that were compiled before break; if that is meant: {WRITE}'] if found else [])


def blind(there):
	"""Changes that must be found, or that are none."""
	plants = {'a member moves': {**there, 'struct cor_str': 'len 0 size_t; data 8 const char *; 16 bytes'},
		'a function takes another type': {**there, 'symbol cor_alloc': 'void*cor_alloc(struct cor_ctx*ctx,int bytes)'},
		'a constant is renumbered': {**there, 'constant COR_READ_ONLY': '99'},
		'a function is gone': {name: text for name, text in there.items() if name != 'symbol cor_main'}}
	found = [f'{what}: nobody sees it' for what, now in plants.items() if not changes(there, now)]
	return found + changes(there, {**there, 'symbol cor_new': 'void cor_new(void)'})


def write(libraries):
	version = re.match(r'coracle \(([^)]+)\)', source.read('debian/changelog')).group(1)
	with open(os.path.join(ROOT, LOCK), 'w', encoding='utf-8') as file:
		file.write('# What programs are compiled with: see test_abi.py, which writes this.\n')
		file.writelines(f'{name}: {text}\n' for name, text in sorted(abi().items()))
	for soname, names in map(exported, libraries):
		before = listed(soname)
		with open(os.path.join(ROOT, path_of(soname)), 'w', encoding='utf-8') as file:
			file.write(f'{soname} {soname.replace(".so.", "")} #MINVER#\n* Build-Depends-Package: libcoracle-dev\n')
			file.writelines(f' {name} {before.get(name, version)}\n' for name in sorted(names))


def main():
	if sys.argv[1] == '--write':
		return write(sys.argv[2:])
	tap = Tap()
	tap.check('no symbol of debian/*.symbols is gone', symbol_faults(sys.argv[1:]))
	if shutil.which('clang') and os.uname().machine == 'x86_64':
		there = abi()
		tap.check('what programs were compiled with is as it was', changes(locked(), there))
		tap.check('a change would be found', blind(there))
	else:
		tap.skip('what programs were compiled with is as it was', 'it needs clang, on x86-64')
	tap.done()


main()
