#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
test_service.py CORACLE_BENCH: caches of a running service: who finds what another has kept, how often a value is made, where it is kept by
settings, and what is counted. The bench service has GET and DELETE /cached/{key}, whose values take ?ms to make.
"""

import http.client
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'memcached_store'))
from crew import await_true, children  # noqa: E402
from parts import Memcached  # noqa: E402
from program import PATIENCE, Program, Tap, run  # noqa: E402


def ask(program, key, ms=0, method='GET'):
	connection = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)
	try:
		connection.request(method, f'/cached/{key}?ms={ms}')
		answer = connection.getresponse()
		return answer.status, answer.read().decode()
	finally:
		connection.close()


def get(program, key, ms=0):
	"""Whether it was there. Raises what is wrong."""
	status, body = ask(program, key, ms)
	found = json.loads(body)
	assert status == 200 and found['key'] == key and found['value'] == f'value of {key}', (status, body)
	return found['hit']


def drop(program, key):
	status, _ = ask(program, key, method='DELETE')
	assert status == 204, status


def together(program, key, ms, many):
	"""How many of many that ask at the same time found it not."""
	made, problems, lock = [], [], threading.Lock()

	def one():
		try:
			hit = get(program, key, ms)
			with lock:
				made.append(not hit)
		except AssertionError as problem:
			problems.append(problem)
	threads = [threading.Thread(target=one) for _ in range(many)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert not problems and len(made) == many, problems
	return sum(made)


def figures(program):
	return program.cache_figures('values')


def start(store, *more, processes=2):
	return Program('--cache', store, '--processes', str(processes), '--threads', '2', '--control', '127.0.0.1:0', *more)


def differs(what, got, wanted):
	return [] if got == wanted else [f'{what}: {got}, not {wanted}']


# --- what each store promises ---

def one_makes_it_for_a_process(store):
	with start(store, processes=1) as program:
		faults = differs('made', together(program, 'a', 300, 20), 1)
		faults += differs('there', get(program, 'a'), True)
		drop(program, 'a')
		faults += differs('there after its end', get(program, 'a'), False)
		counted = figures(program)
		faults += differs('loads', counted['loads_total'], 2)
		faults += differs('puts', counted['puts_total'], 2)
		faults += differs('asked', counted['hits_total'] + counted['misses_total'], 22)
		faults += differs('seconds', 0.3 <= counted['load_seconds_total'] < 1, True)
	return faults


def one_makes_it_for_all(store):
	with start(store, processes=3) as program:
		faults = differs('made', together(program, 'a', 300, 30), 1)
		return faults + differs('loads', figures(program)['loads_total'], 1)


def it_survives_its_workers(store):
	with start(store) as program:
		get(program, 'a')
		kill_all(program)
		return differs('there', get(program, 'a'), True)


def it_survives_a_reload(store):
	with start(store) as program:
		get(program, 'a')
		reload(program)
		return differs('there', get(program, 'a'), True)


def it_survives_a_restart(store):
	with start(store) as program:
		get(program, 'a')
		program.signal(signal.SIGTERM)
		program.end()
	with start(store) as program:
		return differs('there', get(program, 'a'), True)


ROOM = 4  # entries


def what_goes_is_counted(store):
	"""Each value that was kept is there, has been evicted, or has died with its process: so the sums are exact, whoever has counted."""
	asked, died, faults = 0, 0, []
	is_of_process = store == 'lru'
	with start(store, f'--cache-values-entries={ROOM}') as program:
		def accounted(got):
			return got['entries'] + got['evictions_total room'] + died

		def check(when):
			got, until = figures(program), time.monotonic() + PATIENCE
			while accounted(got) != asked and time.monotonic() < until:
				got = figures(program)  # who is slow to answer is told as it was last known
			faults.extend(differs(f'{when}: kept or gone', accounted(got), asked))
			at_most = 2 * ROOM if is_of_process else ROOM
			if not 0 < got['entries'] <= at_most or not got['entries'] <= got['bytes'] <= 64 << 20:
				faults.append(f'{when}: {got}')
			faults.extend(differs(f'{when}: others', [got[f'evictions_total {cause}'] for cause in ('expired', 'too_large', 'lost')], [0, 0, 0]))
			return got['entries']

		for when, end in (('first', lambda: kill_all(program)), ('after a kill', lambda: reload(program)), ('after a reload', lambda: None)):
			for _ in range(40):
				get(program, f'key{asked}')
				asked += 1
			kept = check(when)
			end()
			died += kept if is_of_process else 0
	return faults


def sizes_are_known_from_the_start(store):
	"""Workers that do not answer in time are told as they were last known: what was kept before them is there."""
	with start(store) as program:
		for key in 'abc':
			get(program, key)
		workers = {worker['pid'] for worker in json.loads(program.ask_control('/status')[1])['workers']}
		others = set(children(program.process.pid)) - workers
		kill(program, workers)
		workers = await_true('two others', lambda: ready_ones(program, workers | others))
		send(workers, signal.SIGSTOP)
		got = figures(program)
		send(workers, signal.SIGCONT)
		return differs('workers', len(workers), 2) + differs('entries', got['entries'], 3) + differs('bytes', got['bytes'] > 3, True)


def ready_ones(program, others):
	"""Both, without a question to them: that would measure what they have."""
	ready = set(children(program.process.pid)) - others
	return ready if len(ready) == 2 and '2 of 2 workers ready' in program.ask_control('/ready?verbose')[1] else None


def reload(program):
	"""Until the old processes have gone: as long as they drain, they may answer."""
	old = set(children(program.process.pid))
	program.signal(signal.SIGHUP)
	program.wait_for_line('"reloaded"')
	until = time.monotonic() + PATIENCE
	while old & set(children(program.process.pid)):
		assert time.monotonic() < until, 'the old processes do not end'
		time.sleep(0.005)


def what_is_broken_is_counted(folder):
	with start(f'file:{folder}') as program:
		get(program, 'a')
		broken = 0
		for path, _, names in os.walk(folder):
			for name in names:
				file = os.path.join(path, name)
				if b'value of a' in open(file, 'rb').read():
					os.truncate(file, os.path.getsize(file) - 1)
					broken += 1
		faults = differs('files', broken, 1) + differs('there', get(program, 'a'), False)
		return faults + differs('lost', figures(program)['evictions_total lost'] >= 1, True)


def a_dead_one_keeps_nobody_long(store):
	"""A worker is killed while it makes the value for all."""
	with start(store) as program:
		get(program, 'b')
		asked = threading.Thread(target=lambda: ask_and_forget(program, 'a', 9000), daemon=True)
		asked.start()
		while figures(program).get('loads_total', 0) < 2:
			pass
		kill_all(program)
		asked.join()
		return differs('made', get(program, 'a', 1), False)


def kill_all(program):
	"""Kill all processes but the master."""
	kill(program, children(program.process.pid))


def kill(program, pids):
	"""Both workers are among them. Wait until others are started."""
	send(pids, signal.SIGKILL)
	for number in (0, 1):
		program.wait_for_line(rf'worker {number} \(pid \d+\) died of SIGKILL')


def send(pids, number):
	for pid in pids:
		os.kill(pid, number)


def ask_and_forget(program, key, ms):
	try:
		ask(program, key, ms)
	except (OSError, http.client.HTTPException):
		pass


def a_server_that_is_gone_fails_nobody():
	with Memcached() as server, start(f'memcached:{server.at}', processes=1) as program:
		faults = differs('made', together(program, 'a', 50, 10), 1)
		faults += differs('there', get(program, 'a'), True)
		server.stop()
		faults += differs('there without a server', [get(program, 'a') for _ in range(20)], [False] * 20)
		refused = 'the last time with "Connection refused"; it is tried again in 1000 ms'
		program.wait_for_line('"level":"warning".*the cache values is failing: Connection refused')
		program.wait_for_line(f'"level":"warning".*the cache values: the memcached server {server.at} is out: it has failed 5 times in a row, '
			+ refused.replace('"', r'\\"'))
		server.start()
		tells_that_it_works(program) if comes_back(program) else faults.append('it does not come back')
		faults += a_flapping_server_is_no_flood(server, program)
		faults += differs('failures', figures(program)['failures_total'] >= 2, True)
	return faults


def a_flapping_server_is_no_flood(server, program):
	"""It was out, and was back: what comes in the next minute is not said."""
	for _ in range(2):
		server.stop()
		for _ in range(6):
			get(program, 'a')
		server.start()
		if not comes_back(program):
			return ['it does not come back again']
	text = ''.join(program.lines)
	return differs('lines', [len(re.findall(f'memcached server .* is {what}: ', text)) for what in ('out', 'back')], [1, 1])


def comes_back(program):
	end = time.monotonic() + PATIENCE
	while time.monotonic() < end:
		if get(program, 'b'):
			return True
	return False


def tells_that_it_works(program):
	"""Once nothing has failed for two seconds: so somebody asks meanwhile."""
	is_told = threading.Event()

	def ask_on():
		while not is_told.wait(0.05):
			get(program, 'b')

	asking = threading.Thread(target=ask_on, daemon=True)
	asking.start()
	try:
		program.wait_for_line('the cache values has recovered')
	finally:
		is_told.set()
		asking.join()


def check_memcached(tap):
	if not shutil.which('memcached'):
		tap.skip('memcached', 'it is not installed')
		return
	for promise in (one_makes_it_for_all, it_survives_its_workers, it_survives_a_restart):
		with Memcached() as server:
			tap.check(f'memcached: {promise.__name__.replace("_", " ")}', promise(f'memcached:{server.at}'))
	with Memcached() as server:
		tap.check('memcached: copies are near', copies_are_near(f'memcached:{server.at}', server.stop))
	tap.check('memcached: a server that is gone fails nobody', a_server_that_is_gone_fails_nobody())


def copies_are_near(store, stop=None, **more):
	"""Each of two workers has its copies; what one changes, the other has no copy of any more."""
	with start(store, '--cache-values-near-ttl-ms', '3600000', **more) as program:
		faults = differs('made', get(program, 'a'), False)
		for _ in range(30):
			faults += differs('there', [get(program, 'a') for _ in range(8)], [True] * 8)
			drop(program, 'a')
			faults += differs('there after its end', get(program, 'a'), False)
		for _ in range(30):
			get(program, 'a')
		counted = figures(program)
		faults += differs('hits', counted['hits_total'], 30 * 8 + 30)
		faults += differs('some of them near', 100 < counted['near_hits_total'] < 270, True)
		program.signal(signal.SIGHUP)
		program.wait_for_line('"reloaded"')
		faults += differs('there after a reload', get(program, 'a'), True)
		drop(program, 'a')
		faults += differs('there after its end and a reload', [get(program, 'a') for _ in range(9)], [False] + [True] * 8)
		if stop:
			for _ in range(50):
				get(program, 'a')
			stop()
			faults += differs('near, without a server', [get(program, 'a') for _ in range(20)], [True] * 20)
		return faults[:5]


# --- settings ---

def settings_are_shown_and_checked(folder):
	status, out, _ = run('--print-config', '--cache', f'file:{folder}', '--cache-values-ttl-ms=5000')
	shown = json.loads(out)
	faults = differs('status', status, 0)
	faults += differs('store', shown['cache_values_store']['value'], f'file:{folder}')
	faults += differs('ttl', shown['cache_values_ttl_ms']['value'], 5000)
	faults += differs('near ttl', shown['cache_values_near_ttl_ms']['value'], 0)
	faults += differs('near bytes', shown['cache_values_near_bytes']['value'], 16 << 20)
	faults += differs('bytes', shown['cache_values_bytes']['value'], 64 << 20)
	for arguments, wanted in (
		(['--cache', 'redis:1'], 'is no store: say memory, shared, file:DIR or memcached:HOST:PORT,...'),
		(['--cache', 'file'], '.at'),
		(['--cache', 'lru', '--cache-values-bytes=5'], '--cache-values-bytes: 5: must be 0 or at least 65536'),
		(['--cache', 'lru', '--cache-values-near-ttl-ms=5'], '--cache-values-near-ttl-ms: 5: the cache is in memory itself'),
		(['--cache', 'shared', '--cache-values-near-ttl-ms=5'], '--cache-values-near-ttl-ms: 5: the cache is in memory itself'),
		(['--cache', f'file:{folder}', '--cache-values-near-ttl-ms=5', '--cache-values-near-bytes=5'],
			'--cache-values-near-bytes: 5: must be 0 or at least 65536'),
		(['--cache', f'file:{folder}', '--cache-values-near-ttl-ms=9000000'], '--cache-values-near-ttl-ms 9000000: must be at most 3600000'),
		(['--cache', 'lru', '--cache-values-entries=3000000000'], '--cache-values-entries 3000000000: must be at most 2147483647'),
	):
		status, _, errors = run('--check', *arguments)
		if status != 64 or wanted not in errors or '--cache-values-' not in errors:
			faults.append(f'{arguments}: {status} {errors}')
	return faults + a_check_makes_nothing(folder) + a_directory_is_refused(folder) + a_sandbox_names_it(folder)


def a_check_makes_nothing(folder):
	"""--check says what a start would, and leaves the disk as it is."""
	place, deep = f'{folder}/to-be', f'{folder}/to-be/made/later'
	os.mkdir(place)
	faults = []
	for at in (place, deep):
		status, _, errors = run('--check', '--cache', f'file:{at}')
		faults += differs(f'status of {at}', status, 0) + ([errors] if status else [])
	faults += differs('there after a check', os.listdir(place), [])
	os.chmod(place, 0o777)
	status, _, errors = run('--check', '--cache', f'file:{place}')
	wanted = f'the cache values has an .at in which others can write: chmod go-w {place}, or chmod +t'
	return faults if status == 78 and wanted in errors else faults + [f'{status} {errors}']


def a_directory_is_refused(folder):
	"""Others could replace what is in one that they can write to and that is not sticky; and a file is none."""
	faults = []
	open_to_all, file = f'{folder}/open', f'{folder}/file'
	os.mkdir(open_to_all)
	os.chmod(open_to_all, 0o777)
	with open(file, 'w'):
		pass
	for at, wanted in ((open_to_all, f'the cache values has an .at in which others can write: chmod go-w {open_to_all}, or chmod +t'),
		(f'{file}/kept', f'the cache values cannot open its .at, {file}/kept: Not a directory')):
		status, _, errors = run('--http', '127.0.0.1:0', '--cache', f'file:{at}')
		if status != 78 or wanted not in errors:
			faults.append(f'{at}: {status} {errors}')
	return faults


def a_sandbox_names_it(folder):
	"""A cache whose files the sandbox closes would never have anything."""
	kept, other = f'{folder}/sandboxed', f'{folder}/other'
	os.mkdir(kept)
	os.mkdir(other)
	arguments = ['--http', '127.0.0.1:0', '--cache', f'file:{kept}', '--sandbox', 'on', '--sandbox-paths', os.getcwd()]
	unwatched = os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=0'  # which needs ptrace
	status, _, errors = run(*arguments, '--sandbox-paths', other, ASAN_OPTIONS=unwatched)
	if 'Landlock' in errors and 'confined' not in errors:
		return []  # the system has none
	wanted = f'the cache values: files in {kept} may not be read and written: let the user that serves do it; with --sandbox-paths it is one of them'
	faults = [] if status == 78 and wanted in errors else [f'sandbox: {status} {errors}']
	with Program('--cache', f'file:{kept}', '--sandbox', 'on', '--sandbox-paths', os.getcwd(), '--sandbox-paths', kept,
		ASAN_OPTIONS=unwatched) as program:
		return faults + differs('there in a sandbox', [get(program, 'a'), get(program, 'a')], [False, True])


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		stores = {'lru': 'lru', 'shared': 'shared', 'file': f'file:{folder}/kept'}
		for name, store in stores.items():
			tap.check(f'{name}: one makes it for a process', one_makes_it_for_a_process(store))
		for name, store in stores.items():
			tap.check(f'{name}: what goes is counted', what_goes_is_counted(f'file:{folder}/counted' if name == 'file' else store))
		tap.check('file: what is broken is counted', what_is_broken_is_counted(f'{folder}/broken'))
		for name in ('shared', 'file'):
			for promise in (one_makes_it_for_all, it_survives_its_workers, it_survives_a_reload, a_dead_one_keeps_nobody_long,
				sizes_are_known_from_the_start):
				tap.check(f'{name}: {promise.__name__.replace("_", " ")}', promise(f'file:{folder}/{promise.__name__}' if name == 'file' else name))
		tap.check('file: it survives a restart', it_survives_a_restart(f'file:{folder}/restart'))
		tap.check('file: copies are near', copies_are_near(f'file:{folder}/near'))
		check_memcached(tap)
		tap.check('settings are shown and checked', settings_are_shown_and_checked(folder))
	tap.done()


sys.exit(main())
