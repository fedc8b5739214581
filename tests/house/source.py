# SPDX-License-Identifier: MIT
"""The files of the tree, and C text reduced to what a check needs."""

import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOT_OURS = {'.git', 'node_modules', '__pycache__', '__cmake_systeminformation'}


def tracked(root=ROOT):
	"""Paths of the tree's files, relative to root: what git tracks or would add; without git, all files."""
	if os.path.exists(os.path.join(root, '.git')):
		listing = subprocess.run(
			['git', '-c', 'safe.directory=*', '-C', root, 'ls-files', '-z', '-co', '--exclude-standard'],
			capture_output=True, text=True)
		if listing.returncode == 0:
			found = set(listing.stdout.split('\0')) - {''}
			return sorted(p for p in found if os.path.isfile(os.path.join(root, p)))
	found = []
	for folder, folders, names in os.walk(root):
		folders[:] = [f for f in folders if f not in NOT_OURS and not f.startswith('build')]
		found += [os.path.relpath(os.path.join(folder, n), root) for n in names]
	return sorted(found)


def read(path, root=ROOT):
	"""The text of a file; None if it is not text."""
	with open(os.path.join(root, path), 'rb') as file:
		data = file.read()
	try:
		return None if b'\0' in data else data.decode()
	except UnicodeDecodeError:
		return None


DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\.)*', re.M | re.S)
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def _blank(match):
	text = match.group(0)
	newlines = '\n' * text.count('\n')
	if text[0] == '"':
		return '""' + newlines
	return ('0' if text[0] == "'" else ' ') + newlines


def code_only(text):
	"""C without comments and without the contents of literals; line numbers stay the same."""
	return TOKEN.sub(_blank, text)


def declarations(text):
	"""C as code_only() leaves it, without its preprocessor lines."""
	return DIRECTIVE.sub(lambda m: '\n' * m.group(0).count('\n'), code_only(text))


def without_comments(text):
	"""C without comments; literals stay."""
	return TOKEN.sub(lambda m: _blank(m) if m.group(0)[0] == '/' else m.group(0), text)


def line_of(text, offset):
	return text.count('\n', 0, offset) + 1
