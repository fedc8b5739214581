#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/client.md, the second argument, has each failure as src/client/failure.c, the first, does: its name, its code and its status."""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'house')]
from tap import Tap  # noqa: E402

ROW = re.compile(r'\{ (COR_FAILED_\w+), "([^"]+)", (\w+), (\d+) \}')
LINE = re.compile(r'^\| `(COR_FAILED_\w+)` \| ([^|]+) \| (?:`-(\w+)`|[^|]*) \| (\d+) \|$', re.M)
MEMBER = re.compile(r'^\t(COR_FAILED_[A-Z_]+)\b(?! = 0x)', re.M)


def read(path):
	with open(path) as file:
		return file.read()


def main():
	code = {kind: (name, code, int(status)) for kind, name, code, status in ROW.findall(read(sys.argv[1]))}
	page = {kind: (name, code, int(status)) for kind, name, code, status in LINE.findall(read(sys.argv[2]))}
	header = read(os.path.join(HERE, '..', '..', 'include', 'coracle', 'client.h'))
	tap = Tap()
	tap.check('each failure of the table is on the page', [
		f'{kind}: {wanted} in the table, {page.get(kind)} on the page' for kind, wanted in code.items()
		if page.get(kind) not in (wanted, (wanted[0], '', wanted[2]))])
	tap.check('and no other', [kind for kind in page if kind not in code])
	tap.check('each enumerator is in the table', [kind for kind in MEMBER.findall(header[header.index('enum cor_failure {'):])
		if kind not in code and not kind.endswith('_NOT')] + ([] if len(code) > 20 else ['the table was not read']))
	tap.done()


main()
