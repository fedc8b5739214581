#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shared libraries export exactly what the public headers mark with COR_API: test_symbols.py LIBRARY ..."""

import glob
import os
import re
import subprocess
import sys

import compiler
import source
from tap import Tap

DECLARATION = re.compile(r'\bCOR_API\b([^;{]*)[;{]')
# A function that a public header declares without the mark cannot be linked: this finds those, too.
PROTOTYPE = re.compile(r'^(?!static|typedef|#|\s|COR_API)[a-z][\w \t*]*?\b(cor_\w+)\([^;{]*\)[^;{]*;', re.M)


def name_of(declaration):
	"""The name that a declaration declares: before its parameters, or before its end."""
	head = declaration.split('(')[0] if '(' in declaration else re.sub(r'\[.*', '', declaration, flags=re.S)
	words = re.findall(r'\w+', head)
	return words[-1] if words else ''


def declared():
	marked, unmarked = {}, []
	for path in source.tracked():
		if path.startswith('include/') and path.endswith('.h'):
			text = source.declarations(source.read(path))
			for match in DECLARATION.finditer(text):
				marked[name_of(match.group(1))] = path
			unmarked += [f'{path}: {m.group(1)} lacks COR_API' for m in PROTOTYPE.finditer(text)]
	return marked, unmarked


def exported(library):
	out = subprocess.run(['nm', '-D', '--defined-only', library], capture_output=True, text=True, check=True).stdout
	names = [line.split() for line in out.splitlines()]
	return {n[-1].split('@')[0] for n in names if n[-2] != 'A'}


def doubles(library):
	"""What the runtime keeps for a thread must be there once: a second copy would know of no fiber."""
	out = subprocess.run(['nm', '--defined-only', library], capture_output=True, text=True, check=True).stdout
	return [f'{library}: has cor_this_thread'] if re.search(r'\bcor_this_thread$', out, re.M) else []


def said_twice(archives):
	"""A name of two archives is another function's, or a link that fails, where both are in one program."""
	where = {}
	for archive in archives:
		out = subprocess.run(['nm', '--defined-only', archive], capture_output=True, text=True).stdout
		for name in set(re.findall(r' [TDBR] (\w+)$', out, re.M)):
			where.setdefault(name, []).append(os.path.basename(archive))
	return [f'{name}: {" and ".join(places)}' for name, places in sorted(where.items()) if len(places) > 1]


def main():
	tap = Tap()
	marked, unmarked = declared()
	there = set().union(*map(exported, sys.argv[1:]))
	missing = [f'{marked[n]}: {n} is declared, but not in the library' for n in sorted(set(marked) - there)]
	tap.check('every public declaration is marked', unmarked)
	tap.check('nothing is exported that no public header declares', sorted(there - set(marked)))
	tap.check('everything declared is exported', missing)
	tap.check('public names begin with cor_', [n for n in sorted(there) if not n.startswith('cor_')])
	tap.check('no library beside libcoracle has state of the runtime', sum(map(doubles, sys.argv[2:]), []))
	tap.check('no name is that of two archives', said_twice(glob.glob(os.path.join(compiler.BUILD, 'libcoracle*.a'))))
	tap.done()


main()
