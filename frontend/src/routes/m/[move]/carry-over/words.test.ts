import { expect, it } from 'vitest';
import type { Picture } from '#lib/api/types.js';
import { Words } from './words.svelte';

/** server lists pictures as the real one does: without words first. */
function server(alts: Record<string, string>) {
	return (offset: number, limit: number) => {
		const all = Object.entries(alts).map(([file, alt]) => ({ file, alt }) as Picture);
		const sorted = [...all.filter((p) => !p.alt), ...all.filter((p) => p.alt)];
		return {
			pictures: sorted.slice(offset, offset + limit),
			total: all.length,
			described: all.filter((p) => p.alt).length
		};
	};
}

it('lists every picture once, whatever is described meanwhile', () => {
	const alts: Record<string, string> = {
		a: '',
		b: 'had words',
		c: '',
		d: '',
		e: '',
		f: '',
		g: 'had words too'
	};
	const list = server(alts);
	const words = new Words();
	words.add(list(0, 2));
	expect(words.rows.map((r) => r.file)).toEqual(['a', 'c']);
	alts['a'] = 'a heron';
	words.keep('a', 'a heron');
	expect(words.described).toBe(3);
	for (let i = 0; words.more && i < 20; i++) words.add(list(words.offset, 2));
	expect(words.rows.map((r) => r.file).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
	alts['a'] = '';
	words.keep('a', '');
	expect(words.described).toBe(2);
});
