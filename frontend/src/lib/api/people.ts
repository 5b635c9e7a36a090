import { get, path, post, request } from './client';
import type { Decision, Grade, PeoplePage, Person } from './types';

const of = (move: string) => `/moves/${encodeURIComponent(move)}`;

export type PeopleQuery = { grade?: string; relation?: string; q?: string; cursor?: string; limit?: number };

export const people = (move: string, query: PeopleQuery, send?: typeof fetch) =>
	get<PeoplePage>(path(`${of(move)}/people`, query), send);

export const decide = (move: string, person: string, match: string, decision: Decision) =>
	request<Person>('PUT', path(`${of(move)}/people/${person}/matches/${match}/decision`), { decision });

export const addAddress = (move: string, person: string, address: string) =>
	post<Person>(path(`${of(move)}/people/${person}/matches`), { address });

/** decideAll decides every undecided Match of one grade at once. */
export const decideAll = (move: string, grade: Grade, decision: Decision) =>
	post<{ changed: number }>(path(`${of(move)}/decisions`), { grade, decision });
