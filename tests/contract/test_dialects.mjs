// SPDX-License-Identifier: MIT
// The document in all its forms: Redocly and Spectral judge OpenAPI 3.1, 3.0 and Swagger 2.0; Postman's own library reads the
// collection, and each of its requests, as it is, reaches an operation of the service.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

import { judge, judges } from './judge.mjs';
import { equal, folder, ok, run } from './tap.mjs';
import { startService } from './service.mjs';

const FORMS = { '--print-openapi': '/openapi.json', '--print-openapi-3-0': '/openapi-3.0.json',
	'--print-swagger': '/swagger.json', '--print-postman': '/postman.json' };

// What the service says when no operation is meant, or the body has the wrong type.
const ASTRAY = [404, 405, 406, 415];

// A form with a file wherever Postman would let its user choose one.
function formOf(fields) {
	const form = new FormData();
	for (const field of fields.filter((f) => !f.disabled, null))
		form.append(field.key, field.type === 'file' ? new File(['x'], 'x.txt', { type: 'text/plain' }) : field.value);
	return form;
}

function bodyOf(request) {
	if (['GET', 'HEAD'].includes(request.method))
		return undefined;
	return request.body?.mode === 'formdata' ? formOf(request.body.formdata) : request.body?.raw;
}

async function send(item, base, what) {
	const request = item.request;
	request.url.host = [base];
	const url = request.url.toString().replace(/:(\w+)/g, (whole, name) =>
		request.url.variables.has(name) ? encodeURIComponent(request.url.variables.get(name)) : whole);
	const headers = Object.fromEntries(request.headers.filter((header) => !header.disabled, null).map((h) => [h.key, h.value]));
	const body = bodyOf(request);
	const stop = new AbortController();
	const answer = await fetch(url, { method: request.method, headers: { ...headers, Connection: 'close' }, body, redirect: 'manual', signal: stop.signal });
	const said = answer.ok ? '' : await answer.text();
	stop.abort(); // an event stream would not end
	const noSuch = answer.status === 404 && said.includes('there is nothing at this path');
	ok(!ASTRAY.includes(answer.status) || (answer.status === 404 && !noSuch),
		`${what}: ${item.name} reaches its operation`, `${request.method} ${url}: ${answer.status} ${said}`);
}

async function judgeCollection(what, text, base, document) {
	const { Collection } = createRequire(import.meta.url)('postman-collection');
	const collection = new Collection(JSON.parse(text));
	const items = [];
	collection.forEachItem((item) => items.push(item));
	equal(collection.name, document.info.title, `${what}: the collection has the service's title`);
	const wanted = Object.values(document.paths).flatMap((path) => Object.values(path))
		.filter((operation) => !operation['x-websocket']).map((operation) => operation.summary).sort();
	equal(items.map((item) => item.name).sort().join(), wanted.join(), `${what}: a request for each operation`);
	for (const item of items)
		await send(item, base, what);
}

await run([...judges, join(folder, 'node_modules', 'postman-collection')], async () => {
	const documents = {};
	for (const program of process.argv.slice(2)) {
		const name = basename(program);
		const base = await startService(program);
		const texts = {};
		for (const [flag, path] of Object.entries(FORMS))
			texts[flag] = await (await fetch(base + path)).text();
		await judgeCollection(`${name}/postman.json`, texts['--print-postman'], base, JSON.parse(texts['--print-openapi']));
		// What blocks this program comes last: it would not see that a kept connection was closed.
		for (const [flag, path] of Object.entries(FORMS)) {
			const printed = spawnSync(program, [flag], { encoding: 'utf8' });
			equal(printed.stdout, texts[flag] + '\n', `${name}: ${flag} prints ${path}`);
			if (flag !== '--print-postman')
				documents[name + path] = texts[flag];
		}
	}
	await judge(documents);
});
