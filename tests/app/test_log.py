#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The log of a running service: one line per event, JSON or text, with the request's id, without secrets or forgery."""

import http.client
import json
import re
import signal
import socket
import struct

from program import PATIENCE, Program, Tap, differs, lacks

SECRETS = {'Authorization': 'Bearer s3cr3t-a', 'Cookie': 'id=s3cr3t-b', 'Proxy-Authorization': 's3cr3t-c'}


def entries(program):
	program.signal(signal.SIGTERM)
	program.end()
	return [json.loads(line) for line in program.lines]


def ask(program, method, path, body, headers={}):
	connection = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
	connection.request(method, path, body, headers)
	reply = connection.getresponse()
	return reply.status, reply.read().decode()


def raw(program, data):
	with socket.create_connection(('127.0.0.1', program.port()), PATIENCE) as client:
		client.sendall(data)
		client.shutdown(socket.SHUT_WR)
		while client.recv(65536):
			pass


def access_lines():
	with Program() as program:
		program.get('/hello?name=Ann&token=s3cr3t', {'User-Agent': 'probe "1"', 'X-Request-Id': 'id-1', **SECRETS})
		log = entries(program)
	line = next(e for e in log if e.get('path', '').startswith('/hello'))
	found = differs('kind', (line['message'], line['level']), ('access', 'info'))
	wanted = {'request_id': 'id-1', 'method': 'GET', 'path': '/hello?name=Ann&token=***', 'status': 200,
		'peer': '127.0.0.1', 'route': 'greet', 'user_agent': 'probe "1"'}
	for key, value in wanted.items():
		found += differs(key, line.get(key), value)
	found += [] if line['bytes'] > 10 and 0 < line['duration_ms'] < 10000 else [str(line)]
	found += [] if re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', line['time']) else [line['time']]
	found += ['a secret is in the log'] if 's3cr3t' in json.dumps(log) else []
	inside = next(e for e in log if e['message'] == 'greeting Ann')
	return found + differs('id of a line from the handler', inside.get('request_id'), 'id-1')


def text_lines():
	with Program('--log-format=text') as program:
		program.get('/hello?name=Ann', {'X-Request-Id': 'id-2', 'User-Agent': 'probe'})
		program.signal(signal.SIGTERM)
		program.end()
		text = ''.join(program.lines)
	pattern = r'^\S+Z info \[id-2\] GET /hello\?name=Ann 200 \d+B \d+\.\d{3}ms peer=127.0.0.1 route=greet agent="probe"$'
	return [] if re.search(pattern, text, re.M) else [text]


def lines_say_who_wrote_them():
	with Program('--log-format=text', '--processes', '1') as program:
		program.get('/hello?name=Ann')
		worker = program.wait_for_line(r'Z info worker\[(\d+)\] \[\w+\] GET /hello').group(1)
		found = differs('lines of the master', bool(program.wait_for_line(rf'Z info master\[{program.process.pid}\] listening on ')), True)
		return found + differs('a worker is not the master', worker == str(program.process.pid), False)


def no_access_log():
	with Program('--no-access-log') as program:
		program.get('/hello?name=Ann')
		log = entries(program)
	return [str(e) for e in log if e['message'] == 'access'] + \
		differs('other lines', [e['message'] for e in log if e['message'] == 'greeting Ann'], ['greeting Ann'])


def levels():
	found = []
	for level, wanted in ('info', True), ('warning', False), ('error', False):
		with Program('--log-level', level, http='192.0.2.1:1') as program:
			program.end()
			log = [json.loads(line) for line in program.lines]
			found += differs(level, any(e['level'] == 'info' for e in log), wanted)
			found += differs('error', [e['level'] for e in log if e['level'] == 'error'], ['error'])
	return found


def failures():
	with Program() as program:
		status, body = program.get('/fail', {'X-Request-Id': 'id-3'})
		log = entries(program)
	found = differs('status', status, 500)
	found += ['the client sees the detail'] if 'disk' in body else []
	line = next(e for e in log if e['level'] == 'error')
	return found + differs('id', line['request_id'], 'id-3') + lacks('line', line['message'], 'the disk\nis full')


def defects():
	"""A wrong return value is reported with the name of the handler."""
	with Program() as program:
		statuses = [program.get(path)[0] for path in ('/mistake', '/mistake?status')]
		errors = [e['message'] for e in entries(program) if e['level'] == 'error']
	return differs('statuses', statuses, [500, 500]) + differs('lines', errors, [
		'mistake: 500: returned 12, not 0 or a negative code',
		'mistake: 500: cor_problem() was given status 200, which is not between 400 and 599: all is well'])


def from_a_thread_of_the_service():
	"""It logs with the start hook's ctx while the server's threads log with theirs, and end."""
	with Program(SERVICE='busy') as program:
		program.wait_for_line('tick')
		program.get('/wait/5')
		program.signal(signal.SIGTERM)
		found = differs('status', program.end(), 0)
		said = program.messages()
	found += lacks('log', said, 'waiting', 'stopped')
	return found + differs('last line', said[-1], 'background: ECANCELED')


def refused_before_an_operation():
	"""The access log has the essentials; whatever else the service knows is logged at level debug."""
	found = []
	for level, wanted in ('info', []), ('debug', ['/nowhere: 404: there is nothing at this path',
			'/hello: 405: the method is not offered here: see Allow']):
		with Program('--log-level', level) as program:
			program.get('/nowhere')
			raw(program, b'DELETE /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
			raw(program, b'BREW /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
			log = entries(program)
		found += differs('access', [e['status'] for e in log if e['message'] == 'access'], [404, 405, 501])
		found += differs(level, [e['message'] for e in log if ': 40' in e['message']], wanted)
		found += differs('errors', [e for e in log if e['level'] == 'error'], [])
	return found


def forgery():
	with Program() as program:
		raw(program, b'GET /hello?name=a%0Ab HTTP/1.1\r\nHost: a\r\nUser-Agent: \xff["\xc2\x9b\r\nConnection: close\r\n\r\n')
		raw(program, b'GET /a\x01b\n{"time":1} HTTP/1.1\r\nHost: a\r\n\r\n')
		log = entries(program)
		lines = program.lines
	found = [f'not printable: {line!r}' for line in lines if not re.fullmatch(r'[\x20-\x7e]*\n', line)]
	return found + differs('escaped', [e['message'] for e in log if e['message'].startswith('greeting')],
		['greeting a\nb'])


def gone(program, path, read=0):
	"""Send a request, and reset the connection once the handler has it."""
	with socket.create_connection(('127.0.0.1', program.port()), PATIENCE) as client:
		client.sendall(f'GET {path} HTTP/1.1\r\nHost: a\r\n\r\n'.encode())
		if read:
			client.recv(read)
		else:
			program.wait_for_line('waiting')
		client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def gone_inside_the_body(program):
	"""The service waits for the body, as its 100 Continue shows."""
	with socket.create_connection(('127.0.0.1', program.port()), PATIENCE) as client:
		client.sendall(b'POST /hoard HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n')
		client.recv(1)
		client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def peers_that_go():
	"""What a peer does is not an error of the service: neither in level nor in status."""
	with Program('--write-timeout-ms=100') as program:
		gone(program, '/flood', 1)
		program.wait_for_line('flood:')
		gone(program, '/wait/60000')
		program.wait_for_line('wait_a_while:')
		with socket.create_connection(('127.0.0.1', program.port()), PATIENCE) as client:
			client.sendall(b'GET /flood HTTP/1.1\r\nHost: a\r\n\r\n')
			program.wait_for_line('(?s)flood:.*flood:', joined=True)
		gone_inside_the_body(program)
		program.wait_for_line('hoard:')
		log = entries(program)
	lost = 'flood: 499: the client went away, or did not read for too long'
	said = [e['message'] for e in log if ': 499: ' in e['message']]
	return differs('lines', said, [lost,
		'wait_a_while: 499: the client went away', lost, 'hoard: 499: the client went away']) + \
		differs('worse than info', [e for e in log if e['level'] in ('error', 'warning')], [])


def start_hooks_ctx():
	"""A handler that logs with the ctx of the start hook does not hold back the lines of its thread."""
	with Program(SERVICE='noted') as program:
		program.get('/note')
		program.get('/note')
		program.wait_for_line('(?s)("path":"/note".*){2}', joined=True)
		program.wait_for_line('(?s)("noted".*){2}', joined=True)
	return []


def last_lines_before_a_crash():
	"""The last lines matter most: the thread's log is written before the program dies."""
	with Program(SERVICE='noted') as program:
		try:
			program.get('/crash')
		except (http.client.HTTPException, ConnectionError):
			pass
		status = program.end()
		text = ''.join(program.lines)
	return differs('status', status, -signal.SIGABRT) + lacks('log', text, 'coracle: SIGABRT in fiber "crash"', 'before the crash')


def stuck():
	"""An expired time limit names the call: a mutex that nobody unlocks does not look like a slow network."""
	with Program() as program:
		status, _ = program.get('/stuck')
		log = entries(program)
	return differs('status', status, 504) + differs('line',
		[e['message'] for e in log if e['message'].startswith('get_stuck')],
		['get_stuck: 504: timed out in cor_mutex_lock()'])


def undeclared():
	with Program() as program:
		status, body = program.get('/brew')
		unchanged = ask(program, 'GET', '/brew', None, {'If-None-Match': '"1"'})[0]
		log = entries(program)
	return differs('status', status, 418) + differs('unchanged', unchanged, 304) + lacks('body', body, 'I am a teapot') + differs('lines',
		[(e['level'], e['message']) for e in log if e['message'].startswith('brew')],
		[('warning', 'brew: 418 is not among its .problems: declare it, so that the document has it'),
		('info', 'brew: 418: I am a teapot'),
		('warning', 'brew: 304 is not among its .responses: list it there, so that the document has it')])


def memory():
	"""A request too large for its memory is the client's fault; without a body, it is the service's."""
	many = json.dumps({'numbers': [1] * 20000}).encode()
	found = []
	with Program('--request-memory-bytes=65536') as program:
		for body, method, status in (many, 'POST', 413), (b'{"numbers":[]}', 'POST', 413), (b'', 'GET', 500):
			said = ask(program, method, '/hoard', body)
			found += differs(f'{method} {len(body)}', said[0], status)
			found += lacks(method, said[1], '--request-memory-bytes') if status == 413 else []
		many = '&'.join(f'a{n}={n}' for n in range(900))
		status, body = ask(program, 'GET', '/hello?' + many, b'')
		found += differs('parameters', status, 414) + lacks('parameters', body, '--request-memory-bytes')
		log = entries(program)
		found += differs('errors', [e['message'] for e in log if e['level'] == 'error' and 'spill' not in e['message']], [])
	detail = 'the request takes more memory than --request-memory-bytes allows'
	return found + differs('lines', [(e['level'], e['message']) for e in log if ': 413: ' in e['message'] or ': 500: ' in e['message']],
		[('info', f'hoard: 413: {detail}'), ('info', f'hoard: 413: {detail}'), ('error', f'spill: 500: {detail}')])


def refusals():
	cases = {
		b'GET / HTTP/1.1\r\n\r\n': 400,
		b'NONSENSE\r\n\r\n': 400,
		b'GET /' + b'a' * 20000 + b' HTTP/1.1\r\nHost: a\r\n\r\n': 414,
		b'GET / HTTP/1.1\r\nHost: a\r\nX: ' + b'a' * 20000 + b'\r\n\r\n': 431,
		b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n': 400,
	}
	found = []
	for arguments in [], ['--access-log=off']:
		for data, status in cases.items():
			with Program(*arguments) as program:
				raw(program, data)
				log = [e for e in entries(program) if e.get('status') == status and e.get('reason')]
				found += differs(f'{arguments} {data[:40]} leaves a line with its reason', len(log), 1)
	return found


def main():
	tap = Tap()
	for check in (access_lines, text_lines, lines_say_who_wrote_them, no_access_log, levels, failures, defects, from_a_thread_of_the_service, start_hooks_ctx, last_lines_before_a_crash,
			refused_before_an_operation, peers_that_go, stuck, undeclared, memory, forgery, refusals):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
