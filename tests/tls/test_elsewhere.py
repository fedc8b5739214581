#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Operations on threads and in processes of executors know the client's certificate, too. usage: test_elsewhere.py APP_BEHIND"""

import json
import tempfile

from client import Secure, trusting
from pki import Authority, make_pair
from program import Tap


def ask(program, context, path):
	with context.wrap_socket(program.connect_plainly(), server_hostname='localhost') as s:
		s.sendall(f'GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'.encode())
		data = b''
		while piece := s.recv(65536):
			data += piece
	return json.loads(data.partition(b'\r\n\r\n')[2])


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		pair = make_pair(folder, 'localhost', 'localhost', '127.0.0.1')
		authority = Authority(folder, 'authority')
		with Secure(pair, '--client-certificates', 'required', '--client-ca', authority.certificate) as program:
			context = trusting(pair[0], None)
			context.load_cert_chain(*authority.issue('alice', '/CN=alice'))
			for path in ('/seen', '/seen/thread', '/seen/process'):
				seen = ask(program, context, path)
				tap.check(path, [] if (seen.get('subject'), seen['scheme']) == ('CN=alice', 'https') else [repr(seen)])
	tap.done()


main()
