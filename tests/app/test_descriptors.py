#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Closed standard descriptors, and a full disk."""

import os
import resource
import subprocess
import tempfile

from program import PATIENCE, TRIAL, Tap, differs, environment


def closing(*descriptors):
	def close():
		for descriptor in descriptors:
			os.close(descriptor)
	return close


def closed_descriptors_are_secured():
	"""Nothing that the service opens gets their numbers, so the log does not go to one of its files."""
	found = []
	for descriptors in (0,), (1,), (2,), (0, 1, 2):
		with tempfile.TemporaryDirectory() as folder:
			path = folder + '/socket'
			process = subprocess.Popen([TRIAL, '--http', f'unix:{path}'], env=environment(), stderr=subprocess.DEVNULL,
				preexec_fn=closing(*descriptors))
			try:
				while not os.path.exists(path) and process.poll() is None:
					pass
				links = [os.readlink(f'/proc/{process.pid}/fd/{d}') for d in descriptors]
				found += differs(f'{descriptors} closed', links, ['/dev/null'] * len(descriptors))
			finally:
				process.terminate()
				found += differs('status', process.wait(PATIENCE), 0)
	return found


def a_closed_output_is_an_error():
	done = subprocess.run([TRIAL, '--help'], env=environment(), stderr=subprocess.PIPE, preexec_fn=closing(1), text=True)
	return differs('status', done.returncode, 71) + \
		([] if 'standard output' in done.stderr else [f'not mentioned in {done.stderr!r}'])


def small_files():
	_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
	resource.setrlimit(resource.RLIMIT_FSIZE, (300, most))


def a_full_disk_does_not_end_it():
	"""The log is a file that may not grow: XFSZ from the system would kill the service."""
	with tempfile.NamedTemporaryFile() as log, tempfile.TemporaryDirectory() as folder:
		path = folder + '/socket'
		process = subprocess.Popen([TRIAL, '--http', f'unix:{path}'], env=environment(), stderr=log, preexec_fn=small_files)
		while not os.path.exists(path) and process.poll() is None:
			pass
		process.terminate()
		return differs('status', process.wait(PATIENCE), 0) + differs('size', os.path.getsize(log.name), 300)


def main():
	tap = Tap()
	for check in (closed_descriptors_are_secured, a_closed_output_is_an_error, a_full_disk_does_not_end_it):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
