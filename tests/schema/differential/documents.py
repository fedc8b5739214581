# SPDX-License-Identifier: MIT
"""Documents for random tables, as text: most of each is right, and what is wrong is wrong by little."""

import decimal
import json

import reference

CHARACTERS = ['a', 'b', 'c', 'z', 'A', '0', '7', ' ', '-', '_', '.', '/', '"', '\\', '\n', '\t', '\x01', '\x7f', '\u00e9', '\u2028',
	'\u0416', '\uffff', '\U0001F600', '\U0010FFFF', '\0', '<', '\u00a0']
PATTERN_TEXTS = ['a', 'abc', 'b', 'ab', 'c', '12', '123', '1234', '1', 'a1 ', 'word', '_\u2028', 'x\n', '\n', '', 'aa', 'ba',
	'\U0001F600', '\U0001F600x', '\u00e9', '\u0663\u0663', 'abab', 'cc', ' ', 'bbc']
TIMESTAMPS = ['2026-01-31T09:30:00Z', '2026-01-31t09:30:00z', '2026-01-31T09:30:00.5+01:00', '2026-01-31T08:30:00Z',
	'2026-01-31T09:30:00+01:00', '2016-12-31T23:59:60Z', '2016-12-31T23:59:60.5Z', '2016-12-30T23:59:60Z', '2017-01-01T00:59:60+01:00',
	'2026-02-29T00:00:00Z', '2024-02-29T00:00:00Z', '2026-01-31T24:00:00Z', '2026-01-31T09:30Z', '2026-01-31 09:30:00Z',
	'2026-01-31T09:30:00', '0000-01-01T00:00:00+00:01', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999Z',
	'9999-12-31T23:59:59-00:01', '2026-01-31T09:30:00.123456789Z', '2026-01-31T09:30:00.1234567891Z', '2026-01-31T09:30:00-00:00',
	'2026-01-31T09:30:00+24:00', '2026-01-31T09:30:00+23:59', '2026-01-31T09:30:00.Z', '2026-1-31T09:30:00Z', '', '1970-01-01T00:00:00Z',
	'1969-12-31T23:59:59.999999999Z', '2026-01-31T09:30:00+0100', '2026-01-31T09:30:61Z', '9999-12-31T23:59:60Z']
DATES = ['2026-01-31', '2026-02-28', '2026-02-29', '2024-02-29', '1900-02-29', '2000-02-29', '0000-01-01', '9999-12-31', '2026-1-31',
	'2026-00-10', '2026-13-01', '2026-04-31', '2026-01-31T', '20260131', '', '-001-01-01', '2026-01-00', '\u0662026-01-31']
TIMES = ['09:30', '09:30:00', '09:30:00.5', '09:30:00.500', '23:59:59.999999999', '24:00:00', '00:00:00', '09:60:00', '23:59:60', '9:30',
	'09:30:00Z', '09:30:00.1234567891', '', '09:30:', '09:30:00.']
DURATIONS = ['PT0S', 'P1D', 'PT24H', 'P1W', 'P1WT1S', 'P7D', 'PT1H30M', 'PT0.5S', 'PT0.500S', 'P1Y', 'P1M', 'P', 'PT', 'P1DT', '-PT1S', 'PT1,5S',
	'P106751DT23H47M16.854775807S', 'P106751DT23H47M16.854775808S', 'PT1.1234567891S', 'P1D1D', 'PT1M1H', 'pt1s', 'P0D', 'PT1S', 'PT2S',
	'P99999999999999999999D', 'PT1H1S']
ADDRESSES = ['192.0.2.1', '0.0.0.0', '255.255.255.255', '256.0.0.1', '010.0.0.1', '1.2.3', '1.2.3.4.5', '::', '::1', '2001:db8::1', '2001:DB8::1',
	'2001:db8:0:0:0:0:0:1', '1::2::3', '::ffff:192.0.2.1', '::ffff:c000:201', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9',
	'1:2:3:4:5:6:1.2.3.4', '::1.2.3.4:5', 'fe80::1%eth0', '12345::', '::g', '', ':', '1:2:3:4:5:6:7::', '::2:3:4:5:6:7:8', '192.0.2.1 ', '::00001']
NETWORKS = ['192.0.2.0/24', '192.0.2.1/24', '192.0.2.1', '10.0.0.0/8', '10.0.0.0/08', '10.0.0.0/33', '0.0.0.0/0', '::/0', '2001:db8::/32',
	'2001:db8::1/128', '2001:db8::1/129', '2001:db8::1/64', '2001:DB8::/32', '10.0.0.0/', '10.0.0.0/-1', '/8', '10.0.0.0/+8', '10.0.0.0/8/8',
	'010.0.0.0/8', '::ffff:10.0.0.0/104']
BASE64 = ['', 'AA==', 'AAA=', 'AAAA', 'AB==', 'AAA', 'AAAAAA==', 'AP+/', 'AP-_', 'AA==AA==', 'A A=', 'AAAA\n', '====', 'A===', 'AAAAAAAA', 'AAB=']
DECIMALS = ['0', '-0', '0.0', '1', '-1', '1.5', '1.50', '1.500', '19.90', '0.01', '0.10', '0.1', '0.3', '0.30', '1e3', '1E+3', '25E-4', '1e17', '1e18',
	'999999999999999999', '1000000000000000000', '0.000000000000000001', '0.0000000000000000001', '0e-18', '0e-19', '0e400', '1e400', '00', '.5',
	'+1', '1.', '', 'NaN', '-1.5', '-1.50', '100', '99.99', '100.00', '100.01', '1e-18', '10e-19', '9007199254740993', '0.1000000000000000055']
UUIDS = ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', '6BA7B810-9DAD-11D1-80B4-00C04FD430C8', '00000000-0000-0000-0000-000000000000',
	'6ba7b8109dad11d180b400c04fd430c8', '{6ba7b810-9dad-11d1-80b4-00c04fd430c8}', 'urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8',
	'6ba7b810-9dad-11d1-80b4-00c04fd430cg', '6ba7b810-9dad-11d1-80b4-00c04fd430c', '']
KIND_TEXTS = {'timestamp': TIMESTAMPS, 'date': DATES, 'time': TIMES, 'duration': DURATIONS, 'ip': ADDRESSES, 'network': NETWORKS,
	'base64': BASE64, 'decimal': DECIMALS, 'uuid': UUIDS}
LONG = 'x' * 63
FORMAT_TEXTS = {
	'date': DATES,
	'email': ['anna@example.org', 'anna@localhost', 'a.b@c.de', 'a..b@c.de', '.a@c.de', 'a.@c.de', '@c.de', 'a@', 'a@b@c', '"a b"@c.de',
		'a@[192.0.2.1]', "o'neil+x@a-b.example", 'a@-b.de', 'a@b-.de', 'a@b..de', 'a b@c.de', 'x' * 64 + '@c.de', 'x' * 65 + '@c.de', 'é@c.de',
		'a@é.de', f'a@{LONG}.de', f'a@{LONG}x.de', 'a@c.de.', '', 'a@1.2.3.4'],
	'hostname': ['www.example.org', 'localhost', 'a', '1', '1.2.3.4', 'a.', '.a', 'a..b', '-a', 'a-', 'a-b', LONG, LONG + 'x', 'xn--bcher-kva.example',
		'bücher.example', 'a_b', '', '.'.join([LONG] * 3 + ['x' * 61]), '.'.join([LONG] * 3 + ['x' * 62]), 'a b', 'a\n'],
	'ipv4': [text for text in ADDRESSES if ':' not in text] + ['::1', '1.2.3.4\n'],
	'ipv6': [text for text in ADDRESSES if ':' in text] + ['1.2.3.4'],
	'uri': ['https://example.org/a', 'HTTP://EXAMPLE.ORG', 'http://a', 'ftp://a/b', 'mailto:a@b.de', 'http://', 'http:///a', 'http://a:80/b?c#d',
		'http://a:65536', 'http://a:', 'http://u:p@a/', 'http://u@p@a/', 'http://[::1]:8080/', 'http://[::1', 'http://[1.2.3.4]/', 'http://a/%20',
		'http://a/%2', 'http://a/ b', 'http://a/é', 'http://a?b', 'http://a#b', 'http://a/b#c#d', 'http://a/{b}', '//a/b', '/a', '', 'http://a_b/',
		'http://a/[', 'http://-a/', 'http://1.2.3.4/'],
}
NUMBERS = ['0', '-0', '0.0', '-0.0', '1', '-1', '1.0', '2', '3', '5', '7', '10', '1e1', '100e-2', '1.5', '0.5', '1e-1', '0.1', '0.3', '0.2', '0.01', '0.07',
	'1.1', '4.35', '0.30000000000000004', '99.99', '1e2', '1E+2', '12', '15', '2147483647', '2147483648', '-2147483648', '-2147483649', '4294967295',
	'4294967296', '9007199254740991', '9007199254740992', '9007199254740993', '9223372036854775807', '9223372036854775808',
	'-9223372036854775808', '-9223372036854775809', '18446744073709551615', '18446744073709551616', '1e19', '1e300', '1.7976931348623157e308',
	'1e309', '-1e309', '5e-324', '1e-400', '1.8446744073709551615e19', '4503599627370496.5', '0.1e1', '123456789012345678901234567890']
OTHERS = ['null', 'true', 'false', '0', '1.5', '""', '"a"', '[]', '[0]', '{}', '{"a":1}', '"5"', '["a"]', '[null]', '-1']


class Documents:
	def __init__(self, random, tables):
		self.random = random
		self.tables = tables
		self.mischief = 0
		self.found = {} # by row: what was good, to be taken again
		self.rows = {} # by table

	def document(self):
		self.mischief = self.random.choice((0, 0, 0, 0.03, 0.1, 0.3))
		return self.table(self.tables[-1], 0)

	def errs(self):
		return self.random.random() < self.mischief

	# --- scalars ---

	def string(self, value):
		"""As JSON, sometimes with needless escapes."""
		pick = self.random.random()
		if pick < 0.95:
			return json.dumps(value, ensure_ascii=pick < 0.25)
		units = value.encode('utf-16-be')
		return '"' + ''.join(f'\\u{units[i]:02x}{units[i + 1]:02X}' for i in range(0, len(units), 2)).replace('\\u002F', '\\/') + '"'

	def near(self, row, integral):
		"""A number at a bound, or one step beside it."""
		bounds = [side for side in (row.get('min'), row.get('max')) if side]
		if not bounds or self.random.random() < 0.4:
			return self.random.choice(NUMBERS)
		bound = self.random.choice(bounds)
		value = decimal.Decimal(next(bound[key] for key in ('integer', 'natural', 'real', 'text') if key in bound))
		step = decimal.Decimal(1 if integral else self.random.choice(('1', '0.1', '1e-9')))
		if row.get('multiple_of') and self.random.random() < 0.5:
			step = reference.decimal_of(row['multiple_of'])
		with decimal.localcontext(decimal.Context(prec=60)):
			near = value + step * self.random.randint(-3, 3)
		return format(near, 'f') if abs(near) < 10 ** 25 else str(near)

	def again(self, row, good):
		"""Something that was good before, often; else None."""
		found = self.found.setdefault(id(row), [])
		return self.random.choice(found) if good and len(found) > 5 and self.random.random() < 0.8 else None

	def a_number(self, row, good):
		"""Tries for one that is good by the reference, which need not be found."""
		written = self.again(row, good)
		if written:
			return written
		for _ in range(8 if good else 1):
			text = self.near(row, row['kind'] != 'double')
			if row['kind'] == 'decimal' and row.get('as') != 2 and self.random.random() < 0.5:
				text = self.random.choice(DECIMALS)
			if row['kind'] == 'decimal' and row.get('as') == 2 and self.random.random() < 0.5:
				text = self.random.choice([text for text in DECIMALS if reference.words.decimal_shape(text)])
			written = f'"{text}"' if self.is_quoted(row) else text
			if good and self.is_good(row, written):
				break
		return written

	@staticmethod
	def is_quoted(row):
		return row.get('as') == 1 or (row['kind'] == 'decimal' and row.get('as') != 2)

	def is_good(self, row, written):
		value, _ = reference.exact.parse(written)
		judgement = reference.Judgement(self.tables)
		judgement.value(row, value)
		if not judgement.reasons:
			self.found.setdefault(id(row), []).append(written)
		return not judgement.reasons

	def random_text(self, row):
		least, most = row.get('min_length', 0), row.get('max_length') or 6
		length = self.random.choice((least, most, least - 1, most + 1, self.random.randint(0, 5)))
		return ''.join(self.random.choice(CHARACTERS[:15] if self.random.random() < 0.8 else CHARACTERS) for _ in range(max(length, 0)))

	def candidate(self, row):
		if row.get('format') in FORMAT_TEXTS and self.random.random() < 0.95:
			return self.random.choice(FORMAT_TEXTS[row['format']])
		if row.get('pattern') and self.random.random() < 0.8:
			return self.random.choice(PATTERN_TEXTS)
		if row['kind'] in KIND_TEXTS:
			return self.random.choice(KIND_TEXTS[row['kind']])
		if row['kind'] == 'enum':
			return self.random.choice(row['names'])['name'] if self.random.random() < 0.9 else self.random.choice(('', 'x', 'Rose', 'rose '))
		return self.random_text(row)

	def a_string(self, row, good):
		written = self.again(row, good)
		if written:
			return written
		for _ in range(12 if good else 1):
			written = self.string(self.candidate(row))
			if good and self.is_good(row, written):
				break
		return written

	def value(self, row, depth):
		if self.errs() and self.random.random() < 0.3:
			return self.random.choice(OTHERS)
		if row.get('constant') and not self.errs():
			return row['constant']
		kind = row['kind']
		if kind in reference.INTEGERS or kind in ('double', 'decimal'):
			return self.a_number(row, not self.errs())
		if kind == 'bool':
			return self.random.choice(('true', 'false'))
		if kind == 'raw':
			return self.raw(0)
		if kind == 'flags':
			names = [self.string(name['name']) for name in self.random.sample(row['names'], self.random.randint(0, len(row['names'])))]
			return '[' + ','.join(names + names[:1] * self.errs() + ['"x"'] * self.errs()) + ']'
		if kind in reference.OBJECTS:
			return self.table(self.tables[row['table']], depth + 1)
		return self.a_string(row, not self.errs())

	def raw(self, depth):
		pick = self.random.random()
		if depth < 3 and pick < 0.2:
			return '[' + ', '.join(self.raw(depth + 1) for _ in range(self.random.randint(0, 3))) + ']'
		if depth < 3 and pick < 0.4:
			return '{' + ','.join(f'"{i}" : {self.raw(depth + 1)}' for i in range(self.random.randint(0, 3))) + '}'
		return self.random.choice(OTHERS + NUMBERS + [self.string(self.random_text({}))])

	# --- what holds others ---

	def count(self, row, depth):
		if depth > 4:
			return row.get('min_items', 0)
		least, most = row.get('min_items', 0), row.get('max_items') or row.get('min_items', 0) + 3
		if self.errs():
			return self.random.choice((max(least - 1, 0), most + 1))
		return self.random.randint(least, most)

	def array(self, row, depth):
		items = []
		for _ in range(self.count(row, depth)):
			item = self.value(row, depth)
			for _ in range(6):
				if not row.get('unique_items') or item not in items or self.errs():
					break
				item = self.value(row, depth)
			items.append(item)
		return '[' + ','.join(items) + ']'

	def dict(self, row, depth):
		keys = ['a', 'b', 'ab', 'abc', 'é', '', 'a/b', '~', 'zz', '12', 'length']
		wanted = row.get('key_pattern') and reference.PYTHON_PATTERNS[row['key_pattern']]
		good = [key for key in keys if (not wanted or reference.re.search(wanted, key)) and len(key) <= (row.get('key_max_length') or 99)]
		picked = []
		for _ in range(self.count(row, depth)):
			key = self.random.choice(keys if self.errs() or not good else good)
			if key not in picked or self.errs():
				picked.append(key)
		if self.errs():
			picked.append('n\0l')
		return '{' + ','.join(f'{self.string(key)}:{self.value(row, depth)}' for key in picked) + '}'

	def member(self, row, depth):
		may_go = row.get('opt') or row.get('fallback') or row.get('optional')
		if (row.get('nullable') or (row.get('is_partial') and may_go)) and self.random.random() < 0.2 or (self.errs() and self.errs()):
			return 'null'
		if row.get('nullable') and depth > 4:
			return 'null'
		shape = row.get('shape', 'one')
		if self.errs() and self.random.random() < 0.2:
			return self.random.choice(OTHERS)
		return {'array': self.array, 'dict': self.dict, 'one': self.value}[shape](row, depth)

	def table(self, table, depth):
		if 'branches' in table:
			branch = self.random.choice(table['branches'])
			name = branch['name'] if not self.errs() else self.random.choice(('x', '', 'l'))
			tag = [] if self.errs() else [f'{self.string(table["discriminator"])}:{self.string(name)}']
			return self.object(self.tables[branch['table']], depth, tag)
		if table['rows'] and table['rows'][0].get('bare'):
			return self.member(table['rows'][0], depth)
		return self.object(table, depth, [])

	def object(self, table, depth, members):
		if id(table) not in self.rows:
			self.rows[id(table)] = reference.Judgement(self.tables).rows_of(table)
		for row in self.rows[id(table)]:
			absent = 0.3 if reference.Judgement.may_be_absent(row) else 0
			if depth > 4 and absent:
				absent = 1
			if row.get('access') == 1:
				absent = 0.97
			if self.random.random() < absent or (self.errs() and self.random.random() < 0.5):
				continue
			member = f'{self.string(row.get("key") or row["member"])}:{self.member(row, depth)}'
			members += [member] * (2 if self.errs() and self.errs() else 1)
		if self.errs() or (table.get('ignores') and self.random.random() < 0.3):
			members.append(self.random.choice(('"unknown":1', '"x":null', '"A":[]')))
		if self.random.random() < 0.2:
			self.random.shuffle(members)
		return ('{ ' if self.random.random() < 0.1 else '{') + ','.join(members) + '}'
