#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""coracle doctor: each thing that is wrong is found, with what to do. test_doctor.py PROGRAM"""

import json
import os
import subprocess
import sys
import tempfile

from command import Command, told
from project import Project
from tap import Tap


def findings(project, *shell, **environment):
	"""{what: finding} and the status; `shell` are commands before it, as ulimit."""
	line = '; '.join([*shell, f'exec {project.command.program} -C {project.folder} doctor --json'])
	done = subprocess.run(['bash', '-c', line], capture_output=True, text=True, timeout=60,
		env={**project.environment, **environment}, check=False)
	listed = json.loads(done.stdout)
	wrong = any(finding['state'] == 'bad' for finding in listed)
	assert done.returncode == int(wrong), done
	return {finding['what']: finding for finding in listed}


def is_bad(found, what, text, advice):
	finding = found.get(what, {'state': 'not there', 'text': '', 'advice': ''})
	good = finding['state'] == 'bad' and text in finding['text'] and advice in finding['advice']
	return [] if good else [f'{what}: {finding}']


def is_good(found, *names):
	return [f'{what}: {found.get(what)}' for what in names if found.get(what, {}).get('state') != 'good']


def tools(project):
	found = is_good(findings(project), 'make', 'compiler', 'pkg-config', 'clang')
	for compiler in ('gcc -m64', '/usr/bin/gcc -m64'):
		found += is_good(findings(project, CC=compiler), 'compiler')
	return found + is_bad(findings(project, CC='no-such-cc'), 'compiler', 'no-such-cc is not on PATH', 'install one, or set CC')


def versions(project):
	found = is_good(findings(project), 'coracle', 'coracle-testing')
	lock = project.read('coracle.lock')
	project.write('coracle.lock', '# mine\ncoracle 0.0.9\n')
	has = findings(project)
	found += is_bad(has, 'coracle', 'and coracle.lock has 0.0.9', 'install that version; or test with this one')
	found += is_bad(has, 'coracle-testing', 'which coracle.lock does not name', 'coracle doctor --lock')
	found += told(project.run('doctor', '--lock'), 0)
	found += [] if project.read('coracle.lock') == lock else [project.read('coracle.lock')]
	project.replace('Makefile', 'PACKAGES := coracle\n', 'PACKAGES := coracle coracle-nonsense\n')
	found += is_bad(findings(project), 'coracle-nonsense', 'pkg-config does not find it', 'set PKG_CONFIG_PATH')
	project.replace('Makefile', ' coracle-nonsense', '')
	return found


def limits(project):
	has = findings(project, 'ulimit -n 1000')
	found = is_bad(has, 'open files', '1000 at most', 'LimitNOFILE=') + is_good(has, 'processors')
	found += [] if 'backlog' in has and 'memory' in has and 'stacks' in has else [f'{sorted(has)}']
	return found + is_bad(findings(project, 'ulimit -v 3000000'), 'address space', 'ulimit -Sv', 'ulimit -Sv unlimited')


def settings(project):
	"""Of the environment, and of .env."""
	found = [] if findings(project)['service']['state'] == 'note' else ['it is not built']
	found += told(project.run('build'), 0)
	with open('/proc/sys/net/core/somaxconn', encoding='ascii') as file:
		most = int(file.read())
	found += is_bad(findings(project, SHOP_BACKLOG=str(most + 1)), 'backlog', f'the service asks for {most + 1}',
		f'sysctl -w net.core.somaxconn={most + 1}')
	for days, state, advice in ((400, 'good', None), (9, 'bad', 'less than 30 days'), (-1, 'bad', 'it has expired')):
		name = project.path('build/certificate.pem')
		make_certificate(name, days)
		project.write('.env', f'SHOP_CERTIFICATE={name}\n')
		finding = findings(project).get('certificate', {})
		good = finding.get('state') == state and (advice or '') in (finding['advice'] or '') and name in finding['text']
		found += [] if good else [f'{days} days: {finding}']
	project.write('build/certificate.pem', 'nothing')
	found += is_bad(findings(project), 'certificate', 'is no certificate', 'a PEM file')
	os.remove(project.path('.env'))
	return found


def make_certificate(path, days):
	"""openssl has no negative days: an authority can give any dates."""
	if days > 0:
		line = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', path + '.key',
			'-subj', '/CN=shop', '-days', str(days), '-out', path]
		subprocess.run(line, check=True, capture_output=True, timeout=60)
		return
	request = path + '.csr'
	subprocess.run(['openssl', 'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout',
		path + '.key', '-subj', '/CN=shop', '-out', request], check=True, capture_output=True, timeout=60)
	folder = os.path.dirname(path)
	for name, text in (('index', ''), ('serial', '01\n'), ('ca.cnf', f'[ca]\ndefault_ca=own\n[own]\ndatabase={folder}/index\n'
			f'serial={folder}/serial\nnew_certs_dir={folder}\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n')):
		with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
			file.write(text)
	subprocess.run(['openssl', 'ca', '-batch', '-config', os.path.join(folder, 'ca.cnf'), '-selfsign', '-keyfile', path + '.key',
		'-in', request, '-startdate', '20200101000000Z', '-enddate', '20210101000000Z', '-notext', '-out', path],
		check=True, capture_output=True, timeout=60)


def as_text(command, project, folder):
	done = project.run('doctor')
	found = [] if 'ok    make' in done[1] and '-> ' in project.run('doctor', CC='no-such-cc')[1] else [done[1]]
	found += told(project.run('doctor', CC='no-such-cc'), 1, 'MEND  compiler')
	done = command.run('doctor', cwd=folder)
	return found + ([] if 'note  project          there is no Makefile here' in done[1] else [done[1]])


def main():
	command, tap = Command(sys.argv[1]), Tap()
	with tempfile.TemporaryDirectory() as folder:
		project = Project(command, folder)
		for check in (tools, versions, limits, settings):
			tap.check(check.__name__, check(project))
		tap.check('as text', as_text(command, project, folder))
	tap.done()


main()
