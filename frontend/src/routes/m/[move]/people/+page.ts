import { people } from '#lib/api/people.js';
import { address, parse, query } from './filter.js';
import { pageSize } from './list.svelte.js';

export async function load({ fetch, params, url, untrack }) {
	const filter = parse(url.searchParams);
	// Where the reader was: noted in the address while they scroll, read when the page is opened.
	const { at, person } = untrack(() => ({
		at: Math.max(0, Math.min(1_000_000, Math.floor(Number(url.searchParams.get('at')) || 0))),
		person: (url.searchParams.get('person') ?? '').slice(0, 40)
	}));
	const offset = Math.floor(at / pageSize) * pageSize;
	const page = await people(params.move, { ...query(filter), offset, limit: pageSize }, fetch);
	return { filter, key: address(filter), page, offset, at: at < page.total ? at : 0, person };
}
