#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Each header compiles alone, and included twice: as C, and the public ones as C++ too. The build has compiled those that some source
of the library includes first; the others are compiled here. With clang the public ones are compiled together, in two rounds: which
of them a header includes does not depend on the compiler. What users write with them compiles in the strict dialects, where GNU C's
keywords have no meaning and extensions of ISO C are errors.
"""

import re
import shutil

import compiler
import markdown
import source
from tap import Tap


def twice(name, system):
	line = f'#include <{name}>\n' if system else f'#include "{name}"\n'
	return line * 2


GUARD = re.compile(r'^#ifndef (\w+)\n#define \1$', re.M)
FIRST = re.compile(r'^#[ \t]*include[ \t]+["<]([^">]+)', re.M)


def without_guard(path):
	"""What keeps a header from being included twice comes before everything else in it."""
	first = re.search(r'^#', text := source.read(path), re.M)
	return [] if first and GUARD.match(text, first.start()) else ['it has no #ifndef and #define at its start']


def included_first():
	sources = [p for p in source.tracked() if p.startswith('src/') and p.endswith('.c')]
	return {found.group(1) for found in map(FIRST.search, map(source.read, sources)) if found}


def check_alone(tap, what, command, headers, system):
	for name, found in compiler.in_parallel(lambda n: compiler.complaints(command, twice(n, system)), headers):
		tap.check(f'{name} alone in {what}', found)


def strict_programs():
	"""Programs that use what the headers declare: a macro is compiled only when it is used."""
	readme = next(b.text for b in markdown.blocks(source.read('README.md')) if b.language == 'c')
	good = {name: source.read('tests/compile-fail/' + name)
		for name in ('good_tables.c', 'group_of_another_argument.c', 'map_of_another_item.c')}
	return {'README.md': readme, **good}


def check_strict(tap):
	for name in ('gcc', 'clang'):
		if not shutil.which(name):
			tap.skip(f'strict C with {name}', 'not installed')
			continue
		for dialect in ('c11', 'c17'):
			for program, text in strict_programs().items():
				command = [name] + compiler.OPTIONS + [f'-std={dialect}', '-pedantic-errors'] + compiler.PUBLIC
				tap.check(f'{program} with {name} -std={dialect}', compiler.complaints(command, text))


CPLUSPLUS_GROUP = '''
#include <coracle/coracle.h>
struct call { int64_t id, cents; };
static int load(struct cor_ctx *, struct call *call) { call->cents = call->id; return 0; }
static int look(struct cor_ctx *, const struct call *call) { return call->cents < 0 ? -EINVAL : 0; }
int load_all(struct cor_ctx *ctx);
int load_all(struct cor_ctx *ctx)
{
	struct call calls[2] = {};
	struct cor_group group;
	cor_group_begin(&group, ctx, COR_ALL);
	cor_group_start(&group, load, &calls[0]);
	cor_group_start(&group, look, MISTAKE &calls[1]);
	int rc = cor_group_wait(&group);
	return rc < 0 ? rc : cor_map(ctx, load, calls, 2, nullptr);
}
'''


def check_group_in_cplusplus(tap, command):
	right, wrong = CPLUSPLUS_GROUP.replace('MISTAKE', ''), CPLUSPLUS_GROUP.replace('MISTAKE', '(int *)')
	tap.check(f'a group with {command[0]} -std=c++17', compiler.complaints(command, right))
	tap.check(f'a child of another type with {command[0]}', [] if compiler.complaints(command, wrong) else ['it compiles'])


def check_strict_cplusplus(tap):
	"""Tables are C only; handlers may be C++, as shown in docs/schema.md."""
	text = next(b.text for b in markdown.blocks(source.read('docs/schema.md')) if b.language == 'cpp')
	for name in ('g++', 'clang++'):
		if not shutil.which(name):
			tap.skip(f'strict C++ with {name}', 'not installed')
			continue
		command = [name, '-x', 'c++', '-std=c++17', '-pedantic-errors'] + compiler.WARNINGS + compiler.PUBLIC
		tap.check(f'a handler with {name} -std=c++17', compiler.complaints(command, text))
		check_group_in_cplusplus(tap, command)


def main():
	tap = Tap()
	headers = [p for p in source.tracked() if p.endswith('.h')]
	public = [p[len('include/'):] for p in headers if p.startswith('include/')]
	private = [p[len('src/'):] for p in headers if p.startswith('src/')]
	cplusplus, proven = compiler.cplusplus(), included_first()

	tap.check('each header has its guard', [f'{p}: {why}' for p in headers if p.startswith(('src/', 'include/')) for why in without_guard(p)])
	check_alone(tap, 'C', compiler.C + compiler.PUBLIC, [h for h in public if h not in proven], True)
	check_alone(tap, 'C', compiler.C + compiler.PRIVATE, [h for h in private if h not in proven], False)
	tap.check('sources of the library include their own header first', [] if len(proven) > len(private) / 2 else [f'only {len(proven)} do'])
	for command in filter(shutil.which, ('gcc', 'clang')):
		rounds = ''.join(f'#include <{n}>\n' for n in public) * 2
		tap.check(f'the public headers in C with {command}', compiler.complaints([command] + compiler.OPTIONS + compiler.PUBLIC, rounds))
	if not cplusplus:
		tap.skip('public headers in C++', 'no C++ compiler is installed')
	else:
		check_alone(tap, 'C++', cplusplus + compiler.PUBLIC, public, True)
	check_strict(tap)
	check_strict_cplusplus(tap)
	tap.check('a header that does not compile is noticed', [] if compiler.complaints(
		compiler.C + compiler.PUBLIC, '#include <coracle/nowhere.h>\n') else ['it is accepted'])
	tap.done()


main()
