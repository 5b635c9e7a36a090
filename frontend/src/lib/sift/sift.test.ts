import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { openAsBlob } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SiftError } from './errors';
import {
	mediaOfFolder,
	mediaOfZip,
	pictureOfFolder,
	pictureOfZip,
	siftFolder,
	siftZip,
	withoutContact
} from './sift';
import { makeZip, unzip, type Form, type Made } from './testing/zip';

let dir: string;
beforeAll(async () => (dir = await mkdtemp(join(tmpdir(), 'sift-'))));
afterAll(() => rm(dir, { recursive: true }));

/** onDisk is a zip as a browser has it: a File whose bytes lie on disk. */
async function onDisk(zip: Uint8Array, name = 'twitter.zip'): Promise<File> {
	const path = join(dir, `${Math.random()}.zip`);
	await writeFile(path, zip);
	const blob = await openAsBlob(path);
	return Object.assign(blob, { name, lastModified: 1 }) as unknown as File;
}

const secret = 'SECRET-THAT-STAYS';
const account = `window.YTD.account.part0 = [ { "account" : { "email" : "ada@example.org", "username" : "ada", "accountId" : "12" } } ]`;
const manifest = `window.__THAR_CONFIG = { "userInfo" : { "userName" : "ada" }, "archiveInfo" : { "generationDate" : "2024-05-01T10:00:00.000Z" } }`;

const archive: Made[] = [
	{ name: 'Your archive.html', text: secret },
	{ name: 'assets/images/emoji.svg', text: secret },
	{ name: 'data/account.js', text: account },
	{ name: 'data/ad-impressions.js', text: secret },
	{ name: 'data/direct-messages.js', text: secret },
	{ name: 'data/direct_messages_media/12-34.jpg', text: secret, stored: true },
	{ name: 'data/deleted-tweets.js', text: secret },
	{ name: 'data/follower.js', text: 'follower' },
	{ name: 'data/following.js', text: 'following' },
	{ name: 'data/ip-audit.js', text: secret },
	{ name: 'data/like.js', text: secret },
	{ name: 'data/manifest.js', text: manifest },
	{ name: 'data/phone-number.js', text: secret },
	{ name: 'data/tweets.js', text: 'tweets '.repeat(1000) },
	{ name: 'data/tweets-part1.js', text: 'more tweets' },
	{ name: 'data/tweets_media/100-a.jpg', text: 'picture 100', stored: true },
	{ name: 'data/tweets_media/100-b.mp4', text: 'video 100' },
	{ name: 'data/tweets_media/200-c.png', text: 'picture 200', stored: true }
];
const goes = [
	'data/account.js',
	'data/follower.js',
	'data/following.js',
	'data/manifest.js',
	'data/tweets-part1.js',
	'data/tweets.js'
];

const under = (folder: string, made: Made[]) => made.map((e) => ({ ...e, name: folder + e.name }));
const every = (change: Partial<Made>) => archive.map((e) => ({ ...e, ...change }));
const gap = new TextEncoder().encode(secret.repeat(10));

describe('one picture, to be shown here', () => {
	it('comes from a zip, stored or deflated', async () => {
		const zip = await onDisk(makeZip(under('twitter-2024/', archive)));
		expect(await (await pictureOfZip(zip, '200-c.png'))?.text()).toBe('picture 200');
		expect(await (await pictureOfZip(zip, '100-b.mp4'))?.text()).toBe('video 100');
	});

	it('comes from a folder', async () => {
		const files = archive.map((e) => ({
			path: `twitter-2024/${e.name}`,
			file: new Blob([e.text ?? '']) as unknown as File
		}));
		expect(await pictureOfFolder(files, '100-a.jpg')?.text()).toBe('picture 100');
	});

	it('is never one of a message, nor anything else', async () => {
		const zip = await onDisk(makeZip(archive));
		for (const name of ['12-34.jpg', 'emoji.svg', 'account.js', 'nothing.jpg', ''])
			expect(await pictureOfZip(zip, name)).toBeUndefined();
	});
});

describe('an archive in every form', () => {
	const forms: [string, Made[], Form?][] = [
		['plain', archive],
		['in a folder', under('twitter-2024/', archive), undefined],
		['descriptors', every({ descriptor: 'signed' })],
		['descriptors without signature', every({ descriptor: 'bare' })],
		['descriptors of 64 bits', every({ descriptor: 'signed64' })],
		['descriptors of 64 bits without signature', every({ descriptor: 'bare64' })],
		['zip64 end record', archive, { zip64: 'end' }],
		['zip64 end record that nobody needs', archive, { zip64: 'orphan' }],
		['zip64 in every row', every({ zip64: true }), { zip64: 'end' }],
		['gaps between entries', every({ gap })],
		['gaps behind descriptors', every({ gap, descriptor: 'bare' })],
		['gaps behind descriptors of 64 bits', every({ gap, descriptor: 'signed64' })],
		['long local extra fields', every({ localExtra: new Uint8Array(90), descriptor: 'signed' })],
		['directory in another order', archive, { reverse: true }],
		['comment of 65,535 bytes', archive, { comment: new Uint8Array(65_535).fill(32) }],
		['something in front', archive, { prefix: new Uint8Array(500) }]
	];

	it.each(forms)('%s', async (_, made, form) => {
		const sifted = await siftZip(await onDisk(makeZip(made, form)));
		const found = await unzip(sifted.blob);
		const folder = made[0]!.name.startsWith('twitter-2024/') ? 'twitter-2024/' : '';
		expect(Object.keys(found).sort()).toEqual(goes.map((name) => folder + name));
		expect(found[`${folder}data/tweets.js`]).toBe('tweets '.repeat(1000));
		expect(found[`${folder}data/account.js`]).toBe(account.replace('ada@example.org', ''));
		const sent = Buffer.from(await sifted.blob.arrayBuffer()).toString('latin1');
		expect(sent).not.toContain(secret);
		expect(sent).not.toContain('ada@example.org');
		expect(sifted.handle).toBe('ada');
		expect(sifted.exportedAt).toBe('2024-05-01T10:00:00.000Z');
		expect(sifted.media.count).toBe(3);
	});
});

describe('sifting', () => {
	it('gives the same bytes every time, so that an upload can go on', async () => {
		const zip = makeZip(archive);
		const [a, b] = [await siftZip(await onDisk(zip)), await siftZip(await onDisk(zip))];
		expect(Buffer.from(await a.blob.arrayBuffer())).toEqual(Buffer.from(await b.blob.arrayBuffer()));
	});

	it('counts what goes and what stays', async () => {
		const sifted = await siftZip(await onDisk(makeZip(archive)));
		const counts = (groups: { key: string; count: number }[]) =>
			Object.fromEntries(groups.map((g) => [g.key, g.count]));
		expect(counts(sifted.goes)).toEqual({ posts: 2, people: 2, profile: 2 });
		expect(counts(sifted.stays)).toEqual({
			messages: 2,
			contact: 2,
			ads: 1,
			deleted: 1,
			likes: 1,
			pages: 2
		});
	});

	it('takes the later one of two entries with one name', async () => {
		const sifted = await siftZip(
			await onDisk(makeZip([...archive, { name: 'data/tweets.js', text: 'later' }]))
		);
		expect((await unzip(sifted.blob))['data/tweets.js']).toBe('later');
	});

	it('never takes a name that climbs out or looks alike', async () => {
		const odd = [
			'../data/tweets.js',
			'data/../data/tweets.js',
			'data/tweets.js.exe',
			'data\\tweets.js',
			'data/TWEETS.js',
			'data/tweets.js\n',
			'__MACOSX/data/tweets.js'
		];
		const sifted = await siftZip(
			await onDisk(makeZip([...archive, ...odd.map((name) => ({ name, text: secret }))]))
		);
		expect(Object.keys(await unzip(sifted.blob)).sort()).toEqual(goes);
	});

	it('takes pictures of the chosen posts only', async () => {
		const media = await mediaOfZip(await onDisk(makeZip(every({ gap }))), new Set(['100']));
		expect(media.count).toBe(2);
		expect(await unzip(media.blob)).toEqual({
			'data/tweets_media/100-a.jpg': 'picture 100',
			'data/tweets_media/100-b.mp4': 'video 100'
		});
	});

	it('writes zip64 for more than 65,534 files', async () => {
		const many = Array.from({ length: 66_000 }, (_, i) => ({
			name: `data/tweets_media/${i + 1}-a.jpg`,
			text: String(i),
			stored: true
		}));
		const file = await onDisk(makeZip(many, { zip64: 'end' }));
		const media = await mediaOfZip(file, new Set(many.map((_, i) => String(i + 1))));
		expect(Object.keys(await unzip(media.blob))).toHaveLength(66_000);
	}, 30_000);

	it('does the same with a folder', async () => {
		const files = under('twitter/', archive).map(({ name, text }) => ({
			path: name,
			file: new File([text!], name.split('/').at(-1)!, { lastModified: 1 })
		}));
		const sifted = await siftFolder(files);
		const found = await unzip(sifted.blob);
		expect(Object.keys(found).sort()).toEqual(goes.map((name) => `twitter/${name}`));
		expect(found['twitter/data/account.js']).toBe(account.replace('ada@example.org', ''));
		expect(found['twitter/data/tweets.js']).toBe('tweets '.repeat(1000));
		const media = await mediaOfFolder(files, new Set(['200']));
		expect(await unzip(media.blob)).toEqual({ 'twitter/data/tweets_media/200-c.png': 'picture 200' });
	});

	it('takes contact data out of an account file that was edited by hand', () => {
		const edited = `x = [{ account: { email: "a\\"b@c.de", phoneNumber : "+1", username: "ada", }, },];`;
		const text = new TextDecoder().decode(withoutContact(edited));
		expect(text).toBe(`x = [{ account: { email: "", phoneNumber : "", username: "ada", }, },];`);
	});
});

describe('a file that is no archive', () => {
	const plain = makeZip(archive);
	const cut = plain.subarray(0, plain.length / 2);
	const overlapping = Buffer.from(plain);
	// The row of follower.js says that its data is longer than it is: its neighbour would go along.
	const row = overlapping.lastIndexOf('data/follower.js') - 46;
	overlapping.writeUInt32LE(overlapping.readUInt32LE(row + 20) + 80, row + 20);
	const lying = Buffer.from(plain);
	lying.writeUInt16LE(lying.readUInt16LE(lying.length - 12) + 5, lying.length - 12);

	it.each([
		['empty file', Buffer.alloc(0), 'notZip'],
		['picture', Buffer.from('\u0089PNG\r\n'.repeat(10_000)), 'notZip'],
		['cut off', cut, 'cut'],
		['encrypted', makeZip(every({ encrypted: true })), 'encrypted'],
		['zip of something else', makeZip([{ name: 'letter.txt', text: 'dear' }]), 'other'],
		['empty zip', makeZip([]), 'other'],
		['entries that overlap', overlapping, 'broken'],
		['more rows promised than there are', lying, 'broken']
	])('%s', async (_, bytes, fault) => {
		const error = await siftZip(await onDisk(bytes)).catch((e: unknown) => e);
		expect(error).toBeInstanceOf(SiftError);
		expect((error as SiftError).fault).toBe(fault);
	});

	// Whatever is cut or changed: a clear error or a sound zip, and never a byte of what stays.
	it('never sends anything else, however damaged it is', async () => {
		let seed = 1;
		const random = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n;
		const tail = plain.length - 1_500;
		for (let i = 0; i < 300; i++) {
			const damaged = Buffer.from(plain.subarray(0, i % 3 ? plain.length : plain.length - random(600)));
			for (let k = 0; k < 3; k++) {
				damaged[Math.min(damaged.length - 1, tail + random(1_500))] = random(256);
			}
			const sifted = await siftZip(new File([damaged], 'a.zip')).catch((e: unknown) => e);
			if (sifted instanceof SiftError) continue;
			if (sifted instanceof Error) throw sifted;
		}
	});
});
