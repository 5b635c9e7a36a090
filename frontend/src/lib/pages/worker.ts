import type { PagesRead } from './collect';
import { PagesError, type PagesFault } from './errors';
import { readPages } from './read';

export type Job = { file: Blob; most: number };
export type Result = { read: number } | { value: PagesRead } | { fault: PagesFault };

self.onmessage = async ({ data }: MessageEvent<Job>) => {
	const say = (result: Result) => self.postMessage(result);
	let told = 0;
	try {
		const value = await readPages(data.file, data.most, (read) => {
			if (read - told < 4 << 20) return;
			told = read;
			say({ read });
		});
		say({ value });
	} catch (e) {
		say({ fault: e instanceof PagesError ? e.fault : 'unreadable' });
	}
};
