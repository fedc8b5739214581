# SPDX-License-Identifier: MIT
"""JSON text to validated structs and back, next to other libraries: see bench/peers/json."""

import json
import os
import random
import subprocess

from .executor import Way, in_turns, installed, ratio, tell_peers
from .table import Figure

OURS = Way('Coracle', 'bench/bench-schema')
SIMDJSON = Way('simdjson, on demand', 'bench/peers/json-simdjson')
RAPIDJSON = Way('RapidJSON', 'bench/peers/json-rapidjson')
OTHERS = [Way('cJSON', 'bench/peers/json-cjson'), Way('jansson', 'bench/peers/json-jansson')]
ROUNDS = {'order': '10000', 'list': '10', 'canada': '3'}
UNITS = {'order': ('ns', 1), 'list': ('us', 1e3), 'canada': ('ms', 1e6)}
LIMITS = {'order': (0.30, 0.13), 'list': (0.30, 0.16), 'canada': (0.60, 0.30)}
ORDERS, SEED = 1000, 1


def write_list(folder, path):
	"""A list of orders like the one at `path`, each with numbers and a time of its own."""
	chance = random.Random(SEED)
	with open(path) as file:
		text = file.read()
	orders = []
	for i in range(ORDERS):
		order = json.loads(text)
		order.update(id=100000 + i * 37, discount=round(chance.random(), 3), paid=chance.random() < 0.5,
			status=chance.choice(('new', 'paid', 'shipped', 'cancelled')),
			created=f'2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T0{chance.randint(0, 9)}:36:50Z')
		item = order['items'][0]
		order['items'] = [dict(item, sku=f'SKU-{chance.randint(0, 9999):04}', qty=chance.randint(1, 20),
			price=round(chance.uniform(1, 150), 2)) for _ in range(chance.randint(1, 5))]
		orders.append(order)
	path = os.path.join(folder, 'orders.json')
	with open(path, 'w') as file:
		json.dump(orders, file, separators=(',', ':'))
	return path


def documents(bench):
	found = {'order': bench.loads.order, 'list': write_list(bench.loads.folder, bench.loads.order)}
	canada = os.path.normpath(os.path.join(os.path.dirname(bench.loads.order), '..', 'data', 'canada.json'))
	if os.path.exists(canada):
		found['canada'] = canada
	else:
		print(f'  canada: not measured, as {canada} is not there')
	return found


def ns_of(bench, way, shape, direction, path):
	scale = UNITS[shape][1]
	return float(way.run(bench.build, ['taskset', '-c', '1'], shape, direction, path, ROUNDS[shape])) / scale


def compare(bench, table, shape, direction, path, peers, limit):
	"""The ratio is to the first of the peers."""
	unit, what = UNITS[shape][0], f'JSON, {shape}, {direction}'
	peers = installed(bench, peers)
	figures = in_turns(bench, [OURS, *peers], lambda way: ns_of(bench, way, shape, direction, path))
	table.tell(what, Figure(figures[OURS]), '.1f', unit)
	tell_peers(table, what, figures, OURS, unit, '.1f')
	if peers:
		table.at_most(f'{what}, to {peers[0].name}', ratio(figures, OURS, peers[0]), limit)


def libraries(bench, table):
	"""An order, a list of 1,000 and canada.json, decoded into validated structs and encoded from them, in turns with other libraries."""
	for shape, path in documents(bench).items():
		others = [] if shape == 'canada' else OTHERS
		decode, encode = LIMITS[shape]
		compare(bench, table, shape, 'decode', path, [SIMDJSON, RAPIDJSON, *others], decode)
		compare(bench, table, shape, 'encode', path, [RAPIDJSON, *others], encode)
