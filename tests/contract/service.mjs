// SPDX-License-Identifier: MIT
// Starts the countries example and other servers for a test, returns their addresses, and stops them with it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const children = [];

export async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

// Start a program and wait until `url` answers at all.
export async function start(command, args, url, options = {}) {
	const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
	const said = [];
	child.on('error', (error) => said.push(String(error)));
	child.stdout.on('data', (data) => said.push(data));
	child.stderr.on('data', (data) => said.push(data));
	child.said = () => said.join('');
	children.push(child);
	for (let tries = 0; tries < 600; tries++) {
		if (child.exitCode !== null)
			break;
		try {
			await fetch(url);
			return child;
		} catch {
			await sleep(50);
		}
	}
	throw new Error(`${command} does not answer at ${url}: ${child.said()}`);
}

// The service itself; returns its base URL.
export async function startService(program, ...more) {
	const port = await freePort();
	const base = `http://127.0.0.1:${port}`;
	await start(program, ['--http', `127.0.0.1:${port}`, '--docs', 'on', ...more], `${base}/openapi.json`);
	return base;
}

export function startCountries() {
	return startService(process.argv[2]);
}

export async function stopAll() {
	for (const child of children) {
		if (child.exitCode === null && child.signalCode === null) {
			child.kill('SIGTERM');
			await Promise.race([once(child, 'exit'), sleep(5000).then(() => child.kill('SIGKILL'))]);
		}
	}
}
