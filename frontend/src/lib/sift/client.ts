import { SiftError } from './errors';
import type { MediaZip, Sifted } from './sift';
import type { Job, Result, Source } from './worker';

export type { Source } from './worker';

const nameOf = (source: Source) =>
	Array.isArray(source) ? (source[0]?.path.split('/')[0] ?? '') : source.name;

let worker: Worker | undefined;
let last = 0;

/** ask has a Worker do the job, because listing and reading would make the page stutter. */
function ask<T extends Sifted | MediaZip | Blob | undefined>(
	source: Source,
	what: { tweets?: string[]; picture?: string } = {}
): Promise<T> {
	worker ??= new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
	const to = worker;
	const id = ++last;
	return new Promise((resolve, reject) => {
		const done = ({ data }: MessageEvent<Result>) => {
			if (data.id !== id) return;
			to.removeEventListener('message', done);
			if ('value' in data) resolve(data.value as T);
			else reject(new SiftError(data.fault, data.file || nameOf(source)));
		};
		to.addEventListener('message', done);
		to.postMessage({ id, source, ...what } satisfies Job);
	});
}

export const sift = (source: Source) => ask<Sifted>(source);
export const siftMedia = (source: Source, tweets: string[]) => ask<MediaZip>(source, { tweets });
/** pictureIn finds a picture of a tweet in an archive, by its file's name. */
export const pictureIn = (source: Source, picture: string) => ask<Blob | undefined>(source, { picture });
