#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
The documents tell the truth: C blocks compile, marked shell blocks run, links lead somewhere. CONTRIBUTING.md lists the
markers.
"""

import os
import re
import signal
import subprocess
import tempfile

import compiler
import markdown
import source
from tap import Tap

DOCS = re.compile(r'^(README\.md|docs/.*\.md)$')
RUN_SECONDS = 60
SYNTAX = re.compile(r'error: (expected|stray|missing|unterminated|invalid suffix)')
PARTIAL = ['-Wno-unused', '-Wno-unused-parameter', '-Wno-missing-prototypes']
FRAGMENT = '#include <coracle/coracle.h>\nvoid fragment(void);\nvoid fragment(void)\n{\n%s\n}\n'


def block_faults(block, text, folder):
	options = PARTIAL + compiler.PUBLIC + ['-I', folder]
	if block.marker != 'fragment':
		return compiler.complaints(compiler.C + options, text)
	said = compiler.complaints(compiler.GCC + options, FRAGMENT % text, lines=10000)
	return [line for line in said if SYNTAX.search(line)]


def units(text):
	"""Each block of C with the complete text that is compiled for it."""
	before = ''
	for block in markdown.blocks(text):
		if block.language == 'c' and block.marker != 'put':  # test_tutorial.py compiles it where it belongs
			unit = before + block.text if block.marker == 'continues' else block.text
			before = before if block.marker == 'fragment' else unit
			yield block, unit


def files(text):
	"""The files that the page's blocks of C are written to: {name: text}."""
	return {os.path.basename(block.argument): unit for block, unit in units(text)
		if block.marker in ('file', 'continues') and block.argument}


def c_faults(text):
	"""(line, complaints) of each C block that does not compile; where the next one continues it, both are compiled there."""
	found, blocks = [], list(units(text))
	with tempfile.TemporaryDirectory() as folder:
		for i, (block, unit) in enumerate(blocks):
			if block.marker in ('file', 'continues') and block.argument:
				with open(os.path.join(folder, os.path.basename(block.argument)), 'w') as file:
					file.write(unit)
			goes_on = block.marker != 'fragment' and blocks[i + 1:] and blocks[i + 1][0].marker == 'continues'
			faults = [] if goes_on else block_faults(block, unit, folder)
			found += [(block.line, faults)] if faults else []
	return found


def stop_group(process):
	try:
		os.killpg(process.pid, signal.SIGKILL)
	except ProcessLookupError:
		pass


def run_environment():
	"""Programs find the built library, by pkg-config and when they start."""
	return dict(os.environ, LD_LIBRARY_PATH=compiler.BUILD,
		PKG_CONFIG_PATH=os.path.join(compiler.BUILD, 'meson-uninstalled'))


def run_faults(script, written=None):
	"""
	Run a shell block in a folder with the tree's files, the page's, and the build folder as `build`; whatever it starts
	ends with it.
	"""
	with tempfile.TemporaryDirectory() as folder:
		for name in os.listdir(source.ROOT):
			if not name.startswith('build'):
				os.symlink(os.path.join(source.ROOT, name), os.path.join(folder, name))
		os.symlink(compiler.BUILD, os.path.join(folder, 'build'))
		for name, text in (written or {}).items():
			with open(os.path.join(folder, name), 'w') as file:
				file.write(text)
		with open(os.path.join(folder, '.output'), 'w+') as output:
			process = subprocess.Popen(['bash', '-euo', 'pipefail', '-c', script], cwd=folder, stdin=subprocess.DEVNULL,
				stdout=output, stderr=output, start_new_session=True, env=run_environment())
			try:
				status = process.wait(RUN_SECONDS)
			except subprocess.TimeoutExpired:
				status = f'none: still running after {RUN_SECONDS} s'
			finally:
				stop_group(process)
				process.wait()
			output.seek(0)
			return [] if status == 0 else [f'status {status}'] + output.read().splitlines()[-20:]


def link_faults(path, text, root=source.ROOT):
	found = []
	for link in markdown.links(text):
		if re.match(r'[a-z]+:', link):
			continue
		name, _, anchor = link.partition('#')
		target = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
		if not os.path.exists(os.path.join(root, target)):
			found.append(f'{link}: {target} does not exist')
		elif anchor and target.endswith('.md') and anchor not in markdown.anchors(source.read(target, root)):
			found.append(f'{link}: {target} has no heading for #{anchor}')
	return found


def repeated_rows(text):
	"""Links that start more than one row of the document's tables."""
	begun = re.findall(r'^\| *\[[^]]*\]\(([^)]*)\) *\|', text, re.M)
	return sorted({f'{link} has two rows' for link in begun if begun.count(link) > 1})


GOOD = '```c\nint a;\n```\n<!-- continues -->\n```c\nint *b = &a;\n```\n<!-- fragment -->\n```c\nx = f(y);\n```\n'
WRITTEN = '```c\nint a;\n```\n<!-- continues a.c -->\n```c\nint *b = &a;\n```\n'
BAD = {
	'a block that does not compile': '```c\nint a = b;\n```\n',
	'a continued block that does not compile': '```c\nint a;\n```\n<!-- continues -->\n```c\nint *b = a;\n```\n',
	'a fragment with broken syntax': '<!-- fragment -->\n```c\nx = f(y;\n```\n',
}


def self_check():
	found = [f'{name} is not noticed' for name, text in BAD.items() if not c_faults(text)]
	found += [f'good blocks are refused: {fault}' for fault in c_faults(GOOD)]
	found += [] if run_faults('sleep 100 & false') else ['a failing command is not noticed']
	found += run_faults('test -f Makefile && test -d build')
	found += run_faults('grep -c "^int" a.c | grep -qx 2', files(WRITTEN))
	found += [] if link_faults('README.md', '[a](docs/no-such-page.md)') else ['a dead link is not noticed']
	found += [] if link_faults('README.md', '[a](ARCHITECTURE.md#nothing)') else ['a dead anchor is not noticed']
	found += [] if repeated_rows('| [a](b) | c |\n| [a](b) | d |\n') else ['a repeated row is not noticed']
	return found + link_faults('docs/a.md', '[a](../ARCHITECTURE.md#public-headers)')


def check_document(tap, path):
	text = source.read(path)
	tap.check(f'{path}: links', link_faults(path, text) + repeated_rows(text))
	if not DOCS.match(path):
		return
	c_blocks = list(units(text))
	if c_blocks:
		tap.check(f'{path}: {len(c_blocks)} blocks of C compile',
			[f'line {line}: {said}' for line, faults in c_faults(text) for said in faults])
	for block in markdown.blocks(text):
		if block.marker == 'run':
			tap.check(f'{path}: line {block.line} runs', run_faults(block.text, files(text)))


def main():
	tap = Tap()
	for path in source.tracked():
		if path.endswith('.md'):
			check_document(tap, path)
	tap.check('faults of a document are noticed', self_check())
	tap.done()


if __name__ == '__main__':
	main()
