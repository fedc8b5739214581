#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What services answer is what their documents say, judged by Python's jsonschema: as OpenAPI 3.1, as 3.0 and as Swagger 2.0."""

import copy
import sys

import requests

from cases import equal, finish, run
from program import Program, built

try:
	import jsonschema
except ImportError:
	print('1..0 # SKIP jsonschema is missing: make deps-test')
	sys.exit(0)


def get(service, path):
	return requests.get(service.url + path, timeout=20)


def said_null(schema):
	"""A schema of OpenAPI 3.0 as one of draft 4: "nullable" counts next to a "type" only."""
	if isinstance(schema, list):
		return [said_null(item) for item in schema]
	if not isinstance(schema, dict):
		return schema
	schema = {key: said_null(value) for key, value in schema.items()}
	if schema.get('nullable') is True and isinstance(schema.get('type'), str):
		schema['type'] = [schema['type'], 'null']
	return schema


class Document:
	"""One of a service's documents, to validate answers by."""

	def __init__(self, service, path):
		self.text = get(service, path).json()
		self.is_swagger = 'swagger' in self.text
		self.is_newest = self.text.get('openapi', '').startswith('3.1')

	def response(self, operation, status):
		found = operation['responses'].get(str(status)) or operation['responses']['default']
		if '$ref' not in found:
			return found
		place = self.text
		for part in found['$ref'].split('/')[1:]:
			place = place[part]
		return place

	def schema(self, path, verb, answer):
		response = self.response(self.text['paths'][path][verb], answer.status_code)
		if self.is_swagger:
			return response['schema']
		return response['content'][answer.headers['Content-Type']]['schema']

	def validator(self, schema):
		whole = {'allOf': [schema], **{key: self.text[key] for key in ('components', 'definitions') if key in self.text}}
		if self.is_newest:
			return jsonschema.Draft202012Validator(whole)
		return jsonschema.Draft4Validator(whole if self.is_swagger else said_null(whole))

	def judge(self, path, verb, answer):
		faults = [error.message for error in self.validator(self.schema(path, verb, answer)).iter_errors(answer.json())]
		assert not faults, f'{verb} {path} {answer.status_code}: {faults[:3]}'


FORMS = ('/openapi.json', '/openapi-3.0.json', '/swagger.json')


def documents(service):
	return [Document(service, form) for form in FORMS]


def filled(path, operation):
	"""A path with the examples of its parameters; None: one has none."""
	for parameter in operation.get('parameters', []):
		if parameter['in'] == 'path':
			if 'example' not in parameter:
				return None
			path = path.replace('{%s}' % parameter['name'], str(parameter['example']))
	return path


def judge_reads(service):
	"""Every GET that the newest document lists."""
	forms, count = documents(service), 0
	for path, item in forms[0].text['paths'].items():
		target = filled(path, item['get']) if 'get' in item else None
		if not target:
			continue
		answer = get(service, target)
		if answer.headers.get('Content-Type') in ('application/json', 'application/problem+json'):
			count += 1
			for form in forms:
				form.judge(path, 'get', answer)
	return count


def test_answers_of_the_library(lending, countries):
	equal(judge_reads(lending), 2)
	forms = documents(lending)
	for path, verb, target, body, status in (
			('/books/{id}', 'get', '/books/2', None, 200), ('/books/{id}', 'get', '/books/9', None, 404),
			('/books/{id}', 'get', '/books/x', None, 422), ('/loans', 'post', '/loans', {'book': 2, 'reader': 'Bob'}, 201),
			('/loans', 'post', '/loans', {'book': 1, 'reader': 'Bob'}, 409), ('/loans', 'post', '/loans', {'book': 7}, 422)):
		answer = requests.request(verb, lending.url + target, json=body, timeout=20)
		equal(answer.status_code, status, target)
		for form in forms:
			form.judge(path, verb, answer)


def test_answers_of_the_countries(lending, countries):
	assert judge_reads(countries) >= 8


def test_headers_of_a_chosen_answer(lending, countries):
	answer = requests.post(lending.url + '/loans', json={'book': 1, 'reader': 'Bob'}, timeout=20)
	equal((answer.headers['Content-Type'], answer.headers['Retry-After']), ('application/json', '86400'))
	newest = documents(lending)[0].text
	assert 'Retry-After' in newest['paths']['/loans']['post']['responses']['409']['headers']


def examples_of(media):
	return [example['value'] for example in media.get('examples', {}).values()]


def test_examples_fit_their_schemas(lending, countries):
	newest, count = documents(lending)[0], 0
	for item in newest.text['paths'].values():
		for operation in item.values():
			answers = [response for response in operation['responses'].values() if '$ref' not in response]
			for part in answers + [operation.get('requestBody', {})]:
				for media in part.get('content', {}).values():
					for value in examples_of(media):
						newest.validator(media['schema']).validate(value)
						count += 1
	equal(count, 5)


def spoilt(book):
	"""Answers that no document allows; one who reads Swagger 2.0 cannot know of the last two."""
	for change in (lambda b: b.pop('id'), lambda b: b.pop('title'), lambda b: b.update(shelf='4'),
			lambda b: b['ratings'].update(ann=6), lambda b: b['medium'].pop('kind'), lambda b: b['medium'].update(kind='stone')):
		other = copy.deepcopy(book)
		change(other)
		yield other


def test_documents_refuse_what_is_wrong(lending, countries):
	book = get(lending, '/books/1').json()
	for form, known in zip(documents(lending), (6, 6, 4)):
		name = '#/definitions/book' if form.is_swagger else '#/components/schemas/book'
		validator = form.validator({'$ref': name})
		assert validator.is_valid(book)
		equal([validator.is_valid(other) for other in spoilt(book)], [False] * known + [True] * (6 - known))


def test_embedded_bases_and_unions(lending, countries):
	schemas = documents(lending)[0].text['components']['schemas']
	for name in ('book', 'loan'):
		equal(schemas[name]['allOf'], [{'$ref': '#/components/schemas/record'}], name)
		assert 'id' not in schemas[name]['properties'], name
	equal(schemas['medium']['discriminator']['mapping'],
		{'paper': '#/components/schemas/medium_paper', 'audio': '#/components/schemas/medium_audio'})
	older = documents(lending)[2].text['definitions']
	equal(older['book']['allOf'], [{'$ref': '#/definitions/record'}])
	equal(sorted(older['medium']), ['description', 'type', 'x-discriminator', 'x-oneOf'])


def test_what_is_hidden_is_served(lending, countries):
	equal(get(lending, '/count').text, '2\n')
	for form in documents(lending):
		assert '/count' not in form.text['paths']


if __name__ == '__main__':
	other = Program(built('examples/countries'))
	service = Program(built('examples/lending'))
	tap = run(sys.modules[__name__], service, other)
	other.stop()
	finish(tap, service)
