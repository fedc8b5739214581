#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
What `coracle deploy` writes, run by a Docker engine that this test starts: images, health, the drain, compose with nginx and
memcached.  test_containers.py BUILD PACKAGES FOLDER

BUILD has the command; PACKAGES the Debian packages that tools/packages made; FOLDER keeps the roots of images, which need the network
once. Skips where no engine can run, and says why.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, 'bench/containers'), os.path.join(ROOT, 'tests/house')]

import bases  # noqa: E402
import engine as engines  # noqa: E402
import images  # noqa: E402
from tap import Tap  # noqa: E402

ADDRESS = '172.31.7.10'
BOOK = json.dumps({'title': 'Emma', 'author': 'Jane Austen'}).encode()
HARDENED = ('--read-only', '--tmpfs', '/tmp', '--tmpfs', '/var/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true')


def differs(what, got, wanted):
	return [] if got == wanted else [f'{what}: {got!r}, not {wanted!r}']


def ask(method, path, body=None, host=ADDRESS, port=8080):
	"""(status, document)"""
	connection = http.client.HTTPConnection(host, port, timeout=20)
	connection.request(method, path, body, {'Content-Type': 'application/json'} if body else {})
	answer = connection.getresponse()
	return answer.status, json.loads(answer.read() or 'null')


def comes_up(host=ADDRESS, port=8080):
	def answers():
		try:
			return ask('GET', '/books', host=host, port=port)[0] == 200
		except OSError:
			return False
	engines.until(answers, 60, 'the service')


def size(engine, tag, limit_mb, tap):
	got = engine.size_mb(tag)
	tap.figure(f'the image {tag} has {got:.1f} MB')
	return [] if got <= limit_mb else [f'{got:.1f} MB are more than {limit_mb}']


def status_of(pid):
	with open(f'/proc/{pid}/status', encoding='utf-8') as file:
		return dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)


def it_serves(engine):
	engine.docker('run', '-d', '--name', 'shop', *HARDENED, '--network', engines.NETWORK, '--ip', ADDRESS, 'shop:0.1.0')
	comes_up()
	status, book = ask('POST', '/books', BOOK)
	found = differs('POST', (status, book['title']), (201, 'Emma'))
	found += differs('GET', ask('GET', f'/books/{book["id"]}'), (200, book))
	return found + differs('an invalid one', ask('POST', '/books', b'{"title":""}')[0], 422)


def it_may_do_nothing(engine):
	"""No root, no capability, nothing to write to but memory."""
	found = []
	for pid in engine.processes('shop'):
		status = status_of(pid)
		found += differs(f'users of {status["Name"]}', set(status['Uid'].split()) | set(status['Gid'].split()), {'65532'})
		found += differs(f'capabilities of {status["Name"]}', int(status['CapEff'], 16) | int(status['CapBnd'], 16), 0)
	with open(f'/proc/{engine.inspect("shop")["State"]["Pid"]}/mountinfo', encoding='utf-8') as file:
		mounts = {line.split()[4]: line.split()[5].split(',')[0] for line in file}
	found += differs('the root', mounts['/'], 'ro')
	shell = engine.ask('exec', 'shop', '/bin/sh', '-c', 'true')
	return found + differs('there is no shell', shell.returncode in (126, 127), True)


def it_is_healthy(engine):
	engines.until(lambda: engine.inspect('shop')['State']['Health']['Status'] == 'healthy', 60, 'health')
	log = engine.inspect('shop')['State']['Health']['Log'][-1]
	return [] if 'workers ready' in log['Output'] and log['ExitCode'] == 0 else [log]


def term_drains(engine):
	"""A request whose body is half there when TERM comes is answered; then the container has ended with 0, before it was killed."""
	connection = http.client.HTTPConnection(ADDRESS, 8080, timeout=30)
	connection.putrequest('POST', '/books')
	connection.putheader('Content-Type', 'application/json')
	connection.putheader('Content-Length', str(len(BOOK)))
	connection.endheaders(BOOK[:10])
	connection.sock.settimeout(30)
	ask('GET', '/books')  # it was read by then: the workers are one loop each
	begun = time.monotonic()
	stopping = threading.Thread(target=engine.docker, args=('stop', '--time', '40', 'shop'))
	stopping.start()
	engines.until(lambda: 'SIGTERM: finishing requests' in logs(engine), 20, 'a line of the drain')
	is_running = engine.inspect('shop')['State']['Running']
	connection.send(BOOK[10:])
	answer = connection.getresponse()
	found = differs('the request in flight', (is_running, answer.status, json.loads(answer.read())['title']), (True, 201, 'Emma'))
	stopping.join()
	found += differs('it ends', engine.inspect('shop')['State']['ExitCode'], 0)
	return found + ([] if time.monotonic() - begun < 30 else ['it was waited for'])


def logs(engine):
	done = engine.ask('logs', 'shop')
	return done.stdout + done.stderr


def compose_runs_it(engine, project):
	"""By nginx, whose port is the only one, over a socket; answers are kept in memcached."""
	engine.compose('up', '-d', '--no-build', cwd=project.folder)
	try:
		name = engine.docker('ps', '--quiet', '--filter', 'label=com.docker.compose.service=nginx')
		nginx = engine.inspect(name)
		host = next(iter(nginx['NetworkSettings']['Networks'].values()))['IPAddress']
		comes_up(host, 80)
		found = differs('POST', ask('POST', '/books', BOOK, host, 80)[0], 201)
		found += differs('GET', [ask('GET', '/books/1', None, host, 80) for _ in range(3)],
			[(200, {'id': 1, 'title': 'Emma', 'author': 'Jane Austen'})] * 3)
		found += differs('kept in memcached', hits(engine), 2)
		for service in ('shop', 'nginx', 'memcached'):
			name = engine.docker('ps', '--quiet', '--filter', f'label=com.docker.compose.service={service}')
			engines.until(lambda: engine.inspect(name)['State']['Health']['Status'] == 'healthy', 60, f'health of {service}')
			found += differs(f'{service} is read-only', engine.inspect(name)['HostConfig']['ReadonlyRootfs'], True)
		return found
	except TimeoutError as late:
		return [late, engine.compose('ps', cwd=project.folder), engine.compose('logs', '--no-color', cwd=project.folder)[-3000:]]
	finally:
		engine.compose('down', '--volumes', cwd=project.folder)


def hits(engine):
	name = engine.docker('ps', '--quiet', '--filter', 'label=com.docker.compose.service=memcached')
	text = engine.docker('exec', name, 'sh', '-c', 'printf "stats\\r\\nquit\\r\\n" | nc 127.0.0.1 11211')
	return next(int(line.split()[2]) for line in text.splitlines() if line.startswith('STAT get_hits '))


def run(tap, build, packages, roots, folder):
	plain, calling, keeping = (images.Project(build, packages, os.path.join(folder, name)) for name in ('plain', 'calling', 'keeping'))
	with engines.Engine(folder) as engine:
		roots.into(engine)
		plain.image(engine, 'shop:0.1.0')
		tap.check('the image has 12 MB at most', size(engine, 'shop:0.1.0', 12, tap))
		for check in (it_serves, it_may_do_nothing, it_is_healthy, term_drains):
			tap.check(check.__name__.replace('_', ' '), check(engine))
		calling.call_others()
		calling.image(engine, 'shop-calls')
		tap.check('with calls over TLS it has 30 MB at most', size(engine, 'shop-calls', 30, tap))
		keeping.keep_answers()
		keeping.image(engine, 'shop:0.1.0')
		tap.check('compose runs it with nginx and memcached', compose_runs_it(engine, keeping))


def main():
	tap, (build, packages, kept) = Tap(), map(os.path.abspath, sys.argv[1:])
	reason = engines.why_not()
	if reason:
		tap.skip('containers', reason)
		tap.done()
	roots = bases.Roots(kept)
	if engines.INSIDE not in os.environ:
		roots.all(images.debs(packages))
	engines.enter()
	with tempfile.TemporaryDirectory(dir=kept) as folder:
		run(tap, build, packages, roots, folder)
	tap.done()


main()
