import { expect, test } from 'vitest';
import { initials, webUrl } from './person';

test('initials of names in any script', () => {
	expect(initials('Ada Lovelace')).toBe('AL');
	expect(initials('ada')).toBe('A');
	expect(initials('Jean  Luc de  Picard ✨')).toBe('JP');
	expect(initials('@ada_l')).toBe('AL');
	expect(initials('李 小龍')).toBe('李小');
	expect(initials('عمر خيام')).toBe('عخ');
	expect(initials('élodie')).toBe('É');
	expect(initials('🦢🦢')).toBe('·');
	expect(initials('')).toBe('·');
});

test('links lead to the web alone', () => {
	expect(webUrl('https://tusk.example/@ada')).toBe('https://tusk.example/@ada');
	expect(webUrl('javascript:alert(1)')).toBeUndefined();
	expect(webUrl('')).toBeUndefined();
	expect(webUrl(undefined)).toBeUndefined();
});
