// SPDX-License-Identifier: MIT
// Redocly and Spectral look for errors in documents.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bin, folder, ok } from './tap.mjs';

const RULES = 'extends: ["spectral:oas"]\n';
const redocly = join(folder, 'node_modules', '@redocly', 'openapi-core');

export const judges = [redocly, bin('spectral')];

// What is wrong with the documents, texts by their names: a line for each error.
const TOOLS = {
	// As `redocly lint` without a configuration does: but without its start, and the half of npm that it depends on.
	async Redocly(documents) {
		const { createConfig, lintFromString } = await import('@redocly/openapi-core');
		const config = await createConfig({ extends: ['recommended'] });
		const errors = [];
		for (const [name, source] of Object.entries(documents))
			for (const { severity, message, ruleId, location } of await lintFromString({ source, absoluteRef: `${name}.json`, config }))
				if (severity === 'error')
					errors.push(`${name}${location[0]?.pointer ?? ''}: ${message} (${ruleId})`);
		return errors.join('\n');
	},
	// All documents in one run: to start it takes longer than to read one.
	async Spectral(documents) {
		const place = mkdtempSync(join(tmpdir(), 'contract-'));
		const files = Object.keys(documents).map((what) => './' + what.replaceAll('/', '-') + '.json');
		writeFileSync(join(place, 'rules.yaml'), RULES);
		Object.values(documents).forEach((text, i) => writeFileSync(join(place, files[i]), text));
		const said = spawnSync(bin('spectral'), ['lint', '--ruleset', 'rules.yaml', '--fail-severity', 'error', ...files],
			{ encoding: 'utf8', cwd: place });
		rmSync(place, { recursive: true });
		return said.status === 0 ? '' : said.stdout + said.stderr || `ended with ${said.status}`;
	},
};

// Neither finds an error in these, and Redocly finds one in the first if that is broken. They judge what was said, not who said
// it: under a sanitizer that is the same, and they are left out.
export async function judge(documents) {
	if (process.env.COR_TEST_LIGHT)
		return;
	for (const [tool, errors] of Object.entries(TOOLS)) {
		const said = await errors(documents);
		ok(said === '', `${tool} finds no error in ${Object.keys(documents).length} documents`, said);
	}
	const broken = JSON.parse(Object.values(documents)[0]);
	delete broken.info;
	const said = await TOOLS.Redocly({ broken: JSON.stringify(broken) });
	ok(said.includes('info'), 'Redocly finds one in a broken document', said);
}
