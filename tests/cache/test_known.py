#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A start knows the cached functions of the program: test_known.py PROGRAM LIBRARY."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'house'))
from tap import Tap

PROGRAM, LIBRARY = sys.argv[1:3]


def run(*args):
	done = subprocess.run([PROGRAM, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
	return done.returncode, done.stdout.strip()


def expect(got, status, *parts):
	return [f'{got}: not {status} with {part!r}' for part in parts if got[0] != status or part not in got[1]]


tap = Tap()
tap.check('a function whose tables nobody names is called', expect(run('call'), 0, '7'))
tap.check('its service has a good start', expect(run('good', '--check'), 0, 'the service\'s tables are good'))
tap.check('a start refuses its table, of its own service alone', expect(run('twice', '--check'), 78, 'twice_schema', 'sum'))
tap.check('a start refuses its times', expect(run('timed', '--check'), 78,
	'known.c:add_timed: the cached function has a .ttl_ms, .stale_ms or .missing_ms below 0'))
tap.check('--check warns of a cache that the service does not list', expect(run('good', '--check'), 0,
	'warning: known.c:add_timed keeps its results in the cache "timed", which the service does not list in .caches'))
got = run('library', LIBRARY)
tap.check('a library that is loaded before has its own, and takes them along', [] if got == (0, '7\n7') else [str(got)])
tap.done()
