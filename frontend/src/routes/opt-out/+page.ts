import { optOutDone } from '#lib/api/optout.js';

export async function load({ fetch, url }) {
	return { result: await optOutDone(fetch), refused: url.searchParams.get('error') };
}
