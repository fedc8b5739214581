#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Each header compiles alone, and included twice: as C, and the public ones as C++ too. What users write with them compiles in
the strict dialects, where GNU C's keywords have no meaning and extensions of ISO C are errors.
"""

import shutil

import compiler
import markdown
import source
from tap import Tap


def twice(name, system):
	line = f'#include <{name}>\n' if system else f'#include "{name}"\n'
	return line * 2


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
	cplusplus = compiler.cplusplus()

	for command in filter(shutil.which, ('gcc', 'clang')):
		for name, found in compiler.in_parallel(
				lambda n, c=command: compiler.complaints([c] + compiler.OPTIONS + compiler.PUBLIC, twice(n, True)), public):
			tap.check(f'<{name}> alone in C with {command}', found)
	for name, found in compiler.in_parallel(
			lambda n: compiler.complaints(compiler.C + compiler.PRIVATE, twice(n, False)), private):
		tap.check(f'"{name}" alone in C', found)
	if not cplusplus:
		tap.skip('public headers in C++', 'no C++ compiler is installed')
	else:
		for name, found in compiler.in_parallel(
				lambda n: compiler.complaints(cplusplus + compiler.PUBLIC, twice(n, True)), public):
			tap.check(f'<{name}> alone in C++', found)
	check_strict(tap)
	check_strict_cplusplus(tap)
	tap.check('a header that does not compile is noticed', [] if compiler.complaints(
		compiler.C + compiler.PUBLIC, '#include <coracle/nowhere.h>\n') else ['it is accepted'])
	tap.done()


main()
