#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle bench: figures, what makes them worth nothing, and two programs in turns. test_bench.py PROGRAM"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from command import Command, told
from project import Project
from tap import Tap

GOOD = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
BRIEF = ('--seconds', '0.3', '--warm-up', '0')


@contextlib.contextmanager
def serving(answer):
	"""A server whose answer(number, connection) sends what it will to each request: gives its URL."""
	listener = socket.create_server(('127.0.0.1', 0))
	numbers = iter(range(10**9))

	def serve(connection):
		with contextlib.suppress(OSError), connection:
			data = b''
			while piece := connection.recv(65536):
				data += piece
				while b'\r\n\r\n' in data:
					data = data.partition(b'\r\n\r\n')[2]
					if answer(next(numbers), connection) is False:
						return

	def accept():
		with contextlib.suppress(OSError):
			while True:
				threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

	threading.Thread(target=accept, daemon=True).start()
	try:
		yield f'http://127.0.0.1:{listener.getsockname()[1]}'
	finally:
		listener.shutdown(socket.SHUT_RDWR)
		listener.close()


def measured(done, status=0):
	found = told(done, status)
	return found, json.loads(done[1]) if done[1] else {}


def forms(command):
	"""Each way in which an answer ends is counted whole."""
	found = []
	bodies = {
		'chunked': b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
		'interim': b'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' + GOOD,
		'empty': b'HTTP/1.1 204 No Content\r\n\r\n',
		'closing': b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
		'until close': b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok',
	}
	for name, body in bodies.items():
		def answer(_, connection, body=body):
			for at in range(0, len(body), 40):
				connection.sendall(body[at:at + 40])
			return b'close' not in body
		with serving(answer) as url:
			wrong, figures = measured(command.run('bench', '/', '--url', url, '-c', '2', *BRIEF, '--json'))
		found += [f'{name}: {wrong}'] if wrong else []
		answers = sum(figures.get('statuses', {}).values())
		found += [] if answers > 5 and figures['requests_per_s'] > 0 else [f'{name}: {figures}']
	return found


def failures(command):
	with serving(lambda number, connection: connection.sendall(
			GOOD if number % 2 else b'HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nlost')) as url:
		found = told(command.run('bench', '/x', '--url', url, *BRIEF), 1, 'answers are no 2xx', 'The first is 404: lost\n')
	with serving(lambda number, connection: connection.sendall(b'hello\r\n\r\n')) as url:
		found += told(command.run('bench', '/', '--url', url, *BRIEF), 1, 'errors')
	with serving(lambda number, connection: False) as url:
		found += told(command.run('bench', '/', '--url', url, *BRIEF), 1, 'errors', 'Connection reset')
	with serving(lambda number, connection: None) as url:
		done = command.run('bench', '/', '--url', url, '-c', '3', *BRIEF, '--json')
		found += told(done, 1, 'of which 3 answers never came')
		figures = json.loads(done[1])
		found += [] if '"connections":3,' in done[1] else ['connections are no whole number: ' + done[1]]
		found += [] if figures['latency_ms']['p50'] > 4000 else [f'{figures}']
	found += told(command.run('bench', '/', '--url', 'http://127.0.0.1:1', *BRIEF), 1, 'refused')
	found += told(command.run('bench', '/', '--url', 'https://127.0.0.1'), 64, 'TLS is not measured')
	found += told(command.run('bench', '/', '--url', 'http://nowhere:1'), 69, 'is no address and port')
	found += told(command.run('bench', '/', '--url', 'http://localhostess:1'), 69, 'localhostess:1: is no address and port')
	found += told(command.run('bench', '/', '--url', url, '-c', '1.5'), 64, '-connections 1.5: it takes a whole number')
	found += told(command.run('bench', '/', '--url', url, '--save', 'x'), 64, 'not for --url')
	found += told(command.run('bench', '/', '--url', url, '--rate', 'x'), 64, '--rate x: it takes a number')
	return found + told(command.run('bench', '/', '--url', url, '--header', 'x'), 64, 'must be NAME: VALUE')


def cut(command):
	"""An answer that is cut is an error; the text that is shown is of one that was whole."""
	def answer(number, connection):
		if number == 0:
			connection.sendall(b'HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nfirst half')
			return False
		connection.sendall(b'HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy' if number == 1 else GOOD)
		return True
	with serving(answer) as url:
		return told(command.run('bench', '/', '--url', url, '-c', '1', *BRIEF), 1, 'The first is 503: busy\n', 'errors      1\n')


def late_answers(command):
	"""What comes after the end counts in no figure a second, and that is told."""
	def answer(_, connection):
		time.sleep(0.6)
		connection.sendall(GOOD)
	with serving(answer) as url:
		done = command.run('bench', '/', '--url', url, '-c', '2', *BRIEF, '--json')
	found, figures = told(done, 0, 'no answer came within the time'), json.loads(done[1])
	good = figures['statuses'] == {'200': 2} and figures['requests_per_s'] == figures['bytes_per_s'] == 0
	return found + ([] if good else [f'{figures}'])


def early(command, folder):
	"""An answer before all was sent ends the connection: what follows would be more of the body."""
	listener, later = socket.create_server(('127.0.0.1', 0)), []

	def accept():
		with contextlib.suppress(OSError):
			while True:
				connection = listener.accept()[0]
				connection.recv(200)
				connection.sendall(b'HTTP/1.1 413 No\r\nContent-Length: 3\r\n\r\nbig')
				while data := connection.recv(1 << 20):
					later.append(b'POST /' in data)
				connection.close()

	threading.Thread(target=accept, daemon=True).start()
	path = os.path.join(folder, 'body')
	with open(path, 'wb') as file:
		file.write(bytes(16 << 20))
	url = f'http://127.0.0.1:{listener.getsockname()[1]}'
	found = told(command.run('bench', 'POST', '/', '--body', path, '--url', url, '-c', '1', *BRIEF), 1, 'The first is 413: big', 'errors      0')
	listener.close()
	return found + (['a request inside of a body'] if any(later) else [])


def standstill(command):
	"""With a rate, a second in which nothing is answered is in as many requests as were due in it."""
	def answer(number, connection):
		if number == 20:
			time.sleep(0.5)
		connection.sendall(GOOD)
	with serving(answer) as url:
		found, figures = measured(command.run('bench', '/', '--url', url, '-c', '1', '--rate', '100', '--seconds', '1',
			'--warm-up', '0', '--json'))
	answers = sum(figures['statuses'].values())
	found += [] if 95 <= answers <= 100 else [f'{answers} answers']
	good = figures['latency_ms']['p90'] > 250 and figures['late'] > 30 and figures['latency_ms']['max'] >= 500
	return found + ([] if good else [f'{figures}'])


def behind(command):
	"""A generator that stood still has sent late; while it computes little, it is not the limit."""
	def answer(number, connection):
		if number == 20:
			os.kill(bench.pid, signal.SIGSTOP)
			time.sleep(0.3)
			os.kill(bench.pid, signal.SIGCONT)
		connection.sendall(GOOD)
	with serving(answer) as url:
		bench = subprocess.Popen([command.program, 'bench', '/', '--url', url, '-c', '40', '--rate', '100', '--seconds', '1', '--warm-up', '0',
			'--json'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=command.environment)
		out, errors = bench.communicate(timeout=60)
	figures = json.loads(out)
	good = bench.returncode == 0 and figures['behind'] > 10 and not figures['generator_is_limit'] and not errors
	return [] if good else [out + errors]


def operations(project):
	found, figures = measured(project.run('bench', *BRIEF, '--json'))
	found += [] if figures['target'] == '/books' and list(figures['statuses']) == ['200'] and figures['server_cpu_us'] > 1 else [f'{figures}']
	found += told(project.run('bench', 'get_book', *BRIEF), 0, 'GET /books/1 at build/release/shop', 'not 2xx     0')
	found += told(project.run('bench', 'get_book', '--param', 'id=22', *BRIEF), 1, 'GET /books/22 at', 'The first is 404')
	done = project.run('bench', 'add_book', '--rate', '100', *BRIEF, '--json')
	found += told(done, 0)
	found += [] if json.loads(done[1])['statuses'].get('201', 0) > 20 else [done[1]]
	project.write('draft.json', '{"title":""}')
	found += told(project.run('bench', 'POST', '/books', '--body', 'draft.json', *BRIEF), 1, 'The first is 422')
	found += told(project.run('bench', '/books', '--param', 'limit=3', '--param', 'title=a b', *BRIEF), 0, 'GET /books?title=a%20b&limit=3 at')
	found += told(project.run('bench', '/books?limit=3', *BRIEF), 0, 'GET /books?limit=3 at')
	found += told(project.run('bench', 'nothing'), 64, 'no operation nothing: coracle routes')
	found += told(project.run('bench', 'list_bok'), 64, 'no operation list_bok: did you mean list_books?')
	return found + told(project.run('bench', *BRIEF, '--', '--threads', 'x'), 69, '--threads', '--check failed')


GUARD = """
struct who {
	const char *name;
};
static const struct cor_field who_fields[] = {
	COR_FIELD(struct who, name),
};
COR_LOCAL_SCHEMA(who_schema, struct who, who_fields);

static int check_key(struct cor_ctx *ctx, const char *key, struct who *who)
{
	who->name = key;
	return key[0] == 'k' && key[1] == ' ' ? cor_grant(ctx, "") : cor_deny(ctx, "wrong");
}
COR_API_KEY(key_scheme, check_key, who_schema, .name = "key", PLACE);

const struct cor_resource book_resource = {
	.security = COR_SECURITY({ .scheme = &key_scheme }),
"""
BOOK = """# @name book
# @param /books/{id} id={{book.response.body.$.id}}
POST http://127.0.0.1:8080/books
Content-Type: application/json

{"title":"Emma","author":"Jane Austen"}

"""


def before(project):
	"""What is sent first makes what is asked for, and lets it in; what lets in is told by the document."""
	books = project.read('main/controller/books.c')
	project.write('test/before.http', BOOK)
	found = told(project.run('bench', 'get_book', *BRIEF), 0, 'GET /books/1 at build/release/shop')
	places = {
		'.in = COR_FROM_QUERY, .key = "secret"': ('--param secret=KEY', ('--param', 'secret=k 7')),
		'.in = COR_FROM_COOKIE, .key = "secret"': ("--header 'Cookie: secret=KEY'", ('--header', 'Cookie: secret=k 7')),
		'.in = COR_FROM_HEADER': ("--header 'X-API-Key: KEY'", ('--header', 'X-API-Key: k 7')),
	}
	for place, (hint, given) in places.items():
		guard = GUARD.replace('PLACE', place)
		project.write('main/controller/books.c', books.replace('const struct cor_resource book_resource = {\n', guard))
		project.write('test/before.http', BOOK)
		found += told(project.run('bench', 'get_book', *BRIEF), 64, 'wants to know who asks: ', 'test/before.http', hint)
		done = project.run('bench', 'get_book', *BRIEF, '--url', 'http://127.0.0.1:1')
		found += told(done, 64, 'wants to know who asks: give ' + hint) + ([done[2]] if 'before.http' in done[2] else [])
		if 'COOKIE' not in place:  # no blank may be in one
			found += told(project.run('bench', 'get_book', *given, *BRIEF), 0, 'not 2xx     0')
			project.write('test/before.http', BOOK + '###\n# @credential key k 7\n')
			found += told(project.run('bench', 'get_book', *BRIEF), 0, 'not 2xx     0')
			found += told(project.run('bench', '/books/1', *BRIEF), 0, 'not 2xx     0')
	project.run('bench', 'get_book', *BRIEF, '--save', 'guarded')
	found += told(project.run('bench', 'get_book', *BRIEF, '--against', 'guarded', '--rounds', '3'), 0, 'p50 ms')
	project.write('test/before.http', BOOK.replace('"Emma"', '""'))
	found += told(project.run('bench', 'get_book', *BRIEF), 66, 'before.http:3: POST /books is answered with 422: ')
	project.write('test/before.http', 'Emma\n')
	found += told(project.run('bench', 'get_book', *BRIEF), 66, 'before.http:1: is no request')
	project.write('test/before.http', BOOK)
	project.write('main/controller/books.c', books)
	return found


def asks(project):
	"""What cannot be made up is asked for."""
	project.replace('main/resources/book.c', '.example = "\\"Emma\\""', '.pattern = "^[A-Z]"')
	project.replace('main/resources/book.c', '.min_length = 1, .max_length = 50, .pattern', '.max_length = 50, .pattern')
	return told(project.run('bench', 'add_book', *BRIEF), 64, 'POST /books: the body has no example: title: its pattern', '--body FILE')


def turns(project):
	found = told(project.run('bench', '--against', 'base'), 66, 'nothing was saved as base')
	found += told(project.run('bench', '--save', 'a/b'), 64, 'must be the name of a folder')
	found += told(project.run('bench', *BRIEF, '--save', 'base'), 0, 'requests/s')
	found += [] if os.access(project.path('build/bench/base/program'), os.X_OK) else ['no program is kept']
	project.replace('main/controller/books.c', '	cor_timed(ctx);', '	(void)cor_sleep_ms(40);\n	cor_timed(ctx);')
	wrong, figures = measured(project.run('bench', *BRIEF, '--against', 'base', '--rounds', '3', '--json'))
	p50 = figures['p50_ms']
	good = p50['differs'] and p50['low'] <= p50['ratio'] <= p50['high'] and p50['low'] > 1 and p50['now'] >= 40
	found += wrong + ([] if good else [f'{figures}'])
	found += told(project.run('bench', *BRIEF, '--against', 'base', '--rounds', '2'), 64, '--rounds 2: it takes a whole number from 3')
	project.replace('main/controller/books.c', 'cor_sleep_ms(40)', 'cor_sleep_ms(500)')
	found += told(project.run('bench', *BRIEF, '--against', 'base', '--rounds', '3'), 0, 'not measured in each round')
	with socket.create_server(('127.0.0.1', 0)) as taken, socket.create_server(('127.0.0.1', 0)) as other:  # as by the service that runs
		project.write('.env', f'SHOP_CONTROL=127.0.0.1:{taken.getsockname()[1]}\nSHOP_H2C=127.0.0.1:{other.getsockname()[1]}\n')
		found += told(project.run('bench', '/docs', *BRIEF, '--against', 'base', '--rounds', '3'), 0, 'p50 ms')
	os.remove(project.path('.env'))
	project.write('build/bench/base/program', 'echo of another machine\n')
	return found + told(project.run('bench', *BRIEF, '--against', 'base'), 69, 'program: Exec format error')


def main():
	command, tap = Command(sys.argv[1]), Tap()
	with tempfile.TemporaryDirectory() as folder:
		tap.check('each form of answer', forms(command))
		tap.check('failures are told, and are no success', failures(command))
		tap.check('an answer that is cut', cut(command))
		tap.check('answers after the end', late_answers(command))
		tap.check('an answer before all was sent', early(command, folder))
		tap.check('a rate counts from when requests are due', standstill(command))
		tap.check('a request that is sent late', behind(command))
		project = Project(command, folder)
		tap.check('operations', operations(project))
		tap.check('what is sent first', before(project))
		tap.check('two programs in turns', turns(project))
		tap.check('what cannot be made up', asks(project))
	tap.done()


main()
