#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tree obeys ARCHITECTURE.md, and each rule catches a breach of it."""

import os
import tempfile

import law
import source
from tap import Tap

# One breach of each rule: files added to a tree that is in order.
BREACHES = {
	'the table of folders matches the tree': ('src/island/a.c', ''),
	'the table of public headers is complete': ('include/coracle/island.h', ''),
	'folders use only what their row lists': ('src/base/a.c', '#include "http/parser.h"\n'),
	'time, randomness and sockets come through their seam': ('src/http/a.c', 'int f(void)\n{\n\treturn rand();\n}\n'),
	'no banned function is called': ('src/http/a.c', 'int f(char *s)\n{\n\treturn ato' 'i (s);\n}\n'),
	'each function is declared in the header of its .c':
		('src/base/a.h', 'int first(int a);\n', 'src/base/b.c', 'int first(int a)\n{\n\treturn a;\n}\n'),
	'every name names a concept': ('src/base/string_util.c', ''),
	'no npm files at the root': ('package.json', ''),
	'every source file has its licence line': ('tools/a.py', 'print()\n'),
	'nothing registers itself': ('src/base/a.c', '__attribute__((constructor)) static void f(void)\n{\n}\n'),
	'no mark of unfinished work': ('src/base/a.c', '/* TO' 'DO */\n'),
	'no package host and no path of one machine': ('docs/a.md', 'see /ro' 'ot/a\n'),
}
MORE_INCLUDES = (
	('include/coracle/json.h', '#include "json/reader.h"\n'),
	('include/coracle/json.h', '#include <coracle/context.h>\n'),
	('src/json/a.c', '#include "reader.h"\n'),
	('src/json/a.c', '#include <sys/socket.h>\n'),
	('src/server/a.c', '#include "service/router.h"\n'),
	('src/app/a.c', '#include <coracle/coracle.h>\n'),
	('src/app/a.c', '#include <coracle/nowhere.h>\n'),
)
LICENCE = '/* SPDX-License-Identifier: MIT */\n'


def write(root, path, text):
	os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
	with open(os.path.join(root, path), 'w') as file:
		file.write(text)


def breaches_in(rule, *files):
	"""What the rule finds in a small tree that is in order, before and after the files are added."""
	with tempfile.TemporaryDirectory() as root:
		write(root, law.ARCHITECTURE, source.read(law.ARCHITECTURE))
		written = law.Law(source.read(law.ARCHITECTURE))
		for folder in written.folders:
			write(root, f'src/{folder}/meson.build', '')
		for header in written.headers:
			write(root, f'include/coracle/{header}', LICENCE)
		before = rule(law.Tree(root))
		for path, text in zip(files[::2], files[1::2]):
			write(root, path, text if path.endswith(('.py', '.md')) else LICENCE + text)
		return before, rule(law.Tree(root))


def self_check(rules):
	found = []
	cases = list(BREACHES.items()) + [('folders use only what their row lists', case) for case in MORE_INCLUDES]
	for name, files in cases:
		before, after = breaches_in(rules[name], *files)
		if before:
			found.append(f'{name}: a tree that is in order is refused: {before[0]}')
		if not after:
			found.append(f'{name}: not caught: {files}')
	return found


def main():
	tap = Tap()
	tree = law.Tree()
	for name, rule in law.RULES:
		tap.check(name, rule(tree))
	tap.check('each rule catches a breach', self_check(dict(law.RULES)))
	tap.done()


main()
