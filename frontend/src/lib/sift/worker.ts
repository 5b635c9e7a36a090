import { SiftError, type SiftFault } from './errors';
import type { FolderFile } from './folder';
import {
	mediaOfFolder,
	mediaOfZip,
	pictureOfFolder,
	pictureOfZip,
	siftFolder,
	siftZip,
	type MediaZip,
	type Sifted
} from './sift';

/** A Source is an archive as the owner chose it: a zip, or the files of a folder. */
export type Source = File | FolderFile[];
export type Job = { id: number; source: Source; tweets?: string[]; picture?: string };
export type Result = { id: number } & (
	{ value: Sifted | MediaZip | Blob | undefined } | { fault: SiftFault; file: string; detail: string }
);

async function work({ source, tweets, picture }: Job): Promise<Sifted | MediaZip | Blob | undefined> {
	if (picture)
		return Array.isArray(source) ? pictureOfFolder(source, picture) : pictureOfZip(source, picture);
	if (tweets) {
		const wanted = new Set(tweets);
		return Array.isArray(source) ? mediaOfFolder(source, wanted) : mediaOfZip(source, wanted);
	}
	return Array.isArray(source) ? siftFolder(source) : siftZip(source);
}

self.onmessage = async ({ data }: MessageEvent<Job>) => {
	let result: Result;
	try {
		result = { id: data.id, value: await work(data) };
	} catch (e) {
		const fault = e instanceof SiftError ? e.fault : 'unreadable';
		const file = e instanceof SiftError ? e.file : '';
		result = { id: data.id, fault, file, detail: e instanceof Error ? e.message : String(e) };
	}
	self.postMessage(result);
};
