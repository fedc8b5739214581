#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle new: what it writes compiles without a warning, passes its tests and serves. test_new.py PROGRAM"""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

from command import Command, told
from project import Project, answers
from tap import Tap

LAYOUT = ('main/controller/', 'main/resources/', 'main/service/', 'main/util/', 'test/controller/test_', 'test/resources/test_',
	'test/service/test_', 'test/util/test_', 'Makefile', 'coracle.lock', 'Dockerfile', 'docker-compose.yml', 'k8s/', '.env.example',
	'sonar-project.properties', 'README.md', '.gitignore', '.github/workflows/')
JSON = ('-H', 'Content-Type: application/json', '-d')


MOCK = '''#include <coracle/testing.h>

#include "controller/books.h"
#include "service/shelf.h"
#include "shop.h"

COR_MOCK(int, shelf_add, (struct shelf *, shelf), (const struct book *, book), (struct book *, ret));

static void a_full_shelf_is_a_problem(struct cor_test *t)
{
	struct cor_ctx *ctx;
	struct book_added added;

	cor_require_ok(t, cor_ctx_create(&(struct cor_ctx_options){ .service = &shop_service }, &ctx));
	cor_mock_always(t, shelf_add, -ENOSPC);
	int rc = books_resource.post->call(ctx, &(struct book){ .title = "Emma" }, &added);
	cor_expect_called_once(t, shelf_add);
	cor_expect_at_least(t, cor_reply_status(ctx, rc), 500);
	cor_expect_equal(t, cor_mock_call(shelf_add, 0)->book->title, "Emma");
	cor_ctx_destroy(ctx);
}

static const struct cor_case cases[] = { COR_CASE(a_full_shelf_is_a_problem) };

int main(int argc, char **argv)
{
	return cor_test_main(argc, argv, &(struct cor_suite){ COR_CASES(cases) });
}
'''

MINIMAL = '''#include <coracle/testing.h>
#include <coracle/coracle.h>

extern const struct cor_service tiny_service;

static void it_greets(struct cor_test *t)
{
	struct cor_test_answer answer = cor_test_call(t, .path = COR_PATH("/hello"));

	cor_expect_equal(t, answer.status, 200);
}

static const struct cor_case cases[] = { COR_CASE(it_greets) };

int main(int argc, char **argv)
{
	return cor_test_main(argc, argv, &(struct cor_suite){ .service = &tiny_service, COR_CASES(cases) });
}
'''


def layout(project):
	files = project.files()
	found = told(project.made, 0, 'shop is made', 'coracle test')
	found += [f'there is no {path}' for path in LAYOUT if not any(name.startswith(path) for name in files)]
	for name in files:
		text = project.read(name)
		found += [f'{name}: {mark}' for mark in re.findall(r'@\w+@|\bNAME\b(?! )', text) if name != 'Makefile']
		most = 150 if name.endswith('.md') else 160 if name.endswith('nginx.conf') else 120
		found += [f'{name}: a line of {len(line.expandtabs(8))}' for line in text.splitlines() if len(line.expandtabs(8)) > most]
	found += [f'{name} has no test' for name in files if re.fullmatch(r'main/\w+/\w+\.c', name) and
		name.replace('main/', 'test/').replace(os.path.basename(name), 'test_' + os.path.basename(name)) not in files]
	lines = project.read('Makefile').count('\n')
	return found + ([] if lines <= 100 else [f'the Makefile has {lines} lines'])


def builds(project):
	"""Without a word of the compiler, by the command and by make alone; and at once again."""
	done = project.run('build')
	found = told(done, 0) + ([f'it says {done[2]}'] if done[2] else [])
	found += told(project.run('-v', 'build'), 0, '+ make --no-print-directory', "Nothing to be done for 'all'")
	with open(project.path('compile_commands.json'), encoding='utf-8') as file:
		entries = json.load(file)
	units = {name for name in project.files() if name.endswith('.c')}
	found += [] if {entry['file'] for entry in entries} == units else [f'compile_commands.json has {entries}']
	return found + told(project.run('build', '--release', CFLAGS=''), 0)


def depends(project):
	"""What a header changes is compiled again, and nothing else."""
	os.utime(project.path('main/util/text.h'))
	done = project.run('-v', 'build')
	compiled = re.findall(r'-c (\S+)', done[1] + done[2])
	return [] if sorted(compiled) == ['main/service/shelf.c', 'main/util/text.c'] else [f'{compiled}: {done}']


def misses_what_is_gone(project):
	"""A source, a header or an object that is deleted is missed, or made again, and never passed over."""
	found = []
	for name in ('main/main.c', 'main/util/text.h', 'main/util/text.c'):
		text = project.read(name)
		os.unlink(project.path(name))
		done = project.make('all')
		found += [] if done[0] == 2 else [f'without {name}: {done}']
		project.write(name, text)
	os.unlink(project.path('build/main/util/text.o'))
	return found + told(project.make('all'), 0) + ([] if 'build/main/util/text.o' in project.files() else ['the object is not made'])


def from_a_folder_inside(project):
	"""As cargo and git do: the project around the folder."""
	inside = project.path('main/service')
	done = project.command.run('routes', cwd=inside, **project.environment)
	found = told(done, 0, 'coracle: routes: works in ../..', '/books/{id}')
	found += told(project.command.run('test', 'shelf', cwd=inside, **project.environment), 0, '4 passed')
	return found + told(project.command.run('-C', '/nowhere', 'build'), 66, '-C /nowhere: No such file or directory')


def one_make_at_a_time(project):
	"""Another command that builds here is waited for, and that is told."""
	folder = os.open(project.folder, os.O_RDONLY | os.O_DIRECTORY)
	fcntl.flock(folder, fcntl.LOCK_EX)
	with subprocess.Popen([project.command.program, '-C', project.folder, 'build'], env=project.environment, text=True,
			stderr=subprocess.PIPE) as process:
		said = process.stderr.readline()
		is_waiting = process.poll() is None
		os.close(folder)
		process.communicate(timeout=60)
	return [] if (said, is_waiting, process.returncode) == ('coracle: build: waits for another make of this project\n', True, 0) \
		else [f'{said} {is_waiting} {process.returncode}']


def passes(project):
	done = project.make('test')
	programs = re.findall(r'^build/(test/\S+)$', done[1], re.M)
	return told(done, 0) + ([] if len(programs) > 3 else [f'it ran {programs}'])


def fails(project):
	"""A test that fails fails make."""
	project.replace('main/util/text.c', '!= NULL', '== NULL')
	done = project.make('test')
	project.replace('main/util/text.c', '== NULL', '!= NULL')
	return told(done, 2, 'build/test/util/test_text') + told(project.make('test'), 0)


def mocks(project):
	"""A test with a mock needs no word in the Makefile."""
	project.write('test/controller/test_full.c', MOCK)
	done = project.make('test')
	found = told(done, 0, 'ok 1 - a_full_shelf_is_a_problem')
	os.remove(project.path('test/controller/test_full.c'))
	return found


def serves(project):
	found = []
	with project.serving(project.command.program, 'run', '--') as socket:
		for wanted, path, *arguments in (('201 {"id":1,"title":"Emma"', '/books', *JSON, '{"title":"Emma","author":"Jane Austen"}'),
				('200 {"books":[{"id":1,', '/books'), ('422 ', '/books', *JSON, '{"title":""}'), ('404 ', '/books/9'),
				('204 ', '/books/1', '-X', 'DELETE'), ('200 <!doctype html>', '/docs')):
			got = answers(socket, path, *arguments)
			found += [] if got.startswith(wanted) else [f'{path} {arguments}: {got}']
	return found


def reads_environment(project):
	"""run has the settings of .env, unless the environment has them."""
	project.write('.env', '# mine\n\nexport SHOP_LOG_LEVEL="warning"\nSHOP_THREADS=\'2\'\n')
	done = project.run('run', '--', '--print-config', SHOP_THREADS='3')
	found = told(done, 0, '"warning"')
	found += [] if re.search(r'threads\D+3\b', done[1]) else [done[1]]
	project.write('.env', 'SHOP_THREADS=2\nnonsense\n')
	found += told(project.run('run'), 65, '.env:2: is not NAME=value')
	os.remove(project.path('.env'))
	return found


LINES = '''# head
L_A=10 # cheap
export L_B="a # b"  # x
L_C='it "is" $HOME'
L_D=it's $HOME `x` \\n
  L_E= # nothing
L_F=#fff
L_G={"a": [1, 2]}
L_H= x y\x20\x20
L_I=mine
L_J=
export\tL_K="it's"#y
'''
READ = {'A': '10', 'B': 'a # b', 'C': 'it "is" $HOME', 'D': "it's $HOME `x` \\n", 'E': '', 'F': '#fff', 'G': '{"a": [1, 2]}', 'H': 'x y',
	'I': 'theirs', 'J': '', 'K': "it's"}
PRINTS = '''#include <stdio.h>
extern char **environ;
int main(void)
{
	for (char **at = environ; *at; at++)
		if ((*at)[0] == 'L' && (*at)[1] == '_')
			puts(*at);
	return 0;
}
'''


def reads_as_others_do(command, folder):
	"""Comments and quotes of .env, by the command and by both Makefiles."""
	found, whole, single = [], Project(command, folder, name='whole'), Project(command, folder, name='once')
	shutil.rmtree(single.folder)
	command.run('-C', folder, 'new', 'once', '--minimal')
	for project, main in ((whole, 'main/main.c'), (single, 'once.c')):
		project.write(main, PRINTS)
		project.write('.env', LINES)
		project.environment['L_I'] = 'theirs'
		for done in (project.run('run'), project.make('-s', 'run')):
			read = dict(line.split('=', 1) for line in done[1].splitlines() if line.startswith('L_'))
			found += [] if read == {'L_' + name: value for name, value in READ.items()} else [f'{main}: {done}']
		project.write('.env', 'L_A="a" "b"\n')
		found += told(project.run('run'), 65, '.env:1: is not NAME=value')
	return found


def other_compiler(command, folder):
	"""With clang and warnings as errors, and a name that the C library has, too."""
	if not shutil.which('clang'):
		return []
	project = Project(command, folder, name='time', compiler='clang')
	return told(project.run('build', CFLAGS='-O0 -Werror'), 0) + told(project.make('tests', 'CFLAGS=-O0 -Werror'), 0)


def documents(project):
	"""What others read is well-formed, and names what is there."""
	found = []
	for name in ('docker-compose.yml', 'k8s/shop.yaml', '.github/workflows/test.yml'):
		parts = list(yaml.safe_load_all(project.read(name)))
		found += [] if parts and all(parts) else [f'{name}: {parts}']
	image = project.read('Dockerfile')
	found += [f'Dockerfile lacks {part}' for part in ('AS build', 'USER 65532', 'STOPSIGNAL SIGTERM', 'ENTRYPOINT ["', 'HEALTHCHECK',
		'"ctl", "status"', 'FROM scratch') if part not in image]
	help_text = project.run('run', '--', '--help')[1]
	for variable in re.findall(r'\bSHOP_\w+', image + project.read('.env.example')):
		found += [] if variable in help_text else [f'{variable} is no setting']
	found += [f'.gitignore lacks {name}' for name in ('/build/', '/.env') if name not in project.read('.gitignore')]
	version = project.command.run('--version')[1].split()[1]
	return found + ([] if f'\ncoracle {version}\n' in project.read('coracle.lock') else [project.read('coracle.lock')])


def refuses(command, folder):
	found = []
	for name, said in (('9lives', 'must be a name in C'), ('Shop', 'small letters'), ('int', 'is a keyword'),
			('main', 'has already'),
			('cor_shop', 'cor_'), ('', 'must have'), ('a' * 41, 'must have'), ('my shop', 'must be a name in C')):
		found += told(command.run('-C', folder, 'new', name), 64, said)
	os.makedirs(os.path.join(folder, 'full', 'of'))
	found += told(command.run('-C', folder, 'new', 'full'), 73, 'is not empty: choose another name')
	found += [] if os.listdir(os.path.join(folder, 'full')) == ['of'] else ['something was written']
	os.makedirs(os.path.join(folder, 'empty'))
	found += told(command.run('-C', folder, 'new', 'empty'), 0)
	found += told(command.run('-C', folder, 'new', 'deep/er/shop'), 0, 'deep/er/shop')
	with open(os.path.join(folder, 'file'), 'w', encoding='utf-8'):
		pass
	found += told(command.run('-C', folder, 'new', 'file/shop'), 73, 'Not a directory')
	os.makedirs(os.path.join(folder, 'other', 'build'))
	found += told(command.run('-C', os.path.join(folder, 'other'), 'bench'), 66, 'it is no project')
	found += [] if os.listdir(os.path.join(folder, 'other', 'build')) == [] else ['bench writes where no project is']
	return found + told(command.run('-C', folder, 'build'), 66, 'has no Makefile, so it is no project')


def is_minimal(command, folder):
	project = Project(command, folder, name='tiny')
	shutil.rmtree(project.folder)
	found = told(command.run('-C', folder, 'new', 'tiny', '--minimal'), 0, 'tiny is made')
	found += [] if project.files() == ['.gitignore', 'Makefile', 'coracle.lock', 'tiny.c'] else project.files()
	found += told(project.run('build'), 0)
	found += [f'doctor: {line}' for line in project.run('doctor')[1].splitlines() if line.startswith('MEND  coracle')]
	found += told(project.run('test'), 5, 'there is no test')
	project.replace('tiny.c', '"\\"world\\""', '20')
	found += told(project.run('build'), 2, 'int-conversion')
	project.replace('tiny.c', '.fallback = 20', '.fallback = "\\"world\\""')
	found += told(project.run('generate', 'resource', 'pen'), 66, 'this project has none of them')
	found += told(project.run('lint', '--tools', 'coracle'), 0)
	found += told(project.run('build', '--release', CFLAGS=''), 0)
	project.write('more.c', 'int more(void);\nint more(void)\n{\n\treturn 1;\n}\n')
	project.write('test/test_tiny.c', MINIMAL)
	found += told(project.run('test'), 0, '1 passed') + told(project.make('test'), 0, 'ok 1 - it_greets')
	found += told(project.run('cover'), 0, 'tiny.c', 'more.c')
	found += told(project.run('test', '--sanitize', 'address,undefined', ASAN_OPTIONS='detect_leaks=0'), 0, '1 passed')
	os.remove(project.path('more.c'))
	found += told(project.run('build'), 0)
	found += ['compile_commands.json keeps a file that is gone'] if 'more.c' in project.read('compile_commands.json') else []
	found += ['the program keeps a function that is gone'] if 'more' in subprocess.run(
		['nm', project.path('build/tiny')], capture_output=True, text=True, check=True).stdout.split() else []
	found += told(project.make('-q', 'all'), 0)
	with project.serving(project.path('build/tiny')) as socket:
		got = answers(socket, '/hello?name=Ada')
	return found + ([] if got == '200 {"text":"Hello, Ada!"}' else [got])


def has_a_dash(command, folder):
	"""The folder keeps it; a name in C has a _ there."""
	project = Project(command, folder, name='my-shop')
	found = told(project.made, 0, 'my-shop is made', 'cd ', '/my-shop\n')
	found += told(project.run('build'), 0) + told(project.run('routes'), 0, '/books')
	return found + ([] if os.path.exists(project.path('build/my_shop')) and 'MY_SHOP_HTTP' in project.read('.env.example') else project.files())


def in_a_folder_with_quotes(command, folder):
	"""The Makefiles write the folder's path: its quotes are no shell's."""
	found, folder = [], os.path.join(folder, "Ann's first try")
	os.mkdir(folder)
	tiny = Project(command, folder, 'tiny')
	shutil.rmtree(tiny.folder)
	tiny.made = command.run('-C', folder, 'new', 'tiny', '--minimal')
	for project in (Project(command, folder), tiny):
		found += told(project.made, 0) + told(project.make('compile_commands.json'), 0)
		if not found:
			found += [entry['directory'] for entry in json.loads(project.read('compile_commands.json'))
				if entry['directory'] != project.folder]
	return found


def says_what_is_missing(command, folder):
	"""Where pkg-config does not find Coracle: what to do, and nothing of a header that is missing."""
	found, folder = [], os.path.join(folder, 'bare')
	os.mkdir(folder)
	command.run('-C', folder, 'new', 'tiny', '--minimal')
	command.run('-C', folder, 'new', 'shop')
	for name in ('tiny', 'shop'):
		done = subprocess.run(['make', '-C', os.path.join(folder, name)], capture_output=True, text=True, timeout=120,
			env={**command.environment, 'PKG_CONFIG_PATH': '', 'PKG_CONFIG_LIBDIR': '/nowhere'})
		found += told((done.returncode, done.stdout, done.stderr), 2, "Package 'coracle', required by", 'install them (Coracle is in libcoracle-dev), or set PKG_CONFIG_PATH',
			'BUILD/meson-uninstalled')
		found += [done.stderr] if 'error:' in done.stderr else []
	return found


def main():
	command, tap = Command(sys.argv[1]), Tap()
	with tempfile.TemporaryDirectory() as folder:
		project = Project(command, folder)
		tap.check('the layout', layout(project))
		tap.check('it builds without a word', builds(project))
		tap.check('it compiles what has changed', depends(project))
		tap.check('what is gone is missed', misses_what_is_gone(project))
		tap.check('from a folder inside', from_a_folder_inside(project))
		tap.check('one make at a time', one_make_at_a_time(project))
		tap.check('its tests pass', passes(project))
		tap.check('a test that fails is told', fails(project))
		tap.check('a test with a mock is linked', mocks(project))
		tap.check('it serves, and documents itself', serves(project))
		tap.check('settings of .env', reads_environment(project))
		tap.check('.env has comments and quotes', reads_as_others_do(command, folder))
		tap.check('what others read', documents(project))
		tap.check('it builds with clang, whatever its name', other_compiler(command, folder))
		tap.check('what is missing is told', says_what_is_missing(command, folder))
		tap.check('a name with a dash', has_a_dash(command, folder))
		tap.check('in a folder with quotes', in_a_folder_with_quotes(command, folder))
		tap.check('what is refused', refuses(command, folder))
		tap.check('--minimal', is_minimal(command, folder))
	tap.done()


main()
