import { moves } from '#lib/api/moves.js';

export async function load({ fetch, parent, depends, url }) {
	depends('skein:moves');
	const { session } = await parent();
	return {
		moves: session.signed_in ? await moves(fetch) : [],
		refused: url.searchParams.get('error')
	};
}
