#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The store against servers that answer for others, wrong lengths, late, twice, in pieces, or not at all: never another key's value."""

import sys
import threading
import time

from parts import Asker, Fake, opaque
from tap import Tap

ASKER = sys.argv[1]


def key_of(line):
	return line.split()[1]


def right(_, line, body):
	"""What a server would say that has "=KEY=" under each key."""
	word, key = line.split()[:2]
	if word == b'mg' and b' v ' in line:
		value = b'=%s=' % key
		return b'VA %d f0 t-1 c1 k%s %s\r\n%s\r\n' % (len(value), key, opaque(line), value)
	if word == b'gets':
		value = b'=%s=' % key
		return b'VALUE %s 0 %d 1\r\n%s\r\nEND\r\n' % (key, len(value), value)
	if word in (b'ms', b'md', b'mg'):
		return b'HD %s\r\n' % opaque(line)
	return {b'set': b'STORED\r\n', b'delete': b'DELETED\r\n', b'touch': b'TOUCHED\r\n'}.get(word, b'OK\r\n')


def fixed(answer):
	"""Says that to the key "lie", with OPAQUE as it should be, and is right to all others."""
	def reply(fake, line, body):
		if key_of(line) != b'lie':
			return right(fake, line, body)
		return answer.replace(b'OPAQUE', opaque(line)) if b' O' in line else answer
	return reply


LIES = {
	'another key': b'VA 3 f0 t-1 c1 kother OPAQUE\r\nabc\r\n',
	'no key': b'VA 3 f0 t-1 c1 OPAQUE\r\nabc\r\n',
	'the key as if it were base64': b'VA 3 f0 t-1 c1 klie b OPAQUE\r\nabc\r\n',
	'another number': b'VA 3 f0 t-1 c1 klie O99999\r\nabc\r\n',
	'no number': b'VA 3 f0 t-1 c1 klie\r\nabc\r\n',
	'a value that is longer': b'VA 3 klie OPAQUE\r\nabcde\r\n',
	'a length of -1': b'VA -1 klie OPAQUE\r\n',
	'4 GB less 1': b'VA 4294967295 klie OPAQUE\r\n',
	'4 GB': b'VA 4294967296 klie OPAQUE\r\n',
	'a length of 30 digits': b'VA 999999999999999999999999999999 klie OPAQUE\r\n',
	'100 MB': b'VA 100000000 klie OPAQUE\r\n',
	'what a put would say': b'HD OPAQUE\r\n',
	'what the text protocol says': b'VALUE lie 0 3 1\r\nabc\r\nEND\r\n',
	'ERROR': b'ERROR\r\n',
	'CLIENT_ERROR': b'CLIENT_ERROR bad command line format\r\n',
	'SERVER_ERROR': b'SERVER_ERROR out of memory\r\n',
	'an endless line': b'VA 3 ' + b'x' * 100000,
	'bytes': bytes(range(256)),
	'a line end alone': b'\n',
	'a miss of another': b'EN O99999\r\n',
}
TEXT_LIES = {
	'another key': b'VALUE other 0 3 1\r\nabc\r\nEND\r\n',
	'two values': b'VALUE lie 0 3 1\r\nabc\r\nVALUE lie 0 3 1\r\nabc\r\nEND\r\n',
	'a length of -1': b'VALUE lie 0 -1 1\r\n',
	'4 GB': b'VALUE lie 0 4294967296 1\r\n',
	'a value that is longer': b'VALUE lie 0 3 1\r\nabcd\r\nEND\r\n',
	'what the meta protocol says': b'VA 3 klie O1\r\nabc\r\n',
	'another command': b'DELETED\r\n',
	'ERROR': b'ERROR\r\n',
	'CLIENT_ERROR': b'CLIENT_ERROR line too long\r\n',
}


def expect(problems, what, found, expected):
	if found != expected:
		problems.append('%s is %s, not %s' % (what, found, expected))


def value_of(line):
	return line.split()[1] if line.startswith('0 ') else line


def check_lies(tap, mode, lies, knows_meta):
	for name, answer in lies.items():
		problems = []
		with Fake(fixed(answer), knows_meta) as fake, Asker(ASKER, mode, fake.at, fails=1000) as asker:
			for _ in range(3):
				expect(problems, 'before', value_of(asker.ask('get', 'a')), '=a=')
				expect(problems, 'the lie', asker.ask('get', 'lie'), 'EPROTO')
				expect(problems, 'after', value_of(asker.ask('get', 'b')), '=b=')
			expect(problems, 'many', asker.ask('get_many', 'c', 'd'), '0 2 =c= =d=')
			expect(problems, 'errors', asker.figures()['errors'], 3)
		tap.check('%s, in a %s, to %s' % (name, mode, 'meta' if knows_meta else 'text'), problems)


def check_trickle(tap, mode, knows_meta):
	problems = []
	with Fake(right, knows_meta) as fake, Asker(ASKER, mode, fake.at) as asker:
		fake.trickles = True
		expect(problems, 'one byte at a time', asker.ask('get_many', 'a', 'b', 'c'), '0 3 =a= =b= =c=')
		expect(problems, 'put', asker.ask('put', 'a', 'x'), '0')
		expect(problems, 'touch', asker.ask('touch', 'a', 9000), '0')
		expect(problems, 'delete', asker.ask('delete', 'a'), '0')
	tap.check('one byte at a time, in a %s, %s' % (mode, 'meta' if knows_meta else 'text'), problems)


def check_text(tap, mode):
	problems = []
	with Fake(right, knows_meta=False) as fake, Asker(ASKER, mode, fake.at) as asker:
		expect(problems, 'get', asker.ask('get', 'a'), '0 =a= 1 1')
		asker.ask('put', 'a', 'x', 1999)
		expect(problems, 'the request', fake.requests[-1], b'set a 0 1 1\r\n')
		expect(problems, 'connections', fake.connections, 1)
	for version, verb in ((b'1.6.9', b'gets'), (b'1.6.0', b'gets'), (b'1.6.10', b'mg'), (b'1.7.0', b'mg'), (b'of a proxy', b'mg')):
		with Fake(right, version=version) as fake, Asker(ASKER, mode, fake.at) as asker:
			expect(problems, 'get', value_of(asker.ask('get', 'a')), '=a=')
			expect(problems, 'to %s' % version, fake.requests[-1].split()[0], verb)
	tap.check('a server that does not know the meta protocol, in a %s' % mode, problems)


def check_late(tap):
	"""The answer to who has given up comes when another waits."""
	problems = []

	def reply(fake, line, body):
		if key_of(line) == b'slow':
			time.sleep(0.06)
		return right(fake, line, body)
	for knows_meta in (True, False):
		with Fake(reply, knows_meta) as fake, Asker(ASKER, 'fiber', fake.at) as asker:
			asker.ask('get', 'a')
			late = 0
			for _ in range(50):
				found = asker.ask('get_both', 'slow', 'b').split()
				if found[:2] == ['0', '=slow=']:
					continue  # on a busy machine the one who waits may be as late
				expect(problems, 'both', found[:3], ['ETIMEDOUT', '0', '=b='])
				late += 1
				if late == 5:
					break
			expect(problems, 'late ones', late, 5)
			expect(problems, 'connections', fake.connections, 1)
	tap.check('a late answer is dropped, and the next one is its own', problems)


def check_shift(tap, mode):
	"""From some request on each answer is that to the one before."""
	problems = []
	answers = []

	def reply(fake, line, body):
		answers.append(right(fake, line, body))
		return answers[-2] if len(answers) % 10 == 3 else answers[-1]
	with Fake(reply) as fake, Asker(ASKER, mode, fake.at, fails=1000) as asker:
		for number in range(40):
			key = 'k%d' % number
			found = value_of(asker.ask('get', key))
			if found not in ('=%s=' % key, 'EPROTO'):
				problems.append('%s is %s' % (key, found))
	tap.check('answers that are shifted by one, in a %s' % mode, problems)


def check_surplus(tap, mode):
	problems = []
	with Fake(lambda fake, line, body: right(fake, line, body) * 2) as fake, Asker(ASKER, mode, fake.at, fails=1000) as asker:
		for number in range(20):
			key = 'k%d' % number
			found = value_of(asker.ask('get', key))
			if found not in ('=%s=' % key, 'EPROTO', 'ECONNRESET'):
				problems.append('%s is %s' % (key, found))
	tap.check('each answer twice, in a %s' % mode, problems)


def check_breaks(tap, mode):
	problems = []

	def reply(fake, line, body):
		fake.is_cut = key_of(line) == b'cut'
		if fake.is_cut:
			return b'VA 5 f0 t-1 c1 kcut %s\r\nab' % opaque(line)
		return None if key_of(line) == b'end' else right(fake, line, body)

	class Breaking(Fake):
		is_cut = False

		def serve_one(self, connection, source):
			goes_on = super().serve_one(connection, source)
			goes_on = goes_on and not self.is_cut
			self.is_cut = False
			return goes_on
	with Breaking(reply) as fake, Asker(ASKER, mode, fake.at, fails=1000) as asker:
		expect(problems, 'in the middle of a value', asker.ask('get', 'cut'), 'ECONNRESET')
		expect(problems, 'after', value_of(asker.ask('get', 'a')), '=a=')
		expect(problems, 'without an answer', asker.ask('get', 'end'), 'ECONNRESET')
		expect(problems, 'after', value_of(asker.ask('get', 'b')), '=b=')
	tap.check('connections that end, in a %s' % mode, problems)


def check_silence(tap, mode):
	"""Each call waits as long as it may, until the server is out; then nobody asks it until its pause is over."""
	problems = []
	hold = threading.Event()

	def reply(fake, line, body):
		hold.wait(30)
		return right(fake, line, body)
	with Fake(reply) as fake, Asker(ASKER, mode, fake.at, timeout_ms=30, fails=3, dead_ms=60000) as asker:
		for _ in range(3):
			begun = time.monotonic()
			expect(problems, 'silence', asker.ask('get', 'a'), 'ETIMEDOUT')
			if not 0.025 < time.monotonic() - begun < 5:
				problems.append('it has taken %.3f s' % (time.monotonic() - begun))
		expect(problems, 'then', [asker.ask('get', 'a') for _ in range(5)], ['COR_EUNTRIED'] * 5)
		hold.set()
	tap.check('a server that is silent is out after a while, in a %s' % mode, problems)


def check_return(tap):
	"""One request finds a server back, and the others wait for what comes of it."""
	problems = []
	state = {'hang': True}
	seen = []

	def reply(fake, line, body):
		if state['hang']:
			time.sleep(0.3)
			return None
		seen.append(time.monotonic())
		if len(seen) == 1:
			time.sleep(0.1)
			state['first'] = len(fake.requests)
		value = b'%s=' % key_of(line)
		return b'VA %d f0 t-1 c1 k%s %s\r\n%s\r\n' % (len(value), key_of(line), opaque(line), value)
	with Fake(reply) as fake, Asker(ASKER, 'fiber', fake.at, timeout_ms=200, fails=2, dead_ms=300) as asker:
		asker.ask('load', 250, 20)
		state['hang'] = False
		before = len(fake.requests)
		found = dict(pair.split('=') for pair in asker.ask('load', 2500, 50).split()[1:])
		expect(problems, 'requests until it has answered', state.get('first', 0) - before, 1)
		if int(found['good']) == 0 or int(found['wrong']) > 0:
			problems.append('it is not back: %s' % found)
	tap.check('no herd when a server is back', problems)


def main():
	tap = Tap()
	for mode in ('fiber', 'thread'):
		check_lies(tap, mode, LIES, True)
		check_lies(tap, mode, TEXT_LIES, False)
		for knows_meta in (True, False):
			check_trickle(tap, mode, knows_meta)
		check_text(tap, mode)
		check_shift(tap, mode)
		check_surplus(tap, mode)
		check_breaks(tap, mode)
		check_silence(tap, mode)
	check_late(tap)
	check_return(tap)
	tap.done()


main()
