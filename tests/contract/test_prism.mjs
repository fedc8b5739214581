// SPDX-License-Identifier: MIT
// What goes over the wire is what the document says: Prism sits in between and finds no violation.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bin, equal, ok, run } from './tap.mjs';
import { freePort, start, startCountries } from './service.mjs';
import { bad, good, play } from './session.mjs';

async function startPrism(file, upstream, ...more) {
	const port = await freePort();
	const base = `http://127.0.0.1:${port}`;
	await start(bin('prism'), ['proxy', '--host', '127.0.0.1', '--port', String(port), ...more, file, upstream],
		`${base}/countries/DE`);
	return base;
}

const violationsOf = (response) => JSON.parse(response.headers.get('sl-violations') ?? '[]');

await run([bin('prism')], async () => {
	const upstream = await startCountries();
	const place = mkdtempSync(join(tmpdir(), 'contract-'));
	const file = join(place, 'openapi.json');
	const document = await (await fetch(`${upstream}/openapi.json`)).json();
	writeFileSync(file, JSON.stringify(document));

	const strict = await startPrism(file, upstream, '--errors');
	const touched = new Set();
	await play(strict, good, ({ id, name, response, text, status }) => {
		touched.add(id);
		ok(response.status === status && !text.includes('prism/errors'), `${name} is as the document says`,
			`${response.status} ${text}`);
	});

	/* A refused request is wrong on purpose: what counts is that the answer is right. */
	const watching = await startPrism(file, upstream);
	await play(watching, bad, ({ name, response, text, status }) => {
		const violations = violationsOf(response).filter((violation) => violation.location?.[0] === 'response');
		ok(response.status === status && violations.length === 0, `${name} is refused as the document says`,
			`${response.status} ${text} ${JSON.stringify(violations)}`);
		equal(response.headers.get('content-type'), 'application/problem+json', `${name} is answered with a problem`);
	});

	for (const item of Object.values(document.paths))
		for (const operation of Object.values(item))
			ok(touched.has(operation.operationId), `${operation.operationId} was called`);

	/* Prism would have found something. */
	const lie = structuredClone(document);
	lie.components.schemas.country.properties.name.type = 'integer';
	writeFileSync(file, JSON.stringify(lie));
	const suspicious = await startPrism(file, upstream, '--errors');
	const caught = await fetch(`${suspicious}/countries/DE`);
	ok((await caught.text()).includes('prism/errors'), 'a document that lies is caught');
	rmSync(place, { recursive: true });
});
