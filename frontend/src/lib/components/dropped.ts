import type { Source } from '#lib/sift/client.js';
import type { FolderFile } from '#lib/sift/folder.js';

/** fromFolder is an unpacked archive as a folder input hands it over. */
export const fromFolder = (files: File[]): FolderFile[] =>
	files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** dropped reads what was dropped: files as they are, and folders with all that is in them. */
export async function dropped(data: DataTransfer): Promise<Source[]> {
	const sources: Source[] = [];
	// Entries have to be taken before the first await: the list is emptied after the event.
	const items = [...data.items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
	for (const { entry, file } of items) {
		if (entry?.isDirectory) {
			const files: FolderFile[] = [];
			await walk(entry as FileSystemDirectoryEntry, files);
			sources.push(files);
		} else if (file) sources.push(file);
	}
	return sources;
}

async function walk(folder: FileSystemDirectoryEntry, into: FolderFile[]): Promise<void> {
	const reader = folder.createReader();
	for (;;) {
		// Each call gives at most a hundred entries; an empty list ends it.
		const batch = await new Promise<FileSystemEntry[]>((ok, fail) => reader.readEntries(ok, fail));
		if (batch.length === 0) return;
		for (const entry of batch) {
			if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, into);
			else {
				const file = await new Promise<File>((ok, fail) => (entry as FileSystemFileEntry).file(ok, fail));
				into.push({ path: entry.fullPath.replace(/^\//, ''), file });
			}
		}
	}
}
