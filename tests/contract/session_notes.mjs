// SPDX-License-Identifier: MIT
// Requests that touch every operation of the notes example: what succeeds, and what each may refuse.
const json = (method, body, headers = {}) => ({ method, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });
const basic = (name, password) => ({ Authorization: 'Basic ' + Buffer.from(`${name}:${password}`).toString('base64') });
const token = (seen) => ({ Authorization: `Bearer ${seen.begin_session.token}` });
const match = (seen, id = 'add_note') => ({ ...token(seen), 'If-Match': `"${seen[id].version}"` });
const note = { title: 'Groceries', text: 'milk' };

function attach(headers) {
	const body = new FormData();
	body.set('file', new Blob(['eggs'], { type: 'text/plain' }), 'list.txt');
	return { method: 'PUT', headers, body };
}

export const probe = '/docs';
export const settings = (place) => ['--folder', `${place}/attachments`];

export const good = [
	['add_user', '/users', json('POST', { name: 'ada', password: 'correct horse' }), 201],
	['begin_session', '/sessions', { method: 'POST', headers: basic('ada', 'correct horse') }, 201],
	['add_note', '/notes', (seen) => json('POST', note, token(seen)), 201],
	['list_notes', '/notes', (seen) => ({ headers: token(seen) }), 200],
	['get_note', '/notes/1', (seen) => ({ headers: token(seen) }), 200],
	['put_note', '/notes/1', (seen) => json('PUT', { title: 'Food' }, match(seen)), 200],
	['put_attachment', '/notes/1/attachment', (seen) => attach(match(seen, 'put_note')), 200],
	['get_attachment', '/notes/1/attachment', (seen) => ({ headers: token(seen) }), 200],
	['delete_note', '/notes/1', (seen) => ({ method: 'DELETE', headers: match(seen, 'put_attachment') }), 204],
	['add_note', '/notes', (seen) => json('POST', note, token(seen)), 201],
];

export const lies = [['get_note', '/notes/2', (seen) => ({ headers: token(seen) }), 200]];

export const bad = [
	['add_user', '/users', json('POST', { name: 'ada', password: 'correct horse' }), 409],
	['add_user', '/users', json('POST', { name: 'Ada', password: 'x' }), 422],
	['begin_session', '/sessions', { method: 'POST', headers: basic('ada', 'another') }, 401],
	['list_notes', '/notes', {}, 401],
	['add_note', '/notes', (seen) => json('POST', { title: '', id: 7 }, token(seen)), 422],
	['get_note', '/notes/1', (seen) => ({ headers: token(seen) }), 404],
	['get_note', '/notes/x', (seen) => ({ headers: token(seen) }), 422],
	['put_note', '/notes/2', (seen) => json('PUT', { title: 'Food' }, token(seen)), 428],
	['put_note', '/notes/2', (seen) => json('PUT', { title: 'Food' }, { ...token(seen), 'If-Match': '"999"' }), 412],
	['put_attachment', '/notes/2/attachment', (seen) => ({ method: 'PUT', headers: match(seen), body: 'eggs' }), 415],
	['get_attachment', '/notes/2/attachment', (seen) => ({ headers: token(seen) }), 404],
	['delete_note', '/notes/9', (seen) => ({ method: 'DELETE', headers: match(seen) }), 404],
];
