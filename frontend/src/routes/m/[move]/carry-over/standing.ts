import type { Run } from '#lib/api/types.js';
import { isActive } from '#lib/state/live.svelte.js';

/**
 * How a part of carrying over stands: nothing was done yet, or it was taken back; it is under way or has
 * stopped; it is done; it is being taken back.
 */
export type Standing = 'new' | 'going' | 'finished' | 'undoing';

/** undoOf is the newest Run that takes another one back. Runs are newest first. */
export const undoOf = (runs: Run[], run: Run | undefined) =>
	run && runs.find((r) => r.kind === 'undo' && r.options?.run === run.id);

/** standing is that of the newest Run of a kind. */
export function standing(runs: Run[], run: Run | undefined): Standing {
	if (!run) return 'new';
	const undo = undoOf(runs, run);
	if (isActive(undo) || undo?.state === 'failed') return 'undoing';
	if (isActive(run) || run.state === 'failed') return 'going';
	return run.state === 'cancelled' || undo?.state === 'done' ? 'new' : 'finished';
}

/**
 * undoable tells whether something of a Run can be taken back, as far as the page knows: what was there before
 * counts as done, too, and only the plan leaves it out.
 */
export function undoable(run: Run, undo: Run | undefined): boolean {
	const over = run.state === 'done' || run.state === 'cancelled';
	const left = run.progress.done - run.progress.undone;
	const all = undo?.state === 'done' && undo.progress.failed + undo.progress.unsure === 0;
	return over && left > 0 && !all && !isActive(undo) && undo?.state !== 'failed';
}
