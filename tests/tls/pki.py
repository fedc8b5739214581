# SPDX-License-Identifier: MIT
"""Certificates for a test, made by the openssl command."""

import os
import subprocess


def openssl(*arguments, text=None):
	return subprocess.run(['openssl', *arguments], input=text, check=True, capture_output=True, text=True).stdout


def make_pair(folder, name, *names, days=30, key=('ec', '-pkeyopt', 'ec_paramgen_curve:P-256'), more=()):
	"""A self-signed certificate for DNS names and addresses, with `more` extensions: (path of the certificate, path of the key)."""
	certificate, private = os.path.join(folder, f'{name}.pem'), os.path.join(folder, f'{name}.key')
	alternatives = ','.join(('IP:' if each[0].isdigit() else 'DNS:') + each for each in names)
	extensions = [each for extension in (f'subjectAltName={alternatives}', *more) for each in ('-addext', extension)]
	openssl('req', '-x509', '-newkey', *key, '-nodes', '-days', str(days), '-subj', f'/CN={names[0]}', *extensions, '-keyout', private,
		'-out', certificate)
	return certificate, private


class Authority:
	"""Issues certificates, and takes them back."""

	def __init__(self, folder, name):
		self.folder, self.name = folder, name
		self.certificate, self.key = (os.path.join(folder, f'{name}.{end}') for end in ('pem', 'key'))
		openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', f'/CN={name}',
			'-keyout', self.key, '-out', self.certificate)
		self.index = os.path.join(folder, f'{name}.index')
		self.settings = os.path.join(folder, f'{name}.cnf')
		open(self.index, 'w').close()
		with open(self.settings, 'w') as file:
			file.write(f'[ca]\ndefault_ca=it\n[it]\ndatabase={self.index}\nserial={folder}/{name}.serial\nnew_certs_dir={folder}\n'
				f'certificate={self.certificate}\nprivate_key={self.key}\ndefault_md=sha256\ndefault_days=30\ndefault_crl_days=30\n'
				'policy=any\nunique_subject=no\n[any]\nO=optional\nCN=supplied\n')

	def ask(self, *arguments):
		return openssl('ca', '-config', self.settings, '-batch', *arguments)

	def issue(self, name, subject, *more):
		"""(path of the certificate, path of the key); `more` as for `openssl ca`."""
		certificate, key, request = (os.path.join(self.folder, f'{name}.{end}') for end in ('pem', 'key', 'csr'))
		openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', subject, '-utf8', '-keyout', key,
			'-out', request)
		self.ask('-rand_serial', '-utf8', '-notext', '-in', request, '-out', certificate, *more)
		return certificate, key

	def issue_for(self, name, *hosts):
		"""The same for a server: what clients get who ask for one of the hosts."""
		extensions = os.path.join(self.folder, f'{name}.ext')
		with open(extensions, 'w') as file:
			file.write('subjectAltName=' + ','.join(f'DNS:{host}' for host in hosts) + '\n')
		return self.issue(name, f'/CN={hosts[0]}', '-extfile', extensions)

	def respond(self, pair, path):
		"""Write what an OCSP responder says of the certificate, for a week."""
		question = os.path.join(self.folder, 'question.der')
		openssl('ocsp', '-issuer', self.certificate, '-cert', pair[0], '-no_nonce', '-reqout', question)
		openssl('ocsp', '-index', self.index, '-CA', self.certificate, '-rsigner', self.certificate, '-rkey', self.key, '-reqin', question,
			'-ndays', '7', '-respout', path)

	def revoke(self, certificate):
		self.ask('-revoke', certificate)

	def revoked(self):
		"""The CRL, as PEM."""
		return self.ask('-gencrl')
