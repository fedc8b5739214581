#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each header compiles alone, and twice: as C, and the public ones as C++ too."""

import compiler
import source
from tap import Tap


def twice(name, system):
	line = f'#include <{name}>\n' if system else f'#include "{name}"\n'
	return line * 2


def main():
	tap = Tap()
	headers = [p for p in source.tracked() if p.endswith('.h')]
	public = [p[len('include/'):] for p in headers if p.startswith('include/')]
	private = [p[len('src/'):] for p in headers if p.startswith('src/')]
	cplusplus = compiler.cplusplus()

	for name, found in compiler.in_parallel(
			lambda n: compiler.complaints(compiler.C + compiler.PUBLIC, twice(n, True)), public):
		tap.check(f'<{name}> alone in C', found)
	for name, found in compiler.in_parallel(
			lambda n: compiler.complaints(compiler.C + compiler.PRIVATE, twice(n, False)), private):
		tap.check(f'"{name}" alone in C', found)
	if not cplusplus:
		tap.skip('public headers in C++', 'there is no C++ compiler')
	else:
		for name, found in compiler.in_parallel(
				lambda n: compiler.complaints(cplusplus + compiler.PUBLIC, twice(n, True)), public):
			tap.check(f'<{name}> alone in C++', found)
	tap.check('a header that does not compile is seen', [] if compiler.complaints(
		compiler.C + compiler.PUBLIC, '#include <coracle/nowhere.h>\n') else ['it was not'])
	tap.done()


main()
