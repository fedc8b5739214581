// SPDX-License-Identifier: MIT
// A real browser's EventSource on the ticker example: events arrive, ids and retries count, and a reload loses nothing.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { equal, folder, ok, run } from './tap.mjs';
import { freePort, start } from './service.mjs';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync'];

async function publish(base, symbol, cents) {
	const answer = await fetch(`${base}/prices`, {
		method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ symbol, cents }),
	});
	if (answer.status !== 204)
		throw new Error(`publishing: ${answer.status}`);
}

// What an EventSource of the page itself gets, and how often it is opened.
function record(page, path) {
	return page.evaluate((target) => {
		window.got = [];
		window.opened = 0;
		const source = new EventSource(target);
		window.source = source;
		source.onopen = () => window.opened++;
		source.addEventListener('price', (event) => window.got.push([event.lastEventId, JSON.parse(event.data).cents]));
		source.onmessage = (event) => window.got.push([event.lastEventId, event.data]);
	}, path);
}

async function seesPrices(page, base) {
	await page.goto(`${base}/`);
	await page.locator('#state', { hasText: 'live' }).waitFor();
	await publish(base, 'ACME', 1299);
	await page.locator('#ACME td', { hasText: '12.99' }).waitFor();
	await publish(base, 'ACME', 1300);
	await page.locator('#ACME td', { hasText: '13.00' }).waitFor();
	equal(await page.locator('#prices tr').count(), 1, 'a new price replaces the one before');
	if (process.argv[3])
		await page.screenshot({ path: process.argv[3] });
}

async function losesNothingOverAReload(page, base, service) {
	await record(page, '/prices');
	await page.waitForFunction(() => window.opened === 1);
	let cents = 0;
	service.kill('SIGHUP');
	while (!service.said().includes('"reloaded"') && cents < 1000) {
		await publish(base, 'LOAD', cents++);
		await sleep(20);
	}
	await publish(base, 'LOAD', cents++);
	await page.waitForFunction((wanted) => window.got.length >= wanted, cents);
	const got = await page.evaluate(() => window.got);
	equal(got.map((event) => event[1]).join(), [...Array(cents).keys()].join(), 'each price came once, in order');
	ok(await page.evaluate(() => window.opened) >= 2, 'the stream was ended, and opened again');
	ok(got.every((event, i) => i === 0 || Number(event[0]) === Number(got[i - 1][0]) + 1), 'ids follow each other');
	await page.evaluate(() => window.source.close());
}

async function staysAwayAfterTheEnd(page) {
	await record(page, '/clock?seconds=1');
	await page.waitForFunction(() => window.source.readyState === EventSource.CLOSED, undefined, { timeout: 15000 });
	equal((await page.evaluate(() => window.got)).length, 1, 'after a 204 the browser does not come again');
	equal((await page.evaluate(() => window.got))[0][0], 'told', 'an id may be any text');
}

await run([CHROMIUM, join(folder, 'node_modules', 'playwright-core')], async () => {
	const { chromium } = createRequire(import.meta.url)('playwright-core');
	const port = await freePort();
	const base = `http://127.0.0.1:${port}`;
	const service = await start(process.argv[2], ['--http', `127.0.0.1:${port}`, '--processes', '2'], `${base}/openapi.json`);
	const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
	try {
		const page = await (await browser.newContext()).newPage();
		const complaints = [];
		page.setDefaultTimeout(15000);
		page.on('pageerror', (error) => complaints.push(String(error)));
		await seesPrices(page, base);
		await losesNothingOverAReload(page, base, service);
		await staysAwayAfterTheEnd(page);
		equal(complaints.join('\n'), '', 'the page has no errors');
	} finally {
		await browser.close();
	}
});
