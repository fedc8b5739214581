#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
A new user's first minutes, as a transcript: what is typed, what must be seen.  test_transcript.py [PROGRAM]

Without a program it is the `coracle` of PATH, as installed: so it runs on a bare Debian (make bare).
"""

import os
import shutil
import sys
import tempfile
import time

from command import Command, told
from dev import Dev
from project import Project, until
from tap import Tap

BOOKS = 'main/controller/books.c'


class User:
	"""Types commands in the project, and looks whether they say what they should."""

	def __init__(self, command, folder):
		self.command, self.folder, self.began = command, folder, time.monotonic()

	def types(self, line, status, *said, cwd=None):
		print(f'# {time.monotonic() - self.began:6.1f} s  $ {line}', flush=True)
		return told(self.command.run(*line.split()[1:], cwd=cwd or os.path.join(self.folder, 'shop')), status, *said)


def makes_a_project(user):
	found = user.types('coracle new shop', 0, 'shop is made. Next:', 'coracle test', 'coracle dev', cwd=user.folder)
	return found + user.types('coracle test', 0, 'test/controller/test_books', ' passed in ')


def looks_around(dev):
	"""The books, and the page of the documentation."""
	found = [] if dev.ask('/books')[::2] == (200, '{"books":[]}') else [dev.ask('/books')]
	status, head, page = dev.ask('/docs')
	found += [] if status == 200 and head['Content-Type'].startswith('text/html') and 'swagger' in page else [f'/docs: {status} {head}']
	status, head, _ = dev.ask('/books', {'Content-Type': 'application/json'}, 'POST', '{"title":"Emma","author":"Jane Austen"}')
	return found + ([] if (status, head.get('Location')) == (201, '/books/1') else [f'POST: {status} {head}'])


def changes_a_line(project, dev):
	"""The new answer comes by itself."""
	project.replace(BOOKS, '"no book %', '"there is no book %')
	until(lambda: 'there is no book 9' in dev.ask('/books/9')[2])
	return []


def breaks_a_line(project, dev):
	"""The page says where, and shows it; who is no browser has the answer from before; mended, it is as it was."""
	line = project.read(BOOKS)[:project.read(BOOKS).index('cor_timed(ctx);')].count('\n') + 1
	project.replace(BOOKS, 'cor_timed(ctx);', 'cor_timed(ctx) oops;')
	until(lambda: dev.page()[0] == 503)
	wanted = (f'{BOOKS}:{line}', 'oops', 'error')
	page = dev.page()[2]
	found = [f'the page lacks {text!r}' for text in wanted if text not in page]
	found += [] if dev.ask('/books')[0] == 200 else [f'others get {dev.ask("/books")[0]}']
	found += [] if f'{BOOKS}:{line}' in dev.said else ['the terminal does not say where']
	project.replace(BOOKS, 'cor_timed(ctx) oops;', 'cor_timed(ctx);')
	until(lambda: dev.page()[0] == 200)
	return found


def tests_it(project, user):
	"""The test says where, and what was said in place of what; once it wants what is meant, it passes."""
	found = user.types('coracle test', 1, 'test/controller/test_books.c:', 'is     there is no book 1', 'wanted no book 1')
	project.replace('test/controller/test_books.c', '"no book', '"there is no book')
	return found + user.types('coracle test -k books', 0, ' passed')


def looks_further(user):
	found = user.types('coracle routes', 0, '/books/{id}', 'add_book')
	found += user.types('coracle cover', 0, 'main/controller/books.c', 'TOTAL')
	found += user.types('coracle deploy --check', 0)
	found += user.types('coracle doctor', 0, 'compiler', 'coracle')
	return found + user.types('coracle tset', 64, 'test')


def main():
	tap, program = Tap(), (sys.argv[1:] or [shutil.which('coracle')])[0]
	with tempfile.TemporaryDirectory() as folder:
		user = User(Command(program), folder)
		if sys.argv[1:]:
			user.command.environment['PKG_CONFIG_PATH'] = os.path.join(os.path.dirname(os.path.abspath(program)), 'meson-uninstalled')
		tap.check('makes a project, whose tests pass', makes_a_project(user))
		project = Project.__new__(Project)
		project.command, project.folder, project.environment = user.command, os.path.join(folder, 'shop'), user.command.environment
		with Dev(project, '--no-tests') as dev:
			dev.says('serves http://')
			tap.check('looks around', looks_around(dev))
			tap.check('changes a line', changes_a_line(project, dev))
			tap.check('breaks a line', breaks_a_line(project, dev))
		tap.check('tests it', tests_it(project, user))
		tap.check('looks further', looks_further(user))
		tap.figure(f'a new user\'s first commands: {time.monotonic() - user.began:.0f} s of this machine')
	tap.done()


main()
