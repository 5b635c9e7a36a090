import { redirect } from '@sveltejs/kit';
import { accounts } from '#lib/api/accounts.js';
import { backTo, keepBack, keptBack } from '#lib/state/back.js';

export async function load({ fetch, params, url, depends }) {
	depends('skein:accounts');
	const connected = url.searchParams.has('connected');
	const refused = url.searchParams.get('error');
	// The server sends the browser back without what it came with.
	const kept = connected || refused ? keptBack(params.move) : '';
	if (connected && kept) {
		keepBack(params.move, '');
		redirect(307, backTo(params.move, kept));
	}
	return {
		accounts: await accounts(fetch),
		server: url.searchParams.get('server') ?? '',
		allow: url.searchParams.get('allow') ?? '',
		back: url.searchParams.get('back') ?? kept,
		connected,
		refused
	};
}
