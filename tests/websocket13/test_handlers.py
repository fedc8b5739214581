#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What handlers do with their clients. usage: test_handlers.py TRIAL"""
import http.client
import json
import signal
import sys
import time
import traceback

from client import BINARY, CLOSE, PING, PONG, TEXT, Client, Ended, closing, frame
from program import Program, Tap


def typed_messages(server):
	with Client(server.port(), '/rooms/attic') as c:
		c.text('{"text": "hi"}')
		assert json.loads(c.message()) == {'text': 'attic: hi'}
		c.text('{"say": "hey"}')
		assert json.loads(c.message()) == {'text': 'attic: hey'}
		c.text('{"text": "ho", "times": 3}')
		assert [json.loads(c.message())['text'] for _ in range(3)] == ['attic: ho'] * 3


def message_that_breaks_a_rule(server):
	for text, reason in (('{"text": ""}', '/text: '), ('{"text": "x", "times": 4}', '/times: '), ('{"text": "x", "y": 1}', '/y: '),
			('[]', 'the message '), ('{"text"', 'the message ')):
		with Client(server.port(), '/rooms/attic') as c:
			c.text(text)
			assert c.close_code() == 1007
			assert c.reason.startswith(reason), c.reason
	server.wait_for_line('talk: closed with 1007: /text: ')


def errors_in_the_language_of_the_handshake(server):
	with Client(server.port(), '/bear', Accept_Language='de') as c:
		assert 'content-language' not in c.fields
		for _ in range(2):
			c.text('{"text": "", "times": 9, "more": 1}')
			assert [e['detail'] for e in json.loads(c.message())['errors']] == [
				'muss mindestens 1 Zeichen haben', 'darf höchstens 3 sein', 'is not a known member']
	with Client(server.port(), '/rooms/attic', Accept_Language='de') as c:
		c.text('{"text": ""}')
		assert c.close_code() == 1007 and c.reason == '/text: muss mindestens 1 Zeichen haben', c.reason
	server.wait_for_line('talk: closed with 1007: /text: must have at least 1 character')
	with Client(server.port(), '/end', Accept_Language='de') as c:
		c.text('problem')
		assert c.close_code() == 1008 and c.reason == 'der Raum ist voll', c.reason


def errors_in_the_shape_of_the_service(_):
	with Program('--request-memory-bytes', '65536', TRIAL_RESTX='1') as server, Client(server.port(), '/bear') as c:
		for _ in range(1000):
			c.text('{"text": "", "times": 9}')
			error = json.loads(c.message())
		assert error == {'errors': {'text': 'must have at least 1 character', 'times': 'must be at most 3'},
			'message': 'Input payload validation failed'}, error


def message_of_ours_that_breaks_its_table(_):
	"""What a service says is held to its table, if the service wants that."""
	with Program('--check-answers', 'refuse') as server, Client(server.port(), '/rooms/attic') as c:
		c.text('{"text": "~"}')
		assert c.close_code() == 1011
		server.wait_for_line(r'talk: a message is not sent: what is sent breaks its table: heard_schema: /text must match')
	with Program('--check-answers', 'log') as server, Client(server.port(), '/rooms/attic') as c:
		c.text('{"text": "~"}')
		assert json.loads(c.message()) == {'text': 'attic: ~'}
		server.wait_for_line(r'talk: what is sent breaks its table: heard_schema: /text must match')


def typed_message_is_text(server):
	with Client(server.port(), '/rooms/attic') as c:
		c.send(frame(BINARY, b'{"text": "hi"}'))
		assert c.close_code() == 1007
		assert 'must be a text message' in c.reason, c.reason


def handler_that_bears_with_its_client(server):
	with Client(server.port(), '/bear') as c:
		c.text('{"text": "", "times": 9}')
		problem = json.loads(c.message())
		assert problem['status'] == 422 and [e['pointer'] for e in problem['errors']] == ['/text', '/times'], problem
		for text, pointer in (('{"text": "a", "serial": 7}', '/serial'), ('{"text": "nothing"}', '/text')):
			c.text(text)
			assert [e['pointer'] for e in json.loads(c.message())['errors']] == [pointer], text
		c.text('{')
		assert json.loads(c.message())['status'] == 422
		c.text('{"text": "better"}')
		assert json.loads(c.message()) == {'text': 'better'}


def checks_take_no_memory_of_the_connection(_):
	"""A connection has any number of messages, and one limit."""
	with Program('--request-memory-bytes', '65536') as program, Client(program.port(), '/bear') as c:
		for _ in range(3000):
			c.text('{"text": "nothing"}')
			assert json.loads(c.message())['errors'][0]['detail'] == 'says nothing'
		c.text('{"text": "something"}')
		assert json.loads(c.message()) == {'text': 'something'}


def input_and_problems_before_it_is_open(server):
	for path, status in (('/rooms/toolong', 422), ('/rooms/attic?token=wrong', 401), ('/rooms/attic?x=1', 422)):
		with Client(server.port(), path) as c:
			assert c.status == status, c.status
			assert c.fields['content-type'] == 'application/problem+json'


def ends(server):
	for order, code, reason in (('return', 1000, ''), ('problem', 1008, 'the room is full'), ('4321', 4321, 'as you wish'),
			('failure', 1011, 'the service has failed'), ('positive', 1011, 'the service has failed'),
			('code', 1011, 'the service has failed'), ('bad code', 1000, ''), ('bad text', 1000, '')):
		with Client(server.port(), '/end') as c:
			c.text(order)
			assert (c.close_code(), c.reason) == (code, reason), (order, c.reason)
	server.wait_for_line('ERROR.*a secret|a secret.*')


def deadline_of_the_handler(server):
	with Client(server.port(), '/end') as c:
		c.text('scope')
		assert c.message() == b'late'
		assert c.close_code() == 1000


def pings_are_sent_and_answers_noticed(server):
	with Client(server.port(), '/lively') as c:
		for _ in range(3):
			opcode, payload, _ = c.frame()
			assert (opcode, payload) == (PING, b''), opcode
			c.send(frame(PONG, payload))
		c.text('x')
		assert c.message() == b'x'


def client_that_answers_no_ping(server):
	with Client(server.port(), '/lively') as c:
		began = time.monotonic()
		assert c.frame()[0] == PING
		assert c.close_code() == 1001
		assert 0.35 < time.monotonic() - began < 5
	server.wait_for_line('echo: closed with 1001: no ping was answered in time')


def client_whose_answer_came_while_the_thread_was_held(_):
	"""It was in time: what is late is to be told of it."""
	with Program('--threads', '1') as server, Client(server.port(), '/lively') as c:
		assert c.frame()[0] == PING
		holding = http.client.HTTPConnection('127.0.0.1', server.port(), timeout=20)
		holding.request('POST', '/hold')
		time.sleep(0.1)
		c.send(frame(PONG) + frame(TEXT, b'in time'))
		assert holding.getresponse().status == 204
		holding.close()
		while (got := c.frame())[0] == PING:
			pass
		assert got[:2] == (TEXT, b'in time'), got


def client_that_says_nothing(server):
	"""However well it answers pings."""
	with Client(server.port(), '/idle') as c:
		began, pings = time.monotonic(), 0
		while (got := c.frame())[0] == PING:
			pings += 1
			c.send(frame(PONG))
		assert got[0] == CLOSE and got[1] == closing(1001, b'no message has come for too long (.idle_ms)'), got
		assert pings >= 2 and 0.25 < time.monotonic() - began < 5


def sender_answers_pings(server):
	with Client(server.port(), '/count') as c:
		c.send(frame(PING, b'hello'))
		c.send(frame(TEXT, b'nobody receives this') + frame(PING, b'behind'))
		numbers = []
		while (got := c.frame())[0] != PONG:
			numbers.append(int(got[1]))
		assert got[1] == b'hello'
		assert numbers == list(range(len(numbers)))


def sender_learns_that_its_client_closes(server):
	with Client(server.port(), '/count') as c:
		c.message()
		c.send(frame(CLOSE, closing(4000)))
		while (got := c.frame())[0] != CLOSE:
			pass
		assert got[1] == closing(4000)
	server.wait_for_line('counting ends with COR_ECLOSED, code 4000')


def client_that_goes_without_a_word(server):
	"""The handler learns it where it waits: here or in its sleep."""
	with Client(server.port(), '/count') as c:
		c.message()
	server.wait_for_line('counting ends with (ECONNRESET, code 1006|ECANCELED, code 0)')


def many_messages_at_once(server):
	with Client(server.port(), '/echo') as c:
		c.send(b''.join(frame(TEXT, b'%d' % i) for i in range(5000)))
		for i in range(5000):
			assert c.message() == b'%d' % i


def messages_behind_the_handshake(server):
	with Client(server.port(), '/echo', behind=frame(TEXT, b'early') + frame(TEXT, b'bird')) as c:
		assert c.message() + c.message() == b'earlybird'


def publish(server, text, path='/news'):
	connection = http.client.HTTPConnection('127.0.0.1', server.port(), timeout=20)
	connection.request('POST', path, body=text)
	assert connection.getresponse().status == 204
	connection.close()


def greet(c):
	"""It waits in a receive when its answer is here."""
	c.text('ready')
	assert c.message() == b'ready'


def topics(server):
	clients = [Client(server.port(), '/follow') for _ in range(20)]
	for c in clients:
		greet(c)
	for i in range(3):
		publish(server, f'news {i}')
	for c in clients:
		assert [c.frame()[:2] for _ in range(3)] == [(TEXT, b'news %d' % i) for i in range(3)]
		greet(c)
		c.end()


def topic_whose_events_have_names(server):
	"""Each gets those of its name, over WebSocket and as an event stream."""
	with Client(server.port(), '/fans/one') as one, Client(server.port(), '/fans/two') as two:
		greet(one)
		greet(two)
		stream = http.client.HTTPConnection('127.0.0.1', server.port(), timeout=20)
		stream.request('GET', '/fans/two/events')
		answer = stream.getresponse()
		while not answer.readline().startswith(b'retry'):
			pass
		for event in ('two', 'one', 'three', 'one'):
			publish(server, '', f'/fans/{event}')
		assert [one.frame()[:2] for _ in range(2)] == [(TEXT, b'told')] * 2
		assert two.frame()[:2] == (TEXT, b'told')
		greet(one)
		greet(two)
		lines = [answer.readline() for _ in range(4)]
		assert b'event: two\n' in lines and b'data: told\n' in lines, lines
		stream.close()


def schemas_that_are_not_listed_are_named(server):
	with Client(server.port(), '/unlisted') as c:
		assert c.close_code() == 1011
	connection = http.client.HTTPConnection('127.0.0.1', server.port(), timeout=20)
	connection.request('POST', '/unlisted', body='')
	assert connection.getresponse().status == 500
	connection.close()
	for who in 'send_unlisted', 'publish_unlisted':
		server.wait_for_line(f'{who}: .*stranger_schema is not known to the service: name it where')


def topic_that_is_not_text(server):
	with Client(server.port(), '/both') as both:
		both.text('x')
		assert both.message() == b'left'
		publish(server, 'for all')
		assert both.frame()[:2] == (BINARY, b'for all')


def message_of_a_topic_that_is_no_text(server):
	"""It is left out of a text conversation, which goes on."""
	with Client(server.port(), '/follow') as c:
		greet(c)
		publish(server, b'\xff\xfe', '/bytes')
		publish(server, b'but this is', '/bytes')
		assert c.frame()[:2] == (TEXT, b'but this is')
	server.wait_for_line('a message of topic news is not UTF-8 and was left out')


def topic_that_is_too_fast(server):
	"""Ten messages at once where the queue holds four: it was said to be cut then."""
	with Client(server.port(), '/both') as c:
		time.sleep(0.1)
		publish(server, 'fire', '/alarm')
		while (got := c.frame())[0] == TEXT:
			assert got[1] == b'fire'
		assert got[:2] == (CLOSE, closing(1013, b'too slow for what is published')), got


def client_that_takes_nothing_is_cut(_):
	with Program('--write-timeout-ms', '300', '--log-level', 'info') as server:
		with Client(server.port(), '/flood') as c:
			assert c.status == 101
			server.wait_for_line('"status":101.*did not take|did not take.*')


def drain(_):
	"""Those who wait are told to go elsewhere; the service ends at once."""
	with Program() as server:
		waiting = Client(server.port(), '/echo')
		counting = Client(server.port(), '/count')
		counting.message()
		server.signal(signal.SIGTERM)
		assert waiting.close_code() == 1001 and waiting.reason == 'the service stops or restarts: connect again'
		while (got := counting.frame())[0] != CLOSE:
			pass
		assert got[1] == closing(1001, b'the service stops or restarts: connect again')
		waiting.end()
		counting.end()
		assert server.process.wait(20) == 0


def what_happened_while_the_handler_was_elsewhere(_):
	"""A close of the client, or a drain, says more than a handler that is done."""
	with Program() as server:
		with Client(server.port(), '/nap') as c:
			assert c.close_code() == 1000
		with Client(server.port(), '/nap') as c:
			c.send(frame(CLOSE, closing(4000)))
			assert c.close_code() == 4000
		with Client(server.port(), '/nap') as c:
			time.sleep(0.1)
			server.signal(signal.SIGTERM)
			assert c.close_code() == 1001
		assert server.process.wait(20) == 0


def figures_and_access_lines(_):
	with Program('--access-log', 'on') as server:
		with Client(server.port(), '/echo') as c:
			greet(c)
			c.send(frame(CLOSE, closing(1000)))
			assert c.close_code() == 1000
		line = server.wait_for_line('GET /echo.*|"path":"/echo".*').group(0)
		assert '101' in line, line


def in_the_document(server):
	_, text = server.get('/openapi.json')
	document = json.loads(text)
	operation = document['paths']['/rooms/{name}']['get']
	assert '101' in operation['responses'] and '426' in operation['responses'] and '403' in operation['responses']
	described = operation['x-websocket']
	assert described['maxMessageBytes'] == 65536
	name = described['receives']['$ref'].split('/')[-1]
	assert document['components']['schemas'][name]['properties']['text']['maxLength'] == 20
	assert described['sends']['$ref'].startswith('#/components/schemas/heard')
	assert document['paths']['/protocol']['get']['x-websocket']['protocols'] == ['chat.v2', 'chat.v1']


TESTS = [typed_messages, message_that_breaks_a_rule, message_of_ours_that_breaks_its_table, errors_in_the_language_of_the_handshake,
	errors_in_the_shape_of_the_service, typed_message_is_text, handler_that_bears_with_its_client,
	checks_take_no_memory_of_the_connection, input_and_problems_before_it_is_open, ends, deadline_of_the_handler, pings_are_sent_and_answers_noticed,
	client_that_answers_no_ping, client_whose_answer_came_while_the_thread_was_held, client_that_says_nothing, sender_answers_pings, sender_learns_that_its_client_closes,
	client_that_goes_without_a_word, many_messages_at_once, messages_behind_the_handshake, topics, topic_whose_events_have_names, schemas_that_are_not_listed_are_named,
	topic_that_is_not_text, message_of_a_topic_that_is_no_text,
	topic_that_is_too_fast, client_that_takes_nothing_is_cut, drain,
	what_happened_while_the_handler_was_elsewhere, figures_and_access_lines, in_the_document]


def main():
	tap = Tap()
	with Program('--docs', 'on') as server:
		for test in TESTS:
			try:
				test(server)
				tap.check(test.__name__.replace('_', ' '), [])
			except (AssertionError, Ended, OSError):
				tap.check(test.__name__.replace('_', ' '), traceback.format_exc().splitlines()[-12:])
	tap.done()


sys.exit(main())
