// SPDX-License-Identifier: MIT
// What goes over the wire is what the document says: Prism sits in between and finds no violation.
// usage: test_prism.mjs PROGRAM SESSION
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bin, equal, ok, run } from './tap.mjs';
import { freePort, start, startService } from './service.mjs';
import { play } from './session.mjs';

const { bad, good, lies, probe, settings } = await import(`./${process.argv[3]}`);

async function startPrism(file, upstream, ...more) {
	const port = await freePort();
	const base = `http://127.0.0.1:${port}`;
	await start(bin('prism'), ['proxy', '--host', '127.0.0.1', '--port', String(port), ...more, file, upstream],
		base + probe);
	return base;
}

const violationsOf = (response) => JSON.parse(response.headers.get('sl-violations') ?? '[]');

await run([bin('prism')], async () => {
	const place = mkdtempSync(join(tmpdir(), 'contract-'));
	const upstream = await startService(process.argv[2], ...settings(place));
	const file = join(place, 'openapi.json');
	const document = await (await fetch(`${upstream}/openapi.json`)).json();
	writeFileSync(file, JSON.stringify(document));

	const strict = await startPrism(file, upstream, '--errors');
	const touched = new Set();
	const seen = await play(strict, good, ({ id, name, response, text, status }) => {
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
	}, seen);

	for (const item of Object.values(document.paths))
		for (const operation of Object.values(item))
			ok(touched.has(operation.operationId), `${operation.operationId} was called`);

	/* Prism would have found something. */
	const lie = structuredClone(document);
	for (const schema of Object.values(lie.components.schemas))
		for (const property of Object.values(schema.properties ?? {}))
			if (property.type === 'string')
				property.type = 'integer';
	writeFileSync(file, JSON.stringify(lie));
	const suspicious = await startPrism(file, upstream, '--errors');
	await play(suspicious, lies, async ({ text }) => ok(text.includes('prism/errors'), 'a document that lies is caught'), seen);
	rmSync(place, { recursive: true });
});
