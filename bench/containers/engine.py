# SPDX-License-Identifier: MIT
"""A Docker engine of one's own: in namespaces of network, mounts and processes, so that the machine has nothing of it afterwards."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

INSIDE = 'COR_CONTAINERS_INSIDE'
NETWORK, SUBNET = 'coracle', '172.31.7.0/24'


def why_not():
	"""Why no engine can run here; None: it can."""
	missing = [name for name in ('dockerd', 'docker', 'containerd', 'runc', 'iptables', 'ip', 'unshare') if not shutil.which(name)]
	if missing:
		return f'{", ".join(missing)} is not installed (Debian: docker.io, iptables, iproute2)'
	if os.geteuid() != 0:
		return 'an engine needs root'
	done = subprocess.run(['unshare', '--net', '--mount', '--pid', '--fork', 'true'], capture_output=True, text=True)
	return f'no namespaces: {done.stderr.strip()}' if done.returncode else None


def enter():
	"""Starts this program again in namespaces of its own; returns in there."""
	if os.environ.get(INSIDE):
		subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
		return
	line = ['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', sys.executable, *sys.argv]
	os.execvpe(line[0], line, {**os.environ, INSIDE: '1'})


class Engine:
	"""`with Engine(FOLDER) as engine:`; ended with all of its containers at the end."""

	def __init__(self, folder):
		self.folder = tempfile.mkdtemp(prefix='engine.', dir=folder)
		self.socket = os.path.join(self.folder, 'socket')
		self.environment = {**os.environ, 'DOCKER_HOST': 'unix://' + self.socket, 'DOCKER_CONFIG': self.folder, 'DOCKER_BUILDKIT': '0'}

	def __enter__(self):
		place = {name: os.path.join(self.folder, name) for name in ('data', 'run', 'pid', 'log')}
		with open(place['log'], 'w', encoding='utf-8') as log:
			self.process = subprocess.Popen(['dockerd', '--data-root', place['data'], '--exec-root', place['run'], '--pidfile', place['pid'],
				'--host', 'unix://' + self.socket, '--userland-proxy=false'], stdout=log, stderr=log)
		until(lambda: self.process.poll() is not None or self.ask('version').returncode == 0, 60, 'dockerd')
		if self.process.poll() is not None:
			with open(place['log'], encoding='utf-8') as log:
				raise RuntimeError('dockerd ended: ' + ''.join(log.readlines()[-5:]))
		self.docker('network', 'create', '--subnet', SUBNET, NETWORK)
		return self

	def __exit__(self, *_):
		names = self.docker('ps', '--all', '--quiet').split()
		if names:
			self.ask('rm', '--force', *names)
		self.process.terminate()
		self.process.wait(60)
		shutil.rmtree(self.folder, ignore_errors=True)

	def ask(self, *arguments, **options):
		return subprocess.run(['docker', *arguments], capture_output=True, text=True, env=self.environment, timeout=900, **options)

	def docker(self, *arguments, **options):
		done = self.ask(*arguments, **options)
		if done.returncode:
			raise RuntimeError(f'docker {" ".join(arguments)}: {done.stdout[-1500:]}{done.stderr[-1500:]}')
		return done.stdout.strip()

	def compose(self, *arguments, cwd):
		"""Of the engine's plugin, or Debian's docker-compose."""
		line = ['docker', 'compose'] if self.ask('compose', 'version').returncode == 0 else ['docker-compose']
		done = subprocess.run([*line, *arguments], capture_output=True, text=True, env=self.environment, cwd=cwd, timeout=300)
		if done.returncode:
			raise RuntimeError(f'{" ".join(line + list(arguments))}: {done.stdout[-1500:]}{done.stderr[-3000:]}')
		return done.stdout

	def inspect(self, name):
		return json.loads(self.docker('inspect', name))[0]

	def processes(self, name):
		"""Their ids, as they are called out here."""
		return [int(line.split()[1]) for line in self.docker('top', name).splitlines()[1:]]

	def load(self, tag, root):
		"""An image of one layer, of a folder."""
		with subprocess.Popen(['tar', '-C', root, '--one-file-system', '-c', '.'], stdout=subprocess.PIPE) as tar:
			self.docker('import', '-', tag, stdin=tar.stdout)

	def size_mb(self, tag):
		return self.inspect(tag)['Size'] / 1e6


def until(condition, seconds, what):
	end = time.monotonic() + seconds
	while not condition():
		if time.monotonic() > end:
			raise TimeoutError(f'{what} takes longer than {seconds} s')
		time.sleep(0.02)
