#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The control process: its figures are those of a client that knows what it sent."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
from controlled import Controlled, await_true, parse  # noqa: E402
from program import PATIENCE, Tap, Waiting, differs, lacks  # noqa: E402

OPEN_TYPE = 'application/openmetrics-text'

# --- the formats ---

SUFFIXES = {
	'counter': ('_total',), 'gauge': ('',), 'info': ('_info',), 'histogram': ('_bucket', '_count', '_sum')}


def faults_of_format(text, is_open):
	"""What is wrong with the order of families and samples, by the rules of the format."""
	faults, families, family, kind, seen = [], set(), None, None, set()
	if is_open:
		faults += [] if text.endswith('# EOF\n') and text.count('# EOF') == 1 else ['no # EOF at the end']
	elif '# EOF' in text:
		faults += ['# EOF in the older format']
	for line in text.splitlines():
		if line.startswith('# TYPE '):
			_, _, family, kind = line.split(' ')
			faults += [f'{family} stands twice'] if family in families else []
			families.add(family)
		elif line.startswith('# HELP '):
			faults += [] if line.split(' ')[2] == family else [f'help of another family: {line}']
		elif line != '# EOF':
			name, labels, value = parse(line)[0]
			suffixes = SUFFIXES[kind] if is_open or kind == 'histogram' else ('',)
			faults += [] if name in [family + suffix for suffix in suffixes] else [f'{name} within {family}']
			faults += [f'a second {line}'] if (name, str(labels)) in seen else []
			faults += [f'not a count: {line}'] if name.endswith(('_total', '_bucket', '_count')) and value != int(value) else []
			seen.add((name, str(labels)))
	return faults + faults_of_histograms(parse(text.replace('# EOF\n', '')))


def faults_of_histograms(samples):
	faults, buckets, counts = [], {}, {}
	for name, labels, value in samples:
		key = (name.rsplit('_', 1)[0], labels.get('method'), labels.get('route'))
		if name.endswith('_bucket'):
			buckets.setdefault(key, []).append((float(labels['le']), value))
		elif name.endswith('_count'):
			counts[key] = value
	for key, cells in buckets.items():
		faults += [] if cells == sorted(cells) and [v for _, v in cells] == sorted(v for _, v in cells) else [f'{key}: not cumulative']
		faults += differs(f'{key}: the last bucket', cells[-1], (float('inf'), counts[key]))
	return faults + ([] if buckets else ['no histogram'])


def both_formats_are_well_formed():
	with Controlled() as service:
		service.get('/hello')
		service.get('/wait/30')
		found = []
		for accept, wanted in ((None, 'text/plain; version=0.0.4'), ('text/plain', 'text/plain; version=0.0.4'),
				(f'{OPEN_TYPE};version=1.0.0;q=0.5,{OPEN_TYPE};version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.1',
					f'{OPEN_TYPE}; version=1.0.0'), (OPEN_TYPE, OPEN_TYPE),
				(f', ,{OPEN_TYPE};version=1.0.0;a="b, \\", c",', OPEN_TYPE)):
			status, content_type, text = service.ask('/metrics', **({'Accept': accept} if accept else {}))
			found += differs('status', status, 200) + lacks('type', content_type, wanted)
			found += faults_of_format(text, accept is not None and OPEN_TYPE in accept)
			if shutil.which('promtool') and not (accept and OPEN_TYPE in accept):
				done = subprocess.run(['promtool', 'check', 'metrics'], input=text, capture_output=True, text=True)
				found += differs('promtool', (done.returncode, done.stderr), (0, ''))
		return found + service.end_well()


# --- exactness ---

class Client(threading.Thread):
	"""Asks without a pause, and counts. Nothing is tried again."""

	def __init__(self, port, path):
		super().__init__(daemon=True)
		self.port, self.path = port, path
		self.sent, self.answered, self.faults = 0, 0, []
		self.is_over = threading.Event()
		self.start()

	def run(self):
		while not self.is_over.is_set():
			connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=PATIENCE)
			try:
				self.use(connection)
			except Exception as error:
				self.faults.append(repr(error))
			finally:
				connection.close()

	def use(self, connection):
		while not self.is_over.is_set():
			self.sent += 1
			connection.request('GET', self.path)
			answer = connection.getresponse()
			answer.read()
			self.answered += 1
			if answer.headers.get('Connection') == 'close':
				return

	def end(self):
		self.is_over.set()
		self.join(PATIENCE)


@contextlib.contextmanager
def clients(service):
	made = [Client(service.port(), path) for path in ('/process', '/hello', '/nowhere', '/process')]
	try:
		await_true('answers', lambda: all(client.answered for client in made))
		yield made
	finally:
		for client in made:
			client.end()


def answered(made, path):
	return sum(client.answered for client in made if client.path == path)


def figures_are_exact_through_reloads():
	with Controlled('--access-log', 'false') as service:
		with clients(service) as made:
			for _ in range(4):
				service.reload()
		service.wait_for_rest()
		found = [fault for client in made for fault in client.faults]
		for path, labels in (('/process', {'route': '/process', 'method': 'GET', 'class': '2xx'}),
				('/hello', {'route': '/hello', 'class': '2xx'}), ('/nowhere', {'route': 'other', 'class': '4xx'})):
			found += differs(f'requests to {path}', service.requests(**labels), answered(made, path))
		found += differs('all requests', service.requests(), sum(client.answered for client in made))
		rows = [(labels['result'], value) for name, labels, value in service.figures() if name == 'coracle_reloads_total']
		return found + differs('reloads', rows, [('done', 4), ('failed', 0)]) + service.end_well()


def figures_are_exact_through_kills():
	"""What was answered before a worker was killed stays counted; at most what was in flight is in doubt."""
	with Controlled('--access-log', 'false') as service:
		sent = 0
		for _ in range(4):
			for _ in range(25):
				sent += 1
				service.get('/process')
			victim = sorted(service.pids())[0]
			os.kill(victim, signal.SIGKILL)
			await_true('another', lambda: len(service.pids()) == 2 and victim not in service.pids())
		found = differs('requests, killed at rest', service.requests(), sent)
		with clients(service) as made:
			for _ in range(3):
				victim = sorted(service.pids())[0]
				os.kill(victim, signal.SIGKILL)
				await_true('another', lambda: len(service.pids()) == 2 and victim not in service.pids())
		least, most = sent + sum(client.answered for client in made), sent + sum(client.sent for client in made)
		counted = service.requests()
		found += [] if least <= counted <= most else [f'{counted} counted, {least} answered, {most} sent']
		causes = {labels['cause']: value for name, labels, value in service.figures() if name == 'coracle_worker_restarts_total'}
		return found + differs('restarts', causes, {'signal': 7, 'exit': 0, 'timeout': 0}) + service.end_well()


def figures_outlive_the_control_process():
	with Controlled() as service:
		service.wait_for_rest()
		service.get('/hello')
		before = service.requests()
		old = control_pid(service)
		os.kill(old, signal.SIGKILL)
		service.wait_for_line('the control process died of SIGKILL after .* s: starting another')
		found = differs('requests', service.requests(), before)
		return found + ([] if control_pid(service) != old else ['it was not replaced']) + service.end_well()


def the_control_process_obeys_who_insists():
	with Controlled() as service:
		service.wait_for_rest()
		pid = control_pid(service)
		os.kill(pid, signal.SIGSTOP)
		for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
			os.kill(pid, number)
		os.kill(pid, signal.SIGCONT)
		end = service.wait_for_line(r'the control process (.*) after').group(1)
		ends = [f'died of {name}' for name in ('SIGTERM', 'SIGINT', 'SIGQUIT')] + ['ended with status 0']  # the first may do
		return differs('its end', end in ends or end, True) + service.end_well()


def control_pid(service):
	with open(f'/proc/{service.process.pid}/task/{service.process.pid}/children') as file:
		children = {int(pid) for pid in file.read().split()}
	(pid,) = children - {worker['pid'] for worker in service.status()['workers']}
	return pid


def times_are_right():
	with Controlled(processes=1) as service:
		for path in ('/wait/30', '/compute/60', '/hello'):
			service.get(path)
		found, cells = [], {}
		for name, labels, value in service.figures():
			if name.startswith('coracle_request_duration_seconds') and labels['method'] == 'GET':
				cells[labels['route'], labels.get('le', name.rsplit('_', 1)[1])] = value
		for route, below, least in (('/wait/{ms}', '0.025', 0.03), ('/compute/{ms}', '0.05', 0.06)):
			found += differs(f'{route} within {below} s', cells[route, below], 0)
			found += differs(f'{route} within 10 s', cells[route, '10.0'], 1)
			found += [] if least <= cells[route, 'sum'] < 10 else [f'{route} took {cells[route, "sum"]} s']
		return found + service.end_well()


def refusals_have_reasons():
	wrong = ((b'none\r\n\r\n', 'malformed'), (b'GET / HTTP/1.1\r\nX: ' + b'x' * 9000, 'large'))
	with Controlled('--connections-per-peer', '3', processes=1) as service:
		for request, _ in wrong:
			with socket.create_connection(('127.0.0.1', service.port()), PATIENCE) as s:
				s.sendall(request)
				while s.recv(4096):
					pass
		found = [labels['reason'] for name, labels, value in service.figures()
			if name == 'coracle_requests_refused_total' and value == 1]
		made = [socket.create_connection(('127.0.0.1', service.port()), PATIENCE) for _ in range(4)]
		held = [service.control_socket() for _ in range(4)]
		await_true('the fourth is refused', lambda: any(
			name == 'coracle_connections_refused_total' and value >= 1 for name, _, value in service.figures()))
		for s in made + held:
			s.close()
		return differs('reasons', sorted(found), ['large', 'malformed']) + service.end_well()


def wrong_answers_are_counted():
	"""Those that break their own tables: logged and sent, or refused."""
	long = '/hello?name=' + 1000 * 'x'
	says = 'greet: what is sent breaks its table: greeting_schema: /text must have at most 1000 characters'
	found = []
	for checks, status, line in (('log', 200, says), ('refuse', 500, says[7:]), ('off', 200, None)):
		with Controlled('--check-answers', checks, processes=1) as service:
			found += differs(f'{checks}: statuses', [service.get(path)[0] for path in (long, '/hello', long)], [status, 200, status])
			if line:
				service.wait_for_line(line)
			counted = [value for name, labels, value in service.figures()
				if name == 'coracle_wrong_answers_total' and labels['route'] == '/hello' and labels['method'] == 'GET']
			found += differs(f'{checks}: counted', counted, [2 if line else 0]) + service.end_well()
	return found


def stacks_are_reported():
	with Controlled('--threads', '1', processes=1) as service:
		service.wait_for_rest(1)

		def value(wanted, **labels):
			return sum(value for name, row, value in service.figures() if name == wanted and labels.items() <= row.items())
		before = value('coracle_stacks')
		held = [Waiting(service, 500) for _ in range(5)]
		found = [] if value('coracle_stacks') >= max(5, before) else [f'{value("coracle_stacks")} stacks, {before} before']
		found += [] if value('coracle_stacks_limit') > 100 else ['no limit']
		for waiting in held:
			waiting.join(PATIENCE)
		await_true('a mark', lambda: service.get('/hello') and value('coracle_stack_high_water_bytes') >= 4096)
		return found + service.end_well()


def workers_say_what_they_have():
	"""Figures of connections, fibers and memory, for which workers are asked."""
	with Controlled('--drain-timeout-ms', '100') as service, contextlib.ExitStack() as stack:
		service.wait_for_rest()

		def values(wanted):
			return [value for name, _, value in service.figures() if name == wanted]
		fibers = values('coracle_fibers')[0]

		def send(text):
			s = stack.enter_context(socket.create_connection(('127.0.0.1', service.port()), PATIENCE))
			s.sendall(text)
		send(b'GET /hello?name=Ann HTTP/1.1\r\nHost: a\r\n\r\n')
		send(b'GET /hel')
		for _ in range(2):
			send(b'GET /wait/20000 HTTP/1.1\r\nHost: a\r\n\r\n')
		send(b'POST /hoard HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 300000\r\n\r\n' +
			b' ' * 200000)
		await_true('states', lambda: values('coracle_connections_by_state') == [1, 1, 3, 0])
		found = differs('fibers', values('coracle_fibers')[0], fibers + 3)
		await_true('memory', lambda: values('coracle_request_memory_bytes')[0] >= 200000)
		return found


def retirements_have_causes():
	with Controlled('--worker-requests', '10', '--harakiri-ms', '300') as service:
		def retired():
			return {labels['cause']: value for name, labels, value in service.figures() if name == 'coracle_worker_retirements_total'}
		found = differs('before', retired(), dict.fromkeys(('requests', 'age', 'memory', 'harakiri', 'certificate'), 0))
		await_true('one by requests', lambda: service.get('/hello') and retired()['requests'] >= 1)
		service.wait_for_rest()
		await_true('one by harakiri', lambda: retired()['harakiri'] >= 1 or not service.get('/compute/600'))
		return found + differs('others', [retired()[cause] for cause in ('age', 'memory', 'certificate')], [0, 0, 0]) + service.end_well()


# --- what a service declares itself ---

def own_figures(service):
	return {name + ''.join(f' {value}' for value in labels.values()): value
		for name, labels, value in service.figures() if name.startswith('trial_')}


def own_figures_are_exact_through_all():
	"""Clients count along while workers are killed and replaced; a gauge goes with its worker."""
	with Controlled('--access-log', 'false') as service:
		sent = 0
		for turn in range(4):
			for _ in range(10):
				service.get('/hello')
				service.get('/hello?name=Bo')
			sent += 10
			if turn % 2 == 0:
				victim = sorted(service.pids())[0]
				os.kill(victim, signal.SIGKILL)
				await_true('another', lambda: len(service.pids()) == 2 and victim not in service.pids())
			else:
				service.reload()
				service.wait_for_rest()
		figures = own_figures(service)
		wanted = {
			'trial_greetings_total known': sent, 'trial_greetings_total name\\"less': sent, 'trial_doors': 14,
			'trial_stay_seconds_bucket 0.002': sent, 'trial_stay_seconds_bucket 0.003': 2 * sent,
			'trial_stay_seconds_bucket 0.5': 2 * sent, 'trial_stay_seconds_bucket +Inf': 2 * sent,
			'trial_stay_seconds_count': 2 * sent}
		total = figures.pop('trial_stay_seconds_sum')
		found = differs('figures', figures, wanted) + ([] if abs(total - 0.005 * sent) < 1e-9 else [f'sum {total}'])
		lost = [value for name, _, value in service.figures() if name == 'coracle_metric_updates_lost_total']
		return found + differs('lost', lost, [0]) + service.end_well()


def main():
	tap = Tap()
	for check in (both_formats_are_well_formed, figures_are_exact_through_reloads, figures_are_exact_through_kills,
			figures_outlive_the_control_process, the_control_process_obeys_who_insists, times_are_right,
			refusals_have_reasons, wrong_answers_are_counted, stacks_are_reported, workers_say_what_they_have, retirements_have_causes,
			own_figures_are_exact_through_all):
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
