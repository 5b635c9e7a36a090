import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { crc32 } from '../crc32';

/** Made is one entry of a zip that a test builds by hand, quirks included. */
export type Made = {
	name: string;
	text?: string;
	data?: Uint8Array;
	stored?: boolean;
	/** Sizes follow the data: with or without signature, in 32 or 64 bits. */
	descriptor?: 'signed' | 'bare' | 'signed64' | 'bare64';
	zip64?: boolean;
	encrypted?: boolean;
	/** Local extra field, which the directory does not repeat. */
	localExtra?: Uint8Array;
	/** Bytes that lie behind the entry and belong to none. */
	gap?: Uint8Array;
};

export type Form = {
	zip64?: 'end' | 'orphan';
	comment?: Uint8Array;
	prefix?: Uint8Array;
	/** Gives directory rows in another order than the data. */
	reverse?: boolean;
};

function bytes(...fields: [size: 2 | 4 | 8, value: number][]): Buffer {
	const out = Buffer.alloc(fields.reduce((n, [size]) => n + size, 0));
	let at = 0;
	for (const [size, value] of fields) {
		if (size === 8) out.writeBigUInt64LE(BigInt(value), at);
		else out.writeUIntLE(value, at, size);
		at += size;
	}
	return out;
}

/** makeZip writes a zip without the help of the code under test, but for the checksum. */
export function makeZip(entries: Made[], form: Form = {}): Buffer {
	const parts: Buffer[] = [];
	const rows: Buffer[] = [];
	let at = 0;
	for (const e of entries) {
		const name = Buffer.from(e.name);
		const plain = Buffer.from(e.data ?? Buffer.from(e.text ?? ''));
		const data = e.stored ? plain : deflateRawSync(plain);
		const crc = crc32(plain);
		const flags = (e.descriptor ? 8 : 0) | (e.encrypted ? 1 : 0);
		const method = e.stored ? 0 : 8;
		const known = e.descriptor ? [0, 0, 0] : [crc, data.length, plain.length];
		const localExtra = Buffer.from(e.localExtra ?? []);
		const local = Buffer.concat([
			bytes([4, 0x04034b50], [2, 20], [2, flags], [2, method], [4, 0]),
			bytes([4, known[0]!], [4, known[1]!], [4, known[2]!], [2, name.length], [2, localExtra.length]),
			name,
			localExtra
		]);
		const wide = e.descriptor?.endsWith('64') ? 8 : 4;
		const descriptor = e.descriptor
			? Buffer.concat([
					e.descriptor.startsWith('signed') ? bytes([4, 0x08074b50]) : Buffer.alloc(0),
					bytes([4, crc], [wide, data.length], [wide, plain.length])
				])
			: Buffer.alloc(0);
		const extra = e.zip64
			? bytes([2, 1], [2, 24], [8, plain.length], [8, data.length], [8, at])
			: Buffer.alloc(0);
		const max = 0xffffffff;
		rows.push(
			Buffer.concat([
				bytes([4, 0x02014b50], [2, 20], [2, 20], [2, flags], [2, method], [4, 0], [4, crc]),
				bytes([4, e.zip64 ? max : data.length], [4, e.zip64 ? max : plain.length]),
				bytes([2, name.length], [2, extra.length], [2, 3], [2, 0], [2, 0], [4, 0], [4, e.zip64 ? max : at]),
				name,
				extra,
				Buffer.from('abc')
			])
		);
		const whole = Buffer.concat([local, data, descriptor, Buffer.from(e.gap ?? [])]);
		parts.push(whole);
		at += whole.length;
	}
	if (form.reverse) rows.reverse();
	const directory = Buffer.concat(rows);
	const end64 = form.zip64
		? Buffer.concat([
				bytes([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0]),
				bytes([8, rows.length], [8, rows.length], [8, directory.length], [8, at]),
				bytes([4, 0x07064b50], [4, 0], [8, at + directory.length], [4, 1])
			])
		: Buffer.alloc(0);
	const masked = form.zip64 === 'end';
	const comment = Buffer.from(form.comment ?? []);
	const end = Buffer.concat([
		bytes([4, 0x06054b50], [2, 0], [2, 0]),
		bytes([2, masked ? 0xffff : rows.length], [2, masked ? 0xffff : rows.length]),
		bytes([4, masked ? 0xffffffff : directory.length], [4, masked ? 0xffffffff : at], [2, comment.length]),
		comment
	]);
	return Buffer.concat([Buffer.from(form.prefix ?? []), ...parts, directory, end64, end]);
}

/** unzip reads a zip by its local headers and directory, strictly, and gives the text of each entry. */
export async function unzip(blob: Blob): Promise<Record<string, string>> {
	const file = Buffer.from(await blob.arrayBuffer());
	let end = file.length - 22;
	if (file.readUInt32LE(end) !== 0x06054b50) throw new Error('no end record at the end');
	let count = file.readUInt16LE(end + 10);
	let at = file.readUInt32LE(end + 16);
	if (count === 0xffff || at === 0xffffffff) {
		end = Number(file.readBigUInt64LE(end - 20 + 8));
		count = Number(file.readBigUInt64LE(end + 32));
		at = Number(file.readBigUInt64LE(end + 48));
	}
	const found: Record<string, string> = {};
	for (let i = 0; i < count; i++) {
		if (file.readUInt32LE(at) !== 0x02014b50) throw new Error('bad directory row');
		const [nameLength, extraLength] = [file.readUInt16LE(at + 28), file.readUInt16LE(at + 30)];
		const name = file.toString('utf8', at + 46, at + 46 + nameLength);
		const local = file.readUInt32LE(at + 42);
		if (file.readUInt32LE(local) !== 0x04034b50) throw new Error(`bad local header of ${name}`);
		if (file.toString('utf8', local + 30, local + 30 + file.readUInt16LE(local + 26)) !== name) {
			throw new Error(`local header of ${name} has another name`);
		}
		const from = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
		const data = file.subarray(from, from + file.readUInt32LE(at + 20));
		const plain = file.readUInt16LE(at + 10) === 8 ? inflateRawSync(data) : data;
		if (crc32(plain) !== file.readUInt32LE(at + 16)) throw new Error(`checksum of ${name}`);
		found[name] = plain.toString();
		at += 46 + nameLength + extraLength + file.readUInt16LE(at + 32);
	}
	return found;
}
