# SPDX-License-Identifier: MIT
"""Compressed answers, next to nginx: the same text, the same level."""

import os

from . import ratios
from .servers import connect
from .table import Figure

SIZES = (2000, 16000, 256000)
LEVELS = ('fast', 'small')


def fetch(port, path, coding):
	connection = connect('coracle', port)
	connection.request('GET', path, headers={'Accept-Encoding': coding})
	answer = connection.getresponse()
	body, said = answer.read(), answer.getheader('Content-Encoding')
	connection.close()
	if answer.status != 200 or said != (coding if coding != 'identity' else None):
		raise RuntimeError(f'{path}: {answer.status}, {said}')
	return body


def write_files(bench):
	"""What nginx serves: what the bench service answers."""
	with bench.start('coracle') as server:
		for level in LEVELS:
			folder = os.path.join(bench.loads.folder, 'files/document', level)
			os.makedirs(folder, exist_ok=True)
			for size in SIZES:
				with open(os.path.join(folder, str(size)), 'wb') as file:
					file.write(fetch(server.port, f'/document/{level}/{size}', 'identity'))


def lengths(bench, name, paths):
	with bench.start(name) as server:
		return {path: len(fetch(server.port, path, 'gzip')) for path in paths}


def compare(bench, table, path, size, ours, theirs):
	what = f'gzip, {path}'
	found = ratios.take_turns(
		bench, lambda server: bench.loads.saturate_compressed(server.port, bench.seconds, path, 'gzip'), ['coracle', 'nginx'])
	for name, (rates, _) in found.items():
		table.tell(f'{what}, {name}', Figure([rate * size / 1e6 for rate in rates]), ',.1f', 'MB/s')
	table.at_least(f'{what}, bytes a second to nginx', ratios.ratio(found, 'coracle', 0, to='nginx'), 1.0)
	table.at_most(f'{what}, CPU to nginx', ratios.ratio(found, 'coracle', 1, to='nginx'), 1.0)
	table.at_most(f'{what}, length to nginx', Figure([ours / theirs]), 1.01)


def other_codings(bench, table, level, size):
	for coding in ('br', 'zstd'):
		path = f'/document/{level}/{size}'
		rates = []
		for _ in range(bench.rounds):
			with bench.start('coracle') as server:
				length = len(fetch(server.port, path, coding))
				rates.append(bench.loads.saturate_compressed(server.port, bench.seconds, path, coding)['rps'] * size / 1e6)
		table.tell(f'{coding}, {path}', Figure(rates), ',.1f', 'MB/s')
		table.tell(f'{coding}, {path}, ratio', Figure([size / length]), '.2f')


def compression(bench, table):
	"""Texts of three sizes on 8 connections, as gzip of two levels next to nginx, and as br and zstd."""
	if not bench.peers():
		raise RuntimeError('nginx is not installed: run `make deps-bench`')
	write_files(bench)
	paths = {f'/document/{level}/{size}': size for level in LEVELS for size in SIZES}
	ours, theirs = (lengths(bench, name, paths) for name in ('coracle', 'nginx'))
	for path, size in paths.items():
		compare(bench, table, path, size, ours[path], theirs[path])
	for level in LEVELS:
		other_codings(bench, table, level, SIZES[1])
