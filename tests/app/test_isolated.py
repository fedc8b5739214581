#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Handlers that run in processes: they have what handlers have, and what they do to their process is their own affair."""

import http.client
import json
import os
import resource
import signal

from program import PATIENCE, Program, Tap, differs, lacks

OF_NOBODY_ELSE = 61235  # no other process of this machine counts against its limit


def ask(program, method, path, body=None, **headers):
	connection = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
	connection.request(method, path, body, headers)
	answer = connection.getresponse()
	return answer.status, answer.headers, answer.read().decode()


def get(program, path):
	status, headers, body = ask(program, 'GET', path)
	return status, headers, json.loads(body) if body else None


def a_handler_has_what_handlers_have():
	order = {
		'note': 'a\0b \u20ac',
		'lines': [{'sku': 'apple', 'count': 3}, {'sku': 'pear'}],
		'gift': {'sku': 'ribbon'},
		'extra': {'any': [1, None]},
	}
	with Program('--threads', '1', '--unit', 'GBP') as program:
		status, headers, body = ask(program, 'POST', '/orders/7?tag=a&tag=b%20c', json.dumps(order), **{
			'Content-Type': 'application/json', 'X-Request-Id': 'mine', 'X-Several': 'one, two'})
		found = differs('status', status, 201)
		taken = json.loads(body)
		peer = taken.pop('peer')
		found += differs('peer', peer.startswith('127.0.0.1:'), True)
		found += differs('a process of its own', taken.pop('pid') != program.process.pid, True)
		found += differs('the rest', taken, {
			**order, 'number': 7, 'tag': ['a', 'b c'], 'method': 'POST', 'path': '/orders/7', 'query': 'tag=a&tag=b%20c',
			'host': f'127.0.0.1:{program.port()}', 'header': 'one, two', 'request_id': 'mine', 'unit': 'GBP', 'has_time': True})
		found += differs('its header', headers['X-Taken'], 'yes')
		found += differs('a list', headers.get_all('X-Layer'), ['middleware', 'handler'])
		found += differs('one that stands once', headers.get_all('ETag'), ['"handler"'])
		program.wait_for_line('"process":"pool".*"request_id":"mine","message":"order 7 taken"')
		return found


def bodies_of_all_kinds_travel():
	with Program('--threads', '1') as program:
		status, _, body = ask(program, 'PUT', '/text', 'stressed'.encode(), **{'Content-Type': 'text/plain'})
		found = differs('text', (status, body), (200, 'desserts'))
		status, headers, body = ask(program, 'DELETE', '/none')
		found += differs('nothing', (status, headers['X-Forgotten'], body), (204, 'yes', ''))
		status, headers, body = ask(program, 'HEAD', '/deeds/look')
		return found + differs('HEAD', (status, headers['Content-Type'], body), (200, 'application/json', ''))


def problems_travel():
	with Program('--threads', '1') as program:
		status, _, problem = get(program, '/deeds/refuse')
		found = differs('status', status, 422)
		found += differs('violations', [v['detail'] for v in problem['errors']], [f'reason {i}' for i in range(3)])
		status, headers, problem = get(program, '/deeds/miss')
		found += differs('404', (status, problem['detail'], headers['X-Reason']), (404, 'no such deed', 'none there'))
		found += differs('a count', get(program, '/deeds/count')[0], 500)
		program.wait_for_line('do_deed: 500: .*7')
		return found


def what_goes_wrong_costs_one_request():
	wages = {
		'crash': (502, 'the process died of SIGSEGV in a job'),
		'exit': (502, 'the process ended with status 0 in a job'),
		'hang': (504, 'the job took longer than the 2000 ms of .job_timeout_ms: its process was killed'),
	}
	found = []
	with Program('--threads', '1') as program:
		for how, wage in [*wages.items()] * 2:
			status, _, problem = get(program, f'/deeds/{how}')
			found += differs(how, (status, problem['detail']), wage)
			found += differs(f'after {how}', get(program, '/deeds/look')[0], 200)
		found += differs('scribble', get(program, '/deeds/scribble')[0], 502)
		found += differs('after that', get(program, '/deeds/look')[0], 200)
		_, _, document = get(program, '/openapi.json')
		found += lacks('document', ' '.join(document['paths']['/deeds/{how}']['get']['responses']), '502', '504')
		return found


def a_child_of_a_job_does_not_answer():
	with Program('--threads', '1') as program:
		status, _, answer = get(program, '/deeds/fork')
		found = differs('status', (status, 'pid' in answer and answer['pid'] != 1), (200, True))
		program.wait_for_line('a child of fork.. came back from a job, and ends')
		return found + differs('after that', get(program, '/deeds/look')[0], 200)


def what_does_not_fit_is_said():
	"""8 KiB are for the request and the answer together."""
	with Program('--threads', '1') as program:
		status, _, problem = get(program, '/deeds/much?bytes=7000')
		found = differs('much', (status, len(problem['texts'][0])), (200, 7000))
		found += differs('too much', get(program, '/deeds/much?bytes=8000')[0], 500)
		program.wait_for_line('the answer needs more than .* of the .call_bytes')
		order = {'note': 'x' * 9000, 'lines': []}
		status, _, body = ask(program, 'POST', '/orders/7', json.dumps(order), **{'Content-Type': 'application/json'})
		found += differs('input', (status, json.loads(body)['detail']),
			(413, 'the call needs more than the 8192 bytes of .call_bytes'))
		return found + differs('after that', get(program, '/deeds/look')[0], 200)


def one_that_hangs_ends_with_its_request():
	"""Without .job_timeout_ms the request's own time counts; a second later the process is killed, and the next one is served."""
	with Program('--threads', '1') as program:
		found = differs('hang', get(program, '/patient/hang')[0], 504)
		program.wait_for_line('executor patient: the job went on for 1000 ms after the deadline of its request: its process was killed')
		log = ''.join(program.lines)
		found += [] if 0 < log.find('"status":504') < log.find('its process was killed') else [f'the client waited for that: {log}']
		return found + differs('after that', get(program, '/patient/look')[0], 200)


def limit_processes(limit):
	def become():
		resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
		os.setgroups([])
		os.setgid(OF_NOBODY_ELSE)
		os.setuid(OF_NOBODY_ELSE)
	return become


def what_the_system_refuses_is_said():
	"""With what helps. Some limit is enough for the threads, and for no process."""
	text = 'executor apart: no process can be made: too many processes or threads: raise their limit'
	for limit in range(4, 16):
		with Program('--threads', '1', before=limit_processes(limit), ASAN_OPTIONS='detect_leaks=0') as program:
			with program.news:
				program.news.wait_for(lambda: program.ended or any('listening on' in line for line in program.lines), PATIENCE)
			if program.ended:
				continue
			status = get(program, '/deeds/look')[0]
			program.signal(signal.SIGTERM)
			program.end()
			lines = ''.join(program.lines)
			if 'no process can be made' in lines:
				return differs('status', status, 503) + lacks('log', lines, text)
	return ['no limit leaves it without processes']


def answers_of_other_statuses_travel():
	"""As cor_respond() gives them elsewhere: by their own tables, with their headers."""
	with Program('--threads', '1', '--check-answers', 'refuse') as program:
		status, headers, body = get(program, '/deeds/clash')
		found = differs('status', status, 423) + differs('members', list(body), ['pid'])
		found += differs('a process of its own', body['pid'] not in (0, program.process.pid), True)
		found += differs('its header', headers['X-Until'], 'noon') + differs('its type', headers['Content-Type'], 'application/json')
		found += differs('without a body', get(program, '/deeds/later')[::2], (202, None))
		found += differs('another success', get(program, '/deeds/made')[0], 201) + differs('a success', get(program, '/deeds/look')[0], 200)
		found += differs('not declared', get(program, '/deeds/undeclared')[0], 500)
		found += differs('not as its table says', get(program, '/deeds/wrong%20clash')[0], 500)
		program.wait_for_line('clash_schema: /pid must be at least 1')
		program.wait_for_line(r'cor_respond\(\) was given 410')
		return found + differs('afterwards', get(program, '/deeds/look')[0], 200)


def main():
	tap = Tap()
	checks = [a_handler_has_what_handlers_have, bodies_of_all_kinds_travel, problems_travel, answers_of_other_statuses_travel, what_goes_wrong_costs_one_request,
		a_child_of_a_job_does_not_answer, what_does_not_fit_is_said, one_that_hangs_ends_with_its_request]
	if os.getuid() == 0:
		checks.append(what_the_system_refuses_is_said)
	for check in checks:
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
