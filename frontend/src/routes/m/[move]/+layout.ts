import { move } from '#lib/api/moves.js';

export async function load({ fetch, params, depends }) {
	depends('skein:move');
	return { move: await move(params.move, fetch) };
}
