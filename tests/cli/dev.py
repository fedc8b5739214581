# SPDX-License-Identifier: MIT
"""`coracle dev` of a project, and clients of it. For the tests of this folder."""

import contextlib
import http.client
import signal
import subprocess
import threading
import time

from project import until

UNCACHED = {'CCACHE_DISABLE': '1'}  # a cache of the compiler may know a file that was deleted
BROWSER = {'Accept': 'text/html,application/xhtml+xml,*/*;q=0.8', 'Sec-Fetch-Dest': 'document'}


class Dev:
	"""The command, on a port of its own, as a context; it ends by INT, with all that it has started."""

	def __init__(self, project, *arguments, listens=('--http', '127.0.0.1:0'), **environment):
		line = [project.command.program, '-C', project.folder, 'dev', *listens, '--open', *arguments]
		self.process = subprocess.Popen(line, env={**project.environment, **UNCACHED, **environment}, stdin=subprocess.DEVNULL,
			stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors='replace')
		self.said = ''
		self.read_to = 0
		self.listener = threading.Thread(target=self.listen)
		self.listener.start()
		self.url = self.process.stdout.readline().strip()
		self.port = int(self.url.rstrip('/').rpartition(':')[2]) if self.url.startswith('http') else 0

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.end()

	def listen(self):
		for line in self.process.stderr:
			self.said += line

	def end(self, number=signal.SIGINT):
		if self.process.poll() is None:
			self.process.send_signal(number)
		try:
			self.process.wait(60)
		except subprocess.TimeoutExpired:
			self.process.kill()
			raise
		self.listener.join(60)
		self.process.stdout.close()
		self.process.stderr.close()

	def says(self, text, seconds=60):
		"""Waits until it says that, behind what was waited for before. Returns what it has said till then."""
		with contextlib.suppress(AssertionError):
			until(lambda: self.said.find(text, self.read_to) >= 0 or self.process.poll() is not None, seconds)
		at = self.said.find(text, self.read_to)
		assert at >= 0, f'it does not say {text!r}: {self.said[self.read_to - 2000:]}'
		before, self.read_to = self.said[self.read_to:at], at + len(text)
		return before

	def ask(self, path, headers=None, method='GET', body=None):
		"""(status, header, body) of a connection of its own"""
		connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
		try:
			connection.request(method, path, body, headers or {})
			answer = connection.getresponse()
			return answer.status, dict(answer.getheaders()), answer.read().decode('utf-8', 'replace')
		finally:
			connection.close()

	def page(self, path='/books'):
		"""What a browser that navigates gets."""
		return self.ask(path, BROWSER)


class Client(threading.Thread):
	"""Asks all the time, and retries nothing; over TLS, where it has a context of ssl."""

	def __init__(self, port, path, keeps, tls=None):
		super().__init__()
		self.port, self.path, self.keeps, self.tls = port, path, keeps, tls
		self.asked = self.is_over = False
		self.lost, self.bodies, self.seen = [], 0, {}

	def run(self):
		connection = None
		while not self.is_over:
			try:
				connection = connection or self.connection()
				connection.request('GET', self.path)
				self.asked = True
				answer = connection.getresponse()
				body = answer.read().decode()
				self.bodies += 1
				self.seen.setdefault(f'{answer.status} {body.split("request_id")[0]}', time.monotonic())
				if not self.keeps or answer.will_close:
					connection.close()
					connection = None
			except (OSError, http.client.HTTPException) as error:
				self.lost.append(repr(error))
				connection = None
			time.sleep(0.002)

	def connection(self):
		if self.tls:
			return http.client.HTTPSConnection('127.0.0.1', self.port, timeout=60, context=self.tls)
		return http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)

	def saw(self, text):
		"""When an answer had it first; None: not yet."""
		return next((when for body, when in list(self.seen.items()) if text in body), None)

	def end(self):
		self.is_over = True
		self.join(60)
