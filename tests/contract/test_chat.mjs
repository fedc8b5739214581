// SPDX-License-Identifier: MIT
// The chat example in a real browser: two guests hear each other, a third hears what was said before, and all come back after a
// reload of the service.
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { equal, folder, ok, run } from './tap.mjs';
import { freePort, start } from './service.mjs';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync'];

async function enter(browser, base, name, complaints) {
	const context = await browser.newContext({ viewport: { width: 760, height: 640 } });
	const page = await context.newPage();
	page.setDefaultTimeout(15000);
	page.on('pageerror', (error) => complaints.push(String(error)));
	await page.goto(base);
	await page.getByLabel('Your name').fill(name);
	await page.getByRole('button', { name: 'Enter' }).click();
	await page.getByText(`connected as ${name}`).waitFor();
	return page;
}

async function say(page, text) {
	await page.getByLabel('Say something').fill(text);
	await page.getByRole('button', { name: 'Send' }).click();
}

// All that its status says from now on: what stands there for half a second is missed by who looks at it now and then.
const listen = (page) => page.evaluate(() => {
	const state = document.getElementById('state');
	window.told = [];
	new MutationObserver(() => window.told.push(state.textContent)).observe(state, { childList: true });
});

async function told(page, first, then) {
	const both = ([first, then]) => window.told.includes(first) && window.told.includes(then, window.told.indexOf(first));
	await page.waitForFunction(both, [first, then]).catch(async (error) => {
		throw new Error(`${await page.evaluate(() => JSON.stringify(window.told))}: ${error.message}`);
	});
}

const hears = (page, text) => page.locator('li .what', { hasText: text }).first().waitFor();

await run([CHROMIUM, join(folder, 'node_modules', 'playwright-core')], async () => {
	const { chromium } = createRequire(import.meta.url)('playwright-core');
	const port = await freePort();
	const base = `http://127.0.0.1:${port}/`;
	const service = await start(process.argv[2], ['--http', `127.0.0.1:${port}`, '--processes', '2'], base);
	const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
	const complaints = [];
	try {
		const ada = await enter(browser, base, 'Ada', complaints);
		const grace = await enter(browser, base, 'Grace', complaints);
		await say(ada, 'Hello, <b>Grace</b>!');
		await hears(grace, 'Hello, <b>Grace</b>!');
		ok(true, 'what one says the other hears, as text');
		await say(grace, 'Hello! \u{1f680}');
		await hears(ada, 'Hello! \u{1f680}');
		equal(await ada.locator('li.mine').count(), 1, 'her own words stand apart');
		await say(ada, '');
		await ada.locator('li.problem', { hasText: 'text must' }).waitFor();
		ok(true, 'a message that breaks a rule is explained');
		const edsger = await enter(browser, base, 'Edsger', complaints);
		await hears(edsger, 'Hello! \u{1f680}');
		ok(true, 'who comes later hears what was said before');
		const frames = [];
		edsger.on('websocket', (socket) => socket.on('framereceived', (frame) => frames.push(frame.payload)));
		if (process.argv[3])
			await ada.screenshot({ path: process.argv[3] });
		await listen(ada);
		await listen(edsger);
		service.kill('SIGHUP');
		const closed = 'closed: the service stops or restarts: connect again';
		await told(edsger, closed, 'connected as Edsger');
		await told(ada, closed, 'connected as Ada');
		await say(ada, 'Still here');
		await hears(edsger, 'Still here');
		ok(frames.length > 0, 'after a reload of the service they talk on');
		equal(complaints.join('\n'), '', 'the browser reports no error');
	} finally {
		await browser.close();
	}
});
