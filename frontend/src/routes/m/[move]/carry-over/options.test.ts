import { describe, expect, it } from 'vitest';
import type { Account } from '#lib/api/types.js';
import { howMuch, postsOptions, tweetIds } from './options';

const account = (quiet: boolean) => ({ capability: { quiet } }) as Account;
const at = (query: string) => new URL(`http://localhost/m/1/carry-over?${query}`);

describe('what is posted', () => {
	it('is nothing on a loud server until the owner chooses', () => {
		expect(howMuch(at(''), account(false))).toBe('');
		expect(howMuch(at(''), account(true))).toBe('all');
		expect(howMuch(at('how=picked'), account(false))).toBe('picked');
	});

	it('is slow and unlisted on a loud server', () => {
		expect(postsOptions(at(''), account(false))).toEqual({
			visibility: 'unlisted',
			per_hour: 4
		});
	});

	it('is as fast as the server allows on a quiet one', () => {
		expect(postsOptions(at(''), account(true))).toMatchObject({ visibility: 'public', per_hour: 0 });
	});

	it('comes from the address', () => {
		const url = at('how=all&pace=12&visibility=private&replies=yes&from=2020-01-01&to=2021-01-01');
		expect(postsOptions(url, account(false))).toEqual({
			visibility: 'private',
			per_hour: 12,
			kinds: ['post', 'thread', 'quote', 'reply'],
			from: '2020-01-01',
			to: '2021-01-01'
		});
	});

	it('ignores a pace or visibility that is not offered', () => {
		const options = postsOptions(at('pace=9999&visibility=direct'), account(false));
		expect(options.per_hour).toBe(4);
		expect(options.visibility).toBe('unlisted');
	});
});

describe('post links', () => {
	it.each([
		['https://twitter.com/ada/status/1234567890123456789', ['1234567890123456789']],
		['https://x.com/ada/status/12?s=20\nhttps://twitter.com/i/web/status/13/photo/1', ['12', '13']],
		['12, 13 12', ['12', '13']],
		['no number here', []]
	])('%s', (text, want) => expect(tweetIds(text)).toEqual(want));
});
