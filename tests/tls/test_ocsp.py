#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What OCSP responders say, stapled. usage: test_ocsp.py SECURE_EXAMPLE"""

import re
import shutil
import subprocess
import tempfile
import traceback

from client import PATIENCE, Secure
from pki import Authority
from program import Tap, run


class World:
	"""An authority, and a pair of it with its response."""

	def __init__(self, folder):
		self.folder = folder
		self.authority = Authority(folder, 'authority')
		self.pair = self.authority.issue_for('localhost', 'localhost')
		self.other = self.authority.issue_for('other', 'other.example')
		self.response, self.of_other = f'{folder}/response', f'{folder}/of_other'
		self.authority.respond(self.pair, self.response)
		self.authority.respond(self.other, self.of_other)

	def status(self, program, name='localhost', version='-tls1_3'):
		"""'good', or None where the server says nothing."""
		done = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{program.port()}', '-servername', name, '-status', version, '-CAfile',
			self.authority.certificate, '-verify_return_error'], input='', capture_output=True, text=True, timeout=PATIENCE)
		assert 'Verify return code: 0' in done.stdout, done
		if 'OCSP response: no response sent' in done.stdout:
			return None
		return re.search(r'Cert Status: (\w+)', done.stdout).group(1)


def ended(path):
	"""A copy of a response whose last date (nextUpdate) is long ago. Nothing else of it is looked at."""
	with open(path, 'rb') as file:
		bytes_ = file.read()
	dates = [found.start() for found in re.finditer(rb'\x18\x0f\d{14}Z', bytes_)]
	assert len(dates) == 3, 'producedAt, thisUpdate, nextUpdate'
	at = dates[2] + 2
	with open(path + '.ended', 'wb') as file:
		file.write(bytes_[:at] + b'20200101000000Z' + bytes_[at + 15:])
	return path + '.ended'


def test_response_comes_with_its_certificate(world):
	more = '--certificate', world.other[0], '--key', world.other[1]
	with Secure(world.pair, *more, '--ocsp', world.response, '--ocsp', world.of_other) as program:
		for version in '-tls1_2', '-tls1_3':
			assert world.status(program, version=version) == 'good'
			assert world.status(program, 'other.example', version) == 'good'
	with Secure(world.pair, *more, '--ocsp', 'none', '--ocsp', world.of_other) as program:
		assert world.status(program) is None and world.status(program, 'other.example') == 'good'
	with Secure(world.pair) as program:
		assert world.status(program) is None


def test_response_that_has_ended_is_not_shown(world):
	with Secure(world.pair, '--ocsp', ended(world.response)) as program:
		program.wait_for_line(r'"warning".*response.ended has ended, and no client is shown it: ask it again')
		assert world.status(program) is None


def test_response_is_renewed(world):
	with tempfile.TemporaryDirectory() as folder:
		mine = f'{folder}/response'
		shutil.copy(ended(world.response), mine)
		with Secure(world.pair, '--ocsp', mine, '--processes', '1') as program:
			assert world.status(program) is None
			shutil.copy(world.of_other, mine)
			program.wait_for_line(f'the files of TLS have changed, but {mine} is not about {world.pair[0]}')
			shutil.copy(world.response, mine)
			program.wait_for_line('the files of TLS have changed: new connections')
			assert world.status(program) == 'good'


def test_mistakes_say_what_to_do(world):
	with tempfile.TemporaryDirectory() as folder:
		bad = world.authority.issue_for('bad', 'localhost')
		world.authority.revoke(bad[0])
		of_bad = f'{folder}/of_bad'
		world.authority.respond(bad, of_bad)
		with open(f'{folder}/cut', 'wb') as file, open(world.response, 'rb') as whole:
			file.write(whole.read()[:-1])
		for pair, responses, why in ((world.pair, [world.of_other], f'is not about {world.pair[0]}'), (bad, [of_bad], 'is not good'), (
				world.pair, [world.pair[0]], 'holds no answer'), (world.pair, [f'{folder}/cut'], 'holds no answer'), (
				world.pair, [world.response, world.of_other], 'each --certificate its --ocsp'), (world.pair, [f'{folder}/x'], 'there is no such file')):
			given = [each for response in responses for each in ('--ocsp', response)]
			status, _, error = run('--https', '127.0.0.1:0', '--certificate', pair[0], '--key', pair[1], *given)
			assert status in (64, 78) and why in error, (given, status, error)


def problems(test, world):
	try:
		test(world)
	except Exception:  # whatever it is, the others run
		return traceback.format_exc().splitlines()
	return []


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		world = World(folder)
		for name, test in list(globals().items()):
			if name.startswith('test_'):
				tap.check(name[5:].replace('_', ' '), problems(test, world))
	tap.done()


main()
