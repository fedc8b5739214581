#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tables that contradict themselves are told before a test runs. usage: test_tables.py TABLES"""

import os
import subprocess
import sys

from program import Run, run_checks

PROGRAM = sys.argv[1]
INCLUDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'include')
FORGOTTEN = '''#include <coracle/testing.h>
static void listed(struct cor_test *t) { cor_expect(t, true); }
static void forgotten(struct cor_test *t) { cor_expect(t, true); }
static const struct cor_case cases[] = { COR_CASE(listed) };
int main(int argc, char **argv) { return cor_test_main(argc, argv, &(struct cor_suite){ COR_CASES(cases) }); }
'''


def test_mistakes():
	for mistake, told in (('twice', 'passes: two tests have this name'), ('empty row', 'a row of the table of cases is COR_CASE(function)'),
			('no rows', 'passes: has no rows, and would never run'), ('negative', 'passes: .timeout_ms is negative'),
			('nameless', 'a group: has no .name'), ('empty', 'empty: has no cases')):
		for arguments in ((), ('--list',)):
			run = Run(PROGRAM, mistake, *arguments)
			assert run.status == 4 and told in run.err and not run.out, f'{mistake}: {run.status} {run.err}'


def test_no_mistake():
	assert Run(PROGRAM, 'none').out == 'ok 1 - passes\n1..1\n'
	run = Run(PROGRAM, 'nothing')
	assert run.status == 5 and 'no test is selected' in run.err, run.err


def test_a_case_that_its_table_forgets():
	said = subprocess.run(['cc', '-Wall', '-S', '-o', os.devnull, '-I', INCLUDE, '-x', 'c', '-'], input=FORGOTTEN, capture_output=True, text=True,
		env=dict(os.environ, LC_ALL='C')).stderr
	assert 'forgotten' in said and '-Wunused-function' in said and 'listed' not in said, said


run_checks(sys.modules[__name__])
