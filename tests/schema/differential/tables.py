# SPDX-License-Identifier: MIT
"""Random tables, over every kind and rule: descriptions as in run_time_table.h. Some contradict themselves, and are refused."""

import json

import documents
import reference

KINDS = ['bool', 'int32', 'int64', 'uint32', 'uint64', 'double', 'text', 'str', 'chars', 'timestamp', 'uuid', 'date', 'time', 'duration', 'ip',
	'network', 'base64', 'decimal', 'raw', 'enum', 'flags', 'object', 'object', 'pointer']
NAMES = ['rose', 'tulip', 'a b', '\u00e9', '"', '0', 'true', 'null', 'Rose2', '/']
KEYS = ['a/b', '\u00fc', '~', '', '0', 'constructor', 'a b', '"', 'toString', '\U0001F600', '$ref']
# Bounds that hold for their kinds; taken in the order of the list.
BOUNDS = {
	'timestamp': ['1970-01-01T00:00:00Z', '2026-01-31T08:30:00Z', '2026-01-31T09:30:00+01:00', '9999-12-31T23:59:59Z'],
	'date': ['0000-01-01', '2024-02-29', '2026-01-31', '9999-12-31'],
	'time': ['00:00', '09:30', '09:30:00.5', '23:59:59'],
	'duration': ['PT0S', 'PT0.5S', 'P1D', 'P7D'],
	'decimal': ['-1.5', '0', '0.10', '19.90', '100'],
	'int32': [-2 ** 31, -5, 0, 3, 100, 2 ** 31 - 1],
	'int64': [-2 ** 63, -5, 0, 3, 100, 2 ** 53, 2 ** 63 - 1],
	'uint32': [0, 3, 100, 2 ** 32 - 1],
	'uint64': [0, 3, 100, 2 ** 53 + 2, 2 ** 64 - 1],
	'double': [-1e300, -1.5, 0, 0.1, 1, 99.99, 1e308],
}
SCALARS = set(KINDS) - {'raw', 'flags', 'object', 'pointer'}


class Tables:
	def __init__(self, random):
		self.random = random
		self.tables = []

	def maybe(self, chance):
		return self.random.random() < chance

	def make(self):
		"""A description: the root comes last."""
		for _ in range(self.random.choice((0, 1, 1, 2, 3))):
			self.tables.append(self.table())
		self.tables.append(self.table())
		self.fill_in()
		return {'tables': self.tables, 'answered': self.maybe(0.5)}

	def table(self):
		index = len(self.tables)
		name = f't{index}'
		plain = [i for i, table in enumerate(self.tables) if 'rows' in table and not any(row.get('bare') for row in table['rows'])]
		pick = self.random.random()
		if plain and pick < 0.15:
			count = self.random.randint(1, min(3, len(plain)))
			return {'name': name, 'discriminator': 'is', 'branches': [
				{'name': self.random.choice(NAMES) + str(i), 'table': table} for i, table in enumerate(self.random.sample(plain, count))]}
		if pick > 0.97:
			return {'name': name, 'rows': [self.custom_row(f'm{index}')]}
		if self.tables and pick > 0.94:
			return {'name': name, 'rows': [self.mapped_row(f'm{index}')]}
		if pick > 0.82:
			return {'name': name, 'rows': [self.bare_row(f'm{index}')]}
		count = self.random.choice((0, 1, 2, 2, 3, 4, 6))
		rows = [self.row(f'm{index}_{i}', plain) for i in range(count)]
		if sum(row['kind'] in ('embed', 'partial') for row in rows) > 1:
			rows = [row for row in rows if row['kind'] not in ('embed', 'partial')]
		return {'name': name, 'ignores': self.maybe(0.25), 'rows': rows}

	def row(self, member, plain):
		if plain and self.maybe(0.1):
			return {'member': member, 'kind': self.random.choice(('embed', 'partial')), 'table': self.random.choice(plain)}
		row = self.typed_row(member)
		if self.maybe(0.1):
			row['key'] = self.random.choice(KEYS) + member
		if row.get('shape', 'one') == 'one' and self.maybe(0.3):
			row['opt'] = True
		row['nullable'] = bool(self.maybe(0.3) and (row.get('opt') or (row['kind'] in ('text', 'pointer') and row.get('shape', 'one') == 'one')))
		row['optional'] = self.maybe(0.3)
		if row['kind'] == 'pointer':
			row['optional'] = True
		if self.maybe(0.03):
			row['access'] = self.random.choice((1, 2))
		if row['nullable'] and row['kind'] == 'raw':
			row['nullable'] = bool(row.get('opt'))
		if not row.get('opt') and self.maybe(0.15):
			row['wants_fallback'] = True
		elif not row.get('opt') and row.get('shape', 'one') == 'one' and row['kind'] in SCALARS and self.maybe(0.08):
			row.update(wants_constant=True, optional=False, nullable=False)
		return row

	def bare_row(self, member):
		row = self.typed_row(member)
		row['bare'] = True
		if row['kind'] == 'pointer':
			row.update(kind='bool')
		if row.get('shape', 'one') == 'one' and self.maybe(0.3):
			row.update(opt=True, nullable=True)
		return row

	def custom_row(self, member):
		"""A text that a function reads, by rules of its kind."""
		row = {'member': member, 'kind': 'custom', 'bare': True}
		self.of_text(row)
		return row

	def mapped_row(self, member):
		"""A struct that JSON has in the form of another one, of which not too much is known to fit."""
		small = [i for i, table in enumerate(self.tables) if len(table.get('rows', (0, 0, 0))) <= 2
			and all(row['kind'] in SCALARS or row['kind'] in ('raw', 'flags') for row in table['rows'])]
		if not small:
			return self.custom_row(member)
		return {'member': member, 'kind': 'mapped', 'table': self.random.choice(small), 'bare': True}

	def typed_row(self, member):
		kind = self.random.choice(KINDS)
		row = {'member': member, 'kind': kind}
		if kind == 'object' and not self.tables:
			row['kind'] = kind = 'int64'
		if kind == 'object':
			row['table'] = self.random.randrange(len(self.tables))
		if kind == 'pointer':
			row['table'] = self.random.randint(0, len(self.tables))
		if kind == 'chars':
			row['bytes'] = self.random.choice((1, 2, 5, 8))
		if kind in ('enum', 'flags'):
			names = self.random.sample(NAMES, self.random.randint(1, 4))
			row['names'] = [{'name': name, 'value': 1 << i} for i, name in enumerate(names)]
		if kind not in ('pointer', 'flags') and self.maybe(0.3):
			row['shape'] = self.random.choice(('array', 'array', 'dict'))
		self.of_number(row)
		self.of_text(row)
		self.of_shape(row)
		return row

	def of_number(self, row):
		kind = row['kind']
		if kind in ('int64', 'uint64') and self.maybe(0.25):
			row['as'] = 1
		if kind == 'decimal' and self.maybe(0.4):
			row['as'] = 2
		if kind in BOUNDS and self.maybe(0.5):
			self.range(row)
		if kind in reference.INTEGERS and self.maybe(0.2):
			row['multiple_of'] = self.random.choice((2, 3, 5, 10))
		if kind in ('double', 'decimal') and self.maybe(0.25):
			row['multiple_of'] = self.random.choice((0.01, 0.1, 0.5, 2.5, 3, 1e-5))

	def range(self, row):
		bounds = BOUNDS[row['kind']]
		low, high = sorted(self.random.sample(range(len(bounds)), 2))
		for side, index in (('min', low), ('max', high)):
			if self.maybe(0.7):
				row[side] = dict(self.bound(row['kind'], bounds[index]), exclusive=self.maybe(0.3))

	@staticmethod
	def bound(kind, value):
		if isinstance(value, str):
			return {'text': value}
		if isinstance(value, float):
			return {'real': value}
		return {'natural' if value >= 2 ** 63 else 'integer': value}

	def of_text(self, row):
		kind = row['kind']
		if kind not in reference.TEXTS and kind != 'base64':
			return
		room = row.get('bytes', 9) - 1
		if self.maybe(0.4):
			row['min_length'] = self.random.randint(0, min(3, room))
		if self.maybe(0.4):
			row['max_length'] = self.random.randint(row.get('min_length', 0), min(6, room))
		if kind == 'base64':
			return
		if self.maybe(0.3):
			row['pattern'] = self.random.choice(sorted(reference.PYTHON_PATTERNS))
		elif self.maybe(0.4):
			row['format'] = self.random.choice(sorted(documents.FORMAT_TEXTS))
			if self.maybe(0.9):
				row.pop('min_length', None)
				row.pop('max_length', None)
				if kind == 'chars':
					row['bytes'] = 40

	def of_shape(self, row):
		shape = row.get('shape', 'one')
		if shape == 'one':
			return
		if self.maybe(0.4):
			row['min_items'] = self.random.randint(0, 2)
		if self.maybe(0.4):
			row['max_items'] = row.get('min_items', 0) + self.random.randint(0, 2)
		if shape == 'array' and row['kind'] not in ('raw', 'flags') and self.maybe(0.4):
			row['unique_items'] = not (row['kind'] == 'object' and self.is_ambiguous(row['table']))
		if shape == 'array' and row['kind'] in SCALARS and self.maybe(0.3):
			self.contains(row)
		if shape == 'dict' and self.maybe(0.4):
			row['key_pattern'] = self.random.choice([r'^[a-z]+$', r'^(?!ab)', 'b'])
		if shape == 'dict' and self.maybe(0.3):
			row['key_max_length'] = self.random.randint(1, 3)

	def contains(self, row):
		wanted = {key: row[key] for key in ('kind', 'as', 'bytes', 'names') if key in row}
		# What only formatMinimum says is left out: ajv would count by it, and differ by what it does otherwise.
		if row['kind'] in reference.INTEGERS or row['kind'] == 'double' or row.get('as') == 2:
			self.range(wanted)
		if row['kind'] in reference.TEXTS and self.maybe(0.5):
			wanted['pattern'] = self.random.choice(sorted(reference.PYTHON_PATTERNS))
		if row['kind'] in reference.INTEGERS and self.maybe(0.5):
			wanted['multiple_of'] = self.random.choice((2, 3))
		if row['kind'] in ('bool', 'enum', 'text'):
			wanted['constant'] = {'bool': 'true', 'text': '"a"', 'enum': json.dumps((row.get('names') or [{'name': ''}])[0]['name'])}[row['kind']]
		row['contains'] = {key: value for key, value in wanted.items() if key not in ('kind', 'as', 'bytes', 'names')}
		# ajv takes an empty array, whatever it should contain, if the one before it was good.
		row['min_items'] = max(row.get('min_items', 0), 1)
		row['max_items'] = row.get('max_items', 0) and max(row['max_items'], row['min_items'])
		row['min_contains'] = self.random.choice((0, 0, 1, 2))
		row['max_contains'] = self.random.choice((0, 0, 1, 2, 3))

	def is_ambiguous(self, index, seen=()):
		"""Raw JSON in objects counts as text, and a member that is absent as its zero: docs/schema.md."""
		if index in seen or index >= len(self.tables):
			return False
		table = self.tables[index]
		seen = (*seen, index)
		inner = [branch['table'] for branch in table.get('branches', ())]
		inner += [row['table'] for row in table.get('rows', ()) if 'table' in row]
		return any(row['kind'] in ('raw', 'pointer') or (row.get('optional') and not row.get('opt')) for row in table.get('rows', ())) or any(self.is_ambiguous(i, seen) for i in inner)

	# --- fallbacks and constants are documents ---

	def fill_in(self):
		for table in self.tables:
			for row in table.get('rows', ()):
				for wanted, option in (('wants_fallback', 'fallback'), ('wants_constant', 'constant')):
					if row.pop(wanted, False):
						text = self.good(row)
						if text is not None:
							row[option] = text

	def good(self, row):
		maker = documents.Documents(self.random, self.tables)
		plain = dict(row, nullable=False)
		for _ in range(4):
			text = maker.member(plain, 3)
			value, repeated = reference.exact.parse(text)
			judgement = reference.Judgement(self.tables)
			try:
				judgement.member(plain, value)
			except RecursionError: # one fallback fills in the other: the library refuses such tables
				return None
			if not judgement.reasons and not repeated and '\\u0000' not in text:
				return text
		return None
