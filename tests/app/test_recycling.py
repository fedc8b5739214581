#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Workers that have served long enough, or hold a thread too long, are replaced, and no request is lost."""

import concurrent.futures
import http.client
import json
import os
import re
import signal
import sys
import tempfile
import time

from crew import Crew, Load, await_true, load_on, results
from program import PATIENCE, Tap, Waiting, differs, lacks, run

RETIRES = re.compile(r'worker \d+ \(pid (\d+)\) retires: (.*); its successor is starting')


def retired(crew):
	"""(pid, reason) of each worker that has asked to be replaced."""
	return [match.groups() for match in map(RETIRES.search, list(crew.lines)) if match]


def await_retired(crew, count):
	return await_true(f'{count} retired workers', lambda: (found := retired(crew)) and len(found) >= count and found)


# --- limits of a worker ---

def workers_retire_after_requests(times=10):
	"""Under load of keep-alive and short connections, over TCP and a unix socket."""
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'trial.sock')
		with Crew('--worker-requests', '200', '--http', f'unix:{path}', '--access-log', 'off') as crew, \
				load_on(crew.port(), path) as loads:
			found = await_retired(crew, times)
			faults = results(loads)
			answers = [int(re.match(r'(\d+) answers \(--worker-requests 200\)', why).group(1)) for _, why in found]
			faults += [f'retired after {least} answers'] if (least := min(answers)) < 180 else []
			faults += ['no jitter'] if len(set(answers)) < 3 else []
			pids = set().union(*(load.pids for load in loads))
			faults += [] if {int(pid) for pid, _ in found} <= pids | set(crew.workers()) else ['one retired without an answer']
			await_true('two workers', lambda: len(crew.workers()) == 2)
			return faults + crew.end_well()


def a_reload_goes_on_while_workers_retire():
	with Crew('--worker-requests', '100', '--access-log', 'off') as crew, load_on(crew.port()) as loads:
		for times in range(1, 4):
			await_retired(crew, 2 * times)
			crew.reload()
		faults = results(loads)
		await_true('two workers', lambda: len(crew.workers()) == 2)
		return faults + crew.end_well()


def a_successor_that_a_reload_overtakes_is_not_cut():
	"""It serves already when the master, held up meanwhile, learns that the worker of the reload came first."""
	with tempfile.NamedTemporaryFile('w', suffix='.json') as config:
		def start_ms(ms):
			config.seek(0)
			config.truncate()
			json.dump({'start_ms': ms}, config)
			config.flush()
		start_ms(1000)
		with Crew('--config', config.name, '--worker-requests', '100', '--access-log', 'off', processes=1) as crew, \
				load_on(crew.port()) as loads:
			start_ms(500)
			await_retired(crew, 1)
			crew.signal(signal.SIGHUP)
			crew.wait_for_lines('start hook', 3)
			crew.signal(signal.SIGSTOP)
			await_true('answers of all three', lambda: len(set().union(*(load.pids for load in loads))) >= 3)
			crew.signal(signal.SIGCONT)
			crew.wait_for_lines('"reloaded"', 1)
			return results(loads) + crew.end_well()


def workers_retire_at_an_age():
	with Crew('--worker-age-s', '1') as crew, load_on(crew.port()) as loads:
		found = await_retired(crew, 4)
		faults = results(loads)
		ages = [float(re.match(r'(\d+\.\d) s of age \(--worker-age-s 1\)', why).group(1)) for _, why in found]
		return faults + ([f'retired after {least} s'] if (least := min(ages)) < 0.9 else []) + crew.end_well()


def workers_retire_when_they_grow():
	with Crew('--worker-memory-bytes', '80000000', processes=1) as crew, load_on(crew.port()) as loads:
		old = crew.workers()
		faults = differs('before it grows', retired(crew), [])
		faults += differs('answer', crew.get('/leak/80000000')[0], 204)
		found = await_retired(crew, 1)
		faults += differs('who retires', int(found[0][0]), old[0]) + lacks('why', found[0][1], '(--worker-memory-bytes 80000000)')
		await_true('another', lambda: len(crew.workers()) == 1 and crew.workers() != old)
		return faults + results(loads) + crew.end_well()


def a_size_that_none_can_have_is_not_obeyed():
	with Crew('--worker-memory-bytes', '4096', processes=1) as crew, load_on(crew.port()) as loads:
		crew.wait_for_line('raise --worker-memory-bytes above 4096, which is not obeyed')
		await_true('answers', lambda: all(load.answered > 100 for load in loads))
		return differs('retired', retired(crew), []) + results(loads) + crew.end_well()


def a_successor_that_does_not_start_is_tried_again():
	"""The old one serves meanwhile."""
	with tempfile.TemporaryDirectory() as folder:
		mark = os.path.join(folder, 'mark')
		with Crew('--worker-requests', '50', processes=1, MARK=mark) as crew:
			old = crew.workers()[0]
			with open(mark, 'w'):
				pass
			with load_on(crew.port()) as loads:
				await_retired(crew, 1)
				crew.wait_for_lines('ended with status 70', 3)
				faults = differs('who answers', set().union(*(load.pids for load in loads)), {old})
				os.unlink(mark)
				await_true('another', lambda: old not in crew.workers())
				return faults + results(loads) + crew.end_well()


# --- a request that holds its thread ---

class Client:
	"""A connection that is kept open."""

	def __init__(self, crew):
		self.connection = http.client.HTTPConnection('127.0.0.1', crew.port(), timeout=PATIENCE)

	def thread(self):
		"""Who answers: one of the threads of a worker."""
		return json.loads(self.get('/thread'))['thread']

	def get(self, path, request_id=''):
		self.send(path, request_id)
		return self.take()

	def send(self, path, request_id=''):
		self.connection.request('GET', path, headers={'X-Request-Id': request_id} if request_id else {})

	def take(self):
		answer = self.connection.getresponse()
		assert answer.status == 200, answer.status
		return answer.read().decode()


REPORT = re.compile(r'compute has held its thread for (\d+) ms \(--harakiri-ms 300\), at ([^"]*)')


def a_held_thread_is_reported_and_its_worker_replaced():
	"""The other thread answers meanwhile, and clients that come are not given to the one that is held."""
	with Crew('--harakiri-ms', '300', '--threads', '2', '--drain-timeout-ms', '300', processes=1) as crew:
		old = crew.workers()[0]
		clients = [Client(crew) for _ in range(8)]
		threads = [client.thread() for client in clients]
		others = [client for client, thread in zip(clients, threads) if thread != threads[0]]
		faults = differs('threads', len(set(threads)), 2)
		clients[0].send('/compute/600000', 'the-culprit')
		found = crew.wait_for_line(REPORT)
		faults += lacks('request id', found.string, 'the-culprit')
		faults += [] if 300 <= int(found.group(1)) < 5000 else [f'held for {found.group(1)} ms']
		faults += lacks('stack', found.group(2), 'compute', ' app-trial+0x', ' < ', 'cor_fiber_main libcoracle.so')
		faults += [fault for client in others for fault in differs('thread', client.thread() != threads[0], True)]
		crew.wait_for_line(r'retires: a request holds its thread \(--harakiri-ms\); its successor is starting')
		with load_on(crew.port()) as loads:
			crew.wait_for_line(f'"pid":{old},.*"exiting; some work did not stop: (compute|a request) has held')
			await_true('its end, and that the master knows', lambda: not os.path.exists(f'/proc/{old}'))
			faults += results(loads)
		faults += [f'reported {count} times'] if (count := sum(bool(REPORT.search(line)) for line in crew.lines)) != 1 else []
		return faults + crew.end_well()


def a_request_that_comes_back_is_answered():
	"""Its worker is still replaced, and nothing is lost."""
	with Crew('--harakiri-ms', '300', '--threads', '2', processes=1) as crew:
		old = crew.workers()
		faults = differs('answer', crew.get('/compute/1000'), (200, 'computed'))
		await_true('another', lambda: crew.workers() and not set(old) & set(crew.workers()))
		return faults + crew.end_well()


def what_waits_or_is_many_holds_no_thread():
	"""A request that waits, and many short ones in a row. The limit leaves each of them twenty times as long as it computes."""
	with Crew('--harakiri-ms', '1000', '--queue-target-ms', '60000', '--access-log', 'off', processes=1) as crew:
		waiting = Waiting(crew, 2500)
		clients = [Client(crew) for _ in range(40)]
		for client in clients:
			client.send('/hold/50')
		faults = [fault for client in clients for fault in differs('answer', client.take(), 'held')]
		waiting.join(PATIENCE)
		faults += differs('answer', waiting.answer, (200, 'waited'))
		return faults + differs('retired', retired(crew), []) + crew.end_well()


def only_a_master_replaces():
	faults = []
	for flag in ('--worker-requests', '--worker-age-s', '--worker-memory-bytes', '--harakiri-ms'):
		status, _, errors = run('--http', '127.0.0.1:0', flag, '7')
		faults += differs(f'status of {flag}', status, 64) + lacks('standard error', errors, f'{flag}: 7: only a master can')
	return faults


# --- a range of workers ---

class Holding(Load):
	"""Short connections: a new worker gets its part of them. Their requests keep threads busy, and no processor."""

	def __init__(self, address):
		super().__init__(address, keeps=False)

	def ask(self, connection):
		self.sent += 1
		connection.request('GET', '/hold/20')
		answer = connection.getresponse()
		assert (answer.status, answer.read()) == (200, b'held'), answer.status
		self.answered += 1
		return False


ADDED = re.compile(r'adding a worker: for a second each of (\d) was busy for at least (\d+)% of the time; (\d) from now on')
QUEUED = re.compile(r'adding a worker: for a second clients waited to be accepted; (\d) from now on')
REMOVED = re.compile(r'removing a worker: for 2 s one fewer would have been busy for at most (\d+)% of the time; (\d) from now on')


def said(crew, pattern):
	return [match.groups() for match in map(pattern.search, list(crew.lines)) if match]


def workers_follow_the_load():
	"""A step up and a step down; no client is lost."""
	with Crew('--worker-min', '2', '--worker-max', '4', '--worker-surplus-s', '2', '--queue-target-ms', '60000', '--access-log', 'off',
			processes=None) as crew:
		loads = [Holding(crew.port()) for _ in range(12)]
		await_true('four workers', lambda: len(crew.workers()) == 4)
		crew.wait_for_lines('start hook', 4)
		faults = results(loads)
		with load_on(crew.port()) as light:
			await_true('two workers', lambda: len(crew.workers()) == 2)
			faults += results(light)
		await_true('the lines', lambda: len(said(crew, ADDED) + said(crew, QUEUED)) >= 2 and len(said(crew, REMOVED)) >= 2)
		added, queued, removed = said(crew, ADDED), said(crew, QUEUED), said(crew, REMOVED)
		faults += differs('added', sorted([new for *_, new in added] + [new for new, in queued]), ['3', '4'])
		faults += differs('removed', [new for _, new in removed], ['3', '2'])
		faults += [f'added at {share}%' for _, share, _ in added if int(share) < 90]
		faults += [f'removed at {share}%' for share, _ in removed if int(share) > 70]
		return faults + crew.end_well()


def clients_that_wait_bring_a_worker():
	"""The only worker has as many connections as it may, and nothing to do: requests that have begun keep their places."""
	with Crew('--worker-max', '2', '--connections-max', '2', processes=None, started=1) as crew:
		clients = [Client(crew) for _ in range(2)]
		pids = {json.loads(client.get('/process'))['pid'] for client in clients}
		for client in clients:
			client.connection.sock.sendall(b'GET /process HTTP/1.1\r\n')
		waiting = Client(crew)
		faults = differs('who answers', json.loads(waiting.get('/process'))['pid'] in pids, False)
		crew.wait_for_line(QUEUED)
		return faults + crew.end_well()


def their_number_is_stable_between_the_bounds():
	"""Two workers that are busy two thirds of the time are neither too few nor too many."""
	with Crew('--worker-min', '1', '--worker-max', '4', '--worker-surplus-s', '2', '--access-log', 'off', processes=None,
			started=1) as crew:
		crew.signal(signal.SIGTTIN)
		crew.wait_for_lines('start hook', 2)
		clients = {}

		def one_each():
			client = Client(crew)
			clients.setdefault(json.loads(client.get('/process'))['pid'], client)
			return len(clients) == 2
		await_true('a client of each worker', one_each)
		ends = time.monotonic() + 4
		while time.monotonic() < ends:
			for client in clients.values():
				client.send('/hold/65')
			for client in clients.values():
				client.take()
			time.sleep(0.035)
		return differs('changes', said(crew, ADDED) + said(crew, QUEUED) + said(crew, REMOVED), []) + crew.end_well()


def signals_move_within_the_range():
	with Crew('--worker-min', '1', '--worker-max', '2', processes=None, started=1) as crew:
		crew.signal(signal.SIGTTOU)
		crew.wait_for_line('SIGTTOU: one worker is left')
		crew.signal(signal.SIGTTIN)
		await_true('two workers', lambda: len(crew.workers()) == 2)
		crew.signal(signal.SIGTTIN)
		crew.wait_for_line('SIGTTIN: there are 2 workers, as many as there can be')
		old = crew.workers()
		crew.reload()
		await_true('two new ones', lambda: len(crew.workers()) == 2 and not set(old) & set(crew.workers()))
		crew.signal(signal.SIGTTOU)
		await_true('one worker', lambda: len(crew.workers()) == 1)
		return crew.end_well()


def ranges_that_contradict_are_refused():
	faults = []
	for flags, text in (
			(('--worker-min', '2'), '--worker-min: 2: is the lower end of a range: add --worker-max'),
			(('--worker-max', '2', '--processes', '2'), '--worker-max: 2: gives a range in place of a number'),
			(('--worker-max', '2', '--worker-min', '3'), '--worker-min: 3: is more than --worker-max')):
		status, _, errors = run('--http', '127.0.0.1:0', *flags)
		faults += differs(f'status of {flags}', status, 64) + lacks('standard error', errors, text)
	return faults


WAITING = (clients_that_wait_bring_a_worker, a_request_that_comes_back_is_answered,
	a_successor_that_does_not_start_is_tried_again, a_successor_that_a_reload_overtakes_is_not_cut)
WORKING = (workers_retire_after_requests, a_reload_goes_on_while_workers_retire, workers_retire_at_an_age, workers_retire_when_they_grow,
	a_size_that_none_can_have_is_not_obeyed, what_waits_or_is_many_holds_no_thread, a_held_thread_is_reported_and_its_worker_replaced,
	only_a_master_replaces, workers_follow_the_load, their_number_is_stable_between_the_bounds, signals_move_within_the_range,
	ranges_that_contradict_are_refused)


def main():
	"""Tests that mostly wait run while the others do, each with its own program."""
	tap = Tap()
	chosen = [check for check in WORKING + WAITING if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]]
	with concurrent.futures.ThreadPoolExecutor(2) as pool:
		begun = {check: pool.submit(check) for check in chosen if check in WAITING}
		for check in chosen:
			tap.check(check.__name__.replace('_', ' '), begun[check].result() if check in begun else check())
	tap.done()


main()
