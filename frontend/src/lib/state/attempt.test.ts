import { expect, test } from 'vitest';
import { Attempt } from './attempt.svelte.js';

test('an attempt is busy until it is over, and keeps what went wrong last', async () => {
	const attempt = new Attempt();
	let done = () => {};
	const running = attempt.run(() => new Promise<void>((resolve) => (done = resolve)));
	expect(attempt.busy).toBe(true);
	done();
	expect(await running).toBe(true);
	expect(attempt.busy).toBe(false);

	const trouble = new Error('the server is down');
	expect(await attempt.run(() => Promise.reject(trouble))).toBe(false);
	expect(attempt.failure).toBe(trouble);
	expect(attempt.busy).toBe(false);

	await attempt.run(() => {
		expect(attempt.failure).toBeUndefined();
	});
});
