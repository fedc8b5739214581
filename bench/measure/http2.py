# SPDX-License-Identifier: MIT
"""HTTP/2 over TLS, next to h2o, the fastest that Debian has, and nghttpd, which is made of the same library."""

import shutil

from . import ratios

PEERS = {'h2o, h2': 'h2o', 'nghttpd, h2': 'nghttpd'}


def http2(bench, table):
	"""GET /plaintext over HTTP/2 and TLS: 32 connections with 10 streams each, next to h2o."""
	missing = [program for program in [*PEERS.values(), 'h2load'] if not shutil.which(program, path=bench.path)]
	if missing:
		raise RuntimeError(f'{" and ".join(missing)} not installed: run `make deps-bench`')
	found = ratios.take_turns(bench, lambda server: bench.loads.saturate_http2(server.port, bench.seconds),
		['coracle, h2', *PEERS])
	ratios.tell_absolutes(table, 'GET over HTTP/2', found)
	table.tell('GET over HTTP/2, CPU to nghttpd', ratios.ratio(found, 'coracle, h2', 1, to='nghttpd, h2'))
	table.at_most('GET over HTTP/2, CPU to h2o', ratios.ratio(found, 'coracle, h2', 1, to='h2o, h2'), 1.0)
