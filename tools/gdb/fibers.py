# SPDX-License-Identifier: MIT
"""
Fiber commands for gdb, for a live process or a core file:

    (gdb) source tools/gdb/fibers.py
    (gdb) fibers              every fiber of every scheduler: address, state, name, where it waits
    (gdb) fiber ADDRESS       the stack of one
    (gdb) fiber NAME          the stacks of all with that name
    (gdb) fibers stacks       everything

The library must have debug information. To show a parked fiber's stack, an unwinder tells gdb that the thread's innermost
frame was called from where the fiber left off. This changes nothing in the process, so it works on a core file too.
"""

import re

import gdb
from gdb.unwinder import Unwinder

STATES = ('idle', 'ready', 'running', 'parked', 'ended')
# What cor_switch() leaves on the stack: words up from the saved stack pointer, the frame's size, where to go on.
FRAMES = {
	'i386:x86-64': ({'r15': 0, 'r14': 1, 'r13': 2, 'r12': 3, 'rbx': 4, 'rbp': 5, 'rip': 6}, 7, 'rip', 'rsp'),
	'aarch64': ({**{f'x{19 + i}': i for i in range(12)}, 'pc': 11}, 20, 'pc', 'sp'),
}
# A line of a backtrace: what follows the address, and the function in it.
FRAME = re.compile(r'#\d+ +(?:0x[0-9a-f]+ in )?((\w+) .*)')
MACHINERY = ('leave', 'cor_fiber_park', 'cor_fiber_pass', 'wait_in_fiber', 'park_for', 'cor_wait', 'cor_wait_list_wait', 'cor_wait_settle')


class FrameId:
	def __init__(self, sp, pc):
		self.sp = sp
		self.pc = pc


class FiberUnwinder(Unwinder):
	"""While `fiber` is set, the caller of the thread's innermost frame is where that fiber left off."""

	def __init__(self):
		super().__init__('coracle fiber')
		self.fiber = None
		self.innermost = None

	def __call__(self, pending):
		if self.fiber is None:
			return None
		registers, words, pc_name, sp_name = FRAMES[pending.architecture().name()]
		sp, pc = pending.read_register(sp_name), pending.read_register(pc_name)
		if (int(sp), int(pc)) != self.innermost:
			return None
		info = pending.create_unwind_info(FrameId(sp, pc))
		word = gdb.lookup_type('unsigned long')
		saved = self.fiber['sp'].cast(word.pointer())
		for name, at in registers.items():
			info.add_saved_register(name, (saved + at).dereference())
		info.add_saved_register(sp_name, (saved + words).cast(word))
		return info

	def stack(self, fiber):
		"""The backtrace lines of a fiber that is not running."""
		frame = gdb.newest_frame()
		_, _, pc_name, sp_name = FRAMES[frame.architecture().name()]
		self.innermost = (int(frame.read_register(sp_name)), int(frame.read_register(pc_name)))
		self.fiber = fiber
		gdb.invalidate_cached_frames()
		try:
			lines = gdb.execute('backtrace', to_string=True).splitlines()
		finally:
			self.fiber = None
			gdb.invalidate_cached_frames()
		starts = [at for at, line in enumerate(lines) if line.startswith('#1 ')]
		return lines[starts[0]:] if starts else []


UNWINDER = FiberUnwinder()
gdb.unwinder.register_unwinder(None, UNWINDER, replace=True)


def fibers_of(scheduler):
	fiber = scheduler['all']
	while fiber:
		yield fiber
		fiber = fiber['all_next']


def schedulers():
	"""(thread, scheduler) of each thread that runs one; selects each thread while it is visited."""
	selected = gdb.selected_thread()
	try:
		for thread in sorted(gdb.selected_inferior().threads(), key=lambda t: t.num):
			thread.switch()
			try:
				scheduler = gdb.parse_and_eval('cor_this_thread.scheduler')
			except gdb.error:
				continue
			if scheduler:
				yield thread, scheduler
	finally:
		if selected:
			selected.switch()


def name_of(fiber):
	return fiber['name'].string() if fiber['name'] else ''


def state_of(fiber):
	return STATES[int(fiber['state'])]


def where(fiber):
	"""The innermost frame that is not the machinery of waiting."""
	if state_of(fiber) not in ('parked', 'ready'):
		return ''
	for line in UNWINDER.stack(fiber):
		match = FRAME.match(line)
		if match and match.group(2) not in MACHINERY:
			return match.group(1)
	return ''


def show_stack(fiber):
	print(f'{fiber} {state_of(fiber)} "{name_of(fiber)}"')
	if state_of(fiber) in ('parked', 'ready'):
		print('\n'.join(UNWINDER.stack(fiber)))
	elif state_of(fiber) == 'running':
		print('  running: see the backtrace of its thread')


class Fibers(gdb.Command):
	"""List the fibers of every scheduler; `fibers stacks` shows their stacks too."""

	def __init__(self):
		super().__init__('fibers', gdb.COMMAND_STACK)

	def invoke(self, argument, from_tty):
		for thread, scheduler in schedulers():
			print(f'thread {thread.num}, scheduler {scheduler}:')
			idle = 0
			for fiber in fibers_of(scheduler):
				if state_of(fiber) == 'idle':
					idle += 1
				elif argument == 'stacks':
					show_stack(fiber)
				else:
					print(f'  {fiber} {state_of(fiber):8} "{name_of(fiber)}"  {where(fiber)}')
			print(f'  and {idle} idle')


class Fiber(gdb.Command):
	"""Show the stack of the fiber at ADDRESS, or of all that are called NAME."""

	def __init__(self):
		super().__init__('fiber', gdb.COMMAND_STACK)

	def invoke(self, argument, from_tty):
		found = False
		for _, scheduler in schedulers():
			for fiber in fibers_of(scheduler):
				if state_of(fiber) != 'idle' and argument in (name_of(fiber), str(fiber)):
					show_stack(fiber)
					found = True
		if not found:
			raise gdb.GdbError(f'no fiber has the address or name {argument}: `fibers` lists them')


Fibers()
Fiber()
