#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""coracle fuzz makes the parts of a form, and files that are what their types say. usage: test_fuzz_form.py PHOTOS"""

import subprocess
import sys

from program import run_checks

HEAD = b'PUT /photo HTTP/1.1\nHost: localhost\nContent-Type: multipart/form-data; boundary=between-the-parts\n\n'
CAPTION = b'--between-the-parts\r\nContent-Disposition: form-data; name="caption"\r\n\r\n'
IMAGE = (b'\r\n--between-the-parts\r\nContent-Disposition: form-data; name="image"; filename="file.jpg"\r\n'
	b'Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff')


def run(what):
	return subprocess.run([sys.argv[1], 'PUT /photo', what], capture_output=True, timeout=60)


def test_the_first_request_has_a_whole_file():
	out = run('--show=/dev/null').stdout
	assert out.startswith(HEAD + CAPTION) and IMAGE in out and out.endswith(b'\xff\xd9\r\n--between-the-parts--\r\n'), out


def test_a_handler_that_looks_at_the_bytes_is_reached():
	done = run('1')
	assert done.returncode != 0 and b'status 410' in done.stderr, done


run_checks(sys.modules[__name__])
