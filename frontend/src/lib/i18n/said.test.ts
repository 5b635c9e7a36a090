import { describe, expect, it } from 'vitest';
import de from '../messages/said.de.json';
import { setLocale, sentence } from './index.svelte';
import { inLanguage, learn } from './said';

const slots = (text: string) => [...text.matchAll(/\{(\d)\}/g)].map((m) => m[1]!);

it.each(Object.entries(de))('%s: has all its values, numbered as they stand', (english, german) => {
	expect(slots(english)).toEqual(slots(english).map((_, i) => String(i + 1)));
	expect(slots(german).sort()).toEqual(slots(english));
	expect(english).not.toMatch(/\}\{|^\{1\}$/); // it would fit anything
	expect(/[.!?]$/.test(german)).toBe(/[.!?]$/.test(english));
});

describe('a sentence of the server', () => {
	const said = learn('de', de);
	it.each([
		['a retweet', 'ein Retweet'],
		['about 20 minutes: nothing slows it down', 'etwa 20 Minuten: nichts hält es auf'],
		[
			'about 12,345 days: 300 follows a day: the server allows 400, and a quarter stays free for your phone',
			'etwa 12.345 Tage: 300 neue Gefolgte am Tag: der Server erlaubt 400, und ein Viertel bleibt frei für dein Telefon'
		],
		['the server refused (422)', 'der Server hat abgelehnt (422)'],
		[
			'the server refused (422): Text {1} (too long): sorry',
			'der Server hat abgelehnt (422): Text {1} (too long): sorry'
		],
		['not known in any language', 'not known in any language'],
		['', ''],
		['no answer for  days', 'no answer for  days'],
		[
			'left out: left out: left out: left out: left out: a retweet',
			'ausgelassen: ausgelassen: ausgelassen: left out: left out: a retweet'
		]
	])('%s', (english, german) => expect(inLanguage(said, english)).toBe(german));

	it('stays what it is in English', () => {
		const english = learn('en', {});
		expect(inLanguage(english, '300 follows a day: 12,345 of 1,000,000')).toBe(
			'300 follows a day: 12,345 of 1,000,000'
		);
	});

	it('comes in the language that is chosen', async () => {
		await setLocale('de');
		expect(sentence('nothing to do')).toBe('Nichts zu tun.');
		expect(sentence('a.example does not find this account')).toBe('a.example findet dieses Konto nicht.');
		await setLocale('en');
		expect(sentence('nothing to do')).toBe('Nothing to do.');
	});
});
