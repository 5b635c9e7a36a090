import { descriptorFlag, max16, max32, rowSize, signature, type Entry } from './directory';

/** Bytes that are copied without a look at them, or that were made here. */
export type Part = Blob | Uint8Array<ArrayBuffer>;

/** localHeader begins an entry that is written anew. */
export function localHeader(entry: Entry): Uint8Array<ArrayBuffer> {
	const out = new Uint8Array(30 + entry.nameLength);
	const view = new DataView(out.buffer);
	view.setUint32(0, signature.local, true);
	view.setUint16(4, 20, true);
	view.setUint16(6, entry.flags, true);
	view.setUint16(8, entry.method, true);
	view.setUint32(10, 0x00210000, true); // 1 January 1980, so that the same archive gives the same bytes
	view.setUint32(14, entry.crc, true);
	view.setUint32(18, entry.compressed, true);
	view.setUint32(22, entry.size, true);
	view.setUint16(26, entry.nameLength, true);
	out.set(entry.row.subarray(rowSize), 30);
	return out;
}

/** newEntry describes data that is written anew. Each must be smaller than 4 GiB. */
export function newEntry(name: string, method: 0 | 8, crc: number, compressed: number, size: number): Entry {
	const text = new TextEncoder().encode(name);
	const row = new Uint8Array(rowSize + text.length);
	const view = new DataView(row.buffer);
	view.setUint32(0, signature.central, true);
	view.setUint16(4, 20, true);
	view.setUint16(6, 20, true);
	view.setUint16(8, 0x800, true);
	view.setUint16(10, method, true);
	view.setUint32(12, 0x00210000, true);
	view.setUint16(28, text.length, true);
	row.set(text, rowSize);
	return { name, nameLength: text.length, flags: 0x800, method, crc, compressed, size, offset: 0, row };
}

/** directory ends a zip: one row for each entry, whose offset is the new one, and the end records. */
export function directory(entries: Entry[], start: number): Uint8Array<ArrayBuffer>[] {
	const rows = entries.map(row);
	const length = rows.reduce((sum, r) => sum + r.length, 0);
	const parts = rows;
	if (entries.length >= max16 || start >= max32 || length >= max32) {
		const end64 = new Uint8Array(56 + 20);
		const view = new DataView(end64.buffer);
		view.setUint32(0, signature.end64, true);
		view.setBigUint64(4, 44n, true);
		view.setUint16(12, 45, true);
		view.setUint16(14, 45, true);
		for (const at of [24, 32]) view.setBigUint64(at, BigInt(entries.length), true);
		view.setBigUint64(40, BigInt(length), true);
		view.setBigUint64(48, BigInt(start), true);
		view.setUint32(56, signature.locator64, true);
		view.setBigUint64(64, BigInt(start + length), true);
		view.setUint32(72, 1, true);
		parts.push(end64);
	}
	const end = new Uint8Array(22);
	const view = new DataView(end.buffer);
	view.setUint32(0, signature.end, true);
	for (const at of [8, 10]) view.setUint16(at, Math.min(entries.length, max16), true);
	view.setUint32(12, Math.min(length, max32), true);
	view.setUint32(16, Math.min(start, max32), true);
	parts.push(end);
	return parts;
}

/** row writes a directory row without the extra fields and comments that others put there. */
function row(entry: Entry): Uint8Array<ArrayBuffer> {
	const wide = (['size', 'compressed', 'offset'] as const).filter((key) => entry[key] >= max32);
	const extra = wide.length ? 4 + 8 * wide.length : 0;
	const out = new Uint8Array(entry.row.length + extra);
	out.set(entry.row);
	const view = new DataView(out.buffer);
	if (wide.length) view.setUint16(6, 45, true);
	view.setUint16(8, entry.flags, true);
	view.setUint16(10, entry.method, true);
	view.setUint32(16, entry.crc, true);
	view.setUint32(20, Math.min(entry.compressed, max32), true);
	view.setUint32(24, Math.min(entry.size, max32), true);
	view.setUint16(30, extra, true);
	view.setUint16(32, 0, true);
	view.setUint32(42, Math.min(entry.offset, max32), true);
	if (wide.length) {
		view.setUint16(entry.row.length, 1, true);
		view.setUint16(entry.row.length + 2, 8 * wide.length, true);
		wide.forEach((key, i) => view.setBigUint64(entry.row.length + 4 + 8 * i, BigInt(entry[key]), true));
	}
	return out;
}

/** hasDescriptor tells whether sizes follow the data of an entry instead of standing before it. */
export const hasDescriptor = (entry: Entry) => (entry.flags & descriptorFlag) !== 0;
