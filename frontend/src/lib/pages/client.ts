import type { PagesRead } from './collect';
import { PagesError } from './errors';
import type { Progress } from './read';
import type { Job, Result } from './worker';

/** Reading is a file that is being read in a Worker; stop ends it. */
export type Reading = { done: Promise<PagesRead>; stop: () => void };

/** readSaved reads a saved page of X on this computer. Nothing of it is sent anywhere. */
export function readSaved(file: File, most: number, progress: Progress): Reading {
	const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
	const done = new Promise<PagesRead>((resolve, reject) => {
		worker.onerror = () => reject(new PagesError('unreadable', file.name, most));
		worker.onmessage = ({ data }: MessageEvent<Result>) => {
			if ('read' in data) progress(data.read);
			else if ('value' in data) resolve(data.value);
			else reject(new PagesError(data.fault, file.name, most));
		};
		worker.postMessage({ file, most } satisfies Job);
	});
	void done.catch(() => {}).finally(() => worker.terminate());
	return { done, stop: () => worker.terminate() };
}
