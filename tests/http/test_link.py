#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Links that servers send, beside requests: both find the same, but where requests splits what is quoted."""

import os
import random
import subprocess
import sys

import requests.utils

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'app')]
from program import PATIENCE, Tap, differs  # noqa: E402

NAMES = ('rel', 'title', 'type')
TARGETS = ('/', '', 'http://a/b?page=2&n=10', '?page=2', '../up', 'http://[::1]:80/x', '#f', '/a,b', '/%3B')
VALUES = ('next', 'last', 'http://a/rel', 'text/html', 'two words', 'a,b', "it's")
# What requests takes apart at a ';', '=' or '<' that is quoted.
QUOTED = {
	'</a>; title="1; 2"; rel=next': ['</a>\trel=next\ttitle=1; 2'],
	'</a>; title="1 = 2"; rel=next': ['</a>\trel=next\ttitle=1 = 2'],
	'</a>; title="b, <c>"; rel=next': ['</a>\trel=next\ttitle=b, <c>'],
	'</a;b>; rel=next': ['</a;b>\trel=next'],
}


def ours(fields):
	done = subprocess.run([sys.argv[1]], input=''.join(field + '\n' for field in fields), capture_output=True, text=True,
		timeout=PATIENCE, check=True)
	return [[line for line in part.split('\n') if line] for part in done.stdout.split('--\n')[:-1]]


def theirs(field):
	return ['\t'.join([f'<{link["url"]}>', *(f'{name}={link[name]}' for name in NAMES if name in link)])
		for link in requests.utils.parse_header_links(field)]


def a_link(chance):
	blank = lambda: chance.choice(('', '', ' ', '  '))  # noqa: E731
	text = f'<{chance.choice(TARGETS)}>'
	for name in chance.sample(NAMES, chance.randint(0, 3)):
		value = chance.choice(VALUES)
		quoted = ',' in value or ' ' in value or chance.random() < 0.5
		text += f'{blank()};{blank()}{name}{blank()}={blank()}' + (f'"{value}"' if quoted else value)
	return text


def as_requests_does():
	chance = random.Random(8288)
	fields = [', '.join(a_link(chance) for _ in range(chance.randint(1, 4))) for _ in range(2000)]
	found = []
	for field, links in zip(fields, ours(fields)):
		found += differs(field, links, theirs(field))
	return found[:20]


def but_what_is_quoted_stays_whole():
	found = []
	for (field, wanted), links in zip(QUOTED.items(), ours(QUOTED)):
		found += differs(field, links, wanted)
		found += [f'requests has it right, too: {field}'] if theirs(field) == wanted else []
	return found


def main():
	tap = Tap()
	for check in (as_requests_does, but_what_is_quoted_stays_whole):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
