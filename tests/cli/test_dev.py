#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle dev: what is changed is served, nothing is lost, what is wrong is told. test_dev.py PROGRAM"""

import contextlib
import fcntl
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

from command import Command, told
from dev import BROWSER, Client, Dev
from project import Project, answers, until
from tap import Tap

CHANGES = 20
HERE = os.path.dirname(os.path.abspath(__file__))
CHROMIUM, PLAYWRIGHT = '/usr/bin/chromium', os.path.join(HERE, '../contract/node_modules/playwright-core/index.js')
BOOKS, SHELF, TEST = 'main/controller/books.c', 'main/service/shelf.c', 'test/service/test_shelf.c'


def median(figures):
	return sorted(figures)[len(figures) // 2]


def loses_nothing(project, tap):
	"""Changes in a row, with clients that keep their connections and others that do not."""
	found, times, old = [], [], 'no book %'
	with Dev(project, '--no-tests') as dev:
		dev.says('serves http://')
		clients = [Client(dev.port, '/books/9', keeps) for keeps in (True, False, True)]
		for client in clients:
			client.start()
		for i in range(CHANGES):
			new = f'no book (change {i}) %'
			began = time.monotonic()
			project.replace(BOOKS, old, new)
			until(lambda: all(client.saw(f'(change {i})') for client in clients))
			times.append(min(client.saw(f'(change {i})') for client in clients) - began)
			old = new
		for client in clients:
			client.end()
			found += client.lost
			found += [answer for answer in client.seen if not answer.startswith('404 ')]
	project.replace(BOOKS, old, 'no book %')
	tap.figure(f'coracle dev: change to first answer of the new code: median {median(times) * 1000:.0f} ms, '
		f'least {min(times) * 1000:.0f} ms, most {max(times) * 1000:.0f} ms')
	tap.figure(f'coracle dev: requests lost in {CHANGES} changes: {len(found)} of {sum(client.bodies for client in clients)}')
	return found


def line_of(project, name, text):
	return project.read(name)[:project.read(name).index(text)].count('\n') + 1


def shown(dev, *texts, refused=()):
	"""The page that a browser gets has these, and is complete; what it lacks is told."""
	def lacks():
		return [text for text in texts if text not in dev.page()[2]]
	with contextlib.suppress(AssertionError):
		until(lambda: not lacks(), 20)  # the words on the terminal may come first
	status, head, page = dev.page()
	found = [] if status == 503 and head['Content-Type'].startswith('text/html') else [f'{status} {head}']
	found += [f'the page lacks {text!r}' for text in texts if text not in page]
	found += [f'the page has {text!r}' for text in refused if text in page]
	found += [f'the page asks for {text}' for text in ('src=', 'href="h', 'url(', '@import') if text in page]
	found += [] if head.get('Cache-Control') == 'no-store' and page.endswith('</html>\n') else [str(head)]
	return found + ([page] if found else [])


def serves(dev, wanted=200, path='/books'):
	"""Other clients have an answer, and ask for nothing that a browser does."""
	for headers in ({}, {'Accept': 'application/json'}, {'Accept': '*/*'}, {'Accept': 'text/html', 'Sec-Fetch-Dest': 'empty'}):
		status, _, body = dev.ask(path, headers)
		if status != (406 if wanted == 200 and 'Sec-Fetch-Dest' in headers else wanted):
			return [f'{headers}: {status} {body}']
	return []


def shown_anyway(dev):
	"""The link of the page sets a cookie to its state: the browser has the answers that others have, until the next change."""
	state = re.search(r"document.cookie = '(coracle-dev=\d+)", dev.page()[2])
	if not state:
		return ['the page has no link to the service']
	status = dev.ask('/books', {**BROWSER, 'Cookie': 'a=b; ' + state[1]})[0]
	other = dev.ask('/books', {**BROWSER, 'Cookie': state[1] + '1'})[0]
	return [] if (status, other) == (200, 503) else [f'anyway: {status}, of another state: {other}']


def is_over(dev):
	"""The page goes, and says so to those that are open."""
	status, _, body = dev.page()
	return [] if status == 200 else [f'{status} {body}']


def syntax_error(project, dev):
	before = dev.ask('/.coracle/dev')[2]
	project.replace(SHELF, '\trc = -ENOSPC;', '\trc = -ENOSPC')
	dev.says('The build failed')
	line = line_of(project, SHELF, '} else {')  # that of the macro is not known
	dev.says(f'Mend {SHELF}, line {line}')
	found = shown(dev, f'{SHELF}:{line}:', f'<mark><i>{line}</i>', '<br><i></i>\t<b>^</b></mark>', 'expected',
		f'Mend {SHELF}, line {line}', 'shelf-&gt;len == SHELF_MAX', 'The whole output')
	found += serves(dev)
	state = dev.ask('/.coracle/dev')
	found += [] if state[0] == 200 and state[2] != before else [f'{before} {state}']
	number = re.search(r'\d+', state[2])[0]
	found += [] if dev.ask(f'/.coracle/dev?state={int(number) - 1}')[2] == state[2] else ['a page that is old is kept waiting']
	waiting = threading.Thread(target=lambda: news.append(dev.ask(f'/.coracle/dev?state={number}')[2]))
	news = []
	waiting.start()
	project.replace(SHELF, '\trc = -ENOSPC', '\trc = -ENOSPC;')
	dev.says('the change is served')
	waiting.join(60)
	return found + is_over(dev) + serves(dev) + ([] if len(news) == 1 else ['nothing is told to a page that waits'])


def mistake_in_a_macro(project, dev):
	"""Told at the user's line, by a sentence about it, though gcc places it in a header of ours."""
	header, table = 'main/resources/book.h', 'main/resources/book.c'
	project.replace(header, 'uint32_t limit;', 'float limit;')
	dev.says('The build failed')
	line, sentence = line_of(project, table, 'COR_FIELD(struct book_query, limit'), 'no row can have this type: use double'
	dev.says(f'{table}:{line}: {sentence}')
	dev.says(f'> {line:5} | ')
	dev.says(f'Mend {table}, line {line}')
	found = shown(dev, f'<h2>{sentence}<br><span class="place">{table}:{line}:', f'<mark><i>{line}</i>')
	project.replace(header, 'float limit;', 'uint32_t limit;')
	dev.says('the change is served')
	return found + is_over(dev) + wrong_handler(project, dev)


def wrong_handler(project, dev):
	"""Which argument differs, and how."""
	project.replace(BOOKS, 'list_books, book_query_schema', 'list_books, COR_NONE')
	line = line_of(project, BOOKS, 'COR_OPERATION(list_operation')
	dev.says(f'{BOOKS}:{line}: the handler list_books: its second argument is const struct book_query *; '
		'it must be const struct cor_none *, the type of cor_none_schema')
	dev.says(f'Mend {BOOKS}, line {line}')
	project.replace(BOOKS, 'list_books, COR_NONE', 'list_books, book_query_schema')
	dev.says('the change is served')
	project.replace(BOOKS, 'const struct book_query *query', 'const struct book_queri *query')  # which has no members to use
	dev.says('The build failed')
	dev.says(f'Mend {BOOKS}, line {line}')
	found = shown(dev, 'the handler list_books: its second argument is const struct book_queri *; ')
	project.replace(BOOKS, 'book_queri *', 'book_query *')
	dev.says('the change is served')
	return found + is_over(dev)


def mistake_for_many(project, dev):
	"""In a header: of all files that no longer compile, the row says it best, and is told first."""
	header, table, users = 'main/resources/book.h', 'main/resources/book.c', ['main/a/first.c', 'main/a/second.c']
	text, place = project.read(header), line_of(project, table, 'COR_FIELD(struct book, title')
	for number, user in enumerate(users):
		project.write(user, '#include "resources/book.h"\n#include <string.h>\n'
			f'size_t len{number}(const struct book *book);\nsize_t len{number}(const struct book *book)\n{{\n\treturn strlen(book->title);\n}}\n')
	dev.says('the change is served')
	project.replace(header, 'char title[201];', 'float title;')
	dev.says('The build failed')
	dev.says(f'{table}:{place}: no row can have this type: use double')
	dev.says(f'Mend {table}, line {place}')
	found = shown(dev, f'<h2>no row can have this type: use double<br><span class="place">{table}:{place}:', *users)
	found += [] if re.search('<h2>(.{6})', dev.page()[2])[1] == 'no row' else ['another is told first']
	project.write(header, text)
	shutil.rmtree(project.path('main/a'))
	dev.says('the change is served')
	return found + is_over(dev)


def mistake_that_compiles(project, dev):
	"""What older compilers only warn of, and what crashes as it starts."""
	table = 'main/resources/book.c'
	project.replace(table, '.fallback = "20"', '.fallback = 20')
	dev.says('The build failed')
	line = line_of(project, table, '.fallback = 20')
	found = shown(dev, f'{table}:{line}', f'<mark><i>{line}</i>', 'from integer without a cast', f'Mend {table}, line {line}')
	project.replace(table, '.fallback = 20', '.fallback = "20"')
	dev.says('the change is served')
	return found + is_over(dev)


def with_clang(command, folder):
	"""Whose columns are bytes, and whose last line is another."""
	if not shutil.which('clang'):
		return []
	project = Project(command, folder, name='clang', compiler='clang')
	with Dev(project, '--no-tests') as dev:
		dev.says('serves http://')
		found = mistake_in_a_macro(project, dev)
	project.replace(SHELF, '\trc = -ENOSPC;', '\trc = -ENOSPC')
	with Dev(project) as dev:
		dev.says('The build failed')
		until(lambda: dev.page()[0] == 503)
		return found + shown(dev, f'{SHELF}:', '</i>\t\t            <b>^</b></mark>', "expected ';'")


def is_escaped(project, dev):
	"""Whatever stands in messages and sources, the page is no other than ours."""
	project.replace(SHELF, 'static struct book *find', '#error <script>alert(1)</script> &amp; "\nstatic struct book *find')
	dev.says('The build failed')
	found = shown(dev, '&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; &quot;', refused=['<script>alert'])
	project.replace(SHELF, '#error <script>alert(1)</script> &amp; "\n', '')
	dev.says('the change is served')
	return found + is_over(dev)


def deleted_files(project, dev):
	"""A source, of which the linker tells, and a header, of which the compiler does."""
	header = SHELF.replace('.c', '.h')
	text = project.read(header)
	os.remove(project.path(header))
	dev.says('The build failed')
	found = shown(dev, 'service/shelf.h: No such file or directory') + shown_anyway(dev)
	found += serves(dev)
	project.write(header, text)
	dev.says('the change is served')
	found += is_over(dev)
	source = project.read(SHELF)
	os.remove(project.path(SHELF))
	dev.says('The build failed')
	found += shown(dev, 'undefined reference to', 'shelf_add', BOOKS, 'Nothing below main/ defines it', 'bring it back')
	found += serves(dev)
	project.write(SHELF, source)
	dev.says('the change is served')
	return found + is_over(dev)


def crash_at_start(project, dev):
	main = 'main/shop.c'
	project.replace(main, '\treturn *ret_state ?', '\t*(volatile int *)ret_state[0] = *(volatile int *)8;\n\treturn *ret_state ?')
	dev.says('The service died of SIGSEGV as it started')
	line = line_of(project, main, '*(volatile')
	dev.says(f'> {line:5} | ')
	dev.says(f'Mend {main}, line {line}')
	found = shown(dev, 'crashed in start()', f'{main}:{line}', f'<mark><i>{line}</i>', 'SIGSEGV', 'The stack:', 'main/main.c:')
	found += serves(dev)
	project.replace(main, '\t*(volatile int *)ret_state[0] = *(volatile int *)8;\n', '')
	dev.says('the change is served')
	project.replace(main, '\treturn *ret_state ?', '\treturn -EIO;\n\treturn *ret_state ?')
	dev.says('The service ended with status 70 as it started')
	hook = line_of(project, main, '.start = ')
	found += shown(dev, '<h1>the start hook of shop failed: Input/output error</h1>', 'status 70', f'<mark><i>{hook}</i>')
	project.replace(main, '\treturn -EIO;\n', '')
	dev.says('the change is served')
	return found + is_over(dev)


def refused_at_start(project, dev):
	"""The reason is the headline, and its place the line that declares what it names: a row, a path, a setting."""
	table, setting = 'main/resources/book.c', 'SHOP_LOG_LEVEL=zork'
	found = []
	for name, old, new, reason in (
			(table, 'COR_FIELD(struct book_query, limit,', 'COR_FIELD(struct book, id,', 'book_query_schema, row id: the row is of struct book'),
			(table, '.fallback = "20"', '.fallback = "x"', 'book_query_schema, row limit: .fallback x is not JSON'),
			(BOOKS, '"/books/{id}"', '"/books/{book}"', 'GET /books/{book}: the path names {book}')):
		text, line = project.read(name), line_of(project, name, old)
		project.replace(name, old, new)
		dev.says(f'coracle: dev: {reason}')
		dev.says(f'> {line:5} | ')
		dev.says(f'The service ended with status 78 as it started. Mend {name}, line {line}')
		found += shown(dev, f'<h1>{reason}', f'{name}:{line}', f'<mark><i>{line}</i>') + serves(dev)
		project.write(name, text)
		dev.says('the change is served')
	found += refused_in_another_file(project, dev)
	project.write('.env', f'# levels\n{setting}\n')
	dev.says('coracle: dev: SHOP_LOG_LEVEL=zork: must be one of')
	dev.says('Mend .env, line 2')
	os.remove(project.path('.env'))
	dev.says('the change is served')
	return found + is_over(dev)


SETTINGS = '''#include "shop.h"

static const struct cor_field tuning_fields[] = {
	COR_FIELD(
		struct tuning,
		limit, .fallback = "4", .range = COR_MIN(10)),
};
COR_SCHEMA(tuning_schema, tuning_fields);
'''
DECLARED = '''struct tuning {
	uint32_t limit;
};
COR_DECLARE_SCHEMA(tuning_schema, struct tuning);
'''


def refused_in_another_file(project, dev):
	"""What counts is where a schema is defined, and not a file before it that only names it."""
	main, header, other = 'main/shop.c', 'main/shop.h', 'main/tuning.c'
	kept = {name: project.read(name) for name in (main, header)}
	project.write(header, kept[header].rstrip().removesuffix('#endif') + DECLARED + '#endif\n')
	project.write(other, SETTINGS)
	project.replace(main, '\t.start = start,\n', '\t.start = start,\n\t.settings = COR_SETTINGS(tuning_schema),\n')
	dev.says('coracle: dev: tuning_schema, row limit: ')
	line = line_of(project, other, 'limit, .fallback')
	dev.says(f'Mend {other}, line {line}')
	found = shown(dev, f'{other}:{line}', f'<mark><i>{line}</i>', refused=[f'{main}:'])
	os.remove(project.path(other))
	for name, text in kept.items():
		project.write(name, text)
	dev.says('the change is served')
	return found


WANTED = '''struct own {
	const char *office;
	const char *office_key;
};
static const struct cor_field own_fields[] = {
	COR_FIELD(struct own, office, .fallback = "\\"Delft\\""),
	COR_FIELD(struct own, office_key, .access = COR_WRITE_ONLY, .min_length = 4),
};
COR_LOCAL_SCHEMA(own_schema, struct own, own_fields);

static int start('''


def lacks_a_setting(project, dev):
	"""One that is required has its row as the place, and is found in .env once it is there."""
	main, kept = 'main/shop.c', project.read('main/shop.c')
	project.write(main, kept.replace('static int start(', WANTED, 1).replace('\t.start = start,\n', '\t.start = start,\n\t.settings = COR_SETTINGS(own_schema),\n'))
	reason, line = 'office_key is required: give the path of a file with it as SHOP_OFFICE_KEY_FILE', line_of(project, main, 'COR_FIELD(struct own, office_key')
	dev.says(f'coracle: dev: {reason}')
	advice = 'Put a line SHOP_OFFICE_KEY=VALUE into .env'
	dev.says(advice)
	found = shown(dev, f'<h1>{reason}', advice, 'row office_key of own_schema', f'{main}:{line}', f'<mark><i>{line}</i>') + serves(dev)
	project.write('.env', 'SHOP_OFFICE_KEY=secret\n')
	dev.says('the change is served')
	os.remove(project.path('.env'))
	dev.says(f'coracle: dev: {reason}')
	project.write(main, project.read(main).replace(' .min_length = 4', ' .key = "office-key", .min_length = 4'))
	dev.says('coracle: dev: office-key is required')
	dev.says(advice)  # also where the row is not found
	project.write(main, kept)
	dev.says('the change is served')
	return found + is_over(dev)


def crash_at_run_time(project, dev):
	"""One request is lost: the one that crashed it."""
	project.replace(BOOKS, '\tlist->books.items =', '\tif (query->limit == 13)\n\t\t__builtin_abort();\n\tlist->books.items =')
	dev.says('the change is served')
	found = serves(dev)
	try:
		found += [f'{dev.ask("/books?limit=13")} of a crash']
	except ConnectionError:
		pass
	found += serves(dev)
	dev.says('The service died of SIGABRT')
	line = line_of(project, BOOKS, 'abort();')
	dev.says(f'{BOOKS}:{line}: crashed in list_books()')
	dev.says('It was started again')
	found += shown(dev, f'{BOOKS}:{line}', 'crashed in list_books()', f'<mark><i>{line}</i>', 'in fiber &quot;list_books&quot;')
	project.replace(BOOKS, '\tif (query->limit == 13)\n\t\t__builtin_abort();\n', '')
	dev.says('the change is served')
	return found + is_over(dev)


def held_thread(project, dev):
	"""A handler that loops is told with its line."""
	loop = '\tfor (int64_t end = cor_monotonic_ns() + 600000000; query->limit == 13 && cor_monotonic_ns() < end;)\n\t\t;\n'
	kept = project.read(BOOKS)
	project.write(BOOKS, '#include <coracle/clock.h>\n' + kept.replace('\tlist->books.items =', loop + '\tlist->books.items ='))
	dev.says('the change is served')
	told_at = f'{BOOKS}:{line_of(project, BOOKS, "cor_monotonic_ns() + ")}: list_books() holds its thread'
	found = serves(dev)
	until(lambda: dev.ask('/books?limit=13')[0] != 200 or told_at in dev.said)  # who looks may have no processor
	dev.says(told_at)
	project.write(BOOKS, kept)
	dev.says('the change is served')
	return found + is_over(dev)


def failed_test(project, dev):
	"""Of a change in main/, and of one in the test, for which the service need not start again."""
	shelf, test = project.read(SHELF), project.read(TEST)
	project.replace(SHELF, 'rc = -ENOSPC;', 'rc = -EDOM;')
	dev.says('the change is served')
	dev.says('A test failed')
	line = line_of(project, TEST, 'cor_expect_code(t, shelf_add(shelf, &book, &book), -ENOSPC)')
	dev.says(f'Mend what it tests, or the test: {TEST}, line {line}')
	found = shown(dev, f'{TEST}:{line}', f'<mark><i>{line}</i>', 'is not -ENOSPC', 'The change is served') + serves(dev)
	project.replace(TEST, '&book), -ENOSPC)', '&book), -EDOM)')
	dev.says(TEST + ' has changed')
	found += [] if 'is served' not in dev.says(' passed in ') else ['the service was started again']
	found += is_over(dev)
	name = re.search(r'COR_CASE\((\w+)\)', test)[1]
	head = f'static void {name}(struct cor_test *t)\n{{\n'
	project.write(TEST, test.replace(f'COR_CASE({name})', f'COR_CASE({name}, .timeout_ms = 200)').replace(head, head + '\tfor (;;)\n\t\tcor_expect(t, true);\n'))
	dev.says('A test does not end')
	project.write(SHELF, shelf)
	project.write(TEST, test)
	dev.says(' passed in ')
	return found + is_over(dev)


def failed_contract(project, dev):
	"""Which operation, by which row, and the command that shows it; of what goes before its own line, once."""
	table = '.summary = "Fetch a book", .problems = { 404 });'
	project.replace(BOOKS, table, table.replace('404', '507'))
	dev.says('the change is served')
	dev.says('A test failed')
	dev.says('test/test_contract.c:8: GET /books/{id}[path id]: (at maximum, 9223372036854775807) the status 404 is not declared')
	dev.says(f"curl -i -X GET 'http://127.0.0.1:{dev.port}/books/9223372036854775807'")
	dev.says('Mend the operation, or its table.')
	found = shown(dev, 'GET /books/{id}[path id]: (at maximum', 'curl -i -X GET', refused=('<pre class="source">',))
	project.replace(BOOKS, table.replace('404', '507'), table)
	dev.says(' passed in ')
	found += is_over(dev)
	before = project.read('test/before.http')
	project.write('test/before.http', 'GET /books/77\n')
	dev.says('A test failed')
	told = dev.says('Mend what it tests, or the test: test/before.http, line 1')
	found += [] if 'test/before.http:1: GET /books/77 is answered with 404' in told and told.count('before.http:1: ') == 1 else [told]
	project.write('test/before.http', before)
	dev.says(' passed in ')
	return found + is_over(dev)


def in_a_browser(project, dev):
	"""Chromium shows it, by itself alone, and sees that it goes."""
	if not all(os.path.exists(path) for path in (CHROMIUM, PLAYWRIGHT)) or not shutil.which('node'):
		return []
	project.replace(SHELF, '\trc = -ENOSPC;', '\trc = -ENOSPC')
	dev.says('The build failed')
	page = subprocess.Popen(['node', os.path.join(HERE, 'page.mjs'), CHROMIUM, PLAYWRIGHT, dev.url + 'books', *sys.argv[2:]],
		stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
	found = [line for line in iter(page.stdout.readline, '') if not is_mended(line, project)]
	page.wait(60)
	dev.says('the change is served')
	return found + ([] if page.returncode == 0 else [f'status {page.returncode}']) + is_over(dev)


def is_mended(line, project):
	"""Once the page is shown, the error is taken out."""
	if line.strip() != 'shown':
		return line.strip() == 'gone'
	project.replace(SHELF, '\trc = -ENOSPC', '\trc = -ENOSPC;')
	return True


def other_changes(project, dev):
	"""As editors make them: by renaming, with copies beside it; in new folders; of settings."""
	found = []
	project.write('main/controller/.books.c.swp', 'x')
	project.write('main/controller/books.c~', 'x')
	project.write('main/controller/4913', 'x')
	project.write('next.c', project.read(BOOKS).replace('no book %', 'renamed: no book %'))
	os.replace(project.path('next.c'), project.path(BOOKS))
	dev.says('the change is served')
	found += [] if 'renamed: ' in dev.ask('/books/9')[2] else ['a file that was renamed is not seen']
	project.write('main/new/deep/added.c', 'int added(void);\nint added(void)\n{\n\treturn 1\n}\n')
	dev.says('The build failed')
	found += shown(dev, 'main/new/deep/added.c:4')
	project.replace('main/new/deep/added.c', 'return 1', 'return 1;')
	dev.says('the change is served')
	project.write('.env', 'SHOP_LOG_LEVEL=nonsense\n')
	dev.says('The service ended with status 78 as it started')
	found += shown(dev, 'nonsense') + serves(dev)
	os.remove(project.path('.env'))
	dev.says('the change is served')
	found += [f'{name} was seen' for name in ('.swp', 'books.c~', '4913') if name in dev.said]
	shutil.rmtree(project.path('main/new'))
	dev.says('the change is served')
	return found + is_over(dev)


EMBED = '''
main/page_files.c: $(shell find page) extra.txt
	%s page $@ page_files
'''
PAGE = '''#include <coracle/files.h>

extern const struct cor_embedded_files page_files;
static const struct cor_files page = { .path = "/", .embedded = &page_files };
static const struct cor_files *const pages[] = { &page, NULL };

const struct'''


def embeds_pages(project, dev):
	"""A page that changes, one that is new, in a new folder, and a file beside the Makefile: what a rule names."""
	main, kept = 'main/shop.c', {name: project.read(name) for name in ('main/shop.c', 'Makefile')}
	project.write('main/page_files.c', '')
	project.write('page/index.html', 'first')
	project.write('extra.txt', 'x')
	project.write('Makefile', kept['Makefile'] + EMBED % os.path.join(HERE, '../../tools/coracle-embed'))
	project.write(main, kept[main].replace('\nconst struct', '\n' + PAGE, 1).replace('\t.start = start,\n', '\t.start = start,\n\t.files = pages,\n'))
	until(lambda: dev.ask('/')[2] == 'first')
	dev.says('the change is served')
	project.write('page/index.html', 'second')
	said = dev.says('the change is served')
	found = [said] if 'page_files.c has changed' in said or dev.ask('/')[2] != 'second' else []
	project.write('page/more/new.txt', 'new')
	until(lambda: dev.ask('/more/new.txt')[0] == 200)
	project.write('page/more/new.txt', 'newer')
	until(lambda: dev.ask('/more/new.txt')[2] == 'newer')
	dev.says('the change is served')
	project.write('extra.txt', 'y')
	dev.says('extra.txt has changed')
	for name in ('page', 'main/page_files.c', 'extra.txt'):
		(shutil.rmtree if name == 'page' else os.remove)(project.path(name))
	for name, text in kept.items():
		project.write(name, text)
	until(lambda: dev.ask('/')[0] == 404)
	dev.says('the change is served')
	return found + is_over(dev)


def first_that_fails(project):
	"""Where nothing can run from the beginning, everybody is told, by any method."""
	project.replace(SHELF, 'rc = -ENOSPC;', 'rc = -ENOSPC')
	found = []
	with Dev(project) as dev:
		dev.says('The build failed')
		until(lambda: dev.ask('/books')[0] == 503)
		found += shown(dev, SHELF, 'expected') + serves(dev, 503)
		for method, path, body in (('POST', '/books', '{"title":"Emma"}'), ('DELETE', '/books/1', None), ('GET', '/%2e?x=%zz', None)):
			status, head, text = dev.ask(path, {'Content-Type': 'application/json'}, method, body)
			found += [] if (status, head['Content-Type']) == (503, 'application/problem+json') and SHELF in text else [f'{status} {head} {text}']
		project.replace(SHELF, 'rc = -ENOSPC', 'rc = -ENOSPC;')
		dev.says('serves http://')
		until(lambda: dev.page()[0] == 200)  # who stood in ends
		until(lambda: not serves(dev))
	return found


def crash_of_a_worker(project):
	"""The master starts another; the page tells of the one before."""
	crash = '\tif (query->limit == 13)\n\t\t__builtin_abort();\n'
	project.replace(BOOKS, '\tlist->books.items =', crash + '\tlist->books.items =')
	with Dev(project, '--no-tests', '--', '--processes', '1') as dev:
		dev.says('serves http://')
		try:
			found = [f'{dev.ask("/books?limit=13")} of a crash']
		except ConnectionError:
			found = []
		dev.says('A worker of the service crashed')
		found += shown(dev, f'{BOOKS}:{line_of(project, BOOKS, "abort();")}', 'crashed in list_books()', 'Its master has started another')
		found += serves(dev)
		project.replace(BOOKS, crash, '')
		dev.says('the change is served')
		return found + is_over(dev)


def crash_of_workers_at_start(project):
	"""The master tries some, and ends: told once, with the stack, while the version before serves."""
	main, crash = 'main/shop.c', '\t*(volatile int *)ret_state[0] = *(volatile int *)8;\n'
	with Dev(project, '--no-tests', '--', '--processes', '1') as dev:
		dev.says('serves http://')
		project.replace(main, '\treturn *ret_state ?', crash + '\treturn *ret_state ?')
		said = dev.says('A worker of the service crashed as it started')
		line = line_of(project, main, '*(volatile')
		dev.says(f'{main}:{line}: crashed in start()')
		found = ['another report comes first'] if 'Mend ' in said else []
		found += shown(dev, '<h1>A worker of the service crashed as it started</h1>', f'{main}:{line}', f'<mark><i>{line}</i>', 'The stack:')
		found += serves(dev)
		project.replace(main, crash, '')
		dev.says('the change is served')
		return found + is_over(dev)


def names_keys(dev, path):
	with open(f'/proc/{children_of(dev.process.pid)[0]}/environ') as file:
		return [] if f'CORACLE_COOKIE_KEYS={path}\0' in file.read() else [f'the keys are not {path}']


def listens_elsewhere(project):
	"""At what the settings say, and at a unix socket, whose file goes in the end."""
	path = project.path('build/web.sock')
	project.write('.env', f'SHOP_HTTP=unix:{path}\n')
	with Dev(project, '--no-tests', listens=()) as dev:
		dev.says('serves unix:')
		found = [] if answers(path, '/books').startswith('200 ') else ['nobody answers at the unix socket']
		project.replace(BOOKS, 'no book %', 'none: no book %')
		dev.says('the change is served')
		found += [] if 'none: no book 9' in answers(path, '/books/9') else ['the change is not served at the unix socket']
		found += names_keys(dev, project.path('build/cookie-keys'))
		project.write('.env', project.read('.env') + 'CORACLE_COOKIE_KEYS=/mine\n')
		dev.says('the change is served')
		found += names_keys(dev, '/mine')
	project.replace(BOOKS, 'none: no book %', 'no book %')
	os.remove(project.path('.env'))
	return found + ([f'{path} is there still'] if os.path.exists(path) else [])


def free_port():
	with socket.socket() as taken:
		taken.bind(('127.0.0.1', 0))
		return taken.getsockname()[1]


def hands_on_all_listeners(project, tap):
	"""Whatever it listens at: of the settings and of the command line, of both kinds of sockets. None of them loses a request."""
	control, h2c, uwsgi = free_port(), free_port(), project.path('build/uwsgi.sock')
	project.write('.env', f'SHOP_CONTROL=127.0.0.1:{control}\nSHOP_PID_FILE=build/shop.pid\n')
	found, old = [], 'no book %'
	with Dev(project, '--no-tests', '--', '--h2c', f'127.0.0.1:{h2c}', '--uwsgi', 'unix:build/uwsgi.sock') as dev:
		dev.says('serves http://')
		clients = [Client(control, path, keeps) for path in ('/live', '/status') for keeps in (True, False)]
		for client in clients:
			client.start()
		for i in range(CHANGES // 4):
			new = f'no book (handed on {i}) %'
			project.replace(BOOKS, old, new)
			dev.says('the change is served')
			done = subprocess.run(['curl', '-s', '-m', '30', '--http2-prior-knowledge', f'http://127.0.0.1:{h2c}/books/9'], capture_output=True, text=True)
			found += [] if f'(handed on {i})' in done.stdout else [f'h2c: {done.returncode} {done.stdout}']
			status, body = asked_by_uwsgi(uwsgi, '/books/9')
			found += [] if status == '404' and f'(handed on {i})' in body else [f'uwsgi: {status} {body}']
			old = new
		top = project.run('top', '--once', '--every', '0.2')
		found += told(top, 0, 'shop') + ([] if '1 of 1 workers ready' in top[1] else [top[1]])
		for client in clients:
			client.end()
			found += client.lost + [answer for answer in client.seen if not answer.startswith('200 ')]
		tap.figure(f'coracle dev: requests of the control listener lost in {CHANGES // 4} changes: {sum(len(client.lost) for client in clients)} '
			f'of {sum(client.bodies for client in clients)}')
		os.remove(project.path('.env'))
		dev.says('the change is served')
		found += refused(control) + ([] if os.path.exists(uwsgi) else ['the file of a socket went too early'])
	project.replace(BOOKS, old, 'no book %')
	return found + ([f'{uwsgi} is there still'] if os.path.exists(uwsgi) else [])


def lets_go_at_a_reload(project):
	"""A reload without an address closes it at once, and one that names it again serves there."""
	h2c, uwsgi = free_port(), project.path('build/reload.sock')
	whole = json.dumps({'h2c': [f'127.0.0.1:{h2c}'], 'uwsgi': ['unix:build/reload.sock']})
	project.write('build/shop.json', whole)
	with Dev(project, '--no-tests', '--', '--config', 'build/shop.json', '--processes', '1') as dev:
		dev.says('serves http://')
		service, found = children_of(dev.process.pid)[0], []
		for change in (('no book %', 'none: no book %'), ('none: no book %', 'no book %')):
			socket.create_connection(('127.0.0.1', h2c), 5).close()
			project.write('build/shop.json', '{}')
			os.kill(service, signal.SIGHUP)
			found += refused(h2c)
			until(lambda: not os.path.exists(uwsgi), 20)
			project.write('build/shop.json', whole)
			os.kill(service, signal.SIGHUP)
			until(lambda: os.path.exists(uwsgi) and asked_by_uwsgi(uwsgi, '/books/9')[0] == '404', 20)
			project.replace(BOOKS, *change)  # the next one has its sockets of the one before
			dev.says('the change is served')
			service = next(pid for pid in children_of(dev.process.pid) if pid != service)
	return found


def hands_on_tls(project, tap):
	"""--https: HTTP/2 and HTTP/1.1, by connections that are kept and by new ones. None of them loses a request."""
	kept, port = {name: project.read(name) for name in ('main/shop.c', 'Makefile', BOOKS)}, free_port()
	certificate, key = project.path('certificate.pem'), project.path('key.pem')
	subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
		'-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate], check=True, capture_output=True)
	project.replace('Makefile', 'BUILD ?=', 'PACKAGES += coracle-tls\n\nBUILD ?=')
	project.write('main/shop.c', kept['main/shop.c'].replace('#include "shop.h"', '#include "shop.h"\n\n#include <coracle/tls.h>', 1)
		.replace('\t.start = start,\n', '\t.start = start,\n\t.tls = &cor_tls,\n', 1))
	found, old = [], 'no book %'
	with Dev(project, '--no-tests', '--', '--https', f'127.0.0.1:{port}', '--certificate', certificate, '--key', key) as dev:
		dev.says('serves http://')
		clients = [Client(port, '/books/9', keeps, ssl.create_default_context(cafile=certificate)) for keeps in (True, False)]
		for client in clients:
			client.start()
		for i in range(CHANGES // 4):
			new = f'no book (over TLS {i}) %'
			project.replace(BOOKS, old, new)
			dev.says('the change is served')
			done = subprocess.run(['curl', '-s', '-m', '30', '--cacert', certificate, '-w', ' HTTP/%{http_version}', f'https://127.0.0.1:{port}/books/9'],
				capture_output=True, text=True)
			found += [] if f'(over TLS {i})' in done.stdout and done.stdout.endswith(' HTTP/2') else [f'curl: {done.returncode} {done.stdout}']
			until(lambda: all(client.saw(f'(over TLS {i})') for client in clients))
			old = new
		for client in clients:
			client.end()
			found += client.lost + [answer for answer in client.seen if not answer.startswith('404 ')]
		tap.figure(f'coracle dev: requests over TLS lost in {CHANGES // 4} changes: {sum(len(client.lost) for client in clients)} '
			f'of {sum(client.bodies for client in clients)}')
	for name, text in kept.items():
		project.write(name, text)
	return found + refused(port)


def refused(port):
	"""Nobody listens any more where the settings do not say so."""
	try:
		until(lambda: not socket.create_connection(('127.0.0.1', port), 5).close() and False, 5)
	except ConnectionRefusedError:
		return []
	except (AssertionError, TimeoutError):
		pass
	return [f'somebody listens at port {port} still']


def asked_by_uwsgi(path, target):
	"""As nginx does: (status, body)"""
	variables = {'REQUEST_METHOD': 'GET', 'REQUEST_URI': target, 'SERVER_PROTOCOL': 'HTTP/1.1', 'HTTP_HOST': 'localhost'}
	block = b''.join(struct.pack('<H', len(text)) + text.encode() for pair in variables.items() for text in pair)
	with socket.socket(socket.AF_UNIX) as connection:
		connection.settimeout(60)
		connection.connect(path)
		connection.sendall(struct.pack('<BHB', 0, len(block), 0) + block)
		answer = b''.join(iter(lambda: connection.recv(4096), b'')).decode()
	return answer.split(' ')[1], answer.partition('\r\n\r\n')[2]


def keeps_what_is_its_own(project):
	"""A socket that another process wants kept is closed: nobody would answer there."""
	with Dev(project, '--no-tests') as dev:
		dev.says('serves http://')
		with open(f'/proc/{children_of(dev.process.pid)[0]}/environ') as file:
			ready = re.search('NOTIFY_SOCKET=([^\0]*)', file.read())[1]
		with socket.create_server(('127.0.0.1', 0)) as other, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
			port = other.getsockname()[1]
			sender.connect(ready)
			socket.send_fds(sender, [b'FDSTORE=1\nFDNAME=kept'], [other.fileno()])
		return refused(port)


def children_of(pid):
	done = subprocess.run(['ps', '-o', 'pid=', '--ppid', str(pid)], capture_output=True, text=True)
	found = [int(pid) for pid in done.stdout.split()]
	return found + [below for child in found for below in children_of(child)]


def is_gone(pid):
	try:
		with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
			return file.read().rpartition(')')[2].split()[0] == 'Z'
	except OSError:
		return True


def waits_for_nobody(project):
	"""A start hook that does not return, a handler that loops as its successor starts, another address in .env."""
	main, kept, handlers = 'main/shop.c', project.read('main/shop.c'), project.read(BOOKS)
	project.write('.env', 'SHOP_START_TIMEOUT_MS=3000\nSHOP_DRAIN_TIMEOUT_MS=100\nSHOP_HTTP=127.0.0.1:0\n')
	with Dev(project, '--no-tests', listens=()) as dev:
		dev.says('serves http://')
		project.replace(main, '\treturn *ret_state ?', '\tfor (;;)\n\t\tpause();\n\treturn *ret_state ?')
		project.replace(main, '#include "shop.h"', '#include "shop.h"\n\n#include <unistd.h>')
		dev.says('the service is not ready after 2 s: its prepare and start hooks have not returned; after 3 s it is ended')
		dev.says('The service was not ready within 3000 ms, and was ended')
		found = serves(dev)
		project.write(main, kept)
		project.replace(BOOKS, '\tcor_timed(ctx);', '\tcor_timed(ctx);\n\tfor (volatile int i = 1; i; )\n\t\t;')
		dev.says('the change is served')
		client = threading.Thread(target=asked, args=(dev,))
		client.start()
		until(lambda: 'held' in dev.said[dev.read_to:] or not client.is_alive())
		project.write('.env', project.read('.env').replace('HTTP=127.0.0.1:0', 'HTTP=127.0.0.1:9'))
		project.write(BOOKS, handlers)
		dev.says('SHOP_HTTP says 127.0.0.1:9 now: end coracle dev and start it again')
		dev.says('the change is served')
		dev.says('the version before has not ended within 2100 ms, and was killed')
		client.join(60)
	os.remove(project.path('.env'))
	return found


def asked(dev):
	with contextlib.suppress(OSError, http.client.HTTPException):
		dev.ask('/books')


def locks_make(project):
	"""Against other verbs, for as long as its make runs; what that has left running, a server of a compiler's cache, keeps nobody."""
	makefile, handlers, pids = project.read('Makefile'), project.read(BOOKS), 'build/daemons'
	project.write('Makefile', makefile + '\nall: daemon\ndaemon: $(program)\n'
		f'\t@setsid sh -c "echo \\$$\\$$ >>{pids}; exec sleep 600" </dev/null >/dev/null 2>&1 &\n')
	try:
		with Dev(project, '--no-tests') as dev:
			dev.says('serves http://')
			project.replace(BOOKS, 'no book %', 'locked: no book %')
			dev.says('the change is served')
			found = told(project.run('build'), 0)
			folder = os.open(project.folder, os.O_RDONLY)
			fcntl.flock(folder, fcntl.LOCK_EX)
			project.replace(BOOKS, 'locked: no book %', 'no book %')
			dev.says('waits for another make of this project')
			os.close(folder)
			dev.says('the change is served')
		return found
	finally:
		project.write(BOOKS, handlers)
		project.write('Makefile', makefile)
		for pid in project.read(pids).split():
			os.kill(int(pid), signal.SIGKILL)


def leaves_nobody(project):
	"""However it ends, nobody stays, and the port is free."""
	found = []
	for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL):
		with Dev(project, '--no-tests', '--', '--processes', '1') as dev:
			dev.says('serves http://')
			children = children_of(dev.process.pid)
			found += [] if len(children) >= 2 else [f'{number}: {children}']
			dev.end(number)
			until(lambda: all(is_gone(pid) for pid in children))
			with socket.socket() as other:
				other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
				other.bind(('127.0.0.1', dev.port))
			found += [] if dev.process.returncode == (-9 if number == signal.SIGKILL else 0) else [f'{number}: {dev.process.returncode}']
	return found


def does_not_wait(project):
	"""The second INT cuts what the first one lets end."""
	project.replace(BOOKS, '\tlist->books.items =', '\tif (query->limit == 13)\n\t\t(void)cor_sleep_ms(60000);\n\tlist->books.items =')
	with Dev(project, '--no-tests') as dev:
		dev.says('serves http://')
		client = Client(dev.port, '/books?limit=13', True)
		client.start()
		until(lambda: client.asked)
		dev.ask('/books')  # the one before has been read
		dev.process.send_signal(signal.SIGINT)
		dev.says('finishing requests in progress')
		found = [] if dev.process.poll() is None else ['it did not wait']
		dev.end()
		client.end()
		found += [] if client.lost else ['the request was answered']
	project.replace(BOOKS, '\tif (query->limit == 13)\n\t\t(void)cor_sleep_ms(60000);\n', '')
	return found


def refuses(project):
	with Dev(project, '--no-tests') as dev:
		dev.says('serves http://')
		found = told(project.run('dev', '--http', f'127.0.0.1:{dev.port}'), 69, 'is in use: ', ' has it; end that one')
	found += told(project.run('dev', '--http', 'nonsense'), 64, 'nonsense is no address')
	return found + told(project.command.run('-C', os.path.dirname(project.folder), 'dev'), 66, 'has no Makefile')


def main():
	command, tap = Command(sys.argv[1]), Tap()
	with tempfile.TemporaryDirectory() as folder:
		project = Project(command, folder)
		project.replace('main/shop.c', '\t.single_process = true,\n', '')  # some run two processes
		tap.check('changes in a row lose no request', loses_nothing(project, tap))
		tap.check('a first build that fails is told to everybody', first_that_fails(project))
		with Dev(project) as dev:
			dev.says('serves http://')
			for name, check in (('a syntax error', syntax_error), ('a mistake in a macro', mistake_in_a_macro), ('a mistake in a header', mistake_for_many),
					('a mistake that compiles elsewhere', mistake_that_compiles), ('what is told is escaped', is_escaped),
					('a deleted file', deleted_files), ('a crash at start', crash_at_start), ('what is refused at start', refused_at_start), ('a setting that is not given', lacks_a_setting),
					('a crash at run time', crash_at_run_time), ('a thread that is held', held_thread), ('a failed test', failed_test),
					('a failed generated test', failed_contract),
					('in a browser', in_a_browser), ('other changes', other_changes),
					('embedded pages', embeds_pages)):
				tap.check(name, check(project, dev))
		tap.check('a crash of a worker', crash_of_a_worker(project))
		tap.check('crashes of workers at start', crash_of_workers_at_start(project))
		tap.check('settings, and a unix socket', listens_elsewhere(project))
		tap.check('all listeners are handed on', hands_on_all_listeners(project, tap))
		tap.check('a reload closes what it no longer names', lets_go_at_a_reload(project))
		tap.check('the listener of TLS is handed on', hands_on_tls(project, tap))
		tap.check('what another process wants kept', keeps_what_is_its_own(project))
		tap.check('errors of clang', with_clang(command, folder))
		tap.check('limits of time', waits_for_nobody(project))
		tap.check('one make at a time', locks_make(project))
		tap.check('nobody is left', leaves_nobody(project))
		tap.check('the second INT', does_not_wait(project))
		tap.check('what is refused', refuses(project))
	tap.done()


main()
