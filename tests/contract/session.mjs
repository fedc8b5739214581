// SPDX-License-Identifier: MIT
// Requests that touch every operation of the countries example: what succeeds, and what each may refuse.
const json = (method, body) => ({ method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
const form = (method, fields) => ({ method, body: new URLSearchParams(fields) });

// [operationId, path, what fetch() needs, status]; functions get the answers so far, by operationId.
export const probe = '/countries/DE';
export const settings = () => [];

export const good = [
	['list_countries', '/countries?q=land&limit=5&sort=alpha_2&order=desc', {}, 200],
	['list_countries', '/countries?code=DE&code=FR', {}, 200],
	['get_country', '/countries/DE', {}, 200],
	['get_country', '/countries/fra', {}, 200],
	['get_country', '/countries/380', {}, 200],
	['look_up_countries', '/countries/lookup', json('POST', { codes: ['DE', 'fra', '380', 'XX'] }), 200],
	['look_up_countries', '/countries/lookup', form('POST', { codes: 'DE' }), 200],
	['list_subdivisions_of_country', '/countries/CH/subdivisions?limit=3', {}, 200],
	['list_subdivisions', '/subdivisions?country=AT&offset=2&limit=2', {}, 200],
	['get_subdivision', '/subdivisions/AT-9', {}, 200],
	['export_subdivisions', '/export/subdivisions?country=LI', {}, 200],
	['list_currencies', '/currencies?q=franc', {}, 200],
	['get_currency', '/currencies/EUR', {}, 200],
	['list_languages', '/languages?limit=2', {}, 200],
	['get_language', '/languages/deu', {}, 200],
	['add_bookmark', '/bookmarks', json('POST', { kind: 'country', code: 'DE', note: 'caf\u00e9 "x"', rating: 3 }), 201],
	['add_bookmark', '/bookmarks', form('POST', { kind: 'currency', code: 'EUR' }), 201],
	['add_bookmarks', '/bookmarks/batch', json('POST', { items: [{ kind: 'language', code: 'lat' }, { kind: 'country', code: 'CH' }] }), 201],
	['list_bookmarks', '/bookmarks?kind=country', {}, 200],
	['get_bookmark', (seen) => `/bookmarks/${seen.add_bookmark.id}`, {}, 200],
	['replace_bookmark', (seen) => `/bookmarks/${seen.add_bookmark.id}`, json('PUT', { kind: 'country', code: 'FR' }), 200],
	['patch_bookmark', (seen) => `/bookmarks/${seen.add_bookmark.id}`, json('PATCH', { note: 'n' }), 200],
	['patch_bookmark', (seen) => `/bookmarks/${seen.add_bookmark.id}`, json('PATCH', { note: null, rating: null }), 200],
	['patch_bookmark', (seen) => `/bookmarks/${seen.add_bookmark.id}`, json('PATCH', {}), 200],
	['remove_bookmark', (seen) => `/bookmarks/${seen.add_bookmark.id}`, { method: 'DELETE' }, 204],
];

export const lies = [['get_country', '/countries/DE', {}, 200]];

export const bad = [
	['list_countries', '/countries?limit=0&order=up&nothing=1', {}, 422],
	['list_countries', '/countries', { headers: { Accept: 'text/html' } }, 406],
	['get_country', '/countries/XX', {}, 404],
	['get_country', '/countries/12', {}, 422],
	['look_up_countries', '/countries/lookup', json('POST', { codes: [] }), 422],
	['look_up_countries', '/countries/lookup', json('POST', { codes: [1, 'x'], other: true }), 422],
	['look_up_countries', '/countries/lookup', { method: 'POST' }, 422],
	['look_up_countries', '/countries/lookup', { method: 'POST', body: '<a/>', headers: { 'Content-Type': 'text/xml' } }, 415],
	['get_subdivision', '/subdivisions/AT-99', {}, 404],
	['get_currency', '/currencies/QQQ', {}, 404],
	['get_language', '/languages/qqq', {}, 404],
	['add_bookmark', '/bookmarks', json('POST', { kind: 'planet', code: 'X', id: 3 }), 422],
	['add_bookmarks', '/bookmarks/batch', json('POST', { items: [{ id: 1, kind: 'country', code: 'CH' }] }), 422],
	['add_bookmarks', '/bookmarks/batch', json('POST', { items: [{ kind: 'country', code: 'QQ' }] }), 422],
	['get_bookmark', '/bookmarks/999999', {}, 404],
	['get_bookmark', '/bookmarks/abc', {}, 422],
	['replace_bookmark', '/bookmarks/999999', json('PUT', { kind: 'country', code: 'FR' }), 404],
	['patch_bookmark', '/bookmarks/999999', json('PATCH', {}), 404],
	['remove_bookmark', '/bookmarks/999999', { method: 'DELETE' }, 404],
];

// What Prism itself repairs or refuses.
export const beyond = [
	['look_up_countries', '/countries/lookup', { method: 'POST', body: '{"codes"' , headers: { 'Content-Type': 'application/json' } }, 400],
	['list_countries', '/countries?q=%zz', {}, 400],
	['look_up_countries', '/countries/lookup', json('POST', { codes: ['x'.repeat(2000000)] }), 413],
];

// Send the requests to `base` one after another; call `each` with every answer.
export async function play(base, requests, each, seen = {}) {
	for (const [id, path, what, status] of requests) {
		const target = typeof path === 'function' ? path(seen) : path;
		const init = typeof what === 'function' ? what(seen) : what;
		const response = await fetch(base + target, init);
		const text = await response.text();
		if (response.headers.get('content-type') === 'application/json' && response.ok)
			seen[id] = JSON.parse(text);
		await each({ id, name: `${init.method ?? 'GET'} ${target}`, response, text, status });
	}
	return seen;
}
