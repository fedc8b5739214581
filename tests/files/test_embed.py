#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What coracle-embed makes of folders that nobody foresaw. usage: test_embed.py COMPILER INCLUDE"""

import os
import shutil
import subprocess
import sys
import tempfile

from cases import equal, run

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tools', 'coracle-embed')
MAIN = '''
#include <stdio.h>
#include <string.h>
int main(void)
{
	for (size_t i = 0; i < page_files.len; i++)
		printf("%s=%.*s;", page_files.items[i].name, (int)page_files.items[i].len, (const char *)page_files.items[i].bytes);
	return 0;
}
'''


def write(top, name, data):
	path = os.path.join(os.fsencode(top), b'page', name if isinstance(name, bytes) else name.encode())
	os.makedirs(os.path.dirname(path), exist_ok=True)
	with open(path, 'wb') as file:
		file.write(data)
	return path


def embed(top):
	"""What it says, and the rule that it writes."""
	done = subprocess.run([sys.executable, TOOL, 'page', 'page.c', 'page_files', 'page.d'], cwd=top, capture_output=True, check=False)
	assert done.returncode == 0, done.stderr.decode()
	with open(f'{top}/page.d', 'rb') as file:
		return done.stderr.decode(), file.read()


def embedded(top):
	"""What a program has in it."""
	with open(f'{top}/page.c', 'a', encoding='utf-8') as file:
		file.write(MAIN)
	subprocess.run([*sys.argv[1].split(), '-I', sys.argv[2], 'page.c', '-o', 'page-program'], cwd=top, check=True)
	return subprocess.run([f'{top}/page-program'], capture_output=True, check=True).stdout


def test_place_of_the_checkout_is_not_written(top):
	write(top, 'css/deep/a.css', b'x')
	embed(top)
	with open(f'{top}/page.c', encoding='utf-8') as file:
		equal(top in file.read(), False)
	equal(embedded(top), b'css/deep/a.css=x;')


def test_names(top):
	for name in ('a$b.js', 'new\nline.txt', 'quo"te', 'per%cent', 'ü.txt', 'c:d', 'e#f', 'what??=', b'\xff.txt', 'back\\slash', '.hidden'):
		write(top, name, b'x')
	embed(top)
	equal(embedded(top), 'a$b.js=x;c:d=x;e#f=x;new\nline.txt=x;per%cent=x;quo"te=x;what??==x;ü.txt=x;'.encode())


def test_new_files_are_noticed(top):
	write(top, 'index.html', b'top')
	write(top, 'css/deep/a b.css', b'x')
	with open(f'{top}/build.ninja', 'w', encoding='utf-8') as file:
		file.write(f'rule embed\n  command = {sys.executable} {TOOL} page page.c page_files page.d\n  depfile = page.d\n'
			'build page.c: embed\n')

	def made():
		return 'no work to do' not in subprocess.run(['ninja'], cwd=top, capture_output=True, check=True).stdout.decode()

	equal((made(), made()), (True, False))
	write(top, 'css/deep/new.css', b'y')
	equal((made(), made()), (True, False), 'a new file')
	assert b'css/deep/new.css=y;' in embedded(top)
	os.remove(f'{top}/page/css/deep/new.css')
	equal((made(), made()), (True, False), 'one less')


def test_stale_siblings(top):
	for name, sibling, age_ns in (('old.js', b'old', 10**9), ('empty.js', b'', 0), ('good.js', b'good', 0), ('brotli.js', b'whole', 5)):
		path = write(top, name, b'x')
		os.utime(path, ns=(1700000000 * 10**9 + 5, 1700000000 * 10**9 + 5))
		beside = write(top, name + '.br', sibling)
		os.utime(beside, ns=(1700000000 * 10**9 + 5 - age_ns, 1700000000 * 10**9 + 5 - age_ns))
	said, _ = embed(top)
	equal(sorted(line.split()[1] for line in said.splitlines()), ['page/empty.js.br', 'page/old.js.br'], said)
	equal(embedded(top), b'brotli.js=x;brotli.js.br=whole;empty.js=x;good.js=x;good.js.br=good;old.js=x;')


def fresh(function):
	def around():
		with tempfile.TemporaryDirectory() as top:
			function(top)
	return around


if __name__ == '__main__':
	module = sys.modules[__name__]
	if not shutil.which('ninja'):
		del test_new_files_are_noticed
	for each in [name for name in dir(module) if name.startswith('test_')]:
		setattr(module, each, fresh(getattr(module, each)))
	run(module).done()
