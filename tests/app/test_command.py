#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command line of a service: --help, --version, --check, --print-config, slips and exit statuses."""

import difflib
import json
import os
import socket
import subprocess
import tempfile

from program import PATIENCE, TRIAL, Program, Tap, differs, lacks, run

HERE = os.path.dirname(os.path.abspath(__file__))


def help_text():
	with open(os.path.join(HERE, 'help.txt')) as file:
		wanted = file.read()
	status, out, errors = run('--help')
	return differs('status', status, 0) + differs('standard error', errors, '') + \
		list(difflib.unified_diff(wanted.splitlines(), out.splitlines(), 'help.txt', '--help', lineterm='', n=0))


def version():
	return differs('--version', run('--version'), (0, 'trial 1.2.3 (coracle 0.1.0)\n', ''))


def check():
	good = run('--check')
	return differs('--check', good, (0, '', "trial: the configuration and the service's tables are good\n")) + \
		differs('--check does not start', run('--check', '--start-fails')[0], 0)


def documents():
	"""Each form is printed without any setting, even one that is required."""
	found = []
	for flag, key, value in (('--print-openapi', 'openapi', '3.1.0'), ('--print-openapi-3-0', 'openapi', '3.0.3'),
			('--print-swagger', 'swagger', '2.0')):
		status, out, errors = run(flag, '--threads=none')
		found += differs(flag, (status, errors, json.loads(out).get(key)), (0, '', value))
	status, out, errors = run('--print-postman')
	schema = json.loads(out)['info']['schema']
	return found + differs('--print-postman', (status, errors, 'v2.1.0' in schema), (0, '', True))


def routes():
	"""As the documents, without any setting."""
	status, out, errors = run('--print-routes', '--threads=none')
	listed = json.loads(out)
	first = listed['operations'][0]
	found = differs('--print-routes', (status, errors, listed['service'], listed['version']), (0, '', 'trial', '1.2.3'))
	wanted = {'method', 'path', 'operation', 'service', 'kind', 'security', 'limits'}
	return found + differs('members', wanted - set(first), set()) + differs('files', listed['files'], [])


def full_disk():
	"""If the text cannot be printed, the program says why."""
	with open('/dev/full', 'w') as full:
		done = subprocess.run([TRIAL, '--help'], stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
	return differs('/dev/full', (done.returncode, done.stderr),
		(71, 'trial: cannot write to standard output: No space left on device\n'))


def printed():
	status, out, errors = run('--print-config', '--threads=3', '--password=hunter2', TRIAL_GREETING='Hi')
	found = differs('status', (status, errors), (0, ''))
	settings = json.loads(out)
	wanted = {
		'greeting': ('Hi', 'TRIAL_GREETING'), 'threads': (3, '--threads'), 'password': ('***', '--password'),
		'drain_timeout_ms': (20000, 'service'), 'backlog': (1024, 'default'), 'lucky_numbers': ([], 'default'),
	}
	more = {'password': {'secret': True}}
	for key, (value, source) in wanted.items():
		found += differs(key, settings[key], {'value': value, 'from': source, **more.get(key, {})})
	status, out, errors = run('--print-config', '--threads=3', SERVICE='guarded')
	found += differs('without what is required', (status, errors), (0, ''))
	settings = json.loads(out)
	found += differs('missing', settings['password'], {'value': None, 'from': 'missing', 'required': True, 'secret': True})
	found += differs('given', settings['threads'], {'value': 3, 'from': '--threads'})
	found += refused(78, ['guarded: GUARDED_PASSWORD: must have at least 1'], '--print-config', SERVICE='guarded', GUARDED_PASSWORD='')
	return found + (['the secret is shown'] if 'hunter2' in out else [])


def refused(status, begins, *arguments, **extra):
	"""Check the status, and that the lines of standard error begin like these."""
	got, out, errors = run(*arguments, **extra)
	lines = errors.splitlines()
	found = differs('status', got, status) + differs('standard output', out, '')
	if len(lines) != len(begins):
		found.append(f'{len(begins)} lines wanted, got {lines}')
	for line, begin in zip(lines, begins):
		found += [] if line.startswith(begin) else [f'got {line!r}, wanted {begin!r}']
	return found


HINT = 'trial: `trial --help` lists the options'


def wrong_use():
	found = refused(64, ['trial: --thraeds: is not an option; did you mean --threads?', HINT], '--thraeds=2')
	found += refused(64, ['trial: --threads 0: must be at least 1', 'trial: --docs x: must be one of: auto, on, off',
		HINT], '--threads=0', '--docs', 'x')
	found += refused(64, ['trial: serve: is not an option', HINT], 'serve')
	return found + refused(64, ['trial: --threads x: must be an integer', 'trial: TRIAL_BACKLOG=0: must be at least 1',
		HINT], '--threads=x', TRIAL_BACKLOG='0')


def wrong_configuration():
	found = refused(78, ['trial: TRIAL_THREADS=zero: must be an integer'], TRIAL_THREADS='zero')
	found += refused(78, ['trial: --config /no/such.json: no such file'], '--config=/no/such.json')
	with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
		file.write('{"worker_requests": 300}')
		file.flush()
		found += refused(78, [f'trial: {file.name}: worker_requests: 300: only a master can replace a worker'], '--config', file.name)
	found += refused(64, ['trial: --http: example.org:80: is not an address'], '--http=example.org:80', '--check')
	found += refused(64, ['trial: --http: unix:/' + 'x' * 120 + ': the path is too long'], '--http=unix:/' + 'x' * 120)
	found += refused(78, ['trial: TRIAL_HTTP: localhost: is not an address', 'trial: TRIAL_HTTP: 8080: is not an address'],
		TRIAL_HTTP='localhost,8080')
	found += refused(64, ['trial: --http: localhost:1: is a name, which is not looked up'], '--http=localhost:1')
	found += refused(64, ['trial: --http: 127.0.0.1:1: is given twice: remove one'], '--http=127.0.0.1:1', '--http=127.0.0.1:1')
	found += refused(64, ['trial: --thraeds: is not an option', HINT, 'trial: --http: :::: is not an address'],
		'--check', '--thraeds=2', '--http=:::')
	found += refused(64, ['trial: --unix-group: nobody-has-it: there is no group'], '--check', '--unix-group=nobody-has-it')
	found += refused(64, ['trial: --unix-mode 000: must match', HINT], '--unix-mode=000')
	found += refused(78, ['trial: TRIAL_GREETING=\\x0atrial: \\x1b[31m' + 'x' * 20 + ': must have at most 20'],
		TRIAL_GREETING='\ntrial: \x1b[31m' + 'x' * 20)
	found += refused(78, ['trial: TRIAL_GREETING=\\xc2\\x9b31m\\xe2\\x80\\xae' + 'x' * 20 + ': must have at most 20'],
		TRIAL_GREETING='\x9b31m\u202e' + 'x' * 20)
	with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
		file.write('{\n"threads": 1,\n"treads": 2}')
		file.flush()
		found += refused(78, [f'trial: {file.name}:3: treads: is not a setting; did you mean threads?'],
			'--config', file.name)
	return found


def contradictory_tables():
	status, out, errors = run('--check', '--data-dir=/', SERVICE='contradictory')
	return differs('status', (status, out), (78, '')) + lacks('standard error', errors, '/hello', 'nobody',
		'\ntrial: misruled_schema, row ms: .min_length and .max_length are for strings')


def documentation_in_the_way():
	"""A service's path that hides the documentation is refused wherever the documentation could be on, not only on loopback."""
	found = []
	for arguments in [], ['--http=192.0.2.1:80'], ['--docs=on']:
		status, _, errors = run('--check', *arguments, SERVICE='documented')
		found += differs('status', status, 78) + lacks('advice', errors, '/docs', '--docs off')
	return found + refused(0, ['trial: the configuration'], '--check', '--docs=off', SERVICE='documented')


def all_faults_are_reported():
	"""--check reports the faults of the configuration and of the tables; without it, the first are enough."""
	status, _, errors = run('--check', SERVICE='contradictory')
	found = differs('status', status, 78) + lacks('--check', errors, 'data_dir is required', '/hello', 'nobody')
	status, _, errors = run('--check', '--treads=2', SERVICE='contradictory')
	found += differs('status', status, 64) + lacks('--check', errors, 'did you mean --threads?', 'nobody')
	status, _, errors = run('--check', SERVICE='clashing')
	found += differs('status', status, 78) + lacks('--check', errors, '\ntrial: GET /clash: 200 in .problems is not')
	if not errors.startswith('trial: clash_schema, row threads: --threads is an option of every service'):
		found.append(f'the row that clashes is not named first: {errors}')
	return found + refused(78, ['trial: data_dir is required'], SERVICE='contradictory')


def warnings():
	return refused(0, ['trial: warning: TRIAL_TREADS: is not a setting, and is ignored; did you mean TRIAL_THREADS?',
		'trial: the configuration'], '--check', TRIAL_TREADS='1')


def start_hook_fails():
	with Program('--start-fails') as program:
		status = program.end()
		return differs('status', status, 70) + differs('log', program.messages(),
			['the start hook of trial failed: the shelf is missing: No such file or directory'])


def start_hook_refuses():
	"""With cor_invalid(): its text is all that is reported."""
	with Program(SERVICE='invalid') as program:
		status = program.end()
		return differs('status', status, 70) + differs('log', program.messages(),
			['the start hook of trial failed: the shelf is too small'])


def start_hook_counts():
	with Program(SERVICE='positive') as program:
		status = program.end()
		return differs('status', status, 70) + differs('log', program.messages(),
			['the start hook of trial failed: returned 12, not 0 or a negative code'])


def system_refuses(address, *parts):
	with Program(http=address) as program:
		status = program.end()
		text = '\n'.join(program.messages())
		return differs('status', status, 71) + lacks('log', text, address, *parts) + \
			lacks('log', text, 'stop hook, state made at start')


def port_in_use():
	with socket.create_server(('127.0.0.1', 0)) as other:
		return system_refuses('127.0.0.1:%d' % other.getsockname()[1], 'is in use: stop the program', 'choose another address')


def address_of_another():
	return system_refuses('192.0.2.1:8080', 'is not an address of this machine')


def no_folder():
	return system_refuses('unix:/no/such/folder/socket', 'its folder does not exist')


def live_socket():
	with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as other:
		other.bind(folder + '/socket')
		other.listen()
		found = system_refuses(f'unix:{folder}/socket', 'is in use')
		return found + ([] if os.path.exists(folder + '/socket') else ["another program's socket was removed"])


def write_file(path):
	with open(path, 'w') as file:
		file.write('x')


def in_the_way():
	"""What is not a socket is not "in use": the message says what it is and what to do, and it stays."""
	found = []
	for make, *parts in (
			(write_file, 'is a file that is not a socket', 'remove it'),
			(os.mkdir, 'is a directory', 'name a file in it'),
			(lambda path: os.symlink('/nowhere', path), 'is a symbolic link', 'remove it')):
		with tempfile.TemporaryDirectory() as folder:
			path = folder + '/precious'
			make(path)
			found += system_refuses(f'unix:{path}', *parts)
			found += [] if os.path.lexists(path) else ['it was removed']
	return found


def is_privileged():
	with open('/proc/sys/net/ipv4/ip_unprivileged_port_start') as file:
		start = int(file.read())
	try:
		socket.create_server(('127.0.0.1', 79)).close()
	except PermissionError:
		return start > 79
	return False


def main():
	tap = Tap()
	for check_of in (help_text, version, check, documents, routes, full_disk, printed, wrong_use, wrong_configuration, contradictory_tables,
			documentation_in_the_way, all_faults_are_reported, warnings,
			start_hook_fails, start_hook_refuses, start_hook_counts, port_in_use, address_of_another, no_folder, live_socket, in_the_way):
		tap.check(check_of.__name__.replace('_', ' '), check_of())
	if is_privileged():
		tap.check('a port below 1024', system_refuses('127.0.0.1:79', 'CAP_NET_BIND_SERVICE'))
	else:
		tap.skip('a port below 1024', 'this user may bind it')
	tap.done()


main()
