# SPDX-License-Identifier: MIT
"""The law of the tree, read from ARCHITECTURE.md, and its breaches."""

import os
import re

import source

ARCHITECTURE = 'ARCHITECTURE.md'
SANS_IO = {'base', 'json', 'http', 'uwsgi', 'websocket', 'schema', 'openapi'}
IO_HEADER = re.compile(r'(sys/(?!types|param|cdefs)|netinet/|arpa/|net/)\S*|unistd\.h|fcntl\.h|poll\.h|pthread\.h|netdb\.h')
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)
C_FILE = re.compile(r'\.(c|h|S)$')
NPM = re.compile(r'package(-lock)?\.json|\.npmrc')
PROTOTYPE = re.compile(r'^(?!static|typedef|extern|return|else)[a-z_][\w \t*\n]*?\b(\w+)\([^;{}]*\)[^;{}]*;', re.M)
DEFINITION = re.compile(r'^(?!static\b)[A-Za-z_][\w \t*(),"]*?\b(\w+)\([^;{}]*\)\s*\{', re.M)
# Headers that still declare what another .c defines.
DECLARE_OTHERS = re.compile(r'src/(config|context|exchange|json|observe|openapi|schema|service)/')
NEEDS_LICENCE = re.compile(r'(\.(c|h|S|py|sh|js|mjs|ts)|(^|/)Makefile)$')


class Law:
	def __init__(self, text):
		self.folders = {}
		for name, uses in _rows(text, 'folders'):
			self.folders[name[0]] = list(self.folders) if uses == ['everything', 'above'] else \
				[] if uses == ['nobody'] else uses
		self.headers = {h: folder[0] for names, folder in _rows(text, 'headers') for h in names}
		self.seams = {f: folder[0] for names, folder in _rows(text, 'seams') for f in names}
		self.names = _words(text, 'names')
		self.banned = _words(text, 'banned')

	def allows(self, user, used):
		return used == user or used in self.folders.get(user, [])


def _part(text, mark):
	start = text.index(f'<!-- law: {mark} -->')
	return text[start:].split('\n', 1)[1]


def _rows(text, mark):
	"""The first two cells of each row of the table after a mark, as lists of words."""
	rows = []
	for line in _part(text, mark).splitlines():
		if not line.startswith('|'):
			break
		cells = [c.replace('`', ' ').split() for c in line.strip('|').split('|')[:2]]
		rows.append(tuple(cells))
	return rows[2:]


def _words(text, mark):
	paragraph = re.split(r'\n(?=\S)', _part(text, mark))[0]
	return re.findall(r'`(\w+)`', paragraph)


class Tree:
	def __init__(self, root=source.ROOT):
		self.root = root
		self.paths = source.tracked(root)
		self.law = Law(source.read(ARCHITECTURE, root))
		self.c_files = [p for p in self.paths if C_FILE.search(p)]
		self.library = [p for p in self.c_files if p.startswith(('src/', 'include/'))]
		self.public = [p for p in self.library if p.startswith('include/')]

	def text(self, path):
		return source.read(path, self.root) or ''

	def folder_of(self, path):
		if path.startswith('include/coracle/'):
			return self.law.headers.get(os.path.basename(path))
		return path.split('/')[1] if path.count('/') > 1 else None

	def includes(self, path):
		text = source.without_comments(self.text(path))
		for match in INCLUDE.finditer(text):
			yield source.line_of(text, match.start()), match.group(1) == '<', match.group(2)


def table_breaches(tree):
	"""Each folder of src has a row, each row a folder, and rows name only rows above them."""
	there = {p.split('/')[1] for p in tree.paths if p.startswith('src/') and p.count('/') > 1}
	rows = list(tree.law.folders)
	found = [f'src/{f}: no row in {ARCHITECTURE}' for f in sorted(there - set(rows))]
	found += [f'{ARCHITECTURE}: `{f}` has a row but no folder in src' for f in rows if f not in there]
	for at, folder in enumerate(rows):
		found += [f'{ARCHITECTURE}: `{folder}` uses `{used}`, which is not a row above it'
			for used in tree.law.folders[folder] if used not in rows[:at]]
	return found


def header_breaches(tree):
	"""Each public header is in the table, and each row is a header of an existing folder."""
	known = set(tree.law.folders) | {'umbrella'}
	found = [f'{p}: no row in the table of public headers in {ARCHITECTURE}'
		for p in tree.public if os.path.basename(p) not in tree.law.headers]
	found += [f'{p}: public headers belong directly in include/coracle' for p in tree.public if p.count('/') != 2]
	found += [f'{ARCHITECTURE}: `{h}` has a row but no file in include/coracle'
		for h in tree.law.headers if f'include/coracle/{h}' not in tree.paths]
	found += [f'{ARCHITECTURE}: `{h}` counts for `{f}`, which is not a folder'
		for h, f in tree.law.headers.items() if f not in known]
	return found


def _include_breach(tree, path, system, name):
	folder = tree.folder_of(path)
	public = path.startswith('include/')
	if name.startswith('coracle/'):
		used = tree.law.headers.get(name[len('coracle/'):])
		if not system:
			return f'write <{name}>, a public header'
		if used == 'umbrella':
			return 'the umbrella is for users'
		if f'include/{name}' not in tree.paths:
			return f'<{name}> is not a public header'
		if folder != 'umbrella' and not tree.law.allows(folder, used):
			return f'`{folder}` may not use `{used}` (<{name}>)'
	elif system:
		if folder in SANS_IO and not public and IO_HEADER.fullmatch(name):
			return f'`{folder}` is sans-I/O and may not include <{name}>'
	elif public:
		return f'a public header may not include the private "{name}"'
	elif '/' not in name:
		return f'write the folder: "{folder}/{name}"'
	elif not tree.law.allows(folder, name.split('/')[0]):
		return f'`{folder}` may not use `{name.split("/")[0]}` ("{name}")'
	return None


def include_breaches(tree):
	"""Each include obeys the arrows between folders, for private and public headers alike."""
	found = []
	for path in tree.library:
		for line, system, name in tree.includes(path):
			breach = _include_breach(tree, path, system, name)
			if breach:
				found.append(f'{path}:{line}: {breach}')
	return found


def _calls(tree, paths, names):
	pattern = re.compile(r'(?<![\w.>])(' + '|'.join(names) + r')\s*\(')
	for path in paths:
		text = source.code_only(tree.text(path))
		for match in pattern.finditer(text):
			yield path, source.line_of(text, match.start()), match.group(1)


def seam_breaches(tree):
	"""Only one folder asks for time, for randomness, and for sockets."""
	return [f'{path}:{line}: {name}() is called only in `{tree.law.seams[name]}`'
		for path, line, name in _calls(tree, tree.library, tree.law.seams)
		if tree.folder_of(path) != tree.law.seams[name]]


def banned_breaches(tree):
	return [f'{path}:{line}: {name}() is banned' for path, line, name in _calls(tree, tree.c_files, tree.law.banned)]


def name_breaches(tree):
	refused = set(tree.law.names)
	found = []
	for path in tree.paths:
		parts = [re.sub(r'\..*', '', part) for part in path.split('/')]
		found += [f'{path}: `{word}` does not name a concept'
			for part in parts for word in re.split(r'[-_]', part) if word in refused]
	return found


def root_breaches(tree):
	"""This is a C project: npm's files are not at the root but with the tests that need them."""
	return [f'{path}: npm at the root' for path in tree.paths if NPM.fullmatch(path)]


def licence_breaches(tree):
	found = []
	for path in tree.paths:
		text = tree.text(path)
		first = text.startswith('#!') or path.endswith(('.py', '.sh'))
		if not NEEDS_LICENCE.search(path) and not text.startswith('#!'):
			continue
		if 'SPDX-License-Identifier: MIT' not in '\n'.join(text.splitlines()[:2 if first else 1]):
			found.append(f'{path}: the licence line is missing')
	return found


def prototype_breaches(tree):
	"""A function that a private header declares is defined in the .c next to it."""
	defined, found = {}, []
	private = [(p, source.declarations(tree.text(p))) for p in tree.library if p.startswith('src/')]
	for path, text in private:
		if path.endswith('.c'):
			for match in DEFINITION.finditer(text):
				defined.setdefault(match.group(1), set()).add(path)
	for path, text in private:
		if path.endswith('.h') and not DECLARE_OTHERS.match(path):
			found += [f'{path}: {m.group(1)}() is defined in {sorted(defined[m.group(1)])[0]}'
				for m in PROTOTYPE.finditer(text)
				if m.group(1) in defined and path[:-2] + '.c' not in defined[m.group(1)]]
	return found


def registration_breaches(tree):
	"""Everything is reachable from main: nothing registers itself, but for the functions of COR_CACHED() (docs/adr/0092)."""
	pattern = re.compile(r'__attribute__\s*\(\(.*?\b_{0,2}(constructor|destructor|section)_{0,2}\b')
	found = []
	for path in set(tree.c_files) - {'include/coracle/cached.h'}:
		text = source.code_only(tree.text(path))
		found += [f'{path}:{source.line_of(text, m.start())}: attribute {m.group(1)}' for m in pattern.finditer(text)]
	return found


# Put together from pieces, so that this file does not breach its own rule.
UNFINISHED = re.compile(r'\b(TO' + r'DO|FIX' + r'ME|XX' + r'X|HA' + r'CK)\b')
ELSEWHERE = re.compile('|'.join((
	r'registry\.' + r'npmjs', r'registry\.' + r'yarnpkg', r'deb\.' + r'debian\.org', r'snapshot\.' + r'debian',
	r'deb\.' + r'nodesource', r'/ro' + r'ot/', r'/ho' + r'me/\w', r'/wo' + r'rk/', r'/tmp/' + r'wt\b')))


def mark_breaches(tree, pattern):
	found = []
	for path in tree.paths:
		for number, line in enumerate(tree.text(path).splitlines(), 1):
			match = pattern.search(line)
			if match:
				found.append(f'{path}:{number}: {match.group(0)}')
	return found


RULES = (
	('the table of folders matches the tree', table_breaches),
	('the table of public headers is complete', header_breaches),
	('folders use only what their row lists', include_breaches),
	('time, randomness and sockets come through their seam', seam_breaches),
	('no banned function is called', banned_breaches),
	('every name names a concept', name_breaches),
	('no npm files at the root', root_breaches),
	('every source file has its licence line', licence_breaches),
	('each function is declared in the header of its .c', prototype_breaches),
	('nothing registers itself', registration_breaches),
	('no mark of unfinished work', lambda tree: mark_breaches(tree, UNFINISHED)),
	('no package host and no path of one machine', lambda tree: mark_breaches(tree, ELSEWHERE)),
)
