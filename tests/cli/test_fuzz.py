#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle fuzz: planted defects are found, made small, kept, and fail as tests until they are mended. test_fuzz.py PROGRAM"""

import concurrent.futures
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from command import Command, told
from project import Project
from tap import Tap

HERE = os.path.dirname(os.path.abspath(__file__))
BOUNDED = ('--runs', '50000', '--seed', '1')
# operation: what it is called, what its smallest request has, how its mended line reads
DEFECTS = {
	'overflow': ('heap-buffer-overflow in main/controller/books.c:', 'Moby', '		memcpy(copy, note->title, 5);'),
	'divide': ('division by zero in main/controller/books.c:', '77', '	out->percent = query->n % 1000 == 77;'),
	'teapot': ('status 418 is none that the operation declares', '/teapot?n=1000', '		return 0;'),
	'exceed': ('status 500, exceed: #: what is sent breaks its table', '/exceed?n=', '	out->percent = query->n > 0;'),
	'leak': ('leak in main/controller/books.c:', '/leak?n=', "	out->percent = lost && lost[0] == '9';\n	free(lost);"),
	'insist': ('ABRT in main/controller/books.c:', '/insist?n=1000', '	(void)query;'),
	'rent': ('signed integer overflow: ', '/rent', '	out->percent = offer->price.scale > 18;'),
}
SEEN_BY_ALL = ('divide', 'teapot', 'exceed', 'leak')  # the overflow takes a sanitizer


def plant(project):
	with open(os.path.join(HERE, 'fuzz_service.c'), encoding='utf-8') as file:
		project.write('main/controller/books.c', file.read())
	names = ['teapot_resource', 'exceed_resource', 'leak_resource', 'insist_resource', 'rent_resource', 'flawless_resource', 'enter_resource', 'guarded_resource']
	project.write('main/controller/books.h', project.read('main/controller/books.h').replace('#endif',
		'extern const struct cor_resource ' + ', '.join(names) + ';\n#endif'))
	project.replace(f'main/{project.name}.c', '&book_resource,', '&book_resource,\n\t' + ', '.join('&' + n for n in names) + ',')
	shutil.rmtree(project.path('test'))


def finds(project, kept):
	found = []
	for operation, (title, request, _) in DEFECTS.items():
		done = project.run('fuzz', operation, *BOUNDED, '--json')
		found += told(done, 1)
		if not done[1]:
			continue
		what = json.loads(done[1])['found']
		text = project.read(what['file'])
		good = what['title'].startswith(title) and request in text.replace('%', '') and not what['known'] and request in what['curl']
		good = good and text.startswith('# ' + what['title'] + '\n') and what['file'].startswith(f'test/fuzz/{operation}/')
		good = good and ('main/controller/books.c:' in what['stack'] or title.startswith('status'))
		found += [] if good else [f'{operation}: {what} {text}']
		kept[operation] = os.path.basename(what['file'])
	return found


def again(project, kept):
	"""What is known is told so; people see the stack, the request, and what to do. The folder is one beside."""
	done = project.command.run('-C', os.path.relpath(project.folder), 'fuzz', 'GET', '/divide', *BOUNDED,
		**project.environment, SHOP_HTTP='unix:/run/shop')
	return told(done, 1, 'divide: division by zero', 'divide  main/controller/books.c:', "curl -i -X GET --unix-socket '/run/shop' 'http://localhost/divide?n=",
		f'known as test/fuzz/divide/{kept["divide"]}', 'executions in', 'coverage')


def at_once(project):
	"""Two operations, while the target is linked anew; one operation is for one at a time."""
	os.remove(project.path('build/fuzz/target'))
	with concurrent.futures.ThreadPoolExecutor() as pool:
		runs = [pool.submit(project.run, 'fuzz', name, *BOUNDED) for name in ('teapot', 'exceed')]
	found = [text for run in runs for text in told(run.result(), 1, 'known as test/fuzz/')]
	folder = os.open(project.path('build/fuzz/corpus/teapot'), os.O_RDONLY)
	fcntl.flock(folder, fcntl.LOCK_EX)
	found += told(project.run('fuzz', 'teapot', *BOUNDED), 69, 'another coracle fuzz teapot runs in this project')
	os.close(folder)
	return found


def replays(project, kept):
	"""Each file is a test, with gcc and without libFuzzer."""
	done = project.run('test', 'kept')
	found = told(done, 1, 'SIGFPE', 'status 418', 'breaks its table', 'left behind:')
	found += [f'{name} is not told' for name in SEEN_BY_ALL if f'{name}[{kept[name]}]' not in done[1]]
	project.write('test/fuzz/flawless/by_hand.http', '# a note\n#\nPOST /flawless HTTP/1.1\r\nHost: localhost\n\n{"title":"a","pages":1}')
	project.write('test/fuzz/gone/old.http', 'GET /gone HTTP/1.1\nHost: localhost\n\n')
	project.write('test/fuzz/flawless/none.http', '# nothing\n')
	done = project.run('test', 'kept', '-v')
	found += told(done, 1, 'is no request', 'no operation gone any more')
	found += [] if 'flawless[by_hand.http]' in done[1] and '1 skipped' in done[1] else [done[1]]
	os.remove(project.path('test/fuzz/flawless/none.http'))
	return found


def sees_overflow(project, kept):
	return told(project.run('test', 'kept', '--sanitize', 'address', '-k', 'overflow'), 1, 'heap-buffer-overflow', kept['overflow'])


def begun(project):
	"""What each new service is sent first, in tests, too: it is not judged."""
	project.replace('main/controller/books.c', 'static int flawless(', 'static int count;\n\nstatic int flawless(')
	project.replace('main/controller/books.c', '	(void)ctx;\n	*out = *note;\n	return 0;',
		'	if (note->pages == 1234)\n		count = 1; /* sent first */\n	*out = *note;\n'
		'	return count && note->pages == 4999 ? cor_problem(ctx, 418, 0, "counted") : 0;')
	request = 'POST /flawless HTTP/1.1\nHost: localhost\n\n{"title":"a","pages":%d}'
	project.write('test/fuzz/flawless/late.http', request % 4999)
	found = told(project.run('test', 'kept', '-k', 'late'), 0, '1 passed')
	project.write('test/before.http', request % 1234)
	found += told(project.run('test', 'kept', '-k', 'late'), 1, 'status 418')
	found += told(project.run('fuzz', 'flawless', *BOUNDED), 1, 'status 418')
	project.replace('main/controller/books.c', 'count && ', 'false && ')
	project.write('test/before.http', 'GET\n')
	found += told(project.run('fuzz', 'flawless', *BOUNDED), 66, 'test/before.http:1: is no request')
	project.write('test/before.http', '\nGET /nowhere\n')
	done = project.run('fuzz', 'flawless', *BOUNDED)
	found += told(done, 66, 'test/before.http:2: GET /nowhere is answered with 404')
	found += ['libFuzzer speaks: ' + done[2]] if 'INFO: ' in done[2] else []
	os.remove(project.path('test/before.http'))
	return found


def guarded(project):
	"""Who is not let in, and what is not there, is told by what helps; with it the defect is found, and kept without a secret."""
	found = told(project.run('fuzz', 'guarded', '--runs', '300'), 0,
		"no request was let in: give \"# @credential pass KEY\" in test/before.http, or --header 'X-API-Key: KEY'")
	entering = '# @name way\n# @credential pass {{way.response.body.$.token}}\nPOST /enter\n\n'
	project.write('test/before.http', entering)
	done = project.run('fuzz', 'guarded', '--runs', '2100')  # more than one service is sent
	found += told(done, 0, 'no request has found anything: requests in test/before.http can make it')
	found += ['what goes before is counted: ' + done[1]] if ' 200 ' in done[1] else []
	project.write('test/before.http', entering + '###\n# @param /guarded/{id} id=987654321\n')
	done = project.run('fuzz', 'guarded', *BOUNDED, '--json')
	found += told(done, 1, 'status 418')
	text = project.read(json.loads(done[1])['found']['file'])
	found += [] if 'GET /guarded/987654321 ' in text and 'X-API-Key' not in text else [text]
	found += told(project.run('test', 'kept', '-k', 'guarded'), 1, 'status 418')
	os.remove(project.path('test/before.http'))
	shutil.rmtree(project.path('test/fuzz/guarded'))
	return found


def mended(project):
	lines = project.read('main/controller/books.c').split('\n')
	for _, _, line in DEFECTS.values():
		at = next(i for i, text in enumerate(lines) if text.endswith('/* DEFECT */'))
		lines[at] = line
	project.write('main/controller/books.c', '\n'.join(lines))
	found = told(project.run('test', 'kept'), 0, 'passed')
	for operation in ('leak', 'divide'):
		found += told(project.run('fuzz', operation, '--runs', '4000'), 0, 'nothing was found')
	return found


def flawless(project):
	for name in ('flawless-0-crash-1', 'flawless_too-0-crash-2'):  # of runs that were ended before they kept it
		project.write(f'build/fuzz/found/{name}', 'x')
	done = project.run('fuzz', 'flawless', '--runs', '4000', '--json')
	found = told(done, 0)
	result = json.loads(done[1])
	good = result['found'] is None and result['executions'] >= 4000 and result['coverage'] > 0
	good = good and all(result['statuses'].get(status, 0) > 100 for status in ('200', '400', '422'))
	found += [] if os.path.exists(project.path('build/fuzz/corpus/flawless/flawless-0-crash-1')) else ['what was left is not tried']
	found += [] if os.path.exists(project.path('build/fuzz/found/flawless_too-0-crash-2')) else ['what another has left is gone']
	return found + ([] if good else [done[1]])


def goes_on(project):
	"""Each defect of an operation is found in one run, and told once: an answer, a 500, a crash."""
	before = len(os.listdir(project.path('test/fuzz/flawless')))
	path, good = 'main/controller/books.c', '	(void)ctx;\n	*out = *note;\n	return 0;'
	whole, kept = project.read(path), project.read('test/fuzz/flawless/by_hand.http')
	project.replace(path, good, '	*out = *note;\n	if (note->pages == 5000)\n		return cor_problem(ctx, 418, 0, "tea");\n'
		'	if (note->pages == 1)\n		return -EIO;\n	if (strlen(note->title) == 50)\n		abort();\n	return 0;')
	project.replace(path, '#include <assert.h>', '#include <assert.h>\n#include <errno.h>')
	done = project.run('fuzz', 'flawless', '--keep-going', '--runs', '6000', '--seed', '1')
	listed = done[1].partition('\n3 findings:\n')[2].splitlines()[:3]
	wanted = {'ABRT in main/controller/books.c', 'status 418 is none that the operation declares', 'status 500, flawless'}
	found = told(done, 1, 'kept as test/fuzz/flawless/')
	found += [] if {line.strip().partition(':')[0].partition('  ')[0] for line in listed} == wanted else [f'{done[1]} {done[2]}']
	found += [] if len(os.listdir(project.path('test/fuzz/flawless'))) == 3 + before else ['not each is kept']
	done = project.run('fuzz', 'flawless', '--keep-going', '--runs', '1000', '--seed', '1', '--json')
	result = json.loads(done[1])
	found += told(done, 1) + ([] if result['found'] == result['findings'][0] and result['found']['known'] else [done[1]])
	project.write(path, whole)
	shutil.rmtree(project.path('test/fuzz/flawless'))
	project.write('test/fuzz/flawless/by_hand.http', kept)
	return found


def keeps_the_corpus_small(project):
	"""What many files reach a few do, and those stay."""
	folder = project.path('build/fuzz/corpus/flawless')
	for i in range(2100):
		project.write(f'build/fuzz/corpus/flawless/{i:040x}', '!' * (i % 50) + str(i))
	done = project.run('fuzz', 'flawless', '--runs', '4000', '--json', '--header', "X-Note: a b'c; $(exit 1)")
	found, left = told(done, 0, 'what they reach is the same'), len(os.listdir(folder))
	found += [] if 1 < left < 500 else [f'{left} files are left: {done[2]}']
	again = project.run('fuzz', 'flawless', '--runs', '4000', '--json')
	lost = json.loads(again[1])['coverage'] < json.loads(done[1])['coverage']
	return found + told(again, 0) + ([f'less is reached: {again[1]} {done[1]}'] if lost else [])


def settings(project):
	"""A setting that is required comes from .env, as for `coracle run`; addresses there do not matter."""
	program = project.read('main/shop.c')
	table = ('struct wanted {\n\tconst char *office;\n};\nstatic const struct cor_field wanted_fields[] = { COR_FIELD(struct wanted, office) };\n'
		'COR_LOCAL_SCHEMA(wanted_schema, struct wanted, wanted_fields);\n\nstatic int start(')
	project.write('main/shop.c', program.replace('static int start(', table, 1).replace('\t.start = start,\n',
		'\t.start = start,\n\t.settings = &wanted_schema.schema,\n', 1))
	project.write('.env', 'SHOP_OFFICE=north\nSHOP_CONTROL=127.0.0.1:1\nSHOP_HTTPS=127.0.0.1:2\n')
	found = told(project.run('fuzz', 'flawless', '--runs', '300'), 0, 'nothing was found')
	found += told(project.run('test', 'kept', '-k', 'by_hand'), 0, '1 passed')
	found += [] if re.search(r'^ok \d+ - flawless.by_hand', project.make('test')[1], re.M) else ['make test reads no .env']
	os.remove(project.path('.env'))
	done = project.run('test', 'kept', '-k', 'by_hand')
	found += told(done, 1, 'the service does not start: it has said why', 'office is required: give it as --office, as SHOP_OFFICE')
	found += ['exit() is blamed: ' + done[1]] if 'exit()' in done[1] else []
	project.write('main/shop.c', program)
	return found


def no_input(project):
	"""An operation without rows has no words."""
	return told(project.run('fuzz', 'enter', '--runs', '300'), 0, 'nothing was found')


def first_request(project):
	"""The empty input is the document's example, with the headers that are given."""
	project.write('empty', '')
	done = subprocess.run([project.path('build/fuzz/target'), '--operation=overflow', '--header=X-Key: 7', '--show=empty'],
		cwd=project.folder, capture_output=True, text=True, timeout=60, env=project.environment)
	wanted = ('POST /overflow HTTP/1.1\nHost: localhost\nContent-Type: application/json\nX-Key: 7\n\n'
		'{"title":"Emma","pages":474}')
	return [] if done.stdout == wanted else [done.stdout + done.stderr]


def links(project):
	"""With what make links the service with; what is missing is named."""
	source = f'main/{project.name}.c'
	kept = {name: project.read(name) for name in (source, 'Makefile')}
	project.write(source, kept[source].replace('.version = ', '.sealing = &cor_sealing,\n\t.version = ', 1)
		.replace('#include', '#include <coracle/sealing.h>\n#include', 1))
	assert '.sealing' in project.read(source)
	done = project.run('fuzz', 'flawless', '--runs', '100')
	found = told(done, 69, 'cor_sealing is in no source but main.c, and in no library that the Makefile names')
	found += ['the cause is none: ' + done[2]] if 'libclang' in done[2] else []
	project.replace('Makefile', 'BUILD ?=', 'PACKAGES += coracle-crypto\n\nBUILD ?=')
	found += told(project.run('fuzz', 'flawless', '--runs', '100'), 0, 'nothing was found')
	project.replace('Makefile', 'BUILD ?=', 'LDFLAGS += -lnowhere\nBUILD ?=')
	found += told(project.run('fuzz', 'flawless', '--runs', '100'), 69, 'there is no library nowhere')
	project.write('Makefile', kept['Makefile'])
	project.write(source, kept[source].replace(f'{project.name}_service', 'other_service'))
	found += told(project.run('fuzz', 'flawless', '--runs', '100'), 69, f'the service must be called {project.name}_service')
	for name, text in kept.items():
		project.write(name, text)
	return found


def mistakes(project, folder):
	found = told(project.run('fuzz', 'nothing'), 64, 'no operation nothing can be fuzzed: coracle routes')
	found += told(project.run('fuzz', 'flawles'), 64, 'no operation flawles can be fuzzed: did you mean flawless?')
	found += told(project.run('fuzz'), 64, 'is missing')
	found += told(project.run('fuzz', 'leak', '--runs', 'x'), 64, '--runs x: it takes a whole number')
	found += told(project.run('fuzz', 'leak', '--jobs', '1.5'), 64, '--jobs 1.5: it takes a whole number')
	path = os.path.join(folder, 'bin')
	os.mkdir(path)
	for name in ('make', 'gcc', 'pkg-config', 'sh'):
		os.symlink(shutil.which(name), os.path.join(path, name))
	return found + told(project.run('fuzz', 'leak', PATH=path), 69, 'apt-get install clang')


def main():
	command, tap, kept = Command(sys.argv[1]), Tap(), {}
	with tempfile.TemporaryDirectory() as folder:
		project = Project(command, folder)
		plant(project)
		tap.check('each defect is found, made small and kept', finds(project, kept))
		tap.check('what is known', again(project, kept))
		tap.check('two at once', at_once(project))
		tap.check('what was kept are tests', replays(project, kept))
		tap.check('a sanitizer sees more', sees_overflow(project, kept))
		tap.check('a service without defects', flawless(project))
		tap.check('all of them', goes_on(project))
		tap.check('a corpus', keeps_the_corpus_small(project))
		tap.check('settings', settings(project))
		tap.check('an operation without input', no_input(project))
		tap.check('the first request', first_request(project))
		tap.check('what is sent first', begun(project))
		tap.check('who logs in first', guarded(project))
		tap.check('mended', mended(project))
		tap.check('what it is linked with', links(project))
		tap.check('mistakes', mistakes(project, folder))
	tap.done()


main()
