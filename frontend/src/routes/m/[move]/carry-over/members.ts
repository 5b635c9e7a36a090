import type { TwitterList } from '#lib/api/types.js';

/** Draft is a list while its members are written. */
export type Draft = {
	title: string;
	text: string;
	/** The archive names it, or it was saved before. */ kept: boolean;
};

const profile =
	/^(?:https?:\/\/)?(?:www\.|mobile\.)?(?:twitter|x)\.com\/@?([A-Za-z0-9_]{1,20})\/?(?:[?#].*)?$/i;
const fediverse = /^https?:\/\/([^/\s]+)\/@([^/@\s]+)\/?(?:[?#].*)?$/i;

/** membersOf reads one member from each line: a Twitter name, number or profile link, or a fediverse address. */
export function membersOf(text: string): string[] {
	const found = new Map<string, string>();
	for (const line of text.split(/[\n,;]/)) {
		const member = memberOf(line.trim());
		const key = member.toLowerCase().replace(/^@/, '');
		if (key && !found.has(key)) found.set(key, member);
	}
	return [...found.values()];
}

function memberOf(line: string): string {
	const name = profile.exec(line)?.[1];
	if (name) return `@${name}`;
	const [, host, user] = fediverse.exec(line) ?? [];
	return host ? `@${user}@${host}` : line;
}

export const draftOf = ({ title, members }: TwitterList): Draft => ({
	title,
	text: members.join('\n'),
	kept: true
});

/** listsOf is what is saved: lists of the same title are one, and one without a title or members is none. */
export function listsOf(drafts: Draft[]): TwitterList[] {
	const lists = new Map<string, string>();
	for (const { title, text } of drafts) {
		const name = title.trim();
		if (name) lists.set(name, `${lists.get(name) ?? ''}\n${text}`);
	}
	return [...lists]
		.map(([title, text]) => ({ title, members: membersOf(text) }))
		.filter((l) => l.members.length > 0);
}

/** untitled tells whether members would be lost, since their list has no title. */
export const untitled = (drafts: Draft[]) =>
	drafts.some((d) => !d.title.trim() && membersOf(d.text).length > 0);
