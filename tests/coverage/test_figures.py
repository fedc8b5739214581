#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Figures of a coverage beside those of Python's coverage, from which users know them. Argument: the program that makes them."""

import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'house'))
from tap import Tap  # noqa: E402

try:
	from coverage.results import Numbers, format_lines, should_fail_under
except ImportError:
	print('1..0 # SKIP python3-coverage is missing: make deps-test')
	sys.exit(0)

CASES = 3000
chance = random.Random(1)


def percent(precision, statements, missed, branches, branches_missed):
	numbers = Numbers(precision, n_statements=statements, n_missing=missed, n_branches=branches, n_missing_branches=branches_missed)
	return f'percent {precision} {statements} {missed} {branches} {branches_missed}', numbers.pc_covered_str


def under(precision, wanted, total):
	return f'under {precision} {wanted!r} {total!r}', str(should_fail_under(total, wanted, precision))


def lines(statements, missing):
	last = max(statements, default=0)
	return f'lines {last} {" ".join(map(str, statements))} / {" ".join(map(str, missing))}', format_lines(statements, missing)


def some_percent():
	statements, branches = chance.choice((1, 7, 1000, 100000)), chance.choice((0, 10, 333))
	return percent(chance.randint(0, 4), statements, chance.choice((0, 1, statements, chance.randint(0, statements))), branches,
		chance.randint(0, branches))


def some_under():
	total = 100 * chance.randint(0, 1000) / 1000 if chance.random() < 0.5 else 100 * chance.random()
	precision = chance.randint(0, 3)
	return under(precision, float(chance.choice((0, 100, 80, round(total, precision), round(total, 2)))), total)


def some_lines():
	statements = sorted(chance.sample(range(1, 200), chance.randint(1, 80)))
	return lines(statements, [line for line in statements if chance.random() < 0.4])


ROWS = {
	'999 of 1,000 is 99': (percent(0, 1000, 1, 0, 0), '99'),
	'1 of 1,000 is 1': (percent(0, 1000, 999, 0, 0), '1'),
	'99.999 with two decimals is 99.99': (percent(2, 100000, 1, 0, 0), '99.99'),
	'nothing is covered by nothing': (percent(0, 0, 0, 0, 0), '100'),
	'branches count as statements': (percent(2, 1000, 1, 10, 5), '99.41'),
	'99.8 fails 100': (under(0, 100.0, 99.8), 'True'),
	'42.857 passes 42.86 with two decimals': (under(2, 42.86, 42.857), 'False'),
	'42.857 fails 42.86 with three': (under(3, 42.86, 42.857), 'True'),
	'a gap without statements joins': (lines([1, 2, 3, 4, 5, 10, 11, 12, 13, 14], [1, 2, 5, 10, 11, 13, 14]), '1-2, 5-11, 13-14'),
}


def ask(cases):
	done = subprocess.run([sys.argv[1]], input=''.join(case + '\n' for case, _ in cases), capture_output=True, text=True, check=True)
	return [f'{case}: {got}, not {wanted}' for (case, wanted), got in zip(cases, done.stdout.splitlines(), strict=True) if got != wanted][:5]


tap = Tap()
for name, (case, wanted) in ROWS.items():
	tap.check(name, ([] if case[1] == wanted else [f'the judge says {case[1]}']) + ask([case]))
for make in (some_percent, some_under, some_lines):
	tap.check(f'{CASES} cases of {make.__name__[5:]}', ask([make() for _ in range(CASES)]))
tap.done()
