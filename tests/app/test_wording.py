#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Types of a service's own, errors in a shape of its choice and in the client's language, over HTTP."""

import http.client
import json

from program import PATIENCE, Program, Tap, differs, lacks, run


def put(program, target, body, language=None, **headers):
	"""Status, headers and JSON of the answer."""
	connection = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
	sent = {'Content-Type': 'application/json', **headers}
	if language:
		sent['Accept-Language'] = language
	connection.request('PUT', target, body=body if isinstance(body, str) else json.dumps(body), headers=sent)
	answer = connection.getresponse()
	text = answer.read()
	connection.close()
	return answer.status, answer.headers, json.loads(text)


SIZES = [{'width': 3, 'height': 4}, {'width': 1, 'height': 1}]


def types_go_there_and_back(program):
	status, headers, wall = put(program, '/walls/%2300ff00?lighter=%23010203', {'areas': SIZES, 'frame': '#aabbcc'},
		**{'X-Seen': '#0000ff'})
	found = differs('status', status, 200)
	found += differs('header', headers['X-Colour'], '#00ff00')
	return found + differs('wall', wall, {'colour': '#00ff00', 'lighter': '#010203', 'seen': '#0000ff', 'areas': SIZES,
		'frame': '#aabbcc'})


def absence_is_kept(program):
	_, _, absent = put(program, '/walls/%2300ff00', {'areas': SIZES})
	_, _, null = put(program, '/walls/%2300ff00', {'areas': SIZES, 'frame': None})
	wall = {'colour': '#00ff00', 'lighter': '#ffffff', 'seen': '#777777', 'areas': SIZES}
	return differs('absent', absent, wall) + differs('null', null, {**wall, 'frame': None})


def refusals_have_the_shape(program):
	status, headers, told = put(program, '/walls/%23000000?lighter=red',
		{'areas': [{'width': 65536, 'height': 65536}, {'width': 0}], 'frame': 5})
	found = differs('status', status, 400) + differs('type', headers['Content-Type'], 'application/json')
	found += differs('language', headers['Content-Language'], 'en')
	return found + differs('told', told, {'message': 'Input payload validation failed', 'errors': {
		'colour': 'is too dark: #000000', 'lighter': 'must match the pattern ^#[0-9a-f]{6}$', 'areas.0.height': 'is too much',
		'areas.1.width': 'must be at least 1', 'areas.1.height': 'is required',
		'frame': 'must be a string or null, not a number'}})


def clients_choose_their_language(program):
	status, headers, told = put(program, '/walls/%2300ff00', {'areas': [{'width': 0}, 5, {'width': 65536, 'height': 65536}]},
		'fr, de-AT;q=0.5')
	found = differs('status', status, 400) + differs('language', headers['Content-Language'], 'de')
	found += differs('vary', headers['Vary'], 'Accept-Language')
	found += differs('told', told['errors'], {'areas.0.width': 'muss mindestens 1 sein', 'areas.0.height': 'fehlt',
		'areas.1': 'muss ein Objekt sein, nicht a number', 'areas.2.height': 'ist zu viel'})
	status, _, told = put(program, '/walls/%2300ff00', {'areas': []}, 'de')
	found += differs('problem', (status, told), (409, {'message': 'nichts zu streichen'}))
	_, headers, told = put(program, '/walls/%2300ff00', {'areas': []}, 'en, de;q=0.1')
	return found + differs('english', (headers['Content-Language'], told), ('en', {'message': 'nothing to paint'}))


def what_cannot_be_written_is_logged(program):
	status, _, told = put(program, '/walls/%2300ff00', {'areas': SIZES, 'frame': '#123456'})
	program.wait_for_line(r'500: painted_schema: /frame must stay secret')
	return differs('answer', (status, told), (500, {'message': 'Internal Server Error'}))


def the_log_is_english(program):
	put(program, '/walls/%2300ff00', {}, 'de')
	program.wait_for_line(r'400: body /areas: is required')
	return []


def the_document_says_so(program):
	status, body = program.get('/openapi.json')
	document = json.loads(body)
	operation = document['paths']['/walls/{colour}']['put']
	found = differs('status', status, 200)
	found += differs('statuses', '422' in operation['responses'], False)
	found += differs('parameter', operation['parameters'][0]['schema'], {'$ref': '#/components/schemas/colour'})
	found += differs('kind', document['components']['schemas']['colour'], {'type': 'string', 'pattern': '^#[0-9a-f]{6}$'})
	found += differs('mapped', document['components']['schemas']['area'], {'$ref': '#/components/schemas/size_json'})
	return found + differs('error', document['components']['responses']['Problem400']['content'],
		{'application/json': {'schema': {'$ref': '#/components/schemas/Problem'}}})


def a_setting_has_a_type_of_its_own():
	with Program('--accent', '#0a0b0c') as program:
		program.wait_for_line('accent is 0a0b0c')
	status, out, errors = run('--accent', '#000000')
	return differs('status', status, 64) + lacks('refusal', out + errors, 'accent', 'is too dark: #000000')


def main():
	tap = Tap()
	with Program('--threads', '1', '--docs', 'on') as program:
		program.port()
		tap.check('a setting has a type of its own', a_setting_has_a_type_of_its_own())
		for check in (types_go_there_and_back, absence_is_kept, refusals_have_the_shape, clients_choose_their_language,
				what_cannot_be_written_is_logged, the_log_is_english, the_document_says_so):
			tap.check(check.__name__.replace('_', ' '), check(program))
	tap.done()


main()
