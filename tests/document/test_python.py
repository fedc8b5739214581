#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Values of chance, written by Python's json and read by the tree, and back: nothing differs."""

import json
import os
import random
import struct
import subprocess
import sys

from tap import Tap

PIECES = ['a', '"', '\\', '\n', '\x01', '\x7f', 'é', '€', '\U0001f600', '/', '\0', 'long enough for a vector', '\u2028']


def any_text(chance):
	return ''.join(chance.choice(PIECES) for _ in range(chance.randrange(6)))


def any_double(chance):
	while True:
		value, = struct.unpack('d', chance.randbytes(8))
		if value - value == 0:
			return value


def any_value(chance, depth):
	kind = chance.randrange(8 if depth else 6)
	if kind < 2:
		return chance.choice([None, True, False])
	if kind == 2:
		return chance.randrange(-2 ** chance.randrange(1, 200), 2 ** chance.randrange(1, 200))
	if kind == 3:
		return any_double(chance)
	if kind < 6:
		return any_text(chance)
	if kind == 6:
		return [any_value(chance, depth - 1) for _ in range(chance.randrange(6))]
	return {any_text(chance) + str(i): any_value(chance, depth - 1) for i in range(chance.randrange(20))}


def same(a, b):
	"""Equal with their types, and the order of members: 1 is not 1.0, nor True."""
	return repr(a) == repr(b)


def main():
	tap = Tap()
	count = 2000 if os.environ.get('COR_TEST_LIGHT') else 20000
	chance = random.Random(8259)
	values = [any_value(chance, 4) for _ in range(count)]
	for ascii_only in (True, False):
		lines = ''.join(json.dumps(value, ensure_ascii=ascii_only) + '\n' for value in values)
		run = subprocess.run([sys.argv[1]], input=lines.encode(), capture_output=True, timeout=100)
		out = run.stdout.split(b'\n')[:-1]
		problems = [run.stderr.decode()] if run.stderr else []
		if len(out) != count:
			problems.append(f'{len(out)} values of {count} came back')
		problems += [f'{value!r} became {text!r}' for value, text in zip(values, out) if not same(json.loads(text), value)][:5]
		tap.check(f'{count} values come back as they were, {"escaped" if ascii_only else "as UTF-8"}', problems)
		compact = [json.dumps(value, ensure_ascii=False, separators=(',', ':')).encode() for value in values]
		tap.check('text and numbers are written as Python has them',
			[f'{text!r} instead of {wanted!r}' for text, wanted in zip(out, compact) if text != wanted][:5])
	tap.done()


main()
