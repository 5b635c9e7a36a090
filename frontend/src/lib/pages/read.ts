import { Pages, type PagesRead } from './collect';
import { readCopied } from './copied';
import { PagesError } from './errors';
import { LogReader } from './log';

const mostLog = 4 * 2 ** 30;
const mostText = 32 * 2 ** 20;

export type Progress = (read: number) => void;

/**
 * readPages reads what the owner saved of their own pages on X: a network log (HAR) of any size, piece by
 * piece, or the copied text of the page. Nothing is kept but id, handle, name, bio, location, links and
 * relations. It throws a PagesError that says why nothing can be read.
 */
export async function readPages(file: Blob, most: number, progress: Progress = () => {}): Promise<PagesRead> {
	const pages = new Pages(most);
	if (file.size > mostLog) throw new PagesError('tooLarge');
	const pieces = file.stream().getReader();
	let read = 0;
	let log: LogReader | undefined;
	let text: { parts: Uint8Array[]; length: number } | undefined;
	let lead: Uint8Array = new Uint8Array(); // what may still be a byte order mark or white space
	for (;;) {
		const { done, value } = await pieces.read();
		if (done) break;
		let piece: Uint8Array = value;
		read += piece.length;
		if (!log && !text) {
			lead = lead.length > 0 ? join([lead, piece]) : piece;
			const first = firstByte(lead);
			if (first === undefined && lead.length > 2 ** 20) break; // nothing but white space
			if (first === undefined) continue;
			piece = lead.subarray(first.at);
			if (first.byte === 0x7b || first.byte === 0x5b) log = new LogReader(pages);
			else text = { parts: [], length: 0 };
		}
		if (log) log.push(piece);
		else if (text) {
			text.parts.push(piece);
			text.length += piece.length;
			if (text.length > mostText) throw new PagesError('tooLarge');
		}
		progress(read);
	}
	if (log) log.end();
	else if (text && !text.parts.some((p) => p.includes(0)))
		readCopied(new TextDecoder().decode(join(text.parts)), pages);
	else throw new PagesError('notPages');
	return pages.result();
}

/** firstByte is the first byte behind a byte order mark and white space, or undefined if that has not come yet. */
function firstByte(bytes: Uint8Array): { byte: number; at: number } | undefined {
	const mark = [0xef, 0xbb, 0xbf];
	if (bytes.length < 3 && mark.slice(0, bytes.length).every((c, i) => bytes[i] === c)) return undefined;
	let at = mark.every((c, i) => bytes[i] === c) ? 3 : 0;
	for (; at < bytes.length; at++) {
		const byte = bytes[at]!;
		if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return { byte, at };
	}
	return undefined;
}

function join(parts: Uint8Array[]): Uint8Array {
	const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
	let at = 0;
	for (const p of parts) {
		all.set(p, at);
		at += p.length;
	}
	return all;
}
