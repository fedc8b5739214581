#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Forms as curl and requests send them, and as nobody should. usage: test_uploads.py TRIAL"""
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import traceback

import requests

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'app'))
from program import Program, Tap  # noqa: E402

PATIENCE = 20
LIGHT = 'COR_TEST_LIGHT' in os.environ


def sum_of(data):
	total = 2166136261
	for byte in data:
		total = (total ^ byte) * 16777619 & 0xffffffff
	return total


def told(name, media_type, data, in_memory=True):
	return {'name': name, 'type': media_type, 'bytes': len(data), 'sum': sum_of(data), 'in_memory': in_memory}


def curl(server, path, *arguments, stdin=None):
	"""(status, what was said)"""
	done = subprocess.run(['curl', '--silent', '--show-error', '--max-time', str(PATIENCE), '--write-out', '\n%{http_code}', *arguments,
		f'http://127.0.0.1:{server.port()}{path}'], input=stdin, capture_output=True, timeout=PATIENCE)
	text, _, status = done.stdout.decode().rpartition('\n')
	assert done.returncode == 0, (done.returncode, done.stderr)
	return int(status), text


def curl_sends_forms(server, place):
	data = bytes(range(256)) * 1000
	path = os.path.join(place, 'a "b"\\c;ü.png')
	with open(path, 'wb') as file:
		file.write(data)
	quoted = path.replace('\\', '\\\\').replace('"', '\\"')
	status, text = curl(server, '/photos', '-F', 'title=Größe "1"', '-F', 'stars=3', '-F', 'tags=a', '-F', 'tags=b',
		'-F', f'photo=@"{quoted}";type=image/png', '-F', 'notes=@-;filename=n.txt', stdin=b'note')
	assert status == 201, text
	assert json.loads(text) == {'title': 'Größe "1"', 'stars': 3, 'tags': ['a', 'b'],
		'photo': told('c;ü.png', 'image/png', data, False), 'notes': [told('n.txt', 'text/plain', b'note')]}, text
	status, text = curl(server, '/photos', '--form-escape', '-F', 'title=x', '-F', f'photo=@"{quoted}";type=image/png')
	assert status == 201 and json.loads(text)['photo']['name'] == 'c;ü.png', text
	status, text = curl(server, '/words', '-F', 'title=hello', '-F', 'stars=5')
	assert (status, json.loads(text)) == (200, {'title': 'hello', 'stars': 5}), text
	status, text = curl(server, '/imports', '-F', f'volume=@"{quoted}"', '-F', 'label=x')
	assert status == 200, text
	assert text == f'volume c;ü.png image/png 256000 {sum_of(data)}\nlabel - text/plain 1 {sum_of(b"x")}\n', text


def curl_waits_for_a_yes(server, place):
	"""It sends a body of over a megabyte only when it is told to go on."""
	status, text = curl(server, '/photos', '-F', 'title=x', '-F', 'photo=@-;type=text/plain;filename=l', stdin=bytes(3000000))
	assert status == 201 and json.loads(text)['photo']['bytes'] == 3000000, text
	status, text = curl(server, '/words', '-F', 'title=@-', stdin=bytes(3000000))
	assert status == 413 and 'the body is larger than 1048576 bytes' in text, text


def curl_over_http2_and_chunks(server, place):
	data = os.urandom(300000)
	for more in (['--http2-prior-knowledge'], ['-H', 'Transfer-Encoding: chunked']):
		status, text = curl(server, '/photos', *more, '-F', 'title=x', '-F', 'photo=@-;type=text/plain;filename=l', stdin=data)
		assert status == 201 and json.loads(text)['photo'] == told('l', 'text/plain', data, False), text


def requests_send_files(server, place):
	base = f'http://127.0.0.1:{server.port()}'
	files = [('photo', ('ü"\\.png', b'123', 'image/png')), ('notes', ('1.txt', b'one')), ('notes', ('2.txt', b'', 'text/plain'))]
	answer = requests.post(f'{base}/photos', data={'title': 'x', 'tags': ['a', 'b']}, files=files, timeout=PATIENCE)
	assert answer.status_code == 201, answer.text
	assert answer.json() == {'title': 'x', 'stars': 0, 'tags': ['a', 'b'], 'photo': told('.png', 'image/png', b'123'),
		'notes': [told('1.txt', 'application/octet-stream', b'one'), told('2.txt', 'text/plain', b'')]}, answer.text
	answer = requests.post(f'{base}/words', files={'title': (None, 'text'), 'stars': (None, '2')}, timeout=PATIENCE)
	assert answer.json() == {'title': 'text', 'stars': 2}, answer.text
	answer = requests.post(f'{base}/photos', data={'title': 'x' * 51, 'stars': 9}, timeout=PATIENCE,
		files={'photo': ('p.gif', b'1', 'image/gif'), 'other': b''})
	assert answer.status_code == 422, answer.text
	assert [(e['in'], e['parameter']) for e in answer.json()['errors']] == [
		('form', name) for name in ('title', 'stars', 'photo', 'other')], answer.text


# --- as nobody should ---

def send(server, path, pieces, content_type='multipart/form-data; boundary=b'):
	"""What was answered to a body in chunks, of which some may never be taken."""
	with socket.create_connection(('127.0.0.1', server.port()), timeout=PATIENCE) as s:
		s.sendall(f'POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n'
			'Connection: close\r\n\r\n'.encode())
		sent = 0
		try:
			for piece in pieces:
				s.sendall(b'%x\r\n%b\r\n' % (len(piece), piece))
				sent += len(piece)
			s.sendall(b'0\r\n\r\n')
		except OSError:
			pass  # it has heard enough
		answer = b''
		try:
			while more := s.recv(65536):
				answer += more
		except OSError:
			pass
	return answer.decode(), sent


def part(name, data=b'', more=b''):
	return b'--b\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n' % (name, more, data)


END = b'--b--\r\n'


def many_parts_are_refused_early(server, place):
	for path in ('/photos', '/words', '/imports'):
		answer, sent = send(server, path, (part(b'x') * 10 for _ in range(10000)))
		assert answer.startswith('HTTP/1.1 413') and 'the form has more than 1000 parts' in answer, answer


def hostile_forms_are_refused(server, place):
	file = part(b'title', b'x') + b'--b\r\nContent-Disposition: form-data; name="photo"; filename="%b"\r\nContent-Type: text/plain\r\n\r\n1\r\n'
	for status, says, *pieces in (
			(413, 'the header lines of a part are longer than 8192 bytes', part(b'title', more=b'; x="' + b'y' * 9000 + b'"'), END),
			(413, 'the header lines of a part are longer than 8192 bytes', b'--b\r\n', *[b'X: y\r\n'] * 5000),
			(413, 'a part has more than 32 header lines', b'--b\r\n', *[b'X:y\r\n'] * 100, b'\r\n'),
			(413, 'the form has more than 8192 bytes outside of its parts', *[b'\r\n--'] * 5000),
			(413, 'the form has more than 8192 bytes outside of its parts', file % b'x', END, bytes(9000)),
			(400, 'the form has no end', file % b'x'),
			(400, 'has a control character', file % b'a\0b', END),
			(400, 'is not UTF-8', file % b'\xff', END),
			(415, 'send its bytes as they are', part(b'title', more=b'\r\nContent-Transfer-Encoding: base64'), END),
			(415, 'send each file as a part of its own', part(b'photo', more=b'\r\nContent-Type: multipart/mixed; boundary=c'), END)):
		answer, _ = send(server, '/photos', pieces)
		assert answer.startswith(f'HTTP/1.1 {status}') and says in answer, (says, answer)
	for name, shown in ((b'../../etc/passwd', 'passwd'), (b'..%2f..%2fx', '..%2f..%2fx'), (b'/', ''), (b'C:\\\\x\\\\y', 'y'), (b'.', '')):
		answer, _ = send(server, '/photos', [file % name, END])
		assert answer.startswith('HTTP/1.1 201') and f'"name":"{shown}"' in answer, (name, answer)


def one_byte_at_a_time(server, place):
	body = part(b'title', b'x\r\n--bc') + part(b'photo', b'12\r\n--', b'; filename="f"\r\nContent-Type: text/plain') + END
	for boundary in ('b', '"b"'):
		answer, _ = send(server, '/photos', [body[i:i + 1] for i in range(len(body))], f'multipart/form-data; boundary={boundary}')
		assert answer.startswith('HTTP/1.1 201') and '"title":"x\\r\\n--bc"' in answer and '"bytes":6' in answer, answer


# --- the folder, and memory ---

def wait_until_none_is_open(pid, folder):
	end = time.monotonic() + PATIENCE
	while any(name.startswith(folder) for name in opened(pid)):
		assert time.monotonic() < end, opened(pid)
		time.sleep(0.01)


def opened(pid):
	"""What the process's descriptors lead to."""
	names = []
	for fd in os.listdir(f'/proc/{pid}/fd'):
		try:
			names.append(os.readlink(f'/proc/{pid}/fd/{fd}'))
		except FileNotFoundError:
			pass
	return names


def the_folder_is_kept_clean(_, place):
	folder = os.path.join(place, 'uploads')
	os.mkdir(folder)
	with Program('--upload-folder', folder, '--upload-memory-bytes', '10', '--upload-files', '2') as server:
		status, text = curl(server, '/photos', '-F', 'title=x', '-F', 'photo=@-;type=text/plain;filename=l', stdin=b'12345678901')
		assert status == 201 and not json.loads(text)['photo']['in_memory'], text
		# a client that stops in the middle of a file
		with socket.create_connection(('127.0.0.1', server.port()), timeout=PATIENCE) as s:
			s.sendall(b'POST /photos HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000\r\n\r\n'
				+ part(b'photo', bytes(4000), b'; filename="f"\r\nContent-Type: text/plain'))
		server.wait_for_line('the client went away|reset|499')
		files = [('notes', ('n', bytes(20)))] * 2 + [('photo', ('p', bytes(20), 'text/plain'))]
		answer = requests.post(f'http://127.0.0.1:{server.port()}/photos', files=files, data={'title': 'x'}, timeout=PATIENCE)
		assert answer.status_code == 413 and 'the form has more than 2 files of over 10 bytes' in answer.text, answer.text
		wait_until_none_is_open(server.process.pid, folder) # the answer goes out first
		assert os.listdir(folder) == []
	os.rmdir(folder)


def a_missing_folder_is_told_at_start_and_later(_, place):
	folder = os.path.join(place, 'gone')
	os.mkdir(folder)
	with Program('--upload-folder', folder, '--upload-memory-bytes', '10') as server:
		server.port()
		os.rmdir(folder)
		status, text = curl(server, '/photos', '-F', 'title=x', '-F', 'photo=@-;type=text/plain;filename=l', stdin=bytes(11))
		assert status == 500 and folder not in text, text
		server.wait_for_line(f'an upload cannot be written to {folder}: .*--upload-folder')
	with Program('--upload-folder', folder) as server:
		server.wait_for_line(f'--upload-folder: {folder}: files of forms cannot be made there .No such file')
		assert server.end() == 64


def a_body_that_is_late_is_a_408(_, __):
	"""Whoever is too slow for the deadline of the request is told so, as form and as JSON: the service was not late."""
	with Program('--request-timeout-ms', '200') as server:
		for media in b'multipart/form-data; boundary=b', b'application/json':
			with socket.create_connection(('127.0.0.1', server.port()), timeout=PATIENCE) as s:
				s.sendall(b'POST /words HTTP/1.1\r\nHost: x\r\nContent-Type: ' + media + b'\r\nContent-Length: 90\r\n\r\n{')
				answer = b''.join(iter(lambda: s.recv(4096), b''))
			assert answer.startswith(b'HTTP/1.1 408 ') and b'did not arrive before' in answer, answer


def a_full_disk_is_a_507(_, place):
	def small_files():
		resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))
	with Program('--upload-folder', place, before=small_files) as server:
		status, text = curl(server, '/photos', '-F', 'title=x', '-F', 'photo=@-;type=text/plain;filename=l', stdin=bytes(200000))
		assert status == 507 and place not in text, text


def a_sandbox_names_the_folder(_, place):
	with Program('--sandbox', 'on', '--sandbox-paths', place, '--upload-folder', place) as server:
		status, text = curl(server, '/photos', '-F', 'title=x', '-F', 'photo=@-;type=text/plain;filename=l', stdin=bytes(200000))
		assert status == 201 and not json.loads(text)['photo']['in_memory'], text
	with Program('--sandbox', 'on', '--sandbox-paths', place, '--upload-folder', '/var/tmp') as server:
		if server.wait_for_line('sandbox: (.*)').group(1).find('Landlock version') < 0:
			return
		server.wait_for_line('--upload-folder: /var/tmp: files of forms cannot be made there .Permission denied.*--sandbox-paths')
		assert server.end() != 0  # a sanitizer cannot look for leaks in a sandbox


def memory(server, name):
	with open(f'/proc/{server.process.pid}/status') as file:
		return int(next(line for line in file if line.startswith(name + ':')).split()[1]) * 1024


def upload_sparse(server, path, megabytes, place):
	"""A sparse file, sent as it is; returns what was said and how much memory that took at most."""
	large = os.path.join(place, 'large')
	with open(large, 'wb') as file:
		file.truncate(megabytes << 20)
	curl(server, '/words', '-F', 'title=x')
	before = memory(server, 'VmRSS')
	with open(f'/proc/{server.process.pid}/clear_refs', 'w') as file:
		file.write('5')  # the peak from here on
	status, text = curl(server, path, '-F', f'volume=@{large};type=application/octet-stream', '-F', 'title=x',
		'-F', f'photo=@{large};type=text/plain' if path == '/photos' else 'label=x')
	took = memory(server, 'VmHWM') - before
	print(f'# figure: memory for {megabytes} MiB to {path}: {took / 1024:.0f} KiB')
	os.unlink(large)
	return status, text, took


def a_gigabyte_takes_no_memory(_, place):
	megabytes = 64 if LIGHT else 1024
	with Program() as server:
		status, text, took = upload_sparse(server, '/imports', megabytes, place)
	assert status == 200 and f'volume large application/octet-stream {megabytes << 20} ' in text, text
	assert LIGHT or took < 4 << 20, took


def a_large_file_takes_no_memory(_, place):
	megabytes = 64
	with Program() as server:
		status, text, took = upload_sparse(server, '/photos', megabytes, place)
	assert status == 422 and '"parameter":"volume"' in text, text
	assert LIGHT or took < 4 << 20, took


def limits_are_settings(_, place):
	with Program('--upload-parts', '2', '--upload-part-bytes', '128') as server:
		status, text = curl(server, '/words', '-F', 'title=x', '-F', 'stars=1', '-F', 'more=1')
		assert status == 413 and 'the form has more than 2 parts' in text, text
		status, text = curl(server, '/words', '-F', 'title=x;type=text/plain' + ';x=y' * 50)
		assert status == 413 and 'longer than 128 bytes' in text, text


TESTS = (curl_sends_forms, curl_waits_for_a_yes, curl_over_http2_and_chunks, requests_send_files, many_parts_are_refused_early,
	hostile_forms_are_refused, one_byte_at_a_time, the_folder_is_kept_clean, a_missing_folder_is_told_at_start_and_later,
	a_body_that_is_late_is_a_408, a_full_disk_is_a_507, a_sandbox_names_the_folder, limits_are_settings, a_gigabyte_takes_no_memory, a_large_file_takes_no_memory)


def main():
	tap = Tap()
	with Program('--access-log', 'off') as server:
		for test in TESTS:
			place = tempfile.mkdtemp(prefix='uploads-')
			try:
				test(server, place)
				tap.check(test.__name__, [])
			except Exception:
				tap.check(test.__name__, traceback.format_exc().splitlines())
			shutil.rmtree(place, ignore_errors=True)
	tap.done()


main()
