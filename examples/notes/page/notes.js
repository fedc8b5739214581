// SPDX-License-Identifier: MIT
'use strict';

const at = id => document.getElementById(id);
let token = null;

/** Ask the service; a problem is thrown as its text. */
async function ask(method, path, { body, headers = {} } = {}) {
	if (token)
		headers.Authorization = 'Bearer ' + token;
	const answer = await fetch(path, { method, body, headers, credentials: 'omit' });
	if (!answer.ok) {
		const problem = await answer.json();
		const errors = (problem.errors || []).map(error => (error.pointer || error.parameter || '') + ' ' + error.detail);
		throw new Error([problem.detail || problem.title, ...errors].join('; '));
	}
	return answer;
}

const json = (value, headers = {}) => ({ body: JSON.stringify(value), headers: { 'Content-Type': 'application/json', ...headers } });

/** What a note's version is: a change says what it has seen. */
const seen = note => ({ 'If-Match': `"${note.version}"` });

function element(name, text, on) {
	const made = document.createElement(name);
	made.textContent = text;
	if (on)
		made.addEventListener('click', on);
	return made;
}

async function attach(note, file) {
	const body = new FormData();
	body.append('file', file);
	await ask('PUT', `notes/${note.id}/attachment`, { body, headers: seen(note) });
}

async function download(note) {
	const answer = await ask('GET', `notes/${note.id}/attachment`);
	const link = element('a', '');
	link.href = URL.createObjectURL(await answer.blob());
	link.download = note.attachment;
	link.click();
}

function show(note) {
	const item = element('li', '');
	const file = element('input', '');
	file.type = 'file';
	file.setAttribute('aria-label', 'Attach to ' + note.title);
	file.addEventListener('change', () => act(() => attach(note, file.files[0])));
	item.append(element('h2', note.title), element('p', note.text), file,
		element('button', 'Delete', () => act(() => ask('DELETE', 'notes/' + note.id, { headers: seen(note) }))));
	if (note.attachment)
		item.append(' ', element('button', note.attachment, () => act(() => download(note))));
	return item;
}

async function refresh() {
	const { items } = await (await ask('GET', 'notes')).json();
	at('notes').replaceChildren(...items.map(show));
}

/** Do something, show what there is then, and say what went wrong. */
async function act(what) {
	at('said').textContent = '';
	try {
		await what();
	} catch (error) {
		at('said').textContent = error.message;
	}
	if (token)
		await refresh();
}

at('entry').addEventListener('submit', event => {
	event.preventDefault();
	const { name, password } = Object.fromEntries(new FormData(event.target));
	const login = btoa(String.fromCharCode(...new TextEncoder().encode(name + ':' + password)));
	act(async () => {
		if (event.submitter.value === 'join')
			await ask('POST', 'users', json({ name, password }));
		const answer = await ask('POST', 'sessions', { headers: { Authorization: 'Basic ' + login } });
		token = (await answer.json()).token;
		at('entry').hidden = true;
		at('desk').hidden = false;
	});
});

at('add').addEventListener('submit', event => {
	event.preventDefault();
	act(async () => {
		await ask('POST', 'notes', json(Object.fromEntries(new FormData(event.target))));
		event.target.reset();
	});
});
