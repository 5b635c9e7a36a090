import { people } from '#lib/api/people.js';

const pageSize = 50;

export async function load({ fetch, params, url, depends }) {
	depends('skein:people');
	const filter = {
		grade: url.searchParams.get('grade') ?? '',
		relation: url.searchParams.get('relation') ?? 'following',
		q: url.searchParams.get('q') ?? '',
		cursor: url.searchParams.get('cursor') ?? ''
	};
	const relation = filter.relation === 'all' ? '' : filter.relation;
	return { filter, page: await people(params.move, { ...filter, relation, limit: pageSize }, fetch) };
}
