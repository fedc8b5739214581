#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Executors of a service: handlers that block hold no thread that serves."""

import concurrent.futures
import http.client
import json
import signal
import socket
import tempfile
import threading
import time

from program import PATIENCE, Program, Tap, differs

LONG_MS = 20000  # of a nap that nobody waits for, however busy the machine is: the program is killed meanwhile


class Client:
	def __init__(self, program):
		self.connection = http.client.HTTPConnection('127.0.0.1', program.port(), timeout=PATIENCE)

	def get(self, path, **headers):
		self.connection.request('GET', path, headers=headers)
		answer = self.connection.getresponse()
		return answer.status, answer.headers, answer.read().decode()


def a_job_has_what_a_handler_has():
	found = []
	with Program('--threads', '1') as program:
		for path, where in (('/offload/0', 'offload'), ('/apart/0', 'executor')):
			status, headers, body = Client(program).get(path, **{'X-Request-Id': 'mine'})
			seen = json.loads(body)
			found += differs(path, (status, headers['X-Where'], seen['state'], seen['request_id']), (200, where, 'made at start', 'mine'))
			found += differs('thread state', seen['thread_state'].startswith('connection '), True)
			program.wait_for_line('"request_id":"mine","message":"woke up"')
		status, headers, body = Client(program).get('/apart/0')
		found += differs('header by hand', headers['X-By-Hand'], 'yes')
		found += differs('peer', json.loads(body)['peer'].startswith('127.0.0.1'), True)
		status, headers, body = Client(program).get('/apart/13')
		found += differs('its problem', (status, json.loads(body)['detail'], headers['X-By-Hand']), (409, 'unlucky', 'yes'))
	return found


def others_are_served_meanwhile():
	with Program('--threads', '1') as program:
		with concurrent.futures.ThreadPoolExecutor(2) as naps:
			began = time.monotonic()
			slow = [naps.submit(Client(program).get, path) for path in ('/offload/3000', '/apart/3000')]
			other, count = Client(program), 0
			while not any(nap.done() for nap in slow) and count <= 50:
				other.get('/nowhere')
				count += 1
			concurrent.futures.wait(slow)
			took = time.monotonic() - began
		found = differs('status', [nap.result()[0] for nap in slow], [200, 200])
		found += [] if count > 50 else [f'only {count} others were served']
		return found + ([] if took < 5.5 else [f'two naps of 3 s took {took:.1f} s'])


def a_full_queue_refuses():
	with Program('--threads', '1') as program, concurrent.futures.ThreadPoolExecutor(3) as naps:
		asked = [naps.submit(Client(program).get, '/narrow/500') for _ in range(3)]
		answers = [nap.result() for nap in asked]
		found = differs('statuses', sorted(status for status, *_ in answers), [204, 204, 503])
		refused = next(headers for status, headers, _ in answers if status == 503)
		found += differs('Retry-After', refused['Retry-After'] in ('1', '2', '3'), True)
		program.wait_for_line('503: executor narrow has no place in its .queue of 1: the queue of the executor is full')
		return found


def a_job_that_nobody_waits_for_is_not_silent():
	"""It logs with the id of the request that has submitted it, and its failure leaves a line."""
	with Program('--threads', '1') as program:
		found = differs('status', Client(program).get('/behind/13', **{'X-Request-Id': 'mine'})[0], 204)
		program.wait_for_line('"request_id":"mine","message":"woke up"')
		program.wait_for_line('"request_id":"mine","message":"executor blocking: a job that nobody waits for has failed: unlucky: ')
		Client(program).get('/behind/14')
		program.wait_for_line('"request_id":"(?!mine)[0-9a-f]{16}","message":"woke up"')
		return found


def a_broken_executor_is_told():
	with Program('--threads', '1', '--processes', '1', '--control', '127.0.0.1:0') as program:
		found = differs('status', [Client(program).get('/lame/0')[0] for _ in range(2)], [503, 503])
		program.wait_for_line('executor lame cannot start a thread: no database at db:5432: Connection refused')
		program.wait_for_line('executor lame is broken: it takes no jobs until the service is started again or reloaded')
		program.wait_for_line('503: executor lame takes no jobs until')
		found += differs('lines', sum('is broken: it takes' in line for line in program.lines), 1)
		return found + await_figures(program, {'coracle_executor_broken{executor="lame"}': 1, 'coracle_executor_broken{executor="narrow"}': 0})


def a_client_gets_its_504_in_time():
	"""The connection ends with it, as the handler's thread goes on; the next client is served."""
	found = []
	with Program('--threads', '1', '--request-timeout-ms', '200') as program:
		for path in (f'/offload/{LONG_MS}', f'/apart/{LONG_MS}'):
			client, began = Client(program), time.monotonic()
			status, headers, _ = client.get(path)
			took = time.monotonic() - began
			found += differs(path, (status, headers['Connection']), (504, 'close'))
			found += [] if took < LONG_MS / 2000 else [f'{path} took {took:.1f} s']
			found += differs('the next', Client(program).get('/nowhere')[0], 404)
		program.wait_for_line('504: timed out in cor_offload')
	return found


def a_fallback_ends_the_connection_too():
	"""Whatever is answered: nobody waits behind a job that was given up."""
	with Program('--threads', '1') as program:
		client, began = Client(program), time.monotonic()
		status, headers, body = client.get(f'/fallback/{LONG_MS}')
		found = differs('answer', (status, headers['X-Where'], headers['Connection']), (200, 'fallback', 'close'))
		found += differs('the next', client.get('/fallback/0')[0], 200)
		took = time.monotonic() - began
		return found + ([] if took < LONG_MS / 2000 else [f'both took {took:.1f} s'])


class UnixConnection(http.client.HTTPConnection):
	def __init__(self, path):
		super().__init__('jobs', timeout=PATIENCE)
		self.path = path

	def connect(self):
		self.sock = socket.socket(socket.AF_UNIX)
		self.sock.settimeout(PATIENCE)
		self.sock.connect(self.path)


def ask_and_leave(connection, path):
	"""(status, bytes of the body); the client has gone then."""
	connection.request('GET', path)
	answer = connection.getresponse()
	body = answer.read()
	connection.close()
	return answer.status, len(body)


def a_line_says_what_the_client_saw():
	"""The answer was whole, and is what counts, however long its job goes on."""
	found = []
	with tempfile.TemporaryDirectory() as folder:
		for connect in lambda _: UnixConnection(f'{folder}/s'), lambda port: http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE):
			with Program('--threads', '1', '--request-timeout-ms', '200', '--http', f'unix:{folder}/s') as program:
				port = program.port()
				for path in f'/offload/{LONG_MS}', f'/apart/{LONG_MS}', f'/fallback/{LONG_MS}':
					before = len(program.lines)
					seen = ask_and_leave(connect(port), path)
					line = await_access(program, before)
					found += differs(path, (line['status'], line['bytes'], line.get('reason')), (*seen, None))
					found += [] if line['duration_ms'] < LONG_MS / 2 else [f'{path}: {line["duration_ms"]} ms']
	return found


def await_access(program, before):
	with program.news:
		program.news.wait_for(lambda: any('"access"' in line for line in program.lines[before:]), PATIENCE)
		return json.loads(next(line for line in program.lines[before:] if '"access"' in line))


def figures_count_until_the_answer():
	with Program('--threads', '1', '--request-timeout-ms', '200', '--processes', '1', '--control', '127.0.0.1:0') as program:
		for path in '/offload/6000', '/fallback/6000':  # they are counted when these end
			Client(program).get(path)
		end = time.monotonic() + PATIENCE
		while time.monotonic() < end:
			figures = scrape(program, 'coracle_request_duration_seconds')
			if sum(value for name, value in figures.items() if '_count' in name) >= 2:
				break
			time.sleep(0.02)
		fast = sum(value for name, value in figures.items() if 'le="2.5"' in name)
		return differs('requests of less than 2.5 seconds', fast, 2)


def scrape(program, what='coracle_executor'):
	port = int(program.wait_for_line(r'control at http://[^\s"]*:(\d+)').group(1))
	connection = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE)
	connection.request('GET', '/metrics')
	text = connection.getresponse().read().decode()
	return {line.split(' ')[0]: float(line.split(' ')[1]) for line in text.splitlines() if line.startswith(what)}


def await_figures(program, wanted):
	end = time.monotonic() + PATIENCE
	while True:
		found = scrape(program)
		if all(found.get(name) == value for name, value in wanted.items()) or time.monotonic() > end:
			return differs('figures', {name: found.get(name) for name in wanted}, wanted)
		time.sleep(0.02)


def figures_show_the_queue():
	blocking, narrow = '{executor="blocking"}', '{executor="narrow"}'
	jobs = 'coracle_executor_jobs_total{executor="%s",result="%s"}'
	with Program('--threads', '1', '--processes', '1', '--control', '127.0.0.1:0') as program:
		for _ in range(3):
			Client(program).get('/behind/1500')
		found = await_figures(program, {f'coracle_executor_threads{blocking}': 2, f'coracle_executor_running{blocking}': 2,
			f'coracle_executor_queued{blocking}': 1, f'coracle_executor_threads{narrow}': 0})
		Client(program).get('/apart/13')
		found += await_figures(program, {f'coracle_executor_running{blocking}': 0, f'coracle_executor_queued{blocking}': 0,
			jobs % ('blocking', 'done'): 4, jobs % ('blocking', 'failed'): 1, jobs % ('narrow', 'refused'): 0})
	return found


def the_end_waits_for_what_runs():
	with Program('--threads', '1') as program:
		with concurrent.futures.ThreadPoolExecutor(1) as naps:
			nap = naps.submit(Client(program).get, '/offload/500')
			program.wait_for_line('thread made')
			time.sleep(0.1)
			program.signal(signal.SIGTERM)
			found = differs('answer', nap.result()[0], 200)
		found += differs('status', program.end(), 0)
		messages = program.messages()
		closed = [m for m in messages if m.endswith(' closed')]
		found += [] if closed else ['no thread has closed its connection']
		found += [] if any(m.startswith('too late: ') for m in messages) else ['the stop hook did not learn that it is too late']
		return found + differs('the order', messages.index('stop hook: made at start') > messages.index(closed[-1]), True)


def the_end_does_not_wait_for_ever():
	with Program('--threads', '1', '--request-timeout-ms', '100', '--drain-timeout-ms', '300') as program:
		found = differs('answer', Client(program).get('/behind/20000')[0], 204)
		began = time.monotonic()
		program.signal(signal.SIGTERM)
		found += differs('status', program.end(), 75)
		program.wait_for_line('jobs of executor blocking have not ended within the drain timeout: exiting without the stop hook')
		took = time.monotonic() - began
		return found + ([] if took < 5 else [f'it took {took:.1f} s'])


def figures_of(blocking):
	return {f'coracle_executor_{name}{{executor="blocking"}}': value for name, value in blocking.items()}


def jobs_that_requests_wait_for_come_to_their_end(signal_number):
	"""Those in the queue, too: a request that was accepted is answered."""
	with Program('--threads', '1', '--processes', '1', '--control', '127.0.0.1:0') as program:
		with concurrent.futures.ThreadPoolExecutor(4) as naps:
			asked = [naps.submit(Client(program).get, '/offload/1000') for _ in range(4)]
			found = await_figures(program, figures_of({'running': 2, 'queued': 2}))
			program.signal(signal_number)
			found += differs('answers', [nap.result()[0] for nap in asked], [200] * 4)
		if signal_number == signal.SIGHUP:
			program.wait_for_line('"reloaded"')
			found += differs('the next', Client(program).get('/offload/0')[0], 200)
			program.signal(signal.SIGTERM)
		found += differs('status', program.end(), 0)
		return found + differs('cancelled', [m for m in program.messages() if 'cancelled' in m], [])


def the_end_says_which_jobs_never_began(signal_number):
	"""Nobody waits for them: those that run are finished, the others are counted in the log."""
	with Program('--threads', '1', '--processes', '1', '--control', '127.0.0.1:0') as program:
		for _ in range(5):
			Client(program).get('/behind/1000')
		found = await_figures(program, figures_of({'running': 2, 'queued': 3}))
		program.signal(signal_number)
		program.wait_for_line('executor blocking: 3 jobs that had not begun are cancelled')
		if signal_number == signal.SIGHUP:
			program.wait_for_line('"reloaded"')
			found += differs('the next', Client(program).get('/offload/0')[0], 200)
			program.signal(signal.SIGTERM)
		found += differs('status', program.end(), 0)
		of_others = 3 if signal_number == signal.SIGHUP else 1  # two that warm up, and the next
		return found + differs('that were finished', program.messages().count('woke up') - of_others, 2)


def ask_and_forget(program, path):
	"""Ask; whoever asks loses the connection."""
	def ask():
		try:
			Client(program).get(path)
		except (OSError, http.client.HTTPException):
			pass
	threading.Thread(target=ask, daemon=True).start()


def faults_of_an_end(path, master):
	with Program('--threads', '1', '--drain-timeout-ms', '100', '--log-level', 'debug', *master) as program:
		ask_and_forget(program, path)
		program.wait_for_line('a nap of 20000 ms')
		program.signal(signal.SIGTERM)
		found = differs(f'{path} {master}', program.end(), 75)
		program.wait_for_line('jobs of executor blocking have not ended within the drain timeout: exiting without the stop hook')
		return found + differs('blames a fiber', any('ignored its cancellation' in line for line in program.lines), False)


def the_end_names_who_keeps_a_request():
	"""A request's job cannot be stopped, either: it is named, and its request was cut."""
	with concurrent.futures.ThreadPoolExecutor(4) as ends:  # each waits for its grace
		found = [ends.submit(faults_of_an_end, path, master)
			for path in ('/offload/20000', '/apart/20000') for master in ([], ['--processes', '1'])]
		return sum((end.result() for end in found), [])


def a_second_signal_says_what_it_interrupts():
	with Program('--threads', '1', '--drain-timeout-ms', '20000', '--log-level', 'debug') as program:
		for _ in range(3):
			Client(program).get('/behind/20000')
		program.wait_for_line('(?s)(a nap of 20000 ms.*){2}', joined=True)  # both threads have one, the third is queued
		program.signal(signal.SIGTERM)
		program.wait_for_line('1 job that had not begun is cancelled')
		program.signal(signal.SIGTERM)
		found = differs('status', program.end(), 75)
		program.wait_for_line('SIGTERM: exiting without the stop hook: jobs of executor blocking still run')
		return found


def main():
	tap = Tap()
	for check in (a_job_has_what_a_handler_has, others_are_served_meanwhile, a_full_queue_refuses,
			a_job_that_nobody_waits_for_is_not_silent, a_broken_executor_is_told, a_client_gets_its_504_in_time,
			a_fallback_ends_the_connection_too, a_line_says_what_the_client_saw, figures_count_until_the_answer, figures_show_the_queue,
			the_end_waits_for_what_runs, the_end_does_not_wait_for_ever, the_end_names_who_keeps_a_request,
			a_second_signal_says_what_it_interrupts):
		tap.check(check.__name__.replace('_', ' '), check())
	for number in (signal.SIGTERM, signal.SIGHUP):
		for check in (jobs_that_requests_wait_for_come_to_their_end, the_end_says_which_jobs_never_began):
			tap.check(f'{number.name}: {check.__name__.replace("_", " ")}', check(number))
	tap.done()


main()
