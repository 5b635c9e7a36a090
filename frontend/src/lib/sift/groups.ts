/** What the page calls the things in an archive, in the order in which it lists them. */
export const goingGroups = ['posts', 'people', 'blocks', 'profile', 'lists'] as const;
export const stayingGroups = [
	'messages',
	'contact',
	'ads',
	'deleted',
	'likes',
	'otherMedia',
	'pages',
	'rest'
] as const;

export type GroupKey = (typeof goingGroups)[number] | (typeof stayingGroups)[number];
export type Group = { key: GroupKey; count: number; bytes: number };

const going: [RegExp, GroupKey][] = [
	[/^(?:js\/tweet|(?:tweets?|note-tweet)(?:-part|\.))/, 'posts'],
	[/^(following|follower)(-part|\.)/, 'people'],
	[/^(block|mute)(-part|\.)/, 'blocks'],
	[/^lists-/, 'lists'],
	[/^/, 'profile']
];

// The order matters: a folder of media in messages is a message first.
const staying: [RegExp, GroupKey][] = [
	[/^assets\/|\.html$|^readme/i, 'pages'],
	[/direct-message|direct_message|message-event|grok/, 'messages'],
	[/deleted/, 'deleted'],
	[/^ad-|^ads|personalization|audience/, 'ads'],
	[
		/phone|email|ip-audit|creation-ip|device|contact|screen-name|age-info|timezone|key-registry|connected-app|sso|^ni-/,
		'contact'
	],
	[/^like(-part|\.)/, 'likes'],
	[/_media\//, 'otherMedia'],
	[/^/, 'rest']
];

/** groupOf is the group that a name without top folders is shown in. */
export function groupOf(name: string, goes: boolean): GroupKey {
	const short = name.replace(/^data\//, '');
	return (goes ? going : staying).find(([rule]) => rule.test(short))![1];
}

/** Tally adds entries up by group. */
export class Tally {
	private readonly groups = new Map<GroupKey, Group>();

	add(key: GroupKey, bytes: number) {
		const group = this.groups.get(key) ?? { key, count: 0, bytes: 0 };
		group.count++;
		group.bytes += bytes;
		this.groups.set(key, group);
	}

	list(order: readonly GroupKey[]): Group[] {
		return order.map((key) => this.groups.get(key)).filter((g) => g !== undefined);
	}
}
