#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
What `coracle deploy k8s compose` writes for a new project, for one with more, and for examples, judged by the schemas of Kubernetes and
of compose-spec; and mistakes, which the judge must find.  test_manifests.py PROGRAM EXAMPLES
"""

import copy
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

from command import Command, told
from project import Project
from tap import Tap

JUDGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'contract')
EXAMPLES = ('countries', 'gateway', 'notes', 'basket', 'chat', 'lending')
MORE = '''static const struct cor_upstream prices = { .name = "prices", .base_url = "http://prices.example:8081/v1" };
static const struct cor_cache kept = { .name = "kept", .store = &cor_file_store, .at = "/var/cache/shop" };
static const struct cor_cache far = { .name = "far", .store = &cor_memcached_store, .at = "cache.example:11212" };

const struct cor_service shop_service = {
	.upstreams = COR_UPSTREAMS(&prices),
	.caches = COR_CACHES(&kept, &far),
'''
# (kind of document, where, what stands there instead, a word of what must be said)
MISTAKES = (
	('Deployment', 'spec/replica', 2, 'replica'),
	('Deployment', 'spec/replicas', 'two', 'replicas'),
	('Deployment', 'spec/selector', None, 'selector'),
	('Deployment', 'apiVersion', 'apps/v7', 'apps/v7'),
	('Deployment', 'spec/template/spec/containers/0/imag', 'shop', 'imag'),
	('Deployment', 'spec/template/spec/containers/0/readinessProbe/httpGet/port', [], 'port'),
	('Deployment', 'spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem', 'yes', 'readOnlyRootFilesystem'),
	('Service', 'spec/ports/0/port', 'http', 'port'),
	('HorizontalPodAutoscaler', 'spec/maxReplicas', None, 'maxReplicas'),
	('NetworkPolicy', 'spec/egress/0/ports/0/endport', 9, 'endport'),
	('PodDisruptionBudget', 'spec/maxUnavailabel', 1, 'maxUnavailabel'),
	('compose', 'services/nginx/port', ['80:80'], 'additional properties'),
	('compose', 'services/nginx/read_only', 'yes', 'boolean'),
)


def manifests(folder, name):
	"""{name: {kind, document}} of a project's files."""
	found = {}
	for path in glob.glob(os.path.join(folder, 'k8s', '*.yaml')):
		with open(path, encoding='utf-8') as file:
			for document in yaml.safe_load_all(file):
				found[f'{name}: {document["kind"]}'] = {'kind': 'k8s', 'document': document}
	with open(os.path.join(folder, 'docker-compose.yml'), encoding='utf-8') as file:
		found[f'{name}: compose'] = {'kind': 'compose', 'document': yaml.safe_load(file)}
	return found


def judged(documents):
	"""{name: what is wrong}"""
	done = subprocess.run(['node', 'judge_manifests.mjs'], input=json.dumps(documents), capture_output=True, text=True, cwd=JUDGE)
	if done.returncode:
		raise RuntimeError(done.stderr)
	return json.loads(done.stdout)


def of_example(command, examples, folder, name):
	"""A project whose program is there already."""
	place = os.path.join(folder, name)
	os.makedirs(os.path.join(place, 'build'))
	os.symlink(os.path.join(examples, name), os.path.join(place, 'build', name))
	with open(os.path.join(place, 'Makefile'), 'w', encoding='utf-8') as file:
		file.write(f'NAME := {name}\nall:\n')
	said = told(command.run('-C', place, 'deploy', 'k8s', 'compose'), 0, f'k8s/{name}.yaml is written')
	if said:
		raise RuntimeError('\n'.join(said))
	return manifests(place, name)


def of_new(command, folder):
	"""As it is new, and with what a service may have."""
	project = Project(command, folder)
	found = manifests(project.folder, 'new')
	text = project.read('main/shop.c').replace('\t.single_process = true,\n', '')
	project.write('main/shop.c', re.sub(r'const struct cor_service shop_service = \{\n', MORE, text))
	said = told(project.run('deploy', 'k8s', 'compose'), 0)
	if said:
		raise RuntimeError('\n'.join(said))
	return {**found, **manifests(project.folder, 'more')}


def with_mistake(document, where, value):
	document = copy.deepcopy(document)
	at, steps = document, where.split('/')
	for step in steps[:-1]:
		at = at[int(step) if step.isdigit() else step]
	if value is None:
		del at[steps[-1]]
	else:
		at[steps[-1]] = value
	return document


def mistakes(documents):
	"""Of the project that has all kinds."""
	return {f'{kind} with {where}': {**documents[f'more: {kind}'], 'document': with_mistake(documents[f'more: {kind}']['document'], where, value)}
		for kind, where, value, _ in MISTAKES}


def main():
	tap, (program, examples) = Tap(), sys.argv[1:]
	if not shutil.which('node') or not os.path.isdir(os.path.join(JUDGE, 'node_modules/kubernetes-models')):
		tap.skip('manifests', 'there is no kubernetes-models of npm: make deps-test installs it')
		tap.done()
	with tempfile.TemporaryDirectory() as folder:
		command = Command(program)
		documents = of_new(command, folder)
		for name in EXAMPLES:
			documents.update(of_example(command, examples, folder, name))
	said = judged({**documents, **mistakes(documents)})
	for name in documents:
		tap.check(name, said[name])
	for kind, where, _, word in MISTAKES:
		name = f'{kind} with {where}'
		tap.check(f'it is found: {name}', [] if word in ' '.join(said[name]) else [f'it says {said[name]}'])
	tap.done()


main()
