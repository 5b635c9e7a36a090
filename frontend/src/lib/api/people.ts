import { get, path, post, request } from './client';
import type { Decision, Grade, PeoplePage, Person } from './types';

const of = (move: string) => `/moves/${encodeURIComponent(move)}`;

export type PeopleQuery = {
	grade?: string;
	relation?: string;
	q?: string;
	mark?: string;
	host?: string;
	decision?: string;
	chosen?: string;
	arrived?: boolean;
	sort?: string;
	offset?: number;
	limit?: number;
};

export const people = (move: string, query: PeopleQuery, send?: typeof fetch) =>
	get<PeoplePage>(path(`${of(move)}/people`, query), send);

export const person = (move: string, id: string) => get<Person>(path(`${of(move)}/people/${id}`));

export const decide = (move: string, person: string, match: string, decision: Decision) =>
	request<Person>('PUT', path(`${of(move)}/people/${person}/matches/${match}/decision`), { decision });

export const addAddress = (move: string, person: string, address: string) =>
	post<Person>(path(`${of(move)}/people/${person}/matches`), { address });

/** decideAll decides every undecided Match of one grade at once, but none that something speaks against. */
export const decideAll = (move: string, grade: Grade, decision: Decision) =>
	post<{ changed: number }>(path(`${of(move)}/decisions`), { grade, decision });

/**
 * decideSome decides some Matches, at most 500, at once, and says what became of the people; a guess is
 * never said yes to so.
 */
export const decideSome = (move: string, matches: string[], decision: Decision) =>
	post<{ changed: number; people?: Person[] }>(path(`${of(move)}/decisions`), { matches, decision });

/** seePeople notes that the owner has looked: whoever is found later has arrived. */
export const seePeople = (move: string) => post<{ people_seen_at: string }>(path(`${of(move)}/people/seen`));

/**
 * avatar fetches the picture of a Match's profile, which the server keeps: the browser asks no stranger's
 * host. There is none (null), or its server is still asked (a number: of seconds to wait).
 */
export async function avatar(
	move: string,
	person: string,
	match: string,
	signal: AbortSignal
): Promise<Blob | number | null> {
	const response = await fetch(path(`${of(move)}/people/${person}/matches/${match}/avatar`), { signal });
	if (response.status === 503) return Number(response.headers.get('retry-after')) || 5;
	return response.ok ? response.blob() : null;
}
