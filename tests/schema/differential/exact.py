# SPDX-License-Identifier: MIT
"""JSON without loss: numbers as they are written, members in their order, and whether a key comes twice."""

import decimal
import json

CONTEXT = decimal.Context(prec=2000, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
decimal.setcontext(CONTEXT) # all decimals of these programs are exact


class Number:
	"""A number by its text; `exact` is its value, `real` the double next to it."""

	__slots__ = ('text', 'exact', 'real')

	def __init__(self, text):
		self.text = text
		self.exact = decimal.Decimal(text)
		self.real = float(text)

	def is_whole(self):
		return self.exact == self.exact.to_integral_value()


class Members(dict):
	"""An object; `repeated` holds the keys that came more than once."""

	repeated = ()


class Parser:
	def __init__(self):
		self.has_repeated = False

	def members(self, pairs):
		made = Members(pairs)
		if len(made) != len(pairs):
			self.has_repeated = True
			keys = [key for key, _ in pairs]
			made.repeated = {key for key in keys if keys.count(key) > 1}
		return made

	def parse(self, text):
		def refuse(name):
			raise ValueError(name)

		return json.loads(text, parse_float=Number, parse_int=Number, parse_constant=refuse, object_pairs_hook=self.members)


def parse(text):
	"""The value, and whether a key comes twice in an object of it."""
	parser = Parser()
	value = parser.parse(text)
	return value, parser.has_repeated


def same(a, b, number=lambda n: n.exact):
	"""A form of JSON to compare, as JSON Schema does: numbers by value, members in any order."""
	return form(a, number) == form(b, number)


def form(value, number=lambda n: n.exact):
	if isinstance(value, Number):
		return ('number', number(value))
	if isinstance(value, dict):
		return ('object', frozenset((key, form(item, number)) for key, item in value.items()))
	if isinstance(value, list):
		return ('array', tuple(form(item, number) for item in value))
	return (type(value).__name__, value)
