// SPDX-License-Identifier: MIT
// The notes example in a real browser: an account, notes and an attachment by its page; the Authorize button of /docs; a page of
// another origin, which may call it or not.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { equal, folder, ok, run } from './tap.mjs';
import { freePort, start } from './service.mjs';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync'];
const PASSWORD = 'correct horse';
const ALLOWED = 5173; // the port of the origin that the example allows

async function open(browser, url) {
	const page = await (await browser.newContext({ viewport: { width: 760, height: 760 } })).newPage();
	page.setDefaultTimeout(30000);
	await page.goto(url);
	return page;
}

async function usePage(browser, base, shot) {
	const page = await open(browser, base);
	const complaints = [];
	page.on('pageerror', (error) => complaints.push(String(error)));
	await page.getByLabel('Name').fill('ada');
	await page.getByLabel('Password').fill(PASSWORD);
	await page.getByRole('button', { name: 'Make an account' }).click();
	await page.getByLabel('Password').waitFor({ state: 'hidden' });
	await page.getByLabel('Title').fill('Groceries <b>');
	await page.getByLabel('Text').fill('milk\nbread');
	await page.getByRole('button', { name: 'Add' }).click();
	await page.getByRole('heading', { name: 'Groceries <b>' }).waitFor();
	ok(true, 'who has made an account writes a note, which is shown as text');
	await page.getByLabel('Attach to Groceries <b>').setInputFiles({ name: 'list.txt', mimeType: 'text/plain', buffer: Buffer.from('eggs') });
	const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'list.txt' }).click()]);
	equal(await readFile(await download.path(), 'utf8'), 'eggs', 'a file is attached, and comes back');
	if (shot)
		await page.screenshot({ path: shot });
	await page.getByRole('button', { name: 'Delete' }).click();
	await page.getByRole('heading', { name: 'Groceries' }).waitFor({ state: 'detached' });
	equal(complaints.join('\n'), '', 'the browser reports no error');
}

async function tokenOf(base) {
	const login = 'Basic ' + Buffer.from(`ada:${PASSWORD}`).toString('base64');
	return (await (await fetch(base + 'sessions', { method: 'POST', headers: { Authorization: login } })).json()).token;
}

// The page of /docs asks for a credential, and sends it.
async function useDocs(browser, base, token, shot) {
	const page = await open(browser, base + 'docs');
	await page.getByRole('button', { name: 'Authorize' }).first().click();
	const token_of = page.locator('.auth-container', { hasText: 'token' }).first();
	await token_of.locator('input').first().fill(token);
	await token_of.getByRole('button', { name: 'Apply credentials' }).click();
	await page.getByRole('button', { name: 'Close' }).first().click();
	if (shot)
		await page.screenshot({ path: shot });
	await page.locator('#operations-notes-list_notes').click();
	await page.getByRole('button', { name: 'Try it out' }).click();
	const [answer] = await Promise.all([
		page.waitForResponse((response) => response.url() === base + 'notes'),
		page.getByRole('button', { name: 'Execute' }).click(),
	]);
	equal(answer.status(), 200, 'the Authorize button of /docs lets in');
}

async function callFrom(browser, port, base, token) {
	const server = createServer((request, response) => response.setHeader('Content-Type', 'text/html').end('<title>elsewhere</title>'));
	await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
	try {
		const page = await open(browser, `http://127.0.0.1:${port}/`);
		return await page.evaluate(async ([url, secret]) => {
			const call = async (headers, method = 'GET') => {
				try {
					const answer = await fetch(url, { method, headers, body: method === 'POST' ? '{"title":"x"}' : undefined });
					return `${answer.status} ${answer.headers.get('ETag')}`;
				} catch (error) {
					return error.name;
				}
			};
			const may = { Authorization: 'Bearer ' + secret, 'Content-Type': 'application/json' };
			return [await call(may, 'POST'), await call({})];
		}, [base + 'notes', token]);
	} finally {
		server.close();
		server.closeAllConnections();
	}
}

await run([CHROMIUM, join(folder, 'node_modules', 'playwright-core')], async () => {
	const { chromium } = createRequire(import.meta.url)('playwright-core');
	const port = await freePort();
	const base = `http://127.0.0.1:${port}/`;
	const attachments = await mkdtemp(join(tmpdir(), 'notes-'));
	await start(process.argv[2], ['--http', `127.0.0.1:${port}`, '--folder', attachments], base);
	const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
	try {
		await usePage(browser, base, process.argv[3]);
		const token = await tokenOf(base);
		await useDocs(browser, base, token, process.argv[4]);
		equal((await callFrom(browser, ALLOWED, base, token)).join(', '), '201 "1", 401 null',
			'a page of an allowed origin calls, and reads ETags and problems');
		equal((await callFrom(browser, await freePort(), base, token)).join(', '), 'TypeError, TypeError',
			'a page of any other origin does not');
	} finally {
		await browser.close();
		await rm(attachments, { recursive: true });
	}
});
