#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Certificates that are renewed on disk, without a signal. usage: test_renewal.py SECURE_EXAMPLE"""

import contextlib
import os
import re
import shutil
import ssl
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from client import GET, PATIENCE, Secure, Wire, ask, trusting
from pki import make_pair
from program import Tap

RENEWED = 'the files of TLS have changed: new connections get'


def is_served(program, pair):
	try:
		Wire(program.connect_plainly(), trusting(pair[0]))
		return True
	except ssl.SSLCertVerificationError:
		return False


def await_served(program, pair):
	"""By every worker that a client may meet."""
	end = time.monotonic() + PATIENCE
	in_a_row = 0
	while in_a_row < 20:
		in_a_row = in_a_row + 1 if is_served(program, pair) else 0
		assert time.monotonic() < end, program.lines
		time.sleep(0.01 if in_a_row else 0.1)


def copy(pair, folder):
	return tuple(shutil.copy(path, folder) for path in pair)


def replace(path, by):
	shutil.copy(by, path + '.new')
	os.rename(path + '.new', path)


def go_on(s):
	"""A request on a connection that was there before."""
	s.sendall(GET)
	assert s.recv(65536).startswith(b'HTTP/1.1 200')


def await_workers(program, count):
	"""So many have answered: they have read the files that they start with."""
	def pids():
		return {match.group(1) for line in program.lines if (match := re.search(r'"worker","pid":(\d+).*"message":"access"', line))}
	with contextlib.ExitStack() as held:
		end = time.monotonic() + PATIENCE
		while len(pids()) < count:
			assert time.monotonic() < end, program.lines
			go_on(held.enter_context(program.connect()))


def test_half_written_pair_waits_for_its_other_half(pair, other):
	with tempfile.TemporaryDirectory() as folder:
		mine = copy(pair, folder)
		with Secure(mine) as program, program.connect() as old:
			go_on(old)
			shutil.copy(other[0], mine[0])
			program.wait_for_line(f'"warning".*the files of TLS have changed, but {re.escape(mine[1])} is not the key of {re.escape(mine[0])}')
			assert is_served(program, pair), 'the old pair stays'
			shutil.copy(other[1], mine[1])
			program.wait_for_line(RENEWED)
			await_served(program, other)
			go_on(old)
			assert ask(old)[0] == 200
			told = [line for line in program.lines if 'files of TLS have changed' in line]
			assert len(told) == 2, told


def test_rename_and_removal(pair, other):
	with tempfile.TemporaryDirectory() as folder:
		mine = copy(pair, folder)
		with Secure(mine, '--processes', '2') as program, program.connect() as old:
			go_on(old)
			await_workers(program, 2)
			os.unlink(mine[1])
			program.wait_for_line('there is no such file')
			assert is_served(program, pair)
			for path, by in zip(mine, other):
				replace(path, by)
			program.wait_for_line(RENEWED)
			await_served(program, other)
			go_on(old)
			others = [line for line in program.lines if 'starting another' in line or 'retires' in line]
			assert not others, others


def test_links_as_certbot_and_kubernetes_swap_them(pair, other):
	with tempfile.TemporaryDirectory() as folder:
		for name, each in ('..1', pair), ('..2', other):
			os.mkdir(f'{folder}/{name}')
			shutil.copy(each[0], f'{folder}/{name}/tls.crt')
			shutil.copy(each[1], f'{folder}/{name}/tls.key')
		os.symlink('..1', f'{folder}/..data')
		mine = f'{folder}/tls.crt', f'{folder}/tls.key'
		for path in mine:
			os.symlink(f'..data/{os.path.basename(path)}', path)
		with Secure(mine, '--processes', '1') as program:
			assert is_served(program, pair)
			os.symlink('..2', f'{folder}/..new')
			os.rename(f'{folder}/..new', f'{folder}/..data')
			await_served(program, other)


def test_worker_without_the_right_to_read_asks_for_a_successor(pair, other):
	if os.geteuid() != 0:
		return
	with tempfile.TemporaryDirectory() as folder:
		os.chmod(folder, 0o755)
		mine = copy(pair, folder)
		os.chmod(mine[1], 0o600)
		with Secure(mine, '--processes', '2', '--user', 'nobody') as program, program.connect() as old:
			go_on(old)
			for path, by in zip(mine, other):
				shutil.copy(by, path)
			program.wait_for_line('retires: the files of TLS have changed, and this process may not read them')
			await_served(program, other)
		with Secure(mine, '--user', 'nobody') as program:
			assert is_served(program, other)
			for path, by in zip(mine, pair):
				shutil.copy(by, path)
			program.wait_for_line('cannot be read by the user .* or the service is restarted')
			assert is_served(program, other)


def test_worker_in_a_sandbox(pair, other):
	"""Where the sandbox confines files, a successor reads them; where the kernel cannot do that, the worker itself."""
	with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as inside:
		mine = copy(pair, folder)
		with Secure(mine, '--processes', '1', '--sandbox', 'on', '--sandbox-paths', inside) as program:
			assert is_served(program, pair)
			for path, by in zip(mine, other):
				replace(path, by)
			await_served(program, other)


def problems(test, *pairs):
	try:
		test(*pairs)
	except Exception:  # whatever it is, the others run
		return traceback.format_exc().splitlines()
	return []


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
		pairs = [make_pair(folder, name, 'localhost', '127.0.0.1') for name in ('first', 'second')]
		tests = [(name, test) for name, test in globals().items() if name.startswith('test_')]
		# they mostly wait
		for (name, _), found in zip(tests, pool.map(lambda each: problems(each[1], *pairs), tests)):
			tap.check(name[5:].replace('_', ' '), found)
	tap.done()


main()
