import { SiftError } from './errors';

/** Entry is one row of a zip's central directory. Offsets count from the start of the file. */
export type Entry = {
	name: string;
	nameLength: number;
	flags: number;
	method: number;
	crc: number;
	compressed: number;
	size: number;
	offset: number;
	/** The row as it stands in the file, without extra fields and comment. */
	row: Uint8Array<ArrayBuffer>;
};

export type Directory = { entries: Entry[]; start: number };

export const signature = {
	local: 0x04034b50,
	central: 0x02014b50,
	end: 0x06054b50,
	end64: 0x06064b50,
	locator64: 0x07064b50,
	descriptor: 0x08074b50
};

export const rowSize = 46;
export const max16 = 0xffff;
export const max32 = 0xffffffff;
export const encryptedFlag = 1;
export const descriptorFlag = 8;

const endSize = 22;
const locatorSize = 20;
const maxEntries = 200_000;
const maxDirectory = 256 * 1024 * 1024;

/** read returns the bytes [from, to) of a file, which may lie anywhere on disk. */
export async function read(file: Blob, from: number, to: number): Promise<DataView<ArrayBuffer>> {
	let buffer: ArrayBuffer;
	try {
		buffer = await file.slice(from, to).arrayBuffer();
	} catch {
		throw new SiftError('unreadable'); // moved or changed since it was chosen
	}
	if (buffer.byteLength !== to - from) throw new SiftError('cut');
	return new DataView(buffer);
}

/** readDirectory reads the end of a zip and its directory, and nothing else of it. */
export async function readDirectory(file: Blob): Promise<Directory> {
	const end = await findEnd(file);
	if (end.count > maxEntries || end.length > maxDirectory) throw new SiftError('tooMany');
	let start = end.offset;
	let view = start + end.length <= end.at ? await read(file, start, start + end.length) : undefined;
	let shift = 0;
	if (!view || (end.count > 0 && (end.length < rowSize || view.getUint32(0, true) !== signature.central))) {
		// Something was put in front of the zip: all its offsets are off by the same length.
		start = end.at - end.length;
		shift = start - end.offset;
		if (start < 0 || shift < 0) throw new SiftError('broken');
		view = await read(file, start, start + end.length);
	}
	const entries = parseRows(view, end.count, shift);
	for (const entry of entries) {
		if (entry.offset + 30 + entry.nameLength + entry.compressed > start) throw new SiftError('broken');
	}
	return { entries, start };
}

type End = { at: number; count: number; length: number; offset: number };

async function findEnd(file: Blob): Promise<End> {
	const from = Math.max(0, file.size - (endSize + max16 + locatorSize));
	const tail = await read(file, from, file.size);
	for (let i = tail.byteLength - endSize; i >= 0; i--) {
		if (tail.getUint32(i, true) !== signature.end) continue;
		if (i + endSize + tail.getUint16(i + 20, true) > tail.byteLength) continue;
		if (tail.getUint16(i + 4, true) !== tail.getUint16(i + 6, true)) throw new SiftError('split');
		const end = {
			at: from + i,
			count: tail.getUint16(i + 10, true),
			length: tail.getUint32(i + 12, true),
			offset: tail.getUint32(i + 16, true)
		};
		const needs64 = end.count === max16 || end.length === max32 || end.offset === max32;
		if (!needs64) return end;
		if (i < locatorSize || tail.getUint32(i - locatorSize, true) !== signature.locator64) {
			if (end.offset === max32 || end.length === max32) throw new SiftError('broken');
			return end; // exactly 65,535 entries
		}
		return readEnd64(file, long(tail, i - locatorSize + 8), end.at - locatorSize);
	}
	const head = file.size >= 4 ? (await read(file, 0, 4)).getUint32(0, true) : 0;
	throw new SiftError(head === signature.local ? 'cut' : 'notZip');
}

async function readEnd64(file: Blob, offset: number, before: number): Promise<End> {
	for (const at of [offset, before - 56]) {
		if (at < 0 || at + 56 > before) continue;
		const view = await read(file, at, at + 56);
		if (view.getUint32(0, true) !== signature.end64) continue;
		return { at, count: long(view, 32), length: long(view, 40), offset: long(view, 48) };
	}
	throw new SiftError('broken');
}

function parseRows(view: DataView<ArrayBuffer>, count: number, shift: number): Entry[] {
	const decoder = new TextDecoder(); // the names that we need are ASCII in every encoding
	const entries: Entry[] = [];
	let at = 0;
	for (let i = 0; i < count; i++) {
		if (at + rowSize > view.byteLength || view.getUint32(at, true) !== signature.central) {
			throw new SiftError('broken');
		}
		const nameLength = view.getUint16(at + 28, true);
		const extraLength = view.getUint16(at + 30, true);
		const next = at + rowSize + nameLength + extraLength + view.getUint16(at + 32, true);
		if (next > view.byteLength) throw new SiftError('broken');
		const entry: Entry = {
			name: decoder.decode(new Uint8Array(view.buffer, view.byteOffset + at + rowSize, nameLength)),
			nameLength,
			flags: view.getUint16(at + 8, true),
			method: view.getUint16(at + 10, true),
			crc: view.getUint32(at + 16, true),
			compressed: view.getUint32(at + 20, true),
			size: view.getUint32(at + 24, true),
			offset: view.getUint32(at + 42, true),
			row: new Uint8Array(view.buffer, view.byteOffset + at, rowSize + nameLength)
		};
		widen(entry, new DataView(view.buffer, view.byteOffset + at + rowSize + nameLength, extraLength));
		entry.offset += shift;
		entries.push(entry);
		at = next;
	}
	return entries;
}

/** widen takes the numbers that do not fit into 32 bits from the Zip64 extra field. */
function widen(entry: Entry, extra: DataView) {
	for (let at = 0; at + 4 <= extra.byteLength;) {
		const id = extra.getUint16(at, true);
		const end = at + 4 + extra.getUint16(at + 2, true);
		if (end > extra.byteLength) return;
		if (id === 1) {
			let field = at + 4;
			for (const key of ['size', 'compressed', 'offset'] as const) {
				if (entry[key] !== max32) continue;
				if (field + 8 > end) throw new SiftError('broken');
				entry[key] = long(extra, field);
				field += 8;
			}
			return;
		}
		at = end;
	}
}

function long(view: DataView, at: number): number {
	const n = Number(view.getBigUint64(at, true));
	if (!Number.isSafeInteger(n)) throw new SiftError('broken');
	return n;
}
