#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Files that handlers choose (reply_file.h), as clients see them."""

import os
import sys
import tempfile

import requests

from cases import await_true, equal, finish, problem, run
from program import Program, built

SIZES = {'empty': 0, 'small': 10, 'middle': 100_000, 'large': 5_000_000}
DATA = {name: bytes(i * 7 % 251 for i in range(1000)) * (size // 1000) + b'0123456789' * (size % 1000 // 10)
	for name, size in SIZES.items()}


class Replies(Program):
	def __init__(self, top):
		self.top = top
		for name, data in DATA.items():
			with open(f'{top}/{name}', 'wb') as file:
				file.write(data)
		super().__init__(built('tests/files/replies'), '--threads', '1')

	def send(self, file, method='GET', path='/sent', headers=None, **query):
		return requests.request(method, self.url + path, params={'path': f'{self.top}/{file}', **query},
			headers={'Accept-Encoding': 'identity', **(headers or {})})

	def open_files(self):
		paths = f'/proc/{self.process.pid}/fd'
		return sum(1 for fd in os.listdir(paths) if os.path.exists(f'{paths}/{fd}') and
			os.readlink(f'{paths}/{fd}').startswith(self.top))


def test_all_of_it(replies):
	for name, data in DATA.items():
		answer = replies.send(name)
		equal((answer.status_code, answer.content == data, answer.headers['Content-Type']), (200, True, 'text/plain'), name)
		equal(answer.headers['Content-Length'], str(len(data)), name)
		equal((answer.headers['Accept-Ranges'], answer.headers['X-Content-Type-Options']), ('bytes', 'nosniff'))
		assert answer.headers['ETag'].startswith('"') and 'GMT' in answer.headers['Last-Modified'], answer.headers
		assert 'Content-Disposition' not in answer.headers, answer.headers
		head = replies.send(name, 'HEAD')
		equal((head.status_code, head.headers['Content-Length'], head.content), (200, str(len(data)), b''), name)
		equal(head.headers['ETag'], answer.headers['ETag'], name)


def test_ranges(replies):
	for name in ('small', 'middle', 'large'):
		data = DATA[name]
		answer = replies.send(name, headers={'Range': 'bytes=2-5'})
		equal((answer.status_code, answer.content), (206, data[2:6]), name)
		equal(answer.headers['Content-Range'], f'bytes 2-5/{len(data)}', name)
		equal(answer.headers['Content-Type'], 'text/plain', name)
		answer = replies.send(name, headers={'Range': 'bytes=-3'}, type='image/png')
		equal((answer.content, answer.headers['Content-Type']), (data[-3:], 'image/png'), name)
		answer = replies.send(name, headers={'Range': 'bytes=0-1,4-5'}, type='image/png')
		equal(answer.status_code, 206, name)
		assert answer.headers['Content-Type'].startswith('multipart/byteranges; boundary='), answer.headers
		equal(answer.content.count(b'Content-Type: image/png\r\n'), 2, name)
		answer = replies.send(name, headers={'Range': f'bytes={len(data)}-'})
		problem(answer, 416)
		equal(answer.headers['Content-Range'], f'bytes */{len(data)}', name)


def test_if_range(replies):
	etag = replies.send('middle').headers['ETag']
	for tag, status in ((etag, 206), ('"other"', 200)):
		equal(replies.send('middle', headers={'Range': 'bytes=0-0', 'If-Range': tag}).status_code, status, tag)


def test_conditions(replies):
	whole = replies.send('middle', name='a.txt')
	for headers in ({'If-None-Match': whole.headers['ETag']}, {'If-Modified-Since': whole.headers['Last-Modified']}):
		answer = replies.send('middle', headers=headers, name='a.txt')
		equal((answer.status_code, answer.content, answer.headers['ETag']), (304, b'', whole.headers['ETag']), headers)
		assert 'Content-Disposition' not in answer.headers and 'Content-Type' not in answer.headers, answer.headers
	problem(replies.send('middle', headers={'If-Match': '"other"'}), 412)
	assert 'is not among' not in replies.errors(), replies.errors()


def test_nothing_is_compressed(replies):
	"""Nor is the ETag of a 304 made weak, as if it were."""
	for name in ('small', 'middle'):
		answer = replies.send(name, headers={'Accept-Encoding': 'gzip'})
		equal((answer.content == DATA[name], answer.headers.get('Content-Encoding')), (True, None), name)
		same = replies.send(name, headers={'Accept-Encoding': 'gzip', 'If-None-Match': answer.headers['ETag']})
		equal((same.status_code, same.headers['ETag']), (304, answer.headers['ETag']), name)


def test_names(replies):
	cases = {
		'report.pdf': 'attachment; filename="report.pdf"',
		'a b;c.txt': 'attachment; filename="a b;c.txt"',
		'Übersicht 1.pdf': 'attachment; filename="_bersicht 1.pdf"; filename*=UTF-8\'\'%C3%9Cbersicht%201.pdf',
		'../../etc/passwd': 'attachment; filename=".._.._etc_passwd"',
		'a"\\\r\nX: 1.txt': 'attachment; filename="a____X: 1.txt"; filename*=UTF-8\'\'a%22___X%3A%201.txt',
	}
	for name, wanted in cases.items():
		equal(replies.send('small', name=name).headers['Content-Disposition'], wanted, name)
	equal(replies.send('small', name='x.png', is_shown='true').headers['Content-Disposition'], 'inline; filename="x.png"')


def test_an_etag_of_the_handler(replies):
	answer = replies.send('small', etag='"v7"')
	equal((answer.status_code, answer.headers['ETag']), (200, '"v7"'))
	equal(replies.send('small', etag='"v7"', headers={'If-None-Match': '"v7"'}).status_code, 304)
	equal(replies.send('small', etag='"v8"', headers={'If-None-Match': '"v7"'}).status_code, 200)


def test_a_post_gets_all(replies):
	etag = replies.send('small').headers['ETag']
	answer = replies.send('small', 'POST', headers={'Range': 'bytes=0-0', 'If-None-Match': etag})
	equal((answer.status_code, answer.content), (200, DATA['small']))
	assert not {'ETag', 'Last-Modified', 'Accept-Ranges'} & set(answer.headers), answer.headers


def test_misuse_is_told(replies):
	def refused(answer, text):
		equal(answer.status_code, 500, text)
		await_true(text, lambda: text in replies.errors())
	refused(replies.send('small', path='/undeclared'), 'cor_reply_file() needs .sends_file = true in the operation')
	refused(replies.send('small', type='image/*'), 'cor_reply_file() needs a media type without *')
	refused(replies.send('small', type='nonsense'), 'cor_reply_file() needs a media type without *')
	refused(replies.send('.'), 'cor_reply_file() was given no regular file')
	equal(replies.send('none').status_code, 404)


def test_after_the_start(replies):
	try:
		replies.send('small', starts='true')
	except requests.exceptions.RequestException:
		pass
	await_true('it was refused', lambda: 'sent -114' in replies.errors())


def test_the_document(replies):
	paths = requests.get(f'{replies.url}/openapi.json').json()['paths']
	get, post = paths['/sent']['get'], paths['/sent']['post']
	assert {'200', '206', '304', '404', '412', '416'} <= set(get['responses']), get['responses']
	assert not {'206', '304', '412', '416'} & set(post['responses']), post['responses']
	equal(set(get['responses']['206']['headers']), {'ETag', 'Last-Modified', 'Accept-Ranges', 'Content-Range'})
	equal(list(get['responses']['206']['content']), ['text/plain'])
	names = {parameter['name'] for parameter in get['parameters'] if parameter['in'] == 'header'}
	equal(names, {'Range', 'If-Range', 'If-None-Match'})


def test_no_file_is_left_open(replies):
	await_true('all files are closed', lambda: replies.open_files() == 0)


if __name__ == '__main__':
	with tempfile.TemporaryDirectory() as folder:
		program = Replies(folder)
		finish(run(sys.modules[__name__], program), program)
