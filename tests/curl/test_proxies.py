#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Calls through proxies of HTTP and SOCKS. usage: test_proxies.py CARRY ASK"""

import os
import shutil
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tls'))
from carrying import MODES, NAME, PATIENCE, PROXY, Carrier, Peer, recorded, run  # noqa: E402
from pki import Authority  # noqa: E402
from proxies import http_proxy, socks_proxy  # noqa: E402

ASK = sys.argv[2]
FOLDER = tempfile.mkdtemp()
AUTHORITY = Authority(FOLDER, 'authority')
SHOP = AUTHORITY.issue_for('shop', 'shop.example')
USER = 'alice:s3cret'
URL_USER = 'alice:s3cret@'


def secure():
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
	context.load_cert_chain(*SHOP)
	return context


class Shop(Peer):
	def __init__(self, tls=True):
		script, requests = recorded(lambda c, r: c.answer('goods'))
		super().__init__(script, tls=secure() if tls else None)
		self.requests = requests
		self.places = {'shop.example': ('127.0.0.1', self.port)}


def call(shop, proxy, **rest):
	if shop.tls:
		rest = {'tls': 1, 'ca': AUTHORITY.certificate, **rest}
	return {'host': 'shop.example', 'port': shop.port, 'authority': f'shop.example:{shop.port}', 'proxy': proxy, **rest}


def test_a_tunnel_of_http():
	for mode in MODES:
		asked = []
		with Shop() as shop, Peer(http_proxy(asked, shop.places)) as proxy, Carrier(mode) as carrier:
			for reused in False, True:
				told = carrier.one(**call(shop, f'http://127.0.0.1:{proxy.port}', fields='Authorization:Bearer_x'))
				assert told['rc'] == '0' and told['shown'] == 'goods' and told['reused'] == reused, told
				assert told['fields'] == [['Content-Length', '5']], 'what the proxy says is no answer'
		assert len(asked) == 1 and asked[0].line == f'CONNECT shop.example:{shop.port} HTTP/1.1', asked[0].head
		assert asked[0].get('Authorization') is None and asked[0].get('User-Agent') is None, asked[0].head
		assert shop.requests[0].fields == [('Host', f'shop.example:{shop.port}'), ('Authorization', 'Bearer_x')]


def test_plain_http_by_a_proxy():
	asked = []
	with Shop(tls=False) as shop, Peer(http_proxy(asked, shop.places)) as proxy, Carrier() as carrier:
		told = carrier.one(**call(shop, f'http://127.0.0.1:{proxy.port}', path='/a/../b?c=d', fields='X-A:1'))
		assert told['rc'] == '0' and told['shown'] == 'goods', told
	assert asked[0].target == f'http://shop.example:{shop.port}/a/../b?c=d'
	assert asked[0].fields == [('Host', f'shop.example:{shop.port}'), ('X-A', '1')], asked[0].head


def test_a_proxy_wants_to_know_who_asks():
	for tls in True, False:
		asked = []
		with Shop(tls) as shop, Peer(http_proxy(asked, shop.places, user=USER)) as proxy, Carrier() as carrier:
			told = carrier.one(**call(shop, f'http://{URL_USER}127.0.0.1:{proxy.port}'))
			assert told['rc'] == '0' and told['shown'] == 'goods', told
			assert not shop.requests[0].get('Proxy-Authorization')
			told = carrier.one(**call(shop, f'http://alice:wrong@127.0.0.1:{proxy.port}'))
			if tls:
				assert told['kind'] == PROXY and told['step'] == 'connect' and '407' in told['text'], told
				assert 'wrong' not in told['text'] and f'(proxy 127.0.0.1:{proxy.port})' in told['text'], told
			else:
				assert told['status'] == 407, told


def test_a_proxy_that_refuses():
	asked = []
	with Shop() as shop, Peer(http_proxy(asked, refuses='403 No')) as proxy, Carrier() as carrier:
		told = carrier.one(**call(shop, f'http://{URL_USER}127.0.0.1:{proxy.port}'))
		assert (told['kind'], told['rc'], told['step'], told['got']) == (PROXY, 'EPROTO', 'connect', 0), told
		assert '403' in told['text'] and 's3cret' not in told['text'] and 'alice' not in told['text'], told
		assert told['text'].startswith(
			f'the proxy does not lead to shop.example:{shop.port} (proxy 127.0.0.1:{proxy.port})'), told
	assert not shop.requests


def test_proxies_that_are_none():
	def closes(c, number):
		c.head()

	def talks(c, number):
		c.send('220 mail.example ESMTP\r\n')
		c.until_gone()

	with Shop() as shop, Carrier() as carrier:
		for script in closes, talks:
			for scheme in 'http', 'socks5h':
				with Peer(script) as proxy:
					told = carrier.one(**call(shop, f'{scheme}://127.0.0.1:{proxy.port}', connect_ms=3000))
					assert told['kind'] == PROXY or told['rc'] == 'ETIMEDOUT', (script, scheme, told)
		for scheme in 'http', 'socks5h':
			told = carrier.one(**call(shop, f'{scheme}://{URL_USER}127.0.0.1:{proxy.port}'))
			assert told['kind'] == PROXY and told['rc'] == 'EPROTO' and 's3cret' not in told['text'], told
			told = carrier.one(**call(shop, f'{scheme}://{URL_USER}nobody.invalid:1'))
			assert told['kind'] == PROXY and told['rc'] == 'EPROTO' and 's3cret' not in told['text'], told
		for proxy in 'ftp://127.0.0.1:1', '127.0.0.1:1', 'socks4://127.0.0.1:1':
			told = carrier.one(**call(shop, proxy))
			assert (told['step'], told['rc']) == ('begin', 'EINVAL'), told


def test_a_proxy_of_another_kind_is_a_mistake_of_the_table():
	for proxy in '127.0.0.1:3128', 'ftp://127.0.0.1:1', 'socks4://127.0.0.1:1', 'http://':
		done = subprocess.run([sys.argv[2], 'http://127.0.0.1:1', '-', proxy], capture_output=True, text=True, timeout=PATIENCE)
		assert done.returncode == 1 and done.stdout == 'COR_ETABLE\n', (proxy, done)


def test_socks():
	for tls in True, False:
		asked = []
		with Shop(tls) as shop, Peer(socks_proxy(asked, shop.places)) as proxy, Carrier() as carrier:
			for reused in False, True:
				told = carrier.one(**call(shop, f'socks5h://127.0.0.1:{proxy.port}'))
				assert told['rc'] == '0' and told['shown'] == 'goods' and told['reused'] == reused, told
		assert asked == [(1, 3, 'shop.example', shop.port)], asked
		assert shop.requests[0].line == 'GET / HTTP/1.1'


def test_socks_with_names_that_are_resolved_here():
	asked = []
	with Shop(False) as shop, Peer(socks_proxy(asked)) as proxy, Carrier() as carrier:
		told = carrier.one(**call(shop, f'socks5://127.0.0.1:{proxy.port}', host='127.0.0.1'))
		assert told['rc'] == '0' and asked == [(1, 1, '127.0.0.1', shop.port)], (told, asked)


def test_socks_with_a_password():
	asked = []
	with Shop() as shop, Peer(socks_proxy(asked, shop.places, user=USER)) as proxy, Carrier() as carrier:
		assert carrier.one(**call(shop, f'socks5h://{URL_USER}127.0.0.1:{proxy.port}'))['rc'] == '0'
		for user in '', 'alice:wrong@':
			told = carrier.one(**call(shop, f'socks5h://{user}127.0.0.1:{proxy.port}'))
			assert told['kind'] == PROXY and told['rc'] == 'EPROTO' and 'wrong' not in told['text'], told


def test_socks_that_refuses():
	with Shop() as shop, Carrier() as carrier:
		for code in 1, 2, 4, 5:
			with Peer(socks_proxy([], refuses=code)) as proxy:
				told = carrier.one(**call(shop, f'socks5h://127.0.0.1:{proxy.port}'))
				assert told['kind'] == PROXY and told['step'] == 'connect', told
	assert not shop.requests


def test_tls_is_the_servers_through_a_proxy_too():
	with Shop() as shop, Peer(http_proxy([], {'other.example': ('127.0.0.1', shop.port)})) as proxy, Carrier() as carrier:
		told = carrier.one(**call(shop, f'http://127.0.0.1:{proxy.port}', host='other.example'))
		assert told['kind'] == NAME and told['rc'] == 'EPROTO', told
		told = carrier.one(**call(shop, f'http://127.0.0.1:{proxy.port}', host='other.example', name='shop.example'))
		assert told['rc'] == '0', told


def test_the_environment_by_choice():
	asked = []
	with Shop() as shop, Shop(tls=False) as plain, Peer(http_proxy(asked, {**shop.places})) as proxy:
		url, plain_url = f'https://shop.example:{shop.port}', f'http://127.0.0.1:{plain.port}'
		variables = {'https_proxy': f'127.0.0.1:{proxy.port}', 'SSL_CERT_FILE': AUTHORITY.certificate,
			'HTTP_PROXY': f'http://127.0.0.1:{proxy.port}'}

		def ask(url, how='environment', **more):
			done = subprocess.run([ASK, url, '-', how], env={**os.environ, **variables, **more}, capture_output=True, text=True,
				timeout=PATIENCE)
			return done.stdout

		assert ask(url) == 'goods\n'
		assert [it.line for it in asked] == [f'CONNECT shop.example:{shop.port} HTTP/1.1'], asked
		assert ask(plain_url, NO_PROXY='10.0.0.0/8, 127.0.0.0/8') == 'goods\n' and len(asked) == 1, asked
		assert ask(plain_url, REQUEST_METHOD='GET') == 'goods\n' and len(asked) == 1, asked
		assert ask(plain_url) == 'goods\n' and asked[1].line == f'GET {plain_url}/ HTTP/1.1', asked
		assert ask(url, '-').startswith('EHOSTUNREACH: no address'), 'it is not looked at unless it is trusted'


try:
	run([value for name, value in list(globals().items()) if name.startswith('test_')])
finally:
	shutil.rmtree(FOLDER)
