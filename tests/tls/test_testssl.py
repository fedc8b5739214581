#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What testssl.sh finds: protocols, ciphers, groups, defaults, known vulnerabilities. usage: test_testssl.py SECURE_EXAMPLE"""

import json
import os
import shutil
import subprocess
import tempfile

from client import Secure
from pki import make_pair
from program import Tap

CHECKS = '-p', '-s', '-f', '-S', '-U'
FEWEST = 30  # findings that are OK, or it has looked at nothing
PATIENCE = 170


def findings(folder):
	"""What it says, by id. The certificate is one that an authority could have issued."""
	pair = make_pair(folder, 'localhost', 'localhost', '127.0.0.1', days=365, more=['crlDistributionPoints=URI:http://localhost/crl'])
	to = f'{folder}/findings.json'
	with Secure(pair, '--access-log', 'false') as program:
		done = subprocess.run(['testssl', '--quiet', '--color', '0', '--warnings', 'off', '--nodns', 'none', '--add-ca', pair[0], '--jsonfile', to,
			*CHECKS, f'127.0.0.1:{program.port()}'], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
	assert os.path.exists(to), done
	with open(to) as file:
		return json.load(file)


def main():
	tap = Tap()
	name = 'testssl.sh finds nothing to mend'
	if not shutil.which('testssl'):
		tap.skip(name, 'no testssl: tools/deps test installs it')
	elif 'COR_TEST_LIGHT' in os.environ:
		tap.skip(name, 'it takes a minute')
	else:
		with tempfile.TemporaryDirectory() as folder:
			found = findings(folder)
		fine = [each for each in found if each['severity'] == 'OK']
		# WARN: what testssl could not look at, with this openssl
		bad = [f"{each['severity']} {each['id']}: {each['finding']}" for each in found if each['severity'] not in ('OK', 'INFO', 'WARN')]
		tap.check(name, bad or ([] if len(fine) >= FEWEST else [f'only {len(fine)} findings']))
		tap.figure(f'testssl.sh: {len(fine)} findings are OK, {len(bad)} are not')
	tap.done()


main()
