#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A crash on a thread of an executor ends the service, with a line that says whose it was."""

import http.client
import signal

from program import Program, Tap, differs

WHERE = (
	('/offload', 'in executor "disk" for "offload", request mine'),
	('/disk', 'in executor "disk" for "handle", request mine'),
	('/submit', 'in executor "disk", request mine'),
	('/here', 'in fiber "handle", request mine'),
)


def last_words(path):
	"""(the status, the lines that are not of the log, the messages of the log)"""
	with Program('--threads', '1') as program:
		try:
			program.get(path, {'X-Request-Id': 'mine'})
		except (OSError, http.client.HTTPException):
			pass
		status = program.end()
		own = [line.rstrip('\n') for line in program.lines if not line.startswith('{')]
		return status, own, [line for line in program.lines if line.startswith('{')]


def a_wild_pointer():
	found = []
	for path, whose in WHERE:
		status, own, log = last_words(path + '/segv')
		found += differs(path, (status, own), (-signal.SIGSEGV, [f'coracle: SIGSEGV at address 0x40 {whose}']))
		found += differs(f'{path}: its log', any('about to segv' in line for line in log), True)
	return found


def an_abort():
	found = []
	for path, whose in WHERE:
		status, own, _ = last_words(path + '/abort')
		found += differs(path, (status, own), (-signal.SIGABRT, [f'coracle: SIGABRT {whose}']))
	return found


def a_stack_overflow():
	found = []
	for path, whose in WHERE:
		status, own, _ = last_words(path + '/overflow')
		start, _, end = own[0].partition(' (') if own else ('', '', '')
		found += differs(path, (status, len(own), start), (-signal.SIGSEGV, 1, f'coracle: stack overflow {whose}'))
		advice = 'raise .stack_bytes' if path == '/here' else 'raise it with ulimit -s'
		found += differs(f'{path}: the advice', end.endswith(advice), True)
	return found


def a_group_that_nobody_waits_for():
	found = []
	for path, who in (('/offload', 'offload, on executor disk,'), ('/disk', 'handle, on executor disk,'),
			('/submit', 'a job of executor disk'), ('/here', 'handle')):
		status, own, _ = last_words(path + '/forget')
		wanted = f'coracle: {who} began a group and returned without cor_group_wait(), '
		found += differs(path, (status, own[0][:len(wanted)] if own else ''), (-signal.SIGABRT, wanted))
	return found


def in_a_process_it_costs_the_request():
	found = []
	with Program('--threads', '1') as program:
		for how, line in (('segv', 'died of SIGSEGV in a job'), ('overflow', 'its stack is used up'),
				('forget', 'handle, on executor apart, began a group and returned without')):
			found += differs(how, program.get(f'/apart/{how}')[0], 502)
			program.wait_for_line(line)
	return found


def main():
	tap = Tap()
	for check in (a_wild_pointer, an_abort, a_stack_overflow, a_group_that_nobody_waits_for, in_a_process_it_costs_the_request):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
