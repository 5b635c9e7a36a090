import type { Account, PostsOptions, Visibility } from '#lib/api/types.js';

export const parts = ['safety', 'follows', 'lists', 'posts'] as const;
export type Part = (typeof parts)[number];

/** How much is posted: nothing is chosen beforehand on a server that tells every follower at once. */
export type HowMuch = '' | 'picked' | 'all';

/** Posts an hour. 0 is as fast as the server allows, which only a quiet server is asked for. */
export const loudPaces = [4, 12, 30, 60, 100];
export const quietPaces = [0, 30, 100];
/** A demo has its own servers, and nobody wants to wait for them. */
export const demoPace = 3600;

const visibilities: Visibility[] = ['unlisted', 'private', 'public'];

export const partOf = (url: URL): Part => parts.find((p) => p === url.searchParams.get('part')) ?? 'safety';

export function howMuch(url: URL, account: Account): HowMuch {
	const how = url.searchParams.get('how');
	if (how === 'picked' || how === 'all') return how;
	return account.capability.quiet ? 'all' : '';
}

/** postsOptions reads from the address what the owner chose, so that a reload keeps it. */
export function postsOptions(url: URL, account: Account): PostsOptions {
	const q = url.searchParams;
	const quiet = account.capability.quiet;
	const paces = [...(quiet ? quietPaces : loudPaces), demoPace];
	const pace = q.has('pace') ? Number(q.get('pace')) : NaN;
	const options: PostsOptions = {
		visibility: visibilities.find((v) => v === q.get('visibility')) ?? (quiet ? 'public' : 'unlisted'),
		per_hour: paces.includes(pace) ? pace : paces[0]!
	};
	if (q.get('replies') === 'yes') options.kinds = ['post', 'thread', 'quote', 'reply'];
	if (howMuch(url, account) === 'picked') options.tweet_ids = tweetIds(q.get('tweets') ?? '');
	else {
		const from = q.get('from');
		const to = q.get('to');
		if (from) options.from = from;
		if (to) options.to = to;
	}
	return options;
}

/** tweetIds finds post ids in pasted links or numbers. */
export function tweetIds(text: string): string[] {
	const found = [...text.matchAll(/(?:\/status(?:es)?\/|(?:^|[\s,]))([0-9]{1,20})(?![0-9])/g)];
	return [...new Set(found.map((m) => m[1]!))];
}
