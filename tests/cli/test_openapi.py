#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle openapi and coracle routes: documents, the locked copy, and what breaks clients. test_openapi.py PROGRAM"""

import copy
import json
import os
import re
import sys
import tempfile

from command import Command, told
from project import Project
from tap import Tap

REF = '#/components/schemas/'
DOCUMENT = {
	'openapi': '3.1.0', 'info': {'title': 'shop', 'version': '1'}, 'security': [],
	'paths': {
		'/books': {
			'get': {
				'parameters': [
					{'name': 'limit', 'in': 'query', 'schema': {'type': 'integer', 'minimum': 1, 'maximum': 50, 'default': 20}},
					{'name': 'X-Shop', 'in': 'header', 'schema': {'type': 'string'}}],
				'responses': {'200': {'content': {'application/json': {'schema': {'type': 'array', 'items': {'$ref': REF + 'Book'}}}},
					'headers': {'ETag': {'schema': {'type': 'string'}}}}}},
			'post': {
				'requestBody': {'content': {'application/json': {'schema': {'$ref': REF + 'Draft'}}}},
				'responses': {'201': {'content': {'application/json': {'schema': {'$ref': REF + 'Book'}}}}, '409': {}}}},
		'/books/{id}': {
			'parameters': [{'name': 'id', 'in': 'path', 'required': True, 'schema': {'type': 'integer'}}],
			'get': {'security': [{'token': ['read']}, {'key': []}],
				'responses': {'200': {'content': {'application/json': {'schema': {'$ref': REF + 'Book'}}}}}}},
		'/talk': {'get': {'responses': {'101': {}}, 'x-websocket': {'receives':
			{'$ref': REF + 'Draft'}, 'sends': {'$ref': REF + 'Book'}}}}},
	'webhooks': {'sold': {'post': {'requestBody': {'content': {'application/json': {'schema': {'type': 'object',
		'properties': {'id': {'type': 'integer'}}, 'required': ['id']}}}}, 'responses': {'200': {}}}}},
	'components': {
		'securitySchemes': {'token': {'type': 'http', 'scheme': 'bearer', 'bearerFormat': 'JWT'},
			'key': {'type': 'apiKey', 'in': 'header', 'name': 'X-Key'}},
		'schemas': {
		'Book': {'type': 'object', 'required': ['id', 'title'], 'properties': {
			'id': {'type': 'integer'}, 'title': {'type': 'string'}, 'note': {'type': 'string', 'maxLength': 9},
			'state': {'enum': ['new', 'used']}, 'sequel': {'$ref': REF + 'Book'}}},
		'Draft': {'type': 'object', 'required': ['title'], 'additionalProperties': False, 'properties': {
			'title': {'type': 'string', 'minLength': 1, 'maxLength': 9, 'pattern': 'a'}, 'price': {'type': 'number', 'minimum': 0},
			'tags': {'type': 'array', 'items': {'type': 'string'}}, 'state': {'enum': ['new', 'used']},
			'item': {'oneOf': [{'$ref': REF + 'Other'}, {'type': 'string'}]}}},
		'Other': {'type': 'object'},
	}},
}
SCHEMES = "d['components']['securitySchemes']"
LIST, POST, ONE = "d['paths']['/books']['get']", "d['paths']['/books']['post']", "d['paths']['/books/{id}']['get']"
BOOK, DRAFT = "d['components']['schemas']['Book']", "d['components']['schemas']['Draft']"

# (what is done to the document, whether that breaks clients, what is said)
CHANGES = (
	("del d['paths']['/talk']", True, 'GET /talk: is gone'),
	("d['paths']['/new'] = {'get': {}}", False, 'GET /new: is new'),
	("del d['paths']['/books']['post']", True, 'POST /books: is gone'),
	(f"{LIST}['deprecated'] = True", False, 'GET /books: is deprecated now'),
	(f"{LIST}['summary'] = 'Other'", None, ''),
	# parameters
	(f"del {LIST}['parameters'][0]", True, 'GET /books: query limit is gone'),
	(f"del {LIST}['parameters'][1]", False, 'header X-Shop is gone'),
	(f"{LIST}['parameters'][0]['required'] = True", True, 'query limit is required now'),
	(f"{LIST}['parameters'].append({{'name': 'q', 'in': 'query'}})", False, 'query q is new'),
	(f"{LIST}['parameters'].append({{'name': 'q', 'in': 'query', 'required': True}})", True, 'query q is new and required'),
	(f"{LIST}['parameters'][0]['schema']['maximum'] = 40", True, 'query limit: maximum was 50 and is 40'),
	(f"{LIST}['parameters'][0]['schema']['maximum'] = 60", False, 'query limit: maximum was 50 and is 60'),
	(f"{LIST}['parameters'][0]['schema']['default'] = 10", True, 'query limit: default was 20 and is 10'),
	(f"{LIST}['parameters'][0]['explode'] = False", True, 'query limit is written otherwise'),
	("d['paths']['/books/{book}'] = d['paths'].pop('/books/{id}'); d['paths']['/books/{book}']['parameters'][0]['name'] = 'book'",
		None, ''),
	(f"{LIST}['parameters'][0]['name'] = 'Limit'", True, 'query limit is gone'),
	(f"{LIST}['parameters'][1]['name'] = 'x-shop'", None, ''),
	(f"{LIST}['parameters'][0]['content'] = {{'text/plain': {{'schema': {LIST}['parameters'][0].pop('schema')}}}}", True,
		'query limit is written otherwise'),
	# bodies
	(f"{POST}['requestBody']['required'] = True", True, 'POST /books: body: is required now'),
	(f"del {POST}['requestBody']", True, 'body: there is none any more'),
	(f"{POST}['requestBody']['content']['text/plain'] = {{}}", False, 'body: text/plain is new'),
	(f"{POST}['requestBody']['content']['text/plain'] = {POST}['requestBody']['content'].pop('application/json')", True,
		'body: application/json is gone'),
	(f"{DRAFT}['required'].append('price')", True, 'body /price: is required now'),
	(f"{DRAFT}['required'].clear()", False, 'body /title: may be absent now'),
	(f"del {DRAFT}['properties']['price']", True, 'body /price: is gone'),
	(f"{DRAFT}['properties']['more'] = {{'type': 'string'}}", False, 'body /more: is new'),
	(f"{DRAFT}['properties']['more'] = {{}}; {DRAFT}['required'].append('more')", True, 'body /more: is new and required'),
	(f"{DRAFT}['properties']['price']['readOnly'] = True", True, 'body /price: is gone'),
	(f"{DRAFT}['properties']['price']['type'] = 'integer'", True, 'body /price: type was number and is integer'),
	(f"{DRAFT}['properties']['title']['type'] = ['string', 'null']", False, 'body /title: type was string and is ["string","null"]'),
	(f"{DRAFT}['properties']['title']['type'] = 'integer'", True, 'body /title: type was string and is integer'),
	(f"{DRAFT}['properties']['title']['minLength'] = 2", True, 'body /title: minLength was 1 and is 2'),
	(f"del {DRAFT}['properties']['title']['minLength']", False, 'body /title: minLength 1 is gone'),
	(f"{DRAFT}['properties']['price']['exclusiveMinimum'] = {DRAFT}['properties']['price'].pop('minimum')", True, 'body /price: '),
	(f"{DRAFT}['properties']['title']['pattern'] = 'b'", True, 'body /title: pattern was a and is b'),
	(f"{DRAFT}['properties']['title']['format'] = 'uri'", True, 'body /title: format uri is new'),
	(f"{DRAFT}['properties']['tags']['uniqueItems'] = True", True, 'body /tags: uniqueItems true is new'),
	(f"{DRAFT}['properties']['tags']['items']['maxLength'] = 3", True, 'body /tags[]: maxLength 3 is new'),
	(f"{DRAFT}['properties']['state']['enum'].remove('used')", True, 'body /state: the value used is gone'),
	(f"{DRAFT}['properties']['state']['enum'].append('lost')", False, 'body /state: the value lost is new'),
	(f"{DRAFT}['properties']['title']['enum'] = ['x']", True, 'body /title: takes only ["x"] now'),
	(f"{DRAFT}['properties']['item']['oneOf'].pop()", True, 'body /item: the choice {"type":"string"} is gone'),
	(f"{DRAFT}['properties']['item']['oneOf'].append({{'type': 'null'}})", False, 'body /item: the choice {"type":"null"} is new'),
	(f"{DRAFT}['properties']['item']['not'] = {{}}", True, 'body /item: not {} is new'),
	(f"{DRAFT}['additionalProperties'] = True; del {DRAFT}['properties']['price']", False, 'body /price: is gone, and passed over'),
	(f"{DRAFT}['required'].append('hidden')", True, 'body /hidden: is required now'),
	(f"{DRAFT}['properties']['item']['maxLength'] = 9; {DRAFT}['properties']['price']['maximum'] = 2**63 - 1", True,
		'body /price: maximum 9223372036854775807 is new'),
	(f"{DRAFT}['properties']['tags']['items'] = False", True, 'body /tags[]: takes nothing now'),
	(f"{DRAFT}['properties']['price'] = False", True, 'body /price: takes nothing now'),
	(f"{POST}['requestBody']['content']['application/json']['schema']['maxProperties'] = 2", True, 'body: maxProperties 2 is new'),
	(f"{POST}['requestBody']['content']['application/json']['schema']['description'] = 'Other'", None, ''),
	# answers
	(f"{POST}['responses']['200'] = {POST}['responses'].pop('201')", True, 'answer 201 is gone'),
	(f"del {POST}['responses']['409']", False, 'answer 409 is gone'),
	(f"{POST}['responses']['422'] = {{}}", False, 'answer 422 is new'),
	(f"del {LIST}['responses']['200']['headers']", True, 'answer 200 header ETag is gone'),
	(f"del {BOOK}['properties']['note']", True, 'answer 200[] /note: is gone'),
	(f"{BOOK}['properties']['more'] = {{}}", False, 'answer 200[] /more: is new'),
	(f"{BOOK}['required'].remove('title')", True, 'answer 200[] /title: may be absent now'),
	(f"{BOOK}['required'].append('note')", False, 'answer 200[] /note: is required now'),
	(f"{BOOK}['properties']['note']['maxLength'] = 10", True, 'answer 200[] /note: maxLength was 9 and is 10'),
	(f"{BOOK}['properties']['note']['maxLength'] = 8", False, 'answer 200[] /note: maxLength was 9 and is 8'),
	(f"{BOOK}['properties']['state']['enum'].append('lost')", True, 'answer 200[] /state: the value lost is new'),
	(f"{BOOK}['properties']['id']['type'] = 'number'", True, 'answer 200[] /id: type was integer and is number'),
	(f"{LIST}['responses']['200']['headers']['etag'] = {LIST}['responses']['200']['headers'].pop('ETag')", None, ''),
	# who may call
	(f"{SCHEMES}['key']['name'] = 'X-Token'", True, 'securitySchemes: key: name was X-Key and is X-Token'),
	(f"{SCHEMES}['token']['scheme'] = 'basic'", True, 'securitySchemes: token: scheme was bearer and is basic'),
	(f"{SCHEMES}['token']['bearerFormat'] = 'opaque'", None, ''),
	(f"{LIST}['security'] = [{{'token': []}}]", True, 'security: everybody was let in, and it takes [{"token":[]}] now'),
	("d['security'] = [{'token': []}]", True, 'GET /books: security: '),
	(f"{ONE}['security'][0]['token'].append('write')", True, 'security: not all who were let in by'),
	(f"{ONE}['security'].pop()", True, 'security: not all who were let in by'),
	(f"{ONE}['security'].append({{'other': []}})", False, 'security: others are let in, too'),
	(f"{ONE}['security'] = []", False, 'security: others are let in, too'),
	# what the service sends
	("del d['webhooks']['sold']", True, 'POST sold: is gone'),
	("d['webhooks']['sold']['post']['requestBody']['content']['application/json']['schema']['required'] = []", True,
		'POST sold: body /id: may be absent now'),
	("del d['paths']['/talk']['get']['x-websocket']", True, 'GET /talk: is no WebSocket any more'),
	("d['paths']['/talk']['get']['x-websocket']['receives'] = {'type': 'string'}", True,
		'message to it: type was object and is string'),
)


def write(folder, name, document):
	path = os.path.join(folder, name)
	with open(path, 'w', encoding='utf-8') as file:
		json.dump(document, file)
	return path


def rules(command, folder):
	found, old = [], write(folder, 'old.json', DOCUMENT)
	for change, breaks, said in CHANGES:
		document = {'d': copy.deepcopy(DOCUMENT)}
		exec(change, document) # pylint: disable=exec-used
		code, out, errors = command.run('openapi', 'diff', old, write(folder, 'new.json', document['d']))
		lines = [line for line in out.splitlines()[:-1]]
		first = 'breaking' if breaks else 'compatible'
		good = code == int(bool(breaks)) and ((breaks is None and out == 'nothing has changed for clients\n') or any(
			line.startswith(first) and said in line for line in lines)) and (breaks or not any(l.startswith('breaking') for l in lines))
		found += [] if good else [f'{change}: {code}\n{out}{errors}']
	return found + ([] if len(CHANGES) > 50 else ['few rules are tried'])


# (a schema of what clients send, what it becomes, whether that breaks them)
SCHEMAS = (
	({'maximum': 2**63 - 1}, {'maximum': 2**63 - 2}, True),
	({'maximum': 2**64 - 2}, {'maximum': 2**64 - 1}, False),
	({'minimum': 0, 'exclusiveMinimum': 5}, {'minimum': 0, 'exclusiveMinimum': 10}, True),
	({'minimum': 0, 'exclusiveMinimum': 5}, {'minimum': 1, 'exclusiveMinimum': 5}, None),
	({'const': [1]}, {'const': [1, 2]}, True),
	({'enum': ['a', 'b'], 'const': 'a'}, {'enum': ['a', 'b'], 'const': 'b'}, True),
	({'allOf': [{'properties': {'a': {}}}, {'required': []}]}, {'allOf': [{'properties': {'a': {}}}, {'required': ['a']}]}, True),
	({'additionalProperties': False}, {'additionalProperties': {'type': 'string'}}, False),
	({'additionalProperties': {'type': 'string'}}, {'additionalProperties': False}, True),
	({'items': {'type': 'string'}}, {'items': False}, True),
	({'items': False}, {'items': {'type': 'string'}}, False),
	({'items': True}, {}, None),
)


def schemas(command, folder):
	found = []
	for old, new, breaks in SCHEMAS:
		paths = [write(folder, name, {'openapi': '3.1.0', 'paths': {'/': {'post': {'requestBody': {'content': {'application/json': {
			'schema': schema}}}}}}}) for name, schema in (('old.json', old), ('new.json', new))]
		code, out, errors = command.run('openapi', 'diff', *paths)
		good = code == int(bool(breaks)) and (out == 'nothing has changed for clients\n') == (breaks is None)
		found += [] if good else [f'{old} {new}: {code} {out}{errors}']
	return found


def as_json(command, folder):
	document = copy.deepcopy(DOCUMENT)
	del document['paths']['/talk']
	document['paths']['/new'] = {'get': {}}
	code, out, _ = command.run('openapi', 'diff', '--json', write(folder, 'old.json', DOCUMENT), write(folder, 'new.json', document))
	wanted = {'breaking': 1, 'compatible': 1, 'changes': [{'breaks': True, 'operation': 'GET /talk', 'change': 'is gone'},
		{'breaks': False, 'operation': 'GET /new', 'change': 'is new'}]}
	return [] if (code, json.loads(out)) == (1, wanted) else [f'{code}: {out}']


def mistakes(command, folder):
	old = write(folder, 'old.json', DOCUMENT)
	found = told(command.run('openapi', 'diff', 'absent.json', old), 66, 'absent.json: No such file')
	found += told(command.run('openapi', 'diff', old, write(folder, 'none.json', [])), 65, 'none.json: is no OpenAPI document')
	found += told(command.run('openapi', 'diff', old, write(folder, 'none.json', {'swagger': '2.0', 'paths': {}})), 65, 'is no OpenAPI document')
	document = copy.deepcopy(DOCUMENT)
	document['components']['schemas']['Book']['properties']['sequel']['$ref'] = 'books.json#/Book'
	found += told(command.run('openapi', 'diff', old, write(folder, 'parts.json', document)), 65, "parts.json: has no books.json#/Book")
	with open(os.path.join(folder, 'text'), 'w', encoding='utf-8') as file:
		file.write('openapi: 3.1.0')
	found += told(command.run('openapi', 'diff', os.path.join(folder, 'text'), old), 65, 'is not JSON')
	found += told(command.run('-C', folder, 'openapi'), 66, 'it is no project')
	found += told(command.run('openapi', '4.0'), 64, '4.0: did you mean 3.0?')
	return found + told(command.run('openapi', '3.1', 'x'), 64, 'only diff takes files')


def forms(project):
	found = []
	for word, said in ((None, '"openapi":"3.1.0"'), ('3.1', '"openapi":"3.1.0"'), ('3.0', '"openapi":"3.0.3"'),
		('2.0', '"swagger":"2.0"'),
			('postman', 'v2.1.0')):
		done = project.run('openapi', *([word] if word else []))
		json.loads(done[1])
		found += told(done, 0, said)
	return found


def locked(project):
	found = told(project.run('openapi', 'diff'), 66, 'coracle openapi lock writes it')
	found += told(project.run('openapi', 'lock'), 0, 'openapi.lock.json is what')
	printed = json.loads(project.run('openapi')[1])
	found += [] if json.loads(project.read('openapi.lock.json')) == printed else ['the copy is another document']
	found += [] if project.read('openapi.lock.json').count('\n') > 50 else ['the copy has no lines']
	found += told(project.run('openapi', 'diff'), 0, 'nothing has changed for clients')
	project.replace('main/resources/book.c', 'author, .min_length = 1, .max_length = 25',
		'author, .min_length = 2, .max_length = 25')
	found += told(project.run('openapi', 'diff'), 1, 'breaking', 'POST /books: body /author: minLength was 1 and is 2')
	found += told(project.run('openapi', 'lock'), 0) + told(project.run('openapi', 'diff'), 0)
	project.replace('main/resources/book.c', 'author, .min_length = 2', 'author, .min_length')
	return found + told(project.run('openapi', 'diff'), 2, 'error', 'make all failed')


def routes(project):
	project.replace('main/resources/book.c', 'author, .min_length,', 'author, .min_length = 1,')
	project.replace('main/controller/books.c', '.summary = "Add a book",', '.summary = "Add a book", .body_limit_bytes = 4096,\n'
		'	.lifecycle = COR_DEPRECATED, .hidden = true, .timeout_ms = 500, .limits = COR_LIMITS(&few, &calm),')
	project.replace('main/controller/books.c', 'static int add_book(',
		'static const struct cor_limit few = { .name = "few", .count = 9, .per_s = 60 };\n'
		'static const struct cor_limit calm = { .name = "calm", .in_progress = 2, .by = COR_BY_NOBODY };\n\nstatic int add_book(')
	done = project.run('routes')
	found = told(done, 0, 'METHOD  PATH', 'GET     /books/{id}', 'everybody')
	row = re.search(r'^POST +/books +add_book, deprecated, hidden +everybody +(.*)$', done[1], re.M)
	found += [] if row and row.group(1) == 'few 9/60s by client, calm 2 at once by nobody, body 4096 bytes, 500 ms' else [done[1]]
	found += [] if project.run('routes', 'remove')[1].count('\n') == 2 else ['TEXT chooses nothing']
	listed = json.loads(project.run('routes', '--json')[1])
	found += [] if [(r['method'], r['path']) for r in listed['operations']] == [('GET', '/books'), ('POST', '/books'),
		('GET', '/books/{id}'), ('DELETE', '/books/{id}')] else [f'{listed}']
	return found


def main():
	command, tap = Command(sys.argv[1]), Tap()
	with tempfile.TemporaryDirectory() as folder:
		tap.check('what breaks clients, and what does not', rules(command, folder))
		tap.check('what breaks clients of a schema', schemas(command, folder))
		tap.check('--json', as_json(command, folder))
		tap.check('mistakes', mistakes(command, folder))
		project = Project(command, folder)
		tap.check('each form of the document', forms(project))
		tap.check('the locked copy', locked(project))
		tap.check('routes', routes(project))
	tap.done()


main()
