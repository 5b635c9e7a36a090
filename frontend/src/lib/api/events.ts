import { move } from './moves';
import { path } from './client';
import type { Move, Run } from './types';

export type Listener = { move: (m: Move) => void; run: (r: Run) => void; lost: (lost: boolean) => void };

const pollEvery = 4_000;
const failuresBeforePolling = 3;

/**
 * listen follows a Move by server-sent events and calls the listener with each new state; the server sends
 * the latest state first, so nothing is missed between two connections. After three failures in a row it
 * asks every few seconds instead. A hidden tab lets its connection go, because a browser keeps only six to
 * one host. The returned function ends it.
 */
export function listen(id: string, to: Listener): () => void {
	let source: EventSource | undefined;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let failures = 0;
	let ended = false;

	function open() {
		if (ended || source || document.visibilityState === 'hidden') return;
		clearTimeout(timer);
		source = new EventSource(path(`/moves/${encodeURIComponent(id)}/events`));
		source.addEventListener('open', () => {
			failures = 0;
			to.lost(false);
		});
		source.addEventListener('move', (e) => to.move(JSON.parse((e as MessageEvent<string>).data)));
		source.addEventListener('run', (e) => to.run(JSON.parse((e as MessageEvent<string>).data)));
		source.addEventListener('error', () => {
			failures++;
			const closed = source?.readyState === EventSource.CLOSED;
			if (failures < failuresBeforePolling && !closed) return; // the browser connects again by itself
			close();
			void poll();
		});
	}

	function close() {
		source?.close();
		source = undefined;
	}

	async function poll() {
		if (ended || source || document.visibilityState === 'hidden') return;
		try {
			const latest = await move(id);
			to.move(latest);
			for (const run of latest.runs ?? []) to.run(run);
			to.lost(false);
		} catch {
			to.lost(true);
		}
		clearTimeout(timer);
		timer = setTimeout(() => void poll(), pollEvery);
	}

	function visibility() {
		if (document.visibilityState === 'hidden') {
			close();
			clearTimeout(timer);
		} else if (failures < failuresBeforePolling) open();
		else void poll();
	}

	document.addEventListener('visibilitychange', visibility);
	open();
	return () => {
		ended = true;
		document.removeEventListener('visibilitychange', visibility);
		clearTimeout(timer);
		close();
	};
}
