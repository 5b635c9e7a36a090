import type { PeoplePage, Person } from '#lib/api/types.js';

export const pageSize = 100;
const keptPages = 40;
const atOnce = 2;
const pause = 80;

export type Read = (offset: number, limit: number, signal: AbortSignal) => Promise<PeoplePage>;

/**
 * PeopleList is a list that is read page by page where somebody looks. Rows that are not here yet are
 * undefined; what was read stays until it is too far away.
 */
export class PeopleList {
	total = $state(0);
	failure = $state.raw<unknown>();
	private pages: Record<number, Person[]> = $state.raw({});
	private stale = new Set<number>();
	private underway = new Map<number, AbortController>();
	private wanted: number[] = [];
	private timer: ReturnType<typeof setTimeout> | undefined;
	private last = 0;

	constructor(
		private read: Read,
		first: PeoplePage,
		offset: number
	) {
		this.keep(Math.floor(offset / pageSize), first);
	}

	at(index: number): Person | undefined {
		return this.pages[Math.floor(index / pageSize)]?.[index % pageSize];
	}

	/** indexOf is where somebody stands among those that are here, or -1. */
	indexOf(id: string): number {
		for (const [page, people] of Object.entries(this.pages)) {
			const i = people.findIndex((p) => p.id === id);
			if (i >= 0) return Number(page) * pageSize + i;
		}
		return -1;
	}

	/** put takes in what became of some people, who stay at their places. */
	put(...changed: Person[]) {
		const pages = { ...this.pages };
		for (const person of changed) {
			const index = this.indexOf(person.id);
			if (index < 0) continue;
			const page = Math.floor(index / pageSize);
			const people = [...(pages[page] ?? [])];
			people[index % pageSize] = person;
			pages[page] = people;
		}
		this.pages = pages;
	}

	/** show says which rows somebody looks at. It may be called at every step of a scroll. */
	show(first: number, last: number) {
		this.wanted = this.pagesOf(first, last);
		if (this.timer !== undefined) return;
		const wait = Math.max(0, this.last + pause - Date.now());
		this.timer = setTimeout(() => {
			this.timer = undefined;
			this.last = Date.now();
			this.work();
		}, wait);
	}

	/** refresh reads again what is looked at; what is elsewhere is read when it is looked at. */
	refresh() {
		for (const page of Object.keys(this.pages)) this.stale.add(Number(page));
		for (const request of this.underway.values()) request.abort();
		this.underway.clear();
		if (this.wanted.length === 0) this.wanted = [0];
		this.work();
	}

	/** load waits until the rows from first to before last are here. */
	async load(first: number, last: number): Promise<void> {
		for (const page of this.pagesOf(first, last)) {
			if (!this.pages[page]) await this.fetch(page, new AbortController());
		}
	}

	/** close ends all that is under way. */
	close() {
		clearTimeout(this.timer);
		this.wanted = [];
		for (const request of this.underway.values()) request.abort();
	}

	private pagesOf(first: number, last: number): number[] {
		const pages: number[] = [];
		for (let p = Math.floor(first / pageSize); p * pageSize < Math.min(last, this.total); p++) pages.push(p);
		return pages;
	}

	/** work begins the pages that are wanted and gives up those that are not any more. */
	private work() {
		for (const [page, request] of this.underway) {
			if (!this.wanted.includes(page)) {
				request.abort();
				this.underway.delete(page);
			}
		}
		for (const page of this.wanted) {
			if (this.underway.size >= atOnce) return;
			if (this.underway.has(page) || (this.pages[page] && !this.stale.has(page))) continue;
			const request = new AbortController();
			this.underway.set(page, request);
			void this.fetch(page, request).then(() => {
				if (this.underway.get(page) !== request) return;
				this.underway.delete(page);
				if (this.failure === undefined) this.work();
			});
		}
	}

	private async fetch(page: number, request: AbortController): Promise<void> {
		try {
			const answer = await this.read(page * pageSize, pageSize, request.signal);
			if (request.signal.aborted) return;
			this.failure = undefined;
			this.keep(page, answer);
		} catch (e) {
			if (!request.signal.aborted) this.failure = e;
		}
	}

	private keep(page: number, answer: PeoplePage) {
		this.stale.delete(page);
		this.total = answer.total;
		const near = Object.keys(this.pages)
			.map(Number)
			.sort((a, b) => Math.abs(a - page) - Math.abs(b - page))
			.slice(0, keptPages - 1);
		const pages: Record<number, Person[]> = {};
		for (const p of near) if (this.pages[p]) pages[p] = this.pages[p];
		pages[page] = answer.people ?? [];
		this.pages = pages;
	}
}
