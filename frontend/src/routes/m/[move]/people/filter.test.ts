import { expect, test } from 'vitest';
import { address, narrowed, parse, query } from './filter';

const of = (text: string) => parse(new URLSearchParams(text));

test('an address without a query is the best first, of those who are followed', () => {
	expect(of('')).toMatchObject({ grade: '', relation: 'following', sort: 'best', q: '', arrived: false });
	expect(address(of(''))).toBe('');
	expect(query(of(''))).toMatchObject({ relation: 'following', sort: 'best', arrived: undefined });
});

test('whatever the address says comes back from it', () => {
	const text =
		'grade=claimed&mark=moved&decision=open&chosen=no&host=tusk.example&q=ada&relation=all&sort=name&arrived=1';
	expect(address(of(text))).toBe(text);
	expect(narrowed(of(text))).toBe(4);
	expect(query(of(text))).toMatchObject({ relation: '', arrived: true, host: 'tusk.example' });
});

test('nonsense is left out', () => {
	expect(address(of('grade=best&sort=luck&relation=foe&mark=ugly&decision=perhaps&arrived=yes'))).toBe('');
	expect(of(`q=${'x'.repeat(500)}`).q).toHaveLength(100);
});

test('a change forgets the place and keeps the rest', () => {
	expect(address(of('grade=claimed&at=500&person=1'), { sort: 'closest' })).toBe(
		'grade=claimed&sort=closest'
	);
	expect(address(of('grade=claimed&q=x'), { grade: '' })).toBe('q=x');
});
