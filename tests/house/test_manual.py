#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
docs/coracle-service.7 has the options that --help prints, the orders of ctl, the signals and statuses of docs/production.md, and
is clean roff.
test_manual.py PROGRAM --write writes the options.
"""

import os
import re
import shutil
import subprocess
import sys

import source
from tap import Tap

PAGE = 'docs/coracle-service.7'
GROUPS = ('Server', 'Processes', 'Program', 'Command')
OPTIONS = re.compile(r'(?<=^\.\\" begin options\n).*?(?=^\.\\" end options$)', re.M | re.S)


def help_text(program):
	return subprocess.run([program, '--help'], capture_output=True, text=True, check=True).stdout


def roff(text):
	"""Escaped, without lines that roff takes for requests."""
	text = text.replace('\\', '\\e').replace('-', '\\-')
	return re.sub(r"^([.'])", r'\\&\1', text, flags=re.M)


def option(lines):
	"""One option of --help, whose variable is that of the program, not of all services."""
	name, _, said = lines[0].strip().partition('  ')
	said = [said.strip(), *(line.strip() for line in lines[1:])]
	said = ' '.join(filter(None, said))
	said = re.sub(r';? ?\b[A-Z]+(_[A-Z]+)+$', '', said)
	said = re.sub(r' default ', '. Default: ', said)
	return f'.TP\n.B {roff(name)}\n{roff(said.strip())}.\n'


def options(text):
	"""The options of the library's groups, as roff."""
	written = ''
	for group in GROUPS:
		body = re.search(rf'^{group}\n(.*?)\n\n', text, re.M | re.S).group(1)
		written += f'.SS {group}\n'
		entries = re.split(r'\n(?=  -)', body)
		written += ''.join(option(entry.split('\n')) for entry in entries)
	return written


def options_faults(page, text):
	if OPTIONS.search(page).group(0) == options(text):
		return []
	return ['the options differ from --help: run tests/house/test_manual.py PROGRAM --write']


def orders_faults(page, program):
	"""Each order that `ctl --help` lists has an entry, and no other has."""
	text = subprocess.run([program, 'ctl', '--help'], capture_output=True, text=True, check=True).stdout
	orders = re.findall(r'^  ([a-z-]+) ', text, re.M)
	entries = re.findall(r'^\.TP\n\.BI? "?ctl ([a-z-]+)', page.replace('\\-', '-'), re.M)
	synopsis = re.findall(r'^\.B ctl ([a-z-]+[|][a-z|-]+)$', page.replace('\\-', '-'), re.M)
	if len(orders) > 4 and orders == entries and synopsis == ['|'.join(orders)]:
		return []
	return [f'{orders} of --help, {entries} and {synopsis} of the page']


def section(text, title):
	return text.split(title + '\n')[1].split('\n##')[0]


def signals_faults(page, production):
	"""The page names whatever the tables of production.md name first."""
	told = section(production, '## Signals to the master') + section(production, '### Giving orders')
	cells = [line.split('|')[1] for line in told.splitlines() if re.match(r'\| ([A-Z0-9, ]+|\d+) \|', line)]
	names = [name.strip() for cell in cells for name in cell.split(',')]
	wanted = {name if name.isdigit() else 'SIG' + name for name in names}
	entries = '\n'.join(re.findall(r'^\.TP\n(.*)$', page, re.M))
	return [f'{name} is missing' for name in wanted if not re.search(rf'\b{name}\b', entries)] or (
		[] if len(wanted) > 15 else ['the tables of production.md were not found'])


def roff_faults(path):
	"""What groff complains about; nothing if it is not installed."""
	if not shutil.which('groff'):
		return []
	done = subprocess.run(['groff', '-man', '-Tascii', '-ww', '-z', path], capture_output=True, text=True)
	return done.stderr.splitlines()


def write(page, text):
	with open(os.path.join(source.ROOT, PAGE), 'w') as file:
		file.write(OPTIONS.sub(lambda _: options(text), page))


def main(program, *arguments):
	page, text = source.read(PAGE), help_text(program)
	if arguments == ('--write',):
		write(page, text)
		return
	tap = Tap()
	tap.check(f'{PAGE} has the options of --help', options_faults(page, text))
	tap.check(f'{PAGE} has the orders of ctl', orders_faults(page, program))
	tap.check(f'{PAGE} has the signals and statuses', signals_faults(page, source.read('docs/production.md')))
	tap.check(f'{PAGE} is clean roff', roff_faults(os.path.join(source.ROOT, PAGE)))
	tap.done()


main(*sys.argv[1:])
