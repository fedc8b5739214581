# SPDX-License-Identifier: MIT
"""Static files, next to nginx with sendfile and tcp_nopush, as Debian configures it."""

import os
import time

from . import ratios

SIZES = [('1 KiB', 1024, 32, 1.30), ('64 KiB', 65536, 32, 1.0), ('10 MiB', 10 << 20, 4, 1.0)] # on so many connections
SETTLED_S = 4


def write_files(bench):
	folder = os.path.join(bench.loads.folder, 'files')
	os.makedirs(folder, exist_ok=True)
	for _, size, _, _ in SIZES:
		with open(os.path.join(folder, str(size)), 'wb') as file:
			file.write(os.urandom(size))
	time.sleep(SETTLED_S) # files that have just changed are read for each request


def compare(bench, table, what, names, load, target):
	found = ratios.take_turns(bench, load, names)
	ratios.tell_absolutes(table, what, found)
	table.at_least(f'{what}, CPU of nginx to ours', ratios.ratio(found, names[1], 1, to=names[0]), target)


def files(bench, table):
	"""Files of 1 KiB, 64 KiB and 10 MiB, plain and over TLS, next to nginx."""
	if not bench.peers():
		raise RuntimeError('nginx is not installed: run `make deps-bench`')
	write_files(bench)
	for size, count, connections, target in SIZES:
		path = f'/files/{count}'
		compare(bench, table, f'file of {size}', ['coracle, files', 'nginx'],
			lambda server, path=path, connections=connections: bench.loads.saturate(server.port, bench.seconds, path, connections), target)
		compare(bench, table, f'file of {size} over TLS', ['coracle, files, TLS', 'nginx, TLS'],
			lambda server, path=path, connections=connections: bench.loads.saturate_tls(server.port, bench.seconds, path, connections),
			target)
