# SPDX-License-Identifier: MIT
"""What order.c does, with unittest."""

import os
import unittest


def step(name):
	with open(os.environ['COR_STEPS'], 'a') as out:
		out.write(name + '\n')
	if os.environ.get('COR_SKIPS') == name:
		raise unittest.SkipTest('asked to')
	if os.environ.get('COR_FAILS') == name:
		raise RuntimeError(name)


def setUpModule():
	unittest.addModuleCleanup(step, 'module cleanup')
	step('setUpModule')


def tearDownModule():
	step('tearDownModule')


class A(unittest.TestCase):
	@classmethod
	def setUpClass(cls):
		cls.addClassCleanup(step, 'class cleanup')
		step('setUpClass')

	@classmethod
	def tearDownClass(cls):
		step('tearDownClass')

	def setUp(self):
		self.addCleanup(step, 'cleanup 1')
		self.addCleanup(step, 'cleanup 2')
		step('setUp')

	def tearDown(self):
		step('tearDown')

	def test_a(self):
		step('test_a')

	def test_b(self):
		step('test_b')


if __name__ == '__main__':
	unittest.main()
