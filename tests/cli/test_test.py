#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle test: builds and runs the test programs of a project, as one. test_test.py PROGRAM"""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as etree

from command import Command, told
from project import Project
from tap import Tap

PLAIN = '''#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
	puts("said this");
	fputs("and that\\n", stderr);
	%s;
	return 0;
}
'''
CASES = '''#include <coracle/testing.h>

static void first(struct cor_test *t)
{
	cor_expect_equal(t, 1 + 1, %s);
}
static void second(struct cor_test *t)
{
	(void)t;
	%s;
}
static const struct cor_case cases[] = { COR_CASE(first), COR_CASE(second%s) };
int main(int argc, char **argv)
{
	return cor_test_main(argc, argv, &(struct cor_suite){ COR_CASES(cases) });
}
'''
# What waits when all tests have ended.
STAYS = '''
static pid_t owner;
__attribute__((constructor)) static void begin(void)
{
	owner = getpid();
}
__attribute__((destructor)) static void stay(void)
{
	while (getpid() == owner && access("build/gone", F_OK))
		usleep(1000);
}
'''
PARITY = 'test/service/test_parity.c'


def programs(done):
	return re.findall(r'^(?:ok|FAIL) +(test/\S+)', done[1], re.M)


def passes(project):
	done = project.run('test')
	found = told(done, 0, 'ok    test/service/test_shelf  4 passed', ' passed in ')
	return found + ([] if len(programs(done)) == 5 else [done[1]])


def tells_what_failed(project):
	project.write(PARITY, CASES % ('3', 'puts("about to crash"), fflush(stdout), raise(SIGSEGV)', ''))
	project.replace(PARITY, '#include', '#include <signal.h>\n#include <stdio.h>\n#include')
	done = project.run('test')
	return told(done, 1, 'FAIL  test/service/test_parity  1 failed, 1 in error',
		'first  test/service/test_parity.c:7', '1 + 1 is not 3', 'wanted  3',
		'about to crash', 'died of SIGSEGV', ', 1 failed, 1 in error in ')


def runs_those_that_failed(project):
	done = project.run('test', '--lf')
	found = told(done, 1, '1 failed, 1 in error in ') + ([] if programs(done) == [PARITY[:-2]] else [done[1]])
	project.write(PARITY, CASES % ('2', 'cor_test_fail(t, "no")', ''))
	found += told(project.run('test', '--lf'), 1, '1 passed, 1 failed in ')
	found += told(project.run('test', '--lf'), 1, '\n1 failed in ')
	project.write(PARITY, CASES % ('2', '', ''))
	found += told(project.run('test', '--lf'), 0, '\n1 passed in ')
	done = project.run('test', '--lf')
	return found + ([] if len(programs(done)) == 6 else ['where none has failed, all run: ' + done[1]])


def chooses(project):
	found = told(project.run('test', '-k', 'first or gone'), 0, '2 passed in')
	found += told(project.run('test', 'shelf', 'parity'), 0, '6 passed in')
	found += told(project.run('test', '-k', 'nonsense'), 5, 'no test was selected')
	found += told(project.run('test', 'nonsense'), 5, 'no test was selected: no program has nonsense in its name; there are test/')
	found += told(project.run('test', '--jobs', 'many'), 64, '--jobs many: must be 1 to 1000')
	return found + told(project.run('-v', 'test', 'parity', '-j', '1', '--', '--repeat=2'), 0,
		'+ build/test/service/test_parity --events --jobs=1 --repeat=2', '  first  passed')


def is_called_wrongly(project):
	"""What no program takes is told once, and is no failure of a test."""
	found = []
	for arguments, said in ((('-k', 'and and'), '-k and and: a word, "not" or "(" is wanted at "and and"'),
			(('--', '--nope'), '--nope: no such option'), (('--', '--jobs'), '--jobs: needs a value')):
		done = project.run('test', *arguments)
		found += told(done, 64, 'coracle: test: ' + said)
		found += [] if done[1] == '' and (done[1] + done[2]).count('\n') == 1 else [f'{arguments}: {done}']
	found += told(project.run('test', '--', 'a_book_is_removed'), 0, '1 passed')
	found += told(project.run('test', '--', 'nobody_has_this'), 5, 'no test was selected')
	found += told(project.run('test', '--shuffle'), 64, 'stands behind --: coracle test -- --shuffle')
	found += told(project.run('run', '--http', 'x'), 64, 'stands behind --: coracle run -- --http')
	return found


def states_are_counted(project):
	project.write(PARITY, CASES % ('3', '', ', .skip = "not today"'))
	project.replace(PARITY, 'COR_CASE(first)', 'COR_CASE(first, .expected_failure = "one day")')
	found = told(project.run('test', 'parity'), 0, 'ok    test/service/test_parity  1 skipped, 1 failed as expected')
	project.replace(PARITY, '1 + 1, 3', '1 + 2, 3')
	return found + told(project.run('test', 'parity'), 1, '1 skipped, 1 passed unexpectedly', 'is expected to fail')


def reports(project):
	project.write(PARITY, CASES % ('3', 'cor_test_fail(t, "<&\\">\\x01")', ''))
	found = told(project.run('test', '--junit', 'build/report.xml'), 1)
	suites = {s.get('name'): s for s in etree.parse(project.path('build/report.xml')).getroot()}
	parity = suites['test/service/test_parity']
	found += [] if (parity.get('tests'), parity.get('failures'), parity.get('errors')) == ('2', '2', '0') else [f'{parity.attrib}']
	cases = {case.get('name'): case for case in parity}
	found += [] if '1 + 1 is not 3' in cases['first'].find('failure').text else ['first has no failure']
	found += [] if '<&">' in cases['second'].find('failure').text else ['second has no failure']
	found += [] if cases['first'].get('file') == PARITY and len(suites) == 6 else [f'{cases["first"].attrib}']
	done = project.run('test', '--json', 'parity')
	listed = json.loads(done[1])['programs']
	states = sorted((test['test'], test['state'], test['file']) for test in listed[0]['tests'])
	return found + ([] if done[0] == 1 and states == [('first', 'failed', PARITY), ('second', 'failed', PARITY)] else [done[1]])


def stops_early(project):
	project.write('test/aaa/test_first.c', PLAIN % 'return 1')
	done = project.run('test', '--failfast', '--jobs', '1')
	found = told(done, 1, '\n1 failed in') + ([] if programs(done) == ['test/aaa/test_first'] else [done[1]])
	os.remove(project.path('test/aaa/test_first.c'))
	return found


LEAVES = '''#include <stdlib.h>
#include <unistd.h>
static int program;
static void leave(void)
{
	if (getpid() == program)
		_exit(23);
}
'''


def told_oddly(project):
	"""No text, more than anybody reads, a child that stays, an end that is bad after all is told."""
	project.write(PARITY, PLAIN % 'puts("caf\\xe9"); return 1')
	found = told(project.run('test', 'parity', '--json', '--junit', 'build/odd.xml'), 1, 'caf?')
	root = etree.parse(project.path('build/odd.xml')).getroot()
	found += [] if '<failure>' in etree.tostring(root, 'unicode') else ['odd.xml has no failure']
	project.write(PARITY, PLAIN % 'for (int i = 0; i < 50000000; i++) putchar(120); return 1')
	done = project.run('test', 'parity')
	found += [] if done[0] == 1 and len(done[1]) < 300000 else [f'it printed {len(done[1])} bytes']
	project.write(PARITY, '#include <unistd.h>\n' + PLAIN % 'if (fork() == 0) sleep(100)')
	found += told(project.run('test', 'parity'), 0, '1 passed')
	leaves = '\tprogram = getpid();\n\tatexit(leave);\n\treturn cor_test'
	project.write(PARITY, LEAVES + (CASES % ('2', '', '')).replace('\treturn cor_test', leaves))
	return found + told(project.run('test', 'parity'), 1, '2 passed, 1 in error', 'the program ended with status 23')


def takes_any_program(project):
	"""One that knows nothing of the kit is one test."""
	found = []
	for line, status, *said in (('exit(0)', 0, 'ok    test/service/test_parity  1 passed'),
			('exit(3)', 1, 'the program ended with status 3', 'said this', 'and that'),
			('abort()', 1, 'the program was ended by signal 6 (Aborted)')):
		project.write(PARITY, PLAIN % line)
		found += told(project.run('test', 'parity'), status, *said)
	found += told_oddly(project)
	project.write(PARITY, 'int main(void) { retrun 0; }\n')
	found += told(project.run('test'), 2, PARITY + ':1:', 'error', 'make tests failed')
	os.remove(project.path(PARITY))
	return found


def drives_the_contract(project):
	"""--contract: the generated tests alone, with what they have seen; the program is written where there is none."""
	done = project.run('test', '--contract')
	found = told(done, 0, 'ok    test/test_contract  19 passed', '  GET /books          200 400 406 422',
		'  507 of POST /books: not seen; test it by hand')
	found += [] if programs(done) == ['test/test_contract'] else [done[1]]
	found += told(project.run('test'), 0, '  1 declared status was not seen: coracle test --contract')
	found += told(project.run('test', '--contract', '-k', 'title'), 0, '2 passed in ')
	os.remove(project.path('test/test_contract.c'))
	done = project.run('test', '--contract')
	found += told(done, 0, '19 passed in ') + ([] if 'test/test_contract.c is written' in done[2] else [done[2]])
	as_json = json.loads(project.run('test', '--contract', '--json')[1])
	found += [] if 'statuses seen' in as_json['programs'][0]['note'] else [str(as_json)]
	book = '.summary = "Fetch a book", .problems = { 404 });'
	project.replace('main/controller/books.c', book, book.replace(', .problems = { 404 }', ''))
	found += told(project.run('test', '--contract', SHOP_HTTP='0.0.0.0:8123'), 1, 'FAIL  test/test_contract', 'GET /books/{id}[path id]  test/test_contract.c:8',
		'the status 404 is not declared, only 200, 400, 406, 422', "curl -i -X GET 'http://127.0.0.1:8123/books/")
	project.write('.env', 'SHOP_HTTP=unix:/run/shop\n')
	found += told(project.run('test', '--contract'), 1, "curl -i -X GET --unix-socket '/run/shop' 'http://localhost/books/")
	os.remove(project.path('.env'))
	good = 'return *ret_state ? 0 : -ENOMEM;'
	project.replace('main/shop.c', good, 'return -EINVAL;')
	found += told(project.run('test', '--contract', '-k', 'title'), 1, 'the service does not start: the start hook of shop failed: Invalid argument')
	project.replace('main/shop.c', 'return -EINVAL;', good)
	project.replace('main/controller/books.c', book.replace(', .problems = { 404 }', ''), book)
	return found


def tells_progress(project):
	"""Of what takes seconds: how many tests of how many, and which one runs. On standard error: the other has JSON."""
	project.write(PARITY, '#include <unistd.h>\n' + CASES % ('2', 'while (access("build/go", F_OK)) usleep(1000)', '') + STAYS)
	line = [project.command.program, '-C', project.folder, 'test', 'parity', '--json']
	with subprocess.Popen(line, env=project.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
		watchdog = threading.Timer(60, process.kill)
		watchdog.start()
		said = next((line for line in process.stderr if 'test_parity: ' in line), '')
		project.write('build/go', '')
		stays = next((line for line in process.stderr if ': 2 of 2 tests' in line), '')
		project.write('build/gone', '')
		out, _ = process.communicate()
		watchdog.cancel()
	os.remove(project.path('build/go'))
	os.remove(project.path('build/gone'))
	os.remove(project.path(PARITY))
	found = [] if re.search(r'^coracle: test: test/service/test_parity: 1 of 2 tests in \d+ s, now second$', said) else [said]
	found += [] if re.search(r'2 of 2 tests in \d+ s$', stays) else [stays]
	return found + ([] if len(json.loads(out)['programs'][0]['tests']) == 2 else [out])


def drives_a_service_by_another_name(project):
	os.rename(project.path('test/test_contract.c'), project.path('test/kept'))
	project.replace('main/shop.h', 'cor_service shop_service', 'cor_service the_shop')
	done = project.run('test', '--contract')
	project.replace('main/shop.h', 'cor_service the_shop', 'cor_service shop_service')
	os.rename(project.path('test/kept'), project.path('test/test_contract.c'))
	return told(done, 66, 'there is no test/test_contract.c: write one whose main is', 'return cor_contract_main(argc, argv,')


def touches(project):
	"""Only programs that are made of what has changed."""
	found = told(project.run('test'), 0)
	done = project.run('test', '--touched')
	found += told(done, 0) + ([] if not programs(done) else ['nothing has changed: ' + done[1]])
	for name, wanted in (('main/util/text.c',
		['controller/test_books', 'resources/test_book', 'service/test_shelf', 'test_contract', 'util/test_text']),
			('main/util/text.h', ['controller/test_books', 'resources/test_book', 'service/test_shelf', 'test_contract', 'util/test_text']),
			('main/controller/books.c', ['controller/test_books', 'resources/test_book', 'test_contract']),
			('test/util/test_text.c', ['util/test_text']), ('test/before.http', ['test_contract']), ('main/main.c', [])):
		os.utime(project.path(name))
		done = project.run('test', '--touched')
		found += [] if sorted(programs(done)) == ['test/' + n for n in wanted] else [f'{name}: {done[1]}']
	project.replace('main/util/text.c', '!= NULL', '== NULL')
	found += told(project.run('test', '--touched'), 1, 'FAIL  test/util/test_text')
	done = project.run('test', '--touched')
	again = ['test/controller/test_books', 'test/service/test_shelf', 'test/util/test_text']
	found += [] if sorted(programs(done)) == again else ['those that fail run again: ' + done[1]]
	project.replace('main/util/text.c', '== NULL', '!= NULL')
	return found + told(project.run('test', '--touched'), 0, ' passed in ')


class Watch:
	"""coracle test --watch, and what it says until it waits."""

	def __init__(self, project):
		self.process = subprocess.Popen([project.command.program, '-C', project.folder, 'test', '--watch'], env=project.environment,
			stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

	def round(self):
		said = b''
		while b'waiting for a change' not in said:
			ready = select.select([self.process.stdout], [], [], 60)[0]
			more = os.read(self.process.stdout.fileno(), 65536) if ready else b''
			assert more, f'it hangs, or has ended: {said}'
			said += more
		return said.decode()

	def end(self):
		self.process.send_signal(signal.SIGINT)
		self.process.communicate(timeout=60)


def watches(project):
	watch = Watch(project)
	try:
		found = [] if '35 passed in' in watch.round() else ['the first round runs all']
		project.replace('main/util/text.c', '!= NULL', '== NULL')
		said = watch.round()
		found += [] if 'FAIL  test/util/test_text' in said and 'test_books' in said else [said]
		project.replace('main/util/text.c', '== NULL', '== NUL')
		said = watch.round()
		found += [] if 'make tests failed' in said else [said]
		project.replace('main/util/text.c', '== NUL', '!= NULL')
		said = watch.round()
		return found + ([] if 'ok    test/util/test_text' in said else [said])
	finally:
		watch.end()


def watches_what_is_new(command, folder):
	"""A first test, in a folder that was not there; an editor writes another file in a source's place; a build is no change."""
	project = Project(command, folder, 'tiny')
	shutil.rmtree(project.folder)
	command.run('-C', folder, 'new', 'tiny', '--minimal')
	watch = Watch(project)
	try:
		found = [] if 'there is no test' in watch.round() else ['the first round has a test']
		project.write('test.new/test_one.c', PLAIN % '')
		os.rename(project.path('test.new'), project.path('test'))
		found += [] if '1 passed in' in (said := watch.round()) else [said]
		project.write('tiny.new', project.read('tiny.c') + '#error "planted"\n')
		os.rename(project.path('tiny.new'), project.path('tiny.c'))
		found += [] if 'planted' in (said := watch.round()) else [said]
		project.write('compile_commands.json', '')
		said = b''  # the end of the line that round() has read may come by itself
		while select.select([watch.process.stdout], [], [], 0.3)[0]:
			said += os.read(watch.process.stdout.fileno(), 65536)
		return found + (['a change of nothing'] if b'planted' in said or b'waiting' in said else [])
	finally:
		watch.end()


def sanitizes(project):
	"""A wrong access that happens to do no harm."""
	project.write(PARITY, PLAIN % 'volatile char *four = malloc(4); four[4] = 1')
	done = project.run('test', '--sanitize', 'address,undefined', 'parity')
	found = told(done, 1, 'heap-buffer-overflow')
	os.remove(project.path(PARITY))
	return found + ([] if os.path.exists(project.path('build/address,undefined/test/service/test_parity')) else ['it is built elsewhere'])


def warns_of_false_races(command, folder):
	"""A library without ThreadSanitizer has them reported."""
	path, text = os.path.join(folder, 'racy'), 'libcoracle was built without ThreadSanitizer'
	os.makedirs(path)
	with open(os.path.join(path, 'Makefile'), 'w', encoding='utf-8') as file:
		file.write('NAME = racy\ntests:\nall:\n')
	found = []
	for built_with, verb, kind, is_told in (('none', 'test', 'thread', True), ('none', 'build', 'thread', True), ('thread', 'test', 'thread', False),
			('none', 'test', 'address,undefined', False), ('address', 'test', 'thread', True)):
		with open(os.path.join(path, 'coracle.pc'), 'w', encoding='utf-8') as file:
			file.write(f'sanitize={built_with}\nName: coracle\nDescription: x\nVersion: 1\n')
		said = command.run('-C', path, verb, '--sanitize', kind, PKG_CONFIG_PATH=path, PKG_CONFIG_DISABLE_UNINSTALLED='1')
		found += [] if (text in said[2]) == is_told else [f'{verb} {kind}, with a library of {built_with}: {said}']
	return found


def needs_tests(command, folder):
	path = os.path.join(folder, 'bare')
	os.makedirs(path)
	with open(os.path.join(path, 'Makefile'), 'w', encoding='utf-8') as file:
		file.write('NAME = bare\ntests:\n')
	return told(command.run('-C', path, 'test'), 5, 'there is no test')


def main():
	command, tap = Command(sys.argv[1]), Tap()
	with tempfile.TemporaryDirectory() as folder:
		project = Project(command, folder)
		for check in (passes, tells_what_failed, runs_those_that_failed, chooses, is_called_wrongly, states_are_counted, reports, stops_early,
				takes_any_program, drives_the_contract, tells_progress, drives_a_service_by_another_name, touches, watches, sanitizes):
			tap.check(check.__name__.replace('_', ' '), check(project))
		tap.check('warns of false races', warns_of_false_races(command, folder))
		tap.check('watches what is new', watches_what_is_new(command, folder))
		tap.check('a project without tests', needs_tests(command, folder))
	tap.done()


main()
