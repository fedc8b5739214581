#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
The commands of docs/production.md that start with `shop` do what the page says: each service starts, and ends with 0; each order
of ctl is obeyed. What needs systemd, logrotate or a container is not run here: tests/app/test_systemd.py and test_pod.py do that,
as far as it goes without them.
"""

import contextlib
import os
import pwd
import re
import shlex
import subprocess
import sys
import tempfile
import time

import source
from tap import Tap

PATIENCE_S = 60
COMMAND = re.compile(r'^    shop (.*?)(?:   +.*)?$', re.M)


def commands(text):
	"""The arguments of each command, and whether it is an order of ctl."""
	words = [shlex.split(line) for line in COMMAND.findall(text)]
	return [w for w in words if w[0] != 'ctl'], [w[1:] for w in words if w[0] == 'ctl']


def here(arguments):
	"""The same on a free loopback port, and as a user that exists: root needs one, and nobody else may choose."""
	user = 'nobody' if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
	arguments = [user if before == '--user' else word for before, word in zip(['', *arguments], arguments)]
	return [re.sub(r'^0\.0\.0\.0:\d+$', '127.0.0.1:0', word) for word in arguments]


def ctl(program, control, *order):
	return subprocess.run([program, 'ctl', *order, '--control', control], capture_output=True, text=True, timeout=PATIENCE_S)


def await_ready(program, control, process):
	end = time.monotonic() + PATIENCE_S
	while ' ready' not in (said := ctl(program, control, 'workers').stdout):
		if process.poll() is not None or time.monotonic() > end:
			return [f'no worker is ready, status {process.poll()}: {said}']
	return []


@contextlib.contextmanager
def running(program, arguments):
	"""(process, address of its control process, what went wrong at the start)"""
	with tempfile.TemporaryDirectory() as folder:
		control = f'unix:{folder}/control'
		process = subprocess.Popen([program, *here(arguments), '--control', control], stderr=subprocess.DEVNULL)
		try:
			yield process, control, await_ready(program, control, process)
		finally:
			if process.poll() is None:
				process.terminate()
			process.wait(PATIENCE_S)


def service_faults(program, arguments):
	with running(program, arguments) as (process, _, found):
		process.terminate()
		status = process.wait(PATIENCE_S)
		return found + ([] if status == 0 else [f'it ended with {status}'])


def orders_faults(program, orders):
	"""In the order of the page, but the one that ends the service last."""
	with running(program, ['--processes', '2', '--http', '127.0.0.1:0']) as (process, control, found):
		for order in sorted(orders, key=lambda order: order == ['stop']):
			done = ctl(program, control, *order)
			found += [] if done.returncode == 0 and done.stdout else [f'{order}: {done.returncode} {done.stderr}']
		return found + ([] if process.wait(PATIENCE_S) == 0 else [f'it ended with {process.returncode}'])


def main(program):
	tap = Tap()
	services, orders = commands(source.read('docs/production.md'))
	for arguments in services:
		tap.check(f'shop {shlex.join(arguments)}', service_faults(program, arguments))
	tap.check('the orders of ctl', orders_faults(program, orders) + ([] if len(orders) > 4 else ['they were not found']))
	tap.check('a wrong option is noticed', [] if service_faults(program, ['--prozesses', '2']) else ['it is not'])
	tap.done()


main(sys.argv[1])
