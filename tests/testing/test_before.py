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
	with open(os.path.join(path, 'before.http'), 'w', encoding='utf-8', newline='') as file:
		file.write(text)
	return {'SOURCE': os.path.join(path, 'test_contract.c')}


def note(events):
	return next(event for event in events.all if event['event'] == 'note')


def test_all_is_let_in_and_found():
	run = Events(PROGRAM, env=source((LOG_IN + LOT + KEY).replace('{{login.response.body.$.', '{{ login.response.body.$.')))
	states = {name: end['state'] for name, end in run.ended.items()}
	assert set(states.values()) == {'passed'}, (states, [run.text(n) for n, s in states.items() if s == 'failed'])
	rows = [' '.join(line.split()) for line in note(run)['text'].splitlines()]
	# 429 is tried for half a second, which a loaded machine may not have
	for wanted in 'GET /lots/{id} 200 400 401 404 406 422', 'DELETE /sessions 204 401', 'GET /spots/{id} 401 404 406 422':
		assert any(row.startswith(wanted) for row in rows), note(run)['text']
	assert 'were skipped' not in note(run)['text'], note(run)['text']


def test_the_folder_above_does():
	environment = source(LOG_IN + LOT + KEY)
	environment['SOURCE'] = environment['SOURCE'].replace('test_contract.c', 'deep/test_contract.c')
	assert Events(PROGRAM, 'GET /lots/{id}[valid]', env=environment).done['failures'] == 0


def test_what_is_missing_is_skipped():
	run = Events(PROGRAM, env=source(LOG_IN))
	text = note(run)['text']
	assert 'scheme key; give "# @credential key VALUE" in test/before.http, or .credentials of ' in text and 'scheme token' not in text, text
	assert '200 of GET /lots/{id}: not seen' in text, text


def test_a_request_that_fails_is_told_once():
	run = Events(PROGRAM, env=source(LOG_IN + '###\nPOST /lots\nContent-Type: application/json\n\n{"name":"North"}\n'))
	failed = [end for end in run.ended.values() if end['state'] == 'failed']
	assert len(failed) == 1 and 'before.http:9: POST /lots is answered with 401: ' in failed[0]['text'], failed
	assert failed[0]['file'].endswith('/before.http') and failed[0]['line'] == 9, failed
	reasons = [end['reason'] for end in run.ended.values() if end['state'] == 'skipped']
	assert len(reasons) > 10 and all('before.http does not pass: as ' in reason for reason in reasons), reasons
	assert 'not seen' not in note(run)['summary'], note(run)


def test_an_answer_without_what_is_asked_for():
	run = Events(PROGRAM, 'GET /lots/{id}[valid]', env=source(LOG_IN.replace('$.token', '$.tokens')))
	assert 'before.http:3: the answer of login has no $.tokens' in run.text('GET /lots/{id}[valid]'), run.ended


def more(name, request):
	return LOG_IN + LOT.replace('North', name) + '###\n' + request.replace('TOKEN', '{{login.response.body.$.token}}')


def test_values_of_answers_end_no_line():
	case = 'GET /lots/{id}[valid]'
	for name in r'a\nb', r'a\r\nX-Other: b', r'a\u007f':
		run = Events(PROGRAM, case, env=source(more(name, 'POST /lots\nX-Name: {{lot.response.body.$.name}}\nAuthorization: Bearer TOKEN\n')))
		assert 'before.http:22: $.name of the answer of lot has a control character: a body alone may have one' in run.text(case), run.ended
		run = Events(PROGRAM, case, env=source(more(name, '# @credential key {{lot.response.body.$.name}}\n')))
		assert 'before.http:22: $.name of the answer of lot has a control character' in run.text(case), run.ended
	run = Events(PROGRAM, case, env=source(more('4 1', 'GET /lots/{{lot.response.body.$.name}}\nAuthorization: Bearer TOKEN\n')))
	assert 'before.http:22: GET /lots/{{lot.response.body.$.name}} is answered with 422' in run.text(case), run.ended


def test_of_two_of_a_name_the_one_before_counts():
	get = 'GET /lots/{{lot.response.body.$.id}}\nAuthorization: Bearer TOKEN\n\n'
	text = more('North', get).replace('/lots/{id} id={{lot.response.body.$.id}}', '/lots/{id} id=41')
	run = Events(PROGRAM, 'GET /lots/{id}[valid]', env=source(text + LOT + KEY))
	assert run.done['failures'] == 0, run.ended


def test_what_is_of_a_path_counts_more():
	run = Events(PROGRAM, 'GET /lots/{id}[valid]', env=source('# @param id=1\n' + LOG_IN + LOT.replace('// @param id=1', '')))
	assert run.done['failures'] == 0 and '200' in str([line for line in note(run)['text'].splitlines() if 'GET /lots/{id}' in line]), note(run)['text']


def test_headers_of_the_client_are_its_own():
	"""Editors, and what is copied from a browser, name them."""
	own = 'Connection: keep-alive\nContent-Length: 7\nTransfer-Encoding: chunked\nExpect: 100-continue\nTE: trailers\nAuthorization: '
	text = (LOG_IN + LOT + KEY).replace('Authorization: ', own).replace('{{login.response.body.$[', '{{ login.response.body.$[').replace("']}}", "'] }}")
	run = Events(PROGRAM, 'GET /lots/{id}[valid]', env=source(text.replace('// @param id=1', '')))
	assert run.done and run.done['failures'] == 0, (run.err, run.ended)


def test_what_cannot_be_read_is_told():
	environment = source('')
	path = os.path.join(os.path.dirname(environment['SOURCE']), 'before.http')
	os.remove(path)
	os.mkdir(path)
	done = Run(PROGRAM, '--list', env=environment)
	os.rmdir(path)
	assert done.status == 4 and 'before.http: ' in done.err, (done.status, done.err)


def test_a_file_of_windows():
	text = '\ufeff' + (LOG_IN + LOT + KEY).replace('\n', '\r\n').replace('$.token}}', '$.token}} \t').replace('id=1', 'id=41 ')
	run = Events(PROGRAM, 'GET /lots/{id}[valid]', env=source(text))
	assert run.done and run.done['failures'] == 0, (run.err, run.ended)


def test_what_is_wrong_with_the_file():
	wrong = {
		'GET\n': ':1: is no request: it begins with METHOD /PATH',
		'@host = x\n': ':1: is no request',
		'GET /a\nhello\n': ':2: is no header',
		'# @credentials token x\n': ':1: @credentials is none of @name, @credential, @param and @redirects-to',
		'# @credential token\n': ':1: must be # @credential SCHEME VALUE',
		'# @credential nobody x\n': ':1: no operation asks for the scheme nobody',
		'# @param lot=1\n': ':1: no operation has a parameter lot',
		'# @param /lots/{lot} id=1\n': ':1: no operation of /lots/{lot} has a parameter id',
		'# @param /lots id=1\n': ':1: no operation of /lots has a parameter id',
		'POST /a\n\n{}\n> {% client.log() %}\n': ':4: scripts are not run, and files not filled in',
		'POST /a\n\n< /no/body.json\n': ':3: /no/body.json: No such file or directory',
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
