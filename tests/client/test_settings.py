#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Where the upstreams of a service are is a setting: --upstream-NAME-url, its variable, its member of the file."""

import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'app')]
from program import Tap, differs, lacks, run  # noqa: E402

FAR = '--upstream-far-away-url=http://127.0.0.1:9'


def refusals():
	rows = [
		([], 78, 'caller: far-away: the upstream has no .base_url: set it, or give --upstream-far-away-url\n'),
		([FAR, '--upstream-prices-url=ftp://x'], 64,
			'caller: --upstream-prices-url: ftp://x: does not begin with http:// or https://\n'),
		([FAR, '--upstream-prices-url=https://x'], 64,
			'caller: --upstream-prices-url: https://x: needs curl for https: set .carrier = &cor_curl (<coracle/curl.h>)\n'),
		([FAR, '--upstream-prices-url=http://x/?a=1'], 64,
			'caller: --upstream-prices-url: http://x/?a=1: has a query, which belongs to calls\n'),
		([FAR, '--upstream-mirrors-url=http://a', '--upstream-mirrors-url=https://b'], 64,
			'caller: --upstream-mirrors-url: https://b: needs curl for https: set .carrier = &cor_curl (<coracle/curl.h>)\n'),
		([FAR, '--upstream-mirrors-url=http://a/v1', '--upstream-mirrors-url=http://b/v2'], 64,
			'caller: --upstream-mirrors-url: http://a/v1: has targets that are not the same: another path\n'),
		([FAR, '--upstream-mirrors-url=http://a', '--upstream-mirrors-url=http://a:80/'], 64,
			'caller: --upstream-mirrors-url: http://a: has the target "http://a:80/" twice\n'),
		([FAR, '--upstream-burdened-in-flight=5', '--upstream-burdened-in-flight-min=6'], 64,
			'caller: --upstream-burdened-in-flight-min: 6: is more than --upstream-burdened-in-flight, which is 5\n'),
		([FAR, '--upstream-prices-in-flight-min=6'], 64,
			'caller: --upstream-prices-in-flight-min: 6: is for a limit that adapts: give --upstream-prices-in-flight-adapts, too\n'),
		([FAR, '--upstream-prices-in-flight=0'], 64, '--upstream-prices-in-flight'),
		*[([FAR, f'--upstream-prices-url=http://{host}:81/v1'], 64,
			f'http://{host}:81/v1: has a host, {host}, that is neither a name nor an address: write an address of IPv4 as '
			'four decimal numbers, 127.0.0.1\n') for host in ('127.1', '0x7f.1', '0177.0.0.1', '2130706433', '127.0.0.256')],
		([FAR, '--upstream-prices-url=http://user:word@x'], 64, 'credentials do not belong in a URL\n'),
	]
	found = []
	for arguments, status, text in rows:
		got = run('--check', *arguments)
		found += differs(f'{arguments}', got[0], status) + lacks(f'{arguments}', got[2], text)
	return found


def a_secret_in_a_url_is_not_repeated():
	status, out, errors = run('--check', FAR, '--upstream-prices-url=http://user:hunter2@x')
	return ['the password is in the message'] if 'hunter2' in errors else []


def sources():
	with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
		json.dump({'upstream_far_away_url': 'http://file:1'}, file)
		file.flush()
		status, out, errors = run('--print-config', '--config', file.name,
			CALLER_UPSTREAM_MIRRORS_URL='http://a,http://b:81', CALLER_UPSTREAM_PRICES_URL='http://unix:/run/prices.sock:/v2')
	found = differs('status', (status, errors), (0, ''))
	settings = json.loads(out)
	return found + differs('file', settings['upstream_far_away_url']['value'], 'http://file:1') + \
		differs('several', settings['upstream_mirrors_url']['value'], ['http://a', 'http://b:81']) + \
		differs('variable', settings['upstream_prices_url'],
			{'value': 'http://unix:/run/prices.sock:/v2', 'from': 'CALLER_UPSTREAM_PRICES_URL'})


def limits():
	"""A limit adapts, or does not, by a setting; a lower bound for all lowers what it begins with."""
	found = []
	for arguments, wanted in (
			([], {'prices': (100, False, 1), 'burdened': (100, True, 1), 'brittle': (4294967295, False, 1)}),
			(['--upstream-prices-in-flight-adapts', '--upstream-prices-in-flight-min=5', '--upstream-burdened-in-flight-adapts=off'],
				{'prices': (100, True, 5), 'burdened': (100, False, 1)})):
		status, out, errors = run('--print-config', FAR, *arguments)
		found += differs('status', (status, errors), (0, ''))
		settings = json.loads(out)
		for name, values in wanted.items():
			found += differs(f'{arguments} {name}', tuple(settings[f'upstream_{name}_in_flight{what}']['value'] for what in ('', '_adapts', '_min')), values)
	return found


def help_text():
	text = run('--help')[1]
	return lacks('--help', text, 'Upstreams\n') + \
		lacks('--help', text, '--upstream-prices-url TEXT    where prices is: the list of prices\n') + \
		lacks('--help', text, 'default http://127.0.0.1:9/v1, http://127.0.0.2:9/v1') + \
		lacks('--help', text, 'default http://127.0.0.1:9/v1; CALLER_UPSTREAM_PRICES_URL\n')


def main():
	tap = Tap()
	for check in (refusals, a_secret_in_a_url_is_not_repeated, sources, limits, help_text):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
