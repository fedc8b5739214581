// SPDX-License-Identifier: MIT
// Redocly and Spectral look for errors in documents.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bin, ok } from './tap.mjs';

const RULES = 'extends: ["spectral:oas"]\n';
const TOOLS = {
	Redocly: ['redocly', 'lint', '--format', 'stylish'],
	Spectral: ['spectral', 'lint', '--ruleset', 'rules.yaml', '--fail-severity', 'error'],
};
const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

export const judges = [bin('redocly'), bin('spectral')];

// All documents, texts by their names, in one run: to start a tool takes longer than to read one.
function ask(tool, documents) {
	const [name, ...more] = TOOLS[tool];
	const place = mkdtempSync(join(tmpdir(), 'contract-'));
	const files = Object.keys(documents).map((what) => './' + what.replaceAll('/', '-') + '.json');
	writeFileSync(join(place, 'rules.yaml'), RULES);
	Object.values(documents).forEach((text, i) => writeFileSync(join(place, files[i]), text));
	const said = spawnSync(bin(name), [...more, ...files], { encoding: 'utf8', cwd: place, env: environment });
	rmSync(place, { recursive: true });
	return { refused: said.status !== 0, text: said.stdout + said.stderr };
}

// Neither finds an error in these, and Redocly finds one in the first if that is broken. They judge what was said, not who said
// it: under a sanitizer that is the same, and they are left out.
export function judge(documents) {
	if (process.env.COR_TEST_LIGHT)
		return;
	for (const tool of Object.keys(TOOLS)) {
		const said = ask(tool, documents);
		ok(!said.refused, `${tool} finds no error in ${Object.keys(documents).length} documents`, said.text);
	}
	const broken = JSON.parse(Object.values(documents)[0]);
	delete broken.info;
	const said = ask('Redocly', { ...documents, broken: JSON.stringify(broken) });
	ok(said.refused, 'Redocly finds one in a broken document', said.text);
}
