#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""With COR_NO_TIMED a timer leaves nothing in a program. Arguments: include folder, C compiler ..."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'house'))
from tap import Tap  # noqa: E402

WITH = '''#include <coracle/timed.h>
long work(struct cor_ctx *ctx, long n);
long twice(long n);
long work(struct cor_ctx *ctx, long n)
{
	cor_timed(ctx);
	(void)ctx;
	cor_timed_as(ctx, "more");
	return cor_timed_call(ctx, twice, n);
}
'''
WITHOUT = WITH.replace('\tcor_timed(ctx);\n', '').replace('\tcor_timed_as(ctx, "more");\n', '').replace('cor_timed_call(ctx, twice, n)', 'twice(n)')


def compiled(source, *flags):
	done = subprocess.run([*sys.argv[2:], '-std=gnu17', '-O2', '-Wall', '-Wextra', '-Werror', f'-I{sys.argv[1]}', *flags, '-S', '-x', 'c', '-', '-o', '-'],
		input=source, capture_output=True, text=True)
	assert done.returncode == 0, done.stderr
	return done.stdout


tap = Tap()
tap.check('nothing is left of a timer', [] if compiled(WITH, '-DCOR_NO_TIMED') == compiled(WITHOUT) else ['the two differ'])
tap.check('without it there is one', [] if 'cor_stopwatch_start' in compiled(WITH) else ['no call'])
tap.done()
