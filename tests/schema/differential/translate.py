# SPDX-License-Identifier: MIT
"""
A JSON Schema as tables (run_time_table.h), where tables can say it. A row has one type: where the schema leaves it open, it is that
of the document at hand. What cannot be said raises Unsayable, with the reason.
"""

import json

KINDS = {'string': 'str', 'boolean': 'bool', 'number': 'double', 'integer': 'int64'}
# Keywords without an effect on what is valid.
ANNOTATIONS = {'$schema', '$comment', 'description', 'title', '$defs', '$id', 'examples'}
OF_TYPE = {
	'number': {'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'},
	'string': {'minLength', 'maxLength', 'pattern', 'format', 'contentEncoding'},
	'array': {'items', 'minItems', 'maxItems', 'uniqueItems', 'contains', 'minContains', 'maxContains'},
	'object': {'properties', 'required', 'additionalProperties', 'propertyNames', 'minProperties', 'maxProperties'},
}
FORMAT_KINDS = {'date-time': 'timestamp', 'uuid': 'uuid', 'duration': 'duration'}
FORMATS = {'date', 'email', 'hostname', 'ipv4', 'ipv6', 'uri'}
MISSING = object()


class Unsayable(Exception):
	pass


class AnotherType(Unsayable):
	"""The keyword is for another type than the document's: a row would have that type."""


def type_of(value):
	if value is None:
		return 'null'
	if isinstance(value, bool):
		return 'boolean'
	return {int: 'number', float: 'number', str: 'string', list: 'array', dict: 'object'}[type(value)]


def unsayable(why):
	raise Unsayable(why)


class Translation:
	def __init__(self, schema):
		self.schema = schema
		self.tables = []
		self.inside = () # references that are being translated

	def make(self, value):
		row = self.row(self.schema, value, 'root')
		if row['kind'] == 'object' and 'shape' not in row and not row.get('opt'):
			self.tables.append(self.tables.pop(row['table']) if row['table'] == len(self.tables) - 1 else self.bare(row))
		else:
			self.tables.append(self.bare(row))
		return {'tables': self.tables}

	def table(self, table):
		self.tables.append(dict(table, name=f't{len(self.tables)}'))
		return len(self.tables) - 1

	def bare(self, row):
		return {'name': f't{len(self.tables)}', 'rows': [dict(row, member='value', bare=True)]}

	# --- one schema ---

	def row(self, schema, value, member):
		if schema is True or schema == {} or (isinstance(schema, dict) and not set(schema) - ANNOTATIONS):
			return {'member': member, 'kind': 'raw'}
		if schema is False:
			unsayable('false')
		if '$ref' in schema:
			return self.reference(schema, value, member)
		kind, nullable = self.type(schema, value)
		used = OF_TYPE.get('number' if kind == 'integer' else kind, set()) | ANNOTATIONS | {'type', 'enum', 'const', 'default'}
		for keyword in schema:
			if keyword not in used:
				of = [of for of, keywords in OF_TYPE.items() if keyword in keywords]
				raise AnotherType(f'{keyword} of another type') if of else Unsayable(keyword)
		row = {'member': member, **getattr(self, 'of_' + kind)(schema, value)}
		if 'default' in schema:
			row['fallback'] = json.dumps(schema['default'])
		if nullable:
			row.update(opt=True, nullable=True)
		return row

	def reference(self, schema, value, member):
		if set(schema) - ANNOTATIONS != {'$ref'}:
			unsayable('$ref with others beside it')
		target = self.schema
		path = schema['$ref']
		if not path.startswith('#'):
			unsayable('$ref to another document')
		if path in self.inside or path == '#':
			unsayable('$ref that recurs')
		for part in filter(None, path[1:].split('/')):
			part = part.replace('~1', '/').replace('~0', '~').replace('%25', '%').replace('%22', '"')
			target = target.get(part) if isinstance(target, dict) else unsayable('$ref by an anchor')
		outer, self.inside = self.inside, (*self.inside, path)
		row = self.row(target if target is not None else unsayable('$ref by an anchor'), value, member)
		self.inside = outer
		return row

	@staticmethod
	def type(schema, value):
		types = schema.get('type', ())
		types = [types] if isinstance(types, str) else list(types)
		nullable = 'null' in types and len(types) > 1
		types = [name for name in types if name != 'null' or not nullable]
		if len(types) > 1:
			unsayable('several types')
		if types == ['null']:
			unsayable('null alone')
		if types:
			return types[0], nullable
		fits = [of for of, keywords in OF_TYPE.items() if keywords & set(schema)]
		fits += [type_of(schema['const'])] if 'const' in schema else []
		fits += ['string'] if all(isinstance(name, str) for name in schema.get('enum', [0])) else []
		given = type_of(value) if value is not MISSING else fits[0] if fits else unsayable('no type')
		if len(set(fits)) > 1 and given not in fits:
			unsayable('keywords of several types')
		if fits and given not in fits and not {'const', 'enum'} & set(schema):
			raise AnotherType('a document of another type than the keyword')
		kind = fits[0] if fits and given not in fits else given
		return (kind, False) if kind != 'null' else unsayable('null alone')

	# --- by type ---

	def of_number(self, schema, value):
		return self.number(schema, 'double')

	def of_integer(self, schema, value):
		return self.number(schema, 'int64')

	def number(self, schema, kind):
		row = {'kind': kind}
		for keyword, side in (('minimum', 'min'), ('exclusiveMinimum', 'min'), ('maximum', 'max'), ('exclusiveMaximum', 'max')):
			if keyword in schema:
				bound = schema[keyword]
				row[side] = {'integer' if isinstance(bound, int) else 'real': bound, 'exclusive': keyword.startswith('ex')}
		if 'multipleOf' in schema:
			row['multiple_of'] = schema['multipleOf']
			if kind == 'int64' and schema['multipleOf'] % 1 != 0:
				unsayable('integers that are multiples of a fraction')
		return self.only(row, schema, 'number')

	@staticmethod
	def only(row, schema, of):
		allowed = schema.get('enum', [schema['const']] if 'const' in schema else None)
		if allowed is None:
			return row
		if len(allowed) != 1 or type_of(allowed[0]) != of:
			unsayable('an enum of other than strings')
		row['constant'] = json.dumps(allowed[0])
		return row

	def of_boolean(self, schema, value):
		return self.only({'kind': 'bool'}, schema, 'boolean')

	def of_string(self, schema, value):
		row = {'kind': 'str'}
		if 'contentEncoding' in schema:
			unsayable('contentEncoding that is not checked')
		for keyword, option in (('minLength', 'min_length'), ('maxLength', 'max_length')):
			if keyword in schema:
				row[option] = int(schema[keyword]) or unsayable('a length of 0')
		if 'pattern' in schema:
			row['pattern'] = schema['pattern']
		if 'format' in schema:
			self.format(row, schema['format'])
		allowed = schema.get('enum')
		if allowed:
			if any(not isinstance(name, str) or not name or '\0' in name for name in allowed):
				unsayable('an enum of other than strings')
			return {'kind': 'enum', 'names': [{'name': name, 'value': i + 1} for i, name in enumerate(allowed)]}
		return self.only(row, schema, 'string')

	@staticmethod
	def format(row, name):
		if name in FORMAT_KINDS:
			row['kind'] = FORMAT_KINDS[name]
		elif name in FORMATS:
			row['format'] = name
		else:
			unsayable(f'format {name}')

	def of_array(self, schema, value):
		if 'enum' in schema or 'const' in schema:
			unsayable('an array that is constant')
		items = schema.get('items', True)
		samples = value if isinstance(value, list) else []
		if schema.get('uniqueItems') and items is True:
			row = self.guess(samples)
		else:
			row = self.item(items, samples)
		row['shape'] = 'array'
		for keyword, option in (('minItems', 'min_items'), ('maxItems', 'max_items')):
			if keyword in schema:
				row[option] = int(schema[keyword]) or unsayable('a count of 0')
		row['unique_items'] = bool(schema.get('uniqueItems'))
		self.contains(row, schema, samples)
		return row

	def contains(self, row, schema, samples):
		if 'contains' not in schema:
			return # the other two mean nothing then
		if row['kind'] in ('raw', 'object'):
			row.update(self.guess(samples) if schema.get('items', True) is True else {})
		if schema.get('minContains') == 0:
			unsayable('minContains of 0')
		if row['kind'] in ('raw', 'object', 'array'):
			unsayable('contains of other than scalars')
		wanted = self.row(schema['contains'], samples[0] if samples else MISSING, 'item')
		if wanted['kind'] != row['kind']:
			unsayable('contains of another type than the items')
		row['contains'] = {key: part for key, part in wanted.items() if key not in ('kind', 'member')}
		for keyword, option in (('minContains', 'min_contains'), ('maxContains', 'max_contains')):
			if keyword in schema:
				row[option] = int(schema[keyword]) or unsayable('a count of 0')

	def item(self, schema, samples):
		"""A row that takes a shape: an array in an array is a bare table."""
		row = self.row(schema, samples[0] if samples else MISSING, 'item')
		if 'shape' in row or row.get('opt'):
			row = {'kind': 'object', 'table': self.table(self.bare(row))}
		return {key: part for key, part in row.items() if key != 'fallback'}

	def guess(self, samples):
		"""The one type of some values."""
		types = {type_of(sample) for sample in samples}
		if len(types) > 1:
			unsayable('items of several types')
		of = types.pop() if types else 'number'
		if of == 'null':
			unsayable('null alone')
		if of in KINDS:
			return {'kind': KINDS[of]}
		if of == 'array':
			row = dict(self.guess([item for sample in samples for item in sample]), shape='array')
			return {'kind': 'object', 'table': self.table(self.bare(row))}
		return {'kind': 'object', 'table': self.table({'ignores': False, 'rows': self.guess_rows(samples)})}

	def guess_rows(self, samples):
		keys = sorted({key for sample in samples for key in sample})
		return [{'member': f'm{i}', 'key': key, **self.guess([sample[key] for sample in samples if key in sample]), 'opt': True}
			for i, key in enumerate(keys)]

	def of_object(self, schema, value):
		if 'enum' in schema or 'const' in schema:
			unsayable('an object that is constant')
		others = schema.get('additionalProperties', True)
		counted = {'minProperties', 'maxProperties', 'propertyNames'} & set(schema)
		if 'properties' in schema or 'required' in schema:
			if counted or (others is not True and others is not False):
				unsayable('properties beside others with rules')
			return self.members(schema, value, others)
		if others is False:
			return self.members(schema, value, False)
		return self.dict(schema, value, others)

	def members(self, schema, value, others):
		properties = schema.get('properties', {})
		required = schema.get('required', [])
		rows = []
		for i, key in enumerate([*properties, *(key for key in required if key not in properties)]):
			given = value.get(key, MISSING) if isinstance(value, dict) else MISSING
			row = self.row(properties.get(key, True), given, f'm{i}')
			row['key'] = key
			if key not in required and 'fallback' not in row:
				if row.get('constant'):
					row['fallback'] = row['constant']
				elif row.get('shape'):
					row['optional'] = True
				else:
					row['opt'] = True
			rows.append(row)
		return {'kind': 'object', 'table': self.table({'ignores': others is not False, 'rows': rows})}

	def dict(self, schema, value, others):
		samples = list(value.values()) if isinstance(value, dict) else []
		row = dict(self.item(others, samples), shape='dict')
		for keyword, option in (('minProperties', 'min_items'), ('maxProperties', 'max_items')):
			if keyword in schema:
				row[option] = int(schema[keyword]) or unsayable('a count of 0')
		names = schema.get('propertyNames', True)
		if names is False or (names is not True and set(names) - {'pattern', 'maxLength'}):
			unsayable('propertyNames of more than a pattern and a length')
		if names is not True:
			row.update({option: names[keyword] for keyword, option in (('pattern', 'key_pattern'), ('maxLength', 'key_max_length'))
				if keyword in names})
		return row


def translate(schema, value):
	if schema is True or schema is False:
		unsayable('a boolean schema')
	return Translation(schema).make(value)
