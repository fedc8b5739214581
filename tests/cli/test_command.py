#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What all verbs of the program coracle have in common: help, options, guesses, plug-ins, completions. test_command.py PROGRAM"""

import os
import pty
import re
import stat
import subprocess
import sys
import tempfile

import source
from command import Command, told
from tap import Tap


def verbs(command):
	return re.findall(r'^  ([a-z]+) .*', command.run('--help')[1].split('Programs of their own')[0], re.M)


def help_faults(command):
	found = told(command.run(), 0, 'Usage: coracle', 'completions') + told(command.run('-h'), 0, 'Usage: coracle')
	for verb in verbs(command):
		texts = [command.run(*line)[1] for line in ([verb, '--help'], ['help', verb], ['--help', verb])]
		found += [f'help of {verb}: {texts}'] if len(set(texts)) != 1 or f'Usage: coracle {verb}' not in texts[0] else []
		found += [f'{verb}: too wide: {line}' for line in texts[0].splitlines() if len(line) > 100]
	return found + ([] if len(verbs(command)) > 1 else ['--help lists no verbs'])


MISTAKES = (
	(['hepl'], 'no verb hepl: did you mean help?'),
	(['compl'], 'no verb compl: did you mean completions?'),
	(['frobnicate'], 'no program coracle-frobnicate on PATH: --help lists the verbs'),
	(['--directroy', 'x'], 'no option --directroy: did you mean --directory?'),
	(['help', '--mna'], 'help: no option --mna: did you mean --man?'),
	(['help', '--xyz'], 'no option --xyz: --help lists them'),
	(['--directory'], '--directory needs DIR'),
	(['help', '--man=x'], '--man takes no value'),
	(['completions'], 'bash|zsh|fish is missing: coracle completions --help says more'),
	(['completions', 'bash', 'zsh'], 'zsh is too much'),
	(['completions', 'tcsh'], 'tcsh: there are bash, zsh, fish, tests, operations'),
	(['completions', 'fsih'], 'fsih: did you mean fish?'),
	(['generate', 'resorce', 'pen'], 'resorce: did you mean resource?'),
	(['openapi', '3.2'], '3.2: did you mean 3.1?'),
	(['deploy', 'docker', 'sysemd'], 'sysemd: did you mean systemd?'),
	(['help', '--', 'x'], 'nothing may follow --'),
	(['help', 'nobody'], 'there is no verb nobody'),
	(['help', 'nwe'], 'there is no verb nwe: did you mean new?'),
)


def mistake_faults(command):
	return [fault for arguments, said in MISTAKES for fault in told(command.run(*arguments), 64, said)]


def plugin_faults(command, folder):
	path = os.path.join(folder, 'coracle-greet')
	with open(path, 'w', encoding='utf-8') as file:
		file.write('#!/bin/sh\necho "$PWD $CORACLE $*"\nexit 3\n')
	os.chmod(path, stat.S_IRWXU)
	place = {'PATH': folder + ':' + os.environ['PATH']}
	done = command.run('-C', '/', 'greet', '--loud', 'Ada', **place)
	found = told(done, 3, f'/ {command.program} --loud Ada\n')
	found += told(command.run('--help', **place), 0, 'Programs of their own:', ' greet')
	return found + told(command.run('-v', '-C', os.path.join(folder, 'absent'), 'greet', **place), 66, 'No such file')


def beside_faults(command):
	"""What is built beside it is found without PATH."""
	return told(command.run('generate', '--version'), 0, 'coracle-generate ') if 'generate' not in verbs(command) else []


def colour_faults(command):
	"""A terminal gets colours, unless it must not."""
	found = []
	for environment, wanted in (({'TERM': 'xterm'}, True), ({'TERM': 'xterm', 'NO_COLOR': '1'}, False), ({'TERM': 'dumb'}, False)):
		leader, follower = pty.openpty()
		clean = {name: value for name, value in command.environment.items() if name != 'NO_COLOR'}
		subprocess.run([command.program, 'hepl'], stderr=follower, env={**clean, **environment}, timeout=60)
		os.close(follower)
		text = os.read(leader, 4096).decode()
		os.close(leader)
		found += [] if ('\033[' in text) == wanted and 'did you mean help?' in text else [f'{environment}: {text!r}']
	return found


PRINTS_ROUTES = '''#!/bin/sh
[ "$1" = --print-routes ] && echo '{"operations":[{"operation":"get_book","method":"GET","path":"/books/{id}"},
	{"operation":"get_pen","method":"GET","path":"/pens"},{"operation":"add_book","method":"POST","path":"/books"}]}'
'''


def search_path(command):
	return {**command.environment, 'PATH': os.path.dirname(command.program) + ':' + os.environ['PATH']}


def bash(command, line, folder):
	"""What bash offers at the end of a line."""
	words = line.split(' ')
	script = command.run('completions', 'bash')[1] + f'''
COMP_WORDS=({' '.join(f"'{w}'" for w in words)}); COMP_CWORD={len(words) - 1}; _coracle; printf '%s\\n' "${{COMPREPLY[@]}}"'''
	return subprocess.run(['bash', '-c', script], capture_output=True, text=True, cwd=folder, timeout=60,
		env=search_path(command)).stdout.split()


def fish(command, line, folder):
	script = f"source (coracle completions fish | psub); complete -C '{line}'"
	done = subprocess.run(['fish', '--no-config', '-c', script], capture_output=True, text=True, cwd=folder, timeout=60, env=search_path(command))
	return [each.partition('\t')[0] for each in (done.stdout + done.stderr).splitlines()]


# A shell at a terminal, whose line is printed once Tab has been pressed at its end.
ZSH = '''zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'COLUMNS=200; PS1=; fpath=("$PWD" $fpath); autoload -Uz compinit; compinit -D -u; show() { print -r -- "LINE:$BUFFER;" }; zle -N show; bindkey "^B" show; print READ''Y'
zpty -r shell said '*READY*'
zpty -w -n shell "$1"$'\t\x02'
zpty -r shell said '*LINE:*;*'
[ -n "$2" ] && print -r -- "$said" || print -r -- "${${said##*LINE:}%%;*}"
zpty -d shell
'''


def zsh(command, line, folder, shows=''):
	"""The last word of the line that Tab makes of it; all words that are on the terminal then."""
	with open(os.path.join(folder, '_coracle'), 'w', encoding='utf-8') as file:
		file.write(command.run('completions', 'zsh')[1])
	done = subprocess.run(['zsh', '-f', '-c', ZSH, 'zsh', line, shows], capture_output=True, text=True, cwd=folder, timeout=60, env=search_path(command))
	return (done.stdout + done.stderr).split()[0 if shows else -1:]


def completion_faults(command, folder):
	found = []
	for line, wanted in (('coracle he', ['help']), ('coracle -C x he', ['help']), ('coracle completions b', ['bash']),
			('coracle help --m', ['--man']), ('coracle help comp', ['completions']), ('coracle --verb', ['--verbose'])):
		offered = bash(command, line, folder)
		found += [] if offered == wanted else [f'{line}: {offered}']
	os.makedirs(os.path.join(folder, 'test'), exist_ok=True)
	os.makedirs(os.path.join(folder, 'build'), exist_ok=True)
	for name, text in (('Makefile', 'NAME := shop\n'), ('build/shop', PRINTS_ROUTES), ('test/test_shelf.c', 'COR_CASE(is_full),\n\tCOR_CASE(is_empty, .skip = "x")')):
		with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
			file.write(text)
	os.chmod(os.path.join(folder, 'build/shop'), stat.S_IRWXU)
	for line, wanted in (('coracle build --sanitize t', ['thread']), ('coracle lint --tools cp', ['cppcheck']), ('coracle test -k is_', ['is_full', 'is_empty']),
			('coracle test te', ['test/test_shelf']), ('coracle fuzz get', ['get_book', 'get_pen']), ('coracle bench add', ['add_book']),
			('coracle bench GET ', ['/books/{id}', '/pens']), ('coracle bench POST ', ['/books']),
			('coracle test --junit --', []), ('coracle test ', ['test/test_shelf']), ('coracle deploy s', ['systemd']), ('coracle test --jun', ['--junit'])):
		offered = bash(command, line, folder)
		found += [] if offered == wanted else [f'{line}: {offered}']
	for line, wanted in (('coracle he', 'help'), ('coracle test -k is_f', 'is_full'), ('coracle test te', 'test/test_shelf'),
			('coracle lint --tools cp', 'cppcheck'), ('coracle fuzz get_b', 'get_book'), ('coracle deploy sys', 'systemd'),
			('coracle help --m', '--man'), ('coracle --verb', '--verbose'), ('coracle bench GET /p', '/pens'), ('coracle bench POST ', '/books')):
		for shell in (zsh, fish):
			offered = shell(command, line, folder)
			found += [] if offered == [wanted] else [f'{shell.__name__}: {line}: {offered}']
	shown = ' '.join(zsh(command, 'coracle b', folder, 'all'))
	found += [] if 'Measure an operation: requests a second' in shown else ['zsh: ' + shown]
	shown = ' '.join(zsh(command, 'coracle bench --', folder, 'all'))
	found += [] if "A header, as \u2019Name: value\u2019; may" in shown else ['zsh: ' + shown]
	script = "source (coracle completions fish | psub); complete -C 'coracle ben'"
	done = subprocess.run(['fish', '--no-config', '-c', script], capture_output=True, text=True, cwd=folder, timeout=60, env=search_path(command))
	found += [] if 'Measure an operation: requests a second' in done.stdout else ['fish: ' + done.stdout]
	for shell in ('zsh', 'fish'):
		text = command.run('completions', shell)[1]
		found += [f'{shell} does not know {verb}' for verb in verbs(command) if not re.search(rf'\b{verb}\b', text)]
		found += [f'{shell} does not know {name}' for name in ('directory', 'man') if name not in text]
	return found


def manual_faults(command):
	"""docs/coracle.1 is what the program writes; docs/command.md has each verb and each option."""
	page, guide = command.run('help', '--man')[1], source.read('docs/command.md')
	found = [] if page == source.read('docs/coracle.1') else ['docs/coracle.1 is old: coracle help --man >docs/coracle.1']
	for verb in verbs(command):
		found += [] if f'coracle {verb}' in guide else [f'docs/command.md does not name {verb}']
		text = command.run(verb, '--help')[1].split('Options of all verbs')[0]
		found += [f'docs/command.md: {verb} {option}' for option in re.findall(r'^  (?:-\w, )?(--[a-z-]+)', text, re.M)
			if f'`{option}' not in guide]
	return found


def roff_faults(folder):
	done = subprocess.run(['groff', '-man', '-Tascii', '-ww', '-z', os.path.join(source.ROOT, 'docs/coracle.1')],
		capture_output=True, text=True, cwd=folder)
	return done.stderr.splitlines()


def main():
	command, tap = Command(sys.argv[1]), Tap()
	tap.check('help of the program and of each verb', help_faults(command))
	tap.check('mistakes are told, with a guess', mistake_faults(command))
	tap.check('--version', told(command.run('--version'), 0, 'coracle '))
	with tempfile.TemporaryDirectory() as folder:
		tap.check('plug-ins on PATH', plugin_faults(command, folder))
		tap.check('a program beside it is a plug-in, too', beside_faults(command))
		tap.check('colours', colour_faults(command))
		tap.check('completions', completion_faults(command, folder))
		tap.check('the manual', manual_faults(command))
		tap.check('the manual page is clean roff', roff_faults(folder))
	tap.done()


main()
