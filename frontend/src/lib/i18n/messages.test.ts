import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, it } from 'vitest';
import carryDe from '../messages/carry.de.json';
import carryEn from '../messages/carry.en.json';
import baseDe from '../messages/de.json';
import baseEn from '../messages/en.json';
import { preferred, setLocale, speak, t } from './index.svelte';

const en = { ...baseEn, ...carryEn };
const languages = { en, de: { ...baseDe, ...carryDe } } as Record<string, Record<string, string>>;

it('no message stands in two files', () => {
	expect(Object.keys(en)).toHaveLength(Object.keys(baseEn).length + Object.keys(carryEn).length);
});

/** names are the values that a message asks for. */
const names = (text: string) =>
	[...new Set([...text.matchAll(/(?<!(?:=\d+|one|other) )\{(\w+)[,}]/g)].map((m) => m[1]!))].sort();

describe.each(Object.keys(languages))('messages of %s', (tag) => {
	const messages = languages[tag]!;

	it('have the keys of English, in the same order', () => {
		expect(Object.keys(messages)).toEqual(Object.keys(en));
	});

	it('can be formatted and ask for the same values as English', () => {
		for (const [key, text] of Object.entries(messages)) {
			const values = Object.fromEntries(names(text).map((name) => [name, 2]));
			const said = new IntlMessageFormat(text, tag, undefined, { ignoreTag: true }).format(values) as string;
			expect(said, key).not.toMatch(/[{}]/);
			expect(names(text), key).toEqual(names((en as Record<string, string>)[key]!));
		}
	});
});

it('every message is used, and every message that is used is there', () => {
	const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
		.filter((name) => /\.(svelte|ts)$/.test(name) && !name.endsWith('.test.ts'))
		.map((name) => readFileSync(join('src', name), 'utf8'))
		.join('\n');
	const prefixes = [...source.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map((m) => m[1]!);
	const unused = Object.keys(en).filter(
		(key) => !source.includes(`'${key}'`) && !prefixes.some((p) => key.startsWith(p))
	);
	expect(unused).toEqual([]);
});

it('a topic is loaded where it is needed, and in each language from then on', async () => {
	await setLocale('en');
	expect(t('more.title')).toBe('more.title');
	await Promise.all([speak('carry'), setLocale('de')]);
	expect(t('more.title')).toBe(carryDe['more.title']);
	await setLocale('en');
	expect(t('more.title')).toBe(carryEn['more.title']);
});

describe('the language', () => {
	it.each([
		['de', ['en'], 'de'],
		[null, ['fr-FR', 'de-AT', 'en'], 'de'],
		[null, ['fr'], 'en'],
		['xx', ['de'], 'de']
	])('%s, %j', (stored, wanted, want) => expect(preferred(stored, wanted)).toBe(want));
});
