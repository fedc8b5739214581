// SPDX-License-Identifier: MIT
// Files from a real browser: by the page /docs, by a form, and by FormData of a script.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { equal, folder, ok, run } from './tap.mjs';
import { startService } from './service.mjs';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync'];

// Upload files where the page offers it; returns status and body of the answer that it shows.
async function tryOut(page, base, place) {
	await page.goto(`${base}/docs`);
	const block = page.locator('.opblock[id$="-add_photo"]');
	await block.locator('.opblock-summary-control').click();
	await block.getByRole('button', { name: 'Try it out' }).click();
	await block.locator('tr[data-property-name="title"] input').fill('Sea');
	await block.locator('tr[data-property-name="photo"] input[type=file]').setInputFiles(join(place, 'sea.png'));
	for (const name of ['stars', 'tags', 'notes']) {
		const blank = block.locator(`tr[data-property-name="${name}"] input[type=checkbox]`);
		if (await blank.count() && await blank.isChecked())
			await blank.uncheck();
	}
	await block.getByRole('button', { name: 'Execute' }).click();
	const answer = block.locator('.live-responses-table');
	await answer.waitFor();
	return {
		status: (await answer.locator('tbody td.response-col_status').first().innerText()).trim().split('\n')[0],
		body: await answer.locator('tbody td.response-col_description').first().innerText(),
	};
}

async function sendForm(page, base, place, photo, notes) {
	await page.goto(`${base}/`);
	await page.locator('input[name=title]').fill('Größe');
	if (photo)
		await page.locator('input[name=photo]').setInputFiles(join(place, photo));
	await page.locator('input[name=notes]').setInputFiles(notes.map((name) => join(place, name)));
	const [answer] = await Promise.all([page.waitForResponse(`${base}/photos`), page.locator('button').click()]);
	return { status: answer.status(), body: await answer.json() };
}

// What a script sends: text, a Blob, and a File, whose names are as no browser's user would have them.
const byScript = async () => {
	const form = new FormData();
	form.append('title', 'a\nb"c\\d');
	form.append('tags', 'x');
	form.append('tags', 'y');
	form.append('photo', new File(['12'], '../a"\n\\b.png', { type: 'IMAGE/PNG' }));
	form.append('notes', new Blob(['{}'], { type: 'application/json' }));
	const answer = await fetch('photos', { method: 'POST', body: form });
	return answer.json();
};

async function visit(page, base, place, screenshot) {
	const shown = await tryOut(page, base, place);
	equal(shown.status, '201', 'the page uploads a file');
	ok(shown.body.includes('"name": "sea.png"') && shown.body.includes('"bytes": 70000'), 'its answer is shown', shown.body);
	if (screenshot)
		await page.screenshot({ path: screenshot });
	const whole = await sendForm(page, base, place, 'sea.png', ['a ü.txt', 'b.txt']);
	equal(whole.status, 201, 'a form is taken');
	equal(whole.body.title, 'Größe', 'its text is UTF-8');
	equal(whole.body.notes.map((note) => `${note.name} ${note.type} ${note.bytes}`).join(), 'a ü.txt text/plain 3,b.txt text/plain 0',
		'several files of one name are an array');
	const blank = await sendForm(page, base, place, null, []);
	equal(blank.status, 422, 'a form without its file is refused');
	equal(blank.body.errors.map((e) => `${e.in} ${e.parameter} ${e.detail}`).join(), 'form photo is required', 'that is all that is wrong');
	await page.goto(`${base}/`);
	const scripted = await page.evaluate(byScript);
	equal(scripted.title, 'a\r\nb"c\\d', 'a script sends a text'); // a browser ends lines with CRLF
	equal(scripted.tags.join(), 'x,y', 'it sends a text twice');
	equal(`${scripted.photo.name} ${scripted.photo.type}`, 'b.png image/png', 'it sends a file, whose name is no path');
	equal(`${scripted.notes[0].name} ${scripted.notes[0].type}`, 'blob application/json', 'it sends a Blob');
}

await run([CHROMIUM, join(folder, 'node_modules', 'playwright-core')], async () => {
	const { chromium } = createRequire(import.meta.url)('playwright-core');
	const base = await startService(process.argv[2]);
	const place = mkdtempSync(join(tmpdir(), 'uploads-'));
	writeFileSync(join(place, 'sea.png'), Buffer.alloc(70000));
	writeFileSync(join(place, 'a ü.txt'), 'one');
	writeFileSync(join(place, 'b.txt'), '');
	const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
	try {
		const page = await browser.newPage({ viewport: { width: 1200, height: 2200 } });
		page.setDefaultTimeout(15000);
		await visit(page, base, place, process.argv[3]);
	} finally {
		await browser.close();
	}
	rmSync(place, { recursive: true, force: true });
});
