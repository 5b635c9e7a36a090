import type { Match, Person } from '#lib/api/types.js';
import { t, type Key } from '#lib/i18n/index.svelte.js';

/** who is what somebody is called: by name, else handle, else number. */
export const who = (p: Person): string =>
	p.name || (p.handle ? `@${p.handle}` : t('person.id', { id: p.twitter_id }));

const segmenter = new Intl.Segmenter();
const letter = (word: string) => segmenter.segment(word).containing(0)?.segment ?? '';

/** initials stand where there is no picture: the first letter of the first and the last word. */
export function initials(name: string): string {
	const words = name
		.replace(/[^\p{L}\p{N}\s]/gu, ' ')
		.trim()
		.split(/\s+/u);
	const first = words[0] ?? '';
	const last = words.length > 1 ? (words.at(-1) ?? '') : '';
	return (letter(first) + letter(last)).toLocaleUpperCase() || '·';
}

/** marks in the order in which they are shown: first what speaks against a match. */
const marks = ['gone', 'suspended', 'mirror', 'contradicted', 'lost', 'rival', 'moved', 'silent', 'bot'];

export const markText = (mark: string): string => (marks.includes(mark) ? t(`mark.${mark}` as Key) : mark);

export const marksOf = (match: Match): string[] =>
	[...(match.marks ?? [])].sort((a, b) => marks.indexOf(a) - marks.indexOf(b));

const sources = new Set([
	'archive',
	'list',
	'pages',
	'retweet',
	'x',
	'wikidata',
	'registry',
	'directory',
	'search',
	'probe',
	'profile',
	'owner'
]);

/** sourceText says where evidence comes from; a source that this page does not know keeps its own name. */
export const sourceText = (source: string): string =>
	sources.has(source) ? t(`source.${source}` as Key) : `${source}:`;

/** gradeOf is the key of a grade's texts: a match that only the owner named has none. */
export const gradeOf = (match: Match) => (match.grade === 'none' ? 'own' : match.grade);

/** webUrl is an address of the web that a link may lead to, or undefined. */
export const webUrl = (url: string | undefined): string | undefined =>
	url && /^https?:\/\//.test(url) ? url : undefined;
