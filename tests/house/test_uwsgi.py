#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/uwsgi.md has a row for each option of uWSGI that a deployment is likely to use, and names only flags that exist."""

import re
import subprocess
import sys

import source
from tap import Tap

OPTIONS = '''
attach-daemon buffer-size cache2 cheap cheaper cheaper-algo cheaper-idle cheaper-initial cheaper-overload
cheaper-rss-limit-hard cheaper-rss-limit-soft cheaper-step chmod-socket chunked-input-limit cron cron-harakiri daemonize
die-on-term emperor enable-threads evil-reload-on-rss fastcgi-socket forkbomb-delay gid harakiri harakiri-graceful-signal
harakiri-queue-threshold honour-range http http-auto-chunked http-enable-proxy-protocol http-keepalive http-raw-body
http-socket http-stats http-to http-websockets https-socket idle ini lazy-apps listen log-4xx log-5xx log-big log-format
log-master log-master-bufsize log-maxsize log-slow log-x-forwarded-for log-zero logger master master-fifo max-requests
max-requests-delta max-vars max-worker-lifetime min-worker-lifetime mule mule-reload-mercy need-app no-orphans
offload-threads pidfile processes reload reload-on-rss req-logger scgi-socket single-interpreter socket socket-timeout spooler
spooler-frequency static-expires static-index static-map stats stats-http stop suwsgi-socket threads thunder-lock
touch-chain-reload touch-logreopen touch-logrotate touch-reload touch-workers-reload uid unique-cron uwsgi-socket vacuum
worker-reload-mercy
'''.split()
SIGNALS = 'TERM INT QUIT HUP USR1 USR2 TTIN TTOU TSTP WINCH URG'.split()
FLAG = re.compile(r'`--([a-z0-9-]+)')


def rows(text):
	"""The cells of each row of the page's tables."""
	return [[cell.strip() for cell in line.strip('|').split('|')] for line in text.splitlines() if line.startswith('| ')]


def missing_rows(text):
	names = set()
	for row in rows(text):
		names.update(FLAG.findall(row[0]) + row[0].split(', '))
	return [f'{name} has no row' for name in OPTIONS + SIGNALS if name not in names]


def unknown_flags(text, help_text):
	"""Flags that the page calls ours, and --help does not list."""
	ours = set(re.findall(r'^  --([a-z0-9-]+)', help_text, re.M))
	named = {flag for row in rows(text) if len(row) == 3 for flag in FLAG.findall(row[1] + row[2])}
	prose = re.sub(r'^\|.*$', '', text, flags=re.M)
	return [f'--{flag} is not in --help' for flag in sorted((named | set(FLAG.findall(prose))) - ours)]


def empty_answers(text):
	return [f'{row[0]}: nothing is said about it' for row in rows(text) if len(row) == 3 and not row[1]]


def self_check(text, help_text):
	found = [] if missing_rows(text.replace('`--vacuum`', '`--vakuum`')) else ['a missing row is not noticed']
	found += [] if unknown_flags(text.replace('`--worker-age-s`', '`--worker-age`'), help_text) else ['a stale flag is not noticed']
	return found + ([] if empty_answers('| `--a` | | b |\n') else ['an empty answer is not noticed'])


def main(program):
	tap = Tap()
	text = source.read('docs/uwsgi.md')
	help_text = subprocess.run([program, '--help'], capture_output=True, text=True, check=True).stdout
	tap.check('docs/uwsgi.md has each option and signal', missing_rows(text) + empty_answers(text))
	tap.check('docs/uwsgi.md names only flags that --help lists', unknown_flags(text, help_text))
	tap.check('faults of docs/uwsgi.md are noticed', self_check(text, help_text))
	tap.done()


main(sys.argv[1])
