import { getContext, setContext } from 'svelte';
import { listen } from '#lib/api/events.js';
import type { Move, Run, RunKind } from '#lib/api/types.js';

export const isActive = (run: Run | undefined) =>
	run !== undefined && (run.state === 'running' || run.state === 'waiting' || run.state === 'paused');

/** LiveMove is the Move that a page shows, kept up to date by the server. */
export class LiveMove {
	move: Move = $state.raw()!;
	lost = $state(false);
	private known: Record<string, Run> = $state.raw({});

	constructor(move: Move) {
		this.setMove(move);
	}

	setMove(move: Move) {
		this.move = move;
		for (const run of move.runs ?? []) this.put(run);
	}

	/** put takes in the newest state of a Run. */
	put(run: Run) {
		this.known = { ...this.known, [run.id]: run };
	}

	/** runs are newest first. */
	get runs(): Run[] {
		return Object.values(this.known).sort((a, b) => b.created_at.localeCompare(a.created_at));
	}

	/** latest is the newest Run of a kind, for one account where that is given. */
	latest(kind: RunKind, account?: string): Run | undefined {
		return this.runs.find((r) => r.kind === kind && (!account || !r.account || r.account === account));
	}

	/** follow listens for changes until the returned function is called. */
	follow(): () => void {
		return listen(this.move.id, {
			move: (move) => this.setMove(move),
			run: (run) => this.put(run),
			lost: (lost) => (this.lost = lost)
		});
	}
}

const key = Symbol('live move');
export const setLive = (live: LiveMove) => setContext(key, live);
export const getLive = () => getContext<LiveMove>(key);
