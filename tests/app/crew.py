# SPDX-License-Identifier: MIT
"""A program with a master and workers, and clients that count what they lose."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import tempfile
import threading
import time

from program import PATIENCE, TRIAL, Program, differs, lacks


def children(pid):
	"""The living children of a process, oldest first."""
	with open(f'/proc/{pid}/task/{pid}/children') as file:
		return [int(child) for child in file.read().split()]


def await_true(what, condition):
	end = time.monotonic() + PATIENCE
	while not (value := condition()):
		assert time.monotonic() < end, f'{what}: not within {PATIENCE} s'
		time.sleep(0.002)
	return value


def is_gone(pid):
	try:
		with open(f'/proc/{pid}/stat') as file:
			return file.read().rsplit(')', 1)[1].split()[0] == 'Z'
	except (FileNotFoundError, ProcessLookupError): # gone, or gone since it was opened
		return True


class Crew(Program):
	"""A program with a master, once all of its workers are ready."""

	def __init__(self, *arguments, processes=2, started=None, **rest):
		flags = ['--processes', str(processes)] if processes else []
		super().__init__(*flags, *arguments, **rest)
		self.wait_for_lines('start hook', started or processes or 2)
		self.port()

	def wait_for_lines(self, text, count):
		with self.news:
			self.news.wait_for(lambda: sum(text in line for line in self.lines) >= count or self.ended, PATIENCE)
			found = sum(text in line for line in self.lines)
		assert found >= count, f'{found} lines with {text!r} in {self.lines}'

	def workers(self):
		return children(self.process.pid)

	def reload(self):
		"""Send HUP and wait for the end of the reload."""
		before = sum('"reloaded"' in line for line in self.lines)
		self.signal(signal.SIGHUP)
		self.wait_for_lines('"reloaded"', before + 1)

	def end_well(self, number=signal.SIGTERM):
		self.signal(number)
		status = self.end()
		return differs('status', status, 0) + lacks('last line', self.lines[-1], '"stopped"')


PAUSE_S = 0.002  # four clients without one would take all the time of two cores from the tests that run next to this


class Load(threading.Thread):
	"""A client that asks some hundred times a second and counts what it sent and what it got. Nothing is tried again."""

	def __init__(self, address, keeps):
		super().__init__(daemon=True)
		self.address, self.keeps = address, keeps
		self.sent, self.answered, self.pids, self.faults = 0, 0, set(), []
		self.is_over = threading.Event()
		self.start()

	def connect(self):
		if isinstance(self.address, int):
			return socket.create_connection(('127.0.0.1', self.address), PATIENCE)
		s = socket.socket(socket.AF_UNIX)
		s.settimeout(PATIENCE)
		s.connect(self.address)
		return s

	def name_of(self, request):
		return f'{self.name}-{request}'

	def ask(self, connection):
		"""Returns whether the connection goes on."""
		self.sent, self.asked = self.sent + 1, self.asked + 1
		connection.request('GET', '/process', headers={'X-Request-Id': self.name_of(self.sent)})
		answer = connection.getresponse()
		body = json.loads(answer.read())
		assert answer.status == 200, answer.status
		self.pids.add(body['pid'])
		self.answered += 1
		self.began = time.monotonic()
		return self.keeps and answer.headers.get('Connection') != 'close'

	def serve_one_connection(self):
		connection = http.client.HTTPConnection('localhost', timeout=PATIENCE)
		self.asked, self.began = 0, time.monotonic()
		connection.sock = self.connect()
		with contextlib.closing(connection):
			while self.ask(connection) and not self.is_over.is_set():
				time.sleep(PAUSE_S)
		time.sleep(PAUSE_S)

	def run(self):
		while not self.is_over.is_set():
			try:
				self.serve_one_connection()
			except Exception as error:  # whatever it is, a request is lost
				self.faults.append(f'{self}: {error!r}')

	def __str__(self):
		kind = 'keep-alive' if self.keeps else 'short'
		where = 'TCP' if isinstance(self.address, int) else 'a unix socket'
		return f'{kind} over {where}, request {self.asked} of its connection, {time.monotonic() - self.began:.3f} s after the one before'

	def end(self):
		self.is_over.set()
		self.join(PATIENCE)
		return self.faults[:3] + differs('answers', self.answered, self.sent)


@contextlib.contextmanager
def load_on(*addresses):
	loads = [Load(address, keeps) for address in addresses for keeps in (True, False)]
	try:
		await_true('an answer to every client', lambda: all(load.answered for load in loads))
		yield loads
	finally:
		for load in loads:
			load.is_over.set()


def results(loads):
	return [fault for load in loads for fault in load.end()]


def pids_of(crew, count):
	"""Which process answers on each of so many connections, opened one by one and held open together."""
	connections = [http.client.HTTPConnection('127.0.0.1', crew.port(), timeout=PATIENCE) for _ in range(count)]
	pids = []
	for connection in connections:
		connection.request('GET', '/process')
		pids.append(json.loads(connection.getresponse().read())['pid'])
	for connection in connections:
		connection.close()
	return pids


class Files:
	"""A copy of the program, and its configuration."""

	def __init__(self, folder):
		self.program, self.config = os.path.join(folder, 'trial'), os.path.join(folder, 'trial.json')
		shutil.copy(TRIAL, self.program)
		self.write({'greeting': 'Hello', 'processes': 2})

	def write(self, settings):
		with open(self.config, 'w') as file:
			file.write(settings if isinstance(settings, str) else json.dumps(settings))

	def crew(self, *arguments, **rest):
		return FromFiles(self, *arguments, **rest)


class FromFiles(Crew):
	def __init__(self, files, *arguments, **rest):
		self.files = files
		library = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(TRIAL))))  # the program finds it relative to itself
		super().__init__('--config', files.config, *arguments, processes=None, executable=files.program, LD_LIBRARY_PATH=library, **rest)


@contextlib.contextmanager
def files():
	with tempfile.TemporaryDirectory() as folder:
		yield Files(folder)


def greeting(crew):
	return json.loads(crew.get('/hello')[1])['text'].split(',')[0]
