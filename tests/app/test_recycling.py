#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Workers that have served long enough, or hold a thread too long, are replaced, and no request is lost."""

import re
import sys
import tempfile
import os

from crew import Crew, await_true, load_on, results
from program import Tap, differs, lacks, run

RETIRES = re.compile(r'worker \d+ \(pid (\d+)\) retires: (.*); its successor is starting')


def retired(crew):
	"""(pid, reason) of each worker that has asked to."""
	return [match.groups() for match in map(RETIRES.search, list(crew.lines)) if match]


def await_retired(crew, count):
	return await_true(f'{count} retired workers', lambda: (found := retired(crew)) and len(found) >= count and found)


# --- limits of a worker ---

def workers_retire_after_requests(times=20):
	"""Under load of keep-alive and short connections, over TCP and a unix socket."""
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'trial.sock')
		with Crew('--worker-requests', '200', '--http', f'unix:{path}', '--access-log', 'off') as crew, \
				load_on(crew.port(), path) as loads:
			found = await_retired(crew, times)
			faults = results(loads)
			answers = [int(re.match(r'(\d+) answers \(--worker-requests 200\)', why).group(1)) for _, why in found]
			faults += [f'retired after {least} answers'] if (least := min(answers)) < 180 else []
			faults += ['no jitter'] if len(set(answers)) < 3 else []
			pids = set().union(*(load.pids for load in loads))
			faults += [] if {int(pid) for pid, _ in found} <= pids | set(crew.workers()) else ['one retired without an answer']
			await_true('two workers', lambda: len(crew.workers()) == 2)
			return faults + crew.end_well()


def workers_retire_at_an_age():
	with Crew('--worker-age-s', '1') as crew, load_on(crew.port()) as loads:
		found = await_retired(crew, 6)
		faults = results(loads)
		ages = [float(re.match(r'(\d+\.\d) s of age \(--worker-age-s 1\)', why).group(1)) for _, why in found]
		return faults + ([f'retired after {least} s'] if (least := min(ages)) < 0.9 else []) + crew.end_well()


def workers_retire_when_they_grow():
	with Crew('--worker-memory-bytes', '40000000', processes=1) as crew, load_on(crew.port()) as loads:
		old = crew.workers()
		faults = differs('before it grows', retired(crew), [])
		faults += differs('answer', crew.get('/leak/40000000')[0], 204)
		found = await_retired(crew, 1)
		faults += differs('who retires', int(found[0][0]), old[0]) + lacks('why', found[0][1], '(--worker-memory-bytes 40000000)')
		await_true('another', lambda: len(crew.workers()) == 1 and crew.workers() != old)
		return faults + results(loads) + crew.end_well()


def a_size_that_none_can_have_is_not_obeyed():
	with Crew('--worker-memory-bytes', '4096', processes=1) as crew, load_on(crew.port()) as loads:
		crew.wait_for_line('raise --worker-memory-bytes above 4096, which is not obeyed')
		await_true('answers', lambda: all(load.answered > 100 for load in loads))
		return differs('retired', retired(crew), []) + results(loads) + crew.end_well()


def a_successor_that_does_not_start_is_tried_again():
	"""The old one serves meanwhile."""
	with tempfile.TemporaryDirectory() as folder:
		mark = os.path.join(folder, 'mark')
		with Crew('--worker-requests', '50', processes=1, MARK=mark) as crew:
			old = crew.workers()[0]
			with open(mark, 'w'):
				pass
			with load_on(crew.port()) as loads:
				await_retired(crew, 1)
				crew.wait_for_lines('ended with status 70', 3)
				faults = differs('who answers', set().union(*(load.pids for load in loads)), {old})
				os.unlink(mark)
				await_true('another', lambda: old not in crew.workers())
				return faults + results(loads) + crew.end_well()


def only_a_master_replaces():
	faults = []
	for flag in ('--worker-requests', '--worker-age-s', '--worker-memory-bytes'):
		status, _, errors = run('--http', '127.0.0.1:0', flag, '7')
		faults += differs(f'status of {flag}', status, 64) + lacks('standard error', errors, f'{flag}: 7: only a master can')
	return faults


def main():
	tap = Tap()
	for check in (workers_retire_after_requests, workers_retire_at_an_age, workers_retire_when_they_grow,
			a_size_that_none_can_have_is_not_obeyed, a_successor_that_does_not_start_is_tried_again, only_a_master_replaces):
		if len(sys.argv) < 3 or check.__name__ in sys.argv[2:]:
			tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
