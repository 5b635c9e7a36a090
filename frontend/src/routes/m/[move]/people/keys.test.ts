import { expect, test } from 'vitest';
import { command, type Key } from './keys';

const key = (name: string, held: Partial<Key> = {}): Key => ({
	key: name,
	shiftKey: false,
	ctrlKey: false,
	metaKey: false,
	altKey: false,
	...held
});

test('arrows and letters move', () => {
	expect(command(key('ArrowDown'), true)).toEqual({ do: 'move', by: 1, extend: false });
	expect(command(key('k'), true)).toEqual({ do: 'move', by: -1, extend: false });
	expect(command(key('ArrowUp', { shiftKey: true }), true)).toEqual({ do: 'move', by: -1, extend: true });
	expect(command(key('J', { shiftKey: true }), true)).toEqual({ do: 'move', by: 1, extend: true });
	expect(command(key('End'), true)).toEqual({ do: 'end', at: 'last', extend: false });
});

test('letters decide', () => {
	expect(command(key('y'), true)).toEqual({ do: 'decide', decision: 'yes' });
	expect(command(key('n'), true)).toEqual({ do: 'decide', decision: 'no' });
	expect(command(key('u'), true)).toEqual({ do: 'decide', decision: '' });
	expect(command(key('?', { shiftKey: true }), true)).toEqual({ do: 'help' });
});

test('letters that are switched off, and keys of the browser, do nothing', () => {
	expect(command(key('y'), false)).toBeUndefined();
	expect(command(key('/'), false)).toBeUndefined();
	expect(command(key('ArrowDown'), false)).toBeDefined();
	expect(command(key('n', { ctrlKey: true }), true)).toBeUndefined();
	expect(command(key('k', { metaKey: true }), true)).toBeUndefined();
	expect(command(key('x'), true)).toBeUndefined();
});
