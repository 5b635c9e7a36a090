import type { PeopleQuery } from '#lib/api/people.js';

export const grades = ['', 'proven', 'stated', 'claimed', 'guess', 'none'] as const;
export const relations = ['following', 'follower', 'blocking', 'muting', 'all'] as const;
export const sorts = ['best', 'closest', 'name', 'grade', 'last', 'arrived'] as const;
export const marks = [
	'',
	'moved',
	'silent',
	'bot',
	'mirror',
	'suspended',
	'gone',
	'contradicted',
	'rival'
] as const;
export const decisions = ['', 'open', 'yes', 'no'] as const;

/** Filter is what the address of the page says of the list. */
export type Filter = {
	grade: (typeof grades)[number];
	relation: (typeof relations)[number];
	sort: (typeof sorts)[number];
	mark: (typeof marks)[number];
	decision: (typeof decisions)[number];
	chosen: '' | 'yes' | 'no';
	host: string;
	q: string;
	arrived: boolean;
};

const one = <T extends string>(of: readonly T[], value: string | null, otherwise: T): T =>
	of.find((v) => v === value) ?? otherwise;

/** parse reads the filter of an address; what it does not know is left out. */
export function parse(params: URLSearchParams): Filter {
	return {
		grade: one(grades, params.get('grade'), ''),
		relation: one(relations, params.get('relation'), 'following'),
		sort: one(sorts, params.get('sort'), 'best'),
		mark: one(marks, params.get('mark'), ''),
		decision: one(decisions, params.get('decision'), ''),
		chosen: one(['', 'yes', 'no'] as const, params.get('chosen'), ''),
		host: (params.get('host') ?? '').trim().slice(0, 253),
		q: (params.get('q') ?? '').trim().slice(0, 100),
		arrived: params.get('arrived') === '1'
	};
}

/** address is the query of the page with a changed filter. Where the reader was in the old list is left out. */
export function address(filter: Filter, change: Partial<Filter> = {}): string {
	const next = { ...filter, ...change };
	const params = new URLSearchParams();
	for (const name of ['grade', 'mark', 'decision', 'chosen', 'host', 'q'] as const) {
		if (next[name]) params.set(name, next[name]);
	}
	if (next.relation !== 'following') params.set('relation', next.relation);
	if (next.sort !== 'best') params.set('sort', next.sort);
	if (next.arrived) params.set('arrived', '1');
	return params.toString();
}

/** query is what the API is asked for. */
export function query(filter: Filter): PeopleQuery {
	return {
		...filter,
		relation: filter.relation === 'all' ? '' : filter.relation,
		arrived: filter.arrived || undefined
	};
}

/** narrowed counts the filters that the folded part of the page holds. */
export const narrowed = (f: Filter) =>
	[f.mark, f.decision, f.chosen, f.host].filter((value) => value !== '').length;
