# SPDX-License-Identifier: MIT
"""Exact counts per request: the difference between two runs that differ only in the number of requests."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess

from .table import Figure

CONNECTIONS = 64
OUTPUT = 'callgrind.out'
BROWSERS = (b'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,'
	b'application/signed-exchange;v=b3;q=0.7')
FEW, MANY = 64 * 40, 64 * 240


def requests_of(bench):
	"""The kinds of request whose cost is counted: their bytes."""
	with open(bench.loads.order, 'rb') as file:
		order = file.read()
	wrong = re.sub(rb'"discount": *[0-9.]+', b'"discount":7.5', order)
	head = b'POST /orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n'
	return {
		'plaintext': b'GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
		'JSON': b'GET /json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
		'JSON for a browser': b'GET /json HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: ' + BROWSERS + b'\r\n\r\n',
		'POST order': head % len(order) + order,
		'404': b'GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
		'422': head % len(wrong) + wrong,
	}


def receive(connection, length, status):
	"""Receive one answer of that status; it is `length` bytes long (0: find out). Returns its length."""
	answer = b''
	while not length or len(answer) < length:
		piece = connection.recv(65536)
		if not piece:
			raise RuntimeError(f'the server closed the connection: {answer[:100]}')
		answer += piece
		head = answer.find(b'\r\n\r\n')
		if not length and head >= 0:
			length = head + 4 + int(re.search(rb'(?i)content-length: *(\d+)', answer).group(1))
	if not answer.startswith(b'HTTP/1.1 %d' % status):
		raise RuntimeError(answer[:200])
	return length


def send(port, request, count, status=200):
	"""Send `count` requests: one on each of 64 connections, read the answers, and again."""
	length = 0
	with contextlib.ExitStack() as stack:
		connections = [stack.enter_context(socket.create_connection(('127.0.0.1', port), timeout=60))
			for _ in range(CONNECTIONS)]
		for connection in connections:
			connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		for _ in range(count // CONNECTIONS):
			for connection in connections:
				connection.sendall(request)
			for connection in connections:
				length = receive(connection, length, status)


def watch(bench, name, request, count, status=200):
	"""Run a server under callgrind for `count` requests; callgrind writes a file for each thread when the server ends."""
	path = os.path.join(bench.loads.folder, OUTPUT)
	with bench.start(name, 'valgrind', '--tool=callgrind', '--separate-threads=yes',
			f'--callgrind-out-file={path}') as server:
		send(server.port, request, count, status)


def outputs(bench):
	folder = bench.loads.folder
	paths = [os.path.join(folder, name) for name in os.listdir(folder) if name.startswith(OUTPUT)]
	return [path for path in paths if os.path.getsize(path) != 0]  # that of the whole process is empty


def remove_outputs(bench):
	for path in outputs(bench):
		os.remove(path)


def total_of(path):
	with open(path) as file:
		return sum(map(int, re.findall(r'^(?:totals|summary): (\d+)', file.read(), re.M)[-1:]))


def instructions_of(bench, name, request, count, status=200):
	"""User instructions of each thread's whole run with `count` requests, by the end of its file's name."""
	watch(bench, name, request, count, status)
	totals = {path.rpartition(OUTPUT)[2]: total_of(path) for path in outputs(bench)}
	remove_outputs(bench)
	if not any(totals.values()):
		raise RuntimeError('callgrind wrote nothing')
	return totals


def instructions_a_request(bench, name, request, status=200):
	"""Of the thread that serves: what others do depends on time, not on requests."""
	few, many = (instructions_of(bench, name, request, count, status) for count in (FEW, MANY))
	return Figure([max(many[thread] - few.get(thread, 0) for thread in many) / (MANY - FEW)])


def instructions(bench, table):
	"""User instructions per request, under callgrind."""
	if not shutil.which('valgrind'):
		raise RuntimeError('valgrind is not installed')
	limits = {'plaintext': 1000, 'JSON': 1350, 'JSON for a browser': 2200, 'POST order': 6900, '404': 3500,
		'422': 16000}
	requests = requests_of(bench)
	table.tell('user instructions, plaintext, null', instructions_a_request(bench, 'null', requests['plaintext']), '.0f')
	for what, request in requests.items():
		count = instructions_a_request(bench, 'coracle', request, int(what) if what.isdigit() else 200)
		table.at_most(f'user instructions, {what}', count, limits[what], '.0f')


def calls_during(bench, seconds):
	"""System calls and requests of a saturated window with 64 connections."""
	path = os.path.join(bench.loads.folder, 'strace.out')
	with bench.start('coracle') as server:
		strace = subprocess.Popen(['strace', '-f', '-c', '-o', path, '-p', str(server.process.pid)],
			stderr=subprocess.PIPE, text=True)
		strace.stderr.readline()  # attached
		result = bench.loads.saturate(server.port, seconds)
		strace.send_signal(signal.SIGINT)
		strace.wait(20)
	with open(path) as file:
		total = re.search(r'^ *100\.00 +\S+ +(?:\d+ +)?(\d+)(?: +\d+)? +total', file.read(), re.M)
	return int(total.group(1)), result['n']


def system_calls(bench, table):
	"""System calls per request with 64 connections, saturated, under strace."""
	if not shutil.which('strace'):
		raise RuntimeError('strace is not installed')
	calls, requests = calls_during(bench, max(bench.seconds, 2))
	table.at_most('system calls, 64 connections', Figure([calls / requests]), 2.05, '.3f')
