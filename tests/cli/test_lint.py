#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle lint: what each analyser finds, what is known, and what other tools read. test_lint.py PROGRAM"""

import concurrent.futures
import json
import os
import re
import shutil
import sys
import tempfile
import time

from command import Command, told
from project import Project
from tap import Tap

BAD = '''#include "service/bad.h"

#include <stdlib.h>
#include <unistd.h>

/* sleep(1) in a comment, and "system(" in a text */
const char *words = "system(1)";

int wait_a_bit(const struct bad *bad, const char *text)
{
	char *copy = malloc(10);
	int n = 10 / atoi(text);

	sleep(1); // not NOLINT
	usleep(1); // NOLINT: once
	bad->sleep(1);
	if (copy == NULL && n == 3)
		return copy[0];
	return n;
}
'''.replace(' // not NOLINT', '')
HEADER = '''#ifndef BAD_H
#define BAD_H

struct bad {
	void (*sleep)(int s);
};
extern const char *words;
int wait_a_bit(const struct bad *bad, const char *text);

#endif
'''
MACROS = '''#include <stdlib.h>

#include <coracle/testing.h>

#include "resources/book.h"

int weigh(int64_t id, const char *name);
COR_MOCK(int, weigh, (int64_t, id), (const char *, name));
void send_it(double price, struct cor_str to, bool is_express);
COR_MOCK_VOID(send_it, (double, price), (struct cor_str, to), (bool, is_express));

extern const struct cor_upstream books;
struct shelf_of_books {
	struct book book;
	cor_array(struct book) others;
};
static const struct cor_field fields[] = {
	COR_OBJECT(struct shelf_of_books, book, book_schema),
	COR_OBJECT_ARRAY(struct shelf_of_books, others, book_schema),
};
COR_LOCAL_SCHEMA(shelf_of_books_schema, struct shelf_of_books, fields);

int ask(struct cor_ctx *ctx, struct shelf_of_books *ret);
int ask(struct cor_ctx *ctx, struct shelf_of_books *ret)
{
	int status;
	int rc = cor_http_get(ctx, &books, shelf_of_books_schema, ret, COR_PATH("/shelf/{}", 1),
		.ret_status = &status, .expects = { 404 });

	return rc < 0 ? rc : status;
}

void is_added(struct cor_test *t);
void is_added(struct cor_test *t)
{
	char *copy = malloc(10);
	struct book book = { 0 };
	struct book_added added;

	cor_mock_returns(t, weigh, 1, 2);
	cor_test_post(t, "/books", book_schema, &book, book_added_schema, &added, .status = 201);
	cor_expect_equal(t, added.location, "/books/1");
	if (copy)
		copy[0] = 'x';
}
'''
PATH = 'main/service/bad.c'
LINE = re.compile(r'^(\S+?):(\d+):(\d+): (note|warning|error): (.*) \[([\w-]+): (.*)\]$')
OWN = ('lint', '--tools', 'coracle')


def findings(out):
	return [LINE.match(line).groups() for line in out.splitlines()]


def differs(what, got, wanted):
	return [] if got == wanted else [f'{what}: {got!r}, not {wanted!r}']


def the_scaffold_is_clean(project):
	done = project.run('lint')
	found = told(done, 0, '0 findings: coracle 0, gcc 0, clang-tidy 0, cppcheck 0') + differs('output', done[1], '')
	return found + ([f'a file is given up: {done[2]}'] if 'does not get through' in done[2] else [])


def cppcheck_reads_our_macros(project):
	"""Those with _Generic, and mocks: it gave their files up."""
	project.write('test/service/test_macros.c', MACROS)
	done = project.run('lint', 'test/service/test_macros.c')
	os.remove(project.path('test/service/test_macros.c'))
	found = told(done, 1) + ([f'it is given up: {done[2]}'] if 'does not get through' in done[2] else [])
	wanted = {('gcc', 'analyzer-malloc-leak'), ('clang-tidy', 'clang-analyzer-unix.Malloc'), ('cppcheck', 'memleak')}
	return found + differs('findings', {each[5:] for each in findings(done[1])}, wanted)


def runs(done):
	"""What it runs of the analysers, as -v says: (tool, what of its line is the source's path or paths)"""
	lines = [line[2:].split() for line in done[2].splitlines() if line.startswith('+ ')]
	called = {'env': lambda words: (words[3], os.path.basename(words[-1])), 'clang-tidy': lambda words: (words[0], os.path.basename(words[-1])),
		'cppcheck': lambda words: (words[0], '')}
	return sorted(called[words[0]](words) for words in lines if words[0] in called and '-M' not in words and '--version' not in words)


def what_is_as_it_was_is_not_run_again(project):
	"""Bytes count, of sources, headers and what configures a tool; not times."""
	project.run('lint')
	os.utime(project.path('main/main.c'))
	found = differs('the same', runs(project.run('lint', '-v')), [])
	bad = 'static inline int third(const int *text)\n{\n\treturn text ? 0 : text[3];\n}\n'
	project.replace('main/util/text.h', '#endif', f'{bad}\n#endif')
	first = project.run('lint', '-v')
	of = {name for tool, name in runs(first) if tool == 'gcc'}
	found += differs('with that header', of >= {'text.c', 'test_text.c'} and 'main.c' not in of, True)
	again = project.run('lint', '-v')
	found += told(again, 1, 'cppcheck 1') + differs('again', (again[1], runs(again)), (first[1], []))
	project.write('main/util/.clang-tidy', 'Checks: "-*,clang-analyzer-*"\nInheritParentConfig: false\n')
	found += differs('another .clang-tidy', runs(project.run('lint', '-v')), [('clang-tidy', 'text.c')])
	kept = os.path.join(project.path('build/lint'), next(n for n in os.listdir(project.path('build/lint')) if n.startswith('cppcheck')))
	os.truncate(kept, os.path.getsize(kept) // 2)
	found += differs('a broken file', ('cppcheck', '') in runs(project.run('lint', '-v')), True)
	os.remove(project.path('main/util/.clang-tidy'))
	project.replace('main/util/text.h', bad + '\n', '')
	return found + told(project.run('lint'), 0)


def a_header_of_the_analyser_counts(project):
	"""gcc never sees it; clang-tidy does, and what clang says of it."""
	if not shutil.which('clang'):
		return []
	path, only = 'main/service/only.c', 'main/service/only.h'
	project.write(path, '#ifdef __clang_analyzer__\n#include "service/only.h"\n#endif\n\nextern int only;\nint only;\n')
	project.write(only, 'extern int one;\n')
	lint = 'lint', '--tools', 'gcc,clang-tidy', '-v', path
	found = differs('at first', runs(project.run(*lint)), [('clang-tidy', 'only.c'), ('gcc', 'only.c')])
	found += differs('the same', runs(project.run(*lint)), [])
	project.write(only, 'static inline int one(const int *text)\n{\n\treturn text ? 0 : text[3];\n}\n')
	found += differs('with another', runs(project.run(*lint)), [('clang-tidy', 'only.c')])
	for name in (path, only):
		os.remove(project.path(name))
	return found


def what_nobody_uses_goes(project):
	"""Of flags and sources that were other, after 30 days; what is used stays, however old its findings are, and so do other files."""
	folder = project.path('build/lint')
	old, month = time.time() - 40 * 86400, time.time() - 20 * 86400
	names = {f'gcc-{"0" * 32}': old, f'clang-tidy-{"a1" * 16}.77.new': old, f'gcc-{"1" * 32}': month, 'gcc-notes': old, f'{"0" * 32}': old}
	project.run('lint')
	for name in os.listdir(folder):
		os.utime(os.path.join(folder, name), (old, old))
	for name, when in names.items():
		project.write(f'build/lint/{name}', 'x')
		os.utime(os.path.join(folder, name), (when, when))
	with concurrent.futures.ThreadPoolExecutor() as pool:
		both = [pool.submit(project.run, 'lint', '-v') for _ in range(2)]
	found = [text for each in both for text in told(each.result(), 0) + differs('the same', runs(each.result()), [])]
	left = {name: os.stat(os.path.join(folder, name)).st_mtime for name in os.listdir(folder)}
	found += differs('what is left', set(left) & set(names), set(list(names)[2:]))
	found += [f'{name} is not used' for name in set(left) - set(names) if left[name] < month]
	found += differs('the same again', runs(project.run('lint', '-v')), [])
	for name in names:
		if os.path.exists(os.path.join(folder, name)):
			os.remove(os.path.join(folder, name))
	return found


def what_is_wrong_is_left_out_of_gcc(project):
	"""By NOLINT, as of clang-tidy, if it is about that rule."""
	leak = '{{\n\tchar *copy = malloc(1);\n\n\tif (copy)\n\t\tcopy[0] = 0;\n\t{}return copy != NULL;{}\n}}\n'
	marks = (('', ''), ('', ' // NOLINT: why'), ('/* NOLINTNEXTLINE(analyzer-*): why */\n\t', ''), ('', ' // NOLINT(bugprone-*)'),
		('', ' // NOLINT(bugprone-*, analyzer-malloc-leak)'), ('/* NOLINTNEXTLINE */\n\n\t', ''))
	path = 'main/service/leaks.c'
	project.write(path, '#include <stdlib.h>\n' + ''.join(f'int leak{i}(void);\nint leak{i}(void)\n' + leak.format(*mark)
		for i, mark in enumerate(marks)))
	done = project.run('lint', '--tools', 'gcc', path)
	lines = project.read(path).splitlines()
	os.remove(project.path(path))
	functions = [sum(each.endswith('(void)') for each in lines[:int(line)]) - 1 for _, line, *_ in findings(done[1])]
	return told(done, 1) + differs('found in', functions, [0, 3, 5])


def each_finds_its_own(project):
	project.write(PATH, BAD)
	project.write('main/service/bad.h', HEADER)
	done = project.run('lint', '--sarif', 'build/out/lint.sarif', '--sonar', 'build/out/lint.json')
	found = told(done, 1)
	rules = {(tool, rule) for path, _, _, _, _, tool, rule in findings(done[1]) if path == PATH}
	wanted = {('coracle', 'blocks'), ('coracle', 'guesses'), ('gcc', 'analyzer-malloc-leak'), ('gcc', 'analyzer-null-dereference'),
		('clang-tidy', 'clang-analyzer-core.NullDereference'), ('cppcheck', 'memleak')}
	found += [f'nobody finds {each}: {done}' for each in wanted - rules]
	lines = [int(line) for _, line, *_ in findings(done[1])]
	found += differs('order', lines, sorted(lines))
	return found + sarif(json.loads(project.read('build/out/lint.sarif'))) + sonar(json.loads(project.read('build/out/lint.json')))


def sarif(said):
	runs = {run['tool']['driver']['name']: run for run in said['runs']}
	found = differs('SARIF', (said['version'], sorted(runs)), ('2.1.0', ['clang-tidy', 'coracle', 'cppcheck', 'gcc']))
	result = next(r for r in runs['coracle']['results'] if r['ruleId'] == 'guesses')
	place = result['locations'][0]['physicalLocation']
	found += differs('place', (place['artifactLocation']['uri'], place['region'], result['level'], result['baselineState']),
		(PATH, {'startLine': 12, 'startColumn': 15}, 'warning', 'new'))
	for run in runs.values():
		known = {rule['id'] for rule in run['tool']['driver']['rules']}
		found += [f'{r["ruleId"]} is no rule' for r in run['results'] if r['ruleId'] not in known]
	return found


def sonar(said):
	rules = {rule['id']: rule for rule in said['rules']}
	issue = next(i for i in said['issues'] if i['ruleId'] == 'memleak')
	found = differs('Sonar', (issue['primaryLocation']['filePath'], rules['memleak']['engineId'], rules['memleak']['impacts'],
		rules['memleak']['cleanCodeAttribute']), (PATH, 'cppcheck', [{'softwareQuality': 'RELIABILITY', 'severity': 'HIGH'}], 'CONVENTIONAL'))
	return found + [f'{i["ruleId"]} is no rule' for i in said['issues'] if i['ruleId'] not in rules]


def of_another_build(project):
	"""Its flags change nothing, and what is not C is nobody's."""
	project.write('main/service/fast.S', '.globl fast\n')
	with open(project.path('compile_commands.json')) as file:
		entry = next(each for each in json.load(file) if each['file'].endswith(PATH))
	words = entry.get('arguments') or entry['command'].split()
	entry['arguments'] = words[:1] + ['-Werror', '-Werror=format', '-fdiagnostics-color=always'] + words[1:]
	entry.pop('command', None)
	other = dict(entry, file=entry['file'].replace('bad.c', 'fast.S'))
	project.write('build/other/commands.json', json.dumps([entry, other]))
	done = project.run('lint', '--tools', 'gcc,cppcheck', '--commands', 'build/other/commands.json', PATH)
	fast = project.run('lint', '--tools', 'cppcheck', '--commands', 'build/other/commands.json')
	got = {(severity, tool, rule) for _, _, _, severity, _, tool, rule in findings(done[1])}
	found = told(done, 1) + ([] if ('warning', 'gcc', 'analyzer-malloc-leak') in got else [f'gcc finds nothing: {done}'])
	return found + ([f'assembler is read: {fast}'] if 'fast.S' in fast[2] else [])


def a_folder_that_is_relative(project):
	"""Sources are found, and changes of them seen, wherever the command is called: here from outside, by -C."""
	project.write('apart/zero.c', 'int zero(int a);\nint zero(int a)\n{\n\treturn a / (1 - 1);\n}\n')
	project.write('apart/commands.json', json.dumps([{'directory': '.', 'file': 'apart/zero.c', 'command': 'cc -c apart/zero.c'}]))
	asked = 'lint', '--tools', 'gcc', '--commands', 'apart/commands.json'
	found = told(project.run(*asked), 1) + told(project.run(*asked), 1)
	project.replace('apart/zero.c', '(1 - 1)', '(2 - 1)')
	found += told(project.run(*asked), 0)
	project.replace('apart/zero.c', '(2 - 1)', '(1 - 1)')
	found += told(project.run(*asked), 1)
	shutil.rmtree(project.path('apart'))
	return found


def own_rules(project):
	"""Calls, and nothing that looks like one; of tests none, of what is only called like them all."""
	project.write('test/asleep.c', '#include <unistd.h>\n\nvoid doze(void);\nvoid doze(void)\n{\n\tsleep(1);\n}\n')
	with open(project.path('compile_commands.json'), encoding='utf-8') as file:
		entry = json.load(file)[0]
	os.makedirs(project.path('tester'))
	shutil.copy(project.path('test/asleep.c'), project.path('tester/asleep.c'))
	project.write('build/other/own.json', json.dumps([dict(entry, file=f'{name}/asleep.c') for name in ('test', 'tester')]))
	done = project.run('lint', '--tools', 'coracle', '--commands', 'build/other/own.json')
	wrong = differs('like a test', [path for path, *_ in findings(done[1])], ['tester/asleep.c'])
	os.remove(project.path('test/asleep.c'))
	done = project.run(*OWN)
	got = [(int(line), rule) for _, line, _, _, _, _, rule in findings(done[1])]
	return wrong + told(done, 1, '2 findings: coracle 2', 'call cor_sleep_ms()') + differs('findings', got, [(12, 'guesses'), (14, 'blocks')])


def places_are_uris(project):
	"""Names of files are bytes, and a URI has none but some."""
	name = 'main/service/f\u00fcr#1.c'
	project.write(name, '#include <stdlib.h>\n\nint number(const char *text);\nint number(const char *text)\n{\n\treturn atoi(text);\n}\n')
	found = told(project.run('lint', '--tools', 'coracle', '--sarif', 'build/out/uri.sarif'), 1)
	os.remove(project.path(name))
	results = json.loads(project.read('build/out/uri.sarif'))['runs'][0]['results']
	uris = [result['locations'][0]['physicalLocation']['artifactLocation'] for result in results]
	return found + ([] if {'uri': 'main/service/f%C3%BCr%231.c', 'uriBaseId': 'SRCROOT'} in uris else [f'{uris}'])


def what_is_known(project):
	"""By the text of its line, wherever that goes; another one like it is new."""
	done = project.run(*OWN, '--write-baseline', '--json', '--sarif', 'build/out/known.sarif')
	found = told(done, 0, 'has 2 findings')
	found += differs('known at once', [each['known'] for each in json.loads(done[1])['findings']], [True, True])
	found += [] if os.path.exists(project.path('build/out/known.sarif')) else ['no SARIF with --write-baseline']
	done = project.run('lint', '--tools', 'cppcheck')  # what others found is not gone
	found += [f'{done}'] if 'no more' in done[2] else []
	done = project.run(*OWN, '--omit', PATH)
	found += [f'{done}'] if 'no more' in done[2] else []
	found += told(project.run(*OWN), 0, '2 findings, 0 of them new')
	project.write(PATH, BAD.replace('#include <stdlib.h>', '\n\n#include <stdlib.h>').replace('\tsleep(1);', '\t\tsleep(1);\n\tsleep(1);'))
	done = project.run(*OWN, '--json')
	found += told(done, 1, '3 findings, 1 of them new')
	found += differs('known', [each['known'] for each in json.loads(done[1])['findings']], [True, True, False])
	project.write(PATH, '')
	found += told(project.run(*OWN), 0, '2 findings of', 'are no more')
	project.write('bad.json', '{}')
	return found + told(project.run(*OWN, '--baseline', 'bad.json'), 65, 'bad.json is no baseline')


def what_is_no_text(project):
	"""A source in another coding, which a tool cites."""
	path = 'main/service/old.c'
	with open(project.path(path), 'wb') as file:
		file.write(b'#warning "caf\xe9"\nextern int old;\nint old;\n')
	done = project.run('lint', path, '--tools', 'gcc', '--json')
	os.remove(project.path(path))
	return told(done, 1) + differs('message', [each['message'] for each in json.loads(done[1])['findings']], ['#warning "caf?"'])


def errors_of_a_header(project):
	"""gcc fails on each source that includes it; it is told once, and is none of the others."""
	header = '#ifndef W_H\n#define W_H\nstatic inline int w(int n) { return n + idle; }\nint w1(int n);\nint w2(int n);\n#endif\n'
	project.write('main/service/w.h', header)
	for i in (1, 2):
		project.write(f'main/service/w{i}.c', f'#include "service/w.h"\n\nint w{i}(int n)\n{{\n\treturn w(n);\n}}\n')
	gcc = ('lint', '--tools', 'gcc', '--include')
	found = told(project.run(*gcc, 'main/service/w*'), 1, 'main/service/w.h:3:41: error: ', '2 findings: gcc 2')
	found += told(project.run(*gcc, 'main/service/w1.c'), 0, '0 findings: gcc 0')
	for name in ('w.h', 'w1.c', 'w2.c'):
		os.remove(project.path('main/service/' + name))
	return found


def what_is_not_there(project, command):
	"""A PATH without clang-tidy and cppcheck."""
	folder = project.path('build/tools')
	os.makedirs(folder)
	for name in ('make', 'gcc', 'cc', 'ar', 'ld', 'as', 'sh', 'env', 'pkg-config', 'find', 'mkdir', 'rm', 'sed', 'printf', 'sort'):
		os.symlink(f'/usr/bin/{name}', os.path.join(folder, name))
	found = told(project.run('lint', 'nope'), 66, 'no source of compile_commands.json fits nope')
	found += told(project.run('lint', 'main/main.c', PATH=folder), 0, 'clang-tidy is not there', 'install the package cppcheck')
	found += told(project.run('lint', '--tools', 'cppcheck', PATH=folder), 69, 'cppcheck is not there: install')
	return found + told(project.run('lint', '--tools', 'lint'), 64, '--tools lint: they are coracle, gcc, clang-tidy and cppcheck')


def main():
	tap = Tap()
	if not shutil.which('clang-tidy') or not shutil.which('cppcheck'):
		tap.skip('coracle lint', 'clang-tidy or cppcheck is missing: make deps-lint')
	else:
		with tempfile.TemporaryDirectory() as folder:
			command = Command(sys.argv[1])
			project = Project(command, folder)
			for check in (the_scaffold_is_clean, what_is_wrong_is_left_out_of_gcc, what_is_as_it_was_is_not_run_again, a_header_of_the_analyser_counts, what_nobody_uses_goes, cppcheck_reads_our_macros, what_is_no_text, errors_of_a_header, each_finds_its_own, of_another_build, a_folder_that_is_relative, own_rules, places_are_uris, what_is_known):
				tap.check(check.__name__.replace('_', ' '), check(project))
			tap.check('what is not there', what_is_not_there(project, command))
	tap.done()


main()
