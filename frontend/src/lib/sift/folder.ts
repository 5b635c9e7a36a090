import { crc32 } from './crc32';
import type { Entry } from './directory';
import { directory, localHeader, newEntry, type Part } from './writer';

export type FolderFile = { path: string; file: File };

/**
 * folderZip makes a zip of files on disk. Text is deflated, media is stored as slices of its files, read
 * once for the checksum. rewrite may give other content for a path.
 */
export async function folderZip(
	files: FolderFile[],
	rewrite: (path: string, text: string) => Uint8Array<ArrayBuffer> | undefined
): Promise<Blob> {
	const parts: Part[] = [];
	const rows: Entry[] = [];
	let at = 0;
	for (const { path, file } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
		const other = path.endsWith('account.js') ? rewrite(path, await file.text()) : undefined;
		const content: Blob = other ? new Blob([other]) : file;
		const crc = await checksum(content);
		const deflated = path.endsWith('.js') ? await deflate(content) : content;
		const entry = newEntry(path, deflated === content ? 0 : 8, crc, deflated.size, content.size);
		entry.offset = at;
		const header = localHeader(entry);
		parts.push(header, deflated);
		rows.push(entry);
		at += header.length + deflated.size;
	}
	return new Blob([...parts, ...directory(rows, at)], { type: 'application/zip' });
}

async function checksum(content: Blob): Promise<number> {
	const reader = content.stream().getReader(); // WebKit cannot iterate over a stream
	let crc = 0;
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return crc;
		crc = crc32(value, crc);
	}
}

async function deflate(content: Blob): Promise<Blob> {
	if (typeof CompressionStream === 'undefined') return content;
	return new Response(content.stream().pipeThrough(new CompressionStream('deflate-raw'))).blob();
}
