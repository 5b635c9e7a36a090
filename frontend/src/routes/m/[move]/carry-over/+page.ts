import { accounts } from '#lib/api/accounts.js';
import { followPlan, postsPlan } from '#lib/api/plans.js';
import { howMuch, partOf, postsOptions } from './options';

export async function load({ fetch, params, url, depends }) {
	depends('skein:plan');
	const usable = (await accounts(fetch)).filter((a) => !a.revoked);
	const account = usable.find((a) => a.id === url.searchParams.get('account')) ?? usable[0];
	const part = partOf(url);
	if (!account) return { part, accounts: usable };

	const options = postsOptions(url, account);
	const how = howMuch(url, account);
	const base = { part, accounts: usable, account, options, how };
	try {
		if (part === 'follows') return { ...base, follows: await followPlan(params.move, account.id, fetch) };
		if (part === 'posts') return { ...base, posts: await postsPlan(params.move, account.id, options, fetch) };
	} catch (failure) {
		return { ...base, failure };
	}
	return base;
}
