// SPDX-License-Identifier: MIT
// The page of `coracle dev` in a real browser: page.mjs CHROMIUM PLAYWRIGHT URL [SCREENSHOT]. Says "shown", then "gone" when the
// page has given way to the service's answer; anything else is a complaint.
import { createRequire } from 'node:module';
import { argv, exit } from 'node:process';

const [chromium, playwright, url, screenshot] = argv.slice(2);
const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync'];
const complaints = [];

function check(condition, text) {
	if (!condition)
		complaints.push(text);
}

async function visit(page) {
	page.setDefaultTimeout(30000);
	page.on('pageerror', (error) => complaints.push(String(error)));
	page.on('request', (request) => check(request.url().startsWith(new URL(url).origin) || request.url().startsWith('data:'),
		`it asks for ${request.url()}`));
	await page.goto(url);
	check(await page.title() === 'The build failed', `the title is ${await page.title()}`);
	check((await page.locator('mark').innerText()).includes('} else {'), 'the place is not marked');
	const mark = await page.locator('mark b').boundingBox();
	check(mark && mark.width > 0, 'the column is not shown');
	check((await page.locator('.todo').innerText()).includes('Mend main/service/shelf.c'), 'it does not say what to do');
	for (const scheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme: scheme });
		if (screenshot)
			await page.screenshot({ path: screenshot.replace('.png', `-${scheme}.png`) });
	}
	const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	check(paper === 'rgb(21, 23, 26)', `the dark page is ${paper}`);
	console.log('shown');
	await page.locator('body', { hasText: '{"books":' }).waitFor();
	console.log('gone');
}

const browser = await createRequire(import.meta.url)(playwright).chromium.launch({ executablePath: chromium, args: ARGUMENTS });
try {
	await visit(await browser.newPage({ viewport: { width: 1000, height: 800 } }));
} finally {
	await browser.close();
}
complaints.forEach((complaint) => console.log(complaint));
exit(complaints.length ? 1 : 0);
