#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The part of a pod in docs/production.md is YAML, starts with good options, probes what is served, and has the time to stop."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import markdown
import source
import yaml
from tap import Tap

SLACK_S = 5


def argument(container, flag):
	return container['args'][container['args'].index(flag) + 1]


def options_faults(program, container):
	done = subprocess.run([program, *container['args'], '--check'], capture_output=True, text=True)
	return [] if done.returncode == 0 else [done.stderr]


def default_of(program, name):
	printed = subprocess.run([program, '--print-config'], capture_output=True, text=True, check=True).stdout
	return json.loads(printed)[name]['value']


def time_faults(program, pod):
	container = pod['containers'][0]
	sleep_s = int(container['lifecycle']['preStop']['exec']['command'][1])
	needed = sleep_s + default_of(program, 'drain_timeout_ms') / 1000 + SLACK_S
	found = [] if pod['terminationGracePeriodSeconds'] >= needed else [f'the time to stop is less than {needed} s']
	startup = container['startupProbe']
	patience = startup['periodSeconds'] * startup['failureThreshold']
	return found + ([] if patience >= default_of(program, 'start_timeout_ms') / 1000 else [f'{patience} s are too short to start'])


def free_port():
	with socket.socket() as probe:
		probe.bind(('127.0.0.1', 0))
		return probe.getsockname()[1]


def answered(port, path):
	"""The status of a probe, once somebody listens."""
	for _ in range(200):
		try:
			return urllib.request.urlopen(f'http://127.0.0.1:{port}{path}', timeout=10).status
		except urllib.error.HTTPError as error:
			return error.code
		except OSError:
			time.sleep(0.05)
	return 'nobody listens'


def probe_faults(program, container):
	"""Starts the pod's command on this machine's loopback, and asks what the probes ask."""
	wanted = {port['name']: port['containerPort'] for port in container['ports']}
	found = [f'{flag} has another port' for flag, name in (('--http', 'http'), ('--control', 'control'))
		if argument(container, flag).rpartition(':')[2] != str(wanted[name])]
	port = free_port()
	process = subprocess.Popen([program, '--processes', '1', '--http', '127.0.0.1:0', '--control', f'127.0.0.1:{port}'],
		stderr=subprocess.DEVNULL)
	try:
		for name in ('startupProbe', 'readinessProbe', 'livenessProbe'):
			get = container[name]['httpGet']
			status = answered(port, get['path'])
			while status == 503 and name == 'startupProbe':
				time.sleep(0.05)
				status = answered(port, get['path'])
			found += [] if status == 200 and get['port'] == 'control' else [f'{name}: {status}']
	finally:
		process.terminate()
		status = process.wait(60)
	return found + ([] if status == 0 else [f'it ended with {status}'])


def main(program):
	tap = Tap()
	blocks = [b for b in markdown.blocks(source.read('docs/production.md')) if b.language == 'yaml']
	pod = yaml.safe_load(blocks[0].text)
	container = pod['containers'][0]
	tap.check('the pod starts with options that --check accepts', options_faults(program, container))
	tap.check('the pod has the time to start and to stop', time_faults(program, pod))
	tap.check('the probes of the pod are answered', probe_faults(program, container))
	tap.done()


main(sys.argv[1])
