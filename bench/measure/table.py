# SPDX-License-Identifier: MIT
"""Figures and targets, a row each."""

import statistics


class Figure:
	"""The median of some values, with the spread of its middle half."""

	def __init__(self, values):
		self.values = sorted(values)
		self.median = statistics.median(self.values)
		self.low, self.high = self.values[len(values) // 4], self.values[-1 - len(values) // 4]

	def __format__(self, spec):
		spec = spec or '.2f'
		if len(self.values) == 1:
			return format(self.median, spec)
		return f'{format(self.median, spec)} ({format(self.low, spec)} to {format(self.high, spec)})'


class Table:
	def __init__(self):
		self.rows = []

	def tell(self, what, figure, spec='.2f', unit=''):
		"""A figure without a target, for comparison."""
		self.add(what, figure, spec, unit, '', '')

	def at_most(self, what, figure, limit, spec='.2f', unit=''):
		"""Met when the spread reaches the target."""
		self.add(what, figure, spec, unit, f'<= {limit:g}', 'met' if figure.low <= limit else 'NOT MET')

	def at_least(self, what, figure, limit, spec='.2f', unit=''):
		self.add(what, figure, spec, unit, f'>= {limit:g}', 'met' if figure.high >= limit else 'NOT MET')

	def add(self, what, figure, spec, unit, target, verdict):
		text = f'{format(figure, spec)} {unit}'.strip()
		self.row(what, text, figure.median, target, verdict)
		print(f'  {what}: {text}' + (f'; target {target}: {verdict}' if target else ''))

	def fail(self, what, error):
		self.row(what, 'not measured', None, '', str(error))
		print(f'  not measured: {error}')

	def row(self, what, figure, median, target, verdict):
		self.rows.append(
			{'what': what, 'figure': figure, 'median': median, 'target': target, 'verdict': verdict})

	def __str__(self):
		columns = ('what', 'figure', 'target', 'verdict')
		widths = [max([len(column)] + [len(row[column]) for row in self.rows]) for column in columns[:-1]]
		lines = []
		for row in [dict(zip(columns, columns)), *self.rows]:
			cells = [row[column].ljust(width) for column, width in zip(columns, widths)]
			lines.append('  '.join([*cells, row['verdict']]).rstrip())
		verdicts = [row['verdict'] for row in self.rows if row['target']]
		lines.append(f'\n{verdicts.count("met")} of {len(verdicts)} targets met')
		return '\n'.join(lines)
