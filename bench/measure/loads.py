# SPDX-License-Identifier: MIT
"""The load generators: built if the machine has what they need, and pinned to the second core."""

import json
import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARED = os.path.join(HERE, '..', '..', 'shared', 'bench')
SHARED_PLACES = [os.environ.get('CORACLE_SHARED', ''), os.path.normpath(SHARED)]
LOAD_CORE = '1'
ORDER = (
	'{"id":100000,"customer":"Tony Knuth","status":"cancelled","created":"2024-02-20T07:36:50Z","paid":true,'
	'"discount":0.222,"address":{"street":"33 Quay St","city":"Porto","zip":"13088"},"items":['
	'{"sku":"SKU-8222","qty":20,"price":99.47},{"sku":"SKU-1704","qty":10,"price":106.79},'
	'{"sku":"SKU-4532","qty":6,"price":19.14}]}')


class Loads:
	"""Paths of the generators; get is None if there is only wrk."""

	def __init__(self, folder, shared):
		self.folder = folder
		self.get = compile_load(folder, shared)
		self.post = compile_here(folder, 'post')
		self.held = compile_here(folder, 'held')
		self.slow = compile_here(folder, 'slow')
		self.order = os.path.join(shared, 'order.json') if shared else write_order(folder)

	def saturate(self, port, seconds, path='/plaintext', connections=64, depth=1):
		"""A closed loop with `depth` requests pipelined: requests per second (rps) and their number (n)."""
		if not self.get:
			return wrk(port, seconds, path, connections, depth)
		return self.run(self.get, 'sat', port, connections, seconds, depth, path)

	def saturate_tls(self, port, seconds, path='/plaintext', connections=32):
		"""The same over TLS: only wrk speaks it."""
		return wrk(port, seconds, path, connections, 1, scheme='https')

	def saturate_compressed(self, port, seconds, path, coding, connections=8):
		"""The same, with a header that the lighter generator does not send."""
		return wrk(port, seconds, path, connections, 1, header=f'Accept-Encoding: {coding}')

	def saturate_http2(self, port, seconds, path='/plaintext', connections=32, streams=10):
		"""The same over HTTP/2, with so many requests at once on each."""
		command = ['h2load', '-t1', f'-c{connections}', f'-m{streams}', '-D', max(1, round(seconds)), f'https://127.0.0.1:{port}{path}']
		output = subprocess.run(pinned(command), capture_output=True, text=True, timeout=120, check=True).stdout
		count = int(re.search(r'(\d+) succeeded', output).group(1))
		rate = float(re.search(r'([\d.]+) req/s', output).group(1))
		return {'n': count, 'rps': rate}

	def shake_hands(self, port, seconds, path='/plaintext'):
		"""One after another: connect, a full handshake, a request, close. Their number (n) and rate (cps)."""
		command = ['openssl', 's_time', '-connect', f'127.0.0.1:{port}', '-new', '-www', path, '-time', max(1, round(seconds))]
		output = subprocess.run(pinned(command), capture_output=True, text=True, timeout=120, check=True).stdout
		count, taken_s = map(int, re.search(r'(\d+) connections in (\d+) real seconds', output).groups())
		return {'n': count, 'cps': count / taken_s}

	def saturate_orders(self, port, seconds, connections=64):
		return self.run(self.post, port, connections, seconds, '/orders', self.order)

	def churn(self, port, seconds, connections=32):
		"""Connections per second, one request each."""
		self.needs_get()
		return self.run(self.get, 'churn', port, connections, seconds, '/plaintext')

	def rate(self, port, seconds, rate, connections=32):
		self.needs_get()
		return self.run(self.get, 'rate', port, connections, seconds, rate, '/plaintext')

	def hold_idle(self, port, seconds, connections):
		"""A process that prints READY once it has that many idle connections."""
		self.needs_get()
		return start(self.get, 'idle', port, connections, seconds, '/plaintext')

	def hold_requests(self, port, connections, seconds, delay_ms):
		"""A process that prints HELD once that many requests are waiting, and a line of figures at the end."""
		return start(self.held, port, connections, seconds, delay_ms)

	def read_slowly(self, port, connections, seconds, answer_bytes):
		"""Clients that read an answer slowly, and how another client fared."""
		return self.run(self.slow, port, connections, seconds, answer_bytes)

	def needs_get(self):
		if not self.get:
			raise RuntimeError('needs ../shared/bench/load.c, which is missing; wrk cannot do this')

	def run(self, *command):
		output = subprocess.run(pinned(command), capture_output=True, text=True, timeout=120)
		if output.returncode != 0:
			raise RuntimeError(f'{os.path.basename(command[0])}: {output.stderr.strip() or output.returncode}')
		return json.loads(output.stdout)


def pinned(command):
	return ['taskset', '-c', LOAD_CORE, *map(str, command)]


def start(*command):
	return subprocess.Popen(pinned(command), stdout=subprocess.PIPE, text=True)


def compile_here(folder, name):
	program = os.path.join(folder, name)
	source = os.path.join(HERE, name + '.c')
	subprocess.run(['cc', '-std=gnu17', '-D_GNU_SOURCE', '-O2', source, '-o', program], check=True)
	return program


def compile_load(folder, shared):
	"""A generator lighter than wrk, so that the server is the limit. It is not ours, so it is not copied here."""
	if not shared:
		print('load: ../shared/bench/load.c is missing: using wrk, without the measurements that it cannot do')
		return None
	program = os.path.join(folder, 'load')
	result = subprocess.run(['cc', '-O2', '-w', os.path.join(shared, 'load.c'), '-o', program, '-luring'],
		capture_output=True, text=True)
	if result.returncode != 0:
		print('load: ../shared/bench/load.c does not compile (it needs liburing-dev): using wrk')
		return None
	return program


def wrk(port, seconds, path, connections, depth, scheme='http', header='Accept: */*'):
	if not shutil.which('wrk'):
		raise RuntimeError('no load generator: neither ../shared/bench/load.c nor wrk was found; run `make deps-bench`')
	if depth != 1:
		raise RuntimeError('wrk does not pipeline')
	url = f'{scheme}://127.0.0.1:{port}{path}'
	output = subprocess.run(pinned(['wrk', '-t1', f'-c{connections}', f'-d{max(1, round(seconds))}s', '-H', header, url]),
		capture_output=True, text=True, timeout=120, check=True).stdout
	if 'Non-2xx' in output:
		raise RuntimeError(f'{path}: not all answers are 200')
	words = output.split()
	requests = int(words[words.index('requests') - 1])
	return {'rps': float(words[words.index('Requests/sec:') + 1]), 'n': requests}


def write_order(folder):
	path = os.path.join(folder, 'order.json')
	with open(path, 'w') as file:
		file.write(ORDER)
	return path


def build():
	folder = tempfile.mkdtemp(prefix='coracle-bench-')
	shared = next((place for place in SHARED_PLACES if place and os.path.exists(os.path.join(place, 'load.c'))), None)
	return Loads(folder, shared)
