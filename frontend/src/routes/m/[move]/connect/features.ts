import type { Account, MoveCounts } from '#lib/api/types.js';

/** What an owner may allow when they connect an account. */
export const features = ['follow', 'blocks', 'lists', 'posts'] as const;
/** Import is more access than all others together: it is offered only to whoever asked for it. */
export type Feature = (typeof features)[number] | 'import';

/**
 * wanted is what is ticked beforehand: what this Move has something for, what the owner allowed at this server
 * before, and what they just asked for.
 */
export function wanted(host: string, allow: string, accounts: Account[], counts: MoveCounts): Set<Feature> {
	const before = accounts.find((a) => !a.revoked && a.address.split('@').at(-1) === host);
	const ticked = new Set<Feature>();
	if (before?.features) for (const f of features) if (before.features.includes(f)) ticked.add(f);
	if (!before?.features) {
		ticked.add('follow').add('posts');
		if (counts.blocking + counts.muting > 0) ticked.add('blocks');
		if (counts.lists > 0) ticked.add('lists');
	}
	const asked = [...features, 'import' as const].find((f) => f === allow);
	if (asked) ticked.add(asked);
	return ticked;
}
