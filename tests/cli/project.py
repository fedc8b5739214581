# SPDX-License-Identifier: MIT
"""A project that `coracle new` has made, and its service. For the tests of this folder."""

import contextlib
import os
import signal
import subprocess
import time

QUICK = '-O0 -g'  # what is compiled here is not measured


class Project:
	def __init__(self, command, folder, name='shop', compiler='gcc'):
		self.command, self.name = command, name
		self.folder = os.path.join(folder, name)
		self.build_tree = os.path.dirname(command.program)
		path = os.path.join(self.build_tree, 'meson-uninstalled')
		self.environment = {**command.environment, 'PKG_CONFIG_PATH': path, 'CFLAGS': QUICK, 'CC': compiler}
		self.made = command.run('-C', folder, 'new', name)

	def run(self, *arguments, **options):
		return self.command.run('-C', self.folder, *arguments, **{**self.environment, **options})

	def make(self, *arguments):
		done = subprocess.run(['make', '-C', self.folder, *arguments], capture_output=True, text=True, timeout=120,
			env=self.environment)
		return done.returncode, done.stdout, done.stderr

	def path(self, name):
		return os.path.join(self.folder, name)

	def read(self, name):
		with open(self.path(name), encoding='utf-8') as file:
			return file.read()

	def write(self, name, text):
		os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
		with open(self.path(name), 'w', encoding='utf-8') as file:
			file.write(text)

	def replace(self, name, old, new):
		text = self.read(name)
		assert old in text, f'{name} has no {old!r}'
		self.write(name, text.replace(old, new))

	def files(self):
		return sorted(os.path.relpath(os.path.join(path, name), self.folder)
			for path, _, names in os.walk(self.folder) for name in names)

	@contextlib.contextmanager
	def serving(self, *command):
		"""Runs it on a unix socket, whose path it gives, until it listens; ends it by TERM."""
		socket = self.path('build/test.sock')
		line = [*command, '--http', 'unix:' + socket]
		process = subprocess.Popen(line, env=self.environment, cwd=self.folder, stdout=subprocess.PIPE,
			stderr=subprocess.STDOUT, text=True)
		try:
			until(lambda: answers(socket, '/openapi.json').startswith('200') or process.poll() is not None)
			yield socket
		finally:
			process.send_signal(signal.SIGTERM)
			process.communicate(timeout=60)
		assert process.returncode == 0, f'{line}: {process.returncode}'


def until(condition, seconds=60):
	end = time.monotonic() + seconds
	while not condition():
		assert time.monotonic() < end, 'it takes too long'
		time.sleep(0.02)


def answers(socket, path, *arguments):
	"""'STATUS BODY'"""
	done = subprocess.run(['curl', '-s', '-m', '30', '-w', '\\n%{http_code}', '--unix-socket', socket, *arguments,
		'http://localhost' + path], capture_output=True, text=True)
	body, _, status = done.stdout.rpartition('\n')
	return f'{status} {body}'
