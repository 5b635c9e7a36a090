import { IntlMessageFormat } from 'intl-messageformat';
import type carry from '../messages/carry.en.json';
import type en from '../messages/en.json';
import { inLanguage, learn, type Said } from './said';

/** Key names a message; every language has exactly the keys of English (a test sees to that). */
export type Key = keyof typeof en | keyof typeof carry;
/** A Topic has messages that only the routes load which say so. */
export type Topic = 'carry';
export type Values = Record<string, string | number | Date>;

export const locales = { en: 'English', de: 'Deutsch' } as const;
export type Locale = keyof typeof locales;

const rightToLeft = new Set(['ar', 'fa', 'he', 'ur']);
type Messages = Partial<Record<Key, string>>;
const files = import.meta.glob<Messages>(['../messages/*.json', '!**/said.*'], { import: 'default' });
const sentences = import.meta.glob<Record<string, string>>('../messages/said.*.json', { import: 'default' });

let current = $state<Locale>('en');
let messages = $state.raw<Messages>({});
let said = $state.raw<Said>(learn('en', {}));
const topics = new Set<Topic>();
let wanted: Locale = 'en';
let formats = new Map<string, IntlMessageFormat>();

export const locale = () => current;

/** preferred picks the stored language, else the first of the browser's that we have, else English. */
export function preferred(stored: string | null, wanted: readonly string[]): Locale {
	for (const tag of stored ? [stored, ...wanted] : wanted) {
		const short = tag.split('-')[0]?.toLowerCase() ?? '';
		if (short in locales) return short as Locale;
	}
	return 'en';
}

/** speak has the messages of a topic loaded, now and in every language that is chosen later. */
export async function speak(topic: Topic): Promise<void> {
	if (topics.has(topic)) return;
	topics.add(topic);
	await setLocale(wanted);
}

/** setLocale loads a language and switches every text on the page to it. */
export async function setLocale(next: Locale): Promise<void> {
	wanted = next;
	const names = [next, ...[...topics].map((topic) => `${topic}.${next}`)];
	const [known, ...loaded] = await Promise.all([
		sentences[`../messages/said.${next}.json`]?.(), // English is what the server speaks
		...names.map((name) => {
			const load = files[`../messages/${name}.json`];
			if (!load) throw new Error(`no messages for ${name}`);
			return load();
		})
	]);
	if (wanted !== next || loaded.length <= topics.size) return; // a later call brings what is wanted now
	messages = Object.assign({}, ...loaded) as Messages;
	said = learn(next, known ?? {});
	formats = new Map();
	current = next;
	if (typeof document !== 'undefined') {
		document.documentElement.lang = next;
		document.documentElement.dir = rightToLeft.has(next) ? 'rtl' : 'ltr';
	}
}

/** t is the message of a key in the current language, with its values put in. */
export function t(key: Key, values?: Values): string {
	const text = messages[key];
	if (text === undefined) return key;
	let format = formats.get(key);
	if (!format) {
		format = new IntlMessageFormat(text, current, undefined, { ignoreTag: true });
		formats.set(key, format);
	}
	return format.format(values) as string;
}

export const number = (n: number) => new Intl.NumberFormat(current).format(n);

export const date = (at: string | number | Date) =>
	new Intl.DateTimeFormat(current, { dateStyle: 'medium' }).format(new Date(at));

export const dateTime = (at: string | number | Date) =>
	new Intl.DateTimeFormat(current, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));

/** languageName is the name of a language tag in the current language. */
export function languageName(tag: string): string {
	try {
		return new Intl.DisplayNames(current, { type: 'language' }).of(tag) ?? tag;
	} catch {
		return tag;
	}
}

/** sentence makes a sentence of a fragment that the server wrote, in the current language if that knows it. */
export function sentence(english: string): string {
	const text = inLanguage(said, english);
	const host = /^\S+[.@]\S/.test(text); // a host or an address is spelled as it is
	const whole = host ? text : text.charAt(0).toLocaleUpperCase(current) + text.slice(1);
	return /[.…!?]$/.test(whole) ? whole : `${whole}.`;
}

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** bytes writes a size with three significant digits and its unit. */
export function bytes(n: number): string {
	let i = 0;
	while (n >= 1000 && i < units.length - 1) {
		n /= 1000;
		i++;
	}
	return new Intl.NumberFormat(current, {
		style: 'unit',
		unit: units[i],
		unitDisplay: i === 0 ? 'long' : 'short',
		maximumSignificantDigits: 3
	}).format(n);
}

/** duration writes a length of time in its largest sensible unit. */
export function duration(seconds: number): string {
	const [unit, size] =
		seconds < 90
			? (['second', 1] as const)
			: seconds < 5400
				? (['minute', 60] as const)
				: seconds < 129_600
					? (['hour', 3600] as const)
					: (['day', 86_400] as const);
	return new Intl.NumberFormat(current, { style: 'unit', unit, unitDisplay: 'long' }).format(
		Math.max(1, Math.round(seconds / size))
	);
}
