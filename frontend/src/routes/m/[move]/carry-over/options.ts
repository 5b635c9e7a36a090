import type { Account, PostsOptions, TweetKind, Visibility } from '#lib/api/types.js';

export const parts = ['safety', 'follows', 'lists', 'posts'] as const;
export type Part = (typeof parts)[number];

/** How much is posted: nothing is chosen beforehand on a server that tells every follower at once. */
export type HowMuch = '' | 'picked' | 'all';

/** Posts an hour. 0 is as fast as the server allows, which only a quiet server is asked for. */
export const loudPaces = [4, 12, 30, 60, 100];
export const quietPaces = [0, 30, 100];
/** A demo has its own servers, and nobody wants to wait for them. */
export const demoPace = 3600;

export const kinds: TweetKind[] = ['post', 'thread', 'quote', 'reply', 'retweet'];
/** What is posted unless the owner chooses otherwise: what makes sense alone. */
export const usualKinds: TweetKind[] = ['post', 'thread', 'quote'];

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
	const yes = (name: string) => q.get(name) === 'yes';
	const asNew = account.capability.backdates && yes('as_new');
	const quiet = account.capability.quiet && !asNew;
	const paces = [...(quiet ? quietPaces : loudPaces), demoPace];
	const pace = q.has('pace') ? Number(q.get('pace')) : NaN;
	const warnings = rulesOf(q.get('warn') ?? '').filter((rule) => rule.text && rule.words.length > 0);
	return {
		visibility: visibilities.find((v) => v === q.get('visibility')) ?? (quiet ? 'public' : 'unlisted'),
		per_hour: paces.includes(pace) ? pace : paces[0]!,
		...(howMuch(url, account) === 'picked'
			? { tweet_ids: tweetIds(q.get('tweets') ?? ''), kinds }
			: selection(q)),
		...given({
			mentions: oneOf(['link', 'address'] as const, q.get('mentions')),
			dated: datesItself(account, asNew) ? undefined : oneOf(['date', 'link'] as const, q.get('dated')),
			number: yes('number'),
			own_warnings: yes('cw'),
			warnings: warnings.length > 0 ? warnings : undefined,
			as_new: asNew,
			doubles: yes('doubles')
		})
	};
}

/** datesItself tells whether posts keep their dates, so that they need no line that says it. */
export const datesItself = (account: Account, asNew: boolean) => account.capability.backdates && !asNew;

function selection(q: URLSearchParams): Partial<PostsOptions> {
	return given({
		from: q.get('from') ?? '',
		to: q.get('to') ?? '',
		kinds: kindsOf(q.get('kinds')),
		min_likes: wholeNumber(q.get('likes')),
		min_retweets: wholeNumber(q.get('retweets')),
		words: wordsOf(q.get('words') ?? ''),
		not_words: wordsOf(q.get('not') ?? ''),
		languages: (q.get('lang') ?? '').split(',').filter(Boolean).slice(0, 50),
		media: oneOf(['with', 'without'] as const, q.get('media'))
	});
}

/**
 * selected is what of the options says which posts there are, without how they look and how fast they go out.
 * Who may see them counts: private times are taken for followers only.
 */
export function selected(o: PostsOptions): PostsOptions {
	const { mentions, number, dated, warnings, own_warnings, ...which } = o;
	return { ...which, per_hour: 0 };
}

/** kindsOf are the kinds in a list with commas; undefined if they are the usual ones. */
export function kindsOf(text: string | null): TweetKind[] | undefined {
	const found = kinds.filter((kind) => (text ?? '').split(',').includes(kind));
	return found.length === 0 || found.join() === usualKinds.join() ? undefined : found;
}

/** wordsOf are words or phrases that stand with commas, or one a line. */
export const wordsOf = (text: string): string[] =>
	[...new Set(text.split(/[,\n]/).map((word) => word.trim()))].filter(Boolean).slice(0, 100);

export type WarningRule = { words: string[]; text: string };

/** rulesOf reads content warnings by rule, one a line: the words, an equals sign, the warning. */
export const rulesOf = (text: string): WarningRule[] =>
	text
		.split('\n')
		.slice(0, 50)
		.map((line) => {
			const at = line.lastIndexOf('=');
			return { words: wordsOf(line.slice(0, Math.max(at, 0))), text: line.slice(at + 1).trim() };
		});

/** rulesText writes rules so that rulesOf reads them; empty ones are dropped. */
export const rulesText = (rules: WarningRule[]): string =>
	rules
		.filter((rule) => rule.text || rule.words.length > 0)
		.map((rule) => `${rule.words.join(', ')}=${rule.text.replaceAll(/[=\n]/g, ' ').trim().slice(0, 100)}`)
		.join('\n');

function oneOf<T extends string>(values: readonly T[], value: string | null): T | undefined {
	return values.find((v) => v === value);
}

function wholeNumber(text: string | null): number | undefined {
	const n = Number(text);
	return Number.isSafeInteger(n) && n > 0 ? n : undefined;
}

/** given leaves out what was not chosen. */
function given<T extends Record<string, unknown>>(options: T): Partial<T> {
	const chosen = (value: unknown) =>
		Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '' && value !== false;
	return Object.fromEntries(Object.entries(options).filter(([, value]) => chosen(value))) as Partial<T>;
}

/** tweetIds finds post ids in pasted links or numbers. */
export function tweetIds(text: string): string[] {
	const found = [...text.matchAll(/(?:\/status(?:es)?\/|(?:^|[\s,]))([0-9]{1,20})(?![0-9])/g)];
	return [...new Set(found.map((m) => m[1]!))];
}
