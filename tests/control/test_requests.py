#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""/status shows the requests in flight of all workers, promptly, whatever the workers do."""

import contextlib
import os
import signal
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from controlled import Controlled, await_true  # noqa: E402
from program import PATIENCE, Tap, differs  # noqa: E402

PROMPT_S = 5  # what is held is held for minutes


def send(service, text):
	"""A client that ends with a reset: nobody waits for its answer."""
	s = socket.create_connection(('127.0.0.1', service.port()), PATIENCE)
	s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
	s.sendall(text.encode())
	return s


def ask_for(service, path, **headers):
	lines = ''.join(f'{name}: {value}\r\n' for name, value in headers.items())
	return send(service, f'GET {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n')


def prompt(service, path='/status'):
	began = time.monotonic()
	answer = service.ask(path)
	took = time.monotonic() - began
	assert took < PROMPT_S, f'{path} took {took:.2f} s'
	return answer


def requests(service, count, **wanted):
	"""Once that many requests with these members are in flight."""
	def find():
		return [r for r in service.status()['requests'] if wanted.items() <= r.items()]
	found = await_true(f'{count} with {wanted}', lambda: len(rows := find()) == count and rows)
	return found


def each_is_described():
	with Controlled(processes=1) as service:
		service.wait_for_rest(1)
		pid = sorted(service.pids())[0]
		began = time.monotonic()
		with ask_for(service, '/wait/600000', **{'X-Request-Id': 'so-long'}) as client:
			(row,) = requests(service, 1)
			age_s = row.pop('age_s')
			most_s = time.monotonic() - began
			found = [] if 0 <= age_s <= most_s else [f'age {age_s}, at most {most_s}']
			found += differs('thread', row.pop('thread') in (0, 1), True)
			found += differs('row', row, {'pid': pid, 'method': 'GET', 'route': '/wait/{ms}', 'handler': 'wait_a_while',
				'state': 'waiting', 'waits_in': 'cor_sleep_ms', 'peer': f'127.0.0.1:{client.getsockname()[1]}', 'id': 'so-long'})
		found += differs('when its client has gone', await_true('none', lambda: service.status()['requests'] == []), True)
		return found + service.end_well()


def those_that_wait_say_in_what():
	calls = {'mutex': 'cor_mutex_lock', 'semaphore': 'cor_semaphore_take', 'channel': 'cor_channel_receive', 'socket': 'cor_socket_accept',
		'offload': 'cor_offload', 'time': 'cor_sleep_ms'}
	with Controlled(processes=1, SERVICE='parked') as service, contextlib.ExitStack() as stack:
		service.wait_for_rest(1)
		for what in calls:
			stack.enter_context(ask_for(service, f'/park/{what}', **{'X-Request-Id': what}))
		rows = requests(service, len(calls), state='waiting')
		found = differs('calls', {row['handler'] + ' ' + str(row.get('waits_in')) for row in rows}, {f'park {call}' for call in calls.values()})
		service.signal(signal.SIGQUIT)
		service.end()
		return found


def states_tell_what_they_wait_for():
	with Controlled(processes=1) as service:
		service.wait_for_rest(1)
		with send(service, 'POST /hoard HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{'), \
				ask_for(service, '/flood'), ask_for(service, '/wait/600000'):
			(reading,) = requests(service, 1, route='/hoard', method='POST', state='reading')
			requests(service, 1, route='/flood', state='writing')
			requests(service, 1, route='/wait/{ms}', state='waiting')
		service.signal(signal.SIGTERM)
		service.end()
		return differs('what a reader waits in', reading.get('waits_in'), None)


def the_oldest_of_many_are_shown():
	with Controlled(processes=1) as service, contextlib.ExitStack() as stack:
		service.wait_for_rest(1)
		for i in range(100):
			stack.enter_context(ask_for(service, '/wait/600000', **{'X-Request-Id': f'number-{i}'}))
			if i in (63, 99):
				await_true(f'{i}', lambda i=i: len((s := service.status())['requests']) + s['more_requests'] == i + 1)
		status = service.status()
		found = differs('listed', (len(status['requests']), status['more_requests']), (64, 36))
		ages = [row['age_s'] for row in status['requests']]
		found += differs('order', ages, sorted(ages, reverse=True))
		found += differs('which', {row['id'] for row in status['requests']}, {f'number-{i}' for i in range(64)})
		stack.close()
		return found + service.end_well()


def those_of_all_workers_are_shown():
	with Controlled() as service, contextlib.ExitStack() as stack:
		service.wait_for_rest()
		for _ in range(8):
			stack.enter_context(ask_for(service, '/wait/600000'))
		rows = requests(service, 8)
		found = differs('workers', {row['pid'] for row in rows}, service.pids())
		victim = sorted(service.pids())[0]
		left = sum(row['pid'] != victim for row in rows)
		os.kill(victim, signal.SIGKILL)
		await_true('another', lambda: len(service.pids()) == 2 and victim not in service.pids())
		found += differs('after a death', {row['pid'] for row in requests(service, left)} <= service.pids(), True)
		found += differs('silent', service.status()['silent'], [])
		stack.close()
		return found + service.end_well()


def all_is_prompt_while_all_threads_are_held():
	with Controlled('--threads', '1') as service, contextlib.ExitStack() as stack:
		service.wait_for_rest()
		for held in 1, 2: # one after the other: a worker that is free could take both
			stack.enter_context(ask_for(service, '/compute/300000', **{'X-Request-Id': 'holder'}))
			rows = requests(service, held, state='holding')
		found = differs('workers', {row['pid'] for row in rows}, service.pids())
		found += differs('what is known', {(row['handler'], row['id'], 'route' in row) for row in rows}, {('compute', 'holder', False)})
		found += [f'age {row["age_s"]}' for row in rows if not 0 < row['age_s'] < 300]
		for path in ('/status', '/ready', '/live', '/startup', '/metrics'):
			found += differs(path, prompt(service, path)[0], 200)
		found += differs('still held', len(requests(service, 2, state='holding')), 2)
		held = service.pids()
		for pid in held:
			os.kill(pid, signal.SIGKILL)
		await_true('others', lambda: len(service.pids() - held) == 2)
		return found + service.end_well()


def a_worker_that_does_not_answer_is_named():
	with Controlled() as service:
		service.wait_for_rest()
		victim = sorted(service.pids())[0]
		os.kill(victim, signal.SIGSTOP)
		found = differs('status', prompt(service)[0], 200) + differs('silent', service.status()['silent'], [victim])
		os.kill(victim, signal.SIGCONT)
		await_true('an answer', lambda: service.status()['silent'] == [])
		return found + service.end_well()


def many_may_ask_at_the_same_time():
	with Controlled() as service, ask_for(service, '/wait/600000'):
		service.wait_for_rest()
		requests(service, 1)
		counts = []

		def look():
			for _ in range(20):
				status = service.status()
				counts.append(len(status['requests']) if not status['silent'] else 'silent')  # it may be slow
		threads = [threading.Thread(target=look) for _ in range(4)]
		for thread in threads:
			thread.start()
		for thread in threads:
			thread.join(PATIENCE)
		found = differs('answers', (len(counts), set(counts) - {'silent'}), (80, {1}))
		service.signal(signal.SIGQUIT)
		service.end()
		return found


def main():
	tap = Tap()
	for check in (each_is_described, those_that_wait_say_in_what, states_tell_what_they_wait_for, the_oldest_of_many_are_shown, those_of_all_workers_are_shown,
			all_is_prompt_while_all_threads_are_held, a_worker_that_does_not_answer_is_named, many_may_ask_at_the_same_time):
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
