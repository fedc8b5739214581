# SPDX-License-Identifier: MIT
"""Where a request's instructions go."""

import re
import subprocess

from . import counts

SHOWN = 40
LINE = re.compile(r'^\s*([\d,]+)\s+\S+?:(\S+)(?: \[.*)?$', re.M)


def by_function(path):
	"""Instructions of each function, from callgrind's file."""
	text = subprocess.run(['callgrind_annotate', '--threshold=100', '--show-percs=no', path],
		capture_output=True, text=True, check=True).stdout
	found = {}
	for count, name in LINE.findall(text):
		found[name] = found.get(name, 0) + int(count.replace(',', ''))
	return found


def functions_of(bench, request, count):
	counts.watch(bench, 'coracle', request, count)
	found = {}
	for path in counts.outputs(bench):
		for name, instructions in by_function(path).items():
			found[name] = found.get(name, 0) + instructions
	counts.remove_outputs(bench)
	return found


def functions(bench, table):
	"""The functions in which a request spends most instructions; not part of the verdict."""
	del table
	for what, request in counts.requests_of(bench).items():
		few, many = (functions_of(bench, request, count) for count in (counts.FEW, counts.MANY))
		costs = {name: (many[name] - few.get(name, 0)) / (counts.MANY - counts.FEW) for name in many}
		print(f'  {what}: {sum(costs.values()):.0f}')
		for name, cost in sorted(costs.items(), key=lambda item: -item[1])[:SHOWN]:
			print(f'    {cost:7.1f} {name}')
