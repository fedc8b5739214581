#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
What the Dockerfile of a new project puts into its image is all that its program needs: run in a root that has nothing else, with the
image's user, variables and health check. tests/containers builds and runs the image itself (make containers).  test_image.py PROGRAM
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

from command import Command
from project import Project, answers, until
from tap import Tap


def lines_of(dockerfile):
	"""[(word, what follows)], with continued lines in one."""
	text = re.sub(r'\\\n\s*', ' ', dockerfile)
	return [tuple(line.split(' ', 1)) for line in text.splitlines() if re.match(r'[A-Z]+ ', line)]


class Image:
	def __init__(self, project, folder):
		self.root = os.path.join(folder, 'image')
		lines = lines_of(project.read('Dockerfile'))
		collect = next(text for word, text in lines if word == 'RUN' and '/image/' in text).replace('/image', self.root)
		subprocess.run(['sh', '-euc', collect], cwd=project.folder, check=True)
		os.mkdir(os.path.join(self.root, 'proc'))
		said = dict(lines)
		self.user, self.program = said['USER'], re.findall(r'"(.*?)"', said['ENTRYPOINT'])
		self.health = re.findall(r'"(.*?)"', said['HEALTHCHECK'])
		self.environment = dict(each.split('=', 1) for each in shlex.split(said['ENV']))

	def line(self, command):
		script = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin; mount -t proc proc "$1/proc" && exec chroot --userspec="$0" "$@"'
		return [shutil.which('unshare'), '--mount', '/bin/sh', '-c', script, self.user, self.root, *command]

	def run(self, command, **variables):
		return subprocess.run(self.line(command), capture_output=True, text=True, timeout=60, env={**self.environment, **variables})


def serves(image):
	"""On sockets, as compose has it: the addresses of the image are those of all interfaces."""
	image.environment.update(SHOP_HTTP='unix:/run/shop/http', SHOP_CONTROL='unix:/run/shop/control')
	socket = os.path.join(image.root, 'run/shop/http')
	process = subprocess.Popen(image.line(image.program), env=image.environment, stderr=subprocess.PIPE, text=True)
	try:
		until(lambda: answers(socket, '/books').startswith('200') or process.poll() is not None)
		found = [] if answers(socket, '/books') == '200 {"books":[]}' else [answers(socket, '/books')]
		health = image.run(image.health)
		found += [] if health.returncode == 0 and 'workers ready' in health.stdout else [f'health: {health}']
	finally:
		process.send_signal(signal.SIGTERM)
		said = process.communicate(timeout=60)[1]
	return found + ([] if process.returncode == 0 else [f'TERM ends it with {process.returncode}', said])


def unhealthy(image):
	"""Where nobody serves."""
	return [] if image.run(image.health).returncode not in (0, 126, 127) else ['the health check finds a service']


def shell_faults(image):
	names = [os.path.join(path, name) for path, _, files in os.walk(image.root) for name in files]
	programs = [name for name in names if re.search(r'/s?bin/', name[len(image.root):])]
	return [] if [os.path.basename(name) for name in programs] == ['shop'] else programs


def main():
	tap = Tap()
	if os.geteuid() != 0 or subprocess.run(['unshare', '--mount', 'true'], capture_output=True).returncode:
		tap.skip('image', 'a root of its own needs root, and a namespace of mounts')
		tap.done()
	with tempfile.TemporaryDirectory() as folder:
		os.chmod(folder, 0o755)
		project = Project(Command(sys.argv[1]), folder)
		status, out, errors = project.make('release')
		if status:
			raise RuntimeError(out + errors)
		image = Image(project, folder)
		tap.check('it has no program but the service', shell_faults(image))
		tap.check('where nobody serves it is not healthy', unhealthy(image))
		tap.check('it serves, is healthy, and ends', serves(image))
	tap.done()


main()
