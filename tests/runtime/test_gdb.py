#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""gdb lists the fibers of a process and shows their stacks: test_gdb.py GDB TARGET SCRIPT."""

import re
import subprocess
import sys

EXPECTED = (
	('a running fiber is listed', r'running +"killer"'),
	('a parked one is listed with the place where it waits', r'parked +"sleeper" +cor_sleep_ms'),
	('its stack leads to its function', r'^#\d+ .*\btake_a_nap\b.*debuggee\.c'),
	('and ends where fiber stacks start', r'^#\d+ .*\bcor_switch_start\b'),
	('the thread is as it was', r'AFTER\n(.*\n)*?#\d+ .*\bgive_up\b'),
)


def main():
	gdb, target, script = sys.argv[1:]
	commands = ['set confirm off', 'run', f'source {script}', 'fibers', 'fiber sleeper', 'echo AFTER\\n', 'backtrace', 'kill']
	command = [gdb, '-nx', '-q', '-batch'] + [part for c in commands for part in ('-ex', c)] + [target]
	out = subprocess.run(command, capture_output=True, text=True, timeout=50, stdin=subprocess.DEVNULL)
	said = out.stdout + out.stderr
	if 'SIGABRT' not in said:
		print('1..0 # SKIP gdb may not run a process here')
		return
	print(f'1..{len(EXPECTED)}')
	failed = False
	for number, (what, pattern) in enumerate(EXPECTED, 1):
		found = re.search(pattern, said, re.M)
		failed |= not found
		print(f'{"ok" if found else "not ok"} {number} - {what}')
	if failed:
		print(re.sub('^', '# ', said, flags=re.M))


main()
