// SPDX-License-Identifier: MIT
// A client typed by the document: it compiles only if the document agrees with the tables.
import createClient from 'openapi-fetch';
import type { paths } from './openapi';

const client = createClient<paths>({ baseUrl: process.argv[2] });

function must<T>(value: T | undefined, what: string): T {
	if (value === undefined)
		throw new Error(`${what}: no answer`);
	return value;
}

const country = must((await client.GET('/countries/{code}', { params: { path: { code: 'DE' } } })).data, 'country');
const name: string = country.name;
const list = must((await client.GET('/countries', { params: { query: { limit: 3, code: ['DE', 'FR'] } } })).data, 'list');
const total: number = list.total;
const found = must((await client.POST('/countries/lookup', { body: { codes: ['DE', 'XX'] } })).data, 'lookup');
const missing: string[] = found.missing;
const made = must((await client.POST('/bookmarks', { body: { kind: 'country', code: 'FR' } })).data, 'bookmark');
const id: number = made.id;
const several = must((await client.POST('/bookmarks/batch', { body: { items: [{ kind: 'country', code: 'CH' }] } })).data, 'batch');
const created: string | undefined = several.items[0]?.created;
const changed = must((await client.PATCH('/bookmarks/{id}', { params: { path: { id } }, body: { note: 'typed' } })).data, 'patch');
const refused = await client.GET('/countries/{code}', { params: { path: { code: 'XX' } } });
const status: number | undefined = refused.error?.status;
const removed = await client.DELETE('/bookmarks/{id}', { params: { path: { id } } });

// @ts-expect-error a country has no such member
void country.planet;
// @ts-expect-error the parameter is a number
void (() => client.GET('/countries', { params: { query: { limit: 'three' } } }));
// @ts-expect-error the path parameter is required
void (() => client.GET('/countries/{code}', {}));
// @ts-expect-error a member of the body is required
void (() => client.POST('/countries/lookup', { body: {} }));
// @ts-expect-error the client may not send what the service fills in, however deep it is
void (() => client.POST('/bookmarks/batch', { body: { items: [{ id: 1, kind: 'country', code: 'CH' }] } }));
// @ts-expect-error there is no such path
void (() => client.GET('/planets', {}));

console.log(JSON.stringify({
	name, total, missing, status, created, note: changed.note, removed: removed.response.status,
}));
