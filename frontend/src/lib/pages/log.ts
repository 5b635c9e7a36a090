import { bits, type Pages } from './collect';
import { PagesError } from './errors';
import { JsonError, JsonReader, textOf, type Sink } from './json';
import { findUsers } from './users';

/** The most of one answer that is read; X's have at most a million bytes. */
export const mostAnswer = 8 << 20;

const enum Place {
	other,
	root,
	log,
	entries,
	entry,
	request,
	response,
	content
}

/** Where one comes to from a place by a key. */
const ways: Partial<Record<Place, Record<string, Place>>> = {
	[Place.root]: { log: Place.log },
	[Place.log]: { entries: Place.entries },
	[Place.entry]: { request: Place.request, response: Place.response },
	[Place.response]: { content: Place.content }
};

type Entry = { url: string; method: string; encoding: string; text?: Uint8Array };

/**
 * LogReader reads a HAR 1.2 file that comes in pieces: {"log":{"entries":[{"request":{"url":…},
 * "response":{"content":{"text":…,"encoding":"base64"}}},…]}}. What it holds besides (cookies, headers, what was
 * posted) is passed over without being looked at.
 */
export class LogReader implements Sink {
	private readonly json = new JsonReader(this, mostAnswer);
	private readonly places: Place[] = [];
	private name = '';
	private entry: Entry = newEntry();
	private found = false;

	constructor(private readonly pages: Pages) {}

	push(piece: Uint8Array) {
		if (!this.pages.cut) this.guard(() => this.json.push(piece));
	}

	end() {
		if (!this.pages.cut) this.guard(() => this.json.end());
		if (!this.found) throw new PagesError('notPages');
	}

	private guard(read: () => void) {
		try {
			read();
		} catch (e) {
			if (!(e instanceof JsonError)) throw e;
			this.pages.cut = true;
		}
	}

	open(list: boolean) {
		const above = this.places.at(-1);
		let place = Place.other;
		if (above === undefined) place = list ? Place.other : Place.root;
		else if (above === Place.entries) {
			place = list ? Place.other : Place.entry;
			this.entry = newEntry();
			if (list) this.pages.entries++;
		} else {
			const to = ways[above]?.[this.name] ?? Place.other;
			if (list === (to === Place.entries)) place = to;
		}
		this.found ||= place === Place.entries;
		this.places.push(place);
	}

	close() {
		if (this.places.pop() === Place.entry) this.take();
	}

	key(name: string) {
		this.name = name;
	}

	wants(): boolean {
		switch (this.places.at(-1)) {
			case Place.request:
				return this.name === 'url' || this.name === 'method';
			case Place.content:
				return (
					this.name === 'encoding' ||
					(this.name === 'text' && (!this.entry.url || pathOnX(this.entry.url) !== undefined))
				);
		}
		return false;
	}

	text(bytes: Uint8Array | undefined) {
		if (!bytes) this.bare('');
		else if (this.name === 'text') this.entry.text = bytes.slice();
		else this.entry[this.name as 'url' | 'method' | 'encoding'] = textOf(bytes);
	}

	bare(_word: string) {
		if (this.places.at(-1) === Place.entries) this.pages.entries++; // an entry of nothing
	}

	/** take reads the answer of an entry that is over: its keys may have come in any order. */
	private take() {
		const { url, method, encoding, text } = this.entry;
		this.entry = newEntry();
		this.pages.entries++;
		const path = pathOnX(url);
		if (path === undefined || method === 'OPTIONS') return;
		this.pages.ours++;
		this.answer(relationOf(path), text ?? new Uint8Array(), encoding);
	}

	/** answer takes the users out of one answer. What comes before a fault in it counts. */
	private answer(listed: number, text: Uint8Array, encoding: string) {
		const plain = encoding === '' ? text : encoding === 'base64' ? fromBase64(text) : undefined;
		if (listed && plain?.every(isSpace)) {
			this.pages.empty++;
			return;
		}
		const { found, whole } = plain ? findUsers(plain) : { found: [], whole: false };
		if (listed && !whole) this.pages.unread++;
		for (const { user, inside } of found) {
			if (!inside) user.listed |= listed;
			this.pages.add(user);
		}
	}
}

const newEntry = (): Entry => ({ url: '', method: '', encoding: '' });
const isSpace = (c: number) => c === 0x20 || (c >= 0x09 && c <= 0x0d);

/** pathOnX is the path of an address of X or Twitter. */
export const pathOnX = (url: string): string | undefined =>
	/^https:\/\/(?:[a-z0-9-]+\.)*(?:x|twitter)\.com(?::443)?(\/[^?#]*)/i.exec(url)?.[1];

/** relationOf tells of which list the answer at that path is a part. */
export function relationOf(path: string): number {
	path = path.replace(/\/$/, '');
	const name = path.slice(path.lastIndexOf('/') + 1);
	if (path.includes('/graphql/')) {
		if (name === 'Following') return bits.following;
		if (name === 'Followers' || name === 'BlueVerifiedFollowers') return bits.follower;
		if (name.startsWith('BlockedAccounts')) return bits.blocking;
		return name.startsWith('MutedAccounts') ? bits.muting : 0;
	}
	if (path.endsWith('/friends/list.json')) return bits.following;
	if (path.endsWith('/followers/list.json')) return bits.follower;
	if (path.endsWith('/blocks/list.json')) return bits.blocking;
	return path.endsWith('/mutes/users/list.json') ? bits.muting : 0;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digits = new Int8Array(256).fill(-1);
for (let i = 0; i < 64; i++) digits[alphabet.charCodeAt(i)] = i;

/** fromBase64 decodes; line breaks are passed over, anything else that does not belong there gives undefined. */
export function fromBase64(text: Uint8Array): Uint8Array | undefined {
	let end = text.length;
	while (end > 0 && (text[end - 1] === 0x3d || text[end - 1] === 0x0a || text[end - 1] === 0x0d)) end--;
	const out = new Uint8Array(Math.floor((end * 3) / 4));
	let to = 0;
	let held = 0;
	let bitsHeld = 0;
	let n = 0;
	for (let i = 0; i < end; i++) {
		const c = text[i]!;
		if (c === 0x0a || c === 0x0d) continue;
		const digit = digits[c]!;
		if (digit < 0) return undefined;
		n++;
		held = ((held << 6) | digit) & 0xffffff;
		bitsHeld += 6;
		if (bitsHeld >= 8) {
			bitsHeld -= 8;
			out[to++] = (held >> bitsHeld) & 0xff;
		}
	}
	return n % 4 === 1 ? undefined : out.subarray(0, to);
}
