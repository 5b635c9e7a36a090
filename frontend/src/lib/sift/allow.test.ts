import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allowed, rootOf, Rule } from './allow';

// The Go rule is tested with the same file.
const shared = new URL('../../../../importer/testdata/allowed.txt', import.meta.url);
const lines = existsSync(shared)
	? readFileSync(shared, 'utf8')
			.split('\n')
			.filter((line) => /^[+-] /.test(line))
	: [];

describe('the rule that page and server share', () => {
	it('has its list of names', () => expect(lines.length).toBeGreaterThan(20));

	it.each(lines)('%s', (line) => expect(allowed(line.slice(2))).toBe(line.startsWith('+')));

	it('is written alike', () => {
		const go = readFileSync(new URL('../../../../importer/allow.go', import.meta.url), 'utf8');
		const ours = readFileSync(new URL('./allow.ts', import.meta.url), 'utf8').replaceAll('\\/', '/');
		for (const name of ['AllowedPattern', 'RootPattern']) {
			const block = go.slice(go.indexOf(`const ${name}`));
			const pattern = [...block.slice(0, block.indexOf('\n\n')).matchAll(/`([^`]*)`/g)]
				.map((m) => m[1])
				.join('');
			expect(ours).toContain(`/${pattern}/`);
		}
	});
});

describe('the root of an archive', () => {
	it.each([
		[['data/tweets.js', 'assets/x.svg'], ''],
		[['tweet.js', 'like.js'], ''],
		[['twitter-2024/data/tweets.js', 'twitter-2024/data/account.js'], 'twitter-2024/'],
		[['b/data/tweets.js', 'a/data/tweets.js'], 'a/'],
		[['x/y/data/tweets.js', 'z/data/tweets.js'], 'z/'],
		[['__MACOSX/data/tweets.js', 'b/data/tweets.js'], 'b/'],
		[['letter.txt'], undefined]
	])('%j', (names, want) => expect(rootOf(names)).toBe(want));

	it('decides what is kept', () => {
		const rule = new Rule('a/');
		expect(rule.kind('a/data/tweets.js')).toBe('text');
		expect(rule.kind('b/data/tweets.js')).toBeUndefined();
		expect(rule.kind('a/data/like.js')).toBeUndefined();
		expect(rule.kind('a/data/tweets_media/12-x.jpg')).toBe('media');
		expect(rule.tweetOf('a/data/tweets_media/12-x.jpg')).toBe('12');
		expect(rule.tweetOf('b/data/tweets_media/12-x.jpg')).toBeUndefined();
	});
});
