#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle deploy: files made of what a service says of itself, judged by those who read them. test_deploy.py PROGRAM"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import yaml

import source
from command import Command, told
from project import Project
from tap import Tap

FILES = ('Dockerfile', 'docker-compose.yml', 'deploy/nginx.conf', 'k8s/shop.yaml', 'deploy/shop.service', 'deploy/alerts.yaml',
	'deploy/dashboard.json')
# What a service may have: an upstream with TLS, one by a socket, caches in memory and in memcached.
MORE = '''static const struct cor_upstream prices = { .name = "prices", .base_url = "http://prices.example:8081/v1" };
static const struct cor_upstream local = { .name = "local", .base_url = "http://unix:/run/local/http" };
static const struct cor_cache kept = { .name = "kept", .store = &cor_memory_store, .bytes = 64 << 20 };
static const struct cor_cache far = { .name = "far", .store = &cor_memcached_store, .at = "cache.example:11212" };

const struct cor_service shop_service = {
	.upstreams = COR_UPSTREAMS(&prices, &local),
	.caches = COR_CACHES(&kept, &far),
'''

SESSION = '''struct visit {
	int64_t user;
};
static const struct cor_field visit_fields[] = { COR_FIELD(struct visit, user) };
COR_LOCAL_SCHEMA(visit_schema, struct visit, visit_fields);
static const struct cor_cache visits = { .name = "visits", .store = &cor_shared_store };
static const struct cor_session session = { .keeps = COR_KEEPS(visit_schema), .cache = &visits };

static int start('''
KEPT = '\t.start = start,\n\t.caches = COR_CACHES(&visits),\n\t.sessions = COR_SESSIONS(&session),\n'


def differs(what, got, wanted):
	return [] if got == wanted else [f'{what}: {got!r}, not {wanted!r}']


def documents(project, name):
	return {each['kind'] if 'kind' in each else name: each for each in yaml.safe_load_all(project.read(name))}


def new_has_written_the_same(project):
	"""What `coracle new` wrote is what the service says once it is built."""
	before = {name: project.read(name) for name in ('Dockerfile', 'docker-compose.yml', 'deploy/nginx.conf', 'k8s/shop.yaml')}
	found = told(project.run('deploy', '--check'), 0)
	mounts = documents(project, 'docker-compose.yml')['docker-compose.yml']['services']['nginx']['volumes']
	found += [f'there is no {mount}' for mount in mounts if mount.startswith('./') and not os.path.exists(project.path(mount.split(':')[0]))]
	os.remove(project.path('deploy/nginx.conf'))
	found += told(project.run('deploy', '--check'), 1, 'deploy/nginx.conf is not what the service says now')
	found += told(project.run('deploy'), 0, 'deploy/nginx.conf is written', 'deploy/shop.service is written')
	found += [f'{name} is another one' for name, text in before.items() if project.read(name) != text]
	found += [f'there is no {name}' for name in FILES if name not in project.files()]
	return found + told(project.run('deploy', '--check'), 0)


def hands_are_off(project):
	"""What somebody has changed, or written, stays."""
	project.replace('k8s/shop.yaml', 'replicas: 1', 'replicas: 3')
	found = told(project.run('deploy', 'k8s'), 73, 'k8s/shop.yaml was changed by hand: it stays as it is')
	found += told(project.run('deploy', 'k8s', '--check'), 1, 'k8s/shop.yaml is not what the service says now, and was changed by hand: --print shows')
	found += told(project.run('deploy', 'k8s', '--print'), 0, 'replicas: 1')
	found += differs('kept', 'replicas: 3' in project.read('k8s/shop.yaml'), True)
	found += told(project.run('deploy', 'k8s', '--force'), 0, 'k8s/shop.yaml is written')
	project.write('Dockerfile', 'FROM scratch\n')
	found += told(project.run('deploy', 'docker'), 73, 'Dockerfile is not by coracle deploy')
	found += told(project.run('deploy', 'docker', '--force'), 0)
	return found + told(project.run('deploy', 'swarm'), 64, 'swarm: there are docker, compose, nginx, k8s, systemd, alerts, dashboard')


def state_in_one_process_is_for_one(project):
	"""The shelf of the scaffold is in memory: a second process, or replica, would answer otherwise."""
	manifests = documents(project, 'k8s/shop.yaml')
	found = differs('kinds', sorted(manifests), ['Deployment', 'NetworkPolicy', 'Service'])
	spec = manifests['Deployment']['spec']
	found += differs('replicas', (spec['replicas'], spec['strategy']), (1, {'type': 'Recreate'}))
	found += [f'{name} starts several' for name in ('Dockerfile', 'docker-compose.yml', 'deploy/shop.service')
		if re.search(r'PROCESSES|--processes', project.read(name))]
	found += told(project.run('deploy', '--print', 'docker'), 0, 'its state is in one process (.single_process of the service')
	for option, value in (('--processes', '2'), ('--worker-max', '3')):
		found += told(project.run('run', '--', option, value, '--check'), 64, f'{option}', '.single_process', 'say 1')
	text = project.run('run', '--', '--processes', 'auto', '--check')
	found += told(text, 0)
	project.write('main/shop.c', re.sub(r'\t/\* The shelf is in.*?\.single_process = true,\n', '', project.read('main/shop.c'), flags=re.S))
	found += told(project.run('deploy', '--check'), 1, 'k8s/shop.yaml is not what', 'Dockerfile is not what', 'deploy/shop.service is not what')
	found += told(project.run('deploy', '--force'), 0)
	found += differs('several', 'SHOP_PROCESSES=auto' in project.read('Dockerfile'), True)
	return found + differs('replicas', documents(project, 'k8s/shop.yaml')['Deployment']['spec']['replicas'], 2)


def sessions_in_memory_are_told(project):
	"""A session in the memory of a process, or of a machine, is over where another answers."""
	program = project.read('main/shop.c')
	project.write('main/shop.c', program.replace('static int start(', SESSION, 1).replace('\t.start = start,\n', KEPT, 1))
	found = told(project.run('deploy', 'k8s', '--print'), 0, 'the cache visits is shared, and sessions are kept in it', 'replicas: 1',
		'--cache-visits-store memcached')
	found += told(project.run('deploy', 'docker', '--print'), 0, 'SHOP_PROCESSES=auto')
	found += told(project.run('deploy', 'k8s', '--print', SHOP_CACHE_VISITS_STORE='memcached:cache:11211'), 0, 'replicas: 2')
	project.write('main/shop.c', project.read('main/shop.c').replace('cor_shared_store', 'cor_memory_store'))
	found += told(project.run('deploy', 'docker', '--print'), 0, 'the cache visits is memory', 'One process')
	project.write('main/shop.c', program)
	return found


def what_it_needs_is_in_it(project):
	"""Upstreams are let out, caches take memory, memcached stands beside."""
	program = project.read('main/shop.c')
	project.write('main/shop.c', re.sub(r'const struct cor_service shop_service = \{\n', MORE, program))
	found = told(project.run('deploy', '--check'), 1, 'k8s/shop.yaml is not what', 'docker-compose.yml is not what', 'deploy/shop.service is not what')
	found += told(project.run('deploy'), 0)
	found += told(project.run('deploy', 'k8s', '--print', SHOP_UPSTREAM_PRICES_URL='http://127.0.0.1:8081'), 0,
		'the upstream prices is at 127.0.0.1', 'give it another --upstream-prices-url')
	manifests = documents(project, 'k8s/shop.yaml')
	found += differs('kinds', sorted(manifests), ['Deployment', 'HorizontalPodAutoscaler', 'NetworkPolicy', 'PodDisruptionBudget', 'Service'])
	egress = manifests['NetworkPolicy']['spec']['egress']
	found += differs('egress', sorted(port['port'] for rule in egress for port in rule['ports']), [53, 53, 8081, 11212])
	pod = manifests['Deployment']['spec']['template']['spec']
	container = pod['containers'][0]
	found += differs('memory', container['resources'], {'requests': {'cpu': '250m', 'memory': '128Mi'}, 'limits': {'cpu': '1', 'memory': '256Mi'}})
	found += differs('probes', [container[probe]['httpGet']['port'] for probe in ('startupProbe', 'livenessProbe', 'readinessProbe')], ['control'] * 3)
	found += differs('grace', pod['terminationGracePeriodSeconds'], 40)
	if found:
		return found
	compose = documents(project, 'docker-compose.yml')['docker-compose.yml']['services']
	found += differs('services', sorted(compose), ['memcached', 'nginx', 'shop'])
	found += differs('waits', compose['shop']['depends_on'], {'memcached': {'condition': 'service_healthy'}})
	found += [f'{name} may write' for name, each in compose.items() if not each['read_only']]
	hidden = [path for path in compose['nginx']['tmpfs'] if path not in ('/run', '/tmp', '/var/cache/nginx')]
	found += [f'{path} hides the socket' for path in hidden]
	return found + (['no memory'] if 'MemoryMax=256M' not in project.read('deploy/shop.service') else [])


def what_run_says(project, **options):
	with subprocess.Popen([project.command.program, '-C', project.folder, 'run', '--', '--http', '127.0.0.1:0'],
			env=project.environment, stderr=subprocess.PIPE, text=True, **options) as process:
		said = process.stderr.readline()
		process.send_signal(signal.SIGINT)
		return said + process.communicate(timeout=60)[1]


def keys_of_another_user(project, keys):
	"""Which `sudo coracle run` has made: the service makes some up, and says so."""
	if os.getuid() != 0:
		return []
	nobody = 65534
	os.chmod(os.path.dirname(project.folder), 0o755)
	subprocess.run(['chown', '-R', str(nobody), project.folder], check=True)
	os.chown(keys, 0, 0)
	said = what_run_says(project, user=nobody)
	subprocess.run(['chown', '-R', '0', project.folder], check=True)
	return [] if 'give it --cookie-keys' in said else [said]


def keys_of_cookies_are_told_in_a_sentence(project):
	"""And in no line of a log beside it. What serves here has keys of the project, which a build keeps and nobody else reads."""
	kept = {name: project.read(name) for name in ('main/shop.c', 'Makefile')}
	project.replace('Makefile', 'BUILD ?=', 'PACKAGES += coracle-crypto\n\nBUILD ?=')
	project.write('main/shop.c', kept['main/shop.c'].replace('#include "shop.h"', '#include "shop.h"\n\n#include <coracle/sealing.h>', 1)
		.replace('\t.start = start,\n', '\t.start = start,\n\t.sealing = &cor_sealing,\n', 1))
	keys = project.path('build/cookie-keys')
	if os.path.exists(keys):
		os.remove(keys)  # of what ran before
	done = project.run('deploy', '--print', 'nginx')
	found = told(done, 0, 'cookies are sealed by keys that end with the process', 'proxy_pass')
	found += [done[2]] if '"level"' in done[2] else []
	found += ['deploy makes keys'] if os.path.exists(keys) else []
	secrets = []
	for _ in range(2):
		said = what_run_says(project)
		found += [said] if 'listening on' not in said or 'cookie-keys' in said else []
		secrets.append(project.read('build/cookie-keys'))
	found += keys_of_another_user(project, keys)
	found += [] if secrets[0] == secrets[1] and len(secrets[0]) == 65 and os.stat(keys).st_mode & 0o777 == 0o600 else [str(secrets)]
	for name, text in kept.items():
		project.write(name, text)
	return found


WANTED = '''struct wanted {
	const char *office;
	const char *office_key, *spare_key;
};
static const struct cor_field wanted_fields[] = {
	COR_FIELD(struct wanted, office),
	COR_FIELD(struct wanted, office_key, .access = COR_WRITE_ONLY, .min_length = 4),
	COR_FIELD(struct wanted, spare_key, .access = COR_WRITE_ONLY, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(wanted_schema, struct wanted, wanted_fields);

static int start('''


def what_must_be_given_is_named(project):
	"""Files are written without values, on a machine that has none; each names what must be given, and what is a secret. No value is in one."""
	program = project.read('main/shop.c')
	project.write('main/shop.c', program.replace('static int start(', WANTED, 1).replace('\t.start = start,\n',
		'\t.start = start,\n\t.settings = &wanted_schema.schema,\n', 1))
	project.write('.env', 'SHOP_OFFICE=north\nSHOP_OFFICE_KEY=hunter2\n')
	found = told(project.run('deploy', '--check'), 1, 'k8s/shop.yaml is not what')
	found += told(project.run('deploy', SHOP_OFFICE_KEY='hunter3'), 0)
	if found:
		return found
	container = documents(project, 'k8s/shop.yaml')['Deployment']['spec']['template']['spec']['containers'][0]
	found += differs('k8s', {each['name']: each['valueFrom'] for each in container['env'] if 'valueFrom' in each}, {
		'SHOP_OFFICE': {'configMapKeyRef': {'name': 'shop', 'key': 'SHOP_OFFICE'}},
		'SHOP_OFFICE_KEY': {'secretKeyRef': {'name': 'shop', 'key': 'SHOP_OFFICE_KEY'}},
		'SHOP_SPARE_KEY': {'secretKeyRef': {'name': 'shop', 'key': 'SHOP_SPARE_KEY', 'optional': True}}})
	given = documents(project, 'docker-compose.yml')['docker-compose.yml']['services']['shop']['environment']
	found += differs('compose', (given['SHOP_OFFICE'], given['SHOP_OFFICE_KEY'], given['SHOP_SPARE_KEY']),
		('${SHOP_OFFICE:?put it into .env}', '${SHOP_OFFICE_KEY:?put it into .env}', None))
	found += [f'{name} has no {variable}' for name in ('Dockerfile', 'deploy/shop.service')
		for variable in ('SHOP_OFFICE', 'SHOP_OFFICE_KEY', 'SHOP_SPARE_KEY') if variable + (': ' if name == 'Dockerfile' else '=') not in project.read(name)]
	found += differs('unit', '\nEnvironmentFile=/etc/shop.env\n' in project.read('deploy/shop.service'), True)
	found += [f'{name} has a value' for name in FILES if 'hunter' in project.read(name)]
	found += told(project.run('deploy', '--check'), 0)
	os.remove(project.path('.env'))
	found += told(project.run('deploy', '--check'), 0)
	project.write('main/shop.c', program)
	return found + told(project.run('deploy'), 0)


def names_stay_names(project):
	"""Words of YAML, and names and versions that a program may have and an image may not."""
	text = project.read('main/shop.c')
	project.write('main/shop.c', re.sub(r'\.name = "shop",', '.name = "on-line", .version = "1.0.0+7",', re.sub(r'\.version = "[^"]*",', '', text, 1), 1))
	project.replace('Makefile', 'NAME := shop', 'NAME := no')
	os.rename(project.path('main/shop.c'), project.path('main/no.c'))
	found = told(project.run('deploy', 'k8s', 'compose', '--force'), 0, 'k8s/no.yaml is written')
	if found:
		return found
	manifests = list(yaml.safe_load_all(project.read('k8s/no.yaml')))
	found += differs('names', {(each['metadata']['name'], each['metadata']['labels']['app']) for each in manifests}, {('no', 'no')})
	container = manifests[0]['spec']['template']['spec']['containers'][0]
	found += differs('image', (container['name'], container['image']), ('no', 'no:1.0.0-7'))
	found += differs('variable', container['env'][0]['name'], 'ON_LINE_CONTROL')
	services = documents(project, 'docker-compose.yml')['docker-compose.yml']['services']
	return found + differs('services', sorted(services), ['memcached', 'nginx', 'no'])


def new_makes_names_of_hosts(command, folder):
	found = []
	for name, host in (('yes', 'yes'), ('shop_', 'shop')):
		found += told(command.run('-C', folder, 'new', name), 0)
		with open(os.path.join(folder, name, 'k8s', name + '.yaml'), encoding='utf-8') as file:
			found += differs(name, {each['metadata']['name'] for each in yaml.safe_load_all(file)}, {host})
	project = Project(command, folder, name='book_shop_')
	return found + told(project.run('deploy', '--check'), 0)


def nginx_reads_it(project, folder):
	text = project.read('deploy/nginx.conf')
	whole = os.path.join(folder, 'nginx.conf')
	with open(whole, 'w', encoding='utf-8') as file:
		file.write(f'pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {"".join(text)} }}')
	done = subprocess.run(['nginx', '-t', '-q', '-p', folder, '-c', whole], capture_output=True, text=True)
	return differs('nginx', (done.returncode, done.stderr), (0, '')) + differs('socket', 'unix:/run/shop/http' in text, True)


def others_read_them(project):
	found = []
	if shutil.which('systemd-analyze'):
		done = subprocess.run(['systemd-analyze', 'verify', project.path('deploy/shop.service')], capture_output=True, text=True)
		found += [line for line in done.stderr.splitlines() if 'shop.service' in line and 'is not executable' not in line]
	if shutil.which('promtool'):
		done = subprocess.run(['promtool', 'check', 'rules', project.path('deploy/alerts.yaml')], capture_output=True, text=True)
		found += differs('promtool', done.returncode, 0) + ([done.stdout + done.stderr] if done.returncode else [])
	board = json.loads(project.read('deploy/dashboard.json'))
	found += [f'{panel["title"]} is twice' for panel in board['panels'] if [p['id'] for p in board['panels']].count(panel['id']) != 1]
	places = [tuple(panel['gridPos'].values()) for panel in board['panels']]
	return found + differs('places', len(set(places)), len(board['panels']))


def all_figures_exist(project):
	"""An alert of a metric that nobody has would never come."""
	known = ''.join(source.read(path) for path in source.tracked() if path.startswith('src/') and path.endswith('.c'))
	text = project.read('deploy/alerts.yaml') + project.read('deploy/dashboard.json')
	names = set(re.findall(r'coracle_\w+', text))
	return [f'nobody has {name}' for name in sorted(names) if re.sub(r'_(bucket|sum|count|total)$', '', name) not in known]


def main():
	tap = Tap()
	with tempfile.TemporaryDirectory() as folder:
		project = Project(Command(sys.argv[1]), folder)
		for check in (new_has_written_the_same, hands_are_off, state_in_one_process_is_for_one, what_must_be_given_is_named,
				keys_of_cookies_are_told_in_a_sentence, sessions_in_memory_are_told, what_it_needs_is_in_it):
			tap.check(check.__name__.replace('_', ' '), check(project))
		tap.check('nginx reads it', nginx_reads_it(project, folder))
		for check in (others_read_them, all_figures_exist, names_stay_names):
			tap.check(check.__name__.replace('_', ' '), check(project))
		tap.check('new makes names of hosts', new_makes_names_of_hosts(project.command, folder))
	tap.done()


main()
