import { crc32 } from './crc32';
import { read, signature, type Directory, type Entry } from './directory';
import { SiftError } from './errors';
import { directory, hasDescriptor, localHeader, newEntry, type Part } from './writer';

/** Up to this many bytes between two entries are taken for local extra fields and descriptors. */
const slack = 64;

/**
 * compose makes a zip of some entries of another one. The bytes of kept entries are slices of the file: no
 * copy and no inflating, and neighbours become one slice. Where more lies between two entries than a header
 * explains, the entry is cut out exactly, so that nothing unlisted goes along. Entries in replaced are
 * written anew with other content.
 */
export async function compose(
	file: Blob,
	{ entries, start }: Directory,
	keep: Iterable<Entry>,
	replaced: ReadonlyMap<Entry, Uint8Array<ArrayBuffer>> = new Map()
): Promise<Blob> {
	const borders = [...new Set(entries.map((e) => e.offset)), start].sort((a, b) => a - b);
	const kept = [...keep].sort((a, b) => a.offset - b.offset);
	const parts: Part[] = [];
	const rows: Entry[] = [];
	let at = 0;
	let from = -1; // the open slice [from, to) of the file
	let to = -1;
	let border = 0;

	const flush = () => {
		if (from >= 0) parts.push(file.slice(from, to));
		from = to = -1;
	};

	for (const entry of kept) {
		const content = replaced.get(entry);
		if (content) {
			flush();
			const fresh = {
				...newEntry(entry.name, 0, crc32(content), content.length, content.length),
				offset: at
			};
			const header = localHeader(fresh);
			parts.push(header, content);
			rows.push(fresh);
			at += header.length + content.length;
			continue;
		}
		while (borders[border]! <= entry.offset) border++;
		const end = await endOf(file, entry, borders[border]!);
		if (to !== entry.offset) {
			flush();
			from = entry.offset;
		}
		to = end;
		rows.push({ ...entry, offset: at });
		at += end - entry.offset;
	}
	flush();
	return new Blob([...parts, ...directory(rows, at)], { type: 'application/zip' });
}

/** endOf is where the bytes of an entry end; next is where the following header begins. */
async function endOf(file: Blob, entry: Entry, next: number): Promise<number> {
	const least = entry.offset + 30 + entry.nameLength + entry.compressed;
	if (least > next) throw new SiftError('broken'); // entries that overlap
	if (next - least <= slack) return next;
	const header = await read(file, entry.offset, entry.offset + 30);
	if (header.getUint32(0, true) !== signature.local) throw new SiftError('broken');
	const data = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
	const end = data + entry.compressed;
	if (end > next) throw new SiftError('broken');
	return hasDescriptor(entry) ? end + (await descriptorSize(file, entry, end, next)) : end;
}

/** descriptorSize tells the four forms apart: with or without signature, 32 or 64 bits. */
async function descriptorSize(file: Blob, entry: Entry, at: number, next: number): Promise<number> {
	const view = await read(file, at, Math.min(at + 24, next));
	const has = (n: number) => view.byteLength >= n;
	for (const lead of [4, 0]) {
		if (!has(lead + 12) || (lead && view.getUint32(0, true) !== signature.descriptor)) continue;
		if (view.getUint32(lead, true) !== entry.crc) continue;
		if (has(lead + 20) && view.getBigUint64(lead + 4, true) === BigInt(entry.compressed)) {
			if (view.getBigUint64(lead + 12, true) === BigInt(entry.size)) return lead + 20;
		}
		if (view.getUint32(lead + 4, true) === entry.compressed >>> 0) return lead + 12;
	}
	return 0; // none that we know: readers go by the directory
}
