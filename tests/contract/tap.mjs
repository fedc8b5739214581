// SPDX-License-Identifier: MIT
// Checks as TAP lines, one per check. What is not installed is skipped with a note.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { stopAll } from './service.mjs';

export const folder = dirname(fileURLToPath(import.meta.url));
export const bin = (name) => join(folder, 'node_modules', '.bin', name);

let count = 0;
let failures = 0;

export function ok(condition, name, explanation = '') {
	count++;
	if (!condition)
		failures++;
	console.log(`${condition ? 'ok' : 'not ok'} ${count} - ${name}`);
	if (!condition && explanation)
		console.log(String(explanation).split('\n').map((line) => `# ${line}`).join('\n'));
	return condition;
}

export function equal(got, wanted, name) {
	return ok(got === wanted, name, `got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

// Run `main` if all of `needs` (paths) exist.
export async function run(needs, main) {
	const missing = needs.find((path) => !existsSync(path));
	if (missing) {
		console.log(`1..0 # SKIP ${missing} is missing: make deps-test`);
		return;
	}
	try {
		await main();
	} catch (error) {
		ok(false, 'the test runs to its end', error.stack ?? error);
	}
	await stopAll();
	console.log(`1..${count}`);
	process.exit(failures ? 1 : 0);
}
