# SPDX-License-Identifier: MIT
"""One of our programs, started for a test on a free loopback port, and stopped as an operator would."""

import os
import signal
import socket
import subprocess
import tempfile
import time

START_S = 20
STOP_S = 20


def free_port():
	with socket.socket() as probe:
		probe.bind(('127.0.0.1', 0))
		return probe.getsockname()[1]


class Program:
	def __init__(self, path, *arguments, listen=True):
		self.port = free_port()
		self.url = f'http://127.0.0.1:{self.port}'
		self.log = tempfile.TemporaryFile()
		where = ['--http', f'127.0.0.1:{self.port}'] if listen else []
		self.process = subprocess.Popen([path, *where, *arguments], stderr=self.log, stdin=subprocess.DEVNULL)
		if listen:
			self.wait_until_it_listens()

	def wait_until_it_listens(self):
		end = time.monotonic() + START_S
		while self.process.poll() is None and time.monotonic() < end:
			try:
				socket.create_connection(('127.0.0.1', self.port), timeout=1).close()
				return
			except OSError:
				time.sleep(0.005)
		self.process.kill()
		raise RuntimeError(f'it does not listen: {self.errors()}')

	def errors(self):
		"""What it has written to standard error so far."""
		file = self.log.fileno()  # a seek would move where the program writes, too
		return os.pread(file, os.fstat(file).st_size, 0).decode(errors='replace')

	def wait(self):
		return self.process.wait(STOP_S)

	def stop(self):
		"""Ask it to drain and stop; returns the exit status."""
		self.process.send_signal(signal.SIGTERM)
		try:
			return self.wait()
		except subprocess.TimeoutExpired:
			self.process.kill()
			self.process.wait()
			return 'killed: it did not stop'


def built(name):
	"""The path of a program in the build folder."""
	return os.path.join(os.environ['MESON_BUILD_ROOT'], name)
