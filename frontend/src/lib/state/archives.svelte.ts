import type { Sifted } from '#lib/sift/sift.js';
import type { Source } from '#lib/sift/client.js';
import type { Sending } from '#lib/upload/uploads.svelte.js';

export type Chosen = { source: Source; sifted: Sifted };

/**
 * Local is what this tab holds of the owner's archives: the chosen files, which the browser forgets at a
 * reload, and the uploads under way.
 */
class Local {
	chosen: Chosen[] = $state.raw([]);
	sendings: Sending[] = $state.raw([]);

	get sending(): boolean {
		return this.sendings.some((s) => s.state !== 'done');
	}
}

const byMove = new Map<string, Local>();

/** localOf is the same object for as long as the tab is open, whatever page is shown. */
export function localOf(move: string): Local {
	let local = byMove.get(move);
	if (!local) byMove.set(move, (local = new Local()));
	return local;
}
