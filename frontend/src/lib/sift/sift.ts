import { Rule, rootOf } from './allow';
import { compose } from './compose';
import { encryptedFlag, readDirectory, type Entry } from './directory';
import { SiftError } from './errors';
import { folderZip, type FolderFile } from './folder';
import { goingGroups, groupOf, stayingGroups, Tally, type Group } from './groups';
import { content, envelope, inflate } from './inflate';

/** Sifted is what an archive was sorted into, before anything is sent. */
export type Sifted = {
	fileName: string;
	/** Size and time of the chosen file: with its name they tell it again after a reload. */
	size: number;
	lastModified: number;
	/** What the manifest says of itself, where there is one. */
	handle?: string;
	exportedAt?: string;
	goes: Group[];
	stays: Group[];
	/** Pictures and videos of posts; only those of posts chosen later are ever sent. */
	media: { count: number; bytes: number };
	names: string[];
	blob: Blob;
};

export type MediaZip = { blob: Blob; count: number };

/** siftZip sorts an archive and composes the zip to send: text files only, contact data taken out. */
export async function siftZip(file: File): Promise<Sifted> {
	const dir = await readDirectory(file);
	const rule = ruleFor(
		dir.entries.map((e) => e.name),
		file.name,
		dir.entries.some((e) => e.flags & encryptedFlag)
	);
	const kept = new Set(latest(dir.entries.filter((e) => rule.kind(e.name) === 'text')));
	refuseEncrypted(kept, file.name);
	const replaced = new Map<Entry, Uint8Array<ArrayBuffer>>();
	let about: About = {};
	for (const entry of kept) {
		const short = rule.inner(entry.name)!;
		if (isAccount(short)) replaced.set(entry, withoutContact(await inflate(file, entry)));
		if (isManifest(short)) about = readManifest(await inflate(file, entry));
	}
	return {
		fileName: file.name,
		size: file.size,
		lastModified: file.lastModified,
		...about,
		...sort(
			rule,
			dir.entries.map((e) => ({ name: e.name, bytes: e.compressed, goes: kept.has(e) }))
		),
		blob: await compose(file, dir, kept, replaced)
	};
}

/** siftFolder does the same for an archive that was unpacked: browsers on a Mac do so unasked. */
export async function siftFolder(files: FolderFile[]): Promise<Sifted> {
	const name = files[0]?.path.split('/')[0] ?? '';
	const rule = ruleFor(
		files.map((f) => f.path),
		name
	);
	const kept = files.filter((f) => rule.kind(f.path) === 'text');
	const manifest = kept.find((f) => isManifest(rule.inner(f.path)!));
	return {
		fileName: name,
		size: files.reduce((sum, f) => sum + f.file.size, 0),
		lastModified: Math.max(...files.map((f) => f.file.lastModified)),
		...(manifest ? readManifest(await manifest.file.text()) : {}),
		...sort(
			rule,
			files.map((f) => ({ name: f.path, bytes: f.file.size, goes: kept.includes(f) }))
		),
		blob: await folderZip(kept, (path, text) =>
			isAccount(rule.inner(path)!) ? withoutContact(text) : undefined
		)
	};
}

/** mediaOfZip composes the second zip: only pictures and videos of the tweets that will be posted. */
export async function mediaOfZip(file: File, tweets: ReadonlySet<string>): Promise<MediaZip> {
	const dir = await readDirectory(file);
	const rule = ruleFor(
		dir.entries.map((e) => e.name),
		file.name
	);
	const kept = latest(dir.entries.filter((e) => tweets.has(rule.tweetOf(e.name) ?? '')));
	refuseEncrypted(kept, file.name);
	return { blob: await compose(file, dir, kept), count: kept.length };
}

/** mediaOfFolder does the same for an unpacked archive. */
export async function mediaOfFolder(files: FolderFile[], tweets: ReadonlySet<string>): Promise<MediaZip> {
	const rule = ruleFor(
		files.map((f) => f.path),
		''
	);
	const kept = files.filter((f) => tweets.has(rule.tweetOf(f.path) ?? ''));
	return { blob: await folderZip(kept, () => undefined), count: kept.length };
}

const largestPicture = 32 * 1024 * 1024;

/** pictureOfZip is a picture of a tweet, by its name in the archive, to be shown here. */
export async function pictureOfZip(file: File, name: string): Promise<Blob | undefined> {
	const dir = await readDirectory(file);
	const rule = ruleFor(
		dir.entries.map((e) => e.name),
		file.name
	);
	const entry = dir.entries.findLast((e) => isMedium(rule, e.name, name));
	return entry && content(file, entry, largestPicture);
}

/** pictureOfFolder does the same for an unpacked archive. */
export function pictureOfFolder(files: FolderFile[], name: string): Blob | undefined {
	const rule = ruleFor(
		files.map((f) => f.path),
		''
	);
	return files.find((f) => isMedium(rule, f.path, name))?.file;
}

const isMedium = (rule: Rule, entry: string, name: string) =>
	rule.kind(entry) === 'media' && entry.endsWith(`/${name}`);

function ruleFor(names: string[], file: string, encrypted = false): Rule {
	const root = rootOf(names);
	if (root === undefined) throw new SiftError(encrypted ? 'encrypted' : 'other', file);
	return new Rule(root);
}

function sort(rule: Rule, entries: { name: string; bytes: number; goes: boolean }[]) {
	const goes = new Tally();
	const stays = new Tally();
	const media = { count: 0, bytes: 0 };
	const names: string[] = [];
	for (const { name, bytes, goes: going } of entries) {
		if (name.endsWith('/')) continue; // a folder
		const short = rule.inner(name) ?? name;
		if (going) {
			goes.add(groupOf(short, true), bytes);
			names.push(name);
		} else if (rule.kind(name) === 'media') {
			media.count++;
			media.bytes += bytes;
		} else stays.add(groupOf(short, false), bytes);
	}
	return { goes: goes.list(goingGroups), stays: stays.list(stayingGroups), media, names };
}

/** latest drops entries whose name comes again: the later one is what unpacking would leave on disk. */
const latest = (entries: Entry[]) => [...new Map(entries.map((e) => [e.name, e])).values()];

function refuseEncrypted(entries: Iterable<Entry>, name: string) {
	for (const e of entries) if (e.flags & encryptedFlag) throw new SiftError('encrypted', name);
}

const isAccount = (short: string) => /^(?:data\/)?account[.-]/.test(short);
const isManifest = (short: string) => /^(?:data\/)?manifest\.js$/.test(short);

/** withoutContact blanks the e-mail address and phone number in account.js, edited by hand or not. */
export function withoutContact(text: string): Uint8Array<ArrayBuffer> {
	const blank = text.replace(/(\b(?:email|phoneNumber)"?\s*:\s*)"(?:[^"\\]|\\.)*"/g, '$1""');
	return new TextEncoder().encode(blank);
}

type About = { handle?: string; exportedAt?: string };

function readManifest(text: string): About {
	const m = envelope(text) as
		{ userInfo?: { userName?: unknown }; archiveInfo?: { generationDate?: unknown } } | undefined;
	const handle = m?.userInfo?.userName;
	const at = m?.archiveInfo?.generationDate;
	return {
		...(typeof handle === 'string' && handle ? { handle } : {}),
		...(typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? { exportedAt: at } : {})
	};
}
