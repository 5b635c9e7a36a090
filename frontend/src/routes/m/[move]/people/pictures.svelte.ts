import { SvelteMap } from 'svelte/reactivity';

const atOnce = 2; // a browser keeps six connections to one host, and the list needs some
const most = 600;

export type Portrait = { person: string; match: string };
export type Fetch = (of: Portrait, signal: AbortSignal) => Promise<Blob | number | null>;

/**
 * Pictures fetches the avatars that somebody looks at, few at a time. One whose server is still asked
 * comes later; where there is none, initials stay.
 */
export class Pictures {
	private urls = new SvelteMap<string, string | null>();
	private wanted: Portrait[] = [];
	private underway = new Map<string, AbortController>();
	private later = new Map<string, number>();
	private timer: ReturnType<typeof setTimeout> | undefined;

	constructor(private fetch: Fetch) {}

	/** url is where the picture of a match is, once it is here. */
	url(match: string): string | undefined {
		return this.urls.get(match) ?? undefined;
	}

	/** show says whose pictures are looked at; who is not looked at any more need not be fetched. */
	show(portraits: Portrait[]) {
		this.wanted = portraits;
		this.work();
	}

	close() {
		clearTimeout(this.timer);
		this.wanted = [];
		for (const request of this.underway.values()) request.abort();
		for (const url of this.urls.values()) if (url) URL.revokeObjectURL(url);
		this.urls.clear();
	}

	private work() {
		clearTimeout(this.timer);
		let soonest = Infinity;
		for (const portrait of this.wanted) {
			const id = portrait.match;
			if (this.underway.size >= atOnce) return;
			if (this.urls.has(id) || this.underway.has(id)) continue;
			const wait = (this.later.get(id) ?? 0) - Date.now();
			if (wait > 0) soonest = Math.min(soonest, wait);
			else void this.begin(portrait);
		}
		if (soonest < Infinity) this.timer = setTimeout(() => this.work(), soonest);
	}

	private async begin(portrait: Portrait) {
		const request = new AbortController();
		this.underway.set(portrait.match, request);
		try {
			const got = await this.fetch(portrait, request.signal);
			if (request.signal.aborted) return;
			if (typeof got === 'number') this.later.set(portrait.match, Date.now() + got * 1000);
			else this.keep(portrait.match, got && URL.createObjectURL(got));
		} catch {
			if (!request.signal.aborted) this.later.set(portrait.match, Date.now() + 30_000);
		}
		this.underway.delete(portrait.match);
		if (!request.signal.aborted) this.work();
	}

	private keep(match: string, url: string | null) {
		this.later.delete(match);
		this.urls.set(match, url);
		const seen = new Set(this.wanted.map((p) => p.match));
		for (const [old, at] of this.urls) {
			if (this.urls.size <= most) return;
			if (seen.has(old)) continue;
			if (at) URL.revokeObjectURL(at);
			this.urls.delete(old);
		}
	}
}
