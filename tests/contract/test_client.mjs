// SPDX-License-Identifier: MIT
// openapi-typescript makes types from the document; a client with openapi-fetch compiles against them and works.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bin, equal, folder, ok, run } from './tap.mjs';
import { startCountries } from './service.mjs';
import { bad, beyond, good, play } from './session.mjs';

// Nothing blocks this program meanwhile: it would not see that the service has closed a kept connection.
const call = (command, args, cwd) => new Promise((resolve) => {
	execFile(command, args, { encoding: 'utf8', cwd },
		(error, stdout, stderr) => resolve({ status: error ? error.code ?? 1 : 0, stdout, stderr }));
});

await run([bin('openapi-typescript'), bin('tsc'), join(folder, 'node_modules', 'openapi-fetch')], async () => {
	const base = await startCountries();
	const place = mkdtempSync(join(tmpdir(), 'contract-'));
	writeFileSync(join(place, 'openapi.json'), await (await fetch(`${base}/openapi.json`)).text());
	writeFileSync(join(place, 'package.json'), '{"type":"module"}');
	copyFileSync(join(folder, 'typed_client.ts'), join(place, 'client.ts'));
	symlinkSync(join(folder, 'node_modules'), join(place, 'node_modules'));
	writeFileSync(join(place, 'globals.d.ts'), 'declare const process: { argv: string[] };\n');

	const types = await call(bin('openapi-typescript'), ['openapi.json', '-o', 'openapi.d.ts'], place);
	ok(types.status === 0, 'openapi-typescript reads the document', types.stdout + types.stderr);
	const compiled = await call(bin('tsc'), ['--strict', '--target', 'es2022', '--module', 'esnext', '--moduleResolution',
		'bundler', '--lib', 'es2022,dom,dom.iterable', '--skipLibCheck', 'client.ts', 'globals.d.ts'], place);
	ok(compiled.status === 0, 'a typed client compiles, and its mistakes do not', compiled.stdout);
	const ran = await call(process.execPath, ['client.js', base], place);
	const said = ran.status === 0 ? JSON.parse(ran.stdout) : {};
	ok(ran.status === 0, 'it runs', ran.stderr);
	equal(said.name, 'Germany', 'it gets a country');
	equal(said.total, 2, 'it gets a list, with an array in the query');
	equal(said.missing?.join(), 'XX', 'it posts');
	ok(/^\d{4}-/.test(said.created), 'it sends nested objects, and gets what the service fills in', said.created);
	equal(said.note, 'typed', 'it patches');
	equal(said.status, 404, 'it sees a typed problem');
	equal(said.removed, 204, 'it deletes');
	rmSync(place, { recursive: true });

	/* The same session as Prism's, but direct: with what Prism itself would have refused. */
	for (const requests of [good, bad, beyond]) {
		await play(base, requests, ({ name, response, text, status }) => {
			equal(response.status, status, `${name.slice(0, 60)} gives ${status}`);
			if (status < 400)
				return;
			const problem = JSON.parse(text);
			ok(response.headers.get('content-type') === 'application/problem+json' && problem.status === status &&
				problem.type === 'about:blank' && problem.title && problem.request_id && problem.instance,
				`${name.slice(0, 60)} is answered with a complete problem`, text);
		});
	}
});
