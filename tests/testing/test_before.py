#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Requests that go before generated tests. usage: test_before.py LOTS"""

import os
import sys
import tempfile

from program import Events, Run, run_checks

PROGRAM = sys.argv[1]
FOLDER = tempfile.TemporaryDirectory()
LOG_IN = '''# Who comes before is in.
# @name login
# @credential token {{login.response.body.$.token}}
POST http://127.0.0.1:8080/sessions HTTP/1.1
Content-Type: application/json

{"name":"ada"}
'''
LOT = '''
### a lot, for those that need one
# @note of editors
# @name lot
# @param /lots/{id} id={{lot.response.body.$.id}}
// @param id=1
POST /lots
Content-Type: application/json
# in between
Authorization: Bearer {{login.response.body.$['token']}}

{"name":"North"}

'''
KEY = '\n###\n# @credential key sesame & co\n'


def source(text):
	path = os.path.join(FOLDER.name, 'test')
	os.makedirs(os.path.join(path, 'deep'), exist_ok=True)
	with open(os.path.join(path, 'before.http'), 'w', encoding='utf-8') as file:
		file.write(text)
	return {'SOURCE': os.path.join(path, 'test_contract.c')}


def note(events):
	return next(event for event in events.all if event['event'] == 'note')


def test_all_is_let_in_and_found():
	run = Events(PROGRAM, env=source(LOG_IN + LOT + KEY))
	states = {name: end['state'] for name, end in run.ended.items()}
	assert set(states.values()) == {'passed'}, (states, [run.text(n) for n, s in states.items() if s == 'failed'])
	rows = {' '.join(line.split()) for line in note(run)['text'].splitlines()}
	assert 'GET /lots/{id} 200 400 401 404 406 422 429 -' in rows, note(run)['text']
	assert 'DELETE /sessions 204 401 429 -' in rows, note(run)['text']
	assert any(row.startswith('GET /spots/{id} 401 404 406 422 429') for row in rows), note(run)['text']
	assert 'were skipped' not in note(run)['text'], note(run)['text']


def test_the_folder_above_does():
	environment = source(LOG_IN + LOT + KEY)
	environment['SOURCE'] = environment['SOURCE'].replace('test_contract.c', 'deep/test_contract.c')
	assert Events(PROGRAM, 'GET /lots/{id}[valid]', env=environment).done['failures'] == 0


def test_what_is_missing_is_skipped():
	run = Events(PROGRAM, env=source(LOG_IN))
	text = note(run)['text']
	assert 'nothing lets them in by the scheme key; log in in test/before.http' in text and 'scheme token' not in text, text
	assert '200 of GET /lots/{id}: not seen' in text, text


def test_a_request_that_fails_is_told_once():
	run = Events(PROGRAM, env=source(LOG_IN + '###\nPOST /lots\nContent-Type: application/json\n\n{"name":"North"}\n'))
	texts = [end['text'] for end in run.ended.values() if end['state'] == 'failed']
	whole = [text for text in texts if 'before.http:9: POST /lots is answered with 401: ' in text]
	assert len(texts) > 10 and len(whole) == 1, texts
	assert all('before.http does not pass: as ' in text for text in texts if text not in whole), texts


def test_an_answer_without_what_is_asked_for():
	run = Events(PROGRAM, 'GET /lots/{id}[valid]', env=source(LOG_IN.replace('$.token', '$.tokens')))
	assert 'before.http:3: the answer of login has no $.tokens' in run.text('GET /lots/{id}[valid]'), run.ended


def test_what_is_wrong_with_the_file():
	wrong = {
		'GET\n': ':1: is no request: it begins with METHOD /PATH',
		'@host = x\n': ':1: is no request',
		'GET /a\nhello\n': ':2: is no header',
		'# @credentials token x\n': ':1: @credentials is none of @name, @credential and @param',
		'# @credential token\n': ':1: must be # @credential SCHEME VALUE',
		'# @credential nobody x\n': ':1: no operation asks for the scheme nobody',
		'# @param id\n': ':1: must be # @param [/PATH] NAME=VALUE',
		'# @name\nGET /a\n': ':1: must be # @name NAME',
		'GET /a/{{late.response.body.$.id}}\n###\n# @name late\nGET /b\n': ':1: no request before it has "# @name late"',
		'GET /a/{{$guid}}\n': ':1: must be {{NAME.response.body.$.MEMBER}}',
		'GET /a/{{x\n': ':1: must be {{NAME.response.body.$.MEMBER}}',
		'GET /a\n###\n' * 65: ':129: there are more than 64 requests',
	}
	for text, said in wrong.items():
		done = Run(PROGRAM, '--list', env=source(text))
		assert done.status == 4 and 'before.http' + said in done.err, (text, done.status, done.err)


run_checks(sys.modules[__name__])
