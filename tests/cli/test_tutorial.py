#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""docs/tutorial.md, done word for word: its shell blocks in a project, its blocks of C in their files. test_tutorial.py PROGRAM"""

import os
import subprocess
import sys
import tempfile

import markdown
import source
from project import Project
from command import Command
from tap import Tap

# Where what is new in a file goes: before the first line that begins so, else at its end.
BEFORE = ('const struct cor_resource', 'static const struct cor_case cases[]', '#endif')


def put(text, block):
	"""A block whose first line is in the file stands for what is there, up to its last line; any other is new."""
	lines, new = text.splitlines(), block.splitlines()
	if new[0] in lines:
		first = lines.index(new[0])
		last = lines.index(new[-1], first)
		return '\n'.join(lines[:first] + new + lines[last + 1:]) + '\n'
	at = next((i for begin in BEFORE for i, line in enumerate(lines) if line.startswith(begin)), len(lines))
	return '\n'.join(lines[:at] + new + [''] * (at < len(lines)) + lines[at:]) + '\n'


def run(project, script, folder):
	done = subprocess.run(['bash', '-euo', 'pipefail', '-c', script], cwd=folder, capture_output=True, text=True, timeout=120,
		env={**project.environment, 'PATH': project.build_tree + ':' + os.environ['PATH']})
	return done.returncode, done.stdout + done.stderr


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		project = Project(Command(sys.argv[1]), folder)
		subprocess.run(['rm', '-r', project.folder], check=True)
		is_new, said = True, ''
		for block in markdown.blocks(source.read('docs/tutorial.md')):
			if block.marker == 'put':
				project.write(block.argument, put(project.read(block.argument), block.text))
			elif block.marker == 'project':
				status, out = run(project, block.text, folder if is_new else project.folder)
				tap.check(f'line {block.line}: {block.text.split(chr(10))[0]}', [] if status == 0 else [f'status {status}', out])
				is_new, said = False, said + out
		wanted = ('compatible  GET /books: answer 200 /books[]/year: is new', 'change_book', 'test_reviews  4 passed')
		tap.check('it says what the page says', [f'nobody says {text!r}: {said}' for text in wanted if text not in said])
	tap.done()


main()
