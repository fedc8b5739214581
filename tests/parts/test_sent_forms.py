#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Forms that calls send, as our own service and werkzeug read them, by either carrier. usage: test_sent_forms.py TRIAL SUBMIT"""
import json
import logging
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import traceback

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'app'), os.path.join(HERE, '..', 'tls')]
from pki import make_pair  # noqa: E402
from program import PATIENCE, Program, Tap  # noqa: E402

SUBMIT = sys.argv[2]
LIGHT = 'COR_TEST_LIGHT' in os.environ
LARGE = 64 << 20
logging.getLogger('werkzeug').setLevel(logging.ERROR)


def sum_of(data):
	total = 2166136261
	for byte in data[:4000000]:
		total = (total ^ byte) * 16777619 & 0xffffffff
	return total


def told(name, media_type, data, in_memory=True):
	return {'name': name, 'type': media_type, 'bytes': len(data), 'sum': sum_of(data), 'in_memory': in_memory}


def submit(url, authority, kind, what):
	"""(what was answered or has failed, whether it went well, KiB of memory at most)"""
	done = subprocess.run([SUBMIT, url, authority or '-', kind, str(what)], capture_output=True, timeout=3 * PATIENCE)
	assert done.returncode in (0, 1), (done.returncode, done.stderr)
	return done.stdout.decode(), done.returncode == 0, int(done.stderr.splitlines()[-1])


@Request.application
def app(request):
	said = {'length': request.content_length, 'chunked': request.headers.get('Transfer-Encoding'),
		'form': list(request.form.items(multi=True)),
		'files': [[name, file.filename, file.content_type, file.headers.get('X-Sum'), file.stream.seek(0, 2)]
			for name, file in request.files.items(multi=True)]}
	return Response(json.dumps(said), mimetype='text/plain')


class Peer:
	"""werkzeug, over TLS or plain."""

	def __init__(self, pair=None):
		context = None
		if pair:
			context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
			context.load_cert_chain(*pair)
		self.server = make_server('localhost', 0, app, threaded=True, ssl_context=context)
		self.url = f'{"https" if pair else "http"}://localhost:{self.server.server_port}'
		threading.Thread(target=self.server.serve_forever, daemon=True).start()

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.server.shutdown()
		self.server.server_close()


def a_service_and_its_callers_share_a_table(place):
	data = bytes(range(256)) * 1000
	path = os.path.join(place, 'ü"%.png')
	with open(path, 'wb') as file:
		file.write(data)
	with Program('--access-log', 'off') as server:
		text, good, _ = submit(f'http://127.0.0.1:{server.port()}', None, 'rows', path)
	assert good, text
	assert json.loads(text) == {'title': 'Größe "1"', 'stars': 3, 'tags': ['a', 'b\r\n--c'],
		'photo': told('ü"%.png', 'image/png', data, False),
		'notes': [told('1.txt', 'application/octet-stream', b'one'), told('2.txt', 'text/plain', b'')]}, text


def as_werkzeug_reads(url, authority, place):
	path = os.path.join(place, 'p.txt')
	with open(path, 'wb') as file:
		file.write(b'x' * 100000)
	text, good, _ = submit(url, authority, 'parts', path)
	assert good, text
	said = json.loads(text)
	# it leaves names as browsers encode them
	assert said['form'] == [['a %22b%22', 'Größe\r\n'], ['empty', '']], said
	assert said['files'] == [['memory', 'a%22b%0Ac.bin', 'application/octet-stream', '7', 6],
		['path', 'p.txt', 'text/x; charset=utf-8', None, 100000], ['path', 'again', 'application/octet-stream', None, 100000]], said
	assert said['length'] > 200000 and said['chunked'] is None, said


def sources_are_never_whole_in_memory(url, authority, limit_kib):
	_, good, before = submit(url, authority, 'known', 10)
	assert good
	for kind in ('known', 'pieces'):
		text, good, most = submit(url, authority, kind, LARGE)
		assert good, text
		if text.startswith('{'):
			said = json.loads(text)
			assert said['files'] == [['volume', 'v', 'application/octet-stream', None, LARGE]], said
			assert (said['length'], said['chunked']) == ((None, 'chunked') if kind == 'pieces' else (said['length'], None)), said
			assert kind == 'pieces' or said['length'] > LARGE, said
		else:
			assert f'volume v application/octet-stream {LARGE} ' in text, text
		print(f'# figure: memory to send {LARGE >> 20} MiB, {kind}, {url.split(":")[0]}: {most - before} KiB')
		assert LIGHT or most - before < limit_kib, (most, before)


def sources_go_to_our_own_service(place):
	with Program('--access-log', 'off') as server:
		sources_are_never_whole_in_memory(f'http://127.0.0.1:{server.port()}', None, 1024)


def plain_to_werkzeug(place):
	with Peer() as peer:
		as_werkzeug_reads(peer.url, None, place)


def over_tls_to_werkzeug(place):
	pair = make_pair(place, 'peer', 'localhost')
	with Peer(pair) as peer:
		as_werkzeug_reads(peer.url, pair[0], place)
		sources_are_never_whole_in_memory(peer.url, pair[0], 4096)


def failures_are_told(place):
	with Program('--access-log', 'off') as server:
		url = f'http://127.0.0.1:{server.port()}'
		text, good, _ = submit(url, None, 'parts', os.path.join(place, 'none'))
		assert (text, good) == ('ENOENT', False), text
		text, good, _ = submit(url, None, 'known', 5 << 30)
		assert not good and 'it answered 413' in text, text


TESTS = (a_service_and_its_callers_share_a_table, sources_go_to_our_own_service, plain_to_werkzeug, over_tls_to_werkzeug,
	failures_are_told)


def main():
	tap = Tap()
	for test in TESTS:
		place = tempfile.mkdtemp(prefix='forms-')
		try:
			test(place)
			tap.check(test.__name__, [])
		except Exception:
			tap.check(test.__name__, traceback.format_exc().splitlines())
		shutil.rmtree(place, ignore_errors=True)
	tap.done()


main()
