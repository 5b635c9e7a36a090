import { describe, expect, it } from 'vitest';
import { draftOf, listsOf, membersOf, untitled } from './members';

describe('members of a list', () => {
	it.each([
		['@ada\ngrace', ['@ada', 'grace']],
		[
			'https://twitter.com/ada\nx.com/@grace/\nhttps://mobile.twitter.com/Lin?s=20',
			['@ada', '@grace', '@Lin']
		],
		['https://tusk.example/@ada\n@grace@flock.example', ['@ada@tusk.example', '@grace@flock.example']],
		['ada, @Ada; ADA', ['ada']],
		['  \r\n\n@ada\r\n', ['@ada']],
		['12345678901', ['12345678901']],
		['https://x.com/ada/status/12', ['https://x.com/ada/status/12']],
		['', []]
	])('%j', (text, want) => expect(membersOf(text)).toEqual(want));
});

describe('lists to save', () => {
	it('are those with a title and members, each title once', () => {
		expect(
			listsOf([
				{ title: ' Birds ', text: '@ada', kept: true },
				{ title: 'Empty', text: '', kept: true },
				{ title: 'Birds', text: '@grace\n@ada', kept: false }
			])
		).toEqual([{ title: 'Birds', members: ['@ada', '@grace'] }]);
	});

	it('come back as they were saved', () => {
		const saved = [{ title: '日本の鳥', members: ['@ada', 'lin@tusk.example'] }];
		expect(listsOf(saved.map(draftOf))).toEqual(saved);
	});

	it('need a title', () => {
		expect(untitled([{ title: ' ', text: '@ada', kept: false }])).toBe(true);
		expect(untitled([{ title: '', text: ' ', kept: false }])).toBe(false);
	});
});
