import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pictures, type Portrait } from './pictures.svelte';

beforeEach(() => {
	vi.useFakeTimers();
	let n = 0;
	vi.stubGlobal(
		'URL',
		Object.assign(URL, { createObjectURL: () => `blob:${n++}`, revokeObjectURL: vi.fn() })
	);
});
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});
const settle = (ms = 1) => vi.advanceTimersByTimeAsync(ms);
const portraits = (n: number): Portrait[] =>
	Array.from({ length: n }, (_, i) => ({ person: `p${i}`, match: `m${i}` }));

test('two at a time, each once', async () => {
	const waiting: (() => void)[] = [];
	const asked: string[] = [];
	const pictures = new Pictures((of) => {
		asked.push(of.match);
		return new Promise((done) => waiting.push(() => done(new Blob())));
	});
	pictures.show(portraits(3));
	pictures.show(portraits(3));
	expect(asked).toEqual(['m0', 'm1']);
	waiting[0]?.();
	await settle();
	expect(asked).toEqual(['m0', 'm1', 'm2']);
	expect(pictures.url('m0')).toBe('blob:0');
	expect(pictures.url('m2')).toBeUndefined();
	pictures.close();
});

test('none is none, later is later', async () => {
	const answers: (Blob | number | null)[] = [null, 5, new Blob()];
	const asked: string[] = [];
	const pictures = new Pictures((of) => {
		asked.push(of.match);
		return Promise.resolve(answers.shift() ?? null);
	});
	pictures.show(portraits(2));
	await settle();
	pictures.show(portraits(2));
	await settle();
	expect(asked).toEqual(['m0', 'm1']);
	await settle(5000);
	expect(asked).toEqual(['m0', 'm1', 'm1']);
	expect(pictures.url('m0')).toBeUndefined();
	expect(pictures.url('m1')).toBe('blob:0');
	pictures.close();
});

test('memory is bounded', async () => {
	const pictures = new Pictures(() => Promise.resolve(new Blob()));
	for (let i = 0; i < 700; i++) {
		pictures.show([{ person: 'p', match: `m${i}` }]);
		await settle();
	}
	expect(pictures.url('m0')).toBeUndefined();
	expect(pictures.url('m699')).toBeDefined();
	expect(URL.revokeObjectURL).toHaveBeenCalledTimes(100);
	pictures.close();
});
