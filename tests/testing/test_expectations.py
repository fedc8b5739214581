#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What each expectation says when it is not so. usage: test_expectations.py EXPECTATIONS"""

import re
import sys

from program import Events, run_checks

PROGRAM = sys.argv[1]
ALL = Events(PROGRAM)


def said(test):
	"""The failures of a test, without their places."""
	assert ALL.state(test) == 'failed', ALL.ended[test]
	return re.sub(r'^\S*expectations\.c:\d+: ', '', ALL.text(test), flags=re.M)


def expect(test, wanted):
	assert said(test) == wanted, f'{said(test)}\n--- wanted:\n{wanted}'


def test_what_is_so_says_nothing():
	states = {name: (e['state'], e['text']) for name, e in ALL.ended.items() if name.startswith('so.')}
	assert len(states) == 4 and all(s == ('passed', '') for s in states.values()), states


def test_not_equal():
	expect('not.not_equal', '''is_sold is not true
    is      false
    wanted  true
UINT64_MAX is not -1
    is      18446744073709551615
    wanted  -1
0.1 + 0.2 is not 0.3
    is      0.30000000000000004
    wanted  0.3
"a \\"b\\"\\t\\x01" is not ""
    is      "a \\"b\\"\\t\\x01"
    wanted  ""
(const char *)NULL is not "x"
    is      NULL
    wanted  "x"
3 is 3
    is      3
    not     3
NAN is not NAN
    is      nan
    wanted  nan
1 is not "1"
    a number and a text or pointer are never equal
    is      1
    wanted  "1"
''')


def test_not_the_items():
	expect('not.not_the_items', '''numbers has not the items 1, 1, 3, in any order
    missing 1
    more    3
titles has not the items "Persuasion", "Emma", in any order
    missing "Persuasion"
reals has not the items 0.5, NAN, in any order
    missing nan
    more    nan
''')


def test_not_in_order():
	text = re.sub(r'0x[0-9a-f]+', '0x1', said('not.not_in_order'))
	assert text == '''2 is not less than 2
    is      2
    bound   2
"b" is more than "a"
    is      "b"
    bound   "a"
NAN is not more than 0
    is      nan
    bound   0
-1 is less than 0U
    is      -1
    bound   0
t is not less than t
    only two numbers or two texts have an order
    is      0x1
    bound   0x1
''', text


def test_not_in_text():
	expect('not.not_in_text', '''"Emma" does not contain "x"
    is      "Emma"
    part    "x"
"Emma" contains "mm"
    is      "Emma"
    part    "mm"
"Emma" does not match "^m"
    is      "Emma"
    pattern "^m"
"Emma" does not match "("
    the pattern is no extended regular expression
    is      "Emma"
    pattern "("
(const char *)NULL does not contain "x"
    the text is NULL
    is      NULL
    part    "x"
''')


def test_not_so():
	expect('not.not_so', '''not so: count > 100
1.5 is not near 1.0
    is      1.5
    wanted  1
    apart   0.5, allowed are 0.25
-ETIMEDOUT is not 0
    is      -110 (ETIMEDOUT)
    wanted  0 (OK)
0 is not -COR_EPROBLEM
    is      0 (OK)
    wanted  -5000 (COR_EPROBLEM)
''')


def test_other_lines():
	expect('not.other_lines', '''"a\\nb\\nc\\nd\\ne\\nf\\n" is not "a\\nb\\nc\\nX\\ne\\nf\\n"
    from line 4 on, - is wanted, + is there:
      b
      c
    - X
    + d
      e
      f
"a\\nb\\n" is not "a\\nb"
    the lines are the same, but not how the last one ends
"1\\n2\\n3\\n" is not "1\\n3\\n4\\n"
    from line 2 on, - is wanted, + is there:
      1
    + 2
      3
    - 4
''')


def test_other_bytes():
	text = said('not.other_bytes')
	assert '    000010 is     [58]' in text and '           wanted [59]' in text and '|X|' in text and '000000' not in text, text
	assert 'NULL is not "x"\n    NULL is NULL\n' in text, text


def test_other_json():
	text = said('not.other_json')
	assert text.startswith('''"{\\"a\\":1,\\"more\\":[1],\\"l\\":[1,2,3],\\"a/b\\":{\\"x\\":\\"y\\"}}" is not the JSON that is wanted
    other   /a: is 1, wanted 2
    missing /missing: null
    other   /l/1: is 2, wanted 5
    more    /l/2: 3
    other   /a~1b/x: is "y", wanted []
    more    /more: [1]
'''), text
	assert '"[1," is no JSON, from byte 3 on (COR_ESYNTAX)\n    "[1,"\n' in text and '(const char *)NULL is NULL' in text, text


def test_other_struct():
	text = said('not.other_struct')
	assert text.startswith('''&got is not the JSON that is wanted
    other   /id: is 8, wanted 7
    more    /tags/1: "green"
'''), text
	assert '&(struct book){ .id = 7 } has no JSON by book_schema' in text and 'not reached' not in text, text


def test_requirements_end_the_test():
	for row in range(5):
		assert ALL.state(f'not.requires[{row}]') == 'failed' and 'not reached' not in ALL.text(f'not.requires[{row}]')


run_checks(sys.modules[__name__])
