// SPDX-License-Identifier: MIT
// Sessions in a real browser: scripts cannot read their cookie, and a page of another port of the same host, to which SameSite is no
// obstacle, changes nothing with it.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { equal, folder, run } from './tap.mjs';
import { freePort, start } from './service.mjs';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync'];

// In the page: "204" or what became of the call.
async function call([url, method, body]) {
	try {
		const headers = body ? { 'Content-Type': 'application/json' } : {};
		return String((await fetch(url, { method, headers, body })).status);
	} catch (error) {
		return error.name;
	}
}

async function useOwn(context, base) {
	const page = await context.newPage();
	await page.goto(base + 'openapi.json');
	const ask = (path, method, body) => page.evaluate(call, [base + path, method, body]);
	equal(await ask('basket', 'GET'), '401', 'nobody is let in without a session');
	equal(await ask('session', 'POST', '{"name":"Ada"}'), '204', 'a page of the service begins one');
	equal(await ask('basket', 'POST', '{"title":"Emma"}'), '204', 'and changes what is in it');
	equal(await ask('page', 'PUT', '{"theme":"dark"}'), '204', 'a preference is set');
	equal(await page.evaluate(() => document.cookie), 'theme=dark', 'scripts see the preference, and not the session');
	return page;
}

// A form, and a call without asking first: what any page may send.
async function attack(context, base) {
	const arrived = [];
	const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<title>elsewhere</title>'));
	const port = await freePort();
	await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
	try {
		const page = await context.newPage();
		page.on('response', (response) => response.url().startsWith(base) && arrived.push(`${response.request().method()} ${response.status()}`));
		await page.goto(`http://127.0.0.1:${port}/`);
		await page.evaluate((url) => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include',
			body: new URLSearchParams({ title: 'by stealth' }) }).catch(() => 0), base + 'basket');
		await page.setContent(`<form method="post" action="${base}basket"><input name="title" value="by form"><button>Win</button></form>`);
		await Promise.all([page.waitForURL(base + 'basket'), page.getByRole('button').click()]);
	} finally {
		server.close();
		server.closeAllConnections();
	}
	return arrived.join(', ');
}

await run([CHROMIUM, join(folder, 'node_modules', 'playwright-core')], async () => {
	const { chromium } = createRequire(import.meta.url)('playwright-core');
	const port = await freePort();
	const base = `http://127.0.0.1:${port}/`;
	await start(process.argv[2], ['--http', `127.0.0.1:${port}`], base);
	const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
	try {
		const context = await browser.newContext();
		const page = await useOwn(context, base);
		equal(await attack(context, base), 'POST 403, POST 403', 'what a page of another origin sends is refused');
		const basket = await page.evaluate(async (url) => (await fetch(url)).json(), base + 'basket');
		equal(JSON.stringify(basket), '{"owner":"Ada","titles":["Emma"]}', 'and has changed nothing');
		equal(await page.evaluate(call, [base + 'session', 'DELETE']), '204', 'the session is ended');
		equal(await page.evaluate(call, [base + 'basket', 'GET']), '401', 'and the browser has forgotten it');
	} finally {
		await browser.close();
	}
});
