/** JsonError says that something is no JSON, or ends too early. */
export class JsonError extends Error {
	constructor(what: string) {
		super(what);
		this.name = 'JsonError';
	}
}

/** Sink is told what a JsonReader meets, in order. Bytes are valid until it returns. */
export type Sink = {
	open: (list: boolean) => void;
	close: () => void;
	key: (name: string) => void;
	/** Whether the text that begins is wanted; else it is passed over and comes as undefined. */
	wants: () => boolean;
	text: (bytes: Uint8Array | undefined) => void;
	/** A number, true, false or null, as it is written. */
	bare: (word: string) => void;
};

const enum Want {
	value,
	valueOrEnd,
	key,
	keyOrEnd,
	colon,
	commaOrEnd,
	nothing
}

const longestBare = 1000; // more than any number needs
const longestKey = 1000;
const deepest = 10_000;

const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const words = new Set(['true', 'false', 'null']);

/**
 * JsonReader reads JSON that comes in pieces, without ever holding more of it than one text that is wanted,
 * and of that no more than a given number of bytes: what is longer is cut. What follows the first value is
 * passed over.
 */
export class JsonReader {
	private want = Want.value;
	private readonly lists: boolean[] = []; // what is open: a list, or an object
	private word = '';

	private inText = false;
	private isKey = false;
	private keeps = false;
	private escape = 0; // 1: after a backslash; 2 to 5: so many hex digits less one are to come
	private escaped = false;
	private held = new Uint8Array(4096);
	private length = 0;

	constructor(
		private readonly sink: Sink,
		private readonly mostText: number
	) {}

	/** push takes the next piece. It throws a JsonError, and whatever the sink throws. */
	push(piece: Uint8Array) {
		let at = 0;
		while (at < piece.length) {
			if (this.inText) {
				at = this.readText(piece, at);
				continue;
			}
			const c = piece[at]!;
			if (isBare(c)) {
				if (this.want === Want.nothing) return;
				if (this.word.length >= longestBare) throw new JsonError('too long');
				this.word += String.fromCharCode(c);
			} else {
				if (this.word !== '') this.endWord();
				if (this.want === Want.nothing) return;
				this.structure(c);
			}
			at++;
		}
	}

	/** end says that no more comes. */
	end() {
		if (this.word !== '') this.endWord();
		if (this.want !== Want.nothing) throw new JsonError('cut off');
	}

	private structure(c: number) {
		switch (c) {
			case space:
			case 0x0a:
			case 0x0d:
			case 0x09:
				return;
			case quote:
				return this.beginText();
			case openObject:
			case openList:
				this.beginValue();
				if (this.lists.length >= deepest) throw new JsonError('nested too deeply');
				this.lists.push(c === openList);
				this.want = c === openList ? Want.valueOrEnd : Want.keyOrEnd;
				return this.sink.open(c === openList);
			case closeObject:
			case closeList: {
				const list = c === closeList;
				const empty = list ? Want.valueOrEnd : Want.keyOrEnd;
				if (this.lists.at(-1) !== list || (this.want !== Want.commaOrEnd && this.want !== empty))
					throw new JsonError('a bracket too many');
				this.lists.pop();
				this.sink.close();
				return this.endValue();
			}
			case comma:
				if (this.want !== Want.commaOrEnd) throw new JsonError('a comma too many');
				this.want = this.lists.at(-1) ? Want.value : Want.key;
				return;
			case colon:
				if (this.want !== Want.colon) throw new JsonError('a colon too many');
				this.want = Want.value;
				return;
		}
		throw new JsonError('an odd character');
	}

	private beginValue() {
		if (this.want !== Want.value && this.want !== Want.valueOrEnd) throw new JsonError('an odd value');
	}

	private endValue() {
		this.want = this.lists.length === 0 ? Want.nothing : Want.commaOrEnd;
	}

	private endWord() {
		const word = this.word;
		this.word = '';
		this.beginValue();
		if (!words.has(word) && !number.test(word)) throw new JsonError('an odd word');
		this.sink.bare(word);
		this.endValue();
	}

	private beginText() {
		this.isKey = this.want === Want.key || this.want === Want.keyOrEnd;
		if (!this.isKey) this.beginValue();
		this.keeps = this.isKey || this.sink.wants();
		this.inText = true;
		this.escape = 0;
		this.escaped = false;
		this.length = 0;
	}

	/** readText goes on with a text and returns where it stopped: behind its end, or at that of the piece. */
	private readText(piece: Uint8Array, from: number): number {
		let escape = this.escape;
		let at = from;
		for (; at < piece.length; at++) {
			const c = piece[at]!;
			if (escape !== 0) escape = afterEscape(escape, c);
			else if (c === backslash) {
				escape = 1;
				this.escaped = true;
			} else if (c === quote) {
				if (this.keeps) this.hold(piece, from, at);
				this.inText = false;
				this.endText();
				return at + 1;
			} else if (c < space) throw new JsonError('an odd character');
		}
		this.escape = escape;
		if (this.keeps) this.hold(piece, from, at);
		return at;
	}

	private hold(piece: Uint8Array, from: number, to: number) {
		const most = this.isKey ? longestKey : this.mostText;
		const part = piece.subarray(from, Math.min(to, from + most - this.length));
		const length = this.length + part.length;
		if (length > this.held.length) {
			const larger = new Uint8Array(Math.min(Math.max(length, 2 * this.held.length), Math.max(most, length)));
			larger.set(this.held.subarray(0, this.length));
			this.held = larger;
		}
		this.held.set(part, this.length);
		this.length = length;
	}

	private endText() {
		let bytes: Uint8Array | undefined;
		if (this.keeps) {
			const length = this.escaped ? unescape(this.held, this.length) : this.length;
			bytes = this.held.subarray(0, length);
		}
		if (this.isKey) {
			this.want = Want.colon;
			this.sink.key(textOf(bytes!));
		} else {
			this.sink.text(bytes);
			this.endValue();
		}
	}
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** textOf decodes bytes into a text of its own: it does not keep what the bytes were taken from. */
export const textOf = (bytes: Uint8Array): string => utf8.decode(bytes);

function isBare(c: number): boolean {
	return (
		(c >= 0x30 && c <= 0x39) ||
		(c >= 0x61 && c <= 0x7a) ||
		(c >= 0x41 && c <= 0x5a) ||
		c === 0x2d ||
		c === 0x2b ||
		c === 0x2e
	);
}

function afterEscape(escape: number, c: number): number {
	if (escape === 1) {
		if (c === 0x75) return 5; // u
		if (shortEscapes[c] === undefined) throw new JsonError('an odd escape');
		return 0;
	}
	if (hex(c) < 0) throw new JsonError('an odd escape');
	return escape === 2 ? 0 : escape - 1;
}

/** What the character behind a backslash stands for. */
const shortEscapes: Record<number, number> = {
	0x22: 0x22,
	0x5c: 0x5c,
	0x2f: 0x2f,
	0x62: 0x08,
	0x66: 0x0c,
	0x6e: 0x0a,
	0x72: 0x0d,
	0x74: 0x09
};

function hex(c: number | undefined): number {
	if (c === undefined) return -1;
	if (c >= 0x30 && c <= 0x39) return c - 0x30;
	if (c >= 0x61 && c <= 0x66) return c - 0x57;
	if (c >= 0x41 && c <= 0x46) return c - 0x37;
	return -1;
}

/** unescape undoes the escapes of a text in place and returns its new length. One that is cut off is left out. */
export function unescape(bytes: Uint8Array, length: number): number {
	let to = 0;
	for (let from = 0; from < length;) {
		const c = bytes[from]!;
		if (c !== backslash) {
			bytes[to++] = c;
			from++;
			continue;
		}
		if (from + 1 >= length) break;
		const short = shortEscapes[bytes[from + 1]!];
		if (short !== undefined) {
			bytes[to++] = short;
			from += 2;
			continue;
		}
		if (from + 6 > length) break;
		let code = unit(bytes, from);
		from += 6;
		if (
			code >= 0xd800 &&
			code < 0xdc00 &&
			from + 6 <= length &&
			bytes[from] === backslash &&
			bytes[from + 1] === 0x75
		) {
			const low = unit(bytes, from);
			if (low >= 0xdc00 && low < 0xe000) {
				code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
				from += 6;
			}
		}
		to = encode(bytes, to, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
	}
	return to;
}

/** unit reads the four hex digits of an escape. */
const unit = (bytes: Uint8Array, at: number) =>
	(hex(bytes[at + 2]) << 12) | (hex(bytes[at + 3]) << 8) | (hex(bytes[at + 4]) << 4) | hex(bytes[at + 5]);

function encode(bytes: Uint8Array, to: number, code: number): number {
	if (code < 0x80) bytes[to++] = code;
	else if (code < 0x800) {
		bytes[to++] = 0xc0 | (code >> 6);
		bytes[to++] = 0x80 | (code & 63);
	} else if (code < 0x10000) {
		bytes[to++] = 0xe0 | (code >> 12);
		bytes[to++] = 0x80 | ((code >> 6) & 63);
		bytes[to++] = 0x80 | (code & 63);
	} else {
		bytes[to++] = 0xf0 | (code >> 18);
		bytes[to++] = 0x80 | ((code >> 12) & 63);
		bytes[to++] = 0x80 | ((code >> 6) & 63);
		bytes[to++] = 0x80 | (code & 63);
	}
	return to;
}
