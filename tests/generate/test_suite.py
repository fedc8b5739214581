#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Generated tables judge the JSON-Schema-Test-Suite (draft 2020-12): test_suite.py SUITE FOLDER. Where nothing was told, each verdict
is right; where something was, nothing that is right is refused.
"""

import glob
import os
import re
import subprocess
import sys

from tap import Tap


def main():
	suite, folder = sys.argv[1:]
	tap = Tap()
	files = sorted(glob.glob(os.path.join(folder, 'tests/draft2020-12/*.json')))
	if not files:
		tap.skip('the JSON-Schema-Test-Suite', f'{folder} is not there')
		tap.done()
	whole = tests = 0
	for file in files:
		run = subprocess.run([suite, file], capture_output=True, text=True, timeout=60)
		wrong = [line for line in run.stdout.splitlines() if line.startswith('wrong')]
		tap.check(os.path.basename(file), wrong or ([f'exit {run.returncode}: {run.stderr[:2000]}'] if run.returncode else []))
		if counted := re.search(r'; (\d+) tests, (\d+) right, (\d+) right beside', run.stdout):
			tests += int(counted[1])
			whole += int(counted[2])
	tap.figure(f'{whole} of {tests} verdicts of generated tables come from schemas of which nothing was left out, and are right')
	tap.done()


main()
