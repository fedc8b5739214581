#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle generate: resources in a project, and C from documents. test_generate.py PROGRAM"""

import json
import os
import re
import subprocess
import sys
import tempfile

from command import Command, told
from project import Project, answers
from tap import Tap

SCHEMA = '{"title":"box","type":"object","properties":{"a":{"type":"string"}}}'
DOCUMENT = {'openapi': '3.1.0', 'info': {'title': 'x', 'version': '1'}, 'paths': {'/boxes': {'get': {
	'operationId': 'list_boxes', 'responses': {'200': {'description': 'OK', 'content':
		{'application/json': {'schema': json.loads(SCHEMA)}}}}}}}}


JSON = ('-H', 'Content-Type: application/json', '-d')


def resources(project):
	"""They compile without a word, pass their tests and are served."""
	found = told(project.run('generate', 'resource', 'order_line'), 0, 'main/controller/order_lines.c\n',
		'main/resources/order_line.h\n',
		'test/controller/test_order_lines.c\n', 'main/shop.c: both resources are listed')
	found += told(project.run('generate', 'resource', 'city'), 0, 'main/controller/cities.c')
	done = project.run('test', 'order_lines', 'cities')
	found += told(done, 0, 'test_order_lines  4 passed', 'test_cities  4 passed')
	found += [done[2]] if done[2] else []
	done = project.run('build')
	found += told(done, 0) + ([done[2]] if done[2] else [])
	with project.serving(project.path('build/shop')) as socket:
		for path, wanted, *how in (('/order_lines', '201 {"id":1,"name":"First"}', *JSON, '{"name":"First"}'),
				('/order_lines', '200 {"order_lines":[{"id":1,"name":"First"}]}'), ('/order_lines', '422 ', *JSON, '{"name":""}'),
				('/order_lines/1', '204 ', '-X', 'DELETE'), ('/order_lines/1', '404 '), ('/cities/9', '404 '),
				('/books', '200 {"books":[]}')):
			got = answers(socket, path, *how)
			found += [] if got.startswith(wanted) else [f'{path}: {got}']
	return found


def refused(project):
	before = project.read('main/shop.c')
	found = told(project.run('generate', 'resource', 'book'), 73, 'main/controller/books.c: is there already')
	for name, said in (('int', 'is a keyword'), ('Pen', 'must be a name in C')):
		found += told(project.run('generate', 'resource', name), 64, said)
	found += told(project.run('generate', 'resource', 'pen', '--force'), 64, '--force is for schema, service and client')
	found += told(project.run('generate', 'table', 'pen'), 64, 'table: there are resource, schema, service, client')
	found += told(project.run('generate', 'resource'), 64, 'is missing')
	found += told(project.command.run('generate', 'resource', 'pen', cwd='/'), 66, 'it is no project')
	return found + ([] if project.read('main/shop.c') == before else ['main/shop.c has changed'])


def lists_elsewhere(project):
	project.replace('main/shop.c', 'resources[] = {', 'all[] = {')
	project.replace('main/shop.c', '.resources = resources', '.resources = all')
	return told(project.run('generate', 'resource', 'pen'), 0, 'Now list &pens_resource and &pen_resource of "controller/pens.h"')


FRONT = '''#include <coracle/coracle.h>

#include "shop_client.h"

static int add(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *ret)
{
	struct shop_book_added_output added;
	struct shop_get_book_input which;
	struct shop_book book;
	struct shop_book_list list;
	int rc = shop_add_book(ctx, &(struct shop_book_input){ .title = "Emma", .author = "Jane Austen" }, &added);

	(void)in;
	if (rc < 0)
		return rc;
	which.id = added.shop_book_added.id;
	rc = shop_get_book(ctx, &which, &book);
	if (rc == 0)
		rc = shop_list_books(ctx, &(struct shop_list_books_input){ .title = "mm", .limit = 5 }, &list);
	if (rc == 0)
		rc = shop_remove_book(ctx, &(struct shop_remove_book_input){ which.id });
	if (rc == 0)
		*ret = cor_str(cor_printf(ctx, "%s %s %zu", added.location, book.author, list.books.len));
	return rc;
}
COR_OPERATION(add_operation, add, COR_NONE, COR_TEXT, .problems = { 502 });
static const struct cor_resource front = { .path = "/", .post = &add_operation };
static const struct cor_service service = {
	.name = "front",
	.resources = COR_RESOURCES(&front),
	.upstreams = COR_UPSTREAMS(&shop_upstream),
	.schemas = shop_client_schemas,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &service);
}
'''


def clients(project, folder):
	"""A service calls another by what is generated of its document."""
	document = os.path.join(folder, 'shop.json')
	with open(document, 'w', encoding='utf-8') as file:
		file.write(project.run('openapi')[1])
	front = Project(project.command, folder, name='front')
	found = told(front.command.run('-C', front.folder, 'generate', 'client', document, '-o', 'main', '--prefix', 'shop_'), 0)
	front.write('main/main.c', FRONT)
	done = front.run('build')
	found += told(done, 0) + ([done[2]] if done[2] else [])
	if done[0]:
		return found
	with project.serving(project.path('build/shop')) as shop:
		with front.serving(front.path('build/front'), '--upstream-shop-url', 'http://unix:' + shop) as socket:
			got = answers(socket, '/', '-X', 'POST')
	found += [] if re.fullmatch(r'200 /books/(\d+) Jane Austen 1', got) else [got]
	return found + told(project.command.run('generate', 'client', '-', given=SCHEMA), 65, '--client: it has no operations')


def documents(command, folder):
	"""As coracle-generate writes them."""
	other = os.path.join(os.path.dirname(command.program), 'coracle-generate')
	found = []
	for name, text, what, options in (('box.schema.json', SCHEMA, 'schema', ['--prefix', 'my_', '--strict']),
			('boxes.json', json.dumps(DOCUMENT), 'service', ['--name=all'])):
		for place in ('a', 'b'):
			os.makedirs(os.path.join(folder, place), exist_ok=True)
		with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
			file.write(text)
		found += told(command.run('-C', folder, 'generate', what, name, '-o', 'a', *options), 0)
		subprocess.run([other, '--output', 'b', *(['--service'] if what == 'service' else []), *options, name], check=True, cwd=folder,
			capture_output=True)
	files = sorted(os.listdir(os.path.join(folder, 'a')))
	found += [] if files == ['all.c', 'all.h', 'all_service.c', 'box.c', 'box.h'] else [f'{files}']
	for name in files:
		texts = [open(os.path.join(folder, place, name), encoding='utf-8').read() for place in ('a', 'b')]
		found += [] if texts[0] == texts[1] else [f'{name} differs']
	found += told(command.run('-C', folder, 'generate', 'schema', 'box.schema.json', '-o', 'a'), 73, 'is there already: --force')
	found += told(command.run('-C', folder, 'generate', 'schema', 'box.schema.json', '-o', 'a', '--force'), 0)
	found += told(command.run('generate', 'schema', '-', given='[]'), 65, 'coracle: generate: -: is no schema')
	return found + told(command.run('generate', 'schema', 'absent.json'), 66, 'absent.json: No such file')


def main():
	command, tap = Command(sys.argv[1]), Tap()
	with tempfile.TemporaryDirectory() as folder:
		project = Project(command, folder)
		for check in (resources, refused, lists_elsewhere):
			tap.check(check.__name__.replace('_', ' '), check(project))
		tap.check('clients', clients(project, folder))
		tap.check('documents', documents(command, folder))
	tap.done()


main()
