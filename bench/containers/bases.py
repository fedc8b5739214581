# SPDX-License-Identifier: MIT
"""Images that a registry would have, made by debootstrap with the mirror of this machine's apt: nothing is pulled."""

import glob
import os
import re
import shutil
import subprocess

# What Debian's own "slim" image leaves out.
LEFT_OUT = ('usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info', 'usr/share/lintian', 'var/cache/apt', 'var/lib/apt/lists',
	'var/cache/debconf', 'var/log', 'boot', 'tmp', 'debs')
COMPILER = ('gcc', 'libc6-dev', 'make', 'pkgconf', 'ca-certificates')
ARTICLE = ('nginx-light', 'uwsgi-core', 'uwsgi-plugin-python3', 'python3-flask', 'python3-flask-restful', 'python3-marshmallow')
# A name of compose's file, and what of Debian is in it.
STAND_INS = {'nginx:1.22-alpine': ('nginx-light',), 'memcached:1.6-alpine': ('memcached', 'netcat-openbsd')}
COMMANDS = {'nginx:1.22-alpine': 'ENTRYPOINT ["nginx", "-g", "daemon off;"]\nSTOPSIGNAL SIGQUIT\n',
	'memcached:1.6-alpine': 'USER memcache\nENTRYPOINT ["memcached"]\n'}
# As the image that it stands for has it: nothing is written elsewhere.
NGINX = '''user www-data;
error_log stderr;
pid /var/run/nginx.pid;
events {}
http {
	include mime.types;
	access_log off;
	client_body_temp_path /var/cache/nginx/client_temp;
	proxy_temp_path /var/cache/nginx/proxy_temp;
	fastcgi_temp_path /var/cache/nginx/fastcgi_temp;
	uwsgi_temp_path /var/cache/nginx/uwsgi_temp;
	scgi_temp_path /var/cache/nginx/scgi_temp;
	include conf.d/*.conf;
}
'''


def sources():
	"""Lines of a sources.list: (mirror of bookworm, all of them)"""
	done = subprocess.run(['apt-get', 'indextargets', '--format', '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)', 'Created-By: Packages'],
		capture_output=True, text=True, check=True)
	lines = sorted(set(re.findall(r'^Debian (\S+ bookworm\S* main)$', done.stdout, re.M)))
	mirrors = [line.split()[0] for line in lines if line.split()[1] == 'bookworm']
	if not mirrors:
		raise RuntimeError('apt has no mirror of bookworm: add one to its sources')
	return mirrors[0], ''.join(f'deb {line}\n' for line in lines)


def quietly(*line, **options):
	done = subprocess.run(line, capture_output=True, text=True, **options)
	if done.returncode:
		raise RuntimeError(f'{" ".join(line)}: {done.stdout[-1500:]}{done.stderr[-1500:]}')


def write(root, name, text):
	path = os.path.join(root, name)
	os.makedirs(os.path.dirname(path), exist_ok=True)
	with open(path, 'w', encoding='utf-8') as file:
		file.write(text)


class Roots:
	"""Folders below one, each made once."""

	def __init__(self, folder):
		self.folder = os.path.abspath(folder)
		os.makedirs(self.folder, exist_ok=True)

	def path(self, name):
		return os.path.join(self.folder, re.sub(r'\W', '-', name))

	def make(self, name, build):
		root = self.path(name)
		if not os.path.isdir(root):
			print(f'containers: making {name}', flush=True)
			shutil.rmtree(root + '.new', ignore_errors=True)
			build(root + '.new')
			os.rename(root + '.new', root)
		return root

	def debian(self):
		"""As debian:12-slim, with this machine's settings of apt, which images do not get."""
		def build(root):
			mirror, lines = sources()
			quietly('debootstrap', '--variant=minbase', 'bookworm', root, mirror)
			write(root, 'etc/apt/sources.list', lines)
			shutil.copytree('/usr/local/share/ca-certificates', os.path.join(root, 'usr/local/share/ca-certificates'), dirs_exist_ok=True)
			with open(os.path.join(root, 'etc/apt/apt.conf.d/99borrowed'), 'w', encoding='utf-8') as file:
				for path in glob.glob('/etc/apt/apt.conf.d/*'):
					with open(path, encoding='utf-8') as lines_of:
						file.writelines(line for line in lines_of if re.match(r'Acquire::(http|https|Check)', line))
		return self.make('debian', build)

	def with_packages(self, name, packages, debs=()):
		"""Debian with packages, and what `debs` need, but without these themselves."""
		def build(root):
			quietly('cp', '-a', self.debian(), root)
			shutil.copy('/etc/resolv.conf', os.path.join(root, 'etc/resolv.conf'))
			os.makedirs(os.path.join(root, 'debs'))
			names = [subprocess.run(['dpkg-deb', '-f', deb, 'Package'], capture_output=True, text=True, check=True).stdout.strip() for deb in debs]
			for deb in debs:
				shutil.copy(deb, os.path.join(root, 'debs'))
			script = 'export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; apt-get install -qq -y --no-install-recommends '
			script += ' '.join([*packages, *('/debs/' + os.path.basename(deb) for deb in debs)])
			if names:
				script += f'; apt-mark manual $(dpkg-query -f "\\${{Package}} " -W); dpkg --purge {" ".join(names)}'
			quietly('chroot', root, 'sh', '-euc', script, env={'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'LANG': 'C.UTF-8'})
			strip(root)
		return self.make(name, build)

	def all(self, debs):
		"""What the network is needed for."""
		self.with_packages('compiler', COMPILER, debs)
		for tag, packages in STAND_INS.items():
			self.with_packages(tag, packages)

	def article(self):
		self.with_packages('article', ARTICLE)

	def into(self, engine):
		"""As the images that Dockerfile and compose's file name."""
		engine.load('debian:12-slim', self.path('compiler'))
		for tag in STAND_INS:
			root = self.path(tag)
			if tag.startswith('nginx'):
				write(root, 'etc/nginx/nginx.conf', NGINX)
				os.makedirs(os.path.join(root, 'etc/nginx/conf.d'), exist_ok=True)
			engine.load('base-of-' + tag, root)
			engine.docker('build', '-t', tag, '-', input=f'FROM base-of-{tag}\n{COMMANDS[tag]}')

	def article_into(self, engine):
		engine.load('article-base', self.path('article'))


def strip(root):
	for name in LEFT_OUT:
		for path in glob.glob(os.path.join(root, name, '*')):
			shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.remove(path)
	write(root, 'etc/apt/sources.list', '')
	for name in ('etc/apt/apt.conf.d/99borrowed', 'etc/resolv.conf'):
		os.remove(os.path.join(root, name))
	for path in glob.glob(os.path.join(root, 'usr/local/share/ca-certificates/*')):
		os.remove(path)
	os.makedirs(os.path.join(root, 'var/log/nginx'), exist_ok=True)
	os.makedirs(os.path.join(root, 'var/cache/apt/archives/partial'), exist_ok=True)
	os.makedirs(os.path.join(root, 'var/lib/apt/lists/partial'), exist_ok=True)
