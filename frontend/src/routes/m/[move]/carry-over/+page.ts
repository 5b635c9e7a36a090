import { accounts } from '#lib/api/accounts.js';
import { twitterLists } from '#lib/api/lists.js';
import { postsPlan, runPlan } from '#lib/api/plans.js';
import type { PostsOptions } from '#lib/api/types.js';
import { speak } from '#lib/i18n/index.svelte.js';
import { howMuch, partOf, postsOptions } from './options';

export async function load({ fetch, params, url, depends, parent }) {
	depends('skein:plan');
	await speak('carry');
	const usable = (await accounts(fetch)).filter((a) => !a.revoked);
	const account = usable.find((a) => a.id === url.searchParams.get('account')) ?? usable[0];
	const part = partOf(url);
	if (!account) return { part, accounts: usable };

	// A Run that stopped for want of pictures needs those of its own posts.
	const { move } = await parent();
	const stopped = (move.runs ?? []).find(
		(r) => r.kind === 'posts' && r.account === account.id && r.state === 'failed'
	);
	const options = stopped ? (stopped.options as PostsOptions) : postsOptions(url, account);
	const how = howMuch(url, account);
	const base = { part, accounts: usable, account, options, how };
	const plan = (kind: 'follow' | 'blocks' | 'mutes' | 'lists') =>
		runPlan(params.move, kind, account.id, fetch);
	try {
		if (part === 'safety') {
			const can = account.capability;
			const [blocks, mutes] = await Promise.all([
				move.counts.blocking > 0 && can.follows ? plan('blocks') : undefined,
				move.counts.muting > 0 && can.follows && can.mutes ? plan('mutes') : undefined
			]);
			return { ...base, blocks, mutes };
		}
		if (part === 'follows') return { ...base, follows: await plan('follow') };
		if (part === 'lists') {
			const [lists, filled] = await Promise.all([twitterLists(params.move, fetch), plan('lists')]);
			return { ...base, lists, filled };
		}
		if (part === 'posts') return { ...base, posts: await postsPlan(params.move, account.id, options, fetch) };
	} catch (failure) {
		return { ...base, failure };
	}
	return base;
}
