#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program of several services: whose hooks run when, and what each of them has of its own."""

import json
import re
import signal

from program import PATIENCE, Program, Tap, differs, lacks, run

SERVICES = ['v1', 'v2', 'mounted']
WORDS = {'v1': 'first', 'v2': None, 'mounted': 'shop'}


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
	return differs('status', status, 70) + differs('stopped', stopped, ['stop, start of v2, of v2', 'stop, start of v1, of v1']) + \
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
			program.news.wait_for(lambda: sum('background, start of mounted' in line for line in program.lines) == 2, PATIENCE)
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


def main():
	tap = Tap()
	for check in (hooks_run_in_order, a_start_that_fails_stops_the_others, each_has_its_own, settings_are_of_each, help_lists_all,
			workers_have_it_all, documents_are_of_each):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
