#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Functions that are timed: in /metrics and /timed of all workers together, in the log, and in what clients are told."""

import os
import re
import signal

import requests

from crew import await_true
from program import PATIENCE, Program, Tap, differs, lacks

PART = re.compile(r'(?P<name>[^;]+);dur=(?P<ms>\d+\.\d{3})(;desc="(?P<times>\d+) times")?')
CONTROL = re.compile(r'control at http://127.0.0.1:(\d+)')


class Timing(Program):
	def __init__(self, *arguments):
		super().__init__('--control', '127.0.0.1:0', *arguments)
		control = f'http://127.0.0.1:{self.wait_for_line(CONTROL).group(1)}'
		self.control = lambda path: requests.get(control + path, timeout=PATIENCE)
		await_true('ready', lambda: self.control('/ready').status_code == 200)

	def ask(self, path, method='get'):
		"""On a connection of its own, so that any worker may get it."""
		return requests.request(method, f'http://127.0.0.1:{self.port()}{path}', timeout=PATIENCE)

	def worker(self):
		"""The pid of the one that is ready; None: there is none now."""
		return next((w['pid'] for w in self.control('/status').json()['workers'] if w['state'] == 'ready'), None)

	def samples(self):
		lines = [line for line in self.control('/metrics').text.splitlines() if line.startswith('coracle_timed')]
		return {key: float(value) for key, value in (line.rsplit(' ', 1) for line in lines)}

	def count(self, name):
		return self.samples().get(f'coracle_timed_seconds_count{{function="{name}"}}', 0)

	def timed(self):
		return {each['name']: each for each in self.control('/timed').json()['functions']}


def parts(answer):
	"""What Server-Timing says, in order: name -> (ms, times)."""
	found = [PART.fullmatch(part) for part in answer.headers.get('Server-Timing', '').split(', ')]
	return {part['name']: (float(part['ms']), int(part['times'] or 1)) for part in found if part}


def all_workers_count_together():
	with Timing('--processes', '2') as program:
		statuses = [program.ask(f'/sleep/{ms}').status_code for ms in (20, 20, 20, 13)]
		program.ask('/job', 'post')
		samples, timed = program.samples(), program.timed()
		whole = 'function="a part, of all"'
		found = differs('statuses', statuses, [200, 200, 200, 409])
		found += differs('counts', [samples[f'coracle_timed_seconds_count{{{whole}}}'], samples[f'coracle_timed_errors_total{{{whole}}}'],
			program.count('sum_up'), program.count('wait_outside'), program.count('in_job'), program.count('start')], [4, 1, 8, 3, 1, 2])
		found += differs('lost', samples['coracle_timed_lost_total'], 0)
		if not 0.06 <= samples['coracle_timed_seconds_sum{function="wait_outside"}'] <= PATIENCE:
			found.append(f'waited: {samples}')
		if not samples['coracle_timed_thread_seconds_sum{function="wait_outside"}'] < samples['coracle_timed_seconds_sum{function="wait_outside"}'] - 0.059:
			found.append(f'on the thread: {samples}')
		found += differs('bucket', samples['coracle_timed_seconds_bucket{function="wait_outside",le="0.01"}'], 0)
		waited = timed['wait_outside']
		found += differs('JSON', [waited['count'], waited['errors'], timed['a part, of all']['errors']], [3, 0, 1])
		order = ['min', 'p50', 'p95', 'p99', 'max']
		found += differs('order', sorted(waited['wall'][key] for key in order), [waited['wall'][key] for key in order])
		return found + ([] if waited['wall']['min'] >= 20e6 else [f'{waited}'])


def the_dead_count_on():
	with Timing('--processes', '1') as program:
		program.ask('/sleep/0')
		before, worker = program.count('wait_outside'), program.worker()
		os.kill(worker, signal.SIGKILL)
		await_true('another worker', lambda: program.worker() not in (None, worker))
		program.ask('/sleep/0')
		return differs('before', before, 1) + differs('after', program.count('wait_outside'), 2)


def clients_are_told():
	with Timing('--server-timing', '--response-time') as program:
		answer, gone, stream, job = program.ask('/sleep/20'), program.ask('/nowhere'), program.ask('/stream'), program.ask('/job', 'post')
		told = parts(answer)
		found = differs('of the handler', program.ask('/sleep/14').headers['X-Response-Time'], 'mine')
		found += differs('names', list(told), ['sum_up', 'wait_outside', 'a_part__of_all', 'total'])
		found += differs('times', [times for _, times in told.values()], [2, 1, 1, 1])
		if not 20 <= told['wait_outside'][0] <= told['a_part__of_all'][0] <= told['total'][0]:
			found.append(f'{told}')
		found += differs('404', [gone.status_code, list(parts(gone))], [404, ['total']])
		found += differs('stream', [stream.text, list(parts(stream))], ['streamed', ['wait_outside', 'total']])
		found += differs('job', [job.status_code, list(parts(job))], [204, ['total']])
		for each in (answer, gone, stream, job):
			if not re.fullmatch(r'\d+\.\d{3}ms', each.headers.get('X-Response-Time', '')):
				found.append(f'{each.headers}')
		return found


def nobody_is_told_by_default():
	with Timing() as program:
		headers = program.ask('/sleep/0').headers
		return [name for name in ('Server-Timing', 'X-Response-Time') if name in headers]


def off_is_off():
	with Timing('--timed', 'off', '--server-timing', '--processes', '1') as program:
		answer = program.ask('/sleep/1')
		return differs('told', list(parts(answer)), ['total']) + differs('samples', program.samples(), {}) + \
			differs('JSON', program.timed(), {})


def the_log_has_a_line_each():
	with Program('--log-level', 'debug', '--log-format', 'json') as program:
		program.get('/sleep/13')
		line = program.wait_for_line(r'timed a part, of all: \d+\.\d{3} us, \d+\.\d{3} us on its thread, with a problem')
		return lacks('line', line.string, '"level":"debug"', '"request_id"')


def main():
	tap = Tap()
	for check in (all_workers_count_together, the_dead_count_on, clients_are_told, nobody_is_told_by_default, off_is_off,
			the_log_has_a_line_each):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
