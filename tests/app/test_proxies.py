#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whom a service sees behind proxies: X-Forwarded-*, Forwarded, PROXY headers; and that nobody else is believed."""

import json
import os
import socket
import struct
import tempfile

from program import PATIENCE, Program, Tap, differs, lacks, run

LOCAL = ['--trusted-proxies', '127.0.0.0/8']
ALL = [x for name in ('For', 'Proto', 'Host', 'Port', 'Prefix') for x in ('--trusted-headers', 'X-Forwarded-' + name)]
SIGNATURE = b'\r\n\r\n\0\r\nQUIT\n'
LINE = b'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n'


def v2(client, tlvs=b''):
	block = socket.inet_aton(client) + socket.inet_aton('198.51.100.2') + struct.pack('!HH', 4711, 443) + tlvs
	return SIGNATURE + b'\x21\x11' + struct.pack('!H', len(block)) + block


def request(path='/seen', *lines, method='GET'):
	extra = ''.join(line + '\r\n' for line in lines)
	return f'{method} {path} HTTP/1.1\r\nHost: own.example\r\nConnection: close\r\n{extra}\r\n'.encode()


def receive_all(connection):
	answer = b''
	try:
		while part := connection.recv(65536):
			answer += part
	except ConnectionResetError:
		pass
	return answer


def exchange(program, *pieces, path=None):
	"""All that comes back; each piece is sent when the one before is out."""
	if path:
		connection = socket.socket(socket.AF_UNIX)
		connection.settimeout(PATIENCE)
		connection.connect(path)
	else:
		connection = socket.create_connection(('127.0.0.1', program.port()), PATIENCE)
	with connection:
		try:
			for piece in pieces:
				connection.sendall(piece)
		except (BrokenPipeError, ConnectionResetError):
			pass
		return receive_all(connection)


def seen(answer):
	head, _, body = answer.partition(b'\r\n\r\n')
	location = [line[10:].decode() for line in head.split(b'\r\n') if line.lower().startswith(b'location: ')]
	told = json.loads(body) if body else {}
	return tuple(told.get(name) for name in ('client', 'scheme', 'host', 'prefix')) + tuple(location)


OWN = ('127.0.0.1', 'http', 'own.example', '', '/things/7')
FORGED = ('X-Forwarded-For: 203.0.113.66', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: evil.example', 'X-Forwarded-Prefix: /evil',
	'X-Forwarded-Port: 1', 'Forwarded: for=203.0.113.66;proto=https;host=evil.example')


def nobody_is_believed_by_default():
	with Program() as program:
		return differs('seen', seen(exchange(program, request('/seen', *FORGED))), OWN)


def one_that_is_not_listed_is_not_believed():
	with Program('--trusted-proxies', '10.0.0.0/8', '--trusted-proxies', 'unix', *ALL) as program:
		return differs('seen', seen(exchange(program, request('/seen', *FORGED))), OWN)


def a_proxy_is_believed():
	with Program(*LOCAL, '--trusted-proxies', '10.0.0.0/8', *ALL) as program:
		answer = exchange(program, request('/seen', 'X-Forwarded-For: 203.0.113.66, 192.0.2.1', 'X-Forwarded-For: 10.1.2.3',
			'X-Forwarded-Proto: https', 'X-Forwarded-Host: shop.example', 'X-Forwarded-Port: 8443', 'X-Forwarded-Prefix: /shop',
			'Forwarded: for=203.0.113.66;host=evil.example'))
		line = program.wait_for_line('"peer":"192.0.2.1"').string
		return differs('seen', seen(answer), ('192.0.2.1', 'https', 'shop.example:8443', '/shop', '/shop/things/7')) + \
			lacks('log', line, '"proxy":"127.0.0.1"')


def only_what_is_listed_of_its_lines_counts():
	"""A client's own lines pass through a proxy that does not set them."""
	with Program(*LOCAL) as program:
		answer = exchange(program, request('/seen', *FORGED[2:], 'X-Forwarded-For: 203.0.113.66, 192.0.2.1', 'X-Forwarded-Proto: https'))
		found = differs('default', seen(answer), ('192.0.2.1', 'https', 'own.example', '', '/things/7'))
	with Program(*LOCAL, '--trusted-headers', 'forwarded') as program:
		answer = exchange(program, request('/seen', *FORGED[:5], 'Forwarded: for=203.0.113.66;host=evil',
			'Forwarded: for="[2001:db8::1]:80";proto=https;host="a.example"'))
		return found + differs('Forwarded', seen(answer), ('2001:db8::1', 'https', 'a.example', '', '/things/7'))


def what_is_malformed_is_ignored_and_told():
	with Program(*LOCAL, *ALL, '--log-level', 'debug') as program:
		answer = exchange(program, request('/seen', 'X-Forwarded-For: evil', 'X-Forwarded-Prefix: //evil.example', 'X-Forwarded-Host: a b'))
		program.wait_for_line('X-Forwarded-For is not understood')
		program.wait_for_line('X-Forwarded-Prefix is not understood')
		return differs('seen', seen(answer), OWN)


def handlers_elsewhere_see_the_same():
	found = []
	with Program(*LOCAL, *ALL) as program:
		for path in ('/seen/thread', '/seen/process'):
			answer = exchange(program, request(path, 'X-Forwarded-For: 192.0.2.1', 'X-Forwarded-Proto: https',
				'X-Forwarded-Host: shop.example', 'X-Forwarded-Prefix: /shop'))
			found += differs(path, seen(answer), ('192.0.2.1', 'https', 'shop.example', '/shop', '/shop/things/7'))
		answer = exchange(program, request('/things', 'X-Forwarded-Prefix: /shop', 'Content-Length: 0', method='POST'))
		return found + differs('row', seen(answer)[-1], '/shop/things/8')


def unix_sockets_are_proxies_if_they_are_listed():
	found = []
	with tempfile.TemporaryDirectory() as folder:
		path = folder + '/sock'
		for arguments, client in ((['--trusted-proxies', 'unix'], '192.0.2.1'), (LOCAL, 'unix')):
			with Program(*arguments, http='unix:' + path) as program:
				program.wait_for_line('listening on')
				got = seen(exchange(program, request('/seen', 'X-Forwarded-For: 192.0.2.1'), path=path))[0]
				found += differs(' '.join(arguments), got, client)
	return found


class Introduced(Program):
	def __init__(self, *arguments):
		super().__init__('--proxy-protocol', '127.0.0.1:0', *arguments)


def a_proxy_header_names_the_client():
	found = []
	with Introduced(*LOCAL) as program:
		for what, header in (('v1', LINE), ('v2', v2('192.0.2.1')), ('long', v2('192.0.2.1', b'\x04\x0b\xb8' + bytes(3000)))):
			found += differs(what, seen(exchange(program, header + request()))[0], '192.0.2.1')
			bytewise = [bytes([byte]) for byte in (header[:150] if what != 'long' else header[:20])] + [header[150 if what != 'long' else 20:]]
			found += differs(what + ' bytewise', seen(exchange(program, *bytewise, request()))[0], '192.0.2.1')
		found += differs('LOCAL', seen(exchange(program, SIGNATURE + b'\x20\0\0\0' + request())), OWN)
		found += differs('UNKNOWN', seen(exchange(program, b'PROXY UNKNOWN\r\n' + request())), OWN)
		tls = v2('192.0.2.1', b'\x20\0\5\1\0\0\0\0')
		found += differs('TLS', seen(exchange(program, tls + request()))[1], 'https')
		forged = exchange(program, LINE + request('/seen', *FORGED))
		found += differs('the client is no proxy', seen(forged)[:3], ('192.0.2.1', 'http', 'own.example'))
		line = program.wait_for_line('"peer":"192.0.2.1"').string
		found += lacks('log', line, '"proxy":"127.0.0.1"')
		peer = json.loads(exchange(program, LINE + request()).partition(b'\r\n\r\n')[2])['peer']
		return found + differs('peer', peer.split(':')[0], '127.0.0.1')


def tlv(kind, value):
	return bytes([kind]) + struct.pack('!H', len(value)) + value


def what_else_a_proxy_header_says_reaches_handlers():
	tls = tlv(0x21, b'TLSv1.3') + tlv(0x23, b'AES128') + tlv(0x22, b'alice')
	told = tlv(1, b'h2') + tlv(2, b'shop.example') + tlv(5, b'42') + tlv(0x20, b'\5\0\0\0\0' + tls)
	unverified = tlv(0x20, b'\5\0\0\0\1' + tls)
	found = []
	with Introduced(*LOCAL) as program:
		def says(header, path='/seen'):
			return json.loads(exchange(program, header + request(path)).partition(b'\r\n\r\n')[2])['told']

		for path in ('/seen', '/seen/thread', '/seen/process'):
			found += differs(path, says(v2('192.0.2.1', told), path), '[shop.example][h2][42][TLSv1.3][AES128][alice]')
		found += differs('unverified', says(v2('192.0.2.1', unverified)), '[][][][TLSv1.3][AES128][]')
		found += differs('v1', says(LINE), '[][][][][][]')
	return found


def a_proxy_may_introduce_another():
	with Introduced(*LOCAL, '--trusted-proxies', '192.0.2.1') as program:
		return differs('seen', seen(exchange(program, LINE + request('/seen', 'X-Forwarded-For: 198.51.100.9')))[0], '198.51.100.9')


def without_a_good_header_it_closes():
	found = []
	for what, header in (('none', b''), ('wrong', b'PROXY TCP4 a b 1 2\r\n'), ('long', b'PROXY UNKNOWN ' + b'x' * 100)):
		with Introduced(*LOCAL) as program:
			for _ in range(3):
				found += differs(what, exchange(program, header + request()), b'')
			program.wait_for_line('127.0.0.1 has sent no PROXY header that can be understood')
			told = sum('PROXY header' in line for line in program.lines)
			found += differs(what + ': lines', told, 1)
	return found


def one_that_is_not_listed_may_send_none():
	with Introduced('--trusted-proxies', '10.0.0.0/8') as program:
		answer = exchange(program, LINE + request())
		program.wait_for_line('127.0.0.1 is not one of --trusted-proxies')
		return differs('answer', answer, b'')


def it_must_come_in_time():
	with Introduced(*LOCAL, '--header-timeout-ms', '100') as program:
		answer = exchange(program, LINE[:-2])
		program.wait_for_line('127.0.0.1 has sent no PROXY header in time')
		return differs('answer', answer, b'')


def a_limit_is_of_the_client_not_of_the_proxy():
	with Introduced(*LOCAL, '--connections-per-peer', '2') as program:
		kept = []
		for client in ('192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.2'):
			connection = socket.create_connection(('127.0.0.1', program.port()), PATIENCE)
			connection.sendall(v2(client) + request().replace(b'Connection: close\r\n', b''))
			kept.append((connection, connection.recv(65536)[:12]))
		found = differs('within', [first for _, first in kept], [b'HTTP/1.1 200'] * 4)
		found += differs('beyond', exchange(program, v2('192.0.2.1') + request()), b'')
		kept[0][0].shutdown(socket.SHUT_WR)
		found += differs('end', receive_all(kept[0][0]), b'')
		found += differs('again', seen(exchange(program, v2('192.0.2.1') + request()))[0], '192.0.2.1')
		for connection, _ in kept:
			connection.close()
		return found


def over_a_unix_socket():
	with tempfile.TemporaryDirectory() as folder:
		path = folder + '/sock'
		with Program('--trusted-proxies', 'unix', '--proxy-protocol', 'unix:' + path, http='unix:' + path) as program:
			program.wait_for_line('listening on')
			return differs('seen', seen(exchange(program, LINE + request(), path=path))[0], '192.0.2.1')


def workers_know_it_too():
	with Introduced(*LOCAL, '--processes', '2') as program:
		return differs('seen', seen(exchange(program, LINE + request()))[0], '192.0.2.1')


def what_makes_no_sense_is_refused():
	found = []
	for arguments, why in (
			(['--trusted-proxies', 'localhost'], 'is no proxy: write an address'),
			(['--trusted-proxies', '10.0.0.1/8'], 'has bits behind its network'),
			(['--trusted-headers', 'X-Real-IP'], 'is not understood: choose'),
			(['--trusted-headers', 'Forwarded', '--trusted-headers', 'X-Forwarded-For'], 'choose what the proxy sets'),
			(['--proxy-protocol', '127.0.0.1:9', *LOCAL], 'is not listened on'),
			(['--http', '127.0.0.1:0', '--proxy-protocol', '127.0.0.1:0'], 'would refuse everybody')):
		status, _, text = run('--check', *arguments)
		found += differs(str(arguments), status, os.EX_USAGE) + lacks(str(arguments), text, why)
	return found


def main():
	tap = Tap()
	for check in (nobody_is_believed_by_default, one_that_is_not_listed_is_not_believed, a_proxy_is_believed,
			only_what_is_listed_of_its_lines_counts, what_is_malformed_is_ignored_and_told, handlers_elsewhere_see_the_same,
			unix_sockets_are_proxies_if_they_are_listed, a_proxy_header_names_the_client,
			what_else_a_proxy_header_says_reaches_handlers, a_proxy_may_introduce_another,
			without_a_good_header_it_closes, one_that_is_not_listed_may_send_none, it_must_come_in_time,
			a_limit_is_of_the_client_not_of_the_proxy, over_a_unix_socket, workers_know_it_too, what_makes_no_sense_is_refused):
		tap.check(check.__name__.replace('_', ' '), check())
	tap.done()


main()
