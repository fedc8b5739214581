#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Gets from memcached by pymemcache: pymemcache_gets.py AT GETS, where AT is a port or a path."""

import sys
import time

from pymemcache.client.base import Client

KEYS = 1000
at, gets = sys.argv[1], int(sys.argv[2])
client = Client(at if at.startswith('/') else ('127.0.0.1', int(at)), no_delay=not at.startswith('/'))
for number in range(KEYS):
	client.set('key:%d' % number, b'v' * 64, noreply=False)
began = time.perf_counter()
for number in range(gets):
	if len(client.get('key:%d' % (number % KEYS))) != 64:
		sys.exit(1)
print('%.0f' % (gets / (time.perf_counter() - began)))
