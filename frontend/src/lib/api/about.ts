import { get, path } from './client';
import type { About } from './types';

export const about = (send?: typeof fetch) => get<About>(path('/about'), send);

/** demoArchive fetches the sample archive that a demo serves, as if the owner had chosen it. */
export async function demoArchive(url: string): Promise<File> {
	const response = await fetch(url);
	if (!response.ok) throw new Error(`HTTP ${response.status}`);
	// A fixed time makes the same archive the same upload after a reload.
	return new File([await response.blob()], 'sample-archive.zip', {
		type: 'application/zip',
		lastModified: 0
	});
}
