#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
What `make` sets up: users get only an optimised library and the examples; the tests keep their assertions.
"""

import json
import os
import subprocess
import tempfile

import source
from tap import Tap

# Without make's own variables, which would tie this to the make that runs the tests.
ENV = {k: v for k, v in os.environ.items() if k not in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'DESTDIR', 'MESON_ARGS')}


def set_up(variable, folder):
	"""Let make set up a variable's build folder; returns its options and its default targets."""
	build = os.path.join(folder, variable)
	made = subprocess.run(['make', '-C', source.ROOT, f'{variable}={build}', f'{build}/build.ninja'],
		env=ENV, capture_output=True, text=True)
	if made.returncode:
		raise RuntimeError(made.stdout[-2000:] + made.stderr[-2000:])

	def introspect(what):
		with open(os.path.join(build, 'meson-info', f'intro-{what}.json')) as file:
			return json.load(file)

	options = {option['name']: option['value'] for option in introspect('buildoptions')}
	return options, {target['name'] for target in introspect('targets') if target['build_by_default']}


def differences(options, wanted):
	return [f'{name} is {options.get(name)!r}, not {value!r}' for name, value in wanted.items()
		if options.get(name) != value]


def has_lto():
	compiler = os.environ.get('CC', 'cc')
	return subprocess.run(f'{compiler} -flto -x c - -o /dev/null', shell=True, input='int main(void) { return 0; }\n',
		text=True, stderr=subprocess.DEVNULL).returncode == 0


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		options, targets = set_up('BUILD', folder)
		tap.check('users get an optimised build with debug symbols and without assertions', differences(options,
			{'optimization': '3', 'debug': True, 'b_ndebug': 'true', 'b_lto': has_lto()}))
		wanted = {'coracle', 'coracle-private', 'hello', 'countries', 'legacy', 'load_urls', 'primes', 'coracle-tls', 'coracle-crypto',
			'coracle-crypto-private', 'coracle-compress', 'coracle-compress-private', 'coracle-curl', 'coracle-curl-private',
			'coracle-generate', 'coracle-generate-private', 'secure', 'chat', 'ticker', 'readings', 'lending', 'notes', 'basket',
			'gateway', 'coracle-coverage', 'coracle-testing', 'coracle-testing-private'}
		tap.check('users get the library and the examples', sorted(targets ^ wanted))
		options, targets = set_up('TEST_BUILD', folder)
		tap.check('the tests keep the assertions', differences(options, {'b_ndebug': 'if-release', 'tests': 'enabled'}))
		tap.check('the tests include the bench service', [] if 'coracle-bench' in targets else ['it is missing'])
	tap.done()


main()
