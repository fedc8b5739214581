# SPDX-License-Identifier: MIT
"""The same calls as bench/calls.c by Python requests, in 50 threads with a session each: requests_calls.py PORT CALLS."""

import json
import resource
import sys
import threading
import time

import requests

THREADS = 50


def call_on(url, count):
	with requests.Session() as session:
		session.trust_env = False
		for _ in range(count):
			assert session.get(url, timeout=30).json()['message']


def main():
	url, share = f'http://127.0.0.1:{sys.argv[1]}/json', int(sys.argv[2]) // THREADS
	before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
	threads = [threading.Thread(target=call_on, args=(url, share)) for _ in range(THREADS)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	after, calls = resource.getrusage(resource.RUSAGE_SELF), share * THREADS
	cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
	print(json.dumps({'calls': calls, 'cpu_us': cpu_s * 1e6 / calls, 'calls_a_second': calls / (time.monotonic() - began)}))


main()
