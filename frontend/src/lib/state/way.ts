import type { Move } from '#lib/api/types.js';

export type StepName = 'start' | 'archive' | 'people' | 'servers' | 'connect' | 'carryOver' | 'done';
export type WayStep = { name: StepName; href: string; done: boolean };

/** stepsOf is the owner's way in order. A step is ticked by what the Move holds, not by having been seen. */
export function stepsOf(move: Move): WayStep[] {
	const base = `/m/${move.id}`;
	const runs = move.runs ?? [];
	const did = (...kinds: string[]) => runs.some((r) => kinds.includes(r.kind) && r.state === 'done');
	const connected = (move.accounts ?? []).some((a) => !a.revoked);
	const carried = did('follow', 'posts');
	return [
		{ name: 'start', href: '/', done: true },
		{ name: 'archive', href: `${base}/archive`, done: hasArchive(move) },
		{ name: 'people', href: `${base}/people`, done: did('find') },
		{ name: 'servers', href: `${base}/servers`, done: connected },
		{ name: 'connect', href: `${base}/connect`, done: connected },
		{ name: 'carryOver', href: `${base}/carry-over`, done: carried },
		{ name: 'done', href: `${base}/done`, done: carried && !unfinished(move) }
	];
}

/** hasArchive tells whether anything was read into the Move: an archive, or a list. */
export const hasArchive = (move: Move) =>
	(move.archives ?? []).some((a) => a.state === 'complete') || move.counts.people > 0;

export const unfinished = (move: Move) =>
	(move.runs ?? []).some((r) => r.state === 'running' || r.state === 'waiting' || r.state === 'paused');

/** nextStep is where an owner who comes back goes on. */
export const nextStep = (move: Move): WayStep => {
	const steps = stepsOf(move);
	return steps.find((s) => !s.done) ?? steps.at(-1)!;
};
