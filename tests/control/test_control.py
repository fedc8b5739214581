#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The control process: its figures are those of a client that knows what it sent, and its probes tell the truth."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
from program import PATIENCE, Program, Tap, Waiting, differs, lacks, run  # noqa: E402

OPEN_TYPE = 'application/openmetrics-text'


def await_true(what, condition):
	end = time.monotonic() + PATIENCE
	while not (value := condition()):
		assert time.monotonic() < end, f'{what}: not within {PATIENCE} s'
		time.sleep(0.002)
	return value


class Controlled(Program):
	"""A service with a master and a control process."""

	def __init__(self, *arguments, processes=2, control='127.0.0.1:0', **rest):
		super().__init__('--processes', str(processes), '--control', control, '--threads', '2', *arguments, **rest)
		self.control = control

	def control_socket(self):
		if self.control.startswith('unix:'):
			s = socket.socket(socket.AF_UNIX)
			s.settimeout(PATIENCE)
			s.connect(self.control[5:])
			return s
		port = int(self.wait_for_line(r'control at http://[^\s"]*:(\d+)').group(1))
		return socket.create_connection(('127.0.0.1', port), PATIENCE)

	def ask(self, path, **headers):
		"""(status, content type, body) of the control process"""
		connection = http.client.HTTPConnection('localhost')
		connection.sock = self.control_socket()
		with contextlib.closing(connection):
			connection.request('GET', path, headers=headers)
			answer = connection.getresponse()
			return answer.status, answer.headers.get('Content-Type'), answer.read().decode()

	def probe(self, path):
		return self.ask(path)[0]

	def status(self):
		return json.loads(self.ask('/status')[2])

	def figures(self):
		return parse(self.ask('/metrics')[2])

	def requests(self, **labels):
		"""How many answers were counted, of all rows with these labels."""
		return sum(value for name, row, value in self.figures()
			if name == 'coracle_requests_total' and labels.items() <= row.items())

	def pids(self):
		return {worker['pid'] for worker in self.status()['workers'] if worker['state'] == 'ready'}

	def wait_for_rest(self, workers=2):
		"""Wait until this many workers are ready and there are no others."""
		await_true('rest', lambda: [w['state'] for w in self.status()['workers']] == ['ready'] * workers)

	def reload(self):
		before = sum('"reloaded"' in line for line in self.lines)
		self.signal(signal.SIGHUP)
		await_true('the reload', lambda: sum('"reloaded"' in line for line in self.lines) > before)

	def end_well(self):
		self.signal(signal.SIGTERM)
		return differs('status', self.end(), 0) + lacks('last line', self.lines[-1], '"stopped"')


# --- the formats ---

LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(' + LABEL + r'(?:,' + LABEL + r')*)\})? (\S+)')


def parse(text):
	"""[(name, labels, value)]; every line is a sample, or says what a family is."""
	samples = []
	for line in text.splitlines():
		if line.startswith('# '):
			continue
		match = SAMPLE.fullmatch(line)
		assert match, f'not a sample: {line!r}'
		labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ''))
		samples.append((match[1], labels, float(match[3])))
	return samples


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
		end = service.wait_for_line(r'the control process died of (\w+) after').group(1)
		return differs('its end', end in ('SIGTERM', 'SIGINT', 'SIGQUIT') or end, True) + service.end_well()


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
	with Controlled() as service, contextlib.ExitStack() as stack:
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
		found = differs('before', retired(), {'requests': 0, 'age': 0, 'memory': 0, 'harakiri': 0})
		await_true('one by requests', lambda: service.get('/hello') and retired()['requests'] >= 1)
		service.wait_for_rest()
		await_true('one by harakiri', lambda: retired()['harakiri'] >= 1 or not service.get('/compute/600'))
		return found + differs('others', (retired()['age'], retired()['memory']), (0, 0)) + service.end_well()


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


# --- probes and status ---

def in_flight(service):
	return sum(value for name, _, value in service.figures() if name == 'coracle_requests_in_flight')


def probes_follow_the_start():
	with Controlled('--start-ms', '3000', processes=1) as service:
		service.wait_for_line('start hook')
		control = [None]

		def find():
			"""It announces itself with the workers; its socket listens before."""
			with open(f'/proc/{service.process.pid}/net/tcp') as file:
				inodes = {line.split()[9]: int(line.split()[1].split(':')[1], 16) for line in file if ' 0A ' in line}
			ports = []
			for fd in os.listdir(f'/proc/{service.process.pid}/fd'):
				with contextlib.suppress(FileNotFoundError):
					link = os.readlink(f'/proc/{service.process.pid}/fd/{fd}')
					if link.startswith('socket:[') and link[8:-1] in inodes:
						ports.append((int(fd), inodes[link[8:-1]]))
			return max(ports)[1]
		control[0] = find()
		service.control_socket = lambda: socket.create_connection(('127.0.0.1', control[0]), PATIENCE)
		found = differs('before', [service.probe(path) for path in ('/live', '/ready', '/startup')], [200, 503, 503])
		await_true('ready', lambda: service.probe('/ready') == 200)
		found += differs('after', [service.probe(path) for path in ('/live', '/ready', '/startup')], [200, 200, 200])
		found += lacks('verbose', service.ask('/ready?verbose')[2], '1 of 1 workers ready')
		return found + service.end_well()


def no_worker_is_ready_that_has_died():
	"""Even if the master cannot say so."""
	with Controlled() as service:
		service.wait_for_rest()
		workers = service.pids()
		service.signal(signal.SIGSTOP)
		for pid in workers:
			os.kill(pid, signal.SIGKILL)
		await_true('not ready', lambda: service.probe('/ready') == 503)
		found = differs('live', service.probe('/live'), 200)
		service.signal(signal.SIGCONT)
		await_true('ready', lambda: service.probe('/ready') == 200)
		return found + service.end_well()


def probes_follow_the_end():
	with Controlled() as service:
		waiting = Waiting(service, 1000)
		found = differs('in flight', in_flight(service), 1)
		service.signal(signal.SIGTERM)
		await_true('not ready', lambda: service.probe('/ready') == 503)
		found += differs('the others', [service.probe(path) for path in ('/live', '/startup')], [200, 200])
		found += differs('states', {worker['state'] for worker in service.status()['workers']}, {'leaving'})
		waiting.join(PATIENCE)
		found += differs('answer', waiting.answer, (200, 'waited'))
		return found + differs('status', service.end(), 0)


def in_flight_forgets_the_dead():
	with Controlled(processes=1) as service:
		Waiting(service, 100000)
		found = differs('in flight', in_flight(service), 1)
		(victim,) = service.pids()
		os.kill(victim, signal.SIGKILL)
		await_true('another', lambda: service.pids() and victim not in service.pids())
		return found + differs('in flight afterwards', in_flight(service), 0) + service.end_well()


def a_busy_worker_starves_no_probe():
	with Controlled('--threads', '1', processes=1) as service:
		busy = threading.Thread(target=lambda: service.get('/compute/1500'), daemon=True)
		busy.start()
		began = time.monotonic()
		found = differs('live', service.probe('/live'), 200)
		took = time.monotonic() - began
		busy.join(PATIENCE)
		return found + ([] if took < 1 else [f'a probe took {took:.2f} s']) + service.end_well()


def the_status_names_the_workers():
	with Controlled() as service:
		service.wait_for_rest()
		for _ in range(5):
			service.get('/hello')
		status = service.status()
		found = differs('service', (status['service'], status['version'], status['master'], status['wanted'], status['ready']),
			('trial', '1.2.3', service.process.pid, 2, 2))
		found += differs('requests', sum(worker['requests'] for worker in status['workers']), 5)
		found += [] if all(worker['memory_bytes'] > 100000 for worker in status['workers']) else [f'memory: {status}']
		return found + service.end_well()


# --- its socket ---

def its_limits_are_its_own():
	with Controlled('--connections-max', '1', '--header-count', '1', '--body-limit-bytes', '0', '--request-line-bytes', '64',
			'--idle-timeout-ms', '60000') as service:
		service.wait_for_rest()
		with service.control_socket() as held:
			held.sendall(b'GET /live HTTP/1.1\r\nHost: a\r\n\r\n')
			found = differs('one that stays', held.recv(15), b'HTTP/1.1 200 OK')
			answer = service.ask('/ready?' + 'x' * 100, Accept='text/plain', X_One='1', X_Two='2')
			return found + differs('another', answer[0], 200) + service.end_well()


def probes_ignore_what_they_do_not_know():
	with Controlled() as service:
		service.wait_for_rest()
		paths = ('/live', '/ready', '/startup', '/status', '/metrics', '/log-level')
		return differs('answers', {path: service.probe(path + '?at=1') for path in paths}, dict.fromkeys(paths, 200))


def a_unix_socket_is_its_owners():
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'control')
		with Controlled(control=f'unix:{path}') as service:
			service.port()
			found = differs('mode', stat.S_IMODE(os.stat(path).st_mode), 0o600)
			await_true('ready', lambda: service.probe('/ready') == 200)  # the master says so after its line
			service.reload()
			found += differs('after a reload', service.probe('/ready'), 200)
			found += service.end_well()
		return found + ([] if not os.path.exists(path) else ['the file is left'])


def it_brings_a_master_with_one_worker():
	"""Wherever it is given: a shell that exports the address for ctl can start the service, too."""
	with tempfile.TemporaryDirectory() as folder:
		with Program('--threads', '1', TRIAL_CONTROL=f'unix:{folder}/control') as service:
			service.wait_for_line('control at ')
			answer = json.loads(run('ctl', 'status', '--json', TRIAL_CONTROL=f'unix:{folder}/control')[1])
			return differs('workers', (len(answer['workers']), answer['master']), (1, service.process.pid))


def idle_clients_keep_no_probe_out():
	with Controlled() as service:
		service.wait_for_rest()
		idle = [service.control_socket() for _ in range(300)]
		found = differs('ready', service.probe('/ready'), 200)
		for client in idle:
			client.close()
		return found


def name_of(pid):
	with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(f'/proc/{pid}/comm') as file:
		return file.read().strip()


def children_called(service, name):
	with open(f'/proc/{service.process.pid}/task/{service.process.pid}/children') as file:
		return [int(pid) for pid in file.read().split() if name_of(pid) == name]


def held_by(pid, name):
	"""Everything in a process's files that are not there on disk, its environment among them."""
	with open(f'/proc/{pid}/environ', 'rb') as file:
		held = file.read()
	for entry in os.scandir(f'/proc/{pid}/fd'):
		with contextlib.suppress(FileNotFoundError):
			if os.readlink(entry.path).startswith(f'/memfd:{name}'):
				with open(entry.path, 'rb') as file:
					held += file.read()
	return held


def it_holds_no_secret():
	"""It needs nothing of the service's own settings: not from the start, and not after a reload."""
	found = []
	secrets = {'TRIAL_PASSWORD': 'hunter2', 'TRIAL_GREETING': 'Hail', 'OTHER_VARIABLE': 'other'}
	with Controlled(processes=1, **secrets) as service:
		for _ in range(2):
			service.wait_for_rest(1)
			control = await_true('one', lambda: len(pids := children_called(service, 'trial:control')) == 1 and pids)
			worker = held_by(service.pids().pop(), 'configuration')
			found += [f'the worker lacks {text}' for text in (b'hunter2', b'Hail') if text not in worker]
			held = held_by(control[0], 'configuration')
			found += [f'the control process holds {text}' for text in (b'hunter2', b'Hail') if text in held]
			found += [] if b'OTHER_VARIABLE=other' in held else ['what is not a setting is lost']
			service.reload()
			await_true('its end', lambda gone=control[0]: not os.path.exists(f'/proc/{gone}'))
		return found + differs('probe', service.probe('/ready'), 200) + service.end_well()


def a_secret_may_be_required():
	"""The control process does not miss it."""
	with Controlled(processes=1, SERVICE='guarded', GUARDED_PASSWORD='hunter2') as service:
		service.wait_for_rest(1)
		return differs('probe', service.probe('/ready'), 200) + service.end_well()


def what_cannot_be_is_refused():
	found = []
	alone = ['--control', '127.0.0.1:0', '--processes', 'none']
	for status, line, arguments in ((64, 'the control process needs a master: set processes to 1, or more', alone),
			(64, 'is not an address', ['--control', 'nowhere', '--processes', '1']),
			(64, 'the path is too long: Linux takes 107 bytes', ['--control', 'unix:/' + 'x' * 120, '--processes', '1'])):
		got, _, errors = run('--http', '127.0.0.1:0', *arguments)
		found += differs(f'status of {line}', got, status) + lacks('standard error', errors, line)
	with socket.create_server(('127.0.0.1', 0)) as taken:
		port = taken.getsockname()[1]
		got, _, errors = run('--http', '127.0.0.1:0', '--processes', '1', '--control', f'127.0.0.1:{port}')
	remedy = 'is in use: stop the program that listens there, or choose another address'
	return found + differs('port in use', got, 71) + lacks('standard error', errors, remedy)


def main():
	tap = Tap()
	for check in (both_formats_are_well_formed, figures_are_exact_through_reloads, figures_are_exact_through_kills,
			figures_outlive_the_control_process, the_control_process_obeys_who_insists, times_are_right,
			refusals_have_reasons, stacks_are_reported, workers_say_what_they_have,
			retirements_have_causes, own_figures_are_exact_through_all,
			probes_follow_the_start, no_worker_is_ready_that_has_died, probes_follow_the_end,
			in_flight_forgets_the_dead, a_busy_worker_starves_no_probe, the_status_names_the_workers, its_limits_are_its_own,
			probes_ignore_what_they_do_not_know,
			a_unix_socket_is_its_owners, it_brings_a_master_with_one_worker, idle_clients_keep_no_probe_out, it_holds_no_secret,
			a_secret_may_be_required, what_cannot_be_is_refused):
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


if __name__ == '__main__':
	main()
