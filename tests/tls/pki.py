# SPDX-License-Identifier: MIT
"""Certificates for a test, made by the openssl command."""

import os
import subprocess


def openssl(*arguments, text=None):
	return subprocess.run(['openssl', *arguments], input=text, check=True, capture_output=True, text=True).stdout


def make_pair(folder, name, *names, days=30, key=('ec', '-pkeyopt', 'ec_paramgen_curve:P-256')):
	"""A self-signed certificate for DNS names and addresses: (path of the certificate, path of the key)."""
	certificate, private = os.path.join(folder, f'{name}.pem'), os.path.join(folder, f'{name}.key')
	alternatives = ','.join(('IP:' if each[0].isdigit() else 'DNS:') + each for each in names)
	openssl('req', '-x509', '-newkey', *key, '-nodes', '-days', str(days), '-subj', f'/CN={names[0]}',
		'-addext', f'subjectAltName={alternatives}', '-keyout', private, '-out', certificate)
	return certificate, private
