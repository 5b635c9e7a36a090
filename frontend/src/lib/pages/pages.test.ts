import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PagesRead } from './collect';
import { PagesError } from './errors';
import { fromBase64, pathOnX } from './log';
import { JsonReader, textOf, unescape } from './json';
import { readPages } from './read';
import { words } from './words';

// The same files that the importer's tests read, and what both have to find in them.
const folder = '../importer/testdata/pages';
const files = readdirSync(folder).filter((name) => name !== 'words.json' && !name.endsWith('.want.json'));
const bytesOf = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
const wantOf = (name: string) =>
	JSON.parse(readFileSync(join(folder, `${name}.want.json`), 'utf8')) as unknown;

/** inPieces is a file that comes in the given pieces. */
function inPieces(pieces: Iterable<Uint8Array>, size = 0): Blob {
	const each = pieces[Symbol.iterator]();
	const stream = new ReadableStream<Uint8Array>(
		{
			pull(to) {
				const { done, value } = each.next();
				if (done) to.close();
				else to.enqueue(value);
			}
		},
		{ highWaterMark: 0 }
	);
	return { size, stream: () => stream } as unknown as Blob;
}

/** asWanted is a result in the form of the expected ones. */
function asWanted(read: PagesRead | PagesError): unknown {
	if (read instanceof Error) return { fault: read.fault };
	const warnings = [
		...(read.unread ? [`answers that could not be read to their end: ${read.unread}`] : []),
		...(read.empty ? [`answers that were saved without their contents: ${read.empty}`] : []),
		...(read.cut ? ['it is cut off or damaged; what stands before that was read'] : [])
	];
	return { people: read.people, ...(warnings.length ? { warnings } : {}) };
}

async function read(pieces: Iterable<Uint8Array>, most = 1000): Promise<PagesRead | PagesError> {
	return readPages(inPieces(pieces), most).catch((e: unknown) => {
		if (e instanceof PagesError) return e;
		throw e;
	});
}

function* cutAt(bytes: Uint8Array, ...at: number[]): Generator<Uint8Array> {
	let from = 0;
	for (const to of [...at, bytes.length]) {
		yield bytes.subarray(from, to);
		from = to;
	}
}

describe('pages of X', { timeout: 60_000 }, () => {
	it.each(files)('%s', async (name) => {
		const got = await read([bytesOf(name)]);
		expect(asWanted(got)).toEqual(wantOf(name));
		expect(JSON.stringify(got)).not.toMatch(/SECRET|fake/);
	});

	it.each(files)('%s, byte by byte', async (name) => {
		const bytes = bytesOf(name);
		const each = cutAt(bytes, ...Array.from({ length: bytes.length }, (_, i) => i));
		expect(asWanted(await read(each))).toEqual(wantOf(name));
	});

	it.each(['odd.har', 'copied-joined.txt'])('%s, cut in two at every byte', async (name) => {
		const bytes = bytesOf(name);
		const want = wantOf(name);
		for (let at = 0; at <= bytes.length; at++)
			expect(asWanted(await read(cutAt(bytes, at))), `at ${at}`).toEqual(want);
	});

	it('that are cut off give those who stand before, or say what is wrong', async () => {
		const bytes = bytesOf('v11.har');
		let people = 0;
		for (let length = 0; length < bytes.length; length += 11) {
			const got = await read([bytes.subarray(0, length)]);
			const found = got instanceof Error ? 0 : got.people.length;
			expect(found).toBeGreaterThanOrEqual(people);
			people = found;
		}
		expect(people).toBeGreaterThan(3);
	});

	it('are refused if they name more people than are taken', async () => {
		for (const name of ['legacy.har', 'copied-en.txt']) {
			expect(await read([bytesOf(name)], 5)).not.toBeInstanceOf(Error);
			expect(await read([bytesOf(name)], 4)).toMatchObject({ fault: 'tooMany' });
		}
	});

	it.each([
		['nothing', '', 'notPages'],
		['white space', ' \n'.repeat(2_000_000), 'notPages'],
		['a picture', '\u0089PNG\r\n\u0000', 'notPages'],
		['a list', '[1,2]', 'notPages'],
		['entries that are no list', '{"log":{"entries":{}}}', 'notPages'],
		['a number without end', `{"log":{"entries":[${'1'.repeat(1 << 20)}`, 'notPages'],
		['too much text', 'x'.repeat(33 * 2 ** 20), 'tooLarge']
	])('%s', async (_, text, fault) => {
		expect(await read([new TextEncoder().encode(text)])).toMatchObject({ fault });
	});

	it('of more than 4 GB are not begun', async () => {
		await expect(readPages(inPieces([], 5 * 2 ** 30), 5)).rejects.toMatchObject({ fault: 'tooLarge' });
	});

	// Whatever is changed: a result, or a clear fault, and never a byte of what stays.
	it('that are damaged', async () => {
		let seed = 1;
		const random = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n;
		for (const name of files) {
			for (let i = 0; i < 30; i++) {
				const bytes = bytesOf(name);
				for (let k = 0; k < 3; k++) bytes[random(bytes.length)] = random(256);
				expect(JSON.stringify(await read([bytes]))).not.toContain('SECRET-THAT-STAYS');
			}
		}
	});

	it('are looked for by the same words as on the command line', () => {
		expect(words).toEqual(JSON.parse(readFileSync(join(folder, 'words.json'), 'utf8')));
	});
});

describe('a log of 300 MB', { timeout: 120_000 }, () => {
	const encode = (text: string) => new TextEncoder().encode(text);
	const picture = encode(
		`{"request":{"method":"GET","url":"https://pbs.twimg.com/a.png"},"response":{"content":{"encoding":"base64","text":"${'aGVsbG8h'.repeat(128 << 10)}"}}},`
	);
	/** answer is one of X's, with fifty people. */
	const answer = (n: number) => {
		const users = Array.from({ length: 50 }, (_, i) => ({
			rest_id: String(n * 100 + i + 1),
			legacy: {
				screen_name: `u${n * 100 + i}`,
				name: 'n'.repeat(40),
				description: 'b'.repeat(150),
				banner: 'x'.repeat(4000)
			}
		}));
		const text = JSON.stringify(JSON.stringify(users));
		return encode(
			`{"request":{"url":"https://x.com/i/api/graphql/h/Following"},"response":{"content":{"text":${text}}}},`
		);
	};

	it('is read in memory that stays small', async () => {
		const used = () => {
			const { heapUsed, arrayBuffers } = process.memoryUsage();
			return heapUsed + arrayBuffers;
		};
		const before = used();
		let peak = before;
		let size = 0;
		function* pieces() {
			const count = function* (bytes: Uint8Array) {
				// as large as a browser hands them over
				for (let at = 0; at < bytes.length; at += 64 << 10) {
					const piece = bytes.subarray(at, at + (64 << 10));
					size += piece.length;
					yield piece;
				}
				peak = Math.max(peak, used());
			};
			yield* count(encode('{"log":{"entries":[{"response":{"content":{"text":"'));
			for (let i = 0; i < 60; i++) yield* count(picture.subarray(200, 900 << 10)); // an answer that never seems to end
			yield* count(encode('"}},"request":{"url":"https://x.com/i/api/graphql/h/Following"}},'));
			for (let n = 1; size < 300e6; n++) {
				yield* count(picture);
				if (n <= 150) yield* count(answer(n));
			}
			yield* count(encode('{}]}}'));
		}
		const got = await read(pieces(), 20_000);
		expect(got).toMatchObject({ unread: 1, empty: 0, cut: false });
		expect((got as PagesRead).people).toHaveLength(150 * 50);
		expect(size).toBeGreaterThan(300e6);
		expect((peak - before) / 1e6).toBeLessThan(120);
	});
});

describe('JSON', () => {
	/** tokens are what a reader meets in a text. */
	function tokens(text: string, pieces: number): string {
		let seen = '';
		const reader = new JsonReader(
			{
				open: (list) => (seen += list ? '[' : '{'),
				close: () => (seen += '.'),
				key: (name) => (seen += `${name}:`),
				wants: () => true,
				text: (bytes) => (seen += `<${textOf(bytes!)}>`),
				bare: (word) => (seen += ` ${word}`)
			},
			100
		);
		const bytes = new TextEncoder().encode(text);
		for (let at = 0; at < bytes.length; at += pieces) reader.push(bytes.subarray(at, at + pieces));
		reader.end();
		return seen;
	}

	it.each([
		[
			'{"a":[1,-2.5e+3,true,null,{}],"b\\n":"x\\u00e9\\ud83e\\udea1\\ud800\\/"} rest',
			'{a:[ 1 -2.5e+3 true null{..b\n:<xé🪡\ufffd/>.'
		],
		['"alone"', '<alone>'],
		[' 12 ', ' 12'],
		['[[],[""]]', '[[.[<>..']
	])('%s', (text, want) => {
		expect(tokens(text, 1000)).toBe(want);
		expect(tokens(text, 1)).toBe(want);
		expect(tokens(text, 3)).toBe(want);
	});

	it.each([
		'',
		'{',
		'[1',
		'{"a"}',
		'{"a":}',
		'{a:1}',
		'[1,]',
		'{"a":1,}',
		'[,1]',
		']',
		'{]',
		'[}',
		'"x',
		'"\\x"',
		'"\\u12g4"',
		'01',
		'1.',
		'-',
		'nul',
		'truefalse',
		"'a'",
		'"\n"',
		'[1 2]',
		'{"a" "b"}',
		'"a":1,['
	])('refuses %s', (text) => {
		const strict = /^"a"/.test(text); // one value, and what follows is passed over
		if (strict) expect(tokens(text, 1)).toBe('<a>');
		else expect(() => tokens(text, 1)).toThrow();
	});

	it('cuts what is too long, and goes down so far only', () => {
		expect(tokens(`["${'x'.repeat(200)}"]`, 7)).toBe(`[<${'x'.repeat(100)}>.`);
		expect(() => tokens('['.repeat(10_001), 1000)).toThrow();
	});

	it('undoes escapes that were cut', () => {
		for (const [text, want] of [
			['a\\', 'a'],
			['a\\u00', 'a'],
			['a\\ud83e\\ude', 'a\ufffd'],
			['\\n\\t\\b\\f\\r\\"\\\\', '\n\t\b\f\r"\\']
		] as const) {
			const bytes = new TextEncoder().encode(text);
			expect(textOf(bytes.subarray(0, unescape(bytes, bytes.length)))).toBe(want);
		}
	});
});

it('base64 is decoded as Go does', () => {
	const decode = (text: string) => {
		const bytes = fromBase64(new TextEncoder().encode(text));
		return bytes && Buffer.from(bytes).toString('latin1');
	};
	for (let n = 0; n < 70; n++) {
		const want = String.fromCharCode(...Array.from({ length: n }, (_, i) => (i * 37 + n) % 256));
		const text = Buffer.from(want, 'latin1').toString('base64');
		expect(decode(text)).toBe(want);
		expect(decode(text.replace(/=/g, ''))).toBe(want);
		expect(decode(text.replace(/(.{3})/g, '$1\r\n'))).toBe(want);
	}
	for (const bad of ['a', 'ab c', 'ab-_', 'a=bc', 'é']) expect(decode(bad)).toBeUndefined();
});

it('only addresses of X are looked into', () => {
	expect(pathOnX('https://x.com/i/api/graphql/h/Following?x=/y')).toBe('/i/api/graphql/h/Following');
	expect(pathOnX('HTTPS://API.Twitter.com:443/1.1/friends/list.json#x')).toBe('/1.1/friends/list.json');
	for (const url of [
		'http://x.com/a',
		'https://x.com.evil.example/a',
		'https://evilx.com/a',
		'https://x.com@evil.example/',
		'https://x.com:8443/a',
		'https://x.com',
		''
	])
		expect(pathOnX(url)).toBeUndefined();
});
