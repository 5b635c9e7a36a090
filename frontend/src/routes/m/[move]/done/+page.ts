import { entries } from '#lib/api/registry.js';

export async function load({ fetch, params, url, depends }) {
	depends('skein:registry');
	return {
		registry: await entries(params.move, fetch),
		refused: url.searchParams.get('error')
	};
}
