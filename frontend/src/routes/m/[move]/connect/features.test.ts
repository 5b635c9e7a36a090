import { describe, expect, it } from 'vitest';
import type { Account, MoveCounts } from '#lib/api/types.js';
import { wanted } from './features';

const counts = (more: Partial<MoveCounts> = {}) =>
	({ blocking: 0, muting: 0, lists: 0, ...more }) as MoveCounts;
const account = (features: string[] | null, revoked = false) =>
	({ address: 'ada@tusk.example', features, revoked }) as Account;
const sorted = (set: Set<string>) => [...set].sort().join(' ');

describe('what is ticked beforehand', () => {
	it.each([
		['an empty move', '', [], counts(), 'follow posts'],
		['with mutes', '', [], counts({ muting: 3 }), 'blocks follow posts'],
		['with lists', '', [], counts({ lists: 1 }), 'follow lists posts'],
		['asked for', 'lists', [], counts(), 'follow lists posts'],
		['allowed before', '', [account(['posts'])], counts({ lists: 1 }), 'posts'],
		['allowed before, and asked for', 'blocks', [account(['posts'])], counts(), 'blocks posts'],
		['taken back', '', [account(['posts'], true)], counts(), 'follow posts'],
		['the file, asked for', 'import', [account(['follow'])], counts(), 'follow import'],
		['the file, never by itself', '', [account(['follow', 'import'])], counts(), 'follow'],
		['nothing unknown', 'admin', [], counts(), 'follow posts']
	] as const)('%s', (_, allow, accounts, move, want) =>
		expect(sorted(wanted('tusk.example', allow, [...accounts], move))).toBe(want)
	);

	it('is of the server that is connected', () => {
		expect(sorted(wanted('flock.example', '', [account(['lists'])], counts()))).toBe('follow posts');
	});
});
