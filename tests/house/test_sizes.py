#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Print the lengths of functions and files, and refuse what is too long or too wide."""

import re

import source
from tap import Tap

FUNCTION_MAX, FUNCTION_LONG = 80, 60
COLUMNS, TAB = 100, 8
FILE_MAX, PUBLIC_HEADER_LONG = 720, 350
GENERATED = re.compile(r'\b(made|generated) by\b', re.I)
ATTRIBUTE = re.compile(r'__attribute__\s*\(\(.*?\)\)', re.S)
HEAD = re.compile(r'(\w+)\s*\([^;{}]*\)\s*$')
LITERAL = re.compile(r'"(?:\\.|[^"\\])*"')


def functions(text):
	"""(name, first line, last line) of each function, found by its braces."""
	text = source.declarations(text)
	found, depth, since, name, begin = [], 0, 0, None, 0
	for match in re.finditer(r'[{};]', text):
		at, sign = match.start(), match.group(0)
		before = text[since:at]
		if sign == '{' and depth == 0:
			head = HEAD.search(ATTRIBUTE.sub(' ', before))
			name, begin = head and head.group(1), at - len(before.lstrip())
		if sign == '{':
			depth += 1
		elif sign == '}':
			depth -= 1
			if depth == 0 and name:
				found.append((name, source.line_of(text, begin), source.line_of(text, at)))
		if depth == 0:
			since = match.end()
	return found


def wide_lines(path):
	"""Lines wider than COLUMNS. String literals are not broken, so their contents do not count."""
	for number, line in enumerate((source.read(path) or '').splitlines(), 1):
		text = line if line.lstrip().startswith(('*', '/*')) else LITERAL.sub('""', line)
		if len(text.expandtabs(TAB)) > COLUMNS:
			yield f'{path}:{number}: {len(line.expandtabs(TAB))} columns'


def share(values, part):
	ordered = sorted(values)
	return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0


def figures(what, values):
	return f'{what}: {len(values)}, median {share(values, 0.5)}, p90 {share(values, 0.9)}, max {max(values, default=0)} lines'


SAMPLE = '''
struct point {
	int x;
};
static const int table[] = { 1, 2 };
__attribute__((noinline)) static int
first(int a)
{
	if (a) {
		return '}';
	}
	return 0; /* } */
}
#define LOOP(x) \\
	do { x } while (0)

int second(void) { return first("}"[0]); }
'''


def self_check():
	seen = functions(SAMPLE)
	return [] if seen == [('first', 6, 13), ('second', 17, 17)] else [str(seen)]


def measure(paths):
	lengths, files = {}, {}
	for path in paths:
		text = source.read(path) or ''
		if GENERATED.search(text[:300]):
			continue
		files[path] = text.count('\n')
		for name, first, last in functions(text):
			lengths[f'{path}:{first} {name}'] = last - first + 1
	return lengths, files


def main():
	tap = Tap()
	code = [p for p in source.tracked() if p.endswith(('.c', '.h'))]
	ours = [p for p in code if p.startswith(('src/', 'include/'))]
	tap.check('the counter counts', self_check())
	for what, paths in (('library', ours), ('tests, examples and bench', sorted(set(code) - set(ours)))):
		lengths, files = measure(paths)
		tap.figure(figures(f'{what}: functions', list(lengths.values())))
		tap.figure(figures(f'{what}: files', list(files.values())))
		for name, length in sorted(lengths.items(), key=lambda item: -item[1]):
			if length > FUNCTION_LONG:
				tap.figure(f'over {FUNCTION_LONG} lines: {name}: {length}')
		for path, length in files.items():
			if path.startswith('include/') and length > PUBLIC_HEADER_LONG:
				tap.figure(f'a public header over {PUBLIC_HEADER_LONG} lines: {path}: {length}')
		tap.check(f'{what}: no function over {FUNCTION_MAX} lines',
			[f'{name}: {length}' for name, length in lengths.items() if length > FUNCTION_MAX])
		tap.check(f'{what}: no file over {FILE_MAX} lines',
			[f'{path}: {length}' for path, length in files.items() if length > FILE_MAX])
	tap.check(f'no line over {COLUMNS} columns',
		[line for path in code for line in wide_lines(path)])
	tap.done()


main()
