import { encryptedFlag, read, signature, type Entry } from './directory';
import { SiftError } from './errors';

/** inflate returns the content of one small entry as text; more than limit bytes are an error. */
export const inflate = async (file: Blob, entry: Entry, limit = 8 * 1024 * 1024): Promise<string> =>
	(await content(file, entry, limit)).text();

/** content returns what is in one entry; more than limit bytes are an error. */
export async function content(file: Blob, entry: Entry, limit: number): Promise<Blob> {
	if (entry.flags & encryptedFlag) throw new SiftError('encrypted');
	if (entry.size > limit || entry.compressed > limit) throw new SiftError('broken');
	const header = await read(file, entry.offset, entry.offset + 30);
	if (header.getUint32(0, true) !== signature.local) throw new SiftError('broken');
	const from = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
	const raw = file.slice(from, from + entry.compressed);
	if (entry.method === 0) return raw;
	if (entry.method !== 8) throw new SiftError('broken');
	const reader = raw.stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
	const parts: Uint8Array<ArrayBuffer>[] = [];
	let bytes = 0;
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return new Blob(parts);
			bytes += value.length;
			if (bytes > limit) break;
			parts.push(value);
		}
	} catch {
		throw new SiftError('broken');
	}
	await reader.cancel();
	throw new SiftError('broken');
}

/** envelope reads the JSON in a file of an archive, which begins "window.YTD.account.part0 = ". */
export function envelope(text: string): unknown {
	const from = text.search(/[[{]/);
	const to = Math.max(text.lastIndexOf(']'), text.lastIndexOf('}'));
	if (from < 0 || to < from) return undefined;
	try {
		return JSON.parse(text.slice(from, to + 1));
	} catch {
		return undefined; // edited by hand
	}
}
