# SPDX-License-Identifier: MIT
"""Whether a handler that waits for SQLite delays anybody else."""

import http.client
import os
import re
import sqlite3
import statistics
import subprocess
import tempfile
import threading
import time

from .table import Figure

HELD_S, WRITERS = 3, 3


def post(port, statuses):
	connection = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
	connection.request('POST', '/notes', 'a note', {'Content-Type': 'text/plain'})
	statuses.append(connection.getresponse().status)


def delays_until(port, end):
	"""Milliseconds of requests one after another, a millisecond between them."""
	connection = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
	found = []
	while time.monotonic() < end:
		since = time.monotonic()
		connection.request('GET', '/plaintext')
		connection.getresponse().read()
		found.append((time.monotonic() - since) * 1000)
		time.sleep(0.001)
	return found


def behind_a_lock(bench, table):
	"""Another process holds the write lock for three seconds; three clients write meanwhile, and one asks for /plaintext."""
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'notes.db')
		server = subprocess.Popen([os.path.join(bench.build, 'bench', 'bench-notes'), '--http', '127.0.0.1:0', '--threads', '1',
			'--database', path], stderr=subprocess.PIPE, text=True)
		try:
			port = int(re.search(r'127\.0\.0\.1:(\d+)', server.stderr.readline()).group(1))
			post(port, statuses := [])
			other = sqlite3.connect(path, isolation_level=None)
			other.execute('BEGIN IMMEDIATE')
			writers = [threading.Thread(target=post, args=(port, statuses)) for _ in range(WRITERS)]
			for writer in writers:
				writer.start()
			delays = delays_until(port, time.monotonic() + HELD_S)
			waiting = len(statuses) == 1
			other.execute('ROLLBACK')
			for writer in writers:
				writer.join()
			count = other.execute('SELECT count(*) FROM notes').fetchone()[0]
		finally:
			server.terminate()
			server.wait(20)
			server.stderr.close()
	if not waiting or statuses != [204] * (WRITERS + 1) or count != WRITERS + 1:
		raise RuntimeError(f'waiting {waiting}, statuses {statuses}, notes {count}')
	table.tell('others meanwhile, median', Figure([statistics.median(delays)]), '.2f', 'ms')
	table.at_most('others meanwhile, p99', Figure([sorted(delays)[int(len(delays) * 0.99)]]), 20, '.2f', 'ms')
