// SPDX-License-Identifier: MIT
// WebSockets of a real browser: over HTTP/1.1, and over TLS, where it takes a stream of HTTP/2 (RFC 8441).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { equal, folder, ok, run } from './tap.mjs';
import { freePort, start } from './service.mjs';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--ignore-certificate-errors',
	'--disable-background-networking', '--disable-component-update', '--disable-sync'];

// In the page: open a WebSocket, send each message when the one before it has come back, then close. What was seen.
function converse([url, protocols, messages]) {
	return new Promise((resolve) => {
		const seen = { back: [] };
		const socket = new WebSocket(url, protocols);
		const next = () => {
			if (seen.back.length === messages.length)
				socket.close(4000, 'that is all');
			else if (typeof messages[seen.back.length] === 'number')
				socket.send(new Uint8Array(messages[seen.back.length]).fill(7));
			else
				socket.send(messages[seen.back.length]);
		};
		socket.binaryType = 'arraybuffer';
		socket.onopen = () => {
			Object.assign(seen, { protocol: socket.protocol, extensions: socket.extensions });
			next();
		};
		socket.onmessage = ({ data }) => {
			seen.back.push(typeof data === 'string' ? data : data.byteLength);
			next();
		};
		socket.onclose = ({ code, reason, wasClean }) => resolve({ ...seen, code, reason, wasClean });
	});
}

const MESSAGES = ['hello', 'gr\u00fc\u00dfe \u{1f680}', '', 'x'.repeat(70000), 0, 1, 65536, 90000];
const BACK = JSON.stringify(MESSAGES);

async function talk(page, base, where) {
	const plain = await page.evaluate(converse, [`${base}/echo`, [], MESSAGES]);
	equal(JSON.stringify(plain.back), BACK, `${where}: texts and bytes come back`);
	equal(JSON.stringify([plain.code, plain.reason, plain.wasClean]), '[4000,"",true]', `${where}: the client's code comes back`);
	equal(plain.extensions, '', `${where}: compression is off by default`);
	for (const path of ['/single', '/takeover']) {
		const packed = await page.evaluate(converse, [base + path, [], MESSAGES]);
		ok(packed.extensions.startsWith('permessage-deflate'), `${where}: ${path} is compressed`, packed.extensions);
		equal(JSON.stringify(packed.back), BACK, `${where}: ${path}: the same comes back`);
		equal(packed.code, 4000, `${where}: ${path}: it is closed by the client`);
	}
	const named = await page.evaluate(converse, [`${base}/protocol`, ['x', 'chat.v1'], [null]]);
	equal(named.protocol, 'chat.v1', `${where}: a sub-protocol is agreed on`);
	const none = await page.evaluate(converse, [`${base}/protocol`, ['x'], []]);
	equal(none.code, 1006, `${where}: or there is no conversation`);
}

await run([CHROMIUM, join(folder, 'node_modules', 'playwright-core')], async () => {
	const { chromium } = createRequire(import.meta.url)('playwright-core');
	const place = mkdtempSync(join(tmpdir(), 'contract-'));
	const [key, certificate] = [join(place, 'key.pem'), join(place, 'certificate.pem')];
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
		'/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
	const [port, secure] = [await freePort(), await freePort()];
	const service = await start(process.argv[2], ['--http', `127.0.0.1:${port}`, '--https', `127.0.0.1:${secure}`, '--certificate',
		certificate, '--key', key, '--access-log', 'on'], `http://127.0.0.1:${port}/plain`);
	const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
	try {
		const context = await browser.newContext({ ignoreHTTPSErrors: true });
		const page = await context.newPage();
		await page.goto(`http://127.0.0.1:${port}/plain`);
		await talk(page, `ws://127.0.0.1:${port}`, 'HTTP/1.1');
		const foreign = await page.evaluate(converse, [`ws://localhost:${port}/echo`, [], ['x']]);
		equal(foreign.code, 1006, 'a page of another host is refused');
		const welcome = await page.evaluate(converse, [`ws://localhost:${port}/open`, [], ['x']]);
		equal(welcome.code, 4000, 'unless the service lets it in');
		await page.goto(`https://localhost:${secure}/plain`);
		await talk(page, `wss://localhost:${secure}`, 'TLS');
	} finally {
		await browser.close();
	}
	const statuses = service.said().split('\n').filter((line) => /"\/echo"|GET \/echo/.test(line));
	ok(statuses.some((line) => line.includes('"status":101')), 'over HTTP/1.1 it was an upgrade', statuses.join('\n'));
	ok(statuses.some((line) => line.includes('"status":200')), 'over TLS it was a stream of HTTP/2', statuses.join('\n'));
	rmSync(place, { recursive: true, force: true });
});
