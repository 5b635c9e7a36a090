import { describe, expect, it } from 'vitest';
import { checkList, ListError } from './check';

const refused = (text: string, most: number) =>
	checkList(new Blob([text]), most).then(
		() => '',
		(e: unknown) => (e instanceof ListError ? `${e.fault} ${e.most}` : String(e))
	);

describe('a list is not sent', { timeout: 30_000 }, () => {
	it.each([
		['a million lines', '@somebody\n'.repeat(1_000_000), 20_000, 'tooMany 20000'],
		['a million rows', `handle,bio\n${'ada,"x"\n'.repeat(1_000_000)}`, 20_000, 'tooMany 20000'],
		['a million items', `[${'{"a":[1,2]},'.repeat(1_000_000)}{}]`, 20_000, 'tooMany 20000'],
		['one item too many', '["a","b", 3,[4]]', 3, 'tooMany 3'],
		['one line too many', 'a\n\n b\nc\n', 2, 'tooMany 2'],
		['few rows of many bytes', `"${'x'.repeat(25 * 2 ** 20)}"`, 5, 'tooLarge 5']
	])('%s', async (_, text, most, want) => expect(await refused(text, most)).toBe(want));
});

describe('a list may be sent', () => {
	it.each([
		['exactly as many', 'a\nb\n', 2],
		['empty lines', '\n \n\t\n\na\n', 1],
		['lines within quotes', 'handle,bio\nada,"1\n2\n3\n4"\n', 2],
		['a stray quote', `it"s\n${'a\n'.repeat(100)}`, 5],
		['items within items', '[[1,2,3,4],{"a":[1,2,3]}]', 2],
		['an object around', '{"data":["a","b","c"]}', 2],
		['broken JSON', '[1,,,,,,]', 1],
		['a byte order mark', '\ufeff["a","b"]', 2],
		['nothing', '', 0]
	])('%s', async (_, text, most) => expect(await refused(text, most)).toBe(''));
});
