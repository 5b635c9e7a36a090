import { describe, expect, it } from 'vitest';
import type { Account } from '#lib/api/types.js';
import { howMuch, kinds, postsOptions, rulesOf, rulesText, selected, tweetIds, wordsOf } from './options';

const account = (quiet: boolean) => ({ capability: { quiet, backdates: quiet } }) as Account;
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
		const url = at(
			'how=all&pace=12&visibility=private&kinds=post,thread,quote,reply&from=2020-01-01&to=2021-01-01'
		);
		expect(postsOptions(url, account(false))).toEqual({
			visibility: 'private',
			per_hour: 12,
			kinds: ['post', 'thread', 'quote', 'reply'],
			from: '2020-01-01',
			to: '2021-01-01'
		});
	});

	it('is the same however it looks and however fast it goes out', () => {
		const of = (query: string) => selected(postsOptions(at(query), account(false)));
		const same = of('how=all&likes=3&visibility=private');
		expect(
			of('how=all&likes=3&visibility=private&pace=60&number=yes&mentions=link&cw=yes&warn=a%3Db&dated=date')
		).toEqual(same);
		expect(of('how=all&likes=4&visibility=private')).not.toEqual(same);
		expect(of('how=all&likes=3')).not.toEqual(same);
	});

	it('is chosen by kind, likes, words, language and pictures', () => {
		const url = at('how=all&likes=3&retweets=1&words=heron,%20grey%20heron&not=spam&lang=de,en&media=with');
		expect(postsOptions(url, account(false))).toEqual({
			visibility: 'unlisted',
			per_hour: 4,
			min_likes: 3,
			min_retweets: 1,
			words: ['heron', 'grey heron'],
			not_words: ['spam'],
			languages: ['de', 'en'],
			media: 'with'
		});
	});

	it('looks as the owner chose', () => {
		const url = at(
			'how=all&mentions=link&number=yes&dated=date&cw=yes&doubles=yes&warn=film,series%3DSpoilers'
		);
		expect(postsOptions(url, account(false))).toMatchObject({
			mentions: 'link',
			number: true,
			dated: 'date',
			own_warnings: true,
			doubles: true,
			warnings: [{ words: ['film', 'series'], text: 'Spoilers' }]
		});
	});

	it('needs no line with the date where the server keeps dates, unless they are posted as new', () => {
		expect(postsOptions(at('dated=date'), account(true)).dated).toBeUndefined();
		expect(postsOptions(at('dated=date&as_new=yes'), account(true))).toMatchObject({
			dated: 'date',
			as_new: true,
			visibility: 'unlisted',
			per_hour: 4
		});
		expect(postsOptions(at('as_new=yes'), account(false)).as_new).toBeUndefined();
	});

	it('is of every kind where posts are picked one by one', () => {
		const options = postsOptions(at('how=picked&tweets=12&likes=3&kinds=post'), account(false));
		expect(options).toMatchObject({ tweet_ids: ['12'], kinds });
		expect(options.min_likes).toBeUndefined();
	});

	it('ignores what makes no sense', () => {
		const url = at(
			'how=all&likes=-1&retweets=x&kinds=dance&media=maybe&mentions=all&dated=never&warn=%3D%0Aa%3D'
		);
		expect(postsOptions(url, account(false))).toEqual({ visibility: 'unlisted', per_hour: 4 });
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

it('words stand with commas or one a line, each once', () => {
	expect(wordsOf(' a, b b\n,a\n')).toEqual(['a', 'b b']);
});

it('rules of warnings read as they were written', () => {
	const rules = [
		{ words: ['film', 'series'], text: 'Spoilers' },
		{ words: ['food'], text: '' },
		{ words: [], text: 'Politics' }
	];
	expect(rulesOf(rulesText([...rules, { words: [], text: '' }]))).toEqual(rules);
	expect(rulesOf(rulesText([{ words: ['a=b'], text: 'c=d' }]))).toEqual([{ words: ['a=b'], text: 'c d' }]);
});
