#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program of several services: whose hooks run when, and what each of them has of its own."""

import json
import re
import signal
import socket
import subprocess

import requests

from program import PATIENCE, Program, Tap, differs, lacks, run

SERVICES = ['v1', 'v2', 'mounted']
WORDS = {'v1': 'first', 'v2': 'shop', 'mounted': 'shop'}


def told(program, path):
	status, body = program.get(path)
	return json.loads(body) if status == 200 else {'status': status, 'body': body}


def expected(service, path, word, is_on_thread=False):
	found = {'service': service, 'state': f'start of {service}', 'path': path}
	if not is_on_thread:
		found['thread_state'] = f'start_thread of {service}'
	return found | ({'word': word} if word else {})


def hooks_run_in_order():
	with Program('--threads', '1') as program:
		program.get('/tell')
		program.signal(signal.SIGTERM)
		found = differs('status', program.end(), 0)
		said = [m for m in program.messages() if re.search(r' of (v1|v2|mounted)$', m) and not m.startswith('background')]
		wanted = [f'{hook} of {name}' for hook in ('prepare', 'start', 'start_thread') for name in SERVICES]
		for hook, state in (('stop_thread', 'start_thread'), ('stop', 'start')):
			wanted += [f'{hook}, {state} of {name}, of {name}' for name in reversed(SERVICES)]
		found += differs('hooks', said, wanted)
		return found + lacks('log', '\n'.join(program.messages()), *[f'background, start of {s}, of {s}' for s in SERVICES])


def a_start_that_fails_stops_the_others():
	status, _, errors = run('--http', '127.0.0.1:0', '--shop-fails', '--log-format', 'json')
	said = [json.loads(line)['message'] for line in errors.splitlines() if line.startswith('{')]
	stopped = [m for m in said if m.startswith('stop')]
	return differs('status', status, 70) + differs('stopped', stopped, ['stop, (null), of sharing', 'stop, start of v2, of v2', 'stop, start of v1, of v1']) + \
		lacks('log', errors, 'the start hook of mounted failed: no shelf')


def each_has_its_own():
	with Program() as program:
		found = []
		for service in SERVICES:
			path = '/tell' if service == 'mounted' else f'/{service}/tell'
			found += differs(path, told(program, path), expected(service, path, WORDS[service]))
		for path, service in (('/v1/thread', 'v1'), ('/v2/thread', 'v2')):
			found += differs(path, told(program, path), expected(service, path, WORDS[service], True))
		process = told(program, '/v1/process')
		found += differs('in a process', [process.get('service'), process.get('word')], ['v1', 'first'])
		return found


def what_it_lacks_is_of_the_service_around():
	with Program('--threads', '1') as program:
		found = differs('sharing', told(program, '/sharing/tell'), expected('mounted', '/sharing/tell', 'shop') | {'service': 'sharing'})
		found += differs('on a thread', told(program, '/sharing/thread'),
			expected('mounted', '/sharing/thread', 'shop', True) | {'service': 'sharing'})
		program.signal(signal.SIGTERM)
		found += differs('status', program.end(), 0)
		# what the service around has made is gone when those inside stop
		return found + lacks('log', '\n'.join(program.messages()), 'background, start of mounted, of sharing',
			'stop_thread, (null), of sharing', 'stop, (null), of sharing')


def settings_are_of_each():
	found = []
	with Program('--v1-word', 'uno', '--shop-word', 'store') as program:
		found += differs('v1', told(program, '/v1/tell').get('word'), 'uno')
		found += differs('outer', told(program, '/tell').get('word'), 'store')
	_, out, _ = run('--print-config')
	config = json.loads(out)
	found += differs('v1_word', config['v1_word'], {'value': 'first', 'from': 'service'})
	return found + differs('threads', config['threads']['value'], 2)


def help_lists_all():
	_, out, _ = run('--help')
	return lacks('help', out, '--shop-word', '\nv1\n  --v1-word')


def workers_have_it_all():
	with Program('--threads', '1', '--processes', '2') as program:
		found = differs('v1', told(program, '/v1/tell'), expected('v1', '/v1/tell', 'first'))
		found += differs('on a thread', told(program, '/v1/thread'), expected('v1', '/v1/thread', 'first', True))
		with program.news:
			program.news.wait_for(lambda: sum('background, start of mounted, of mounted' in line for line in program.lines) == 2, PATIENCE)
		program.signal(signal.SIGTERM)
		found += differs('status', program.end(), 0)
		for name in SERVICES:
			found += differs(f'prepare of {name}', sum(f'"prepare of {name}"' in line for line in program.lines), 1)
			found += differs(f'stop of {name}', sum(f'"stop, start of {name}, of {name}"' in line for line in program.lines), 2)
		return found


def documents_are_of_each():
	found = []
	with Program() as program:
		for path, title, paths in (
				('/openapi.json', 'mounted', {'/tell', '/v1/tell', '/v1/thread', '/v1/process', '/v1/publish', '/v2/tell', '/v2/thread'}),
				('/v1/openapi.json', 'v1', {'/tell', '/thread', '/process', '/publish'}),
				('/v2/openapi.json', 'v2', {'/tell', '/thread'})):
			document = told(program, path)
			found += differs(f'title of {path}', document['info']['title'], title)
			found += differs(f'paths of {path}', set(document['paths']), paths)
			found += differs(f'servers of {path}', document['servers'], [{'url': '.'}])
			ids = [o['operationId'] for item in document['paths'].values() for o in item.values()]
			found += differs(f'operationIds of {path}', len(set(ids)), len(ids))
		whole = told(program, '/openapi.json')
		found += differs('id', whole['paths']['/v1/tell']['get']['operationId'], 'v1_tell')
		found += differs('id', told(program, '/v1/openapi.json')['paths']['/tell']['get']['operationId'], 'tell')
		for path in ('/docs', '/v1/docs', '/v1/docs/swagger-ui.css', '/v2/swagger.json', '/v2/openapi-3.0.json', '/v1/postman.json'):
			found += differs(path, program.get(path)[0], 200)
		found += lacks('page', program.get('/v2/docs')[1], '<title>v2</title>')
	return found


def curl(program, path, *arguments):
	"""What curl prints of the answer: status, number of redirects, and the body before them."""
	done = subprocess.run(['curl', '-s', '-w', ' %{http_code} %{num_redirects}', *arguments, f'http://127.0.0.1:{program.port()}{path}'],
		capture_output=True, text=True, timeout=PATIENCE)
	return done.stdout


def hosts_by_clients():
	found = []
	with Program('--h2c', '127.0.0.1:0') as program:
		h2c = int(program.wait_for_line(re.compile(r'listening on http://[^\s"]*:(\d+), for HTTP/2 alone')).group(1))
		for host, service in (('x.admin.example.com', 'admin'), ('X.Admin.example.com.:81', 'admin'), ('admin.example.com', 'mounted'),
				('127.0.0.1', 'mounted')):
			found += lacks(f'HTTP/1.1 to {host}', curl(program, '/tell', '-H', f'Host: {host}'), f'"service":"{service}"', ' 200 0')
			over_2 = subprocess.run(['curl', '-s', '--http2-prior-knowledge', '-H', f'Host: {host}', f'http://127.0.0.1:{h2c}/tell'],
				capture_output=True, text=True, timeout=PATIENCE).stdout
			found += lacks(f'HTTP/2 to {host}', over_2, f'"service":"{service}"')
		with socket.create_connection(('127.0.0.1', program.port()), PATIENCE) as connection:
			connection.sendall(b'GET http://x.admin.example.com/tell HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n')
			answer = b''
			while more := connection.recv(65536):
				answer += more
		found += lacks('absolute form', answer.decode(), '"service":"admin"')
		found += lacks('host and prefix', curl(program, '/v1/tell', '-H', 'Host: both.example.com'), '"service":"v1"')
		found += lacks('the document of a host', curl(program, '/openapi.json', '-H', 'Host: x.admin.example.com'), '"title":"admin"')
		found += lacks('the document of a host and a prefix', curl(program, '/v1/docs', '-H', 'Host: both.example.com'), '<title>v1')
		found += [f'the document shows the host: {path}' for path in told(program, '/openapi.json')['paths'] if 'echo' in path]
	return found


def slashes_by_clients():
	found = []
	with Program() as program:
		host = ('-H', 'Host: x.admin.example.com')
		for path, arguments, wanted in (
				('/echo/?a=b&c=%20d', ('-L', '-d', 'body', '-H', 'Content-Type: text/plain', *host), 'body of a=b&c=%20d 200 1'),
				('/echo/', ('-d', 'body', *host), ' 308 0'),
				('/v1/tell/', ('-L',), ' 200 1'),
				('/nothing/', (), ' 404 0')):
			found += lacks(path, curl(program, path, *arguments), wanted)
		found += lacks('Location', curl(program, '/v1/tell/?x=1', '-i'), '\nLocation: ../tell?x=1\n')
		with requests.Session() as session:
			answer = session.put(f'http://127.0.0.1:{program.port()}/v1/publish/', data='x')
			found += differs('PUT by requests', [answer.status_code, [r.status_code for r in answer.history], answer.request.body],
				[405, [308], 'x'])
	return found


def documents_are_printed():
	found = []
	for where, title in (('/v1', 'v1'), ('/v2', 'v2'), ('.admin.example.com', 'admin'), ('both.example.com/v1', 'v1')):
		status, out, errors = run('--print-openapi', '--mounted-at', where)
		found += differs(f'title at {where}', json.loads(out)['info']['title'] if out else errors, title)
		found += lacks(f'Swagger at {where}', run('--print-swagger', '--mounted-at', where)[1], f'"title":"{title}"')
	found += differs('of all', json.loads(run('--print-openapi')[1])['info']['title'], 'mounted')
	status, _, errors = run('--print-openapi', '--mounted-at', '/v3')
	found += differs('status', status, 64) + lacks('error', errors, 'mounted: --mounted-at /v3: nothing is mounted there')
	status, out, _ = run('--print-nginx')
	return found + differs('status', status, 0) + lacks('nginx', out, 'server_name *.admin.example.com;', 'server_name both.example.com;')


def figures_have_whole_routes():
	with Program('--processes', '1', '--control', '127.0.0.1:0') as program:
		port = int(program.wait_for_line(re.compile(r'control at http://127.0.0.1:(\d+)')).group(1))
		published = requests.post(f'http://127.0.0.1:{program.port()}/v1/publish', timeout=PATIENCE).status_code
		ready = requests.get(f'http://127.0.0.1:{port}/ready', timeout=PATIENCE)
		found = differs('published', published, 204) + differs('ready', ready.status_code, 200)
		program.get('/v1/tell')
		program.get('/tell', {'Host': 'x.admin.example.com'})
		answer = requests.get(f'http://127.0.0.1:{port}/metrics', timeout=PATIENCE).text
		access = program.wait_for_line(re.compile(r'"path":"/v1/tell"')).group(0)
		return found + lacks('metrics', answer, 'coracle_topic_published_total{topic="news"} 1', 'route="/v1/tell"', 'route=".admin.example.com/tell"', 'mounted_told_total 2') + lacks('log', access, '/v1/tell')


def routes_are_of_all():
	status, out, _ = run('--print-routes')
	listed = json.loads(out)['operations']
	has = {(r.get('host', ''), r['path'], r['service'], r.get('hidden', False)) for r in listed}
	wanted = {('', '/tell', 'mounted', False), ('', '/v1/tell', 'v1', False), ('', '/sharing/tell', 'sharing', True),
		('.admin.example.com', '/tell', 'admin', True)}
	return differs('status', status, 0) + [f'{route} is missing: {has}' for route in wanted - has]


def main():
	tap = Tap()
	for check in (hooks_run_in_order, a_start_that_fails_stops_the_others, each_has_its_own,
			what_it_lacks_is_of_the_service_around, settings_are_of_each, help_lists_all,
			workers_have_it_all, documents_are_of_each, hosts_by_clients, slashes_by_clients, documents_are_printed, routes_are_of_all,
			figures_have_whole_routes):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
