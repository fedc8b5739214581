// SPDX-License-Identifier: MIT
// A real browser on /docs: every operation is listed, a GET and a POST are executed and their answers shown; directly,
// and behind a proxy that adds a prefix to the paths.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { equal, folder, ok, run } from './tap.mjs';
import { freePort, start, startCountries } from './service.mjs';

const CHROMIUM = '/usr/bin/chromium';
const NGINX = '/usr/sbin/nginx';
const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync'];

async function startProxy(place, upstream) {
	const port = await freePort();
	const file = join(place, 'nginx.conf');
	writeFileSync(file, `daemon off; pid ${place}/nginx.pid; error_log ${place}/error.log;
events {}
http {
	access_log off;
	client_body_temp_path ${place}/body; proxy_temp_path ${place}/proxy; fastcgi_temp_path ${place}/fastcgi;
	uwsgi_temp_path ${place}/uwsgi; scgi_temp_path ${place}/scgi;
	server {
		listen 127.0.0.1:${port};
		location /api/ { proxy_pass ${upstream}/; }
	}
}
`);
	await start(NGINX, ['-c', file, '-p', place], `http://127.0.0.1:${port}/api/openapi.json`);
	return `http://127.0.0.1:${port}/api`;
}

// Open an operation, press "Try it out", fill it in, press "Execute"; returns status and body of the answer shown.
async function tryOut(page, id, fill) {
	const block = page.locator(`.opblock[id$="-${id}"]`);
	await block.locator('.opblock-summary-control').click();
	await block.getByRole('button', { name: 'Try it out' }).click();
	await fill(block);
	await block.getByRole('button', { name: 'Execute' }).click();
	const answer = block.locator('.live-responses-table');
	await answer.waitFor();
	return {
		status: (await answer.locator('tbody td.response-col_status').first().innerText()).trim(),
		body: await answer.locator('tbody td.response-col_description').first().innerText(),
		url: await block.locator('.request-url pre').innerText(),
	};
}

async function visit(browser, base, where, screenshot) {
	const context = await browser.newContext({ viewport: { width: 1200, height: 1400 } });
	const page = await context.newPage();
	const complaints = [];
	const elsewhere = [];
	page.setDefaultTimeout(15000);
	page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
	page.on('pageerror', (error) => complaints.push(String(error)));
	page.on('request', (request) => {
		if (!request.url().startsWith(base) && !request.url().startsWith('data:'))
			elsewhere.push(request.url());
	});

	await page.goto(`${base}/docs`);
	await page.locator('.opblock').first().waitFor();
	const document = await (await fetch(`${base}/openapi.json`)).json();
	const wanted = Object.values(document.paths).flatMap((item) => Object.values(item).map((o) => o.operationId));
	const listed = await page.locator('.opblock').evaluateAll((blocks) => blocks.map((block) => block.id));
	equal(listed.length, wanted.length, `${where}: all operations are listed`);
	for (const id of wanted)
		ok(listed.some((name) => name.endsWith(`-${id}`)), `${where}: ${id} is listed`);
	equal(await page.title(), document.info.title, `${where}: the page has the service's title`);

	const got = await tryOut(page, 'get_country', (block) => block.locator('input[placeholder="code"]').fill('DE'));
	equal(got.status.split('\n')[0], '200', `${where}: a GET is executed`);
	ok(got.body.includes('Germany'), `${where}: its answer is shown`, got.body);
	equal(got.url, `${base}/countries/DE`, `${where}: it went to the right place`);
	const posted = await tryOut(page, 'look_up_countries', (block) =>
		block.locator('textarea').fill('{"codes": ["FR", "XX"]}'));
	equal(posted.status.split('\n')[0], '200', `${where}: a POST is executed`);
	ok(posted.body.includes('France') && posted.body.includes('XX'), `${where}: its answer is shown`, posted.body);
	if (screenshot) {
		await page.evaluate(() => window.scrollTo(0, 0));
		await page.screenshot({ path: screenshot });
	}
	equal(complaints.join('\n'), '', `${where}: the browser reports no error`);
	equal(elsewhere.join('\n'), '', `${where}: nothing is fetched from elsewhere`);
	await context.close();
}

await run([CHROMIUM, NGINX, join(folder, 'node_modules', 'playwright-core')], async () => {
	const { chromium } = createRequire(import.meta.url)('playwright-core');
	const base = await startCountries();
	const place = mkdtempSync(join(tmpdir(), 'contract-'));
	const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
	try {
		await visit(browser, base, 'straight', process.argv[3]);
		await visit(browser, await startProxy(place, base), 'behind a prefix');
	} finally {
		await browser.close();
	}
	const slash = await fetch(`${base}/docs/`);
	equal(slash.url, `${base}/docs`, 'the page is also found with a trailing slash');
	rmSync(place, { recursive: true, force: true });
});
