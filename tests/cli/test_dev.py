#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle dev: what is changed is served, nothing is lost, what is wrong is told. test_dev.py PROGRAM"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from command import Command, told
from dev import Client, Dev
from project import Project, until
from tap import Tap

CHANGES = 20
BOOKS, SHELF, TEST = 'main/controller/books.c', 'main/service/shelf.c', 'test/service/test_shelf.c'


def median(figures):
	return sorted(figures)[len(figures) // 2]


def loses_nothing(project, tap):
	"""Changes in a row, with clients that keep their connections and others that do not."""
	found, times, old = [], [], 'no book %'
	with Dev(project, '--no-tests') as dev:
		dev.says('serves http://')
		clients = [Client(dev.port, '/books/9', keeps) for keeps in (True, False, True)]
		for client in clients:
			client.start()
		for i in range(CHANGES):
			new = f'no book (change {i}) %'
			began = time.monotonic()
			project.replace(BOOKS, old, new)
			until(lambda: all(client.saw(f'(change {i})') for client in clients))
			times.append(min(client.saw(f'(change {i})') for client in clients) - began)
			old = new
		for client in clients:
			client.end()
			found += client.lost
			found += [answer for answer in client.seen if not answer.startswith('404 ')]
	project.replace(BOOKS, old, 'no book %')
	tap.figure(f'coracle dev: change to first answer of the new code: median {median(times) * 1000:.0f} ms, '
		f'least {min(times) * 1000:.0f} ms, most {max(times) * 1000:.0f} ms')
	tap.figure(f'coracle dev: requests lost in {CHANGES} changes: {len(found)} of {sum(client.bodies for client in clients)}')
	return found


def main():
	command, tap = Command(sys.argv[1]), Tap()
	with tempfile.TemporaryDirectory() as folder:
		project = Project(command, folder)
		tap.check('changes in a row lose no request', loses_nothing(project, tap))
	tap.done()


main()
