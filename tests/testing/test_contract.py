#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Generated tests find what a service does against its contract, and tell it. usage: test_contract.py LIES"""

import subprocess
import sys

from program import Events, Run, run_checks

PROGRAM = sys.argv[1]
ALL = Events(PROGRAM)
CURL = "curl -i -X %s 'http://127.0.0.1:8080%s'"


def failed():
	return {name for name, end in ALL.ended.items() if end['state'] == 'failed'}


def fails(test, *parts):
	text = ALL.text(test)
	assert ALL.state(test) == 'failed', ALL.ended[test]
	for part in parts:
		assert part in text, text
	assert 'contract_lies.c:' in text, text


def test_a_status_that_is_not_declared():
	fails('GET /undeclared/{id}[valid]', 'the status 410 is not declared, only 200, 400, 406, 422: add it to .problems or .also',
		CURL % ('GET', '/undeclared/1'), 'answered 410 Gone: item 1 is gone')


def test_an_answer_that_breaks_its_schema():
	fails('GET /wrong-answer[valid]', 'the body breaks the schema of status 200: /id is of type string, and not "integer"',
		'{"id":"seven"')


def test_a_member_that_no_schema_names():
	fails('GET /more-members[valid]', 'the body breaks the schema of status 200: /secret is a member that the schema does not name')


def test_members_of_unions():
	fails('GET /mixed[valid]', '/side is a member that the schema does not name')
	assert '/radius' not in ALL.text('GET /mixed[valid]'), ALL.text('GET /mixed[valid]')


def test_a_media_type_that_is_not_declared():
	fails('GET /wrong-type[valid]', 'the type of the body, text/html, is not declared for status 200')


def test_a_bound_that_the_handler_has_otherwise():
	fails('PUT /narrower[body /title]', '(/title at maxLength, 20)', 'valid input is refused with 422', '"title":"aaaaaaaaaaaaaaaaaaaa"',
		'answered 422 Unprocessable Content: the title is too long')


def test_a_rule_that_is_not_held():
	fails('PUT /lenient[body /title]', '(/title 21 characters, over maxLength)', 'the status is 200: invalid input is a 422, or a 400',
		'the table says: /title has 21 characters, and maxLength is 20')


def test_a_defect_that_an_empty_list_shows():
	fails('PUT /first-tag[body /tags]', '(/tags no items)', 'the status 500 is not declared: the log, below, says why', '"tags":[]')
	assert 'there is no first tag' in ALL.output('PUT /first-tag[body /tags]')


def test_zeros_behind_a_decimal():
	fails('PUT /zeros[body /price]', '(/price formatMaximum as 9999.99000000000000)', 'the status 500 is not declared')


def test_nothing_else_fails():
	lies = ('undeclared', 'wrong-answer', 'more-members', 'wrong-type', 'narrower', 'lenient', 'first-tag', 'mixed', 'zeros')
	others = {name for name in failed() if not any('/' + lie in name for lie in lies)}
	assert others == set(), others
	assert not [name for name in failed() if name.startswith('PUT /narrower') and name != 'PUT /narrower[body /title]'], failed()


def test_credentials_are_driven():
	assert ALL.state('DELETE /guarded[credentials]') == 'passed'
	assert ALL.state('DELETE /guarded[limits]') == 'passed'


def test_what_was_seen_is_told():
	note = next(event for event in ALL.all if event['event'] == 'note')
	assert note['summary'] == '1 declared status was not seen', note
	rows = {line.rsplit('  ', 1)[0].strip() for line in note['text'].splitlines()}
	assert 'GET /honest/{id}      200 400 404 406 422' in rows, note['text']
	assert 'DELETE /guarded       204 401 403 429' in rows, note['text']
	assert '507 of POST /honest: left out; no disk is full here' in note['text'], note['text']
	assert '200 of GET /undeclared/{id}: not seen; make it in test/before.http' in note['text'], note['text']
	tap = Run(PROGRAM, '--tap')
	assert '# operation             statuses seen' in tap.out, tap.out
	assert tap.out.rstrip().endswith(f'1..{len(ALL.ended)}') or '1..' in tap.out, tap.out


def test_an_operation_is_a_case_with_rows():
	listed = Run(PROGRAM, '--list').out.splitlines()
	assert 'POST /honest[body /title]' in listed and 'GET /honest/{id}[path id]' in listed, listed
	one = Events(PROGRAM, 'POST /honest')
	assert set(one.ended) == {name for name in listed if name.startswith('POST /honest[')}, one.ended
	note = next(event for event in one.all if event['event'] == 'note')
	assert 'GET /honest' not in note['text'], note['text']


def test_unseen_statuses_can_fail_the_run():
	strict = Events(PROGRAM, 'GET /undeclared/{id}', env={'LIES': 'strict'})
	fixture = [end for end in strict.ended.values() if end['fixture'] and end['state'] != 'passed']
	assert len(fixture) == 1 and 'declared, and not seen: 1' in fixture[0]['text'], strict.ended


def test_what_no_selected_test_could_show_fails_nothing():
	part = Events(PROGRAM, 'POST /honest[valid]', env={'LIES': 'strict'})
	assert not [end for end in part.ended.values() if end['state'] != 'passed'], part.ended
	note = next(event for event in part.all if event['event'] == 'note')
	assert 'POST /honest  201' in note['text'] and '(a part of its tests has run)' in note['text'], note['text']
	assert 'not seen;' not in note['text'] and note['summary'] == 'a part of the tests has run', note


def test_the_request_of_an_accident_is_told():
	accidents = Events(PROGRAM, env={'LIES': 'accidents'})
	for name, how in ('crash', 'died of SIGABRT'), ('hang', 'still running after'), ('leave', 'somebody called exit()'):
		text = accidents.text(f'GET /{name}/{{id}}[path id]')
		assert how in text and f"sent, and not answered: (at maximum, 1000)\n    {CURL % ('GET', f'/{name}/1000')} -b 'visit=7'\n" in text, text


def test_who_must_be_told_what():
	accidents = Events(PROGRAM, '-k', 'puzzle or guarded', env={'LIES': 'accidents'})
	text = accidents.text('PUT /puzzle[valid]')
	assert 'no valid value is known of body /text: it is no email; give one in .inputs' in text, text
	text = accidents.text('DELETE /guarded[valid]')
	assert 'the credential of the scheme token is refused: give one that the service takes in .credentials' in text, text


def test_a_row_that_names_nothing_is_refused():
	done = Run(PROGRAM, env={'LIES': 'misspelt'})
	assert done.status == 4, done.status
	assert '.inputs: "GET /honest/{id}: path idd" is none of the service\'s' in done.err, done.err
	assert '.exceptions: "GET /gone" is none of the service\'s' in done.err, done.err
	assert '.inputs: "POST /honest: method" is none of the service\'s' in done.err, done.err
	assert '.inputs: the value of "body /title" is no JSON: Emma' in done.err, done.err
	assert '.exceptions: POST /honest does not declare 418: leave the row out' in done.err, done.err


def test_every_value_that_is_given_is_tried():
	text = Events(PROGRAM, 'PUT /narrower', env={'LIES': 'given'}).text('PUT /narrower[body /title]')
	assert '(/title "fifteen letters", of .inputs)' in text and "--data-binary '{\"title\":\"fifteen letters\"" in text, text


def test_what_is_left_out_says_why():
	left = Events(PROGRAM, env={'LIES': 'exceptions'})
	assert left.state('GET /undeclared/{id}[valid]') == 'skipped', left.ended['GET /undeclared/{id}[valid]']
	assert left.ended['PUT /narrower[body /title]']['state'] == 'passed'
	assert left.ended['GET /wrong-type[valid]']['reason'] == 'a page', left.ended['GET /wrong-type[valid]']
	note = next(event for event in left.all if event['event'] == 'note')
	assert 'GET /undeclared/{id}: left out; on its way out' in note['text'], note['text']


def note_of(events):
	return next(event for event in events.all if event['event'] == 'note')


def test_a_credential_that_is_missing_is_told_once():
	nobody = Events(PROGRAM, env={'LIES': 'nobody'})
	note = note_of(nobody)
	skipped = [name for name, end in nobody.ended.items() if end['state'] == 'skipped']
	assert len(skipped) > 1 and all('/guarded' in name for name in skipped), skipped
	line = f'{len(skipped)} tests were skipped: nothing lets them in by the scheme token; give "# @credential token VALUE" in test/before.http, or .credentials of '
	assert line in note['text'] and note['text'].count('nothing lets them in') == 1, note['text']
	assert '204 of DELETE /guarded' not in note['text'], note['text']
	assert note['summary'].startswith(f'{len(skipped)} tests were skipped for want of a credential, '), note


def test_what_has_not_run_has_seen_nothing():
	nobody = note_of(Events(PROGRAM, 'DELETE /guarded[valid]', env={'LIES': 'nobody'}))
	assert nobody['summary'] == '1 test was skipped for want of a credential', nobody
	assert '1 test was skipped: nothing lets them in' in nobody['text'], nobody
	left = note_of(Events(PROGRAM, 'GET /undeclared/{id}[valid]', env={'LIES': 'exceptions'}))
	assert left['summary'] == 'a part of the tests has run', left
	one = note_of(Events(PROGRAM, 'GET /honest/{id}'))
	assert one['summary'] == 'a part of the tests has run', one


def test_a_fault_of_a_table_is_told_once():
	text = {name: ALL.text(name) for name in failed() if name.startswith('GET /undeclared/{id}[')}
	assert len(text) > 1, text
	told = [name for name, it in text.items() if 'curl' in it]
	assert len(told) == 1 and text[told[0]].count('curl') == 1, text
	assert all(f'the status 410 is not declared: as {told[0]} tells' in it for name, it in text.items() if name != told[0]), text
	assert 'the body breaks the schema of status 200: as above' in ALL.text('GET /wrong-answer[valid]'), ALL.text('GET /wrong-answer[valid]')


def test_a_limit_of_logins_is_none_of_the_operation():
	note = note_of(Events(PROGRAM, 'DELETE /guarded', env={'LIES': 'unlimited'}))
	assert '429 of DELETE /guarded: not seen; it has no limit of its own: who is refused too often' in note['text'], note['text']
	assert 'lower the limit' not in note['text'], note['text']


def test_files_are_whole_and_their_command_can_be_run():
	photos = Events(PROGRAM, env={'LIES': 'photos'})
	text = photos.text('PUT /photo[valid]')
	assert 'answered 410 Gone: a JPEG, file.jpg' in text, text
	command = next(line.strip() for line in text.split('\n') if line.strip().startswith('curl '))
	shown = 'curl() { while [ "$1" != --data-binary ]; do shift; done; cat "${2#@}"; }; ' + command
	body = subprocess.run(['bash', '-c', shown], capture_output=True, timeout=10, check=True).stdout
	assert photos.state('PUT /photo[body /image]') == 'passed', photos.text('PUT /photo[body /image]')
	image = body.partition(b'filename="file.jpg"\r\nContent-Type: image/jpeg\r\n\r\n')[2].partition(b'\r\n--')[0]
	assert image.startswith(b'\xff\xd8\xff\xe0\0\x10JFIF\0') and image.endswith(b'\xff\xd9') and len(image) == 159, body


def test_a_limit_that_several_lack_is_one_line():
	text = note_of(Events(PROGRAM, env={'LIES': 'photos'}))['text']
	assert '429 of POST /two, DELETE /two: not seen; none has a limit of its own: who is refused' in text, text


def test_tables_that_contradict_themselves_are_told():
	done = subprocess.run([PROGRAM], env={'LIES': 'broken'}, capture_output=True, text=True, timeout=60)
	assert done.returncode == 4 and 'broken: ' in done.stderr and '{id}' in done.stderr, (done.returncode, done.stderr)


run_checks(sys.modules[__name__])
