#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A handler that holds its thread is named in the log while it does. Built as users build: -O2, without -rdynamic."""

import concurrent.futures
import datetime
import glob
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from program import PATIENCE, Program, Tap, differs, lacks

HELD = re.compile(r'"message":"(\w+) has held its thread for (\d+) ms \(--held-ms (\d+)\), at ([^"]*)"')


class Holding(Program):
	"""Lines are JSON; each says when it was written."""

	def __init__(self, *arguments, **extra):
		super().__init__(*(() if '--log-format' in arguments else ('--log-format', 'json')), *arguments, **extra)

	def send(self, path, request_id=''):
		"""The connection, without waiting for its answer; and when it was sent."""
		connection = http.client.HTTPConnection('127.0.0.1', self.port(), timeout=PATIENCE)
		connection.connect()
		sent = time.time()
		connection.request('GET', path, headers={'X-Request-Id': request_id} if request_id else {})
		return connection, sent

	def found(self):
		return [match for match in map(HELD.search, list(self.lines)) if match]

	def end_well(self):
		self.signal(signal.SIGTERM)
		assert (status := self.end()) == 0, status

	def kill(self):
		self.signal(signal.SIGKILL)
		self.end()


def take(connection):
	return connection.getresponse().read().decode()


def written(line):
	"""Seconds since 1970."""
	return datetime.datetime.fromisoformat(json.loads(line)['time'].replace('Z', '+00:00')).timestamp()


def without_processor_ms(service):
	"""For how long its threads were ready to run, and could not."""
	total = 0
	for path in glob.glob(f'/proc/{service.process.pid}/task/*/schedstat'):
		with open(path) as file:
			total += int(file.read().split()[1])
	return total / 1e6


def is_named(path, operation, *functions):
	with Holding() as service:
		_, sent = service.send(path, 'the-culprit')
		line = service.wait_for_line(HELD)
		busy_ms = without_processor_ms(service)
		faults = differs('operation', line.group(1), operation) + lacks('request id', line.string, 'the-culprit')
		faults += lacks('stack', line.group(4), *functions)
		took_ms = (written(line.string) - sent) * 1000
		faults += [] if 95 <= took_ms <= 200 + busy_ms else [f'the line came after {took_ms:.0f} ms, {busy_ms:.0f} ms without a processor']
		print(f'# figure: the line of {path} after {took_ms:.0f} ms')
		service.kill()
		return faults


def a_sleep_in_the_kernel_is_named_within_200_ms():
	return is_named('/sleep', 'fall_asleep', 'fall_asleep_operation_adapter app-holding+0x', 'sleep libc.so.6+0x', 'cor_fiber_main ')


def an_endless_loop_is_named_within_200_ms():
	return is_named('/loop', 'loop_endlessly', 'count_for_ever app-holding+0x', 'loop_endlessly_operation_adapter app-holding+0x')


def a_call_of_the_kernel_goes_on():
	"""It is interrupted to ask what the handler does; sleep() and poll() would return early."""
	with Holding() as service:
		connection, sent = service.send('/sleep')
		polling, _ = service.send('/poll/700')
		faults = differs('sleep', take(connection), '0 s too early')
		faults += [] if 4.9 <= (slept := time.time() - sent) else [f'slept {slept} s']
		faults += differs('poll', take(polling), 'whole')
		faults += differs('named', [match.group(1) for match in service.found()], ['fall_asleep', 'ask_the_kernel'])
		service.end_well()
		return faults


def an_operation_is_named_once_a_minute():
	with Holding('--held-ms', '20') as service:
		for path in ('/compute/60', '/compute/60', '/poll/60', '/compute/60', '/poll/60'):
			take(service.send(path)[0])
		faults = differs('named', [match.group(1) for match in service.found()], ['compute', 'ask_the_kernel'])
		service.end_well()
		return faults


def what_waits_or_is_many_is_not_named():
	with Holding('--held-ms', '200', '--access-log', 'off', '--queue-target-ms', '10000') as service:
		waiting, _ = service.send('/wait/700')
		many = [service.send('/compute/40')[0] for _ in range(10)]
		faults = [fault for connection in many for fault in differs('answer', take(connection), 'computed')]
		faults += differs('answer', take(waiting), 'waited') + differs('named', service.found(), [])
		service.end_well()
		return faults


def nobody_looks_when_it_is_off():
	with Holding('--held-ms', '0') as service:
		faults = differs('answer', take(service.send('/compute/300')[0]), 'computed') + differs('named', service.found(), [])
		threads = os.listdir(f'/proc/{service.process.pid}/task')
		service.end_well()
		return faults + differs('threads', len(threads), 3)


def the_watcher_sleeps_while_nothing_turns():
	"""Its thread is the one that is not switched to any more."""
	with Holding() as service:
		take(service.send('/compute/1')[0])
		folder = f'/proc/{service.process.pid}/task'

		def switches():
			found = 0
			for task in os.listdir(folder):
				with open(f'{folder}/{task}/status') as status:
					found += sum(int(line.split()[1]) for line in status if 'ctxt_switches' in line)
			return found
		ends, last, quiet = time.monotonic() + PATIENCE, switches(), 0
		while quiet < 10 and time.monotonic() < ends:
			time.sleep(0.1)
			now = switches()
			quiet = quiet + 1 if now == last else 0
			last = now
		faults = differs('at rest', quiet, 10)
		take(service.send('/poll/200')[0])
		faults += differs('named afterwards', service.wait_for_line(HELD).group(1), 'ask_the_kernel')
		service.end_well()
		return faults


def ends_by_name(service):
	"""Unless others have all processors just then: that is said."""
	said = service.wait_for_line('"exiting; some work did not stop: ([^"]*)"').group(1)
	is_named = said.startswith('loop_endlessly has held its thread for ')
	return [] if is_named or 'the thread has no processor' in said else [f'it ends with {said}']


def term_names_who_is_waited_for():
	"""And so does the end, which does not wait for ever."""
	with Holding('--held-ms', '0', '--drain-timeout-ms', '500') as service:
		service.send('/loop', 'the-culprit')
		service.send('/wait/1')
		time.sleep(0.1)
		service.signal(signal.SIGTERM)
		waits = service.wait_for_line(r'"the stop waits: (\w+) has held its thread for (\d+) ms, at ([^"]*)"')
		faults = differs('operation', waits.group(1), 'loop_endlessly') + lacks('stack', waits.group(3), 'count_for_ever ')
		faults += lacks('request id', waits.string, 'the-culprit') + differs('status', service.end(), -signal.SIGTERM)
		return faults + ends_by_name(service)


def with_a_master_the_status_says_that_work_was_cut():
	with Holding('--held-ms', '0', '--drain-timeout-ms', '100', '--processes', '1') as service:
		service.send('/loop')
		time.sleep(0.1)
		service.signal(signal.SIGTERM)
		return ends_by_name(service) + differs('status', service.end(), 75)


def on_one_processor(what):
	"""Within a busy one: another program of the same priority runs there."""
	here = {min(os.sched_getaffinity(0))}
	rival = subprocess.Popen([sys.executable, '-c', 'while True: pass'], preexec_fn=lambda: os.sched_setaffinity(0, here))
	try:
		return what(lambda: (os.sched_setaffinity(0, here), os.nice(10)))
	finally:
		rival.kill()
		rival.wait()


def stolen_ticks():
	with open('/proc/stat', encoding='ascii') as file:
		return int(file.readline().split()[8])


def who_has_no_processor_is_not_named():
	"""It computes for half the limit, and has a tenth of a processor. If a hypervisor took that away meanwhile, the kernel says it of nobody."""
	def serve(before):
		with Holding('--access-log', 'off', before=before) as service:
			faults = differs('answer', take(service.send('/compute/50')[0]), 'computed')
			service.end_well()
			return faults + differs('named', service.found(), [])
	for _ in range(5):
		stolen = stolen_ticks()
		faults = on_one_processor(serve)
		if not faults or stolen_ticks() == stolen:
			break
	return faults


def holds_are_counted_by_operation():
	"""Two of 250 ms, and one that looks at the clock meanwhile; short ones are not, unless the machine was busy."""
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'control')
		with Holding('--held-ms', '100', '--docs', 'off', '--control', f'unix:{path}') as service:
			for target in ('/compute/250', '/compute/250', '/poll/300', '/compute/1', '/wait/150'):
				take(service.send(target)[0])
			with socket.socket(socket.AF_UNIX) as control:
				control.connect(path)
				control.sendall(b'GET /metrics HTTP/1.0\r\n\r\n')
				text = control.makefile().read()
			service.end_well()
	rows = dict(re.findall(r'coracle_held_threads_total{method="GET",route="/(\w+)[^"]*"} (\d+)', text))
	faults = []
	for operation, count, least in (('sleep', 0, 0), ('loop', 0, 0), ('lock', 0, 0), ('poll', 1, 0.3), ('compute', 2, 0.5), ('wait', 0, 0)):
		held = float(re.search(rf'coracle_held_thread_seconds_total{{method="GET",route="/{operation}[^"]*"}} (\S+)', text).group(1))
		most = count + (operation in ('compute', 'wait'))
		if not count <= int(rows[operation]) <= most or not least <= held or (held != 0) != (rows[operation] != '0'):
			faults.append(f'{operation} has held its thread {rows[operation]} times, for {held} s')
	return faults


def victims_say_how_long_they_waited():
	"""One that came while the culprit held the thread; not who comes later, unless the machine was busy."""
	for form in ('json', 'text'):
		with Holding('--log-format', form) as service:
			culprit, victim, later = (http.client.HTTPConnection('127.0.0.1', service.port(), timeout=PATIENCE) for _ in range(3))
			for connection in (culprit, victim, later):
				connection.request('GET', '/compute/0')
				take(connection)
			began = time.monotonic()
			culprit.request('GET', '/compute/400')
			time.sleep(0.02)
			victim.request('GET', '/wait/1')
			faults = differs('answer', take(victim), 'waited')
			took_ms = (time.monotonic() - began) * 1000
			take(culprit)
			later.request('GET', '/wait/2')
			take(later)
			service.end_well()
		waited = {}
		for path in ('/compute/400', '/wait/1', '/wait/2'):
			line = next(line for line in service.lines if path in line)
			found = re.search(r'"waited_ms":([\d.]+)|waited=([\d.]+)ms', line)
			waited[path] = float(found.group(1 if form == 'json' else 2)) if found else 0
		is_right = max(waited['/compute/400'], waited['/wait/2']) < 200 <= waited['/wait/1'] <= took_ms
		faults += [] if is_right else [f'{form}: {waited}, within {took_ms:.0f} ms']
		if faults:
			return faults
	return []


def a_mutex_held_across_a_wait_is_named():
	"""By who waits for it; one that is held shortly is not."""
	with Holding('--held-ms', '200') as service:
		holder, _ = service.send('/lock/800', 'the-holder')
		time.sleep(0.1)
		waiter, _ = service.send('/lock', 'the-waiter')
		line = service.wait_for_line(r'"(lock_shortly has waited for a mutex for 2\d\d ms [^"]*)"')
		faults = lacks('line', line.group(1), ' ms (--held-ms); lock_and_wait [the-holder] holds it while it waits in cor_sleep_ms()')
		faults += lacks('request', line.string, '"request_id":"the-waiter"') + differs('answers', (take(holder), take(waiter)), ('locked', 'locked'))
		holder, _ = service.send('/lock/20')
		faults += differs('answer', take(service.send('/lock')[0]), 'locked') + differs('answer', take(holder), 'locked')
		service.end_well()
		return faults + differs('lines', sum('has waited for a mutex' in text for text in service.lines), 1)


def a_mutex_that_a_handler_locks_twice_is_named():
	"""At once, and only that request fails."""
	with Holding() as service:
		twice = service.send('/twice', 'the-one')[0].getresponse()
		faults = differs('status', twice.status, 500)
		line = service.wait_for_line(r'"(lock_twice locks a mutex [^"]*)"')
		faults += lacks('line', line.group(1), 'that it holds itself: cor_mutex_lock() has returned -EDEADLK')
		faults += lacks('request', line.string, '"request_id":"the-one"') + differs('answer', take(service.send('/lock')[0]), 'locked')
		service.end_well()
		return faults


def in_tests_it_is_fatal():
	with Holding('--held-fatal') as service:
		service.send('/loop')
		line = service.wait_for_line(HELD)
		return differs('operation', line.group(1), 'loop_endlessly') + differs('status', service.end(), -signal.SIGABRT)


WAITING = (a_call_of_the_kernel_goes_on,)
CHECKS = (an_operation_is_named_once_a_minute, what_waits_or_is_many_is_not_named, who_has_no_processor_is_not_named,
	nobody_looks_when_it_is_off, the_watcher_sleeps_while_nothing_turns, term_names_who_is_waited_for, with_a_master_the_status_says_that_work_was_cut, holds_are_counted_by_operation, victims_say_how_long_they_waited, a_mutex_held_across_a_wait_is_named,
	a_mutex_that_a_handler_locks_twice_is_named, in_tests_it_is_fatal,
	a_sleep_in_the_kernel_is_named_within_200_ms, an_endless_loop_is_named_within_200_ms)


def main():
	"""Tests that mostly wait run while the others do, each with its own program."""
	tap = Tap()
	chosen = [check for check in CHECKS + WAITING if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]]
	with concurrent.futures.ThreadPoolExecutor(2) as pool:
		begun = {check: pool.submit(check) for check in chosen if check in WAITING}
		for check in chosen:
			tap.check(check.__name__.replace('_', ' '), begun[check].result() if check in begun else check())
	tap.done()


main()
