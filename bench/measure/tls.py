# SPDX-License-Identifier: MIT
"""TLS, next to nginx: the same OpenSSL, the same P-256 certificate, the same cipher."""

from . import ratios
from .servers import connect

NAMES = ['coracle, TLS', 'nginx, TLS']


def agreed(bench, name):
	"""What the server agrees on with a client that asks for nothing: a version and a cipher."""
	with bench.start(name) as server:
		connection = connect(name, server.port)
		connection.connect()
		cipher, _, bits = connection.sock.cipher()
		version = connection.sock.version()
		connection.close()
	return f'{version}, {cipher}, {bits} bits'


def check_equal(bench):
	"""Ratios of unlike ciphers would say nothing."""
	if not bench.peers():
		raise RuntimeError('nginx is not installed: run `make deps-bench`')
	ours, theirs = (agreed(bench, name) for name in NAMES)
	if ours != theirs:
		raise RuntimeError(f'coracle agrees on {ours}, nginx on {theirs}')
	print(f'  both agree on {ours}')


def compare(bench, table, what, load, limit):
	found = ratios.take_turns(bench, load, NAMES)
	ratios.tell_absolutes(table, what, found)
	table.at_most(f'{what}, CPU to nginx', ratios.ratio(found, NAMES[0], 1, to=NAMES[1]), limit)


def tls(bench, table):
	"""HTTP/1.1 over TLS on 32 connections, and full handshakes one after another, next to nginx."""
	check_equal(bench)
	compare(bench, table, 'GET over TLS', lambda server: bench.loads.saturate_tls(server.port, bench.seconds), 0.95)
	compare(bench, table, 'TLS handshake', lambda server: bench.loads.shake_hands(server.port, bench.seconds), 1.0)
