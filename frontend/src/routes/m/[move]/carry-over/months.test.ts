import { expect, it } from 'vitest';
import { dayOf, everyMonth, moved, rangeOf, total } from './months';

const months = everyMonth([
	{ month: '2018-11', count: 2 },
	{ month: '2019-02', count: 5 }
]);

it('months without posts are there too', () => {
	expect(months.map((m) => `${m.month} ${m.count}`)).toEqual([
		'2018-11 2',
		'2018-12 0',
		'2019-01 0',
		'2019-02 5'
	]);
	expect(everyMonth([])).toEqual([]);
});

it('a date that no archive has is not filled up to', () => {
	const odd = [
		{ month: '0001-01', count: 1 },
		{ month: '2019-01', count: 1 }
	];
	expect(everyMonth(odd)).toBe(odd);
});

it.each([
	['', '', 0, 3],
	['2018-12-01', '', 1, 3],
	['2018-12-15', '2019-01-31', 1, 2],
	['2001-01-01', '2030-01-01', 0, 3],
	['2019-02-01', '2018-11-30', 3, 3],
	['nonsense', 'nonsense', 0, 3]
])('from %s to %s', (from, to, first, last) => expect(rangeOf(months, from, to)).toEqual({ first, last }));

it('a handle stands for the first or last day of a month, and for none at the ends', () => {
	expect(dayOf(months, 'first', 0)).toBe('');
	expect(dayOf(months, 'first', 1)).toBe('2018-12-01');
	expect(dayOf(months, 'last', 1)).toBe('2018-12-31');
	expect(
		dayOf(
			everyMonth([
				{ month: '2020-02', count: 1 },
				{ month: '2020-03', count: 1 }
			]),
			'last',
			0
		)
	).toBe('2020-02-29');
	expect(dayOf(months, 'last', 3)).toBe('');
});

it.each([
	['ArrowRight', 2],
	['ArrowLeft', 0],
	['PageUp', 3],
	['Home', 0],
	['End', 3],
	['a', undefined]
])('%s', (key, want) => expect(moved(key, 1, 4, false)).toBe(want));

it('the arrows go with the direction of reading', () => expect(moved('ArrowRight', 1, 4, true)).toBe(0));

it('counts what is in the range', () => expect(total(months, { first: 1, last: 3 })).toBe(5));
