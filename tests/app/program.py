# SPDX-License-Identifier: MIT
"""One of our programs as a process: what it prints, what it logs line by line, and requests to it."""

import http.client
import json
import os
import re
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'house'))
from tap import Tap  # noqa: E402,F401

TRIAL = sys.argv[1]
PATIENCE = 30
LISTENING = re.compile(r'listening on http://[^\s"]*:(\d+)')
CONTROLLED = re.compile(r'control at http://[^\s"]*:(\d+)')


def environment(**extra):
	kept = {k: v for k, v in os.environ.items() if not k.startswith('TRIAL_')}
	kept.update(extra)
	return kept


def run(*arguments, **extra):
	"""Run to the end; returns (status, standard output, standard error)."""
	done = subprocess.run([TRIAL, *arguments], env=environment(**extra), capture_output=True, text=True, timeout=PATIENCE)
	return done.returncode, done.stdout, done.stderr


def ask(port, path, headers=None):
	connection = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE)
	try:
		connection.request('GET', path, headers=headers or {})
		answer = connection.getresponse()
		return answer.status, answer.read().decode()
	finally:
		connection.close()


class Program:
	"""Runs until the block ends. A thread collects the lines of its log."""

	def __init__(self, *arguments, http='127.0.0.1:0', before=None, within=(), executable=None, pass_fds=(), own_session=False,
			**extra):
		listen = ['--http', http] if http else []
		self.process = subprocess.Popen([*within, executable or TRIAL, *listen, *arguments], env=environment(**extra),
			stderr=subprocess.PIPE, preexec_fn=before, pass_fds=pass_fds, start_new_session=own_session)
		self.lines, self.ended = [], False
		self.news = threading.Condition()
		self.reader = threading.Thread(target=self.read, daemon=True)
		self.reader.start()

	def read(self):
		for line in self.process.stderr:
			with self.news:
				self.lines.append(line.decode())
				self.news.notify_all()
		with self.news:
			self.ended = True
			self.news.notify_all()

	def wait_for_line(self, pattern, joined=False):
		"""The match of the first line that has one; joined: of all lines together."""
		def find():
			if joined:
				return re.search(pattern, ''.join(self.lines))
			return next(filter(None, (re.search(pattern, line) for line in self.lines)), None)
		with self.news:
			self.news.wait_for(lambda: find() or self.ended, PATIENCE)
			found = find()
		if not found:
			raise AssertionError(f'no line with {pattern} in {self.lines}')
		return found

	def port(self):
		return int(self.wait_for_line(LISTENING).group(1))

	def get(self, path, headers=None):
		"""(status, body)"""
		return ask(self.port(), path, headers)

	def ask_control(self, path):
		"""(status, body) of its control process, which is at a port."""
		return ask(int(self.wait_for_line(CONTROLLED).group(1)), path)

	def cache_figures(self, cache):
		"""Of one cache: {'hits_total': 2, ..., 'evictions_total room': 0}. Sizes are as its workers have said last."""
		found = re.findall(rf'^coracle_cache_(\w+){{cache="{cache}"(?:,cause="(\w+)")?}} (\S+)$', self.ask_control('/metrics')[1], re.M)
		return {name if not cause else f'{name} {cause}': float(value) for name, cause, value in found}

	def signal(self, number):
		self.process.send_signal(number)

	def end(self):
		"""The exit status."""
		status = self.process.wait(PATIENCE)
		self.reader.join(PATIENCE)
		return status

	def messages(self):
		return [json.loads(line)['message'] for line in self.lines]

	def __enter__(self):
		return self

	def __exit__(self, *_):
		if self.process.poll() is None:
			self.process.kill()
			self.process.wait()
		self.reader.join(PATIENCE)
		assert not self.reader.is_alive(), f'a process still holds the log, whose last lines are {self.lines[-20:]}'  # close() would wait for it
		self.process.stderr.close()


class Waiting(threading.Thread):
	"""A request that the service is in the middle of."""

	def __init__(self, program, ms):
		super().__init__(daemon=True)
		self.program, self.ms, self.answer = program, ms, None
		program.port()
		self.start()
		program.wait_for_line('waiting')

	def run(self):
		try:
			self.answer = self.program.get(f'/wait/{self.ms}')
		except OSError as error:
			self.answer = type(error).__name__
		except Exception as error:  # http.client has its own
			self.answer = type(error).__name__


def differs(what, got, wanted):
	"""The lines of a failed check; empty if all is well."""
	return [] if got == wanted else [f'{what}:', f'got    {got!r}', f'wanted {wanted!r}']


def lacks(what, text, *parts):
	return [f'{what}: no {part!r} in {text!r}' for part in parts if part not in text]
