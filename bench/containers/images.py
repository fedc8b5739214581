# SPDX-License-Identifier: MIT
"""Projects as `coracle new` makes them, and their images as their own Dockerfile builds them."""

import glob
import os
import shutil
import subprocess

# What a service with upstreams over TLS and answers kept in memcached has more.
CALLS = '''#include <coracle/curl.h>

static const struct cor_upstream prices = { .name = "prices", .base_url = "https://prices.example", .carrier = &cor_curl };

const struct cor_service shop_service = {
	.upstreams = COR_UPSTREAMS(&prices),
'''
KEEPS = '''const struct cor_cache answers = { .name = "answers", .store = &cor_memcached_store, .at = "memcached:11211", .ttl_ms = 60000 };

const struct cor_service shop_service = {
	.caches = COR_CACHES(&answers),
'''
SERVICE = 'const struct cor_service shop_service = {\n'
READ = 'COR_OPERATION(get_operation, get_book, book_ref_schema, book_schema,\n'


def debs(folder):
	"""Packages that a Dockerfile's packages/ has."""
	found = [path for path in glob.glob(os.path.join(folder, '*.deb')) if '-dbgsym_' not in path and '-doc_' not in path]
	if not found:
		raise RuntimeError(f'{folder} has no packages: tools/packages builds them')
	return sorted(found)


def replace(path, *pairs):
	with open(path, encoding='utf-8') as file:
		text = file.read()
	for old, new in pairs:
		if old not in text:
			raise RuntimeError(f'{path} has no {old!r}')
		text = text.replace(old, new)
	with open(path, 'w', encoding='utf-8') as file:
		file.write(text)


class Project:
	"""A new project, shop, with packages/ for its Dockerfile."""

	def __init__(self, build, packages, folder):
		self.command = os.path.join(os.path.abspath(build), 'coracle')
		self.folder = os.path.join(folder, 'shop')
		self.environment = {**os.environ, 'PKG_CONFIG_PATH': os.path.join(os.path.abspath(build), 'meson-uninstalled')}
		os.makedirs(folder)
		self.run('-C', folder, 'new', 'shop', cwd=folder)
		os.makedirs(self.path('packages'))
		for path in debs(packages):
			shutil.copy(path, self.path('packages'))

	def run(self, *arguments, cwd=None):
		subprocess.run([self.command, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=cwd or self.folder, env=self.environment)

	def path(self, name):
		return os.path.join(self.folder, name)

	def call_others(self):
		replace(self.path('main/shop.c'), (SERVICE, CALLS))
		replace(self.path('Makefile'), ('PACKAGES := coracle\n', 'PACKAGES := coracle-curl\n'))

	def keep_answers(self):
		"""GET of a book comes of memcached once it was asked for."""
		replace(self.path('main/shop.c'), (SERVICE, KEEPS))
		replace(self.path('main/controller/books.c'), (READ, f'extern const struct cor_cache answers;\n{READ}\t.cache = &answers,\n'))
		self.run('deploy', 'compose', 'k8s', 'docker')

	def begin_anew(self):
		"""A full shelf is empty again, where a new project answers 507: for loads that write without an end."""
		replace(self.path('main/service/shelf.c'), ('\t\trc = -ENOSPC;\n\t} else {\n', '\t\tshelf->len = 0;\n\t}\n\tif (rc == 0) {\n'))

	def image(self, engine, tag):
		engine.docker('build', '-t', tag, '.', cwd=self.folder)
