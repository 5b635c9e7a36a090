import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Person } from '#lib/api/types.js';
import { PeopleList, pageSize, type Read } from './list.svelte';

const total = 20_000;
const somebody = (i: number, name = `Person ${i}`) => ({ id: String(i), name }) as Person;

/** pages answers like the server, and remembers what it was asked. */
function pages(name?: string) {
	const asked: number[] = [];
	const given: AbortSignal[] = [];
	const read: Read = (offset, limit, signal) => {
		asked.push(offset);
		given.push(signal);
		return Promise.resolve({
			people: Array.from({ length: Math.min(limit, total - offset) }, (_, i) => somebody(offset + i, name)),
			total
		});
	};
	return { asked, given, read };
}

const first = { people: Array.from({ length: pageSize }, (_, i) => somebody(i)), total };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());
const settle = () => vi.advanceTimersByTimeAsync(1000);

test('what is looked at is read, each page once', async () => {
	const server = pages();
	const list = new PeopleList(server.read, first, 0);
	expect(list.at(5)?.name).toBe('Person 5');
	expect(list.at(150)).toBeUndefined();
	list.show(90, 120);
	await settle();
	list.show(95, 125);
	await settle();
	expect(server.asked).toEqual([100]);
	expect(list.at(150)?.name).toBe('Person 150');
});

test('a quick scroll reads where it ends, not what it passes', async () => {
	const server = pages();
	const list = new PeopleList(server.read, first, 0);
	for (let i = 0; i < 19_900; i += 500) list.show(i, i + 20);
	list.show(19_950, 19_970);
	await settle();
	expect(server.asked).toEqual([19_900]);
});

test('what nobody looks at any more is given up', async () => {
	const signals: AbortSignal[] = [];
	const list = new PeopleList(
		(_offset, _limit, signal) => {
			signals.push(signal);
			return new Promise(() => {});
		},
		first,
		0
	);
	list.show(5000, 5020);
	await settle();
	list.show(9000, 9020);
	await settle();
	expect(signals.map((s) => s.aborted)).toEqual([true, false]);
	list.close();
	expect(signals[1]?.aborted).toBe(true);
});

test('a failure is told, and the next look tries again', async () => {
	let down = true;
	const server = pages();
	const list = new PeopleList(
		(...q) => (down ? Promise.reject(new Error('down')) : server.read(...q)),
		first,
		0
	);
	list.show(500, 520);
	await settle();
	expect(String(list.failure)).toContain('down');
	down = false;
	list.show(500, 521);
	await settle();
	expect(list.failure).toBeUndefined();
	expect(list.at(500)?.name).toBe('Person 500');
});

test('a refresh keeps the rows until the new ones are here', async () => {
	const server = pages('New');
	const list = new PeopleList(server.read, first, 0);
	list.show(0, 20);
	await settle();
	list.refresh();
	expect(list.at(0)?.name).toBe('Person 0');
	await settle();
	expect(list.at(0)?.name).toBe('New');
	expect(server.asked).toEqual([0]);
});

test('what became of somebody stands at the old place', () => {
	const list = new PeopleList(pages().read, first, 0);
	list.put(somebody(7, 'Changed'));
	list.put(somebody(700, 'Elsewhere'));
	expect(list.at(7)?.name).toBe('Changed');
	expect(list.indexOf('7')).toBe(7);
	expect(list.indexOf('700')).toBe(-1);
});

test('memory is bounded: far pages go', async () => {
	const server = pages();
	const list = new PeopleList(server.read, first, 0);
	for (let page = 1; page < 60; page++) {
		list.show(page * pageSize, page * pageSize + 10);
		await settle();
	}
	expect(list.at(0)).toBeUndefined();
	expect(list.at(59 * pageSize)).toBeDefined();
	expect(list.at(30 * pageSize)).toBeDefined();
});

test('a range is waited for', async () => {
	const server = pages();
	const list = new PeopleList(server.read, first, 0);
	await list.load(50, 250);
	expect(server.asked).toEqual([100, 200]);
	expect(list.at(249)).toBeDefined();
});
