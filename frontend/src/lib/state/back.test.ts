import { afterEach, expect, it, vi } from 'vitest';
import { backTo, connectTo, keepBack, keptBack } from './back';

afterEach(() => vi.unstubAllGlobals());

it('leads to allowing more and back to the same part with its choices', () => {
	const search = '?part=posts&how=all&words=heron%2C+grey%26white';
	const from = new URL(search, 'http://localhost/m/1/carry-over');
	const account = { id: 'A', address: 'alex@tusk.example' };
	const to = new URL(connectTo('1', account, 'posts', from), 'http://localhost');
	expect([to.pathname, to.searchParams.get('server'), to.searchParams.get('allow')]).toEqual([
		'/m/1/connect',
		'tusk.example',
		'posts'
	]);
	expect(backTo('1', to.searchParams.get('back')!)).toBe(`/m/1/carry-over${search}&account=A`);
	expect(backTo('1', '')).toBe('/m/1/carry-over');
	expect(backTo('1', '//evil.example/')).toMatch(/^\/m\/1\/carry-over\?/);
});

it('is kept for one Move, until it is used', () => {
	const kept = new Map<string, string>();
	vi.stubGlobal('sessionStorage', {
		getItem: (k: string) => kept.get(k) ?? null,
		setItem: (k: string, v: string) => kept.set(k, v),
		removeItem: (k: string) => kept.delete(k)
	});
	expect(keptBack('1')).toBe('');
	keepBack('1', 'part=lists');
	expect([keptBack('1'), keptBack('2')]).toEqual(['part=lists', '']);
	keepBack('1', '');
	expect(keptBack('1')).toBe('');
});

it('does without where storage is switched off', () => {
	vi.stubGlobal('sessionStorage', undefined);
	keepBack('1', 'part=lists');
	expect(keptBack('1')).toBe('');
});
