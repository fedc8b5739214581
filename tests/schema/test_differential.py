#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Random tables, and documents near the edge of what they take, before three judges: the library, ajv by the schema that the library
writes, and a slow decoder in Python that reads the manual. What they may differ in is listed here, with the reason; each
disagreement that is not, is a defect.

Usage: test_differential.py DRIVER NODE NODE_MODULES [--documents N] [--seed N] [--show]
"""

import argparse
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER / 'differential'), str(FOLDER.parent / 'house')]

import documents  # noqa: E402
import exact  # noqa: E402
import reference  # noqa: E402
import tables  # noqa: E402
import words  # noqa: E402
from tap import Tap  # noqa: E402

FAULTS_MAX = 6


class Peer:
	"""A program that answers each line with one."""

	def __init__(self, *command):
		self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding='utf-8')

	def send(self, order):
		self.process.stdin.write(json.dumps(order) + '\n')
		self.process.stdin.flush()

	def answer(self):
		line = self.process.stdout.readline()
		if not line:
			raise SystemExit(f'{self.process.args[0]} ended with {self.process.wait()}')
		return json.loads(line, parse_float=finite)

	def end(self):
		self.process.stdin.close()
		return self.process.wait()


def finite(text):
	"""Schemas pass through Python, whose doubles end, too."""
	return max(-sys.float_info.max, min(sys.float_info.max, float(text)))


# --- how the library writes ---


class Writing:
	"""The library's JSON is what Python's json would write, but for doubles, whose form docs/json.md gives."""

	def __init__(self):
		self.scalars = 0

	def double(self, text):
		self.scalars += 1
		if text != double_text(float(text)):
			raise ValueError(f'{text} should be {double_text(float(text))}')
		return exact.Number(text)

	def integer(self, text):
		self.scalars += 1
		return exact.Number(text)

	def check(self, text):
		value = json.loads(text, parse_float=self.double, parse_int=self.integer)
		if self.dump(value) != text:
			raise ValueError(f'{text} should be {self.dump(value)}')

	def dump(self, value):
		if isinstance(value, exact.Number):
			return value.text
		if isinstance(value, dict):
			return '{' + ','.join(f'{json.dumps(key, ensure_ascii=False)}:{self.dump(item)}' for key, item in value.items()) + '}'
		if isinstance(value, list):
			return '[' + ','.join(map(self.dump, value)) + ']'
		self.scalars += 1
		return json.dumps(value, ensure_ascii=False)


def double_text(value):
	"""The shortest digits; from 1e-5 to below 1e17 without an exponent, and with a point."""
	digits, _, exponent = repr(value).partition('e')
	if value == 0 or not exponent:
		text = digits if not exponent else repr(value)
		return text
	sign = '-' if digits.startswith('-') else ''
	digits = digits.lstrip('-')
	whole, _, fraction = digits.partition('.')
	power = int(exponent)
	if -5 <= power < 0:
		return f'{sign}0.{"0" * (-power - 1)}{whole}{fraction}'
	if 0 <= power < 17:
		return f'{sign}{(whole + fraction).ljust(power + 1, "0")}.0'
	return f'{sign}{digits}e{power}'


def writes_as_given(description):
	"""Raw JSON, constants and decimals are written as they came."""
	rows = [row for table in description['tables'] for row in table.get('rows', ())]
	return any(row['kind'] in ('raw', 'decimal') or row.get('constant') for row in rows)


# --- judging ---


class Trial:
	"""All documents of one table, before all judges."""

	def __init__(self, run, description, texts, own, foreign):
		self.run = run
		self.description = description
		self.texts = texts
		self.own = own
		self.foreign = foreign
		self.tables = description['tables']
		self.is_faulty = False # one of a table is enough

	def fault(self, what, text, *details):
		if self.is_faulty:
			return
		self.is_faulty = True
		self.run.faults.append('\n'.join([what, f'  document: {text}', *(f'  {detail}' for detail in details),
			f'  tables: {json.dumps(short(self.tables))}']))

	def judge(self):
		if 'fault' in self.foreign:
			self.fault('ajv does not take the schema', self.foreign['fault'], json.dumps(self.own['request']))
			return
		for i, text in enumerate(self.texts):
			self.run.count += 1
			self.document(text, self.own['results'][i], self.foreign['plain'][i] == '1', self.foreign['formats'][i] == '1')

	def document(self, text, result, plain, formats):
		value, repeated = exact.parse(text)
		reasons, made, formatted = reference.judge(self.tables, value)
		refusals = [reason for reason in reasons if reason != 'wider']
		if ('no' in result) != bool(refusals):
			self.fault('the library and the reference differ', text, f'library: {result}', f'reference: {reasons}')
			return
		if 'no' not in result:
			self.run.accepted += 1
			self.written(text, made, result)
		if repeated:
			self.run.apart['a key twice: JavaScript keeps the last'] += 1
			return
		self.compare_plain(text, value, reasons, plain)
		self.compare_formats(text, reasons, formatted, plain, formats)

	def compare_plain(self, text, value, reasons, plain):
		"""ajv without formats: what the keywords say."""
		expected = not {'schema', 'wider'} & set(reasons)
		if plain == expected:
			for reason in set(reasons) - {'schema', 'format'}:
				self.run.apart[reason] += plain or reason == 'wider'
			return
		doubles, _, _ = reference.judge(self.tables, value, 'double')
		if plain == (not {'schema', 'wider'} & set(doubles)):
			self.run.apart['numbers are doubles in JavaScript'] += 1
			return
		self.fault('ajv and the reference differ', text, f'ajv: {plain}', f'reference: {reasons}, in doubles {doubles}')

	def compare_formats(self, text, reasons, formatted, plain, formats):
		if formats == (plain and 'format' not in reasons):
			return
		known = [why for why, verdict, is_it in FORMAT_DIFFERENCES if verdict == formats and any(is_it(*pair) for pair in formatted)]
		if known:
			self.run.apart[known[0]] += 1
		else:
			self.fault('the formats of ajv and of the reference differ', text, f'ajv: {formats}, without formats {plain}',
				f'reference: {reasons}')

	def written(self, text, made, result):
		if 'yes' not in result or any(row.get('access') for table in self.tables for row in table.get('rows', ())):
			return
		value, _ = exact.parse(result['yes'])
		reasons, again, _ = reference.judge(self.tables, value)
		if [reason for reason in reasons if reason != 'wider'] and invents(self.tables):
			self.run.apart['an absent struct by value is one of zeros, which may break its rules'] += 1
		elif [reason for reason in reasons if reason != 'wider']:
			self.fault('what the library writes is refused by the reference', text, result['yes'], str(reasons))
		elif not is_same(made, again):
			self.fault('what the library writes is not what it read', text, result['yes'])
		elif not writes_as_given(self.description):
			try:
				self.run.writing.check(result['yes'])
			except ValueError as error:
				self.fault('the library writes JSON otherwise than Python', text, result['yes'], str(error))


def short(tables_):
	"""Without what is not set."""
	return [dict(table, rows=[{key: value for key, value in row.items() if value} for row in table.get('rows', ())]) for table in tables_]


def invents(tables_):
	return any(row['kind'] == 'object' and row.get('shape', 'one') == 'one' and row.get('optional') and not row.get('opt')
		and not row.get('fallback') for table in tables_ for row in table.get('rows', ()))


def is_same(made, again):
	"""Whether what was read came back. A member that holds nothing may be left out, and one that was not there may be zero."""
	if made is reference.ZERO or again is reference.ZERO:
		return made is reference.ZERO or not made
	if isinstance(made, dict) and isinstance(again, dict):
		return again.keys() <= made.keys() and all(
			is_same(item, again[key]) if key in again else not item or item is reference.ZERO for key, item in made.items())
	if isinstance(made, list) and isinstance(again, list):
		return len(made) == len(again) and all(map(is_same, made, again))
	if isinstance(made, tuple) and isinstance(again, tuple):
		return len(made) == len(again) and all(map(is_same, made, again))
	return made == again and repr(made) == repr(again) if isinstance(made, float) else made == again


# What ajv-formats makes of formats otherwise: why, its verdict, and of which strings. docs/schema.md says what the library does.
TIMES = ('timestamp',)
FORMAT_DIFFERENCES = [
	('a UUID is 36 characters, no URN', True, lambda of, text: of == 'uuid' and text.lower().startswith('urn:uuid:')),
	('a leap second ends a month', True, lambda of, text: of in TIMES and ':60' in text),
	('a date-time has T, not a blank', True, lambda of, text: of in TIMES and ' ' in text),
	('an offset has its colon', True, lambda of, text: of in TIMES and re.search(r'[+-]\d\d(\d\d)?$', text)),
	('a fraction has at most nine digits', True, lambda of, text: of in TIMES and re.search(r'\.\d{10}', text)),
	('a date-time is in the years 0000 to 9999 in UTC', True, lambda of, text: of in TIMES and text[:4] in ('0000', '9999')),
	('ajv-formats compares date-times by milliseconds, and none with 1970-01-01T00:00:00Z', True,
		lambda of, text: of in TIMES and (words.timestamp(text) or 1) % 10 ** 6 != 0 or text[:10] in ('1970-01-01', '1969-12-31')),
	('a host need not have a dot', False, lambda of, text: of == 'email' and '.' not in text.partition('@')[2]),
	('an address is at most 254 characters, of parts of 64 and 63', True,
		lambda of, text: of == 'email' and max(map(len, re.split('[@.]', text))) > 63),
	('a host name has no dot at its end', True, lambda of, text: of == 'hostname' and text.endswith('.')),
	('a URL has a host name of RFC 1123 and a port', True,
		lambda of, text: of == 'uri' and re.match('https?://', text, re.IGNORECASE) and words.uri(text) is None),
]


class Run:
	def __init__(self, arguments):
		self.random = random.Random(arguments.seed)
		self.wanted = arguments.documents
		self.per_table = arguments.per_table
		self.seconds = arguments.seconds
		self.driver = Peer(arguments.driver)
		self.ajv = Peer(arguments.node, str(FOLDER / 'differential/judge.mjs'), arguments.node_modules)
		self.count = self.accepted = self.tables = self.refused = 0
		self.kinds = collections.Counter()
		self.apart = collections.Counter()
		self.why = collections.Counter()
		self.faults = []
		self.writing = Writing()

	def one_table(self):
		description = tables.Tables(self.random).make()
		self.driver.send(description)
		own = self.driver.answer()
		if 'refused' in own:
			self.refused += 1
			self.why[own['refused'].splitlines()[0].split(': ', 1)[-1]] += 1
			return
		maker = documents.Documents(self.random, description['tables'])
		texts = [maker.document() for _ in range(self.per_table)]
		self.driver.send(dict(description, documents=texts))
		own = self.driver.answer()
		self.tables += 1
		self.kinds.update(row['kind'] for table in description['tables'] for row in table.get('rows', ('union',)) if row != 'union')
		self.ajv.send(dict(own['request'], documents=texts))
		foreign = self.ajv.answer()
		Trial(self, description, texts, own, foreign).judge()
		# Rows of answers alone are the handler's to fill in, and here is none.
		one_way = any(row.get('access') == 1 for table in description['tables'] for row in table.get('rows', ()))
		if description['answered'] and not one_way and 'fault' not in foreign:
			self.answers(description, own)

	def answers(self, description, own):
		"""What is answered keeps to the schema of answers."""
		texts = [result['answer'] for result in own['results'] if result.get('answer')]
		self.ajv.send(dict(own['answer'], documents=texts, only_plain=True))
		foreign = self.ajv.answer()
		if 'fault' in foreign:
			self.faults.append(f'ajv does not take the schema of answers: {foreign["fault"]}')
			return
		for text, plain in zip(texts, foreign['plain'], strict=True):
			if plain == '0' and not self.is_explained(description, text):
				self.faults.append(f'an answer is not what its schema says\n  {text}\n  {json.dumps(own["answer"])}\n'
					f'  tables: {json.dumps(short(description["tables"]))}')
				return

	@staticmethod
	def is_explained(description, text):
		"""By numbers that are no doubles."""
		rows = [row for table in description['tables'] for row in table.get('rows', ())]
		if any(row.get('multiple_of') or row.get('contains', {}).get('multiple_of') for row in rows):
			return True
		wide = []
		json.loads(text, parse_int=lambda number: wide.append(int(number) != int(float(number))))
		return any(wide) or '9223372036854775807' in text

	def run(self):
		end = time.monotonic() + self.seconds
		while self.count < self.wanted and len(self.faults) < FAULTS_MAX and time.monotonic() < end:
			self.one_table()
		self.driver.end()
		self.ajv.end()


def main():
	parser = argparse.ArgumentParser()
	parser.add_argument('driver')
	parser.add_argument('node')
	parser.add_argument('node_modules')
	parser.add_argument('--documents', type=int, default=500 if os.environ.get('COR_TEST_LIGHT') else 5000)
	parser.add_argument('--per-table', type=int, default=50)
	parser.add_argument('--seconds', type=float, default=float('inf'), help='the most time that it may take')
	parser.add_argument('--seed', type=int, default=1)
	parser.add_argument('--show', action='store_true', help='why tables are refused')
	arguments = parser.parse_args()
	tap = Tap()
	needed = pathlib.Path(arguments.node_modules) / 'ajv-formats/package.json'
	if not needed.exists():
		tap.skip('three judges agree', f'{needed} is missing: make deps-test')
		tap.done()
	run = Run(arguments)
	run.run()
	if arguments.show:
		for why, count in run.why.most_common(40):
			tap.note(f'{count} {why}')
		tap.note(str(run.kinds))
	tap.check('three judges agree', run.faults)
	for reason, count in sorted(run.apart.items()):
		tap.note(f'differ by design, {count}: {reason}')
	tap.figure(f'{run.count} documents of {run.tables} tables before three judges, {run.accepted} taken, {run.writing.scalars} values '
		f'written as Python writes them; {run.refused} tables contradict themselves')
	tap.done()


if __name__ == '__main__':
	main()
