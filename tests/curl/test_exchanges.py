#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Exchanges of HTTP/1.1 as a server sees them. usage: test_exchanges.py CARRY"""

import os
import resource
import tempfile
import threading

from carrying import CALL, LOST, MEMORY, MODES, PROTOCOL, TOO_LARGE, REFUSED, RESOLVE, Carrier, Peer, body_of, keep_alive, recorded, run, sum_of


def both(test):
	"""Runs it in fibers and in a plain thread."""
	def tried():
		for mode in MODES:
			with Carrier(mode) as carrier:
				test(carrier)
	tried.__name__ = test.__name__
	return tried


@both
def test_a_request_has_what_was_given_and_nothing_else(carrier):
	script, requests = recorded(lambda c, r: c.answer('hello', '200 Fine', 'X-One: 1', 'x-one:two ', 'Empty:'))
	with Peer(script) as peer:
		told = carrier.one(port=peer.port, authority='shop.example:81', path="/a/../b//%2e/c?q=%zz&r=a'b#c",
			fields='X-A:1|x-b:two|X-Empty:|Accept:text/csv')
	assert told['rc'] == '0' and told['status'] == 200 and told['announced'] == 5 and told['shown'] == 'hello', told
	assert told['fields'] == [['X-One', '1'], ['x-one', 'two'], ['Empty', ''], ['Content-Length', '5']], told
	assert not told['reused'] and told['answered'] and told['kind'] == 0, told
	assert requests[0].line == "GET /a/../b//%2e/c?q=%zz&r=a'b#c HTTP/1.1", requests[0].line
	assert requests[0].fields == [('Host', 'shop.example:81'), ('X-A', '1'), ('x-b', 'two'), ('X-Empty:', ''),
		('Accept', 'text/csv')], requests[0].fields


@both
def test_methods_are_as_they_are_given(carrier):
	script, requests = recorded(lambda c, r: c.answer('' if r.method == 'HEAD' else 'x'))
	with Peer(script) as peer:
		for method in 'OPTIONS', 'DELETE', 'PURGE', 'get', 'M-SEARCH', 'PUT':
			assert carrier.one(port=peer.port, method=method, path='*' if method == 'OPTIONS' else '/')['rc'] == '0'
			assert requests[-1].method == method and requests[-1].get('Content-Length') is None, requests[-1].head
		for method, body in ('CONNECT', None), ('HEAD', 0):
			told = carrier.one(port=peer.port, method=method, body=body)
			assert (told['step'], told['rc']) == ('begin', 'EINVAL'), told
	assert requests[0].target == '*'
	assert {r.connection for r in requests} == {1}


@both
def test_heads_without_bodies(carrier):
	def answer(c, r):
		c.send({'/head': 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n', '/204': 'HTTP/1.1 204 No\r\n\r\n',
			'/304': 'HTTP/1.1 304 Not\r\nContent-Length: 77\r\n\r\n'}[r.target])
	script, requests = recorded(answer)
	with Peer(script) as peer:
		for path, method in ('/head', 'HEAD'), ('/204', 'DELETE'), ('/304', 'GET'), ('/head', 'HEAD'):
			told = carrier.one(port=peer.port, path=path, method=method)
			assert told['rc'] == '0' and told['announced'] == 0 and told['got'] == 0, told
	assert [r.connection for r in requests] == [1, 1, 1, 1]


@both
def test_bodies_of_requests(carrier):
	script, requests = recorded(lambda c, r: c.answer(str(len(r.body))))
	with Peer(script) as peer:
		for size, body in (0, 0), (5, 5), (300000, 300000), (0, -1), (70000, -1):
			told = carrier.one(port=peer.port, method='POST', body=body, send=size, fields='Content-Type:text/plain', piece=7000)
			assert told['rc'] == '0' and told['shown'] == str(size), told
			request = requests[-1]
			assert request.body == body_of(size)
			wanted = [('Transfer-Encoding', 'chunked')] if body == -1 else [('Content-Length', str(size))]
			wanted += [('Host', 'localhost'), ('Content-Type', 'text/plain')]
			assert sorted(request.fields) == sorted(wanted), request.fields
	assert {r.connection for r in requests} == {1}


@both
def test_a_body_of_another_length_is_not_sent_on(carrier):
	script, requests = recorded(lambda c, r: c.answer('no'))
	with Peer(script) as peer:
		for size in 9, 11:
			told = carrier.one(port=peer.port, method='PUT', body=10, send=size)
			assert (told['step'], told['rc'], told['kind']) == ('send', 'EINVAL', CALL), told
		assert carrier.one(port=peer.port)['reused'] is False
	assert len(requests) == 1


@both
def test_bodies_of_answers(carrier):
	big = body_of(400000)

	def answer(c, r):
		if r.target == '/length':
			c.answer(big)
		elif r.target == '/chunks':
			c.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n')
			for at in range(0, len(big), 30000):
				c.send(f'{len(big[at:at + 30000]):x};ext=1\r\n', big[at:at + 30000], '\r\n')
			c.send('0\r\nX-Sum: 1\r\n\r\n')
		elif r.target == '/gzip':
			c.answer(b'\x1f\x8b not really', '200 OK', 'Content-Encoding: gzip')
		else:
			c.send('HTTP/1.1 200 OK\r\n\r\n', big)
			raise EOFError
	script, requests = recorded(answer)
	with Peer(script) as peer:
		for path, announced in ('/length', len(big)), ('/chunks', -1), ('/end', -1):
			told = carrier.one(port=peer.port, path=path, read_size=50000)
			assert told['rc'] == '0' and told['got'] == len(big) and told['sum'] == sum_of(big), told
			assert told['announced'] == announced and 'X-Sum' not in dict(told['fields']), told
		told = carrier.one(port=peer.port, path='/gzip')
		assert told['shown'].endswith('not really') and ['Content-Encoding', 'gzip'] in told['fields'], told
	assert [r.get('Accept-Encoding') for r in requests] == [None] * 4


@both
def test_interim_answers_are_passed_over(carrier):
	def answer(c, r):
		c.send('HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n' * int(r.target[1:]))
		c.answer('x', '200 OK', 'A: b')
	script, _ = recorded(answer)
	with Peer(script) as peer:
		told = carrier.one(port=peer.port, path='/10')
		assert told['fields'] == [['A', 'b'], ['Content-Length', '1']] and told['shown'] == 'x', told
		told = carrier.one(port=peer.port, path='/1000')
		assert (told['step'], told['rc'], told['kind']) == ('head', 'EBADMSG', PROTOCOL), told
		assert told['text'].endswith(f':{peer.port}: too many interim ones came first'), told


@both
def test_redirects_cookies_and_challenges_are_answers(carrier):
	def answer(c, r):
		c.answer('', r.target[1:] + ' So', 'Location: /200', 'Set-Cookie: a=b', 'WWW-Authenticate: Basic realm="x"',
			'Alt-Svc: h2=":1"', 'Strict-Transport-Security: max-age=1000', 'Retry-After: 0')
	script, requests = recorded(answer)
	with Peer(script) as peer:
		for status in 200, 301, 302, 307, 401, 407, 417, 421, 500, 503:
			assert carrier.one(port=peer.port, path=f'/{status}')['status'] == status
	assert len(requests) == 10 and not any(r.get('Cookie') for r in requests)


BROKEN = {
	'no HTTP': ('BONJOUR\r\n\r\n', PROTOCOL),
	'HTTP/0.9': ('<html>', PROTOCOL),
	'another protocol': ('SSH-2.0-OpenSSH\r\n', PROTOCOL),
	'status 99': ('HTTP/1.1 099 x\r\n\r\n', PROTOCOL),
	'status 600': ('HTTP/1.1 600 x\r\n\r\n', PROTOCOL),
	'status of two digits': ('HTTP/1.1 20 x\r\n\r\n', PROTOCOL),
	'unasked upgrade': ('HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n', PROTOCOL),
	'a folded field': ('HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n', PROTOCOL),
	'a field without a colon': ('HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n', PROTOCOL),
	'a field without a name': ('HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 0\r\n\r\n', PROTOCOL),
	'a blank before the colon': ('HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n', PROTOCOL),
	'a NUL': ('HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 0\r\n\r\n', PROTOCOL),
	'a control character': ('HTTP/1.1 200 OK\r\nA: b\x07c\r\nContent-Length: 0\r\n\r\n', PROTOCOL),
	'a bare CR': ('HTTP/1.1 200 OK\r\nA: b\rEvil: c\r\nContent-Length: 0\r\n\r\n', PROTOCOL),
	'two lengths': ('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', PROTOCOL),
	'a list of lengths': ('HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\nabcd', PROTOCOL),
	'a negative length': ('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabcd', PROTOCOL),
	'a huge length': ('HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabcd', PROTOCOL),
	'a length and chunks': ('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', PROTOCOL),
	'another transfer coding': ('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', PROTOCOL),
	'chunked twice': ('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', PROTOCOL),
	'a chunk of no size': ('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n', PROTOCOL),
	'a chunk of a huge size': ('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' + 'f' * 40 + '\r\nabc\r\n', PROTOCOL),
	'a chunk without its end': ('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n', PROTOCOL),
	'a chunk size with a prefix': ('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n', PROTOCOL),
	'lines without CR': ('HTTP/1.1 200 OK\nContent-Length: 0\n\n', PROTOCOL),
	'the same length twice': ('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc', PROTOCOL),
	'a long field': ('HTTP/1.1 200 OK\r\nA: ' + 'b' * 40000 + '\r\nContent-Length: 0\r\n\r\n', TOO_LARGE),
	'an endless line': ('HTTP/1.1 200 OK\r\nA: ' + 'b' * 400000, TOO_LARGE),
	'an endless status line': ('HTTP/1.1 200 ' + 'b' * 400000, TOO_LARGE),
	'endless fields': ('HTTP/1.1 200 OK\r\n' + 'A: b\r\n' * 100000, TOO_LARGE),
	'101 fields': ('HTTP/1.1 200 OK\r\n' + 'A: b\r\n' * 101 + '\r\n', TOO_LARGE),
	'endless trailers': ('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n' + 'A: b\r\n' * 100000, TOO_LARGE),
	'an end before the head': ('', LOST),
	'an end in the status line': ('HTTP/1.1 2', LOST),
	'an end in the head': ('HTTP/1.1 200 OK\r\nA: b\r\n', LOST),
	'an end in the body': ('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', LOST),
	'an end in a chunk': ('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nabc', LOST),
	'an end before the last chunk': ('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', LOST),
}


@both
def test_broken_answers_are_told(carrier):
	problems = []

	def answer(c, number):
		name = list(BROKEN)[int(c.request().target[1:])]
		c.send(BROKEN[name][0].encode('latin-1'))
	with Peer(answer) as peer:
		for number, (name, (_, kind)) in enumerate(BROKEN.items()):
			told = carrier.one(port=peer.port, path=f'/{number}')
			wanted = {PROTOCOL: 'EBADMSG', TOO_LARGE: 'EMSGSIZE', LOST: 'ECONNRESET'}[kind]
			if told['kind'] != kind or told['rc'] != wanted or f'127.0.0.1:{peer.port}' not in told['text']:
				problems.append((name, told))
	assert not problems, '\n'.join(map(str, problems))


@both
def test_resets_are_told(carrier):
	def answer(c, number):
		request = c.head()
		if request.target == '/head':
			c.reset()
		c.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
		c.reset()
	with Peer(answer) as peer:
		for path in '/head', '/body':
			told = carrier.one(port=peer.port, path=path)
			assert told['rc'] == 'ECONNRESET' and told['kind'] == LOST, told
			assert told['answered'] == (told['step'] == 'body'), told


@both
def test_more_than_the_length_is_dropped_with_its_connection(carrier):
	def answer(c, number):
		c.request()
		c.send('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil')
		c.until_gone()
	with Peer(answer) as peer:
		for _ in range(3):
			told = carrier.one(port=peer.port)
			assert told['shown'] == 'abc' and not told['reused'], told
	assert peer.count == 3


@both
def test_what_comes_between_calls_is_no_answer(carrier):
	"""Nor is a connection used that ends meanwhile: a call that may not be repeated gets another one."""
	for surplus in 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil', None:
		news = threading.Event()

		def answer(c, number):
			assert c.request()
			c.answer('good')
			if number > 1:
				c.until_gone()
			elif surplus:
				c.send(surplus)
				news.set()
				c.until_gone()
		with Peer(answer) as peer:
			assert carrier.one(port=peer.port)['shown'] == 'good'
			if surplus:
				assert news.wait(10)
			else:
				peer.wait_until_closed()
			told = carrier.one(port=peer.port, method='POST', body=3, send=3)
			assert (told['rc'], told['shown'], told['reused']) == ('0', 'good', False), (surplus, told)
			assert peer.count == 2, peer.count


@both
def test_connections_are_used_again(carrier):
	script, requests = recorded(lambda c, r: c.answer('x' * 1000))
	with Peer(script) as peer, Peer(script) as other:
		told = [carrier.one(port=port) for port in (peer.port, peer.port, other.port, peer.port)]
		assert [t['reused'] for t in told] == [False, True, False, True], told
		assert carrier.one(port=peer.port, read=10, read_size=10)['reused'], 'an answer that came whole keeps it'
	assert peer.count == 1 and other.count == 1


@both
def test_a_body_without_a_length_is_not_for_http_1_0(carrier):
	"""curl sends none over a connection that was kept so, and what it says then is a failure like others."""
	def answer(c, number):
		while True:
			c.request()
			c.send('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx')
	with Peer(answer) as peer:
		assert carrier.one(port=peer.port)['rc'] == '0'
		told = carrier.one(port=peer.port, method='PUT', body=-1, send=3)
		assert (told['rc'], told['kind']) == ('EBADMSG', PROTOCOL) and 'without a length' in told['text'], told
		assert carrier.one(port=peer.port, method='PUT', body=3, send=3)['rc'] == '0'


@both
def test_a_connection_that_was_closed_meanwhile_is_told(carrier):
	"""The server goes when it has the second request: it is not sent again, whatever its method is."""
	seen = []

	def answer(c, number):
		c.request()
		c.answer('x')
		seen.append(c.request().method)
	with Peer(answer) as peer, Peer(keep_alive(lambda c, r: c.answer('x'))) as taking:
		for method, body in ('GET', None), ('POST', 3), ('PUT', -1):
			assert carrier.one(port=peer.port)['rc'] == '0'
			told = carrier.one(port=peer.port, method=method, body=body, send=3 if body else None)
			assert told['rc'] == 'ECONNRESET' and told['kind'] == LOST and told['reused'] and not told['answered'], told
			assert told['step'] in ('head', 'send') and 'closed' in told['text'] or 'lost' in told['text'], told
			told = carrier.one(port=taking.port, method='PUT', body=3, send=3)
			assert told['rc'] == '0', ('the next call', told)
	assert seen == ['GET', 'POST', 'PUT'] and peer.count == 3, (seen, peer.count)


@both
def test_an_answer_may_come_before_the_body_is_sent(carrier):
	"""As of a server that finds it too large: the rest is not sent, and nothing waits for it."""
	def answer(c, number):
		request = c.head()
		close = 'Connection: close' if 'close' in request.target else 'X-Kept: yes'
		if 'early' not in request.target:
			c.exactly(100)
		if 'chunks' in request.target:
			c.send(f'HTTP/1.1 413 Too Large\r\n{close}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n')
			c.send('0\r\n\r\n')
		else:
			c.answer('no', '413 Too Large', close)
		c.until_gone()
	with Peer(answer) as peer:
		for path in '/', '/close', '/chunks', '/chunks/close', '/early', '/early/close', '/early/chunks/close':
			for body in 20_000_000, -1:
				told = carrier.one(port=peer.port, path=path, method='POST', body=body, send=20_000_000, piece=100000)
				assert (told['rc'], told['status'], told['shown'], told['step']) == ('0', 413, 'no', 'cut'), (path, body, told)
				assert told['ms'] < 5000, told
		assert carrier.one(port=peer.port, method='POST', body=200, send=200)['status'] == 413


@both
def test_a_server_that_closes_while_it_is_sent_to(carrier):
	def answer(c, number):
		c.head()
		c.exactly(100)
	with Peer(answer) as peer:
		told = carrier.one(port=peer.port, method='POST', body=50_000_000, send=50_000_000, piece=100000)
		assert told['rc'] == 'ECONNRESET' and told['kind'] == LOST and told['step'] == 'send', told


@both
def test_files_that_are_missing_here_are_no_servers_fault(carrier):
	with Peer(keep_alive(lambda c, r: c.answer('x'))) as peer:
		assert carrier.one(port=peer.port, method='HEAD')['rc'] == '0' # curl has what it needs
		pid = carrier.process.pid
		most = resource.prlimit(pid, resource.RLIMIT_NOFILE)
		used = max(int(name) for name in os.listdir(f'/proc/{pid}/fd')) + 1
		with Peer(keep_alive(lambda c, r: c.answer('x'))) as other:
			resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, most[1]))
			told = carrier.one(port=other.port)
			resource.prlimit(pid, resource.RLIMIT_NOFILE, most)
			assert (told['rc'], told['kind']) == ('ENOMEM', MEMORY) and 'too many open files' in told['text'], told
			assert carrier.one(port=other.port)['rc'] == '0'


def test_memory_that_is_missing_here_is_no_long_head():
	"""Curl says the same of both."""
	if 'COR_TEST_LIGHT' in os.environ:
		return # a sanitizer has a malloc() of its own
	with Peer(lambda c, number: c.send(BROKEN['an endless line'][0].encode())) as peer:
		for preloaded, wanted in ('', ('EMSGSIZE', TOO_LARGE)), (os.environ['SHORTAGE'], ('ENOMEM', MEMORY)):
			with Carrier(LD_PRELOAD=preloaded) as carrier:
				told = carrier.one(port=peer.port)
				assert (told['rc'], told['kind']) == wanted, told


@both
def test_places(carrier):
	script, requests = recorded(lambda c, r: c.answer('x'))
	with tempfile.TemporaryDirectory() as folder:
		path = os.path.join(folder, 'peer.sock')
		with Peer(script, path=path):
			assert carrier.one(unix=path, host='localhost', port=0)['shown'] == 'x'
			assert carrier.one(unix=path, host='localhost', port=0)['reused']
		told = carrier.one(unix=path + '.none', host='localhost', port=0)
		assert told['rc'] == 'ECONNREFUSED' and told['text'] == f'nobody listens at unix:{path}.none', told
	with Peer(script, address='::1') as peer:
		assert carrier.one(host='::1', port=peer.port)['shown'] == 'x'
		assert carrier.one(host='localhost', port=peer.port)['shown'] == 'x'
	with Peer(script) as peer:
		assert carrier.one(host='localhost', port=peer.port)['shown'] == 'x'
	told = carrier.one(port=peer.port)
	assert (told['step'], told['rc'], told['kind']) == ('connect', 'ECONNREFUSED', REFUSED), told
	assert told['text'] == f'connection refused by 127.0.0.1:{peer.port}', told
	told = carrier.one(host='nobody.invalid', port=80)
	assert (told['step'], told['rc'], told['kind']) == ('connect', 'EHOSTUNREACH', RESOLVE), told
	assert told['text'] == 'no address of nobody.invalid: no such name, or it has no address', told
	told = carrier.one(host='127.1', port=80)
	assert (told['kind'], told['text']) == (RESOLVE, 'no address of 127.1: it can be no name'), told


run([value for name, value in list(globals().items()) if name.startswith('test_')])
