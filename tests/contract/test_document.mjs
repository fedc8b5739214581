// SPDX-License-Identifier: MIT
// Redocly and Spectral find no error in the document, or in those at the paths that are given.
import { judge, judges } from './judge.mjs';
import { equal, run } from './tap.mjs';
import { startCountries } from './service.mjs';

await run(judges, async () => {
	const base = await startCountries();
	const documents = {};
	for (const path of process.argv.length > 3 ? process.argv.slice(3) : ['/openapi.json']) {
		const response = await fetch(`${base}${path}`);
		equal(response.headers.get('content-type'), 'application/json', `${path} is JSON`);
		documents[path] = await response.text();
		equal(JSON.parse(documents[path]).openapi, '3.1.0', 'it is OpenAPI 3.1');
	}
	await judge(documents);
});
