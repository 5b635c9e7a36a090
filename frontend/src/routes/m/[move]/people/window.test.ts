import { expect, test } from 'vitest';
import { reveal, rows, visible } from './window';

test('the rows that can be seen', () => {
	expect(visible(0, 500, 100, 20_000)).toEqual({ first: 0, last: 5 });
	expect(visible(250, 500, 100, 20_000)).toEqual({ first: 2, last: 8 });
	expect(visible(250, 500, 100, 20_000, 3)).toEqual({ first: 0, last: 11 });
	expect(visible(1_999_500, 500, 100, 20_000, 3)).toEqual({ first: 19_992, last: 20_000 });
});

test('no rows, no height yet, a list that became shorter', () => {
	expect(visible(0, 500, 100, 0)).toEqual({ first: 0, last: 0 });
	expect(visible(0, 0, 100, 10)).toEqual({ first: 0, last: 0 });
	expect(visible(0, 500, 0, 10)).toEqual({ first: 0, last: 0 });
	expect(visible(90_000, 500, 100, 3)).toEqual({ first: 2, last: 3 });
	expect(visible(-40, 500, 100, 3)).toEqual({ first: 0, last: 3 });
});

test('a row is brought into sight by the shortest way', () => {
	expect(reveal(5, 0, 1000, 100)).toBe(0);
	expect(reveal(12, 0, 1000, 100)).toBe(300);
	expect(reveal(2, 700, 1000, 100)).toBe(200);
});

test('the row with the focus stays', () => {
	expect(rows({ first: 2, last: 4 }, undefined, 10)).toEqual([2, 3]);
	expect(rows({ first: 2, last: 4 }, 3, 10)).toEqual([2, 3]);
	expect(rows({ first: 2, last: 4 }, 0, 10)).toEqual([0, 2, 3]);
	expect(rows({ first: 2, last: 4 }, 9, 10)).toEqual([2, 3, 9]);
	expect(rows({ first: 2, last: 4 }, 12, 10)).toEqual([2, 3]);
});
