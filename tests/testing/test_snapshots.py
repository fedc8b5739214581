#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Snapshots: written when asked, compared, told when nobody uses them. The program is compiled in a folder of its own, beside which
its snapshots are. usage: test_snapshots.py LIBRARY COMPILER...
"""

import os
import subprocess
import sys
import tempfile

from program import Events, run_checks

BUILD = os.path.dirname(os.path.abspath(sys.argv[1]))
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
PROGRAM = '''#include <stdlib.h>
#include <coracle/testing.h>

static void lists(struct cor_test *t)
{
	const char *json = getenv("COR_JSON");

	cor_expect_snapshot(t, "list", json ? json : "{\\"b\\":[1,2],\\"a\\":\\"x\\"}");
}

static void counts(struct cor_test *t)
{
	if (getenv("COR_SKIPS"))
		cor_test_skip(t, "asked to");
	if (!getenv("COR_LESS"))
		cor_expect_snapshot(t, "count", "3");
}

static void misnames(struct cor_test *t)
{
	cor_require_snapshot(t, "../list", "3");
	cor_test_fail(t, "not reached");
}

static const struct cor_case cases[] = { COR_CASE(lists), COR_CASE(counts) };
static const struct cor_case wrong[] = { COR_CASE(misnames) };
static const struct cor_case_group groups[] = { { .name = "wrong", COR_CASES(wrong) } };

int main(int argc, char **argv)
{
	bool is_wrong = getenv("COR_WRONG");

	return cor_test_main(argc, argv, &(struct cor_suite){ COR_CASES(cases), .groups = groups, .groups_len = is_wrong });
}
'''


class Place:
	def __enter__(self):
		self.folder = tempfile.TemporaryDirectory()
		self.source = os.path.join(self.folder.name, 'test_books.c')
		with open(self.source, 'w') as out:
			out.write(PROGRAM)
		self.program = os.path.join(self.folder.name, 'test_books')
		subprocess.run([*sys.argv[2:], self.source, '-I', ROOT + '/include', '-L', BUILD, '-lcoracle-testing', '-lcoracle', '-o',
			self.program], check=True)
		return self

	def __exit__(self, *ignored):
		self.folder.cleanup()

	def run(self, *arguments, **env):
		return Events(self.program, *arguments, env=dict(env, LD_LIBRARY_PATH=BUILD + ':' + os.environ.get('LD_LIBRARY_PATH', '')))

	def path(self, name):
		return os.path.join(self.folder.name, 'snapshots', f'test_books.{name}.json')

	def read(self, name):
		with open(self.path(name)) as file:
			return file.read()

	def write(self, name, text):
		with open(self.path(name), 'w') as file:
			file.write(text)


def test_one_that_is_not_there_fails_and_is_written_when_asked():
	with Place() as place:
		run = place.run()
		assert run.status == 1 and 'is not there yet: --update-snapshots writes it' in run.text('lists'), run.out
		assert not os.path.exists(place.path('list'))
		assert place.run('--update-snapshots').status == 0
		assert place.read('list') == '{\n  "b": [\n    1,\n    2\n  ],\n  "a": "x"\n}\n', place.read('list')
		assert place.run().status == 0 and sorted(os.listdir(os.path.dirname(place.path('x')))) == \
			['test_books.count.json', 'test_books.list.json']


def test_what_differs_is_told_by_pointer():
	with Place() as place:
		place.run('--update-snapshots')
		run = place.run(COR_JSON='{"b":[1,3],"a":"x"}')
		assert run.status == 1 and 'other   /b/1: is 3, wanted 2' in run.text('lists'), run.out
		assert '--update-snapshots writes what there is now' in run.text('lists')
		assert place.run('--update-snapshots', COR_JSON='{"b":[1,3],"a":"x"}').status == 0
		assert place.run(COR_JSON='{"b":[1,3],"a":"x"}').status == 0 and place.run().status == 1


def test_the_same_json_leaves_the_file_alone():
	with Place() as place:
		place.run('--update-snapshots')
		place.write('list', '{"a": "x", "b": [1.0, 2e0]}')
		assert place.run('--update-snapshots').status == 0 and place.read('list') == '{"a": "x", "b": [1.0, 2e0]}'


def test_what_is_no_json():
	with Place() as place:
		run = place.run('--update-snapshots', COR_JSON='[1,')
		assert run.status == 1 and 'is not written' in run.text('lists') and not os.path.exists(place.path('list')), run.out
		place.run('--update-snapshots')
		assert 'is no JSON, from byte 3 on' in place.run(COR_JSON='[1,').text('lists')


def test_names():
	with Place() as place:
		run = place.run('-k', 'misnames', COR_WRONG='1')
		assert 'is no name of a snapshot' in run.text('wrong.misnames') and 'not reached' not in run.text('wrong.misnames'), run.out


def test_one_that_nobody_uses_is_told():
	with Place() as place:
		place.run('--update-snapshots')
		told = f'{place.path("count")}: no test has used it'
		run = place.run(COR_LESS='1')
		assert run.status == 0 and told in run.err, run.err
		assert told not in place.run().err
		assert told not in place.run('-k', 'lists').err, 'not all tests ran'
		assert told not in place.run(COR_SKIPS='1').err, 'one was skipped'
		place.write('other_file', '1')
		os.rename(place.path('other_file'), os.path.join(os.path.dirname(place.path('x')), 'test_shelf.count.json'))
		assert 'test_shelf' not in place.run(COR_LESS='1').err, 'it is of another file'
		run = place.run('--update-snapshots', COR_LESS='1')
		assert 'removed' in run.err and not os.path.exists(place.path('count')), run.err


run_checks(sys.modules[__name__])
