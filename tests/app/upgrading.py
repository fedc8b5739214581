# SPDX-License-Identifier: MIT
"""A service whose master is replaced by another program's."""

import contextlib
import ctypes
import os
import re
import signal

from crew import await_true, children, is_gone
from program import PATIENCE, differs, lacks

PR_SET_CHILD_SUBREAPER = 36
NOT = 'not upgraded, the service goes on as it was: '


def adopt_orphans():
	"""A new master outlives its parent: it becomes ours then, and we see its end."""
	assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def read(path):
	with open(path) as file:
		return file.read()


class Service:
	"""A crew whose master changes."""

	def __init__(self, crew):
		self.crew, self.master, self.upgrades = crew, crew.process.pid, 0
		self.port = crew.port()

	def workers(self):
		return children(self.master)

	def upgrade(self):
		"""Send USR2, wait until a new master rules and the old one has gone."""
		os.kill(self.master, signal.SIGUSR2)
		self.upgrades += 1
		self.crew.wait_for_lines('"upgraded: process', self.upgrades)
		said = re.findall(r'"upgraded: process (\d+) is the master', ''.join(self.crew.lines))
		self.follow(int(said[self.upgrades - 1]))

	def follow(self, new):
		"""It rules. The old one must have gone: it would see the end of the new one in our place."""
		old, self.master = self.master, new
		await_true('the end of the old master', lambda: self.has_gone(old))

	def has_gone(self, pid):
		if pid == self.crew.process.pid:
			return self.crew.process.poll() is not None
		with contextlib.suppress(ChildProcessError):
			return os.waitpid(pid, os.WNOHANG)[0] == pid
		return is_gone(pid)

	def end(self, number=signal.SIGTERM):
		"""The exit status of the master."""
		os.kill(self.master, number)
		if self.master == self.crew.process.pid:
			return self.crew.end()
		status = os.waitstatus_to_exitcode(await_true('the end', lambda: self.ended())[1])
		self.crew.reader.join(PATIENCE)
		return status

	def ended(self):
		with contextlib.suppress(ChildProcessError):  # the old master is still its parent
			done = os.waitpid(self.master, os.WNOHANG)
			return done if done[0] else None

	def end_well(self):
		return differs('status', self.end(), 0) + lacks('last line', self.crew.lines[-1], '"stopped"')


@contextlib.contextmanager
def service(crew):
	"""However it ends, nothing of it is left."""
	with crew:
		it = Service(crew)
		try:
			yield it
		finally:
			for pid in {it.master, *successors(crew)}:
				with contextlib.suppress(ProcessLookupError, ChildProcessError):
					os.kill(pid, signal.SIGKILL)


def successors(crew):
	return [int(pid) for pid in re.findall(r'process (\d+) is the master', ''.join(crew.lines))]


def start_slowly(here, it, ms=600000):
	"""The pid of a new master whose workers are starting."""
	here.write({'greeting': 'Welcome', 'processes': 2, 'start_ms': ms})
	old = it.workers()
	begun = sum('start hook' in line for line in it.crew.lines)
	it.crew.signal(signal.SIGUSR2)
	it.crew.wait_for_lines('start hook', begun + 2)
	return (set(it.workers()) - set(old)).pop(), old
