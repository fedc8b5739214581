# SPDX-License-Identifier: MIT
"""
A slow decoder, written from docs/schema.md and the standards, that knows nothing of the library's C: it walks parsed JSON by the
description of the tables (run_time_table.h).

What is wrong is listed by reasons. 'schema' is what the keywords of JSON Schema say; 'format' is what "format" and formatMinimum
and its kin say; the others, each with its place in docs/schema.md, are what no keyword says. 'wider' is the other way round: a
value that the library takes although the schema, by its letter, does not.
"""

import decimal
import re

import exact
import words

INTEGERS = {
	'int32': (-2 ** 31, 2 ** 31 - 1),
	'int64': (-2 ** 63, 2 ** 63 - 1),
	'uint32': (0, 2 ** 32 - 1),
	'uint64': (0, 2 ** 64 - 1),
}
TEXTS = {'text', 'str', 'chars', 'custom'}
WORDS = {'timestamp': words.timestamp, 'uuid': words.uuid, 'date': words.date, 'time': words.time, 'duration': words.duration,
	'ip': words.ip, 'network': words.network, 'base64': words.base64_bytes, 'decimal': words.decimal}
# What JSON Schema is told of them: a format, a pattern, or nothing.
FORMATTED = {'timestamp', 'uuid', 'date', 'time'}
PATTERNS = {
	'duration': words.duration_shape,
	'ip': lambda text: re.fullmatch(r'[0-9A-Fa-f:.]{2,45}', text),
	'network': lambda text: re.fullmatch(r'[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?', text),
	'decimal': words.decimal_shape,
}
OBJECTS = {'object', 'pointer', 'mapped'}
ZERO = object() # of an optional member that is absent: nothing, or a 0 where the kind has no nothing

# Patterns of ECMA-262 that the tables use, as Python writes them; searched for.
PYTHON_PATTERNS = {
	r'^[a-z]+$': r'^[a-z]+\Z',
	r'^\d{2,3}$': r'^[0-9]{2,3}\Z',
	r'b': r'b',
	r'^(?:a|b)*c?$': r'^(?:a|b)*c?\Z',
	r'^\w+\s?$': r'^[A-Za-z0-9_]+[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]?\Z',
	r'^.$': r'^[^\n\r\u2028\u2029]\Z',
	r'[^a]$': r'[^a]\Z',
	r'^\u{1F600}': '^\U0001F600',
	r'^(?!ab)': r'^(?!ab)',
	r'^[^\d]*$': r'^[^0-9]*\Z',
}


def scaled(row, number):
	"""With the places of the row's step, where it has one and is not missed; None if 18 digits do not hold it so."""
	if number is None or not row.get('multiple_of'):
		return number
	unscaled, scale = number
	places = max(0, -decimal_of(row['multiple_of']).normalize().as_tuple().exponent)
	if places < scale:
		parts, rest = divmod(abs(unscaled), 10 ** (scale - places))
		return number if rest else (-parts if unscaled < 0 else parts, places)
	moved = unscaled * 10 ** (places - scale)
	return (moved, places) if abs(moved) < 10 ** 18 else None


class Judgement:
	"""The reasons against a document. `numbers` is 'exact', or 'double' to judge as JavaScript would."""

	def __init__(self, tables, numbers='exact'):
		self.tables = tables
		self.numbers = numbers
		self.reasons = []
		self.formatted = [] # (format, text): strings that a format speaks of

	def no(self, reason):
		self.reasons.append(reason)

	# --- numbers ---

	def number(self, value):
		return value.exact if self.numbers == 'exact' else value.real

	def bound(self, row, side):
		bound = row.get(side)
		if not bound or 'text' in bound:
			return None
		value = bound.get('integer', bound.get('natural', bound.get('real')))
		return float(value) if self.numbers == 'double' else decimal.Decimal(value)

	def limits(self, row, value, least, most):
		"""value is exact, or the double."""
		for side, limit in (('min', least), ('max', most)):
			bound = self.bound(row, side)
			exclusive = bound is not None and row[side].get('exclusive')
			bound = limit if bound is None else bound
			if bound is None:
				continue
			if self.numbers == 'double':
				bound = float(bound)
			beyond = value < bound if side == 'min' else value > bound
			if beyond or (exclusive and value == bound):
				self.no('schema')

	def multiple(self, row, value, written):
		step = row.get('multiple_of')
		if not step:
			return
		if self.numbers == 'double':
			if not javascript_multiple(written.real, step):
				self.no('schema')
		elif value % decimal_of(step) != 0:
			self.no('schema')

	def integer(self, row, value):
		least, most = INTEGERS[row['kind']]
		if not isinstance(value, exact.Number):
			return self.no('schema')
		number = self.number(value)
		whole = value.is_whole() if self.numbers == 'exact' else value.real.is_integer()
		if not whole:
			return self.no('schema')
		self.limits(row, number, least, most)
		if not self.reasons:
			self.multiple(row, number, value)
		return int(value.exact) if abs(value.exact) < 10 ** 30 else None

	def quoted_integer(self, row, value):
		natural = row['kind'] == 'uint64'
		if not isinstance(value, str) or not re.fullmatch(r'(0|[1-9][0-9]*)' if natural else r'-?(0|[1-9][0-9]*)', value):
			return self.no('schema')
		least, most = INTEGERS[row['kind']]
		number = decimal.Decimal(value)
		inner = Judgement(self.tables)
		inner.limits(row, number, least, most)
		inner.multiple(row, number, None)
		if inner.reasons:
			self.no('the value of a quoted number')
		return int(value)

	def double(self, row, value):
		if not isinstance(value, exact.Number):
			return self.no('schema')
		if value.real in (float('inf'), float('-inf')):
			return self.no('schema' if self.numbers == 'double' else 'beyond a double')
		real = value.real if self.numbers == 'double' else decimal.Decimal(value.real)
		self.limits(row, real, None, None)
		self.multiple(row, decimal_of(value.real), value)
		return value.real + 0.0

	def decimal_number(self, row, value):
		if not isinstance(value, exact.Number):
			return self.no('schema')
		number = scaled(row, words.decimal(value.text))
		if number is None:
			self.no('the 18 digits of a decimal')
		self.decimal_limits(row, value.exact, value.real, 'schema')
		if self.numbers == 'double' and row.get('multiple_of') and value.real not in (float('inf'), float('-inf')):
			self.multiple(row, None, value)
		elif self.numbers == 'double' and value.real in (float('inf'), float('-inf')):
			self.no('schema')
		elif row.get('multiple_of') and value.exact % decimal_of(row['multiple_of']) != 0:
			self.no('schema')
		return number

	def decimal_limits(self, row, value, real, reason):
		for side in ('min', 'max'):
			bound = row.get(side)
			if not bound:
				continue
			limit = decimal.Decimal(bound['text'])
			if self.numbers == 'double' and reason == 'schema':
				value, limit = real, float(limit)
			beyond = value < limit if side == 'min' else value > limit
			if beyond or (bound.get('exclusive') and value == limit):
				self.no(reason)

	# --- strings ---

	def text(self, row, value):
		if not isinstance(value, str):
			return self.no('schema')
		if '\0' in value and row['kind'] != 'str':
			self.no('U+0000 in a C string')
		if row['kind'] == 'chars':
			if len(value.encode()) >= row['bytes']:
				self.no('the bytes of a char[N]')
			if not row.get('max_length') and len(value) > row['bytes'] - 1:
				self.no('schema')
		if len(value) < row.get('min_length', 0) or (row.get('max_length') and len(value) > row['max_length']):
			self.no('schema')
		if row.get('pattern') and not re.search(PYTHON_PATTERNS[row['pattern']], value):
			self.no('schema')
		if row.get('format'):
			self.formatted.append((row['format'], value))
		known = words.FORMATS.get(row.get('format'))
		if known and known(value) is None:
			self.no('format')
		if row.get('format') == 'uri' and not row.get('pattern') and not re.match(r'[Hh][Tt][Tt][Pp][Ss]?://', value):
			self.no('schema')
		if row['kind'] == 'custom' and 'z' in value:
			self.no('what a function of the service refuses')
		return value

	def word(self, row, value):
		kind = row['kind']
		if not isinstance(value, str):
			return self.no('schema')
		if kind in PATTERNS and not PATTERNS[kind](value):
			self.no('schema')
		if kind == 'base64':
			most = row.get('max_length', 0)
			if len(value) < (row.get('min_length', 0) + 2) // 3 * 4 or (most and len(value) > (most + 2) // 3 * 4):
				self.no('schema')
		found = scaled(row, WORDS[kind](value)) if kind == 'decimal' else WORDS[kind](value)
		self.formatted.append((kind, value))
		if kind == 'decimal' and words.decimal_shape(value):
			self.word_limits(row, value)
		if found is None:
			return self.no('format' if kind in FORMATTED else f'the text of a kind without a keyword: {kind}')
		if kind == 'base64' and (len(found) < row.get('min_length', 0) or (row.get('max_length') and len(found) > row['max_length'])):
			self.no('the bytes of base64')
		if kind != 'decimal':
			self.word_limits(row, found)
		return found

	def word_limits(self, row, found):
		kind = row['kind']
		if kind == 'decimal':
			value = decimal.Decimal(found)
			self.decimal_limits(row, value, None, 'format')
			if row.get('multiple_of') and value % decimal_of(row['multiple_of']) != 0:
				self.no('the value of a quoted number')
			return
		for side in ('min', 'max'):
			if not row.get(side):
				continue
			limit = WORDS[kind](row[side]['text'])
			beyond = found < limit if side == 'min' else found > limit
			if beyond or (row[side].get('exclusive') and found == limit):
				self.no('format' if kind in FORMATTED else f'the range of a {kind}')

	def enum(self, row, value):
		if value not in [name['name'] for name in row['names']] or not isinstance(value, str):
			return self.no('schema')
		return value

	def flags(self, row, value):
		if not isinstance(value, list):
			return self.no('schema')
		for item in value:
			self.enum(row, item)
		if self.reasons or len(set(value)) != len(value):
			return self.no('schema')
		return frozenset(value)

	# --- what holds others ---

	def object(self, row, value):
		return self.table(self.tables[row['table']], value)

	def table(self, table, value):
		if 'branches' in table:
			return self.union(table, value)
		if table['rows'] and table['rows'][0].get('bare'):
			return self.member(table['rows'][0], value)
		return self.members(table, value, set())

	def union(self, table, value):
		if not isinstance(value, dict):
			return self.no('schema')
		name = value.get(table['discriminator'])
		if table['discriminator'] in value.repeated:
			self.no('a member given twice')
		for branch in table['branches']:
			if isinstance(name, str) and name == branch['name']:
				return (name, self.members(self.tables[branch['table']], value, {table['discriminator']}))
		return self.no('schema')

	def members(self, table, value, known):
		if not isinstance(value, dict):
			return self.no('schema')
		made = {}
		rows = self.rows_of(table)
		for row in rows:
			key = row.get('key') or row['member']
			if row.get('access') == 1:
				continue
			known = known | {key}
			if key in value.repeated:
				self.no('a member given twice')
			if key in value:
				made[key] = self.given(row, value[key])
			elif not self.may_be_absent(row):
				self.no('schema')
			elif row.get('fallback') and not row.get('is_partial'):
				made[key] = self.fallback(row)
			elif row.get('optional') and not row.get('opt') and not row.get('is_partial'):
				made[key] = ZERO
		if not table.get('ignores') and any(key not in known for key in value):
			self.no('schema')
		return made

	def rows_of(self, table):
		rows = []
		for row in table['rows']:
			if row['kind'] in ('embed', 'partial'):
				for inner in self.rows_of(self.tables[row['table']]):
					rows.append(dict(inner, is_partial=row['kind'] == 'partial' or inner.get('is_partial', False)))
			else:
				rows.append(row)
		return rows

	def fallback(self, row):
		value, _ = exact.parse(row['fallback'])
		return Judgement(self.tables).given(row, value)

	@staticmethod
	def may_be_absent(row):
		return row.get('is_partial') or row.get('opt') or row.get('fallback') or row.get('optional')

	def given(self, row, value):
		may_go = row.get('opt') or row.get('fallback') or row.get('optional')
		if value is None and (row.get('nullable') or (row.get('is_partial') and may_go)):
			return None if row.get('nullable') else self.fallback(row) if row.get('fallback') else ZERO
		return self.member(row, value)

	def member(self, row, value):
		"""A whole member: one value, an array or a map."""
		if row.get('bare') and row.get('nullable') and value is None:
			return None
		shape = row.get('shape', 'one')
		if shape == 'array':
			return self.array(row, value)
		if shape == 'dict':
			return self.dict(row, value)
		return self.value(row, value)

	def array(self, row, value):
		if not isinstance(value, list):
			return self.no('schema')
		self.count(row, len(value))
		items = [self.value(row, item) for item in value]
		self.contained(row, value)
		if row.get('unique_items'):
			written = [exact.form(item, self.number) for item in value]
			if len(set(written)) != len(written):
				self.no('schema')
			elif not set(self.reasons) - {'wider'} and len({value_of(item) for item in items}) != len(items):
				self.no('equal items of unlike text')
		return items

	def contained(self, row, value):
		"""How many items obey the other rule. Reasons that no keyword knows do not count for JSON Schema."""
		if 'contains' not in row:
			return
		of_type = {key: row[key] for key in ('kind', 'as', 'bytes', 'names', 'table') if key in row}
		judgements = []
		for item in value:
			judgement = Judgement(self.tables, self.numbers)
			judgement.value(dict(of_type, **row['contains']), item)
			judgements.append(judgement.reasons)
		def is_wrong(reasons):
			count = sum(not reasons & set(found) for found in judgements)
			return count < (row.get('min_contains') or 1) or (row.get('max_contains') and count > row['max_contains'])

		by_keywords = is_wrong({'schema', 'wider'})
		if is_wrong({reason for found in judgements for reason in found} - {'wider'}):
			self.no('schema' if by_keywords else 'the items that obey .contains')
		elif by_keywords:
			self.no('wider')

	def dict(self, row, value):
		if not isinstance(value, dict):
			return self.no('schema')
		self.count(row, len(value))
		if value.repeated:
			self.no('a member given twice')
		for key in value:
			if '\0' in key:
				self.no('U+0000 in a key')
			if row.get('key_pattern') and not re.search(PYTHON_PATTERNS[row['key_pattern']], key):
				self.no('schema')
			if row.get('key_max_length') and len(key) > row['key_max_length']:
				self.no('schema')
		return {key: self.value(row, item) for key, item in value.items()}

	def count(self, row, count):
		if count < row.get('min_items', 0) or (row.get('max_items') and count > row['max_items']):
			self.no('schema')

	def value(self, row, value):
		"""One value, by its kind. The constant is compared at last."""
		inner = Judgement(self.tables, self.numbers)
		made = inner.of_kind(row, value)
		self.reasons += inner.reasons
		self.formatted += inner.formatted
		if row.get('constant'):
			wanted, _ = exact.parse(row['constant'])
			if not exact.same(value, wanted, self.number):
				only = Judgement(self.tables).of_kind(row, wanted)
				equal = not inner.reasons and value_of(made) == value_of(only)
				self.no('wider' if equal else 'schema')
			return Judgement(self.tables).of_kind(row, wanted) # it is what is written
		return made

	def of_kind(self, row, value):
		kind = row['kind']
		if kind in INTEGERS:
			return self.quoted_integer(row, value) if row.get('as') == 1 else self.integer(row, value)
		if kind == 'decimal' and row.get('as') == 2:
			return self.decimal_number(row, value)
		if kind in TEXTS:
			return self.text(row, value)
		if kind in WORDS:
			return self.word(row, value)
		if kind in OBJECTS:
			return self.object(row, value)
		if kind == 'bool':
			return value if isinstance(value, bool) else self.no('schema')
		if kind == 'raw':
			return exact.form(value)
		return {'double': self.double, 'enum': self.enum, 'flags': self.flags}[kind](row, value)


def value_of(made):
	"""What two equal values have in common."""
	if isinstance(made, dict):
		return frozenset((key, value_of(item)) for key, item in made.items())
	if isinstance(made, list):
		return tuple(value_of(item) for item in made)
	if isinstance(made, tuple) and len(made) == 2 and all(type(part) is int for part in made):
		return decimal.Decimal(made[0]).scaleb(-made[1])
	if isinstance(made, tuple):
		return tuple(value_of(item) for item in made)
	return made


def decimal_of(real):
	"""The decimal that a double is written as."""
	return decimal.Decimal(repr(float(real)))


def javascript_multiple(value, step):
	"""ajv: data / step is what parseInt() makes of it, which reads the text."""
	try:
		quotient = value / step
	except OverflowError:
		return False
	if quotient in (float('inf'), float('-inf')):
		return False
	if abs(quotient) >= 1e21 or 0 < abs(quotient) < 1e-6:
		return quotient == int(re.match(r'-?\d+', repr(quotient)).group())
	return quotient == int(quotient)


def judge(tables, value, numbers='exact'):
	"""The reasons against the value, what it comes to, and which strings a format speaks of."""
	judgement = Judgement(tables, numbers)
	made = judgement.table(tables[-1], value)
	return judgement.reasons, made, judgement.formatted
