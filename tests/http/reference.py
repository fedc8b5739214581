#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A second parser of request heads, slow and by the letter, and generated heads on which both must agree.

usage: reference.py DRIVER [COUNT [SEED]]

It shares nothing with the C parser but the rules that http/head.h states; it knows no limits of size.
"""

import ipaddress
import os
import random
import re
import subprocess
import sys

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
PATH = rb"[!$%&'()*+,\-./0-9:;=@A-Z\[\]^_a-z|~]"
QUERY = rb"[!$%&'()*+,\-./0-9:;=?@A-Z\[\\\]^_`a-z{|}~]"
REG_NAME = re.compile(rb"(?:[!$&'()*+,\-.0-9;=A-Z_a-z~]|%[0-9A-Fa-f]{2})+")
REQUEST = re.compile(rb'(' + TOKEN + rb') ([^ ]+) (.*)', re.S)
FIELD = re.compile(rb'(' + TOKEN + rb'):[ \t]*(.*?)[ \t]*', re.S)
ORIGIN = re.compile(rb'((?:/' + PATH + rb'*)?)(?:(\?)(' + QUERY + rb'*))?')
ABSOLUTE = re.compile(rb'https?://([^/?]*)(.*)', re.S | re.I)
CONTROL = re.compile(rb'[\x00-\x08\x0a-\x1f\x7f]')


class Refused(Exception):
	pass


class More(Exception):
	pass


def require(condition, status=400):
	if not condition:
		raise Refused(str(status))


def host_is_valid(text, port_required=False):
	literal = re.fullmatch(rb'\[([0-9A-Fa-f:.]*)\](?::([0-9]*))?', text)
	name = re.fullmatch(rb'([^:\[\]]*)(?::([0-9]*))?', text)
	if literal:
		try:
			ipaddress.IPv6Address(literal[1].decode())
		except ValueError:
			return False
	elif not name or not REG_NAME.fullmatch(name[1]):
		return False
	port = (literal or name)[2]
	return int(port or b'0') <= 65535 and not (port_required and not port)


def next_line(data, pos):
	"""The line that begins at pos and where the next one begins."""
	found = CONTROL.search(data, pos)
	if not found or data[found.start():] == b'\r':
		raise More
	require(data[found.start():found.start() + 2] == b'\r\n')
	return data[pos:found.start()], found.start() + 2


def parse_target(head, target):
	method = head['method']
	head.update(form=0, path=b'', query=None, authority=b'')
	if method == b'CONNECT':
		require(host_is_valid(target, port_required=True))
		head.update(form=3, authority=target)
		return
	if method == b'OPTIONS' and target == b'*':
		head.update(form=2, path=b'*')
		return
	absolute = ABSOLUTE.fullmatch(target)
	if absolute:
		require(host_is_valid(absolute[1]))
		head.update(form=1, authority=absolute[1])
		target = absolute[2]
	else:
		require(target.startswith(b'/'))
	origin = ORIGIN.fullmatch(target)
	require(origin)
	head.update(path=origin[1] or b'/', query=origin[3] if origin[2] else None)


def parse_request_line(head, line):
	match = REQUEST.fullmatch(line)
	require(match)
	head['method'] = match[1]
	parse_target(head, match[2])
	require(re.fullmatch(rb'HTTP/[0-9]\.[0-9]', match[3]))
	require(match[3].startswith(b'HTTP/1.'), 505)
	head['minor'] = min(int(match[3][-1:]), 1)


def check_transfer_encoding(values, value):
	require(len(values) == 1)
	codings = [coding.strip(b' \t').lower() for coding in value.split(b',')]
	require(all(re.fullmatch(TOKEN, coding) for coding in codings))
	require(codings.count(b'chunked') == 1 and codings[-1] == b'chunked')
	require(len(codings) == 1, 501)


def check_field(head, name, value):
	values = head['named'].setdefault(name, [])
	values.append(value)
	if name == b'host':
		require(len(values) == 1 and (not value or host_is_valid(value)))
	elif name == b'content-length':
		require(len(values) == 1 and re.fullmatch(rb'[0-9]+', value))
		require(int(value) < 2**63, 413)
	elif name == b'transfer-encoding':
		check_transfer_encoding(values, value)
	elif name == b'connection':
		options = [option.strip(b' \t').lower() for option in value.split(b',')]
		require(all(not option or re.fullmatch(TOKEN, option) for option in options))
		head['options'].update(options)
	elif name == b'expect' and head['minor'] == 1:
		require(value.lower() == b'100-continue', 417)
	require(name not in (b'content_length', b'transfer_encoding'))


def describe(head, used):
	named, options, minor = head['named'], head['options'], head['minor']
	chunked = b'transfer-encoding' in named
	length = int(named[b'content-length'][0]) if b'content-length' in named else None
	require(not (chunked and (minor == 0 or length is not None)))
	require(minor == 0 or b'host' in named)
	host = head['authority'] or named.get(b'host', [b''])[0]
	keep = b'close' not in options and (minor == 1 or b'keep-alive' in options)
	expects = minor == 1 and b'expect' in named and (chunked or bool(length))
	upgrade = minor == 1 and b'upgrade' in options and b'upgrade' in named
	query = b'' if head['query'] is None else b'query=%s ' % head['query']
	flags = ((chunked, b'+chunked'), (keep, b'+keep'), (expects, b'+continue'), (upgrade, b'+upgrade'))
	return b'used=%d %s form=%d path=%s %shost=%s authority=%s 1.%d length=%s %s %s' % (
		used, head['method'], head['form'], head['path'], query, host, head['authority'], minor,
		b'-' if length is None else b'%d' % length,
		b''.join(b'%s:%s;' % field for field in head['fields']),
		b''.join(flag for held, flag in flags if held))


def parse_head(data):
	pos = 0
	if data[:1] == b'\r':
		if len(data) == 1:
			raise More
		require(data[1:2] == b'\n')
		pos = 2
	if pos == len(data):
		raise More
	require(re.match(TOKEN, data[pos:]))
	head = {'fields': [], 'named': {}, 'options': set()}
	line, pos = next_line(data, pos)
	parse_request_line(head, line)
	while True:
		line, pos = next_line(data, pos)
		if not line:
			return describe(head, pos)
		field = FIELD.fullmatch(line)
		require(field)
		head['fields'].append(field.groups())
		check_field(head, field[1].lower(), field[2])


def parse(data):
	try:
		return parse_head(data)
	except More:
		return b'more'
	except Refused as refused:
		return refused.args[0].encode()


METHODS = (b'GET', b'POST', b'GET', b'POST', b'OPTIONS', b'CONNECT', b'HEAD', b'get', b'X-Y', b'G T', b'')
TARGETS = (b'/', b'/a?b', b'/%20', b'/', b'/a/b?c=d&e', b'*', b'a:1', b'http://a', b'http://b:80/c?d', b'HTTPS://[::1]?',
	b'http://u@a/', b'/a b', b'/\xc3\xa4', b'/#', b'', b'//', b'/?', b'[::1]:443', b'http://a:99999/', b'/{}', b'/?{}')
VERSIONS = (b'HTTP/1.1',) * 9 + (b'HTTP/1.0', b'HTTP/1.0', b'HTTP/2.0', b'HTTP/1.2', b'http/1.1', b'HTTP/1.1 ')
FIELDS = (b'Host: a', b'Host: b:80', b'Host: [::1]:1', b'host:', b'Host: a, b', b'Host: [1::2::3]', b'Host: [::1.2.3.4]',
	b'Content-Length: 5', b'content-length:\t0', b'Content-Length: 05', b'Content-Length: 5, 5', b'Content-Length: -1',
	b'Content-Length: 18446744073709551616', b'Content-Length:', b'Content_Length: 5', b'Content-Length : 5',
	b'Transfer-Encoding: chunked', b'transfer-encoding:CHUNKED', b'Transfer-Encoding: gzip, chunked',
	b'Transfer-Encoding: gzip', b'Transfer-Encoding: chunked, identity', b'Transfer-Encoding: ,chunked',
	b'Transfer-Encoding: \x0bchunked', b'Transfer_Encoding: chunked', b'Transfer-Encoding: chunked, chunked',
	b'Connection: close', b'Connection: keep-alive', b'Connection: Upgrade, x', b'Connection: ,', b'Connection: a b',
	b'Upgrade: websocket', b'Expect: 100-continue', b'Expect: 100-Continue ', b'Expect: x', b'Accept: */*', b'X: \x80 y\t',
	b'X-Request-ID: 1', b'A : b', b': b', b' folded', b'A', b'\tA: b', b'Cookie: a=b; c="d"', b'A: b\x00', b'A: b\rc',
	b'A@: b')
HARMLESS = (b'Host: a', b'Content-Length: 5', b'Transfer-Encoding: chunked', b'Connection: close', b'X: y',
	b'Upgrade: websocket', b'Connection: upgrade', b'Expect: 100-continue', b'Accept: */*', b'Host: b')
NOISE = b'\r\n\t :,;\x00\x7f\xff/?#%5Aa[]@-_"'


def generate(rng):
	"""Most of what is generated is nearly right: what is wrong at once teaches little."""
	wild = rng.random() < 0.3
	parts = [rng.choice(METHODS if wild else METHODS[:4]) + b' ' + rng.choice(TARGETS if wild else TARGETS[:4])
		+ b' ' + rng.choice(VERSIONS if wild else VERSIONS[:11])]
	if rng.random() < 0.8:
		parts.append(b'Host: a')
	parts += rng.choices(HARMLESS, k=rng.randrange(4))
	if rng.random() < 0.5:
		parts += rng.choices(FIELDS, k=rng.randrange(1, 3))
	if rng.random() < 0.5:
		parts[1:] = rng.sample(parts[1:], len(parts) - 1)
	head = b'\r\n'.join(parts) + b'\r\n\r\n'
	if rng.random() < 0.1:
		head = b'\r\n' + head
	if rng.random() < 0.3:
		at = rng.randrange(len(head))
		head = head[:at] + bytes([rng.choice(NOISE)]) + head[at + rng.randrange(2):]
	if rng.random() < 0.05:
		head = head[:rng.randrange(len(head))]
	return head + rng.choice((b'', b'', b'next'))


def main():
	count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000 if os.environ.get('COR_TEST_LIGHT') else 20000
	rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 9112)
	heads = [generate(rng) for _ in range(count)]
	stream = b''.join(b'%d\n%s' % (len(head), head) for head in heads)
	answer = subprocess.run([sys.argv[1]], input=stream, stdout=subprocess.PIPE, check=True).stdout.split(b'\n')
	assert len(answer) == count + 1, 'the driver did not answer every head'
	wrong = [(head, parse(head), line) for head, line in zip(heads, answer) if parse(head) != line]
	for head, expected, line in wrong[:5]:
		print(f'# {head}\n#   reference: {expected}\n#   parser:    {line}')
	good = sum(line.startswith(b'used=') for line in answer)
	print(f'# figure: {count} generated heads, {good} of them accepted, {len(wrong)} differences')
	assert count // 10 < good < count, 'the generator makes too few heads of one kind'
	print('1..1\n%sok 1 - the parser agrees with the reference' % ('not ' if wrong else ''))
	return 1 if wrong else 0


if __name__ == '__main__':
	sys.exit(main())
