import { accounts } from '#lib/api/accounts.js';

export async function load({ fetch, url, depends }) {
	depends('skein:accounts');
	return {
		accounts: await accounts(fetch),
		server: url.searchParams.get('server') ?? '',
		allow: url.searchParams.get('allow') ?? '',
		connected: url.searchParams.has('connected'),
		refused: url.searchParams.get('error')
	};
}
