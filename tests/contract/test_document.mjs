// SPDX-License-Identifier: MIT
// Redocly and Spectral find no error in the document, or in those at the paths that are given.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bin, equal, ok, run } from './tap.mjs';
import { startCountries } from './service.mjs';

await run([bin('redocly'), bin('spectral')], async () => {
	const base = await startCountries();
	const place = mkdtempSync(join(tmpdir(), 'contract-'));
	const file = join(place, 'openapi.json');
	const rules = join(place, 'rules.yaml');
	let text;
	writeFileSync(rules, 'extends: ["spectral:oas"]\n');
	const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
	for (const path of process.argv.length > 3 ? process.argv.slice(3) : ['/openapi.json']) {
		const response = await fetch(`${base}${path}`);
		equal(response.headers.get('content-type'), 'application/json', `${path} is JSON`);
		text = await response.text();
		equal(JSON.parse(text).openapi, '3.1.0', 'it is OpenAPI 3.1');
		writeFileSync(file, text);
		const redocly = spawnSync(bin('redocly'), ['lint', '--format', 'stylish', file],
			{ encoding: 'utf8', cwd: place, env: environment });
		ok(redocly.status === 0, 'Redocly finds no error', redocly.stdout + redocly.stderr);
		const spectral = spawnSync(bin('spectral'), ['lint', '--ruleset', rules, '--fail-severity', 'error', file],
			{ encoding: 'utf8', cwd: place });
		ok(spectral.status === 0, 'Spectral finds no error', spectral.stdout + spectral.stderr);
	}
	const broken = JSON.parse(text);
	delete broken.info;
	writeFileSync(file, JSON.stringify(broken));
	const redoclyBroken = spawnSync(bin('redocly'), ['lint', file], { encoding: 'utf8', cwd: place, env: environment });
	ok(redoclyBroken.status !== 0, 'Redocly finds one in a broken document', redoclyBroken.stdout);
	rmSync(place, { recursive: true });
});
