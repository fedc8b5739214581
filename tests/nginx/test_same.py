#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same requests to the service alone and to nginx in front of it: the same answers. usage: test_same.py FRONTED"""

import json
import os
import re
import tempfile

from front import Tap, ask, differs, exchange, fronted
from program import TRIAL

COMPARED = ('Content-Type', 'Content-Length', 'Location', 'Cache-Control', 'Vary', 'Allow', 'WWW-Authenticate', 'Content-Encoding',
	'Content-Range', 'Last-Modified', 'Retry-After', 'Content-Language', 'Age')
GZIP = {'Accept-Encoding': 'gzip'}
LATE = 2000000000

FILES = {
	'plain.txt': b'plain\n', 'style.css': b'p{}', 'thing.odd': b'odd', 'no-extension': b'x', 'UPPER.HTML': b'<p>', 'a b.txt': b'blank',
	'empty.txt': b'', 'app.js': b'a' * 1000, 'app.js.gz': b'compressed', 'app.js.br': b'brotli', 'stale.js': b'new', 'stale.js.gz': b'old',
	'photo.png': b'png', 'tab"quote\'.txt': b'quotes', 'index.html': b'<p>assets', 'index.html.gz': b'the index',
	'dir/index.html': b'<p>dir', 'dir/file.txt': b'in it', 'none/file.txt': b'no index', '.hidden': b'secret', '.git/config': b'secret',
	'dir/.secret': b'secret', '.well-known/it': b'well', 'bare/index.html': b'not shown', 'bare/x.txt': b'bare', 'page/index.html': b'<p>page',
	'page/about.html': b'<p>about', 'page/inner/notes.txt': b'beneath a mount', 'page/locked/notes.txt': b'beneath a locked mount', 'page/locked/index.html': b'<p>', 'page/inner/index.html': b'<p>beneath', 'page/.x': b'secret', 'page/sub/index.html': b'<p>sub', 'semi;colon{}.txt': b'odd name', 'ü.txt': b'u',
}


def make_assets(folder):
	for name, content in FILES.items():
		path = os.path.join(folder, name)
		os.makedirs(os.path.dirname(path), exist_ok=True)
		with open(path, 'wb') as file:
			file.write(content)
	os.utime(os.path.join(folder, 'stale.js.gz'), (1000, 1000))
	os.symlink('plain.txt', os.path.join(folder, 'link.txt'))
	os.symlink('/etc/passwd', os.path.join(folder, 'out.txt'))
	os.symlink('dir', os.path.join(folder, 'linked'))
	os.mkfifo(os.path.join(folder, 'fifo'))


# path, and what else is special: method, headers, body
REQUESTS = [
	# operations
	('/things/x',), ('/things/all',), ('/things/a%2Fb',), ('/things/a%20b?x',), ('/things/',), ('/things',), ('/nothing.here',),
	('/things/x', {'method': 'POST'}), ('/things/x', {'method': 'OPTIONS'}), ('/things/x', {'method': 'HEAD'}),
	('/things/x', {'method': 'TRACE'}), ('/things/x', {'method': 'BREW'}), ('/things/../seen',), ('/things/%2e%2e/seen',),
	('//things/x',), ('/things//x',), ('/things/%zz',), ('/things/x', {'headers': {'Accept': 'application/xml'}}),
	('/unkept/guarded',), ('/unkept/guarded', {'headers': {'Authorization': 'Bearer no'}}), ('/unkept/locked',), ('/wait',),
	('/echo', {'method': 'POST', 'body': b'x' * 1000, 'headers': {'Content-Type': 'text/plain'}}),
	('/echo', {'method': 'POST', 'body': b'x' * 1001, 'headers': {'Content-Type': 'text/plain'}}),
	('/echo', {'method': 'POST', 'body': b'', 'headers': {'Content-Type': 'text/plain'}}),
	('/take', {'method': 'PUT', 'body': b'x' * 3000000}), ('/seen', {'headers': {'X-Forwarded-For': '203.0.113.66'}}),
	('/seen?' + 'q' * 8100,), ('/seen?' + 'q' * 9000,), ('/seen', {'headers': {'X-Long': 'x' * 9000}}),
	('/seen', {'headers': {f'X-{i}': 'y' * 8000 for i in range(5)}}),
	("/odd;'$&()*+/x",), ("/odd%3B%27%24&()*+/%78",), ("/odd;'$&()*+/y/caf%C3%A9.",), ("/odd;'$&()*+/y/caf%C3%A9x",),
	# nginx would lead from one to the other, past what the service has to say
	('/things/slashed',), ('/things/slashed/',), ('/things/slashed', {'method': 'POST', 'body': b'x'}), ('/locked/things/slashed',),
	('/things/accelerated',),
	# of a service that is mounted
	('/inner/things/x',), ('/inner/things/x', {'method': 'POST'}), ('/inner/nothing',), ('/inner',), ('/inner/',), ('/inner/files/file.txt',),
	('/inner/files/missing',), ('/inner/files',), ('/inner/files/.secret',), ('/inner/files/../things/x',),
	('/inner/echo', {'method': 'POST', 'body': b'x' * 1001, 'headers': {'Content-Type': 'text/plain'}}),
	# files that the outer service has beneath a mount
	('/inner/notes.txt',), ('/inner/index.html',), ('/locked/notes.txt',), ('/locked/',), ('/locked',), ('/%6cocked/notes.txt',), ('/x/../locked/notes.txt',),
	('/locked/notes.txt', {'headers': {'Authorization': 'Bearer sesame'}}), ('/locked/things/x',),
	# of hosts
	*[(path, {'headers': {'Host': host}}) for host in ('inner.example', 'INNER.example:80', 'a.wild.example', 'wild.example', 'x.inner.example')
		for path in ('/things/x', '/echo', '/wild/things/x', '/files/file.txt', '/wild/files/file.txt', '/assets/plain.txt', '/')],
	# files
	('/assets/plain.txt',), ('/assets/plain.txt', {'method': 'HEAD'}), ('/assets/plain.txt', {'method': 'POST', 'body': b'x'}),
	('/assets/plain.txt', {'method': 'DELETE'}), ('/assets/plain.txt', {'method': 'OPTIONS'}), ('/assets/style.css',),
	('/assets/thing.odd',), ('/assets/no-extension',), ('/assets/UPPER.HTML',), ('/assets/a%20b.txt',), ('/assets/empty.txt',),
	('/assets/tab%22quote%27.txt',), ('/assets/semi%3Bcolon%7B%7D.txt',), ('/assets/%C3%BC.txt',), ('/assets/photo.png',),
	('/assets/app.js',), ('/assets/app.js', {'headers': GZIP}), ('/assets/app.js', {'headers': {'Accept-Encoding': 'gzip;q=0.5, br'}}),
	('/assets/app.js', {'headers': {'Accept-Encoding': 'gzip;q=0'}}), ('/assets/stale.js', {'headers': GZIP}), ('/assets/stale.js',),
	('/assets/', {'headers': GZIP}), ('/assets/',), ('/assets',), ('/assets?a=b',), ('/assets/dir',), ('/assets/dir?q',), ('/assets/dir/',),
	('/assets/dir/file.txt',), ('/assets/none/',), ('/assets/none',), ('/assets/nowhere',), ('/assets/nowhere.txt',), ('/assets/.hidden',),
	('/assets/%2ehidden',), ('/assets/.git/config',), ('/assets/dir/.secret',), ('/assets/.well-known/it',), ('/assets/dir/../plain.txt',),
	('/assets/dir/%2e%2e/plain.txt',), ('/assets/../assets/plain.txt',), ('/assets//plain.txt',), ('/assets/dir//file.txt',),
	('/assets/dir%2Ffile.txt',), ('/assets/dir%5Cfile.txt',), ('/assets/plain.txt/',), ('/assets/plain.txt%00',), ('/assets/link.txt',),
	('/assets/out.txt',), ('/assets/linked/file.txt',), ('/assets/fifo',), ('/assets/made',), ('/assets/bare',), ('/assets/bare/',), ('/assets/bare/x.txt',),
	('/assets/bare/index.html',), ('/assets/plain.txt?query=1',), ('/guarded/plain.txt',),
	('/guarded/plain.txt', {'headers': {'Authorization': 'Bearer sesame'}}), ('/',), ('/about.html',), ('/cart/7',), ('/cart/7.js',), ('/sub',),
	('/sub/',), ('/.x',), ('/index.html',), ('/fronted-problem',), ('/.fronted-problem',),
	('/assets/plain.txt', {'headers': {'Range': 'bytes=0-1'}}), ('/assets/plain.txt', {'headers': {'Range': 'bytes=-2'}}),
	('/assets/plain.txt', {'headers': {'Range': 'bytes=9-'}}), ('/assets/plain.txt', {'headers': {'Range': 'bytes=x'}}),
	('/assets/plain.txt', {'headers': {'Range': 'lines=1-2'}}), ('/assets/plain.txt', {'headers': {'Range': 'bytes=0-1', 'If-Range': '"x"'}}),
	('/assets/plain.txt', {'headers': {'If-None-Match': '*'}}), ('/assets/plain.txt', {'headers': {'If-None-Match': '"x"'}}),
	('/assets/plain.txt', {'headers': {'If-Match': '"x"'}}),
	('/assets/plain.txt', {'headers': {'If-Modified-Since': 'Wed, 18 May 2033 03:33:20 GMT'}}),
	('/assets/plain.txt', {'headers': {'If-Modified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT'}}),
	('/assets/plain.txt', {'headers': {'If-Unmodified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT'}}),
]
# What nginx answers itself, before it would ask the service: the status is the service's, and it is a problem.
BY_NGINX = (400, 412)


def shown(answer):
	"""What is compared of an answer."""
	fields = {name: ', '.join(answer.headers.get_all(name, [])) or None for name in COMPARED}
	if answer.status == 416:  # nginx had set these before it looked at the range
		fields['Cache-Control'] = fields['Vary'] = None
	problem = 'problem+json' in (fields['Content-Type'] or '')
	if problem:
		fields['Content-Length'] = None
		told = json.loads(answer.body or b'{}')
		body = {name: told.get(name) for name in ('title', 'status', 'detail')}
	else:
		body = answer.body
	return answer.status, fields, body


def is_of_nginx(alone, front):
	"""Whether it is the same refusal, in nginx's words."""
	if alone[0] != front[0] or alone[0] not in BY_NGINX:
		return False
	return isinstance(front[2], dict) and front[2]['status'] in (alone[0], None)


def compare(program, front, path, special):
	alone, behind = (shown(ask(port, path, **special)) for port in (program.port(), front.port))
	if alone == behind or is_of_nginx(alone, behind):
		return []
	return differs(f'{path[:60]} {special}', behind, alone)


def requests_are_answered_alike(spoken):
	def check():
		with tempfile.TemporaryDirectory() as assets:
			make_assets(assets)
			os.chmod(assets, 0o755)
			found = []
			with fronted(TRIAL, '--assets', assets, '--inner-assets', assets + '/dir', '--docs', 'off', spoken=spoken) as (program, front, _):
				for path, *special in REQUESTS:
					found += compare(program, front, path, special[0] if special else {})
			return found
	return check


def main():
	tap = Tap()
	for spoken in ('http', 'uwsgi'):
		tap.check(f'{len(REQUESTS)} requests over {spoken}', requests_are_answered_alike(spoken)())
	tap.done()


main()
