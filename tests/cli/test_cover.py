#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle cover: the table, what it leaves out, and what other tools read. test_cover.py PROGRAM"""

import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

from command import Command, told
from project import Project
from tap import Tap

FARE = '''#include "service/fare.h"

int fare(int age)
{
	if (age < 0)
		return -1;
	if (age < 6) {
		return *"pragma: no cover" == 0;

	}
	if (age > 150) { // pragma: no cover
		return -1;
	} else {
		age++;
	}
	return age < 18 ? 100 : 200;
}

/* LCOV_EXCL_START */
int broken(void)
{
	return 1;
}
/* LCOV_EXCL_STOP */
'''
HEADER = '#ifndef FARE_H\n#define FARE_H\n\nint fare(int age);\nint broken(void);\n\n#endif\n'
TEST = '''#include "service/fare.h"

int main(void)
{
	return fare(30) == 200 && fare(-1) == -1 ? 0 : 1;
}
'''
CRASH = '''#include <coracle/testing.h>

#include "service/fare.h"

static void crashes(struct cor_test *t)
{
	(void)t;
	if (fare(5) == 0)
		__builtin_trap();
}

static const struct cor_case cases[] = { COR_CASE(crashes) };

int main(int argc, char **argv)
{
	return cor_test_main(argc, argv, &(struct cor_suite){ COR_CASES(cases) });
}
'''
ROW = 'main/service/fare.c'

# What git quotes, and takes for a header of its own; a page of the same name but for '_'.
NEW, LIKE = 'main/service/f\u00fcr.c', 'main/service_fare.c'
COUNT = '''int count(int n)
{
	if (n > 0) {
		n--;
	} else { // pragma: no cover
		n++;
	}
++ n;
	return n;
}
'''


def prepare(project):
	"""One small file of our own beside what the scaffold has, whose counts are known."""
	project.write(ROW, FARE)
	project.write('main/service/fare.h', HEADER)
	project.write('test/service/test_fare.c', TEST)


def row_of(out, name=ROW):
	line = next((line for line in out.splitlines() if line.startswith(name + ' ')), '')
	return re.sub(r' {2,}', '|', line)


def differs(what, got, wanted):
	return [] if got == wanted else [f'{what}: {got!r}, not {wanted!r}']


def table(project):
	done = project.run('cover')
	head = done[1].splitlines()
	found = told(done, 0) + differs('head', head[0].split(), ['Name', 'Stmts', 'Miss', 'Cover', 'Missing'])
	found += differs('rule', set(head[1]), {'-'}) + differs('row', row_of(done[1]), f'{ROW}|7|1|86%|8')
	if not re.search(r'^TOTAL +\d+ +\d+ +\d+%$', done[1], re.M):
		found.append(f'no total: {done[1]}')
	return found + [f'tests are in it: {done[1]}' for _ in [0] if 'test/' in done[1]]


def branches(project):
	done = project.run('cover', '--branch', '--data', 'build/cover', '--precision', '1')
	return told(done, 0) + differs('row', row_of(done[1]), f'{ROW}|7|1|6|2|76.9%|7 (1/2), 8, 16 (1/2)')


def chosen(project):
	only = project.run('cover', '--data', 'build/cover', '--include', 'main/service/f*.c,main/nowhere/*')
	found = told(only, 0) + differs('files', len(only[1].splitlines()), 5)
	done = project.run('cover', '--data', 'build/cover', '--omit', 'main/service/*')
	found += told(done, 0) + differs('omitted', row_of(done[1]), '')
	done = project.run('cover', '--data', 'build/cover', '--exclude', 'return ."pragma', '--skip-covered')
	return found + told(done, 0, 'skipped due to complete coverage') + differs('all is covered', row_of(done[1]), '')


def a_crash_counts(project):
	"""What a test has run before it crashed."""
	project.write('test/service/test_crash.c', CRASH)
	done = project.run('cover', '--include', ROW)
	os.remove(project.path('test/service/test_crash.c'))
	found = told(done, 1, 'died of SIGILL') + differs('row', row_of(done[1]), f'{ROW}|7|0|100%')
	return found + told(project.run('cover'), 0)


def judged(project):
	only = ('cover', '--data', 'build/cover', '--include', ROW)
	found = told(project.run(*only, '--fail-under', '85.9'), 0)
	found += told(project.run(*only, '--fail-under', '90'), 1, '86% is covered, which is under 90%')
	found += told(project.run(*only, '--fail-under', '100', '--exclude', 'return ."pragma'), 0)
	for option, value in (('--fail-under', '101'), ('--fail-under', 'x'), ('--precision', '10'), ('--precision', '-1'), ('--precision', '1.5')):
		found += told(project.run(*only, option, value), 64, f'{option} {value}: it takes a ' + ('whole ' if option == '--precision' else '') + 'number from 0 to')
	return found + told(project.run(*only, '--exclude', '['), 64, '--exclude [ is no extended regular expression')


def formats(project):
	done = project.run('cover', '--data', 'build/cover', '--include', ROW, '--branch', '--lcov', 'build/out/lcov.info', '--cobertura',
		'build/out/cobertura.xml', '--sonar', 'build/out/sonar.xml', '--html', 'build/out/html', '--json')
	found = told(done, 0)
	said = json.loads(done[1])
	found += differs('JSON', (said['files'][0]['path'], said['files'][0]['missing'], said['total']['statements']), (ROW, [8], 7))
	lcov = project.read('build/out/lcov.info').splitlines()
	found += [f'lcov has no {line}' for line in (f'SF:{ROW}', 'FN:3,fare', 'FNDA:2,fare', 'FNF:1', 'DA:8,0', 'DA:5,2', 'BRDA:7,0,1,1',
		'LF:7', 'LH:6', 'BRF:6', 'BRH:4', 'end_of_record') if line not in lcov] + [line for line in lcov if 'broken' in line]
	root = xml.fromstring(project.read('build/out/cobertura.xml'))
	lines = {line.get('number'): line.attrib for line in root.iter('line')}
	found += differs('Cobertura', (root.get('lines-valid'), root.get('lines-covered'), root.find('sources/source').text, lines['8']['hits'],
		lines['7']['condition-coverage']), ('7', '6', os.path.realpath(project.folder), '0', '50% (1/2)'))
	sonar = xml.fromstring(project.read('build/out/sonar.xml'))
	covered = {line.get('lineNumber'): line.attrib for line in sonar.iter('lineToCover')}
	found += differs('Sonar', (sonar.tag, sonar.get('version'), sonar.find('file').get('path'), covered['8']['covered'], covered['7']),
		('coverage', '1', ROW, 'false', {'lineNumber': '7', 'covered': 'true', 'branchesToCover': '2', 'coveredBranches': '1'}))
	index, page = project.read('build/out/html/index.html'), project.read('build/out/html/main_service_fare.c.html')
	found += [f'the table has no {text}' for text in ('main_service_fare.c.html', '77%') if text not in index]
	wanted = ('<span class="miss" id="l8"><b>0 &times; 8</b>', '<span class="part" id="l7">', '<span class="hit" id="l5">', 'age &lt; 6')
	return found + [f'the page has no {text}' for text in wanted if text not in page]


def changed(project):
	def git(*words):
		subprocess.run(['git', '-c', 'user.name=a', '-c', 'user.email=a@b', *words], cwd=project.folder, check=True, capture_output=True)
	git('init', '-q')
	git('add', '.')
	git('commit', '-q', '-m', 'first')
	found = told(project.run('cover', '--data', 'build/cover', '--against', 'HEAD', '--fail-under', '100'), 0)
	project.replace(ROW, '\treturn age < 18 ? 100 : 200;', '\tif (age == 99)\n\t\treturn 50;\n\treturn age < 18 ? 100 : 200;')
	done = project.run('cover', '--against', 'HEAD')
	found += told(done, 0) + differs('row', row_of(done[1]), f'{ROW}|2|1|50%|17')
	found += differs('rows', len(done[1].splitlines()), 5)
	project.write(NEW, COUNT)
	project.write(LIKE, 'int like(void)\n{\n\treturn 1;\n}\n')
	done = project.run('cover', '--against', 'HEAD', '--html', 'build/out/all')
	found += told(done, 0) + differs('a file that git does not know', row_of(done[1], NEW), f'{NEW}|5|5|0%|1-9')
	pages = {name: project.read(f'build/out/all/{name}') for name in ('main_service_fare.c.html', 'main_service-_fare.c.html')}
	found += [f'{name} is of another file' for name, text in pages.items() if ('int like' in text) != ('-_' in name)]
	git('add', '.')
	git('commit', '-q', '-m', 'second')
	project.replace(NEW, '++ n;\n\treturn n;', '++ n;\n++ n;\n\treturn -n;')
	done = project.run('cover', '--against', 'HEAD')
	found += told(done, 0) + differs('a name that git quotes', row_of(done[1], NEW), f'{NEW}|2|2|0%|9-10')
	return found + told(project.run('cover', '--data', 'build/cover', '--against', 'nothing'), 69, 'git diff nothing failed')


def runs_add_up(project):
	"""Counts of a run before go, unless they are to stay; a test that fails is told, and its lines count."""
	def times():
		return int(re.search(r'^DA:5,(\d+)$', project.read('build/out/lcov.info'), re.M).group(1))
	arguments = ('cover', '--include', ROW, '--lcov', 'build/out/lcov.info')
	found = told(project.run(*arguments), 0) + differs('once', times(), 2)
	found += told(project.run(*arguments, '--append'), 0) + differs('added', times(), 4)
	project.replace('test/service/test_fare.c', '== 200', '== 201')
	done = project.run(*arguments)
	return found + told(done, 1) + differs('of a test that fails', (times(), row_of(done[1]).split('|')[0]), (1, ROW))


def without_the_command(project):
	return told(project.make('cover'), 0, f"File '{ROW}'", 'Lines executed:')


def what_is_gone_is_not_run(project):
	"""Its program is still in the build folder."""
	os.unlink(project.path('test/service/test_fare.c'))
	done = project.run('cover', '--include', ROW)
	return told(done, 0) + differs('row', row_of(done[1]).split('|')[1:4], ['9', '9', '0%']) + \
		([f'it ran: {done}'] if 'test_fare' in done[2] else [])


def nothing_there(project):
	os.makedirs(project.path('empty'))
	found = told(project.run('cover', '--data', 'empty'), 66, 'empty has no counts')
	return found + told(project.run('cover', '--data', 'build/cover', '--include', 'nope/*', '--fail-under', '90'), 66, 'nothing was measured')


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		project = Project(Command(sys.argv[1]), folder)
		prepare(project)
		for check in (table, branches, chosen, a_crash_counts, judged, formats, changed, without_the_command, runs_add_up, what_is_gone_is_not_run, nothing_there):
			tap.check(check.__name__.replace('_', ' '), check(project))
	tap.done()


main()
